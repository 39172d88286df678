//! The walk through everything that can be asked: functions, units and times; the rest of the way goes through
//! `sessions`, `touch` and `rates`.

use std::collections::{BTreeMap, BTreeSet};

use model::{Function, Timestamp, Unit, Verb};

use super::Gaps;
use super::hosts::parts;
use super::sessions::SESSION;
use super::tree::{Lanes, See, Texts};
use super::witness::Witness;
use crate::policy::Grant;
use crate::words::addresses;

/// A statement of one of the policies, by its place in the list of all that count.
pub(super) type Grants = Vec<usize>;

/// A class while it is made.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) witness: Witness,
    pub(super) texts: Texts,
    pub(super) grants: Grants,
    /// Moments that differ in the work orders that are on and cannot allow it, where there are any.
    pub(super) moments: Vec<Moment>,
}

/// A moment, and what tells it from others in words.
pub(super) type Moment = (Timestamp, Vec<String>);

/// What a possible answer is to a statement: whether it accepts it, and whether it comes near, which decides who is named where
/// nobody accepts it.
pub(super) type Answer = (bool, bool);

/// One walk between two points over one protocol.
pub(super) struct Walk<'w, 'a, 's> {
    pub(super) lanes: &'w Lanes<'a>,
    pub(super) left: usize,
    pub(super) gaps: &'w mut Gaps,
    pub(super) see: &'w mut See<'s>,
}

impl<'a> Walk<'_, 'a, '_> {
    pub(super) fn functions(&mut self, all: &[&Function]) -> bool {
        let grants: Grants = (0..self.lanes.grants.len()).collect();
        let mut groups: Vec<(Verb, Vec<Answer>, Vec<&Function>)> = Vec::new();
        for function in all {
            let answers = self.answers(&grants, |_, grant| {
                let listed = grant.functions.as_ref();
                let named = listed.is_none_or(|names| names.contains(&function.name));
                let verb = grant.verbs.contains(function.verb);
                (verb && named, verb)
            });
            let same = |(verb, of, _): &&mut (Verb, Vec<Answer>, _)| {
                *verb == function.verb && *of == answers
            };
            match groups.iter_mut().find(same) {
                Some((.., list)) => list.push(function),
                None => groups.push((function.verb, answers, vec![function])),
            }
        }
        for (verb, answers, list) in groups {
            let of_verb = all.iter().filter(|function| function.verb == verb).count();
            let Some(first) = list.first() else { continue };
            let mut draft = self.draft(**first, kept(&grants, &answers));
            draft.texts.verbs = vec![verb.name()];
            if list.len() < of_verb {
                draft.texts.functions = list.iter().map(|function| function.name).collect();
            }
            let choice: Vec<Function> = list.into_iter().copied().collect();
            if !self.units(&draft, &choice) {
                return false;
            }
        }
        true
    }

    pub(super) fn draft(&self, function: Function, grants: Grants) -> Draft {
        let lanes = self.lanes;
        Draft {
            witness: Witness {
                client: lanes.client.host,
                server: lanes.server.host,
                protocol: lanes.words.name,
                function,
                unit: lanes.server.unit,
                target: None,
                written: None,
                session: Vec::new(),
                at: lanes.ground.moments.first(),
                after: 0,
                pause_secs: 0,
            },
            texts: Texts {
                protocol: lanes.words.name,
                ..Texts::default()
            },
            grants,
            moments: Vec::new(),
        }
    }

    /// Whether nothing more can be told apart: no statement is left, and none in shadow comes near.
    pub(super) fn is_over(&self, draft: &Draft) -> bool {
        draft.grants.is_empty()
    }

    pub(super) fn units(&mut self, draft: &Draft, choice: &[Function]) -> bool {
        let lanes = self.lanes;
        if lanes.server.unit.is_some() {
            return self.times(draft, choice);
        }
        let parts = parts(lanes.ground.policies, lanes.server.base);
        let all = units(lanes.words.name).filter(|unit| !parts.contains(unit));
        let mut groups: Vec<(Vec<Answer>, Vec<Unit>)> = Vec::new();
        for unit in all {
            let answers = self.answers(&draft.grants, |_, grant| {
                let fits = grant.units.as_ref().is_none_or(|units| units.contain(unit));
                (fits, fits)
            });
            match groups.iter_mut().find(|(of, _)| *of == answers) {
                Some((_, list)) => list.push(unit),
                None => groups.push((answers, vec![unit])),
            }
        }
        if groups.is_empty() {
            return self.times(draft, choice);
        }
        let several = groups.len() > 1;
        for (answers, list) in groups {
            let mut next = draft.clone();
            next.grants = kept(&draft.grants, &answers);
            // unit 0 is a broadcast; these are what servers without others mostly have
            let plain = list.iter().find(|unit| USUAL.contains(unit));
            next.witness.unit = plain.or_else(|| list.first()).copied();
            if several {
                next.texts.units = list;
            }
            if !self.times(&next, choice) {
                return false;
            }
        }
        true
    }

    pub(super) fn times(&mut self, draft: &Draft, choice: &[Function]) -> bool {
        let (grants, orders) = (self.of(&draft.grants), self.orders(draft));
        let timed = grants.iter().any(|(_, grant)| grant.when.is_some());
        if !timed && orders.is_empty() {
            return self.sessions(draft, choice, SESSION);
        }
        let count = grants.len();
        let all: Vec<_> = grants.iter().copied().chain(self.of(&orders)).collect();
        let mut groups: BTreeMap<Vec<bool>, BTreeMap<Vec<bool>, Timestamp>> = BTreeMap::new();
        for (at, mut holds) in self.lanes.ground.moments.between(&all) {
            let on = holds.split_off(count);
            let first = groups.entry(holds).or_default().entry(on).or_insert(at);
            *first = at.min(*first);
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by_key(|(_, on)| on.values().min().copied());
        for (holds, on) in groups {
            let mut next = draft.clone();
            // a permit that does not hold is a reason where it would have allowed the operation
            let counts = grants.iter().zip(&holds);
            let counts = counts.map(|((_, grant), holds)| *holds || grant.permit.is_some());
            let answers: Vec<Answer> = counts.map(|counts| (counts, counts)).collect();
            next.grants = kept(&draft.grants, &answers);
            next.texts.times = self.when(&draft.grants, &holds);
            next.moments = self.moments(&orders, on);
            next.witness.at = next.moments.first().map_or(next.witness.at, |(at, _)| *at);
            if !self.sessions(&next, choice, SESSION) {
                return false;
            }
        }
        true
    }

    /// The work orders that cannot allow it, and while they are on can be why it is not allowed.
    fn orders(&self, draft: &Draft) -> Grants {
        let is_order = |(_, grant): (usize, &Grant)| grant.permit.is_some() && grant.when.is_some();
        let all = (0..self.lanes.grants.len()).filter(|at| !draft.grants.contains(at));
        all.filter(|at| self.lanes.grant(*at).is_some_and(is_order))
            .collect()
    }

    /// A moment for each set of such orders that are on at a time, the earliest first, and the set in words.
    fn moments(&self, orders: &Grants, on: BTreeMap<Vec<bool>, Timestamp>) -> Vec<Moment> {
        let words = |(holds, at): (Vec<bool>, _)| (at, self.when(orders, &holds));
        let mut moments: Vec<Moment> = on.into_iter().map(words).collect();
        moments.sort_unstable();
        moments
    }

    /// What holds at a moment, in words.
    pub(super) fn when(&self, grants: &Grants, holds: &[bool]) -> Vec<String> {
        let mut texts = BTreeSet::new();
        for (at, holds) in grants.iter().zip(holds) {
            let Some((side, grant)) = self.lanes.grant(*at) else {
                continue;
            };
            if let Some(when) = &grant.when {
                let words = when.words(&self.lanes.policy(side).calendar);
                texts.insert(if *holds {
                    words
                } else {
                    format!("not {words}")
                });
            }
        }
        texts.into_iter().collect()
    }

    pub(super) fn of(&self, grants: &Grants) -> Vec<(usize, &'a Grant)> {
        grants
            .iter()
            .filter_map(|at| self.lanes.grant(*at))
            .collect()
    }

    pub(super) fn answers(
        &self,
        grants: &Grants,
        of: impl Fn(usize, &Grant) -> Answer,
    ) -> Vec<Answer> {
        let answer = |at: &usize| self.lanes.grant(*at).map(|(side, grant)| of(side, grant));
        grants
            .iter()
            .map(|at| answer(at).unwrap_or_default())
            .collect()
    }
}

pub(super) fn kept(grants: &Grants, answers: &[Answer]) -> Grants {
    let pairs = grants.iter().zip(answers);
    pairs
        .filter(|(_, (fits, _))| *fits)
        .map(|(at, _)| *at)
        .collect()
}

/// Every unit that messages of a protocol can be for.
fn units(protocol: &str) -> impl Iterator<Item = Unit> + use<> {
    let ids = (0..=u8::MAX).map(Unit::Id);
    let slots = (0..8).flat_map(|rack| (0..32).map(move |slot| Unit::Slot { rack, slot }));
    let all = ids.chain(slots);
    let protocol = protocol.to_owned();
    all.filter(move |unit| addresses(&protocol, *unit))
}

/// The units of servers that have only one.
const USUAL: [Unit; 2] = [Unit::Id(1), Unit::Slot { rack: 0, slot: 2 }];
