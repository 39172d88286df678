//! `bulkhead policy diff`, and invariants: what a change of a policy lets pass, in words, on the command line.

use serde_json::Value;

use crate::support::{bulkhead, says, stderr, stdout};

/// A folder with two policies.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.write("old.yaml", "holding:0-39", "");
        desk.write("new.yaml", "holding:0-49", "");
        desk
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, targets: &str, rest: &str) {
        let text = format!(
            "version: 1\n\
             site: {{name: mill, owner: it}}\n\
             zones:\n  office: {{owner: it, level: 4, members: {{cidr: 10.4.0.0/24}}}}\n  \
             cell: {{owner: it, level: 1, members: {{cidr: 10.1.0.0/24}}}}\n\
             assets:\n  plc-1: {{ip: 10.1.0.9}}\n\
             conduits:\n  desk:\n    from: {{zone: office}}\n    to: {{asset: plc-1}}\n    allow:\n      \
             - {{protocol: modbus, verbs: write, targets: ['{targets}']}}\n{rest}"
        );
        std::fs::write(self.path(name), text).unwrap();
    }

    fn diff(&self, old: &str, new: &str, more: &str) -> String {
        format!("policy diff {} {} {more}", self.path(old), self.path(new))
    }
}

fn code(words: &str) -> Option<i32> {
    bulkhead(words.split_whitespace()).status.code()
}

#[test]
fn what_becomes_allowed_is_a_class_with_both_lines_and_a_witness() {
    let desk = Desk::new();
    let said = says(&desk.diff("old.yaml", "new.yaml", "--from 2026-12-01"));
    let (old, new) = (desk.path("old.yaml"), desk.path("new.yaml"));
    assert!(said.starts_with("wider\n"), "{said}");
    let class = format!(
        "+ zone office -> asset plc-1: modbus write holding:40-49, was target `desk` ({old}:13), \
         now conforms to `desk` ({new}:13)\n"
    );
    assert!(said.contains(&class), "{said}");
    assert!(said.contains("such as 10.4.0.1 -> 10.1.0.9 modbus write_single_register unit 1 holding:40 at 2026-12-01T00:00:00Z"), "{said}");
    assert!(said.contains("--protocol modbus --function write_single_register --from 10.4.0.1 --to 10.1.0.9 --unit 1 --target holding:40"), "{said}");
}

#[test]
fn the_word_says_which_way_it_went_and_fail_on_stops() {
    let desk = Desk::new();
    let check = |old, new, word: &str, stops: [bool; 3]| {
        let said = says(&desk.diff(old, new, ""));
        assert_eq!(said.lines().next(), Some(word), "{said}");
        for (level, stops) in ["wider", "narrower", "any"].into_iter().zip(stops) {
            let ended = code(&desk.diff(old, new, &format!("--fail-on {level}")));
            assert_eq!(ended, Some(i32::from(stops)), "{old} {new} {level}");
        }
    };
    desk.write("other.yaml", "holding:10-49", "");
    desk.write("same.yaml", "holding:0-39", "# written by somebody else\n");
    check("old.yaml", "new.yaml", "wider", [true, false, true]);
    check("new.yaml", "old.yaml", "narrower", [false, true, true]);
    check("old.yaml", "other.yaml", "both", [true, true, true]);
    check("old.yaml", "same.yaml", "equivalent", [false, false, false]);
}

#[test]
fn json_has_every_class() {
    let desk = Desk::new();
    let said = says(&desk.diff("old.yaml", "new.yaml", "--json"));
    let json: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(json["difference"], "wider");
    assert_eq!(json["gaps"], serde_json::json!([]));
    let [class] = json["classes"].as_array().unwrap().as_slice() else {
        panic!("{said}")
    };
    assert_eq!(class["change"], "allowed");
    assert_eq!(class["from"], serde_json::json!(["zone office"]));
    assert_eq!(class["targets"], serde_json::json!(["holding:40-49"]));
    assert_eq!(class["was"]["reason"], "target");
    assert_eq!(class["now"]["verdict"], "conforms");
}

#[test]
fn both_policies_problems_are_shown_at_once() {
    let desk = Desk::new();
    std::fs::write(desk.path("old.yaml"), "version: 2\n").unwrap();
    std::fs::write(desk.path("new.yaml"), "version: 3\n").unwrap();
    let output = bulkhead(
        desk.diff("old.yaml", "new.yaml", "--from soon")
            .split_whitespace(),
    );
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    for part in ["version `2`", "version `3`", "`soon` is no moment"] {
        assert!(said.contains(part), "{said}");
    }
    assert_eq!(stdout(&output), "");
}

/// The policy of the demo without what operators write, beside the captures that write it.
fn narrowed() -> Desk {
    let desk = Desk::new();
    let plant = desk.0.path().join("plant");
    std::fs::create_dir(&plant).unwrap();
    for file in std::fs::read_dir(crate::support::root().join("policies/plant")).unwrap() {
        let file = file.unwrap().path();
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.replace(
            "targets: [holding:100-119, coil:0-7]",
            "targets: [holding:118-119]",
        );
        std::fs::write(plant.join(file.file_name().unwrap()), text).unwrap();
    }
    desk
}

#[test]
fn captures_tell_which_operations_change_and_how_many_incidents_that_makes() {
    let desk = narrowed();
    let plant = desk.path("plant");
    let words = format!("policy diff policies/plant {plant} --capture {CAPTURE} --json");
    let json: Value = serde_json::from_str(&says(&words)).unwrap();
    assert_eq!(json["difference"], "narrower");
    let seen = &json["seen"];
    assert!(seen["changed"].as_u64().unwrap() > 0, "{seen}");
    assert!(seen["operations"].as_u64().unwrap() > seen["changed"].as_u64().unwrap());
    let kinds = seen["kinds"].as_array().unwrap();
    let counts: u64 = kinds
        .iter()
        .map(|kind| kind["count"].as_u64().unwrap())
        .sum();
    assert_eq!(counts, seen["changed"].as_u64().unwrap());
    for kind in kinds {
        assert_eq!(kind["change"], "denied");
        assert_eq!(kind["was"]["verdict"], "conforms");
        assert!(!kind["frames"].as_array().unwrap().is_empty());
    }
    let incidents = |at: usize| seen["incidents"][at].as_u64().unwrap();
    assert!(incidents(1) > incidents(0), "{seen}");
    let shift = |at: usize| seen["incidents_per_shift"][at].as_f64().unwrap();
    assert!(shift(1) > shift(0), "{seen}");
    let same = format!("policy diff policies/plant policies/plant --capture {CAPTURE}");
    assert!(says(&same).contains(": 0 of "), "{}", says(&same));
}

#[test]
fn a_broken_invariant_is_an_error_of_check_and_of_sign() {
    let desk = Desk::new();
    let sentence = "invariants:\n  - no path from zone office to verb write at level 1\n";
    desk.write("new.yaml", "holding:0-9", sentence);
    let new = desk.path("new.yaml");
    says(&format!("policy keygen {}", desk.path("it.key")));
    for words in [
        format!("policy check {new}"),
        format!(
            "policy sign {new} --key {} -o {}",
            desk.path("it.key"),
            desk.path("it.bundle")
        ),
    ] {
        let output = bulkhead(words.split_whitespace());
        assert_eq!(output.status.code(), Some(2));
        let said = stderr(&output);
        let place = format!(
            "{new}:15:5: invariant broken: no path from zone office to verb write at level 1"
        );
        assert!(said.contains(&place), "{said}");
        assert!(
            said.contains(&format!(
                "`desk` at {new}:13 allows 10.4.0.1 -> 10.1.0.9 modbus write_"
            )),
            "{said}"
        );
    }
    desk.write(
        "new.yaml",
        "holding:0-9",
        &sentence.replace("write", "delete"),
    );
    assert!(says(&format!("policy check {new}")).contains("1 invariant(s) kept"));
}

const CAPTURE: &str = "pcaps/normal.pcap";
