//! How long this thread ran. Unlike the time that passed it does not count what others do on the same core.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A moment of this thread's running.
#[derive(Clone, Copy, Debug)]
pub struct Ran(Duration);

impl Ran {
    /// As long as it ran until now.
    pub fn now() -> Self {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
        Self(Duration::new(
            seconds,
            u32::try_from(time.tv_nsec).unwrap_or(0),
        ))
    }

    /// How many nanoseconds it has run since.
    pub fn nanos_since(self) -> f64 {
        Self::now().0.saturating_sub(self.0).as_secs_f64() * 1e9
    }
}
