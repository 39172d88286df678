//! `pcaps/INDEX.toml` against the folder: every capture is listed, is the one that was listed, and
//! holds what is to be found in it; and `pcaps/normal.baseline.txt` is what learning gives.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use crate::records;
use crate::support::{field, json_lines, own_captures, root, says};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    versions: BTreeMap<String, String>,
    capture: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    file: String,
    scenario: String,
    what: String,
    sha256: String,
    frames: usize,
    /// No incident above informational.
    #[serde(default)]
    quiet: bool,
    #[serde(default)]
    found: Vec<BTreeMap<String, toml::Value>>,
}

#[test]
fn every_capture_is_listed_once_and_says_what_it_is() {
    let mut listed: Vec<_> = index().capture.iter().map(path).collect();
    listed.sort();
    assert_eq!(listed, own_captures());
    for capture in index().capture {
        assert!(!capture.what.is_empty() && (capture.quiet || !capture.found.is_empty()));
    }
}

#[test]
fn every_capture_is_the_one_that_is_listed() {
    for capture in index().capture {
        let bytes = std::fs::read(path(&capture)).unwrap();
        let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
        let digest: String = digest
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(digest, capture.sha256, "{}", capture.file);
        assert_eq!(
            records::read(&path(&capture)).len(),
            capture.frames,
            "{}",
            capture.file
        );
    }
}

#[test]
fn the_script_knows_every_scenario_and_the_versions() {
    let script = std::fs::read_to_string(root().join("pcaps/make/make.py")).unwrap();
    for capture in index().capture {
        assert!(
            script.contains(&format!("\"{}\": [", capture.scenario)),
            "{}",
            capture.scenario
        );
    }
    for (package, version) in index().versions {
        assert!(
            script.contains(&format!("{package}=={version}")),
            "{package} {version}"
        );
    }
}

#[test]
fn every_capture_holds_what_is_to_be_found_in_it() {
    for capture in index().capture {
        let words = format!(
            "replay pcaps/{} --policy policies/plant --incidents -",
            capture.file
        );
        let incidents = json_lines(&says(&words));
        for wanted in &capture.found {
            let found = incidents.iter().any(|incident| fits(incident, wanted));
            assert!(found, "{}: no {wanted:?} in {incidents:#?}", capture.file);
        }
        let loud = incidents
            .iter()
            .filter(|found| field(found, "severity") != "informational");
        assert!(
            !capture.quiet || loud.count() == 0,
            "{}: {incidents:#?}",
            capture.file
        );
    }
}

#[test]
fn the_shipped_baseline_is_what_learning_and_approving_gives() {
    let folder = tempfile::tempdir().unwrap();
    let learnt = folder.path().join("normal.txt");
    let name = learnt.to_str().unwrap();
    says(&format!("learn pcaps/normal.pcap -o {name}"));
    let approval = says(&format!(
        "baseline approve {name} write --by controls-engineering"
    ));
    assert_eq!(approval, "4 approved by controls-engineering\n");
    let shipped = std::fs::read_to_string(root().join("pcaps/normal.baseline.txt")).unwrap();
    assert_eq!(std::fs::read_to_string(learnt).unwrap(), shipped);
}

/// Whether an incident is as the index wants it, in every field that the index names.
fn fits(incident: &Value, wanted: &BTreeMap<String, toml::Value>) -> bool {
    wanted.iter().all(|(name, value)| {
        let wanted = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let found = match name.as_str() {
            "also"
                if incident["also"]
                    .as_array()
                    .is_some_and(|also| also.contains(&Value::from(wanted.as_str()))) =>
            {
                wanted.clone()
            }
            "client" | "server" => {
                let asset = field(incident, &format!("{name}.asset"));
                if asset.is_empty() {
                    field(incident, &format!("{name}.ip"))
                } else {
                    asset
                }
            }
            _ => field(incident, name),
        };
        found == wanted
    })
}

fn path(capture: &Listed) -> PathBuf {
    root().join("pcaps").join(&capture.file)
}

fn index() -> Index {
    let text = std::fs::read_to_string(root().join("pcaps/INDEX.toml")).unwrap();
    toml::from_str(&text).unwrap_or_else(|problem| panic!("pcaps/INDEX.toml: {problem}"))
}
