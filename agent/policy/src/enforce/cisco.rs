//! Named extended access lists of Cisco IOS, with object groups where a side has several prefixes.
//!
//! Follows the IOS Security Configuration Guides "IP Named Access Control Lists" and "Object Groups for
//! ACLs" (15M&T), which know groups of IPv4 addresses only. Access lists keep no state: for each rule a
//! second one lets its answers pass, by `established` for TCP, by the server's port for UDP.

use std::fmt::Write as _;

use ipnet::IpNet;
use model::Transport;

use super::rules::{Rule, Ruleset};
use super::set::Family;
use super::text::{comment, header, identifiers, transport};
use super::{Format, Mode};

pub(super) fn write(ruleset: &Ruleset, mode: Mode) -> String {
    let mut text = String::new();
    for line in header(ruleset, Format::Cisco, mode, &HOW) {
        let _ = writeln!(text, "{}", ascii(format!("! {line}").trim_end()));
    }
    let names = identifiers(ruleset, LONGEST_NAME);
    text += "!\n";
    for (place, name) in names.iter().enumerate() {
        text += &group(ruleset, place, name);
    }
    for family in Family::ALL {
        text += &list(ruleset, mode, family, &names);
    }
    text + "end\n"
}

/// The object group of a set that has several IPv4 prefixes.
fn group(ruleset: &Ruleset, place: usize, name: &str) -> String {
    let prefixes = ruleset.set(place).prefixes(Family::V4);
    let used = ruleset
        .rules
        .iter()
        .any(|rule| rule.from == place || rule.to == place);
    if prefixes.len() < 2 || !used {
        return String::new();
    }
    let mut text = format!("no object-group network BH-{name}\nobject-group network BH-{name}\n");
    for prefix in prefixes {
        let _ = match prefix {
            IpNet::V4(net) if net.prefix_len() < 32 => {
                writeln!(text, " {} {}", net.addr(), net.netmask())
            }
            net => writeln!(text, " host {}", net.addr()),
        };
    }
    text + "!\n"
}

fn list(ruleset: &Ruleset, mode: Mode, family: Family, names: &[String]) -> String {
    let mut text = match family {
        Family::V4 => {
            "no ip access-list extended BULKHEAD\nip access-list extended BULKHEAD\n".to_owned()
        }
        Family::V6 => "no ipv6 access-list BULKHEAD-6\nipv6 access-list BULKHEAD-6\n".to_owned(),
    };
    for rule in &ruleset.rules {
        text += &entries(ruleset, rule, family, names);
    }
    text += " remark errors that conversations need\n";
    for message in match family {
        Family::V4 => &["unreachable", "time-exceeded"][..],
        Family::V6 => &[
            "unreachable",
            "packet-too-big",
            "time-exceeded",
            "nd-na",
            "nd-ns",
        ][..],
    } {
        let _ = writeln!(text, " permit icmp any any {message}");
    }
    let ip = match family {
        Family::V4 => "ip",
        Family::V6 => "ipv6",
    };
    text += " remark not in the policy\n";
    text += &match mode {
        Mode::Enforce => format!(" deny {ip} any any log\n"),
        Mode::Shadow => format!(" permit {ip} any any log\n"),
    };
    text + "!\n"
}

/// The entries of a rule in one family, each with the entry of its answers.
fn entries(ruleset: &Ruleset, rule: &Rule, family: Family, names: &[String]) -> String {
    let ends = |set: usize| ends(ruleset, set, family, names);
    let (from, to) = (ends(rule.from), ends(rule.to));
    if from.is_empty() || to.is_empty() {
        return String::new();
    }
    let mut text = format!(" remark {}\n", comment(rule, LONGEST_REMARK));
    let pairs = from
        .iter()
        .flat_map(|from| to.iter().map(move |to| (from, to)));
    for (from, to) in pairs {
        for (carrier, ports) in &rule.ports {
            let established = match carrier {
                Transport::Tcp => " established",
                Transport::Udp | Transport::Ethernet => "",
            };
            let carrier = transport(*carrier);
            for port in ports {
                let _ = write!(
                    text,
                    " permit {carrier} {from} {to} eq {port}\n permit {carrier} {to} eq {port} {from}{established}\n"
                );
            }
        }
    }
    text
}

/// A set as entries name it: a group, or each of its prefixes.
fn ends(ruleset: &Ruleset, place: usize, family: Family, names: &[String]) -> Vec<String> {
    let prefixes = ruleset.set(place).prefixes(family);
    if family == Family::V4 && prefixes.len() > 1 {
        let name = names.get(place).map_or("", String::as_str);
        return vec![format!("object-group BH-{name}")];
    }
    prefixes.iter().map(end).collect()
}

fn end(prefix: &IpNet) -> String {
    match prefix {
        net if net.prefix_len() == 0 => "any".to_owned(),
        net if net.prefix_len() == net.max_prefix_len() => format!("host {}", net.addr()),
        IpNet::V4(net) => format!("{} {}", net.addr(), net.hostmask()),
        IpNet::V6(net) => net.to_string(),
    }
}

fn ascii(text: &str) -> String {
    let plain = |letter: char| if letter.is_ascii() { letter } else { '?' };
    text.chars().map(plain).collect()
}

/// How it is loaded.
const HOW: [&str; 6] = [
    "Paste in configuration mode, or `copy FILE running-config`. Nothing is bound yet: bind both lists on",
    "every routed interface of the plant, inbound: `ip access-group BULKHEAD in`, `ipv6 traffic-filter",
    "BULKHEAD-6 in`. They then decide on packets to the router itself, too: allow its management first.",
    "Unbind before you load a new version. Counters: `show access-lists BULKHEAD`. Access lists keep no",
    "state: for each entry a second one lets its answers pass, by `established` or by the server's port.",
    "Rules of your own for what the policy does not name go before the last remark.",
];

/// What IOS takes as the name of a group, less `BH-`.
const LONGEST_NAME: usize = 60;

/// What IOS takes as a remark.
const LONGEST_REMARK: usize = 100;
