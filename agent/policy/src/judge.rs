//! Judging one operation against the statements of its edge.
//!
//! Deny by default: an operation conforms only where statements allow its verb, its function, its
//! unit and every target that it touches; each target must be allowed as a whole by one statement,
//! but two targets of one message may be allowed by two. What the client's role may not do is not
//! allowed, whatever the statements say. Nothing is allocated here.

use model::{Operation, Reason, Side, Stage, StatementId, Target, Unseen, Value, Verb, Verdict};

use crate::edge::{Edge, Lane};
use crate::policy::{Grant, Policy};

impl Policy {
    /// Whether an operation between the two parties of an edge is allowed. An answer is judged
    /// as its request is.
    pub fn judge(&self, edge: &Edge, operation: &Operation<'_>) -> Verdict {
        let verdict = self.judge_at(edge.to(operation.unit), operation);
        match operation.unit {
            Some(_) => verdict,
            None => self.agree(edge, operation, verdict),
        }
    }

    fn judge_at(&self, edge: &Edge, operation: &Operation<'_>) -> Verdict {
        match edge.0.free(operation.function.verb) {
            Some(to) => Verdict::Conforms { to },
            None => self.weigh(&edge.0, operation),
        }
    }

    /// The verdict on an operation whose unit was not seen: the server's, where the verdict for
    /// each asset behind it is of the same kind.
    fn agree(&self, edge: &Edge, operation: &Operation<'_>, verdict: Verdict) -> Verdict {
        let of_server = conforms(verdict);
        let mut parts = edge.0.parts.iter();
        let agrees = |part| conforms(self.judge_at(part, operation)) == of_server;
        if of_server.is_none() || parts.all(|(_, part)| agrees(part)) {
            return verdict;
        }
        Verdict::Unknown {
            why: Unseen::Target,
        }
    }

    fn weigh(&self, lane: &Lane, operation: &Operation<'_>) -> Verdict {
        if lane.grants.is_empty() {
            unreached(lane)
        } else if is_hidden(operation) {
            Verdict::Unknown {
                why: Unseen::Encrypted,
            }
        } else if let Some((_, of)) = lane
            .role
            .filter(|_| !lane.role_allows(operation.function.verb))
        {
            Verdict::Violates {
                because: Reason::Role,
                of: Some(of),
            }
        } else {
            self.search(lane, operation)
        }
    }

    /// Searches the statements, the client's role aside.
    pub(crate) fn search(&self, lane: &Lane, operation: &Operation<'_>) -> Verdict {
        let (mut miss, mut limited, mut unseen) = (None, None, false);
        for id in &lane.grants {
            let Some(grant) = self.grant(*id) else {
                continue;
            };
            match grant.fit(operation) {
                Fit::Whole => return Verdict::Conforms { to: *id },
                Fit::Targets => limited = limited.or(Some(*id)),
                Fit::Unseen => unseen = true,
                Fit::Misses(reason) => miss = further(miss, reason, *id),
            }
        }
        let verdict = match limited {
            Some(first) => self.search_targets(lane, operation, first),
            None => violation(miss),
        };
        match verdict {
            Verdict::Violates { .. } if unseen => Verdict::Unknown {
                why: Unseen::Target,
            },
            verdict => verdict,
        }
    }

    /// Searches the statements that fit but for their targets; `first` is the first of them.
    fn search_targets(
        &self,
        lane: &Lane,
        operation: &Operation<'_>,
        first: StatementId,
    ) -> Verdict {
        let (mut to, mut of, mut any) = (None, None, false);
        operation.detail.targets(&mut |target| {
            any = true;
            match self.covering(lane, operation, &target) {
                Some(id) => to = to.or(Some(id)),
                None => of = of.or_else(|| self.nearest(lane, operation, &target)),
            }
        });
        match of {
            Some(of) => Verdict::Violates {
                because: Reason::Target,
                of: Some(of),
            },
            None if any => Verdict::Conforms {
                to: to.unwrap_or(first),
            },
            None => without_targets(operation, first),
        }
    }

    /// The first statement that allows the operation on a target.
    pub(crate) fn covering(
        &self,
        lane: &Lane,
        operation: &Operation<'_>,
        target: &Target<'_>,
    ) -> Option<StatementId> {
        self.find(lane, operation, |grant| grant.covers(target))
    }

    /// The statement that comes closest to allowing the operation on a target.
    fn nearest(
        &self,
        lane: &Lane,
        operation: &Operation<'_>,
        target: &Target<'_>,
    ) -> Option<StatementId> {
        self.find(lane, operation, |grant| grant.is_near(target))
            .or_else(|| self.find(lane, operation, |_| true))
    }

    fn find(
        &self,
        lane: &Lane,
        operation: &Operation<'_>,
        fits: impl Fn(&Grant) -> bool,
    ) -> Option<StatementId> {
        let mut grants = lane.grants.iter().copied();
        grants.find(|id| {
            let grant = self.grant(*id);
            grant.is_some_and(|grant| grant.fit(operation) == Fit::Targets && fits(grant))
        })
    }
}

/// How a statement meets an operation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fit {
    /// It allows it.
    Whole,
    /// It allows it if it covers the targets.
    Targets,
    /// It may allow it: the unit that it is for was not seen.
    Unseen,
    /// It does not allow it.
    Misses(Reason),
}

impl Grant {
    fn fit(&self, operation: &Operation<'_>) -> Fit {
        let function = operation.function;
        if !self.verbs.contains(function.verb) {
            return Fit::Misses(Reason::Verb);
        }
        let mut functions = self.functions.iter().flatten();
        if self.functions.is_some() && !functions.any(|name| *name == function.name) {
            return Fit::Misses(Reason::Function);
        }
        match (&self.units, operation.unit) {
            (Some(_), None) => Fit::Unseen,
            (Some(units), Some(unit)) if !units.contain(unit) => Fit::Misses(Reason::Unit),
            _ if self.targets.is_some() => Fit::Targets,
            _ => Fit::Whole,
        }
    }

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

/// The verdict where no statement joins the two, or none carries the protocol.
fn unreached(lane: &Lane) -> Verdict {
    if lane.other.is_some() {
        return Verdict::Violates {
            because: Reason::Protocol,
            of: lane.other,
        };
    }
    match (lane.client.zone, lane.server.zone) {
        (None, _) => Verdict::Unzoned { side: Side::Client },
        (_, None) => Verdict::Unzoned { side: Side::Server },
        _ => Verdict::Violates {
            because: Reason::NoConduit,
            of: None,
        },
    }
}

/// Whether an operation is allowed; nothing where that is not known.
const fn conforms(verdict: Verdict) -> Option<bool> {
    match verdict {
        Verdict::Conforms { .. } => Some(true),
        Verdict::Violates { .. } | Verdict::Unzoned { .. } => Some(false),
        Verdict::Unknown { .. } => None,
    }
}

/// Whether the body is encrypted, so that not even the verb was seen.
fn is_hidden(operation: &Operation<'_>) -> bool {
    operation.function.verb == Verb::Other
        && operation.detail.field("encrypted") == Some(Value::Bool(true))
}

/// The verdict on a message that shows no target, by statements that list some. Opening a
/// conversation touches nothing; a write that touches nothing hides what it touches.
fn without_targets(operation: &Operation<'_>, first: StatementId) -> Verdict {
    let answers_unseen = operation.stage == Stage::Response && operation.answers.is_none();
    match operation.function.verb {
        _ if answers_unseen => Verdict::Unknown {
            why: Unseen::Target,
        },
        Verb::Write | Verb::Call | Verb::Delete => Verdict::Violates {
            because: Reason::Target,
            of: Some(first),
        },
        _ => Verdict::Conforms { to: first },
    }
}

type Miss = Option<(Reason, StatementId)>;

/// The miss that got further; the earlier statement's of two alike.
fn further(miss: Miss, reason: Reason, id: StatementId) -> Miss {
    match miss {
        Some((before, _)) if before >= reason => miss,
        _ => Some((reason, id)),
    }
}

fn violation(miss: Miss) -> Verdict {
    Verdict::Violates {
        because: miss.map_or(Reason::NoConduit, |(reason, _)| reason),
        of: miss.map(|(_, id)| id),
    }
}
