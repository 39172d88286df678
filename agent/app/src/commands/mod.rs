//! One file per command.

mod baseline;
mod doctor;
mod incidents;
mod interfaces;
mod inventory;
mod learn;
mod manual;
mod policy;
mod replay;
mod rules;
mod walk;

use anyhow::Result;
use clap::CommandFactory as _;

use crate::cli::{Cli, Command, ConfigCommand};
use crate::{Ending, config, live, output};

/// Runs a command; `verbose` is how much more is to be said.
pub(crate) fn run(command: Command, verbose: u8) -> Result<Ending> {
    match command {
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Run(arguments) => live::run(&arguments),
        Command::Interfaces(arguments) => interfaces::run(&arguments),
        Command::Config(ConfigCommand::Schema) => {
            output::print(&serde_json::to_string_pretty(&config::schema())?)?;
            Ok(Ending::Fine)
        }
        Command::Config(ConfigCommand::Fields) => {
            output::print(&config::table())?;
            Ok(Ending::Fine)
        }
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Manual { folder } => manual::run(&folder),
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
