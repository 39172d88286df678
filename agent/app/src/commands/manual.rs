//! `bulkhead manual`: a manual page for every command, for whoever makes packages.

use std::path::Path;

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;

use crate::Ending;
use crate::cli::Cli;

/// Runs the command.
pub(crate) fn run(folder: &Path) -> Result<Ending> {
    let words = || format!("cannot write manual pages to `{}`", folder.display());
    std::fs::create_dir_all(folder).with_context(words)?;
    clap_mangen::generate_to(Cli::command(), folder).with_context(words)?;
    Ok(Ending::Fine)
}
