//! `bulkhead policy …` as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use policy::enforce;

use crate::services::Port;

/// Whom to believe.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Keys {
    /// Public key of who may sign the policy, where it is a bundle; may be given several times.
    #[arg(long = "policy-key", value_name = "PUBKEY", value_hint = ValueHint::FilePath)]
    pub(crate) policy_keys: Vec<PathBuf>,
}

/// What the help of `bulkhead policy` ends with.
pub(crate) const EXAMPLES: &str = "\
Examples:
  bulkhead policy check policies/plant
  bulkhead policy check policies/plant --json | jq .
  bulkhead policy enforce policies/plant --format nftables -o plant.nft --residue -
  bulkhead policy report policies/plant --capture monday.pcapng -o plant.html
  bulkhead policy keygen ot-security.key
  bulkhead policy sign policies/plant --key ot-security.key -o plant.bundle
  bulkhead policy verify plant.bundle --key ot-security.key.pub";

/// `bulkhead policy …`
#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Check a policy file or folder; shows everything that is wrong at once.
    Check(Check),
    /// Write the part of a policy that a packet filter can hold, and say what it cannot.
    Enforce(Enforce),
    /// Put a policy into one signed file that sensors can verify.
    Sign(Sign),
    /// Say who signed a bundle, and what is in it.
    Verify(Verify),
    /// Make a key to sign policies with.
    Keygen(Keygen),
    /// Write a report for an auditor: what the policy states, and what captures show of it.
    Report(Report),
}

/// `bulkhead policy check`
#[derive(Args, Debug)]
pub(crate) struct Check {
    /// Policy file, folder or bundle.
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) path: PathBuf,
    /// Print JSON in place of text.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) keys: Keys,
}

/// `bulkhead policy sign`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  bulkhead policy sign policies/plant --key ot-security.key
  bulkhead policy sign sites/07 --key ot-security.key -o water-07.bundle
  bulkhead policy sign sites/07 --key ot-security.key --previous water-07.bundle -o water-07.bundle

A sensor refuses a bundle whose version number is below one that it has accepted. Without
--version-number and --previous the number is the second of signing, which rises by itself.")]
pub(crate) struct Sign {
    /// Policy file or folder.
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) path: PathBuf,
    /// The secret key, as `bulkhead policy keygen` made it.
    #[arg(long, value_name = "KEYFILE", value_hint = ValueHint::FilePath)]
    pub(crate) key: PathBuf,
    /// Where to write the bundle; `-` is standard output. Default: SITE-VERSION.bundle.
    #[arg(short, long, value_name = "BUNDLE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// The version number.
    #[arg(long, value_name = "N", conflicts_with = "previous")]
    pub(crate) version_number: Option<u64>,
    /// An earlier bundle of this site, signed with the same key; the version number is one more than
    /// its.
    #[arg(long, value_name = "BUNDLE", value_hint = ValueHint::FilePath)]
    pub(crate) previous: Option<PathBuf>,
}

/// `bulkhead policy verify`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  bulkhead policy verify water-07.bundle --key ot-security.key.pub
  bulkhead policy verify water-07.bundle --key old.pub --key new.pub --json | jq .version")]
pub(crate) struct Verify {
    /// The bundle.
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) bundle: PathBuf,
    /// Public key of who may have signed it; may be given several times.
    #[arg(long, required = true, value_name = "PUBKEY", value_hint = ValueHint::FilePath)]
    pub(crate) key: Vec<PathBuf>,
    /// Print JSON in place of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `bulkhead policy keygen`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  bulkhead policy keygen ot-security.key     makes ot-security.key and ot-security.key.pub

Files that are there are never overwritten.")]
pub(crate) struct Keygen {
    /// Where to write the secret key, for its owner alone to read; the public key goes to KEYFILE.pub.
    #[arg(value_name = "KEYFILE", value_hint = ValueHint::FilePath)]
    pub(crate) key: PathBuf,
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
    /// Policy file, folder or signed bundle.
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) path: PathBuf,
    /// What the filter is written for.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: FilterFormat,
    /// What happens to packets that the policy does not know.
    #[arg(long, value_name = "MODE", default_value = "enforce")]
    pub(crate) mode: FilterMode,
    /// Write rules for work orders (`permits`), too: the filter does not end them when they are over.
    #[arg(long)]
    pub(crate) permits: bool,
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
    /// Whose signature to believe, where the policy is a bundle.
    #[command(flatten)]
    pub(crate) keys: Keys,
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

/// `bulkhead policy report`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  bulkhead policy report policies/plant -o plant.html
  bulkhead policy report policies/plant --capture monday.pcapng --capture tuesday.pcapng -o plant.html
  bulkhead policy report policies/plant --capture monday.pcapng --json -o - | jq '.conduits[].state'

The HTML page needs nothing beside itself: no scripts, no network. Without captures it shows the policy alone.
Validity is told as of the captures' last frame, without captures as of today.")]
pub(crate) struct Report {
    /// Policy file, folder or bundle.
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) path: PathBuf,
    /// Captures to hold against the policy, as one timeline.
    #[arg(long = "capture", value_name = "FILE", num_args = 1.., value_hint = ValueHint::FilePath)]
    pub(crate) captures: Vec<PathBuf>,
    /// Where to write the report; `-` is standard output.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: PathBuf,
    /// Write the same as JSON in place of HTML.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) keys: Keys,
}
