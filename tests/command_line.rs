//! The command line as its users have it: exit codes, what goes to which stream, and that
//! different ways to ask the same thing give the same.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::records;
use crate::support::{bulkhead, json_lines, own_captures, root, says, stderr, stdout};

/// Runs words that are parted by spaces; checks the exit code and that standard error names these.
#[track_caller]
fn check(words: &str, code: i32, named: &[&str]) {
    let output = bulkhead(words.split_whitespace());
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(code), "`{words}` said {said}");
    for name in named {
        assert!(
            said.contains(name),
            "`{words}` does not name `{name}`: {said}"
        );
    }
}

#[test]
fn incidents_change_the_exit_code_only_when_asked() {
    let stop = "replay pcaps/plc-stop.pcap --policy policies/plant";
    let storm = "replay pcaps/exception-storm.pcap --policy policies/plant";
    let normal = "replay pcaps/normal.pcap --policy policies/plant";
    check(stop, 0, &[]);
    check(&format!("{stop} --fail-on critical"), 1, &[]);
    check(&format!("{storm} --fail-on high"), 0, &[]);
    check(&format!("{storm} --fail-on medium"), 1, &[]);
    check(&format!("{normal} --fail-on low"), 0, &[]);
}

#[test]
fn one_thread_and_several_say_the_same() {
    for capture in own_captures() {
        let by = |threads: u8| {
            let capture = capture.display();
            let words = format!("replay {capture} --policy policies/plant --json");
            says(&format!("{words} --threads {threads}"))
        };
        let one = by(1);
        assert_eq!(by(2), one, "{}", capture.display());
        assert_eq!(by(4), one, "{}", capture.display());
    }
}

#[test]
fn bad_usage_ends_with_2_and_says_what_is_known() {
    check("nonsense", 2, &["nonsense", "--help"]);
    check("replay", 2, &["CAPTURE"]);
    check("run", 2, &["--config"]);
    let level = "replay pcaps/normal.pcap --fail-on urgent";
    check(
        level,
        2,
        &["urgent", "informational, low, medium, high, critical"],
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let normal = "replay pcaps/normal.pcap";
    check(
        "replay no-such.pcap",
        2,
        &["`no-such.pcap`", "No such file"],
    );
    check("inventory no-such.pcap", 2, &["`no-such.pcap`"]);
    check("learn no-such.pcap -o -", 2, &["`no-such.pcap`"]);
    check(&format!("{normal} --policy no-such"), 2, &["no-such"]);
    check(&format!("{normal} --rules no-such"), 2, &["no-such"]);
    check(&format!("{normal} --baseline no-such"), 2, &["`no-such`"]);
    check(
        &format!("{normal} --incidents no/such"),
        2,
        &["cannot write `no/such`"],
    );
    check(
        &format!("{normal} --operations no/such"),
        2,
        &["cannot write `no/such`"],
    );
    check("run --config no-such.yaml", 2, &["no-such.yaml"]);
    check("incidents list --store no-such.db", 2, &["`no-such.db`"]);
    check("baseline review no-such.db", 2, &["`no-such.db`"]);
    check("policy check no-such", 2, &["no-such"]);
}

#[test]
fn what_is_no_capture_is_said_to_be_none() {
    check("replay README.md", 2, &["`README.md` is not a capture"]);
    let folder = tempfile::tempdir().unwrap();
    let empty = file(folder.path(), "empty.pcap", b"");
    check(
        &format!("replay {empty}"),
        2,
        &["is not a capture: it is empty"],
    );
}

#[test]
fn of_a_capture_that_is_cut_short_all_that_is_there_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(root().join("pcaps/plc-stop.pcap")).unwrap();
    let cut = file(folder.path(), "cut.pcap", &whole[..whole.len() - 10]);
    let frames = records::read(&root().join("pcaps/plc-stop.pcap"));
    let last = whole.len() - frames.last().unwrap().bytes.len() - 16;
    let output = bulkhead(["replay", &cut, "--policy", "policies/plant", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let damage = format!("damaged at byte {last}, after frame {}", frames.len() - 1);
    assert!(
        stderr(&output).contains(&damage),
        "{damage} in {}",
        stderr(&output)
    );
    let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(
        counter(&document, "bulkhead_capture_frames_total"),
        frames.len() - 1
    );
    assert_eq!(document["incidents"][0]["verb"], "mode");
}

#[test]
fn help_has_examples_that_can_be_copied() {
    for command in ["", "replay", "run", "learn"] {
        let help = says(&format!("{command} --help"));
        let (_, examples) = help
            .split_once("\nExamples:\n")
            .unwrap_or_else(|| panic!("{help}"));
        assert!(examples.starts_with("  bulkhead "), "{examples}");
    }
    let words = [
        "replay",
        "run",
        "interfaces",
        "inventory",
        "learn",
        "policy",
        "rules",
        "baseline",
    ];
    let help = says("--help");
    assert!(
        words
            .iter()
            .all(|word| help.contains(&format!("\n  {word} "))),
        "{help}"
    );
}

#[test]
fn a_dash_is_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    for kind in ["incidents", "operations"] {
        let path = folder.path().join(kind);
        let replay = "replay pcaps/plc-stop.pcap --policy policies/plant";
        let shown = says(&format!("{replay} --{kind} -"));
        says(&format!("{replay} --{kind} {}", path.display()));
        assert_eq!(shown, std::fs::read_to_string(path).unwrap());
        assert!(!json_lines(&shown).is_empty());
    }
    let learnt = says("learn pcaps/plc-stop.pcap -o -");
    assert!(learnt.starts_with("bulkhead baseline 1\n"), "{learnt}");
}

#[test]
fn json_is_one_document() {
    let replay = "replay pcaps/plc-stop.pcap --policy policies/plant";
    let document: Value = serde_json::from_str(&says(&format!("{replay} --json"))).unwrap();
    let incidents = json_lines(&says(&format!("{replay} --incidents -")));
    assert_eq!(document["incidents"], Value::Array(incidents));
    assert_eq!(counter(&document, "bulkhead_capture_frames_total"), 61);
    for words in [
        "inventory pcaps/normal.pcap --json",
        "rules list --json",
        "interfaces --json",
        "policy check policies/plant --json",
    ] {
        let document: Result<Value, _> = serde_json::from_str(&says(words));
        assert!(document.is_ok(), "{words}");
    }
}

#[test]
fn every_decoded_message_is_a_record_of_its_own() {
    let operations = json_lines(&says("replay pcaps/plc-stop.pcap --operations -"));
    let stop = operations
        .iter()
        .find(|record| record["verb"] == "mode")
        .unwrap();
    assert_eq!(stop["frame"], 12);
    assert_eq!(stop["stage"], "request");
    assert_eq!(stop["function"]["name"], "plc_stop");
    assert_eq!(stop["src"]["ip"], "10.10.10.99");
    assert_eq!(stop["dst"]["port"], 102);
    assert_eq!(stop["s7"]["pi_service"], "P_PROGRAM");
}

#[test]
fn policy_check_shows_every_problem_with_its_place_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let policy = file(folder.path(), "bad.yaml", BAD_POLICY.as_bytes());
    let problems = [
        ":3:3: the site has no `owner`".to_owned(),
        ":6:21: `10.0.0.0/33` is no CIDR prefix".to_owned(),
        ":10:13: no verb `raed`; did you mean `read`?".to_owned(),
        ":13:18: no zone `cel-1`; did you mean `cell-1`?".to_owned(),
        ":16:19: no protocol `modbuss`; did you mean `modbus`?".to_owned(),
    ];
    let problems = problems.map(|problem| format!("{policy}{problem}"));
    let named: Vec<_> = problems
        .iter()
        .map(String::as_str)
        .chain(["5 problems"])
        .collect();
    check(&format!("policy check {policy}"), 2, &named);
    check(
        &format!("replay pcaps/normal.pcap --policy {policy}"),
        2,
        &named,
    );
    let output = bulkhead(["policy", "check", "--json", &policy]);
    let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(
        (
            document["problems"].as_array().unwrap().len(),
            output.status.code()
        ),
        (5, Some(2))
    );
    assert_eq!(document["problems"][3]["help"], "did you mean `cell-1`?");
    assert_eq!(document["problems"][3]["line"], 13);
}

#[test]
fn the_shipped_policy_is_fine() {
    let said = says("policy check policies/plant");
    assert!(
        said.starts_with("policies/plant: policy of plant, version "),
        "{said}"
    );
    assert!(said.ends_with(", 0 warnings\n"), "{said}");
}

#[test]
fn shells_get_completions() {
    for (shell, sign) in [
        ("bash", "complete -F _bulkhead"),
        ("zsh", "#compdef bulkhead"),
        ("fish", "complete -c bulkhead"),
    ] {
        let script = says(&format!("completions {shell}"));
        assert!(
            script.contains(sign) && script.contains("replay"),
            "{shell}"
        );
    }
}

#[test]
fn an_empty_text_approves_nothing() {
    let words = [
        "baseline",
        "approve",
        "pcaps/normal.baseline.txt",
        " ",
        "--by",
        "nobody",
    ];
    let output = bulkhead(words);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("would approve everything"));
}

#[test]
fn the_inventory_lists_every_host_with_what_it_is() {
    let table = says("inventory pcaps/normal.pcap");
    let row = |ip: &str| table.lines().find(|line| line.contains(ip)).unwrap();
    for word in [
        "00:1b:1b:0a:10:31",
        "Siemens",
        "s7 server",
        "102",
        "rack 0 slot 1",
    ] {
        assert!(row("10.10.10.31").contains(word), "{word} in {table}");
    }
    for word in ["modbus server", "502", "unit 1", "Mixwell"] {
        assert!(row("10.10.10.21").contains(word), "{word} in {table}");
    }
    assert!(row("10.10.20.41").contains("urn:plant:gw-tank"), "{table}");
    let hosts: Value = serde_json::from_str(&says("inventory pcaps/normal.pcap --json")).unwrap();
    assert_eq!(hosts.as_array().unwrap().len(), 7);
    assert!(table.ends_with("7 hosts\n"), "{table}");
}

#[test]
fn the_shipped_rules_are_listed_and_tried() {
    let rules: Value = serde_json::from_str(&says("rules list --json")).unwrap();
    let rules = rules.as_array().unwrap();
    assert!(says("rules list").contains("s7.plc_stop"));
    assert_eq!(
        says("rules test"),
        format!("the examples of {} rules hold\n", rules.len())
    );
    assert_eq!(
        says("rules check rules"),
        format!("rules: {} rules\n", rules.len())
    );
    assert_eq!(says("rules test rules"), says("rules test"));
}

#[test]
fn a_baseline_judges_the_same_from_text_and_from_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let [text, store] = ["normal.txt", "normal.db"].map(|name| {
        let path = folder.path().join(name).display().to_string();
        says(&format!("learn pcaps/normal.pcap -o {path}"));
        says(&format!("baseline approve {path} write --by somebody"));
        path
    });
    assert_eq!(
        says(&format!("baseline export {text}")),
        says(&format!("baseline export {store}"))
    );
    let judged = |baseline: &str| {
        let all = captures().join(" ");
        says(&format!(
            "replay {all} --policy policies/plant --baseline {baseline} --incidents -"
        ))
    };
    let incidents = judged(&text);
    assert_eq!(incidents, judged(&store));
    assert!(incidents.contains("\"kind\":\"baseline\""));
}

#[test]
fn commands_wait_for_approval_and_say_who_gave_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("normal.txt").display().to_string();
    says(&format!("learn pcaps/normal.pcap -o {path}"));
    let awaiting = |path: &str| {
        says(&format!("baseline review {path}"))
            .matches(" write ")
            .count()
    };
    assert_eq!(awaiting(&path), 4);
    says(&format!("baseline approve {path} DB1:4-5 --by somebody"));
    assert_eq!(awaiting(&path), 3);
    let export = says(&format!("baseline export {path}"));
    assert!(
        export.contains("DB1:4-5 | approved by somebody | "),
        "{export}"
    );
    check(
        &format!("baseline approve {path} nothing-like-it --by somebody"),
        2,
        &["nothing-like-it"],
    );
}

#[test]
fn several_captures_are_one_timeline_in_whatever_order_they_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let whole = root().join("pcaps/foreign-laptop-writes.pcap");
    let halves = ["even.pcap", "odd.pcap"].map(|name| folder.path().join(name));
    for (remainder, half) in halves.iter().enumerate() {
        let every = records::read(&whole);
        let own = every
            .iter()
            .enumerate()
            .filter(|(place, _)| place % 2 == remainder);
        records::write(half, own.map(|(_, record)| record));
    }
    let judged = |captures: &[&PathBuf]| {
        let captures: Vec<_> = captures
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let words = format!(
            "replay {} --policy policies/plant --incidents -",
            captures.join(" ")
        );
        let mut incidents = json_lines(&says(&words));
        for incident in &mut incidents {
            incident.as_object_mut().unwrap().remove("frames");
        }
        incidents
    };
    let [even, odd] = &halves;
    assert_eq!(judged(&[even, odd]), judged(&[&whole]));
    assert_eq!(judged(&[odd, even]), judged(&[&whole]));
    assert_eq!(judged(&[&whole])[0]["count"], 40);
}

#[test]
fn the_report_says_what_a_person_needs() {
    let report = says("replay pcaps/plc-stop.pcap --policy policies/plant");
    for words in [
        "P1 critical",
        "decided by policies/plant/zones.yaml:",
        "owner controls-cell-1, within 15m: ",
        "would be allowed if ",
        "frames     61 ",
        "1 of priority 1",
        "nothing is known to be missing",
    ] {
        assert!(report.contains(words), "{words} in {report}");
    }
    assert!(!report.contains('\u{1b}'), "no colour off a terminal");
    let alone = says("replay pcaps/normal.pcap");
    assert!(alone.contains("no policy was given"), "{alone}");
}

fn captures() -> Vec<String> {
    let own = own_captures();
    let own = own.iter().map(|path| path.strip_prefix(root()).unwrap());
    own.map(|path| path.display().to_string()).collect()
}

fn counter(document: &Value, name: &str) -> usize {
    document["summary"]["counters"][name].as_u64().unwrap() as usize
}

/// Writes a file; its path.
fn file(folder: &Path, name: &str, content: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content).unwrap();
    path.display().to_string()
}

const BAD_POLICY: &str = "\
version: 1
site:
  name: plant
zones:
  cell-1:
    members: {cidr: 10.0.0.0/33}
  cell-2: {members: {cidr: 10.0.1.0/24}}
roles:
  hmi:
    verbs: [raed]
conduits:
  one:
    from: {zone: cel-1}
    to: {zone: cell-2}
    allow:
      - protocol: modbuss
        verbs: [read]
";
