//! Cases beside a policy: what they expect, what is wrong with them, and what they would notice.

use std::collections::BTreeMap;

use model::{Problem, Timestamp, Verdict};
use proptest::prelude::*;

use super::plan::{a_host, a_message, a_plan};
use super::vocabulary::{WORDS, judge_hosts, load};
use crate::{Cases, Found, Policy};

const POLICY: &str = r#"version: 1
site: {name: s, owner: o}
zones:
  cell: {owner: o, members: {cidr: 10.0.1.0/24}}
  office: {owner: o, members: {cidr: 10.0.4.0/24}}
assets:
  hmi: {ip: 10.0.1.5, role: operator}
  plc: {ip: 10.0.1.21, role: controller}
roles:
  operator: {verbs: [read, write]}
  controller: {verbs: nothing}
conduits:
  operate:
    from: {asset: hmi}
    to: {asset: plc}
    allow:
      - {protocol: modbus, verbs: [read, identify]}
      - {protocol: modbus, verbs: [write], targets: ["holding:0-9"], values: [0..900]}
"#;

fn read(policy: &Policy, text: &str) -> Result<Cases, Vec<Problem>> {
    Cases::read(policy, "cases.yaml", text, &WORDS, Timestamp::from_nanos(0))
}

fn cases(policy: &Policy, list: &str) -> Cases {
    let text = format!("cases:\n{list}");
    read(policy, &text).unwrap_or_else(|problems| panic!("{text}\n{problems:?}"))
}

const WRITE: &str =
    "{name: w, from: hmi, to: plc, protocol: modbus, verb: write, target: holding:9";

#[test]
fn a_case_holds_when_verdict_reason_and_statement_are_as_expected() {
    let policy = load(POLICY).policy;
    let check = |rest: &str, wanted: Option<&str>| {
        let cases = cases(&policy, &format!("  - {WRITE}, {rest}}}\n"));
        let outcome = cases.iter().next().unwrap().check(&policy).unwrap();
        assert_eq!(outcome.wrong.first().map(String::as_str), wanted, "{rest}");
        assert_eq!(cases.first_broken(&policy).is_some(), wanted.is_some());
    };
    check("value: 900, expect: conforms", None);
    check("value: 900, expect: conforms, by: operate", None);
    check("value: 900, expect: conforms, by: conduit operate", None);
    check("value: 900, expect: conforms, by: \"test.yaml:18\"", None);
    check("value: 901, expect: violates, because: value", None);
    check(
        "value: 901, expect: violates, because: value, by: operate",
        None,
    );
    check(
        "value: 901, expect: conforms",
        Some("expected conforms; it violates because value by `operate` (test.yaml:18)"),
    );
    check(
        "value: 900, expect: violates, because: target",
        Some("expected violates because target; it conforms by `operate` (test.yaml:18)"),
    );
    check(
        "value: 900, expect: conforms, by: \"test.yaml:17\"",
        Some("expected conforms by test.yaml:17; it conforms by `operate` (test.yaml:18)"),
    );
}

#[test]
fn what_is_wrong_with_cases_is_said_with_its_place() {
    let policy = load(POLICY).policy;
    let check = |text: &str, wanted: &[&str]| {
        let problems = read(&policy, text).unwrap_err();
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(problems, wanted);
    };
    check(
        "{}",
        &["cases.yaml:1:1: there is no `cases`; write `cases:` and a list below it"],
    );
    check(
        "cases:\n  - {name: a, form: hmi, to: plc, protocol: modbus, verb: read, expect: conform}\n",
        &[
            "cases.yaml:2:5: the operation has no `from`",
            "cases.yaml:2:15: a case has no key `form`; did you mean `from`?",
            "cases.yaml:2:73: no verdict `conform`; did you mean `conforms`?",
        ],
    );
    check(
        "cases:\n  - {name: a, from: hmi, to: plc, protocol: modbus, verb: read}\n",
        &[
            "cases.yaml:2:5: case `a` expects nothing; write `expect: conforms`, or `violates`, `unzoned`, `shadow`, `unknown`",
        ],
    );
    check(
        &format!(
            "cases:\n  - {WRITE}, expect: violates, because: vlaue, by: operat}}\n  - {{name: w, expect: conforms}}\n"
        ),
        &[
            "cases.yaml:2:112: no reason `vlaue`; did you mean `value`?",
            "cases.yaml:2:123: no statement `operat`; did you mean `operate`?",
            "cases.yaml:3:5: the case has no operation; say `from`, `to`, and what is asked, or name a `capture`",
            "cases.yaml:3:12: case `w` is stated twice; it stands at cases.yaml:2:12 already",
        ],
    );
    check(
        "cases:\n  - {name: a, capture: none.pcap, from: hmi, expect: {violatons: 1, rules: {policy.targt: 1}}}\n",
        &[
            "cases.yaml:2:24: there is no capture `none.pcap`; its path is relative to this file",
            "cases.yaml:2:41: a capture says its `from` itself; leave it out, or leave out `capture`",
            "cases.yaml:2:55: what is expected of a capture has no key `violatons`; did you mean `violations`?",
            "cases.yaml:2:77: no rule `policy.targt`; did you mean `policy.target`?",
        ],
    );
}

#[test]
fn what_a_capture_gave_is_compared() {
    let policy = load(POLICY).policy;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.pcap"), "").unwrap();
    let name = folder.path().join("cases.yaml").display().to_string();
    let check = |expect: &str, found: &[(&str, u64)], wanted: &[&str]| {
        let text = format!("cases:\n  - {{name: a, capture: a.pcap, expect: {expect}}}\n");
        let cases = Cases::read(&policy, &name, &text, &WORDS, Timestamp::default()).unwrap();
        let rules: BTreeMap<_, _> = found
            .iter()
            .map(|(rule, count)| ((*rule).to_owned(), *count))
            .collect();
        let found = Found {
            violations: Some(rules.values().sum()),
            rules,
        };
        assert_eq!(cases.iter().next().unwrap().compare(&found), wanted);
    };
    check("{violations: 0}", &[], &[]);
    check(
        "{violations: 1}",
        &[],
        &["expected 1 violation(s), found 0"],
    );
    check("{rules: [policy.target: 2]}", &[("policy.target", 2)], &[]);
    check(
        "{violations: 3, rules: {target: 2}}",
        &[("policy.target", 1), ("policy.verb", 2)],
        &[
            "expected 2 of `policy.target`, found 1",
            "found 2 of `policy.verb`, which is not expected",
        ],
    );
}

/// The changes that cases do not notice, and how many do not count.
fn survivors(text: &str, list: &str) -> (Vec<String>, usize) {
    let mut policy = load(text).policy;
    let cases = cases(&policy, list);
    assert!(
        cases.first_broken(&policy).is_none(),
        "the cases do not hold"
    );
    let mutants = policy.mutants(&WORDS);
    let mut survivors = Vec::new();
    for mut mutant in mutants.list {
        policy.swap(&mut mutant);
        let noticed = cases.first_broken(&policy).is_some();
        policy.swap(&mut mutant);
        if !noticed {
            survivors.push(format!("{}:{} {}", mutant.name, mutant.line, mutant.what));
        }
    }
    assert!(
        cases.first_broken(&policy).is_none(),
        "a mutant was left in the policy"
    );
    (survivors, mutants.equivalent.len())
}

#[test]
fn changes_that_no_case_notices_are_found() {
    let read =
        "  - {name: r, from: hmi, to: plc, protocol: modbus, verb: read, expect: conforms}\n";
    let (left, _) = survivors(POLICY, read);
    assert_eq!(
        left,
        [
            "operate:17 for any protocol",
            "operate:17 with any verb",
            "operate:18 dropped",
            "operate:18 in shadow",
            "operate:18 for any protocol",
            "operate:18 with all targets",
            "operate:18 without `holding:5-9`",
            "operate:18 with all values",
            "operate:18 without what is above 450",
            "operate:14 `from` with all of the zones",
            "operate:15 `to` with all of the zones",
            "role operator:10 without limit",
            "role operator:10 in shadow",
            "role operator:10 without verb `write`",
        ]
    );
}

#[test]
fn good_cases_notice_every_change() {
    let list = "
  - {name: r, from: hmi, to: plc, protocol: modbus, verb: read, expect: conforms}
  - {name: i, from: hmi, to: plc, protocol: modbus, verb: identify, expect: violates, because: role}
  - {name: d, from: hmi, to: plc, protocol: modbus, verb: diagnose, expect: violates}
  - {name: s, from: hmi, to: plc, protocol: s7, verb: read, expect: violates, because: protocol}
  - {name: t, from: hmi, to: plc, protocol: s7, verb: write, target: DB1:0, value: 1, expect: violates, because: protocol}
  - {name: w, from: hmi, to: plc, protocol: modbus, verb: write, target: holding:9, value: 900, expect: conforms}
  - {name: v, from: hmi, to: plc, protocol: modbus, verb: write, target: holding:9, value: 901, expect: violates}
  - {name: x, from: hmi, to: plc, protocol: modbus, verb: write, target: holding:10, value: 1, expect: violates}
  - {name: f, from: zone cell, to: plc, protocol: modbus, verb: read, expect: violates, because: no_conduit}
  - {name: o, from: hmi, to: zone cell, protocol: modbus, verb: read, expect: violates, because: no_conduit}
";
    let (left, equivalent) = survivors(POLICY, list);
    assert_eq!(left, Vec::<String>::new());
    // `identify` is not the role's; the second statement has any verb; nobody lets the controller ask
    assert!(equivalent >= 4, "{equivalent}");
}

#[test]
fn every_change_is_taken_back_and_says_where_it_is() {
    let text = POLICY.replace(
        "values: [0..900]}",
        "values: [0..900, 1000], units: [1-4], rate: 2/1h, valid_until: 2026-12-01, shadow: true}\n      - {protocol: opcua, functions: [read, browse], users: [a], security_modes: [sign], encryption: required}",
    );
    let text = text.replace(
        "roles:\n  operator: {verbs: [read, write]}",
        "roles:\n  operator: {verbs: any}",
    );
    let mut policy = load(&text).policy;
    let state = |policy: &Policy| {
        let ways = policy.index.ways();
        format!("{:?}{:?}{ways:?}", policy.grants, policy.roles)
    };
    let before = state(&policy);
    let mutants = policy.mutants(&WORDS);
    let whats: Vec<_> = mutants
        .list
        .iter()
        .map(|mutant| mutant.what.clone())
        .collect();
    for what in [
        "with all units",
        "without half of its units",
        "at any rate",
        "one request less",
        "valid after it ends",
        "out of shadow",
        "with all functions of its verbs",
        "without function `browse`",
        "for any user",
        "with any security mode",
        "without encryption",
        "without 1000",
    ] {
        assert!(whats.iter().any(|it| it == what), "{what}: {whats:#?}");
    }
    for mut mutant in mutants.list {
        policy.swap(&mut mutant);
        assert_ne!(state(&policy), before, "{} {}", mutant.name, mutant.what);
        policy.swap(&mut mutant);
        assert_eq!(state(&policy), before);
    }
}

#[test]
fn a_role_whose_host_another_zone_may_claim_by_its_vlan_holds_something_back() {
    let text = r#"version: 1
site: {name: s, owner: o}
zones:
  lab: {owner: o, members: {vlan: 7}, within: [read, write]}
assets:
  laptop: {ip: 192.0.2.1, role: reader}
roles:
  reader: {verbs: [read]}
"#;
    let policy = load(text).policy;
    let mutants = policy.mutants(&WORDS);
    let counts = |what: &str| {
        mutants
            .list
            .iter()
            .any(|it| it.name == "role reader" && it.what == what)
    };
    assert!(counts("without limit"));
    assert!(counts("without verb `read`"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changes_that_do_not_count_change_nothing_and_those_that_narrow_allow_nothing_more(
        plan in a_plan(),
        asked in prop::collection::vec((a_host(), a_host(), a_message()), 40),
    ) {
        let mut policy = load(&plan.text()).policy;
        let allowed = |policy: &Policy| -> Vec<bool> {
            let verdicts = asked.iter().map(|(client, server, message)| {
                judge_hosts(policy, [client.host(), server.host()], message)
            });
            verdicts.map(|verdict| matches!(verdict, Verdict::Conforms { .. })).collect()
        };
        let before = allowed(&policy);
        for mut mutant in policy.mutants(&WORDS).equivalent {
            policy.swap(&mut mutant);
            let (name, what) = (&mutant.name, &mutant.what);
            prop_assert_eq!(&allowed(&policy), &before, "{} {}\n{}", name, what, plan.text());
            policy.swap(&mut mutant);
        }
        for mut mutant in policy.mutants(&WORDS).list.into_iter().filter(|it| it.narrows) {
            policy.swap(&mut mutant);
            let (name, what) = (&mutant.name, &mutant.what);
            let more = allowed(&policy).into_iter().zip(&before).any(|(now, was)| now && !was);
            prop_assert!(!more, "{} {}\n{}", name, what, plan.text());
            policy.swap(&mut mutant);
        }
    }
}
