//! The state of one connection: two directions of chunks, a secure channel, its sessions, and the
//! requests that wait.
//!
//! Here bytes become whole messages; `exchange` makes of them what is said.

use std::mem::offset_of;

use foldhash::quality::RandomState;
use model::{Anomaly, AnomalyKind, Direction, End, Malformed, Said, Stamp, Step, fetch_behind};

use super::certificates::Certificates;
use super::channel::Channel;
use super::chunks::{Chunks, Finish};
use super::exchange::Context;
use super::frame::{Chunk, Header};
use super::handshake::Unnamed;
use super::login::Logins;
use super::message::{self, Envelope};
use super::pending::Pending;
use super::servers::{Common, Servers};
use super::stream::{Piece, Stream, wipe};
use super::subscriptions::Subscriptions;
use crate::reader::Reader;
use crate::{Decoder, Limits};

/// Where the sessions that are used in a connection were created.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Origin {
    Unknown,
    /// One of them here.
    Here,
    /// In another connection, which this one goes on for: a client that came back (OPC 10000-4, 5.6.3).
    Elsewhere,
}

/// The decoder of one flow. What every message needs lies together.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Session {
    /// Whether everything was seen since the connection began.
    pub(super) whole: bool,
    /// Whether the next message of a direction may be one whose first chunks were lost.
    pub(super) torn: [bool; 2],
    pub(super) client: Option<Direction>,
    /// Where the sessions of the connection were created.
    pub(super) origin: Origin,
    pub(super) limit: usize,
    pub(super) seed: RandomState,
    pub(super) streams: [Stream; 2],
    pub(super) chunks: [Chunks; 2],
    pub(super) channel: Channel,
    pub(super) pending: Pending,
    pub(super) logins: Logins,
    pub(super) subscriptions: Subscriptions,
    pub(super) certificates: Certificates,
    pub(super) common: Option<Box<Common>>,
    /// The greeting, and the encrypted `OPN`, that wait for their answers: neither has an identifier.
    pub(super) hello: Option<Box<Unnamed>>,
    pub(super) opening: Option<Box<Unnamed>>,
}

impl Session {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            whole: true,
            torn: [false; 2],
            client: None,
            origin: Origin::Unknown,
            limit: limits.message_bytes,
            seed: limits.seed.clone(),
            streams: Default::default(),
            chunks: Default::default(),
            channel: Channel::default(),
            pending: Pending::new(limits.pending_requests, limits.message_bytes),
            logins: Logins::default(),
            subscriptions: Subscriptions::new(limits.monitored_items, limits.seed.clone()),
            certificates: Certificates::default(),
            common: None,
            hello: None,
            opening: None,
        }
    }

    fn piece(
        &mut self,
        stamp: Stamp,
        from: Direction,
        piece: Piece<'_>,
        say: &mut dyn FnMut(Said<'_>),
    ) {
        match piece {
            Piece::Chunk(header, bytes) => {
                if let Err(malformed) = self.chunk(stamp, from, header, bytes, say) {
                    say(Said::Malformed(malformed));
                }
            }
            Piece::Broken(malformed) => {
                say(Said::Malformed(malformed));
                self.lose(from, say);
            }
            Piece::Oversize(header) => {
                say(Said::Anomaly(Anomaly {
                    kind: AnomalyKind::TooLarge,
                    expected: self.limit as u64,
                    found: header.size.into(),
                }));
                self.lose(from, say);
            }
            Piece::Resynchronised(skipped_bytes) => say(Said::Resynchronised { skipped_bytes }),
        }
    }

    /// Learns that something of a direction was not seen.
    fn lose(&mut self, from: Direction, say: &mut dyn FnMut(Said<'_>)) {
        self.whole = false;
        *from.of_mut(&mut self.torn) = true;
        self.channel.lose(from);
        self.subscriptions.lose();
        let asker = from.reverse();
        self.pending.doubt(asker);
        for unnamed in [&mut self.hello, &mut self.opening].into_iter().flatten() {
            unnamed.uncertain |= unnamed.from == asker;
        }
        from.of_mut(&mut self.chunks)
            .lose(&mut |held| say(Said::Malformed(lost("chunks", held))));
    }

    fn chunk(
        &mut self,
        stamp: Stamp,
        from: Direction,
        header: Header,
        bytes: &[u8],
        say: &mut dyn FnMut(Said<'_>),
    ) -> Result<(), Malformed> {
        if !header.kind.is_secured() {
            return self.greet(stamp, from, header.kind, bytes, say);
        }
        let envelope = Envelope::read(header, bytes)?;
        let (clear, weakened) = self.channel.is_clear(&envelope);
        let token = self.channel.follow_token(from, &envelope, stamp.time);
        for anomaly in [weakened, token.filter(|_| self.whole)]
            .into_iter()
            .flatten()
        {
            say(Said::Anomaly(anomaly));
        }
        if !clear {
            self.sealed(stamp, from, &envelope, say);
            return Ok(());
        }
        let mut rest = envelope.rest;
        let sequence = message::sequence(&mut rest)?;
        if let Some(anomaly) = self.channel.follow(from, sequence.number) {
            say(Said::Anomaly(anomaly));
        }
        let part = self.channel.unsigned(&envelope, rest);
        let context = Context {
            stamp,
            from,
            envelope,
            sequence,
        };
        match envelope.chunk {
            Chunk::Final => self.last(context, part, say),
            Chunk::Intermediate => {
                self.intermediate(context, part, say);
                Ok(())
            }
            Chunk::Abort => self.abort(context, part, say),
        }
    }

    /// Takes a message's last chunk, which most often is its only one.
    fn last(
        &mut self,
        context: Context<'_>,
        part: Reader<'_>,
        say: &mut dyn FnMut(Said<'_>),
    ) -> Result<(), Malformed> {
        let unfinished = context.from.of_mut(&mut self.chunks);
        match unfinished.finish(context.sequence.request_id, part.peek(), self.limit) {
            Finish::Forgotten => Ok(()),
            Finish::Joined(mut bytes) => {
                let said = self.message(context, Reader::at(&bytes, part.offset()), say);
                wipe(&mut bytes);
                said
            }
            Finish::Alone => {
                let torn = std::mem::take(context.from.of_mut(&mut self.torn));
                if torn && !message::is_clear(part, Chunk::Final) {
                    return Err(lost("service_id", part.offset()));
                }
                self.message(context, part, say)
            }
        }
    }

    fn intermediate(
        &mut self,
        context: Context<'_>,
        part: Reader<'_>,
        say: &mut dyn FnMut(Said<'_>),
    ) {
        let torn = *context.from.of(&self.torn);
        let wanted = !torn || message::is_clear(part, Chunk::Intermediate);
        let unfinished = context.from.of_mut(&mut self.chunks);
        let request_id = context.sequence.request_id;
        if let Some(flood) = unfinished.add(request_id, part.peek(), self.limit, wanted) {
            say(Said::Anomaly(flood));
        }
    }
}

impl Decoder for Session {
    fn feed(&mut self, stamp: Stamp, from: Direction, bytes: &[u8], say: &mut dyn FnMut(Said<'_>)) {
        let mut stream = std::mem::take(from.of_mut(&mut self.streams));
        let (channel, limit) = (self.channel.id(), self.limit);
        stream.feed(bytes, channel, limit, &mut |piece| {
            self.piece(stamp, from, piece, say);
        });
        *from.of_mut(&mut self.streams) = stream;
    }

    fn gap(
        &mut self,
        _: Stamp,
        from: Direction,
        missing_bytes: u64,
        say: &mut dyn FnMut(Said<'_>),
    ) {
        let stream = from.of_mut(&mut self.streams);
        if let Some(held) = stream.amid() {
            say(Said::Malformed(lost("message", held)));
        }
        stream.gap(missing_bytes);
        self.lose(from, say);
    }

    fn close(&mut self, _: Stamp, say: &mut dyn FnMut(Said<'_>)) {
        for unnamed in [self.hello.take(), self.opening.take()]
            .into_iter()
            .flatten()
        {
            unnamed.unanswered(say);
        }
        self.pending.end(say);
    }

    fn joined_midway(&mut self) {
        self.whole = false;
        self.torn = [true; 2];
        self.streams.iter_mut().for_each(Stream::lose);
    }

    fn join(&mut self, servers: &Servers, ends: [End; 2]) {
        let (limit, seed) = (self.subscriptions.limit(), self.seed.clone());
        self.common = Some(Box::new(Common::new(servers, ends, limit, seed)));
    }

    fn held_bytes(&self) -> usize {
        let streams: usize = self.streams.iter().map(Stream::held_bytes).sum();
        let chunks: usize = self.chunks.iter().map(Chunks::held_bytes).sum();
        let known =
            self.channel.held_bytes() + self.certificates.held_bytes() + self.logins.held_bytes();
        let waiting = self.pending.held_bytes() + self.subscriptions.held_bytes();
        streams + chunks + known + waiting
    }

    fn approach(&self, step: Step) {
        match step {
            Step::First => {
                (0..LINES).for_each(|line| fetch_behind(&self.whole, line));
            }
            Step::Second => {
                self.pending.fetch();
                self.logins.fetch();
            }
            Step::Third => {}
        }
        if step != Step::First {
            self.subscriptions.approach(step);
        }
    }
}

/// How many lines of the cache hold what a usual message needs, wherever the first begins.
const LINES: usize = offset_of!(Session, certificates).div_ceil(64) + 1;

fn lost(field: &'static str, offset: usize) -> Malformed {
    Malformed {
        field,
        offset,
        why: "a part of the message was lost",
    }
}
