//! `bulkhead policy learn`: a draft from captures passes its check, allows what it was made from but for dangerous verbs, and is
//! the same each time.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::support::{
    bulkhead, field, json_lines, own_captures, root, says, shared, stderr, stdout,
};

/// Verbs that learning never allows, and the one of which nobody knows what it means.
const NOT_LEARNT: [&str; 10] = [
    "write",
    "call",
    "download",
    "mode",
    "configure",
    "time",
    "credential",
    "firmware",
    "delete",
    "other",
];

/// Drafts a policy from a capture into a folder; answers the summary.
fn learn(capture: &Path, folder: &Path, more: &[&str]) -> Value {
    let mut words: Vec<PathBuf> = vec![
        "policy".into(),
        "learn".into(),
        capture.into(),
        "-o".into(),
        folder.into(),
    ];
    words.extend(["--owner", "controls", "--site", "north", "--json"].map(PathBuf::from));
    words.extend(more.iter().map(PathBuf::from));
    let output = bulkhead(&words);
    let name = capture.display();
    serde_json::from_str(&stdout(&output)).unwrap_or_else(|_| panic!("{name}: {}", stderr(&output)))
}

/// The draft of a capture holds what it promises.
fn keeps_its_promise(capture: &Path, more: &[&str]) {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("draft");
    let name = capture.display();
    let summary = learn(capture, &folder, more);

    let checked = bulkhead([
        "policy".as_ref(),
        "check".as_ref(),
        folder.as_os_str(),
        "--json".as_ref(),
    ]);
    let checked: Value = serde_json::from_str(&stdout(&checked)).unwrap();
    assert_eq!(checked["problems"], Value::Array(vec![]), "{name}");
    // a capture of a loopback interface shows hosts that talk to themselves, and nothing else would state that
    let warnings = checked["warnings"].as_array().unwrap().iter();
    let warnings = warnings.filter(|it| {
        !it["what"]
            .as_str()
            .unwrap()
            .ends_with("from a host to itself")
    });
    assert_eq!(warnings.collect::<Vec<_>>(), Vec::<&Value>::new(), "{name}");

    let words: [&std::ffi::OsStr; 5] = [
        "replay".as_ref(),
        capture.as_os_str(),
        "--policy".as_ref(),
        folder.as_os_str(),
        "--json".as_ref(),
    ];
    let replayed: Value = serde_json::from_str(&stdout(&bulkhead(words))).unwrap();
    let verdict = |of: &str| replayed["summary"]["verdicts"][of].as_u64().unwrap();
    let count = |of: &str| summary["operations"][of].as_u64().unwrap();
    let seen_well = verdict("conforms") + verdict("unknown");
    assert_eq!(seen_well, count("allowed"), "{name}");
    assert_eq!(
        verdict("violates"),
        count("proposed") + count("unstated"),
        "{name}"
    );
    let others = ["unzoned", "shadow"].map(verdict);
    assert_eq!((others, count("dropped")), ([0, 0], 0), "{name}");
    let incidents = replayed["incidents"].as_array().unwrap();
    for incident in incidents.iter().filter(|it| field(it, "kind") == "policy") {
        let verb = field(incident, "verb");
        assert!(NOT_LEARNT.contains(&verb.as_str()), "{name}: {incident:#}");
    }

    let again = place.path().join("again");
    learn(capture, &again, more);
    assert_eq!(files(&folder), files(&again), "{name}");
}

fn files(folder: &Path) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn drafts_of_our_own_captures_keep_their_promise() {
    for capture in own_captures() {
        keeps_its_promise(&capture, &[]);
    }
}

#[test]
fn drafts_of_other_peoples_captures_keep_their_promise() {
    let names = [
        "modbus/ct-samples__Plant1_ModbusTCP.pcap",
        "modbus/digitalbond__modbus_test_data_part1.pcap",
        "modbus/hi-KK__modbus_device_identification.pcapng",
        "s7comm",
        "opcua",
    ];
    for name in names {
        let Some(path) = shared(&format!("captures/{name}")) else {
            continue;
        };
        let captures = match path.is_dir() {
            true => few(super::captures::captures(&path)),
            false => vec![path],
        };
        captures
            .iter()
            .for_each(|capture| keeps_its_promise(capture, &[]));
    }
}

/// The small ones among captures.
fn few(all: Vec<PathBuf>) -> Vec<PathBuf> {
    let small = |path: &PathBuf| std::fs::metadata(path).is_ok_and(|file| file.len() < 300_000);
    all.into_iter().filter(small).take(8).collect()
}

#[test]
fn a_policys_names_are_kept_and_exactness_is_obeyed() {
    let plant = root().join("policies/plant");
    let plant = plant.to_str().unwrap();
    let capture = root().join("pcaps/normal.pcap");
    keeps_its_promise(&capture, &["--policy", plant]);
    keeps_its_promise(&capture, &["--exactness", "area"]);
    keeps_its_promise(&capture, &["--exactness", "range"]);

    let place = tempfile::tempdir().unwrap();
    learn(&capture, place.path(), &["--policy", plant]);
    let read = |name: &str| std::fs::read_to_string(place.path().join(name)).unwrap();
    assert!(
        read("assets.yaml").contains("\n  plc-mixer:\n"),
        "{}",
        read("assets.yaml")
    );
    assert!(
        read("zones.yaml").contains("\n  cell-1:\n"),
        "{}",
        read("zones.yaml")
    );
}

#[test]
fn what_a_sensor_learnt_makes_a_draft_that_says_what_it_lacks() {
    let place = tempfile::tempdir().unwrap();
    let store = place.path().join("sensor.db");
    let folder = place.path().join("draft");
    says(&format!("learn pcaps/normal.pcap -o {}", store.display()));
    says(&format!(
        "policy learn --from-store {} -o {} --owner controls",
        store.display(),
        folder.display()
    ));
    says(&format!("policy check {}", folder.display()));
    let site = std::fs::read_to_string(folder.join("site.yaml")).unwrap();
    assert!(site.contains("# A baseline does not hold hours"), "{site}");
    let incidents = says(&format!(
        "replay pcaps/normal.pcap --policy {} --incidents -",
        folder.display()
    ));
    let found = json_lines(&incidents);
    let verbs: BTreeSet<String> = found
        .iter()
        .filter(|it| field(it, "kind") == "policy")
        .map(|it| field(it, "verb"))
        .collect();
    assert!(
        verbs.iter().all(|verb| NOT_LEARNT.contains(&verb.as_str())),
        "{verbs:?}"
    );
}

#[test]
fn a_draft_overwrites_nothing_unless_told_to() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    let words = |more: &'static str| {
        format!(
            "policy learn pcaps/plc-stop.pcap -o {} --owner controls {more}",
            folder.display()
        )
    };
    says(&words(""));
    let refused = bulkhead(words("").split_whitespace());
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        stderr(&refused).contains("holds `assets.yaml` already"),
        "{}",
        stderr(&refused)
    );
    says(&words("--force"));

    std::fs::write(folder.join("own.yaml"), "responses: {}\n").unwrap();
    let refused = bulkhead(words("--force").split_whitespace());
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        stderr(&refused).contains("`own.yaml`, which is no part of a draft"),
        "{}",
        stderr(&refused)
    );
}

#[test]
fn usage_is_explained() {
    let help = says("policy learn --help");
    assert!(
        help.contains("\nExamples:\n  bulkhead policy learn "),
        "{help}"
    );
    let neither = bulkhead("policy learn -o draft".split_whitespace());
    assert_eq!(neither.status.code(), Some(2));
    let both = bulkhead("policy learn a.pcap --from-store b.db -o draft".split_whitespace());
    assert_eq!(both.status.code(), Some(2));
}
