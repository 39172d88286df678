//! The search for statements that allow an operation, and for the one that comes closest.

use model::{Reason, Stage, StatementId, Target, Unseen, Verb, Verdict, Written};

use crate::judge::{Case, is_orphan, unreached, without_targets};
use crate::limits::Admission;
use crate::policy::Grant;
use crate::session::Meeting;

/// One walk through the statements of a lane.
#[derive(Clone, Copy)]
pub(crate) struct Search<'a> {
    pub(crate) case: Case<'a>,
    /// Whether statements in shadow count.
    pub(crate) shadow: bool,
    /// Whether the client's role may do the verb at all; if not, only permits count.
    pub(crate) able: bool,
}

/// How a statement meets an operation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fit {
    /// It allows it.
    Whole,
    /// It allows it as far as targets, values and rate go.
    Parts,
    /// It may allow it: what would tell was not seen.
    Unseen(Unseen),
    /// It does not allow it.
    Misses(Reason),
}

/// How near a statement came: what it misses, and whether it is about the like of the target.
#[derive(Clone, Copy)]
struct Miss {
    reason: Reason,
    near: bool,
    of: StatementId,
}

/// What became of one target of a message.
#[derive(Clone, Copy)]
enum Piece {
    Allowed(StatementId),
    Unseen(Unseen),
    Missed(Option<Miss>),
}

impl<'a> Search<'a> {
    /// What the statements say.
    pub(crate) fn verdict(self) -> Verdict {
        let (mut miss, mut first, mut unseen) = (None, None, None);
        for (place, id, grant) in self.grants() {
            match self.fit(place, grant) {
                Fit::Whole => return Verdict::Conforms { to: id },
                Fit::Parts => first = first.or(Some(id)),
                Fit::Unseen(why) => unseen = unseen.or(Some(why)),
                // a work order that is not on is no reason, unless it would have allowed it
                Fit::Misses(reason) if grant.permit.is_some() && !self.holds(place) => {
                    miss = further(miss, (reason == Reason::Time).then_some(at(reason, id)));
                }
                Fit::Misses(reason) => miss = further(miss, Some(at(reason, id))),
            }
        }
        let verdict = match first {
            Some(first) => self.parts(first),
            None => self.violation(miss),
        };
        match (verdict, unseen) {
            (Verdict::Violates { .. } | Verdict::Unzoned { .. }, Some(why)) => {
                Verdict::Unknown { why }
            }
            (verdict, _) => verdict,
        }
    }

    /// Every statement that counts, with its place in the lane.
    fn grants(self) -> impl Iterator<Item = (usize, StatementId, &'a Grant)> {
        let grants = self.case.lane.grants.iter().enumerate();
        grants.filter_map(move |(place, id)| {
            let grant = self.case.policy.grant(*id)?;
            self.counts(grant).then_some((place, *id, grant))
        })
    }

    pub(crate) fn counts(self, grant: &Grant) -> bool {
        let policy = self.case.policy;
        let permit = policy.permit_of(grant);
        let role = permit.and_then(|permit| policy.role_at(permit.role?));
        let operation = self.case.operation;
        let permitted = || {
            role.is_none_or(|role| {
                role.verbs(crate::words::governing(operation.protocol))
                    .contains(operation.function.verb)
            })
        };
        (self.shadow || !grant.shadow) && (self.able || permit.is_some()) && permitted()
    }

    fn holds(self, place: usize) -> bool {
        self.case.state.holds(place)
    }

    /// How a statement meets the operation, its targets, values and rate aside.
    pub(crate) fn fit(self, place: usize, grant: &Grant) -> Fit {
        let operation = self.case.operation;
        let function = operation.function;
        if !grant.verbs.contains(function.verb) {
            return Fit::Misses(Reason::Verb);
        }
        let mut functions = grant.functions.iter().flatten();
        if grant.functions.is_some() && !functions.any(|name| *name == function.name) {
            return Fit::Misses(Reason::Function);
        }
        match (&grant.units, operation.unit) {
            (Some(_), None) => return Fit::Unseen(Unseen::Target),
            (Some(units), Some(unit)) if !units.contain(unit) => return Fit::Misses(Reason::Unit),
            _ => {}
        }
        if !self.holds(place) {
            return Fit::Misses(Reason::Time);
        }
        match grant
            .session
            .as_ref()
            .map(|session| session.meet(operation))
        {
            Some(Meeting::Misses(reason)) => return Fit::Misses(reason),
            Some(Meeting::Unseen) => return Fit::Unseen(Unseen::Session),
            Some(Meeting::Fits) | None => {}
        }
        self.rest(grant)
    }

    /// What is left to be asked of a statement that fits otherwise.
    fn rest(self, grant: &Grant) -> Fit {
        let limits_values =
            self.case.operation.function.verb == Verb::Write && self.case.limits_values(grant);
        if limits_values && is_orphan(self.case.operation) {
            Fit::Unseen(Unseen::Value)
        } else if limits_values || grant.targets.is_some() || grant.rate.is_some() {
            Fit::Parts
        } else {
            Fit::Whole
        }
    }

    /// What the statements say that fit but for targets, values and rate; `first` is the first of them.
    fn parts(self, first: StatementId) -> Verdict {
        let (mut to, mut failed, mut any, mut shown) = (None, None, false, false);
        let mut see = |target: &Target<'_>, written: Option<&Written<'_>>| {
            any = true;
            shown |= written.is_some();
            match self.piece(Some(target), written) {
                Piece::Allowed(id) => to = to.or(Some(id)),
                missed => failed = failed.or(Some(missed)),
            }
        };
        let detail = self.case.operation.detail;
        detail.targets(&mut |target| see(&target, None));
        detail.written(&mut |target, written| see(&target, Some(&written)));
        match failed {
            None if !shown && self.hides_values(to) => Verdict::Unknown { why: Unseen::Value },
            None if any => Verdict::Conforms {
                to: to.unwrap_or(first),
            },
            None => self.bare(first),
            Some(missed) => self.told(missed),
        }
    }

    /// Whether a write shows none of the values that the statement limits that would allow it.
    fn hides_values(self, to: Option<StatementId>) -> bool {
        let writes = self.case.operation.function.verb == Verb::Write;
        let asked = self.case.operation.stage != Stage::Response;
        let grant = to.and_then(|id| self.case.policy.grant(id));
        writes && asked && grant.is_some_and(|grant| grant.values.is_some())
    }

    /// What the statements say of a message that shows no target.
    fn bare(self, first: StatementId) -> Verdict {
        match self.piece(None, None) {
            Piece::Allowed(id) if self.is_free_of_targets(id) => Verdict::Conforms { to: id },
            Piece::Allowed(_) => without_targets(self.case.operation, first),
            missed => self.told(missed),
        }
    }

    fn is_free_of_targets(self, id: StatementId) -> bool {
        let grant = self.case.policy.grant(id);
        grant.is_some_and(|grant| grant.targets.is_none())
    }

    fn told(self, piece: Piece) -> Verdict {
        match piece {
            Piece::Allowed(to) => Verdict::Conforms { to },
            Piece::Unseen(why) => Verdict::Unknown { why },
            Piece::Missed(miss) => self.violation(miss),
        }
    }

    /// Whether some statement allows one target, with what is written to it.
    fn piece(self, target: Option<&Target<'_>>, written: Option<&Written<'_>>) -> Piece {
        let (mut miss, mut unseen) = (None, None);
        for (place, id, grant) in self.grants() {
            if self.fit(place, grant) != Fit::Parts {
                continue;
            }
            let near = |reason, near| {
                Some(Miss {
                    reason,
                    near,
                    of: id,
                })
            };
            let missed = match self.part(place, grant, target, written) {
                Fit::Whole | Fit::Parts => return Piece::Allowed(id),
                Fit::Unseen(why) => {
                    unseen = unseen.or(Some(why));
                    continue;
                }
                Fit::Misses(reason) => near(reason, target.is_some_and(|it| grant.is_near(it))),
            };
            miss = further(miss, missed);
        }
        unseen.map_or(Piece::Missed(miss), Piece::Unseen)
    }

    /// How a statement meets one target, with what is written to it.
    pub(crate) fn part(
        self,
        place: usize,
        grant: &Grant,
        target: Option<&Target<'_>>,
        written: Option<&Written<'_>>,
    ) -> Fit {
        if target.is_some_and(|target| !grant.covers(target)) {
            return Fit::Misses(Reason::Target);
        }
        if let Some((target, written)) = target.zip(written) {
            match self.case.admits(grant, target, written) {
                Admission::Yes => {}
                Admission::No => return Fit::Misses(Reason::Value),
                Admission::Unseen => return Fit::Unseen(Unseen::Value),
            }
        }
        let (state, now) = (self.case.state, self.case.now);
        if state.has_room(place, grant, now) {
            Fit::Whole
        } else {
            Fit::Misses(Reason::Rate)
        }
    }

    /// Whether some statement allows a target, values aside.
    pub(crate) fn reaches(self, target: &Target<'_>) -> bool {
        matches!(self.piece(Some(target), None), Piece::Allowed(_))
    }

    fn violation(self, miss: Option<Miss>) -> Verdict {
        match miss {
            Some(Miss { reason, of, .. }) => Verdict::Violates {
                because: reason,
                of: Some(of),
            },
            None => unreached(self.case.lane),
        }
    }
}

impl Grant {
    fn covers(&self, target: &Target<'_>) -> bool {
        self.targets
            .as_ref()
            .is_none_or(|targets| targets.cover(target))
    }

    fn is_near(&self, target: &Target<'_>) -> bool {
        self.targets
            .as_ref()
            .is_some_and(|targets| targets.are_near(target))
    }
}

const fn at(reason: Reason, of: StatementId) -> Miss {
    Miss {
        reason,
        near: false,
        of,
    }
}

/// The miss that got further; the earlier statement's of two alike.
fn further(before: Option<Miss>, miss: Option<Miss>) -> Option<Miss> {
    let reach = |miss: &Miss| (miss.reason, miss.near);
    match (before, miss) {
        (Some(one), Some(other)) if reach(&one) >= reach(&other) => before,
        (_, Some(_)) => miss,
        (_, None) => before,
    }
}
