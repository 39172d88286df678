//! A violation, a detection or a deviation, with its reason and what to do about it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a judge found in one event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// Which judge.
    pub kind: Kind,
    /// Stable identifier of the rule, statement or check, such as `policy.no_conduit`.
    pub rule: String,
    /// A few words, without addresses.
    pub title: String,
    /// How bad it would be if it is what it looks like.
    pub severity: Severity,
    /// How sure, in percent.
    pub confidence: u8,
    /// Why, with the place that decided.
    pub because: Because,
    /// ATT&CK for ICS technique, such as `T0836`.
    pub technique: Option<String>,
    /// What to do, who does it, by when.
    pub response: Response,
}

/// Which judge found it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The policy.
    Policy,
    /// A detection rule.
    Rule,
    /// The baseline.
    Baseline,
    /// The sensor, about what it sees or cannot see.
    Sensor,
}

impl Kind {
    /// The word that records and metrics use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Rule => "rule",
            Self::Baseline => "baseline",
            Self::Sensor => "sensor",
        }
    }
}

/// How bad, in Sigma's words.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Informational,
    /// Worth a look when there is time.
    Low,
    /// Worth a look today.
    #[default]
    Medium,
    /// Worth a look now.
    High,
    /// Worth waking somebody.
    Critical,
}

impl Severity {
    /// Every severity, mildest first.
    pub const ALL: [Self; 5] = [
        Self::Informational,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// The word that records, rules and the command line use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Severity {
    type Err = ParseSeverityError;

    fn from_str(text: &str) -> Result<Self, ParseSeverityError> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.name() == text)
            .ok_or(ParseSeverityError)
    }
}

/// A word that is no severity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ParseSeverityError;

impl fmt::Display for ParseSeverityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected one of informational, low, medium, high, critical")
    }
}

impl std::error::Error for ParseSeverityError {}

/// Why a finding was made, with the line that decided where a file did.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Because {
    /// One clause in plain words.
    pub reason: String,
    /// The file that decided, as it was named at loading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its line, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The version of the policy that decided, where a policy did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub policy_version: Option<String>,
    /// The smallest change that would allow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub would_be_allowed_if: Option<String>,
}

/// What to do about a finding. Nothing that lacks one of these reaches a person.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Response {
    /// Who does it.
    pub owner: String,
    /// What to do.
    pub action: String,
    /// What happens to the process if nobody does.
    pub consequence: String,
    /// By when, such as `15m`, `4h` or `2d`.
    pub respond_within: String,
}
