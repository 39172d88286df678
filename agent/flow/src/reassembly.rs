//! What one direction holds because something before it is missing.
//!
//! A backlog exists only while a stream waits: segments that came early, each with the stamp of
//! the frame that brought it; how far the stream is known to go, by data or by the receiver's
//! acknowledgement; since when; and whether the receiver lacks the bytes itself. Where segments overlap the first bytes are kept.

use std::collections::VecDeque;

use model::{Stamp, Timestamp};

use crate::limits::Limits;
use crate::stream::{Beginning, Segment, ahead, span};

/// What waits behind the holes of one stream.
#[derive(Debug)]
pub(crate) struct Backlog {
    // INVARIANT: in the order of the stream, apart from each other, all ahead of the stream; the
    // first is at its place while it begins.
    held: VecDeque<Held>,
    bytes: usize,
    /// How far the stream is known to go.
    pub(crate) edge: u32,
    /// The frame that told so.
    pub(crate) edge_stamp: Stamp,
    /// Whether data told so, not an acknowledgement alone.
    pub(crate) edge_seen: bool,
    /// Since when the first hole is waited for.
    since: Timestamp,
    /// How far the receiver acknowledged.
    acknowledged: u32,
    /// Since when the first hole is known to be acknowledged.
    acknowledged_since: Timestamp,
    /// When the receiver last acknowledged more.
    acknowledged_at: Timestamp,
    /// When the receiver last said that it lacks the first hole itself.
    lacked: Option<Timestamp>,
    /// A segment too far away to be believed alone.
    pub(crate) far: Option<Held>,
    /// Where it holds the first data of the stream, for earlier ones may come.
    pub(crate) beginning: Option<Beginning>,
}

/// A segment that came early.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) seq: u32,
    pub(crate) stamp: Stamp,
    pub(crate) bytes: Vec<u8>,
}

/// What became of a segment that was to be held.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kept<'a> {
    /// Whether any byte was new.
    pub(crate) fresh: bool,
    /// Whether bytes differ from those that are held in their place.
    pub(crate) differs: bool,
    /// What a bound left out.
    pub(crate) left_out: Option<(Bound, Segment<'a>)>,
}

/// Which bound bit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Bound {
    Flow,
    AllFlows,
}

impl Held {
    pub(crate) fn copy(segment: &Segment<'_>) -> Self {
        Self {
            seq: segment.seq,
            stamp: segment.stamp,
            bytes: segment.bytes.to_vec(),
        }
    }

    pub(crate) fn end(&self) -> u32 {
        self.seq.wrapping_add(span(&self.bytes))
    }

    /// What it costs to hold `len` bytes.
    pub(crate) const fn cost(len: usize) -> usize {
        len + OVERHEAD
    }
}

impl Backlog {
    pub(crate) const fn new(next: u32, stamp: Stamp) -> Self {
        Self {
            held: VecDeque::new(),
            bytes: 0,
            edge: next,
            edge_stamp: stamp,
            edge_seen: false,
            since: stamp.time,
            acknowledged: next,
            acknowledged_since: stamp.time,
            acknowledged_at: stamp.time,
            lacked: None,
            far: None,
            beginning: None,
        }
    }

    pub(crate) fn first(&self) -> Option<&Held> {
        self.held.front()
    }

    pub(crate) fn segments(&self) -> usize {
        self.held.len()
    }

    /// Whether nothing is waited for.
    pub(crate) fn is_over(&self, next: u32) -> bool {
        self.held.is_empty() && self.far.is_none() && ahead(self.edge, next) <= 0
    }

    /// Whether all that is missing may be the end of the stream: one sequence number that nobody
    /// but an acknowledgement tells of.
    pub(crate) fn is_end(&self, next: u32) -> bool {
        self.held.is_empty() && !self.edge_seen && ahead(self.edge, next) == 1
    }

    /// When the first hole is given up; nothing where there is none.
    pub(crate) fn due(&self, next: u32, limits: &Limits) -> Option<Timestamp> {
        let hole = !self.held.is_empty() || ahead(self.edge, next) > 0;
        if !hole || self.is_end(next) {
            return None;
        }
        let due = self.since.after(limits.hole_wait);
        if self.is_acknowledged(next) {
            return Some(due.min(self.acknowledged_since.after(limits.acknowledged_wait)));
        }
        let lacked = self.lacked.map(|at| at.after(limits.lacked_wait));
        Some(lacked.map_or(due, |lacked| due.max(lacked)))
    }

    /// Whether the receiver has what the stream waits for.
    pub(crate) fn is_acknowledged(&self, next: u32) -> bool {
        ahead(self.acknowledged, next) > 0
    }

    /// Notes how far the receiver acknowledged.
    pub(crate) fn acknowledge(&mut self, seq: u32, next: u32, time: Timestamp) {
        if ahead(seq, self.acknowledged) <= 0 {
            return;
        }
        if !self.is_acknowledged(next) {
            self.acknowledged_since = time;
        }
        (self.acknowledged, self.acknowledged_at) = (seq, time);
    }

    /// Notes that the receiver lacks what the stream waits for: it acknowledged all before it, after
    /// more was sent (RFC 5681, 4.2).
    pub(crate) const fn lack(&mut self, time: Timestamp) {
        self.lacked = Some(time);
    }

    /// Notes that the stream begins at `next`, before all that is held.
    pub(crate) const fn start_at(&mut self, next: u32) {
        self.acknowledged = next;
    }

    /// Where the run ends that begins at `next`.
    pub(crate) fn run_end(&self, next: u32) -> u32 {
        let extend = |end, held: &Held| if held.seq == end { held.end() } else { end };
        self.held.iter().fold(next, extend)
    }

    /// Notes that the stream went on: what is waited for now is the next hole.
    pub(crate) fn advance(&mut self) {
        self.since = self
            .first()
            .map_or(self.edge_stamp.time, |held| held.stamp.time);
        self.acknowledged_since = self.acknowledged_at;
        self.lacked = None;
    }

    /// Takes the first segment if the stream has come to it.
    pub(crate) fn take(&mut self, next: u32, all: &mut usize) -> Option<Held> {
        let held = self.held.pop_front_if(|held| held.seq == next)?;
        self.bytes -= held.bytes.len();
        *all -= Held::cost(held.bytes.len());
        Some(held)
    }

    /// Holds what is new of a segment.
    pub(crate) fn hold<'a>(
        &mut self,
        segment: Segment<'a>,
        limits: &Limits,
        all: &mut usize,
    ) -> Kept<'a> {
        let mut kept = Kept::default();
        let mut rest = segment;
        let mut at = self
            .held
            .partition_point(|held| ahead(held.end(), segment.seq) <= 0);
        while !rest.bytes.is_empty() {
            let room = match self.held.get(at) {
                Some(held) => ahead(held.seq, rest.seq),
                None => i32::MAX,
            };
            if room > 0 {
                let (piece, behind) = rest.split(room.unsigned_abs());
                if let Some(bound) = self.bound(piece.bytes.len(), limits, *all) {
                    kept.left_out = Some((bound, rest));
                    return kept;
                }
                self.insert(at, &piece, all);
                kept.fresh = true;
                rest = behind;
            } else if let Some(held) = self.held.get(at) {
                let (same, behind) = rest.split(ahead(held.end(), rest.seq).unsigned_abs());
                kept.differs |= !held.agrees(&same);
                rest = behind;
            }
            at += 1;
        }
        kept
    }

    fn insert(&mut self, at: usize, piece: &Segment<'_>, all: &mut usize) {
        self.bytes += piece.bytes.len();
        *all += Held::cost(piece.bytes.len());
        self.held.insert(at, Held::copy(piece));
    }

    fn bound(&self, len: usize, limits: &Limits, all: usize) -> Option<Bound> {
        if self.held.len() >= limits.flow_segments || self.bytes + len > limits.flow_bytes {
            Some(Bound::Flow)
        } else {
            (all + Held::cost(len) > limits.all_bytes).then_some(Bound::AllFlows)
        }
    }
}

impl Held {
    /// Whether a segment that lies within this one has the same bytes.
    fn agrees(&self, segment: &Segment<'_>) -> bool {
        let from = segment.seq.wrapping_sub(self.seq) as usize;
        self.bytes.get(from..from + segment.bytes.len()) == Some(segment.bytes)
    }
}

/// What a held segment takes besides its bytes.
const OVERHEAD: usize = 96;
