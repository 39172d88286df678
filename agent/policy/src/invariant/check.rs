//! Whether invariants are true: the search for a path that breaks one.

use std::hash::{DefaultHasher, Hash, Hasher as _};

use model::{Problem, Timestamp, Verdict, Vocabulary};

use super::paths::{Kind, Paths};
use super::{Form, Invariant, Item, Who};
use crate::compare::hosts::{Point, parts, points};
use crate::compare::pairs::Members;
use crate::compare::tree::{Ground, Leaf};
use crate::compare::{Gaps, said};
use crate::policy::{Grant, Policy, at};
use crate::problems::Problems;
use crate::verbs::VerbSet;

/// What became of a policy's invariants.
#[derive(Debug, Default)]
pub struct Kept {
    /// Each that is broken, with a witness.
    pub broken: Vec<Problem>,
    /// What was not looked at, because there is too much of it.
    pub gaps: Vec<String>,
}

impl Policy {
    /// Whether the policy's invariants are true from a moment on. `words` is what the sensor's protocols can name.
    pub fn invariants(&self, words: &[&'static Vocabulary], from: Timestamp) -> Kept {
        if self.invariants.is_empty() {
            return Kept::default();
        }
        let mut gaps = Gaps::default();
        let points = points([self, self], &mut gaps);
        let members = Members::of(self, &points, 1);
        let ground = Ground::of([self, self], from, &mut gaps);
        let kinds = |point: &Point| self.kinds(&ground, point);
        let search = Search {
            policy: self,
            paths: Paths::of(self, &points, &members, kinds),
            ground: &ground,
            words,
        };
        let mut problems = Problems::of(self.files.clone());
        for invariant in &self.invariants {
            if let Some(leaf) = search.path(invariant, &mut gaps) {
                let what = format!("invariant broken: {}", invariant.text);
                problems.error_with(invariant.at, what, search.help(&leaf));
            }
        }
        let (broken, _) = problems.into_sorted();
        Kept {
            broken,
            gaps: gaps.texts(),
        }
    }

    /// What tells a point apart from others, as a client and as a server.
    fn kinds(&self, ground: &Ground<'_>, point: &Point) -> [Kind; 2] {
        let [_, placed] = point.placed;
        let [_, tags] = &ground.tags;
        let meant = |who: fn(&Invariant) -> &Who| -> Vec<bool> {
            let invariants = self.invariants.iter();
            invariants.map(|it| who(it).holds(self, point)).collect()
        };
        let asks = (placed.role, meant(|it| &it.from));
        let answers = (
            (point.unit, parts([self, self], point.base)),
            (tags.on(placed), meant(|it| &it.to)),
        );
        [hash(&asks), hash(&answers)]
    }

    /// How many invariants the policy states.
    pub const fn invariant_count(&self) -> usize {
        self.invariants.len()
    }
}

struct Search<'a> {
    policy: &'a Policy,
    ground: &'a Ground<'a>,
    paths: Paths<'a>,
    words: &'a [&'static Vocabulary],
}

impl Search<'_> {
    /// The first operation that breaks an invariant.
    fn path(&self, invariant: &Invariant, gaps: &mut Gaps) -> Option<Leaf> {
        let opens = |id: u32| at(&self.policy.grants, id).is_some_and(|it| invariant.is_about(it));
        let client = |point: &Point| invariant.asks(self.policy, point);
        let server = |point: &Point| invariant.to.holds(self.policy, point);
        let pairs = self.paths.between(&opens, &client, &server, gaps);
        let mut paths = pairs.into_iter();
        paths.find_map(|[client, server]| self.between(invariant, client, server, gaps))
    }

    fn between(
        &self,
        invariant: &Invariant,
        client: &Point,
        server: &Point,
        gaps: &mut Gaps,
    ) -> Option<Leaf> {
        let mut found = None;
        let all = invariant.protocols.is_empty();
        let words = self.words.iter();
        for words in words.filter(|words| all || invariant.protocols.contains(&words.name)) {
            let Some(lanes) = self.ground.lanes(client, server, words) else {
                continue;
            };
            let grants = &lanes.lane(1, server.unit).grants;
            let mut grants = grants.iter().filter_map(|id| self.policy.grant(*id));
            if !grants.any(|grant| invariant.is_about(grant)) {
                continue;
            }
            let wanted = |function: &model::Function| invariant.verbs.contains(function.verb);
            lanes.walk_from(&wanted, gaps, &mut |leaf| {
                if self.breaks(invariant, &leaf) {
                    found = Some(leaf);
                }
                found.is_none()
            });
            if found.is_some() {
                break;
            }
        }
        found
    }

    fn breaks(&self, invariant: &Invariant, leaf: &Leaf) -> bool {
        let [_, verdict] = leaf.verdicts;
        let Verdict::Conforms { to } = verdict else {
            return false;
        };
        let of_permit = self
            .policy
            .grant(to)
            .is_some_and(|grant| grant.permit.is_some());
        if invariant.except_permits && of_permit {
            return false;
        }
        invariant.form != Form::Encrypted || !leaf.witness.is_encrypted()
    }

    fn help(&self, leaf: &Leaf) -> String {
        let [_, verdict] = leaf.verdicts;
        let said = said(self.policy, verdict);
        let statement = said.statement.unwrap_or_default();
        let place = match (said.file, said.line) {
            (Some(file), Some(line)) => format!(" at {file}:{line}"),
            _ => String::new(),
        };
        format!("`{statement}`{place} allows {}", leaf.witness)
    }
}

impl Invariant {
    /// Whether a statement can open a path that breaks it.
    fn is_about(&self, grant: &Grant) -> bool {
        let verbs = grant.verbs.intersection(self.verbs) != VerbSet::NONE;
        let mut protocols = self.protocols.iter();
        let carries = self.protocols.is_empty() || protocols.any(|it| grant.protocols.contain(it));
        verbs && carries && !grant.shadow && !(self.except_permits && grant.permit.is_some())
    }

    /// Whether a path from a point breaks it.
    fn asks(&self, policy: &Policy, point: &Point) -> bool {
        let named = self.from.holds(policy, point);
        if self.form == Form::Only {
            !named
        } else {
            named
        }
    }
}

impl Who {
    fn holds(&self, policy: &Policy, point: &Point) -> bool {
        let [_, placed] = point.placed;
        let around = policy.around(placed);
        self.0.iter().any(|item| match *item {
            Item::Any => true,
            Item::Nowhere => placed.zone.is_none(),
            Item::Zone(zone) => around.contains(&zone),
            Item::Asset(asset) => placed.asset == Some(asset),
            Item::Role(role) => placed.role == Some(role),
            Item::RoleInZone(role, zone) => placed.role == Some(role) && around.contains(&zone),
            Item::Level(tenths) => policy.level(placed).is_some_and(|it| it.tenths() == tenths),
        })
    }
}

fn hash(what: &impl Hash) -> Kind {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}
