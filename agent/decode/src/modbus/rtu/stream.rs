//! One direction of a stream of serial messages: cuts it, and finds the next message when it is lost.
//!
//! A message that lies whole in a segment is borrowed from it. Of an unfinished one at most
//! [`LONGEST`] bytes are held. Where the next message starts is lost after a gap or a wrong checksum; it is
//! found where a message that the specification allows has the right checksum, or where a whole segment has.

use model::Malformed;

use super::frame::{Checksum, LONGEST, Measure, begins, measure, read};
use crate::modbus::frame::Frame;
use crate::modbus::layout::Half;
use crate::modbus::stream::Segment;

/// One direction's unfinished bytes.
#[derive(Debug, Default)]
pub(super) struct Stream {
    // INVARIANT: `used <= held.len() <= WINDOW`; the first `used` bytes were said.
    held: Vec<u8>,
    used: usize,
    /// How many bytes were passed over since the boundary was lost.
    lost: Option<u64>,
    /// In how many of the bytes held the boundary was looked for in vain.
    sought: usize,
}

/// What the next bytes of a stream are.
pub(super) enum Next<'a> {
    /// A whole message.
    Frame(Frame<'a>),
    /// A message whose checksum is wrong: the boundary is lost.
    Corrupt(Checksum),
    /// No message: the boundary is lost.
    Malformed(Malformed),
    /// The boundary was found again.
    Resynchronised(u64),
    /// Nothing more until more bytes come.
    Starved,
}

impl Stream {
    /// The next thing that the segment completes. `expected` is what the sender's messages should be.
    pub(super) fn next<'s, 'b: 's>(
        &'s mut self,
        segment: &mut Segment<'b>,
        expected: Option<Half>,
    ) -> Next<'s> {
        self.held.drain(..self.used);
        self.used = 0;
        match self.lost {
            _ if segment.is_empty() && self.held.is_empty() => Next::Starved,
            Some(skipped_bytes) => self.seek(skipped_bytes, segment),
            None if self.held.is_empty() => self.borrow(segment, expected),
            None => self.complete(segment),
        }
    }

    /// Forgets what is held: bytes are missing behind it.
    pub(super) fn lose(&mut self) {
        self.held.drain(..self.used);
        self.used = 0;
        self.lost = Some(self.skipped_bytes() + self.held.len() as u64);
        self.held.clear();
        self.sought = 0;
    }

    /// How many bytes were passed over since the boundary was lost.
    pub(super) fn skipped_bytes(&self) -> u64 {
        self.lost.unwrap_or(0)
    }

    /// How many bytes it holds on the heap.
    pub(super) fn held_bytes(&self) -> usize {
        self.held.capacity()
    }

    fn borrow<'b>(&mut self, segment: &mut Segment<'b>, expected: Option<Half>) -> Next<'b> {
        match measure(segment.rest(), true, segment.is_fresh(), expected) {
            Measure::Whole(total) => whole(segment.take(total)),
            Measure::Need(_) => {
                let rest = segment.take(segment.rest().len());
                self.held.extend_from_slice(rest);
                Next::Starved
            }
            Measure::Corrupt(checksum) => {
                self.pass_over(segment);
                Next::Corrupt(checksum)
            }
            Measure::Broken(malformed) => {
                self.pass_over(segment);
                Next::Malformed(malformed)
            }
        }
    }

    /// Copies as much as the held message needs.
    fn complete(&mut self, segment: &mut Segment<'_>) -> Next<'_> {
        loop {
            match measure(&self.held, segment.is_empty(), false, None) {
                Measure::Whole(total) => {
                    self.used = total;
                    return whole(self.held.get(..total).unwrap_or(&[]));
                }
                Measure::Need(_) if segment.is_empty() => return Next::Starved,
                Measure::Need(total) => {
                    let missing = total - self.held.len();
                    self.held.extend_from_slice(segment.take(missing));
                }
                Measure::Corrupt(checksum) => {
                    self.pass_over(segment);
                    return Next::Corrupt(checksum);
                }
                Measure::Broken(malformed) => {
                    self.pass_over(segment);
                    return Next::Malformed(malformed);
                }
            }
        }
    }

    /// The next byte starts no message; the one behind it may.
    fn pass_over(&mut self, segment: &mut Segment<'_>) {
        match self.held.is_empty() {
            true => {
                segment.take(1);
            }
            false => {
                self.held.drain(..1);
            }
        }
        self.lost = Some(1);
        self.sought = 0;
    }

    /// Looks for the next message in what is held and in the segment.
    fn seek(&mut self, mut skipped_bytes: u64, segment: &mut Segment<'_>) -> Next<'static> {
        let is_whole = |bytes| matches!(measure(bytes, true, false, None), Measure::Whole(_));
        if segment.is_fresh() && is_whole(segment.rest()) {
            skipped_bytes += self.held.len() as u64;
            self.held.clear();
            return self.found(skipped_bytes);
        }
        loop {
            let seen = self.held.len();
            self.held.extend_from_slice(segment.take(WINDOW - seen));
            let (place, is_found) = find(&self.held, self.sought.min(seen));
            self.held.drain(..place);
            self.sought = self.held.len();
            skipped_bytes += place as u64;
            if is_found {
                return self.found(skipped_bytes);
            }
            self.lost = Some(skipped_bytes);
            if segment.is_empty() {
                return Next::Starved;
            }
        }
    }

    fn found(&mut self, skipped_bytes: u64) -> Next<'static> {
        self.lost = None;
        self.sought = 0;
        Next::Resynchronised(skipped_bytes)
    }
}

fn whole(message: &[u8]) -> Next<'_> {
    read(message).map_or(Next::Starved, Next::Frame)
}

/// The first place that starts a message; else the first that may start one, or the end. Messages within
/// the first `sought` bytes were looked for before: each checksum is computed once, however the bytes are cut.
fn find(bytes: &[u8], sought: usize) -> (usize, bool) {
    let mut may_be = bytes.len();
    for place in 0..bytes.len() {
        let rest = bytes.get(place..).unwrap_or(&[]);
        match begins(rest, sought.saturating_sub(place)) {
            Some(Some(_)) => return (place, true),
            Some(None) => {}
            None => may_be = may_be.min(place),
        }
    }
    (may_be, false)
}

/// The most bytes that are held: two of the longest messages, so that there is always room for more.
const WINDOW: usize = 2 * LONGEST;
