//! `bulkhead policy …`: one file per subcommand.

mod check;
mod diff;
mod enforce;
mod explain;
mod fmt;
mod keygen;
mod learn;
mod report;
mod schema;
mod sign;
mod test;
mod verify;

use anyhow::Result;

use crate::Ending;
use crate::cli::policy::Policy;

/// Runs the command; `verbose` is how much more is to be said.
pub(crate) fn run(command: &Policy, verbose: u8) -> Result<Ending> {
    match command {
        Policy::Check(arguments) => check::run(arguments),
        Policy::Learn(arguments) => learn::run(arguments),
        Policy::Enforce(arguments) => enforce::run(arguments),
        Policy::Diff(arguments) => diff::run(arguments, verbose),
        Policy::Explain(arguments) => explain::run(arguments),
        Policy::Test(arguments) => test::run(arguments),
        Policy::Sign(arguments) => sign::run(arguments),
        Policy::Verify(arguments) => verify::run(arguments),
        Policy::Keygen(arguments) => keygen::run(arguments),
        Policy::Report(arguments) => report::run(arguments),
        Policy::Fmt(arguments) => fmt::run(arguments),
        Policy::Schema(arguments) => schema::run(arguments),
    }
}
