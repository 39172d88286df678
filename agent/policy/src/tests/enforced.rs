//! What a packet filter holds is exact: it admits the first packet of a conversation if and only if
//! some operation on its port between its hosts could conform.

use std::net::IpAddr;

use model::{Service, Side, Transport, Unit, Unseen, Verdict, Vocabulary};
use proptest::prelude::*;
use proptest::sample::select;

use super::plan::{IPS, NETS, a_plan};
use super::vocabulary::{Message, WORDS, cells, db, host, load, node};
use crate::Policy;
use crate::enforce::{Effect, Format, Mode, Ruleset};

/// A port for each protocol, and one that only some functions have.
fn services() -> Vec<Service> {
    let service = |vocabulary: &'static Vocabulary, transport, opener, functions| Service {
        vocabulary,
        transport,
        port: vocabulary.ports[0],
        opener,
        functions,
    };
    let streams = WORDS.into_iter();
    let streams =
        streams.map(|words| service(words, Transport::Tcp, Side::Client, words.functions));
    let opcua = WORDS[2];
    let publish = service(opcua, Transport::Udp, Side::Server, &opcua.functions[5..6]);
    streams.chain([publish]).collect()
}

/// Whether some operation by a service conforms, tried one after the other.
fn could_conform(policy: &Policy, from: IpAddr, to: IpAddr, service: &Service) -> bool {
    let (client, server) = match service.opener {
        Side::Client => (from, to),
        Side::Server => (to, from),
    };
    let place = |ip: IpAddr| policy.place(&host(&ip.to_string()));
    let edge = policy.edge(place(client), place(server), service.vocabulary.name);
    let mut messages = messages(service).into_iter();
    messages.any(|message| {
        let verdict = policy.judge(&edge, &message.operation());
        let unseen = Verdict::Unknown {
            why: Unseen::Target,
        };
        matches!(verdict, Verdict::Conforms { .. }) || verdict == unseen
    })
}

/// Every function on every kind of target and unit that plans name.
fn messages(service: &Service) -> Vec<Message> {
    let targets = match service.vocabulary.name {
        "modbus" => vec![
            cells("holding", 0, 0),
            cells("holding", 15, 15),
            cells("holding", 25, 25),
            cells("coil", 3, 3),
            cells("coil", 9, 9),
        ],
        "s7" => vec![
            db(1, 5, 5),
            db(1, 0, 0),
            db(1, 20, 20),
            db(2, 0, 0),
            db(3, 0, 0),
        ],
        _ => vec![node("Pump"), node("Pump.Speed"), node("Tank")],
    };
    let mut all = Vec::new();
    for function in service.functions {
        let mut plain = Message::new(function.name);
        plain.encrypted = false;
        let units = [1, 2, 7].map(|unit| Some(Unit::Id(unit)));
        for unit in units {
            let unit = unit.filter(|_| service.vocabulary.name == "modbus");
            let message = plain.clone().for_unit(unit);
            all.extend(targets.iter().map(|target| message.clone().on(*target)));
            all.push(message);
        }
    }
    all
}

/// Both ends of every prefix and the addresses beside them.
fn edges() -> Vec<IpAddr> {
    let mut ips: Vec<u32> = Vec::new();
    for (_, first, length) in NETS {
        let first = u32::from_be_bytes(first);
        let last = first | u32::MAX >> length;
        ips.extend([first - 1, first, last, last + 1]);
    }
    let assets = IPS.iter().map(|ip| ip.parse().unwrap());
    ips.into_iter()
        .map(|ip| IpAddr::V4(ip.into()))
        .chain(assets)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_filter_admits_what_could_conform_and_nothing_else(
        plan in a_plan(),
        pairs in prop::collection::vec((select(edges()), select(edges())), 150),
    ) {
        let policy = load(&plan.text()).policy;
        let services = services();
        let ruleset = Ruleset::of(&policy, &services);
        for (from, to) in pairs {
            for service in &services {
                let admits = ruleset.admits(from, to, service.transport, service.port);
                let could = could_conform(&policy, from, to, service);
                let name = service.vocabulary.name;
                prop_assert_eq!(admits, could, "{} {} {}\n{}", from, to, name, plan.text());
            }
            prop_assert!(!ruleset.admits(from, to, Transport::Tcp, 80));
            prop_assert!(!ruleset.admits(from, to, Transport::Udp, 502));
        }
    }

    #[test]
    fn the_same_policy_makes_the_same_bytes(plan in a_plan()) {
        let text = |format| {
            let ruleset = Ruleset::of(&load(&plan.text()).policy, &services());
            ruleset.text(format, Mode::Enforce)
        };
        for format in [Format::Nftables, Format::Iptables, Format::Cisco, Format::Csv] {
            prop_assert_eq!(text(format), text(format));
        }
    }
}

const POLICY: &str = r#"version: 1
site: {name: s, owner: o}
zones:
  cell:
    owner: o
    members: {cidr: 10.1.0.0/24, vlans: [110]}
  cards:
    owner: o
    members: {macs: ["00:1b:1b:0a:ff:02"]}
  six:
    owner: o
    members: {cidr: "fd00::/64"}
assets:
  hmi: {ip: 10.1.0.1, role: hmi}
  plc: {ip: 10.1.0.9, role: plc}
  drive: {mac: "00:1b:1b:0a:ff:09"}
roles:
  hmi: {verbs: [read, write]}
  plc: {verbs: nothing}
conduits:
  limited:
    from: {asset: hmi}
    to: {asset: plc}
    allow:
      - {protocol: modbus, function: write_single_register, units: [1], targets: [holding:0]}
      - {protocol: s7, verbs: any}
  nobody:
    from: {asset: hmi}
    to: {asset: drive}
    allow:
      - {protocol: s7, verbs: any}
  families:
    from: {asset: hmi}
    to: {zone: six}
    allow:
      - {protocol: s7, verbs: any}
  "=cmd|\"a\" ü":
    from: {zone: cell}
    to: {asset: plc}
    allow:
      - {protocol: opcua, verbs: [read, subscribe]}
"#;

fn ruleset() -> Ruleset {
    Ruleset::of(&load(POLICY).policy, &services())
}

#[test]
fn what_a_filter_cannot_see_is_said_with_what_covers_it() {
    let residue = ruleset().residue(Format::Nftables);
    let said: Vec<_> = residue
        .iter()
        .filter(|it| !it.of.is_empty())
        .map(|it| {
            let line = it.at.as_ref().map_or(0, |at| at.line);
            let by = it.covered_by.first().unwrap_or(&"nothing");
            format!("{} {} {} {line} {by}", it.effect.name(), it.of, it.about)
        })
        .collect();
    let expected = [
        "passes limited verbs 25 policy.verb",
        "passes limited functions 25 policy.function",
        "passes limited units 25 policy.unit",
        "passes limited targets 25 policy.target",
        "stops nobody address 31 nothing",
        "stops families address 36 nothing",
        "passes =cmd|\"a\" ü verbs 41 policy.verb",
        "both zone cards macs 7 policy.no_conduit",
        "stops zone cell vlans 4 nothing",
        "both asset drive macs 0 policy.no_conduit",
        "passes role hmi verbs 18 policy.role",
    ];
    assert_eq!(said, expected);
}

#[test]
fn only_what_a_format_cannot_say_is_its_residue() {
    let count = |format| ruleset().residue(format).len();
    assert_eq!(count(Format::Nftables), count(Format::Iptables));
    assert_eq!(count(Format::Nftables), count(Format::Csv));
    let of_cisco = ruleset().residue(Format::Cisco);
    let more: Vec<_> = of_cisco.iter().map(|it| it.about).collect();
    assert_eq!(more.iter().filter(|about| **about == "state").count(), 2);
    let passes = of_cisco.iter().filter(|it| it.about == "state");
    assert!(passes.into_iter().all(|it| it.effect == Effect::Passes));
}

#[test]
fn strange_names_stay_within_comments_and_fields() {
    let text = |format| ruleset().text(format, Mode::Enforce);
    let filter = text(Format::Nftables);
    assert!(
        filter.contains(r#"comment "test.yaml:41 =cmd|'a' ?""#),
        "{filter}"
    );
    let table = text(Format::Csv);
    assert!(
        table.contains(r#","'=cmd|""a"" ü",test.yaml:41,o"#),
        "{table}"
    );
    assert!(text(Format::Cisco).is_ascii());
}

#[test]
fn a_publisher_opens_its_conversation() {
    let policy = load(
        "version: 1\nsite: {name: s, owner: o}\n\
         zones: {a: {owner: o, members: {cidr: 10.0.0.0/24}}, b: {owner: o, members: {cidr: 10.0.1.0/24}}}\n\
         conduits: {c: {from: {zone: a}, to: {zone: b}, allow: [{protocol: opcua, verbs: subscribe}]}}\n",
    );
    let ruleset = Ruleset::of(&policy.policy, &services());
    let admits = |from: [u8; 4], to: [u8; 4], transport| {
        ruleset.admits(from.into(), to.into(), transport, 4840)
    };
    let (subscriber, publisher) = ([10, 0, 0, 1], [10, 0, 1, 1]);
    assert!(admits(subscriber, publisher, Transport::Tcp));
    assert!(!admits(subscriber, publisher, Transport::Udp));
    assert!(admits(publisher, subscriber, Transport::Udp));
    assert!(!admits(publisher, subscriber, Transport::Tcp));
}
