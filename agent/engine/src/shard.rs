//! A shard: the flows of some pairs of hosts, and everything that is judged of them alone.
//!
//! Shards share nothing but what nobody changes, and what connections of one OPC UA server know in common. Both directions of a
//! conversation, and all conversations of two hosts, are in one shard.

use flow::{Flows, Nearby};
use model::{Counter, Frame, Frames, Stamp, Tally, Timestamp};

use crate::deed::Deeds;
use crate::hall::{Hall, Talk};
use crate::judging::Judging;
use crate::shedding::Shedding;

/// The flows of some pairs of hosts.
pub(crate) struct Shard {
    pub(crate) flows: Flows<Talk>,
    hall: Hall,
    frames: Tally,
}

impl Shard {
    pub(crate) fn new(flows: Flows<Talk>, hall: Hall) -> Self {
        Self {
            flows,
            hall,
            frames: Tally::default(),
        }
    }

    /// Takes a frame of its own.
    #[inline]
    pub(crate) fn frame(&mut self, frame: &Frame<'_>) {
        self.count_in(frame);
        self.flows.frame(frame, &mut self.hall);
        self.end_frame();
    }

    /// Counts a frame of which something was left out.
    #[inline]
    fn end_frame(&mut self) {
        if self.hall.shedding.is_at_work() {
            self.hall.shedding.end_frame(&mut self.frames);
        }
    }

    #[inline]
    fn count_in(&mut self, frame: &Frame<'_>) {
        self.frames.add(Counter::Frames, 1);
        self.frames
            .add(Counter::FrameBytes, u64::from(frame.wire_len));
        if (frame.wire_len as usize) > frame.bytes.len() {
            self.frames.add(Counter::FramesTruncated, 1);
        }
    }

    /// Lets time pass: a frame of another shard, or a quiet port.
    #[inline]
    pub(crate) fn advance(&mut self, now: Timestamp) {
        self.flows.advance(now, &mut self.hall);
    }

    /// Takes those of some frames that are its own, as the `lane`-th of so many shards.
    pub(crate) fn run(&mut self, frames: Frames<'_>, lane: usize, lanes: usize) {
        let mut places = 0..;
        for next in frames.listed.chunks(Nearby::LIMIT) {
            let nearby = self.flows.approach(next, &self.hall);
            for (listed, (at, place)) in next.iter().zip((0..).zip(&mut places)) {
                let tag = listed.tag.as_ref();
                let frame = frames.frame(place, listed);
                self.hall.judging.deeds.at = place as u32;
                if lanes == 1 || flow::lane_of(tag, &frame, lanes) == lane {
                    self.count_in(&frame);
                    self.flows
                        .tagged(&frame, tag, (&nearby, at), &mut self.hall);
                    self.end_frame();
                } else {
                    self.advance(listed.time);
                }
            }
        }
    }

    pub(crate) fn finish(&mut self) {
        self.flows.finish(&mut self.hall);
    }

    pub(crate) const fn judging(&self) -> &Judging {
        &self.hall.judging
    }

    pub(crate) const fn judging_mut(&mut self) -> &mut Judging {
        &mut self.hall.judging
    }

    pub(crate) const fn shedding(&self) -> &Shedding {
        &self.hall.shedding
    }

    pub(crate) const fn shedding_mut(&mut self) -> &mut Shedding {
        &mut self.hall.shedding
    }

    /// What it has not handed over yet.
    pub(crate) const fn deeds(&mut self) -> &mut Deeds {
        &mut self.hall.judging.deeds
    }

    /// Where stream bytes were lost since it was asked last.
    pub(crate) fn take_lost(&mut self) -> Vec<Stamp> {
        std::mem::take(&mut self.hall.judging.lost)
    }

    /// Adds its counters to others.
    pub(crate) fn count(&self, tally: &mut Tally) {
        *tally += &self.frames;
        *tally += self.flows.tally();
        *tally += &self.hall.judging.tally;
    }
}
