//! Every flow: opened, followed, given up, forgotten.

use std::time::Duration;

use model::{Counter, Direction, End, Frame, Stamp, Tag, Tally, Timestamp, Transport};

use crate::conversation::{Arrival, Conversation, Heard, Mark};
use crate::fragment::Fragments;
use crate::glance::Seeds;
use crate::layers::Envelope;
use crate::limits::Limits;
use crate::outlet::{Outlet, Shared};
use crate::table::{Class, Near, Slot, Table};
use crate::walk::Walk;
use crate::{Approach, Flow, Listener};

/// Every flow that is followed, with what `S` remembers of each.
///
/// It has no clock: time is the capture time of the frames. Holes and idle flows are looked after
/// ten times a second of it; [`advance`](Self::advance) is for a port on which no frames come.
#[derive(Debug)]
pub struct Flows<S> {
    pub(crate) shared: Shared,
    pub(crate) fragments: Fragments,
    pub(crate) table: Table<S>,
    pub(crate) seeds: Seeds,
    /// Flows with holes, in the order that these arose. One that is there twice or no longer has
    /// a hole is found out when it is looked after.
    waiting: Vec<u32>,
    next_look: Timestamp,
}

/// Whom a datagram is between, and what carries it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Between {
    pub(crate) ends: [End; 2],
    pub(crate) transport: Transport,
}

impl<S: Default> Flows<S> {
    /// No flows yet.
    pub fn new(limits: Limits) -> Self {
        Self::seeded(limits, Seeds::default())
    }

    /// No flows yet, with the same limits, and with the same [tagger](Self::tagger): another part of what is captured.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self::seeded(self.shared.limits, self.seeds.clone())
    }

    fn seeded(limits: Limits, seeds: Seeds) -> Self {
        let shared = Shared::new(limits, seeds.prints.clone());
        Self {
            table: Table::new(seeds.ends.clone(), limits.flows),
            seeds,
            shared,
            fragments: Fragments::default(),
            waiting: Vec::new(),
            next_look: Timestamp::from_nanos(i64::MIN),
        }
    }

    /// Takes one frame; the listener hears what it brings.
    pub fn frame(&mut self, frame: &Frame<'_>, listener: &mut impl Listener<State = S>) {
        let tag = self.seeds.tag(frame);
        self.tagged(frame, tag.as_ref(), None, listener);
    }

    /// Takes one frame, of which [its tagger](Self::tagger) told what there is to tell, and which may be the one at a place of
    /// those that were gone to meet; it comes to the same.
    #[inline]
    pub fn tagged(
        &mut self,
        frame: &Frame<'_>,
        tag: Option<&Tag>,
        met: Option<(&Approach<'_>, usize)>,
        listener: &mut impl Listener<State = S>,
    ) {
        self.look_after(frame.time, listener);
        let near = met.map_or(Near::FAR, |(way, place)| way.at(place));
        if let Some(tag) = tag
            && self.follow(frame, tag, near, listener)
        {
            return;
        }
        Walk::new(self, listener, frame.stamp()).frame(frame);
    }

    /// Tells that capture time has come to `now` without a frame.
    pub fn advance(&mut self, now: Timestamp, listener: &mut impl Listener<State = S>) {
        self.look_after(now, listener);
    }

    /// Whether nothing is to be done when capture time comes to `now`; where that is so of two times, it is of all between them.
    #[inline]
    pub const fn is_calm(&self, now: Timestamp) -> bool {
        let ahead = self.next_look.as_nanos().saturating_sub(now.as_nanos());
        0 < ahead && ahead <= LOOK_NANOS
    }

    /// Ends the capture: gives up every hole, delivers what is held and closes every flow, in the
    /// order of the places that they have in the table.
    pub fn finish(&mut self, listener: &mut impl Listener<State = S>) {
        self.fragments.clear(&mut self.shared.tally);
        for at in 0..self.table.places() as u32 {
            self.end(at, None, listener);
        }
        self.waiting.clear();
    }

    /// What was counted.
    pub const fn tally(&self) -> &Tally {
        &self.shared.tally
    }

    /// How many flows are remembered.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether no flow is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The flow at a place of the table.
    #[cfg(test)]
    pub(crate) fn slot(&mut self, at: u32) -> Option<&Flow<S>> {
        self.table.slot(at).map(|slot| &slot.flow)
    }

    /// Follows one TCP segment.
    #[inline(always)]
    pub(crate) fn segment<L: Listener<State = S>>(
        &mut self,
        ends: [End; 2],
        envelope: &Envelope,
        arrival: &Arrival<'_>,
        listener: &mut L,
    ) {
        let stamp = arrival.segment.stamp;
        let found = self.find(&ends, Transport::Tcp, stamp, listener);
        if self.refuses(found, arrival) {
            return self.shared.count(Counter::SegmentsRefused);
        }
        let followed = match found {
            Some((at, from)) if !self.is_renewed(at, from, arrival) => found,
            _ => self.renew(found, ends, envelope, arrival, listener),
        };
        let Some((at, from)) = followed else {
            return;
        };
        let Some(slot) = self.table.slot(at) else {
            return;
        };
        let mut out = Outlet {
            flow: &mut slot.flow,
            listener,
            shared: &mut self.shared,
            from,
        };
        let heard = slot.conversation.hear(arrival, slot.class, &mut out);
        if arrival.mark.disputed {
            out.conflict(stamp);
        }
        match heard {
            Heard::Copy => {}
            Heard::Part(class) => self.keep(at, from, class, envelope, stamp),
            Heard::Another => self.follow_another((at, from), ends, envelope, arrival, listener),
        }
    }

    /// Follows one datagram, which is whole where `missing` is 0.
    pub(crate) fn datagram<L: Listener<State = S>>(
        &mut self,
        Between { ends, transport }: Between,
        envelope: &Envelope,
        mark: Mark,
        stamp: Stamp,
        bytes: Result<&[u8], u64>,
        listener: &mut L,
    ) {
        let (at, from) = self
            .find(&ends, transport, stamp, listener)
            .unwrap_or_else(|| {
                let midway = false;
                let at = self.open(ends, envelope, transport, midway, stamp, listener);
                (at, Direction::Forward)
            });
        let Some(slot) = self.table.slot(at) else {
            return;
        };
        let shared = &mut self.shared;
        if !slot.conversation.hear_datagram(mark, stamp, from, shared) {
            return;
        }
        let mut out = Outlet {
            flow: &mut slot.flow,
            listener,
            shared,
            from,
        };
        match bytes {
            Ok(bytes) => out.bytes(stamp, bytes),
            Err(missing_bytes) => out.gap(stamp, missing_bytes),
        }
        if mark.disputed {
            out.conflict(stamp);
        }
        self.keep(at, from, Class::Datagram, envelope, stamp);
    }

    /// Where the flow between two ends is, unless it was silent for too long.
    #[inline(always)]
    fn find<L: Listener<State = S>>(
        &mut self,
        ends: &[End; 2],
        transport: Transport,
        stamp: Stamp,
        listener: &mut L,
    ) -> Option<(u32, Direction)> {
        let (at, from) = self.table.find(ends, transport)?;
        if self.table.slot(at)?.is_in_use(stamp.time) || !self.end_silent(at, stamp.time, listener)
        {
            return Some((at, from));
        }
        None
    }

    /// Forgets a flow that was silent for too long; whether it was.
    fn end_silent<L: Listener<State = S>>(
        &mut self,
        at: u32,
        now: Timestamp,
        listener: &mut L,
    ) -> bool {
        let silent = self.table.slot(at).is_some_and(|slot| {
            let silent = now.since(slot.conversation.last.time);
            silent > slot.class.idle(&self.shared.limits)
        });
        if silent {
            self.end(at, Some(Counter::FlowsIdle), listener);
        }
        silent
    }

    #[inline(always)]
    fn refuses(&mut self, found: Option<(u32, Direction)>, arrival: &Arrival<'_>) -> bool {
        let Some((at, from)) = found else {
            return false;
        };
        let slot = self.table.slot(at);
        slot.is_some_and(|slot| slot.conversation.refuses(from, arrival.checksum))
    }

    fn is_renewed(&mut self, at: u32, from: Direction, arrival: &Arrival<'_>) -> bool {
        let limits = &self.shared.limits;
        self.table.slot(at).is_some_and(|slot| {
            slot.conversation
                .is_renewed_by(arrival, from, slot.class, limits)
        })
    }

    /// Ends the flow that was found, if any, and opens the one that the segment begins, if it may.
    fn renew<L: Listener<State = S>>(
        &mut self,
        found: Option<(u32, Direction)>,
        ends: [End; 2],
        envelope: &Envelope,
        arrival: &Arrival<'_>,
        listener: &mut L,
    ) -> Option<(u32, Direction)> {
        if let Some((at, _)) = found {
            self.end(at, Some(Counter::FlowsClosed), listener);
        }
        if !arrival.opens() {
            return None;
        }
        let (midway, stamp) = (!arrival.begins(), arrival.segment.stamp);
        if arrival.answers_syn() {
            let [server, client] = ends;
            let envelope = envelope.turned();
            let ends = [client, server];
            let at = self.open(ends, &envelope, Transport::Tcp, midway, stamp, listener);
            return Some((at, Direction::Backward));
        }
        let at = self.open(ends, envelope, Transport::Tcp, midway, stamp, listener);
        Some((at, Direction::Forward))
    }

    fn open<L: Listener<State = S>>(
        &mut self,
        ends: [End; 2],
        envelope: &Envelope,
        transport: Transport,
        midway: bool,
        stamp: Stamp,
        listener: &mut L,
    ) -> u32 {
        while self.table.len() >= self.shared.limits.flows.max(1)
            && let Some(victim) = self.table.victim()
        {
            if !self.table.spare(victim, stamp.time) {
                self.end(victim, Some(Counter::FlowsEvicted), listener);
            }
        }
        let mut flow = Flow {
            ends,
            macs: envelope.macs,
            vlans: envelope.vlans,
            transport,
            midway,
            state: S::default(),
        };
        self.shared.count(Counter::FlowsOpened);
        listener.opened(&mut flow, stamp);
        let class = match transport {
            Transport::Tcp => Class::Brief,
            Transport::Udp | Transport::Ethernet => Class::Datagram,
        };
        let slot = Slot::new(flow, Conversation::since(stamp), class);
        self.table.insert(slot, stamp.time)
    }

    /// Follows data that shows that its conversation is another one than was believed.
    fn follow_another<L: Listener<State = S>>(
        &mut self,
        found: (u32, Direction),
        ends: [End; 2],
        envelope: &Envelope,
        arrival: &Arrival<'_>,
        listener: &mut L,
    ) {
        let (at, from) = found;
        let far = self
            .table
            .slot(at)
            .and_then(|slot| slot.conversation.take_far(from, &mut self.shared));
        let renewed = self.renew(Some(found), ends, envelope, arrival, listener);
        if let (Some(far), Some((at, from))) = (far, renewed)
            && let Some(slot) = self.table.slot(at)
        {
            let mut out = Outlet {
                flow: &mut slot.flow,
                listener,
                shared: &mut self.shared,
                from,
            };
            slot.conversation.take_up(&far, &mut out);
        }
        self.segment(ends, envelope, arrival, listener);
    }

    /// Notes what a frame told of its flow.
    #[inline(always)]
    fn keep(&mut self, at: u32, from: Direction, class: Class, envelope: &Envelope, stamp: Stamp) {
        let Some(slot) = self.table.slot(at) else {
            return;
        };
        let [source, _] = envelope.macs;
        *from.of_mut(&mut slot.flow.macs) = source;
        if !slot.queued && slot.conversation.waits() {
            slot.queued = true;
            self.waiting.push(at);
        }
        if slot.class != class
            || !slot.is_fresh(stamp.time, class.relisted_nanos(&self.shared.limits))
        {
            self.table.file(at, class, stamp.time);
        }
    }

    /// Forgets a flow: delivers what it still can and tells the listener.
    fn end<L: Listener<State = S>>(&mut self, at: u32, why: Option<Counter>, listener: &mut L) {
        let Some(mut slot) = self.table.remove(at) else {
            return;
        };
        let last = slot.conversation.last;
        let why = if slot.conversation.is_ended(slot.class) && why != Some(Counter::FlowsEvicted) {
            Some(Counter::FlowsClosed)
        } else {
            why
        };
        slot.conversation.settle(&mut Outlet {
            flow: &mut slot.flow,
            listener,
            shared: &mut self.shared,
            from: Direction::Forward,
        });
        listener.closed(&mut slot.flow, last);
        if let Some(why) = why {
            self.shared.count(why);
        }
    }

    /// Gives up what waited too long and forgets what was silent too long, ten times a second of
    /// capture time. A clock that was set back counts from where it is now.
    #[inline]
    fn look_after<L: Listener<State = S>>(&mut self, now: Timestamp, listener: &mut L) {
        if !self.is_calm(now) {
            self.next_look = Timestamp::from_nanos(now.as_nanos().saturating_add(LOOK_NANOS));
            self.look(now, listener);
        }
    }

    #[cold]
    fn look<L: Listener<State = S>>(&mut self, now: Timestamp, listener: &mut L) {
        self.give_up_due(now, listener);
        for class in Class::ALL {
            self.forget_idle(class, now, listener);
        }
        let Shared { limits, tally, .. } = &mut self.shared;
        self.fragments.expire(now, limits, tally);
    }

    fn give_up_due<L: Listener<State = S>>(&mut self, now: Timestamp, listener: &mut L) {
        let mut waiting = std::mem::take(&mut self.waiting);
        for at in &waiting {
            if let Some(slot) = self.table.slot(*at) {
                slot.queued = false;
                let mut out = Outlet {
                    flow: &mut slot.flow,
                    listener,
                    shared: &mut self.shared,
                    from: Direction::Forward,
                };
                slot.conversation.give_up_due(now, &mut out);
            }
        }
        waiting.retain(|at| {
            self.table.slot(*at).is_some_and(|slot| {
                let keep = !slot.queued && slot.conversation.waits();
                slot.queued |= keep;
                keep
            })
        });
        self.waiting = waiting;
    }

    fn forget_idle<L: Listener<State = S>>(
        &mut self,
        class: Class,
        now: Timestamp,
        listener: &mut L,
    ) {
        let limits = &self.shared.limits;
        let idle = class.idle(limits);
        let relisted = Duration::from_nanos(class.relisted_nanos(limits));
        while let Some(at) = self.table.oldest(class)
            && let Some(slot) = self.table.slot(at)
        {
            let (listed, last) = (slot.listed, slot.conversation.last.time);
            if listed.since(now) > relisted {
                self.table.file(at, class, now);
            } else if now.since(listed) > idle && (now.since(last) > idle || now.is_set_back(last))
            {
                // one that spoke since the clock was set back would not have spoken later than now
                self.end(at, Some(Counter::FlowsIdle), listener);
            } else {
                return;
            }
        }
    }
}

/// How often holes and idle flows are looked after.
const LOOK_NANOS: i64 = 100_000_000;
