//! What has no request identifier that could be read: greetings, and whatever is encrypted.
//!
//! Follows OPC 10000-6, 7.1.3 and 7.1.4 (who greets whom). Who the client is follows from the messages,
//! never from who opened the connection: with a reverse hello the server did. An `ERR` ends everything
//! that waits. Of an encrypted message its type and channel are said, and nothing else is guessed.

use model::{Direction, Function, Malformed, Request, Said, Stage, Stamp};

use super::certificates::Of;
use super::channel::Terms;
use super::exchange::{shown, tell};
use super::frame::{Chunk, Kind};
use super::functions;
use super::login::clipped;
use super::message::{self, Envelope, Security};
use super::operation::{Asked, Shown};
use super::services;
use super::session::Session;
use super::tokens::Token;

/// A request that has no identifier of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unnamed {
    pub(super) from: Direction,
    pub(super) function: Function,
    pub(super) request: Request,
    pub(super) uncertain: bool,
}

impl Unnamed {
    /// Says that it was never answered.
    pub(super) fn unanswered(&self, say: &mut dyn FnMut(Said<'_>)) {
        if !self.uncertain {
            say(Said::Unanswered {
                signature: self.request.signature,
                function: self.function,
                asked: self.request.asked,
            });
        }
    }

    /// Takes it, if the other side's answer is there.
    fn answered(waiting: &mut Option<Box<Self>>, from: Direction) -> Option<Asked<'static>> {
        let waiting = waiting.take_if(|waiting| waiting.from != from)?;
        Some(Asked {
            request: waiting.request,
            function: waiting.function,
            service: None,
        })
    }
}

impl Session {
    /// Takes a message of the connection protocol.
    pub(super) fn greet(
        &mut self,
        stamp: Stamp,
        from: Direction,
        kind: Kind,
        bytes: &[u8],
        say: &mut dyn FnMut(Said<'_>),
    ) -> Result<(), Malformed> {
        let greeting = message::greeting(kind, bytes)?;
        let mut shown = Shown {
            endpoint: clipped(greeting.endpoint),
            error: greeting.error,
            wire: bytes,
            ..Shown::new(kind)
        };
        let (stage, function) = match kind {
            Kind::Hello => (Stage::Request, functions::HELLO),
            Kind::Acknowledge => (Stage::Response, functions::HELLO),
            Kind::ReverseHello => (Stage::Other, functions::REVERSE_HELLO),
            _ => (Stage::Other, functions::ERROR),
        };
        match kind {
            Kind::Hello => self.client = Some(from),
            Kind::Acknowledge => {
                self.client = Some(from.reverse());
                shown.asked = Unnamed::answered(&mut self.hello, from);
            }
            Kind::ReverseHello => self.client = Some(from.reverse()),
            _ => self.end_waiting(),
        }
        let signature = tell(&self.seed, &shown, stage, function, say);
        if kind == Kind::Hello {
            self.hello = Some(Box::new(unnamed(stamp, from, function, signature)));
        }
        Ok(())
    }

    /// After an error nothing that waits gets another answer.
    fn end_waiting(&mut self) {
        (self.hello, self.opening) = (None, None);
        self.pending.doubt(Direction::Forward);
        self.pending.doubt(Direction::Backward);
    }

    /// Takes a chunk whose body cannot be read.
    pub(super) fn sealed(
        &mut self,
        stamp: Stamp,
        from: Direction,
        envelope: &Envelope<'_>,
        say: &mut dyn FnMut(Said<'_>),
    ) {
        let chunks = from.of_mut(&mut self.chunks);
        if envelope.chunk == Chunk::Intermediate {
            self.channel.pass(from, envelope.kind);
            if let Some(flood) = chunks.seal() {
                say(Said::Anomaly(flood));
            }
            return;
        }
        chunks.finish_sealed();
        let function = match envelope.kind {
            Kind::Open => named(services::OPEN_SECURE_CHANNEL),
            Kind::Close => named(services::CLOSE_SECURE_CHANNEL),
            _ => functions::ENCRYPTED,
        };
        let stage = self.sealed_stage(from, envelope);
        self.channel.pass(from, envelope.kind);
        let of = if stage == Stage::Request {
            Of::Client
        } else {
            Of::Server
        };
        let credentials = self.opening(envelope.security, of);
        let asked = match (envelope.security, stage) {
            (Security::Asymmetric { policy, .. }, Stage::Request) => {
                let asked = Terms::asked(policy, None, credentials.first());
                self.channel.propose(asked);
                None
            }
            (Security::Asymmetric { policy, .. }, _) => {
                let (id, token) = (envelope.channel_id, Token::hidden(stamp.time));
                let weakened = self.channel.adopt(id, policy, credentials.first(), token);
                weakened.into_iter().for_each(|it| say(Said::Anomaly(it)));
                Unnamed::answered(&mut self.opening, from)
            }
            (Security::Symmetric { .. }, _) => None,
        };
        let login = self.logins.find(None, stamp.time);
        let base = shown(envelope, None, &self.channel, stamp.time);
        let shown = Shown {
            encrypted: true,
            asked,
            who: self.logins.who(login),
            evidence: base
                .evidence
                .with(&credentials, envelope.security, stamp.time),
            ..base
        };
        let signature = tell(&self.seed, &shown, stage, function, say);
        if envelope.kind == Kind::Open && stage == Stage::Request {
            self.opening = Some(Box::new(unnamed(stamp, from, function, signature)));
        }
    }

    /// Only the first `OPN` request of a connection has no channel yet.
    fn sealed_stage(&mut self, from: Direction, envelope: &Envelope<'_>) -> Stage {
        if envelope.kind == Kind::Open && envelope.channel_id == 0 {
            self.client = Some(from);
        }
        self.stage(from)
    }

    /// Which half a message is, by who sent it.
    pub(super) fn stage(&self, from: Direction) -> Stage {
        match self.client {
            Some(client) if client == from => Stage::Request,
            Some(_) => Stage::Response,
            None => Stage::Other,
        }
    }
}

fn unnamed(asked: Stamp, from: Direction, function: Function, signature: u64) -> Unnamed {
    Unnamed {
        from,
        function,
        request: Request { signature, asked },
        uncertain: false,
    }
}

fn named(request_id: u32) -> Function {
    let listed = services::find(request_id).map(|(service, _)| service.function);
    listed.unwrap_or_else(|| functions::unknown(request_id))
}
