//! Names for sets of addresses, in the policy's own words.

use std::collections::BTreeMap;

use super::places::Class;
use super::rules::Named;
use super::set::AddressSet;
use crate::policy::{Placed, Policy};
use crate::space::{AssetId, RoleId, ZoneId};

/// The sets that rules name, each once.
#[derive(Default)]
pub(super) struct Labels {
    known: BTreeMap<AddressSet, String>,
    places: BTreeMap<AddressSet, usize>,
    used: Vec<Named>,
}

impl Labels {
    /// What the policy calls sets of addresses: assets first, then zones, then roles.
    pub(super) fn of(policy: &Policy, classes: &[Class]) -> Self {
        let mut known = BTreeMap::new();
        let mut add = |noun: &str, name: &str, sets: &Sets, id: u32| {
            if let Some(runs) = sets.get(&id) {
                let set = AddressSet::of(runs.iter().flat_map(|set| set.all()));
                known.entry(set).or_insert_with(|| format!("{noun} {name}"));
            }
        };
        let sets = by(classes, |placed| {
            placed.asset.map(|AssetId(id)| id).into_iter()
        });
        for (id, asset) in (0..).zip(&policy.assets) {
            add("asset", &asset.name, &sets, id);
        }
        let sets = by(classes, |placed| {
            policy.around(placed).iter().map(|ZoneId(id)| *id)
        });
        for (id, zone) in (0..).zip(&policy.zones) {
            add("zone", &zone.name, &sets, id);
        }
        let sets = by(classes, |placed| {
            placed.role.map(|RoleId(id)| id).into_iter()
        });
        for (id, role) in (0..).zip(&policy.roles) {
            add("role", &role.name, &sets, id);
        }
        Self {
            known,
            ..Self::default()
        }
    }

    /// The place of a set; where the policy has no name for it, it is called `otherwise`.
    pub(super) fn place(&mut self, set: AddressSet, otherwise: &str) -> usize {
        if let Some(place) = self.places.get(&set) {
            return *place;
        }
        let label = self.known.get(&set).map_or(otherwise, String::as_str);
        self.used.push(Named {
            label: label.to_owned(),
            addresses: set.clone(),
        });
        self.places.insert(set, self.used.len() - 1);
        self.used.len() - 1
    }

    /// The sets by their places.
    pub(super) fn into_used(self) -> Vec<Named> {
        self.used
    }
}

type Sets<'a> = BTreeMap<u32, Vec<&'a AddressSet>>;

/// The addresses of all classes by what they are placed as.
fn by<I: Iterator<Item = u32>>(classes: &[Class], ids: impl Fn(Placed) -> I) -> Sets<'_> {
    let mut sets = Sets::new();
    for class in classes {
        for id in ids(class.placed) {
            sets.entry(id).or_default().push(&class.addresses);
        }
    }
    sets
}
