//! Whole messages, one by one: what each does to the connection's state, and what is said of it.
//!
//! Follows OPC 10000-6, 7.1.3 and 7.1.4 (who greets whom) and OPC 10000-4, 5.5 and 5.6 (channel and
//! session). Who the client is follows from the messages, never from who opened the connection: with
//! a reverse hello the server did. An `ERR` ends everything that waits.

use foldhash::quality::RandomState;
use model::{Anomaly, AnomalyKind, Direction, Function, Malformed, Request, Said, Stage, Stamp};

use super::channel::{Channel, Mode};
use super::frame::{Chunk, Kind};
use super::functions;
use super::login::{LoginId, Who, clipped};
use super::message::{self, Body, Envelope, Security, Sequence, What};
use super::operation::{Asked, Shown};
use super::parameters::{self, ActivateSession};
use super::pending::{Added, Waiting, unanswered};
use super::services::{self, Half};
use super::session::Session;
use super::status;
use super::types::text;
use crate::reader::Reader;

/// Where a message came from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    pub(super) stamp: Stamp,
    pub(super) from: Direction,
    pub(super) envelope: Envelope<'a>,
    pub(super) sequence: Sequence,
}

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
    fn answered(waiting: &mut Option<Self>, from: Direction) -> Option<Asked<'static>> {
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
            self.hello = Some(unnamed(stamp, from, function, signature));
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
        let asked = match (envelope.security, stage) {
            (Security::Asymmetric { policy }, Stage::Request) => {
                self.channel.propose(policy, None);
                None
            }
            (Security::Asymmetric { policy }, _) => {
                self.channel.adopt(envelope.channel_id, policy);
                Unnamed::answered(&mut self.opening, from)
            }
            (Security::Symmetric { .. }, _) => None,
        };
        let shown = Shown {
            encrypted: true,
            asked,
            who: self.logins.who(self.logins.find(None)),
            ..shown(envelope, None, &self.channel)
        };
        let signature = tell(&self.seed, &shown, stage, function, say);
        if envelope.kind == Kind::Open && stage == Stage::Request {
            self.opening = Some(unnamed(stamp, from, function, signature));
        }
    }

    /// Only the first `OPN` request of a connection has no channel yet.
    fn sealed_stage(&mut self, from: Direction, envelope: &Envelope<'_>) -> Stage {
        if envelope.kind == Kind::Open && envelope.channel_id == 0 {
            self.client = Some(from);
        }
        self.stage(from)
    }

    fn stage(&self, from: Direction) -> Stage {
        match self.client {
            Some(client) if client == from => Stage::Request,
            Some(_) => Stage::Response,
            None => Stage::Other,
        }
    }

    /// Takes an abort: of a response, which refuses its request, or of a request.
    pub(super) fn abort(
        &mut self,
        context: Context<'_>,
        mut part: Reader<'_>,
        say: &mut dyn FnMut(Said<'_>),
    ) -> Result<(), Malformed> {
        let error = Some(part.u32_le("error")?);
        let request_id = context.sequence.request_id;
        context.from.of_mut(&mut self.chunks).abort(request_id);
        let waiting = self.pending.take(context.from.reverse(), request_id);
        let asked = waiting.map(|(waiting, kept)| asked(waiting, kept));
        let login = waiting.and_then(|(waiting, _)| waiting.login);
        let shown = Shown {
            error,
            asked,
            who: self.logins.who(login),
            ..shown(&context.envelope, Some(context.sequence), &self.channel)
        };
        let stage = asked.map_or(Stage::Other, |_| Stage::Response);
        let function = asked.map_or(functions::ABORT, |asked| asked.function);
        tell(&self.seed, &shown, stage, function, say);
        Ok(())
    }

    /// Takes a whole message whose body can be read.
    pub(super) fn message(
        &mut self,
        context: Context<'_>,
        bytes: Reader<'_>,
        say: &mut dyn FnMut(Said<'_>),
    ) -> Result<(), Malformed> {
        let body = Body::read(bytes)?;
        match body.what {
            What::Service(_, Half::Request) => self.request(context, &body, say),
            What::Service(_, Half::Response) | What::Fault => self.response(context, &body, say),
            What::Unknown => {
                let shown = Shown {
                    body: Some(body),
                    ..shown(&context.envelope, Some(context.sequence), &self.channel)
                };
                let stage = self.stage(context.from);
                tell(&self.seed, &shown, stage, body.function(), say);
            }
        }
        Ok(())
    }

    fn request(&mut self, context: Context<'_>, body: &Body<'_>, say: &mut dyn FnMut(Said<'_>)) {
        self.client = Some(context.from);
        let (details, fault) = match details(body) {
            Ok(details) => (details, None),
            Err(fault) => (Details::default(), Some(fault)),
        };
        let login = match (&details.claim, body.header.session) {
            (Some(claim), Some(token)) => Some(self.logins.claim(token, claim)),
            _ => self.logins.find(body.header.session),
        };
        if let Security::Asymmetric { policy } = context.envelope.security {
            self.channel.propose(policy, details.mode);
        }
        let base = shown(&context.envelope, Some(context.sequence), &self.channel);
        let shown = Shown {
            mode: details.mode.or(base.mode),
            endpoint: clipped(details.endpoint),
            who: details.who(self.logins.who(login)),
            clear_password: details.claim.is_some_and(|claim| claim.clear_password),
            body: Some(*body),
            ..base
        };
        let signature = tell(&self.seed, &shown, Stage::Request, body.function(), say);
        if let Some(fault) = fault {
            say(Said::Malformed(fault));
        }
        self.wait(context, body, login, signature, say);
    }

    /// Remembers a request until it is answered. Closing a channel is not (OPC 10000-4, 5.5.3).
    fn wait(
        &mut self,
        context: Context<'_>,
        body: &Body<'_>,
        login: Option<LoginId>,
        signature: u64,
        say: &mut dyn FnMut(Said<'_>),
    ) {
        let service = body.service().map(|(service, _)| service);
        let Some(service) = service.filter(|it| !it.is(services::CLOSE_SECURE_CHANNEL)) else {
            return;
        };
        let request_id = context.sequence.request_id;
        let waiting = Waiting {
            from: context.from,
            request_id,
            service,
            signature,
            asked: context.stamp,
            login,
            uncertain: false,
        };
        match self.pending.add(waiting, body.parameters.peek()) {
            Added::Well => {}
            Added::Twice => say(anomaly(AnomalyKind::DuplicateRequest, 0, request_id)),
            Added::Instead(oldest) => {
                // The answer to the one that was forgotten is no anomaly.
                self.whole = false;
                let limit = u32::try_from(self.pending.limit()).unwrap_or(u32::MAX);
                say(anomaly(
                    AnomalyKind::PendingOverflow,
                    limit,
                    limit.saturating_add(1),
                ));
                unanswered(&oldest, say);
            }
        }
    }

    fn response(&mut self, context: Context<'_>, body: &Body<'_>, say: &mut dyn FnMut(Said<'_>)) {
        let (from, envelope) = (context.from, &context.envelope);
        let request_id = context.sequence.request_id;
        self.client = Some(from.reverse());
        let waiting = self.pending.take(from.reverse(), request_id);
        let mut asked = waiting.map(|(waiting, kept)| asked(waiting, kept));
        if asked.is_none() && self.whole {
            say(anomaly(AnomalyKind::UnsolicitedAnswer, 0, request_id));
        }
        if let (Some((waiting, _)), Some((service, _))) = (waiting, body.service())
            && !service.is(waiting.service.function.code)
        {
            let expected = waiting.service.response_id;
            say(anomaly(
                AnomalyKind::MismatchedAnswer,
                expected,
                service.response_id,
            ));
            asked = asked.map(|asked| Asked {
                service: None,
                ..asked
            });
        }
        let good = !body.header.result.is_some_and(status::is_bad);
        let mut login = waiting.and_then(|(waiting, _)| waiting.login);
        let service = asked.and_then(|asked| asked.service);
        if body.is(services::CREATE_SESSION, Half::Response) && good {
            let names = service.and_then(|(_, kept)| parameters::create_session(kept).ok());
            let created = parameters::created_session(body.parameters).ok();
            login = created.map(|created| self.logins.create(created.token, names.as_ref()));
        }
        let of = |request_id| service.is_some_and(|(service, _)| service.is(request_id));
        if let Some(login) = login.filter(|_| of(services::ACTIVATE_SESSION)) {
            self.logins.settle(login, good);
        }
        if let Security::Asymmetric { policy } = envelope.security
            && good
        {
            self.channel.adopt(envelope.channel_id, policy);
        }
        let shown = Shown {
            who: self.logins.who(login),
            body: Some(*body),
            asked,
            ..shown(envelope, Some(context.sequence), &self.channel)
        };
        let function = asked.map_or_else(|| body.function(), |asked| asked.function);
        tell(&self.seed, &shown, Stage::Response, function, say);
        if let Some(login) = login.filter(|_| of(services::CLOSE_SESSION) && good) {
            self.logins.close(login);
        }
    }
}

/// What a request says beyond its header, where that concerns the connection.
#[derive(Clone, Copy, Debug, Default)]
struct Details<'a> {
    endpoint: Option<&'a str>,
    mode: Option<Mode>,
    claim: Option<ActivateSession<'a>>,
    names: Option<(Option<&'a str>, Option<&'a str>)>,
}

fn details<'a>(body: &Body<'a>) -> Result<Details<'a>, Malformed> {
    let mut details = Details::default();
    let mut parameters = body.parameters;
    match body.function().code {
        services::FIND_SERVERS | services::GET_ENDPOINTS => {
            details.endpoint = text(&mut parameters, "endpoint_url")?;
        }
        services::OPEN_SECURE_CHANNEL => {
            details.mode = message::security_mode(parameters).and_then(Mode::from_code);
        }
        services::CREATE_SESSION => {
            let asked = parameters::create_session(parameters)?;
            details.endpoint = asked.endpoint;
            details.names = Some((asked.client.uri, asked.session_name));
        }
        services::ACTIVATE_SESSION => {
            details.claim = Some(parameters::activate_session(parameters)?);
        }
        _ => {}
    }
    Ok(details)
}

impl<'a> Details<'a> {
    /// Who the request says that it is from, beside what its session tells.
    fn who(&self, session: Who<'a>) -> Who<'a> {
        match (self.names, self.claim) {
            (Some((uri, name)), _) => Who {
                application_uri: clipped(uri),
                session_name: clipped(name),
                ..Who::default()
            },
            (None, Some(claim)) => Who {
                identity: claim.identity,
                user: clipped(claim.user),
                ..session
            },
            (None, None) => session,
        }
    }
}

/// What the headers of a message show.
fn shown<'a>(
    envelope: &Envelope<'a>,
    sequence: Option<Sequence>,
    channel: &'a Channel,
) -> Shown<'a> {
    let (token_id, policy) = match envelope.security {
        Security::Asymmetric { policy } => (None, clipped(policy)),
        Security::Symmetric { token_id } => (Some(token_id), channel.policy()),
    };
    Shown {
        channel_id: Some(envelope.channel_id),
        token_id,
        sequence,
        policy,
        mode: channel.mode(),
        ..Shown::new(envelope.kind)
    }
}

fn asked<'a>(waiting: &Waiting, kept: &'a [u8]) -> Asked<'a> {
    Asked {
        request: Request {
            signature: waiting.signature,
            asked: waiting.asked,
        },
        function: waiting.service.function,
        service: Some((waiting.service, Reader::new(kept))),
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
    listed.unwrap_or(functions::unknown(request_id))
}

fn anomaly(kind: AnomalyKind, expected: u32, found: u32) -> Said<'static> {
    Said::Anomaly(Anomaly {
        kind,
        expected: expected.into(),
        found: found.into(),
    })
}

/// Says a message, then what could not be read of it; gives back its signature.
fn tell(
    seed: &RandomState,
    shown: &Shown<'_>,
    stage: Stage,
    function: Function,
    say: &mut dyn FnMut(Said<'_>),
) -> u64 {
    let (outcome, unread) = match stage {
        Stage::Response => shown.outcome(),
        Stage::Request | Stage::Other => (None, None),
    };
    let (signature, unsigned) = shown.sign(seed, stage, function, outcome);
    say(Said::Operation(
        shown.operation(stage, function, outcome, signature),
    ));
    if let Some(fault) = unread.or(unsigned) {
        say(Said::Malformed(fault));
    }
    signature
}
