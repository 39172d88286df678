//! Filters of policies with nested zones, a gateway, conduits of both directions, and statements that ask
//! for more than ports show.

use std::collections::BTreeSet;

use model::Transport;

use super::services;
use crate::enforce::{Format, Mode, Permits, Ruleset};
use crate::tests::vocabulary::load;

const POLICY: &str = r#"version: 1
site: {name: s, owner: o, time_zone: UTC}
zones:
  line: {owner: o, members: {zones: [cell]}, within: [browse]}
  cell: {owner: o, members: {cidr: 10.1.0.0/24, oui: 00-1B-1b}}
  bus: {owner: o, members: {assets: [drive]}}
  office: {owner: o, members: {cidr: 10.2.0.0/24}}
assets:
  hmi: {ip: 10.1.0.1}
  gate: {ip: 10.1.0.9}
  drive: {behind: gate, unit: 3}
  plc: {ip: 10.1.0.10}
roles:
  tried: {verbs: [read], shadow: true}
schedules:
  early: {days: mon-fri, hours: 06:00-14:00}
tags:
  T1: {asset: plc, target: holding:200, type: int16, low: 20, high: 380}
conduits:
  nested:
    from: {zone: office}
    to: {zone: line}
    allow: {protocol: s7, verbs: any, when: early}
  drive:
    from: {asset: hmi}
    to: {zone: bus}
    allow: {protocols: [modbus, s7], verbs: any}
  seat taken:
    from: {zone: office}
    to: {asset: gate}
    allow: {protocol: modbus, verbs: any, units: [3]}
  peers:
    from: {asset: hmi}
    to: {asset: plc}
    both_directions: true
    allow:
      - {protocol: opcua, verbs: any, encryption: required, user: anna}
      - {protocol: modbus, verbs: any, tags: T1, values: 30..50, rate: 2/1m}
      - {protocol: s7, verbs: any, shadow: true}
permits:
  WO-1:
    from: {zone: office}
    to: {asset: gate}
    valid_from: 2026-03-02
    valid_until: 2026-03-03
    allow: {protocol: modbus, verbs: write}
"#;

fn ruleset(permits: Permits) -> Ruleset {
    Ruleset::of(&load(POLICY).policy, &services(), permits)
}

/// From whom, to whom and to which port packets pass: always, and these more.
fn check(permits: Permits, more: &[&str]) {
    let ruleset = ruleset(permits);
    let hosts = [
        ("hmi", [10, 1, 0, 1]),
        ("gate", [10, 1, 0, 9]),
        ("plc", [10, 1, 0, 10]),
        ("office", [10, 2, 0, 1]),
    ];
    let mut passes = BTreeSet::new();
    for (from, client) in hosts {
        for (to, server) in hosts.iter().filter(|(to, _)| *to != from) {
            let ports = [102, 502, 4840].into_iter().filter(|port| {
                ruleset.admits(client.into(), (*server).into(), Transport::Tcp, *port)
            });
            passes.extend(ports.map(|port| format!("{from} {to} {port}")));
        }
    }
    let expected = ALWAYS.iter().chain(more);
    let expected: BTreeSet<_> = expected.map(|it| (*it).to_owned()).collect();
    assert_eq!(passes, expected);
}

#[test]
fn nested_zones_gateways_and_both_directions_are_held() {
    check(Permits::LeftOut, &[]);
}

#[test]
fn a_work_order_has_rules_only_when_asked_for() {
    check(Permits::Included, &["office gate 502"]);
}

#[test]
fn what_statements_ask_for_is_said_with_what_covers_it() {
    let said = |permits| {
        let residue = ruleset(permits).residue(Format::Nftables);
        let said = residue.iter().filter(|it| !it.of.is_empty()).map(|it| {
            let line = it.at.as_ref().map_or(0, |at| at.line);
            let by = it.covered_by.first().unwrap_or(&"nothing");
            format!("{} {} {} {line} {by}", it.effect.name(), it.of, it.about)
        });
        said.collect::<Vec<_>>()
    };
    let expected = [
        "passes within line verbs 4 policy.verb",
        "passes nested when 23 policy.time",
        "passes peers encryption 37 policy.encryption",
        "passes peers users 37 policy.identity",
        "passes peers tags 38 policy.target",
        "passes peers values 38 policy.value",
        "passes peers rate 38 policy.rate",
        "stops peers shadow 39 nothing",
        "stops WO-1 permits 41 nothing",
        "stops zone cell ouis 5 nothing",
        "passes asset gate behind 0 policy.unit",
        "passes asset plc tags 0 policy.value",
        "stops role tried shadow 14 nothing",
        "passes role tried verbs 14 policy.role",
    ];
    assert_eq!(said(Permits::LeftOut), expected);
    let included = said(Permits::Included);
    let more: Vec<_> = included.iter().filter(|it| it.contains("WO-1")).collect();
    let expected = [
        "passes WO-1 verbs 46 policy.verb",
        "passes WO-1 permits 46 policy.time",
    ];
    assert_eq!(more, expected);
}

#[test]
fn a_work_orders_rules_say_until_when() {
    let ruleset = ruleset(Permits::Included);
    let comment = "test.yaml:46 (from 2026-03-02 until 2026-03-03) WO-1";
    for format in [Format::Nftables, Format::Iptables, Format::Cisco] {
        let text = ruleset.text(format, Mode::Enforce);
        assert!(text.contains(comment), "{text}");
    }
}

/// The office asks for the drive's unit at the gateway, which is no unit of the gateway's own: no rule.
const ALWAYS: [&str; 12] = [
    "gate hmi 4840",
    "gate plc 4840",
    "hmi gate 4840",
    "hmi gate 502",
    "hmi plc 4840",
    "hmi plc 502",
    "office gate 102",
    "office hmi 102",
    "office plc 102",
    "plc gate 4840",
    "plc hmi 4840",
    "plc hmi 502",
];
