//! One flow: two lanes of bytes, and the talk between them.

use std::mem::offset_of;

use model::{Direction, Said, Stamp, Step, fetch, fetch_behind};

use super::stream::Lane;
use super::talk::Talk;
use crate::{Decoder, Limits};

/// The decoder of one flow. What every message needs lies together.
#[repr(C)]
pub(super) struct Session {
    lanes: [Lane; 2],
    talk: Talk,
}

impl Session {
    /// The decoder of a flow of which nothing was seen yet.
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            lanes: [
                Lane::new(limits.message_bytes),
                Lane::new(limits.message_bytes),
            ],
            talk: Talk::new(limits),
        }
    }
}

impl Decoder for Session {
    fn feed(&mut self, stamp: Stamp, from: Direction, bytes: &[u8], say: &mut dyn FnMut(Said<'_>)) {
        let Self { lanes, talk } = self;
        let lane = from.of_mut(lanes);
        lane.wanted = talk.is_ours();
        lane.feed(bytes, &mut |heard| talk.hear(stamp, from, heard, say));
    }

    fn gap(&mut self, _: Stamp, from: Direction, missing_bytes: u64, _: &mut dyn FnMut(Said<'_>)) {
        from.of_mut(&mut self.lanes).lose(false);
        self.talk.miss(from, missing_bytes);
    }

    fn close(&mut self, _: Stamp, say: &mut dyn FnMut(Said<'_>)) {
        self.talk.close(say);
    }

    fn joined_midway(&mut self) {
        self.lanes.iter_mut().for_each(|lane| lane.lose(true));
        self.talk.join_midway();
    }

    fn held_bytes(&self) -> usize {
        let lanes = self.lanes.iter().map(Lane::held_bytes).sum::<usize>();
        lanes + self.talk.held_bytes()
    }

    fn approach(&self, step: Step) {
        let [first, _] = &self.lanes;
        match step {
            Step::First => {
                fetch(first);
                (0..LINES / 2).for_each(|line| fetch_behind(&first.wanted, line));
            }
            Step::Second => {
                (LINES / 2..LINES).for_each(|line| fetch_behind(&first.wanted, line));
            }
            Step::Third => {}
        }
        self.talk.pending.approach(step);
    }
}

/// How many lines of the cache hold what a usual message needs, wherever the first begins.
const LINES: usize = (offset_of!(Session, talk) + Talk::NEEDED_BYTES).div_ceil(64);
