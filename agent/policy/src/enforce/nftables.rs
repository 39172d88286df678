//! A file for `nft -f`: one table of family `inet` that replaces the one before in one step.
//!
//! Written for nftables 1.0 (nft(8)). Sets are intervals; a set of one run stands in its rules.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::IpAddr;

use model::Transport;

use super::rules::{Rule, Ruleset};
use super::set::{AddressSet, Family, subnets};
use super::text::{comment, header, identifiers, transport};
use super::{Format, Mode};

pub(super) fn write(ruleset: &Ruleset, mode: Mode) -> String {
    let mut text = String::new();
    for line in header(ruleset, Format::Nftables, mode, &HOW) {
        let _ = writeln!(text, "{}", format!("# {line}").trim_end());
    }
    let names = identifiers(ruleset, LONGEST_NAME);
    text += "\ntable inet bulkhead\ndelete table inet bulkhead\n\ntable inet bulkhead {\n";
    for (place, name) in names.iter().enumerate() {
        text += &sets(ruleset, place, name);
    }
    text += &chain(ruleset, mode, &names);
    text + "}\n"
}

/// The sets of both families that rules need by name.
fn sets(ruleset: &Ruleset, place: usize, name: &str) -> String {
    let mut text = String::new();
    for family in Family::ALL {
        let runs = ruleset.set(place).runs(family);
        if runs.len() < 2 || !is_used(ruleset, place, family) {
            continue;
        }
        let elements: Vec<_> = runs
            .iter()
            .map(|run| format!("      {}", element(*run)))
            .collect();
        let _ = writeln!(
            text,
            "  set {name}{} {{\n    type {}\n    flags interval\n    elements = {{\n{}\n    }}\n  }}\n",
            suffix(family),
            match family {
                Family::V4 => "ipv4_addr",
                Family::V6 => "ipv6_addr",
            },
            elements.join(",\n"),
        );
    }
    text
}

/// Whether a rule needs a set's addresses of a family.
fn is_used(ruleset: &Ruleset, place: usize, family: Family) -> bool {
    let has = |set| !ruleset.set(set).runs(family).is_empty();
    let mut rules = ruleset.rules.iter();
    rules.any(|rule| (rule.from == place && has(rule.to)) || (rule.to == place && has(rule.from)))
}

fn chain(ruleset: &Ruleset, mode: Mode, names: &[String]) -> String {
    let (policy, fate, said) = match mode {
        Mode::Enforce => ("drop", "drop", "dropped"),
        Mode::Shadow => ("accept", "accept", "would be dropped"),
    };
    let mut text = format!(
        "  chain forward {{\n    type filter hook forward priority filter; policy {policy};\n\n    \
         ct state established,related counter accept comment \"conversations that are open\"\n    \
         ct state invalid counter {fate} comment \"no conversation: {said}\"\n"
    );
    for rule in &ruleset.rules {
        text += &lines(ruleset, rule, names);
    }
    let _ = write!(
        text,
        "\n    limit rate 5/second log prefix \"bulkhead {}: \"\n    counter {fate} comment \"not in the policy: {said}\"\n  }}\n",
        mode.name(),
    );
    text
}

/// A rule: one line for each family and transport that it has.
fn lines(ruleset: &Ruleset, rule: &Rule, names: &[String]) -> String {
    let mut text = format!(
        "\n    # {}; owner {}\n",
        comment(rule, usize::MAX),
        comment_text(&rule.owner)
    );
    for family in Family::ALL {
        let ends = [(rule.from, "saddr"), (rule.to, "daddr")];
        let mut ends = ends.iter().map(|(set, side)| {
            let name = names.get(*set).map_or("", String::as_str);
            Some(format!(
                "{side} {}",
                operand(ruleset.set(*set), family, name)?
            ))
        });
        let (Some(Some(from)), Some(Some(to))) = (ends.next(), ends.next()) else {
            continue;
        };
        let ip = match family {
            Family::V4 => "ip",
            Family::V6 => "ip6",
        };
        for (carrier, ports) in &rule.ports {
            let _ = writeln!(
                text,
                "    {ip} {from} {ip} {to} {} dport {} ct state new counter accept comment \"{}\"",
                transport(*carrier),
                dport(*carrier, ports),
                comment(rule, LONGEST_COMMENT),
            );
        }
    }
    text
}

/// One family of a set as the right side of a match; none where it is empty.
fn operand(set: &AddressSet, family: Family, name: &str) -> Option<String> {
    match set.runs(family) {
        [] => None,
        [only] => Some(element(*only)),
        _ => Some(format!("@{name}{}", suffix(family))),
    }
}

fn dport(_: Transport, ports: &BTreeSet<u16>) -> String {
    let words: Vec<_> = ports.iter().map(u16::to_string).collect();
    match &words[..] {
        [only] => only.clone(),
        many => format!("{{ {} }}", many.join(", ")),
    }
}

/// A run as nft(8) writes it: an address, a prefix, or a range.
fn element((first, last): (IpAddr, IpAddr)) -> String {
    let mut prefixes = subnets(first, last);
    match (prefixes.next(), prefixes.next()) {
        _ if first == last => first.to_string(),
        (Some(only), None) => only.to_string(),
        _ => format!("{first}-{last}"),
    }
}

const fn suffix(family: Family) -> &'static str {
    match family {
        Family::V4 => "_4",
        Family::V6 => "_6",
    }
}

fn comment_text(text: &str) -> String {
    let plain = |letter: char| if letter.is_control() { '?' } else { letter };
    text.chars().map(plain).collect()
}

/// How it is loaded.
const HOW: [&str; 4] = [
    "Load with `nft -f FILE`: it replaces table `inet bulkhead` as a whole or not at all. Tables of",
    "your own stay; a packet passes only where every table lets it, so rules for what the policy does",
    "not name go into chain `forward` here, before `log`. Counters: `nft list table inet bulkhead`.",
    "Take away with `nft delete table inet bulkhead`.",
];

/// What nft(8) takes as a name, less the suffix of its family.
const LONGEST_NAME: usize = 120;

/// What nft(8) takes as a comment.
const LONGEST_COMMENT: usize = 120;
