//! From policy to firewall: what of a policy a packet filter can hold, and what it cannot.
//!
//! A packet filter knows addresses, ports and who opened a conversation. So a policy becomes a
//! [`Ruleset`]: for two sets of addresses the ports of the protocols of which at least one operation
//! could conform (`rules`). It is exact at that grain: a packet passes if and only if some operation on its
//! port between its hosts could conform, at some time, with some value, in some session, where `places`
//! cuts all addresses into those that the policy places alike, and `ways` says what joins them. What the
//! filter cannot see is the [`Residue`] (`limits`, `residue`), each with the detection that covers it.
//!
//! One file writes one format. All output depends on the policy alone: same policy, same bytes.
//! Protocols are told by their ports, which is all that a filter has; this room is handed them as
//! [`model::Service`]s.

mod cisco;
mod csv;
mod iptables;
mod labels;
mod limits;
mod nftables;
mod places;
mod residue;
mod rules;
mod set;
mod text;
mod ways;

pub use residue::{Effect, Residue};
pub use rules::{Named, Ports, Rule, Ruleset};
pub use set::{AddressSet, Family};

/// What the filter is written for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// A file for `nft -f`: one table of family `inet`.
    Nftables,
    /// One file for `iptables-restore` and `ip6tables-restore`.
    Iptables,
    /// Named extended access lists of Cisco IOS.
    Cisco,
    /// A table for people who type rules into something else.
    Csv,
}

/// What becomes of work orders: a filter does not end them by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Permits {
    /// The filter has no rule for them.
    LeftOut,
    /// The filter has their rules, whatever the time is.
    Included,
}

/// What happens to a packet that the policy does not know.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// It is dropped.
    Enforce,
    /// It passes, counted and logged: to try a filter before it is in the way.
    Shadow,
}

impl Mode {
    /// The word of the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Shadow => "shadow",
        }
    }
}

impl Format {
    /// The word of the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nftables => "nftables",
            Self::Iptables => "iptables",
            Self::Cisco => "cisco-acl",
            Self::Csv => "csv",
        }
    }
}

impl Ruleset {
    /// The filter as text of a format.
    pub fn text(&self, format: Format, mode: Mode) -> String {
        match format {
            Format::Nftables => nftables::write(self, mode),
            Format::Iptables => iptables::write(self, mode),
            Format::Cisco => cisco::write(self, mode),
            Format::Csv => csv::write(self, mode),
        }
    }
}
