//! The assets of a draft: every host that asks or answers, and every unit behind a gateway, with a name and a guessed role.
//!
//! What a host does tells what it may be: who answers controllers' protocols is a controller, who reads from several is a
//! historian, who uses the verbs of engineering is an engineering station. Names and roles of a known policy are kept.

use std::collections::{BTreeMap, BTreeSet};

use model::Unit;

use super::guess::{Deeds, deeds, guess};
use super::traffic::{Station, Traffic};
use crate::Policy;

/// An asset's place in [`Cast::assets`].
pub(super) type Id = usize;

/// Every asset, by address and unit.
pub(super) struct Cast {
    pub(super) assets: Vec<Asset>,
    places: BTreeMap<(Station, Option<Unit>), Id>,
}

/// A host, or a unit behind one.
#[derive(Debug)]
pub(super) struct Asset {
    pub(super) name: String,
    pub(super) station: Station,
    /// Which unit of the station it is; none for the station itself.
    pub(super) unit: Option<Unit>,
    /// The asset that it is behind.
    pub(super) behind: Option<Id>,
    pub(super) role: String,
    /// Why it was given its role; none where a policy says so.
    pub(super) why: Option<String>,
    /// How near to the process, as its role suggests.
    pub(super) level: u8,
}

impl Cast {
    pub(super) fn of(traffic: &Traffic, known: Option<&Policy>) -> Self {
        let deeds = deeds(traffic);
        let mut cast = Self {
            assets: Vec::new(),
            places: BTreeMap::new(),
        };
        let mut names = BTreeSet::new();
        for (station, host) in &traffic.hosts {
            let nothing = Deeds::default();
            let deeds = deeds.get(station).unwrap_or(&nothing);
            let parts = parts(*station, &host.units, known);
            let guess = guess(deeds, !parts.is_empty(), station.is_group());
            let placed = known.map(|policy| (policy, policy.place(&station.host())));
            let asset = placed.and_then(|(policy, placed)| policy.asset(placed));
            let role = placed.and_then(|(policy, placed)| policy.role(placed));
            let name = asset.map_or_else(|| named(guess.role, *station), |it| it.name.clone());
            let gateway = cast.add(Asset {
                name: unique(name, &mut names),
                station: *station,
                unit: None,
                behind: None,
                why: role.is_none().then_some(guess.why),
                role: role.map_or_else(|| guess.role.to_owned(), |role| role.name.clone()),
                level: guess.level,
            });
            for (unit, part) in parts {
                let name = part.name.unwrap_or_else(|| cast.part_name(gateway, unit));
                let why = "guess: it answers for itself behind its gateway";
                cast.add(Asset {
                    name: unique(name, &mut names),
                    station: *station,
                    unit: Some(unit),
                    behind: Some(gateway),
                    why: part.role.is_none().then(|| why.to_owned()),
                    role: part.role.unwrap_or_else(|| UNIT.to_owned()),
                    level: 1,
                });
            }
        }
        cast
    }

    /// The asset that a message for a unit of a host is for, and whether it is that unit alone.
    pub(super) fn server(&self, station: Station, unit: Option<Unit>) -> Option<(Id, bool)> {
        let part = unit.and_then(|_| self.places.get(&(station, unit)));
        let whole = || self.places.get(&(station, None)).map(|id| (*id, false));
        part.map(|id| (*id, true)).or_else(whole)
    }

    /// The asset that a host is.
    pub(super) fn host(&self, station: Station) -> Option<Id> {
        self.places.get(&(station, None)).copied()
    }

    /// The asset at a place.
    pub(super) fn at(&self, id: Id) -> Option<&Asset> {
        self.assets.get(id)
    }

    /// The name of an asset.
    pub(super) fn name(&self, id: Id) -> &str {
        self.at(id).map_or("", |asset| &asset.name)
    }

    fn add(&mut self, asset: Asset) -> Id {
        let id = self.assets.len();
        self.places.insert((asset.station, asset.unit), id);
        self.assets.push(asset);
        id
    }

    fn part_name(&self, gateway: Id, unit: Unit) -> String {
        let unit = unit.to_string().replace(' ', "-");
        format!("{}-{unit}", self.name(gateway))
    }
}

/// A unit that is an asset of its own, with the names that a policy has for it.
struct Part {
    name: Option<String>,
    role: Option<String>,
}

/// The units of a host that are assets of their own: those of a known policy, else those that answered where
/// several did.
fn parts(station: Station, units: &BTreeSet<Unit>, known: Option<&Policy>) -> BTreeMap<Unit, Part> {
    let mut parts = BTreeMap::new();
    let server = known.map(|policy| (policy, policy.place(&station.host())));
    if let Some((policy, server)) = server
        && let Some(asset) = server.asset
    {
        for seat in policy.behind.of(asset) {
            let placed = policy.place_behind(server, seat.asset);
            let name = policy.asset(placed).map(|asset| asset.name.clone());
            let role = policy.role(placed).map(|role| role.name.clone());
            parts.insert(seat.unit, Part { name, role });
        }
    }
    if parts.is_empty() {
        let several: Vec<Unit> = units
            .iter()
            .copied()
            .filter(|unit| is_behind(*unit))
            .collect();
        if (2..=PARTS).contains(&several.len()) {
            let part = |unit| {
                (
                    unit,
                    Part {
                        name: None,
                        role: None,
                    },
                )
            };
            parts.extend(several.into_iter().map(part));
        }
    }
    parts
}

/// Whether a unit may be behind something: 0 is everybody, 248 to 255 is the device itself (MODBUS Messaging on TCP/IP
/// Implementation Guide V1.0b, 4.4.2).
const fn is_behind(unit: Unit) -> bool {
    match unit {
        Unit::Id(id) => 1 <= id && id <= 247,
        Unit::Slot { .. } => true,
    }
}

/// A name from a role and an address.
fn named(role: &str, station: Station) -> String {
    format!("{role}-{}", address(station))
}

/// An address without what YAML or a sentence would trip over.
pub(super) fn address(station: Station) -> String {
    let address = match station {
        Station::Ip(ip) => ip.to_string(),
        Station::Mac(mac) => mac.to_string(),
    };
    address.replace(':', "-")
}

/// A name that no other has, short enough to be one.
pub(super) fn unique(name: String, taken: &mut BTreeSet<String>) -> String {
    let short = |limit: usize| {
        name.chars()
            .take(limit)
            .collect::<String>()
            .trim_end()
            .to_owned()
    };
    let whole = short(NAME_CHARS);
    if taken.insert(whole.clone()) {
        return whole;
    }
    let numbered = |number| format!("{}~{number}", short(NAME_CHARS - 8));
    let name = (2_u32..)
        .map(numbered)
        .find(|name| !taken.contains(name))
        .unwrap_or(whole);
    taken.insert(name.clone());
    name
}

/// The role of what answers behind a gateway.
const UNIT: &str = "unit";

/// The most units of a host that become assets of their own; a host that answers for more answers for anything.
pub(super) const PARTS: usize = 64;

/// The most characters of a name.
pub(super) const NAME_CHARS: usize = 64;
