//! `bulkhead policy …`: one file per subcommand.

mod check;
mod enforce;

use anyhow::Result;

use crate::Ending;
use crate::cli::policy::Policy;

/// Runs the command.
pub(crate) fn run(command: &Policy) -> Result<Ending> {
    match command {
        Policy::Check(arguments) => check::run(arguments),
        Policy::Enforce(arguments) => enforce::run(arguments),
    }
}
