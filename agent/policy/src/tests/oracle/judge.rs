//! The naive evaluator: docs/POLICIES.md, "How an operation is judged", step by step, for every statement every time.

use model::{Reason, Unseen, Verb};

use super::asked::Asked;
use super::meets::{Meets, Piece};
use super::past::Past;
use super::site::{Role, Site};
use super::zones::{Joined, Party};

/// A verdict in words, with the line of the statement that decided.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Answer {
    pub(super) verdict: &'static str,
    pub(super) reason: Option<&'static str>,
    pub(super) line: Option<u32>,
}

/// What came of weighing, and the statements that allowed something.
struct Weighed {
    answer: Answer,
    by: Vec<(u32, bool)>,
}

/// One message between two parties.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) site: &'a Site,
    pub(super) asked: &'a Asked,
    pub(super) client: Party,
    pub(super) server: Party,
    pub(super) past: &'a Past,
}

impl Answer {
    const fn of(verdict: &'static str, line: Option<u32>) -> Self {
        Self {
            verdict,
            reason: None,
            line,
        }
    }

    fn violates(reason: Reason, line: Option<u32>) -> Self {
        Self {
            verdict: "violates",
            reason: Some(reason.name()),
            line,
        }
    }

    fn unknown(why: Unseen) -> Self {
        let why = match why {
            Unseen::Encrypted => "encrypted",
            Unseen::Roles => "roles",
            Unseen::Target => "target",
            Unseen::Session => "session",
            Unseen::Value => "value",
        };
        Self {
            verdict: "unknown",
            reason: Some(why),
            line: None,
        }
    }

    fn is_violation(self) -> bool {
        matches!(self.verdict, "violates" | "unzoned")
    }
}

impl Site {
    /// The verdict on a message, which uses up the rates of what allowed it.
    pub(super) fn judge(&self, asked: &Asked, past: &mut Past) -> Answer {
        let [client, server] = self.parties(asked);
        let case = Case {
            site: self,
            asked,
            client,
            server,
            past,
        };
        let weighed = case.verdict();
        let parts = match asked.unit {
            Some(_) => Vec::new(),
            None => self.parts(server, asked.governing()),
        };
        let of_parts = parts.iter().map(|(_, part)| {
            Case {
                server: *part,
                ..case
            }
            .verdict()
            .answer
        });
        let kind = |answer: Answer| {
            if answer.is_violation() {
                "violates"
            } else {
                answer.verdict
            }
        };
        let same = weighed.answer.verdict == "unknown"
            || of_parts
                .into_iter()
                .all(|answer| kind(answer) == kind(weighed.answer));
        if !same {
            return Answer::unknown(Unseen::Target);
        }
        if weighed.answer.verdict == "conforms" && asked.stage != model::Stage::Response {
            past.use_up(&case_lines(&weighed), self, asked, server);
        }
        weighed.answer
    }
}

fn case_lines(weighed: &Weighed) -> Vec<u32> {
    weighed.by.iter().map(|(line, _)| *line).collect()
}

impl Case<'_> {
    /// Steps 3 to 9.
    fn verdict(self) -> Weighed {
        let plain = self.weigh(false);
        if !plain.answer.is_violation() {
            return plain;
        }
        let tried = self.weigh(true);
        let joined = self.site.joining(self.client, self.server);
        let is_shadow = |line: u32| {
            joined
                .iter()
                .any(|it| it.shadow && it.statement.line == line)
        };
        let shadow = |line| Weighed {
            answer: Answer::of("shadow", line),
            by: Vec::new(),
        };
        match (tried.answer.verdict, tried.answer.line) {
            ("conforms", line) => {
                let first = tried.by.iter().find(|(_, shadow)| *shadow);
                shadow(first.map(|(line, _)| *line).or(line))
            }
            ("violates", Some(line)) if is_shadow(line) => shadow(Some(line)),
            ("shadow" | "unknown", _) => tried,
            _ => plain,
        }
    }

    /// Steps 3 to 8, with or without what is in shadow.
    fn weigh(self, shadow: bool) -> Weighed {
        let Self {
            site,
            asked,
            client,
            server,
            ..
        } = self;
        let say = |answer| Weighed {
            answer,
            by: Vec::new(),
        };
        let all = site.joining(client, server);
        let all: Vec<_> = all.into_iter().filter(|it| shadow || !it.shadow).collect();
        let protocol = asked.governing();
        let carries = |it: &&Joined<'_>| {
            let protocols = &it.statement.protocols;
            protocols.is_empty() || protocols.contains(&protocol)
        };
        let (carrying, others): (Vec<_>, Vec<_>) = all.iter().partition(carries);
        if carrying.is_empty() {
            return say(self.unreached(&others));
        }
        let verb = asked.function.verb;
        let role = client.role.map(|id| &site.roles[id]);
        let able = role.is_none_or(|role| may(role, protocol, verb));
        let free = |it: &&&Joined<'_>| self.limits_nothing(it);
        if let Some(free) = carrying.iter().find(free).filter(|_| able) {
            let line = free.statement.line;
            return Weighed {
                answer: Answer::of("conforms", Some(line)),
                by: vec![(line, free.shadow)],
            };
        }
        if asked.encrypted && verb == Verb::Other {
            return say(Answer::unknown(Unseen::Encrypted));
        }
        let permits: Vec<_> = carrying
            .iter()
            .copied()
            .filter(|it| it.permit.is_some())
            .collect();
        let Some(role) = role.filter(|_| !able) else {
            return self.search(&carrying, &others);
        };
        let permitted = self.search(&permits, &others);
        if !permitted.answer.is_violation() {
            return permitted;
        }
        if !role.shadow {
            return say(Answer::violates(Reason::Role, Some(role.line)));
        }
        let otherwise = self.search(&carrying, &others);
        if otherwise.answer.verdict == "conforms" {
            return say(Answer::of("shadow", Some(role.line)));
        }
        otherwise
    }

    /// Step 8.
    fn search(self, all: &[&Joined<'_>], others: &[&Joined<'_>]) -> Weighed {
        let say = |answer| Weighed {
            answer,
            by: Vec::new(),
        };
        let all: Vec<_> = all
            .iter()
            .copied()
            .filter(|it| self.is_for_role(it))
            .collect();
        let whole = all.iter().find(|it| {
            self.limits_no_target(&it.statement) && self.meets(it, None) == Some(Meets::Allows)
        });
        if let Some(whole) = whole {
            let line = whole.statement.line;
            return Weighed {
                answer: Answer::of("conforms", Some(line)),
                by: vec![(line, whole.shadow)],
            };
        }
        let (mut by, mut unseen) = (Vec::new(), None);
        for piece in self.pieces() {
            let met: Vec<_> = all.iter().map(|it| (*it, self.meets(it, piece))).collect();
            let allows = met.iter().find(|(_, meets)| *meets == Some(Meets::Allows));
            let maybe = met.iter().find_map(|(_, meets)| match meets {
                Some(Meets::Unseen(why)) => Some(*why),
                _ => None,
            });
            match (allows, maybe) {
                (Some((it, _)), _) => by.push((it.statement.line, it.shadow)),
                (None, Some(why)) => unseen = unseen.or(Some(why)),
                (None, None) => {
                    return say(self
                        .narrowest(&met, piece)
                        .unwrap_or_else(|| self.unreached(others)));
                }
            }
        }
        let line = by.first().map(|(line, _)| *line);
        match unseen {
            Some(why) => say(Answer::unknown(why)),
            None => Weighed {
                answer: Answer::of("conforms", line),
                by,
            },
        }
    }

    /// The narrowest miss: of equal ones that of a statement for the like of the target, then the first.
    fn narrowest(self, met: &[(&Joined<'_>, Option<Meets>)], piece: Piece<'_>) -> Option<Answer> {
        let mut best: Option<(Reason, bool, u32)> = None;
        for (it, meets) in met {
            let Some(Meets::Misses(reason)) = *meets else {
                continue;
            };
            let near = reason >= Reason::Target
                && piece.is_some_and(|(target, _)| {
                    self.site.is_near(&it.statement, self.server, target)
                });
            if best.is_none_or(|(before, was_near, _)| (before, was_near) < (reason, near)) {
                best = Some((reason, near, it.statement.line));
            }
        }
        best.map(|(reason, _, line)| Answer::violates(reason, Some(line)))
    }

    /// Steps 3 and 4: no statement joins the two, or none of them is for the protocol.
    fn unreached(self, others: &[&Joined<'_>]) -> Answer {
        let of = |side| Answer {
            verdict: "unzoned",
            reason: Some(side),
            line: None,
        };
        match (others.first(), self.client.zone, self.server.zone) {
            (Some(other), ..) => Answer::violates(Reason::Protocol, Some(other.statement.line)),
            (_, None, _) => of("client"),
            (_, _, None) => of("server"),
            _ => Answer::violates(Reason::NoConduit, None),
        }
    }
}

/// What a role may do at all; what it says of a protocol holds there instead.
pub(super) fn may(role: &Role, protocol: &str, verb: Verb) -> bool {
    let of = role.protocols.iter().find(|(name, _)| *name == protocol);
    of.map_or(&role.verbs, |(_, verbs)| verbs).contains(&verb)
}
