//! Runs of cells: what adjoins is one run, so that a block that is read piece by piece stays one
//! fact.

use crate::seen::{Seen, State};

/// Cells of one area, both ends included.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Run {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) seen: Seen,
}

/// The runs of one area.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Runs {
    // INVARIANT: sorted by first cell; two runs of one state neither overlap nor adjoin.
    list: Vec<Run>,
}

impl Runs {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Run> {
        self.list.iter()
    }

    pub(crate) const fn len(&self) -> usize {
        self.list.len()
    }

    /// The first cell from `from` on that no run covers which `counts`.
    fn reach(&self, mut from: u64, counts: impl Fn(&State) -> bool) -> Option<u64> {
        loop {
            let over =
                |run: &&Run| run.first <= from && from <= run.last && counts(&run.seen.state);
            match self.list.iter().find(over) {
                Some(run) => from = run.last.checked_add(1)?,
                None => return Some(from),
            }
        }
    }

    /// Whether every cell lies in a run that `counts`.
    pub(crate) fn cover(&self, first: u64, last: u64, counts: impl Fn(&State) -> bool) -> bool {
        self.reach(first, counts).is_none_or(|end| end > last)
    }

    /// Counts cells that are covered already: for the run that the first of them lies in.
    pub(crate) fn count(&mut self, first: u64, seen: &Seen) {
        let over = |run: &&mut Run| run.first <= first && first <= run.last;
        if let Some(run) = self.list.iter_mut().find(over) {
            run.seen.add(seen);
        }
    }

    /// Adds a run, and makes one of all that it overlaps or adjoins in its state.
    pub(crate) fn add(&mut self, mut run: Run) {
        self.list.retain(|old| {
            let one = old.seen.state == run.seen.state && touch(old, &run);
            if one {
                run.first = run.first.min(old.first);
                run.last = run.last.max(old.last);
                run.seen.add(&old.seen);
            }
            !one
        });
        let order = |run: &Run| (run.first, run.last, run.seen.state.clone());
        let place = self.list.partition_point(|old| order(old) < order(&run));
        self.list.insert(place, run);
    }

    /// Takes every run out that `wanted` names.
    pub(crate) fn take(&mut self, wanted: impl Fn(&Run) -> bool) -> Vec<Run> {
        let (taken, kept) = std::mem::take(&mut self.list).into_iter().partition(wanted);
        self.list = kept;
        taken
    }
}

/// Whether two runs overlap or adjoin. As runs only grow while one is added, those that did not
/// touch before cannot touch after: they would have been one already, or lie beyond a gap.
const fn touch(a: &Run, b: &Run) -> bool {
    a.first <= b.last.saturating_add(1) && b.first <= a.last.saturating_add(1)
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::*;

    fn run(first: u64, last: u64, state: State) -> Run {
        let time = Timestamp::default();
        let seen = Seen {
            state,
            count: 1,
            first: time,
            last: time,
        };
        Run { first, last, seen }
    }

    fn shown(runs: &Runs) -> Vec<(u64, u64, u64)> {
        runs.iter()
            .map(|run| (run.first, run.last, run.seen.count))
            .collect()
    }

    #[test]
    fn runs_that_overlap_or_adjoin_become_one() {
        let mut runs = Runs::default();
        for (first, last) in [(20, 29), (0, 9), (40, 49), (10, 10), (11, 19)] {
            runs.add(run(first, last, State::Learned));
        }
        assert_eq!(shown(&runs), [(0, 29, 4), (40, 49, 1)]);
        runs.add(run(0, u64::MAX, State::Learned));
        assert_eq!(shown(&runs), [(0, u64::MAX, 6)]);
    }

    #[test]
    fn runs_of_two_states_stay_two_and_cover_together() {
        let mut runs = Runs::default();
        runs.add(run(0, 9, State::Pending));
        runs.add(run(5, 14, State::approved("jane")));
        assert_eq!(runs.len(), 2);
        let any = |_: &State| true;
        let approved = |state: &State| *state != State::Pending;
        assert!(runs.cover(0, 14, any));
        assert!(!runs.cover(0, 15, any));
        assert!(runs.cover(5, 14, approved));
        assert!(!runs.cover(4, 14, approved));
    }

    #[test]
    fn the_last_cell_of_all_can_be_covered() {
        let mut runs = Runs::default();
        runs.add(run(u64::MAX, u64::MAX, State::Learned));
        assert!(runs.cover(u64::MAX, u64::MAX, |_| true));
        assert!(!runs.cover(u64::MAX - 1, u64::MAX, |_| true));
    }
}
