//! Which hosts are worth comparing: those that some statement joins that the other policy does not have, or has for
//! others.
//!
//! A statement's ends are sets of points. Points that are in the same sets, with the same role and the same tags, in a
//! zone or in none, are one group: between two groups both policies say one thing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::Unit;

use super::Gaps;
use super::hosts::{Point, parts};
use super::prints::{self, Print, TagPrints};
use crate::index::Key;
use crate::policy::Policy;

/// Points by what an end of a conduit can name.
pub(crate) struct Members {
    /// Those that ask.
    out: HashMap<Key, Vec<u32>>,
    into: HashMap<Key, Vec<u32>>,
}

/// All statements of a conduit in one direction, or of a zone about its inside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Way {
    from: usize,
    to: usize,
    print: Print,
}

/// How all points are joined by two policies.
pub(crate) struct Pairs {
    sets: Vec<Vec<u32>>,
    ways: [Vec<Way>; 2],
    clients: Groups,
    servers: Groups,
    /// Of each set, the groups of those in it that ask and that answer.
    of_sets: Vec<[Vec<usize>; 2]>,
}

/// Points that are alike.
#[derive(Default)]
struct Groups {
    of: Vec<Option<usize>>,
    all: Vec<Vec<u32>>,
    /// Of each group, whether the two policies differ in what they say of its points.
    changed: Vec<bool>,
}

/// Two groups by their points.
pub(crate) type Pair<'a> = (&'a [u32], &'a [u32]);

impl Members {
    pub(crate) fn of(policy: &Policy, points: &[Point], side: usize) -> Self {
        let (mut out, mut into): (HashMap<Key, Vec<u32>>, HashMap<Key, Vec<u32>>) =
            Default::default();
        for (id, point) in (0..).zip(points) {
            for key in keys(policy, point, side) {
                into.entry(key).or_default().push(id);
                if point.unit.is_none() {
                    out.entry(key).or_default().push(id);
                }
            }
        }
        Self { out, into }
    }

    /// Whom an end names that asks: two at most, which tell nobody from one and from several.
    pub(crate) fn asking(&self, keys: &[Key]) -> BTreeSet<u32> {
        two(keys.iter().filter_map(|key| self.out.get(key)))
    }

    /// The same of those that answer.
    pub(crate) fn answering(&self, keys: &[Key]) -> BTreeSet<u32> {
        two(keys.iter().filter_map(|key| self.into.get(key)))
    }

    /// The points that a key names.
    pub(crate) fn of_key(&self, key: Key) -> &[u32] {
        self.into.get(&key).map_or(&[], Vec::as_slice)
    }
}

fn two<'l>(lists: impl Iterator<Item = &'l Vec<u32>>) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    for point in lists.flatten() {
        found.insert(*point);
        if found.len() > 1 {
            break;
        }
    }
    found
}

/// What an end of a conduit can call a point.
pub(crate) fn keys(policy: &Policy, point: &Point, side: usize) -> Vec<Key> {
    let [old, new] = point.placed;
    let placed = if side == 0 { old } else { new };
    let alone = placed.asset.map(Key::Asset).into_iter();
    let alone = alone.chain(placed.role.map(Key::Role));
    let zones = policy.around(placed).iter();
    let in_zones = zones.flat_map(|zone| {
        let role = placed.role.map(|role| Key::RoleInZone(role, *zone));
        [Some(Key::Zone(*zone)), role]
    });
    alone.chain(in_zones.flatten()).collect()
}

/// Sets of points, each once.
#[derive(Default)]
struct Sets {
    ids: HashMap<Vec<u32>, usize>,
    lists: Vec<Vec<u32>>,
}

impl Sets {
    fn id(&mut self, of: &HashMap<Key, Vec<u32>>, keys: &[Key]) -> usize {
        let lists = keys.iter().filter_map(|key| of.get(key));
        let mut all: Vec<u32> = lists.flatten().copied().collect();
        if keys.len() > 1 {
            all.sort_unstable();
            all.dedup();
        }
        if let Some(id) = self.ids.get(&all) {
            return *id;
        }
        let id = self.lists.len();
        self.lists.push(all.clone());
        self.ids.insert(all, id);
        id
    }
}

impl Pairs {
    /// How two policies join points; `kind` tells points apart that must not be one.
    pub(crate) fn of(
        policies: [&Policy; 2],
        points: &[Point],
        members: &[Members; 2],
        kind: &dyn Fn(&Point) -> u64,
    ) -> Self {
        let mut sets = Sets::default();
        let [old, new] = policies;
        let [of_old, of_new] = members;
        let ways = [ways(old, of_old, &mut sets), ways(new, of_new, &mut sets)];
        let mut pairs = Self {
            sets: sets.lists,
            ways,
            clients: Groups::default(),
            servers: Groups::default(),
            of_sets: Vec::new(),
        };
        let mut within: Vec<Vec<usize>> = vec![Vec::new(); points.len()];
        for (id, set) in pairs.sets.iter().enumerate() {
            for point in set {
                if let Some(list) = usize::try_from(*point)
                    .ok()
                    .and_then(|at| within.get_mut(at))
                {
                    list.push(id);
                }
            }
        }
        pairs.clients = Groups::of(points, |place, point| {
            let of = |policy: &Policy, side| prints::of_role(policy.role(side));
            let [in_old, in_new] = point.placed;
            let said = [of(old, in_old), of(new, in_new)];
            let of_sets = within.get(place).cloned().unwrap_or_default();
            point.unit.is_none().then(|| {
                (
                    of_sets,
                    said,
                    (None, BTreeSet::new()),
                    zoned(point),
                    kind(point),
                )
            })
        });
        let (of_old, of_new) = (TagPrints::of(old), TagPrints::of(new));
        pairs.servers = Groups::of(points, |place, point| {
            let [in_old, in_new] = point.placed;
            let said = [of_old.on(in_old), of_new.on(in_new)];
            let of_sets = within.get(place).cloned().unwrap_or_default();
            let seats = match point.unit {
                None => parts(policies, point.base),
                Some(_) => BTreeSet::new(),
            };
            Some((
                of_sets,
                said,
                (point.unit, seats),
                zoned(point),
                kind(point),
            ))
        });
        let of = |groups: &Groups, set: &[u32]| {
            let points = set.iter().filter_map(|point| usize::try_from(*point).ok());
            let mut found: Vec<usize> = points
                .filter_map(|point| groups.of.get(point).copied().flatten())
                .collect();
            found.sort_unstable();
            found.dedup();
            found
        };
        let sets = pairs.sets.iter();
        pairs.of_sets = sets
            .map(|set| [of(&pairs.clients, set), of(&pairs.servers, set)])
            .collect();
        pairs
    }

    /// The groups between which the policies may differ.
    pub(crate) fn changed(&self, gaps: &mut Gaps) -> Vec<Pair<'_>> {
        let mut count: HashMap<(usize, usize, Print), i64> = HashMap::new();
        let [old, new] = &self.ways;
        for (ways, step) in [(old, 1), (new, -1)] {
            for way in ways {
                *count.entry((way.from, way.to, way.print)).or_default() += step;
            }
        }
        let mut ends: BTreeSet<(usize, usize)> = BTreeSet::new();
        let mut whole = true;
        let groups = self.clients.changed.iter().chain(&self.servers.changed);
        let any = groups.into_iter().any(|changed| *changed);
        for way in old.iter().chain(new) {
            let differs = count.get(&(way.from, way.to, way.print)) != Some(&0);
            if !differs && !any {
                continue;
            }
            let keep = |client: bool, server: bool| differs || client || server;
            whole &= self.join(way, &keep, &mut ends);
        }
        if !whole {
            gaps.add("all pairs of hosts that a change is about");
        }
        self.named(ends)
    }

    /// The groups of a way's ends.
    fn groups(&self, way: &Way) -> (&[usize], &[usize]) {
        let of = |set: usize| self.of_sets.get(set);
        let from = of(way.from).map_or(&[][..], |[clients, _]| clients);
        let to = of(way.to).map_or(&[][..], |[_, servers]| servers);
        (from, to)
    }

    fn join(
        &self,
        way: &Way,
        keep: &dyn Fn(bool, bool) -> bool,
        ends: &mut BTreeSet<(usize, usize)>,
    ) -> bool {
        let changed = |groups: &Groups, at: usize| groups.changed.get(at) == Some(&true);
        let (from, to) = self.groups(way);
        for from in from {
            for to in to {
                if keep(changed(&self.clients, *from), changed(&self.servers, *to)) {
                    if ends.len() >= MAX_PAIRS {
                        return false;
                    }
                    ends.insert((*from, *to));
                }
            }
        }
        true
    }

    fn named(&self, ends: BTreeSet<(usize, usize)>) -> Vec<Pair<'_>> {
        let pair = |(from, to)| Some((self.clients.all.get(from)?, self.servers.all.get(to)?));
        let pairs = ends.into_iter().filter_map(pair);
        pairs
            .map(|(from, to)| (from.as_slice(), to.as_slice()))
            .collect()
    }
}

/// What tells groups apart: sets, what each policy says, the unit and the parts, whether each policy knows a zone, and whatever else.
type Tell = (
    Vec<usize>,
    [Print; 2],
    (Option<Unit>, BTreeSet<Unit>),
    [bool; 2],
    u64,
);

fn zoned(point: &Point) -> [bool; 2] {
    point.placed.map(|placed| placed.zone.is_some())
}

impl Groups {
    fn of(points: &[Point], tell: impl Fn(usize, &Point) -> Option<Tell>) -> Self {
        let mut ids: BTreeMap<Tell, usize> = BTreeMap::new();
        let mut groups = Self::default();
        for (place, point) in points.iter().enumerate() {
            let group = tell(place, point).map(|tell| {
                let [old, new] = tell.1;
                *ids.entry(tell).or_insert_with(|| {
                    groups.all.push(Vec::new());
                    groups.changed.push(old != new);
                    groups.all.len() - 1
                })
            });
            groups.of.push(group);
            if let Some(list) = group.and_then(|group| groups.all.get_mut(group)) {
                list.push(crate::names::id(place));
            }
        }
        groups
    }
}

fn ways(policy: &Policy, members: &Members, sets: &mut Sets) -> Vec<Way> {
    let prints = prints::of_grants(policy);
    let mut ways = Vec::new();
    for (place, zone) in policy.zones.iter().enumerate() {
        if let Some(within) = zone.within {
            let key = [Key::Zone(crate::space::ZoneId(crate::names::id(place)))];
            let grants = (within.0, within.0 + 1);
            ways.push(Way {
                from: sets.id(&members.out, &key),
                to: sets.id(&members.into, &key),
                print: of_range(&prints, grants),
            });
        }
    }
    for (conduit, from, to) in policy.index.ways() {
        if let Some(conduit) = crate::policy::at(&policy.conduits, conduit.0) {
            ways.push(Way {
                from: sets.id(&members.out, &from),
                to: sets.id(&members.into, &to),
                print: of_range(&prints, conduit.grants),
            });
        }
    }
    ways
}

fn of_range(prints: &[Print], (first, end): (u32, u32)) -> Print {
    use std::hash::{Hash as _, Hasher as _};
    let place = |id: u32| usize::try_from(id).unwrap_or(usize::MAX);
    let mut of: Vec<Print> = prints
        .get(place(first)..place(end))
        .unwrap_or_default()
        .to_vec();
    of.sort_unstable();
    let mut hasher = std::collections::hash_map::DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// How many pairs of groups are compared.
const MAX_PAIRS: usize = 100_000;
