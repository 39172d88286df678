//! `bulkhead policy …` as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use policy::enforce;

use crate::services::Port;

/// What the help of `bulkhead policy` ends with.
pub(crate) const EXAMPLES: &str = "\
Examples:
  bulkhead policy check policies/plant
  bulkhead policy check policies/plant --json | jq .
  bulkhead policy enforce policies/plant --format nftables -o plant.nft --residue -";

/// `bulkhead policy …`
#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Check a policy file or folder; shows everything that is wrong at once.
    Check(Check),
    /// Write the part of a policy that a packet filter can hold, and say what it cannot.
    Enforce(Enforce),
}

/// `bulkhead policy check`
#[derive(Args, Debug)]
pub(crate) struct Check {
    /// Policy file or folder.
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) path: PathBuf,
    /// Print JSON in place of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `bulkhead policy enforce`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  bulkhead policy enforce policies/plant --format nftables -o plant.nft --residue -
  bulkhead policy enforce policies/plant --format nftables --mode shadow | nft -c -f -
  bulkhead policy enforce policies/plant --format cisco-acl --port opcua=4841 --port modbus=udp/1502
  bulkhead policy enforce policies/plant --format csv --json | jq '.residue[] | select(.effect == \"stops\")'

Nothing is loaded: the filter is text, to be read, tried and loaded by whoever runs the firewall.")]
pub(crate) struct Enforce {
    /// Policy file or folder.
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) path: PathBuf,
    /// What the filter is written for.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: FilterFormat,
    /// What happens to packets that the policy does not know.
    #[arg(long, value_name = "MODE", default_value = "enforce")]
    pub(crate) mode: FilterMode,
    /// A port that servers of a protocol also use, such as opcua=4841 or modbus=udp/1502; repeatable.
    #[arg(long = "port", value_name = "PROTOCOL=PORT")]
    pub(crate) ports: Vec<Port>,
    /// Where to write the filter; default: standard output.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// Write what the filter cannot hold, and which detection covers it; `-` is standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) residue: Option<PathBuf>,
    /// Print one JSON document (rules, residue and the filter's text) in place of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a packet filter is written for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum FilterFormat {
    /// A file for `nft -f`.
    Nftables,
    /// One file for iptables-restore and ip6tables-restore.
    Iptables,
    /// Access lists of Cisco IOS.
    CiscoAcl,
    /// A table for people who type rules into something else.
    Csv,
}

/// What happens to packets that the policy does not know.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum FilterMode {
    /// They are dropped.
    Enforce,
    /// They pass, counted and logged: to try the filter before it is in the way.
    Shadow,
}

impl From<FilterFormat> for enforce::Format {
    fn from(format: FilterFormat) -> Self {
        match format {
            FilterFormat::Nftables => Self::Nftables,
            FilterFormat::Iptables => Self::Iptables,
            FilterFormat::CiscoAcl => Self::Cisco,
            FilterFormat::Csv => Self::Csv,
        }
    }
}

impl From<FilterMode> for enforce::Mode {
    fn from(mode: FilterMode) -> Self {
        match mode {
            FilterMode::Enforce => Self::Enforce,
            FilterMode::Shadow => Self::Shadow,
        }
    }
}
