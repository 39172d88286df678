//! `bulkhead policy test`: the cases beside a policy, what they touch, and what they would notice.

use std::path::Path;

use serde_json::Value;

use crate::support::{bulkhead, root, stderr, stdout};

fn test<S: AsRef<std::ffi::OsStr>>(path: &Path, words: &[S]) -> std::process::Output {
    let words = words.iter().map(|word| word.as_ref().to_owned());
    let own = ["policy".into(), "test".into(), path.as_os_str().to_owned()];
    bulkhead(own.into_iter().chain(words))
}

/// A copy of the plant's policy with other cases.
fn plant_with(cases: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in ["assets", "conduits", "roles", "zones"] {
        let name = format!("{file}.yaml");
        let from = root().join("policies/plant").join(&name);
        std::fs::copy(from, folder.path().join(&name)).unwrap();
    }
    std::fs::write(folder.path().join("cases.yaml"), cases).unwrap();
    folder
}

const READ: &str = "from: hmi-1, to: plc-mixer, protocol: modbus, verb: read";

/// Every folder below `folder` that has cases, its own or those of a template that it extends.
fn with_cases(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    let site = std::fs::read_to_string(folder.join("site.yaml")).unwrap_or_default();
    if folder.join("cases.yaml").exists() || site.contains("extends:") {
        found.push(folder.to_owned());
    }
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("_templates") {
            with_cases(&path, found);
        }
    }
}

#[test]
fn the_cases_of_every_shipped_site_hold() {
    let mut sites = Vec::new();
    with_cases(&root().join("policies"), &mut sites);
    assert!(sites.len() > 15, "{sites:?}");
    for site in sites {
        let output = test::<&str>(&site, &[]);
        let said = stdout(&output);
        let failed: Vec<_> = said.lines().filter(|it| it.contains("FAILS")).collect();
        assert_eq!(output.status.code(), Some(0), "{site:?}: {failed:#?}");
    }
}

#[test]
fn the_plants_cases_hold_and_notice_nearly_every_change() {
    let output = test(
        &root().join("policies/plant"),
        &["--min-score", "95", "--json"],
    );
    let said = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{said}\n{}", stderr(&output));
    let document: Value = serde_json::from_str(&said).unwrap();
    let report = &document[0];
    assert_eq!(report["holds"], true);
    let statements = report["statements"].as_array().unwrap();
    let untouched = statements
        .iter()
        .filter(|it| it["cases"].as_array().unwrap().is_empty());
    let untouched: Vec<_> = untouched
        .map(|it| it["statement"].as_str().unwrap())
        .collect();
    // controllers and gateways never ask: no conduit leads from them
    assert_eq!(untouched, ["role plc", "role gateway"]);
}

#[test]
fn a_case_that_fails_is_explained_and_ends_with_1() {
    let folder = plant_with(&format!(
        "cases:\n  - {{name: fine, {READ}, expect: conforms}}\n  - {{name: odd, {READ}, expect: violates}}\n"
    ));
    let output = test::<&str>(folder.path(), &[]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}{}", stderr(&output));
    assert!(text.contains("cases.yaml:3:5"), "{text}");
    assert!(
        text.contains("expected violates; it conforms by `hmi-1 to mixer`"),
        "{text}"
    );
    assert!(text.contains("1 of 2 case(s) hold"), "{text}");
    assert!(text.contains("no case within office"), "{text}");
}

#[test]
fn few_cases_notice_little_and_the_score_says_so() {
    let cases = format!("cases:\n  - {{name: fine, {READ}, expect: conforms}}\n");
    let folder = plant_with(&cases);
    let output = test(folder.path(), &["--min-score", "50"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("unnoticed hmi-1 to mixer, with all targets"),
        "{text}"
    );
    assert_eq!(test(folder.path(), &["--mutants"]).status.code(), Some(0));
}

#[test]
fn wrong_cases_are_shown_with_place_and_line_and_end_with_2() {
    let folder = plant_with(
        "cases:\n  - {name: a, from: hmj-1, to: plc-mixer, protocol: modbus, verb: raed, expect: conforms}\n",
    );
    let output = test::<&str>(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    let text = stderr(&output);
    assert!(
        text.contains("cases.yaml:2:21: no asset, zone or address `hmj-1`; did you mean `hmi-1`?"),
        "{text}"
    );
    assert!(
        text.contains("no verb `raed`; did you mean `read`?"),
        "{text}"
    );
    assert!(text.contains("2 problems"), "{text}");

    std::fs::remove_file(folder.path().join("cases.yaml")).unwrap();
    let output = test::<&str>(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("cases cannot be read"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn captures_are_cases_too() {
    let normal = root().join("pcaps/normal.pcap");
    let cases = format!(
        "cases:\n  - {{name: quiet, capture: {0}, expect: {{violations: 0}}}}\n  - {{name: loud, capture: {0}, expect: {{rules: [policy.verb: 7]}}}}\n",
        normal.display()
    );
    let folder = plant_with(&cases);
    let output = test::<&str>(folder.path(), &[]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}{}", stderr(&output));
    assert!(
        text.contains("expected 7 of `policy.verb`, found 0"),
        "{text}"
    );
    assert!(text.contains("1 of 2 case(s) hold"), "{text}");
}
