//! What is wrong with the configuration of export, and why it cannot start.

use std::fmt;
use std::io;

use store::StoreError;

/// One thing that is wrong in the configuration. The loader knows the line of `field`.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ConfigProblem {
    /// Which field, from the top of the configuration: `sinks[1].syslog.address`.
    pub field: String,
    /// What: lower case, no full stop, the user's own text in backticks.
    pub what: String,
    /// What to do, where that can be said.
    pub help: Option<String>,
}

impl ConfigProblem {
    pub(crate) fn new(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            what: what.into(),
            help: None,
        }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.what)?;
        self.help
            .as_ref()
            .map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

/// Why export cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is wrong; all of it is told.
    #[error("{}", lines(.0))]
    Config(Vec<ConfigProblem>),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address cannot be listened on.
    #[error("cannot listen on `{address}`: {}", reason(.source))]
    Bind {
        /// The address.
        address: String,
        /// What the system says.
        source: io::Error,
    },
}

fn lines(problems: &[ConfigProblem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => "another program listens there already".into(),
        io::ErrorKind::AddrNotAvailable => "no interface of this machine has that address".into(),
        io::ErrorKind::PermissionDenied => {
            "not permitted; ports below 1024 need CAP_NET_BIND_SERVICE".into()
        }
        _ => error.to_string(),
    }
}
