//! The sensor's configuration: one YAML file.
//!
//! Read in three steps: against the table of fields (`fields`), as values, then what values say
//! together, so that what runs cannot be wrong. Relative paths are relative to the file.

mod check;
mod fields;
mod schema;
mod tree;

use std::path::{Path, PathBuf};

use export::{HttpConfig, SinkConfig};
use model::{Place, Problem};
use serde::Deserialize;

pub(crate) use schema::{schema, table};

use self::check::{Check, place};
use self::tree::Node;
use crate::cli;
use crate::memory;
use crate::policies::{Signature, Trust};
use crate::processors::Processors;

/// What a configuration file says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The sensor's name in incidents; default `sensor`.
    #[serde(default = "default_sensor")]
    pub(crate) sensor: String,
    /// Mirror ports to watch; at least one.
    pub(crate) interfaces: Vec<Port>,
    /// Policy file, folder or bundle; without it nothing is judged against a policy.
    pub(crate) policy: Option<PathBuf>,
    /// Public keys of those who may sign bundles.
    #[serde(default)]
    pub(crate) policy_keys: Vec<PathBuf>,
    /// Whether the policy must be signed; default: where there are keys.
    pub(crate) policy_signature: Option<Signature>,
    /// The site that bundles must be for; default: that of the first bundle that was accepted.
    pub(crate) policy_site: Option<String>,
    /// Folder of rules; default: those that come with the sensor.
    pub(crate) rules: Option<PathBuf>,
    /// What is normal, text or store; without it nothing is judged against a baseline.
    pub(crate) baseline: Option<PathBuf>,
    /// The store: incidents and what sinks have not taken yet. It is made when missing.
    pub(crate) store: PathBuf,
    /// Where incidents go.
    #[serde(default)]
    pub(crate) sinks: Vec<SinkConfig>,
    /// `/metrics`, `/healthz` and `/readyz`; left out, they are not served.
    pub(crate) http: Option<HttpConfig>,
    /// What the sensor may still do once it runs.
    #[serde(default)]
    pub(crate) sandbox: Sandbox,
}

/// What the sensor may still do once it runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Sandbox {
    /// Whether rights are given up at all; default yes. Without it the log and a metric say so.
    pub(crate) enabled: bool,
    /// Whether the sensor refuses to run where the kernel lacks a part of it; default no.
    pub(crate) require: bool,
    /// Whom the sensor becomes where it was started as root. Default: it stays root, without capabilities.
    pub(crate) user: Option<String>,
    /// More files and folders that may be read, for links that lead out of those that are named
    /// elsewhere. Default none.
    pub(crate) readable: Vec<PathBuf>,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self {
            enabled: true,
            require: false,
            user: None,
            readable: Vec::new(),
        }
    }
}

/// One mirror port.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Port {
    /// The interface's name.
    pub(crate) name: String,
    /// Ring between kernel and sensor, MiB, 1 to 2047; default by what memory is free.
    ring_mib: Option<u32>,
    /// The most that is captured of a frame, bytes, 64 to 262,144; default 65,535.
    #[serde(default = "default_snap_len")]
    pub(crate) snap_len: u32,
    /// How many sockets share its frames, 1 to 16; default 1.
    #[serde(default = "default_shards")]
    pub(crate) shards: u32,
    /// Where the thread that reads it runs; default: wherever the kernel likes.
    pub(crate) cpus: Option<Processors>,
    /// A pcap filter; VLAN-tagged frames match it as untagged ones do. Default: everything.
    pub(crate) filter: Option<String>,
    /// Whether the interface is set to promiscuous mode; default yes.
    #[serde(default = "yes")]
    pub(crate) promiscuous: bool,
}

fn default_sensor() -> String {
    "sensor".to_owned()
}

const fn default_snap_len() -> u32 {
    65_535
}

const fn default_shards() -> u32 {
    1
}

const fn yes() -> bool {
    true
}

impl Config {
    /// The ring of an interface in MiB.
    pub(crate) fn ring_mib(&self, port: &Port) -> u32 {
        let default = || memory::default_ring_mib(self.interfaces.len());
        port.ring_mib.unwrap_or_else(default)
    }

    /// The CPUs of the thread that reads all interfaces; `None` where none is named.
    pub(crate) fn processors(&self) -> Option<Processors> {
        Processors::of_all(self.interfaces.iter().filter_map(|port| port.cpus.as_ref()))
    }

    /// Reads a configuration file.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub(crate) fn load(path: &Path) -> Result<Self, Vec<Problem>> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| vec![problem(&file, 1, 1, format!("cannot be read: {error}"))])?;
        let tree: Node = serde_saphyr::from_str(&text).map_err(|error| unread(&file, &error))?;
        let mut check = Check::of(&file);
        check.group("", &tree);
        if !check.problems.is_empty() {
            check.problems.sort();
            return Err(check.problems);
        }
        let mut config: Self =
            serde_saphyr::from_str(&text).map_err(|error| unread(&file, &error))?;
        config.settle(path.parent().unwrap_or_else(|| Path::new("")));
        let problems = config.problems(&file, &tree);
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(problems)
        }
    }

    /// Who judges, as the command line would name them.
    pub(crate) fn judges(&self) -> cli::Judges {
        cli::Judges {
            policy: self.policy.clone(),
            keys: cli::policy::Keys::default(),
            rules: self.rules.clone(),
            baseline: self.baseline.clone(),
        }
    }

    /// Whose policies are believed.
    pub(crate) fn trust(&self) -> Trust {
        let by_keys = if self.policy_keys.is_empty() {
            Signature::Optional
        } else {
            Signature::Required
        };
        Trust {
            keys: self.policy_keys.clone(),
            signature: self.policy_signature.unwrap_or(by_keys),
        }
    }

    fn settle(&mut self, folder: &Path) {
        let paths = [&mut self.policy, &mut self.rules, &mut self.baseline];
        let sinks = self.sinks.iter_mut().flat_map(SinkConfig::paths_mut);
        let http = self.http.iter_mut().flat_map(HttpConfig::paths_mut);
        let keys = self.policy_keys.iter_mut();
        let own = paths.into_iter().flatten().chain([&mut self.store]);
        let own = own.chain(keys).chain(&mut self.sandbox.readable);
        for path in own.chain(sinks).chain(http) {
            *path = folder.join(&*path);
        }
    }

    /// What the table of fields cannot tell: what two fields say together, and what is on disk.
    fn problems(&self, file: &str, tree: &Node) -> Vec<Problem> {
        let mut check = Check::of(file);
        if self.interfaces.is_empty() {
            let what = "no interface to watch".to_owned();
            check.say(place(tree, "interfaces"), what, None);
        }
        if self.policy_keys.is_empty() && self.policy_signature == Some(Signature::Required) {
            let what = "the policy must be signed, but `policy_keys` names nobody's key";
            check.say(place(tree, "policy_signature"), what.to_owned(), None);
        }
        for wrong in export::check(&self.sinks, self.http.as_ref()) {
            let what = format!("{}: {}", wrong.field, wrong.what);
            check.say(place(tree, &wrong.field), what, wrong.help);
        }
        check.problems
    }
}

/// What the reader of YAML says.
fn unread(file: &str, error: &serde_saphyr::Error) -> Vec<Problem> {
    let place = error.location();
    let (line, column) = place.map_or((1, 1), |at| (saturate(at.line()), saturate(at.column())));
    vec![problem(file, line, column, first_line(&error.to_string()))]
}

fn problem(file: &str, line: u32, column: u32, what: String) -> Problem {
    Problem {
        at: Place {
            file: file.to_owned(),
            line,
            column,
        },
        width: 0,
        what,
        help: None,
    }
}

fn first_line(text: &str) -> String {
    text.lines()
        .next()
        .unwrap_or_default()
        .trim_start_matches("error: ")
        .to_owned()
}

fn saturate(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
