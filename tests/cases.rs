//! Golden cases: a folder of `tests/cases` is a test.
//!
//! `case.toml` names captures, policy and baseline, relative to the root of the repository or,
//! beginning with `./`, to the case. `expected.jsonl` is what `replay --incidents` writes, byte for
//! byte. Where a change of incidents is meant, `BULKHEAD_BLESS=1 ./test --test integration cases`
//! writes the files anew; read the difference before it is committed.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::support::{bulkhead, own_captures, root, stderr, stdout};

/// What `case.toml` says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// One sentence for the reader.
    #[expect(dead_code, reason = "every case must say what it is about")]
    what: String,
    captures: Vec<String>,
    policy: Option<String>,
    baseline: Option<String>,
}

#[test]
fn every_case_gives_its_incidents_byte_for_byte() {
    let different: Vec<_> = folders()
        .into_iter()
        .filter_map(|folder| check(&folder))
        .collect();
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn every_own_capture_has_a_case_of_its_own() {
    let mut alone: Vec<_> = folders()
        .iter()
        .map(|folder| load(folder).captures)
        .filter(|captures| captures.len() == 1)
        .flatten()
        .collect();
    alone.sort();
    let own = own_captures();
    let own = own.iter().map(|path| path.strip_prefix(root()).unwrap());
    assert_eq!(
        alone,
        own.map(|path| path.to_str().unwrap()).collect::<Vec<_>>()
    );
}

/// Runs a case twice; says what differs from what is expected.
fn check(folder: &Path) -> Option<String> {
    let case = load(folder);
    let (found, again) = (run(folder, &case), run(folder, &case));
    assert_eq!(found, again, "{} is not the same twice", folder.display());
    let path = folder.join("expected.jsonl");
    if std::env::var_os("BULKHEAD_BLESS").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    (found != expected).then(|| difference(&path, &expected, &found))
}

fn run(folder: &Path, case: &Case) -> String {
    let place = |name: &String| match name.strip_prefix("./") {
        Some(own) => folder.strip_prefix(root()).unwrap().join(own),
        None => PathBuf::from(name),
    };
    let mut words: Vec<PathBuf> = vec!["replay".into(), "--incidents".into(), "-".into()];
    words.extend(case.captures.iter().map(place));
    let judges = [("--policy", &case.policy), ("--baseline", &case.baseline)];
    for (option, name) in judges {
        words.extend(name.iter().flat_map(|name| [option.into(), place(name)]));
    }
    let output = bulkhead(&words);
    assert!(
        output.status.success(),
        "{}: {}",
        folder.display(),
        stderr(&output)
    );
    assert_eq!(stderr(&output), "", "{}", folder.display());
    stdout(&output)
}

fn load(folder: &Path) -> Case {
    let path = folder.join("case.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    toml::from_str(&text).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()))
}

fn folders() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("tests/cases")).unwrap();
    let mut folders: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

fn difference(path: &Path, expected: &str, found: &str) -> String {
    let only = |these: &str, those: &str, sign: char| -> String {
        let lines = these
            .lines()
            .filter(|line| !those.lines().any(|other| other == *line));
        lines.map(|line| format!("  {sign} {line}\n")).collect()
    };
    let (lost, new) = (only(expected, found, '-'), only(found, expected, '+'));
    format!("{} differs:\n{lost}{new}", path.display())
}
