//! One file for `iptables-restore` and `ip6tables-restore`: each skips the other's lines (`-4`, `-6`).
//!
//! Follows iptables(8) 1.8 and iptables-extensions(8): `conntrack`, `multiport`, `comment`, `limit`. Sets are
//! prefixes; where a rule has many on both sides, its servers have a chain of their own, so that
//! there are as many lines as prefixes and not as pairs of them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ipnet::IpNet;
use model::Transport;

use super::rules::{Rule, Ruleset};
use super::set::Family;
use super::text::{comment, header, transport};
use super::{Format, Mode};

pub(super) fn write(ruleset: &Ruleset, mode: Mode) -> String {
    let mut text = String::new();
    for line in header(ruleset, Format::Iptables, mode, &HOW) {
        let _ = writeln!(text, "{}", format!("# {line}").trim_end());
    }
    let (policy, fate) = match mode {
        Mode::Enforce => ("DROP", "DROP"),
        Mode::Shadow => ("ACCEPT", "ACCEPT"),
    };
    let mut body = Body::default();
    for rule in &ruleset.rules {
        body.add(ruleset, rule);
    }
    let _ = write!(
        text,
        "\n*filter\n:FORWARD {policy} [0:0]\n:BULKHEAD - [0:0]\n"
    );
    for chain in &body.chains {
        let _ = writeln!(text, ":{chain} - [0:0]");
    }
    text += "-F FORWARD\n-A FORWARD -j BULKHEAD\n";
    let open = "conversations that are open";
    let _ = write!(
        text,
        "-A BULKHEAD -m conntrack --ctstate ESTABLISHED,RELATED -m comment --comment \"{open}\" -j ACCEPT\n\
         -A BULKHEAD -m conntrack --ctstate INVALID -m comment --comment \"no conversation\" -j {fate}\n"
    );
    text += &body.lines;
    let _ = write!(
        text,
        "-A BULKHEAD -m limit --limit 5/second -j LOG --log-prefix \"bulkhead {}: \"\n\
         -A BULKHEAD -m comment --comment \"not in the policy\" -j {fate}\nCOMMIT\n",
        mode.name(),
    );
    text
}

/// The lines of all rules, and the chains that they need.
#[derive(Default)]
struct Body {
    chains: Vec<String>,
    lines: String,
}

impl Body {
    fn add(&mut self, ruleset: &Ruleset, rule: &Rule) {
        let _ = writeln!(self.lines, "# {}", comment(rule, usize::MAX));
        for family in Family::ALL {
            let from = ruleset.set(rule.from).prefixes(family);
            let to = ruleset.set(rule.to).prefixes(family);
            if from.is_empty() || to.is_empty() {
                continue;
            }
            if from.len() == 1 || to.len() == 1 {
                self.add_pairs(rule, family, &from, &to);
            } else {
                self.add_chain(rule, family, &from, &to);
            }
        }
    }

    fn add_pairs(&mut self, rule: &Rule, family: Family, from: &[IpNet], to: &[IpNet]) {
        for (source, target) in from
            .iter()
            .flat_map(|from| to.iter().map(move |to| (from, to)))
        {
            for (carrier, ports) in &rule.ports {
                let ends = format!("-A BULKHEAD -s {source} -d {target}");
                self.add_line(rule, family, &ends, (*carrier, ports));
            }
        }
    }

    fn add_chain(&mut self, rule: &Rule, family: Family, from: &[IpNet], to: &[IpNet]) {
        let chain = format!("BULKHEAD-{}", self.chains.len() + 1);
        for source in from {
            let _ = writeln!(
                self.lines,
                "{} -A BULKHEAD -s {source} -m conntrack --ctstate NEW -j {chain}",
                flag(family)
            );
        }
        for target in to {
            for (carrier, ports) in &rule.ports {
                let ends = format!("-A {chain} -d {target}");
                self.add_line(rule, family, &ends, (*carrier, ports));
            }
        }
        self.chains.push(chain);
    }

    fn add_line(
        &mut self,
        rule: &Rule,
        family: Family,
        ends: &str,
        (carrier, ports): (Transport, &BTreeSet<u16>),
    ) {
        let ports: Vec<_> = ports.iter().map(u16::to_string).collect();
        for ports in ports.chunks(MOST_PORTS) {
            let _ = writeln!(
                self.lines,
                "{} {ends} -p {} -m conntrack --ctstate NEW -m multiport --dports {} -m comment --comment \"{}\" -j ACCEPT",
                flag(family),
                transport(carrier),
                ports.join(","),
                comment(rule, LONGEST_COMMENT),
            );
        }
    }
}

const fn flag(family: Family) -> &'static str {
    match family {
        Family::V4 => "-4",
        Family::V6 => "-6",
    }
}

/// How it is loaded.
const HOW: [&str; 5] = [
    "Load with `iptables-restore --noflush FILE` and `ip6tables-restore --noflush FILE`: each takes the",
    "lines of its family and replaces chain FORWARD and the chains of Bulkhead in one step; the other",
    "chains stay. Rules of your own for what the policy does not name go before `LOG`.",
    "Counters: `iptables -nvL BULKHEAD`. Take away with `iptables -P FORWARD ACCEPT`, `iptables -F FORWARD`,",
    "and the same with `ip6tables`.",
];

/// What `multiport` takes.
const MOST_PORTS: usize = 15;

/// What `comment` takes, less its end.
const LONGEST_COMMENT: usize = 255;
