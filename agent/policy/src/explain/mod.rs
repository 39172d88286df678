//! Why something is allowed, or not: the verdict with every statement that was considered, in the words of incidents.
//!
//! The verdict is the judge's ([`Supposed::judge`]), never worked out anew, and so is the smallest change that would allow it. What
//! stands beside it says how both parties are placed (`placing`), and how each statement that joins them meets the operation on its own
//! (`meeting`): the first thing that it misses.

mod meeting;
mod placing;

use model::{Because, Reason, StatementId, Unseen, Verdict};

use crate::edge::Edge;
use crate::finding::Wording;
use crate::policy::{Grant, Policy, Statement};
use crate::suppose::Supposed;
use crate::words::governing;

pub use meeting::Met;
pub use placing::Placing;

/// Why an operation is allowed, or not.
#[derive(Clone, Debug)]
pub struct Explanation<'p> {
    /// What the policy says.
    pub verdict: Verdict,
    /// The statement that decided, where one did.
    pub by: Option<Statement<'p>>,
    /// Reason, place and smallest change, where it is not allowed; as an incident has them.
    pub because: Option<Because>,
    /// Who asks.
    pub client: Placing<'p>,
    /// Who answers.
    pub server: Placing<'p>,
    /// The client's role, then every statement that joins the two, in the order of the policy.
    pub considered: Vec<Considered<'p>>,
    /// How many statements join others.
    pub others: usize,
    /// What would have to be said for a verdict, where there is none.
    pub unsaid: Option<String>,
}

/// One statement that was considered.
#[derive(Clone, Debug)]
pub struct Considered<'p> {
    /// The statement.
    pub statement: Statement<'p>,
    /// `role`, `within`, `conduit` or `permit`.
    pub kind: &'static str,
    /// How it meets the operation.
    pub met: Met,
    /// The same in words.
    pub says: String,
    /// Whether the verdict names it.
    pub decides: bool,
    /// Whether it is only tried.
    pub shadow: bool,
    pub(crate) id: StatementId,
}

impl Supposed {
    /// Why a policy allows it, or does not.
    pub fn explain<'p>(&self, policy: &'p Policy) -> Explanation<'p> {
        let (verdict, edge, mut standing) = self.judged(policy);
        let operation = self.operation();
        let event = self.event(policy, &edge, &operation);
        let finding = policy.finding(&edge, &standing, &event, verdict);
        let place = edge.place(self.unit);
        let lane = &edge.to(self.unit).0;
        standing.state_mut(place).turn(policy, lane, self.at);
        let wording = Wording::of(policy, &edge, &standing, &event);
        let mut considered: Vec<_> = wording.role(policy).into_iter().collect();
        considered.extend(wording.statements(policy, &edge, self));
        let by = named(verdict);
        for one in &mut considered {
            one.decides = by == Some(one.id);
        }
        let joining = considered.iter().filter(|one| one.kind != "role").count();
        let allowed = shadow_of(verdict, &considered);
        Explanation {
            verdict,
            by: by.map(|id| policy.statement(id)),
            because: finding.map(|finding| finding.because).or(allowed),
            client: policy.placing(self.client, policy.place(&self.client), None),
            server: policy.placing(self.server, edge.server(self.unit), edge.part(self.unit)),
            considered,
            others: policy.grants.len().saturating_sub(joining),
            unsaid: unsaid(verdict),
        }
    }
}

/// What only a statement in shadow decides has no finding, but a reason.
fn shadow_of(verdict: Verdict, considered: &[Considered<'_>]) -> Option<Because> {
    let Verdict::Shadow { of } = verdict else {
        return None;
    };
    let one = considered.iter().find(|one| one.id == of)?;
    let name = &one.statement.conduit;
    let would = match one.met {
        Met::Allows | Met::AllowsPart => format!("`{name}` were not in shadow"),
        Met::Unseen(_) | Met::Misses(_) => return None,
    };
    Some(Because {
        reason: format!("only `{name}` allows it, which is in shadow: it is counted, no incident"),
        file: Some(one.statement.file.to_owned()),
        line: Some(one.statement.line),
        would_be_allowed_if: Some(would),
        ..Because::default()
    })
}

/// The statement that a verdict names.
pub(crate) const fn named(verdict: Verdict) -> Option<StatementId> {
    match verdict {
        Verdict::Conforms { to } => Some(to),
        Verdict::Violates { of, .. } => of,
        Verdict::Shadow { of } => Some(of),
        Verdict::Unzoned { .. } | Verdict::Unknown { .. } => None,
    }
}

fn unsaid(verdict: Verdict) -> Option<String> {
    let Verdict::Unknown { why } = verdict else {
        return None;
    };
    Some(missing(why).to_owned())
}

/// What was not said, and how to say it.
const fn missing(why: Unseen) -> &'static str {
    match why {
        Unseen::Encrypted => "the body is encrypted, so that its verb is not seen",
        Unseen::Roles => "who of the two asks is not known",
        Unseen::Target => "what it is for was not said: give the `unit` and the `target`",
        Unseen::Session => {
            "the session was not said: give what the statement asks for, such as `user`, \
             `identity` or `security_mode`"
        }
        Unseen::Value => "the value was not said: give the `value`",
    }
}

impl Wording<'_> {
    /// The limit that the client's role is.
    fn role<'p>(&self, policy: &'p Policy) -> Option<Considered<'p>> {
        let lane = self.lane;
        let (_, id) = lane.role?;
        let verb = self.operation.function.verb;
        let role = policy.role_of(id)?;
        let (met, says) = if lane.role_allows(verb) {
            (
                Met::Allows,
                format!(
                    "role `{}` may `{verb}`, where a statement allows it",
                    role.name
                ),
            )
        } else {
            (
                Met::Misses(Reason::Role),
                self.clause(Reason::Role, Some(id), None),
            )
        };
        Some(Considered {
            statement: policy.statement(id),
            kind: "role",
            met,
            says,
            decides: false,
            shadow: role.shadow,
            id,
        })
    }

    /// Every statement that joins the two.
    fn statements<'p>(
        &self,
        policy: &'p Policy,
        edge: &Edge,
        of: &Supposed,
    ) -> Vec<Considered<'p>> {
        let lane = self.lane;
        let client = policy.place(&of.client);
        let all = policy.joining(client, edge.server(of.unit));
        let all = all.filter_map(|id| Some((id, policy.grant(id)?)));
        all.map(|(id, grant)| {
            let place = lane.grants.iter().position(|it| *it == id);
            let (met, target) = match place {
                Some(place) => {
                    let meeting = self.case().meet(place, grant);
                    (meeting.met, meeting.target)
                }
                None => (Met::Misses(Reason::Protocol), None),
            };
            Considered {
                statement: policy.statement(id),
                kind: kind(grant),
                met,
                says: self.says(met, id, grant, target),
                decides: false,
                shadow: grant.shadow,
                id,
            }
        })
        .collect()
    }

    fn says(&self, met: Met, id: StatementId, grant: &Grant, target: Option<String>) -> String {
        let (subject, verb) = (self.subject(Some(id)), self.operation.function.verb);
        let protocol = governing(self.operation.protocol);
        let said = match met {
            Met::Allows => format!("{subject} allows `{protocol}` `{verb}`"),
            Met::AllowsPart => format!(
                "{subject} allows a part of it, and does not reach `{}`",
                target.unwrap_or_default()
            ),
            Met::Unseen(why) => format!("{subject} may allow it: {}", missing(why)),
            Met::Misses(Reason::Role) => {
                let role = self.policy.permit_of(grant).and_then(|permit| permit.role);
                let role = role.and_then(|role| self.policy.role_at(role));
                let name = role.map_or("", |role| role.name.as_str());
                format!("{subject} is for role `{name}`, which may not `{verb}`")
            }
            Met::Misses(reason) => self.clause(reason, Some(id), target),
        };
        if grant.shadow {
            format!("{said} (in shadow: counted only)")
        } else {
            said
        }
    }
}

fn kind(grant: &Grant) -> &'static str {
    match (grant.of, grant.permit) {
        (None, _) => "within",
        (_, Some(_)) => "permit",
        (Some(_), None) => "conduit",
    }
}
