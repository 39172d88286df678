//! `bulkhead policy check`: everything that is wrong with a policy, at once.

use anyhow::Result;
use model::Problem;
use serde_json::json;

use crate::cli::policy::Check;
use crate::policies::{self, Trust};
use crate::{Ending, output};

/// Runs the command.
pub(crate) fn run(arguments: &Check) -> Result<Ending> {
    let Check {
        path,
        json: as_json,
        keys,
    } = arguments;
    let loaded = policies::load(path, &Trust::in_keys(&keys.policy_keys)).map(|(loaded, _)| loaded);
    let (problems, warnings) = match &loaded {
        Ok(loaded) => (Vec::new(), loaded.warnings.clone()),
        Err(problems) => (problems.clone(), Vec::new()),
    };
    if *as_json {
        let list = |all: &[Problem]| all.iter().map(in_json).collect::<Vec<_>>();
        let document = json!({ "problems": list(&problems), "warnings": list(&warnings) });
        output::print(&serde_json::to_string_pretty(&document)?)?;
    } else {
        warnings.iter().for_each(output::warning);
        if !problems.is_empty() {
            output::problems(&problems);
        }
    }
    let Ok(loaded) = loaded else {
        return Ok(Ending::Refused);
    };
    if !*as_json {
        let policy = &loaded.policy;
        output::print(&format!(
            "{}: policy of {}, version {}, {} warning(s)",
            path.display(),
            policy.site(),
            policy.version(),
            warnings.len(),
        ))?;
    }
    Ok(Ending::Fine)
}

fn in_json(problem: &Problem) -> serde_json::Value {
    let Problem { at, what, help } = problem;
    json!({ "file": at.file, "line": at.line, "column": at.column, "what": what, "help": help })
}
