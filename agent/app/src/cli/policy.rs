//! `bulkhead policy …` as typed.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use policy::enforce;

use crate::cli::Json;
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
  bulkhead policy learn week.pcap -o policies/draft --site north --owner controls
  bulkhead policy enforce policies/plant --format nftables -o plant.nft --residue -
  bulkhead policy diff policies/plant-monday policies/plant --capture week.pcap
  bulkhead policy test policies/plant --mutants
  bulkhead policy explain policies/plant --from hmi-1 --to plc-mixer --protocol modbus --verb read
  bulkhead policy report policies/plant --capture monday.pcapng -o plant.html
  bulkhead policy keygen ot-security.key
  bulkhead policy sign policies/plant --key ot-security.key -o plant.bundle
  bulkhead policy verify plant.bundle --key ot-security.key.pub
  bulkhead policy fmt policies/plant --check
  bulkhead policy schema -o policy.schema.json";

/// `bulkhead policy …`
#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Check a policy file or folder; shows everything that is wrong at once.
    Check(Check),
    /// Draft a policy that allows what was seen, and no more; dangerous verbs are proposed only.
    Learn(Learn),
    /// Write the part of a policy that a packet filter can hold, and say what it cannot.
    Enforce(Enforce),
    /// Say what changes between two policies: what becomes allowed, what becomes denied.
    Diff(Diff),
    /// Say why an operation is allowed or not, and what would allow it.
    Explain(Box<Explain>),
    /// Run the cases that stand beside a policy, and measure how much of it they hold.
    Test(Test),
    /// Put a policy into one signed file that sensors can verify.
    Sign(Sign),
    /// Say who signed a bundle, and what is in it.
    Verify(Verify),
    /// Make a key to sign policies with.
    Keygen(Keygen),
    /// Write a report for an auditor: what the policy states, and what captures show of it.
    Report(Report),
    /// Format policy files: order of keys, indentation, quotes; comments stay.
    Fmt(Fmt),
    /// Print the JSON Schema of the language, for editors that complete and check.
    Schema(Schema),
}

/// `bulkhead policy check`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  bulkhead policy check policies/plant
  bulkhead policy check policies/plant --json | jq '.problems[].what'
  bulkhead policy check plant.bundle --policy-key ot-security.key.pub

Exit code: 0 it loads and keeps its invariants, 2 it does not; warnings change nothing.")]
pub(crate) struct Check {
    /// Policy file, folder or bundle.
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) print: Json,
    #[command(flatten)]
    pub(crate) keys: Keys,
}

/// `bulkhead policy learn`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  bulkhead policy learn week.pcap -o policies/draft --site north --owner controls
  bulkhead policy learn mon.pcap tue.pcap.gz -o draft --policy policies/north     keeps names and zones
  bulkhead policy learn week.pcap -o draft --exactness range --force --json | jq .proposals
  bulkhead policy learn --from-store /var/lib/bulkhead/sensor.db -o draft

What was seen becomes zones, assets, roles and conduits, with evidence beside each statement. Dangerous
verbs (write, call, download, mode, …) are never allowed: they stand there as comments for somebody to
approve. Roles and levels are guesses and say so. Check the draft with `bulkhead policy check`, and see
what is left to decide with `bulkhead replay week.pcap --policy policies/draft`.")]
pub(crate) struct Learn {
    /// Captures (pcap, pcapng, gzip'ed or not); several are one timeline by capture time.
    #[arg(value_name = "CAPTURE", required_unless_present = "from_store", value_hint = ValueHint::FilePath)]
    pub(crate) captures: Vec<PathBuf>,
    /// Draft from what a sensor learnt: its store, or the text of `bulkhead learn`.
    #[arg(long, value_name = "FILE", conflicts_with = "captures", value_hint = ValueHint::FilePath)]
    pub(crate) from_store: Option<PathBuf>,
    /// The folder for the policy; it is made where it is not there.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) output: PathBuf,
    /// The site's name. Default: that of --policy, else the name of the folder.
    #[arg(long, value_name = "NAME")]
    pub(crate) site: Option<String>,
    /// Who answers for the site and for every zone that has no owner yet.
    #[arg(long, value_name = "NAME")]
    pub(crate) owner: Option<String>,
    /// Policy whose names, roles and zones are kept.
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) policy: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) keys: Keys,
    /// How closely statements follow what was seen.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) exactness: Exactness,
    /// Overwrite the files of an earlier draft.
    #[arg(long)]
    pub(crate) force: bool,
    /// Print a JSON summary in place of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// How closely statements follow what was seen.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Exactness {
    /// The cells and names that were seen.
    #[default]
    Exact,
    /// From the lowest cell to the highest; names that begin alike.
    Range,
    /// Whole areas, blocks and namespaces.
    Area,
}

/// `bulkhead policy diff`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  bulkhead policy diff policies/plant-monday policies/plant
  bulkhead policy diff plant-41.bundle policies/plant --policy-key ot-security.key.pub --json | jq .difference
  bulkhead policy diff policies/plant-monday policies/plant --capture week.pcap     what of the traffic it changes
  bulkhead policy diff main/policies/plant policies/plant --fail-on wider           for a merge request

The difference is one word: equivalent, narrower (something is denied that was allowed), wider, or both. Below
stands each class of operations that changes, with one operation of it as `bulkhead policy explain` takes it.
With -v also those that another conduit decides to the same end.")]
pub(crate) struct Diff {
    /// The policy as it was: a file, a folder or a bundle.
    #[arg(value_name = "OLD", value_hint = ValueHint::AnyPath)]
    pub(crate) old: PathBuf,
    /// The policy as it will be.
    #[arg(value_name = "NEW", value_hint = ValueHint::AnyPath)]
    pub(crate) new: PathBuf,
    /// Captures whose operations are judged by both; several are one timeline.
    #[arg(long = "capture", value_name = "CAPTURE", num_args = 1.., value_hint = ValueHint::FilePath)]
    pub(crate) captures: Vec<PathBuf>,
    /// A sensor's store, whose hosts and incidents are placed by both.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) store: Option<PathBuf>,
    /// From when on it is compared: what was over by then is not looked at. Default: now.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Exit with 1 when the new policy is such.
    #[arg(long, value_name = "DIFFERENCE")]
    pub(crate) fail_on: Option<FailOn>,
    #[command(flatten)]
    pub(crate) print: Json,
    #[command(flatten)]
    pub(crate) keys: Keys,
}

/// `bulkhead policy explain`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  bulkhead policy explain policies/plant --from hmi-1 --to plc-mixer --protocol modbus \\
      --function write_single_register --target holding:140 --value 900
  bulkhead policy explain policies/plant --from 10.10.10.99 --to plc-press --protocol s7 --verb mode
  bulkhead policy explain policies/plant --from eng-1 --to plc-press --protocol s7 --verb download \\
      --at 2026-12-01T08:00 --json | jq .would_be_allowed_if
  bulkhead policy explain policies/plant --from hmi-2 --to gw-tank --protocol opcua --verb write \\
      --target 'ns=2;s=Tank.Setpoint' --value 60 --user operator --security-mode sign

Who takes part is the name of an asset or a zone, or addresses: `10.0.0.5`, `10.0.0.5 vlan 7`. A zone stands for
a host in it that is no asset. What is not said of unit and session was not seen, and may leave the verdict open.
The exit code is 0 whatever the verdict; 2 when the words or the policy are wrong.")]
pub(crate) struct Explain {
    /// Policy file, folder or bundle.
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) path: PathBuf,
    /// Who asks: an asset, a zone, or addresses.
    #[arg(long, value_name = "CLIENT")]
    pub(crate) from: String,
    /// Who answers: an asset, a zone, or addresses.
    #[arg(long, value_name = "SERVER")]
    pub(crate) to: String,
    /// The protocol; where the function or a tag tells it, it may be left out.
    #[arg(long)]
    pub(crate) protocol: Option<String>,
    /// What is asked for, by the protocol's name of it, such as `write_single_register`.
    #[arg(long, value_name = "NAME")]
    pub(crate) function: Option<String>,
    /// What is asked for, by its meaning, such as `write`.
    #[arg(long)]
    pub(crate) verb: Option<String>,
    /// The part of the server: `3` (Modbus) or `rack 0 slot 2` (S7).
    #[arg(long)]
    pub(crate) unit: Option<String>,
    /// What is touched, as policies write it, or a tag; may be given several times.
    #[arg(long = "target", value_name = "TARGET")]
    pub(crate) targets: Vec<String>,
    /// What is written: one value for all targets, or one for each; of a tag in its unit.
    #[arg(long = "value", value_name = "VALUE", allow_hyphen_values = true)]
    pub(crate) values: Vec<String>,
    /// Who is signed in.
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// How: `anonymous`, `username`, `certificate` or `issued`.
    #[arg(long)]
    pub(crate) identity: Option<String>,
    /// How messages are protected: `none`, `sign` or `sign_and_encrypt`.
    #[arg(long, value_name = "MODE")]
    pub(crate) security_mode: Option<String>,
    /// By which policy, such as `Basic256Sha256`.
    #[arg(long, value_name = "POLICY")]
    pub(crate) security_policy: Option<String>,
    /// Thumbprint of the client's certificate.
    #[arg(long, value_name = "SHA1")]
    pub(crate) certificate: Option<String>,
    /// ApplicationUri of the client.
    #[arg(long, value_name = "URI")]
    pub(crate) application: Option<String>,
    /// Nobody on the way can read it.
    #[arg(long)]
    pub(crate) encrypted: bool,
    /// When, by the site's clocks or with an offset: `2026-12-01T08:00`. Default: now.
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// `request` (default), `response` or `other`.
    #[arg(long)]
    pub(crate) stage: Option<String>,
    /// How many of its like went before at the same moment, for rates.
    #[arg(long, value_name = "N")]
    pub(crate) after: Option<String>,
    #[command(flatten)]
    pub(crate) print: Json,
    #[command(flatten)]
    pub(crate) keys: Keys,
}

/// Differences that somebody wants to be stopped by.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum FailOn {
    /// Something becomes allowed.
    Wider,
    /// Something becomes denied.
    Narrower,
    /// Anything changes, or not everything could be compared.
    Any,
}

/// `bulkhead policy test`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  bulkhead policy test policies/plant
  bulkhead policy test policies/plant --coverage
  bulkhead policy test policies/* --mutants --min-score 90
  bulkhead policy test policies/plant --mutants --json | jq .[].mutants.survivors

The cases stand in `cases.yaml` beside the policy. Mutants are the policy with one statement changed: dropped,
widened, narrowed or flipped. A mutant that no case notices is a hole in the cases, and is listed.
Exit code: 0 all cases hold, 1 a case fails or the score is below --min-score, 2 file error.")]
pub(crate) struct Test {
    /// Policy files or folders, each with `cases.yaml` beside it.
    #[arg(required = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
    /// List every statement with the cases that it decided.
    #[arg(long)]
    pub(crate) coverage: bool,
    /// Change each statement in turn, and list the changes that no case notices.
    #[arg(long)]
    pub(crate) mutants: bool,
    /// Fail when fewer percent of the mutants are noticed; implies --mutants.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) min_score: Option<u8>,
    #[command(flatten)]
    pub(crate) print: Json,
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
    #[command(flatten)]
    pub(crate) print: Json,
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

/// `bulkhead policy fmt`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  bulkhead policy fmt policies/plant                  rewrites what is not formatted, and names it
  bulkhead policy fmt policies --check --diff         for CI: exit code 1 where something would change
  bulkhead policy fmt - < conduits.yaml               for editors: standard input to standard output

Exit code: 0 fine, 1 with --check where a file is not formatted, 2 a file cannot be formatted.")]
pub(crate) struct Fmt {
    /// Policy files or folders, with the folders in them; `-` reads standard input and writes standard output.
    #[arg(required = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
    /// Write nothing; name the files that are not formatted, and exit with 1 where there is one.
    #[arg(long)]
    pub(crate) check: bool,
    /// Write nothing; show what would change.
    #[arg(long)]
    pub(crate) diff: bool,
    /// Write nothing; print the formatted text of the one file.
    #[arg(long, conflicts_with_all = ["check", "diff"])]
    pub(crate) stdout: bool,
}

/// `bulkhead policy schema`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  bulkhead policy schema -o policy.schema.json
  bulkhead policy schema | jq '.\"$defs\".statement.properties | keys'

Editors with the YAML language server use it where a policy file begins with
  # yaml-language-server: $schema=policy.schema.json")]
pub(crate) struct Schema {
    /// Where to write it; `-` is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-", value_hint = ValueHint::FilePath)]
    pub(crate) output: PathBuf,
}
