//! Work orders from capture to summary: what they cover is journaled, what exceeds them is an incident, and planned work that
//! never came is said.

use std::path::Path;

use serde_json::Value;

use crate::support::{bulkhead, root, stdout};

/// The plant's own policy, with work orders beside it.
fn policy(orders: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(root().join("policies/plant")).unwrap() {
        let file = file.unwrap().path();
        std::fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    std::fs::write(folder.path().join("orders.yaml"), orders).unwrap();
    folder
}

fn replay(policy: &Path, captures: &[&str]) -> Value {
    let captures = captures
        .iter()
        .map(|capture| root().join("pcaps").join(capture));
    let mut words = vec![
        "replay".into(),
        "--json".into(),
        "--policy".into(),
        policy.to_owned(),
    ];
    words.extend(captures);
    let output = bulkhead(&words);
    assert!(
        output.status.success(),
        "{}",
        crate::support::stderr(&output)
    );
    serde_json::from_str(&stdout(&output)).unwrap()
}

fn rules(document: &Value) -> Vec<&str> {
    let incidents = document["incidents"].as_array().unwrap();
    incidents
        .iter()
        .map(|it| it["rule"].as_str().unwrap())
        .collect()
}

const ORDERS: &str = "\
permits:
  WO-1:
    from: {zone: cell-1}
    to: {asset: plc-press}
    owner: maintenance
    valid_from: 2026-11-01
    valid_until: 2026-12-31
    allow:
      - {protocol: s7, verbs: [connect, diagnose, identify, read]}
";

#[test]
fn what_a_permit_covers_is_journaled_and_what_exceeds_it_names_it() {
    let folder = policy(ORDERS);
    let document = replay(folder.path(), &["plc-stop.pcap"]);
    let order = &document["summary"]["orders"][0];
    assert_eq!(order["order"], "WO-1");
    assert!(order["operations"].as_u64().unwrap() > 0, "{order:#}");
    assert_eq!(order["work"][0]["protocol"], "cotp");
    assert_eq!(order["work"][0]["server"], "plc-press");
    let stop = document["incidents"].as_array().unwrap();
    let stop = stop.iter().find(|it| it["verb"] == "mode").unwrap();
    assert_eq!(stop["rule"], "policy.verb");
    let reason = stop["because"]["reason"].as_str().unwrap();
    assert_eq!(reason, "permit `WO-1` does not carry verb `mode`");
    assert!(!rules(&document).contains(&"policy.permit_unused"));
}

#[test]
fn planned_work_that_never_came_is_said_once_for_each_order_whose_time_was_watched() {
    let order = |name: &str, from: &str, until: &str| {
        format!(
            "  {name}:\n    from: {{zone: cell-1}}\n    to: {{asset: plc-press}}\n    valid_from: {from}\n    \
             valid_until: {until}\n    allow: {{protocol: s7, verbs: [download]}}\n"
        )
    };
    // the first capture is of 15:31, the second of 15:33
    let (from, until) = ("2026-11-22T15:32", "2026-11-22T15:33");
    let orders = format!(
        "permits:\n{}{}{}",
        order("WO-in", from, until),
        order("WO-too", from, until),
        order("WO-longer", "2026-01-01", "2030-01-01"),
    );
    let document = replay(policy(&orders).path(), &["normal.pcap", "plc-stop.pcap"]);
    let incidents = document["incidents"].as_array().unwrap();
    let missed = incidents
        .iter()
        .filter(|it| it["rule"] == "policy.permit_unused");
    let mut titles: Vec<_> = missed.map(|it| it["title"].as_str().unwrap()).collect();
    titles.sort_unstable();
    assert_eq!(
        titles,
        [
            "work order WO-in never came",
            "work order WO-too never came"
        ]
    );
    // one more is the plant's own
    assert_eq!(document["summary"]["orders"].as_array().unwrap().len(), 4);
}
