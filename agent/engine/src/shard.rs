//! A shard: the flows of some pairs of hosts, and everything that is judged of them alone.
//!
//! Shards share nothing but what nobody changes, and what connections of one OPC UA server know in common. Both directions of a
//! conversation, and all conversations of two hosts, are in one shard.

use std::ops::Range;

use flow::{Approach, Flows};
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
        let mut sum = Sum::default();
        sum.add(frame.wire_len, frame.bytes.len());
        self.count_in(sum);
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

    /// Counts frames that it takes.
    #[inline]
    fn count_in(&mut self, sum: Sum) {
        self.frames.add(Counter::Frames, sum.frames);
        self.frames.add(Counter::FrameBytes, sum.bytes);
        self.frames.add(Counter::FramesTruncated, sum.truncated);
    }

    /// Lets time pass: a frame of another shard, or a quiet port.
    #[inline]
    pub(crate) fn advance(&mut self, now: Timestamp) {
        self.flows.advance(now, &mut self.hall);
    }

    /// Takes those frames of a part that are its own, as the `lane`-th of so many shards.
    pub(crate) fn run<B: Batched>(&mut self, part: &Part<B>, lane: (u8, u8)) {
        match part.tags() {
            [] => part
                .groups()
                .for_each(|group| self.share(part, &group, lane)),
            tags => self.take(part, part.listed(), tags, |_, _| {}),
        }
    }

    /// Takes those frames of a group that are its own, of which it tells itself what there is to tell.
    fn share<B: Batched>(&mut self, part: &Part<B>, group: &Group<'_>, lane: (u8, u8)) {
        let frames = part.frames();
        let own = Own::of(group, lane, |place, listed| {
            flow::lane(&frames.frame(place, listed), lane.1)
        });
        let mut tags = std::mem::take(&mut self.tags);
        let listed = own.listed(group);
        tags.extend(listed.map(|(place, listed)| self.flows.tag(&frames.frame(place, listed))));
        // while nothing is to be done at any of these times, those of others are passed over
        let is_calm = group.span.iter().all(|time| self.flows.is_calm(*time));
        let (mut next, end) = (group.first, group.first + group.listed.len());
        self.take(part, own.listed(group), &tags, |shard, place| {
            if !is_calm {
                shard.pass(part, group, next..place);
            }
            next = place + 1;
        });
        if !is_calm {
            self.pass(part, group, next..end);
        }
        tags.clear();
        self.tags = tags;
    }

    /// Takes frames at places of a batch, of which so much was told; `turn` is called before each one's turn.
    #[inline(always)]
    fn take<'a, B: Batched>(
        &mut self,
        part: &Part<B>,
        own: impl Iterator<Item = (usize, &'a Listed)>,
        tags: &[Option<Tag>],
        mut turn: impl FnMut(&mut Self, usize),
    ) {
        let frames = part.frames();
        let mut way = Approach::to(tags);
        let are_many = self.flows.are_many();
        if are_many {
            self.flows.set_out(&mut way, &self.hall);
        }
        let mut sum = Sum::default();
        for ((place, listed), (at, tag)) in own.zip((0..).zip(tags)) {
            if are_many {
                self.flows.approach(&mut way, &self.hall);
            }
            turn(self, place);
            self.hall.judging.deeds.at = part.place(place);
            let frame = frames.frame(place, listed);
            sum.add(frame.wire_len, frame.bytes.len());
            let met = are_many.then_some((&way, at));
            self.flows.tagged(&frame, tag.as_ref(), met, &mut self.hall);
            self.end_frame();
        }
        self.count_in(sum);
    }

    /// Whether so much waits to be heard that no more should be added.
    pub(crate) const fn has_much_to_say(&self) -> bool {
        self.hall.judging.deeds.len() >= MUCH
    }

    /// Lets the times of others' frames pass.
    #[cold]
    fn pass<B>(&mut self, part: &Part<B>, group: &Group<'_>, places: Range<usize>) {
        for place in places {
            if let Some(listed) = group.listed.get(place - group.first) {
                self.hall.judging.deeds.at = part.place(place);
                self.advance(listed.time);
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

/// What is counted of frames, whatever they hold.
#[derive(Clone, Copy, Default)]
struct Sum {
    frames: u64,
    bytes: u64,
    truncated: u64,
}

impl Sum {
    #[inline]
    fn add(&mut self, wire_len: u32, captured: usize) {
        self.frames += 1;
        self.bytes += u64::from(wire_len);
        self.truncated += u64::from(wire_len as usize > captured);
    }
}

/// How many deeds are much: some megabytes, where each of them is an incident.
const MUCH: usize = 1 << 12;

/// Which frames of a group a shard takes.
struct Own {
    /// Their places in the group, of which a byte holds each.
    places: [u8; Listing::GROUP],
    count: usize,
}

impl Own {
    /// Those whose lane was told to be its own, or is by `tell`, where nobody told.
    #[inline]
    fn of(group: &Group<'_>, (lane, lanes): (u8, u8), tell: impl Fn(usize, &Listed) -> u8) -> Self {
        let mut own = Self {
            places: std::array::from_fn(|place| place as u8),
            count: group.listed.len(),
        };
        match group.lanes {
            _ if lanes <= 1 => {}
            [] => {
                let listed = (group.first..).zip(group.listed);
                own.keep(listed.map(|(place, listed)| tell(place, listed) == lane));
            }
            told => own.keep(told.iter().map(|its| *its == lane)),
        }
        own
    }

    /// Keeps those places of which it is said so.
    #[inline]
    fn keep(&mut self, is_own: impl Iterator<Item = bool>) {
        self.count = 0;
        for (place, is_own) in is_own.enumerate() {
            if let Some(next) = self.places.get_mut(self.count) {
                *next = place as u8;
            }
            self.count += usize::from(is_own);
        }
    }

    /// Those frames, each with its place in the batch.
    #[inline]
    fn listed<'a>(
        &'a self,
        group: &Group<'a>,
    ) -> impl Iterator<Item = (usize, &'a Listed)> + use<'a> {
        let places = self.places.get(..self.count).unwrap_or_default();
        let (first, listed) = (group.first, group.listed);
        places.iter().filter_map(move |place| {
            let place = usize::from(*place);
            Some((first + place, listed.get(place)?))
        })
    }
}
