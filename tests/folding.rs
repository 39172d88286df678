//! What makes a page of incidents short: equal violations are one, and the asset decides how
//! urgent it is.

use std::path::Path;

use serde_json::Value;

use crate::records::{self, Conversation, End};
use crate::support::{bulkhead, json_lines, root, says, stdout};

#[test]
fn ten_thousand_equal_violations_are_one_incident_with_its_count() {
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("writes.pcap");
    let mut conversation = Conversation::open(LAPTOP, MIXER);
    for transaction in 0..10_000_u16 {
        let [high, low] = transaction.to_be_bytes();
        // write single register 40 of unit 1, which the mixer echoes
        let message = [high, low, 0, 0, 0, 6, 1, 6, 0, 40, 3, 231];
        conversation.exchange(&message, &message);
    }
    records::write(&capture, &conversation.records);
    let words = format!(
        "replay {} --policy policies/plant --json",
        capture.display()
    );
    let document: Value = serde_json::from_str(&says(&words)).unwrap();
    let incidents = document["incidents"].as_array().unwrap();
    assert_eq!(incidents.len(), 1, "{incidents:#?}");
    let incident = &incidents[0];
    assert_eq!(incident["count"], 10_000);
    assert_eq!(
        (&incident["outcome"], &incident["target"]),
        (&"succeeded".into(), &"holding:40".into())
    );
    assert_eq!(incident["frames"].as_array().unwrap().len(), 16);
    assert_eq!(incident["frames"][0], 4);
    assert_eq!(incident["frames"][15], 20_002);
    assert_eq!(document["summary"]["verdicts"]["violates"], 10_000);
    let evaluated = &document["summary"]["counters"]["bulkhead_engine_judgements_total/evaluated"];
    assert!(evaluated.as_u64().unwrap() < 10, "{evaluated} evaluations");
}

#[test]
fn what_only_its_answers_show_is_judged_by_them() {
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("answers.pcap");
    let mut conversation = Conversation::open(LAPTOP, MIXER);
    for transaction in 0..10 {
        let message = [0, transaction, 0, 0, 0, 6, 1, 6, 0, 40, 3, 231];
        conversation.exchange(&message, &message);
    }
    // a mirror of one direction: what the mixer sends
    let from_mixer = |record: &&records::Record| record.bytes[6..12] == MIXER.mac;
    records::write(&capture, conversation.records.iter().filter(from_mixer));
    let words = format!(
        "replay {} --policy policies/plant --json",
        capture.display()
    );
    let document: Value = serde_json::from_str(&says(&words)).unwrap();
    let incidents = document["incidents"].as_array().unwrap();
    let policy: Vec<_> = incidents.iter().filter(|i| i["kind"] == "policy").collect();
    assert_eq!(policy.len(), 1, "{incidents:#?}");
    assert_eq!(policy[0]["count"], 10);
    assert_eq!(policy[0]["outcome"], "succeeded");
    assert_eq!(
        policy[0]["client"]["ip"],
        LAPTOP.ip.map(|it| it.to_string()).join(".")
    );
}

#[test]
fn the_same_stop_is_more_urgent_the_more_the_asset_matters() {
    let priorities = ["critical", "low"].map(|criticality| {
        let folder = tempfile::tempdir().unwrap();
        let policy = folder.path().join("plant");
        copy_policy(&policy, criticality);
        let words = [
            "replay",
            "pcaps/plc-stop.pcap",
            "--incidents",
            "-",
            "--policy",
        ];
        let words = words.into_iter().chain([policy.to_str().unwrap()]);
        let incidents = json_lines(&stdout(&bulkhead(words)));
        let of = |rule: &str| {
            let stop = incidents
                .iter()
                .find(|i| i["rule"] == rule && i["verb"] == "mode")
                .unwrap();
            stop["priority"].as_u64().unwrap()
        };
        of("policy.no_conduit")
    });
    assert_eq!(priorities, [1, 3]);
}

#[test]
fn what_is_done_to_two_assets_behind_one_gateway_is_two_incidents() {
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("meters.pcap");
    let mut conversation = Conversation::open(LAPTOP, MIXER);
    for unit in [3, 4, 9, 10, 3] {
        let message = [0, unit, 0, 0, 0, 6, unit, 6, 0, 40, 3, 231];
        conversation.exchange(&message, &message);
    }
    records::write(&capture, &conversation.records);
    let policy = folder.path().join("meters.yaml");
    std::fs::write(&policy, METERS).unwrap();
    let incidents = incidents(&capture, "--policy", &policy);
    let of = |asset: &str| {
        let mut of_asset = incidents
            .iter()
            .filter(|it| it["server"]["asset"] == asset && it["kind"] == "policy");
        let only = of_asset.next().unwrap();
        assert!(of_asset.next().is_none(), "{incidents:#?}");
        let server = &only["server"];
        let said = [&server["unit"], &server["location"], &only["owner"]];
        (
            only["count"].as_u64().unwrap(),
            said.map(|it| it.as_str().unwrap_or_default().to_owned()),
            only["sentence"].as_str().unwrap().to_owned(),
        )
    };
    let (count, said, sentence) = of("meter-3");
    assert_eq!(
        (count, said),
        (2, ["unit 3", "=M3", "metering"].map(str::to_owned))
    );
    assert!(
        sentence.contains("wrote to meter-3 (unit 3 of 10.10.10.21) at holding:40"),
        "{sentence}"
    );
    let (count, said, _) = of("meter-4");
    assert_eq!(
        (count, said),
        (1, ["unit 4", "", "controls"].map(str::to_owned))
    );
    let (count, said, sentence) = of("gateway");
    assert_eq!((count, said), (2, ["", "", "controls"].map(str::to_owned)));
    assert!(
        sentence.contains("wrote to gateway (10.10.10.21)"),
        "{sentence}"
    );
    let different: std::collections::BTreeSet<_> =
        incidents.iter().map(|it| it["id"].as_str()).collect();
    assert_eq!(different.len(), incidents.len());
}

#[test]
fn a_rule_that_reads_values_sees_every_message_of_a_kind() {
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("values.pcap");
    write_values(&capture, &[1, 2, 999, 3, 999]);
    let rules = folder.path().join("rules");
    std::fs::create_dir(&rules).unwrap();
    std::fs::write(rules.join("far.yml"), FAR).unwrap();
    let incidents = incidents(&capture, "--rules", &rules);
    let mut far = incidents.iter().filter(|it| it["rule"] == "plant.far");
    let far = far.next().unwrap();
    assert_eq!(
        (&far["count"], &far["outcome"]),
        (&2.into(), &"succeeded".into())
    );
}

#[test]
fn a_violation_by_value_ends_as_its_own_answer_says() {
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("values.pcap");
    write_values(&capture, &[1, 999, 2]);
    let policy = folder.path().join("limits.yaml");
    std::fs::write(&policy, LIMITS).unwrap();
    let incidents = incidents(&capture, "--policy", &policy);
    let mut by_policy = incidents.iter().filter(|it| it["kind"] == "policy");
    let violation = by_policy.next().unwrap();
    assert_eq!(
        (&violation["count"], &violation["outcome"]),
        (&1.into(), &"succeeded".into()),
        "{violation:#}"
    );
}

/// The incidents of a capture that is judged by one kind of files alone.
fn incidents(capture: &Path, option: &str, by: &Path) -> Vec<Value> {
    let (capture, by) = (capture.display(), by.display());
    let said = says(&format!("replay {capture} {option} {by} --json"));
    let document: Value = serde_json::from_str(&said).unwrap();
    document["incidents"].as_array().unwrap().clone()
}

/// The laptop writes these values to one register of the mixer, which takes each.
fn write_values(capture: &Path, values: &[u16]) {
    let mut conversation = Conversation::open(LAPTOP, MIXER);
    for (transaction, value) in (1..).zip(values) {
        let [high, low] = value.to_be_bytes();
        let message = [0, transaction, 0, 0, 0, 6, 1, 6, 0, 40, high, low];
        conversation.exchange(&message, &message);
    }
    records::write(capture, &conversation.records);
}

/// A rule that reads what signatures do not cover.
const FAR: &str = "
title: A setpoint far from any recipe
id: 5a0c3c3f-6c1f-4d3c-9d35-0f2f6f7d8a11
name: plant.far
status: test
description: A client wrote a value that no recipe has.
logsource: {product: bulkhead, service: modbus}
detection:
  selection: {stage: request, verb: write, modbus.values|gte: 500}
  condition: selection
falsepositives: [none known]
level: medium
tags: [attack.t0836]
bulkhead:
  owner: process engineering
  action: Compare with the recipe.
  consequence: The batch is spoiled.
  respond_within: 1h
  confidence: 80
  examples:
    fire: [{verb: write, modbus.values: 500}]
    quiet: [{verb: write, modbus.values: 499}]
";

/// The laptop may write values up to 100.
const LIMITS: &str = "
version: 1
site: {name: limits, owner: security}
zones:
  cell: {owner: controls, members: {cidr: 10.10.10.0/25}}
  laptops: {owner: engineering, members: {cidr: 10.10.10.99/32}}
conduits:
  tuning:
    from: {zone: laptops}
    to: {zone: cell}
    allow:
      - {protocol: modbus, verbs: [write], values: 0..100}
";

/// A gateway with two meters that are assets of their own.
const METERS: &str = "
version: 1
site: {name: meters, owner: security}
zones:
  cell: {owner: controls, members: {cidr: 10.10.10.0/24}}
assets:
  gateway: {ip: 10.10.10.21}
  meter-3: {behind: gateway, unit: 3, owner: metering, location: =M3}
  meter-4: {behind: gateway, unit: 4}
";

/// The shipped policy, but the press has this criticality.
fn copy_policy(to: &Path, criticality: &str) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(root().join("policies/plant")).unwrap() {
        let path = entry.unwrap().path();
        let mut text = std::fs::read_to_string(&path).unwrap();
        if let Some((before, press)) = text.split_once("\n  plc-press:") {
            let press = press.replacen(
                "criticality: high",
                &format!("criticality: {criticality}"),
                1,
            );
            text = format!("{before}\n  plc-press:{press}");
        }
        std::fs::write(to.join(path.file_name().unwrap()), text).unwrap();
    }
}

const LAPTOP: End = End {
    mac: [0x3c, 0x97, 0x0e, 0x0a, 0x10, 0x99],
    ip: [10, 10, 10, 99],
    port: 40_001,
};
const MIXER: End = End {
    mac: [0x00, 0x80, 0xf4, 0x0a, 0x10, 0x21],
    ip: [10, 10, 10, 21],
    port: 502,
};
