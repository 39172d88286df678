//! What loads and is hardly meant: said with its place, and what to do.

use model::Timestamp;

use super::vocabulary::load;

/// 2026-11-27T09:00:00Z.
const FRIDAY: Timestamp = Timestamp::from_nanos(1_795_770_000_000_000_000);

fn plant(rest: &str) -> String {
    format!(
        r#"version: 1
site: {{name: s, owner: o}}
zones:
  office: {{owner: o, members: {{cidr: 10.4.0.0/24}}}}
  cell: {{owner: o, members: {{cidr: 10.1.0.0/24}}}}
  line: {{owner: o, members: {{zones: [cell]}}}}
assets:
  plc: {{ip: 10.1.0.9, role: controller}}
  hmi: {{ip: 10.1.0.1, role: desk}}
roles:
  controller: {{verbs: nothing}}
  desk: {{verbs: any}}
{rest}"#
    )
}

/// The advice on a plant, each as line and text.
fn check(rest: &str, expected: &[&str]) {
    let advice = load(&plant(rest)).policy.advice(FRIDAY);
    let shown: Vec<String> = advice
        .iter()
        .map(|it| format!("{}: {}", it.at.line, it.what))
        .collect();
    assert_eq!(shown, expected, "{rest}");
    assert!(advice.iter().all(|it| it.help.is_some()));
}

/// A conduit from the desk to the controllers with these statements.
fn conduit(statements: &str) -> String {
    format!(
        "conduits:\n  a:\n    from: {{role: desk}}\n    to: {{role: controller, zone: cell}}\n    allow:\n{statements}"
    )
}

#[test]
fn a_plant_without_faults_gets_no_advice() {
    check(
        &conduit(
            "      - {protocol: modbus, verbs: [read]}\n      - {protocol: modbus, verbs: [write], targets: [holding:0-9]}\n",
        ),
        &[],
    );
}

#[test]
fn a_statement_that_another_covers_is_said() {
    let covered = "19: this statement of conduit `a` allows nothing that `a` does not allow";
    check(
        &conduit(
            "      - {protocol: modbus, verbs: [read, write]}\n      - {protocol: modbus, verbs: [write], targets: [holding:0-9]}\n",
        ),
        &[covered],
    );
    check(
        &conduit(
            "      - {protocol: any, verbs: [read, write], targets: [holding:0-99]}\n      - {protocol: modbus, verbs: [read], units: [3], targets: [holding:7]}\n",
        ),
        &[covered],
    );
    check(
        &conduit(
            "      - {protocol: modbus, verbs: [read], units: [1-4]}\n      - {protocol: modbus, verbs: [read], units: [1-5]}\n",
        ),
        &["18: this statement of conduit `a` allows nothing that `a` does not allow"],
    );
    check(
        &conduit(
            "      - {protocol: modbus, verbs: [read], shadow: true}\n      - {protocol: modbus, verbs: [read]}\n",
        ),
        &["18: this statement of conduit `a` allows nothing that `a` does not allow"],
    );
    check(
        &conduit(
            "      - {protocol: modbus, verbs: [write], values: 0..9}\n      - {protocol: modbus, verbs: [write], values: 3..5}\n",
        ),
        &[covered],
    );
    check(
        &conduit(
            "      - {protocol: opcua, verbs: [read], security_modes: [sign]}\n      - {protocol: opcua, verbs: [read], encryption: required}\n",
        ),
        &[],
    );
    check(
        &conduit(
            "      - {protocol: modbus, verbs: [read], rate: 10/1m}\n      - {protocol: modbus, verbs: [read], rate: 10/1m}\n",
        ),
        &[],
    );
}

#[test]
fn a_statement_between_narrower_ends_is_covered_by_one_between_wider_ends() {
    let two = |first: &str, second: &str| {
        let allow = "allow: {protocol: modbus, verbs: read}";
        format!(
            "conduits:\n  a:\n    from: {first}\n    to: {{zone: line}}\n    {allow}\n  b:\n    from: {second}\n    to: {{zone: cell}}\n    {allow}\n"
        )
    };
    let covered = "21: this statement of conduit `b` allows nothing that `a` does not allow";
    check(&two("{zone: line}", "{zone: cell}"), &[covered]);
    check(&two("{role: desk}", "{role: desk, zone: cell}"), &[covered]);
    check(&two("{role: desk}", "{asset: hmi}"), &[covered]);
    check(&two("{asset: hmi}", "{role: desk}"), &[]);
    check(&two("{zone: office}", "{zone: cell}"), &[]);
}

#[test]
fn of_two_that_mean_the_same_one_is_said() {
    check(
        &conduit(
            "      - {protocol: modbus, verbs: [read]}\n      - {protocol: modbus, verbs: [read]}\n",
        ),
        &["19: this statement of conduit `a` allows nothing that `a` does not allow"],
    );
}

#[test]
fn a_conduit_whose_ends_cannot_meet_is_said() {
    let ends = |from: &str, to: &str| {
        format!(
            "conduits:\n  a:\n    from: {from}\n    to: {to}\n    allow: {{protocol: modbus, verbs: read}}\n"
        )
    };
    check(
        &ends("{role: desk, zone: office}", "{asset: plc}"),
        &["17: conduit `a` leads from nobody"],
    );
    check(
        &ends("{asset: hmi}", "{role: controller, zone: office}"),
        &["17: conduit `a` leads to nobody"],
    );
    check(
        &ends("{asset: hmi}", "{role: desk}"),
        &["17: conduit `a` leads from a host to itself"],
    );
}

#[test]
fn what_is_over_is_said() {
    check(
        &conduit(
            "      - {protocol: modbus, verbs: [read], valid_until: 2026-11-26}\n      - {protocol: modbus, verbs: [write], valid_until: 2026-11-27}\n",
        ),
        &["18: conduit `a` allows nothing any more: expired, valid until 2026-11-26"],
    );
}

#[test]
fn schedules_and_tags_that_nothing_names_are_said() {
    let rest = "schedules:\n  day: {hours: '06:00-14:00'}\ntags:\n  A: {asset: plc, target: 'holding:1', type: uint16}\n  B: {asset: plc, target: 'holding:2', type: uint16}\n  C: {asset: plc, target: 'holding:3', type: uint16, high: 7}\n";
    check(
        rest,
        &[
            "14: no statement holds in schedule `day`",
            "16: tag `A` and 1 more have no limits, and no statement names them",
        ],
    );
}

#[test]
fn dangerous_verbs_want_somebody_who_acts() {
    check(
        &conduit("      - {protocol: s7, verbs: [read, download]}\n"),
        &["18: conduit `a` allows download, and states no `owner` and no `action`"],
    );
    let answered = "responses: {engineer: {owner: o, action: call}}\n".to_owned();
    check(
        &(answered + &conduit("      - {protocol: s7, verbs: [download]}\n")),
        &[],
    );
}

#[test]
fn what_an_inner_zone_says_again_is_said() {
    let text = plant("").replace("{cidr: 10.1.0.0/24}", "{cidr: 10.1.0.0/24}, within: [read]");
    let text = text.replace(
        "{zones: [cell]}",
        "{zones: [cell]}, within: [read, connect]",
    );
    let advice = load(&text).policy.advice(FRIDAY);
    let shown: Vec<String> = advice
        .iter()
        .map(|it| format!("{}: {}", it.at.line, it.what))
        .collect();
    assert_eq!(
        shown,
        ["5: `within cell` allows nothing that `within line` does not allow"]
    );
}
