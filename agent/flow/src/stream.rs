//! One direction of a TCP conversation: segments in, bytes in order out (RFC 9293, 3.4).
//!
//! A segment in its place, with nothing waiting, goes to the listener as it is. Otherwise the
//! stream waits for what is missing until the receiver has acknowledged it and a little time or
//! data has passed, until it has waited too long, or until a bound bites; then the hole is a gap
//! and the stream goes on. Where the receiver says that it lacks the bytes itself, nothing behind
//! them has reached it, and the stream waits as long as a sender may take to send them again. Of overlapping bytes the first ones win; the others are compared with
//! what is held and with the last run that was delivered, so that a changed retransmission of
//! anything older is seen as a plain one.
//!
//! Where no SYN was seen, [`beginning`] says where the stream begins.
//!
//! Not checked: checksums, which a mirror of an offloading host shows wrong, and timestamps, so
//! bytes that the receiver itself refused for those are taken for the stream's.

mod beginning;

use model::{Counter, Stamp, Timestamp};

use crate::Listener;
use crate::limits::Limits;
use crate::outlet::{Outlet, Shared};
use crate::reassembly::{Backlog, Bound, Held};
use crate::recent::Tail;

pub(crate) use self::beginning::Beginning;

/// The bytes of one segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    /// The sequence number of the first byte.
    pub(crate) seq: u32,
    pub(crate) bytes: &'a [u8],
    /// Bytes behind them that were not captured.
    pub(crate) missing: u32,
    pub(crate) stamp: Stamp,
}

/// How a segment met its stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Met {
    /// It brought the next bytes.
    InOrder,
    /// It brought bytes from beyond a hole.
    Early,
    /// It brought nothing new.
    Nothing,
    /// Some of its bytes differ from those that were already there.
    Conflict,
    /// It continues one that was too far away to be believed alone.
    Elsewhere,
}

/// One direction of a TCP conversation.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    tail: Tail,
    // INVARIANT: without a backlog nothing is known beyond `next`.
    backlog: Option<Box<Backlog>>,
    // What the receiver has, where it told before there were data.
    next: u32,
    base: u32,
    // Where the stream ends, once `finished`.
    fin: u32,
    started: bool,
    told: bool,
    finished: bool,
}

impl Stream {
    /// Whether the stream's place is known.
    pub(crate) const fn is_started(&self) -> bool {
        self.started
    }

    /// Whether `seq` is where the stream began.
    pub(crate) const fn began_at(&self, seq: u32) -> bool {
        self.started && self.base == seq
    }

    /// Whether the sender closed it and every byte came.
    pub(crate) const fn is_over(&self) -> bool {
        self.finished && self.fin == self.next
    }

    /// Whether `seq` is the next byte's.
    #[inline]
    pub(crate) const fn is_at(&self, seq: u32) -> bool {
        self.started && self.next == seq
    }

    /// Whether `seq` is beyond the stream's place, where that is known.
    #[inline]
    pub(crate) const fn is_beyond(&self, seq: u32) -> bool {
        self.started && ahead(seq, self.next) > 0
    }

    /// Whether something is waited for.
    #[inline]
    pub(crate) const fn waits(&self) -> bool {
        self.backlog.is_some()
    }

    /// Whether `seq` is within the window of the stream's place.
    pub(crate) fn is_near(&self, seq: u32, limits: &Limits) -> bool {
        ahead(seq, self.next).unsigned_abs() <= limits.window
    }

    /// Sets the stream's place to the sequence number of its first byte.
    pub(crate) const fn start(&mut self, seq: u32) {
        self.next = seq;
        self.base = seq;
        self.started = true;
    }

    /// Takes the bytes of one segment.
    #[inline]
    pub(crate) fn accept<L: Listener>(
        &mut self,
        segment: Segment<'_>,
        out: &mut Outlet<'_, L::State, L>,
    ) -> Met {
        if segment.seq == self.next && self.backlog.is_none() && segment.missing == 0 {
            self.pass(segment.stamp, segment.bytes, out);
            return Met::InOrder;
        }
        self.fit(segment, out)
    }

    /// Hears that the receiver has everything before `seq`.
    #[inline]
    pub(crate) fn acknowledge(&mut self, seq: u32, stamp: Stamp, limits: &Limits) {
        let beyond = ahead(seq, self.next);
        if self.started && beyond > 0 {
            self.acknowledge_unseen(seq, stamp, limits);
        } else if beyond == 0
            && let Some(backlog) = &mut self.backlog
        {
            backlog.lack(stamp.time);
        }
    }

    /// Hears that the stream ends at `seq`; tells whether that is new.
    pub(crate) fn finish(&mut self, seq: u32, stamp: Stamp, limits: &Limits) -> bool {
        if self.finished || !self.is_near(seq, limits) || ahead(seq, self.next) < 0 {
            return false;
        }
        (self.fin, self.finished) = (seq, true);
        if let Some(backlog) = &mut self.backlog
            && backlog.edge == seq.wrapping_add(1)
        {
            backlog.edge = seq;
        }
        self.expect(seq, true, stamp);
        self.settle();
        true
    }

    /// When the first hole is given up; nothing where there is none.
    pub(crate) fn due(&self, limits: &Limits) -> Option<Timestamp> {
        self.backlog.as_ref()?.due(self.next, limits)
    }

    /// Gives up the holes that waited long enough.
    pub(crate) fn give_up_due<L: Listener>(
        &mut self,
        now: Timestamp,
        out: &mut Outlet<'_, L::State, L>,
    ) {
        while self.due(&out.shared.limits).is_some_and(|due| due <= now) {
            self.give_up(out);
        }
    }

    /// Gives up every hole and delivers all that is held.
    pub(crate) fn give_up_all<L: Listener>(&mut self, out: &mut Outlet<'_, L::State, L>) {
        while self.due(&out.shared.limits).is_some() {
            self.give_up(out);
        }
    }

    /// Forgets what waits.
    pub(crate) fn abandon(&mut self, shared: &mut Shared) {
        self.take_far(shared);
        self.backlog = None;
    }

    /// Takes the segment that was too far away to be believed alone.
    pub(crate) fn take_far(&mut self, shared: &mut Shared) -> Option<Held> {
        let far = self.backlog.as_mut()?.far.take()?;
        shared.held -= Held::cost(far.bytes.len());
        self.settle();
        Some(far)
    }

    /// Whether the stream would have to go back to come to `seq`.
    pub(crate) fn is_behind(&self, seq: u32) -> bool {
        ahead(seq, self.next) < 0
    }

    /// Leaves everything before `seq` behind as one gap.
    pub(crate) fn jump<L: Listener>(
        &mut self,
        seq: u32,
        stamp: Stamp,
        out: &mut Outlet<'_, L::State, L>,
    ) {
        self.give_up_all(out);
        self.skip(seq, stamp, out);
        self.settle();
    }

    /// Gives bytes that are in their place to the listener.
    #[inline]
    pub(crate) fn pass<L: Listener>(
        &mut self,
        stamp: Stamp,
        bytes: &[u8],
        out: &mut Outlet<'_, L::State, L>,
    ) {
        self.next = self.next.wrapping_add(span(bytes));
        out.shared.recent.remember(&mut self.tail, bytes);
        out.bytes(stamp, bytes);
    }

    /// Takes a segment that is not simply the next one.
    fn fit<L: Listener>(&mut self, segment: Segment<'_>, out: &mut Outlet<'_, L::State, L>) -> Met {
        if !self.is_near(segment.seq, &out.shared.limits) {
            return self.doubt(segment, out);
        }
        if self.is_keep_alive(&segment) {
            return Met::Nothing;
        }
        let first = if ahead(segment.seq, self.next) > 0 && !self.begins_before(segment.seq) {
            Met::Early
        } else {
            Met::InOrder
        };
        self.go_back(segment.seq);
        let tells = self.expect(segment.end(), true, segment.stamp) && segment.missing > 0;
        let (fresh, differs) = self.place(segment, out);
        self.settle();
        self.begin_if_told(out);
        self.give_up_acknowledged(out);
        if differs {
            out.conflict(segment.stamp);
            return Met::Conflict;
        }
        if fresh || tells { first } else { Met::Nothing }
    }

    /// Puts a segment's new bytes in their place; tells whether there were any, and whether others
    /// differ from those that were there.
    fn place<L: Listener>(
        &mut self,
        segment: Segment<'_>,
        out: &mut Outlet<'_, L::State, L>,
    ) -> (bool, bool) {
        let (mut rest, mut fresh, mut differs) = (segment, false, false);
        loop {
            let old = ahead(self.next, rest.seq).max(0).unsigned_abs();
            let (known, new) = rest.split(old);
            differs |= out.shared.recent.differs(self.tail, old, known.bytes);
            if new.bytes.is_empty() {
                return (fresh, differs);
            }
            rest = if new.seq == self.next && !self.begins() {
                let (now, later) = new.split(self.room());
                self.pass(now.stamp, now.bytes, out);
                self.drain(out);
                fresh = true;
                later
            } else {
                let kept = self.hold(new, out);
                fresh |= kept.0;
                differs |= kept.1;
                match kept.2 {
                    Some(left_out) => left_out,
                    None => return (fresh, differs),
                }
            };
        }
    }

    /// Holds a segment that is early. Where a bound bites, the stream stops waiting and comes to
    /// the segment, which is returned to be placed.
    fn hold<'a, L: Listener>(
        &mut self,
        segment: Segment<'a>,
        out: &mut Outlet<'_, L::State, L>,
    ) -> (bool, bool, Option<Segment<'a>>) {
        let shared = &mut *out.shared;
        let backlog = self.waiting(segment.stamp);
        let kept = backlog.hold(segment, &shared.limits, &mut shared.held);
        let Some((bound, left_out)) = kept.left_out else {
            return (kept.fresh, kept.differs, None);
        };
        shared.count(match bound {
            Bound::Flow => Counter::LimitFlowBuffer,
            Bound::AllFlows => Counter::LimitAllBuffers,
        });
        if self.begins() || self.backlog.as_ref().is_some_and(|b| b.segments() > 0) {
            self.give_up(out);
        } else {
            self.skip_to(left_out.seq, left_out.stamp, out);
        }
        (kept.fresh, kept.differs, Some(left_out))
    }

    /// Does not believe a segment that is far from the stream's place until another continues it.
    fn doubt<L: Listener>(
        &mut self,
        segment: Segment<'_>,
        out: &mut Outlet<'_, L::State, L>,
    ) -> Met {
        let shared = &mut *out.shared;
        let backlog = self.waiting(segment.stamp);
        if backlog
            .far
            .as_ref()
            .is_some_and(|far| far.end() == segment.seq)
        {
            return Met::Elsewhere;
        }
        if let Some(far) = backlog.far.take() {
            shared.held -= Held::cost(far.bytes.len());
        }
        let cost = Held::cost(segment.bytes.len());
        if shared.held + cost <= shared.limits.all_bytes {
            shared.held += cost;
            backlog.far = Some(Held::copy(&segment));
        }
        self.settle();
        Met::Early
    }

    /// Whether a segment only asks whether the peer is there (RFC 9293, 3.8.4).
    fn is_keep_alive(&self, segment: &Segment<'_>) -> bool {
        let after = segment.seq.wrapping_add(1);
        segment.bytes.len() <= 1 && (after == self.next || self.begins_before(after))
    }

    fn acknowledge_unseen(&mut self, seq: u32, stamp: Stamp, limits: &Limits) {
        let counts_fin = self.finished && self.fin.wrapping_add(1) == seq;
        let seq = if counts_fin { self.fin } else { seq };
        if ahead(seq, self.next) <= 0 || !self.is_near(seq, limits) {
            return;
        }
        self.expect(seq, false, stamp);
        let next = self.next;
        self.waiting(stamp).acknowledge(seq, next, stamp.time);
    }

    /// Notes that the stream goes on to `edge`; tells whether that is new.
    fn expect(&mut self, edge: u32, seen: bool, stamp: Stamp) -> bool {
        if ahead(edge, self.next) <= 0 {
            return false;
        }
        let backlog = self.waiting(stamp);
        let farther = ahead(edge, backlog.edge) > 0;
        if farther {
            (backlog.edge, backlog.edge_stamp) = (edge, stamp);
            backlog.edge_seen = seen;
        } else if edge == backlog.edge {
            backlog.edge_seen |= seen;
        }
        farther
    }

    fn waiting(&mut self, stamp: Stamp) -> &mut Backlog {
        let next = self.next;
        self.backlog
            .get_or_insert_with(|| Box::new(Backlog::new(next, stamp)))
    }

    /// How many bytes fit before the first that is held.
    fn room(&self) -> u32 {
        let first = self.backlog.as_ref().and_then(|backlog| backlog.first());
        first.map_or(u32::MAX, |held| ahead(held.seq, self.next).unsigned_abs())
    }

    /// Delivers what is held and has come to its turn.
    fn drain<L: Listener>(&mut self, out: &mut Outlet<'_, L::State, L>) {
        while let Some(backlog) = &mut self.backlog
            && let Some(held) = backlog.take(self.next, &mut out.shared.held)
        {
            self.pass(held.stamp, &held.bytes, out);
        }
        if let Some(backlog) = &mut self.backlog {
            backlog.advance();
        }
    }

    /// Ends the wait if nothing is missing any more.
    fn settle(&mut self) {
        let next = self.next;
        if self.backlog.as_ref().is_some_and(|b| b.is_over(next)) {
            self.backlog = None;
        }
    }

    /// Gives up the first hole, or what may be before the first data.
    fn give_up<L: Listener>(&mut self, out: &mut Outlet<'_, L::State, L>) {
        if self.begins() {
            return self.begin(out);
        }
        let Some(backlog) = &self.backlog else {
            return;
        };
        let (to, stamp) = match backlog.first() {
            Some(held) => (held.seq, held.stamp),
            None => (backlog.edge, backlog.edge_stamp),
        };
        self.skip_to(to, stamp, out);
        self.settle();
    }

    /// Gives up the first hole where the receiver has it and enough is held behind it.
    fn give_up_acknowledged<L: Listener>(&mut self, out: &mut Outlet<'_, L::State, L>) {
        let enough = out.shared.limits.acknowledged_segments;
        while self.backlog.as_ref().is_some_and(|backlog| {
            backlog.segments() >= enough && backlog.is_acknowledged(self.next)
        }) {
            self.give_up(out);
        }
    }

    fn skip_to<L: Listener>(&mut self, seq: u32, stamp: Stamp, out: &mut Outlet<'_, L::State, L>) {
        if ahead(seq, self.next) > 0 {
            self.skip(seq, stamp, out);
        }
        self.drain(out);
    }

    fn skip<L: Listener>(&mut self, seq: u32, stamp: Stamp, out: &mut Outlet<'_, L::State, L>) {
        let missing = seq.wrapping_sub(self.next);
        self.next = seq;
        self.tail = Tail::default();
        out.gap(stamp, missing.into());
    }
}

impl<'a> Segment<'a> {
    /// Where the stream goes on behind it.
    pub(crate) const fn end(&self) -> u32 {
        self.seq
            .wrapping_add(span(self.bytes))
            .wrapping_add(self.missing)
    }

    /// Its first `len` bytes, at most as many as there are, and the rest.
    pub(crate) fn split(self, len: u32) -> (Self, Self) {
        let (bytes, behind) = self
            .bytes
            .split_at_checked(len as usize)
            .unwrap_or((self.bytes, &[]));
        let before = Self {
            bytes,
            missing: 0,
            ..self
        };
        let rest = Self {
            seq: self.seq.wrapping_add(span(bytes)),
            bytes: behind,
            ..self
        };
        (before, rest)
    }
}

/// How far `seq` is ahead of `of`, modulo 2^32 (RFC 9293, 3.4).
#[inline]
pub(crate) const fn ahead(seq: u32, of: u32) -> i32 {
    seq.wrapping_sub(of) as i32
}

/// How many sequence numbers bytes take.
#[inline]
pub(crate) const fn span(bytes: &[u8]) -> u32 {
    bytes.len() as u32
}
