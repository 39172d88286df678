//! Chance that is handed in: the same seed throws the same, on every machine.

/// A seeded source of numbers (SplitMix64, Steele and others, 2014).
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// Neighbouring seeds have nothing in common.
    pub(super) fn of(seed: u64) -> Self {
        let start = Self(seed).throw();
        Self(start ^ seed.rotate_left(32))
    }

    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below another.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.throw() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    pub(super) fn between(&mut self, first: i64, last: i64) -> i64 {
        first + i64::try_from(self.below(usize::try_from(last - first + 1).unwrap())).unwrap()
    }

    /// True so many times in a hundred.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    pub(super) fn word(&mut self, list: &[&'static str]) -> &'static str {
        list[self.below(list.len())]
    }

    /// One of a list, so many times in a hundred.
    pub(super) fn maybe<T: Clone>(&mut self, percent: usize, list: &[T]) -> Option<T> {
        (self.chance(percent) && !list.is_empty()).then(|| self.pick(list).clone())
    }

    /// From `least` to `most` of a list, in its order.
    pub(super) fn some<T: Clone>(&mut self, least: usize, most: usize, list: &[T]) -> Vec<T> {
        let mut places: Vec<usize> = (0..list.len()).collect();
        let most = most.min(list.len());
        let many = least.min(most) + self.below(most - least.min(most) + 1);
        while places.len() > many {
            places.remove(self.below(places.len()));
        }
        places
            .into_iter()
            .map(|place| list[place].clone())
            .collect()
    }
}
