//! The search for statements that allow an operation, and for the one that comes closest.

use model::{Reason, StatementId, Target, Unseen, Verb, Verdict, Written};

use crate::judge::{Case, is_orphan, unreached};
use crate::limits::Admission;
use crate::policy::Grant;
use crate::session::Meeting;
use crate::space::AssetId;

/// One walk through the statements of a lane.
#[derive(Clone, Copy)]
pub(crate) struct Search<'a> {
    pub(crate) case: Case<'a>,
    /// Whether statements in shadow count.
    pub(crate) shadow: bool,
    /// Whether the client's role may do the verb at all; if not, only permits count.
    pub(crate) able: bool,
}

/// How a statement meets an operation, its targets, values and rate aside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fit {
    /// It allows all of it.
    Whole,
    /// It allows it as far as targets, values and rate go, and if what was not seen fits, too.
    Parts(Option<Unseen>),
    /// It does not allow it.
    Misses(Reason),
}

/// How a statement meets one target of an operation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Part {
    Allows,
    /// It may allow it: what would tell was not seen.
    Unseen(Unseen),
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
    /// The statement at this place allows it.
    Allowed(usize, StatementId),
    Unseen(Unseen),
    Missed(Option<Miss>),
}

/// What became of the targets of a message so far.
#[derive(Default)]
struct Sum {
    /// The first statement that allows one of them.
    to: Option<StatementId>,
    /// The first in shadow that does.
    tried: Option<StatementId>,
    unseen: Option<Unseen>,
    missed: Option<Option<Miss>>,
}

impl<'a> Search<'a> {
    /// What the statements say.
    pub(crate) fn verdict(self) -> Verdict {
        if let Some(to) = self.whole() {
            return Verdict::Conforms { to };
        }
        let mut sum = Sum::default();
        self.pieces(&mut |piece| match piece {
            Piece::Allowed(_, id) => {
                sum.to = sum.to.or(Some(id));
                let is_tried = self.case.policy.grant(id).is_some_and(|grant| grant.shadow);
                sum.tried = sum.tried.or_else(|| is_tried.then_some(id));
            }
            Piece::Unseen(why) => sum.unseen = sum.unseen.or(Some(why)),
            Piece::Missed(miss) => sum.missed = sum.missed.or(Some(miss)),
        });
        match (sum.missed, sum.unseen, sum.tried.or(sum.to)) {
            (Some(miss), ..) => self.violation(miss),
            (None, Some(why), _) => Verdict::Unknown { why },
            (None, None, Some(to)) => Verdict::Conforms { to },
            (None, None, None) => self.violation(None),
        }
    }

    /// Shows the place of every statement that allows a part of an operation that conforms.
    pub(crate) fn used(self, see: &mut dyn FnMut(usize)) {
        if self.whole().is_none() {
            self.pieces(&mut |piece| {
                if let Piece::Allowed(place, _) = piece {
                    see(place);
                }
            });
        }
    }

    /// The first statement that allows all of it.
    fn whole(self) -> Option<StatementId> {
        let mut grants = self.grants();
        let whole = |(place, _, grant): &(usize, StatementId, &Grant)| {
            self.fit(grant, self.holds(*place)) == Fit::Whole
        };
        grants.find(whole).map(|(_, id, _)| id)
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

    /// How a statement that `holds` meets the operation, its targets, values and rate aside. What is not seen decides nothing
    /// where something else is missed for certain.
    fn fit(self, grant: &Grant, holds: bool) -> Fit {
        let operation = self.case.operation;
        let function = operation.function;
        if !grant.verbs.contains(function.verb) {
            return Fit::Misses(Reason::Verb);
        }
        let mut functions = grant.functions.iter().flatten();
        if grant.functions.is_some() && !functions.any(|name| *name == function.name) {
            return Fit::Misses(Reason::Function);
        }
        let mut unseen = None;
        match (&grant.units, operation.unit) {
            (Some(_), None) => unseen = Some(Unseen::Target),
            (Some(units), Some(unit)) if !units.contain(unit) => return Fit::Misses(Reason::Unit),
            _ => {}
        }
        if !holds {
            return Fit::Misses(Reason::Time);
        }
        let session = grant.session.as_ref();
        match session.map(|session| session.meet(operation)) {
            Some(Meeting::Misses(reason)) => return Fit::Misses(reason),
            Some(Meeting::Unseen) => unseen = unseen.or(Some(Unseen::Session)),
            Some(Meeting::Fits) | None => {}
        }
        let limited = grant.targets.is_some() || grant.rate.is_some() || self.limits_values(grant);
        if limited || unseen.is_some() {
            Fit::Parts(unseen)
        } else {
            Fit::Whole
        }
    }

    fn limits_values(self, grant: &Grant) -> bool {
        self.writes() && self.case.limits_values(grant)
    }

    fn writes(self) -> bool {
        self.case.operation.function.verb == Verb::Write
    }

    /// Shows what becomes of each target.
    fn pieces(self, see: &mut dyn FnMut(Piece)) {
        self.targets(&mut |target, written| see(self.piece(target, written)));
    }

    /// Shows how one statement meets each target on its own.
    pub(crate) fn alone(
        self,
        place: usize,
        grant: &Grant,
        see: &mut dyn FnMut(Option<&Target<'_>>, Part),
    ) {
        let holds = self.holds(place);
        self.targets(&mut |target, written| {
            see(target, self.part(place, grant, holds, (target, written)));
        });
    }

    /// Shows everything that is written, then what is touched besides; nothing, once, where a message shows no target.
    fn targets(self, see: &mut dyn FnMut(Option<&Target<'_>>, Option<&Written<'_>>)) {
        let detail = self.case.operation.detail;
        let (mut any, mut shown) = (false, false);
        detail.written(&mut |target, written| {
            (any, shown) = (true, true);
            see(Some(&target), Some(&written));
        });
        let unseen = (self.writes() && !shown).then_some(&Written::Unseen);
        detail.targets(&mut |target| {
            any = true;
            if !shown || !self.is_written(&target) {
                see(Some(&target), unseen);
            }
        });
        if !any {
            see(None, None);
        }
    }

    /// Whether something is put into a target, so that it was shown already. Where all is written that is touched, nobody has to look.
    fn is_written(self, sought: &Target<'_>) -> bool {
        let mut found = false;
        self.case
            .operation
            .detail
            .written(&mut |target, _| found |= target == *sought);
        found
    }

    /// Whether some statement allows one target, with what is written to it.
    fn piece(self, target: Option<&Target<'_>>, written: Option<&Written<'_>>) -> Piece {
        let (mut miss, mut unseen) = (None, None);
        for (place, id, grant) in self.grants() {
            match self.meets(place, grant, target, written) {
                Some(Part::Allows) => return Piece::Allowed(place, id),
                Some(Part::Unseen(why)) => unseen = unseen.or(Some(why)),
                Some(Part::Misses(reason)) => {
                    let near = reason >= Reason::Target
                        && target.is_some_and(|it| grant.is_near(it, self.case.lane.server.asset));
                    miss = further(
                        miss,
                        Miss {
                            reason,
                            near,
                            of: id,
                        },
                    );
                }
                None => {}
            }
        }
        unseen.map_or(Piece::Missed(miss), Piece::Unseen)
    }

    /// How a statement meets one target, with what is written to it. A work order that is not on says nothing, unless it would have
    /// allowed it.
    fn meets(
        self,
        place: usize,
        grant: &Grant,
        target: Option<&Target<'_>>,
        written: Option<&Written<'_>>,
    ) -> Option<Part> {
        let is_off = grant.permit.is_some() && !self.holds(place);
        let holds = is_off || self.holds(place);
        let part = self.part(place, grant, holds, (target, written));
        match part {
            part if !is_off => Some(part),
            Part::Misses(_) => None,
            Part::Allows | Part::Unseen(_) => Some(Part::Misses(Reason::Time)),
        }
    }

    /// How a statement that `holds` meets one target, with what is written to it.
    fn part(
        self,
        place: usize,
        grant: &Grant,
        holds: bool,
        (target, written): (Option<&Target<'_>>, Option<&Written<'_>>),
    ) -> Part {
        match self.fit(grant, holds) {
            Fit::Whole => Part::Allows,
            Fit::Misses(reason) => Part::Misses(reason),
            Fit::Parts(unseen) => match (self.rest(place, grant, target, written), unseen) {
                (Part::Allows | Part::Unseen(_), Some(why)) => Part::Unseen(why),
                (part, _) => part,
            },
        }
    }

    /// The same of targets, values and rates.
    fn rest(
        self,
        place: usize,
        grant: &Grant,
        target: Option<&Target<'_>>,
        written: Option<&Written<'_>>,
    ) -> Part {
        let asset = self.case.lane.server.asset;
        let reached = match target {
            Some(target) if !grant.covers(target, asset) => return Part::Misses(Reason::Target),
            Some(_) => Part::Allows,
            None => self.bare(grant),
        };
        let admitted = match target.zip(written).filter(|_| self.writes()) {
            Some((target, written)) => self.case.admits(grant, target, written),
            None if target.is_none() && self.limits_values(grant) => Admission::Unseen,
            None => Admission::Yes,
        };
        let has_room = self.case.state.has_room(place, grant, self.case.now);
        match (reached, admitted) {
            (Part::Misses(reason), _) => Part::Misses(reason),
            (_, Admission::No) => Part::Misses(Reason::Value),
            _ if !has_room => Part::Misses(Reason::Rate),
            (Part::Unseen(why), _) => Part::Unseen(why),
            (Part::Allows, Admission::Unseen) => Part::Unseen(Unseen::Value),
            (Part::Allows, Admission::Yes) => Part::Allows,
        }
    }

    /// How a statement meets a message that shows no target. Opening a conversation touches nothing; a write that touches nothing hides
    /// what it touches.
    fn bare(self, grant: &Grant) -> Part {
        let operation = self.case.operation;
        match operation.function.verb {
            _ if grant.targets.is_none() => Part::Allows,
            _ if is_orphan(operation) => Part::Unseen(Unseen::Target),
            Verb::Write | Verb::Call | Verb::Delete => Part::Misses(Reason::Target),
            _ => Part::Allows,
        }
    }

    /// Whether some statement allows a target, values aside.
    pub(crate) fn reaches(self, target: &Target<'_>) -> bool {
        matches!(self.piece(Some(target), None), Piece::Allowed(..))
    }

    fn violation(self, miss: Option<Miss>) -> Verdict {
        match miss {
            Some(Miss { reason, of, .. }) => Verdict::Violates {
                because: reason,
                of: Some(of),
            },
            None => unreached(self.case.lane, self.shadow),
        }
    }
}

impl Grant {
    fn covers(&self, target: &Target<'_>, asset: Option<AssetId>) -> bool {
        self.targets
            .as_ref()
            .is_none_or(|targets| targets.cover_on(target, asset))
    }

    fn is_near(&self, target: &Target<'_>, asset: Option<AssetId>) -> bool {
        self.targets
            .as_ref()
            .is_some_and(|targets| targets.are_near_on(target, asset))
    }
}

/// The miss that got further; the earlier statement's of two alike.
fn further(before: Option<Miss>, miss: Miss) -> Option<Miss> {
    let reach = |miss: &Miss| (miss.reason, miss.near);
    match before {
        Some(one) if reach(&one) >= reach(&miss) => before,
        _ => Some(miss),
    }
}
