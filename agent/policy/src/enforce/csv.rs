//! A table for people who type rules into something else: one line for each rule, family and
//! transport, the last one says what happens to the rest.
//!
//! Follows RFC 4180 with line feeds. Several addresses or ports of a field are parted by spaces.

use std::fmt::Write as _;

use model::Transport;

use super::Mode;
use super::rules::{Rule, Ruleset};
use super::set::Family;
use super::text::{places, titled, transport};

pub(super) fn write(ruleset: &Ruleset, mode: Mode) -> String {
    let mut text = COLUMNS.join(",") + "\n";
    let mut number = 0_u32;
    for rule in &ruleset.rules {
        for family in Family::ALL {
            for carrier in rule.ports.keys() {
                if let Some(fields) = fields(ruleset, rule, family, *carrier) {
                    number += 1;
                    text += &line(number, &fields);
                }
            }
        }
    }
    let fate = match mode {
        Mode::Enforce => "deny",
        Mode::Shadow => "count",
    };
    let rest = [
        fate, "any", "", "any", "", "any", "any", "any", "", "", "", "",
    ];
    text + &line(number + 1, &rest.map(str::to_owned))
}

fn fields(
    ruleset: &Ruleset,
    rule: &Rule,
    family: Family,
    carrier: Transport,
) -> Option<[String; COLUMNS.len() - 1]> {
    let addresses = |set: usize| {
        let prefixes = ruleset.set(set).prefixes(family).into_iter();
        let words: Vec<_> = prefixes.map(|prefix| prefix.to_string()).collect();
        (!words.is_empty()).then(|| words.join(" "))
    };
    let label = |set: usize| {
        let set = ruleset.sets.get(set);
        set.map_or_else(String::new, |set| set.label.clone())
    };
    let ports = rule.ports.get(&carrier)?.iter();
    let ports: Vec<_> = ports.map(u16::to_string).collect();
    let family = match family {
        Family::V4 => "ipv4",
        Family::V6 => "ipv6",
    };
    Some([
        "allow".to_owned(),
        family.to_owned(),
        label(rule.from),
        addresses(rule.from)?,
        label(rule.to),
        addresses(rule.to)?,
        transport(carrier).to_owned(),
        ports.join(" "),
        rule.protocols.iter().copied().collect::<Vec<_>>().join(" "),
        titled(rule),
        places(&rule.at),
        rule.owner.clone(),
    ])
}

fn line(number: u32, fields: &[String]) -> String {
    let mut text = number.to_string();
    for field in fields {
        let _ = write!(text, ",{}", quoted(field));
    }
    text + "\n"
}

/// A field that neither the format nor a spreadsheet takes for something else.
fn quoted(field: &str) -> String {
    // Spreadsheets take what begins so for a formula.
    let formula = field.starts_with(['=', '+', '-', '@']);
    let field = if formula {
        format!("'{field}")
    } else {
        field.to_owned()
    };
    if field.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", field.replace('"', "\"\""));
    }
    field
}

const COLUMNS: [&str; 13] = [
    "number",
    "action",
    "family",
    "from",
    "from_addresses",
    "to",
    "to_addresses",
    "transport",
    "ports",
    "protocols",
    "conduit",
    "statements",
    "owner",
];
