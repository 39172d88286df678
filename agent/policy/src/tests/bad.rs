//! The texts of problems: every file in `testdata/bad` beside the problems that it has, or the
//! warnings where it loads. With `BLESS` in the environment the expected texts are written anew.

use std::path::Path;

use crate::{Policy, Text};

use super::vocabulary::{WORDS, repository};

#[test]
fn every_bad_policy_says_all_that_is_wrong_with_it() {
    let folder = repository("agent/policy/src/testdata/bad");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect();
    files.sort();
    assert!(files.len() >= 11);
    for file in files {
        check(&file);
    }
}

fn check(file: &Path) {
    let name = file.file_name().unwrap().to_str().unwrap();
    let said = said(name, &std::fs::read_to_string(file).unwrap());
    let expected = file.with_extension("txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&expected, &said).unwrap();
    }
    assert_eq!(
        said,
        std::fs::read_to_string(expected).unwrap_or_default(),
        "{name}"
    );
}

fn said(name: &str, text: &str) -> String {
    let text = Text {
        name: name.into(),
        text: text.into(),
    };
    match Policy::read(&[text], &WORDS) {
        Ok(loaded) => loaded
            .warnings
            .iter()
            .map(|warning| format!("warning: {warning}\n"))
            .collect(),
        Err(problems) => problems
            .iter()
            .map(|problem| format!("{problem}\n"))
            .collect(),
    }
}

#[test]
fn what_stands_in_two_files_is_said_with_both_places() {
    let text = |name: &str, text: &str| Text {
        name: name.into(),
        text: text.into(),
    };
    let one = "version: 1\nsite: {name: s, owner: o}\nzones: {a: {owner: o, members: {vlan: 1}}}";
    let two = "version: 1\nsite: {name: t, owner: o}\nzones: {a: {owner: o, members: {vlan: 2}}}";
    let problems = Policy::read(&[text("a.yaml", one), text("b.yaml", two)], &WORDS).unwrap_err();
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "b.yaml:2:7: `site` is stated twice; it stands at a.yaml:2:7 already",
            "b.yaml:3:9: zone `a` is stated twice; it stands at a.yaml:3:9 already",
        ]
    );
}

#[test]
fn a_policy_may_be_spread_over_files_and_its_version_hangs_on_all_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let problems = Policy::load(folder.path(), &WORDS).unwrap_err();
    assert!(
        problems[0].what.contains("no `*.yaml` file"),
        "{problems:?}"
    );
    write(
        "a.yaml",
        "version: 1\nzones: {a: {owner: o, members: {vlan: 1}}}",
    );
    write(
        "b.yml",
        "site: {name: s, owner: o}\nzones: {b: {owner: o, members: {vlan: 2}}}",
    );
    write("c.txt", "not: [read");
    write(".d.yaml", "not: [read");
    let first = Policy::load(folder.path(), &WORDS).unwrap().policy;
    write(
        "b.yml",
        "site: {name: s, owner: p}\nzones: {b: {owner: o, members: {vlan: 2}}}",
    );
    let second = Policy::load(folder.path(), &WORDS).unwrap().policy;
    assert_ne!(first.version(), second.version());
    std::fs::write(folder.path().join("b.yml"), b"\xff").unwrap();
    let problems = Policy::load(folder.path(), &WORDS).unwrap_err();
    assert!(problems[0].what.contains("cannot be read"), "{problems:?}");
    assert!(Policy::load(&folder.path().join("none.yaml"), &WORDS).is_err());
}
