//! Open requests in the order that they were asked in. The first lies in place, for most clients have no second one.

use std::collections::VecDeque;

use super::pending::Open;

/// Open requests, oldest first.
#[derive(Debug, Default)]
#[repr(C)]
pub(super) struct Queue {
    // INVARIANT: where there is no first, there is no other.
    first: Option<Open>,
    others: VecDeque<Open>,
}

impl Queue {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        usize::from(!self.is_empty()) + self.others.len()
    }

    /// Whether there is none.
    pub(super) const fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// The one at a place, counted from the oldest.
    pub(super) fn get(&self, place: usize) -> Option<&Open> {
        match place.checked_sub(1) {
            None => self.first(),
            Some(place) => self.others.get(place),
        }
    }

    /// The oldest.
    pub(super) const fn first(&self) -> Option<&Open> {
        self.first.as_ref()
    }

    /// Where the oldest is of which something is so.
    #[inline]
    pub(super) fn position(&self, is_it: impl Fn(&Open) -> bool) -> Option<usize> {
        if is_it(self.first()?) {
            return Some(0);
        }
        if self.others.is_empty() {
            return None;
        }
        self.others.iter().position(is_it).map(|place| place + 1)
    }

    /// All of them, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Open> {
        self.first.iter().chain(&self.others)
    }

    /// The same, to be changed.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Open> {
        self.first.iter_mut().chain(&mut self.others)
    }

    /// Adds one.
    pub(super) fn push(&mut self, open: Open) {
        if self.is_empty() {
            self.first = Some(open);
        } else {
            self.others.push_back(open);
        }
    }

    /// Forgets the one at a place.
    pub(super) fn close(&mut self, place: usize) {
        match place.checked_sub(1) {
            None if self.others.is_empty() => self.first = None,
            None => self.first = self.others.pop_front(),
            Some(place) => drop(self.others.remove(place)),
        }
    }

    /// Takes out the one at a place.
    pub(super) fn remove(&mut self, place: usize) -> Option<Open> {
        match place.checked_sub(1) {
            None => self.take_first(),
            Some(place) => self.others.remove(place),
        }
    }

    /// Takes out the oldest.
    pub(super) fn take_first(&mut self) -> Option<Open> {
        let next = self.others.pop_front();
        std::mem::replace(&mut self.first, next)
    }

    /// How many bytes it holds on the heap, besides what requests hold.
    pub(super) fn held_bytes(&self) -> usize {
        self.others.capacity() * size_of::<Open>()
    }
}
