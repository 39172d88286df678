//! Who a message's channel and session prove to be there, and what speaks against it.
//!
//! A client is who its channel's certificate names, from the server's consent on; a user likewise, by the
//! session. A certificate in a message of a channel without security proves nothing, for anybody can show
//! a copy of one: it is listed, and binds nothing.

use std::sync::Arc;

use model::{Fact, Identity, Side, Timestamp, Value};
use serde::Serialize;
use serde::ser::SerializeMap;

use super::certificates::{Carried, Certificate, Of};
use super::channel::Channel;
use super::endpoints::{self, Endpoint};
use super::message::{Body, Security};
use super::parameters;
use super::services::{self, Half};
use super::session::Session;
use crate::reader::Reader;

/// What is known of the parties of a message beyond their names.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Evidence<'a> {
    /// Who opened the channel.
    pub(super) client: Option<&'a Certificate>,
    pub(super) server: Option<&'a Certificate>,
    /// Whether the certificates of the two were too old when the message came.
    expired: [bool; 2],
    /// What the message itself shows.
    pub(super) carried: &'a [Carried],
    /// The certificate that the sender of an `OPN` wants its receiver to have: its thumbprint.
    pub(super) receiver: Option<&'a [u8]>,
    /// Whether an application's certificate names another one than it says that it is.
    pub(super) uri_mismatch: bool,
    /// Whether the server offers more protection than the channel has.
    pub(super) weaker_than_offered: bool,
}

impl<'a> Evidence<'a> {
    /// What a channel proves at a moment.
    pub(super) fn of(channel: &'a Channel, now: Timestamp) -> Self {
        Self::between(channel.certificates(), now)
    }

    fn between(parties: [Option<&'a Certificate>; 2], now: Timestamp) -> Self {
        let expired = parties.map(|it| it.is_some_and(|it| it.is_expired(now)));
        let [client, server] = parties;
        Self {
            client,
            server,
            expired,
            ..Self::default()
        }
    }

    /// The same with what a message shows. What an `OPN` shows stands before what the channel had.
    pub(super) fn with(
        self,
        credentials: &'a Credentials,
        security: Security<'a>,
        now: Timestamp,
    ) -> Self {
        let Credentials { carried, .. } = credentials;
        let Security::Asymmetric { receiver, .. } = security else {
            return Self {
                carried,
                uri_mismatch: credentials.uri_mismatch,
                weaker_than_offered: credentials.weaker_than_offered,
                ..self
            };
        };
        let shown = |of| carried.iter().find(|carried| carried.of == of);
        let client = shown(Of::Client).map_or(self.client, |it| Some(&it.certificate));
        let server = shown(Of::Server).map_or(self.server, |it| Some(&it.certificate));
        Self {
            receiver: receiver.filter(|receiver| receiver.len() == THUMBPRINT),
            carried,
            ..Self::between([client, server], now)
        }
    }

    /// The field of that name.
    pub(super) fn field(&self, name: &str) -> Option<Value<'a>> {
        let client = self.client;
        match name {
            "certificate_thumbprint" => client.map(|it| (&*it.thumbprint).into()),
            "certificate_subject" => client.map(|it| (&*it.subject).into()),
            "certificate_uri" => client?.application_uri.as_deref().map(Into::into),
            "certificate_key_bits" => client.map(|it| Value::Int(it.key_bits as i64)),
            "certificate_self_signed" => client.map(|it| Value::Bool(it.self_signed)),
            "certificate_expired" => client.map(|_| Value::Bool(self.expired[0])),
            "server_certificate_thumbprint" => self.server.map(|it| (&*it.thumbprint).into()),
            "server_certificate_expired" => self.server.map(|_| Value::Bool(self.expired[1])),
            "application_uri_mismatch" => self.uri_mismatch.then_some(Value::Bool(true)),
            "weaker_than_offered" => self.weaker_than_offered.then_some(Value::Bool(true)),
            _ => None,
        }
    }

    /// Writes the members of the record.
    pub(super) fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        if !self.carried.is_empty() {
            map.serialize_entry("certificates", self.carried)?;
        }
        if let Some(receiver) = self.receiver {
            map.serialize_entry("receiver_thumbprint", &Hex(receiver))?;
        }
        if let Some(client) = self.client {
            map.serialize_entry("certificate_thumbprint", &client.thumbprint)?;
            if let Some(uri) = &client.application_uri {
                map.serialize_entry("certificate_uri", uri)?;
            }
        }
        for (name, holds) in [
            ("certificate_expired", self.expired[0]),
            ("server_certificate_expired", self.expired[1]),
            ("application_uri_mismatch", self.uri_mismatch),
            ("weaker_than_offered", self.weaker_than_offered),
        ] {
            if holds {
                map.serialize_entry(name, &true)?;
            }
        }
        Ok(())
    }

    /// Shows which applications the certificates in the message name.
    pub(super) fn identity(&self, see: &mut dyn FnMut(Identity<'_>)) {
        for Carried { of, certificate } in self.carried {
            let side = match of {
                Of::Client => Side::Client,
                Of::Server => Side::Server,
                Of::User => continue,
            };
            if let Some(uri) = certificate.application_uri.as_deref() {
                see(Identity {
                    of: side,
                    unit: None,
                    fact: Fact::Application,
                    value: uri.into(),
                });
            }
        }
    }
}

/// The bytes of a thumbprint, which is SHA-1.
const THUMBPRINT: usize = 20;

struct Hex<'a>(&'a [u8]);

impl Serialize for Hex<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use std::fmt::Write;
        let mut text = String::with_capacity(2 * self.0.len());
        for byte in self.0 {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        serializer.serialize_str(&text)
    }
}

/// What a message shows of its parties, and what speaks against it.
#[derive(Debug, Default)]
pub(super) struct Credentials {
    pub(super) carried: Vec<Carried>,
    pub(super) uri_mismatch: bool,
    pub(super) weaker_than_offered: bool,
}

impl Credentials {
    /// The certificate of the message's sender.
    pub(super) fn first(&self) -> Option<Arc<Certificate>> {
        self.carried.first().map(|it| it.certificate.clone())
    }

    /// The certificate of the user whom the message names.
    pub(super) fn user(&self) -> Option<&Certificate> {
        let user = self.carried.iter().find(|it| it.of == Of::User)?;
        Some(&user.certificate)
    }
}

impl Session {
    /// Reads the certificates that an `OPN` shows.
    pub(super) fn opening(&mut self, security: Security<'_>, of: Of) -> Credentials {
        let certificate = match security {
            Security::Asymmetric { certificate, .. } => certificate,
            Security::Symmetric { .. } => None,
        };
        Credentials {
            carried: self.carry(of, certificate),
            ..Credentials::default()
        }
    }

    /// Reads what a message that can be read shows of its parties.
    pub(super) fn credentials(&mut self, security: Security<'_>, body: &Body<'_>) -> Credentials {
        let Some((service, half)) = body.service() else {
            return Credentials::default();
        };
        match (service.function.code, half) {
            (services::OPEN_SECURE_CHANNEL, Half::Request) => self.opening(security, Of::Client),
            (services::OPEN_SECURE_CHANNEL, Half::Response) => self.opening(security, Of::Server),
            (services::CREATE_SESSION, Half::Request) => self.creating(body.parameters),
            (services::CREATE_SESSION, Half::Response) => self.created(body.parameters),
            (services::GET_ENDPOINTS, Half::Response) => Credentials {
                carried: self.offered(body.parameters),
                ..Credentials::default()
            },
            (services::ACTIVATE_SESSION, Half::Request) => self.activating(body.parameters),
            _ => Credentials::default(),
        }
    }

    fn creating(&mut self, parameters: Reader<'_>) -> Credentials {
        let Ok(asked) = parameters::create_session(parameters) else {
            return Credentials::default();
        };
        let carried = self.carry(Of::Client, asked.certificate);
        let [client, _] = self.channel.certificates();
        let shown = carried.first().map(|it| &*it.certificate).or(client);
        Credentials {
            uri_mismatch: differs(shown, asked.client.uri),
            carried,
            weaker_than_offered: false,
        }
    }

    fn created(&mut self, parameters: Reader<'_>) -> Credentials {
        let Ok(created) = parameters::created_session(parameters) else {
            return Credentials::default();
        };
        let mut carried = self.carry(Of::Server, created.certificate);
        let uri = created.server.and_then(|server| server.uri);
        let [_, server] = self.channel.certificates();
        let shown = carried.first().map(|it| &*it.certificate).or(server);
        let uri_mismatch = differs(shown, uri);
        for more in self.offered(created.endpoints) {
            if !carried.contains(&more) {
                carried.push(more);
            }
        }
        Credentials {
            carried,
            uri_mismatch,
            weaker_than_offered: self.channel.is_weaker_than_offered(),
        }
    }

    /// Remembers what endpoints offer; gives back their certificates, each once.
    fn offered(&mut self, endpoints: Reader<'_>) -> Vec<Carried> {
        let mut carried = Vec::new();
        endpoints::walk(endpoints, &mut |endpoint| {
            let Endpoint {
                certificate,
                mode,
                policy,
                ..
            } = endpoint;
            if let (Some(policy), Some(mode)) = (policy, mode) {
                self.channel.offer(policy, mode);
            }
            for it in self.carry(Of::Server, certificate) {
                if carried.len() < CARRIED && !carried.contains(&it) {
                    carried.push(it);
                }
            }
        });
        carried
    }

    fn activating(&mut self, parameters: Reader<'_>) -> Credentials {
        let asked = parameters::activate_session(parameters).ok();
        Credentials {
            carried: self.carry(Of::User, asked.and_then(|asked| asked.certificate)),
            ..Credentials::default()
        }
    }

    fn carry(&mut self, of: Of, der: Option<&[u8]>) -> Vec<Carried> {
        let read = self.certificates.read(&self.seed, der);
        let carried = read.map(|certificate| Carried { of, certificate });
        carried.into_iter().collect()
    }
}

/// The most certificates that one record lists.
const CARRIED: usize = 8;

/// Whether a certificate names another application than the one that shows it says that it is.
fn differs(certificate: Option<&Certificate>, uri: Option<&str>) -> bool {
    let named = certificate.and_then(|it| it.application_uri.as_deref());
    matches!((named, uri), (Some(named), Some(uri)) if !same(named, uri))
}

/// Whether two URIs are the same as far as a certificate's is kept.
fn same(kept: &str, told: &str) -> bool {
    super::login::clipped(Some(told)).is_some_and(|told| super::types::printable(told) == kept)
}
