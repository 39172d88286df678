//! One direction of a stream: cuts it into messages, and finds the next one when it is lost.
//!
//! A message that lies whole in a segment is borrowed from it. Only an unfinished message is
//! copied, and never more than one: `held` has at most [`WINDOW`] bytes.
//!
//! Where the next message starts is lost after a gap, or where the bytes start no message. It is
//! found at the start of a segment that starts with a whole message and holds nothing else than
//! messages, the last of which may be unfinished; or at a message that answers an open request; or
//! at one that the specification allows and that ends its segment or is followed by a second
//! header. Bytes passed over are counted and said.

use model::Malformed;

use super::frame::{Frame, LONGEST, Measure, leads, measure};
use super::functions::is_public;
use super::layout;

/// One direction. Most messages come whole: nothing is remembered of a stream until one does not.
#[derive(Debug, Default)]
pub(super) struct Stream(Option<Box<Rest>>);

/// One direction's unfinished bytes.
#[derive(Debug, Default)]
struct Rest {
    // INVARIANT: `used <= held.len() <= WINDOW`; the first `used` bytes were said.
    held: Vec<u8>,
    used: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// The next byte starts a message, or continues the one that is held.
    #[default]
    Found,
    /// Where the next message starts is not known.
    Lost { skipped_bytes: u64 },
}

/// The bytes of one feed that are still to be read.
pub(super) struct Segment<'a> {
    whole: &'a [u8],
    rest: &'a [u8],
}

/// What the next bytes of a stream are.
pub(super) enum Next<'a> {
    /// A whole message.
    Frame(Frame<'a>),
    /// No message: the boundary is lost from here on.
    Malformed(Malformed),
    /// The boundary was found again.
    Resynchronised(u64),
    /// Nothing more until more bytes come.
    Starved,
}

impl<'a> Segment<'a> {
    /// All bytes of one feed.
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            whole: bytes,
            rest: bytes,
        }
    }

    /// Whether nothing of it was read, so that it may start where a message starts.
    pub(super) fn is_fresh(&self) -> bool {
        self.rest.len() == self.whole.len()
    }

    /// What is still to be read.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether all of it was read.
    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(len).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }
}

impl Stream {
    /// The next thing that the segment completes. `expected` tells whether a message answers an
    /// open request.
    pub(super) fn next<'s, 'b: 's>(
        &'s mut self,
        segment: &mut Segment<'b>,
        expected: impl Fn(&Frame<'_>) -> bool,
    ) -> Next<'s> {
        let is_clear = self.0.as_deref_mut().is_none_or(Rest::settle);
        if is_clear {
            return self.borrow(segment);
        }
        match &mut self.0 {
            Some(rest) => rest.next(segment, expected),
            None => Next::Starved,
        }
    }

    /// Whether the next byte starts a message for all that is remembered. It may also be so where this is not said.
    #[inline]
    pub(super) const fn is_clear(&self) -> bool {
        self.0.is_none()
    }

    /// Whether no byte of earlier segments is held.
    pub(super) fn holds_nothing(&self) -> bool {
        self.0.as_ref().is_none_or(|rest| rest.held.is_empty())
    }

    /// Forgets what is held: bytes are missing behind it.
    pub(super) fn lose(&mut self) {
        self.0.get_or_insert_default().lose();
    }

    /// How many bytes were passed over since the boundary was lost.
    pub(super) fn skipped_bytes(&self) -> u64 {
        self.0.as_ref().map_or(0, |rest| rest.skipped_bytes())
    }

    /// How many bytes it holds on the heap.
    pub(super) fn held_bytes(&self) -> usize {
        let rest = self.0.as_ref();
        rest.map_or(0, |rest| size_of::<Rest>() + rest.held.capacity())
    }

    /// The usual path: nothing is held, messages are borrowed from the segment.
    fn borrow<'b>(&mut self, segment: &mut Segment<'b>) -> Next<'b> {
        if segment.is_empty() {
            return Next::Starved;
        }
        match measure(segment.rest) {
            Measure::Whole(total) => cut(segment.take(total)),
            Measure::Need(_) => {
                let bytes = segment.take(segment.rest.len());
                let rest = self.0.get_or_insert_default();
                rest.held.extend_from_slice(bytes);
                Next::Starved
            }
            Measure::Broken(malformed) => {
                segment.take(1);
                let rest = self.0.get_or_insert_default();
                rest.state = State::Lost { skipped_bytes: 1 };
                Next::Malformed(malformed)
            }
        }
    }
}

impl Rest {
    /// Leaves behind what was said; whether nothing is held and the next byte starts a message.
    fn settle(&mut self) -> bool {
        if self.used > 0 {
            self.held.drain(..self.used);
            self.used = 0;
        }
        self.held.is_empty() && matches!(self.state, State::Found)
    }

    /// The next thing that what is held and the segment complete.
    fn next(
        &mut self,
        segment: &mut Segment<'_>,
        expected: impl Fn(&Frame<'_>) -> bool,
    ) -> Next<'_> {
        match self.state {
            _ if segment.is_empty() && self.held.is_empty() => Next::Starved,
            State::Lost { skipped_bytes } => self.seek(skipped_bytes, segment, expected),
            State::Found => self.complete(segment),
        }
    }

    fn lose(&mut self) {
        self.held.drain(..self.used);
        let skipped_bytes = self.skipped_bytes() + self.held.len() as u64;
        self.used = 0;
        self.held.clear();
        self.state = State::Lost { skipped_bytes };
    }

    fn skipped_bytes(&self) -> u64 {
        match self.state {
            State::Found => 0,
            State::Lost { skipped_bytes } => skipped_bytes,
        }
    }

    /// Copies as much as the held message needs.
    fn complete(&mut self, segment: &mut Segment<'_>) -> Next<'_> {
        loop {
            match measure(&self.held) {
                Measure::Whole(total) => {
                    self.used = total;
                    return cut(self.held.get(..total).unwrap_or(&[]));
                }
                Measure::Need(_) if segment.rest.is_empty() => return Next::Starved,
                Measure::Need(total) => {
                    let missing = total - self.held.len();
                    self.held.extend_from_slice(segment.take(missing));
                }
                Measure::Broken(malformed) => {
                    self.give_up(segment);
                    return Next::Malformed(malformed);
                }
            }
        }
    }

    /// The held bytes start no message: the segment, whose start may be a boundary, is read anew.
    fn give_up(&mut self, segment: &mut Segment<'_>) {
        let copied = segment.whole.len() - segment.rest.len();
        let skipped_bytes = match self.held.len().checked_sub(copied) {
            None | Some(0) => {
                self.held.drain(..1);
                1
            }
            Some(older) => {
                self.held.clear();
                segment.rest = segment.whole;
                older as u64
            }
        };
        self.state = State::Lost { skipped_bytes };
    }

    /// Looks for the next message in what is held and in the segment.
    fn seek(
        &mut self,
        mut skipped_bytes: u64,
        segment: &mut Segment<'_>,
        expected: impl Fn(&Frame<'_>) -> bool,
    ) -> Next<'static> {
        if segment.is_fresh() && leads(segment.rest) {
            skipped_bytes += self.held.len() as u64;
            self.held.clear();
            return self.found(skipped_bytes);
        }
        loop {
            self.held
                .extend_from_slice(segment.take(WINDOW - self.held.len()));
            let ends = segment.rest.is_empty();
            let (place, is_found) = find(&self.held, ends, &expected);
            self.held.drain(..place);
            skipped_bytes += place as u64;
            if is_found {
                return self.found(skipped_bytes);
            }
            self.state = State::Lost { skipped_bytes };
            if ends {
                return Next::Starved;
            }
        }
    }

    fn found(&mut self, skipped_bytes: u64) -> Next<'static> {
        self.state = State::Found;
        Next::Resynchronised(skipped_bytes)
    }
}

/// A measured message, read.
fn cut(message: &[u8]) -> Next<'_> {
    match Frame::read(message) {
        Ok(frame) => Next::Frame(frame),
        Err(malformed) => Next::Malformed(malformed),
    }
}

/// The first place that starts a message or, for all that can be seen yet, may start one; and
/// whether it does.
fn find(bytes: &[u8], ends: bool, expected: &impl Fn(&Frame<'_>) -> bool) -> (usize, bool) {
    for place in 0..bytes.len() {
        match starts(bytes.get(place..).unwrap_or(&[]), ends, expected) {
            Some(true) => return (place, true),
            // A full window is more than any message needs to show itself; go on for certain.
            None if bytes.len() - place < WINDOW => return (place, false),
            None | Some(false) => {}
        }
    }
    (bytes.len(), false)
}

/// Whether the bytes start a message; `None` while too few are there.
fn starts(bytes: &[u8], ends: bool, expected: &impl Fn(&Frame<'_>) -> bool) -> Option<bool> {
    match measure(bytes) {
        Measure::Broken(_) => Some(false),
        Measure::Need(total) => match bytes {
            [_, _, _, _, _, _, _, code, body @ ..] => {
                let plausible = is_public(code & 0x7f) && layout::agrees(*code, body, total - 8);
                (!plausible).then_some(false)
            }
            _ => None,
        },
        Measure::Whole(total) => {
            let (message, rest) = bytes.split_at_checked(total)?;
            let frame = Frame::read(message).ok()?;
            match measure(rest) {
                _ if expected(&frame) => Some(true),
                _ if !frame.is_proper() => Some(false),
                Measure::Broken(_) => Some(false),
                _ if rest.len() >= HEADER || (rest.is_empty() && ends) => Some(true),
                _ => None,
            }
        }
    }
}

/// The most bytes that are held: the longest message and the header behind it, twice.
const WINDOW: usize = 2 * (LONGEST + HEADER);
/// A header up to and with its length field.
const HEADER: usize = 6;
