//! What waits, in the order that it came. The first lies in place, for most flows have no second one waiting.

use std::collections::VecDeque;

/// What waits, oldest first.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Queue<T> {
    // INVARIANT: where there is no first, there is no other.
    first: Option<T>,
    others: VecDeque<T>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            first: None,
            others: VecDeque::new(),
        }
    }
}

impl<T> Queue<T> {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        usize::from(!self.is_empty()) + self.others.len()
    }

    /// Whether there is none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// The one at a place, counted from the oldest.
    pub(crate) fn get(&self, place: usize) -> Option<&T> {
        match place.checked_sub(1) {
            None => self.first(),
            Some(place) => self.others.get(place),
        }
    }

    /// The same, to be changed.
    pub(crate) fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        match place.checked_sub(1) {
            None => self.first.as_mut(),
            Some(place) => self.others.get_mut(place),
        }
    }

    /// The oldest.
    pub(crate) const fn first(&self) -> Option<&T> {
        self.first.as_ref()
    }

    /// The newest, to be changed.
    pub(crate) fn last_mut(&mut self) -> Option<&mut T> {
        self.others.back_mut().or(self.first.as_mut())
    }

    /// Where the oldest is of which something holds.
    #[inline]
    pub(crate) fn position(&self, holds: impl Fn(&T) -> bool) -> Option<usize> {
        if holds(self.first()?) {
            return Some(0);
        }
        if self.others.is_empty() {
            return None;
        }
        self.others.iter().position(holds).map(|place| place + 1)
    }

    /// All of them, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.first.iter().chain(&self.others)
    }

    /// The same, to be changed.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.first.iter_mut().chain(&mut self.others)
    }

    /// Adds one.
    pub(crate) fn push(&mut self, one: T) {
        if self.is_empty() {
            self.first = Some(one);
        } else {
            self.others.push_back(one);
        }
    }

    /// Forgets the one at a place.
    pub(crate) fn close(&mut self, place: usize) {
        match place.checked_sub(1) {
            None if self.others.is_empty() => self.first = None,
            None => self.first = self.others.pop_front(),
            Some(place) => drop(self.others.remove(place)),
        }
    }

    /// Takes out the one at a place.
    pub(crate) fn remove(&mut self, place: usize) -> Option<T> {
        match place.checked_sub(1) {
            None => self.take_first(),
            Some(place) => self.others.remove(place),
        }
    }

    /// Takes out the oldest.
    pub(crate) fn take_first(&mut self) -> Option<T> {
        let next = self.others.pop_front();
        std::mem::replace(&mut self.first, next)
    }

    /// How many bytes it holds on the heap, besides what those that wait hold.
    pub(crate) fn held_bytes(&self) -> usize {
        self.others.capacity() * size_of::<T>()
    }
}
