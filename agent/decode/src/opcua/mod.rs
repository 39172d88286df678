//! OPC UA over TCP in binary encoding (`opc.tcp`, UA-TCP with UA-SecureConversation).
//!
//! Follows OPC 10000-6 v1.05, 6.7 and 7.1 (chunks, channels, connections) and 5.2 (binary encoding),
//! OPC 10000-4 v1.05 (services), and OPC 10000-14 v1.05 (`PubSub` in UADP over UDP and Ethernet). Registered port 4840; servers use many others, and the probe asks
//! for none.
//!
//! Decoded: hello to close; channels with their policy and mode; messages of many chunks; sessions
//! with application, identity and user; the nodes, values and results of all services that name any;
//! every member of every message by its name; the nodes behind the notifications of subscriptions.
//!
//! Not decoded: what is encrypted; JSON,
//! XML, HTTPS and WebSocket mappings. Passwords are passed over where they lie and are never
//! kept, shown or written.
//!
//! Limits per flow: one unfinished chunk and 8 unfinished messages per direction, 1024 chunks each,
//! within [`Limits::message_bytes`](crate::Limits::message_bytes); 32 KiB of requests that wait; 16
//! sessions; 8 certificates; 100 subscriptions, and as many for each of 64 servers; [`Limits::monitored_items`](crate::Limits::monitored_items); values within
//! values 16 deep.

mod answers;
mod certificates;
mod channel;
mod chunks;
mod content;
mod dissect;
mod endpoints;
mod evidence;
mod exchange;
mod frame;
mod functions;
mod handshake;
mod identity;
mod items;
mod login;
mod message;
mod notifications;
mod operation;
mod parameters;
mod pending;
mod plain;
mod policies;
mod pubsub;
mod record;
mod schema;
mod servers;
mod services;
mod session;
mod status;
mod stream;
mod subscriptions;
mod tokens;
mod types;
mod variant;
mod walk;
mod watched;
mod written;

#[cfg(test)]
pub(crate) mod tests;
#[cfg(test)]
mod wire;

use model::{Transport, Vocabulary};

use crate::Protocol;

pub(crate) use pubsub::{ASKED, TOLD};
pub use servers::Servers;

/// The room's face.
pub(crate) static PROTOCOL: Protocol = Protocol {
    vocabulary: &VOCABULARY,
    probe: |transport, bytes| match transport {
        Transport::Tcp => frame::probe(transport, bytes),
        Transport::Udp | Transport::Ethernet => pubsub::probe(transport, bytes),
    },
    steady: true,
    open: |limits, transport| match transport {
        Transport::Tcp => Box::new(session::Session::new(limits)),
        Transport::Udp | Transport::Ethernet => Box::new(pubsub::Messages::new(limits)),
    },
};

static VOCABULARY: Vocabulary = Vocabulary {
    name: "opcua",
    ports: &[4840],
    functions: &functions::FUNCTIONS,
    areas: &[],
    kinds: &[],
    fields: &[
        "message",
        "security_policy",
        "security_mode",
        "encrypted",
        "clear_password",
        "service",
        "service_id",
        "result",
        "result_name",
        "error",
        "error_name",
        "endpoint",
        "application_uri",
        "session_name",
        "identity",
        "user",
        "user_certificate_thumbprint",
        "user_certificate_subject",
        "certificate_thumbprint",
        "certificate_subject",
        "certificate_uri",
        "certificate_key_bits",
        "certificate_self_signed",
        "certificate_expired",
        "server_certificate_thumbprint",
        "server_certificate_expired",
        "application_uri_mismatch",
        "weaker_than_offered",
        "publisher_id",
        "writer_group_id",
        "writer",
        "node",
        "attribute",
        "method",
        "history",
    ],
    volatile_fields: &[
        "channel_id",
        "token_id",
        "sequence",
        "request_id",
        "request_handle",
        "value",
        "status",
        "argument",
        "output",
        "given",
        "subscription",
        "monitored_item",
        "client_handle",
    ],
    choices: &[
        ("security_mode", &["none", "sign", "sign_and_encrypt"]),
        ("security_policy", &policies::NAMES),
        (
            "identity",
            &["anonymous", "username", "certificate", "issued"],
        ),
    ],
};
