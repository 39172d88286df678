//! One file per command.

mod baseline;
mod incidents;
mod interfaces;
mod inventory;
mod learn;
mod policy;
mod replay;
mod rules;
mod walk;

use anyhow::Result;
use clap::CommandFactory as _;

use crate::cli::{Cli, Command};
use crate::{Ending, live};

/// Runs a command; `verbose` is how much more is to be said.
pub(crate) fn run(command: Command, verbose: u8) -> Result<Ending> {
    match command {
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Run(arguments) => live::run(&arguments),
        Command::Interfaces(arguments) => interfaces::run(&arguments),
        Command::Inventory(arguments) => inventory::run(&arguments),
        Command::Learn(arguments) => learn::run(&arguments),
        Command::Policy(command) => policy::run(&command, verbose),
        Command::Rules(command) => rules::run(&command),
        Command::Baseline(command) => baseline::run(&command),
        Command::Incidents(command) => incidents::run(&command),
        Command::Completions { shell } => {
            let mut command = Cli::command();
            clap_complete::generate(shell, &mut command, "bulkhead", &mut std::io::stdout());
            Ok(Ending::Fine)
        }
    }
}
