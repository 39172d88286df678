//! The two directions of a flow: how a TCP conversation begins, goes on and ends.
//!
//! A SYN that does not belong to the conversation begins a new one, as do data far from the place
//! of a conversation that is over. An RST or both FINs end it, but its streams are followed until
//! it is forgotten, so that a reset which the hosts themselves refused hides nothing.

use model::{Counter, Direction, Stamp, Timestamp, fetch};

use crate::Listener;
use crate::checksum::Checksum;
use crate::duplicate::{Print, Prints};
use crate::limits::Limits;
use crate::outlet::{Outlet, Shared};
use crate::reassembly::Held;
use crate::stream::{Met, Segment, Stream, span};
use crate::table::Class;

/// What is needed to follow both directions of one flow.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct Conversation {
    /// The last frame, copies by the mirror aside.
    pub(crate) last: Stamp,
    streams: [Stream; 2],
    prints: [Prints; 2],
    finishing: bool,
    /// Whether each direction's checksums are those on the wire: one was right.
    checked: [bool; 2],
}

/// One TCP segment with its header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival<'a> {
    pub(crate) segment: Segment<'a>,
    pub(crate) ack: u32,
    pub(crate) flags: u8,
    pub(crate) checksum: Checksum,
    pub(crate) mark: Mark,
}

/// What is known of a frame besides its bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    /// What tells the mirror's copies of it.
    pub(crate) print: Print,
    /// Whether the sender numbers its packets.
    pub(crate) numbered: bool,
    /// Whether it was put together from fragments that contradict each other.
    pub(crate) disputed: bool,
}

/// A segment that may go on where its flow stands: no SYN, FIN or RST, nothing missing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Onward<'a> {
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) bytes: &'a [u8],
}

/// What a segment was to its conversation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Heard {
    /// The mirror's copy of another.
    Copy,
    /// Part of it; what it has become.
    Part(Class),
    /// Data of another conversation between the same ends.
    Another,
}

impl Arrival<'_> {
    const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    const fn has_data(&self) -> bool {
        !self.segment.bytes.is_empty() || self.segment.missing > 0
    }

    /// Whether it may begin to be followed here. A lone zero byte is what keep-alives send.
    pub(crate) fn opens(&self) -> bool {
        self.has(SYN) || (self.has_data() && self.segment.bytes != [0])
    }

    /// Whether it is the answer to a SYN.
    pub(crate) const fn answers_syn(&self) -> bool {
        self.has(SYN) && self.has(ACK)
    }

    pub(crate) const fn begins(&self) -> bool {
        self.has(SYN)
    }
}

impl Conversation {
    /// One that a frame begins.
    pub(crate) fn since(stamp: Stamp) -> Self {
        Self {
            last: stamp,
            ..Self::default()
        }
    }

    /// Fetches what the next segment needs of it.
    #[inline(always)]
    pub(crate) fn fetch(&self) {
        fetch(&self.last);
        let ([forward, backward], [prints, _]) = (&self.streams, &self.prints);
        fetch(forward);
        fetch(backward);
        fetch(prints);
    }

    /// Whether something is waited for.
    #[inline]
    pub(crate) const fn waits(&self) -> bool {
        let [forward, backward] = &self.streams;
        forward.waits() || backward.waits()
    }

    /// Whether frames of one end only were seen.
    pub(crate) fn is_one_sided(&self) -> bool {
        let [forward, backward] = &self.prints;
        forward.are_none() != backward.are_none()
    }

    /// Whether one of its hosts ended it.
    pub(crate) fn is_ended(&self, class: Class) -> bool {
        self.finishing || class == Class::Closed
    }

    /// Whether the receiver drops a segment for its checksum. A sender of which no checksum was right yet may leave them to
    /// its network card.
    #[inline]
    pub(crate) fn refuses(&self, from: Direction, checksum: Checksum) -> bool {
        checksum == Checksum::Wrong && *from.of(&self.checked)
    }

    /// Whether a segment begins another conversation between the same ends.
    pub(crate) fn is_renewed_by(
        &self,
        arrival: &Arrival<'_>,
        from: Direction,
        class: Class,
        limits: &Limits,
    ) -> bool {
        let stream = from.of(&self.streams);
        let segment = &arrival.segment;
        if arrival.has(SYN) {
            let start = segment.seq.wrapping_add(1);
            stream.is_started() && !stream.began_at(start) && !stream.may_begin_at(start, limits)
        } else {
            class == Class::Closed
                && arrival.has_data()
                && stream.is_started()
                && !stream.is_near(segment.seq, limits)
        }
    }

    /// Whether a segment brings the next bytes, or none, of a flow in which nothing is waited for and nothing ends, and
    /// acknowledges nothing that was not seen.
    #[inline(always)]
    pub(crate) fn goes_on(&self, onward: &Onward<'_>, from: Direction) -> bool {
        let (stream, other) = (from.of(&self.streams), from.reverse().of(&self.streams));
        !self.finishing
            && !self.waits()
            && (onward.bytes.is_empty() || stream.is_at(onward.seq))
            && !other.is_beyond(onward.ack)
    }

    /// Whether a frame of this direction was seen within so many ticks that has this print, as its sender numbers packets.
    #[inline(always)]
    pub(crate) fn has_copy(&self, print: Print, from: Direction, within: u32) -> bool {
        from.of(&self.prints).hold_copy(print, true, within)
    }

    /// Follows a segment that goes on.
    #[inline(always)]
    pub(crate) fn go_on<L: Listener>(
        &mut self,
        onward: &Onward<'_>,
        print: Print,
        stamp: Stamp,
        out: &mut Outlet<'_, L::State, L>,
    ) {
        *out.from.of_mut(&mut self.checked) = true;
        out.from.of_mut(&mut self.prints).remember(print);
        if !onward.bytes.is_empty() {
            out.from
                .of_mut(&mut self.streams)
                .pass(stamp, onward.bytes, out);
        }
        // last: a copy of what was written a moment ago would wait for it
        self.last = stamp;
    }

    /// Follows one segment.
    #[inline(always)]
    pub(crate) fn hear<L: Listener>(
        &mut self,
        arrival: &Arrival<'_>,
        class: Class,
        out: &mut Outlet<'_, L::State, L>,
    ) -> Heard {
        *out.from.of_mut(&mut self.checked) |= arrival.checksum == Checksum::Right;
        if self.waits() {
            self.give_up_due(arrival.segment.stamp.time, out);
        }
        let mut segment = arrival.segment;
        let began = arrival.has(SYN) && self.begin(&mut segment, out);
        if arrival.has(ACK) && !arrival.has(RST) {
            self.acknowledge(arrival.ack, segment.stamp, out);
        }
        let met = if arrival.has_data() && !arrival.has(RST) {
            self.take(segment, out)
        } else {
            None
        };
        if met == Some(Met::Elsewhere) && !self.go_elsewhere(segment, out) {
            return Heard::Another;
        }
        let ended = arrival.flags & (FIN | RST) != 0 && self.end(arrival, &segment, out);
        let fresh = began || ended || met.is_some_and(|met| met != Met::Nothing);
        let prints = out.from.of_mut(&mut self.prints);
        let within = out.shared.copy_ticks;
        let Mark {
            print, numbered, ..
        } = arrival.mark;
        let copy = !fresh && prints.hold_copy(print, numbered, within);
        if let Some(counter) = counter(met, copy) {
            out.shared.count(counter);
        }
        if copy {
            return Heard::Copy;
        }
        prints.remember(print);
        self.last = segment.stamp;
        Heard::Part(self.class(arrival, class, met, ended, out.from))
    }

    /// Takes up the place of a direction at the segment that was too far away in an earlier
    /// conversation.
    pub(crate) fn take_up<L: Listener>(&mut self, far: &Held, out: &mut Outlet<'_, L::State, L>) {
        let stream = out.from.of_mut(&mut self.streams);
        stream.start(far.seq);
        stream.pass(far.stamp, &far.bytes, out);
    }

    /// The segment that was too far away to be believed alone.
    pub(crate) fn take_far(&mut self, from: Direction, shared: &mut Shared) -> Option<Held> {
        from.of_mut(&mut self.streams).take_far(shared)
    }

    /// Follows one datagram; whether it is not the mirror's copy of another.
    pub(crate) fn hear_datagram(
        &mut self,
        mark: Mark,
        stamp: Stamp,
        from: Direction,
        shared: &mut Shared,
    ) -> bool {
        let prints = from.of_mut(&mut self.prints);
        if prints.hold_copy(mark.print, mark.numbered, shared.copy_ticks) {
            shared.count(Counter::Duplicates);
            return false;
        }
        prints.remember(mark.print);
        self.last = stamp;
        true
    }

    /// Gives up the holes of both directions that waited long enough.
    pub(crate) fn give_up_due<L: Listener>(
        &mut self,
        now: Timestamp,
        out: &mut Outlet<'_, L::State, L>,
    ) {
        let from = out.from;
        for direction in [Direction::Forward, Direction::Backward] {
            out.from = direction;
            direction.of_mut(&mut self.streams).give_up_due(now, out);
        }
        out.from = from;
    }

    /// Gives up every hole, delivers what is held, and forgets the rest.
    pub(crate) fn settle<L: Listener>(&mut self, out: &mut Outlet<'_, L::State, L>) {
        for direction in [Direction::Forward, Direction::Backward] {
            out.from = direction;
            let stream = direction.of_mut(&mut self.streams);
            stream.give_up_all(out);
            stream.abandon(out.shared);
        }
    }

    /// Starts a direction at its SYN, which takes one sequence number; whether that is new.
    fn begin<L: Listener>(
        &mut self,
        segment: &mut Segment<'_>,
        out: &mut Outlet<'_, L::State, L>,
    ) -> bool {
        segment.seq = segment.seq.wrapping_add(1);
        let stream = out.from.of_mut(&mut self.streams);
        if !stream.is_started() {
            stream.start(segment.seq);
        } else if stream.may_begin_at(segment.seq, &out.shared.limits) {
            stream.begin_at(segment.seq, out);
        } else {
            return false;
        }
        true
    }

    /// Tells the other direction what this one acknowledges.
    #[inline]
    fn acknowledge<L: Listener>(
        &mut self,
        ack: u32,
        stamp: Stamp,
        out: &mut Outlet<'_, L::State, L>,
    ) {
        let from = out.from;
        let stream = from.reverse().of_mut(&mut self.streams);
        if stream.is_beginning() {
            out.from = from.reverse();
            stream.acknowledge_beginning(ack, stamp, out);
            out.from = from;
        } else {
            stream.acknowledge(ack, stamp, &out.shared.limits);
        }
    }

    fn take<L: Listener>(
        &mut self,
        segment: Segment<'_>,
        out: &mut Outlet<'_, L::State, L>,
    ) -> Option<Met> {
        let stream = out.from.of_mut(&mut self.streams);
        if !stream.is_started() {
            if segment.bytes == [0] && segment.missing == 0 {
                return Some(Met::Nothing);
            }
            stream.start_late(segment.seq, segment.stamp, &out.shared.limits);
        }
        Some(stream.accept(segment, out))
    }

    /// Moves a direction forward to where two segments agree that it is; not where it would have to
    /// go back.
    fn go_elsewhere<L: Listener>(
        &mut self,
        segment: Segment<'_>,
        out: &mut Outlet<'_, L::State, L>,
    ) -> bool {
        let stream = out.from.of_mut(&mut self.streams);
        if stream.is_behind(segment.seq) {
            return false;
        }
        if let Some(far) = stream.take_far(out.shared) {
            stream.jump(far.seq, far.stamp, out);
            stream.pass(far.stamp, &far.bytes, out);
            stream.accept(segment, out);
        }
        true
    }

    /// Notes a FIN, or an RST that is near the place of its stream; whether it is new.
    fn end<L: Listener>(
        &mut self,
        arrival: &Arrival<'_>,
        segment: &Segment<'_>,
        out: &Outlet<'_, L::State, L>,
    ) -> bool {
        let limits = &out.shared.limits;
        let stream = out.from.of_mut(&mut self.streams);
        if arrival.has(RST) {
            return !stream.is_started() || stream.is_near(segment.seq, limits);
        }
        let end = segment
            .seq
            .wrapping_add(span(segment.bytes))
            .wrapping_add(segment.missing);
        let ended = stream.is_started() && stream.finish(end, segment.stamp, limits);
        self.finishing |= ended;
        ended
    }

    /// What the conversation has become.
    fn class(
        &self,
        arrival: &Arrival<'_>,
        class: Class,
        met: Option<Met>,
        ended: bool,
        from: Direction,
    ) -> Class {
        let brought = matches!(met, Some(Met::InOrder | Met::Early));
        if (ended && arrival.has(RST)) || self.streams.iter().all(Stream::is_over) {
            Class::Closed
        } else if self.finishing && (ended || brought) {
            Class::Brief
        } else if brought || (class == Class::Brief && from == Direction::Backward) {
            Class::Established
        } else {
            class
        }
    }
}

fn counter(met: Option<Met>, copy: bool) -> Option<Counter> {
    if copy {
        return Some(Counter::Duplicates);
    }
    Some(match met? {
        Met::InOrder | Met::Elsewhere => Counter::SegmentsInOrder,
        Met::Early => Counter::SegmentsEarly,
        Met::Nothing => Counter::SegmentsRepeated,
        Met::Conflict => Counter::SegmentsConflicting,
    })
}

pub(crate) const FIN: u8 = 0x01;
pub(crate) const SYN: u8 = 0x02;
pub(crate) const RST: u8 = 0x04;
pub(crate) const ACK: u8 = 0x10;
