//! Conversations in S7comm-plus and in TLS: parts, pairing by sequence, and what cannot be read.

use model::{AnomalyKind, Direction, Malformed, Said, Stage, Stamp};

use super::frame;
use super::operation::{self, Content, Detail};
use super::pending::{Asked, Family};
use super::plus::{Message, Part};
use super::talk::{Say, Talk, anomaly};
use super::unfinished::{self, Unfinished};

impl Talk {
    /// Takes a part of an S7comm-plus message.
    pub(super) fn plus(&mut self, stamp: Stamp, from: Direction, bytes: &[u8], say: Say<'_>) {
        let part = match Part::parse(bytes) {
            Ok(part) => part,
            Err(malformed) => return self.unreadable(malformed, say),
        };
        let joint = from.of_mut(&mut self.parts);
        if part.last && !joint.is_open() {
            let message = Message::parse(part.version, part.digest, part.content);
            return self.plus_message(stamp, from, &message, say);
        }
        let first = !joint.is_open();
        if let Some(len) = joint.add(part.content, self.message_bytes) {
            anomaly(
                AnomalyKind::TooLarge,
                self.message_bytes as u64,
                len as u64,
                say,
            );
        }
        if !part.last {
            return unfinished::part(Unfinished::of_plus(&part, first), say);
        }
        let joined = joint.take();
        let mut message = Message::parse(part.version, part.digest, &joined);
        message.in_parts = !first;
        self.plus_message(stamp, from, &message, say);
        from.of_mut(&mut self.parts).recycle(joined);
    }

    fn plus_message(&mut self, stamp: Stamp, from: Direction, message: &Message<'_>, say: Say<'_>) {
        if let Some(broken) = message.anomaly() {
            say(Said::Anomaly(broken));
        }
        match message.head.opcode {
            Some(0x31) => self.plus_question(stamp, from, message, say),
            Some(0x32 | 0x02) => self.plus_answer(from, message, say),
            Some(0x33) | None => {
                let detail = Detail::new(Content::Plus(*message), self.unit);
                self.say(&detail, (Stage::Other, message.function()), None, None, say);
            }
            // The end of a message whose beginning was not seen.
            Some(_) if !self.whole => unfinished::part(Unfinished::of(frame::DATA), say),
            Some(_) => {
                let why = "no known kind of message";
                let (field, offset) = ("plus_opcode", 4);
                self.unreadable(Malformed { field, offset, why }, say);
            }
        }
    }

    fn plus_question(
        &mut self,
        stamp: Stamp,
        from: Direction,
        message: &Message<'_>,
        say: Say<'_>,
    ) {
        let detail = Detail::new(Content::Plus(*message), self.unit);
        let function = message.function();
        let signature = self.say(&detail, (Stage::Request, function), None, None, say);
        let key = (Family::Plus, message.head.sequence.unwrap_or(0));
        let mut asked = Asked::new(from, key, function, (signature, stamp));
        asked.optional = message.head.wants_no_answer();
        self.remember(asked, &[message.head.version], message.content(), say);
    }

    fn plus_answer(&mut self, from: Direction, message: &Message<'_>, say: Say<'_>) {
        let reference = message.head.sequence.unwrap_or(0);
        let place = self.pending.find(from.reverse(), Family::Plus, reference);
        let place = self.plus_checked(place, message, say);
        let open = self.open(place);
        let function = open.map_or_else(|| message.function(), |open| open.asked.function);
        let answers = open.map(|open| open.asked.request);
        let mut detail = Detail::new(Content::Plus(*message), self.unit);
        detail.plus_asked = open.and_then(|open| Message::recall(open.bytes()));
        let outcome = message.outcome();
        self.say(&detail, (Stage::Response, function), outcome, answers, say);
        if let Some(place) = place {
            self.pending.close(place);
        }
    }

    /// Says so where an answer has no question, or another one's, which then waits no longer. Two functions answer any
    /// with an error.
    fn plus_checked(
        &mut self,
        place: Option<usize>,
        message: &Message<'_>,
        say: Say<'_>,
    ) -> Option<usize> {
        let found = message.head.function.unwrap_or(0);
        let Some(open) = self.open(place) else {
            if self.whole {
                let sequence = message.head.sequence.unwrap_or(0).into();
                anomaly(AnomalyKind::UnsolicitedAnswer, 0, sequence, say);
            }
            return None;
        };
        let wanted = Message::recall_function(open.bytes()).unwrap_or(found);
        if wanted == found || matches!(found, 0x04b1 | 0x05a9) {
            return place;
        }
        if self.whole {
            let (wanted, found) = (wanted.into(), found.into());
            anomaly(AnomalyKind::MismatchedAnswer, wanted, found, say);
        }
        self.pending.close(place?);
        None
    }

    /// Takes what is encrypted.
    pub(super) fn tls(&mut self, bytes: &[u8], say: Say<'_>) {
        self.encrypted = true;
        let detail = Detail::new(Content::Encrypted, self.unit);
        self.say(&detail, operation::encrypted(bytes), None, None, say);
    }
}
