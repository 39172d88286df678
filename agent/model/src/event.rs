//! An operation between two hosts: what judges judge.

use crate::{Host, Operation, Stamp};

/// An operation with who asks, who answers, and when.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// The frame that completed the message.
    pub stamp: Stamp,
    /// Who asks.
    pub client: Party<'a>,
    /// Who answers.
    pub server: Party<'a>,
    /// The server's port.
    pub server_port: u16,
    /// What is said.
    pub operation: &'a Operation<'a>,
}

/// A host and what the policy calls it.
#[derive(Clone, Copy, Debug)]
pub struct Party<'a> {
    /// Its addresses.
    pub host: Host,
    /// The name of the asset that it is.
    pub asset: Option<&'a str>,
    /// The zone that it is in.
    pub zone: Option<&'a str>,
    /// The role that it plays.
    pub role: Option<&'a str>,
    /// Where in the plant it is, in the plant's own words.
    pub location: Option<&'a str>,
}
