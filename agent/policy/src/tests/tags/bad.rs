//! The texts of problems: every file in `testdata/tags` beside the problems that it has, or the warnings where it loads. With
//! `BLESS` in the environment the expected texts are written anew.

use std::path::Path;

use super::super::vocabulary::repository;
use super::{lines, read};

#[test]
fn every_bad_list_of_tags_says_all_that_is_wrong_with_it() {
    let folder = repository("agent/policy/src/testdata/tags");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|path| path.extension().unwrap() != "txt")
        .collect();
    files.sort();
    assert!(files.len() >= 6);
    for file in files {
        check(&file);
    }
}

fn check(file: &Path) {
    let name = file.file_name().unwrap().to_str().unwrap();
    let bytes = std::fs::read(file).unwrap();
    let (_, errors, warnings) = if name.ends_with(".csv") {
        read("", &[(name, &bytes)])
    } else {
        read(str::from_utf8(&bytes).unwrap(), &[])
    };
    let warnings = lines(&warnings)
        .into_iter()
        .map(|line| format!("warning: {line}"));
    let said: String = lines(&errors)
        .into_iter()
        .chain(warnings)
        .map(|line| line + "\n")
        .collect();
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

#[test]
fn a_name_that_stands_in_yaml_and_in_a_table_is_said_with_both_places() {
    let yaml = "TIC-101.SP: {asset: plc-1, target: holding:40, type: int16}";
    let table =
        b"name,asset,target,type\nFIC-1,plc-1,holding:1,int16\nTIC-101.SP,plc-1,holding:40,int16\n";
    let (_, errors, warnings) = read(yaml, &[("more.csv", table)]);
    assert_eq!(
        lines(&errors),
        ["more.csv:3:1: tag `TIC-101.SP` is stated twice; it stands at tags.yaml:1:1 already"]
    );
    assert_eq!(lines(&warnings), [""; 0]);
}
