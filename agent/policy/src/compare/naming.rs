//! Sets of points in the policy's words: the zones and roles that are wholly among them, then each asset that is left.

use std::collections::BTreeSet;

use super::hosts::Point;
use super::pairs::{Members, keys};
use crate::index::Key;
use crate::policy::{Policy, at};

/// How points are called.
pub(crate) struct Naming<'a> {
    pub(crate) policies: [&'a Policy; 2],
    pub(crate) points: &'a [Point],
    pub(crate) members: &'a [Members; 2],
}

impl Naming<'_> {
    /// Points in as few words as there are; names of the newer policy are preferred. `asking` leaves out what never
    /// asks.
    pub(crate) fn texts(&self, of: &BTreeSet<u32>, asking: bool) -> Vec<String> {
        let mut left = of.clone();
        let mut texts = Vec::new();
        while let Some(point) = left.first().copied() {
            let whole = self.widest(point, of, asking);
            match whole {
                Some((text, covered)) => {
                    texts.push(text);
                    covered.iter().for_each(|point| {
                        left.remove(point);
                    });
                    left.remove(&point);
                }
                None => {
                    texts.push(self.alone(point));
                    left.remove(&point);
                }
            }
        }
        texts.dedup();
        texts
    }

    /// The largest set with a name that holds a point, and all of which is meant, or all but a few.
    fn widest(&self, id: u32, of: &BTreeSet<u32>, asking: bool) -> Option<(String, Vec<u32>)> {
        let point = at(self.points, id)?;
        let [old, new] = self.policies;
        let [of_old, of_new] = self.members;
        for (policy, members, side) in [(new, of_new, 1), (old, of_old, 0)] {
            let asks = |id: &u32| at(self.points, *id).is_some_and(|it| it.unit.is_none());
            let mut best: Option<(usize, bool, String, Vec<u32>)> = None;
            for key in keys(policy, point, side) {
                if matches!(key, Key::Asset(_)) {
                    continue;
                }
                let all = members.of_key(key).iter().copied();
                let all = all.filter(|id| !asking || asks(id));
                let (meant, missing): (Vec<u32>, Vec<u32>) = all.partition(|id| of.contains(id));
                let Some(but) = self.but(&missing, &meant, (policy, members, side), key) else {
                    continue;
                };
                // a zone of one asset reads better as the asset
                let rank = (meant.len(), matches!(key, Key::Zone(_)));
                if best
                    .as_ref()
                    .is_none_or(|(count, zone, ..)| rank > (*count, *zone))
                {
                    best = Some((
                        rank.0,
                        rank.1,
                        format!("{}{but}", called(policy, key)),
                        meant,
                    ));
                }
            }
            if let Some((count, _, text, meant)) = best
                && (count > 1 || self.is_plain(id, side))
            {
                return Some((text, meant));
            }
        }
        None
    }

    /// What of a set is not meant, in words; none where that takes too many of them.
    fn but(
        &self,
        missing: &[u32],
        meant: &[u32],
        (policy, members, side): (&Policy, &Members, usize),
        key: Key,
    ) -> Option<String> {
        let first = match missing {
            [] => return Some(String::new()),
            [first, ..] if meant.len() >= FEW => *first,
            _ => return None,
        };
        if missing.len() < FEW {
            let names: Vec<String> = missing.iter().map(|id| self.alone(*id)).collect();
            return Some(format!(" except {}", names.join(" and ")));
        }
        let Key::Zone(zone) = key else { return None };
        let [old, new] = at(self.points, first)?.placed;
        let role = if side == 0 { old } else { new }.role?;
        let of_role = members.of_key(Key::RoleInZone(role, zone));
        let of_role: BTreeSet<u32> = of_role.iter().copied().collect();
        let all = missing.iter().all(|id| of_role.contains(id));
        let none = meant.iter().all(|id| !of_role.contains(id));
        (all && none).then(|| format!(" except {}", called(policy, Key::Role(role))))
    }

    fn is_plain(&self, id: u32, side: usize) -> bool {
        let placed = at(self.points, id).map(|point| {
            let [old, new] = point.placed;
            if side == 0 { old } else { new }
        });
        placed.is_some_and(|placed| placed.asset.is_none())
    }

    /// One point: its asset, or what a host is that is none.
    pub(crate) fn alone(&self, id: u32) -> String {
        let Some(point) = at(self.points, id) else {
            return String::new();
        };
        let [old, new] = self.policies;
        let [in_old, in_new] = point.placed;
        let asset = new.asset(in_new).or_else(|| old.asset(in_old));
        let zone = new.zone(in_new).or_else(|| old.zone(in_old));
        match (asset, zone) {
            (Some(asset), _) => format!("asset {}", asset.name),
            (None, Some(zone)) => format!("zone {} (no asset)", zone.name),
            (None, None) => "a host in no zone".to_owned(),
        }
    }
}

fn called(policy: &Policy, key: Key) -> String {
    let zone = |id: crate::space::ZoneId| at(&policy.zones, id.0).map_or("", |it| &it.name);
    let role = |id| policy.role_at(id).map_or("", |it| &it.name);
    match key {
        Key::Zone(id) => format!("zone {}", zone(id)),
        Key::Asset(id) => {
            let name = at(&policy.assets, id.0).map_or("", |it| &it.name);
            format!("asset {name}")
        }
        Key::Role(id) => format!("role {}", role(id)),
        Key::RoleInZone(of, id) => format!("role {} in zone {}", role(of), zone(id)),
    }
}

/// How many names of what is not meant are too many.
const FEW: usize = 3;
