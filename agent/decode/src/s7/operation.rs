//! From messages to [`Operation`]s: the one file that knows the model's words.
//!
//! A download is pulled by the controller: it sends the jobs 0x1b and 0x1c, and the station that
//! programs it answers with the parts of the block. So that the station is the client all along,
//! such a job is a response and its acknowledgement is a request: it is the one that carries the
//! program into the controller.

use std::hash::{Hash, Hasher};

use model::{Function, Identity, Operation, Outcome, Request, Stage, Target, Unit, Value, Written};

use super::contents::{Contents, Id};
use super::dissect::Dissection;
use super::frame::{Connection, Purpose};
use super::items::{self, Item};
use super::lists::{List, State};
use super::message::{Body, Message};
use super::program::{Block, Transfer};
use super::selector::Kind;
use super::transfers::Summary;
use super::userdata::{self, Szl, Userdata};
use super::{codes, functions, identity, plus, record, written};

/// A message with all that its session knows of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Detail<'a> {
    /// What was said.
    pub(super) content: Content<'a>,
    /// What was asked, where this is the answer.
    pub(super) asked: Option<Body<'a>>,
    /// What was asked in S7comm-plus, where this is the answer.
    pub(super) plus_asked: Option<plus::Message<'a>>,
    /// The block that it is about.
    pub(super) block: Option<Block>,
    /// The list that it is about.
    pub(super) szl: Option<Szl>,
    /// What a userdata message says in all; nothing where a part is missing.
    pub(super) body: &'a [u8],
    /// What is known of the blocks that were copied.
    pub(super) known: &'a [Summary],
    /// What kind of connection it came over.
    pub(super) kind: Option<Kind>,
    /// The part of the server that it is for.
    pub(super) unit: Option<Unit>,
}

/// What was said.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content<'a> {
    /// A connection was opened or closed.
    Connection(Connection<'a>),
    /// S7comm.
    Classic(Message<'a>),
    /// S7comm-plus.
    Plus(plus::Message<'a>),
    /// TLS.
    Encrypted,
}

impl<'a> Detail<'a> {
    /// A message of which nothing else is known.
    pub(super) const fn new(content: Content<'a>, unit: Option<Unit>) -> Self {
        Self {
            content,
            asked: None,
            plus_asked: None,
            block: None,
            szl: None,
            body: &[],
            known: &[],
            kind: None,
            unit,
        }
    }

    /// The message as an operation.
    pub(super) fn operation<'b>(
        &'b self,
        seed: &foldhash::quality::RandomState,
        stage: Stage,
        function: Function,
        outcome: Option<Outcome>,
        answers: Option<Request>,
    ) -> Operation<'b> {
        let asked = answers.map(|request| request.signature);
        let fields = (self, stage, function, self.unit, outcome, asked);
        Operation {
            protocol: match self.content {
                Content::Connection(_) => "cotp",
                _ => "s7",
            },
            stage,
            function,
            unit: self.unit,
            outcome,
            signature: crate::signature::signature(seed, fields),
            answers,
            detail: self,
        }
    }
}

/// How an answer ended.
pub(super) fn outcome(message: &Message<'_>) -> Outcome {
    match message.refusal() {
        Some((code, name)) => Outcome::Refused { code, name },
        None => Outcome::Done,
    }
}

/// How a disconnect ended what was asked for.
pub(super) fn refused(connection: &Connection<'_>) -> Outcome {
    let reason = connection.reason.unwrap_or(0);
    Outcome::Refused {
        code: reason.into(),
        name: codes::disconnect(reason),
    }
}

/// The function of a connection unit.
pub(super) const fn connecting(purpose: Purpose) -> Function {
    match purpose {
        Purpose::ConnectRequest | Purpose::ConnectConfirm => functions::CONNECT,
        Purpose::Disconnect | Purpose::DisconnectConfirm => functions::DISCONNECT,
        Purpose::Error => functions::ERROR,
    }
}

/// Stage and function of a TLS record.
pub(super) const fn encrypted(record: &[u8]) -> (Stage, Function) {
    match plus::handshake(record) {
        Some(1) => (Stage::Request, functions::TLS_HANDSHAKE),
        Some(2) => (Stage::Response, functions::TLS_HANDSHAKE),
        Some(_) => (Stage::Other, functions::TLS_HANDSHAKE),
        None => (Stage::Other, functions::TLS_DATA),
    }
}

/// Hashes what judges may look at: neither references nor values.
impl Hash for Detail<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.block, self.szl, self.kind, self.known).hash(state);
        std::mem::discriminant(&self.content).hash(state);
        match &self.content {
            Content::Connection(it) => {
                (it.purpose, it.src_tsap, it.dst_tsap, it.reason).hash(state);
                (it.class, it.tpdu_size()).hash(state);
            }
            Content::Classic(message) => said(message, state),
            Content::Plus(message) => message.hash(state),
            Content::Encrypted => {}
        }
        if let Some(told) = self.state() {
            told.hash(state);
        }
    }
}

fn said<H: Hasher>(message: &Message<'_>, state: &mut H) {
    (message.rosctr, message.function, message.error).hash(state);
    match &message.body {
        Body::Bare => {}
        Body::Transfer(transfer) => (transfer.stated, transfer.error).hash(state),
        Body::Setup { jobs, pdu_size } => (jobs, pdu_size).hash(state),
        Body::Items(items, _) => items.bytes().hash(state),
        Body::Values(values) => values.codes().for_each(|code| code.hash(state)),
        Body::Service(service) => (service.name(), service.argument()).hash(state),
        Body::Userdata(userdata) => {
            (userdata.kind, userdata.group, userdata.subfunction).hash(state);
            userdata.error.hash(state);
            if let Some(items) = userdata.items() {
                items.bytes().hash(state);
            }
        }
    }
    if !matches!(message.body, Body::Items(..)) {
        targets(&message.body, &mut |target| target.hash(state));
    }
}

fn targets(body: &Body<'_>, see: &mut dyn FnMut(Target<'_>)) {
    match body {
        Body::Items(items, _) => items.iter().for_each(|item| item.targets(see)),
        Body::Service(service) => service.targets(see),
        Body::Userdata(userdata) => userdata.targets(see),
        Body::Bare | Body::Setup { .. } | Body::Values(_) | Body::Transfer(_) => {}
    }
}

impl model::Detail for Detail<'_> {
    fn targets(&self, see: &mut dyn FnMut(Target<'_>)) {
        if let Some(block) = self.block {
            return see(block.target());
        }
        if let Some(szl) = self.szl {
            return szl.target(see);
        }
        match (&self.asked, &self.content) {
            (Some(asked), _) => targets(asked, see),
            (None, Content::Classic(message)) => targets(&message.body, see),
            (None, Content::Plus(message)) => {
                self.plus_asked.as_ref().unwrap_or(message).targets(see);
            }
            (None, _) => {}
        }
    }

    fn written(&self, see: &mut dyn FnMut(Target<'_>, Written<'_>)) {
        match &self.content {
            Content::Classic(message) => written::written(message, see),
            Content::Plus(message) => message.written(see),
            Content::Connection(_) | Content::Encrypted => {}
        }
    }

    fn field(&self, name: &str) -> Option<Value<'_>> {
        match (name, self.unit, &self.content) {
            ("rack", Some(Unit::Slot { rack, .. }), _) => Some(u32::from(rack).into()),
            ("slot", Some(Unit::Slot { slot, .. }), _) => Some(u32::from(slot).into()),
            ("block_type", ..) => self.block.map(|block| block.kind().into()),
            ("block_number", ..) => self.block.map(|block| block.number.into()),
            ("filesystem", ..) => Some(self.block.as_ref()?.filesystem().into()),
            ("szl_id", ..) => self.szl.map(|szl| u32::from(szl.id).into()),
            ("szl_index", ..) => self.szl.map(|szl| u32::from(szl.index).into()),
            ("connection_kind", ..) => Some(self.kind?.name().into()),
            ("block_sha256", ..) => of_known(self.known, |it| {
                it.sha256.map(|it| Value::Text(hex(&it).into()))
            }),
            ("block_size", ..) => of_known(self.known, |it| {
                i64::try_from(it.size_bytes).ok().map(Value::Int)
            }),
            ("stated_size", ..) => self.stated(),
            ("transfer_complete", ..) => of_known(self.known, |it| Some(Value::Bool(it.complete))),
            ("inserted", ..) => of_known(self.known, |it| it.inserted.map(Value::Bool)),
            ("operating_mode", ..) => Some(self.state()?.mode?.into()),
            ("previous_mode", ..) => Some(self.state()?.previous_mode?.into()),
            ("protection_level", ..) => number(self.state()?.protection_level?),
            ("mode_selector", ..) => Some(self.state()?.selector?.into()),
            ("clock", ..) => match self.contents()? {
                Contents::Clock(clock) => Some(Value::Text(clock.to_string().into())),
                _ => None,
            },
            (_, _, Content::Connection(connection)) => of_connection(connection, name),
            ("cotp", ..) => Some("data".into()),
            ("encrypted", ..) => Some(Value::Bool(matches!(self.content, Content::Encrypted))),
            ("dialect", ..) => Some(self.dialect().into()),
            (_, _, Content::Classic(message)) => of_message(message, name),
            (_, _, Content::Plus(message)) => message.field(name),
            _ => None,
        }
    }

    fn dissect(&self, see: &mut dyn FnMut(&dyn erased_serde::Serialize)) {
        match &self.content {
            Content::Classic(message) => see(&Dissection::of(message, self.list())),
            Content::Plus(message) if message.in_parts => see(&Dissection::in_parts()),
            _ => {}
        }
    }

    fn identity(&self, see: &mut dyn FnMut(Identity<'_>)) {
        if let Content::Plus(message) = &self.content {
            return message.facts(self.plus_asked.as_ref(), self.unit, see);
        }
        let identifies = self
            .szl
            .is_some_and(|szl| szl.function() == functions::SZL_IDENTIFY);
        if identifies && self.answer().is_some() {
            identity::facts(self.body, self.unit, see);
        }
    }
}

impl<'a> Detail<'a> {
    /// What a userdata message says.
    pub(super) fn contents(&self) -> Option<Contents<'a>> {
        match &self.content {
            Content::Classic(Message {
                body: Body::Userdata(userdata),
                ..
            }) => Contents::read(userdata, self.body),
            _ => None,
        }
    }

    /// The answer of userdata that this is.
    fn answer(&self) -> Option<&Userdata<'a>> {
        match &self.content {
            Content::Classic(Message {
                body: Body::Userdata(it),
                ..
            }) => Some(it).filter(|it| it.kind == userdata::Kind::Response),
            _ => None,
        }
    }

    /// The whole list that this answer completes.
    fn list(&self) -> &'a [u8] {
        let lists = self.answer().is_some_and(Userdata::is_list);
        if lists { self.body } else { &[] }
    }

    /// What a system status list tells about mode and protection.
    fn state(&self) -> Option<State> {
        self.answer().filter(|it| it.is_list())?;
        List::read(self.body).map(|list| list.state())
    }

    fn stated(&self) -> Option<Value<'static>> {
        match &self.content {
            Content::Classic(Message {
                body:
                    Body::Transfer(Transfer {
                        stated: Some(stated),
                        ..
                    }),
                ..
            }) => number(*stated),
            _ => of_known(self.known, |it| it.stated_bytes.map(Value::from)),
        }
    }

    /// Which of the two protocols it is; only S7comm-plus is ever encrypted.
    pub(super) const fn dialect(&self) -> &'static str {
        match self.content {
            Content::Connection(_) | Content::Classic(_) => "s7comm",
            Content::Plus(_) | Content::Encrypted => "s7comm-plus",
        }
    }
}

/// One fact of each block that is known: a value where there is one, a list where there are more.
fn of_known(
    known: &[Summary],
    fact: impl Fn(&Summary) -> Option<Value<'static>>,
) -> Option<Value<'static>> {
    match known {
        [one] => fact(one),
        [] => None,
        several => Some(Value::List(several.iter().filter_map(fact).collect())),
    }
}

fn number<'a>(number: impl Into<u32>) -> Option<Value<'a>> {
    Some(number.into().into())
}

fn of_connection<'a>(connection: &Connection<'_>, name: &str) -> Option<Value<'a>> {
    match name {
        "cotp" => Some(connection.purpose.name().into()),
        "src_tsap" => Some(Value::Text(hex(connection.src_tsap?).into())),
        "dst_tsap" => Some(Value::Text(hex(connection.dst_tsap?).into())),
        "reason" => number(connection.reason?),
        "tpdu_size" => number(connection.tpdu_size()?),
        "tpdu_class" => number(connection.class?),
        _ => None,
    }
}

fn of_message<'a>(message: &Message<'a>, name: &str) -> Option<Value<'a>> {
    match (name, &message.body) {
        ("rosctr", _) => number(message.rosctr.code()),
        ("pdu_ref", _) => number(message.reference),
        ("function", _) => number(message.function?),
        ("error_class", _) => number(message.error? >> 8),
        ("error_code", _) => number(message.error? & 0xff),
        ("error_name", _) => Some(error_name(message)?.into()),
        ("pdu_size", Body::Setup { pdu_size, .. }) => number(*pdu_size),
        (
            "jobs_calling",
            Body::Setup {
                jobs: [calling, _], ..
            },
        ) => number(*calling),
        (
            "jobs_called",
            Body::Setup {
                jobs: [_, called], ..
            },
        ) => number(*called),
        ("restart", Body::Service(service)) => Some(service.restart()?.into()),
        ("r_id", Body::Userdata(userdata)) => {
            Some(Value::Text(Id(userdata.r_id()?).to_string().into()))
        }
        ("pi_service", Body::Service(service)) => Some(service.name()?.into()),
        ("pi_argument", Body::Service(service)) => Some(service.argument()?.into()),
        ("upload_id", Body::Transfer(transfer)) => number(transfer.id?),
        ("userdata_type", Body::Userdata(userdata)) => number(userdata.halves().0),
        ("userdata_group", Body::Userdata(userdata)) => number(userdata.halves().1),
        ("userdata_subfunction", Body::Userdata(userdata)) => number(userdata.subfunction),
        ("sequence", Body::Userdata(userdata)) => number(userdata.sequence),
        ("values", Body::Items(_, values) | Body::Values(values)) => {
            let values = values.iter().filter(|value| !value.bytes.is_empty());
            Some(Value::List(values.map(|it| shown(it.bytes)).collect()))
        }
        ("return_code", Body::Values(values)) => {
            let codes = values.codes().map(|code| Value::Int(code.into()));
            Some(Value::List(codes.collect()))
        }
        (_, Body::Items(items, _)) => of_items(items.iter(), name),
        (_, Body::Userdata(userdata)) => of_items(userdata.items()?.iter(), name),
        _ => None,
    }
}

/// The name of the error that a message carries.
pub(super) fn error_name(message: &Message<'_>) -> Option<&'static str> {
    let error = match &message.body {
        Body::Userdata(userdata) => userdata.error,
        Body::Transfer(transfer) if transfer.error != 0 => Some(transfer.error),
        _ => message.error,
    };
    error.filter(|&error| error != 0).map(codes::error)
}

fn of_items<'a>(items: impl Iterator<Item = Item<'a>>, name: &str) -> Option<Value<'static>> {
    let one: fn(&record::Item<'_>) -> Option<Value<'static>> = match name {
        "syntax" => |item| Some(Value::Int(item.syntax?.into())),
        "area" => |item| Some(item.area?.value()),
        "db" => |item| Some(Value::Int(item.db?.into())),
        "byte" => |item| Some(Value::Int(item.byte?.into())),
        "bit" => |item| Some(Value::Int(item.bit?.into())),
        "transport_size" => |item| Some(Value::Int(item.transport_size?.into())),
        "count" => |item| Some(Value::Int(item.count?.into())),
        _ => return None,
    };
    let mut list = Vec::new();
    for item in items {
        record::flat(&item, &mut |row| list.extend(one(&row)));
    }
    Some(Value::List(list))
}

/// A short value as a number, most significant byte first; a longer one as digits.
fn shown(bytes: &[u8]) -> Value<'static> {
    match bytes.len() {
        0..=7 => Value::Int(
            bytes
                .iter()
                .fold(0, |number, &byte| number << 8 | i64::from(byte)),
        ),
        _ => Value::Text(hex(bytes).into()),
    }
}

fn hex(bytes: &[u8]) -> String {
    record::Hex(bytes).to_string()
}

/// The area of an item: its word, else its number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area(pub(super) u8);

impl Area {
    fn value(self) -> Value<'static> {
        match items::area_name(self.0) {
            Some(name) => name.into(),
            None => Value::Int(self.0.into()),
        }
    }
}

impl serde::Serialize for Area {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match items::area_name(self.0) {
            Some(name) => serializer.serialize_str(name),
            None => serializer.serialize_u8(self.0),
        }
    }
}
