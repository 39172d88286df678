//! One decoded protocol message and what it means.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

use crate::{Stamp, Target, Unit, Verb, Written};

/// One protocol message, borrowed from the bytes that carried it.
#[derive(Clone, Copy)]
pub struct Operation<'a> {
    /// The protocol's name, one of the vocabularies'.
    pub protocol: &'static str,
    /// Request, response, or neither.
    pub stage: Stage,
    /// What was asked for; a response carries its request's function.
    pub function: Function,
    /// Which part of the server it is for.
    pub unit: Option<Unit>,
    /// How it ended; only responses know.
    pub outcome: Option<Outcome>,
    /// Equal for two messages that are the same to every judge: protocol, stage, function, unit,
    /// targets, outcome, and every [`Detail::field`] that is not volatile. Seeded by
    /// the decoder's limits, so that strangers cannot make two messages collide.
    pub signature: u64,
    /// The request that this response answers, where it was seen.
    pub answers: Option<Request>,
    /// The protocol's own fields.
    pub detail: &'a dyn Detail,
}

impl Operation<'_> {
    /// Whether it shows a value that it writes.
    pub fn shows_value(&self) -> bool {
        let mut shows = false;
        self.detail
            .written(&mut |_, written| shows |= written != Written::Unseen);
        shows
    }
}

impl fmt::Debug for Operation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation")
            .field("protocol", &self.protocol)
            .field("stage", &self.stage)
            .field("function", &self.function)
            .field("unit", &self.unit)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

/// Which half of an exchange a message is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// From the client.
    Request,
    /// From the server, to a request.
    Response,
    /// Neither: a greeting, a notification, a message whose role cannot be told.
    Other,
}

impl Stage {
    /// The word that records and rules use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Other => "other",
        }
    }
}

/// A function or service, as a protocol's vocabulary names it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
pub struct Function {
    /// The number on the wire.
    pub code: u32,
    /// Its word, unique within the protocol; `unknown` for a code that no table names.
    pub name: &'static str,
    /// What it means.
    #[serde(skip)]
    pub verb: Verb,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Outcome {
    /// The server did what was asked.
    Done,
    /// The server said no, or did only a part.
    Refused {
        /// The protocol's exception, error or status code.
        code: u32,
        /// Its name.
        name: &'static str,
    },
}

/// The request of an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Request {
    /// The request's signature.
    pub signature: u64,
    /// The frame that completed it.
    pub asked: Stamp,
}

/// A protocol's own fields of one message: shown in records, read by rules, walked by judges.
///
/// Serialises as the value of the record's member that the protocol's name keys.
pub trait Detail: erased_serde::Serialize {
    /// Shows every target in wire order. A response shows its request's targets where known.
    fn targets(&self, see: &mut dyn FnMut(Target<'_>));

    /// Shows what a request writes or gives to a method, each target with what is put there, in wire order; a target that gets
    /// several values is shown once for each. Every target that is written is shown, as [`Written::Unseen`] where its value
    /// could not be read; a write that shows nothing names no target. What reads alone shows nothing, and so does a response.
    fn written(&self, see: &mut dyn FnMut(Target<'_>, Written<'_>)) {
        let _ = see;
    }

    /// The field of that name, as the vocabulary lists it; `None` where this message has none.
    fn field(&self, name: &str) -> Option<Value<'_>>;

    /// Shows every field on the wire that somebody may ask for, by the names of the specification, also those that records
    /// leave out: what writers of other formats need. Shows nothing where the record has all of them.
    fn dissect(&self, see: &mut dyn FnMut(&dyn erased_serde::Serialize)) {
        let _ = see;
    }

    /// Which party sends this message, where its stage does not tell and its type does.
    fn sender(&self) -> Option<Side> {
        None
    }

    /// Shows what this message says about who the client or the server is.
    fn identity(&self, see: &mut dyn FnMut(Identity<'_>)) {
        let _ = see;
    }
}

erased_serde::serialize_trait_object!(Detail);

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// A truth.
    Bool(bool),
    /// A number.
    Int(i64),
    /// Several values.
    List(Vec<Self>),
    /// A text.
    Text(Cow<'a, str>),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

/// Which party of a conversation.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Who asks.
    Client,
    /// Who answers.
    Server,
}

impl Side {
    /// The word that policies and sentences use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// One fact that a message states about a device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Identity<'a> {
    /// Whom it is about.
    pub of: Side,
    /// Which unit of it, where it has several.
    pub unit: Option<Unit>,
    /// What kind of fact.
    pub fact: Fact,
    /// The fact, as printable text.
    pub value: Cow<'a, str>,
}

/// The kinds of fact that an inventory keeps of a device.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// OPC UA application name or URI.
    Application,
    /// Order or catalogue number.
    Model,
    /// The name that its owner gave it.
    Name,
    /// Product name.
    Product,
    /// Serial number.
    Serial,
    /// Who makes it.
    Vendor,
    /// Firmware or software version.
    Version,
}

/// Everything that a protocol can name, handed to those who judge so that they need not know it.
#[derive(Debug)]
pub struct Vocabulary {
    /// The protocol's word.
    pub name: &'static str,
    /// Its registered ports: a hint, never proof.
    pub ports: &'static [u16],
    /// Every function, each with its one verb.
    pub functions: &'static [Function],
    /// The areas of [`Target::Cells`].
    pub areas: &'static [Area],
    /// The kinds of [`Target::Named`] and [`Target::Block`].
    pub kinds: &'static [&'static str],
    /// The names that [`Detail::field`] answers and the signature covers.
    pub fields: &'static [&'static str],
    /// The names that [`Detail::field`] answers and the signature does not cover: values,
    /// transaction identifiers, handles.
    pub volatile_fields: &'static [&'static str],
    /// Fields whose values are words of a closed list, with the list. A value that is a URI is meant by what stands
    /// behind its `#`.
    pub choices: &'static [(&'static str, &'static [&'static str])],
}

/// An area of addressable cells.
#[derive(Debug)]
pub struct Area {
    /// Its word, such as `holding` or `DB`.
    pub name: &'static str,
    /// The highest cell address.
    pub last: u64,
    /// Whether it is divided into numbered blocks.
    pub blocks: bool,
}
