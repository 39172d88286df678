//! The record's member `opcua`: a message as JSON has it.
//!
//! Members that the message does not carry are absent. Nodes and values are walked while they are
//! written; nothing is collected first.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::answers::{Answer, Answers};
use super::items::{Item, Items};
use super::operation::{Shown, Subscribed};
use super::services::Items as Layout;
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
        some(&mut map, "subscription", self.subscription().map(About))?;
        if self.items().is_some() || self.answers().is_some() {
            let rows = Rows {
                items: self.items(),
                answers: self.answers(),
                hushed: self.hushed(),
            };
            if rows.are_shown() {
                map.serialize_entry(rows.name(), &rows)?;
            }
        }
        if let Some(items) = self.items().filter(|_| self.calls()) {
            map.serialize_entry("methods", &Methods(items))?;
        }
        map.end()
    }
}

/// Shows a member that is there.
pub(super) fn some<M: SerializeMap>(
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

/// The subscription that a message is about.
struct About(Subscribed);

impl Serialize for About {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.0.id)?;
        some(&mut map, "sequence_number", self.0.sequence_number)?;
        some(&mut map, "more", self.0.more)?;
        map.end()
    }
}

/// The items of a request, the results of a response, or both side by side.
struct Rows<'a> {
    items: Option<Items<'a>>,
    answers: Option<Answers<'a>>,
    hushed: bool,
}

impl Rows<'_> {
    /// Nodes are shown also where there are none; what was told and acknowledged only where there is something.
    fn are_shown(&self) -> bool {
        let tells = self.answers.as_ref().is_some_and(Answers::tells);
        let empty = |rows: &Self| {
            let mut items = rows.items.clone().into_iter().flatten();
            let mut answers = rows.answers.clone().into_iter().flatten();
            items.next().is_none() && answers.next().is_none()
        };
        !(tells || self.name() == "subscriptions") || !empty(self)
    }

    /// What the rows are.
    fn name(&self) -> &'static str {
        let items = self.items.as_ref().map(Items::layout);
        if items.is_some_and(Layout::are_subscriptions) {
            "subscriptions"
        } else {
            "nodes"
        }
    }
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = self.items.clone().into_iter().flatten();
        let mut answers = self.answers.clone().into_iter().flatten();
        let mut list = serializer.serialize_seq(None)?;
        loop {
            let (item, answer) = (items.next(), answers.next());
            if item.is_none() && answer.is_none() {
                return list.end();
            }
            let row = Row {
                // What was asked for in full stands in the request.
                asks: answer.is_none(),
                item: item.unwrap_or_default(),
                answer: answer.unwrap_or_default(),
                hushed: self.hushed,
            };
            list.serialize_element(&row)?;
        }
    }
}

struct Row<'a> {
    asks: bool,
    item: Item<'a>,
    answer: Answer<'a>,
    hushed: bool,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (item, answer) = (&self.item, &self.answer);
        let mut map = serializer.serialize_map(None)?;
        some(&mut map, "subscription", item.subscription)?;
        some(&mut map, "id", item.node.or(answer.node).map(Id))?;
        some(&mut map, "attribute", item.attribute.or(answer.attribute))?;
        let monitored = item.monitored.or(answer.monitored);
        some(&mut map, "monitored_item", monitored)?;
        let handle = item.client_handle.or(answer.client_handle);
        some(&mut map, "client_handle", handle)?;
        some(&mut map, "history", item.history)?;
        let arguments = item.arguments.filter(|_| self.asks);
        some(&mut map, "arguments", arguments)?;
        let outputs = answer.outputs.filter(|_| !self.hushed);
        some(&mut map, "outputs", outputs)?;
        some(&mut map, "given", answer.given.map(Id))?;
        let written = item.value.filter(|_| self.asks);
        some(&mut map, "value", answer.value.or(written))?;
        some(&mut map, "status", answer.status.map(Code))?;
        map.end()
    }
}

struct Methods<'a>(Items<'a>);

impl Serialize for Methods<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone().filter_map(|item| item.other).map(Id))
    }
}
