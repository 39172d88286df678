//! The decoder of one flow: cuts each direction into messages, tells requests from answers, pairs
//! them, and says what does not fit.
//!
//! Holds per direction one unfinished message, and at most [`Limits::pending_requests`] requests.
//! Where bytes are missing, or the start was, nothing is held against an answer without a request:
//! its request may be what was missed.

use foldhash::quality::RandomState;
use model::{Anomaly, AnomalyKind, Direction, Malformed, Said, Stage, Stamp, Transport};

use super::frame::{Frame, Measure, measure};
use super::layout;
use super::message::Message;
use super::operation::{self, Exchange};
use super::pending::{Asked, Key, Open, Pending, head, is_repeated};
use super::roles::{Evidence, Roles};
use super::stream::{Next, Segment, Stream};
use crate::{Decoder, Limits};

/// The state of one flow.
pub(super) struct Session {
    transport: Transport,
    streams: [Stream; 2],
    dialogue: Dialogue,
}

/// What both directions have said to each other.
struct Dialogue {
    transport: Transport,
    roles: Roles,
    pending: Pending,
    overflowed: bool,
    /// The flow was seen from its start, and no byte of it was missed or passed over.
    is_complete: bool,
    seed: RandomState,
}

/// Hears what a session says.
type Say<'s> = &'s mut dyn FnMut(Said<'_>);

impl Session {
    /// A flow that was seen from its start, until it is told otherwise.
    pub(super) fn new(limits: &Limits, transport: Transport) -> Self {
        Self {
            transport,
            streams: [Stream::default(), Stream::default()],
            dialogue: Dialogue {
                transport,
                roles: Roles::opened(),
                pending: Pending::new(limits.pending_requests),
                overflowed: false,
                is_complete: true,
                seed: limits.seed.clone(),
            },
        }
    }

    fn feed_stream(&mut self, stamp: Stamp, from: Direction, bytes: &[u8], say: Say<'_>) {
        let stream = from.of_mut(&mut self.streams);
        let dialogue = &mut self.dialogue;
        let mut segment = Segment::new(bytes);
        loop {
            match stream.next(&mut segment, |frame| dialogue.awaits(from, frame)) {
                Next::Frame(frame) => dialogue.hear(stamp, from, frame, say),
                Next::Malformed(malformed) => dialogue.miss(from, malformed, say),
                Next::Resynchronised(skipped_bytes) => {
                    say(Said::Resynchronised { skipped_bytes });
                }
                Next::Starved => return,
            }
        }
    }

    /// A datagram holds whole messages; what is left over is of no use to the next one.
    fn feed_datagram(&mut self, stamp: Stamp, from: Direction, mut bytes: &[u8], say: Say<'_>) {
        while !bytes.is_empty() {
            let total = match measure(bytes) {
                Measure::Whole(total) => total,
                Measure::Need(_) => return self.dialogue.miss(from, CUT_SHORT, say),
                Measure::Broken(malformed) => return self.dialogue.miss(from, malformed, say),
            };
            let (message, rest) = bytes.split_at_checked(total).unwrap_or((bytes, &[]));
            match Frame::read(message) {
                Ok(frame) => self.dialogue.hear(stamp, from, frame, say),
                Err(malformed) => self.dialogue.miss(from, malformed, say),
            }
            bytes = rest;
        }
    }
}

impl Decoder for Session {
    fn feed(&mut self, stamp: Stamp, from: Direction, bytes: &[u8], say: Say<'_>) {
        match self.transport {
            Transport::Tcp => self.feed_stream(stamp, from, bytes, say),
            Transport::Udp | Transport::Ethernet => self.feed_datagram(stamp, from, bytes, say),
        }
    }

    fn gap(&mut self, _: Stamp, from: Direction, _: u64, _: Say<'_>) {
        from.of_mut(&mut self.streams).lose();
        self.dialogue.is_complete = false;
        self.dialogue.pending.excuse(from);
    }

    fn close(&mut self, _: Stamp, say: Say<'_>) {
        for stream in &mut self.streams {
            stream.lose();
            if stream.skipped_bytes() > 0 {
                say(Said::Malformed(NEVER_FOUND));
            }
            *stream = Stream::default();
        }
        while let Some(open) = self.dialogue.pending.forget() {
            unanswered(&open, say);
        }
    }

    fn joined_midway(&mut self) {
        self.dialogue.is_complete = false;
        self.dialogue.roles.forget();
    }

    fn held_bytes(&self) -> usize {
        let streams = self.streams.iter().map(Stream::held_bytes).sum::<usize>();
        streams + self.dialogue.pending.held_bytes()
    }
}

impl Dialogue {
    /// Whether a message could answer an open request.
    fn awaits(&self, from: Direction, frame: &Frame<'_>) -> bool {
        self.pending.awaits(Key::of(from.reverse(), frame), frame)
    }

    /// Bytes that are no message were passed over.
    fn miss(&mut self, from: Direction, malformed: Malformed, say: Say<'_>) {
        self.is_complete = false;
        self.pending.excuse(from);
        say(Said::Malformed(malformed));
    }

    fn hear(&mut self, stamp: Stamp, from: Direction, frame: Frame<'_>, say: Say<'_>) {
        let stage = self.roles.stage(
            from,
            Evidence {
                is_exception: frame.is_exception(),
                answers: !self.pending.is_empty() && self.awaits(from, &frame),
                shape: || layout::shape(frame.code, frame.body),
            },
        );
        let message = Message { frame, stage };
        match stage {
            Stage::Request | Stage::Other => self.ask(stamp, from, &message, say),
            Stage::Response => self.answer(from, &message, say),
        }
        if let Some(anomaly) = mismeasured(&message) {
            say(Said::Anomaly(anomaly));
        }
    }

    fn ask(&mut self, stamp: Stamp, from: Direction, message: &Message<'_>, say: Say<'_>) {
        let key = Key::of(from, &message.frame);
        self.make_room(key, &message.frame, stamp, say);
        let exchange = Exchange::new(*message, None, self.transport);
        let signature = exchange.signature(&self.seed);
        let asked = exchange.remembered(stamp, signature);
        self.pending.ask(key, asked, message.stage);
        say(Said::Operation(operation::of(&exchange, signature)));
    }

    fn make_room(&mut self, key: Key, frame: &Frame<'_>, stamp: Stamp, say: Say<'_>) {
        if self.pending.is_open(key) {
            self.complain(
                AnomalyKind::DuplicateRequest,
                0,
                key.transaction_id.into(),
                say,
            );
            while let Some(open) = self.pending.superseded(key, frame, stamp) {
                unanswered(&open, say);
            }
        }
        self.overflowed &= !self.pending.is_empty();
        if let Some((open, limit)) = self.pending.overflow() {
            if !self.overflowed {
                self.overflowed = true;
                let found = limit as u64;
                say(anomaly(AnomalyKind::PendingOverflow, found, found + 1));
            }
            unanswered(&open, say);
        }
    }

    fn answer(&mut self, from: Direction, message: &Message<'_>, say: Say<'_>) {
        let key = Key::of(from.reverse(), &message.frame);
        let open = self.pending.answered(key, &message.frame);
        let stranger = match open {
            Some(_) => None,
            None => self.pending.answered_by_another_unit(key),
        };
        let wrong_unit = stranger.as_ref().map(Open::unit_id);
        let open = open.or(stranger);
        let asked = open.as_ref().map(|open| &open.asked);
        let exchange = Exchange::new(*message, asked, self.transport);
        let signature = exchange.signature(&self.seed);
        say(Said::Operation(operation::of(&exchange, signature)));
        match (&open, wrong_unit) {
            (_, Some(unit)) => self.mismatched(unit.into(), message.frame.unit_id.into(), say),
            (Some(open), None) => self.compare(message, &open.asked, say),
            (None, None) => self.unsolicited(key, say),
        }
        while let Some(late) = open.as_ref().and_then(|open| self.pending.overdue(open)) {
            unanswered(&late, say);
        }
    }

    /// Holds an answer against its request.
    fn compare(&self, message: &Message<'_>, asked: &Asked, say: Say<'_>) {
        if message.frame.is_exception() {
            return;
        }
        if let (Some(quantity), Some(found)) = (asked.quantity, message.answer_bytes()) {
            let (quantity, found) = (u64::from(quantity), u64::from(found));
            let bytes = match message.frame.code {
                1 | 2 => quantity.div_ceil(8),
                _ => quantity * 2,
            };
            if bytes != found {
                self.mismatched(bytes, found, say);
            }
        }
        if let (true, Some(expected), Some(found)) = (
            is_repeated(message.frame.code),
            asked.head,
            head(&message.frame),
        ) && expected != found
        {
            self.mismatched(expected.into(), found.into(), say);
        }
    }

    fn unsolicited(&self, key: Key, say: Say<'_>) {
        match self.pending.function_asked(key) {
            Some(function) => self.mismatched(function.into(), key.function.into(), say),
            None => {
                let found = key.transaction_id.into();
                self.complain(AnomalyKind::UnsolicitedAnswer, 0, found, say);
            }
        }
    }

    fn mismatched(&self, expected: u64, found: u64, say: Say<'_>) {
        self.complain(AnomalyKind::MismatchedAnswer, expected, found, say);
    }

    /// Says that an exchange breaks the rules, unless what was not seen may explain it.
    fn complain(&self, kind: AnomalyKind, expected: u64, found: u64, say: Say<'_>) {
        if self.is_complete {
            say(anomaly(kind, expected, found));
        }
    }
}

fn unanswered(open: &Open, say: Say<'_>) {
    if open.is_unanswered() {
        say(Said::Unanswered {
            signature: open.asked.signature,
            function: open.asked.function,
            asked: open.asked.stamp,
        });
    }
}

/// Whether the length of the header, or a byte count, disagrees with what the function needs.
fn mismeasured(message: &Message<'_>) -> Option<Anomaly> {
    let needed = message.needed();
    if !needed.allows(message.frame.body.len()) {
        return Some(Anomaly {
            kind: AnomalyKind::LengthMismatch,
            expected: (needed.bytes() + FRAMED_PDU) as u64,
            found: message.frame.length.into(),
        });
    }
    let (found, expected) = message.counted()?;
    (u64::from(found) != expected).then_some(Anomaly {
        kind: AnomalyKind::LengthMismatch,
        expected,
        found: found.into(),
    })
}

fn anomaly<'a>(kind: AnomalyKind, expected: u64, found: u64) -> Said<'a> {
    Said::Anomaly(Anomaly {
        kind,
        expected,
        found,
    })
}

/// What the length field counts beside the body: unit identifier and function code.
const FRAMED_PDU: usize = 2;

const CUT_SHORT: Malformed = Malformed {
    field: "length",
    offset: 4,
    why: "the datagram ends before the message",
};

const NEVER_FOUND: Malformed = Malformed {
    field: "transaction_id",
    offset: 0,
    why: "the stream ended before the next message was found",
};
