//! OPC UA over TCP in binary encoding (`opc.tcp`, UA-TCP with UA-SecureConversation).
//!
//! Follows OPC 10000-6 v1.05, 6.7 and 7.1 (chunks, channels, connections) and 5.2 (binary encoding), and
//! OPC 10000-4 v1.05 (services). Registered port 4840; servers use many others, and the probe asks
//! for none.
//!
//! Decoded: hello to close; channels with their policy and mode; messages of many chunks; sessions
//! with application, identity and user; the nodes, values and results of all services that name any;
//! every member of every message by its name; the nodes behind the notifications of subscriptions.
//!
//! Not decoded: what is encrypted; JSON,
//! XML, HTTPS and WebSocket mappings; `PubSub`. Passwords are passed over where they lie and are never
//! kept, shown or written.
//!
//! Limits per flow: one unfinished chunk and 8 unfinished messages per direction, 1024 chunks each,
//! within [`Limits::message_bytes`](crate::Limits::message_bytes); 32 KiB of requests that wait; 16
//! sessions; 100 subscriptions; [`Limits::monitored_items`](crate::Limits::monitored_items); values within
//! values 16 deep.

mod answers;
mod channel;
mod chunks;
mod dissect;
mod exchange;
mod frame;
mod functions;
mod handshake;
mod items;
mod login;
mod message;
mod notifications;
mod operation;
mod parameters;
mod pending;
mod record;
mod schema;
mod services;
mod session;
mod status;
mod stream;
mod subscriptions;
mod types;
mod variant;
mod walk;

#[cfg(test)]
pub(crate) mod tests;
#[cfg(test)]
mod wire;

use model::Vocabulary;

use crate::Protocol;

/// The room's face.
pub(crate) static PROTOCOL: Protocol = Protocol {
    vocabulary: &VOCABULARY,
    probe: frame::probe,
    open: |limits, _| Box::new(session::Session::new(limits)),
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
};
