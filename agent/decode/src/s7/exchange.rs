//! Questions, answers and notifications of S7comm: pairing, and what answers take over from their
//! questions.

use model::{AnomalyKind, Direction, Stage, Stamp};

use super::fragments::{self, Dropped, Joined};
use super::functions;
use super::items::Items;
use super::message::{Body, Message};
use super::operation::{self, Content, Detail};
use super::pending::{Asked, Family, Open};
use super::talk::{Say, Talk, anomaly, unanswered};
use super::userdata::{Kind, Szl, Userdata};

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
            Body::Userdata(it) if it.kind != Kind::Response => self.tell(from, message, it, say),
            _ => self.answer(from, message, say),
        }
    }

    fn question(&mut self, stamp: Stamp, from: Direction, message: &Message<'_>, say: Say<'_>) {
        let mut function = message.names().unwrap_or(functions::unknown(0));
        let (mut block, mut szl, mut known) = (None, None, Vec::new());
        let mut joined = Joined::Whole;
        match &message.body {
            Body::Transfer(transfer) => {
                let (of, ended) = self.step(message.function, transfer, say);
                block = of;
                known.extend(ended);
            }
            Body::Service(service) => known = self.named(service),
            Body::Items(items, _) => self.check_room(items, say),
            Body::Userdata(it) => {
                (joined, szl) = self.join(from, it, say);
                if it.is_list() {
                    szl = szl.or_else(|| self.fragments.continued(it.sequence));
                    function = szl.map_or(function, Szl::function);
                }
                block = it.block();
            }
            _ => {}
        }
        let mut detail = self.detail(message);
        (detail.block, detail.szl) = (block, szl);
        (detail.body, detail.known) = (body(&joined, message), &known);
        let pulled = message.is_pulled();
        let stage = if pulled {
            Stage::Response
        } else {
            Stage::Request
        };
        let download = if pulled { self.download } else { None };
        let answers = download.filter(|(asker, _)| *asker != from);
        let answers = answers.map(|(_, request)| request);
        let signature = self.say(&detail, (stage, function), None, answers, say);
        let key = (family(message), message.reference);
        let mut asked = Asked::new(from, key, function, (signature, stamp));
        if message.requests_download() {
            self.download = Some((from, asked.request));
        }
        (asked.block, asked.szl) = (block, szl);
        (asked.pulled, asked.optional) = (pulled, pulled);
        let data = match &message.body {
            Body::Userdata(it) if !it.is_secret() => message.data,
            _ => &[],
        };
        self.remember(asked, message.parameters, data, say);
    }

    /// Says so where an item asks for more than the longest answer holds.
    fn check_room(&self, items: &Items<'_>, say: Say<'_>) {
        let room = u64::from(self.pdu_size);
        let excess = items.iter().find_map(|item| {
            let (count, bytes) = item.elements()?;
            (count * bytes > room).then_some((room / bytes, count))
        });
        if let Some((expected, found)) = excess {
            anomaly(AnomalyKind::TooMany, expected, found, say);
        }
    }

    fn detail<'a>(&self, message: &Message<'a>) -> Detail<'a> {
        let mut detail = Detail::new(Content::Classic(*message), self.unit);
        detail.kind = self.kind;
        detail
    }

    /// Puts together what spans messages.
    fn join(&mut self, from: Direction, it: &Userdata<'_>, say: Say<'_>) -> (Joined, Option<Szl>) {
        if it.is_secret() {
            return (Joined::Whole, None);
        }
        let (joined, szl, dropped) = self.fragments.take(from, it);
        match dropped {
            None => {}
            Some(Dropped::TooLarge(found)) => {
                let limit = self.fragments.limit() as u64;
                anomaly(AnomalyKind::TooLarge, limit, found as u64, say);
            }
            Some(Dropped::TooMany) => {
                let limit = fragments::OPEN as u64;
                anomaly(AnomalyKind::ChunkFlood, limit, limit + 1, say);
            }
        }
        (joined, szl)
    }

    /// Remembers a request until its answer comes.
    pub(super) fn remember(&mut self, asked: Asked, parameters: &[u8], data: &[u8], say: Say<'_>) {
        let (from, family, reference) = (asked.from, asked.family, asked.reference);
        let older = self.pending.find(from, family, reference);
        if let Some(older) = older.and_then(|place| self.pending.take(place)) {
            if self.whole && *from.reverse().of(&self.heard) {
                let reference = reference.into();
                anomaly(AnomalyKind::DuplicateRequest, reference, reference, say);
            }
            unanswered(&older, say);
        }
        if let Some(oldest) = self.pending.ask(asked, parameters, data) {
            self.whole = false;
            if oldest.is_due() {
                let limit = self.pending.limit() as u64;
                anomaly(AnomalyKind::PendingOverflow, limit, limit + 1, say);
            }
            unanswered(&oldest, say);
        }
    }

    fn answer(&mut self, from: Direction, message: &Message<'_>, say: Say<'_>) {
        let family = family(message);
        let place = self.pending.find(from.reverse(), family, message.reference);
        let place = self.checked(place, message, say);
        let mut joined = Joined::Whole;
        let (mut szl, mut known) = (None, Vec::new());
        if let Body::Setup { pdu_size, .. } = message.body {
            self.pdu_size = pdu_size.max(SHORTEST_PDU);
        }
        match (self.open(place), &message.body) {
            (_, Body::Userdata(it)) => (joined, szl) = self.join(from, it, say),
            (Some(open), _) if is_copying(&open.asked) => {
                let open = open.clone();
                known = self.copied(&open, message, say);
            }
            _ => {}
        }
        let mut detail = self.detail(message);
        let open = self.open(place);
        if let Some(open) = open {
            detail.asked = open.body();
            (detail.block, detail.szl) = (open.asked.block, open.asked.szl);
        }
        let asked = open.map(|open| &open.asked);
        detail.szl = szl.or(detail.szl);
        (detail.body, detail.known) = (body(&joined, message), &known);
        let own = match &message.body {
            Body::Userdata(it) if it.is_list() => szl.map_or(functions::SZL_READ, Szl::function),
            _ => message.names().unwrap_or(functions::unknown(0)),
        };
        let function = asked.map_or(own, |asked| asked.function);
        let pulled = match asked {
            Some(asked) => asked.pulled,
            None => message.is_pulled(),
        };
        if pulled {
            self.say(&detail, (Stage::Request, function), None, None, say);
        } else {
            let answers = asked.map(|asked| asked.request);
            let outcome = Some(operation::outcome(message));
            self.say(&detail, (Stage::Response, function), outcome, answers, say);
        }
        if let Some(place) = place {
            self.pending.close(place);
        }
    }

    /// The request that waits at a place.
    pub(super) fn open(&self, place: Option<usize>) -> Option<&Open> {
        place.and_then(|place| self.pending.at(place))
    }

    /// Says so where an answer has no question, or another one's, which then waits no longer.
    fn checked(
        &mut self,
        place: Option<usize>,
        message: &Message<'_>,
        say: Say<'_>,
    ) -> Option<usize> {
        let found = u64::from(message.reference);
        let Some(asked) = self.open(place).map(|open| &open.asked) else {
            if self.whole {
                anomaly(AnomalyKind::UnsolicitedAnswer, 0, found, say);
            }
            return None;
        };
        // An acknowledgement without data names no function and fits any.
        let wanted = asked.function.code;
        let code = message.names().map_or(wanted, |it| it.code);
        if code == wanted {
            return place;
        }
        if self.whole {
            let (expected, found) = (wanted.into(), code.into());
            anomaly(AnomalyKind::MismatchedAnswer, expected, found, say);
        }
        self.pending.close(place?);
        None
    }

    /// A notification, or a message of no known half.
    fn tell(&mut self, from: Direction, message: &Message<'_>, it: &Userdata<'_>, say: Say<'_>) {
        let (joined, szl) = self.join(from, it, say);
        let mut detail = self.detail(message);
        (detail.body, detail.szl) = (body(&joined, message), szl);
        self.say(&detail, (Stage::Other, it.function()), None, None, say);
    }
}

/// The shortest longest message that a controller agrees to.
const SHORTEST_PDU: u16 = 112;

/// What a userdata message says in all: nothing where more is to come, or where a part is missing.
fn body<'a>(joined: &'a Joined, message: &Message<'a>) -> &'a [u8] {
    match (joined, &message.body) {
        (Joined::Whole, Body::Userdata(it)) => it.piece(),
        (Joined::Last(all), _) => all,
        (Joined::Whole | Joined::Part | Joined::Lost, _) => &[],
    }
}

/// Whether a job copies a block or invokes a program: others are read and write alone, and frequent.
const fn is_copying(asked: &Asked) -> bool {
    matches!(asked.function.code, 0x1a..=0x1f | 0x28)
}

fn family(message: &Message<'_>) -> Family {
    match message.body {
        Body::Userdata(_) => Family::Userdata,
        _ => Family::Job,
    }
}
