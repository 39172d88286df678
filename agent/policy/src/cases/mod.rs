//! Cases that stand beside a policy: what it must say of operations in words, and of captures.
//!
//! ```yaml
//! at: 2026-06-10T10:00          # when all cases are that say nothing else
//! cases:
//!   - name: the HMI writes a setpoint
//!     from: hmi-1
//!     to: plc-mixer
//!     protocol: modbus
//!     verb: write
//!     target: holding:100
//!     value: 900
//!     expect: conforms          # conforms, violates, unzoned, shadow, unknown
//!     by: hmi-1 to mixer        # the statement that decides: a name, or file:line
//!   - name: a shift's ordinary work
//!     capture: ../../pcaps/normal.pcap
//!     expect: {violations: 0}
//! ```
//!
//! `limits: 20..380 degC` in place of `value` stands for the writes at both ends, which must conform, and just beyond, which must
//! not (`limits`). An operation is written as `policy explain` takes it (`crate::suppose`). Reading says all that is wrong at once (`read`). This room
//! plays no capture: whoever can says what was found ([`Case::compare`]).

mod limits;
mod read;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use model::{Place, Problem, Reason, StatementId, Timestamp, Verdict, Vocabulary};

use crate::explain::named;
use crate::policy::{Policy, Statement};
use crate::problems::Problems;
use crate::suppose::Supposed;
use crate::template::Template;
use crate::words::Words;

/// The cases of a policy.
#[derive(Debug, Default)]
pub struct Cases {
    list: Vec<Case>,
    /// Cases of templates that do not hold here.
    without: Vec<(String, Place)>,
    /// The names that templates have cases by.
    inherited: BTreeSet<String>,
}

/// One case.
#[derive(Debug)]
pub struct Case {
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub at: Place,
    /// What it is called where it stands, which one case with `limits` shares with others.
    group: String,
    act: Act,
}

/// What a case is about, and what is expected of it.
#[derive(Debug)]
enum Act {
    Operation(Box<Supposed>, Expected),
    Capture(PathBuf, Found),
}

/// What a policy must say of an operation.
#[derive(Clone, Debug)]
struct Expected {
    verdict: &'static str,
    because: Option<Reason>,
    by: Option<By>,
}

/// The statement that must decide.
#[derive(Clone, Debug)]
enum By {
    Named(String),
    Placed(String, u32),
}

/// What was found in a capture, or is expected to be: incidents of the policy, folded as they are.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Found {
    /// How many; where it is expected, `None` is not asked.
    pub violations: Option<u64>,
    /// How many by rule, such as `policy.target`.
    pub rules: BTreeMap<String, u64>,
}

/// What became of a case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The statement that decided, where one did.
    pub by: Option<StatementId>,
    /// What is other than expected; empty where the case holds.
    pub wrong: Vec<String>,
}

impl Cases {
    /// Reads the cases of a policy from a text; `now` is when a case is that says nothing of it.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, sorted by place.
    pub fn read(
        policy: &Policy,
        name: &str,
        text: &str,
        words: &[&'static Vocabulary],
        now: Timestamp,
    ) -> Result<Self, Vec<Problem>> {
        let mut cases = Self::default();
        cases.add(policy, None, (name, text), (words, now))?;
        Ok(cases)
    }

    /// Adds the cases that stand beside a template, with its variables in place. A case that is known by the same name
    /// stands in the place of the template's, and what the policy's own cases are `without` is left out.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, sorted by place.
    pub fn inherit(
        &mut self,
        policy: &Policy,
        template: &Template,
        (name, text): (&str, &str),
        words: &[&'static Vocabulary],
        now: Timestamp,
    ) -> Result<(), Vec<Problem>> {
        self.add(policy, Some(template), (name, text), (words, now))
    }

    fn add(
        &mut self,
        policy: &Policy,
        template: Option<&Template>,
        text: (&str, &str),
        (words, now): (Words<'_>, Timestamp),
    ) -> Result<(), Vec<Problem>> {
        let mut problems = Problems::of(policy.files.clone());
        read::add(self, policy, template, text, (words, now), &mut problems);
        if problems.is_fatal() {
            return Err(problems.into_sorted().0);
        }
        Ok(())
    }

    /// What is wrong with the cases once those of all templates are there: what they are `without` must be one.
    pub fn leftover(&self) -> Vec<Problem> {
        let unknown = self
            .without
            .iter()
            .filter(|(name, _)| !self.inherited.contains(name));
        unknown
            .map(|(name, at)| Problem {
                at: at.clone(),
                width: u32::try_from(name.chars().count()).unwrap_or(0),
                what: format!("no template has a case `{name}`"),
                help: Some("`without` names cases of templates that do not hold here".to_owned()),
            })
            .collect()
    }

    /// Every case, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Case> {
        self.list.iter()
    }

    /// The first case about an operation that does not hold, if one does not. Captures are passed over.
    pub fn first_broken(&self, policy: &Policy) -> Option<&Case> {
        self.list.iter().find(|case| match &case.act {
            Act::Operation(supposed, expected) => !expected.is_met(policy, supposed.judge(policy)),
            Act::Capture(..) => false,
        })
    }
}

impl<'c> IntoIterator for &'c Cases {
    type Item = &'c Case;
    type IntoIter = std::slice::Iter<'c, Case>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Case {
    /// The operation that it is about; `None` for a capture.
    pub fn operation(&self) -> Option<&Supposed> {
        match &self.act {
            Act::Operation(supposed, _) => Some(supposed),
            Act::Capture(..) => None,
        }
    }

    /// The capture that it is about; `None` for an operation.
    pub fn capture(&self) -> Option<&PathBuf> {
        match &self.act {
            Act::Operation(..) => None,
            Act::Capture(path, _) => Some(path),
        }
    }

    /// Judges the operation that it is about; `None` for a capture.
    pub fn check(&self, policy: &Policy) -> Option<Outcome> {
        let Act::Operation(supposed, expected) = &self.act else {
            return None;
        };
        let verdict = supposed.judge(policy);
        let wrong = (!expected.is_met(policy, verdict)).then(|| {
            format!(
                "expected {}; it {}",
                expected.words(),
                said(policy, verdict)
            )
        });
        Some(Outcome {
            by: named(verdict),
            wrong: wrong.into_iter().collect(),
        })
    }

    /// What was found in its capture and is not what is expected of it; empty for an operation.
    pub fn compare(&self, found: &Found) -> Vec<String> {
        let Act::Capture(_, expected) = &self.act else {
            return Vec::new();
        };
        let mut wrong = Vec::new();
        let all = found.violations.unwrap_or(0);
        if let Some(wanted) = expected.violations.filter(|wanted| *wanted != all) {
            wrong.push(format!("expected {wanted} violation(s), found {all}"));
        }
        for (rule, wanted) in &expected.rules {
            let count = found.rules.get(rule).copied().unwrap_or(0);
            if count != *wanted {
                wrong.push(format!("expected {wanted} of `{rule}`, found {count}"));
            }
        }
        for (rule, count) in &found.rules {
            if !expected.rules.is_empty() && !expected.rules.contains_key(rule) {
                wrong.push(format!("found {count} of `{rule}`, which is not expected"));
            }
        }
        wrong
    }
}

impl Expected {
    fn is_met(&self, policy: &Policy, verdict: Verdict) -> bool {
        let because = match verdict {
            Verdict::Violates { because, .. } => Some(because),
            _ => None,
        };
        let statement = named(verdict).map(|id| policy.statement(id));
        verdict.name() == self.verdict
            && (self.because.is_none() || self.because == because)
            && self
                .by
                .as_ref()
                .is_none_or(|by| statement.is_some_and(|it| by.is(it)))
    }

    fn words(&self) -> String {
        let because = self
            .because
            .map(|because| format!(" because {}", because.name()));
        let by = self.by.as_ref().map(|by| match by {
            By::Named(name) => format!(" by `{name}`"),
            By::Placed(file, line) => format!(" by {file}:{line}"),
        });
        let because = because.unwrap_or_default();
        format!("{}{because}{}", self.verdict, by.unwrap_or_default())
    }
}

/// What a policy said, as a case would say it.
fn said(policy: &Policy, verdict: Verdict) -> String {
    let because = match verdict {
        Verdict::Violates { because, .. } => format!(" because {}", because.name()),
        _ => String::new(),
    };
    let by = named(verdict).map(|id| {
        let Statement {
            conduit,
            file,
            line,
        } = policy.statement(id);
        format!(" by `{conduit}` ({file}:{line})")
    });
    format!("{}{because}{}", verdict.name(), by.unwrap_or_default())
}

impl By {
    fn is(&self, statement: Statement<'_>) -> bool {
        match self {
            Self::Named(name) => is_called(statement, name),
            Self::Placed(file, line) => statement.line == *line && ends_with(statement.file, file),
        }
    }
}

/// Whether a statement goes by a name: its conduit's, permit's, role's or zone's, with or without the noun.
fn is_called(statement: Statement<'_>, name: &str) -> bool {
    let own = statement.conduit;
    let bare = |noun: &str| own.strip_prefix(noun);
    own == name
        || bare("role ").or_else(|| bare("within ")) == Some(name)
        || name
            .strip_prefix("zone ")
            .is_some_and(|zone| bare("within ") == Some(zone))
        || ["conduit ", "permit "]
            .iter()
            .any(|noun| name.strip_prefix(noun) == Some(own))
}

/// Whether a path is, or ends with, another.
fn ends_with(path: &str, end: &str) -> bool {
    std::path::Path::new(path).ends_with(end)
}

impl Policy {
    /// Every statement: those of `within`, of conduits and of permits, then the limits of roles.
    pub fn statements(&self) -> impl Iterator<Item = (StatementId, Statement<'_>)> {
        let all = self.grants.len() + self.roles.len();
        let ids = (0..all).filter_map(|place| u32::try_from(place).ok());
        ids.map(|id| (StatementId(id), self.statement(StatementId(id))))
    }
}
