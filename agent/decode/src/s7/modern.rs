//! Conversations in S7comm-plus and in TLS: parts, pairing by sequence, and what cannot be read.

use model::{AnomalyKind, Direction, Malformed, Stage, Stamp};

use super::operation::{self, Content, Detail};
use super::pending::{Asked, Family};
use super::plus::{Head, Part};
use super::talk::{Say, Talk, anomaly};

impl Talk {
    /// Takes a part of an S7comm-plus message.
    pub(super) fn plus(&mut self, stamp: Stamp, from: Direction, bytes: &[u8], say: Say<'_>) {
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

    /// Takes what is encrypted.
    pub(super) fn tls(&mut self, bytes: &[u8], say: Say<'_>) {
        self.encrypted = true;
        let detail = Detail::new(Content::Encrypted, self.unit);
        self.say(&detail, operation::encrypted(bytes), None, None, say);
    }
}
