//! One operation that stands for a whole class: what two policies are asked about.

use std::fmt::{self, Write as _};

use model::{
    Bits, Detail, Element, Function, Host, Operation, Stage, Target, Timestamp, Unit, Value,
    Written,
};
use serde::{Serialize, Serializer};

use crate::pattern::Key;
use crate::tags::bits_of;

/// A request that was never sent, with everything about it that a policy can ask.
#[derive(Clone, Debug)]
pub struct Witness {
    /// Who asks.
    pub client: Host,
    /// Who answers.
    pub server: Host,
    /// The protocol.
    pub protocol: &'static str,
    /// What is asked for.
    pub function: Function,
    /// Which part of the server it is for.
    pub unit: Option<Unit>,
    pub(crate) target: Option<Place>,
    pub(crate) written: Option<Put>,
    /// What it shows of its session, by the names of fields.
    pub session: Vec<(&'static str, String)>,
    /// When it is sent.
    pub at: Timestamp,
    /// How many like it were sent before, all at once.
    pub after: u32,
    /// How many seconds later it is sent itself.
    pub pause_secs: u64,
}

/// A target that outlives what it was read from.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Place {
    Cells {
        area: &'static str,
        block: Option<u32>,
        first: u64,
        last: u64,
    },
    Block {
        kind: &'static str,
        number: u32,
    },
    Node {
        namespace: u16,
        key: NodeName,
    },
    Named {
        kind: &'static str,
        name: String,
    },
}

/// A node's key.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum NodeName {
    Numeric(u32),
    Text(String),
    Guid([u8; 16]),
    Opaque(Vec<u8>),
}

/// What is written, and how it reads.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Put {
    pub(crate) what: Payload,
    pub(crate) text: String,
}

/// What is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Payload {
    Words(Vec<u8>),
    Bit(bool),
    Bytes(Vec<u8>, Element),
    Number(f64),
    Text,
}

impl From<&Key> for NodeName {
    fn from(key: &Key) -> Self {
        match key {
            Key::Numeric(number) => Self::Numeric(*number),
            Key::Text(text) => Self::Text(text.to_string()),
            Key::Guid(guid) => Self::Guid(*guid),
            Key::Opaque(bytes) => Self::Opaque(bytes.to_vec()),
        }
    }
}

impl Place {
    /// How many bits a cell has; 0 where it is none.
    pub(crate) fn bits(&self) -> u32 {
        match self {
            Self::Cells { area, .. } => bits_of(area),
            _ => 0,
        }
    }

    pub(crate) fn target(&self) -> Target<'_> {
        match self {
            Self::Cells {
                area,
                block,
                first,
                last,
            } => Target::Cells {
                area,
                block: *block,
                first: *first,
                last: *last,
            },
            Self::Block { kind, number } => Target::Block {
                kind,
                number: *number,
            },
            Self::Node { namespace, key } => Target::Node {
                namespace: *namespace,
                key: match key {
                    NodeName::Numeric(number) => model::NodeKey::Numeric(*number),
                    NodeName::Text(text) => model::NodeKey::Text(text),
                    NodeName::Guid(guid) => model::NodeKey::Guid(*guid),
                    NodeName::Opaque(bytes) => model::NodeKey::Opaque(bytes),
                },
            },
            Self::Named { kind, name } => Target::Named { kind, name },
        }
    }
}

impl Payload {
    pub(crate) fn written(&self) -> Written<'_> {
        match self {
            Self::Words(bytes) => Written::Words(bytes),
            Self::Bit(on) => Written::Bits(Bits::one(*on)),
            Self::Bytes(bytes, element) => Written::Bytes {
                bytes,
                element: *element,
            },
            Self::Number(number) => Written::Number(*number),
            Self::Text => Written::Text("text"),
        }
    }
}

impl Witness {
    /// The operation, as judges see one.
    pub fn operation(&self) -> Operation<'_> {
        Operation {
            protocol: self.protocol,
            stage: Stage::Request,
            function: self.function,
            unit: self.unit,
            outcome: None,
            signature: 0,
            answers: None,
            detail: self,
        }
    }

    /// Whether nobody on the way can read it.
    pub(crate) fn is_encrypted(&self) -> bool {
        let mode = self
            .session
            .iter()
            .find(|(field, _)| *field == "security_mode");
        let hidden = self.function.name == "encrypted";
        hidden || mode.is_some_and(|(_, value)| value == "sign_and_encrypt")
    }

    /// What `bulkhead policy explain` takes to explain it.
    pub fn arguments(&self) -> String {
        let mut text = format!(
            "--protocol {} --function {}",
            self.protocol, self.function.name
        );
        add(&mut text, "from", &address(&self.client));
        add(&mut text, "to", &address(&self.server));
        if let Some(unit) = self.unit {
            let unit = unit.to_string();
            let unit = unit.strip_prefix("unit ").unwrap_or(&unit);
            add(&mut text, "unit", unit);
        }
        if let Some(target) = &self.target {
            add(&mut text, "target", &target.target().to_string());
        }
        if let Some(put) = &self.written {
            add(&mut text, "value", &put.text);
        }
        for (field, value) in &self.session {
            let flag = match *field {
                "certificate_thumbprint" => "certificate".to_owned(),
                "application_uri" => "application".to_owned(),
                field => field.replace('_', "-"),
            };
            add(&mut text, &flag, value);
        }
        if self.after > 0 {
            add(&mut text, "after", &self.after.to_string());
        }
        add(&mut text, "at", &moment(self.at));
        text
    }
}

fn add(text: &mut String, flag: &str, value: &str) {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:,/+".contains(c);
    let _ = if value.chars().all(plain) {
        write!(text, " --{flag} {value}")
    } else {
        write!(text, " --{flag} '{value}'")
    };
}

/// A moment without the fraction of a second that it mostly has not.
fn moment(at: Timestamp) -> String {
    at.to_string().replace(".000000000Z", "Z")
}

/// How a host is told: by the address that it has.
pub(crate) fn address(host: &Host) -> String {
    let mac = host.mac.map(|mac| mac.to_string());
    let vlan = host.vlan.map(|vlan| format!("vlan {vlan}"));
    let ip = host.ip.map(|ip| ip.to_string());
    let parts: Vec<String> = ip.into_iter().chain(mac).chain(vlan).collect();
    if parts.is_empty() {
        "nobody".to_owned()
    } else {
        parts.join(" ")
    }
}

/// Reads as `10.0.40.1 -> 10.0.10.21 modbus write_single_register unit 1 holding:40 = 900 at 2026-11-27T09:00:00Z`.
impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} -> {} {} {}",
            address(&self.client),
            address(&self.server),
            self.protocol,
            self.function.name
        )?;
        if let Some(unit) = self.unit {
            write!(f, " {unit}")?;
        }
        if let Some(target) = &self.target {
            write!(f, " {}", target.target())?;
        }
        if let Some(put) = &self.written {
            write!(f, " = {}", put.text)?;
        }
        for (field, value) in &self.session {
            write!(f, " {field} {value}")?;
        }
        write!(f, " at {}", moment(self.at))?;
        match (self.after, self.pause_secs) {
            (0, _) => Ok(()),
            (after, 0) => write!(f, " after {after} like it"),
            (after, secs) => write!(f, " {secs} s after {after} like it"),
        }
    }
}

impl Detail for Witness {
    fn targets(&self, see: &mut dyn FnMut(Target<'_>)) {
        if let Some(target) = &self.target {
            see(target.target());
        }
    }

    fn written(&self, see: &mut dyn FnMut(Target<'_>, Written<'_>)) {
        if let (Some(target), Some(put)) = (&self.target, &self.written) {
            see(target.target(), put.what.written());
        }
    }

    fn field(&self, name: &str) -> Option<Value<'_>> {
        if name == "encrypted" && self.function.name == name {
            return Some(Value::Bool(true));
        }
        let shown = self.session.iter().find(|(field, _)| *field == name);
        shown.map(|(_, value)| Value::from(value.as_str()))
    }
}

impl Serialize for Witness {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
