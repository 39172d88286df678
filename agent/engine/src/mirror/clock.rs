//! Whether the clock that stamps frames was set.
//!
//! While ports are listened on, a clock that nobody sets tells exactly. In a recording a step back
//! shows by itself, for frames are written as they come. A step forward looks like a pause: it is
//! told from one only where frames came steadily up to it and several conversations go on behind it
//! at the very byte where they stood, none opened, none lost. Beyond the time that flows are
//! remembered it cannot be told.

use std::time::Duration;

use model::Timestamp;

use super::recent::{Counts, KEPT, Recent};

/// A clock that is compared with one that nobody sets.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    last: Option<(Timestamp, Duration)>,
}

/// A leap of a recording's time that may be a step of its clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leap {
    pub(crate) to: Timestamp,
    pub(crate) by: Duration,
    /// From when on it is looked at who speaks: the leap, or where the clock was set back to since.
    pub(crate) since: Timestamp,
    /// Seconds since.
    age: u32,
}

/// What has become of a leap.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Judged {
    /// The clock was set.
    Step,
    /// Time passed.
    Pause,
    /// It cannot be told yet.
    Open,
}

impl Clock {
    /// Whether it was compared.
    pub(crate) const fn is_watched(&self) -> bool {
        self.last.is_some()
    }

    /// By how much the clock was set since it was compared last, forward or back, in nanoseconds.
    pub(crate) fn step(&mut self, now: Timestamp, steady: Duration) -> Option<i64> {
        let (then, before) = self.last.replace((now, steady))?;
        let shown = now.as_nanos().saturating_sub(then.as_nanos());
        let passed = steady.saturating_sub(before).as_nanos();
        let step = shown.saturating_sub(i64::try_from(passed).unwrap_or(i64::MAX));
        (step.unsigned_abs() >= STEP.as_nanos() as u64).then_some(step)
    }
}

impl Leap {
    /// A leap that follows on steady traffic.
    pub(crate) fn after(recent: &Recent, to: Timestamp, by: Duration) -> Option<Self> {
        let before = recent.last(STEADY);
        let is_steady = before.busy_seconds >= STEADY as u64;
        let leap = Self {
            to,
            by,
            since: to,
            age: 0,
        };
        (by >= LEAP && is_steady).then_some(leap)
    }

    /// Goes back with a clock that was set back: it would not be judged until that is there again.
    pub(crate) fn follow(&mut self, time: Timestamp) {
        self.since = self.since.min(time);
    }

    /// Looks at it a second later; `talking` is how many conversations have spoken since.
    pub(crate) fn judge(&mut self, recent: &Recent, talking: u64) -> Judged {
        self.age += 1;
        let Counts {
            opened,
            gaps,
            in_order,
            ..
        } = recent.last(KEPT.min(self.age as usize));
        match () {
            () if opened > 0 || gaps > 0 => Judged::Pause,
            () if talking >= ENOUGH_TALKING && in_order >= ENOUGH_SEGMENTS && self.age >= 3 => {
                Judged::Step
            }
            () if self.age >= GIVEN_UP => Judged::Pause,
            () => Judged::Open,
        }
    }
}

/// What is a step and no correction.
const STEP: Duration = Duration::from_secs(1);
/// The shortest leap that is looked at.
const LEAP: Duration = Duration::from_secs(60);
/// How many seconds before a leap must each have had a frame.
const STEADY: usize = 10;
const ENOUGH_TALKING: u64 = 3;
const ENOUGH_SEGMENTS: u64 = 6;
/// After how many seconds a leap counts as a pause.
const GIVEN_UP: u32 = 10;
