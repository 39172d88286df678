//! What a message means: the one file that knows the model's words.
//!
//! [`Shown`] is a message with all that its connection knows of it, borrowed. Its targets and fields are
//! found in the bytes when somebody asks. A response shows its request's nodes beside its own results.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::quality::RandomState;
use model::{
    Detail, Function, Identity, Operation, Outcome, Request, Side, Stage, Target, Value, Written,
};

use super::answers::{Answer, Answers, answers};
use super::dissect::Dissection;
use super::evidence::Evidence;
use super::frame::Kind;
use super::identity;
use super::items::{Item, Items, is_secretive, items};
use super::login::Who;
use super::message::{Body, Sequence};
use super::notifications::Notifications;
use super::policies::Mode;
use super::services::{self, Half, Service};
use super::status;
use super::subscriptions::Subscriptions;
use crate::reader::Reader;
use crate::signature::signature;

/// One message with what its connection knows of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown<'a> {
    pub(super) kind: Kind,
    pub(super) channel_id: Option<u32>,
    pub(super) token_id: Option<u32>,
    pub(super) sequence: Option<Sequence>,
    pub(super) policy: Option<&'a str>,
    pub(super) mode: Option<Mode>,
    pub(super) encrypted: bool,
    pub(super) endpoint: Option<&'a str>,
    pub(super) who: Who<'a>,
    /// Whether a password lies open in it.
    pub(super) clear_password: bool,
    pub(super) evidence: Evidence<'a>,
    /// What an `ERR` or an abort gives as its reason.
    pub(super) error: Option<u32>,
    pub(super) body: Option<Body<'a>>,
    /// What is known of the monitored items that it names.
    pub(super) known: Option<&'a Subscriptions>,
    /// The chunk that it came in; its last, where there were several.
    pub(super) wire: &'a [u8],
    /// The request that it answers.
    pub(super) asked: Option<Asked<'a>>,
}

/// A request, when its answer is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) request: Request,
    pub(super) function: Function,
    /// Its service and parameters, as far as they were kept.
    pub(super) service: Option<(&'static Service, Reader<'a>)>,
}

impl Asked<'_> {
    /// The subscription that the request names.
    fn subscription(&self) -> Option<u32> {
        let (service, parameters) = self.service?;
        named_subscription(service, parameters)
    }
}

/// A subscription, as a message tells of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subscribed {
    pub(super) id: u32,
    pub(super) sequence_number: Option<u32>,
    pub(super) more: Option<bool>,
}

impl Subscribed {
    const fn of(id: u32) -> Self {
        Self {
            id,
            sequence_number: None,
            more: None,
        }
    }
}

/// The subscription that stands at the start of a request's parameters.
fn named_subscription(service: &Service, mut parameters: Reader<'_>) -> Option<u32> {
    let names = service.names_subscription();
    names
        .then(|| parameters.u32_le("subscription_id").ok())
        .flatten()
}

impl<'a> Shown<'a> {
    /// A message of which only its type is known.
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            channel_id: None,
            token_id: None,
            sequence: None,
            policy: None,
            mode: None,
            encrypted: false,
            endpoint: None,
            who: Who::default(),
            clear_password: false,
            evidence: Evidence::default(),
            error: None,
            body: None,
            known: None,
            wire: &[],
            asked: None,
        }
    }

    /// The service result that it carries.
    pub(super) fn result(&self) -> Option<u32> {
        self.body.and_then(|body| body.header.result)
    }

    /// The service, and the parameters of its request, as far as they are known.
    fn request(&self) -> Option<(&'static Service, Reader<'a>)> {
        match self.body?.service() {
            Some((service, Half::Request)) => Some((service, self.body?.parameters)),
            _ => self.asked?.service,
        }
    }

    /// The items that it, or the request that it answers, names. An answer to `Publish` names its own.
    pub(super) fn items(&self) -> Option<Items<'a>> {
        let (service, parameters) = self.request()?;
        let tells = service.is(services::PUBLISH) && !self.body?.asks(services::PUBLISH);
        let names = service.items != services::Items::None && !tells;
        names.then(|| items(service.items, parameters, self.known))
    }

    /// The results that it gives.
    pub(super) fn answers(&self) -> Option<Answers<'a>> {
        let body = self.body?;
        let (service, half) = body.service()?;
        let gives = half == Half::Response && service.answers != services::Answers::None;
        let subscription = self
            .asked
            .and_then(|asked| asked.subscription())
            .unwrap_or(0);
        gives.then(|| answers(service.answers, body.parameters, self.known, subscription))
    }

    /// The subscription that it is about.
    pub(super) fn subscription(&self) -> Option<Subscribed> {
        let body = self.body?;
        let (service, half) = body.service()?;
        if self.result().is_some_and(status::is_bad)
            && self
                .asked
                .is_none_or(|asked| asked.subscription().is_none())
        {
            // What a failed service would give is null.
            return None;
        }
        let notifications = match (service.function.code, half) {
            (services::CREATE_SUBSCRIPTION, Half::Request) => return None,
            (services::CREATE_SUBSCRIPTION, Half::Response) => {
                return body
                    .parameters
                    .clone()
                    .u32_le("subscription_id")
                    .ok()
                    .map(Subscribed::of);
            }
            (services::PUBLISH, Half::Response) => Notifications::published(body.parameters),
            (services::REPUBLISH, Half::Response) => {
                let subscription = self.asked.and_then(|asked| asked.subscription())?;
                Notifications::republished(body.parameters, subscription)
            }
            _ => {
                let (service, parameters) = self.request()?;
                return named_subscription(service, parameters).map(Subscribed::of);
            }
        };
        notifications.map(|message| Subscribed {
            id: message.subscription,
            sequence_number: Some(message.sequence_number),
            more: message.more,
        })
    }

    /// Whether its items are calls, which name a method each.
    pub(super) fn calls(&self) -> bool {
        self.request()
            .is_some_and(|(service, _)| service.items == services::Items::Call)
    }

    /// Whether what its methods are given or give back may be a secret: some method handles secrets, or nobody knows which
    /// methods there are.
    pub(super) fn hushed(&self) -> bool {
        let Some(body) = self.body else {
            return false;
        };
        let answers = body.is(services::CALL, Half::Response);
        if !answers && !body.asks(services::CALL) {
            return false;
        }
        let unseen = self.request().is_none_or(|(_, asked)| asked.is_empty());
        let mut methods = self.items().into_iter().flatten();
        unseen || body.check().is_err() || methods.any(|item| item.other.is_some_and(is_secretive))
    }

    /// How its request ended. Where a change is asked for, the first item that failed refuses the
    /// whole.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        if self.kind == Kind::Acknowledge {
            return Some(Outcome::Done);
        }
        let refused = |code| {
            let name = status::name(code);
            Some(Outcome::Refused { code, name })
        };
        match (self.error, self.result()) {
            (Some(code), _) => return refused(code),
            (None, Some(code)) if status::is_bad(code) => return refused(code),
            (None, Some(_)) => {}
            (None, None) => return None,
        }
        let changes = |answers: &Answers<'_>| answers.judges_changes();
        let Some(mut answers) = self.answers().filter(changes) else {
            return Some(Outcome::Done);
        };
        answers.refusal().or(Some(Outcome::Done))
    }

    /// The signature. A response is signed by its request's signature in place of the items.
    pub(super) fn sign(
        &self,
        seed: &RandomState,
        stage: Stage,
        function: Function,
        outcome: Option<Outcome>,
    ) -> u64 {
        let items = match self.asked {
            Some(asked) => asked.request.signature,
            None => self.digest(seed),
        };
        let items = (items, self.told(seed));
        let type_id = self.body.and_then(|body| body.id);
        let bound = (self.kind, self.policy, self.mode, self.encrypted, self.who);
        let codes = (self.error, self.result());
        let said = (
            self.endpoint,
            self.clear_password,
            codes,
            items,
            self.evidence,
        );
        let fields = (stage, function.code, outcome, type_id, bound, said);
        signature(seed, fields)
    }

    fn digest(&self, seed: &RandomState) -> u64 {
        let Some(items) = self.items() else {
            return 0;
        };
        let mut hasher = seed.build_hasher();
        for item in items {
            (item.node, item.other, item.attribute, item.history).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// What it tells of nodes that its request did not name.
    fn told(&self, seed: &RandomState) -> u64 {
        let Some(answers) = self.answers().filter(Answers::tells) else {
            return 0;
        };
        let mut hasher = seed.build_hasher();
        for answer in answers {
            match answer.print {
                Some(print) => print.hash(&mut hasher),
                None => (answer.node, answer.attribute).hash(&mut hasher),
            }
        }
        hasher.finish()
    }

    /// The operation that it is.
    pub(super) fn operation(
        &self,
        stage: Stage,
        function: Function,
        outcome: Option<Outcome>,
        signature: u64,
    ) -> Operation<'_> {
        Operation {
            protocol: super::VOCABULARY.name,
            stage,
            function,
            unit: None,
            outcome,
            signature,
            answers: self.asked.map(|asked| asked.request),
            detail: self,
        }
    }

    fn list<T: Into<Value<'a>>>(&self, of: impl FnMut(Item<'a>) -> Option<T>) -> Option<Value<'a>> {
        collected(self.items()?.filter_map(of))
    }

    fn answered<T: Into<Value<'a>>>(
        &self,
        of: impl FnMut(Answer<'a>) -> Option<T>,
    ) -> Option<Value<'a>> {
        collected(self.answers()?.filter_map(of))
    }

    /// What both the items and the results may say.
    fn either<T: Into<Value<'a>>>(
        &self,
        asked: impl FnMut(Item<'a>) -> Option<T>,
        answered: impl FnMut(Answer<'a>) -> Option<T>,
    ) -> Option<Value<'a>> {
        self.list(asked).or_else(|| self.answered(answered))
    }
}

impl Detail for Shown<'_> {
    fn targets(&self, see: &mut dyn FnMut(Target<'_>)) {
        for item in self.items().into_iter().flatten() {
            item.targets(see);
        }
        let told = self.answers().filter(Answers::tells).into_iter().flatten();
        told.filter_map(|answer| answer.node)
            .for_each(|node| see(node.target()));
    }

    fn written(&self, see: &mut dyn FnMut(Target<'_>, Written<'_>)) {
        super::written::written(self, see);
    }

    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "message" => Some(self.kind.name().into()),
            "channel_id" => self.channel_id.map(Into::into),
            "token_id" => self.token_id.map(Into::into),
            "sequence" => self.sequence.map(|sequence| sequence.number.into()),
            "request_id" => self.sequence.map(|sequence| sequence.request_id.into()),
            "security_policy" => self.policy.map(Into::into),
            "security_mode" => self.mode.map(|mode| mode.name().into()),
            "encrypted" => Some(Value::Bool(self.encrypted)),
            "clear_password" => self.clear_password.then_some(Value::Bool(true)),
            "service" => self.body?.name().map(Into::into),
            "service_id" => self.body?.id.map(Into::into),
            "request_handle" => self.body?.header.handle.map(Into::into),
            "result" => self.result().map(hex),
            "result_name" => self.result().map(|code| status::name(code).into()),
            "error" => self.error.map(hex),
            "error_name" => self.error.map(|code| status::name(code).into()),
            "endpoint" => self.endpoint.map(Into::into),
            "application_uri" => match self.who.application_uri {
                Some(told) => Some(told.into()),
                None => self.evidence.field("certificate_uri"),
            },
            "session_name" => self.who.session_name.map(Into::into),
            "identity" => self.who.identity.map(|identity| identity.name().into()),
            "user" => self.who.user.map(Into::into),
            "attribute" => self.either(|item| item.attribute, |answer| answer.attribute),
            "node" => self.either(
                |item| Some(shown(item.node?.target())),
                |answer| Some(shown(answer.node?.target())),
            ),
            "method" if self.calls() => self.list(|item| Some(shown(item.other?.target()))),
            "argument" => self.list(|item| Some(item.arguments?.field())),
            "output" if !self.hushed() => self.answered(|answer| Some(answer.outputs?.field())),
            "history" => self.list(|item| item.history),
            "value" => self.either(
                |item| Some(item.value?.field()),
                |answer| Some(answer.value?.field()),
            ),
            "status" => self.answered(|answer| answer.status.map(hex)),
            "given" => self.answered(|answer| Some(shown(answer.given?.target()))),
            "monitored_item" => self.either(|item| item.monitored, |answer| answer.monitored),
            "client_handle" => {
                self.either(|item| item.client_handle, |answer| answer.client_handle)
            }
            "subscription" => match self.subscription() {
                Some(subscribed) => Some(subscribed.id.into()),
                None => self.list(|item| item.subscription),
            },
            "user_certificate_thumbprint" => Some((&*self.who.certificate?.thumbprint).into()),
            "user_certificate_subject" => Some((&*self.who.certificate?.subject).into()),
            _ => self.evidence.field(name),
        }
    }

    fn sender(&self) -> Option<Side> {
        (self.kind == Kind::ReverseHello).then_some(Side::Server)
    }

    fn dissect(&self, see: &mut dyn FnMut(&dyn erased_serde::Serialize)) {
        see(&Dissection(self));
    }

    fn identity(&self, see: &mut dyn FnMut(Identity<'_>)) {
        self.evidence.identity(see);
        identity::show(self, see);
    }
}

impl Answers<'_> {
    /// Whether each result says if a change was made.
    fn judges_changes(&self) -> bool {
        use services::Answers as A;
        matches!(
            self.layout(),
            A::AddedNode | A::Method | A::Status | A::Updated
        )
    }
}

fn collected<'a, T: Into<Value<'a>>>(values: impl Iterator<Item = T>) -> Option<Value<'a>> {
    let list: Vec<_> = values.map(Into::into).collect();
    (!list.is_empty()).then_some(Value::List(list))
}

/// A status code as records have it.
fn hex(code: u32) -> Value<'static> {
    Value::Text(format!("{code:08x}").into())
}

fn shown(target: Target<'_>) -> Value<'static> {
    Value::Text(target.to_string().into())
}
