//! What loads and is hardly meant: advice for whoever writes a policy.
//!
//! Some of it is said at loading, because it costs nothing there: zones without owner, roles that no asset plays, assets
//! in no zone. The rest is looked for when a policy is checked:
//!
//! - `covered`: statements that allow nothing which another one does not allow already;
//! - here: conduits whose ends can never meet, what is over, what is not used, and dangerous verbs with nobody to act.
//!
//! Conduits are compared by an index of their ends, so that thousands of them are no matter.

mod covered;

use std::collections::HashSet;

use model::{Problem, Timestamp, Verb};

use crate::compare::Gaps;
use crate::compare::hosts::points;
use crate::compare::pairs::Members;
use crate::index::Key;
use crate::policy::{Conduit, Grant, Policy, at};
use crate::problems::Problems;
use crate::verbs::{Class, VerbSet};
use crate::when::Held;

impl Policy {
    /// What of the policy is hardly meant, at a moment; sorted by place.
    pub fn advice(&self, now: Timestamp) -> Vec<Problem> {
        let mut problems = Problems::of(self.files.clone());
        self.advise_ends(&mut problems);
        self.advise_over(now, &mut problems);
        self.advise_unused(&mut problems);
        self.advise_unanswered(&mut problems);
        covered::advise(self, &mut problems);
        problems.into_sorted().1
    }

    /// Conduits that lead from nobody, to nobody, or from one host to itself.
    fn advise_ends(&self, problems: &mut Problems) {
        let points = points([self, self], &mut Gaps::default());
        let members = Members::of(self, &points, 1);
        let mut said = HashSet::new();
        for (id, from, to) in self.index.ways() {
            let Some(grant) = at(&self.conduits, id.0).and_then(|it| at(&self.grants, it.grants.0))
            else {
                continue;
            };
            let asking = members.asking(&from);
            let answering = members.answering(&to);
            let noun = self.noun(grant);
            let what = match (asking.len(), answering.len()) {
                (0, _) => format!("{noun} `{}` leads from nobody", grant.title),
                (_, 0) => format!("{noun} `{}` leads to nobody", grant.title),
                (1, 1) if asking == answering => {
                    format!("{noun} `{}` leads from a host to itself", grant.title)
                }
                _ => continue,
            };
            if said.insert(id) {
                problems.warn(grant.at, what, empty_help(self, &from, &to));
            }
        }
    }

    /// Statements whose time is over.
    fn advise_over(&self, now: Timestamp, problems: &mut Problems) {
        for grant in &self.grants {
            let Some(when) = grant
                .when
                .filter(|it| it.period.holds(now) == Held::Expired)
            else {
                continue;
            };
            let why = when.explain(now, &self.calendar);
            let noun = self.noun(grant);
            let what = format!("{noun} `{}` allows nothing any more: {why}", grant.title);
            problems.warn(grant.at, what, "remove it, or say until when it holds now");
        }
    }

    /// Schedules and tags that no statement names.
    fn advise_unused(&self, problems: &mut Problems) {
        let named = self.grants.iter().filter_map(|grant| grant.when?.schedule);
        let named: HashSet<_> = named.collect();
        for ((id, schedule), spot) in self.calendar.schedules().zip(&self.schedules) {
            if !named.contains(&id) {
                let name = schedule.name();
                let what = format!("no statement holds in schedule `{name}`");
                problems.warn(
                    *spot,
                    what,
                    "write it behind a statement's `when`, or remove it",
                );
            }
        }
        self.advise_tags(problems);
    }

    fn advise_tags(&self, problems: &mut Problems) {
        let named: HashSet<_> = self
            .grants
            .iter()
            .flat_map(|grant| grant.tags.iter())
            .collect();
        let tags = (0..).map(crate::tags::TagId).zip(self.tags.iter());
        let idle = tags.filter(|(id, tag)| !named.contains(id) && !tag.is_limited());
        let mut idle: Vec<_> = idle.map(|(_, tag)| tag).collect();
        idle.sort_by_key(|tag| tag.at);
        for of_file in idle.chunk_by(|one, next| one.at.file == next.at.file) {
            let Some(first) = of_file.first() else {
                continue;
            };
            let what = match of_file.len() {
                1 => format!(
                    "tag `{}` has no limits, and no statement names it",
                    first.name
                ),
                count => format!(
                    "tag `{}` and {} more have no limits, and no statement names them",
                    first.name,
                    count - 1
                ),
            };
            problems.warn(
                first.at,
                what,
                "they only name what is written; state `low` and `high`",
            );
        }
    }

    /// Conduits that allow what changes a controller, with nobody who acts if it is misused.
    fn advise_unanswered(&self, problems: &mut Problems) {
        for conduit in &self.conduits {
            let (first, end) = conduit.grants;
            let grants = (first..end).filter_map(|id| at(&self.grants, id));
            let Some((grant, verbs)) = grants
                .map(|grant| (grant, dangerous(grant)))
                .find(|(_, verbs)| !verbs.is_empty())
            else {
                continue;
            };
            let missing = self.missing(conduit, verbs);
            if missing.is_empty() {
                continue;
            }
            let noun = self.noun(grant);
            let what = format!(
                "{noun} `{}` allows {verbs}, and states no {}",
                grant.title,
                missing.join(" and no ")
            );
            let help = "say who answers for it and what they do, here or under `responses`";
            problems.warn(grant.at, what, help);
        }
    }

    fn missing(&self, conduit: &Conduit, verbs: VerbSet) -> Vec<&'static str> {
        let all = || Verb::ALL.into_iter().filter(|verb| verbs.contains(*verb));
        let duty = &conduit.duty;
        let owner = duty.owner.is_some()
            || all().all(|verb| {
                self.responses
                    .of(verb, |duty| duty.owner.as_ref())
                    .is_some()
            });
        let action = duty.action.is_some()
            || all().all(|verb| {
                self.responses
                    .of(verb, |duty| duty.action.as_ref())
                    .is_some()
            });
        let missing = [("`owner`", owner), ("`action`", action)];
        let missing = missing.into_iter().filter(|(_, stated)| !stated);
        missing.map(|(key, _)| key).collect()
    }

    fn noun(&self, grant: &Grant) -> &'static str {
        match (grant.permit, grant.of) {
            (Some(_), _) => "permit",
            (None, Some(_)) => "conduit",
            (None, None) => "zone",
        }
    }
}

/// The verbs of a statement that change a controller.
fn dangerous(grant: &Grant) -> VerbSet {
    let verbs = Verb::ALL
        .into_iter()
        .filter(|verb| grant.verbs.contains(*verb));
    let verbs = verbs.filter(|verb| Class::of(*verb) == Class::Engineer && *verb != Verb::Upload);
    verbs.fold(VerbSet::NONE, VerbSet::with)
}

fn empty_help(policy: &Policy, from: &[Key], to: &[Key]) -> String {
    let role = |key: &Key| match key {
        Key::Role(role) | Key::RoleInZone(role, _) => policy.role_at(*role),
        Key::Zone(_) | Key::Asset(_) => None,
    };
    let role = from.iter().chain(to).find_map(role);
    role.map_or_else(
        || "name zones with hosts in them, or remove it".to_owned(),
        |role| format!("is there an asset with role `{}` there?", role.name),
    )
}
