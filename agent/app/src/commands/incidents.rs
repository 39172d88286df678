//! `bulkhead incidents …`: what a sensor has stored.

use std::path::Path;

use anyhow::{Context as _, Result};
use model::Incident;
use store::{Filter, Store};

use crate::cli::Incidents;
use crate::{Ending, output, report};

/// Runs the command.
pub(crate) fn run(command: &Incidents) -> Result<Ending> {
    match command {
        Incidents::List { store, json } => list(&stored(store)?, *json)?,
        Incidents::Show { id, store } => return show(&stored(store)?, id),
    }
    Ok(Ending::Fine)
}

fn stored(path: &Path) -> Result<Vec<Incident>> {
    let name = path.display();
    anyhow::ensure!(path.exists(), "no store `{name}`");
    let store = Store::open(path).with_context(|| format!("cannot open `{name}`"))?;
    let mut incidents = store
        .incidents(&Filter::default())
        .with_context(|| format!("cannot read `{name}`"))?;
    incidents.sort_by(|a, b| (a.priority, a.first, &a.id).cmp(&(b.priority, b.first, &b.id)));
    Ok(incidents)
}

fn list(incidents: &[Incident], as_json: bool) -> Result<()> {
    if as_json {
        let mut lines = incidents.iter().map(serde_json::to_string);
        return lines.try_for_each(|line| output::print(&line?));
    }
    let mut table = output::table([
        "id", "priority", "severity", "count", "first", "owner", "what",
    ]);
    for incident in incidents {
        table.add_row([
            incident.id.clone(),
            format!("P{}", incident.priority),
            incident.severity.to_string(),
            incident.count.to_string(),
            incident.first.to_string(),
            incident.owner.clone(),
            incident.sentence.clone(),
        ]);
    }
    output::print(&table.to_string())
}

fn show(incidents: &[Incident], id: &str) -> Result<Ending> {
    let Some(incident) = incidents
        .iter()
        .find(|incident| incident.id.starts_with(id))
    else {
        output::error(&format!("no stored incident `{id}`"));
        return Ok(Ending::Refused);
    };
    let mut text = String::new();
    report::write_incident(&mut text, incident);
    output::print(&text)?;
    Ok(Ending::Fine)
}
