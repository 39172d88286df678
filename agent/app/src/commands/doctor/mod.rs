//! `bulkhead doctor`: what keeps this machine from being a good sensor, and what to do about it.
//!
//! Looks, asks, and changes nothing. It opens each port for a moment as the sensor would, and
//! connects to each sink without sending anything. Exit code 0: fine, 1: something is doubtful, 2:
//! the sensor would not run or would not see.

mod files;
mod interfaces;
mod machine;

use anyhow::Result;
use serde_json::{Value, json};

use crate::cli::Doctor;
use crate::config::Config;
use crate::{Ending, judges, output};

/// How grave a finding is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Grade {
    /// As it should be.
    Fine,
    /// The sensor runs, but sees or keeps less than it could.
    Doubtful,
    /// The sensor does not run, or sees nothing.
    Wrong,
}

/// One thing that was looked at.
#[derive(Clone, Debug)]
struct Finding {
    /// What was looked at, such as `interface eth1`.
    about: String,
    grade: Grade,
    /// What was found.
    what: String,
    /// What to do, as a command where there is one.
    advice: Option<String>,
}

impl Finding {
    fn fine(about: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            about: about.into(),
            grade: Grade::Fine,
            what: what.into(),
            advice: None,
        }
    }

    fn doubtful(about: &str, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            grade: Grade::Doubtful,
            advice: Some(advice.into()),
            ..Self::fine(about, what)
        }
    }

    fn wrong(about: &str, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            grade: Grade::Wrong,
            ..Self::doubtful(about, what, advice)
        }
    }
}

/// Runs the command.
pub(crate) fn run(arguments: &Doctor) -> Result<Ending> {
    let mut findings = match Config::load(&arguments.config) {
        Ok(config) => examine(&config)?,
        Err(problems) => {
            let advice = "mend the configuration; nothing that it names was looked at";
            let wrong = |problem: &model::Problem| {
                Finding::wrong("configuration", problem.to_string(), advice)
            };
            problems.iter().map(wrong).collect()
        }
    };
    findings.extend(machine::kernel());
    findings.push(machine::large_pages());
    findings.push(machine::clock());
    if arguments.json {
        let all: Vec<_> = findings.iter().map(in_json).collect();
        output::print(&serde_json::to_string_pretty(&all)?)?;
    } else {
        show(&findings)?;
    }
    let worst = findings.iter().map(|finding| finding.grade).max();
    Ok(match worst.unwrap_or(Grade::Fine) {
        Grade::Fine => Ending::Fine,
        Grade::Doubtful => Ending::Differs,
        Grade::Wrong => Ending::Refused,
    })
}

fn examine(config: &Config) -> Result<Vec<Finding>> {
    let mut findings = vec![Finding::fine("configuration", "can be read")];
    findings.extend(judged(config)?);
    for port in &config.interfaces {
        findings.extend(interfaces::examine(port));
    }
    findings.push(machine::memory(config));
    findings.extend(files::examine(config));
    findings.extend(config.sinks.iter().filter_map(files::reached));
    Ok(findings)
}

/// Policy, rules and baseline.
fn judged(config: &Config) -> Result<Vec<Finding>> {
    let problems = match judges::load_trusted(&config.judges(), &config.trust()) {
        Err(problem) => vec![format!("{problem:#}")],
        Ok(Err(problems)) => problems.iter().map(ToString::to_string).collect(),
        Ok(Ok(_)) if config.policy.is_none() => {
            let what = "there is no policy: nothing is judged against one";
            return Ok(vec![Finding::doubtful(
                "policy",
                what,
                "name one as `policy`",
            )]);
        }
        Ok(Ok(_)) => {
            return Ok(vec![Finding::fine(
                "policy",
                "policy and rules can be read",
            )]);
        }
    };
    let advice = "mend it; `bulkhead policy check` shows the lines";
    let wrong = |what| Finding::wrong("policy", what, advice);
    Ok(problems.into_iter().map(wrong).collect())
}

fn show(findings: &[Finding]) -> Result<()> {
    let mut table = output::table(["", "about", "found", "to do"]);
    for finding in findings {
        table.add_row([
            word(finding.grade).to_owned(),
            finding.about.clone(),
            finding.what.clone(),
            finding.advice.clone().unwrap_or_default(),
        ]);
    }
    output::print(&table.to_string())
}

const fn word(grade: Grade) -> &'static str {
    match grade {
        Grade::Fine => "fine",
        Grade::Doubtful => "doubtful",
        Grade::Wrong => "wrong",
    }
}

fn in_json(finding: &Finding) -> Value {
    json!({
        "about": finding.about, "grade": word(finding.grade),
        "found": finding.what, "advice": finding.advice,
    })
}
