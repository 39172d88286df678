//! Assets behind another: who is asked, what reaches it, what is said of it.

use model::{Event, Finding, Stamp, Unit};

use super::vocabulary::{Message, NO_TIME, cells, host, load};
use crate::{Criticality, Edge, Policy, Standing};

const POLICY: &str = r#"version: 1
site: {name: s, owner: security}
zones:
  cell: {owner: cell, criticality: low, members: {cidr: 10.1.0.0/24}}
  meters: {owner: meters, members: {assets: [meter-4]}}
  office: {owner: it, members: {cidr: 10.2.0.0/24}, within: [read]}
assets:
  hmi: {ip: 10.1.0.1}
  gateway: {ip: 10.1.0.40, role: gateway, owner: gateway-team, location: =G}
  meter-3: {behind: gateway, unit: 3, role: meter, criticality: critical, owner: meter-team, consequence: bills are wrong, location: =M3}
  meter-4: {behind: gateway, unit: 4, role: meter}
  meter-5: {behind: gateway, unit: 5}
  rack: {ip: 10.1.0.50}
  cpu: {behind: rack, rack: 0, slot: 2, role: cpu}
  drive: {behind: rack, unit: 2}
roles:
  gateway: {verbs: nothing}
  meter: {verbs: nothing}
  cpu: {verbs: nothing}
conduits:
  to the gateway:
    from: {asset: hmi}
    to: {asset: gateway}
    allow:
      - {protocol: any, verbs: [connect, read]}
  to a meter:
    from: {asset: hmi}
    to: {asset: meter-5}
    allow:
      - {protocol: modbus, verbs: write, targets: holding:0-9}
  by role:
    from: {zone: office}
    to: {role: meter}
    allow:
      - {protocol: modbus, verbs: read}
  by role and zone:
    from: {zone: office}
    to: {role: meter, zone: cell}
    allow:
      - {protocol: modbus, verbs: write}
  by zone:
    from: {asset: hmi}
    to: {zone: meters}
    allow:
      - {protocol: modbus, verbs: diagnose}
  to the module:
    from: {asset: hmi}
    to: {asset: cpu}
    allow:
      - {protocol: s7, verbs: [connect, read]}
"#;

const HMI: &str = "10.1.0.1";
const GATEWAY: &str = "10.1.0.40";
const RACK: &str = "10.1.0.50";
const OFFICE: &str = "10.2.0.1";

fn edge(policy: &Policy, client: &str, server: &str, message: &Message) -> Edge {
    let (client, server) = (policy.place(&host(client)), policy.place(&host(server)));
    policy.edge(client, server, message.protocol)
}

fn check(client: &str, server: &str, message: Message, expected: &str) {
    let policy = load(POLICY).policy;
    let edge = edge(&policy, client, server, &message);
    let said = match policy.judge(
        &edge,
        &mut Standing::default(),
        &message.operation(),
        NO_TIME,
    ) {
        model::Verdict::Violates { because, .. } => because.name(),
        other => other.name(),
    };
    assert_eq!(said, expected, "{client} {server} {message:?}");
}

fn unit(name: &str, id: u8) -> Message {
    Message::new(name).for_unit(Some(Unit::Id(id)))
}

fn slot(name: &str, rack: u8, slot: u8) -> Message {
    Message::new(name).for_unit(Some(Unit::Slot { rack, slot }))
}

#[test]
fn a_conduit_to_the_gateway_does_not_reach_what_is_behind_it() {
    check(HMI, GATEWAY, unit("read_coils", 1), "conforms");
    check(HMI, GATEWAY, unit("read_coils", 3), "no_conduit");
    check(HMI, GATEWAY, unit("read_coils", 5), "verb");
    check(HMI, GATEWAY, unit("read_coils", 6), "conforms");
}

#[test]
fn a_conduit_reaches_it_by_its_name_its_role_or_its_zone() {
    let write = |id| unit("write_single_register", id).on(cells("holding", 9, 9));
    check(HMI, GATEWAY, write(5), "conforms");
    check(HMI, GATEWAY, write(1), "verb");
    check(OFFICE, GATEWAY, unit("read_coils", 3), "conforms");
    check(OFFICE, GATEWAY, unit("read_coils", 4), "conforms");
    check(OFFICE, GATEWAY, unit("read_coils", 5), "no_conduit");
    check(OFFICE, GATEWAY, unit("read_coils", 1), "no_conduit");
    check(OFFICE, GATEWAY, write(3), "conforms");
    check(OFFICE, GATEWAY, write(4), "verb");
    check(HMI, GATEWAY, unit("diagnostics", 4), "conforms");
    check(HMI, GATEWAY, unit("diagnostics", 3), "no_conduit");
}

#[test]
fn modules_are_told_by_rack_and_slot() {
    check(HMI, RACK, slot("read_var", 0, 2), "conforms");
    check(HMI, RACK, slot("plc_stop", 0, 2), "verb");
    check(HMI, RACK, slot("read_var", 0, 3), "no_conduit");
    let mut connect = slot("connect_request", 0, 2);
    connect.protocol = "cotp";
    check(HMI, RACK, connect, "conforms");
    check(HMI, RACK, unit("read_coils", 2), "no_conduit");
}

#[test]
fn without_a_unit_it_is_not_known_who_was_asked_unless_that_does_not_matter() {
    let unseen = |name| Message::new(name).for_unit(None);
    check(HMI, RACK, unseen("read_var"), "unknown");
    check(HMI, RACK, unseen("plc_stop"), "no_conduit");
    check(HMI, GATEWAY, unseen("read_coils"), "unknown");
    // what names no units is the gateway's own, whatever is behind it
    check(HMI, GATEWAY, unseen("create_session"), "conforms");
    check(HMI, RACK, unseen("create_session"), "no_conduit");
}

#[test]
fn what_is_behind_never_asks() {
    check(GATEWAY, HMI, unit("read_coils", 3), "no_conduit");
    let policy = load(POLICY).policy;
    let placed = policy.place(&host(GATEWAY));
    assert_eq!(policy.party(host(GATEWAY), placed).asset, Some("gateway"));
}

#[test]
fn incidents_are_about_the_asset_behind() {
    let policy = load(POLICY).policy;
    let find = |message: &Message| -> Finding {
        let edge = edge(&policy, HMI, GATEWAY, message);
        let operation = message.operation();
        let event = Event {
            stamp: Stamp::default(),
            client: policy.party(host(HMI), policy.place(&host(HMI))),
            server: policy.party(host(GATEWAY), edge.server(operation.unit)),
            server_port: 502,
            operation: &operation,
        };
        policy
            .finding(
                &edge,
                &Standing::default(),
                &event,
                policy.judge(&edge, &mut Standing::default(), &operation, NO_TIME),
            )
            .unwrap()
    };
    let of_meter = find(&unit("write_single_coil", 3));
    assert_eq!(of_meter.response.owner, "meter-team");
    assert_eq!(of_meter.response.consequence, "bills are wrong");
    assert_eq!(
        of_meter.because.reason,
        "no conduit leads from asset `hmi` in zone `cell` to asset `meter-3` in zone `cell`"
    );
    let of_gateway = find(&unit("write_single_coil", 9));
    assert_eq!(of_gateway.response.owner, "gateway-team");
    assert!(
        of_gateway
            .because
            .reason
            .contains("conduit `to the gateway`")
    );
    assert_eq!(find(&unit("write_single_coil", 4)).response.owner, "meters");
}

#[test]
fn it_has_its_own_name_place_and_criticality() {
    let policy = load(POLICY).policy;
    let edge = edge(&policy, HMI, GATEWAY, &Message::new("read_coils"));
    let check = |id: u8, names: [Option<&str>; 4], criticality| {
        let placed = edge.server(Some(Unit::Id(id)));
        let party = policy.party(host(GATEWAY), placed);
        let said = [party.asset, party.zone, party.role, party.location];
        assert_eq!(said, names, "unit {id}");
        assert_eq!(policy.criticality(placed), criticality, "unit {id}");
    };
    let (cell, meter) = (Some("cell"), Some("meter"));
    check(
        3,
        [Some("meter-3"), cell, meter, Some("=M3")],
        Criticality::Critical,
    );
    check(
        4,
        [Some("meter-4"), Some("meters"), meter, None],
        Criticality::Medium,
    );
    check(5, [Some("meter-5"), cell, None, None], Criticality::Low);
    check(
        6,
        [Some("gateway"), cell, Some("gateway"), Some("=G")],
        Criticality::Low,
    );
    assert_eq!(edge.part(Some(Unit::Id(3))), Some(Unit::Id(3)));
    assert_eq!(edge.part(Some(Unit::Id(6))), None);
    assert_eq!(edge.part(None), None);
}
