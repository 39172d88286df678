//! What came of the cases, as text and as JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::mutation::Score;
use super::{Covered, Report};
use crate::output::{self, BOLD, DIM, GREEN, RED, YELLOW};
use crate::problems::{Gravity, in_json};

/// The cases, those that fail with their reasons, what they touch, and what they would not notice.
pub(super) fn text(report: &Report, coverage: bool) -> String {
    let mut text = String::new();
    let out = &mut text;
    let (all, broken) = (report.cases.len(), report.failed());
    let mut table = output::table(["", "case", "decided by"]);
    for one in &report.cases {
        let mark = if one.wrong.is_empty() { "ok" } else { "FAILS" };
        table.add_row([mark, &one.name, &one.decided]);
    }
    let _ = writeln!(out, "{table}");
    for one in report.cases.iter().filter(|one| !one.wrong.is_empty()) {
        let _ = writeln!(
            out,
            "\n{RED}fails{RED:#} {BOLD}{}{BOLD:#} {DIM}({}){DIM:#}",
            one.name, one.at
        );
        let _ = writeln!(out, "  {}", one.about);
        for wrong in &one.wrong {
            let _ = writeln!(out, "  {wrong}");
        }
    }
    invariants(out, report);
    statements(out, report, coverage);
    if let Some(score) = &report.score {
        mutants(out, score);
    }
    let style = if report.is_fine() { GREEN } else { RED };
    let _ = writeln!(
        out,
        "\n{style}{}: {} of {all} case(s) hold{style:#} {DIM}(policy of {}, version {}){DIM:#}",
        report.path.display(),
        all - broken,
        report.site,
        report.version,
    );
    text
}

fn invariants(out: &mut String, report: &Report) {
    for problem in &report.broken {
        let _ = writeln!(
            out,
            "\n{RED}fails{RED:#} {BOLD}{}{BOLD:#} {DIM}({}){DIM:#}",
            problem.what, problem.at
        );
        if let Some(help) = &problem.help {
            let _ = writeln!(out, "  {help}");
        }
    }
    for gap in &report.not_checked {
        let _ = writeln!(
            out,
            "\n{YELLOW}invariants were not checked completely{YELLOW:#}: {gap}"
        );
    }
    if report.invariants > 0 {
        let kept = report.invariants - report.broken.len();
        let _ = writeln!(
            out,
            "\n{BOLD}Invariants{BOLD:#}: {kept} of {} kept",
            report.invariants
        );
    }
}

fn statements(out: &mut String, report: &Report, all: bool) {
    let untouched: Vec<_> = report
        .coverage
        .iter()
        .filter(|it| it.cases.is_empty())
        .collect();
    let total = report.coverage.len();
    let _ = writeln!(
        out,
        "\n{BOLD}Statements{BOLD:#}: cases decide by {} of {total}",
        total - untouched.len()
    );
    if all {
        let mut table = output::table(["statement", "place", "cases"]);
        for Covered {
            name,
            file,
            line,
            cases,
        } in &report.coverage
        {
            let place = format!("{file}:{line}");
            let cases = if cases.is_empty() {
                "none".to_owned()
            } else {
                cases.join("; ")
            };
            table.add_row([name.clone(), place, cases]);
        }
        let _ = writeln!(out, "{table}");
        return;
    }
    for it in untouched {
        let (name, file, line) = (&it.name, &it.file, it.line);
        let _ = writeln!(
            out,
            "  {YELLOW}no case{YELLOW:#} {name} {DIM}({file}:{line}){DIM:#}"
        );
    }
}

fn mutants(out: &mut String, score: &Score) {
    let (noticed, all) = (score.noticed, score.noticed + score.survivors.len());
    let _ = writeln!(
        out,
        "\n{BOLD}Mutants{BOLD:#}: {:.1} % ({noticed} of {all} noticed; {} that allow nothing else are not counted)",
        score.percent(),
        score.equivalent,
    );
    for mutant in &score.survivors {
        let (name, file, line) = (&mutant.name, &mutant.file, mutant.line);
        let what = &mutant.what;
        let _ = writeln!(
            out,
            "  {YELLOW}unnoticed{YELLOW:#} {name}, {what} {DIM}({file}:{line}){DIM:#}"
        );
    }
}

/// The same as JSON.
pub(super) fn document(report: &Report) -> Value {
    let cases = report.cases.iter().map(|one| {
        json!({
            "name": one.name, "file": one.at.file, "line": one.at.line, "about": one.about,
            "holds": one.wrong.is_empty(), "decided": one.decided, "wrong": one.wrong,
        })
    });
    let coverage = report.coverage.iter().map(
        |it| json!({ "statement": it.name, "file": it.file, "line": it.line, "cases": it.cases }),
    );
    let mutants = report.score.as_ref().map(|score| {
        let survivors = score.survivors.iter().map(|mutant| {
            json!({
                "statement": mutant.name, "file": mutant.file, "line": mutant.line,
                "change": mutant.what,
            })
        });
        json!({
            "score": score.percent(), "noticed": score.noticed, "equivalent": score.equivalent,
            "survivors": survivors.collect::<Vec<_>>(),
        })
    });
    json!({
        "policy": report.path.display().to_string(), "site": report.site,
        "version": report.version, "holds": report.is_fine(),
        "invariants": {
            "count": report.invariants, "not_checked": report.not_checked,
            "broken": report.broken.iter().map(|it| in_json(it, Gravity::Error)).collect::<Vec<_>>(),
        },
        "cases": cases.collect::<Vec<_>>(), "statements": coverage.collect::<Vec<_>>(),
        "mutants": mutants,
    })
}
