//! The ends of conduits: who is meant, and in which zones those are.

use std::collections::BTreeSet;

use super::End;
use super::statements::Clerk;
use crate::names::id;
use crate::raw;
use crate::space::{AssetId, ZoneId};

impl Clerk<'_> {
    pub(super) fn end(&self, selectors: &[raw::Selector]) -> End {
        let zones: BTreeSet<_> = selectors.iter().flat_map(|it| self.meant(it)).collect();
        End {
            words: selectors.iter().flat_map(words).collect(),
            zones: zones.into_iter().map(|zone| self.zone_name(zone)).collect(),
        }
    }

    /// The zones in which those are that a selector means.
    fn meant(&self, selector: &raw::Selector) -> Vec<ZoneId> {
        let raw::Selector {
            zones,
            assets,
            roles,
        } = selector;
        let mut found: Vec<_> = assets
            .iter()
            .filter_map(|word| self.zone_of(self.asset(&word.text)?))
            .collect();
        let named = zones.iter().filter_map(|word| self.zone_named(&word.text));
        let named: Vec<_> = named.collect();
        if roles.is_empty() {
            found.extend(named);
            return found;
        }
        let plays = |asset: &raw::Asset| {
            let role = asset.role.as_ref();
            role.is_some_and(|role| roles.iter().any(|word| word.text == role.text))
        };
        let players = self.raw.assets.iter().enumerate();
        let players = players.filter(|(_, asset)| plays(asset));
        let of_players = players.filter_map(|(place, _)| self.zone_of(AssetId(id(place))));
        found.extend(of_players.filter(|zone| zones.is_empty() || self.is_in(*zone, &named)));
        found
    }

    fn is_in(&self, zone: ZoneId, outer: &[ZoneId]) -> bool {
        let around = crate::policy::at(&self.policy.zones, zone.0);
        around.is_some_and(|it| it.around.iter().any(|zone| outer.contains(zone)))
    }

    fn asset(&self, name: &str) -> Option<AssetId> {
        let mut assets = self.policy.assets.iter();
        let place = assets.position(|asset| asset.name == name)?;
        Some(AssetId(id(place)))
    }

    fn zone_named(&self, name: &str) -> Option<ZoneId> {
        let mut zones = self.policy.zones.iter();
        Some(ZoneId(id(zones.position(|zone| zone.name == name)?)))
    }
}

fn words(selector: &raw::Selector) -> Vec<String> {
    let raw::Selector {
        zones,
        assets,
        roles,
    } = selector;
    let assets = assets.iter().map(|word| format!("asset {}", word.text));
    let among: Vec<_> = zones.iter().map(|word| word.text.as_str()).collect();
    let others = match (roles.as_slice(), among.as_slice()) {
        ([], among) => among.iter().map(|zone| format!("zone {zone}")).collect(),
        (roles, []) => roles.iter().map(|it| format!("role {}", it.text)).collect(),
        (roles, among) => {
            let of =
                |it: &crate::node::Word| format!("role {} in zone {}", it.text, among.join(", "));
            roles.iter().map(of).collect::<Vec<_>>()
        }
    };
    assets.chain(others).collect()
}
