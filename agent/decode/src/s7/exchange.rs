//! Questions, answers and notifications of S7comm: pairing, and what answers take over from their
//! questions.

use model::{AnomalyKind, Direction, Stage, Stamp};

use super::functions;
use super::message::{Body, Message};
use super::operation::{self, Content, Detail};
use super::pending::{Asked, Family};
use super::program::{Block, Transfer};
use super::talk::{Say, Talk, anomaly, unanswered};
use super::userdata::{Kind, Szl, Userdata};

/// The most bytes that are held of one system status list.
const LIST: usize = 8 << 10;

impl Talk {
    /// Takes a message.
    pub(super) fn classic(
        &mut self,
        stamp: Stamp,
        from: Direction,
        message: &Message<'_>,
        say: Say<'_>,
    ) {
        let (expected, found) = message.lengths;
        if expected != found {
            let (expected, found) = (expected as u64, found as u64);
            anomaly(AnomalyKind::LengthMismatch, expected, found, say);
        }
        match &message.body {
            _ if message.asks() => self.question(stamp, from, message, say),
            Body::Userdata(it) if it.kind != Kind::Response => self.tell(message, it, say),
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

    /// Remembers a request until its answer comes.
    pub(super) fn remember(&mut self, asked: Asked, parameters: &[u8], data: &[u8], say: Say<'_>) {
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
            if oldest.is_due() {
                let limit = self.pending.limit() as u64;
                anomaly(AnomalyKind::PendingOverflow, limit, limit + 1, say);
            }
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

fn family(message: &Message<'_>) -> Family {
    match message.body {
        Body::Userdata(_) => Family::Userdata,
        _ => Family::Job,
    }
}
