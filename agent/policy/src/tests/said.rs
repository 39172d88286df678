//! Violations in words.

use std::fmt::Write;

use model::{Event, Finding, Stamp};

use crate::Standing;

use super::vocabulary::{Message, cells, host, load};

const POLICY: &str = r#"version: 1
site: {name: plant, owner: security}
zones:
  office: {owner: it, members: {cidr: 10.3.0.0/24}}
  cell:
    owner: cell
    consequence: the line stops
    members: {cidr: 10.1.0.0/24}
  flat:
    owner: flat
    members: {cidr: 10.2.0.0/24}
    within: [read]
assets:
  hmi: {ip: 10.1.0.1, role: hmi}
  plc: {ip: 10.1.0.9, owner: plc-team, consequence: the vessel vents}
roles:
  hmi: {verbs: [connect, read, write]}
conduits:
  hmi to plc:
    from: {asset: hmi}
    to: {asset: plc}
    owner: shift
    action: look at the screen
    severity: low
    respond_within: 5m
    allow:
      - {protocol: modbus, verbs: read}
      - {protocol: modbus, verbs: write, units: 1, targets: holding:40-49}
      - {protocol: modbus, function: write_single_coil}
  office to cell:
    from: {zone: office}
    to: {zone: cell}
    allow:
      - {protocol: opcua, verbs: read}
responses:
  operate: {action: restore the value, severity: critical}
  write: {owner: writers, respond_within: 2h}
"#;

fn find(client: &str, server: &str, message: &Message) -> Option<Finding> {
    let policy = load(POLICY).policy;
    let (client, server) = (host(client), host(server));
    let (from, to) = (policy.place(&client), policy.place(&server));
    let edge = policy.edge(from, to, message.protocol);
    let operation = message.operation();
    let event = Event {
        stamp: Stamp::default(),
        client: policy.party(client, from),
        server: policy.party(server, to),
        server_port: 502,
        operation: &operation,
    };
    let mut standing = Standing::default();
    let verdict = policy.judge(&edge, &mut standing, &operation, event.stamp.time);
    policy.finding(&edge, &standing, &event, verdict)
}

fn check(client: &str, server: &str, message: Message, expected: &str) {
    let finding = find(client, server, &message).unwrap();
    let because = finding.because;
    let mut said = String::new();
    let place = (because.file.unwrap(), because.line.unwrap());
    write!(
        said,
        "{} ({}): {}",
        finding.rule, finding.severity, finding.title
    )
    .unwrap();
    write!(said, "\n{}:{}: {}", place.0, place.1, because.reason).unwrap();
    write!(said, "\nif {}", because.would_be_allowed_if.unwrap()).unwrap();
    assert_eq!(said, expected);
}

fn ask(name: &str) -> Message {
    Message::new(name)
}

#[test]
fn a_violation_says_what_is_missing() {
    check(
        "10.3.0.5",
        "10.1.0.9",
        ask("write_single_register").on(cells("holding", 40, 40)),
        "policy.protocol (critical): modbus write over a conduit for other protocols\n\
         test.yaml:34: conduit `office to cell` does not carry `modbus`\n\
         if conduit `office to cell` also allowed `modbus` `write` on `holding:40`",
    );
    check(
        "10.1.0.99",
        "10.1.0.9",
        ask("read_coils").on(cells("coil", 0, 7)),
        "policy.no_conduit (medium): modbus read without a conduit\n\
         test.yaml:5: no conduit leads from a host in zone `cell` that is no asset to asset `plc` \
         in zone `cell`\n\
         if the client were an asset, and a conduit from it to asset `plc` allowed `modbus` `read` \
         on `coil:0-7`",
    );
    check(
        "10.1.0.1",
        "10.1.0.9",
        ask("diagnostics"),
        "policy.role (low): modbus diagnose beyond the client's role\n\
         test.yaml:17: role `hmi` may not `diagnose`\n\
         if role `hmi` could `diagnose` and conduit `hmi to plc` also allowed `modbus` `diagnose`",
    );
    check(
        "10.2.0.1",
        "10.2.0.2",
        ask("write_single_coil").on(cells("coil", 0, 0)),
        "policy.verb (critical): modbus write that no conduit carries\n\
         test.yaml:12: `within flat` does not carry verb `write`\n\
         if `within flat` also allowed `modbus` `write` on `coil:0`",
    );
    check(
        "192.0.2.1",
        "10.1.0.9",
        ask("read_coils"),
        "policy.unzoned (medium): modbus read from a host in no zone\n\
         test.yaml:5: the client is in no zone\n\
         if the client were a member of a zone, and a conduit from its zone to asset `plc` allowed \
         `modbus` `read`",
    );
}

#[test]
fn a_narrow_miss_names_the_statement_that_came_closest() {
    let write = || ask("write_single_register");
    check(
        "10.1.0.1",
        "10.1.0.9",
        write()
            .on(cells("holding", 40, 40))
            .on(cells("holding", 50, 51)),
        "policy.target (low): modbus write beyond the conduit's targets\n\
         test.yaml:28: conduit `hmi to plc` does not reach `holding:50-51` for verb `write`\n\
         if conduit `hmi to plc` also listed target `holding:50-51`",
    );
    check(
        "10.1.0.1",
        "10.1.0.9",
        write()
            .on(cells("holding", 40, 40))
            .for_unit(Some(model::Unit::Id(3))),
        "policy.unit (low): modbus write to a unit that no conduit reaches\n\
         test.yaml:28: conduit `hmi to plc` does not reach unit `3`\n\
         if conduit `hmi to plc` also listed unit `3`",
    );
    check(
        "10.1.0.1",
        "10.1.0.9",
        write(),
        "policy.target (low): modbus write beyond the conduit's targets\n\
         test.yaml:28: conduit `hmi to plc` lists targets, and this `write` shows none\n\
         if a statement without targets allowed `modbus` `write`",
    );
}

#[test]
fn a_connect_of_the_transport_is_worded_by_the_protocol_that_covers_it() {
    let mut connect = ask("connect_request");
    connect.protocol = "cotp";
    check(
        "10.1.0.1",
        "10.1.0.9",
        connect,
        "policy.protocol (low): s7 connect over a conduit for other protocols\n\
         test.yaml:27: conduit `hmi to plc` does not carry `s7`\n\
         if conduit `hmi to plc` also allowed `s7` `connect`",
    );
}

#[test]
fn the_nearest_response_is_given() {
    let check = |client: &str, server: &str, message: Message, expected: [&str; 4]| {
        let response = find(client, server, &message).unwrap().response;
        let said = [
            response.owner.as_str(),
            response.action.as_str(),
            response.consequence.as_str(),
            response.respond_within.as_str(),
        ];
        assert_eq!(said, expected);
    };
    let write = || ask("write_single_register").on(cells("holding", 9, 9));
    let vents = "the vessel vents";
    check(
        "10.1.0.1",
        "10.1.0.9",
        write(),
        ["shift", "look at the screen", vents, "5m"],
    );
    check(
        "10.3.0.1",
        "10.1.0.9",
        write(),
        ["plc-team", "restore the value", vents, "2h"],
    );
    let line = "the line stops";
    check(
        "10.3.0.1",
        "10.1.0.1",
        write(),
        ["cell", "restore the value", line, "2h"],
    );
    let nobody = "the process runs on values that nobody approved";
    let unzoned = ["writers", "restore the value", nobody, "2h"];
    check("192.0.2.1", "192.0.2.2", write(), unzoned);
}

#[test]
fn what_conforms_or_is_not_known_is_no_finding() {
    assert_eq!(find("10.1.0.1", "10.1.0.9", &ask("read_coils")), None);
    let unknown = ask("write_single_register")
        .on(cells("holding", 40, 40))
        .for_unit(None);
    assert_eq!(find("10.1.0.1", "10.1.0.9", &unknown), None);
}

#[test]
fn every_violation_has_an_owner_and_something_to_do() {
    for words in super::vocabulary::WORDS {
        for function in words.functions {
            let finding = find("192.0.2.1", "10.1.0.9", &ask(function.name)).unwrap();
            let response = finding.response;
            assert!(!response.owner.is_empty() && !response.action.is_empty());
            assert!(!response.consequence.is_empty() && !response.respond_within.is_empty());
        }
    }
}
