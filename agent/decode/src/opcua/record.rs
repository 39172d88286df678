//! The record's member `opcua`: a message as JSON has it.
//!
//! Members that the message does not carry are absent. Nodes and values are walked while they are
//! written; nothing is collected first.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::answers::{Answer, Answers};
use super::items::{Item, Items};
use super::operation::Shown;
use super::types::NodeId;

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("message", self.kind.name())?;
        some(&mut map, "channel_id", self.channel_id)?;
        some(&mut map, "token_id", self.token_id)?;
        some(&mut map, "sequence", self.sequence.map(|it| it.number))?;
        some(
            &mut map,
            "request_id",
            self.sequence.map(|it| it.request_id),
        )?;
        some(&mut map, "security_policy", self.policy)?;
        some(&mut map, "security_mode", self.mode.map(|mode| mode.name()))?;
        some(&mut map, "encrypted", self.encrypted.then_some(true))?;
        let header = self.body.map(|body| body.header);
        some(&mut map, "service", self.body.and_then(|body| body.name()))?;
        some(&mut map, "service_id", self.body.and_then(|body| body.id))?;
        some(&mut map, "request_handle", header.and_then(|it| it.handle))?;
        some(&mut map, "result", self.result().map(Code))?;
        some(&mut map, "error", self.error.map(Code))?;
        some(&mut map, "endpoint", self.endpoint)?;
        some(&mut map, "application_uri", self.who.application_uri)?;
        some(&mut map, "session_name", self.who.session_name)?;
        some(&mut map, "identity", self.who.identity.map(|it| it.name()))?;
        some(&mut map, "user", self.who.user)?;
        let user = self.who.certificate.map(|it| &*it.thumbprint);
        some(&mut map, "user_certificate_thumbprint", user)?;
        some(
            &mut map,
            "clear_password",
            self.clear_password.then_some(true),
        )?;
        self.evidence.write(&mut map)?;
        if self.items().is_some() || self.answers().is_some() {
            map.serialize_entry("nodes", &Nodes(self.items(), self.answers()))?;
        }
        if let Some(items) = self.items().filter(|_| self.calls()) {
            map.serialize_entry("methods", &Methods(items))?;
        }
        map.end()
    }
}

fn some<M: SerializeMap>(
    map: &mut M,
    name: &'static str,
    value: Option<impl Serialize>,
) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, &value))
}

/// A status code as eight hexadecimal digits.
struct Code(u32);

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:08x}", self.0))
    }
}

/// A node as its text.
struct Id<'a>(NodeId<'a>);

impl Serialize for Id<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.target())
    }
}

/// The items of a request, the results of a response, or both side by side.
struct Nodes<'a>(Option<Items<'a>>, Option<Answers<'a>>);

impl Serialize for Nodes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = self.0.clone().into_iter().flatten();
        let mut answers = self.1.clone().into_iter().flatten();
        let mut list = serializer.serialize_seq(None)?;
        loop {
            match (items.next(), answers.next()) {
                (None, None) => return list.end(),
                (item, answer) => list.serialize_element(&Node(item, answer))?,
            }
        }
    }
}

struct Node<'a>(Option<Item<'a>>, Option<Answer<'a>>);

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(item, answer) = self;
        let mut map = serializer.serialize_map(None)?;
        some(&mut map, "id", item.map(|item| Id(item.node)))?;
        some(&mut map, "attribute", item.and_then(|item| item.attribute))?;
        let read = answer.map(|answer| answer.value);
        let written = item
            .and_then(|item| item.value)
            .and_then(|value| value.value);
        some(&mut map, "value", read.unwrap_or(written))?;
        some(&mut map, "status", answer.map(|answer| Code(answer.status)))?;
        map.end()
    }
}

struct Methods<'a>(Items<'a>);

impl Serialize for Methods<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone().filter_map(|item| item.other).map(Id))
    }
}
