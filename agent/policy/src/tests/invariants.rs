//! Sentences that must stay true: read, kept, broken with a witness.

use model::Timestamp;

use super::vocabulary::{WORDS, load, read};

const POLICY: &str = r#"version: 1
site: {name: s, owner: o}
zones:
  office: {owner: o, level: 4, members: {cidr: 10.4.0.0/24}}
  dmz: {owner: o, level: 3.5, members: {cidr: 10.3.0.0/24}}
  "cell 1": {owner: o, level: 1, members: {cidr: 10.1.0.0/24}}
  cells: {owner: o, members: {zones: ["cell 1"]}}
assets:
  plc: {ip: 10.1.0.9, role: controller}
  eng: {ip: 10.4.0.5, role: engineering}
roles:
  controller: {verbs: nothing}
  engineering: {verbs: [connect, read, download]}
conduits:
  office reads:
    from: {zone: office}
    to: {zone: cells}
    allow: {protocol: modbus, verbs: [read, write], targets: [holding:0-9]}
  engineering:
    from: {role: engineering}
    to: {role: controller}
    allow: {protocol: s7, verbs: [connect, download]}
  tried:
    from: {zone: dmz}
    to: {zone: cells}
    allow:
      - {protocol: modbus, verbs: read, shadow: true}
      - {protocol: opcua, verbs: read, encryption: required}
permits:
  WO-7:
    from: {zone: dmz}
    to: {asset: plc}
    valid_from: 2026-12-01
    valid_until: 2026-12-02
    allow: {protocol: s7, verbs: mode}
  WO-6:
    from: {zone: dmz}
    to: {asset: plc}
    valid_from: 2026-10-01
    valid_until: 2026-10-02
    allow: {protocol: s7, verbs: upload}
"#;

/// 2026-11-27T09:00:00Z.
const FRIDAY: Timestamp = Timestamp::from_nanos(1_795_770_000_000_000_000);

fn with(sentence: &str) -> String {
    format!("{POLICY}invariants:\n  - '{sentence}'\n")
}

/// The help of a broken sentence; nothing where it is kept.
fn check(sentence: &str, expected: &str) {
    let kept = load(&with(sentence)).policy.invariants(&WORDS, FRIDAY);
    assert_eq!(kept.gaps, [""; 0]);
    let help: Vec<_> = kept
        .broken
        .iter()
        .map(|it| it.help.clone().unwrap())
        .collect();
    let expected: &[&str] = if expected.is_empty() {
        &[]
    } else {
        &[expected]
    };
    assert_eq!(help, expected, "{sentence}");
    for broken in kept.broken {
        assert_eq!(broken.what, format!("invariant broken: {sentence}"));
        assert_eq!(broken.at.line, 43, "{broken}");
    }
}

#[test]
fn a_path_that_a_statement_opens_breaks_it_with_a_witness() {
    check(
        "no path from zone office to verb write at level 1",
        "`office reads` at test.yaml:18 allows 10.4.0.1 -> 10.1.0.9 modbus write_single_register unit 1 holding:0 at 2026-11-27T09:00:00Z",
    );
    check("no path from zone office to verb delete at level 1", "");
    check("no path from zone office to zone dmz", "");
    check("no path from role controller to any", "");
    check("no path from no zone to any", "");
    check(
        "no path from level 4 to verbs mode, delete on asset plc over s7",
        "",
    );
}

#[test]
fn an_outer_zone_means_its_inner_zones_and_names_may_have_blanks() {
    let help = "`office reads` at test.yaml:18 allows 10.4.0.5 -> 10.1.0.9 modbus read_holding_registers unit 1 holding:0 at 2026-11-27T09:00:00Z";
    check("no path from zone office to verb read in zone cells", help);
    check(
        "no path from zones dmz, office to verb read in zone \"cell 1\" over modbus",
        help,
    );
}

#[test]
fn only_says_who_alone_has_a_path() {
    check(
        "only role engineering has a path to verb download at level 1",
        "",
    );
    check(
        "only asset eng, role controller have a path to verb download",
        "",
    );
    check(
        "only role controller has a path to verb download at level 1",
        "`engineering` at test.yaml:22 allows 10.4.0.5 -> 10.1.0.9 s7 request_download rack 0 slot 2 at 2026-11-27T09:00:00Z",
    );
}

#[test]
fn what_can_be_read_on_the_way_is_not_encrypted() {
    check(
        "every path from zone dmz to verb read in zone cells is encrypted",
        "",
    );
    check(
        "every path from zone office to zone cells is encrypted",
        "`office reads` at test.yaml:18 allows 10.4.0.5 -> 10.1.0.9 modbus read_holding_registers unit 1 holding:0 at 2026-11-27T09:00:00Z",
    );
}

#[test]
fn shadow_opens_no_path_and_a_permit_does_unless_it_is_excepted() {
    check(
        "no path from zone dmz to verb read in zone cells over modbus",
        "",
    );
    check(
        "no path from zone dmz to verb mode at level 1",
        "`WO-7` at test.yaml:35 allows 10.3.0.1 -> 10.1.0.9 s7 plc_stop rack 0 slot 2 at 2026-12-01T00:00:00Z",
    );
    check(
        "no path from zone dmz to verb mode at level 1 except by permit",
        "",
    );
    check("no path from zone dmz to verb upload at level 1", "");
}

#[test]
fn what_is_wrong_with_a_sentence_is_said() {
    let refused = |sentence: &str, what: &str| {
        let problems = read(&with(sentence)).map(|_| ()).unwrap_err();
        let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let [only] = &shown[..] else {
            panic!("{shown:?}")
        };
        assert!(
            only.starts_with(&format!("test.yaml:43:5: {what}")),
            "{only}"
        );
    };
    refused(
        "no path from zone offce to any",
        "no zone `offce`; did you mean `office`?",
    );
    refused(
        "no path from zone office to verb wrte",
        "no verb `wrte`; did you mean `write`?",
    );
    refused("no path from role engineer to any", "no role `engineer`");
    refused(
        "no path from any to any over modbuss",
        "no protocol `modbuss`; did you mean `modbus`?",
    );
    refused("no path from level 7 to any", "`7` is no level");
    refused(
        "nobody may write",
        "the invariant has `nobody` where `no`, `only` or `every` should stand",
    );
    refused(
        "no path from zone office",
        "the invariant ends where `to` should stand",
    );
    refused(
        "no path from zone office to zone dmz today",
        "`today` is not expected in this invariant",
    );
    refused(
        "every path from zone office to zone dmz",
        "the invariant ends where `is encrypted` should stand",
    );
    refused("no path from zone to any", "no zone `to`");
}
