//! What is counted. Every drop, every bound that bit and every byte that was not understood
//! moves a counter here; the summary and `/metrics` show the same numbers.
//!
//! Each room keeps a [`Tally`] of its own, without locks, and the engine adds them up. Series
//! whose labels only a policy or rule set knows are [`Sample`]s, made when somebody looks.

use std::ops::AddAssign;

use crate::{Counter, Metric};

/// What one room has counted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tally([u64; Counter::COUNT]);

impl Tally {
    /// Adds `amount` to a counter.
    #[inline]
    pub fn add(&mut self, counter: Counter, amount: u64) {
        if let Some(count) = self.0.get_mut(counter as usize) {
            *count += amount;
        }
    }

    /// How far a counter has come.
    pub fn count(&self, counter: Counter) -> u64 {
        self.0.get(counter as usize).copied().unwrap_or(0)
    }

    /// Sets a counter that is kept elsewhere, such as the kernel's drops.
    pub fn set(&mut self, counter: Counter, amount: u64) {
        if let Some(count) = self.0.get_mut(counter as usize) {
            *count = amount;
        }
    }

    /// Every counter as a sample, zero ones included.
    pub fn samples(&self) -> impl Iterator<Item = Sample> + '_ {
        Counter::ALL.iter().map(|counter| {
            let (metric, label) = counter.series();
            Sample {
                metric,
                labels: label.into_iter().map(str::to_owned).collect(),
                value: self.count(*counter) as f64,
            }
        })
    }
}

impl Default for Tally {
    fn default() -> Self {
        Self([0; Counter::COUNT])
    }
}

impl AddAssign<&Self> for Tally {
    fn add_assign(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine += theirs;
        }
    }
}

/// One value of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Which metric.
    pub metric: Metric,
    /// The values of its labels, in the order of its description.
    pub labels: Vec<String>,
    /// The value.
    pub value: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_counter_has_a_place_of_its_own() {
        for (place, counter) in Counter::ALL.iter().enumerate() {
            let mut tally = Tally::default();
            tally.add(*counter, 3);
            assert_eq!(tally.0.get(place), Some(&3), "{counter:?}");
            assert_eq!(tally.0.iter().sum::<u64>(), 3);
        }
    }

    #[test]
    fn rooms_add_up() {
        let (mut a, mut b) = (Tally::default(), Tally::default());
        a.add(Counter::Frames, 2);
        b.add(Counter::Frames, 3);
        b.add(Counter::Gaps, 1);
        a += &b;
        assert_eq!((a.count(Counter::Frames), a.count(Counter::Gaps)), (5, 1));
    }
}
