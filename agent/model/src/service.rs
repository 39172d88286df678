//! Where the servers of a protocol are usually found.

use crate::{Function, Side, Transport, Vocabulary};

/// A port on which a protocol's servers usually listen: a hint, never proof.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// The protocol's words.
    pub vocabulary: &'static Vocabulary,
    /// What carries it; with [`Transport::Ethernet`] there is no port.
    pub transport: Transport,
    /// The port.
    pub port: u16,
    /// Who sends there unasked: the client, but for publishers.
    pub opener: Side,
    /// What is said there; some functions have a transport of their own.
    pub functions: &'static [Function],
}
