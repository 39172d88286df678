//! Decoders: one folder per protocol, all of one shape; stream bytes in, operations out.
//!
//! A room exports one [`Protocol`]. The engine sees only [`PROTOCOLS`] and [`Conversation`], which
//! probes the first bytes of a flow and then hands everything to one decoder. Decoders know bytes,
//! never policies; they read no clock, and they allocate only where a message is cut in two by
//! segments or a bounded table grows.

mod certificate;
mod conversation;
mod limits;
mod modbus;
mod opcua;
mod protocol;
mod queue;
mod reader;
mod s7;
mod services;
mod signature;

#[cfg(test)]
mod contract;

pub use conversation::{Conversation, Say};
pub use limits::Limits;
pub use opcua::Servers;
pub use protocol::{Decoder, Probe, Protocol};
pub use services::services;

/// Every protocol that is decoded, in the order that probing prefers.
pub static PROTOCOLS: &[&Protocol] = &[&modbus::PROTOCOL, &opcua::PROTOCOL, &s7::PROTOCOL];

/// What flows are probed for, in that order: every protocol, and what hides one of them.
pub(crate) static PROBED: &[&Protocol] = &[
    &modbus::PROTOCOL,
    &opcua::PROTOCOL,
    &s7::PROTOCOL,
    &modbus::SECURE,
];
