//! Changes of ends, permits and tags, which cases must notice; cases with limits, and cases of templates.

use std::path::Path;

use model::Timestamp;

use super::vocabulary::{WORDS, load};
use crate::{Cases, Policy, Text};

const POLICY: &str = r#"version: 1
site: {name: s, owner: o}
zones:
  line: {owner: o, members: {zones: [cell]}}
  cell: {owner: o, members: {cidr: 10.0.1.0/24}}
  office: {owner: o, members: {cidr: 10.0.4.0/24}}
assets:
  hmi: {ip: 10.0.1.5, role: operator}
  hmi-2: {ip: 10.0.1.6, role: operator}
  plc: {ip: 10.0.1.21, role: controller}
roles:
  operator: {verbs: [read, write]}
  guest: {verbs: [read]}
  controller: {verbs: nothing}
tags:
  T.SP: {asset: plc, target: "holding:4", type: uint16, scale: 0.1, unit: degC, low: 20, high: 80}
  T.PV: {asset: plc, target: "input:4", type: uint16, low: 0, high: 900}
conduits:
  operate:
    from: {assets: [hmi, hmi-2]}
    to: {asset: plc}
    allow:
      - {protocol: modbus, verbs: [write], targets: ["holding:0-9"]}
  talk:
    from: {role: operator, zone: cell}
    to: {zone: office}
    both_directions: true
    allow:
      - {protocol: opcua, verbs: [read]}
permits:
  WO-1:
    from: {asset: hmi}
    to: {asset: plc}
    role: guest
    valid_from: 2026-12-01
    valid_until: 2026-12-04
    allow:
      - {protocol: modbus, verbs: [read, identify]}
"#;

/// The changes of something, with whether they count.
fn changes(name: &str) -> Vec<(String, bool)> {
    let policy = load(POLICY).policy;
    let mutants = policy.mutants(&WORDS);
    let of = |list: Vec<crate::Mutant>, counts| {
        let own = list.into_iter().filter(|it| it.name == name);
        own.map(|it| (it.what, counts)).collect::<Vec<_>>()
    };
    let mut all = of(mutants.list, true);
    all.extend(of(mutants.equivalent, false));
    all
}

fn has(all: &[(String, bool)], what: &str, counts: bool) {
    let found = all.iter().find(|(it, _)| it == what);
    assert_eq!(found, Some(&(what.to_owned(), counts)), "{all:#?}");
}

#[test]
fn ends_are_narrowed_widened_and_turned() {
    let all = changes("operate");
    for what in [
        "`from` without asset `hmi`",
        "`from` with all of the zones",
        "`to` with all of the zones",
    ] {
        has(&all, what, true);
    }
    // a controller may do nothing, so that the other direction allows nothing
    has(&all, "in both directions", false);
    has(&all, "turned round", true);
    assert!(!all.iter().any(|(what, _)| what.contains("`to` without")));

    let all = changes("talk");
    for what in [
        "`from` with the roles in all zones",
        "`from` with all of the zones",
        "`to` with everybody",
        "only from `from` to `to`",
        "only from `to` to `from`",
    ] {
        has(&all, what, true);
    }
}

#[test]
fn a_permit_is_changed_in_role_and_period() {
    let all = changes("WO-1");
    for what in [
        "whatever its client plays",
        "valid before it begins",
        "valid after it ends",
        "without its first half",
        "without its second half",
    ] {
        has(&all, what, true);
    }
}

#[test]
fn limits_of_a_tag_are_dropped_and_halved_and_count_where_somebody_may_write() {
    let all = changes("tag T.SP");
    for what in [
        "without `low`",
        "without `high`",
        "without what is above 50",
        "without what is below 50",
    ] {
        has(&all, what, true);
    }
    has(&changes("tag T.PV"), "without `low`", false);
}

#[test]
fn every_change_is_made_and_taken_back() {
    let mut policy = load(POLICY).policy;
    let state = |policy: &Policy| {
        let limits: Vec<_> = policy.tags.iter().map(|tag| (tag.low, tag.high)).collect();
        let ways = policy.index.ways();
        let grants = &policy.grants;
        format!(
            "{grants:?}{:?}{:?}{ways:?}{limits:?}",
            policy.roles, policy.permits
        )
    };
    let before = state(&policy);
    let mutants = policy.mutants(&WORDS);
    for mut mutant in mutants.list.into_iter().chain(mutants.equivalent) {
        policy.swap(&mut mutant);
        assert_ne!(state(&policy), before, "{} {}", mutant.name, mutant.what);
        policy.swap(&mut mutant);
        assert_eq!(state(&policy), before, "{} {}", mutant.name, mutant.what);
    }
}

fn cases(text: &str) -> Vec<String> {
    let policy = load(POLICY).policy;
    let cases = Cases::read(
        &policy,
        "cases.yaml",
        text,
        &WORDS,
        Timestamp::from_nanos(0),
    );
    let cases = match cases {
        Ok(cases) => cases,
        Err(problems) => return problems.iter().map(ToString::to_string).collect(),
    };
    let broken = cases.first_broken(&policy);
    assert!(broken.is_none(), "{broken:?}");
    cases.iter().map(|case| case.name.clone()).collect()
}

#[test]
fn limits_are_four_writes() {
    let case = |rest: &str| {
        cases(&format!(
            "cases:\n  - {{name: T, from: hmi, to: plc, protocol: modbus, verb: write, target: T.SP, {rest}}}\n"
        ))
    };
    assert_eq!(
        case("limits: 20..80 degC, expect: conforms"),
        [
            "T: 20 degC",
            "T: 80 degC",
            "T: not 19.9 degC",
            "T: not 80.1 degC"
        ]
    );
    assert_eq!(
        case("limits: 80..20, expect: conforms"),
        ["cases.yaml:2:88: `80..20` run backwards; write the least first"]
    );
    assert_eq!(
        case("limits: 20..80, value: 5, expect: violates"),
        [
            "cases.yaml:2:103: a case with `limits` has no `values` of its own; leave it out, or leave out `limits`",
            "cases.yaml:2:114: `limits` are what conforms; write `expect: conforms`: within the limits it does, beyond them it must not"
        ]
    );
}

/// A site of a template, with the template's cases and its own: the names of all, or what is wrong.
fn inherited(own: &str) -> Result<Vec<String>, Vec<String>> {
    let text = |name: &str, text: &str| Text {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let template = POLICY.replace("version: 1\n", "version: 1\nparameters: {number: which}\n");
    let template = template.replace("[hmi, hmi-2]", "[hmi, 'hmi-${number}']");
    let template = template.replace("hmi-2:", "hmi-${number}:");
    let texts = [
        text("template/all.yaml", &template),
        text(
            "site/site.yaml",
            "extends: ../template\nvariables: {number: \"7\"}\n",
        ),
    ];
    let loaded = Policy::load_texts(&texts, Path::new("site"), &WORDS).unwrap();
    let said = |problems: Vec<model::Problem>| -> Vec<String> {
        problems.iter().map(ToString::to_string).collect()
    };
    let (policy, now) = (&loaded.policy, Timestamp::from_nanos(0));
    let mut cases = Cases::read(policy, "site/cases.yaml", own, &WORDS, now).map_err(said)?;
    let [of] = &*loaded.templates else {
        panic!("{:?}", loaded.templates);
    };
    assert_eq!(of.path, Path::new("template"));
    let file = (
        "template/cases.yaml",
        "cases:\n  - {name: one, from: \"hmi-${number}\", to: plc, protocol: modbus, verb: write, target: holding:0, value: 1, expect: conforms}\n  \
         - {name: two, from: \"hmi-${number}\", to: plc, protocol: modbus, verb: read, expect: violates}\n",
    );
    cases.inherit(policy, of, file, &WORDS, now).map_err(said)?;
    let leftover = cases.leftover();
    if !leftover.is_empty() {
        return Err(said(leftover));
    }
    assert!(cases.first_broken(policy).is_none());
    Ok(cases
        .iter()
        .map(|case| format!("{} {}", case.at.file, case.name))
        .collect())
}

#[test]
fn cases_of_a_template_run_for_each_site() {
    let own = "{name: own, from: hmi-7, to: plc, protocol: modbus, verb: read, expect: violates}";
    assert_eq!(
        inherited(&format!("cases:\n  - {own}\n")).unwrap(),
        [
            "site/cases.yaml own",
            "template/cases.yaml one",
            "template/cases.yaml two"
        ]
    );
    assert_eq!(
        inherited(&format!("cases:\n  - {}\n", own.replace("own", "two"))).unwrap(),
        ["site/cases.yaml two", "template/cases.yaml one"]
    );
    assert_eq!(
        inherited("without: [one]\n").unwrap(),
        ["template/cases.yaml two"]
    );
    assert_eq!(
        inherited("without: [three]\n").unwrap_err(),
        [
            "site/cases.yaml:1:11: no template has a case `three`; `without` names cases of templates that do not hold here"
        ]
    );
}
