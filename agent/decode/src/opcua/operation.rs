//! What a message means: the one file that knows the model's words.
//!
//! [`Shown`] is a message with all that its connection knows of it, borrowed. Its targets and fields are
//! found in the bytes when somebody asks. A response shows its request's nodes beside its own results.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::quality::RandomState;
use model::{
    Detail, Fact, Function, Identity, Malformed, Operation, Outcome, Request, Side, Stage, Target,
    Value,
};

use super::answers::{Answers, answers};
use super::evidence::Evidence;
use super::frame::Kind;
use super::items::{Item, Items, VALUE, items};
use super::login::{Who, clipped};
use super::message::{Body, Sequence};
use super::parameters::{self, Application, BuildInfo};
use super::policies::Mode;
use super::services::{self, Half, Service};
use super::status;
use super::types;
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
            asked: None,
        }
    }

    /// The service result that it carries.
    pub(super) fn result(&self) -> Option<u32> {
        self.body.and_then(|body| body.header.result)
    }

    /// The items that it, or the request that it answers, names.
    pub(super) fn items(&self) -> Option<Items<'a>> {
        let (service, parameters) = match self.body?.service() {
            Some((service, Half::Request)) => (service, self.body?.parameters),
            _ => self.asked?.service?,
        };
        (service.items != services::Items::None).then(|| items(service.items, parameters))
    }

    /// The results that it gives.
    pub(super) fn answers(&self) -> Option<Answers<'a>> {
        let body = self.body?;
        match body.service()? {
            (service, Half::Response) if service.answers != services::Answers::None => {
                Some(answers(service.answers, body.parameters))
            }
            _ => None,
        }
    }

    /// Whether its items are calls, which name a method each.
    pub(super) fn calls(&self) -> bool {
        let asked = self.asked.and_then(|asked| asked.service);
        let service = match self.body.and_then(|body| body.service()) {
            Some((service, Half::Request)) => Some(service),
            _ => asked.map(|(service, _)| service),
        };
        service.is_some_and(|service| service.items == services::Items::Call)
    }

    /// How its request ended, and what could not be read of that. Where a change is asked for, the
    /// first item that failed refuses the whole.
    pub(super) fn outcome(&self) -> (Option<Outcome>, Option<Malformed>) {
        if self.kind == Kind::Acknowledge {
            return (Some(Outcome::Done), None);
        }
        let refused = |code| {
            let name = status::name(code);
            (Some(Outcome::Refused { code, name }), None)
        };
        match (self.error, self.result()) {
            (Some(code), _) => return refused(code),
            (None, Some(code)) if status::is_bad(code) => return refused(code),
            (None, Some(_)) => {}
            (None, None) => return (None, None),
        }
        let changes = |answers: &Answers<'_>| answers.judges_changes();
        let Some(mut answers) = self.answers().filter(changes) else {
            return (Some(Outcome::Done), None);
        };
        let refusal = answers.refusal();
        (refusal.or(Some(Outcome::Done)), answers.fault())
    }

    /// The signature, and what could not be read of the items that it covers. A response is signed by
    /// its request's signature in place of the items.
    pub(super) fn sign(
        &self,
        seed: &RandomState,
        stage: Stage,
        function: Function,
        outcome: Option<Outcome>,
    ) -> (u64, Option<Malformed>) {
        let (items, fault) = match self.asked {
            Some(asked) => (asked.request.signature, None),
            None => self.digest(seed),
        };
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
        (signature(seed, fields), fault)
    }

    fn digest(&self, seed: &RandomState) -> (u64, Option<Malformed>) {
        let Some(mut items) = self.items() else {
            return (0, None);
        };
        let mut hasher = seed.build_hasher();
        for item in items.by_ref() {
            (item.node, item.other, item.attribute).hash(&mut hasher);
        }
        (hasher.finish(), items.fault())
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
        let list: Vec<_> = self.items()?.filter_map(of).map(Into::into).collect();
        (!list.is_empty()).then_some(Value::List(list))
    }

    fn values(&self) -> Option<Value<'a>> {
        let written = self.list(|item| Some(item.value?.value?.field()));
        written.or_else(|| {
            let read = self.answers()?.filter_map(|answer| answer.value);
            let list: Vec<_> = read.map(|value| value.field()).collect();
            (!list.is_empty()).then_some(Value::List(list))
        })
    }

    fn statuses(&self) -> Option<Value<'a>> {
        let statuses = self.answers()?.map(|answer| hex(answer.status));
        Some(Value::List(statuses.collect()))
    }
}

impl Detail for Shown<'_> {
    fn targets(&self, see: &mut dyn FnMut(Target<'_>)) {
        for item in self.items().into_iter().flatten() {
            item.targets(see);
        }
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
            "application_uri" => self.who.application_uri.map(Into::into),
            "session_name" => self.who.session_name.map(Into::into),
            "identity" => self.who.identity.map(|identity| identity.name().into()),
            "user" => self.who.user.map(Into::into),
            "attribute" => self.list(|item| item.attribute),
            "node" => self.list(|item| Some(shown(item.node.target()))),
            "method" if self.calls() => self.list(|item| Some(shown(item.other?.target()))),
            "value" => self.values(),
            "status" => self.statuses(),
            "user_certificate_thumbprint" => Some((&*self.who.certificate?.thumbprint).into()),
            "user_certificate_subject" => Some((&*self.who.certificate?.subject).into()),
            _ => self.evidence.field(name),
        }
    }

    fn sender(&self) -> Option<Side> {
        (self.kind == Kind::ReverseHello).then_some(Side::Server)
    }

    fn identity(&self, see: &mut dyn FnMut(Identity<'_>)) {
        self.evidence.identity(see);
        let Some(body) = self.body else {
            return;
        };
        let parameters = body.parameters;
        if body.asks(services::CREATE_SESSION) {
            let client = parameters::create_session(parameters).map(|asked| asked.client);
            describe(Side::Client, client.ok(), see);
        } else if body.is(services::CREATE_SESSION, Half::Response) {
            let created = parameters::created_session(parameters);
            describe(
                Side::Server,
                created.ok().and_then(|created| created.server),
                see,
            );
        } else if body.is(services::GET_ENDPOINTS, Half::Response) {
            let server = parameters::first_endpoint(parameters);
            describe(Side::Server, server.ok().flatten(), see);
        } else if let (Some(items), Some(answers)) = (self.items(), self.answers()) {
            for (item, answer) in items.zip(answers) {
                let node = item
                    .node
                    .standard()
                    .filter(|_| item.attribute == Some(VALUE));
                if let (Some(node), Some(value)) = (node, answer.value) {
                    tell(node, &value, see);
                }
            }
        }
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

/// A status code as records have it.
fn hex(code: u32) -> Value<'static> {
    Value::Text(format!("{code:08x}").into())
}

fn shown(target: Target<'_>) -> Value<'static> {
    Value::Text(target.to_string().into())
}

fn describe(of: Side, who: Option<Application<'_>>, see: &mut dyn FnMut(Identity<'_>)) {
    let Some(who) = who else {
        return;
    };
    let name = clipped(who.uri).or_else(|| clipped(who.name));
    fact(of, Fact::Application, name, see);
    fact(of, Fact::Product, who.product, see);
}

/// The nodes under `Server/ServerStatus/BuildInfo` that say what a server is (OPC 10000-6, A.3).
fn tell(node: u32, value: &super::variant::Variant<'_>, see: &mut dyn FnMut(Identity<'_>)) {
    const SERVER_STATUS: (u32, u32) = (2256, 864);
    const BUILD_INFO: (u32, u32) = (2260, 340);
    let structure = |id| {
        value
            .structure()
            .and_then(|structure| structure.holding(id))
    };
    match node {
        2261 => fact(Side::Server, Fact::Product, value.text(), see),
        2263 => fact(Side::Server, Fact::Vendor, value.text(), see),
        2264 => fact(Side::Server, Fact::Version, value.text(), see),
        node if node == BUILD_INFO.0 => built(structure(BUILD_INFO.1), see),
        node if node == SERVER_STATUS.0 => {
            let status = structure(SERVER_STATUS.1).and_then(|mut status| {
                // Start time, current time and state stand before the build information.
                status.take("state", 20).ok().map(|_| status)
            });
            built(status, see);
        }
        _ => {}
    }
}

fn built(structure: Option<Reader<'_>>, see: &mut dyn FnMut(Identity<'_>)) {
    let Some(Ok(BuildInfo {
        vendor,
        product,
        version,
    })) = structure.map(parameters::build_info)
    else {
        return;
    };
    fact(Side::Server, Fact::Vendor, vendor, see);
    fact(Side::Server, Fact::Product, product, see);
    fact(Side::Server, Fact::Version, version, see);
}

fn fact(of: Side, fact: Fact, value: Option<&str>, see: &mut dyn FnMut(Identity<'_>)) {
    if let Some(value) = clipped(value) {
        see(Identity {
            of,
            unit: None,
            fact,
            value: types::printable(value),
        });
    }
}
