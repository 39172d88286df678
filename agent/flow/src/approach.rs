//! Going to meet the next frames: what they need is touched before their turn.
//!
//! With many flows, what is remembered of each is in no cache when its frame comes, and one frame at a time waits for one
//! piece of memory after the other. Where the next frames are known, all that they need is touched in a few steps, in each
//! of which no touch waits for another: the machine then fetches many at a time. Nothing is changed, and what is found is
//! only a guess by the time that it is used.

use std::hint::black_box;

use model::{Listing, Tag, Transport};

use crate::table::{Near, Short};
use crate::{Flows, Listener};

/// Where the flows of the next frames were when somebody looked.
#[derive(Clone, Copy, Debug)]
pub struct Nearby([Near; Self::LIMIT]);

/// How far what is remembered of a flow was followed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// What the state itself holds is near.
    First,
    /// What it leads to is near.
    Second,
}

impl Nearby {
    /// How many frames are gone to meet at a time: as many as the machine can fetch for, and then some, for several of them are of
    /// one flow.
    pub const LIMIT: usize = Listing::GROUP;

    /// Nobody looked.
    pub const FAR: Self = Self([Near::FAR; Self::LIMIT]);

    /// Where the flow of one of the frames was.
    #[inline]
    pub(crate) fn at(&self, place: usize) -> Near {
        self.0.get(place).copied().unwrap_or(Near::FAR)
    }
}

impl<S: Default> Flows<S> {
    /// Goes to meet the next frames, as many as [`Nearby`] holds. Few flows are near anyway.
    #[inline]
    pub fn approach(&self, next: &[Option<Tag>], listener: &impl Listener<State = S>) -> Nearby {
        if self.table.len() < FEW {
            return Nearby::FAR;
        }
        self.approach_many(next, listener)
    }

    #[inline(never)]
    pub(crate) fn approach_many(
        &self,
        next: &[Option<Tag>],
        listener: &impl Listener<State = S>,
    ) -> Nearby {
        let mut nearby = Nearby::FAR;
        // those that the frame before is not of as well
        let (mut others, mut count) = ([Near::FAR; Nearby::LIMIT], 0);
        let (mut last, mut before) = (Near::FAR, 0);
        for (near, tag) in nearby.0.iter_mut().zip(next) {
            let Some(tag) = tag else {
                continue;
            };
            if tag.flow != before {
                before = tag.flow;
                let short = Short::of(tag.ips, tag.ports, Transport::Tcp);
                last = self.table.look(short, tag.flow);
                if let Some(other) = others.get_mut(count) {
                    *other = last;
                    count += 1;
                }
            }
            *near = last;
        }
        let others = others.get(..count).unwrap_or(&[]);
        for slot in others.iter().filter_map(|near| self.table.near(*near)) {
            slot.touch();
        }
        for step in [Step::First, Step::Second] {
            for slot in others.iter().filter_map(|near| self.table.near(*near)) {
                listener.approach(&slot.flow.state, step);
            }
        }
        nearby
    }
}

/// Reads something for no other reason than that it is in the cache then.
#[inline(always)]
pub(crate) fn touch<T: Copy>(value: &T) {
    black_box(*value);
}

/// Fewer flows than these stay in the cache by themselves.
const FEW: usize = 1 << 10;
