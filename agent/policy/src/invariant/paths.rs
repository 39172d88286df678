//! Between whom a path is looked for: two points for each statement that could open one, and not all that it joins.
//!
//! A policy only allows: what a statement allows between one client and one server, it allows between any two of
//! its ends that have the same role, the same tags and units, and that the sentences do not tell apart. So of
//! each such kind one point is asked, and ten thousand conduits out of a plant are ten thousand questions.

use std::collections::{BTreeSet, HashMap};

use crate::compare::Gaps;
use crate::compare::hosts::Point;
use crate::compare::pairs::Members;
use crate::index::Key;
use crate::policy::{Policy, at};
use crate::space::ZoneId;

/// What tells points at one end apart, as a number.
pub(super) type Kind = u64;

/// All that statements join.
pub(super) struct Paths<'a> {
    members: &'a Members,
    points: &'a [Point],
    /// Of each point, its kinds as a client and as a server.
    kinds: Vec<[Kind; 2]>,
    ways: Vec<Way>,
}

/// The statements from one end to another.
struct Way {
    from: Vec<Key>,
    to: Vec<Key>,
    grants: (u32, u32),
}

/// Which points are asked about.
pub(super) type Wanted<'w> = dyn Fn(&Point) -> bool + 'w;

impl<'a> Paths<'a> {
    pub(super) fn of(
        policy: &Policy,
        points: &'a [Point],
        members: &'a Members,
        kinds: impl Fn(&Point) -> [Kind; 2],
    ) -> Self {
        let within = (0..).zip(&policy.zones).filter_map(|(id, zone)| {
            let first = zone.within?.0;
            Some(Way {
                from: vec![Key::Zone(ZoneId(id))],
                to: vec![Key::Zone(ZoneId(id))],
                grants: (first, first + 1),
            })
        });
        let conduits = policy
            .index
            .ways()
            .into_iter()
            .filter_map(|(id, from, to)| {
                let grants = at(&policy.conduits, id.0)?.grants;
                Some(Way { from, to, grants })
            });
        Self {
            members,
            points,
            kinds: points.iter().map(kinds).collect(),
            ways: within.chain(conduits).collect(),
        }
    }

    /// Two points for each way with a statement that `opens`, of each kind that is wanted.
    pub(super) fn between(
        &self,
        opens: &dyn Fn(u32) -> bool,
        client: &Wanted<'_>,
        server: &Wanted<'_>,
        gaps: &mut Gaps,
    ) -> Vec<[&'a Point; 2]> {
        let mut pairs = BTreeSet::new();
        let (mut asking, mut answering) = (HashMap::new(), HashMap::new());
        let open = |way: &&Way| (way.grants.0..way.grants.1).any(opens);
        for way in self.ways.iter().filter(open) {
            // many ways lead out of one end
            let asks = |point: &Point| point.unit.is_none() && client(point);
            let from = asking
                .entry(&way.from)
                .or_insert_with(|| self.kinds_of(&way.from, 0, &asks));
            if from.is_empty() {
                continue;
            }
            let to = answering
                .entry(&way.to)
                .or_insert_with(|| self.kinds_of(&way.to, 1, server));
            if pairs.len() > MAX_PAIRS {
                gaps.add("all pairs of hosts that it is about");
                break;
            }
            pairs.extend(
                from.iter()
                    .flat_map(|from| to.iter().map(|to| (*from, *to))),
            );
        }
        let point = |id| at(self.points, id);
        let both = |(from, to)| Some([point(from)?, point(to)?]);
        pairs.into_iter().filter_map(both).collect()
    }

    /// The first point of each kind at an end that is wanted.
    fn kinds_of(&self, keys: &[Key], side: usize, wanted: &Wanted<'_>) -> Vec<u32> {
        let mut seen = BTreeSet::new();
        let points = keys.iter().flat_map(|key| self.members.of_key(*key));
        let first = |id: &&u32| {
            let kind = at(&self.kinds, **id).and_then(|kinds| kinds.get(side));
            let is_wanted = at(self.points, **id).is_some_and(wanted);
            is_wanted && kind.is_some_and(|kind| seen.insert(*kind))
        };
        points.filter(first).copied().collect()
    }
}

/// How many pairs are asked about.
const MAX_PAIRS: usize = 500_000;
