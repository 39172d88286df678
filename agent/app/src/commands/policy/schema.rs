//! `bulkhead policy schema`: the language for editors.

use anyhow::{Context as _, Result};

use crate::cli::policy::Schema;
use crate::{Ending, judges, output};

/// Runs the command.
pub(crate) fn run(arguments: &Schema) -> Result<Ending> {
    let schema = policy::schema(&judges::vocabularies());
    let text = serde_json::to_string_pretty(&schema)? + "\n";
    let path = &arguments.output;
    if path == std::path::Path::new("-") {
        output::print(&text)?;
    } else {
        std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(Ending::Fine)
}
