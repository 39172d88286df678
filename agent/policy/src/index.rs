//! Which conduits lead from one party to another.
//!
//! Each end of a conduit is a set of keys; a party has at most four. The conduits of an edge are
//! those that the client's keys lead out of and the server's keys lead into: the shorter list is
//! walked, the others are searched.

use std::collections::BTreeSet;

use crate::policy::Placed;
use crate::space::{AssetId, RoleId, Table, ZoneId};

/// What one end of a conduit can name.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Key {
    Zone(ZoneId),
    Asset(AssetId),
    Role(RoleId),
    RoleInZone(RoleId, ZoneId),
}

/// A conduit, by its place in the policy.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct ConduitId(pub(crate) u32);

/// Both ends of all conduits.
#[derive(Debug, Default)]
pub(crate) struct Index {
    from: Ends,
    to: Ends,
}

/// The conduits of each key, in order.
type Ends = Table<Key, Vec<ConduitId>>;

impl Index {
    /// Adds a conduit; conduits are added in order.
    pub(crate) fn add(&mut self, conduit: ConduitId, from: &[Key], to: &[Key]) {
        for (ends, keys) in [(&mut self.from, from), (&mut self.to, to)] {
            for key in keys {
                ends.entry(*key).or_default().push(conduit);
            }
        }
    }

    /// The conduits that lead out of a client.
    pub(crate) fn leaving(&self, client: Placed) -> BTreeSet<ConduitId> {
        lists(&self.from, client)
            .into_iter()
            .flatten()
            .copied()
            .collect()
    }

    /// The conduits that lead into a server.
    pub(crate) fn entering(&self, server: Placed) -> BTreeSet<ConduitId> {
        lists(&self.to, server)
            .into_iter()
            .flatten()
            .copied()
            .collect()
    }

    /// The conduits from a client to a server, in the order that they were added.
    pub(crate) fn between(&self, client: Placed, server: Placed) -> Vec<ConduitId> {
        let (out, into) = (lists(&self.from, client), lists(&self.to, server));
        let (few, many) = if total(&out) <= total(&into) {
            (out, into)
        } else {
            (into, out)
        };
        let in_many =
            |conduit: &ConduitId| many.iter().any(|list| list.binary_search(conduit).is_ok());
        let mut found: Vec<_> = few.into_iter().flatten().copied().filter(in_many).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn lists(ends: &Ends, party: Placed) -> Vec<&[ConduitId]> {
    let list = |key| ends.get(&key).map(Vec::as_slice);
    keys(party).into_iter().flatten().filter_map(list).collect()
}

fn total(lists: &[&[ConduitId]]) -> usize {
    lists.iter().map(|list| list.len()).sum()
}

fn keys(party: Placed) -> [Option<Key>; 4] {
    [
        party.zone.map(Key::Zone),
        party.asset.map(Key::Asset),
        party.role.map(Key::Role),
        party
            .role
            .zip(party.zone)
            .map(|(role, zone)| Key::RoleInZone(role, zone)),
    ]
}
