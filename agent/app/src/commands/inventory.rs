//! `bulkhead inventory`: who is in captures.

use std::collections::BTreeMap;

use anyhow::Result;
use engine::{Device, Engine, Judges, Limits, Mode, Settings};
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
    };
    let mut engine = Engine::new(settings, Judges::default(), None);
    let damages = walk::walk(&arguments.captures, &mut engine)?;
    let devices = engine.inventory();
    if arguments.json {
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

fn table(devices: &[Device]) -> String {
    let mut table = output::table([
        "address", "mac", "vendor", "roles", "ports", "units", "identity",
    ]);
    for device in devices {
        let macs: Vec<_> = device.macs.iter().map(ToString::to_string).collect();
        let address = device.ip.map_or_else(String::new, |ip| ip.to_string());
        table.add_row([
            address,
            macs.join(" "),
            vendors(device).join(", "),
            roles(device),
            device
                .ports
                .iter()
                .map(u16::to_string)
                .collect::<Vec<_>>()
                .join(" "),
            units(device),
            identity(device),
        ]);
    }
    format!("{table}\n{} hosts\n", devices.len())
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
    const SHOWN: usize = 4;
    let mut shown: Vec<_> = device.units.iter().take(SHOWN).cloned().collect();
    if device.units.len() > SHOWN {
        shown.push(format!("and {} more", device.units.len() - SHOWN));
    }
    shown.join(", ")
}

fn identity(device: &Device) -> String {
    let mut values: Vec<_> = device
        .identities
        .iter()
        .map(|fact| fact.value.as_str())
        .collect();
    values.dedup();
    values.join(", ")
}
