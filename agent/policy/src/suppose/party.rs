//! Who takes part in an operation that nobody sent: an asset or a zone by name, or a host by its addresses.
//!
//! | text | means |
//! |---|---|
//! | `hmi-1`, `asset hmi-1` | the host that the asset is; the unit of its gateway where it is behind one |
//! | `office`, `zone office` | a host of the zone that is no asset |
//! | `10.0.0.5`, `00:1b:1b:0a:ff:02`, `vlan 7` | that host |
//! | `10.0.0.5 vlan 7 mac 00:1b:1b:0a:ff:02` | that host, known by more than one address |

use std::net::IpAddr;

use model::{Host, Mac, Unit, closest};

use crate::names::id;
use crate::node::Word;
use crate::policy::{Policy, at};
use crate::problems::Problems;
use crate::space::{AssetId, ZoneId};

/// A host that stands for what was named.
pub(super) struct Found {
    pub(super) host: Host,
    /// The unit that it is, where it is behind another.
    pub(super) unit: Option<Unit>,
    /// How it was chosen, where the words leave a choice.
    pub(super) note: Option<String>,
}

impl Policy {
    /// The host that a text names; where it names none, that is said.
    pub(super) fn find(&self, word: &Word, problems: &mut Problems) -> Option<Found> {
        let text = word.text.as_str();
        let named = |text: &str| {
            let asset = self.assets.iter().position(|it| it.name == text);
            asset.map(|asset| AssetId(id(asset)))
        };
        let zoned = |text: &str| {
            let zone = self.zones.iter().position(|it| it.name == text);
            zone.map(|zone| ZoneId(id(zone)))
        };
        if let Some(asset) = named(text).or_else(|| named(text.strip_prefix("asset ")?)) {
            return self.host_of(asset, word, problems);
        }
        if let Some(zone) = zoned(text).or_else(|| zoned(text.strip_prefix("zone ")?)) {
            return self.host_in(zone, word, problems);
        }
        let host = addresses(text);
        if host.is_none() {
            self.refuse(word, problems);
        }
        host.map(|host| Found {
            host,
            unit: None,
            note: None,
        })
    }

    fn host_of(&self, asset: AssetId, word: &Word, problems: &mut Problems) -> Option<Found> {
        let gateway = self.behind.gateway(asset);
        let seat = gateway.and_then(|gateway| {
            let mut seats = self.behind.of(gateway).iter();
            seats.find(|seat| seat.asset == asset)
        });
        let host = self.space.host_of(gateway.unwrap_or(asset));
        if host.is_none() {
            problems.error(word.at, format!("asset `{}` has no address", word.text));
        }
        Some(Found {
            host: host?,
            unit: seat.map(|seat| seat.unit),
            note: None,
        })
    }

    fn host_in(&self, zone: ZoneId, word: &Word, problems: &mut Problems) -> Option<Found> {
        let is_in = |id: &ZoneId| {
            let around = at(&self.zones, id.0).map(|it| &it.around);
            around.is_some_and(|around| around.contains(&zone))
        };
        let all = (0..self.zones.len()).map(|place| ZoneId(id(place)));
        let inner = all.filter(|id| *id != zone && is_in(id));
        let mut hosts = std::iter::once(zone).chain(inner).flat_map(|of| {
            let hosts = self.space.strangers(of).into_iter();
            hosts.map(move |host| (of, host))
        });
        let stranger = hosts.find(|(of, host)| {
            let placed = self.place(host);
            placed.zone == Some(*of) && placed.asset.is_none()
        });
        let name = |id: ZoneId| at(&self.zones, id.0).map_or("", |zone| &zone.name);
        if let Some((of, host)) = stranger {
            let whose = match of == zone {
                true => format!("zone `{}`", name(zone)),
                false => format!("zone `{}` inside of zone `{}`", name(of), name(zone)),
            };
            let note = format!("{host} stands for a host in {whose} that is no asset");
            return Some(Found {
                host,
                unit: None,
                note: Some(note),
            });
        }
        let assets = (0..self.assets.len()).map(|place| AssetId(id(place)));
        let mut assets = assets.filter_map(|asset| Some((asset, self.space.host_of(asset)?)));
        let asset = assets.find(|(_, host)| self.place(host).zone.is_some_and(|id| is_in(&id)));
        let Some((asset, host)) = asset else {
            let what = format!("no host is in zone `{}`", name(zone));
            problems.error_with(word.at, what, "name a host by its address");
            return None;
        };
        let asset = at(&self.assets, asset.0).map_or("", |asset| &asset.name);
        let note = format!(
            "all hosts of zone `{}` are assets; `{asset}` stands for them",
            name(zone)
        );
        Some(Found {
            host,
            unit: None,
            note: Some(note),
        })
    }

    fn refuse(&self, word: &Word, problems: &mut Problems) {
        let text = word.text.as_str();
        let bare = text
            .strip_prefix("asset ")
            .or_else(|| text.strip_prefix("zone "));
        let assets = self.assets.iter().map(|asset| asset.name.as_str());
        let zones = self.zones.iter().map(|zone| zone.name.as_str());
        let near = closest(bare.unwrap_or(text), assets.chain(zones));
        let help = near.map_or_else(
            || "name an asset or a zone, or write an address such as `10.0.1.5`".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        let what = format!("no asset, zone or address `{text}`");
        problems.error_with(word.at, what, help);
    }
}

/// Reads the addresses of one host.
fn addresses(text: &str) -> Option<Host> {
    let mut host = Host::default();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "vlan" => {
                let vlan = words.next()?.parse().ok()?;
                host.vlan = Some(vlan).filter(|vlan| (1..=4094).contains(vlan));
                host.vlan?;
            }
            "mac" => host.mac = Some(words.next()?.parse().ok()?),
            "ip" => host.ip = Some(words.next()?.parse().ok()?),
            word => match (word.parse::<IpAddr>(), word.parse::<Mac>()) {
                (Ok(ip), _) if host.ip.is_none() => host.ip = Some(ip),
                (_, Ok(mac)) if host.mac.is_none() => host.mac = Some(mac),
                _ => return None,
            },
        }
    }
    (host != Host::default()).then_some(host)
}
