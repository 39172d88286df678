//! What rules can name: every field of an event, as the rule engine asks for it.
//!
//! A field that an event does not have is absent, not empty. Numbers stay numbers; addresses and
//! targets become text only where a rule asks for them.

use std::borrow::Cow;
use std::cell::OnceCell;

use model::{Event, Outcome, Party, Unit, Value, Verdict};
use rsigma_eval::EventValue;

use crate::gate::Traits;

/// The fields that every protocol has, each with its meaning. `<protocol>.<field>` names the rest.
pub const FIELDS: &[(&str, &str)] = &[
    ("protocol", "the protocol's word: `modbus`, `s7`, `opcua`"),
    (
        "function",
        "the function's word, such as `write_single_register`",
    ),
    ("function.code", "the function's number on the wire"),
    (
        "verb",
        "what the function means, the same on every protocol",
    ),
    ("stage", "`request`, `response` or `other`"),
    ("outcome", "`done` or `refused`; responses alone have one"),
    (
        "outcome.code",
        "the number of the exception, error or status that refused",
    ),
    ("outcome.name", "its name"),
    ("unit", "the Modbus unit as a number, or `rack 0 slot 2`"),
    (
        "target",
        "each thing that is touched, as policies write it; several values",
    ),
    ("client.ip", "the client's network address"),
    ("client.mac", "its hardware address, or the last router's"),
    ("client.vlan", "its innermost VLAN"),
    ("client.asset", "what the policy calls it"),
    ("client.zone", "the zone that the policy puts it in"),
    ("client.role", "the role that the policy gives it"),
    ("server.ip", "the server's network address"),
    ("server.mac", "its hardware address, or the last router's"),
    ("server.vlan", "its innermost VLAN"),
    ("server.asset", "what the policy calls it"),
    ("server.zone", "the zone that the policy puts it in"),
    ("server.role", "the role that the policy gives it"),
    ("server.port", "the server's port"),
    (
        "verdict",
        "what the policy says: `conforms`, `violates`, `unzoned`, `unknown`; absent without a policy",
    ),
];

/// An event as the rule engine sees it.
pub(crate) struct View<'a> {
    event: &'a Event<'a>,
    verdict: Option<&'a Verdict>,
    /// The addresses of client and server as text, once a rule asked for one: most that do ask more than once.
    addresses: [OnceCell<String>; 2],
}

impl<'a> View<'a> {
    /// An event, and what the policy says of it.
    pub(crate) const fn new(event: &'a Event<'a>, verdict: Option<&'a Verdict>) -> Self {
        Self {
            event,
            verdict,
            addresses: [const { OnceCell::new() }; 2],
        }
    }

    /// What gates look at.
    pub(crate) const fn traits(&self) -> Traits<'a> {
        let operation = self.event.operation;
        Traits {
            protocol: operation.protocol,
            stage: Some(operation.stage),
            verb: Some(operation.function.verb),
            refused: match operation.outcome {
                Some(outcome) => Some(matches!(outcome, Outcome::Refused { .. })),
                None => None,
            },
        }
    }

    fn plain(&self, name: &str) -> Option<EventValue<'_>> {
        let operation = self.event.operation;
        match name {
            "protocol" => Some(text(operation.protocol)),
            "function" => Some(text(operation.function.name)),
            "verb" => Some(text(operation.function.verb.name())),
            "stage" => Some(text(operation.stage.name())),
            "outcome" => operation.outcome.map(|outcome| match outcome {
                Outcome::Done => text("done"),
                Outcome::Refused { .. } => text("refused"),
            }),
            "unit" => operation.unit.map(|unit| match unit {
                Unit::Id(id) => EventValue::Int(id.into()),
                Unit::Slot { .. } => shown(unit),
            }),
            "target" => self.targets(),
            "verdict" => self.verdict.map(|verdict| text(verdict.name())),
            _ => None,
        }
    }

    fn targets(&self) -> Option<EventValue<'_>> {
        let mut all = Vec::new();
        let detail = self.event.operation.detail;
        detail.targets(&mut |target| all.push(shown(target)));
        (!all.is_empty()).then_some(EventValue::Array(all))
    }

    fn refusal(&self, name: &str) -> Option<EventValue<'_>> {
        match (name, self.event.operation.outcome?) {
            ("code", Outcome::Refused { code, .. }) => Some(EventValue::Int(code.into())),
            ("name", Outcome::Refused { name, .. }) => Some(text(name)),
            _ => None,
        }
    }

    fn dotted(&self, head: &str, tail: &str) -> Option<EventValue<'_>> {
        let operation = self.event.operation;
        let [client, server] = &self.addresses;
        match (head, tail) {
            ("client", _) => party(&self.event.client, tail, client),
            ("server", "port") => Some(EventValue::Int(self.event.server_port.into())),
            ("server", _) => party(&self.event.server, tail, server),
            ("function", "code") => Some(EventValue::Int(operation.function.code.into())),
            ("outcome", _) => self.refusal(tail),
            _ if head == operation.protocol => operation.detail.field(tail).map(value),
            _ => None,
        }
    }
}

impl rsigma_eval::Event for View<'_> {
    fn get_field(&self, path: &str) -> Option<EventValue<'_>> {
        match path.split_once('.') {
            None => self.plain(path),
            Some((head, tail)) => self.dotted(head, tail),
        }
    }

    // Keyword searches are refused at loading, and no rule asks for the whole event.
    fn any_string_value(&self, _: &dyn Fn(&str) -> bool) -> bool {
        false
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        Vec::new()
    }

    fn to_json(&self) -> serde_json::Value {
        serde_json::Value::Null
    }
}

fn party<'a>(
    party: &Party<'a>,
    name: &str,
    address: &'a OnceCell<String>,
) -> Option<EventValue<'a>> {
    match name {
        "ip" => {
            let ip = party.host.ip?;
            Some(text(address.get_or_init(|| ip.to_string())))
        }
        "mac" => party.host.mac.map(shown),
        "vlan" => party.host.vlan.map(|vlan| EventValue::Int(vlan.into())),
        "asset" => party.asset.map(text),
        "zone" => party.zone.map(text),
        "role" => party.role.map(text),
        _ => None,
    }
}

fn value(value: Value<'_>) -> EventValue<'_> {
    match value {
        Value::Bool(truth) => EventValue::Bool(truth),
        Value::Int(number) => EventValue::Int(number),
        Value::List(list) => EventValue::Array(list.into_iter().map(self::value).collect()),
        Value::Text(text) => EventValue::Str(text),
    }
}

const fn text(text: &str) -> EventValue<'_> {
    EventValue::Str(Cow::Borrowed(text))
}

fn shown(thing: impl std::fmt::Display) -> EventValue<'static> {
    EventValue::Str(Cow::Owned(thing.to_string()))
}
