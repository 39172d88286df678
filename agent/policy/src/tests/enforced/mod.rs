//! What a packet filter holds of a policy, and what it says that it cannot.

mod asked;
mod exact;

use model::{Service, Side, Transport, Vocabulary};

use super::vocabulary::{WORDS, load};
use crate::enforce::{Effect, Format, Mode, Permits, Ruleset};

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
    Ruleset::of(&load(POLICY).policy, &services(), Permits::LeftOut)
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
    let ruleset = Ruleset::of(&policy.policy, &services(), Permits::LeftOut);
    let admits = |from: [u8; 4], to: [u8; 4], transport| {
        ruleset.admits(from.into(), to.into(), transport, 4840)
    };
    let (subscriber, publisher) = ([10, 0, 0, 1], [10, 0, 1, 1]);
    assert!(admits(subscriber, publisher, Transport::Tcp));
    assert!(!admits(subscriber, publisher, Transport::Udp));
    assert!(admits(publisher, subscriber, Transport::Udp));
    assert!(!admits(publisher, subscriber, Transport::Tcp));
}
