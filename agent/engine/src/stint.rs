//! A stint: what is taken in one go, without anybody looking at all shards at once in between.
//!
//! It ends where capture time comes to another second, for then the mirror is looked at; where there is nothing more to take; after many
//! frames; or where a shard has much to say by then.

use std::ops::Range;
use std::sync::Arc;

use model::{Batched, Frames, Group, Listed, Tag, Timestamp};

use crate::mirror::Mirror;

/// Some frames of a batch.
pub(crate) struct Part<B> {
    batch: Arc<B>,
    places: Range<usize>,
    /// How many frames of the stint came before them.
    before: u32,
}

/// The frames of one stint, part by part.
pub(crate) struct Stint<'a, B> {
    mirror: &'a Mirror,
    more: &'a mut (dyn FnMut() -> Option<Arc<B>> + Send),
    /// What comes next, of this stint or the next one.
    pub(crate) left: Option<Part<B>>,
    taken: usize,
    is_over: bool,
    /// Capture time of the newest frame.
    pub(crate) last: Option<Timestamp>,
}

impl<B: Batched> Part<B> {
    /// All frames of a batch.
    pub(crate) fn whole(batch: Arc<B>) -> Self {
        let places = 0..batch.frames().listing.len();
        Self {
            batch,
            places,
            before: 0,
        }
    }

    /// The frames of the whole batch.
    #[inline]
    pub(crate) fn frames(&self) -> Frames<'_> {
        self.batch.frames()
    }

    /// Those that are of this part.
    #[inline]
    pub(crate) fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        self.batch.frames().listing.groups(self.places.clone())
    }

    /// What was told of them; nothing where that is left to those who take them.
    #[inline]
    pub(crate) fn tags(&self) -> &[Option<Tag>] {
        self.batch.frames().listing.tags(self.places.clone())
    }

    /// They themselves, each with its place in the batch.
    #[inline]
    pub(crate) fn listed(&self) -> impl Iterator<Item = (usize, &Listed)> {
        let listed = self.batch.frames().listing.listed();
        let own = listed.get(self.places.clone()).unwrap_or_default();
        (self.places.start..).zip(own)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// When the first of them was captured.
    pub(crate) fn begun(&self) -> Option<Timestamp> {
        let listed = self.batch.frames().listing.listed();
        listed.get(self.places.start).map(|listed| listed.time)
    }

    /// The first `count` frames, and the others where there are any.
    fn split_at(self, count: usize) -> (Self, Option<Self>) {
        let middle = self.places.start + count;
        let rest = Self {
            batch: Arc::clone(&self.batch),
            places: middle..self.places.end,
            before: 0,
        };
        let head = Self {
            places: self.places.start..middle,
            ..self
        };
        (head, (!rest.places.is_empty()).then_some(rest))
    }
}

impl<B> Part<B> {
    /// The place in the stint of the frame at a place of the batch.
    #[inline]
    pub(crate) const fn place(&self, place: usize) -> u32 {
        self.before
            .wrapping_add(place.wrapping_sub(self.places.start) as u32)
    }
}

impl<B> Clone for Part<B> {
    fn clone(&self) -> Self {
        Self {
            batch: Arc::clone(&self.batch),
            places: self.places.clone(),
            before: self.before,
        }
    }
}

impl<'a, B: Batched> Stint<'a, B> {
    /// Frames of the second that the mirror is at, from `first` on, and what `more` gives after it.
    pub(crate) fn new(
        mirror: &'a Mirror,
        first: Part<B>,
        more: &'a mut (dyn FnMut() -> Option<Arc<B>> + Send),
    ) -> Self {
        Self {
            mirror,
            more,
            left: Some(first),
            taken: 0,
            is_over: false,
            last: None,
        }
    }

    /// The next frames of the stint; none where it is over.
    pub(crate) fn next(&mut self) -> Option<Part<B>> {
        if self.is_over {
            return None;
        }
        let part = match self.left.take() {
            Some(part) => part,
            None => Part::whole((self.more)()?),
        };
        let count = self.within(&part);
        let (head, rest) = part.split_at(count);
        let head = Part {
            before: self.taken as u32,
            ..head
        };
        self.taken += count;
        self.is_over = rest.is_some() || self.taken >= LONGEST;
        self.left = rest;
        (count > 0).then_some(head)
    }

    /// How many of some frames are of this second; the very first of the stint is, whatever its time.
    fn within(&mut self, part: &Part<B>) -> usize {
        let mut count = 0;
        for group in part.groups() {
            let [_, latest] = group.span;
            if group.span.iter().all(|time| self.mirror.is_within(*time)) {
                self.last = self.last.max(Some(latest));
                count += group.listed.len();
                continue;
            }
            for listed in group.listed {
                let is_first = self.taken + count == 0;
                if !is_first && !self.mirror.is_within(listed.time) {
                    return count;
                }
                self.last = self.last.max(Some(listed.time));
                count += 1;
            }
        }
        count
    }
}

/// After how many frames a stint ends at the latest.
const LONGEST: usize = 1 << 18;
