//! Which conduits lead from one party to another.
//!
//! Each end of a conduit is a set of keys; a party has a few: its asset, its role, and each zone
//! that it counts to. The conduits of an edge are those that the client's keys lead out of and the
//! server's keys lead into: they are looked up by pairs of keys, so that a thousand conduits out of the plant do not
//! matter to an edge that a few of them are about. A conduit between so many names that its pairs would
//! fill the memory is found by its ends: the shorter list is walked, the other is searched.

use std::collections::{BTreeMap, BTreeSet, HashMap};

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

/// A conduit in one of its directions.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Way {
    pub(crate) conduit: ConduitId,
    /// Whether it is the one from its `to` to its `from`.
    pub(crate) back: bool,
}

/// At which end of a conduit somebody is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Side {
    From,
    To,
}

/// A way that begins or ends at a key where it did not, or does not where it did.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Toggle {
    pub(crate) side: Side,
    pub(crate) key: Key,
    pub(crate) way: Way,
}

/// Both ends of all conduits.
#[derive(Debug, Default)]
pub(crate) struct Index {
    from: Ends,
    to: Ends,
    /// The ways from one key to another, in order, but for those in `wide`.
    pairs: Table<(Key, Key), Vec<Way>>,
    /// Both ends of the ways that have more than `PAIRS_LIMIT` pairs.
    wide: [Ends; 2],
}

/// The ways of each key, in order.
type Ends = Table<Key, Vec<Way>>;

impl Index {
    /// Adds a conduit; conduits are added in order.
    pub(crate) fn add(&mut self, conduit: ConduitId, from: &[Key], to: &[Key]) {
        let way = Way {
            conduit,
            back: false,
        };
        self.add_way(way, from, to);
    }

    /// Adds the way back of the conduit that was added last.
    pub(crate) fn add_back(&mut self, conduit: ConduitId, from: &[Key], to: &[Key]) {
        let way = Way {
            conduit,
            back: true,
        };
        self.add_way(way, to, from);
    }

    fn add_way(&mut self, way: Way, out: &[Key], into: &[Key]) {
        push(&mut self.from, way, out);
        push(&mut self.to, way, into);
        if out.len().saturating_mul(into.len()) > PAIRS_LIMIT {
            let [from, to] = &mut self.wide;
            push(from, way, out);
            push(to, way, into);
            return;
        }
        for key in out {
            for other in into {
                self.pairs.entry((*key, *other)).or_default().push(way);
            }
        }
    }

    /// Puts ways to keys, or takes them from there: twice is never.
    pub(crate) fn toggle(&mut self, toggles: &[Toggle]) {
        let ways: BTreeSet<Way> = toggles.iter().map(|toggle| toggle.way).collect();
        for way in &ways {
            self.pair(*way, take);
        }
        for Toggle { side, key, way } in toggles {
            let ends = match side {
                Side::From => &mut self.from,
                Side::To => &mut self.to,
            };
            let list = ends.entry(*key).or_default();
            if list.binary_search(way).is_ok() {
                take(list, *way);
            } else {
                put(list, *way);
            }
        }
        for way in &ways {
            self.pair(*way, put);
        }
    }

    /// Whether every one of these ways is at its key now, so that none is put anywhere.
    pub(crate) fn only_takes(&self, toggles: &[Toggle]) -> bool {
        toggles.iter().all(|Toggle { side, key, way }| {
            let ends = match side {
                Side::From => &self.from,
                Side::To => &self.to,
            };
            let list = ends.get(key);
            list.is_some_and(|list| list.binary_search(way).is_ok())
        })
    }

    /// Changes every list of pairs, or of wide ends, that a way belongs to.
    fn pair(&mut self, way: Way, change: fn(&mut Vec<Way>, Way)) {
        let (out, into) = (keys_of(&self.from, way), keys_of(&self.to, way));
        if out.len().saturating_mul(into.len()) > PAIRS_LIMIT {
            for (ends, keys) in self.wide.iter_mut().zip([out, into]) {
                for key in keys {
                    change(ends.entry(key).or_default(), way);
                }
            }
            return;
        }
        for key in &out {
            for other in &into {
                change(self.pairs.entry((*key, *other)).or_default(), way);
            }
        }
    }

    /// The ways that lead out of a client, given with the zones that it counts to.
    pub(crate) fn leaving(&self, client: (Placed, &[ZoneId])) -> BTreeSet<Way> {
        lists(&self.from, client)
            .into_iter()
            .flatten()
            .copied()
            .collect()
    }

    /// The ways that lead into a server, given with the zones that it counts to.
    pub(crate) fn entering(&self, server: (Placed, &[ZoneId])) -> BTreeSet<Way> {
        lists(&self.to, server)
            .into_iter()
            .flatten()
            .copied()
            .collect()
    }

    /// Every conduit in each of its directions, with the keys that it leads out of and into.
    pub(crate) fn ways(&self) -> Vec<(ConduitId, Vec<Key>, Vec<Key>)> {
        let mut ways: BTreeMap<Way, (Vec<Key>, Vec<Key>)> = BTreeMap::new();
        for (key, list) in &self.from {
            for way in list {
                ways.entry(*way).or_default().0.push(*key);
            }
        }
        for (key, list) in &self.to {
            for way in list {
                ways.entry(*way).or_default().1.push(*key);
            }
        }
        let sorted = |mut keys: Vec<Key>| {
            keys.sort_unstable();
            keys
        };
        ways.into_iter()
            .map(|(way, (from, to))| (way.conduit, sorted(from), sorted(to)))
            .collect()
    }

    /// What the clients of each conduit are called, in both of its directions.
    pub(crate) fn clients(&self) -> HashMap<ConduitId, Vec<Key>> {
        let mut clients: HashMap<_, Vec<_>> = HashMap::new();
        for (key, ways) in &self.from {
            for way in ways {
                clients.entry(way.conduit).or_default().push(*key);
            }
        }
        clients
    }

    /// The names at both ends of each conduit, and whether it leads back as well.
    pub(crate) fn ends(&self) -> HashMap<ConduitId, (BTreeSet<Key>, BTreeSet<Key>, bool)> {
        let mut ends: HashMap<_, (BTreeSet<_>, BTreeSet<_>, bool)> = HashMap::new();
        for (key, ways) in &self.from {
            for way in ways {
                let (from, _, both) = ends.entry(way.conduit).or_default();
                *both |= way.back;
                if !way.back {
                    from.insert(*key);
                }
            }
        }
        for (key, ways) in &self.to {
            for way in ways.iter().filter(|way| !way.back) {
                ends.entry(way.conduit).or_default().1.insert(*key);
            }
        }
        ends
    }

    /// The conduits out of a client, given with the zones that it counts to.
    pub(crate) fn out_of(&self, client: (Placed, &[ZoneId])) -> Vec<ConduitId> {
        let ways = lists(&self.from, client).into_iter().flatten();
        let mut found: Vec<_> = ways.map(|way| way.conduit).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The conduits from a client to a server, each given with the zones that it counts to, in the
    /// order that they were added.
    pub(crate) fn between(
        &self,
        client: (Placed, &[ZoneId]),
        server: (Placed, &[ZoneId]),
    ) -> Vec<ConduitId> {
        let into: Vec<_> = keys(server)
            .filter(|key| self.to.contains_key(key))
            .collect();
        let mut ways = self.wide_between(client, server);
        for key in keys(client).filter(|key| self.from.contains_key(key)) {
            let found = into
                .iter()
                .filter_map(|other| self.pairs.get(&(key, *other)));
            ways.extend(found.flatten());
        }
        ways.sort_unstable();
        let mut found: Vec<_> = ways.into_iter().map(|way| way.conduit).collect();
        found.dedup();
        found
    }

    /// The ways from a client to a server that have too many pairs.
    fn wide_between(&self, client: (Placed, &[ZoneId]), server: (Placed, &[ZoneId])) -> Vec<Way> {
        let [from, to] = &self.wide;
        if from.is_empty() {
            return Vec::new();
        }
        let (out, into) = (lists(from, client), lists(to, server));
        let (few, many) = if total(&out) <= total(&into) {
            (out, into)
        } else {
            (into, out)
        };
        let mut ways: Vec<_> = few.into_iter().flatten().copied().collect();
        ways.retain(|way| many.iter().any(|list| list.binary_search(way).is_ok()));
        ways
    }
}

fn push(ends: &mut Ends, way: Way, keys: &[Key]) {
    for key in keys {
        ends.entry(*key).or_default().push(way);
    }
}

/// The keys that a way is listed at.
fn keys_of(ends: &Ends, way: Way) -> Vec<Key> {
    let own = ends
        .iter()
        .filter(|(_, list)| list.binary_search(&way).is_ok());
    own.map(|(key, _)| *key).collect()
}

fn put(list: &mut Vec<Way>, way: Way) {
    if let Err(place) = list.binary_search(&way) {
        list.insert(place, way);
    }
}

fn take(list: &mut Vec<Way>, way: Way) {
    if let Ok(place) = list.binary_search(&way) {
        list.remove(place);
    }
}

fn lists<'a>(ends: &'a Ends, party: (Placed, &[ZoneId])) -> Vec<&'a [Way]> {
    let list = |key| ends.get(&key).map(Vec::as_slice);
    keys(party).filter_map(list).collect()
}

/// What a party can be named by.
fn keys((party, zones): (Placed, &[ZoneId])) -> impl Iterator<Item = Key> {
    let alone = party.asset.map(Key::Asset).into_iter();
    let alone = alone.chain(party.role.map(Key::Role));
    let in_zones = zones.iter().flat_map(move |zone| {
        let role = party.role.map(|role| Key::RoleInZone(role, *zone));
        [Some(Key::Zone(*zone)), role]
    });
    alone.chain(in_zones.flatten())
}

fn total(lists: &[&[Way]]) -> usize {
    lists.iter().map(|list| list.len()).sum()
}

/// The most pairs of names of a conduit that are looked up one by one.
const PAIRS_LIMIT: usize = 64;
