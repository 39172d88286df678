//! `bulkhead rules …`

use anyhow::Result;
use detect::Rule;
use serde_json::json;

use crate::cli::Rules;
use crate::{Ending, judges, output};

/// Runs the command.
pub(crate) fn run(command: &Rules) -> Result<Ending> {
    let folder = match command {
        Rules::List { rules, .. } | Rules::Test { rules } => rules.as_deref(),
        Rules::Check { rules } => Some(rules.as_path()),
    };
    let rules = match judges::rules(folder) {
        Ok(rules) => rules,
        Err(problems) => {
            output::problems(&problems);
            return Ok(Ending::Refused);
        }
    };
    match command {
        Rules::List { json, .. } => list(&rules, *json)?,
        Rules::Check { rules: folder } => {
            output::print(&format!("{}: {} rules", folder.display(), rules.len()))?;
        }
        Rules::Test { .. } => return test(&rules),
    }
    Ok(Ending::Fine)
}

fn test(rules: &detect::Rules) -> Result<Ending> {
    let failures = rules.examine();
    if !failures.is_empty() {
        output::problems(&failures);
        return Ok(Ending::Refused);
    }
    output::print(&format!("the examples of {} rules hold", rules.len()))?;
    Ok(Ending::Fine)
}

fn list(rules: &detect::Rules, as_json: bool) -> Result<()> {
    if as_json {
        let all: Vec<_> = rules.iter().map(in_json).collect();
        return output::print(&serde_json::to_string_pretty(&all)?);
    }
    let mut table = output::table(["rule", "level", "technique", "owner", "within", "title"]);
    for rule in rules.iter() {
        table.add_row([
            rule.id.as_str(),
            rule.level.name(),
            rule.technique.as_str(),
            rule.response.owner.as_str(),
            rule.response.respond_within.as_str(),
            rule.title.as_str(),
        ]);
    }
    output::print(&table.to_string())
}

fn in_json(rule: &Rule) -> serde_json::Value {
    json!({
        "id": rule.id,
        "title": rule.title,
        "level": rule.level.name(),
        "technique": rule.technique,
        "response": rule.response,
        "file": rule.file,
    })
}
