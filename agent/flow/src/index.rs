//! Where flows are, by their hashes: open addressing with linear probing.
//!
//! Eight entries lie in a line of the cache, so that nearly every look-up needs one line, and that line can be fetched before it is
//! needed. An entry has 32 bits of its flow's hash, which tell it from others, mostly, without a look at the flow, and where it
//! belongs. Hashes are seeded: nobody outside chooses which flows lie next to each other.

use model::fetch;

/// Where flows are.
#[derive(Debug, Default)]
pub(crate) struct Index {
    // INVARIANT: none, or a power of two of which at most three quarters are taken; between the place that an entry belongs to and the
    // one that it has, none is free.
    entries: Vec<Entry>,
    len: usize,
}

/// A place, taken or free.
#[derive(Clone, Copy, Debug)]
struct Entry {
    at: u32,
    part: u32,
}

impl Entry {
    const FREE: Self = Self {
        at: u32::MAX,
        part: 0,
    };

    const fn is_free(self) -> bool {
        self.at == u32::MAX
    }
}

impl Index {
    /// How many flows it knows.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Fetches what a look-up of this hash needs.
    #[inline(always)]
    pub(crate) fn fetch(&self, hash: u64) {
        let entry = self.entries.get(self.home(part(hash)));
        entry.into_iter().for_each(fetch);
    }

    /// The first flow with this hash that is the one in question.
    #[inline(always)]
    pub(crate) fn find(&self, hash: u64, is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let place = self.place(hash, is_it)?;
        self.entries.get(place).map(|entry| entry.at)
    }

    /// Adds a flow that it does not know.
    pub(crate) fn insert(&mut self, hash: u64, at: u32) {
        if (self.len + 1) * 4 > self.entries.len() * 3 {
            self.grow();
        }
        self.put(Entry {
            at,
            part: part(hash),
        });
        self.len += 1;
    }

    /// Forgets a flow.
    pub(crate) fn remove(&mut self, hash: u64, at: u32) {
        let Some(mut free) = self.place(hash, |it| it == at) else {
            return;
        };
        self.len -= 1;
        // those behind it move up, as far as each may
        let mut place = free;
        loop {
            place = self.behind(place);
            let Some(entry) = self.entries.get(place).copied().filter(|it| !it.is_free()) else {
                break;
            };
            if self.distance(self.home(entry.part), place) >= self.distance(free, place) {
                self.set(free, entry);
                free = place;
            }
        }
        self.set(free, Entry::FREE);
    }

    #[inline(always)]
    fn place(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<usize> {
        let part = part(hash);
        let mut place = self.home(part);
        loop {
            let entry = self.entries.get(place).filter(|it| !it.is_free())?;
            if entry.part == part && is_it(entry.at) {
                return Some(place);
            }
            place = self.behind(place);
        }
    }

    fn grow(&mut self) {
        let room = (2 * self.entries.len()).max(LEAST);
        let before = std::mem::replace(&mut self.entries, vec![Entry::FREE; room]);
        let known = before.into_iter().filter(|entry| !entry.is_free());
        known.for_each(|entry| self.put(entry));
    }

    fn put(&mut self, entry: Entry) {
        let mut place = self.home(entry.part);
        while self.entries.get(place).is_some_and(|it| !it.is_free()) {
            place = self.behind(place);
        }
        self.set(place, entry);
    }

    fn set(&mut self, place: usize, entry: Entry) {
        if let Some(it) = self.entries.get_mut(place) {
            *it = entry;
        }
    }

    /// Where an entry belongs.
    #[inline(always)]
    const fn home(&self, part: u32) -> usize {
        part as usize & self.entries.len().wrapping_sub(1)
    }

    #[inline(always)]
    const fn behind(&self, place: usize) -> usize {
        (place + 1) & (self.entries.len() - 1)
    }

    /// How far it is from one place to another one behind it.
    const fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & (self.entries.len() - 1)
    }
}

/// The part of a hash that an entry has.
#[inline(always)]
const fn part(hash: u64) -> u32 {
    (hash >> 24) as u32
}

/// How many places there are at first.
const LEAST: usize = 8;

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    /// A hash of which the first so many share their place.
    fn hash(number: u32) -> u64 {
        u64::from(number / 4) << 24
    }

    proptest! {
        #[test]
        fn what_was_added_is_found_until_it_is_forgotten(steps in prop::collection::vec((any::<bool>(), 0u32..200), 1..600)) {
            let (mut index, mut model) = (Index::default(), HashMap::new());
            for (adds, number) in steps {
                if adds && !model.contains_key(&number) {
                    index.insert(hash(number), number);
                    model.insert(number, ());
                } else if !adds {
                    index.remove(hash(number), number);
                    model.remove(&number);
                }
                prop_assert_eq!(index.len(), model.len());
            }
            for number in 0..200 {
                let found = index.find(hash(number), |at| at == number);
                prop_assert_eq!(found.is_some(), model.contains_key(&number));
            }
        }
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        let mut index = Index::default();
        assert_eq!(index.find(7, |_| true), None);
        index.remove(7, 7);
        index.fetch(7);
        index.insert(hash(8), 1);
        assert_eq!(index.find(hash(4), |_| true), None);
        assert_eq!(index.find(hash(9), |_| true), Some(1));
    }
}
