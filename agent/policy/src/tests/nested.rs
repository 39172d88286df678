//! Zones inside zones, and conduits that hold both ways.

use std::fmt::Write;

use model::Verdict;

use super::vocabulary::{Message, NO_TIME, host, load, read};
use crate::Standing;

const POLICY: &str = r#"version: 1
site: {name: s, owner: o}
zones:
  plant: {owner: o, members: {cidr: 10.0.0.0/8, zones: [line, utilities]}, within: [identify]}
  line: {owner: o, members: {zones: [cell-1, cell-2]}, within: [connect]}
  cell-1: {owner: o, members: {cidr: 10.0.1.0/24}, within: [read]}
  cell-2: {owner: o, members: {cidr: 10.0.2.0/24}}
  utilities: {owner: o, members: {cidr: 10.0.3.0/24}}
  cells: {owner: o, members: {zones: [cell-1]}}
  office: {owner: o, members: {cidr: 172.16.0.0/24}}
  lab: {owner: o, members: {cidr: 172.16.1.0/24}}
assets:
  hist: {ip: 172.16.0.9}
  plc: {ip: 10.0.2.9, role: plc}
  pump: {ip: 10.0.3.9, role: plc}
roles:
  plc: {verbs: any}
conduits:
  from everywhere:
    from: {zone: plant}
    to: {asset: hist}
    allow: {protocol: modbus, verbs: write}
  to the line:
    from: {zone: office}
    to: {zone: line}
    allow: {protocol: modbus, verbs: diagnose}
  to its controllers:
    from: {zone: lab}
    to: {role: plc, zone: line}
    allow: {protocol: modbus, verbs: read}
  to the cells:
    from: {zone: lab}
    to: {zone: cells}
    allow: {protocol: modbus, verbs: write}
  peers:
    from: {zone: lab}
    to: [{zone: office}, {asset: pump}]
    both_directions: true
    allow: {protocol: opcua, verbs: connect}
  no peers:
    from: {zone: lab}
    to: {zone: office}
    both_directions: false
    allow: {protocol: opcua, verbs: write}
"#;

const CELL_1: &str = "10.0.1.1";
const CELL_2: &str = "10.0.2.1";
const PLC: &str = "10.0.2.9";
const UTILITIES: &str = "10.0.3.1";
const PUMP: &str = "10.0.3.9";
const PLANT: &str = "10.9.9.9";
const OFFICE: &str = "172.16.0.1";
const HIST: &str = "172.16.0.9";
const LAB: &str = "172.16.1.1";

fn check(client: &str, server: &str, name: &str, expected: &str) {
    let policy = load(POLICY).policy;
    let message = Message::new(name);
    let (from, to) = (policy.place(&host(client)), policy.place(&host(server)));
    let edge = policy.edge(from, to, message.protocol);
    let said = match policy.judge(
        &edge,
        &mut Standing::default(),
        &message.operation(),
        NO_TIME,
    ) {
        Verdict::Violates { because, .. } => because.name(),
        Verdict::Conforms { to } => policy.statement(to).conduit,
        other => other.name(),
    };
    assert_eq!(said, expected, "{client} {server} {name}");
}

#[test]
fn a_host_stays_in_the_most_specific_zone() {
    let policy = load(POLICY).policy;
    let check = |ip, zone| {
        let placed = policy.place(&host(ip));
        assert_eq!(policy.party(host(ip), placed).zone, Some(zone), "{ip}");
    };
    check(CELL_1, "cell-1");
    check(UTILITIES, "utilities");
    check(PLANT, "plant");
}

#[test]
fn the_end_of_a_conduit_means_inner_zones_at_any_depth() {
    for client in [CELL_1, PLC, UTILITIES, PLANT] {
        check(client, HIST, "write_single_coil", "from everywhere");
    }
    check(LAB, HIST, "write_single_coil", "protocol");
    check(OFFICE, CELL_1, "diagnostics", "to the line");
    check(OFFICE, PLC, "diagnostics", "to the line");
    check(OFFICE, UTILITIES, "diagnostics", "no_conduit");
    check(OFFICE, PLANT, "diagnostics", "no_conduit");
}

#[test]
fn a_role_in_an_outer_zone_is_one_in_any_of_its_inner_zones() {
    check(LAB, PLC, "read_coils", "to its controllers");
    check(LAB, CELL_2, "read_coils", "no_conduit");
    check(LAB, PUMP, "read_coils", "protocol");
}

#[test]
fn a_zone_may_lie_in_two() {
    check(LAB, CELL_1, "write_single_coil", "to the cells");
    check(LAB, CELL_2, "write_single_coil", "no_conduit");
}

#[test]
fn within_covers_hosts_anywhere_inside_and_the_narrowest_zone_speaks_first() {
    check(CELL_1, "10.0.1.2", "read_coils", "within cell-1");
    check(CELL_1, CELL_2, "read_coils", "verb");
    check(CELL_1, CELL_2, "create_session", "within line");
    check(CELL_1, "10.0.1.2", "create_session", "within line");
    check(CELL_1, UTILITIES, "create_session", "verb");
    check(
        CELL_1,
        UTILITIES,
        "read_device_identification",
        "within plant",
    );
    check(CELL_1, PLANT, "read_device_identification", "within plant");
    check(CELL_1, OFFICE, "read_device_identification", "no_conduit");
}

#[test]
fn a_conduit_of_both_directions_holds_from_its_to_to_its_from_and_not_among_either() {
    check(LAB, OFFICE, "create_session", "peers");
    check(OFFICE, LAB, "create_session", "peers");
    check(LAB, PUMP, "create_session", "peers");
    check(PUMP, LAB, "create_session", "peers");
    check(LAB, "172.16.1.2", "create_session", "no_conduit");
    check(OFFICE, PUMP, "create_session", "no_conduit");
    check(LAB, OFFICE, "write", "no peers");
    check(OFFICE, LAB, "write", "verb");
}

/// Zones, each of which lists the next; the last has an address.
fn chain(zones: usize, back_to: Option<usize>) -> String {
    let mut text = "version: 1\nsite: {name: s, owner: o}\nzones:\n".to_owned();
    for zone in 0..zones {
        let last = zone + 1 == zones;
        let inner = if last { back_to } else { Some(zone + 1) };
        let inner = inner.map_or(String::new(), |inner| format!(", zones: [z{inner}]"));
        let net = (zone % 256, zone / 256 % 256, zone / 65_536);
        writeln!(
            text,
            "  z{zone}: {{owner: o, members: {{cidr: 10.{}.{}.{}/32{inner}}}}}",
            net.2, net.1, net.0
        )
        .unwrap();
    }
    text
}

#[test]
fn zones_may_lie_in_as_many_others_as_the_limit_says() {
    assert_eq!(load(&chain(33, None)).warnings, []);
    let problems = read(&chain(34, None)).unwrap_err();
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        ["test.yaml:37:3: zone `z33` lies in more than 32 zones; nest fewer zones"]
    );
}

#[test]
fn a_long_way_round_is_found_and_cut_short_in_words() {
    let problems = read(&chain(2_000, Some(0))).unwrap_err();
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    let [only] = lines.as_slice() else {
        panic!("{} problems", lines.len())
    };
    assert!(
        only.contains("zone `z0` lies in itself; the way round is `z0` > `z1` >"),
        "{only}"
    );
    assert!(only.ends_with("> `z11` > … > `z0`"), "{only}");
}
