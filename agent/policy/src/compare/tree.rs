//! Everything that can be asked between two points over one protocol, cut into classes that neither policy tells apart.
//!
//! Question by question, in the order in which statements are searched: the function, the unit, the time, the
//! session, the target, the value, the rate. At each the possible answers are grouped by the statements that accept
//! them, and only these are asked further. Each class that is left is one operation for the real judge.

use model::{Function, Timestamp, Unit, Verdict, Vocabulary};

use super::Gaps;
use super::hosts::Point;
use super::moments::Moments;
use super::prints::{self, Print, TagPrints};
use super::targets::Atom;
use super::walk::Walk;
use super::witness::Witness;
use crate::edge::{Edge, Lane};
use crate::policy::{Grant, Policy};
use crate::words::addresses;

/// A class of operations, and what both policies say of it.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    pub(crate) witness: Witness,
    pub(crate) texts: Texts,
    pub(crate) verdicts: [Verdict; 2],
}

/// What the operations of a class have in common, in words; what is empty is anything.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Texts {
    pub(crate) protocol: &'static str,
    pub(crate) verbs: Vec<&'static str>,
    /// Names of functions, where not all of the verbs are meant.
    pub(crate) functions: Vec<&'static str>,
    pub(crate) units: Vec<Unit>,
    pub(crate) times: Vec<String>,
    pub(crate) session: Vec<String>,
    pub(crate) targets: Vec<Atom>,
    pub(crate) values: Vec<String>,
    pub(crate) rate: Vec<String>,
}

/// What is asked of all pairs alike.
pub(crate) struct Ground<'a> {
    pub(crate) policies: [&'a Policy; 2],
    pub(crate) prints: [Vec<Print>; 2],
    pub(crate) tags: [TagPrints; 2],
    pub(crate) moments: Moments,
}

/// Two points and a protocol.
pub(crate) struct Lanes<'a> {
    pub(super) ground: &'a Ground<'a>,
    pub(super) words: &'static Vocabulary,
    pub(super) client: &'a Point,
    pub(super) server: &'a Point,
    edges: [Edge; 2],
    pub(super) grants: Vec<(usize, &'a Grant)>,
}

/// Who is told of each class; `false` ends the walk.
pub(crate) type See<'s> = dyn FnMut(Leaf) -> bool + 's;

impl<'a> Ground<'a> {
    pub(crate) fn of(policies: [&'a Policy; 2], now: Timestamp, gaps: &mut Gaps) -> Self {
        Self {
            policies,
            prints: policies.map(prints::of_grants),
            tags: policies.map(TagPrints::of),
            moments: Moments::of(policies, now, gaps),
        }
    }

    /// Two points over a protocol; none where it has no units such as the server's.
    pub(crate) fn lanes(
        &'a self,
        client: &'a Point,
        server: &'a Point,
        words: &'static Vocabulary,
    ) -> Option<Lanes<'a>> {
        if server.unit.is_some_and(|unit| !addresses(words.name, unit)) {
            return None;
        }
        let [old, new] = self.policies;
        let ([from_old, from_new], [to_old, to_new]) = (client.base, server.base);
        let edges = [
            old.edge(from_old, to_old, words.name),
            new.edge(from_new, to_new, words.name),
        ];
        let mut lanes = Lanes {
            ground: self,
            words,
            client,
            server,
            edges,
            grants: Vec::new(),
        };
        for side in [0, 1] {
            let policy = self.policy(side);
            let lane = lanes.lane(side, server.unit);
            let ids: Vec<_> = lane.grants.to_vec();
            let grants = ids.into_iter().filter_map(|id| policy.grant(id));
            lanes.grants.extend(grants.map(|grant| (side, grant)));
        }
        Some(lanes)
    }

    fn policy(&self, side: usize) -> &'a Policy {
        let [old, new] = self.policies;
        if side == 0 { old } else { new }
    }
}

impl<'a> Lanes<'a> {
    pub(super) fn edge(&self, side: usize) -> &Edge {
        let [old, new] = &self.edges;
        if side == 0 { old } else { new }
    }

    /// The lane to a part of the server, or to the server.
    pub(crate) fn lane(&self, side: usize, unit: Option<Unit>) -> &Lane {
        &self.edge(side).to(unit).0
    }

    pub(crate) fn policy(&self, side: usize) -> &'a Policy {
        self.ground.policy(side)
    }

    /// The asset that each policy calls the server.
    pub(crate) fn server_asset(&self, side: usize) -> Option<crate::space::AssetId> {
        self.lane(side, self.server.unit).server.asset
    }

    pub(crate) const fn protocol(&self) -> &'static str {
        self.words.name
    }

    pub(crate) fn grant(&self, at: usize) -> Option<(usize, &'a Grant)> {
        self.grants.get(at).copied()
    }

    /// Whether both policies certainly say the same, because they have the same statements.
    pub(crate) fn are_alike(&self) -> bool {
        let said = |side: usize| {
            let lane = self.lane(side, self.server.unit);
            let policy = self.policy(side);
            let [old, new] = &self.ground.prints;
            let prints = if side == 0 { old } else { new };
            let [tags_old, tags_new] = &self.ground.tags;
            let tags = if side == 0 { tags_old } else { tags_new };
            let of = |id: &model::StatementId| crate::policy::at(prints, id.0).copied();
            let mut grants: Vec<_> = lane.grants.iter().filter_map(of).collect();
            grants.sort_unstable();
            let role = lane.role.map(|(verbs, _)| verbs);
            let shadow = policy.role(lane.client).is_some_and(|role| role.shadow);
            let zoned = (lane.client.zone.is_some(), lane.server.zone.is_some());
            // what is for other protocols alone decides by being in shadow, or not
            let [plain, all] = [false, true].map(|shadow| lane.other(shadow));
            let others = (all.is_some(), plain == all);
            (grants, role, shadow, tags.on(lane.server), zoned, others)
        };
        said(0) == said(1)
    }

    /// Shows every class; says whether all were.
    pub(crate) fn walk(&self, gaps: &mut Gaps, see: &mut See<'_>) -> bool {
        self.walk_from(&|_| true, gaps, see)
    }

    /// The same for some functions only.
    pub(crate) fn walk_from(
        &self,
        wanted: &dyn Fn(&Function) -> bool,
        gaps: &mut Gaps,
        see: &mut See<'_>,
    ) -> bool {
        let functions: Vec<_> = self
            .words
            .functions
            .iter()
            .filter(|it| wanted(it))
            .collect();
        let mut walk = Walk {
            lanes: self,
            left: MAX_CLASSES,
            gaps,
            see,
        };
        walk.functions(&functions)
    }
}

/// How many classes are asked about between two points over one protocol.
const MAX_CLASSES: usize = 50_000;
