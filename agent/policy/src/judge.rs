//! Judging one operation against the statements of its edge.
//!
//! Deny by default: an operation conforms only where statements allow its verb, its function, its unit, its time, its
//! session, every target that it touches and every value that it writes; each target must be allowed as a whole by one
//! statement, but two targets of one message may be allowed by two. What the client's role may not do is not
//! allowed, whatever the statements say, except by a permit. What only a statement in shadow decides is counted and no
//! violation. Nothing is allocated here.

use model::{Operation, Reason, Side, Stage, StatementId, Timestamp, Unseen, Value, Verb, Verdict};

use crate::edge::{Edge, Lane};
use crate::policy::Policy;
use crate::search::Search;
use crate::standing::{Standing, State};

impl Policy {
    /// Whether an operation between the two parties of an edge is allowed at a moment. An answer is judged
    /// as its request is. `standing` is the edge's own.
    pub fn judge(
        &self,
        edge: &Edge,
        standing: &mut Standing,
        operation: &Operation<'_>,
        now: Timestamp,
    ) -> Verdict {
        let (lane, place) = (&*edge.to(operation.unit).0, edge.place(operation.unit));
        if let Some(to) = lane.free(operation.function.verb)
            && (operation.unit.is_some() || edge.0.parts.is_empty())
        {
            return Verdict::Conforms { to };
        }
        let verdict = self.judge_at(lane, (standing, place), operation, now);
        let verdict = match operation.unit {
            Some(_) => verdict,
            None => self.agree(edge, standing, operation, (verdict, now)),
        };
        let conforms = matches!(verdict, Verdict::Conforms { .. });
        if lane.is_rated && conforms && operation.stage != Stage::Response {
            self.use_up(lane, standing.state_mut(place), operation, now);
        }
        verdict
    }

    fn judge_at(
        &self,
        lane: &Lane,
        (standing, place): (&mut Standing, usize),
        operation: &Operation<'_>,
        now: Timestamp,
    ) -> Verdict {
        if let Some(to) = lane.free(operation.function.verb) {
            return Verdict::Conforms { to };
        }
        if lane.is_timed || lane.is_rated {
            standing.state_mut(place).turn(self, lane, now);
        }
        let case = Case {
            policy: self,
            lane,
            state: standing.state(place),
            operation,
            now,
        };
        let verdict = case.weigh(false);
        case.shade(verdict)
    }

    /// The verdict on an operation whose unit was not seen: the server's, where the verdict for
    /// each asset behind it is of the same kind.
    fn agree(
        &self,
        edge: &Edge,
        standing: &mut Standing,
        operation: &Operation<'_>,
        (verdict, now): (Verdict, Timestamp),
    ) -> Verdict {
        if matches!(verdict, Verdict::Unknown { .. }) {
            return verdict;
        }
        for (place, (_, part)) in edge.0.parts.iter().enumerate() {
            let of_part = self.judge_at(&part.0, (standing, place + 1), operation, now);
            if kind(of_part) != kind(verdict) {
                return Verdict::Unknown {
                    why: Unseen::Target,
                };
            }
        }
        verdict
    }

    /// Counts a request once against the rate of each statement that allowed a part of it.
    fn use_up(&self, lane: &Lane, state: &mut State, operation: &Operation<'_>, now: Timestamp) {
        let mut due = state.take_due();
        let case = Case {
            policy: self,
            lane,
            state,
            operation,
            now,
        };
        let able = lane.role_allows(operation.function.verb);
        case.search(false, able).used(&mut |place| {
            if let Some(due) = due.get_mut(place) {
                *due = true;
            }
        });
        let grants = lane.grants.iter().enumerate();
        for (place, id) in grants.filter(|(place, _)| due.get(*place) == Some(&true)) {
            if let Some(grant) = self.grant(*id) {
                state.count(place, grant, now);
            }
        }
        state.give_back(due);
    }
}

/// One operation on a lane at a moment.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) lane: &'a Lane,
    pub(crate) state: &'a State,
    pub(crate) operation: &'a Operation<'a>,
    pub(crate) now: Timestamp,
}

impl<'a> Case<'a> {
    /// The verdict, with or without the statements in shadow.
    fn weigh(self, shadow: bool) -> Verdict {
        let Self {
            lane, operation, ..
        } = self;
        let verb = operation.function.verb;
        if lane.is_silent(shadow) {
            return unreached(lane, shadow);
        }
        if is_hidden(operation) {
            return Verdict::Unknown {
                why: Unseen::Encrypted,
            };
        }
        let role = lane.role.filter(|_| !lane.role_allows(verb));
        let Some((_, of)) = role else {
            return self.search(shadow, true).verdict();
        };
        match self.search(shadow, false).verdict() {
            verdict @ (Verdict::Conforms { .. } | Verdict::Unknown { .. }) => verdict,
            _ if self.policy.role_of(of).is_some_and(|role| role.shadow) => {
                self.but_for_a_role(shadow, of)
            }
            _ => Verdict::Violates {
                because: Reason::Role,
                of: Some(of),
            },
        }
    }

    /// The verdict on what a role in shadow forbids: its own where the statements would allow it, else theirs.
    fn but_for_a_role(self, shadow: bool, of: StatementId) -> Verdict {
        match self.search(shadow, true).verdict() {
            Verdict::Conforms { .. } => Verdict::Shadow { of },
            verdict => verdict,
        }
    }

    /// A search through the statements; without `able` through those that the client's role does not limit.
    pub(crate) const fn search(self, shadow: bool, able: bool) -> Search<'a> {
        Search {
            case: self,
            shadow,
            able,
        }
    }

    /// The verdict once the statements in shadow had their say.
    fn shade(self, verdict: Verdict) -> Verdict {
        let violates = matches!(verdict, Verdict::Violates { .. } | Verdict::Unzoned { .. });
        if !self.lane.has_shadow || !violates {
            return verdict;
        }
        let policy = self.policy;
        let is_shadow = |of: StatementId| policy.grant(of).is_some_and(|grant| grant.shadow);
        match self.weigh(true) {
            Verdict::Conforms { to } => Verdict::Shadow { of: to },
            tried @ (Verdict::Shadow { .. } | Verdict::Unknown { .. }) => tried,
            Verdict::Violates { of: Some(of), .. } if is_shadow(of) => Verdict::Shadow { of },
            _ => verdict,
        }
    }
}

/// The verdict where no statement joins the two, or none carries the protocol.
pub(crate) fn unreached(lane: &Lane, shadow: bool) -> Verdict {
    match lane.other(shadow) {
        Some(of) => Verdict::Violates {
            because: Reason::Protocol,
            of: Some(of),
        },
        None => unjoined(lane),
    }
}

/// The verdict where no statement joins the two.
fn unjoined(lane: &Lane) -> Verdict {
    match (lane.client.zone, lane.server.zone) {
        (None, _) => Verdict::Unzoned { side: Side::Client },
        (_, None) => Verdict::Unzoned { side: Side::Server },
        _ => Verdict::Violates {
            because: Reason::NoConduit,
            of: None,
        },
    }
}

/// What a verdict is to an operation whose unit was not seen: allowed, not allowed, counted only, or not known.
const fn kind(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Conforms { .. } => 0,
        Verdict::Violates { .. } | Verdict::Unzoned { .. } => 1,
        Verdict::Shadow { .. } => 2,
        Verdict::Unknown { .. } => 3,
    }
}

/// Whether the body is encrypted, so that not even the verb was seen.
fn is_hidden(operation: &Operation<'_>) -> bool {
    operation.function.verb == Verb::Other
        && operation.detail.field("encrypted") == Some(Value::Bool(true))
}

/// Whether it answers a request that was not seen.
pub(crate) fn is_orphan(operation: &Operation<'_>) -> bool {
    operation.stage == Stage::Response && operation.answers.is_none()
}
