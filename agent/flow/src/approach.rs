//! Going to meet the next frames: what they need is fetched before their turn.
//!
//! With many flows, what is remembered of each is in no cache when its frame comes, and one frame at a time waits for one
//! piece of memory after the other. Where the next frames are known, what they need is fetched in steps, each so many frames
//! before the next that nothing has to be waited for, while the frames before them are taken. Nothing is changed, and what is
//! found is only a guess by the time that it is used.

use model::{Step, Tag};

use crate::table::{Near, Slot};
use crate::{Flows, Listener};

/// The way to meet some frames, and where their flows were when somebody looked.
#[derive(Clone, Copy, Debug)]
pub struct Approach<'a> {
    next: &'a [Option<Tag>],
    near: [Near; RING],
    /// For how many frames somebody looked.
    looked: usize,
}

impl<'a> Approach<'a> {
    /// The way to meet frames that follow each other.
    pub const fn to(next: &'a [Option<Tag>]) -> Self {
        Self {
            next,
            near: [Near::FAR; RING],
            looked: 0,
        }
    }

    /// Where the flow of a frame was.
    #[inline]
    pub(crate) fn at(&self, place: usize) -> Near {
        self.near.get(place % RING).copied().unwrap_or(Near::FAR)
    }

    /// Where the flow of a frame was, unless the frame before it is of the same.
    #[inline(always)]
    fn other(&self, place: Option<usize>) -> Near {
        let Some(place) = place else {
            return Near::FAR;
        };
        let (near, before) = (self.at(place), self.at(place.wrapping_sub(1)));
        if near == before { Near::FAR } else { near }
    }
}

impl<S: Default> Flows<S> {
    /// Whether there are so many flows that it is worth to go and meet their frames: few stay in the cache by themselves.
    #[inline]
    pub fn are_many(&self) -> bool {
        self.table.len() >= MANY
    }

    /// Sets out to meet frames: looks for the first of them.
    pub fn set_out(&self, way: &mut Approach<'_>, listener: &impl Listener<State = S>) {
        for _ in 0..LEAD {
            self.approach(way, listener);
        }
    }

    /// Goes one frame further; to be called before each frame is taken.
    #[inline(always)]
    pub fn approach(&self, way: &mut Approach<'_>, listener: &impl Listener<State = S>) {
        let place = way.looked;
        way.looked += 1;
        // where it is to be looked for, some frames before that is done
        if let Some(Some(later)) = way.next.get(place + LAG) {
            self.table.fetch(later.flow);
        }
        let tag = way.next.get(place).and_then(Option::as_ref);
        let near = tag.map_or(Near::FAR, |tag| self.table.look(tag.flow));
        if let Some(known) = way.near.get_mut(place % RING) {
            *known = near;
        }
        if let Some(slot) = self.table.near(way.other(Some(place))) {
            Slot::fetch(slot);
        }
        for (step, lags) in [(Step::First, 1), (Step::Second, 2), (Step::Third, 3)] {
            let near = way.other(place.checked_sub(lags * LAG));
            if let Some(slot) = self.table.near(near) {
                listener.approach(&slot.flow.state, step);
            }
        }
    }
}

/// Fewer flows than these stay in the cache by themselves.
const MANY: usize = 1 << 10;
/// How many frames lie between two steps: what is fetched is there by then.
const LAG: usize = 12;
/// How many frames before its turn a frame is looked for.
const LEAD: usize = 4 * LAG;
/// More than these are never under way.
const RING: usize = 64;
