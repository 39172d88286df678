//! `bulkhead policy explain`: the verdict first, then why.

use serde_json::Value;

use crate::support::{bulkhead, field, stderr, stdout};

/// What explaining says of the plant's policy.
fn explain(words: &[&str]) -> std::process::Output {
    let words = ["policy", "explain", "policies/plant"].iter().chain(words);
    bulkhead(words)
}

const WRITE: [&str; 10] = [
    "--from",
    "hmi-1",
    "--to",
    "plc-mixer",
    "--protocol",
    "modbus",
    "--function",
    "write_single_register",
    "--at",
    "2026-06-10T10:00",
];

#[test]
fn the_verdict_stands_first_and_names_its_statement() {
    let words = [&WRITE[..], &["--target", "holding:100", "--value", "900"]].concat();
    let output = explain(&words);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    let first = text.lines().next().unwrap();
    assert!(
        first.starts_with("CONFORMS by `hmi-1 to mixer` (policies/plant/conduits.yaml:"),
        "{text}"
    );
    assert!(
        text.contains("asset `hmi-1` by its address `10.10.10.10`"),
        "{text}"
    );
    assert!(
        text.contains("zone `cell-1` by its member `10.10.10.0/24`"),
        "{text}"
    );
    assert!(
        !text.contains('\u{1b}'),
        "there is no colour off a terminal"
    );
}

#[test]
fn a_violation_says_the_same_as_its_incident() {
    let words = [
        &WRITE[..],
        &["--target", "holding:140", "--value", "900", "--json"],
    ]
    .concat();
    let output = explain(&words);
    let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let check =
        |path: &str, wanted: &str| assert_eq!(field(&document, path), wanted, "{document:#}");
    check("verdict", "violates");
    check("reason", "target");
    check(
        "because",
        "conduit `hmi-1 to mixer` does not reach `holding:140` for verb `write`",
    );
    check(
        "would_be_allowed_if",
        "conduit `hmi-1 to mixer` also listed target `holding:140`",
    );
    check("by.conduit", "hmi-1 to mixer");
    check("client.asset", "hmi-1");
    check("server.role", "plc");
    let considered = document["considered"].as_array().unwrap();
    let decides: Vec<_> = considered
        .iter()
        .filter(|one| one["decides"] == true)
        .collect();
    assert_eq!(decides.len(), 1, "{document:#}");
    assert_eq!(decides[0]["misses"], "target");
    assert_eq!(considered[0]["kind"], "role");
    assert!(document["others"].as_u64().unwrap() > 5);
}

#[test]
fn wrong_words_are_all_said_with_their_options() {
    let output = explain(&[
        "--from",
        "hmj-1",
        "--to",
        "plc-mixer",
        "--protocol",
        "modbus",
        "--function",
        "write_single_registr",
        "--target",
        "holdin:4",
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        stderr(&output).lines().collect::<Vec<_>>(),
        [
            "error: --from: no asset, zone or address `hmj-1`; did you mean `hmi-1`?",
            "error: --function: `modbus` has no function `write_single_registr`; did you mean `write_single_register`?",
            "error: --target: no area `holdin`; did you mean `holding`?",
        ]
    );
}
