//! What the command says: the residue, its document, and what it refuses.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{bulkhead, field, says, stderr, stdout};

const PLANT: &str = "policy enforce policies/plant --format nftables";

fn document(more: &str) -> Value {
    serde_json::from_str(&says(&format!("{PLANT} --json {more}"))).unwrap()
}

#[test]
fn the_document_has_the_filter_its_rules_and_the_residue() {
    let document = document("");
    assert_eq!(field(&document, "text"), says(PLANT));
    let rules = document["rules"].as_array().unwrap();
    let mixer = rules
        .iter()
        .find(|rule| rule["conduit"] == "hmi-1 to mixer")
        .unwrap();
    assert_eq!(field(mixer, "from"), "asset hmi-1");
    assert_eq!(field(mixer, "to"), "asset plc-mixer");
    assert_eq!(field(mixer, "owner"), "controls-cell-1");
    assert_eq!(field(mixer, "ports"), r#"{"tcp":[502,802],"udp":[502]}"#);
    let statements = mixer["statements"].as_array().unwrap();
    assert_eq!(statements.len(), 2);
    assert_eq!(
        field(&statements[0], "file"),
        "policies/plant/conduits.yaml"
    );
}

#[test]
fn what_covers_the_residue_is_there() {
    let rules: Value = serde_json::from_str(&says("rules list --json")).unwrap();
    let rules: BTreeSet<_> = rules
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| field(rule, "id"))
        .collect();
    let metrics = std::fs::read_to_string(crate::support::root().join("docs/METRICS.md")).unwrap();
    let document = document("");
    let mut named = BTreeSet::new();
    for residue in document["residue"].as_array().unwrap() {
        for by in residue["covered_by"].as_array().unwrap() {
            let by = by.as_str().unwrap();
            let room = by.split('.').next().unwrap();
            let metric = by.split('{').next().unwrap();
            let is_there = match room {
                "policy" | "sensor" => true,
                _ => rules.contains(by) || metrics.contains(metric),
            };
            assert!(is_there, "{by}");
            named.insert(by.to_owned());
        }
    }
    for expected in [
        "policy.verb",
        "policy.target",
        "policy.role",
        "s7.plc_stop",
        "modbus.umas_download",
    ] {
        assert!(named.contains(expected), "{expected} of {named:?}");
    }
}

#[test]
fn the_residue_says_first_what_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let filter = folder.path().join("plant.nft");
    let text = says(&format!("{PLANT} -o {} --residue -", filter.display()));
    assert_eq!(std::fs::read_to_string(&filter).unwrap(), says(PLANT));
    let stops = text
        .find("The filter stops what the policy allows")
        .unwrap();
    let passes = text.find("The filter lets this pass").unwrap();
    assert!(stops < passes);
    let setpoints = "policies/plant/conduits.yaml:15: hmi-1 to mixer: targets: lists targets; the filter lets every target pass -> policy.target\n";
    assert!(text.contains(setpoints), "{text}");
}

#[test]
fn ports_in_use_are_added() {
    assert!(!says(PLANT).contains("4841"));
    let text = says(&format!("{PLANT} --port opcua=4841 --port s7=1102"));
    assert!(
        text.contains("tcp dport { 102, 502, 802, 1102, 4840, 4841 }"),
        "{text}"
    );
    assert!(text.contains("ip saddr 10.10.20.10 ip daddr 10.10.20.41 tcp dport { 4840, 4841 }"));
    assert!(text.contains("opcua tcp/4841"));
}

#[test]
fn a_work_order_is_left_out_unless_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = super::sites::write(folder.path(), "order.yaml", ORDER);
    let words = format!("policy enforce {} --format nftables", path.display());
    let (without, with) = (says(&words), says(&format!("{words} --permits")));
    assert!(!without.contains("WO-1"), "{without}");
    let comment = r#"comment "order.yaml:8 (from 2026-03-02 until 2026-03-03) WO-1""#;
    assert!(with.contains(comment), "{with}");
    let filter = folder.path().join("filter");
    let residue = says(&format!("{words} -o {} --residue -", filter.display()));
    assert!(residue.contains("write one with `--permits`"), "{residue}");
}

#[test]
fn a_bundle_is_taken_from_whom_it_is_believed() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (key, bundle) = (at("key"), at("plant.bundle"));
    says(&format!("policy keygen {key}"));
    says(&format!(
        "policy sign policies/plant --key {key} -o {bundle}"
    ));
    let words = format!("policy enforce {bundle} --format csv");
    let text = says(&format!("{words} --policy-key {key}.pub"));
    assert_eq!(
        text.lines().count(),
        says("policy enforce policies/plant --format csv")
            .lines()
            .count()
    );
    refused(&words, "--policy-key");
}

/// Refused with 2; standard error names this.
#[track_caller]
fn refused(words: &str, named: &str) {
    let output = bulkhead(words.split(' '));
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "`{words}` said {said}");
    assert!(said.contains(named), "{said}");
    assert_eq!(stdout(&output), "");
}

#[test]
fn what_cannot_be_done_is_refused() {
    refused(
        &format!("{PLANT} --residue -"),
        "both go to standard output",
    );
    refused(
        &format!("{PLANT} --port opcau=4841"),
        "did you mean `opcua`?",
    );
    refused(&format!("{PLANT} --port s7=udp/102"), "not carried by UDP");
    refused(
        "policy enforce policies/plant --format pf",
        "nftables, iptables, cisco-acl, csv",
    );
    refused("policy enforce no-such --format csv", "no-such");
    refused(&format!("{PLANT} -o no/such"), "cannot write `no/such`");
}

const ORDER: &str = "version: 1
site: {name: s, owner: o}
zones: {a: {owner: o, members: {cidr: 10.0.0.0/24}}, b: {owner: o, members: {cidr: 10.0.1.0/24}}}
permits:
  WO-1:
    {from: {zone: a}, to: {zone: b}, valid_from: 2026-03-02, valid_until: 2026-03-03,
    allow: [
    {protocol: s7, verbs: any}]}
";
