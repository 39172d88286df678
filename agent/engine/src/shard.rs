//! A shard: the flows of some pairs of hosts, and everything that is judged of them alone.
//!
//! Shards share nothing but what nobody changes, and what connections of one OPC UA server know in common. Both directions of a
//! conversation, and all conversations of two hosts, are in one shard.

use std::ops::Range;

use flow::Flows;
use model::{Batched, Counter, Frame, Group, Listed, Listing, Stamp, Tag, Tally, Timestamp};

use crate::deed::Deeds;
use crate::hall::{Hall, Talk};
use crate::judging::Judging;
use crate::shedding::Shedding;
use crate::stint::Part;

/// The flows of some pairs of hosts.
pub(crate) struct Shard {
    pub(crate) flows: Flows<Talk>,
    hall: Hall,
    frames: Tally,
    /// What it tells itself of the next frames; empty in between.
    tags: Vec<Option<Tag>>,
}

impl Shard {
    pub(crate) fn new(flows: Flows<Talk>, hall: Hall) -> Self {
        Self {
            flows,
            hall,
            frames: Tally::default(),
            tags: Vec::new(),
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

    /// Takes those frames of a part that are its own, as the `lane`-th of so many shards.
    pub(crate) fn run<B: Batched>(&mut self, part: &Part<B>, (lane, lanes): (u8, u8)) {
        let frames = part.frames();
        let mut told = std::mem::take(&mut self.tags);
        for group in part.groups() {
            let own = Own::of(&group, (lane, lanes));
            let tags = match group.tags {
                [] => {
                    told.clear();
                    let own = own.listed(&group);
                    let own = own.map(|(place, listed)| frames.frame(group.first + place, listed));
                    told.extend(own.map(|frame| self.flows.tag(&frame)));
                    &told
                }
                tags => tags,
            };
            let nearby = self.flows.approach(tags, &self.hall);
            // while nothing is to be done at any of these times, those of others are passed over
            let is_calm = lanes == 1 || group.span.iter().all(|time| self.flows.is_calm(*time));
            let mut next = 0;
            for ((place, listed), (at, tag)) in own.listed(&group).zip((0..).zip(tags)) {
                if !is_calm {
                    self.pass(&group, next..place, part);
                }
                next = place + 1;
                self.at(part, &group, place);
                let frame = frames.frame(group.first + place, listed);
                self.count_in(&frame);
                self.flows
                    .tagged(&frame, tag.as_ref(), (&nearby, at), &mut self.hall);
                self.end_frame();
            }
            if !is_calm {
                self.pass(&group, next..group.listed.len(), part);
            }
        }
        self.tags = told;
    }

    /// Lets the times of others' frames pass.
    #[cold]
    fn pass<B>(&mut self, group: &Group<'_>, places: Range<usize>, part: &Part<B>) {
        for place in places {
            if let Some(listed) = group.listed.get(place) {
                self.at(part, group, place);
                self.advance(listed.time);
            }
        }
    }

    /// What is said from now on is said at a place of a group.
    #[inline]
    const fn at<B>(&mut self, part: &Part<B>, group: &Group<'_>, place: usize) {
        self.hall.judging.deeds.at = part.place(group.first + place);
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

/// The places in a group of the frames that a shard takes.
struct Own {
    places: [u8; Listing::GROUP],
    count: usize,
}

impl Own {
    #[inline]
    fn of(group: &Group<'_>, (lane, lanes): (u8, u8)) -> Self {
        let mut own = Self {
            places: std::array::from_fn(|place| place as u8),
            count: group.listed.len(),
        };
        if lanes > 1 {
            own.count = 0;
            for (place, its) in (0..).zip(group.lanes) {
                if let Some(next) = own.places.get_mut(own.count) {
                    *next = place;
                }
                own.count += usize::from(*its == lane);
            }
        }
        own
    }

    /// Those frames, each with its place in the group.
    #[inline]
    fn listed<'a>(
        &'a self,
        group: &Group<'a>,
    ) -> impl Iterator<Item = (usize, &'a Listed)> + use<'a> {
        let places = self.places.get(..self.count).unwrap_or_default();
        let listed = group.listed;
        places.iter().filter_map(move |place| {
            let place = usize::from(*place);
            Some((place, listed.get(place)?))
        })
    }
}
