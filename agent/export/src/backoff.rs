//! Pauses between tries: doubling up to a cap, half of each by chance, so that the sensors of a
//! plant do not all come back in the same second.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// The pauses of one sink.
#[derive(Debug)]
pub(crate) struct Backoff {
    next: Duration,
    cap: Duration,
    seed: RandomState,
    tries: u64,
}

impl Backoff {
    const FIRST: Duration = Duration::from_millis(500);

    pub(crate) fn new(cap: Duration) -> Self {
        Self {
            next: Self::FIRST,
            cap,
            seed: RandomState::new(),
            tries: 0,
        }
    }

    /// The next pause: between half of the current bound and all of it.
    pub(crate) fn pause(&mut self) -> Duration {
        let bound = self.next.min(self.cap);
        self.next = bound.saturating_mul(2);
        self.tries += 1;
        let chance = self.seed.hash_one(self.tries) % 1000;
        let part = u32::try_from(chance).unwrap_or(0);
        bound / 2 + bound / 2 * part / 1000
    }

    /// Starts again from the shortest pause.
    pub(crate) fn reset(&mut self) {
        self.next = Self::FIRST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_cap_and_never_below_half() {
        let mut backoff = Backoff::new(Duration::from_secs(3));
        for bound in [500, 1000, 2000, 3000, 3000].map(Duration::from_millis) {
            let pause = backoff.pause();
            assert!(
                bound / 2 <= pause && pause <= bound,
                "{pause:?} of {bound:?}"
            );
        }
        backoff.reset();
        assert!(backoff.pause() <= Duration::from_millis(500));
    }
}
