//! One flow: two lanes of bytes, and the talk between them.

use model::{Direction, Said, Stamp, Step, fetch};

use super::stream::Lane;
use super::talk::Talk;
use crate::{Decoder, Limits};

/// The decoder of one flow.
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
        if step == Step::First {
            self.lanes.iter().for_each(fetch);
            self.talk.fetch();
        }
        self.talk.pending.approach(step);
    }
}
