//! One flow: two lanes of bytes, the requests that wait between them, and what the conversation is
//! about so far.
//!
//! Port 102 carries other protocols too (MMS, ICCP). A flow whose messages are none of ours is
//! followed, so that a new connection or an unmistakable message of ours is seen, but nothing of it
//! is shown, joined or complained about. After a gap or a late start, answers to unseen requests
//! are no anomaly, and a request whose answer may have been lost is forgotten.

use foldhash::quality::RandomState;
use model::{
    Anomaly, AnomalyKind, Direction, Function, Malformed, Operation, Outcome, Request, Said, Stage,
    Stamp, Unit,
};

use super::frame::{self, Connection, Likeness, Purpose};
use super::message::{self, Body, Message};
use super::operation::{self, Content, Detail};
use super::pending::{Asked, Family, Pending};
use super::plus::{self, Head, Part};
use super::program::{Block, Transfer};
use super::stream::{Heard, Lane};
use super::userdata::{Szl, Userdata};
use super::{functions, userdata};
use crate::{Decoder, Limits};

type Say<'a> = &'a mut dyn FnMut(Said<'_>);

/// The most bytes that are held of one system status list.
const LIST: usize = 8 << 10;

/// The decoder of one flow.
pub(super) struct Session {
    lanes: [Lane; 2],
    talk: Talk,
}

impl Session {
    /// The decoder of a flow of which nothing was seen yet.
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            lanes: [
                Lane::new(limits.message_bytes),
                Lane::new(limits.message_bytes),
            ],
            talk: Talk::new(limits),
        }
    }
}

impl Decoder for Session {
    fn feed(&mut self, stamp: Stamp, from: Direction, bytes: &[u8], say: &mut dyn FnMut(Said<'_>)) {
        let Self { lanes, talk } = self;
        let lane = from.of_mut(lanes);
        lane.wanted = talk.carries != Carries::Foreign;
        lane.feed(bytes, &mut |heard| talk.hear(stamp, from, heard, say));
    }

    fn gap(&mut self, _: Stamp, from: Direction, _: u64, _: &mut dyn FnMut(Said<'_>)) {
        from.of_mut(&mut self.lanes).lose(false);
        self.talk.miss(from);
    }

    fn close(&mut self, _: Stamp, say: &mut dyn FnMut(Said<'_>)) {
        self.talk.close(say);
    }

    fn joined_midway(&mut self) {
        self.lanes.iter_mut().for_each(|lane| lane.lose(true));
        self.talk.whole = false;
    }

    fn held_bytes(&self) -> usize {
        let lanes = self.lanes.iter().map(Lane::held_bytes).sum::<usize>();
        lanes + self.talk.pending.held_bytes() + self.talk.list.capacity()
    }
}

/// What the flow carries.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Carries {
    Unknown,
    Ours,
    Foreign,
}

struct Talk {
    seed: RandomState,
    pending: Pending,
    carries: Carries,
    /// Whether the flow was seen from its start without a gap.
    whole: bool,
    heard: [bool; 2],
    unit: Option<Unit>,
    connecting: Option<(Direction, Request)>,
    upload: Option<(u32, Block)>,
    download: Option<Block>,
    /// The list that goes on in further messages, with the numbers of its exchange and fragment.
    listing: Option<((u8, u8), Szl)>,
    // INVARIANT: at most `LIST` bytes of the list that goes on.
    list: Vec<u8>,
    /// Whether nothing of that list was lost.
    list_is_whole: bool,
    /// The head of an S7comm-plus message of which more parts are to come.
    parts: [Option<Head>; 2],
    encrypted: bool,
}

impl Talk {
    fn new(limits: &Limits) -> Self {
        Self {
            seed: limits.seed.clone(),
            pending: Pending::new(limits.pending_requests),
            carries: Carries::Unknown,
            whole: true,
            heard: [false; 2],
            unit: None,
            connecting: None,
            upload: None,
            download: None,
            listing: None,
            list: Vec::new(),
            list_is_whole: false,
            parts: [None; 2],
            encrypted: false,
        }
    }

    fn hear(&mut self, stamp: Stamp, from: Direction, heard: Heard<'_>, say: Say<'_>) {
        let foreign = self.carries == Carries::Foreign;
        match heard {
            Heard::Message(bytes) => self.message(stamp, from, bytes, say),
            Heard::Connection(connection) => self.connection(stamp, from, &connection, say),
            Heard::Malformed(malformed) if !foreign => self.malformed(malformed, say),
            Heard::Resynchronised { skipped_bytes } if !foreign => {
                say(Said::Resynchronised { skipped_bytes });
            }
            Heard::TooLarge(found) if !foreign => {
                self.whole = false;
                anomaly(AnomalyKind::TooLarge, 0, found as u64, say);
            }
            Heard::Malformed(_) | Heard::Resynchronised { .. } | Heard::TooLarge(_) => {}
        }
    }

    fn malformed(&mut self, malformed: Malformed, say: Say<'_>) {
        self.whole = false;
        say(Said::Malformed(malformed));
    }

    fn miss(&mut self, from: Direction) {
        self.whole = false;
        self.pending.lose(from);
        *from.of_mut(&mut self.parts) = None;
        self.list_is_whole = false;
        self.connecting.take_if(|(asker, _)| *asker != from);
    }

    fn close(&mut self, say: Say<'_>) {
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
    }

    fn message(&mut self, stamp: Stamp, from: Direction, bytes: &[u8], say: Say<'_>) {
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
            return;
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
                Err(malformed) => self.malformed(malformed, say),
            },
        }
    }

    fn say(
        &self,
        detail: &Detail<'_>,
        (stage, function): (Stage, Function),
        outcome: Option<Outcome>,
        answers: Option<Request>,
        say: Say<'_>,
    ) -> u64 {
        let operation: Operation<'_> =
            detail.operation(&self.seed, stage, function, outcome, answers);
        let signature = operation.signature;
        say(Said::Operation(operation));
        signature
    }
}

/// Connections.
impl Talk {
    fn connection(&mut self, stamp: Stamp, from: Direction, it: &Connection<'_>, say: Say<'_>) {
        let place = it.place().map(|(rack, slot)| Unit::Slot { rack, slot });
        match it.purpose {
            Purpose::ConnectRequest => self.begin(place),
            Purpose::ConnectConfirm => self.unit = self.unit.or(place),
            Purpose::Disconnect | Purpose::DisconnectConfirm | Purpose::Error => {}
        }
        let detail = Detail::new(Content::Connection(*it), self.unit);
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

    fn begin(&mut self, place: Option<Unit>) {
        self.unit = place;
        self.carries = Carries::Unknown;
        self.encrypted = false;
        self.parts = [None; 2];
        (self.upload, self.download, self.listing) = (None, None, None);
    }
}

/// S7comm.
impl Talk {
    fn classic(&mut self, stamp: Stamp, from: Direction, message: &Message<'_>, say: Say<'_>) {
        let (expected, found) = message.lengths;
        if expected != found {
            let (expected, found) = (expected as u64, found as u64);
            anomaly(AnomalyKind::LengthMismatch, expected, found, say);
        }
        match &message.body {
            _ if message.asks() => self.question(stamp, from, message, say),
            Body::Userdata(it) if it.kind != userdata::Kind::Response => {
                self.tell(message, it, say)
            }
            _ => self.answer(from, message, say),
        }
    }

    fn question(&mut self, stamp: Stamp, from: Direction, message: &Message<'_>, say: Say<'_>) {
        let mut detail = Detail::new(Content::Classic(*message), self.unit);
        let mut function = message.names().unwrap_or(functions::unknown(0));
        match &message.body {
            Body::Transfer(transfer) => detail.block = self.block(transfer),
            Body::Userdata(it) if it.is_list() => {
                detail.szl = it.szl().or_else(|| self.continued(it.sequence));
                function = detail.szl.map_or(function, Szl::function);
            }
            Body::Userdata(it) => detail.block = it.block(),
            _ => {}
        }
        let pulled = message.is_pulled();
        let stage = if pulled {
            Stage::Response
        } else {
            Stage::Request
        };
        let signature = self.say(&detail, (stage, function), None, None, say);
        let key = (family(message), message.reference);
        let mut asked = Asked::new(from, key, function, (signature, stamp));
        (asked.block, asked.szl) = (detail.block, detail.szl);
        (asked.pulled, asked.optional) = (pulled, pulled);
        let data = match &message.body {
            Body::Userdata(_) => message.data,
            _ => &[],
        };
        self.remember(asked, message.parameters, data, say);
    }

    /// The block of a transfer: named by its first step, later by an identifier or by nothing.
    fn block(&mut self, transfer: &Transfer<'_>) -> Option<Block> {
        match (transfer.block(), transfer.id) {
            (Some(block), _) => Some(*self.download.insert(block)),
            (None, Some(id)) => self.upload.filter(|(known, _)| *known == id).map(|it| it.1),
            (None, None) => self.download,
        }
    }

    fn continued(&self, sequence: u8) -> Option<Szl> {
        let (_, szl) = self.listing.filter(|((known, _), _)| *known == sequence)?;
        Some(szl)
    }

    fn remember(&mut self, asked: Asked, parameters: &[u8], data: &[u8], say: Say<'_>) {
        let (from, family, reference) = (asked.from, asked.family, asked.reference);
        if let Some(older) = self.pending.take(from, family, reference) {
            if self.whole && *from.reverse().of(&self.heard) {
                let reference = reference.into();
                anomaly(AnomalyKind::DuplicateRequest, reference, reference, say);
            }
            unanswered(&older, say);
            self.pending.recycle(older);
        }
        if let Some(oldest) = self.pending.ask(asked, parameters, data) {
            self.whole = false;
            let limit = self.pending.limit() as u64;
            anomaly(AnomalyKind::PendingOverflow, limit, limit + 1, say);
            unanswered(&oldest, say);
            self.pending.recycle(oldest);
        }
    }

    fn answer(&mut self, from: Direction, message: &Message<'_>, say: Say<'_>) {
        let family = family(message);
        let asked = self.pending.take(from.reverse(), family, message.reference);
        let asked = self.checked(asked, message, say);
        let mut detail = Detail::new(Content::Classic(*message), self.unit);
        if let Some(asked) = &asked {
            detail.asked = asked.body();
            (detail.block, detail.szl) = (asked.block, asked.szl);
        }
        let mut list = Vec::new();
        match &message.body {
            Body::Transfer(transfer) => self.upload = transfer.id.zip(detail.block),
            Body::Userdata(it) if it.is_list() => list = self.list(it, &mut detail),
            _ => {}
        }
        if !list.is_empty() {
            detail.list = &list;
        }
        let own = message.names().unwrap_or(functions::unknown(0));
        let function = asked.as_ref().map_or(own, |asked| asked.function);
        let pulled = match &asked {
            Some(asked) => asked.pulled,
            None => message.is_pulled(),
        };
        if pulled {
            self.say(&detail, (Stage::Request, function), None, None, say);
        } else {
            let answers = asked.as_ref().map(|asked| asked.request);
            let outcome = Some(operation::outcome(message));
            self.say(&detail, (Stage::Response, function), outcome, answers, say);
        }
        if let Some(asked) = asked {
            self.pending.recycle(asked);
        }
    }

    /// Says so where an answer has no question, or another one's.
    fn checked(
        &mut self,
        asked: Option<Asked>,
        message: &Message<'_>,
        say: Say<'_>,
    ) -> Option<Asked> {
        let found = u64::from(message.reference);
        let Some(asked) = asked else {
            if self.whole {
                anomaly(AnomalyKind::UnsolicitedAnswer, 0, found, say);
            }
            return None;
        };
        // An acknowledgement without data names no function and fits any.
        let code = message.names().map_or(asked.function.code, |it| it.code);
        if code == asked.function.code {
            return Some(asked);
        }
        if self.whole {
            let (expected, found) = (asked.function.code.into(), code.into());
            anomaly(AnomalyKind::MismatchedAnswer, expected, found, say);
        }
        self.pending.recycle(asked);
        None
    }

    /// Finds out which list an answer is a part of, and gives a list of several parts once it is
    /// whole. Only lists that tell who the device is are put together.
    fn list<'a>(&mut self, it: &Userdata<'a>, detail: &mut Detail<'a>) -> Vec<u8> {
        let part = (it.sequence, it.fragment);
        let earlier = self.listing.take_if(|(known, _)| *known == part);
        let earlier = earlier.filter(|_| it.fragment != 0).map(|(_, szl)| szl);
        let szl = earlier.or_else(|| it.szl());
        detail.szl = szl.or(detail.szl);
        let Some(szl) = szl else { return Vec::new() };
        if it.continues {
            self.listing = Some((part, szl));
        }
        if szl.function() != functions::SZL_IDENTIFY {
            return Vec::new();
        }
        match (earlier, it.continues) {
            (None, false) => detail.list = it.content,
            (None, true) => self.begin_list(it.content),
            (Some(_), _) => self.extend_list(it.content),
        }
        if it.continues || !self.list_is_whole {
            return Vec::new();
        }
        std::mem::take(&mut self.list)
    }

    fn begin_list(&mut self, content: &[u8]) {
        self.list = Vec::new();
        self.list_is_whole = true;
        self.extend_list(content);
    }

    fn extend_list(&mut self, content: &[u8]) {
        self.list_is_whole &= self.list.len() + content.len() <= LIST;
        if self.list_is_whole {
            self.list.extend_from_slice(content);
        }
    }

    /// A notification, or a message of no known half.
    fn tell(&mut self, message: &Message<'_>, it: &Userdata<'_>, say: Say<'_>) {
        let detail = Detail::new(Content::Classic(*message), self.unit);
        self.say(&detail, (Stage::Other, it.function()), None, None, say);
    }
}

/// S7comm-plus and TLS.
impl Talk {
    fn plus(&mut self, stamp: Stamp, from: Direction, bytes: &[u8], say: Say<'_>) {
        let part = match Part::parse(bytes) {
            Ok(part) => part,
            Err(malformed) => return self.malformed(malformed, say),
        };
        let begun = from.of_mut(&mut self.parts);
        let head = begun.take().unwrap_or_else(|| part.head());
        if !part.last {
            *begun = Some(head);
            return;
        }
        match head.opcode {
            Some(0x31) => self.plus_question(stamp, from, head, say),
            Some(0x32 | 0x02) => self.plus_answer(from, head, say),
            Some(0x33) | None => {
                let detail = Detail::new(Content::Plus(head), self.unit);
                self.say(&detail, (Stage::Other, head.names()), None, None, say);
            }
            // The end of a message whose beginning was not seen.
            Some(_) if !self.whole => {}
            Some(_) => {
                let why = "no known kind of message";
                let (field, offset) = ("plus_opcode", 4);
                self.malformed(Malformed { field, offset, why }, say);
            }
        }
    }

    fn plus_question(&mut self, stamp: Stamp, from: Direction, head: Head, say: Say<'_>) {
        let detail = Detail::new(Content::Plus(head), self.unit);
        let function = head.names();
        let signature = self.say(&detail, (Stage::Request, function), None, None, say);
        let key = (Family::Plus, head.sequence.unwrap_or(0));
        let mut asked = Asked::new(from, key, function, (signature, stamp));
        asked.optional = head.wants_no_answer();
        self.remember(asked, &[], &[], say);
    }

    fn plus_answer(&mut self, from: Direction, head: Head, say: Say<'_>) {
        let reference = head.sequence.unwrap_or(0);
        let asked = self.pending.take(from.reverse(), Family::Plus, reference);
        let own = head.names();
        let function = asked.as_ref().map_or(own, |asked| asked.function);
        if asked.is_none() && self.whole {
            anomaly(AnomalyKind::UnsolicitedAnswer, 0, reference.into(), say);
        }
        let answers = asked.map(|asked| asked.request);
        let detail = Detail::new(Content::Plus(head), self.unit);
        self.say(&detail, (Stage::Response, function), None, answers, say);
    }

    fn tls(&mut self, bytes: &[u8], say: Say<'_>) {
        self.encrypted = true;
        let detail = Detail::new(Content::Encrypted, self.unit);
        self.say(&detail, operation::encrypted(bytes), None, None, say);
    }
}

/// Whether bytes begin with one of the two protocol identifiers.
const fn is_marked(bytes: &[u8]) -> bool {
    matches!(bytes, [message::PROTOCOL_ID | plus::PROTOCOL_ID, ..])
}

fn family(message: &Message<'_>) -> Family {
    match message.body {
        Body::Userdata(_) => Family::Userdata,
        _ => Family::Job,
    }
}

fn anomaly(kind: AnomalyKind, expected: u64, found: u64, say: Say<'_>) {
    say(Said::Anomaly(Anomaly {
        kind,
        expected,
        found,
    }));
}

/// What a controller asks of the station that programs it is nobody's unanswered request, nor is
/// a request whose answer may have been lost.
fn unanswered(asked: &Asked, say: Say<'_>) {
    if asked.is_due() {
        say(Said::Unanswered {
            signature: asked.request.signature,
            function: asked.function,
            asked: asked.request.asked,
        });
    }
}
