//! One behaviour: who asks whom by which function, how often, of what, and what was written.

use model::{Operation, Timestamp, Unit, Verb, Vocabulary};

use super::evidence::Seen;
use super::manner::{Pace, Sessions};
use super::touched::Touched;
use super::traffic::{Bounds, Station};
use crate::number::Number;
use crate::tags;

/// Who asks whom by which function.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Key {
    pub(super) client: Station,
    pub(super) server: Station,
    pub(super) unit: Option<Unit>,
    pub(super) protocol: &'static str,
    pub(super) verb: Verb,
    pub(super) function: &'static str,
}

/// How often, and what was touched.
#[derive(Clone, Debug, Default)]
pub(super) struct Behaviour {
    pub(super) seen: Seen,
    pub(super) touched: Touched,
    /// Messages that no statement could allow.
    pub(super) unstated: Seen,
    pub(super) values: Values,
    pub(super) sessions: Sessions,
    pub(super) pace: Pace,
}

/// What writes carried.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Values {
    pub(super) range: Option<(Number, Number)>,
    /// Whether something else than numbers was written.
    pub(super) other: bool,
    /// Whether something was written that could not be read.
    pub(super) unseen: bool,
}

impl Behaviour {
    /// Adds an operation.
    pub(super) fn see(
        &mut self,
        operation: &Operation<'_>,
        (at, hour): (Timestamp, Option<usize>),
        words: &[&'static Vocabulary],
        bounds: &Bounds,
    ) {
        let mut stated = true;
        operation.detail.targets(&mut |target| {
            stated &= self.touched.see(&target, words, bounds);
        });
        let of = if stated {
            &mut self.seen
        } else {
            &mut self.unstated
        };
        of.add(1, [at, at], hour);
        self.sessions.see(operation);
        self.pace.see(at);
        if operation.function.verb == Verb::Write {
            operation
                .detail
                .written(&mut |_, written| self.values.see(&written));
        }
    }
}

impl Values {
    fn see(&mut self, written: &model::Written<'_>) {
        if matches!(written, model::Written::Unseen) {
            self.unseen = true;
            return;
        }
        tags::numbers(written, &mut |number| match (number, self.range) {
            (None, _) => self.other = true,
            (Some(number), None) => self.range = Some((number, number)),
            (Some(number), Some((low, high))) => {
                self.range = Some((low.min(number), high.max(number)));
            }
        });
    }

    pub(super) fn join(&mut self, other: &Self) {
        self.other |= other.other;
        self.unseen |= other.unseen;
        self.range = match (self.range, other.range) {
            (Some((low, high)), Some((lower, higher))) => Some((low.min(lower), high.max(higher))),
            (range, more) => range.or(more),
        };
    }
}
