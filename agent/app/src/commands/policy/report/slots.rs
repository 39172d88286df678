//! Which parts of a time something was seen in: a bounded set of seconds, wider steps where the time is long.

/// A set of steps of time since a moment that all share.
#[derive(Clone, Debug)]
pub(crate) struct Slots {
    step_secs: u64,
    seen: [bool; SLOTS],
}

impl Default for Slots {
    fn default() -> Self {
        Self {
            step_secs: 1,
            seen: [false; SLOTS],
        }
    }
}

impl Slots {
    /// Adds a second, counted from the moment that all share.
    pub(crate) fn add(&mut self, second: u64) {
        while second / self.step_secs >= SLOTS as u64 {
            self.widen();
        }
        let place = usize::try_from(second / self.step_secs).unwrap_or(usize::MAX);
        if let Some(slot) = self.seen.get_mut(place) {
            *slot = true;
        }
    }

    /// How many percent of the steps of another set these are; something is never nothing.
    pub(crate) fn percent_of(&self, all: &Self) -> u64 {
        let (mut own, mut all) = (self.clone(), all.clone());
        while own.step_secs < all.step_secs {
            own.widen();
        }
        while all.step_secs < own.step_secs {
            all.widen();
        }
        let (own, all) = (own.len(), all.len());
        (own * 100).div_ceil(all.max(1)).min(100)
    }

    fn len(&self) -> u64 {
        self.seen.iter().filter(|slot| **slot).count() as u64
    }

    fn widen(&mut self) {
        let mut seen = [false; SLOTS];
        for (slot, pair) in seen.iter_mut().zip(self.seen.chunks(2)) {
            *slot = pair.contains(&true);
        }
        self.seen = seen;
        self.step_secs = self.step_secs.saturating_mul(2);
    }
}

/// Steps that are told apart.
const SLOTS: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(seconds: impl IntoIterator<Item = u64>) -> Slots {
        let mut slots = Slots::default();
        seconds.into_iter().for_each(|second| slots.add(second));
        slots
    }

    #[test]
    fn half_of_a_short_and_of_a_long_time_is_half() {
        for length in [100, 10_000_000] {
            let all = slots((0..100).map(|part| part * length / 100));
            let half = slots((0..50).map(|part| part * length / 100));
            assert!((49..=51).contains(&half.percent_of(&all)), "{length}");
        }
    }

    #[test]
    fn one_second_of_many_days_is_more_than_nothing() {
        let all = slots((0..1_000_000).step_by(1000));
        assert_eq!(slots([7]).percent_of(&all), 1);
        assert_eq!(slots([]).percent_of(&all), 0);
    }
}
