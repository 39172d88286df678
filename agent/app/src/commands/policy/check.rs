//! `bulkhead policy check`: everything that is wrong with a policy, at once.

use anyhow::Result;
use model::Problem;
use policy::Loaded;
use serde_json::json;

use crate::cli::Json;
use crate::cli::policy::Check;
use crate::policies::{self, Trust};
use crate::problems::{self, Gravity};
use crate::{Ending, clock, judges, output};

/// Runs the command.
pub(crate) fn run(arguments: &Check) -> Result<Ending> {
    let Check {
        path,
        print: Json { json: as_json },
        keys,
    } = arguments;
    let loaded = policies::load(path, &Trust::in_keys(&keys.policy_keys)).map(|(loaded, _)| loaded);
    let (problems, warnings, gaps) = match &loaded {
        Ok(loaded) => looked_at(loaded),
        Err(problems) => (problems.clone(), Vec::new(), Vec::new()),
    };
    if *as_json {
        let list = |all: &[Problem], gravity| {
            let each = all
                .iter()
                .map(|problem| problems::in_json(problem, gravity));
            each.collect::<Vec<_>>()
        };
        let document = json!({
            "problems": list(&problems, Gravity::Error),
            "warnings": list(&warnings, Gravity::Warning),
            "not_checked": gaps,
        });
        output::print(&serde_json::to_string_pretty(&document)?)?;
    } else {
        output::warnings(&warnings);
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
            "{}: policy of {}, version {}{kept}, {}",
            path.display(),
            policy.site(),
            policy.version(),
            problems::counted(warnings.len(), "warning"),
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
