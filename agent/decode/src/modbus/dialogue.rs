//! What the two ends of a flow say to each other, however their messages are framed: tells requests from
//! answers, pairs them, and says what does not fit.
//!
//! Holds at most [`Limits::pending_requests`] requests and the name of who reserved the controller. Where
//! bytes are missing, or the start was, nothing is held against an answer without a request: its request
//! may be what was missed.

use std::mem::offset_of;

use foldhash::quality::RandomState;
use model::{Anomaly, AnomalyKind, Direction, Malformed, Said, Stage, Stamp, fetch_behind};

use super::frame::{Frame, Framing};
use super::functions::UMAS;
use super::layout::{self, Half};
use super::message::Message;
use super::operation::{self, Exchange, is_plain_read};
use super::pending::{Asked, Key, Open, Pending, head, is_repeated};
use super::roles::{Evidence, Roles};
use super::umas::Reservation;
use crate::Limits;

/// What both directions have said to each other. What every message needs lies together.
#[repr(C)]
pub(super) struct Dialogue {
    overflowed: bool,
    /// The flow was seen from its start, and no byte of it was missed or passed over.
    is_complete: bool,
    framing: Framing,
    roles: Roles,
    seed: RandomState,
    pending: Pending,
    reservation: Reservation,
}

/// Hears what a session says.
pub(super) type Say<'s> = &'s mut dyn FnMut(Said<'_>);

impl Dialogue {
    /// A flow that was seen from its start, until it is told otherwise.
    pub(super) fn new(limits: &Limits, framing: Framing) -> Self {
        Self {
            framing,
            roles: Roles::opened(),
            pending: Pending::new(limits.pending_requests),
            overflowed: false,
            is_complete: true,
            reservation: Reservation::default(),
            seed: limits.seed.clone(),
        }
    }

    /// Learns that the start of the flow was missed.
    pub(super) fn join_midway(&mut self) {
        self.is_complete = false;
        self.roles.forget();
    }

    /// Learns who is likely to be the client.
    pub(super) fn suppose_client(&mut self, client: Direction) {
        self.roles.suppose(client);
    }

    /// Learns that bytes of one direction are missing, or cannot be read.
    pub(super) fn lose(&mut self, from: Direction) {
        self.is_complete = false;
        self.pending.excuse(from);
    }

    /// Learns that the flow is over.
    pub(super) fn close(&mut self, say: Say<'_>) {
        while let Some(open) = self.pending.forget() {
            unanswered(&open, say);
        }
    }

    /// Which half of an exchange the messages of one direction should be, as far as it is known.
    pub(super) fn expected(&self, from: Direction) -> Option<Half> {
        let client = self.roles.client()?;
        Some(match client == from {
            true => Half::Request,
            false => Half::Answer,
        })
    }

    /// How many bytes it holds on the heap.
    pub(super) fn held_bytes(&self) -> usize {
        self.pending.held_bytes() + self.reservation.held_bytes()
    }

    /// Fetches what the next message needs.
    #[inline]
    pub(super) fn fetch(&self) {
        (0..LINES).for_each(|line| fetch_behind(&self.overflowed, line));
    }

    /// Whether a message could answer an open request.
    pub(super) fn awaits(&self, from: Direction, frame: &Frame<'_>) -> bool {
        self.pending.awaits(Key::of(from.reverse(), frame), frame)
    }

    /// Bytes that are no message were passed over.
    pub(super) fn miss(&mut self, from: Direction, malformed: Malformed, say: Say<'_>) {
        self.lose(from);
        say(Said::Malformed(malformed));
    }

    /// Hears a message.
    pub(super) fn hear(&mut self, stamp: Stamp, from: Direction, frame: Frame<'_>, say: Say<'_>) {
        self.hear_in_place(stamp, from, frame, say);
    }

    /// The same, compiled into whoever calls it: a message that was just read stays in registers then. Written down field by field
    /// and read again as a whole, it made the processor wait for as long as a tenth of what a message takes.
    #[inline(always)]
    pub(super) fn hear_in_place(
        &mut self,
        stamp: Stamp,
        from: Direction,
        frame: Frame<'_>,
        say: Say<'_>,
    ) {
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
        let exchange = Exchange::new(
            *message,
            None,
            self.framing,
            self.reservation.owner(message),
        );
        let signature = exchange.signature(&self.seed);
        if !self.is_broadcast(message) {
            let asked = exchange.remembered(stamp, signature);
            self.pending.ask(key, asked, message.stage);
        }
        say(Said::Operation(operation::of(&exchange, signature)));
        self.reserve(message, None);
    }

    /// Nobody answers what a serial line carries to all (MODBUS over Serial Line V1.02, 2.1).
    fn is_broadcast(&self, message: &Message<'_>) -> bool {
        self.framing == Framing::Rtu && message.frame.unit_id == BROADCAST
    }

    /// Notes who reserves the controller, or gives it back.
    fn reserve(&mut self, message: &Message<'_>, asked: Option<u16>) {
        if message.frame.code == UMAS {
            self.reservation.notice(message, message.sub().or(asked));
        }
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
        let place = self.pending.answered(key, &message.frame);
        let stranger = match place {
            Some(_) => None,
            None => self.pending.answered_by_another_unit(key),
        };
        let open = place.or(stranger).and_then(|place| self.pending.at(place));
        let wrong_unit = stranger.and(open).map(Open::unit_id);
        let asked = open.map(|open| &open.asked);
        let exchange = Exchange::new(
            *message,
            asked,
            self.framing,
            self.reservation.owner(message),
        );
        let signature = match place.and(asked) {
            Some(asked) if is_plain_read(message.frame.code) => asked.signature ^ ANSWER,
            _ => exchange.signature(&self.seed),
        };
        say(Said::Operation(operation::of(&exchange, signature)));
        match (open, wrong_unit) {
            (_, Some(unit)) => self.mismatched(unit.into(), message.frame.unit_id.into(), say),
            (Some(open), None) => self.compare(message, &open.asked, say),
            (None, None) => self.unsolicited(key, say),
        }
        let (sub, number) = (
            asked.and_then(|asked| asked.sub),
            open.map(|open| open.number),
        );
        self.reserve(message, sub);
        if let Some(place) = place.or(stranger) {
            self.pending.close(place);
        }
        while let Some(late) = number.and_then(|number| self.pending.overdue(number)) {
            unanswered(&late, say);
        }
    }

    /// Holds an answer against its request.
    fn compare(&self, message: &Message<'_>, asked: &Asked, say: Say<'_>) {
        if message.frame.is_exception() {
            return;
        }
        if let (Some(quantity), Some(found)) = (asked.quantity(), message.answer_bytes()) {
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

/// Something that is not as the protocol wants it.
pub(super) fn anomaly<'a>(kind: AnomalyKind, expected: u64, found: u64) -> Said<'a> {
    Said::Anomaly(Anomaly {
        kind,
        expected,
        found,
    })
}

/// How many lines of the cache hold what a usual message needs, wherever the first begins: all but who reserved the controller.
const LINES: usize = offset_of!(Dialogue, reservation).div_ceil(64) + 1;
/// What tells the answer to a read of cells from its request: all else that judges may look at is the same.
const ANSWER: u64 = 0x9e37_79b9_7f4a_7c15;
/// What the length field counts beside the body: unit identifier and function code.
const FRAMED_PDU: usize = 2;
/// The unit that every device on a serial line listens to.
const BROADCAST: u8 = 0;
