//! What statements ask for beside verbs and targets: times, sessions, values, rates, permits and shadow.

use model::{Bits, Event, Reason, Stage, Stamp, Timestamp, Verdict, Written};

use super::vocabulary::{Message, cells, db, host, load, node};
use crate::{Policy, Standing};

const POLICY: &str = r#"version: 1
site: {name: plant, owner: security, time_zone: Europe/Berlin}
zones:
  cell: {owner: cell, members: {cidr: 10.1.0.0/24}}
assets:
  hmi: {ip: 10.1.0.1, role: hmi}
  eng: {ip: 10.1.0.2, role: viewer}
  trial: {ip: 10.1.0.3}
  old: {ip: 10.1.0.4, role: tried}
  plc: {ip: 10.1.0.9}
  server: {ip: 10.1.0.8}
roles:
  hmi: {verbs: any}
  viewer: {verbs: [connect, read]}
  fitter: {verbs: [connect, read, write]}
  tried: {verbs: [read], shadow: true}
schedules:
  early: {days: mon-fri, hours: 06:00-14:00}
tags:
  T1: {asset: plc, target: holding:200-201, type: float32, unit: degC, low: 20, high: 380, text: reactor}
  F7: {asset: plc, target: holding:300, type: int16, unit: l/h, scale: 0.5}
conduits:
  raw:
    from: {asset: hmi}
    to: {asset: plc}
    allow:
      - {protocol: modbus, verbs: write, targets: [holding:0-9, coil:*], values: [0..900, 1000]}
      - {protocol: modbus, verbs: write, targets: holding:190-210}
      - {protocol: modbus, verbs: write, tags: F7, values: 5..60 l/h}
      - {protocol: s7, verbs: write, targets: DB1:0-9, rate: 2/1m}
  hours:
    from: {asset: hmi}
    to: {asset: plc}
    when: early
    allow:
      - {protocol: modbus, verbs: read}
      - {protocol: modbus, verbs: diagnose, valid_until: 2026-03-31}
  session:
    from: {asset: hmi}
    to: {asset: server}
    allow:
      - {protocol: opcua, verbs: [connect, read], security_modes: [sign, sign_and_encrypt], security_policy: Basic256Sha256}
      - {protocol: opcua, verbs: write, users: [anna, ben], encryption: required}
      - {protocol: opcua, verbs: call, certificates: "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:ab:cd:ef:01:23:45:67"}
  look:
    from: {asset: eng}
    to: {asset: plc}
    allow: {protocol: modbus, verbs: read}
  try:
    from: {asset: trial}
    to: {asset: plc}
    allow:
      - {protocol: modbus, verbs: read, targets: holding:0-9}
      - {protocol: modbus, verbs: write, targets: holding:0-9, shadow: true}
  tried:
    from: {asset: old}
    to: {asset: plc}
    allow: {protocol: modbus, verbs: [read, write]}
permits:
  WO-1:
    from: {asset: eng}
    to: {asset: plc}
    role: fitter
    valid_from: 2026-03-02T06:00
    valid_until: 2026-03-02T18:00
    allow: {protocol: modbus, verbs: write, targets: holding:0-9}
"#;

const HMI: &str = "10.1.0.1";
const ENG: &str = "10.1.0.2";
const TRIAL: &str = "10.1.0.3";
const OLD: &str = "10.1.0.4";
const SERVER: &str = "10.1.0.8";
const PLC: &str = "10.1.0.9";

/// Monday, 2 March 2026, at an hour of the day in Berlin.
fn monday(hour: i64) -> Timestamp {
    let midnight = 1_772_406_000;
    Timestamp::from_nanos((midnight + hour * 3600) * 1_000_000_000)
}

/// The word of the verdict, and the reason and its words where there are some.
struct Asked {
    policy: Policy,
    standing: Standing,
}

impl Asked {
    fn new() -> Self {
        Self {
            policy: load(POLICY).policy,
            standing: Standing::default(),
        }
    }

    fn ask(&mut self, ends: [&str; 2], message: &Message, at: Timestamp) -> (String, String) {
        let policy = &self.policy;
        let [client, server] = ends.map(host);
        let (from, to) = (policy.place(&client), policy.place(&server));
        let edge = policy.edge(from, to, message.protocol);
        let operation = message.operation();
        let stamp = Stamp::at(at);
        let verdict = policy.judge(&edge, &mut self.standing, &operation, at);
        let event = Event {
            stamp,
            client: policy.party(client, from),
            server: policy.party(server, to),
            server_port: 502,
            operation: &operation,
        };
        let finding = policy.finding(&edge, &self.standing, &event, verdict);
        let word = match verdict {
            Verdict::Violates { because, .. } => because.name(),
            other => other.name(),
        };
        let because = finding.map(|finding| finding.because);
        (
            word.to_owned(),
            because.map_or_else(String::new, |it| it.reason),
        )
    }
}

fn check(ends: [&str; 2], message: &Message, at: Timestamp, word: &str, words: &str) {
    let said = Asked::new().ask(ends, message, at);
    assert_eq!(
        (said.0.as_str(), said.1.as_str()),
        (word, words),
        "{message:?}"
    );
}

fn write(first: u64, bytes: &'static [u8]) -> Message {
    let last = first + bytes.len() as u64 / 2 - 1;
    Message::new("write_multiple_registers")
        .put(cells("holding", first, last), Written::Words(bytes))
}

#[test]
fn raw_values_hold_for_every_cell() {
    let check = |message: &Message, word: &str, words: &str| {
        check([HMI, PLC], message, monday(8), word, words)
    };
    let refused = |what: &str| format!("conduit `raw` does not allow the value: {what}");
    check(&write(0, &[3, 0x84, 0, 0]), "conforms", "");
    check(&write(0, &[3, 0xe8]), "conforms", "");
    check(
        &write(0, &[3, 0x85]),
        "value",
        &refused("901 not in 0..900, 1000 at `holding:0`"),
    );
    check(
        &write(0, &[0, 0, 0xff, 0xff]),
        "value",
        &refused("65535 > 1000 at `holding:0-1`"),
    );
    let coils =
        |bits| Message::new("write_single_coil").put(cells("coil", 4, 4), Written::Bits(bits));
    check(&coils(Bits::one(true)), "conforms", "");
    let unseen = Message::new("write_single_register").put(cells("holding", 1, 1), Written::Unseen);
    check(&unseen, "unknown", "");
    let silent = Message::new("write_single_register").on(cells("holding", 1, 1));
    check(&silent, "unknown", "");
    let orphan = write(0, &[3, 0x85]).answer(false);
    check(&orphan, "unknown", "");
}

#[test]
fn the_limits_of_a_tag_hold_where_a_statement_has_no_values() {
    let check = |message: &Message, word: &str, words: &str| {
        check([HMI, PLC], message, monday(8), word, words)
    };
    let refused = |what: &str| format!("conduit `raw` does not allow the value: {what}");
    check(&write(200, &[0x43, 0xbe, 0, 0]), "conforms", "");
    check(
        &write(200, &[0x43, 0xce, 0, 0]),
        "value",
        &refused("T1 (reactor) 412 degC > 380"),
    );
    check(
        &write(200, &[0x41, 0, 0, 0]),
        "value",
        &refused("T1 (reactor) 8 degC < 20"),
    );
    check(
        &write(201, &[0, 0]),
        "value",
        &refused("T1 (reactor) in part"),
    );
    check(&write(199, &[1, 2, 0x43, 0xbe, 0, 0]), "conforms", "");
    check(&write(203, &[0xff, 0xff]), "conforms", "");
    check(&write(300, &[0, 100]), "conforms", "");
    check(
        &write(300, &[0, 121]),
        "value",
        &refused("F7 60.5 l/h > 60"),
    );
    check(
        &write(301, &[0, 1]),
        "target",
        "conduit `raw` does not reach `holding:301` for verb `write`",
    );
}

#[test]
fn a_statement_holds_in_its_hours_and_until_its_day() {
    let read = Message::new("read_holding_registers");
    let diagnose = Message::new("diagnostics");
    let outside =
        "conduit `hours` does not hold now: outside of early (mon-fri 06:00-14:00 Europe/Berlin)";
    check([HMI, PLC], &read, monday(6), "conforms", "");
    check([HMI, PLC], &read, monday(14), "time", outside);
    check([HMI, PLC], &read, monday(5 * 24 + 8), "time", outside);
    check([HMI, PLC], &diagnose, monday(8), "conforms", "");
    let expired = "conduit `hours` does not hold now: expired, valid until 2026-03-31";
    check([HMI, PLC], &diagnose, monday(30 * 24 + 8), "time", expired);
}

#[test]
fn one_standing_follows_the_time_forwards_and_backwards() {
    let mut asked = Asked::new();
    let read = Message::new("read_holding_registers");
    for (hour, word) in [
        (5, "time"),
        (6, "conforms"),
        (13, "conforms"),
        (14, "time"),
        (7, "conforms"),
    ] {
        assert_eq!(asked.ask([HMI, PLC], &read, monday(hour)).0, word, "{hour}");
    }
}

#[test]
fn a_session_is_asked_for_its_security_and_its_user() {
    let check = |message: &Message, word: &str, words: &str| {
        check([HMI, SERVER], message, monday(8), word, words)
    };
    let read = || Message::new("read").on(node("Tank"));
    let uri = "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256";
    let secure = |message: Message| {
        message
            .showing("security_mode", "sign")
            .showing("security_policy", uri)
    };
    check(&secure(read()), "conforms", "");
    check(&read(), "unknown", "");
    check(&Message::new("create_session"), "conforms", "");
    let clear = read().showing("security_mode", "none");
    let words = "conduit `session` is for security mode `sign` or `sign_and_encrypt`, not `none`";
    check(&clear, "security", words);
    let write = |user| {
        let message = Message::new("write").put(node("Tank"), Written::Int(1));
        message
            .showing("user", user)
            .showing("security_mode", "sign_and_encrypt")
    };
    check(&write("anna"), "conforms", "");
    check(
        &write("eve"),
        "identity",
        "conduit `session` is for user `anna` or `ben`, not `eve`",
    );
    let open = Message::new("write")
        .put(node("Tank"), Written::Int(1))
        .showing("security_mode", "sign");
    check(
        &open,
        "encryption",
        "conduit `session` asks for encryption; this was sent in clear",
    );
    let call = |thumbprint| {
        Message::new("call")
            .on(node("Tank"))
            .showing("certificate_thumbprint", thumbprint)
    };
    check(
        &call("0123456789abcdef0123456789abcdef01234567"),
        "conforms",
        "",
    );
    let other = "ffffffffffffffffffffffffffffffffffffffff";
    let words = format!(
        "conduit `session` is for certificate `0123456789abcdef0123456789abcdef01234567`, not `{other}`"
    );
    check(&call(other), "identity", &words);
}

#[test]
fn a_rate_counts_requests_alone() {
    let mut asked = Asked::new();
    let write = Message::new("write_var").put(db(1, 0, 0), Written::Bit { place: 0, on: true });
    let answer = write.clone().answer(true);
    let seconds = |secs: i64| Timestamp::from_nanos(monday(8).as_nanos() + secs * 1_000_000_000);
    let mut check = |message: &Message, secs, word: &str| {
        assert_eq!(
            asked.ask([HMI, PLC], message, seconds(secs)).0,
            word,
            "{secs}"
        );
    };
    check(&write, 0, "conforms");
    check(&answer, 1, "conforms");
    check(&write, 2, "conforms");
    check(&write, 59, "rate");
    check(&write, 60, "conforms");
    check(&write, 60, "conforms");
    check(&write, 61, "rate");
    let words = asked.ask([HMI, PLC], &write, seconds(62)).1;
    assert_eq!(words, "conduit `raw` was used up: it allows `2/1m`");
}

#[test]
fn a_rate_counts_anew_where_the_clock_was_set_back() {
    let mut asked = Asked::new();
    let write = Message::new("write_var").put(db(1, 0, 0), Written::Bit { place: 0, on: true });
    let mut check = |millis: i64, word: &str| {
        let at = Timestamp::from_nanos(monday(8).as_nanos() + millis * 1_000_000);
        assert_eq!(asked.ask([HMI, PLC], &write, at).0, word, "{millis}");
    };
    check(600_000, "conforms");
    check(599_500, "conforms");
    check(599_400, "rate");
    check(0, "conforms");
    check(1_000, "conforms");
    check(59_000, "rate");
    check(60_000, "conforms");
}

#[test]
fn a_permit_allows_what_the_role_does_not_as_long_as_it_lasts() {
    let inside = write(3, &[0, 1]);
    check([ENG, PLC], &inside, monday(8), "conforms", "");
    check(
        [ENG, PLC],
        &inside,
        monday(18),
        "role",
        "role `viewer` may not `write`",
    );
    check(
        [ENG, PLC],
        &write(30, &[0, 1]),
        monday(8),
        "role",
        "role `viewer` may not `write`",
    );
    check(
        [ENG, PLC],
        &Message::new("read_holding_registers"),
        monday(18),
        "conforms",
        "",
    );
}

#[test]
fn what_only_shadow_decides_is_no_violation() {
    let read = |first| Message::new("read_holding_registers").on(cells("holding", first, first));
    check([TRIAL, PLC], &read(3), monday(8), "conforms", "");
    check(
        [TRIAL, PLC],
        &read(30),
        monday(8),
        "target",
        "conduit `try` does not reach `holding:30` for verb `read`",
    );
    check([TRIAL, PLC], &write(3, &[0, 1]), monday(8), "shadow", "");
    check([TRIAL, PLC], &write(30, &[0, 1]), monday(8), "shadow", "");
    check(
        [TRIAL, PLC],
        &Message::new("diagnostics"),
        monday(8),
        "verb",
        "conduit `try` does not carry verb `diagnose`",
    );
    check([OLD, PLC], &write(3, &[0, 1]), monday(8), "shadow", "");
    let words = "conduit `tried` does not carry verb `diagnose`";
    check(
        [OLD, PLC],
        &Message::new("diagnostics"),
        monday(8),
        "verb",
        words,
    );
    check([OLD, PLC], &read(3), monday(8), "conforms", "");
}

#[test]
fn an_edge_says_whose_verdicts_may_change() {
    let policy = load(POLICY).policy;
    let changing = |client: &str, server: &str, protocol: &str| {
        let (from, to) = (policy.place(&host(client)), policy.place(&host(server)));
        let edge = policy.edge(from, to, protocol);
        let changing = model::Verb::ALL
            .into_iter()
            .filter(|verb| edge.is_changing(*verb));
        changing
            .map(|verb| verb.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(changing(HMI, PLC, "modbus"), "read write diagnose");
    assert_eq!(changing(HMI, PLC, "s7"), "write");
    assert_eq!(changing(HMI, SERVER, "opcua"), "");
    assert_eq!(changing(TRIAL, PLC, "modbus"), "write");
}

#[test]
fn reasons_are_in_order_from_the_widest_miss_to_the_narrowest() {
    assert!(Reason::ALL.is_sorted());
    let named: Vec<_> = Reason::ALL.map(Reason::name).into();
    assert_eq!(named.first(), Some(&"no_conduit"));
    assert_eq!(Message::new("write_var").stage, Stage::Request);
}
