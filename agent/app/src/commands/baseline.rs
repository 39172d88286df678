//! `bulkhead baseline …`

use std::path::Path;

use anyhow::Result;

use crate::cli::Baseline;
use crate::{Ending, judges, output};

/// Runs the command.
pub(crate) fn run(command: &Baseline) -> Result<Ending> {
    let (Baseline::Export { file } | Baseline::Review { file } | Baseline::Approve { file, .. }) =
        command;
    let mut baseline = match judges::baseline(file)? {
        Ok(baseline) => baseline,
        Err(problems) => {
            output::problems(&problems);
            return Ok(Ending::Refused);
        }
    };
    match command {
        Baseline::Export { .. } => output::print(&baseline.to_text())?,
        Baseline::Review { .. } => review(&baseline)?,
        Baseline::Approve { text, by, .. } => return approve(&mut baseline, file, text, by),
    }
    Ok(Ending::Fine)
}

fn review(baseline: &baseline::Baseline) -> Result<()> {
    let mut table = output::table(["seen", "first", "last", "awaits approval"]);
    for row in baseline.pending() {
        let cells = [
            row.count.to_string(),
            row.first.to_string(),
            row.last.to_string(),
            row.key,
        ];
        table.add_row(cells);
    }
    output::print(&table.to_string())
}

fn approve(baseline: &mut baseline::Baseline, file: &Path, text: &str, by: &str) -> Result<Ending> {
    if text.trim().is_empty() {
        output::error("an empty text would approve everything; say which lines are meant");
        return Ok(Ending::Refused);
    }
    let approved = baseline.approve(text, by);
    if approved == 0 {
        output::error(&format!(
            "nothing that awaits approval contains `{text}`; `bulkhead baseline review {}` lists it",
            file.display()
        ));
        return Ok(Ending::Refused);
    }
    judges::keep_baseline(baseline, file)?;
    output::print(&format!("{approved} approved by {by}"))?;
    Ok(Ending::Fine)
}
