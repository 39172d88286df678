//! What is known of a TLS conversation, in the model's words.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use foldhash::quality::RandomState;
use model::{Detail, Function, Operation, Outcome, Request, Stage, Target, Value};
use serde::{Serialize, Serializer};

use super::handshake::Hello;
use crate::certificate::Certificate;
use crate::modbus::NAME;
use crate::signature::signature;

/// One part of a conversation.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) function: Function,
    pub(super) stage: Stage,
    pub(super) outcome: Option<Outcome>,
    pub(super) encrypted: bool,
    /// Who the client has shown itself to be by then.
    pub(super) client: Option<Arc<Client>>,
    pub(super) facts: Facts,
}

/// Whom a client's certificate names.
#[derive(Debug)]
pub(super) struct Client {
    role: Option<Box<str>>,
    subject: Box<str>,
    thumbprint: Box<str>,
}

impl Client {
    /// The holder of a certificate.
    pub(super) fn of(certificate: &Certificate) -> Self {
        Self {
            role: certificate.role.as_deref().map(Into::into),
            subject: certificate.subject.as_str().into(),
            thumbprint: certificate.thumbprint.as_str().into(),
        }
    }

    /// How many bytes of the heap it uses.
    pub(super) fn held_bytes(&self) -> usize {
        let role = self.role.as_deref().map_or(0, str::len);
        size_of::<Self>() + role + self.subject.len() + self.thumbprint.len()
    }
}

/// What a part says. As the member `tls` of its record.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Facts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cipher_suite: Option<Suite>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) server_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) alpn: Option<String>,
    /// Whether the server wants the client to show a certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) certificate_requested: Option<bool>,
    /// Whether the sender was asked for a certificate and has none.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) without_certificate: bool,
    /// What its sender shows of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) certificate: Option<Box<Certificate>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) alert: Option<Alert>,
    /// What the client sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sent: Option<Volume>,
    /// What the server sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) received: Option<Volume>,
}

/// A cipher suite's number, as four hexadecimal digits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suite(u16);

impl Serialize for Suite {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:04x}", self.0))
    }
}

/// Why a conversation ends (RFC 5246, 7.2).
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Alert {
    pub(super) code: u8,
    pub(super) name: &'static str,
}

/// How much one side has sent of what cannot be read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub(super) struct Volume {
    pub(super) records: u64,
    pub(super) bytes: u64,
}

impl Facts {
    /// What a hello says.
    pub(super) fn of(hello: &Hello) -> Self {
        Self {
            version: version(hello.version),
            cipher_suite: (hello.cipher_suite != 0).then_some(Suite(hello.cipher_suite)),
            server_name: hello.server_name.clone(),
            alpn: hello.alpn.clone(),
            ..Self::default()
        }
    }
}

impl Alert {
    /// The alert of a code.
    pub(super) const fn of(code: u8) -> Self {
        let name = match code {
            0 => "close_notify",
            10 => "unexpected_message",
            20 => "bad_record_mac",
            40 => "handshake_failure",
            42 => "bad_certificate",
            43 => "unsupported_certificate",
            44 => "certificate_revoked",
            45 => "certificate_expired",
            46 => "certificate_unknown",
            47 => "illegal_parameter",
            48 => "unknown_ca",
            49 => "access_denied",
            50 => "decode_error",
            51 => "decrypt_error",
            70 => "protocol_version",
            71 => "insufficient_security",
            80 => "internal_error",
            90 => "user_canceled",
            112 => "unrecognized_name",
            116 => "certificate_required",
            120 => "no_application_protocol",
            _ => "unknown",
        };
        Self { code, name }
    }
}

impl Part {
    /// The operation of this part; `answers` the request that it answers.
    pub(super) fn operation(&self, signature: u64, answers: Option<Request>) -> Operation<'_> {
        Operation {
            protocol: NAME,
            stage: self.stage,
            function: self.function,
            unit: None,
            outcome: self.outcome,
            signature,
            answers,
            detail: self,
        }
    }

    /// One number for all that judges may look at.
    pub(super) fn signature(&self, seed: &RandomState) -> u64 {
        signature(seed, self)
    }

    /// The role that the message shows, else the client's.
    fn role(&self) -> Option<&str> {
        let own = self.facts.certificate.as_deref();
        let client = || self.client.as_deref()?.role.as_deref();
        own.and_then(|own| own.role.as_deref()).or_else(client)
    }

    /// The subject that the message shows, else the client's.
    fn subject(&self) -> Option<&str> {
        let own = self.facts.certificate.as_deref();
        let client = || Some(&*self.client.as_deref()?.subject);
        own.map(|own| own.subject.as_str()).or_else(client)
    }

    fn client_thumbprint(&self) -> Option<&str> {
        Some(&self.client.as_deref()?.thumbprint)
    }
}

impl Hash for Part {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self {
            function,
            stage,
            outcome,
            encrypted,
            client: _,
            facts,
        } = self;
        (FRAMING, function, stage, outcome, encrypted).hash(state);
        (
            facts.version,
            &facts.server_name,
            self.role(),
            self.subject(),
            self.client_thumbprint(),
        )
            .hash(state);
    }
}

impl Detail for Part {
    fn targets(&self, _: &mut dyn FnMut(Target<'_>)) {}

    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "encrypted" => Some(Value::Bool(self.encrypted)),
            "framing" => Some(FRAMING.into()),
            "tls_version" => self.facts.version.map(Value::from),
            "server_name" => self.facts.server_name.as_deref().map(Value::from),
            "role" => self.role().map(Value::from),
            "subject" => self.subject().map(Value::from),
            "certificate_thumbprint" => self.client_thumbprint().map(Value::from),
            "thumbprint" => Some(self.facts.certificate.as_ref()?.thumbprint.as_str().into()),
            _ => None,
        }
    }
}

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("encrypted", &self.encrypted)?;
        map.serialize_entry("tls", &self.facts)?;
        map.serialize_entry("framing", FRAMING)?;
        map.end()
    }
}

const fn version(code: u16) -> Option<&'static str> {
    match code {
        0x0300 => Some("SSL 3.0"),
        0x0301 => Some("TLS 1.0"),
        0x0302 => Some("TLS 1.1"),
        0x0303 => Some("TLS 1.2"),
        0x0304 => Some("TLS 1.3"),
        _ => None,
    }
}

const FRAMING: &str = "tls";
