//! What changes between two policies: said in one word, in classes, and never against the judge.

use model::Timestamp;
use proptest::prelude::*;

use super::plan::a_plan;
use super::vocabulary::{WORDS, load};
use crate::compare::{Change, Difference, Turn};

fn difference(old: &str, new: &str) -> Difference {
    load(new)
        .policy
        .difference(&load(old).policy, &WORDS, FRIDAY)
}

/// 2026-11-27T09:00:00Z.
const FRIDAY: Timestamp = Timestamp::from_nanos(1_795_770_000_000_000_000);

/// A policy in which `office` may do something to `plc`, and the rest of the file.
fn plant(allow: &str, rest: &str) -> String {
    format!(
        r#"version: 1
site: {{name: s, owner: o}}
zones:
  office: {{owner: o, level: 4, members: {{cidr: 10.4.0.0/24}}}}
  cell: {{owner: o, level: 1, members: {{cidr: 10.1.0.0/24}}}}
assets:
  plc: {{ip: 10.1.0.9}}
  hmi: {{ip: 10.1.0.1}}
conduits:
  c:
    from: {{zone: office}}
    to: {{asset: plc}}
    allow:
{allow}
{rest}"#
    )
}

/// The word and the lines for a change of what `office` may do to `plc`.
fn check(old: &str, new: &str, turn: Turn, lines: &[&str]) {
    check_plants(&plant(old, ""), &plant(new, ""), turn, lines);
}

fn check_plants(old: &str, new: &str, turn: Turn, lines: &[&str]) {
    let found = difference(old, new);
    let shown: Vec<String> = found.classes.iter().map(ToString::to_string).collect();
    assert_eq!(found.difference, turn, "{shown:#?}");
    assert_eq!(found.gaps, [""; 0]);
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    assert_eq!(shown, lines);
}

#[test]
fn a_policy_is_equivalent_to_itself_and_to_itself_written_otherwise() {
    let read =
        "      - {protocol: modbus, verbs: [read, write], targets: [holding:0-9, holding:5-19]}";
    check(read, read, Turn::Equivalent, &[]);
    let other =
        "      - protocol: modbus\n        verbs: [write, read]\n        targets: ['holding:0-19']";
    check(read, other, Turn::Equivalent, &[]);
    let split = "      - {protocol: modbus, verbs: [read], targets: [holding:0-19]}\n      - {protocol: modbus, verbs: write, targets: [holding:0-19]}";
    check(read, split, Turn::Equivalent, &[]);
}

#[test]
fn another_range_of_targets_is_said_with_both_lines() {
    check(
        "      - {protocol: modbus, verbs: write, targets: [holding:0-39]}",
        "      - {protocol: modbus, verbs: write, targets: [holding:0-49]}",
        Turn::Wider,
        &[
            "zone office -> asset plc: modbus write holding:40-49, was target `c` (test.yaml:14), now conforms to `c` (test.yaml:14)",
        ],
    );
}

#[test]
fn two_statements_side_by_side_are_narrower_than_one() {
    check(
        "      - {protocol: modbus, verbs: write, targets: [holding:0-19]}",
        "      - {protocol: modbus, verbs: write, targets: [holding:0-9]}\n      - {protocol: modbus, verbs: write, targets: [holding:10-19]}",
        Turn::Narrower,
        &[
            "zone office -> asset plc: modbus write holding:9-10 in one request, was conforms to `c` (test.yaml:14), now target `c` (test.yaml:14)",
        ],
    );
}

#[test]
fn values_are_cut_where_either_policy_limits_them() {
    check(
        "      - {protocol: modbus, verbs: write, targets: [holding:0], values: 0..900}",
        "      - {protocol: modbus, verbs: write, targets: [holding:0], values: [0..800, 1000]}",
        Turn::Both,
        &[
            "zone office -> asset plc: modbus write holding:0 = 1000, was value `c` (test.yaml:14), now conforms to `c` (test.yaml:14)",
            "zone office -> asset plc: modbus write holding:0 = 801..900, was conforms to `c` (test.yaml:14), now value `c` (test.yaml:14)",
        ],
    );
}

#[test]
fn a_tag_limit_is_compared_in_its_unit() {
    let with = |high| {
        let tag = format!(
            "tags:\n  T.SP: {{asset: plc, target: 'holding:0-1', type: float32, order: CDAB, unit: degC, low: 20, high: {high}}}\n"
        );
        plant(
            "      - {protocol: modbus, verbs: write, tags: [T.SP]}",
            &tag,
        )
    };
    check_plants(
        &with(380),
        &with(400),
        Turn::Wider,
        &[
            "zone office -> asset plc: modbus write holding:0-1 in one request = T.SP >380..400 degC, was value `c` (test.yaml:14), now conforms to `c` (test.yaml:14)",
        ],
    );
}

#[test]
fn sessions_are_cut_where_either_policy_asks_for_them() {
    check(
        "      - {protocol: opcua, verbs: read, security_modes: [sign, sign_and_encrypt]}",
        "      - {protocol: opcua, verbs: read, encryption: required, identities: [username]}",
        Turn::Narrower,
        &[
            "zone office -> asset plc: opcua read, security mode `sign`, was conforms to `c` (test.yaml:14), now encryption `c` (test.yaml:14)",
            "zone office -> asset plc: opcua read, identity `anonymous` or `certificate` or `issued`, security mode `sign_and_encrypt`, was conforms to `c` (test.yaml:14), now identity `c` (test.yaml:14)",
        ],
    );
}

#[test]
fn times_are_cut_where_either_policy_turns() {
    let with = |hours: &str| {
        let schedules = format!(
            "schedules:\n  day: {{days: mon-fri, hours: '{hours}', time_zone: Europe/Berlin}}\n"
        );
        plant(
            "      - {protocol: modbus, verbs: read, when: day}",
            &schedules,
        )
    };
    let found = difference(&with("06:00-14:00"), &with("06:00-15:00"));
    assert_eq!(found.difference, Turn::Wider);
    let [class] = &found.classes[..] else {
        panic!("{:#?}", found.classes)
    };
    assert!(
        class
            .to_string()
            .contains("not in day (mon-fri 06:00-14:00 Europe/Berlin)"),
        "{class}"
    );
    assert!(
        class
            .witness
            .to_string()
            .ends_with("at 2026-11-27T13:00:00Z"),
        "{}",
        class.witness
    );
    let same = difference(&with("06:00-14:00"), &with("06:00-14:00, 13:00-14:00"));
    assert_eq!(same.difference, Turn::Equivalent);
}

#[test]
fn what_was_over_before_makes_no_difference() {
    let over = "      - {protocol: modbus, verbs: read}\n      - {protocol: modbus, verbs: write, valid_until: 2026-11-01}";
    check(
        over,
        "      - {protocol: modbus, verbs: read}",
        Turn::Equivalent,
        &[],
    );
    let ahead = "      - {protocol: modbus, verbs: read}\n      - {protocol: modbus, verbs: write, valid_from: 2029-03-01}";
    let found = difference(
        &plant(ahead, ""),
        &plant("      - {protocol: modbus, verbs: read}", ""),
    );
    assert_eq!(found.difference, Turn::Narrower);
    assert!(
        found.classes[0]
            .witness
            .to_string()
            .contains("at 2029-03-01T00:00:00Z")
    );
}

#[test]
fn rates_are_used_up() {
    check(
        "      - {protocol: modbus, verbs: write, rate: 10/1m}",
        "      - {protocol: modbus, verbs: write, rate: 5/1m}",
        Turn::Narrower,
        &[
            "zone office -> asset plc: modbus write, after 5 like it at once, was conforms to `c` (test.yaml:14), now rate `c` (test.yaml:14)",
        ],
    );
    check(
        "      - {protocol: modbus, verbs: write, rate: 10/1m}",
        "      - {protocol: modbus, verbs: write, rate: 10/1h}",
        Turn::Narrower,
        &[
            "zone office -> asset plc: modbus write, 60 s after 10 like it, was conforms to `c` (test.yaml:14), now rate `c` (test.yaml:14)",
        ],
    );
}

#[test]
fn a_statement_that_goes_into_shadow_is_narrower() {
    check(
        "      - {protocol: modbus, verbs: read}\n      - {protocol: modbus, verbs: write}",
        "      - {protocol: modbus, verbs: read}\n      - {protocol: modbus, verbs: write, shadow: true}",
        Turn::Narrower,
        &[
            "zone office -> asset plc: modbus write, was conforms to `c` (test.yaml:15), now shadow `c` (test.yaml:15)",
        ],
    );
}

#[test]
fn what_comes_nearest_to_a_statement_in_shadow_makes_incidents_no_more() {
    let read = "      - {protocol: modbus, verbs: read}";
    let found = difference(
        &plant(read, ""),
        &plant(&read.replace("read", "read, shadow: true"), ""),
    );
    assert_eq!(found.difference, Turn::Both);
    let allowed = found
        .classes
        .iter()
        .filter(|class| class.change == Change::Allowed);
    let said: Vec<_> = allowed
        .map(|class| (class.was.reason, class.now.verdict))
        .collect();
    // also where it is over another protocol that the statement comes nearest
    let of = |reason| (Some(reason), "shadow");
    assert_eq!(said, [of("protocol"), of("protocol"), of("verb")]);
}

#[test]
fn units_are_cut_where_either_policy_names_them() {
    check(
        "      - {protocol: modbus, verbs: read, units: [1-9]}",
        "      - {protocol: modbus, verbs: read, units: [1-4, 7]}",
        Turn::Narrower,
        &[
            "zone office -> asset plc: modbus read unit 5-6, 8-9, was conforms to `c` (test.yaml:14), now unit `c` (test.yaml:14)",
        ],
    );
}

#[test]
fn a_host_that_moves_to_another_zone_changes_what_it_may() {
    let old = plant("      - {protocol: modbus, verbs: read}", "");
    let new = old.replace("cidr: 10.4.0.0/24", "cidrs: [10.4.0.0/24, 10.5.0.0/24]");
    let found = difference(&old, &new);
    assert_eq!(found.difference, Turn::Wider);
    let [class] = &found.classes[..] else {
        panic!("{:#?}", found.classes)
    };
    assert_eq!(class.witness.client.to_string(), "10.5.0.1");
    assert_eq!(class.was.verdict, "unzoned");
}

#[test]
fn a_role_that_loses_a_verb_is_narrower_wherever_it_leads() {
    let with = |verbs: &str| {
        plant(
            "      - {protocol: modbus, verbs: [read, write]}",
            &format!("roles:\n  desk: {{verbs: {verbs}}}\n"),
        )
        .replace("hmi: {ip: 10.1.0.1}", "hmi: {ip: 10.4.0.7, role: desk}")
    };
    let found = difference(&with("[read, write]"), &with("[read]"));
    let shown: Vec<String> = found.classes.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "asset hmi -> asset plc: modbus write, was conforms to `c` (test.yaml:14), now role `role desk` (test.yaml:16)"
        ]
    );
}

#[test]
fn an_asset_behind_a_gateway_is_a_server_of_its_own() {
    let old = plant("      - {protocol: modbus, verbs: read}", "");
    let new = old.replace("hmi: {ip: 10.1.0.1}", "meter: {behind: plc, unit: 3}");
    let found = difference(&old, &new);
    let shown: Vec<String> = found.classes.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "zone office -> asset meter: modbus read, was conforms to `c` (test.yaml:14), now no_conduit"
        ]
    );
}

#[test]
fn a_permit_opens_what_it_names_while_it_lasts() {
    let permit = "permits:\n  WO-1:\n    from: {zone: office}\n    to: {asset: plc}\n    valid_from: 2026-12-01\n    valid_until: 2026-12-02\n    allow: {protocol: s7, verbs: download}\n";
    let read = "      - {protocol: modbus, verbs: read}";
    let found = difference(&plant(read, ""), &plant(read, permit));
    let [class] = &found.classes[..] else {
        panic!("{:#?}", found.classes)
    };
    assert_eq!(class.change, Change::Allowed);
    assert!(
        class
            .witness
            .to_string()
            .ends_with("at 2026-12-01T00:00:00Z"),
        "{}",
        class.witness
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_policy_is_equivalent_to_itself_however_it_is_ordered(plan in a_plan()) {
        let mut other = plan.clone();
        other.conduits.reverse();
        other.conduits.iter_mut().for_each(|conduit| {
            conduit.allow.reverse();
            conduit.from.reverse();
        });
        let found = difference(&plan.text(), &format!("# written otherwise\n\n{}", other.text()));
        prop_assert_eq!(found.difference, Turn::Equivalent);
        prop_assert!(found.classes.is_empty());
    }
}
