//! `bulkhead inventory`: who is in captures.

use std::collections::BTreeMap;

use anyhow::Result;
use engine::{Device, Engine, Identified, Judges, Limits, Mode, Part, Settings};
use model::Side;

use super::walk;
use crate::cli::Inventory;
use crate::{Ending, output, vendor};

/// Runs the command.
pub(crate) fn run(arguments: &Inventory) -> Result<Ending> {
    let settings = Settings {
        site: String::new(),
        sensor: String::new(),
        limits: Limits::default(),
        mode: Mode::Judge,
        shards: 1,
    };
    let mut engine = Engine::new(settings, Judges::default(), None);
    let damages = walk::walk(&arguments.captures, &mut engine)?;
    let devices = engine.inventory();
    if arguments.print.json {
        output::print(&serde_json::to_string_pretty(&json(&devices))?)?;
    } else {
        output::print(&table(&devices))?;
    }
    walk::tell(&damages);
    Ok(if damages.is_empty() {
        Ending::Fine
    } else {
        Ending::Refused
    })
}

fn json(devices: &[Device]) -> serde_json::Value {
    let with_vendors = devices.iter().map(|device| {
        let mut value = serde_json::to_value(device).unwrap_or_default();
        if let Some(object) = value.as_object_mut() {
            object.insert("vendors".to_owned(), vendors(device).into());
        }
        value
    });
    with_vendors.collect()
}

/// One row for a device; one more for each unit where it has several.
fn table(devices: &[Device]) -> String {
    let mut table = output::table([
        "address", "mac", "vendor", "roles", "ports", "units", "identity",
    ]);
    for device in devices {
        table.add_row(row(device));
        if device.units.len() > 1 {
            for part in shown(device) {
                table.add_row(part_row(part));
            }
        }
    }
    format!("{table}\n{}\n", counted(devices))
}

fn row(device: &Device) -> [String; 7] {
    let macs: Vec<_> = device.macs.iter().map(ToString::to_string).collect();
    let ports: Vec<_> = device.ports.iter().map(u16::to_string).collect();
    let only = device.units.values().filter(|_| device.units.len() == 1);
    let own = device.identities.iter();
    [
        device.ip.map_or_else(String::new, |ip| ip.to_string()),
        macs.join(" "),
        vendors(device).join(", "),
        roles(device),
        ports.join(" "),
        units(device),
        identity(own.chain(only.flat_map(|part| &part.identities))),
    ]
}

fn part_row(part: &Part) -> [String; 7] {
    let protocols: Vec<_> = part.protocols.iter().copied().collect();
    let [address, mac, vendor, ports] = Default::default();
    let roles = format!("{} unit", protocols.join(", "));
    let identity = identity(part.identities.iter());
    [
        address,
        mac,
        vendor,
        roles,
        ports,
        part.unit.clone(),
        identity,
    ]
}

/// The units that are told of: those that answered; all where none did.
fn shown(device: &Device) -> impl Iterator<Item = &Part> {
    let any = device.units.values().any(|part| part.answered);
    device
        .units
        .values()
        .filter(move |part| part.answered || !any)
}

fn counted(devices: &[Device]) -> String {
    let behind: usize = devices
        .iter()
        .filter(|device| device.units.len() > 1)
        .map(|device| shown(device).count())
        .sum();
    match behind {
        0 => format!("{} hosts", devices.len()),
        _ => format!("{} hosts, {behind} units behind them", devices.len()),
    }
}

fn vendors(device: &Device) -> Vec<&'static str> {
    let mut vendors: Vec<_> = device
        .macs
        .iter()
        .copied()
        .filter_map(vendor::vendor)
        .collect();
    vendors.dedup();
    vendors
}

fn roles(device: &Device) -> String {
    let mut by_protocol: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (protocol, side) in &device.roles {
        by_protocol
            .entry(protocol)
            .or_default()
            .push(Side::name(*side));
    }
    let words = by_protocol
        .iter()
        .map(|(name, sides)| format!("{name} {}", sides.join("+")));
    words.collect::<Vec<_>>().join(", ")
}

fn units(device: &Device) -> String {
    let silent = device.units.len() - shown(device).count();
    match device.units.values().next() {
        None => String::new(),
        Some(only) if device.units.len() == 1 => only.unit.clone(),
        Some(_) if silent > 0 => format!("{}, {silent} of them silent", device.units.len()),
        Some(_) => device.units.len().to_string(),
    }
}

fn identity<'a>(facts: impl Iterator<Item = &'a Identified>) -> String {
    let mut values: Vec<_> = facts.map(|fact| fact.value.as_str()).collect();
    values.dedup();
    values.join(", ")
}
