//! `bulkhead interfaces`

use anyhow::Result;
use capture::Interface;
use serde_json::json;

use crate::cli::Json;
use crate::{Ending, output};

/// Runs the command.
pub(crate) fn run(arguments: &Json) -> Result<Ending> {
    let interfaces = capture::interfaces();
    if arguments.json {
        let all: Vec<_> = interfaces.iter().map(in_json).collect();
        output::print(&serde_json::to_string_pretty(&all)?)?;
        return Ok(Ending::Fine);
    }
    let mut table =
        output::table(["interface", "mac", "addresses", "up", "promiscuous", "as mirror port"]);
    for interface in &interfaces {
        table.add_row([
            interface.name.clone(),
            interface.mac.map_or_else(String::new, |mac| mac.to_string()),
            interface.addresses.join(" "),
            yes_or_no(interface.up),
            yes_or_no(interface.promiscuous),
            suitability(interface),
        ]);
    }
    output::print(&table.to_string())?;
    Ok(Ending::Fine)
}

fn yes_or_no(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}

fn suitability(interface: &Interface) -> String {
    let reasons = interface.unsuitable_because();
    if reasons.is_empty() {
        return "suitable".to_owned();
    }
    format!("no: {}", reasons.join("; "))
}

fn in_json(interface: &Interface) -> serde_json::Value {
    let reasons = interface.unsuitable_because();
    json!({
        "name": interface.name,
        "mac": interface.mac,
        "addresses": interface.addresses,
        "up": interface.up,
        "promiscuous": interface.promiscuous,
        "suitable": reasons.is_empty(),
        "because": reasons,
    })
}
