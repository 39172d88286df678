//! The shipped example of a sensor's configuration is right, and so is what it leaves out.

use crate::support::{bulkhead, root, says, stderr};

#[test]
fn the_example_is_fine() {
    let example = "docs/bulkhead.example.yaml";
    let said = says(&format!("run --config {example} --check-config"));
    assert_eq!(said, format!("{example}: fine\n"));
}

#[test]
fn what_the_example_leaves_out_wants_only_its_certificates() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("whole.yaml");
    let text = std::fs::read_to_string(root().join("docs/bulkhead.example.yaml")).unwrap();
    let text = text.replace("../", &format!("{}/", root().display()));
    let whole: String = text.lines().map(|line| uncommented(line) + "\n").collect();
    std::fs::write(&path, whole).unwrap();
    let said = check(path.to_str().unwrap());
    assert!(
        said.contains("sinks[1].syslog.tls.ca: cannot read `/etc/"),
        "{said}"
    );
    assert!(
        said.contains("http.tls.client_ca: cannot read `/etc/"),
        "{said}"
    );
    assert!(said.ends_with("2 problems\n"), "{said}");
}

#[test]
fn a_mistake_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.yaml");
    let start = "interfaces: [{name: eth1}]\nstore: sensor.db\n";
    for (more, place, what) in [
        ("sensr: x\n", ":3:1:", "did you mean `sensor`?"),
        (
            "http: {max_connections: 0}\n",
            ":3:25:",
            "0 is not 1 to 1024 connections",
        ),
        (
            "policy_signature: requird\n",
            ":3:19:",
            "did you mean `required`?",
        ),
        ("policy: no-such\n", "no-such", "cannot be read"),
        (
            "http: {listen: here}\n",
            ":3:",
            "`here` is not `address:port`",
        ),
        (
            "sinks: [{name: soc}]\n",
            ":3:",
            "exactly one of `file` and `syslog`",
        ),
    ] {
        std::fs::write(&path, format!("{start}{more}")).unwrap();
        let said = check(path.to_str().unwrap());
        assert!(said.contains(place) && said.contains(what), "{more} {said}");
    }
}

#[test]
fn every_mistake_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.yaml");
    let text = "interfaces:\n  - nam: eth1\n    ring_mib: 9999\nsandbox: {usr: x}\n";
    std::fs::write(&path, text).unwrap();
    let said = check(path.to_str().unwrap());
    for (place, what) in [
        (":1:1:", "`store` is missing"),
        (":2:5:", "`name` is missing"),
        (":2:5:", "did you mean `name`?"),
        (":3:15:", "9999 is not 1 to 2047 MiB"),
        (":4:11:", "did you mean `user`?"),
    ] {
        let told = said
            .lines()
            .any(|line| line.contains(place) && line.contains(what));
        assert!(told, "{place} {what} {said}");
    }
    assert!(said.ends_with("5 problems\n"), "{said}");
}

#[test]
fn the_page_of_fields_is_what_the_program_says() {
    let page = std::fs::read_to_string(root().join("docs/CONFIGURATION.md")).unwrap();
    let table = says("config fields");
    assert!(
        page.contains(&table),
        "docs/CONFIGURATION.md wants `bulkhead config fields`:\n{table}"
    );
}

#[test]
fn the_schema_knows_every_field_of_the_example() {
    let schema: serde_json::Value = serde_json::from_str(&says("config schema")).unwrap();
    let example = std::fs::read_to_string(root().join("docs/bulkhead.example.yaml")).unwrap();
    let top = schema["properties"].as_object().unwrap();
    for line in example
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
    {
        let key = line.split(':').next().unwrap();
        assert!(top.contains_key(key), "{key}");
    }
    let ring = &schema["properties"]["interfaces"]["items"]["properties"]["ring_mib"];
    assert_eq!(ring["maximum"], 2047);
}

/// Checks a configuration that must be refused; what is said of it.
fn check(path: &str) -> String {
    let output = bulkhead(["run", "--check-config", "--config", path]);
    assert_eq!(output.status.code(), Some(2));
    stderr(&output)
}

/// A line of the example as it is without its `#`, unless it is a sentence.
fn uncommented(line: &str) -> String {
    let Some((indent, text)) = line
        .split_once('#')
        .filter(|(indent, _)| indent.trim().is_empty())
    else {
        return line.to_owned();
    };
    let is_sentence = text.is_empty() || (text.starts_with(' ') && !text.starts_with("  "));
    if is_sentence {
        line.to_owned()
    } else {
        format!("{indent}{text}")
    }
}
