//! Classes of operations as people and programs read them.

use std::fmt;

use model::Verdict;
use serde::Serialize;

use super::witness::Witness;

/// What a new policy is to an old one.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Turn {
    /// Both say the same of every operation.
    Equivalent,
    /// Something is denied that was allowed, and nothing else changes.
    Narrower,
    /// Something is allowed that was denied, and nothing else changes.
    Wider,
    /// Some is allowed that was denied, and some is denied that was allowed.
    Both,
}

/// What becomes of a class of operations.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It makes fewer incidents, or none.
    Allowed,
    /// It makes incidents, or is counted where it was allowed.
    Denied,
    /// Another conduit decides, to the same end.
    Otherwise,
}

/// Operations that both policies treat alike.
#[derive(Debug, Serialize)]
pub struct Class {
    /// What becomes of them.
    pub change: Change,
    /// Who asks: zones, roles and assets.
    pub from: Vec<String>,
    /// Who answers.
    pub to: Vec<String>,
    /// The protocol.
    pub protocol: &'static str,
    /// The verbs.
    pub verbs: Vec<&'static str>,
    /// The functions, where not all of the verbs are meant.
    pub functions: Vec<&'static str>,
    /// The units, where not all are meant.
    pub units: Vec<String>,
    /// The targets.
    pub targets: Vec<String>,
    /// The values, where not all are meant.
    pub values: Vec<String>,
    /// What their sessions show.
    pub sessions: Vec<String>,
    /// When they are sent.
    pub times: Vec<String>,
    /// How often they are sent.
    pub rates: Vec<String>,
    /// What the old policy says.
    pub was: Said,
    /// What the new policy says.
    pub now: Said,
    /// One of them.
    pub witness: Witness,
    /// The same for `bulkhead policy explain`.
    pub explain: String,
    #[cfg(test)]
    #[serde(skip)]
    pub(crate) ends: [Vec<u32>; 2],
}

/// What a policy says, and where.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Said {
    /// The verdict.
    pub verdict: &'static str,
    /// What is missing.
    pub reason: Option<&'static str>,
    /// The conduit, zone or role whose statement decides.
    pub statement: Option<String>,
    /// The statement's file.
    pub file: Option<String>,
    /// Its line.
    pub line: Option<u32>,
}

impl Change {
    /// What becomes of an operation whose verdict turns; nothing where it lets as much pass as before.
    pub const fn of(was: Verdict, now: Verdict) -> Option<Self> {
        let (was, now) = (rank(was), rank(now));
        if was < now {
            Some(Self::Allowed)
        } else if was > now {
            Some(Self::Denied)
        } else {
            None
        }
    }
}

/// How much a verdict lets pass: incidents, none but a count, nothing at all.
pub(super) const fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Violates { .. } | Verdict::Unzoned { .. } => 0,
        Verdict::Shadow { .. } | Verdict::Unknown { .. } => 1,
        Verdict::Conforms { .. } => 2,
    }
}

impl Turn {
    /// The word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equivalent => "equivalent",
            Self::Narrower => "narrower",
            Self::Wider => "wider",
            Self::Both => "both",
        }
    }
}

/// Reads as `zone office -> asset plc-1: modbus write holding:40-49, was target (conduits.yaml:14), now conforms to
/// (conduits.yaml:20)`.
impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} -> {}: {}",
            few(&self.from),
            few(&self.to),
            self.protocol
        )?;
        if self.functions.is_empty() {
            write!(f, " {}", few(&self.verbs))?;
        } else {
            write!(f, " {}", few(&self.functions))?;
        }
        if !self.units.is_empty() {
            write!(f, " unit {}", few(&self.units))?;
        }
        if self.targets.iter().any(|text| text != "any target") {
            write!(f, " {}", few(&self.targets))?;
        }
        if !self.values.is_empty() {
            write!(f, " = {}", few(&self.values))?;
        }
        for part in [&self.sessions, &self.times, &self.rates] {
            if !part.is_empty() {
                write!(f, ", {}", few(part))?;
            }
        }
        write!(f, ", was {}, now {}", self.was, self.now)
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.verdict, self.reason) {
            ("conforms", _) => f.write_str("conforms to")?,
            ("violates", Some(reason)) => f.write_str(reason)?,
            (verdict, Some(reason)) => write!(f, "{verdict} {reason}")?,
            (verdict, None) => f.write_str(verdict)?,
        }
        match (&self.statement, &self.file, self.line) {
            (Some(statement), Some(file), Some(line)) => {
                write!(f, " `{statement}` ({file}:{line})")
            }
            _ => Ok(()),
        }
    }
}

/// A list that stays readable.
fn few<T: fmt::Display>(list: &[T]) -> String {
    let shown: Vec<String> = list
        .iter()
        .take(MAX_SHOWN)
        .map(ToString::to_string)
        .collect();
    match list.len().saturating_sub(MAX_SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// How many items of a list a line shows.
const MAX_SHOWN: usize = 6;
