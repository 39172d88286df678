//! How a party of an operation is placed, and why: which address or member claims it.

use model::{Host, Unit};

use crate::policy::{Placed, Policy, at};
use crate::problems::Spot;

/// What the policy calls a party, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Placing<'p> {
    /// The host.
    pub host: Host,
    /// The asset that it is.
    pub asset: Option<&'p str>,
    /// The zone that it is in.
    pub zone: Option<&'p str>,
    /// The role that it plays.
    pub role: Option<&'p str>,
    /// One clause for each of these, with the place where it is written.
    pub why: Vec<String>,
}

impl Policy {
    /// How a host is placed, or the part of it that is an asset behind it.
    pub(super) fn placing(&self, host: Host, placed: Placed, part: Option<Unit>) -> Placing<'_> {
        let mut why = vec![self.why_asset(&host, placed, part)];
        why.push(self.why_zone(&host, placed, part));
        why.extend(self.why_role(placed));
        let party = self.party(host, placed);
        Placing {
            host,
            asset: party.asset,
            zone: party.zone,
            role: party.role,
            why,
        }
    }

    fn why_asset(&self, host: &Host, placed: Placed, part: Option<Unit>) -> String {
        let Some(asset) = self.asset(placed) else {
            return "is no asset".to_owned();
        };
        let name = &asset.name;
        match (part, self.space.why_asset(host)) {
            (Some(unit), Some((by, spot))) => {
                let by = format!("it is {unit} behind the asset with {by}");
                format!("asset `{name}`: {by} ({})", self.spot(spot))
            }
            (_, Some((by, spot))) => format!("asset `{name}` by its {by} ({})", self.spot(spot)),
            (_, None) => format!("asset `{name}`"),
        }
    }

    fn why_zone(&self, host: &Host, placed: Placed, part: Option<Unit>) -> String {
        let Some(zone) = self.zone(placed) else {
            return "is in no zone: no member of any zone claims it".to_owned();
        };
        let listed = self.asset(placed).is_some_and(|asset| asset.zone.is_some());
        let by = match self.space.why_zone(host) {
            _ if listed => format!("which lists it by name ({})", self.spot(zone.at)),
            _ if part.is_some() => "where its gateway is".to_owned(),
            Some((by, spot)) => format!("by its {by} ({})", self.spot(spot)),
            None => format!("({})", self.spot(zone.at)),
        };
        let comma = if listed || part.is_some() { "," } else { "" };
        let outer = self.around(placed).iter().skip(1);
        let outer = outer.filter_map(|id| at(&self.zones, id.0));
        let outer: Vec<_> = outer.map(|zone| format!("`{}`", zone.name)).collect();
        let inside = match outer.is_empty() {
            true => String::new(),
            false => format!("; it counts to {}, too", outer.join(", ")),
        };
        format!("zone `{}`{comma} {by}{inside}", zone.name)
    }

    fn why_role(&self, placed: Placed) -> Option<String> {
        let role = self.role(placed)?;
        Some(format!("role `{}` ({})", role.name, self.spot(role.at)))
    }

    fn spot(&self, spot: Spot) -> String {
        format!("{}:{}", self.files.name(spot), spot.line)
    }
}
