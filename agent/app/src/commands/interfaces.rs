//! `bulkhead interfaces`

use anyhow::Result;
use capture::{Interface, Suitability};
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
    let mut table = output::table([
        "interface",
        "mac",
        "addresses",
        "up",
        "promiscuous",
        "as mirror port",
    ]);
    for interface in &interfaces {
        table.add_row([
            interface.name.clone(),
            interface
                .mac
                .map_or_else(String::new, |mac| mac.to_string()),
            addresses(interface),
            yes_or_no(interface.up),
            yes_or_no(interface.promiscuous),
            suitability(interface),
        ]);
    }
    output::print(&table.to_string())?;
    Ok(Ending::Fine)
}

fn addresses(interface: &Interface) -> String {
    interface
        .addresses
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}

fn yes_or_no(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}

/// What speaks against an interface as a mirror port, in words.
fn objections(interface: &Interface) -> Vec<String> {
    match interface.suitability() {
        Suitability::Suitable => Vec::new(),
        Suitability::Unsuitable(objections) => objections.iter().map(ToString::to_string).collect(),
    }
}

fn suitability(interface: &Interface) -> String {
    let objections = objections(interface);
    if objections.is_empty() {
        return "suitable".to_owned();
    }
    format!("no: {}", objections.join("; "))
}

fn in_json(interface: &Interface) -> serde_json::Value {
    let objections = objections(interface);
    json!({
        "name": interface.name,
        "mac": interface.mac,
        "addresses": interface.addresses,
        "up": interface.up,
        "promiscuous": interface.promiscuous,
        "suitable": objections.is_empty(),
        "because": objections,
    })
}
