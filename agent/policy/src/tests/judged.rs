//! Verdicts, one sentence each.

use model::{Reason, Side, Target, Unit, Unseen, Verdict};

use super::vocabulary::{Message, cells, db, judge, load, node};

const POLICY: &str = r#"version: 1
site: {name: s, owner: o}
zones:
  cell:
    owner: o
    members: {cidr: 10.1.0.0/24}
  open:
    owner: o
    members: {cidr: 10.2.0.0/24}
    within: [connect, read]
assets:
  hmi: {ip: 10.1.0.1, role: hmi}
  view: {ip: 10.1.0.2, role: view}
  plc: {ip: 10.1.0.9, role: plc}
  server: {ip: 10.2.0.9}
roles:
  hmi: {verbs: any}
  view: {verbs: [connect, read, write], protocols: {s7: [connect, read]}}
  plc: {verbs: nothing}
conduits:
  cell:
    from: [{role: hmi}, {role: view}]
    to: {role: plc, zone: cell}
    allow:
      - {protocol: modbus, verbs: read}
      - {protocol: modbus, verbs: write, units: [1, 5-9], targets: [holding:40-49, holding:50-59, coil:0]}
      - {protocol: modbus, function: write_single_register, target: holding:900}
      - {protocol: s7, verbs: [connect, read, write, delete], targets: [DB1:0-31, "DI:*", "block:OB*", "pi:P_*"]}
      - {protocol: s7, verbs: [upload], units: [rack 0 slot 2]}
  server:
    from: {zone: cell}
    to: {asset: server}
    allow:
      - {protocol: opcua, verbs: [connect, read, write], targets: ["ns=2;s=Pump.*", "ns=2;s=Tank", "i=2258"]}
"#;

const HMI: &str = "10.1.0.1";
const VIEW: &str = "10.1.0.2";
const PLC: &str = "10.1.0.9";
const SERVER: &str = "10.2.0.9";

/// The verdict in a word: `conforms` and its line, the reason and its line, or what is not known.
fn verdict(client: &str, server: &str, message: &Message) -> String {
    let policy = load(POLICY).policy;
    let line = |id| policy.statement(id).line;
    match judge(&policy, client, server, message) {
        Verdict::Conforms { to } => format!("conforms {}", line(to)),
        Verdict::Violates {
            because,
            of: Some(of),
        } => format!("{} {}", because.name(), line(of)),
        Verdict::Violates { because, of: None } => because.name().to_owned(),
        Verdict::Unzoned { side } => format!("unzoned {}", side.name()),
        Verdict::Shadow { of } => format!("shadow {}", line(of)),
        Verdict::Unknown { why } => format!("unknown {why:?}"),
    }
}

fn check(client: &str, server: &str, message: Message, expected: &str) {
    assert_eq!(
        verdict(client, server, &message),
        expected,
        "{client} {server} {message:?}"
    );
}

fn ask(name: &str) -> Message {
    Message::new(name)
}

#[test]
fn a_read_that_a_conduit_carries_conforms() {
    check(
        HMI,
        PLC,
        ask("read_holding_registers").on(cells("holding", 0, 9)),
        "conforms 25",
    );
    check(HMI, PLC, ask("read_coils"), "conforms 25");
}

#[test]
fn a_write_conforms_on_listed_targets_only() {
    let write = || ask("write_multiple_registers");
    check(
        HMI,
        PLC,
        write().on(cells("holding", 40, 49)),
        "conforms 26",
    );
    check(
        HMI,
        PLC,
        write().on(cells("holding", 45, 55)),
        "conforms 26",
    );
    check(HMI, PLC, write().on(cells("holding", 59, 60)), "target 26");
    check(HMI, PLC, write().on(cells("input", 40, 41)), "target 26");
    let both = write().on(cells("holding", 40, 41)).on(cells("coil", 0, 0));
    check(HMI, PLC, both, "conforms 26");
    let half = write().on(cells("holding", 40, 41)).on(cells("coil", 1, 1));
    check(HMI, PLC, half, "target 26");
}

#[test]
fn targets_of_one_message_may_be_allowed_by_two_statements() {
    let write = ask("write_single_register").on(cells("holding", 900, 900));
    check(HMI, PLC, write.clone(), "conforms 27");
    check(HMI, PLC, write.on(cells("holding", 40, 40)), "conforms 27");
}

#[test]
fn a_write_to_another_unit_violates() {
    let write = |unit| {
        ask("write_multiple_registers")
            .on(cells("holding", 40, 40))
            .for_unit(unit)
    };
    check(HMI, PLC, write(Some(Unit::Id(7))), "conforms 26");
    check(HMI, PLC, write(Some(Unit::Id(2))), "unit 26");
    check(HMI, PLC, write(None), "unknown Target");
}

#[test]
fn slots_are_units() {
    let slot = |slot| Some(Unit::Slot { rack: 0, slot });
    check(
        HMI,
        PLC,
        ask("start_upload").for_unit(slot(2)),
        "conforms 29",
    );
    check(HMI, PLC, ask("start_upload").for_unit(slot(3)), "unit 29");
    check(HMI, PLC, ask("start_upload"), "unknown Target");
}

#[test]
fn the_reason_is_the_narrowest_miss() {
    check(HMI, PLC, ask("diagnostics"), "verb 25");
    check(HMI, PLC, ask("create_session"), "protocol 25");
    check(HMI, HMI, ask("read_coils"), "no_conduit");
    check(PLC, SERVER, ask("read").on(node("Tank")), "role 19");
}

#[test]
fn a_role_limits_whatever_the_conduit_allows() {
    let write = ask("write_single_coil").on(cells("coil", 0, 0));
    check(VIEW, PLC, write, "conforms 26");
    check(VIEW, PLC, ask("write_var").on(db(1, 0, 3)), "role 18");
    check(VIEW, PLC, ask("read_var").on(db(1, 0, 3)), "conforms 28");
    check(VIEW, PLC, ask("diagnostics"), "role 18");
}

#[test]
fn blocks_and_names_match_as_written() {
    let delete = || ask("pi_delete");
    check(
        HMI,
        PLC,
        delete().on(Target::Block {
            kind: "OB",
            number: 1,
        }),
        "conforms 28",
    );
    check(
        HMI,
        PLC,
        delete().on(Target::Block {
            kind: "FC",
            number: 1,
        }),
        "target 28",
    );
    check(
        HMI,
        PLC,
        delete().on(Target::Named {
            kind: "pi",
            name: "P_PROGRAM",
        }),
        "conforms 28",
    );
    check(
        HMI,
        PLC,
        delete().on(Target::Named {
            kind: "pi",
            name: "_DELE",
        }),
        "target 28",
    );
    let di = Target::Cells {
        area: "DI",
        block: Some(77),
        first: 0,
        last: 9,
    };
    check(HMI, PLC, ask("read_var").on(di), "conforms 28");
    check(HMI, PLC, ask("read_var").on(db(2, 0, 9)), "target 28");
}

#[test]
fn nodes_match_exactly_or_by_prefix() {
    check(
        HMI,
        SERVER,
        ask("write").on(node("Pump.Speed")),
        "conforms 34",
    );
    check(HMI, SERVER, ask("write").on(node("Tank")), "conforms 34");
    check(
        HMI,
        SERVER,
        ask("write").on(node("Tank.Level")),
        "target 34",
    );
    let status = Target::Node {
        namespace: 0,
        key: model::NodeKey::Numeric(2258),
    };
    check(HMI, SERVER, ask("read").on(status), "conforms 34");
}

#[test]
fn opening_touches_nothing_and_a_write_always_something() {
    check(HMI, SERVER, ask("create_session"), "conforms 34");
    check(HMI, SERVER, ask("read"), "conforms 34");
    check(HMI, SERVER, ask("write"), "target 34");
}

#[test]
fn an_answer_is_judged_as_its_request() {
    let write = || ask("write_multiple_registers");
    check(
        HMI,
        PLC,
        write().on(cells("holding", 40, 41)).answer(true),
        "conforms 26",
    );
    check(
        HMI,
        PLC,
        write().on(cells("holding", 90, 91)).answer(true),
        "target 26",
    );
    check(HMI, PLC, write().answer(false), "unknown Target");
}

#[test]
fn s7_statements_cover_the_connect_of_its_transport() {
    let mut connect = ask("connect_request");
    connect.protocol = "cotp";
    check(HMI, PLC, connect, "conforms 28");
}

#[test]
fn what_is_encrypted_is_not_known() {
    check(HMI, SERVER, ask("encrypted"), "unknown Encrypted");
    check(HMI, PLC, ask("encrypted"), "protocol 25");
    check("10.2.0.1", PLC, ask("encrypted"), "no_conduit");
}

#[test]
fn inside_a_zone_only_what_it_says() {
    check("10.2.0.1", "10.2.0.2", ask("read_coils"), "conforms 10");
    check("10.2.0.1", "10.2.0.2", ask("write_single_coil"), "verb 10");
    check("10.1.0.50", PLC, ask("read_coils"), "no_conduit");
}

#[test]
fn a_host_in_no_zone_is_said() {
    check("192.0.2.1", PLC, ask("read_coils"), "unzoned client");
    check(HMI, "192.0.2.1", ask("read_coils"), "unzoned server");
    check(
        "192.0.2.1",
        "192.0.2.2",
        ask("read_coils"),
        "unzoned client",
    );
}

#[test]
fn the_words_of_the_model_are_used() {
    let policy = load(POLICY).policy;
    let write = ask("write_var").on(db(9, 0, 0));
    let verdict = judge(&policy, HMI, PLC, &write);
    assert!(matches!(
        verdict,
        Verdict::Violates {
            because: Reason::Target,
            of: Some(_)
        }
    ));
    let unzoned = judge(&policy, "192.0.2.1", PLC, &write);
    assert_eq!(unzoned, Verdict::Unzoned { side: Side::Client });
    let hidden = judge(&policy, HMI, SERVER, &ask("encrypted"));
    assert_eq!(
        hidden,
        Verdict::Unknown {
            why: Unseen::Encrypted
        }
    );
}
