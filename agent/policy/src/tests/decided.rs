//! What the naive evaluator found out: what is decided by the documentation, each with its case.

use model::{Timestamp, Unseen, Verdict, Written};

use super::vocabulary::{Message, cells, db, host, load, node};
use crate::{Policy, Standing};

/// A policy in which `hmi` and `eng` may do something to `plc`, with what else stands in the file.
fn policy(allow: &[&str], rest: &str) -> Policy {
    let allow: String = allow
        .iter()
        .map(|it| format!("      - {{{it}}}\n"))
        .collect();
    let text = format!(
        "version: 1\nsite: {{name: s, owner: o}}\nzones:\n  cell: {{owner: o, members: {{cidr: 10.1.0.0/24}}}}\n\
         assets:\n  hmi: {{ip: 10.1.0.1}}\n  plc: {{ip: 10.1.0.9}}\n  plc-2: {{ip: 10.1.0.8}}\n\
         tags:\n  T: {{asset: plc, target: 'holding:10', type: int16, unit: degC, low: 0, high: 100}}\n  U: {{asset: plc, target: 'holding:20', type: int16, scale: 0.1}}\n\
         conduits:\n  c:\n    from: {{asset: hmi}}\n    to: {{zone: cell}}\n    allow:\n{allow}{rest}"
    );
    load(&text).policy
}

/// The line of the first statement; the others follow.
const FIRST: u32 = 17;

/// What one message after the other is judged as: the verdict, or the reason, and how many statements stand before the one that decides.
fn judged(
    policy: &Policy,
    server: &str,
    messages: &[(Message, i64)],
) -> Vec<(&'static str, Option<u32>)> {
    let (client, server) = (policy.place(&host("10.1.0.1")), policy.place(&host(server)));
    let protocol = messages
        .first()
        .map_or("modbus", |(message, _)| message.protocol);
    let edge = policy.edge(client, server, protocol);
    let mut standing = Standing::default();
    let all = messages.iter().map(|(message, secs)| {
        let at = Timestamp::from_nanos((DAY + secs) * 1_000_000_000);
        let verdict = policy.judge(&edge, &mut standing, &message.operation(), at);
        let said = policy.said(verdict);
        let word = said.reason.unwrap_or(said.verdict);
        (word, said.line.map(|line| line.wrapping_sub(FIRST)))
    });
    all.collect()
}

/// 2026-03-02T00:00:00Z in seconds.
const DAY: i64 = 1_772_409_600;

const PLC: &str = "10.1.0.9";

fn check(allow: &[&str], message: &Message, wanted: (&'static str, Option<u32>)) {
    let policy = policy(allow, "");
    assert_eq!(
        judged(&policy, PLC, &[(message.clone(), 0)]),
        [wanted],
        "{allow:?}"
    );
}

fn write(first: u64, bytes: &'static [u8]) -> Message {
    let last = first + bytes.len() as u64 / 2 - 1;
    Message::new("write_multiple_registers")
        .put(cells("holding", first, last), Written::Words(bytes))
}

#[test]
fn a_write_conforms_to_the_statement_that_allows_its_value() {
    let allow = [
        "protocol: modbus, verbs: write, targets: 'holding:0-9', values: 0..5",
        "protocol: modbus, verbs: write, targets: 'holding:0-9', values: 6..9",
    ];
    check(&allow, &write(0, &[0, 5]), ("conforms", Some(0)));
    check(&allow, &write(0, &[0, 7]), ("conforms", Some(1)));
}

#[test]
fn a_request_counts_against_each_statement_that_allows_a_part_of_it() {
    let allow = [
        "protocol: modbus, verbs: read, targets: 'holding:0-9', rate: 9/1m",
        "protocol: modbus, verbs: read, targets: 'holding:10-19', rate: 1/1m",
    ];
    let read = |first| Message::new("read_holding_registers").on(cells("holding", first, first));
    let both = read(3).on(cells("holding", 13, 13));
    let policy = policy(&allow, "");
    let said = judged(
        &policy,
        PLC,
        &[(both, 0), (read(13), 1), (read(3), 2), (read(13), 60)],
    );
    let wanted = [
        ("conforms", Some(0)),
        ("rate", Some(1)),
        ("conforms", Some(0)),
        ("conforms", Some(1)),
    ];
    assert_eq!(said, wanted);
}

#[test]
fn a_value_that_was_not_seen_may_break_the_limits_of_a_tag() {
    let allow = ["protocol: modbus, verbs: write, targets: 'holding:0-19'"];
    let silent = |first| Message::new("write_single_register").on(cells("holding", first, first));
    check(&allow, &silent(10), ("unknown", None));
    check(&allow, &silent(11), ("conforms", Some(0)));
    // nobody knows what a write touches that shows nothing
    check(
        &["protocol: modbus, verbs: write"],
        &Message::new("write_single_register"),
        ("unknown", None),
    );
}

#[test]
fn what_was_not_seen_decides_nothing_where_something_else_is_missed() {
    let unseen = Message::new("read_holding_registers")
        .on(cells("holding", 50, 50))
        .for_unit(None);
    let allow = ["protocol: modbus, verbs: read, units: 3, targets: 'holding:0-9'"];
    check(&allow, &unseen, ("target", Some(0)));
    let allow = ["protocol: modbus, verbs: read, units: 3, valid_until: 2026-01-01"];
    check(&allow, &unseen, ("time", Some(0)));
    let read = Message::new("read").on(node("Pump")).showing("user", "eve");
    let allow = ["protocol: opcua, verbs: read, security_modes: sign, users: anna"];
    check(&allow, &read, ("identity", Some(0)));
}

#[test]
fn a_value_limits_writes_alone() {
    let call = Message::new("call").put(node("Pump"), Written::Int(7));
    check(
        &["protocol: opcua, verbs: call, targets: 'ns=2;*', values: 0..5"],
        &call,
        ("conforms", Some(0)),
    );
}

#[test]
fn a_tag_is_a_place_of_its_asset_alone() {
    let policy = policy(
        &["protocol: modbus, verbs: write, tags: [T], targets: 'holding:11'"],
        "",
    );
    let on = |server: &str, message: Message| judged(&policy, server, &[(message, 0)]);
    assert_eq!(on(PLC, write(10, &[0, 1, 0, 1])), [("conforms", Some(0))]);
    assert_eq!(on("10.1.0.8", write(10, &[0, 1])), [("target", Some(0))]);
    assert_eq!(on("10.1.0.8", write(11, &[0, 1])), [("conforms", Some(0))]);
}

#[test]
fn values_hold_raw_beside_the_tags_that_they_are_for() {
    let allow = ["protocol: modbus, verbs: write, tags: [U], targets: 'holding:21', values: 0..5"];
    check(&allow, &write(20, &[0, 50, 0, 5]), ("conforms", Some(0)));
    check(&allow, &write(20, &[0, 50, 0, 6]), ("value", Some(0)));
    check(&allow, &write(20, &[0, 51, 0, 5]), ("value", Some(0)));
}

fn permit(allow: &str, until: &str) -> String {
    format!(
        "permits:\n  WO-1:\n    from: {{asset: hmi}}\n    to: {{asset: plc}}\n    valid_from: 2026-01-01\n    valid_until: {until}\n    allow: {{{allow}}}\n"
    )
}

#[test]
fn a_permit_that_is_over_is_a_reason_only_where_it_would_have_allowed_it() {
    let over = permit(
        "protocol: s7, verbs: write, targets: 'DB1:0-9'",
        "2026-02-01",
    );
    let policy = policy(&["protocol: s7, verbs: read"], &over);
    let write = |byte| {
        Message::new("write_var").put(db(1, byte, byte), Written::Bit { place: 0, on: true })
    };
    let said = judged(&policy, PLC, &[(write(3), 0), (write(30), 0)]);
    assert_eq!(
        said.iter().map(|it| it.0).collect::<Vec<_>>(),
        ["time", "verb"]
    );
}

#[test]
fn no_statement_outlasts_its_work_order() {
    let over = permit(
        "protocol: s7, verbs: mode, valid_until: 2026-12-01",
        "2026-02-01",
    );
    let policy = policy(&["protocol: s7, verbs: read"], &over);
    let said = judged(&policy, PLC, &[(Message::new("plc_stop"), 0)]);
    assert_eq!(said[0].0, "time");
}

#[test]
fn what_is_in_shadow_takes_part_only_where_it_is_tried() {
    let read = Message::new("read_var").on(db(1, 3, 3));
    // the only conduit that joins the two is in shadow, and for another protocol
    check(
        &["protocol: modbus, verbs: read, shadow: true"],
        &read,
        ("shadow", Some(0)),
    );
    // the first of the two targets needs no shadow, the second does
    let allow = [
        "protocol: s7, verbs: read, targets: 'DB1:0-9'",
        "protocol: s7, verbs: read, targets: 'DB2:0-9', shadow: true",
    ];
    check(&allow, &read.clone().on(db(2, 3, 3)), ("shadow", Some(1)));
    // whether the one in shadow would allow it is not known
    let read = Message::new("read").on(node("Pump"));
    check(
        &["protocol: opcua, verbs: read, users: anna, shadow: true"],
        &read,
        ("unknown", None),
    );
}

#[test]
fn a_gateway_in_shadow_says_nothing_of_what_is_behind_it() {
    let behind = "  d:\n    from: {asset: hmi}\n    to: {asset: meter}\n    allow:\n      - {protocol: modbus, verbs: read}\n";
    let text = format!(
        "version: 1\nsite: {{name: s, owner: o}}\nzones:\n  cell: {{owner: o, members: {{cidr: 10.1.0.0/24}}}}\n\
         assets:\n  hmi: {{ip: 10.1.0.1}}\n  gate: {{ip: 10.1.0.9}}\n  meter: {{behind: gate, unit: 3}}\n\
         conduits:\n  c:\n    from: {{asset: hmi}}\n    to: {{asset: gate}}\n    allow:\n      - {{protocol: modbus, verbs: read, shadow: true}}\n{behind}"
    );
    let policy = load(&text).policy;
    let [client, server] = ["10.1.0.1", "10.1.0.9"].map(|ip| policy.place(&host(ip)));
    let edge = policy.edge(client, server, "modbus");
    let read = Message::new("read_holding_registers").for_unit(None);
    let verdict = policy.judge(
        &edge,
        &mut Standing::default(),
        &read.operation(),
        Timestamp::default(),
    );
    assert_eq!(
        verdict,
        Verdict::Unknown {
            why: Unseen::Target
        }
    );
}
