//! `bulkhead policy …`: one file per subcommand.

mod check;
mod enforce;
mod keygen;
mod report;
mod sign;
mod verify;

use anyhow::Result;

use crate::Ending;
use crate::cli::policy::Policy;

/// Runs the command.
pub(crate) fn run(command: &Policy) -> Result<Ending> {
    match command {
        Policy::Check(arguments) => check::run(arguments),
        Policy::Enforce(arguments) => enforce::run(arguments),
        Policy::Sign(arguments) => sign::run(arguments),
        Policy::Verify(arguments) => verify::run(arguments),
        Policy::Keygen(arguments) => keygen::run(arguments),
        Policy::Report(arguments) => report::run(arguments),
    }
}
