//! What was counted in each of the last seconds.

use std::collections::VecDeque;
use std::ops::AddAssign;

use model::{Counter, Tally};

/// Counts of some seconds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Counts {
    pub(crate) frames: u64,
    pub(crate) duplicates: u64,
    pub(crate) short: u64,
    pub(crate) tagged: u64,
    /// TCP segments that continued their stream.
    pub(crate) in_order: u64,
    /// TCP segments that brought nothing new.
    pub(crate) repeated: u64,
    pub(crate) gaps: u64,
    pub(crate) opened: u64,
    /// How many of the seconds had a frame.
    pub(crate) busy_seconds: u64,
}

/// The counts of the last seconds, each by itself.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    // INVARIANT: at most `KEPT`, newest first.
    seconds: VecDeque<Counts>,
    /// What had been counted when the newest ended.
    counted: Counts,
}

impl Recent {
    /// Ends a second, up to which so much was counted.
    pub(crate) fn end_second(&mut self, tally: &Tally) {
        let total = Counts::of(tally);
        let mut second = total.since(&self.counted);
        second.busy_seconds = u64::from(second.frames > 0);
        self.counted = total;
        self.seconds.truncate(KEPT - 1);
        self.seconds.push_front(second);
    }

    /// What the second has so far that has not ended.
    pub(crate) fn unended(&self, tally: &Tally) -> Counts {
        Counts::of(tally).since(&self.counted)
    }

    /// What the last `seconds` had, at most [`KEPT`].
    pub(crate) fn last(&self, seconds: usize) -> Counts {
        let mut sum = Counts::default();
        for second in self.seconds.iter().take(seconds) {
            sum += second;
        }
        sum
    }
}

impl Counts {
    fn of(tally: &Tally) -> Self {
        Self {
            frames: tally.count(Counter::Frames),
            duplicates: tally.count(Counter::Duplicates),
            short: tally.count(Counter::PacketsShort),
            tagged: tally.count(Counter::FramesTagged),
            in_order: tally.count(Counter::SegmentsInOrder),
            repeated: tally.count(Counter::SegmentsRepeated),
            gaps: tally.count(Counter::Gaps),
            opened: tally.count(Counter::FlowsOpened),
            busy_seconds: 0,
        }
    }

    const fn since(&self, earlier: &Self) -> Self {
        Self {
            frames: self.frames - earlier.frames,
            duplicates: self.duplicates - earlier.duplicates,
            short: self.short - earlier.short,
            tagged: self.tagged - earlier.tagged,
            in_order: self.in_order - earlier.in_order,
            repeated: self.repeated - earlier.repeated,
            gaps: self.gaps - earlier.gaps,
            opened: self.opened - earlier.opened,
            busy_seconds: 0,
        }
    }
}

impl AddAssign<&Self> for Counts {
    fn add_assign(&mut self, other: &Self) {
        self.frames += other.frames;
        self.duplicates += other.duplicates;
        self.short += other.short;
        self.tagged += other.tagged;
        self.in_order += other.in_order;
        self.repeated += other.repeated;
        self.gaps += other.gaps;
        self.opened += other.opened;
        self.busy_seconds += other.busy_seconds;
    }
}

/// How many seconds are kept.
pub(crate) const KEPT: usize = 30;
