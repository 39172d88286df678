//! What a conversation is about so far: its connection, the requests that wait, the blocks and lists
//! on their way.
//!
//! Port 102 carries other protocols too (MMS, ICCP). A flow whose messages are none of ours is
//! followed, so that a new connection or an unmistakable message of ours is seen, but nothing of it
//! is shown, joined or complained about. After a gap or a late start, answers to unseen requests
//! are no anomaly, and a request whose answer may have been lost is forgotten.

use std::mem::offset_of;

use foldhash::quality::RandomState;
use model::{
    Anomaly, AnomalyKind, Direction, Function, Malformed, Outcome, Request, Said, Stage, Stamp,
    Unit,
};

use super::fragments::Fragments;
use super::frame::{self, Connection, Likeness, Purpose};
use super::functions;
use super::message::{self, Message};
use super::operation::{self, Content, Detail};
use super::pending::{Asked, Pending};
use super::plus::{self, Joint};
use super::selector::Kind;
use super::stream::Heard;
use super::transfers::Transfers;
use super::unfinished::{Unfinished, part};
use crate::Limits;

/// Who hears what is said.
pub(super) type Say<'a> = &'a mut dyn FnMut(Said<'_>);

/// What the flow carries.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Carries {
    Unknown,
    Ours,
    Foreign,
}

/// What is known of a conversation. What every message needs comes first, the one request that most have open last of it.
#[repr(C)]
pub(super) struct Talk {
    carries: Carries,
    /// Whether the flow was seen from its start without a gap.
    pub(super) whole: bool,
    pub(super) heard: [bool; 2],
    pub(super) unit: Option<Unit>,
    /// What kind of connection it is.
    pub(super) kind: Option<Kind>,
    pub(super) encrypted: bool,
    /// The longest message that both sides take, once they agreed.
    pub(super) pdu_size: u16,
    pub(super) seed: RandomState,
    pub(super) pending: Pending,
    pub(super) connecting: Option<(Direction, Request)>,
    /// Who asked for the latest download: what the controller pulls answers it.
    pub(super) download: Option<(Direction, Request)>,
    pub(super) transfers: Transfers,
    pub(super) fragments: Fragments,
    /// The S7comm-plus messages of which more parts are to come.
    pub(super) parts: [Joint; 2],
    /// The most bytes of such a message.
    pub(super) message_bytes: usize,
}

impl Talk {
    /// How many bytes from its start on a usual message needs.
    pub(super) const NEEDED_BYTES: usize = offset_of!(Self, pending) + size_of::<Pending>();

    /// A conversation of which nothing was heard yet.
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            seed: limits.seed.clone(),
            pending: Pending::new(limits.pending_requests),
            carries: Carries::Unknown,
            whole: true,
            heard: [false; 2],
            unit: None,
            connecting: None,
            download: None,
            kind: None,
            pdu_size: LONGEST_PDU,
            transfers: Transfers::default(),
            fragments: Fragments::new(limits.message_bytes),
            parts: Default::default(),
            message_bytes: limits.message_bytes,
            encrypted: false,
        }
    }

    /// Whether messages are wanted: the flow is not known to carry another protocol.
    pub(super) fn is_ours(&self) -> bool {
        self.carries != Carries::Foreign
    }

    /// Learns that the start of the flow was not seen.
    pub(super) fn join_midway(&mut self) {
        self.whole = false;
    }

    /// How many bytes are held on the heap.
    pub(super) fn held_bytes(&self) -> usize {
        let parts: usize = self.parts.iter().map(Joint::held_bytes).sum();
        let held = self.transfers.held_bytes() + self.fragments.held_bytes();
        self.pending.held_bytes() + held + parts
    }

    /// Takes what one lane heard.
    pub(super) fn hear(&mut self, stamp: Stamp, from: Direction, heard: Heard<'_>, say: Say<'_>) {
        let foreign = self.carries == Carries::Foreign;
        match heard {
            Heard::Message(bytes) => self.message(stamp, from, bytes, say),
            Heard::Unit(cotp) => part(Unfinished::of(cotp), say),
            Heard::Connection(connection) => self.connection(stamp, from, &connection, say),
            Heard::Malformed(malformed) if !foreign => self.malformed(malformed, say),
            Heard::Resynchronised { skipped_bytes } if !foreign => {
                say(Said::Resynchronised { skipped_bytes });
            }
            Heard::TooLarge(found) if !foreign => {
                self.whole = false;
                self.transfers.miss(found as u64);
                anomaly(AnomalyKind::TooLarge, 0, found as u64, say);
            }
            Heard::Malformed(_) | Heard::Resynchronised { .. } | Heard::TooLarge(_) => {}
        }
    }

    /// Says what cannot be read; what follows may miss its other half.
    pub(super) fn malformed(&mut self, malformed: Malformed, say: Say<'_>) {
        self.whole = false;
        self.transfers.miss(u64::MAX);
        say(Said::Malformed(malformed));
    }

    /// Says what cannot be read in a data unit.
    pub(super) fn unreadable(&mut self, malformed: Malformed, say: Say<'_>) {
        part(Unfinished::of(frame::DATA), say);
        self.malformed(malformed, say);
    }

    /// Learns that bytes of one side were lost.
    pub(super) fn miss(&mut self, from: Direction, missing_bytes: u64) {
        self.whole = false;
        self.pending.lose(from);
        *from.of_mut(&mut self.parts) = Joint::default();
        self.fragments.lose(from);
        self.transfers.miss(missing_bytes);
        self.connecting.take_if(|(asker, _)| *asker != from);
    }

    /// Says which requests were never answered, and which transfers never ended.
    pub(super) fn close(&mut self, say: Say<'_>) {
        if let Some((_, request)) = self.connecting.take() {
            say(Said::Unanswered {
                signature: request.signature,
                function: functions::CONNECT,
                asked: request.asked,
            });
        }
        while let Some(asked) = self.pending.pop() {
            unanswered(&asked, say);
        }
        self.abandon(say);
    }

    /// Says which transfers never ended, where nothing of them was lost.
    fn abandon(&mut self, say: Say<'_>) {
        for (stated, size) in self.transfers.abandon() {
            anomaly(AnomalyKind::EndlessTransfer, stated, size, say);
        }
    }

    fn message(&mut self, stamp: Stamp, from: Direction, bytes: &[u8], say: Say<'_>) {
        let depth = frame::nesting(bytes);
        if depth > 0 {
            part(Unfinished::of(frame::DATA), say);
            return anomaly(AnomalyKind::Nested, 0, depth, say);
        }
        let likeness = frame::carried(bytes, bytes.len(), true);
        let known = match (likeness, self.carries) {
            (Likeness::Full, Carries::Foreign) => !plus::is_tls(bytes),
            (Likeness::Full, _) => true,
            (_, Carries::Ours) => true,
            (_, Carries::Unknown) => self.whole && is_marked(bytes),
            (_, Carries::Foreign) => false,
        };
        if !known {
            self.carries = Carries::Foreign;
            return part(Unfinished::of(frame::DATA), say);
        }
        self.carries = Carries::Ours;
        *from.of_mut(&mut self.heard) = true;
        match bytes.first() {
            _ if plus::is_tls(bytes) || (self.encrypted && likeness != Likeness::Full) => {
                self.tls(bytes, say);
            }
            Some(&plus::PROTOCOL_ID) => self.plus(stamp, from, bytes, say),
            _ => match Message::parse(bytes) {
                Ok(message) => self.classic(stamp, from, &message, say),
                Err(malformed) => self.unreadable(malformed, say),
            },
        }
    }

    /// Says a message as an operation, and gives its signature.
    pub(super) fn say(
        &self,
        detail: &Detail<'_>,
        (stage, function): (Stage, Function),
        outcome: Option<Outcome>,
        answers: Option<Request>,
        say: Say<'_>,
    ) -> u64 {
        let operation = detail.operation(&self.seed, stage, function, outcome, answers);
        let signature = operation.signature;
        say(Said::Operation(operation));
        signature
    }
}

/// Connections.
impl Talk {
    fn connection(&mut self, stamp: Stamp, from: Direction, it: &Connection<'_>, say: Say<'_>) {
        let opens = matches!(
            it.purpose,
            Purpose::ConnectRequest | Purpose::ConnectConfirm
        );
        let (expected, found) = it.lengths;
        // ISO 8073, 13.3.5: no user data in class 0.
        if opens && expected != found {
            anomaly(
                AnomalyKind::LengthMismatch,
                expected as u64,
                found as u64,
                say,
            );
        }
        let place = it.place().map(|(rack, slot)| Unit::Slot { rack, slot });
        match it.purpose {
            Purpose::ConnectRequest => {
                self.abandon(say);
                self.begin(place, it.kind());
            }
            Purpose::ConnectConfirm => {
                self.unit = self.unit.or(place);
                self.kind = self.kind.or_else(|| it.kind());
            }
            Purpose::Disconnect | Purpose::DisconnectConfirm | Purpose::Error => {}
        }
        let mut detail = Detail::new(Content::Connection(*it), self.unit);
        detail.kind = self.kind;
        let function = operation::connecting(it.purpose);
        if it.purpose == Purpose::ConnectRequest {
            let said = (Stage::Request, function);
            let signature = self.say(&detail, said, None, None, say);
            let asked = stamp;
            self.connecting = Some((from, Request { signature, asked }));
            return;
        }
        let confirms = it.purpose == Purpose::ConnectConfirm;
        let asked = self.connecting.take_if(|(asker, _)| *asker != from);
        let (stage, function, outcome) = match (asked, confirms) {
            (_, true) => (Stage::Response, function, Some(Outcome::Done)),
            (Some(_), false) => {
                let refused = operation::refused(it);
                (Stage::Response, functions::CONNECT, Some(refused))
            }
            (None, false) => (Stage::Other, function, None),
        };
        let answers = asked.map(|(_, request)| request);
        self.say(&detail, (stage, function), outcome, answers, say);
    }

    fn begin(&mut self, place: Option<Unit>, kind: Option<Kind>) {
        self.unit = place;
        self.kind = kind;
        self.carries = Carries::Unknown;
        self.encrypted = false;
        self.parts = Default::default();
        self.download = None;
        self.pdu_size = LONGEST_PDU;
        self.transfers = Transfers::default();
        self.fragments.clear();
    }
}

/// The longest message that a data unit carries.
const LONGEST_PDU: u16 = u16::MAX - 7;

/// Whether bytes begin with one of the two protocol identifiers.
const fn is_marked(bytes: &[u8]) -> bool {
    matches!(bytes, [message::PROTOCOL_ID | plus::PROTOCOL_ID, ..])
}

/// Says that a rule of conversation is broken.
pub(super) fn anomaly(kind: AnomalyKind, expected: u64, found: u64, say: Say<'_>) {
    say(Said::Anomaly(Anomaly {
        kind,
        expected,
        found,
    }));
}

/// What a controller asks of the station that programs it is nobody's unanswered request, nor is
/// a request whose answer may have been lost.
pub(super) fn unanswered(asked: &Asked, say: Say<'_>) {
    if asked.is_due() {
        say(Said::Unanswered {
            signature: asked.request.signature,
            function: asked.function,
            asked: asked.request.asked,
        });
    }
}
