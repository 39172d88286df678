//! What changes with time about an edge: which statements hold now, and how often each was used.
//!
//! A policy never changes; whoever keeps an [`Edge`](crate::Edge) keeps a standing beside it. Calendars are asked again only
//! when the time leaves the span in which the last answers hold.

use model::Timestamp;

use crate::edge::Lane;
use crate::policy::{Grant, Policy};
use crate::rate::Window;
use crate::when::Held;

/// What changes with time about an edge, for its server and for each asset behind it.
#[derive(Clone, Debug, Default)]
pub struct Standing(Vec<State>);

/// Which statements of a lane hold at the moment, and how often those with a rate were used.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    // INVARIANT: `holds` is true from `from` to `until`, both included, once it has an entry for each statement.
    from: Timestamp,
    until: Timestamp,
    holds: Vec<bool>,
    windows: Vec<Window>,
    /// Which statements a request is about to be counted against; all false in between.
    due: Vec<bool>,
}

impl Standing {
    /// The state of the lane at a place: 0 is the server's, then come its parts.
    pub(crate) fn state(&self, place: usize) -> &State {
        self.0.get(place).unwrap_or(&NEW)
    }

    /// The same, to be changed.
    pub(crate) fn state_mut(&mut self, place: usize) -> &mut State {
        if self.0.len() <= place {
            self.0.resize_with(place + 1, State::default);
        }
        // the list was just made long enough
        #[expect(clippy::indexing_slicing, reason = "`place` is below the length")]
        &mut self.0[place]
    }
}

impl State {
    /// Brings it to a moment.
    pub(crate) fn turn(&mut self, policy: &Policy, lane: &Lane, now: Timestamp) {
        if lane.is_timed && (self.holds.is_empty() || now < self.from || now > self.until) {
            self.ask(policy, lane, now);
        }
        if lane.is_rated && self.windows.is_empty() {
            self.windows = vec![Window::default(); lane.grants.len()];
            self.due = vec![false; lane.grants.len()];
        }
    }

    #[cold]
    fn ask(&mut self, policy: &Policy, lane: &Lane, now: Timestamp) {
        (self.from, self.until) = (FIRST, LAST);
        self.holds.clear();
        for id in &lane.grants {
            let when = policy.grant(*id).and_then(|grant| grant.when.as_ref());
            let holds = when.is_none_or(|when| {
                let (from, until) = when.span(now, &policy.calendar);
                self.from = self.from.max(from);
                self.until = self.until.min(until);
                when.holds(now, &policy.calendar) == Held::Holds
            });
            self.holds.push(holds);
        }
    }

    /// Whether the statement at a place of the lane holds.
    pub(crate) fn holds(&self, place: usize) -> bool {
        self.holds.get(place).copied().unwrap_or(true)
    }

    /// Whether the statement at a place of the lane may be used once more.
    pub(crate) fn has_room(&self, place: usize, grant: &Grant, now: Timestamp) -> bool {
        let window = grant.rate.zip(self.windows.get(place));
        window.is_none_or(|(rate, window)| window.has_room(rate, now))
    }

    /// Room to mark the statements that a request is counted against; it comes back with [`State::give_back`].
    pub(crate) fn take_due(&mut self) -> Vec<bool> {
        std::mem::take(&mut self.due)
    }

    /// Takes that room back.
    pub(crate) fn give_back(&mut self, mut due: Vec<bool>) {
        due.fill(false);
        self.due = due;
    }

    /// Counts a request that a statement allowed.
    pub(crate) fn count(&mut self, place: usize, grant: &Grant, now: Timestamp) {
        if let Some((rate, window)) = grant.rate.zip(self.windows.get_mut(place)) {
            window.count(rate, now);
        }
    }
}

/// What is known of a lane that was never judged on.
static NEW: State = State {
    from: FIRST,
    until: FIRST,
    holds: Vec::new(),
    windows: Vec::new(),
    due: Vec::new(),
};

const FIRST: Timestamp = Timestamp::from_nanos(i64::MIN);
const LAST: Timestamp = Timestamp::from_nanos(i64::MAX);
