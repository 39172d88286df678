//! The roof: command line, configuration, threads and signals.
//!
//! The only room that reads clocks, opens files by name and talks to people. Exit codes are part
//! of the contract: 0 fine, 1 incidents at or above `--fail-on`, 2 usage, policy or file error.

mod certificates;
mod cli;
mod clock;
mod commands;
mod config;
mod confinement;
mod judges;
mod keeper;
mod live;
mod memory;
mod output;
mod policies;
mod problems;
mod processors;
mod record;
mod replace;
mod report;
mod service;
mod services;
mod shared;
mod vendor;
mod watches;

use std::process::ExitCode;

use clap::Parser;

/// How a command ended, where it did not fail.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Ending {
    /// Nothing that asks for attention.
    Fine,
    /// Incidents at or above the level that was asked for.
    Incidents,
    /// Something is not as it was asked whether it is.
    Differs,
    /// Bad input, already said on standard error.
    Refused,
}

/// Parses the command line, runs the command, and says what went wrong.
pub fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    output::start_logging(cli.verbose);
    match commands::run(cli.command, cli.verbose) {
        Ok(Ending::Fine) => ExitCode::SUCCESS,
        Ok(Ending::Incidents | Ending::Differs) => ExitCode::from(1),
        Ok(Ending::Refused) => ExitCode::from(2),
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&output::chain(&error));
            ExitCode::from(2)
        }
    }
}
