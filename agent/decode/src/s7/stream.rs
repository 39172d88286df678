//! One direction of a stream: bytes in, transport units and whole messages out.
//!
//! A unit that arrived whole is borrowed; only what is cut in two by segments is held, and only
//! messages of several data units are joined. Both buffers are bounded by the message limit, and
//! what is larger is passed over and said. Out of step, the lane passes bytes over until the next
//! boundary that [`frame::search`] vouches for, and says how many they were.

use std::mem;

use model::Malformed;

use super::frame::{self, Connection, Search, Step, Tpdu};

/// Buffers larger than this are given back once they are empty.
const KEPT: usize = 4 << 10;

/// What a lane hears.
#[derive(Debug)]
pub(super) enum Heard<'a> {
    /// A connection is opened or closed.
    Connection(Connection<'a>),
    /// A whole message of whatever protocol.
    Message(&'a [u8]),
    /// A unit that completes no message: an empty one, a part, or one of another kind.
    Unit(&'static str),
    /// A unit that cannot be read.
    Malformed(Malformed),
    /// A boundary was found again.
    Resynchronised {
        /// How many bytes were passed over.
        skipped_bytes: u64,
    },
    /// A unit or message of so many bytes is larger than the limit and was passed over.
    TooLarge(usize),
}

/// One direction. Most messages come whole: what others need has its place elsewhere, once there is one.
#[derive(Debug)]
pub(super) struct Lane {
    step: Pace,
    rest: Option<Box<Rest>>,
    limit: u32,
    open: Joining,
    /// Whether messages are wanted at all; else they are followed and not joined.
    pub(super) wanted: bool,
}

/// What is not whole.
#[derive(Debug, Default)]
struct Rest {
    // INVARIANT: in step, holds less than one unit; else less than a unit's headers.
    held: Vec<u8>,
    // INVARIANT: holds at most `limit` bytes; empty unless `open`.
    joined: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Joining {
    Nothing,
    Parts,
    Overflow,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Pace {
    InStep,
    /// So many bytes of a unit that is too large are still to come.
    Passing(usize),
    /// Out of step; quiet where nothing was lost yet.
    Searching {
        skipped: u64,
        quiet: bool,
    },
}

impl Lane {
    /// A lane in step that holds at most `limit` bytes of a unit or message.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            step: Pace::InStep,
            rest: None,
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
            open: Joining::Nothing,
            wanted: true,
        }
    }

    const fn limit(&self) -> usize {
        self.limit as usize
    }

    fn held(&self) -> &[u8] {
        self.rest.as_ref().map_or(&[], |rest| &rest.held)
    }

    /// Takes the next bytes and hears what they complete.
    pub(super) fn feed(&mut self, mut bytes: &[u8], hear: &mut dyn FnMut(Heard<'_>)) {
        while !bytes.is_empty() {
            if self.held().is_empty() {
                let taken = self.walk(bytes, hear);
                if let Some(left) = bytes.get(taken..).filter(|left| !left.is_empty()) {
                    let rest = self.rest.get_or_insert_default();
                    rest.held.extend_from_slice(left);
                }
                return;
            }
            bytes = self.top_up(bytes, hear);
        }
    }

    /// Adds to what is held just what it needs to be told, and gives back the rest.
    fn top_up<'a>(&mut self, bytes: &'a [u8], hear: &mut dyn FnMut(Heard<'_>)) -> &'a [u8] {
        let mut held = mem::take(&mut self.rest.get_or_insert_default().held);
        let wanted = match self.step {
            Pace::InStep => match frame::next(&held) {
                Step::More(missing) => missing,
                Step::Whole { .. } | Step::Broken(_) => 1,
            },
            Pace::Passing(_) | Pace::Searching { .. } => 64,
        };
        let (now, later) = bytes.split_at_checked(wanted).unwrap_or((bytes, &[]));
        held.extend_from_slice(now);
        let taken = self.walk(&held, hear);
        held.drain(..taken.min(held.len()));
        if held.is_empty() && held.capacity() > KEPT {
            held = Vec::new();
        }
        self.rest.get_or_insert_default().held = held;
        later
    }

    /// Goes as far as the bytes tell, and gives how many that were.
    fn walk(&mut self, bytes: &[u8], hear: &mut dyn FnMut(Heard<'_>)) -> usize {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let taken = match self.step {
                Pace::InStep => self.unit(rest, hear),
                Pace::Passing(left) => self.pass(left, rest),
                Pace::Searching { skipped, quiet } => self.search(rest, skipped, quiet, hear),
            };
            match taken {
                Some(taken) => at += taken,
                None => break,
            }
        }
        at
    }

    fn unit(&mut self, rest: &[u8], hear: &mut dyn FnMut(Heard<'_>)) -> Option<usize> {
        match frame::next(rest) {
            Step::Whole { len, .. } if len > self.limit() => self.too_large(len, hear),
            Step::Whole { tpdu, len } => {
                self.tpdu(tpdu, hear);
                Some(len)
            }
            Step::More(missing) if rest.len() + missing > self.limit() => {
                self.too_large(rest.len() + missing, hear)
            }
            Step::More(_) => None,
            Step::Broken(malformed) => {
                hear(Heard::Malformed(malformed));
                self.lose(false);
                Some(0)
            }
        }
    }

    fn too_large(&mut self, len: usize, hear: &mut dyn FnMut(Heard<'_>)) -> Option<usize> {
        hear(Heard::TooLarge(len));
        self.step = Pace::Passing(len);
        Some(0)
    }

    fn pass(&mut self, left: usize, rest: &[u8]) -> Option<usize> {
        let taken = left.min(rest.len());
        self.step = match left - taken {
            0 => Pace::InStep,
            left => Pace::Passing(left),
        };
        Some(taken)
    }

    fn search(
        &mut self,
        rest: &[u8],
        skipped: u64,
        quiet: bool,
        hear: &mut dyn FnMut(Heard<'_>),
    ) -> Option<usize> {
        let Search { passed, found } = frame::search(rest);
        let skipped = skipped + passed as u64;
        if !found {
            self.step = Pace::Searching { skipped, quiet };
            // Bytes that are surely passed leave the buffer; what may be a unit stays in it.
            return (passed > 0).then_some(passed);
        }
        self.step = Pace::InStep;
        if skipped > 0 || !quiet {
            hear(Heard::Resynchronised {
                skipped_bytes: skipped,
            });
        }
        Some(passed)
    }

    fn tpdu(&mut self, bytes: &[u8], hear: &mut dyn FnMut(Heard<'_>)) {
        match frame::tpdu(bytes) {
            Ok(Tpdu::Data { last, payload }) => self.data(last, payload, hear),
            Ok(Tpdu::Connection(connection)) => {
                self.drop_parts();
                hear(Heard::Connection(connection));
            }
            Ok(Tpdu::Unknown) => {}
            Ok(Tpdu::Other(kind)) => hear(Heard::Unit(kind)),
            Err(malformed) => hear(Heard::Malformed(malformed)),
        }
    }

    /// Controllers acknowledge with data units that are empty and not the last: they join nothing.
    fn data(&mut self, last: bool, payload: &[u8], hear: &mut dyn FnMut(Heard<'_>)) {
        if last && self.open == Joining::Nothing {
            return hear(whole(payload));
        }
        self.join(payload, hear);
        if !last {
            return hear(Heard::Unit(frame::DATA));
        }
        let mut joined = mem::take(&mut self.rest.get_or_insert_default().joined);
        hear(whole(&joined));
        joined.clear();
        if joined.capacity() <= KEPT {
            self.rest.get_or_insert_default().joined = joined;
        }
        self.open = Joining::Nothing;
    }

    fn join(&mut self, payload: &[u8], hear: &mut dyn FnMut(Heard<'_>)) {
        match self.open {
            Joining::Nothing if payload.is_empty() => return,
            Joining::Overflow => return,
            Joining::Nothing | Joining::Parts => {}
        }
        let limit = self.limit();
        let joined = &mut self.rest.get_or_insert_default().joined;
        let len = joined.len() + payload.len();
        if !self.wanted {
            self.open = Joining::Overflow;
        } else if len > limit {
            *joined = Vec::new();
            self.open = Joining::Overflow;
            hear(Heard::TooLarge(len));
        } else {
            self.open = Joining::Parts;
            joined.extend_from_slice(payload);
        }
    }

    /// Bytes are missing: what was begun is lost, and the next boundary must be found.
    pub(super) fn lose(&mut self, quiet: bool) {
        let before = match self.step {
            Pace::Searching { skipped, .. } => skipped,
            Pace::InStep | Pace::Passing(_) => 0,
        };
        let skipped = before + self.held().len() as u64;
        self.rest = None;
        self.step = Pace::Searching { skipped, quiet };
        self.open = Joining::Nothing;
    }

    fn drop_parts(&mut self) {
        if let Some(rest) = &mut self.rest {
            rest.joined = Vec::new();
        }
        self.open = Joining::Nothing;
    }

    /// How many bytes the lane holds on the heap.
    pub(super) fn held_bytes(&self) -> usize {
        let held = |rest: &Rest| size_of::<Rest>() + rest.held.capacity() + rest.joined.capacity();
        self.rest.as_deref().map_or(0, held)
    }
}

/// What a data unit completes: an empty one, nothing.
const fn whole(message: &[u8]) -> Heard<'_> {
    if message.is_empty() {
        Heard::Unit(frame::DATA)
    } else {
        Heard::Message(message)
    }
}
