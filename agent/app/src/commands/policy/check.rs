//! `bulkhead policy check`: everything that is wrong with a policy, at once.

use anyhow::Result;
use model::Problem;
use policy::Loaded;
use serde_json::json;

use crate::cli::policy::Check;
use crate::policies::{self, Trust};
use crate::{Ending, clock, judges, output};

/// Runs the command.
pub(crate) fn run(arguments: &Check) -> Result<Ending> {
    let Check {
        path,
        json: as_json,
        keys,
    } = arguments;
    let loaded = policies::load(path, &Trust::in_keys(&keys.policy_keys)).map(|(loaded, _)| loaded);
    let (problems, warnings, gaps) = match &loaded {
        Ok(loaded) => looked_at(loaded),
        Err(problems) => (problems.clone(), Vec::new(), Vec::new()),
    };
    if *as_json {
        let list = |all: &[Problem]| all.iter().map(in_json).collect::<Vec<_>>();
        let document = json!({
            "problems": list(&problems),
            "warnings": list(&warnings),
            "not_checked": gaps,
        });
        output::print(&serde_json::to_string_pretty(&document)?)?;
    } else {
        warnings.iter().for_each(output::warning);
        for gap in &gaps {
            tracing::warn!("invariants were not checked completely: {gap}");
        }
        if !problems.is_empty() {
            output::problems(&problems);
        }
    }
    let loaded = match loaded {
        Ok(loaded) if problems.is_empty() => loaded,
        _ => return Ok(Ending::Refused),
    };
    if !*as_json {
        let policy = &loaded.policy;
        let kept = match policy.invariant_count() {
            0 => String::new(),
            count => format!(", {count} invariant(s) kept"),
        };
        output::print(&format!(
            "{}: policy of {}, version {}{kept}, {} warning(s)",
            path.display(),
            policy.site(),
            policy.version(),
            warnings.len(),
        ))?;
    }
    Ok(Ending::Fine)
}

/// What is wrong with a policy that loads: invariants that are broken, what is hardly meant, and what was not looked at.
fn looked_at(loaded: &Loaded) -> (Vec<Problem>, Vec<Problem>, Vec<String>) {
    let now = clock::this_second();
    let kept = loaded.policy.invariants(&judges::vocabularies(), now);
    let mut warnings = loaded.warnings.clone();
    warnings.extend(loaded.policy.advice(now));
    warnings.sort();
    (kept.broken, warnings, kept.gaps)
}

fn in_json(problem: &Problem) -> serde_json::Value {
    let Problem { at, what, help } = problem;
    json!({ "file": at.file, "line": at.line, "column": at.column, "what": what, "help": help })
}
