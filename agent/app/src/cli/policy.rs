//! `bulkhead policy …` as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// What the help of `bulkhead policy` ends with.
pub(crate) const EXAMPLES: &str = "\
Examples:
  bulkhead policy check policies/plant
  bulkhead policy check policies/plant --json | jq .";

/// `bulkhead policy …`
#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Check a policy file or folder; shows everything that is wrong at once.
    Check(Check),
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
