//! `bulkhead policy test`: the cases that stand beside a policy, what they touch, and what they would notice.
//!
//! Operations are judged in the policy room; captures are played through the engine here (`capture`). What came of a policy is a
//! [`Report`], shown as text or as JSON (`show`).

mod capture;
mod mutation;
mod show;

use std::path::{Path, PathBuf};

use anyhow::Result;
use model::{Place, Problem, StatementId};
use policy::{Case, Cases, Policy};

use crate::cli::policy::Test;
use crate::policies::{self, Trust};
use crate::{Ending, clock, judges, output};
use mutation::Score;

/// What came of the cases of one policy.
struct Report {
    path: PathBuf,
    site: String,
    version: String,
    cases: Vec<Checked>,
    /// How many invariants it has.
    invariants: usize,
    /// Those that are broken, each with a witness.
    broken: Vec<Problem>,
    /// What of the invariants was not looked at.
    not_checked: Vec<String>,
    coverage: Vec<Covered>,
    score: Option<Score>,
}

/// What became of one case.
struct Checked {
    name: String,
    at: Place,
    /// The operation or the capture, in words.
    about: String,
    by: Option<StatementId>,
    /// The statement that decided, in words.
    decided: String,
    wrong: Vec<String>,
    /// The lines of the policy that the incidents of its capture name.
    places: Vec<(String, u32)>,
}

/// A statement, and the cases that it decided.
struct Covered {
    name: String,
    file: String,
    line: u32,
    cases: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(arguments: &Test) -> Result<Ending> {
    let trust = Trust::in_keys(&arguments.keys.policy_keys);
    let mut reports = Vec::new();
    let mut problems = Vec::new();
    for path in &arguments.paths {
        match read(path, &trust) {
            Ok((policy, cases)) => reports.push(examine(path, policy, &cases, arguments)?),
            Err(more) => problems.extend(more),
        }
    }
    if arguments.print.json {
        let documents: Vec<_> = reports.iter().map(show::document).collect();
        output::print(&serde_json::to_string_pretty(&documents)?)?;
    } else {
        for report in &reports {
            output::print(&show::text(report, arguments.coverage))?;
        }
    }
    if !problems.is_empty() {
        output::problems(&problems);
        return Ok(Ending::Refused);
    }
    let holds = reports
        .iter()
        .all(|report| report.holds(arguments.min_score));
    Ok(if holds {
        Ending::Fine
    } else {
        Ending::Incidents
    })
}

/// A policy and its cases.
fn read(path: &Path, trust: &Trust) -> Result<(Policy, Cases), Vec<Problem>> {
    let (loaded, _) = policies::load(path, trust)?;
    let folder = if path.is_dir() {
        path
    } else {
        path.parent().unwrap_or_else(|| Path::new(""))
    };
    let (words, now) = (judges::vocabularies(), clock::now());
    let policy = &loaded.policy;
    let of_templates = loaded.templates.iter().filter_map(|template| {
        let file = template.path.join(CASES);
        file.is_file().then_some((template, file))
    });
    let of_templates: Vec<_> = of_templates.collect();
    let file = folder.join(CASES);
    let mut cases = if file.is_file() || of_templates.is_empty() {
        let text = text(&file)?;
        Cases::read(policy, &file.display().to_string(), &text, &words, now)?
    } else {
        Cases::default()
    };
    for (template, file) in of_templates {
        let (name, text) = (file.display().to_string(), text(&file)?);
        cases.inherit(policy, template, (&name, &text), &words, now)?;
    }
    let leftover = cases.leftover();
    if !leftover.is_empty() {
        return Err(leftover);
    }
    Ok((loaded.policy, cases))
}

/// The cases in a file, as they are written.
fn text(file: &Path) -> Result<String, Vec<Problem>> {
    let at = Place {
        file: file.display().to_string(),
        line: 1,
        column: 1,
    };
    std::fs::read_to_string(file).map_err(|error| {
        vec![Problem {
            at,
            width: 0,
            what: format!("cases cannot be read: {error}"),
            help: Some("write cases beside the policy; docs/POLICIES.md says how".to_owned()),
        }]
    })
}

fn examine(path: &Path, policy: Policy, cases: &Cases, arguments: &Test) -> Result<Report> {
    let (site, version) = (policy.site().to_owned(), policy.version().to_owned());
    let mut coverage: Vec<_> = policy
        .statements()
        .map(|(id, it)| {
            let covered = Covered {
                name: it.conduit.to_owned(),
                file: it.file.to_owned(),
                line: it.line,
                cases: Vec::new(),
            };
            (id, covered)
        })
        .collect();
    let (mut checked, mut policy) = (Vec::new(), policy);
    for case in cases {
        let one;
        (policy, one) = check(policy, case)?;
        for (id, covered) in &mut coverage {
            let there = one
                .places
                .iter()
                .any(|(file, line)| *file == covered.file && *line == covered.line);
            if one.by == Some(*id) || there {
                covered.cases.push(case.name.clone());
            }
        }
        checked.push(one);
    }
    let policy_invariants = policy.invariant_count();
    let kept = policy.invariants(&judges::vocabularies(), clock::this_second());
    let fine = kept.broken.is_empty() && checked.iter().all(|one| one.wrong.is_empty());
    // what fails without a change says nothing of changes
    let wanted = fine && (arguments.mutants || arguments.min_score.is_some());
    let score = match wanted {
        true => Some(mutation::score(policy, cases)?),
        false => None,
    };
    Ok(Report {
        path: path.to_owned(),
        site,
        version,
        cases: checked,
        invariants: policy_invariants,
        broken: kept.broken,
        not_checked: kept.gaps,
        coverage: coverage.into_iter().map(|(_, covered)| covered).collect(),
        score,
    })
}

/// What becomes of one case.
fn check(policy: Policy, case: &Case) -> Result<(Policy, Checked)> {
    let mut checked = Checked {
        name: case.name.clone(),
        at: case.at.clone(),
        about: String::new(),
        by: None,
        decided: String::new(),
        wrong: Vec::new(),
        places: Vec::new(),
    };
    if let (Some(supposed), Some(outcome)) = (case.operation(), case.check(&policy)) {
        checked.about = supposed.to_string();
        checked.by = outcome.by;
        checked.wrong = outcome.wrong;
        if let Some(id) = outcome.by {
            let it = policy.statement(id);
            checked.decided = format!("{} ({}:{})", it.conduit, it.file, it.line);
        }
        if !checked.wrong.is_empty() {
            let explained = supposed.explain(&policy);
            let because = explained.because;
            checked
                .wrong
                .extend(because.iter().map(|it| it.reason.clone()));
            let would = because.and_then(|it| it.would_be_allowed_if);
            let would = would.map(|would| format!("it would be allowed if {would}"));
            checked.wrong.extend(would.or(explained.unsaid));
        }
        return Ok((policy, checked));
    }
    let Some(path) = case.capture() else {
        return Ok((policy, checked));
    };
    let (policy, played) = capture::play(policy, path)?;
    checked.about = path.display().to_string();
    checked.decided = format!("{} violation(s)", played.found.violations.unwrap_or(0));
    checked.wrong = case.compare(&played.found);
    if !checked.wrong.is_empty() {
        checked.wrong.extend(played.sentences);
    }
    checked.wrong.extend(played.damages);
    checked.places = played.places;
    Ok((policy, checked))
}

impl Report {
    fn failed(&self) -> usize {
        self.cases
            .iter()
            .filter(|one| !one.wrong.is_empty())
            .count()
    }

    /// Whether all cases hold and no invariant is broken.
    fn is_fine(&self) -> bool {
        self.failed() == 0 && self.broken.is_empty()
    }

    /// Whether all cases hold, and the score is high enough where one is asked for.
    fn holds(&self, min_score: Option<u8>) -> bool {
        let enough = self.score.as_ref().is_none_or(|score| {
            min_score.is_none_or(|wanted| score.percent() >= f64::from(wanted))
        });
        self.is_fine() && enough
    }
}

/// The cases beside a policy or a template.
const CASES: &str = "cases.yaml";
