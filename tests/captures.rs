//! Captures by others, where they stand beside the repository: none stops the sensor, none that
//! only looks like a plant is taken for one, and an independent decoder agrees.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{bulkhead, json_lines, root, shared, stderr, stdout};

#[test]
fn every_capture_is_read_to_its_end_or_to_the_damage() {
    let Some(folder) = shared("captures") else {
        return;
    };
    let captures = captures(&folder);
    assert!(captures.len() > 50, "{}", captures.len());
    for (capture, output) in replayed(&captures, &[]) {
        match output.status.code() {
            Some(0) => assert_eq!(stderr(&output), "", "{}", capture.display()),
            Some(2) => assert!(stderr(&output).contains("error: "), "{}", capture.display()),
            code => panic!(
                "{} ended with {code:?}: {}",
                capture.display(),
                stderr(&output)
            ),
        }
    }
}

#[test]
fn what_only_looks_like_a_plant_yields_no_operation() {
    let Some(folder) = shared("captures/negative") else {
        return;
    };
    for (capture, output) in replayed(&captures(&folder), &["--operations", "-"]) {
        let protocols: BTreeSet<_> = json_lines(&stdout(&output))
            .iter()
            .filter_map(|record| record.get("protocol")?.as_str().map(str::to_owned))
            .filter(|protocol| protocol != "cotp")
            .collect();
        assert_eq!(protocols, BTreeSet::new(), "{}", capture.display());
    }
}

#[test]
fn an_independent_decoder_agrees_on_modbus() {
    agrees(|folder| folder == "modbus");
}

#[test]
fn an_independent_decoder_agrees_on_everything_else() {
    agrees(|folder| folder != "modbus");
}

/// Holds what is decoded in these folders of captures against an independent decoder.
fn agrees(within: fn(&str) -> bool) {
    let (Some(program), Some(captures)) = (shared("tools/conformance.py"), shared("captures"))
    else {
        return;
    };
    let entries = std::fs::read_dir(captures)
        .unwrap()
        .map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| within(entry.file_name().to_str().unwrap()));
    let folders = folders
        .map(|entry| entry.path())
        .filter(|path| path.is_dir());
    let mut python = Command::new("python3");
    python.arg(program).arg(env!("CARGO_BIN_EXE_bulkhead"));
    python.args(folders).args(["--require", "1.0", "--allow"]);
    let Ok(output) = python
        .arg(root().join("tests/conformance-allow.tsv"))
        .output()
    else {
        println!("skipped: python3 cannot be started");
        return;
    };
    let said = stdout(&output) + &stderr(&output);
    assert!(output.status.success(), "{said}");
}

/// What became of each capture, two at a time.
fn replayed(captures: &[PathBuf], more: &[&str]) -> Vec<(PathBuf, Output)> {
    let replay = |capture: &PathBuf| {
        let words = ["replay".as_ref(), capture.as_os_str()];
        let more = more.iter().map(|word| word.as_ref());
        (capture.clone(), bulkhead(words.into_iter().chain(more)))
    };
    let (left, right) = captures.split_at(captures.len() / 2);
    std::thread::scope(|scope| {
        let right = scope.spawn(move || right.iter().map(replay).collect::<Vec<_>>());
        let mut all: Vec<_> = left.iter().map(replay).collect();
        all.extend(right.join().unwrap());
        all
    })
}

/// Every capture in a folder and those below it, in the order of their names.
pub(crate) fn captures(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !name.ends_with(".expected") {
            found.extend(captures(&path));
        } else if name.contains(".pcap")
            && !name.ends_with(".tsv.gz")
            && !name.ends_with(".json.gz")
        {
            found.extend(path.is_file().then_some(path));
        }
    }
    found.sort();
    found
}
