//! `bulkhead policy check|fmt|schema` as the security team has them.

use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::support::{bulkhead, command, root, says, stderr, stdout};

const MESSY: &str = "# Our site.\nsite: {owner: o, name: s}\nversion:   1 # the language\n";
const TIDY: &str = "# Our site.\nversion: 1   # the language\nsite: {name: s, owner: o}\n";

/// Runs words that are parted by spaces; checks the exit code and standard output.
#[track_caller]
fn check(words: &str, code: i32, said: &str) -> Output {
    let output = bulkhead(words.split_whitespace());
    let heard = (output.status.code(), stdout(&output));
    assert_eq!(
        heard,
        (Some(code), said.to_owned()),
        "`{words}`: {}",
        stderr(&output)
    );
    output
}

fn folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("site.yaml"), MESSY).unwrap();
    std::fs::write(
        folder.path().join("zones.yaml"),
        "zones:\n  a: {owner: o}\n",
    )
    .unwrap();
    let name = folder.path().to_str().unwrap().to_owned();
    (folder, name)
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn fmt_writes_only_what_is_not_formatted_and_names_it() {
    let (folder, name) = folder();
    let named = format!("{name}/site.yaml\n");
    check(&format!("policy fmt {name} --check"), 1, &named);
    assert_eq!(read(folder.path(), "site.yaml"), MESSY);
    check(&format!("policy fmt {name}"), 0, &named);
    assert_eq!(read(folder.path(), "site.yaml"), TIDY);
    check(&format!("policy fmt {name} {name}/site.yaml"), 0, "");
    check(&format!("policy fmt --check {name}"), 0, "");
}

#[test]
fn fmt_shows_what_would_change() {
    let (folder, name) = folder();
    let diff = format!(
        "--- {name}/site.yaml\n+++ {name}/site.yaml\n@@ -1,3 +1,3 @@\n # Our site.\n\
         -site: {{owner: o, name: s}}\n-version:   1 # the language\n\
         +version: 1   # the language\n+site: {{name: s, owner: o}}\n"
    );
    check(&format!("policy fmt {name} --diff"), 0, &diff);
    check(&format!("policy fmt {name} --diff --check"), 1, &diff);
    check(&format!("policy fmt {name}/site.yaml --stdout"), 0, TIDY);
    assert_eq!(read(folder.path(), "site.yaml"), MESSY);
    let output = check(&format!("policy fmt {name} --stdout"), 2, "");
    assert!(
        stderr(&output).contains("--stdout takes one file"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn fmt_leaves_what_is_no_yaml_and_does_the_rest() {
    let (folder, name) = folder();
    let broken = "site:\n  name: \"s\n";
    std::fs::write(folder.path().join("broken.yaml"), broken).unwrap();
    let output = check(
        &format!("policy fmt {name}"),
        2,
        &format!("{name}/site.yaml\n"),
    );
    let said = stderr(&output);
    let problem = format!("{name}/broken.yaml:2:9: not readable as YAML: unclosed quote\n");
    assert!(
        said.starts_with(&problem) && said.ends_with("1 problem\n"),
        "{said}"
    );
    assert_eq!(read(folder.path(), "broken.yaml"), broken);
    assert_eq!(read(folder.path(), "site.yaml"), TIDY);
}

#[test]
fn fmt_is_a_filter_for_editors() {
    let filter = |text: &str| {
        let mut command = command(["policy", "fmt", "-"]);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code(), stdout(&output))
    };
    assert_eq!(filter(MESSY), (Some(0), TIDY.to_owned()));
    assert_eq!(filter("site: ["), (Some(2), String::new()));
}

#[test]
fn the_shipped_policies_are_formatted() {
    check("policy fmt --check policies", 0, "");
}

/// With `BLESS` in the environment the file is written anew.
#[test]
fn the_schema_in_the_documentation_is_the_one_of_this_sensor() {
    let file = root().join("docs/policy.schema.json");
    let schema = says("policy schema");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &schema).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), schema);
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("policy.schema.json");
    check(&format!("policy schema -o {}", copy.display()), 0, "");
    assert_eq!(std::fs::read_to_string(copy).unwrap(), schema);
}

#[test]
fn check_tells_programs_the_severity_and_every_place() {
    let (folder, name) = folder();
    let check = |expected: Value| {
        let output = bulkhead(["policy", "check", "--json", &name]);
        let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
        assert_eq!(document, expected);
    };
    check(json!({ "problems": [{
        "severity": "error", "file": format!("{name}/zones.yaml"), "line": 2, "column": 3, "end_column": 4,
        "what": "zone `a` has no members",
        "help": "list `cidrs`, `ranges`, `macs`, `ouis`, `vlans`, `assets` or `zones`",
    }], "warnings": [], "not_checked": [] }));
    std::fs::write(
        folder.path().join("zones.yaml"),
        "zones:\n  a: {members: {vlan: 1}}\n",
    )
    .unwrap();
    check(json!({ "problems": [], "warnings": [{
        "severity": "warning", "file": format!("{name}/zones.yaml"), "line": 2, "column": 3, "end_column": 4,
        "what": "zone `a` has no owner", "help": "the site's owner answers for it",
    }], "not_checked": [] }));
}

#[test]
fn every_command_that_loads_a_policy_underlines_what_is_wrong() {
    let (folder, name) = folder();
    let text = "zones:\n  a: {owner: o, members: {vlan: 4095}}\n";
    std::fs::write(folder.path().join("zones.yaml"), text).unwrap();
    let expected = format!(
        "{name}/zones.yaml:2:33: `4095` is no VLAN; a VLAN is a number from 1 to 4094\n  |\n\
         2 |   a: {{owner: o, members: {{vlan: 4095}}}}\n  |{}^^^^\n1 problem\n",
        " ".repeat(33)
    );
    let config = folder.path().join("sensor.conf");
    std::fs::write(
        &config,
        format!("interfaces: [{{name: lo}}]\nstore: s.db\npolicy: {name}\n"),
    )
    .unwrap();
    for words in [
        format!("policy check {name}"),
        format!("replay pcaps/normal.pcap --policy {name}"),
        format!("learn pcaps/normal.pcap --policy {name} -o -"),
        format!("run --check-config --config {}", config.display()),
    ] {
        let output = check(&words, 2, "");
        assert_eq!(stderr(&output), expected, "`{words}`");
    }
}
