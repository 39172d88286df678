//! Whole messages that can be read, one by one: what each does to the connection's state, and what is
//! said of it.
//!
//! Follows OPC 10000-4, 5.5 (channel) and 5.6 (session). A request is said, then waits; a response is
//! said with the request that it answers, and settles what that asked for.

use foldhash::quality::RandomState;
use model::{
    Anomaly, AnomalyKind, Direction, Function, Malformed, Request, Said, Stage, Stamp, Timestamp,
};

use super::certificates::Certificate;
use super::channel::{Channel, Terms};
use super::evidence::Evidence;
use super::functions;
use super::login::{LoginId, Who, clipped};
use super::message::{self, Body, Envelope, Security, Sequence, What};
use super::notifications::Notifications;
use super::operation::{Asked, Shown};
use super::parameters::{self, ActivateSession};
use super::pending::{Added, Waiting, unanswered};
use super::policies::Mode;
use super::servers;
use super::services::{self, Half};
use super::session::{Origin, Session};
use super::status;
use super::tokens::Token;
use super::types::{DEPTH, TOO_DEEP, TOO_MANY, text};
use crate::reader::Reader;

/// Where a message came from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    pub(super) stamp: Stamp,
    pub(super) from: Direction,
    pub(super) envelope: Envelope<'a>,
    pub(super) sequence: Sequence,
}

impl<'a> Context<'a> {
    fn shown(&self, channel: &'a Channel) -> Shown<'a> {
        let now = self.stamp.time;
        shown(&self.envelope, Some(self.sequence), channel, now)
    }
}

impl Session {
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
            ..context.shown(&self.channel)
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
        let body = Body::read(bytes).inspect_err(|fault| say_excess(fault, bytes, say))?;
        match body.what {
            What::Service(_, Half::Request) => self.request(context, &body, say),
            What::Service(_, Half::Response) | What::Fault => self.response(context, &body, say),
            What::Unknown => {
                let shown = Shown {
                    body: Some(body),
                    ..context.shown(&self.channel)
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
        let (security, now) = (context.envelope.security, context.stamp.time);
        let credentials = self.credentials(security, body);
        let login = match (&details.claim, body.header.session) {
            (Some(claim), Some(token)) => {
                Some(self.logins.claim(token, claim, credentials.first(), now))
            }
            _ => self.logins.find(body.header.session, now),
        };
        if let Security::Asymmetric { policy, .. } = security {
            let asked = Terms::asked(policy, details.mode, credentials.first());
            self.channel.propose(asked);
        }
        let base = context.shown(&self.channel);
        let shown = Shown {
            mode: details.mode.or(base.mode),
            endpoint: clipped(details.endpoint),
            who: details.who(self.logins.who(login), credentials.user()),
            clear_password: details.claim.is_some_and(|claim| claim.clear_password),
            evidence: base.evidence.with(&credentials, security, now),
            body: Some(*body),
            known: Some(&self.subscriptions),
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
        let (from, envelope, now) = (context.from, &context.envelope, context.stamp.time);
        let credentials = self.credentials(envelope.security, body);
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
            login = created.map(|created| {
                self.logins
                    .create(&self.seed, &created, names.as_ref(), now)
            });
            self.origin = Origin::Here;
        }
        self.logins.touch(login, now);
        let of = |request_id| service.is_some_and(|(service, _)| service.is(request_id));
        if let Some(login) = login.filter(|_| of(services::ACTIVATE_SESSION)) {
            self.logins.settle(&self.seed, login, good);
            if good && self.whole && self.origin == Origin::Unknown {
                self.origin = Origin::Elsewhere;
            }
        }
        let news = published(body).filter(|_| good);
        if let Some(news) = news.as_ref().filter(|_| self.origin == Origin::Elsewhere) {
            let server = (self.common.as_deref(), context.from);
            let over = servers::go_on(server, &mut self.subscriptions, news.subscription, login);
            over.into_iter().for_each(|over| say(Said::Anomaly(over)));
        }
        if let Security::Asymmetric { policy, .. } = envelope.security
            && good
        {
            let (id, token) = (envelope.channel_id, Token::read(body.parameters, now));
            let weakened = self.channel.adopt(id, policy, credentials.first(), token);
            weakened.into_iter().for_each(|it| say(Said::Anomaly(it)));
        }
        let base = context.shown(&self.channel);
        let shown = Shown {
            who: self.logins.who(login),
            body: Some(*body),
            known: Some(&self.subscriptions),
            asked,
            evidence: base.evidence.with(&credentials, envelope.security, now),
            ..base
        };
        let function = asked.map_or_else(|| body.function(), |asked| asked.function);
        tell(&self.seed, &shown, Stage::Response, function, say);
        if let Some((service, kept)) = service.filter(|_| good) {
            let server = (self.common.as_deref(), context.from);
            let over = servers::learn(server, &mut self.subscriptions, service, kept, body, login);
            over.into_iter().for_each(|over| say(Said::Anomaly(over)));
        }
        if let Some(published) = news {
            let missing = self.subscriptions.follow(&published).filter(|_| self.whole);
            missing.into_iter().for_each(|gap| say(Said::Anomaly(gap)));
            if published.ends() {
                self.subscriptions.end(published.subscription);
            }
        }
        if let Some(login) = login.filter(|_| of(services::CLOSE_SESSION) && good) {
            self.logins.close(login);
        }
    }
}

/// The notification message of a `Publish` response.
fn published<'a>(body: &Body<'a>) -> Option<Notifications<'a>> {
    let publishes = body.is(services::PUBLISH, Half::Response);
    publishes
        .then(|| Notifications::published(body.parameters))
        .flatten()
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
    fn who(&self, session: Who<'a>, certificate: Option<&'a Certificate>) -> Who<'a> {
        match (self.names, self.claim) {
            (Some((uri, name)), _) => Who::naming(uri, name),
            (None, Some(claim)) => session.claiming(&claim, certificate),
            (None, None) => session,
        }
    }
}

/// What the headers of a message show.
pub(super) fn shown<'a>(
    envelope: &Envelope<'a>,
    sequence: Option<Sequence>,
    channel: &'a Channel,
    now: Timestamp,
) -> Shown<'a> {
    let (token_id, policy) = match envelope.security {
        Security::Asymmetric { policy, .. } => (None, clipped(policy)),
        Security::Symmetric { token_id } => (Some(token_id), channel.policy()),
    };
    Shown {
        channel_id: Some(envelope.channel_id),
        token_id,
        sequence,
        policy,
        mode: channel.mode(),
        evidence: Evidence::of(channel, now),
        wire: envelope.wire,
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

fn anomaly(kind: AnomalyKind, expected: u32, found: u32) -> Said<'static> {
    Said::Anomaly(Anomaly {
        kind,
        expected: expected.into(),
        found: found.into(),
    })
}

/// Says a message, then what could not be read of it; gives back its signature.
pub(super) fn tell(
    seed: &RandomState,
    shown: &Shown<'_>,
    stage: Stage,
    function: Function,
    say: &mut dyn FnMut(Said<'_>),
) -> u64 {
    let outcome = match stage {
        Stage::Response => shown.outcome(),
        Stage::Request | Stage::Other => None,
    };
    let signature = shown.sign(seed, stage, function, outcome);
    say(Said::Operation(
        shown.operation(stage, function, outcome, signature),
    ));
    if stage == Stage::Request
        && let Some(found) = excess(shown)
    {
        say(anomaly(AnomalyKind::TooMany, LISTED, found));
    }
    if let Some((body, Err(fault))) = shown.body.map(|body| (body, body.check())) {
        say(Said::Malformed(fault));
        say_excess(&fault, body.start, say);
    }
    signature
}

/// How many items a request names, where that is more than anybody asks for at once.
fn excess(shown: &Shown<'_>) -> Option<u32> {
    let len = shown.body.map_or(0, |body| body.start.left());
    // The shortest item is a node of two bytes.
    if len / 2 <= LISTED as usize {
        return None;
    }
    let found = u32::try_from(shown.items()?.count()).unwrap_or(u32::MAX);
    (found > LISTED).then_some(found)
}

/// The most items that a request names before somebody should know: servers limit them to some thousand
/// (OPC 10000-5, 6.3.11 `OperationLimits`).
const LISTED: u32 = 10_000;

/// Says that a message nests too deep or claims too much, where that is why it cannot be read.
fn say_excess(fault: &Malformed, message: Reader<'_>, say: &mut dyn FnMut(Said<'_>)) {
    match fault.why {
        TOO_DEEP => say(anomaly(
            AnomalyKind::TooDeep,
            DEPTH.into(),
            u32::from(DEPTH) + 1,
        )),
        TOO_MANY => {
            let mut list = message;
            let before = fault.offset.saturating_sub(message.offset());
            let claimed = list.take("list", before).and_then(|_| list.u32_le("count"));
            let room = u32::try_from(list.left()).unwrap_or(u32::MAX);
            say(anomaly(
                AnomalyKind::TooMany,
                room,
                claimed.unwrap_or(u32::MAX),
            ));
        }
        _ => {}
    }
}
