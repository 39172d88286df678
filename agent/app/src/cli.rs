//! The command line as typed.

pub(crate) mod policy;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use model::Severity;

/// A passive security sensor for plant networks.
///
/// Reads Modbus, S7 and OPC UA from captures or a mirror port, checks every operation against
/// the policy files of the plant, a learned baseline and detection rules, and reports few,
/// explained incidents. It never sends a packet into the plant.
#[derive(Debug, Parser)]
#[command(name = "bulkhead", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// Say more on standard error; twice for still more.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  bulkhead replay plant.pcap --policy policies/plant
  bulkhead replay monday.pcapng tuesday.pcapng.gz --operations ops.jsonl --incidents found.jsonl
  bulkhead policy check policies/plant
  bulkhead inventory plant.pcap
  bulkhead learn week.pcap -o normal.txt
  bulkhead run --config /etc/bulkhead/bulkhead.yaml

Exit code: 0 fine, 1 incidents at or above --fail-on, 2 usage, policy or file error.";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge captures as if they were live, and show the incidents.
    Replay(Replay),
    /// Watch mirror ports until told to stop.
    Run(Run),
    /// List network interfaces and say which can serve as mirror port.
    #[command(after_help = "\
Examples:
  bulkhead interfaces
  bulkhead interfaces --json | jq .")]
    Interfaces(Json),
    /// Describe the sensor's configuration: for editors as JSON Schema, for people as a table.
    #[command(
        subcommand,
        after_help = "\
Examples:
  bulkhead config schema > bulkhead.schema.json"
    )]
    Config(ConfigCommand),
    /// Look for what keeps this machine from being a good sensor, and say what to do.
    Doctor(Doctor),
    /// List the hosts in captures: addresses, vendors, roles, protocols, units, identities.
    Inventory(Inventory),
    /// Learn from captures what is normal.
    Learn(Learn),
    /// Check policy files.
    #[command(subcommand, after_help = policy::EXAMPLES)]
    Policy(policy::Policy),
    /// Check, list and try detection rules.
    #[command(
        subcommand,
        after_help = "\
Examples:
  bulkhead rules list
  bulkhead rules check my-rules && bulkhead rules test my-rules"
    )]
    Rules(Rules),
    /// Look at and approve what was learnt.
    #[command(
        subcommand,
        after_help = "\
Examples:
  bulkhead baseline review normal.txt
  bulkhead baseline approve normal.txt 'write holding:40' --by 'J. Doe'
  bulkhead baseline export sensor.db > normal.txt"
    )]
    Baseline(Baseline),
    /// Look at the incidents that a sensor has stored.
    #[command(
        subcommand,
        after_help = "\
Examples:
  bulkhead incidents list --store /var/lib/bulkhead/sensor.db
  bulkhead incidents show 3f2a --store /var/lib/bulkhead/sensor.db"
    )]
    Incidents(Incidents),
    /// Write a manual page for every command into a folder.
    #[command(
        hide = true,
        after_help = "\
Examples:
  bulkhead manual /usr/local/share/man/man1"
    )]
    Manual {
        /// The folder.
        #[arg(value_hint = ValueHint::DirPath)]
        folder: PathBuf,
    },
    /// Print shell completions.
    #[command(after_help = "\
Examples:
  bulkhead completions bash > /etc/bash_completion.d/bulkhead
  bulkhead completions zsh > ~/.zfunc/_bulkhead")]
    Completions {
        /// The shell to complete for.
        shell: Shell,
    },
}

/// `bulkhead replay`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  bulkhead replay plant.pcap --policy policies/plant
  bulkhead replay a.pcap b.pcap.gz --policy policies/plant --baseline normal.txt --json
  bulkhead replay plant.pcap --operations - | jq 'select(.verb == \"write\")'
  bulkhead replay plant.pcap --policy policies/plant --fail-on high && echo clean
  bulkhead replay plant.pcap --format icsnpp --out logs/     modbus.log, s7comm.log, … as Zeek has them")]
pub(crate) struct Replay {
    /// Captures (pcap, pcapng, gzip'ed or not); several are one timeline by capture time.
    #[arg(required = true, value_name = "CAPTURE", value_hint = ValueHint::FilePath)]
    pub(crate) captures: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) judges: Judges,
    /// Write every decoded message as JSON Lines; `-` is standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) operations: Option<PathBuf>,
    /// Write the incidents as JSON Lines; `-` is standard output.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) incidents: Option<PathBuf>,
    /// Also write logs in the form of another sensor.
    #[arg(long, value_name = "FORMAT", requires = "out")]
    pub(crate) format: Option<Format>,
    /// The folder for the logs of --format; it is made where it is not there, and logs that are in it
    /// are written anew.
    #[arg(long, value_name = "DIR", requires = "format", value_hint = ValueHint::DirPath)]
    pub(crate) out: Option<PathBuf>,
    /// How many threads judge a long capture, each the conversations of its own pairs of hosts; with
    /// --operations or --format one does, for those want everything in order.
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(crate) threads: u8,
    /// Print one JSON document (summary and incidents) in place of tables.
    #[arg(long)]
    pub(crate) json: bool,
    /// Exit with 1 when an incident is at or above this severity
    /// (informational, low, medium, high, critical).
    #[arg(long, value_name = "LEVEL")]
    pub(crate) fail_on: Option<Severity>,
}

/// The form of another sensor's logs.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// Zeek with the ICSNPP parsers: one JSON Lines file per log, with their names and fields.
    Icsnpp,
}

/// Who judges.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Judges {
    /// Policy file, folder or bundle; without it nothing is judged against a policy.
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) policy: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) keys: policy::Keys,
    /// Folder of detection rules, in place of those that come with the sensor.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) rules: Option<PathBuf>,
    /// What is normal, as `bulkhead learn` wrote it.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) baseline: Option<PathBuf>,
}

/// `bulkhead run`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  bulkhead run --config /etc/bulkhead/bulkhead.yaml
  bulkhead run --config bulkhead.yaml --check-config

SIGTERM or Ctrl-C flushes everything and ends; SIGHUP reloads policy, rules, baseline and certificates.")]
pub(crate) struct Run {
    /// The sensor's configuration, a YAML file.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: PathBuf,
    /// Check the configuration and what it names, then end.
    #[arg(long)]
    pub(crate) check_config: bool,
}

/// `bulkhead config …`
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print a JSON Schema of the configuration, for editors.
    #[command(after_help = "\
Examples:
  bulkhead config schema > bulkhead.schema.json")]
    Schema,
    /// Print every field with unit, bounds and default, as Markdown.
    #[command(after_help = "\
Examples:
  bulkhead config fields | less")]
    Fields,
}

/// `bulkhead doctor`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  bulkhead doctor
  bulkhead doctor --config bulkhead.yaml --json | jq '.[] | select(.grade != \"fine\")'

Run it as root, or as the service's user, so that it may try what the sensor will do.
Exit code: 0 fine, 1 something is doubtful, 2 the sensor would not run or would not see.")]
pub(crate) struct Doctor {
    /// The sensor's configuration, a YAML file.
    #[arg(long, value_name = "FILE", default_value = "/etc/bulkhead/bulkhead.yaml", value_hint = ValueHint::FilePath)]
    pub(crate) config: PathBuf,
    /// Print JSON in place of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What commands print that print an answer.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Json {
    /// Print JSON in place of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `bulkhead inventory`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  bulkhead inventory plant.pcap
  bulkhead inventory monday.pcap tuesday.pcap --json | jq '.[] | select(.units != [])'")]
pub(crate) struct Inventory {
    /// Captures (pcap, pcapng, gzip'ed or not).
    #[arg(required = true, value_name = "CAPTURE", value_hint = ValueHint::FilePath)]
    pub(crate) captures: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) print: Json,
}

/// `bulkhead learn`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  bulkhead learn monday.pcap tuesday.pcap -o normal.txt     text: to read, to diff, to keep in git
  bulkhead learn monday.pcap -o sensor.db                   the sensor's store

Dangerous verbs (write, call, download, mode, …) that were seen are listed as `pending`: they become
normal only when somebody approves them (`bulkhead baseline approve`).")]
pub(crate) struct Learn {
    /// Captures (pcap, pcapng, gzip'ed or not).
    #[arg(required = true, value_name = "CAPTURE", value_hint = ValueHint::FilePath)]
    pub(crate) captures: Vec<PathBuf>,
    /// Where to keep what was learnt: a sensor's store (`.db`, `.sqlite`), else text; `-` is
    /// standard output.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: PathBuf,
    /// Policy whose names for zones and assets are used in messages.
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) policy: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) keys: policy::Keys,
}

/// `bulkhead rules …`
#[derive(Debug, Subcommand)]
pub(crate) enum Rules {
    /// List the rules.
    #[command(after_help = "\
Examples:
  bulkhead rules list
  bulkhead rules list --rules my-rules --json | jq .")]
    List {
        /// Folder of rules; default: those that come with the sensor.
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        rules: Option<PathBuf>,
        /// Print JSON in place of a table.
        #[arg(long)]
        json: bool,
    },
    /// Check a folder of rules; shows everything that is wrong at once.
    #[command(after_help = "\
Examples:
  bulkhead rules check my-rules")]
    Check {
        /// Folder of rules.
        #[arg(value_hint = ValueHint::DirPath)]
        rules: PathBuf,
    },
    /// Run the examples of every rule: those that must fire and those that must stay quiet.
    #[command(after_help = "\
Examples:
  bulkhead rules test
  bulkhead rules test my-rules")]
    Test {
        /// Folder of rules; default: those that come with the sensor.
        #[arg(value_hint = ValueHint::DirPath)]
        rules: Option<PathBuf>,
    },
}

/// `bulkhead baseline …`
#[derive(Debug, Subcommand)]
pub(crate) enum Baseline {
    /// Print a baseline as text.
    #[command(after_help = "\
Examples:
  bulkhead baseline export sensor.db > normal.txt")]
    Export {
        /// The baseline: a sensor's store, or text.
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
    /// List what awaits approval.
    #[command(after_help = "\
Examples:
  bulkhead baseline review normal.txt
  bulkhead baseline review /var/lib/bulkhead/sensor.db")]
    Review {
        /// The baseline: a sensor's store, or text.
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
    },
    /// Approve what awaits approval and contains TEXT.
    #[command(after_help = "\
Examples:
  bulkhead baseline approve normal.txt 'write holding:40' --by 'J. Doe'
  bulkhead baseline approve sensor.db 10.10.10.5 --by 'J. Doe'       everything of one host")]
    Approve {
        /// The baseline: a sensor's store, or text.
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// What to approve: every awaiting line that contains this text.
        text: String,
        /// Who approves.
        #[arg(long)]
        by: String,
    },
}

/// `bulkhead incidents …`
#[derive(Debug, Subcommand)]
pub(crate) enum Incidents {
    /// List the stored incidents, most urgent first.
    #[command(after_help = "\
Examples:
  bulkhead incidents list --store /var/lib/bulkhead/sensor.db
  bulkhead incidents list --store sensor.db --json | jq -r .sentence")]
    List {
        /// The sensor's store.
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        store: PathBuf,
        /// Print JSON Lines in place of a table.
        #[arg(long)]
        json: bool,
    },
    /// Show one incident in full.
    #[command(after_help = "\
Examples:
  bulkhead incidents show 3f2a --store /var/lib/bulkhead/sensor.db")]
    Show {
        /// Its identifier, or the start of it.
        id: String,
        /// The sensor's store.
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        store: PathBuf,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn check(command: &clap::Command, path: &str) {
        let path = format!("{path} {}", command.get_name());
        let path = path.trim_start();
        let inner = command
            .get_subcommands()
            .filter(|it| it.get_name() != "help");
        inner.for_each(|inner| check(inner, path));
        let help = command.get_after_help().map(ToString::to_string);
        let help = help.unwrap_or_default();
        let examples = help.strip_prefix("Examples:\n").unwrap_or_default();
        let first = examples.lines().next().unwrap_or_default();
        assert!(
            first.trim_start().starts_with(path),
            "`{path}` has no example: {first}"
        );
    }

    #[test]
    fn the_help_of_every_command_begins_its_examples_with_one_of_its_own() {
        let command = Cli::command();
        command.clone().debug_assert();
        check(&command, "");
    }
}
