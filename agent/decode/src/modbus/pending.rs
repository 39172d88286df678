//! The requests that wait for an answer.
//!
//! An answer has its request's transaction identifier, unit and function (MODBUS Messaging on
//! TCP/IP V1.0b, 4.2). Many clients never change the identifier; for them a new request takes the
//! place of the open one, unless both came in one frame or the answer will tell them apart.

use model::{Direction, Function, Stage, Stamp};

use super::frame::Frame;
use super::layout;
use super::message::{Message, Span};
use crate::queue::Queue;

/// What must be equal in a request and its answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Key {
    /// The direction of the request.
    pub(super) from: Direction,
    /// The header's identifier.
    pub(super) transaction_id: u16,
    /// The header's unit.
    pub(super) unit_id: u8,
    /// The function code without the exception bit.
    pub(super) function: u8,
}

impl Key {
    /// The key of a message that is a request from `from`.
    pub(super) const fn of(from: Direction, frame: &Frame<'_>) -> Self {
        Self {
            from,
            transaction_id: frame.transaction_id,
            unit_id: frame.unit_id,
            function: frame.function(),
        }
    }
}

/// What is remembered of a request.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// The frame that completed it.
    pub(super) stamp: Stamp,
    /// The signature of its operation.
    pub(super) signature: u64,
    /// What it asked for.
    pub(super) function: Function,
    /// The runs of cells: what is read or written, and what else is written.
    pub(super) spans: [Option<Span>; 2],
    /// Its sub-function.
    pub(super) sub: Option<u16>,
    /// The first four bytes of the body: what an answer to a write repeats.
    pub(super) head: Option<u32>,
    /// The file numbers; empty, and on no heap, for all but file records.
    pub(super) files: Box<[u16]>,
}

impl Asked {
    /// What is to be remembered of a message.
    pub(super) fn of(
        message: &Message<'_>,
        function: Function,
        stamp: Stamp,
        signature: u64,
        spans: [Option<Span>; 2],
    ) -> Self {
        Self {
            stamp,
            signature,
            function,
            spans,
            sub: message.sub(),
            head: head(&message.frame),
            files: match message.frame.function() {
                20 | 21 => message.files().filter_map(|it| it.file).collect(),
                _ => Box::default(),
            },
        }
    }

    /// How many cells it asks for.
    pub(super) const fn quantity(&self) -> Option<u16> {
        match self.spans {
            [Some((_, quantity)), _] => quantity,
            _ => None,
        }
    }
}

/// An open request.
#[derive(Clone, Debug)]
pub(super) struct Open {
    key: Key,
    /// Its place in the order of requests.
    pub(super) number: u64,
    /// What it asked.
    pub(super) asked: Asked,
    /// Whether it is surely a request: the roles were known.
    is_sure: bool,
    /// Whether its answer may have been lost in a gap.
    is_excused: bool,
}

impl Open {
    /// The unit that was asked.
    pub(super) const fn unit_id(&self) -> u8 {
        self.key.unit_id
    }

    /// Whether it is worth saying that no answer came.
    pub(super) const fn is_unanswered(&self) -> bool {
        self.is_sure && !self.is_excused
    }
}

/// The open requests of both directions, oldest first.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Pending {
    limit: usize,
    numbered: u64,
    // INVARIANT: at most `limit` requests, in the order of their numbers.
    open: Queue<Open>,
}

impl Pending {
    /// Remembers at most `limit` requests, and always one.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            open: Queue::default(),
            limit: limit.max(1),
            numbered: 0,
        }
    }

    /// Whether an open request has this key. One that is not surely a request must also be
    /// repeated by the answer, as writes are.
    pub(super) fn awaits(&self, key: Key, frame: &Frame<'_>) -> bool {
        let fits = |open: &Open| open.is_sure || open.asked.head == head(frame);
        self.open
            .position(|open| open.key == key && fits(open))
            .is_some()
    }

    /// Where the open request with this key is: of several, the one that the answer repeats, else the
    /// oldest.
    pub(super) fn answered(&self, key: Key, frame: &Frame<'_>) -> Option<usize> {
        let repeated = |head| {
            let repeats = move |open: &Open| open.key == key && open.asked.head == head;
            self.open.position(repeats)
        };
        let place = is_repeated(frame.code).then(|| repeated(head(frame)));
        place
            .flatten()
            .or_else(|| self.open.position(|open| open.key == key))
    }

    /// Where the open request with this transaction identifier and direction is, whatever its unit,
    /// if its function is the same.
    pub(super) fn answered_by_another_unit(&self, key: Key) -> Option<usize> {
        self.open.position(|open| {
            Key {
                unit_id: open.key.unit_id,
                ..key
            } == open.key
        })
    }

    /// The open request at a place.
    pub(super) fn at(&self, place: usize) -> Option<&Open> {
        self.open.get(place)
    }

    /// Forgets the request at a place.
    pub(super) fn close(&mut self, place: usize) {
        self.open.close(place);
    }

    /// The function code of the open request with this transaction identifier and direction.
    pub(super) fn function_asked(&self, key: Key) -> Option<u8> {
        let alike = |open: &&Open| {
            open.key.from == key.from && open.key.transaction_id == key.transaction_id
        };
        self.open.iter().find(alike).map(|open| open.key.function)
    }

    /// Takes the request that a new one with this key, in frame `stamp`, supersedes. One that
    /// asks for something else by a function whose answers repeat the request stays open.
    pub(super) fn superseded(&mut self, key: Key, frame: &Frame<'_>, stamp: Stamp) -> Option<Open> {
        let place = self.places(key).find(|place| {
            let earlier = |open: &Open| open.asked.stamp.frame() != stamp.frame();
            self.open.get(*place).is_some_and(earlier)
                && (!is_repeated(frame.code) || self.repeats(*place, frame))
        })?;
        self.open.remove(place)
    }

    /// Whether a request with this key is open.
    pub(super) fn is_open(&self, key: Key) -> bool {
        self.open.position(|open| open.key == key).is_some()
    }

    /// Takes the oldest request if no other fits in, with how many fit.
    pub(super) fn overflow(&mut self) -> Option<(Open, usize)> {
        let oldest = (self.open.len() >= self.limit).then(|| self.open.take_first())??;
        Some((oldest, self.limit))
    }

    /// Remembers a request.
    pub(super) fn ask(&mut self, key: Key, asked: Asked, stage: Stage) {
        self.numbered += 1;
        self.open.push(Open {
            key,
            number: self.numbered,
            asked,
            is_sure: stage == Stage::Request,
            is_excused: false,
        });
    }

    /// Takes the oldest request if [`PATIENCE`] later ones than it were asked before `answered`
    /// was, which was answered.
    pub(super) fn overdue(&mut self, answered: u64) -> Option<Open> {
        let front = self.open.first()?;
        (front.number + PATIENCE <= answered).then(|| self.open.take_first())?
    }

    /// Bytes of the direction `answers` are missing: what is open may have been answered in them.
    pub(super) fn excuse(&mut self, answers: Direction) {
        for open in self.open.iter_mut() {
            open.is_excused |= open.key.from != answers;
        }
    }

    /// Where the open requests with this key are, oldest first.
    fn places(&self, key: Key) -> impl Iterator<Item = usize> {
        let numbered = self.open.iter().enumerate();
        numbered.filter_map(move |(place, open)| (open.key == key).then_some(place))
    }

    /// Whether a message starts as the request did.
    fn repeats(&self, place: usize, frame: &Frame<'_>) -> bool {
        let open = self.open.get(place);
        open.is_some_and(|open| open.asked.head == head(frame))
    }

    /// Takes the oldest request.
    pub(super) fn forget(&mut self) -> Option<Open> {
        self.open.take_first()
    }

    /// Whether no request is open.
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// How many bytes it holds on the heap.
    pub(super) fn held_bytes(&self) -> usize {
        let files = |open: &Open| size_of_val(&*open.asked.files);
        self.open.held_bytes() + self.open.iter().map(files).sum::<usize>()
    }
}

/// Whether the answer to this function starts as its request did.
pub(super) const fn is_repeated(code: u8) -> bool {
    matches!(code, 5 | 6 | 15 | 16 | 22)
}

/// The first four bytes of the body.
pub(super) fn head(frame: &Frame<'_>) -> Option<u32> {
    let (high, low) = (layout::word(frame.body, 0)?, layout::word(frame.body, 2)?);
    Some(u32::from(high) << 16 | u32::from(low))
}

/// How many requests may be answered before an older one counts as unanswered.
const PATIENCE: u64 = 16;
