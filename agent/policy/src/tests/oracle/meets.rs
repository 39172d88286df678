//! How one statement meets one operation: everything that it asks, from the widest to the narrowest.

use model::{Reason, Target, Unseen, Verb};

use super::asked::Wrote;
use super::judge::{Case, may};
use super::sessions::asks;
use super::site::{Site, Statement};
use super::values::Within;
use super::zones::Joined;
use crate::tests::vocabulary::WORDS;

/// How a statement meets an operation, or one target of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Meets {
    Allows,
    Unseen(Unseen),
    Misses(Reason),
}

/// One target with what is written there; `None` is a message that shows no target.
pub(super) type Piece<'a> = Option<(&'a Target<'static>, Write<'a>)>;

#[derive(Clone, Copy)]
pub(super) enum Write<'a> {
    /// It is not written.
    Not,
    /// It gets this, if that was seen.
    Gets(Option<&'a Wrote>),
}

impl Case<'_> {
    /// Step 5: whether it has the verb, and that is all that it asks for.
    pub(super) fn limits_nothing(self, it: &Joined<'_>) -> bool {
        let (statement, around) = (it.statement.as_ref(), &it.around);
        let terms = [&statement.terms, around.as_ref()];
        has_verb(statement, self.asked.function.verb)
            && statement.functions.is_empty()
            && statement.units.is_empty()
            && self.limits_no_target(statement)
            && asks_of_no_session(statement)
            && terms
                .iter()
                .all(|terms| terms.when.is_none() && terms.from.is_none() && terms.until.is_none())
            && !it.shadow
            && it.permit.is_none()
    }

    /// Whether it leaves all targets, values and rates open.
    pub(super) fn limits_no_target(self, statement: &Statement) -> bool {
        let writes = self.asked.function.verb == Verb::Write;
        !Site::lists_targets(statement)
            && statement.rate.is_none()
            && !(writes && self.site.limits_values(statement, self.server))
    }

    /// What is written, then what is touched besides; or nothing, once.
    pub(super) fn pieces(&self) -> Vec<Piece<'_>> {
        let asked = self.asked;
        let mut pieces: Vec<Piece<'_>> = Vec::new();
        let shown = if asked.is_orphan() {
            &[][..]
        } else {
            &asked.written[..]
        };
        pieces.extend(
            shown
                .iter()
                .map(|(target, wrote)| Some((target, Write::Gets(Some(wrote))))),
        );
        let writes = asked.function.verb == Verb::Write;
        for target in &asked.targets {
            if !shown.iter().any(|(written, _)| written == target) {
                let unseen = writes && shown.is_empty();
                pieces.push(Some((
                    target,
                    if unseen {
                        Write::Gets(None)
                    } else {
                        Write::Not
                    },
                )));
            }
        }
        if pieces.is_empty() {
            pieces.push(None);
        }
        pieces
    }

    /// What a permit's role may not do, the permit is not about.
    pub(super) fn is_for_role(self, it: &Joined<'_>) -> bool {
        let role = it
            .permit
            .and_then(|permit| permit.role)
            .map(|id| &self.site.roles[id]);
        role.is_none_or(|role| may(role, self.asked.governing(), self.asked.function.verb))
    }

    /// How a statement meets one piece of a message. A permit that does not hold says nothing, unless it would allow it.
    pub(super) fn meets(self, it: &Joined<'_>, piece: Piece<'_>) -> Option<Meets> {
        let all = self.asks(it, piece);
        let time = Meets::Misses(Reason::Time);
        if it.permit.is_some() && all.contains(&time) {
            let rest: Vec<_> = all.iter().copied().filter(|meets| *meets != time).collect();
            return (!rest.iter().any(|meets| matches!(meets, Meets::Misses(_)))).then_some(time);
        }
        let misses = all.iter().find(|meets| matches!(meets, Meets::Misses(_)));
        let unseen = all.iter().find(|meets| matches!(meets, Meets::Unseen(_)));
        Some(misses.or(unseen).copied().unwrap_or(Meets::Allows))
    }

    /// Everything that a statement asks of a piece, from the widest to the narrowest.
    fn asks(self, it: &Joined<'_>, piece: Piece<'_>) -> Vec<Meets> {
        let Self {
            site,
            asked,
            server,
            ..
        } = self;
        let statement = it.statement.as_ref();
        let function = asked.function;
        let need = |holds: bool, reason| {
            if holds {
                Meets::Allows
            } else {
                Meets::Misses(reason)
            }
        };
        let named = statement.functions.is_empty() || statement.functions.contains(&function.name);
        let unit = match asked.unit {
            _ if statement.units.is_empty() => Meets::Allows,
            None => Meets::Unseen(Unseen::Target),
            Some(unit) => {
                let within =
                    |(first, last): &(model::Unit, model::Unit)| *first <= unit && unit <= *last;
                need(statement.units.iter().any(within), Reason::Unit)
            }
        };
        let mut all = vec![
            need(has_verb(statement, function.verb), Reason::Verb),
            need(named, Reason::Function),
            unit,
            need(site.holds(it, asked.at), Reason::Time),
        ];
        all.extend(asks(statement, asked));
        all.push(match piece {
            Some((target, _)) => need(site.reaches(statement, server, target), Reason::Target),
            None if !Site::lists_targets(statement) => Meets::Allows,
            None if asked.is_orphan() => Meets::Unseen(Unseen::Target),
            None => need(
                !matches!(function.verb, Verb::Write | Verb::Call | Verb::Delete),
                Reason::Target,
            ),
        });
        if function.verb == Verb::Write {
            all.push(match piece {
                Some((target, Write::Gets(wrote))) => {
                    match site.admits(statement, server, target, wrote) {
                        Within::Yes => Meets::Allows,
                        Within::No => Meets::Misses(Reason::Value),
                        Within::Unseen => Meets::Unseen(Unseen::Value),
                    }
                }
                Some((_, Write::Not)) => Meets::Allows,
                None if site.limits_values(statement, server) => Meets::Unseen(Unseen::Value),
                None => Meets::Allows,
            });
        }
        all.push(need(
            self.past.has_room(statement, asked, server),
            Reason::Rate,
        ));
        all
    }
}

/// Whether a statement asks nothing of sessions.
fn asks_of_no_session(of: &Statement) -> bool {
    let lists = [
        &of.security_modes,
        &of.security_policies,
        &of.identities,
        &of.users,
        &of.certificates,
        &of.applications,
    ];
    !of.encryption && lists.iter().all(|list| list.is_empty())
}

/// With functions alone, their verbs are implied.
fn has_verb(statement: &Statement, verb: Verb) -> bool {
    let words = WORDS.iter().flat_map(|words| words.functions);
    let mut named = words.filter(|function| statement.functions.contains(&function.name));
    if statement.verbs.is_empty() {
        named.any(|function| function.verb == verb)
    } else {
        statement.verbs.contains(&verb)
    }
}
