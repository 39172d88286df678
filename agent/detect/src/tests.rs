//! Tests of the room as a whole: what loads, what is refused and where, what matches.

use std::fs;
use std::net::IpAddr;
use std::path::Path;

use model::{
    Detail, Event, Function, Host, Kind, Operation, Outcome, Party, Problem, Severity, Stage,
    Stamp, Target, Timestamp, Unit, Value, Verb, Verdict, Vocabulary,
};

use crate::{Correlations, Rules, shipped};

#[test]
fn every_file_of_the_folder_is_shipped() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let shipped: Vec<_> = shipped::FILES.iter().map(|(file, _)| *file).collect();
    assert_eq!(files, shipped);
}

#[test]
fn a_rule_that_lacks_something_does_not_load() {
    let check = |cut: &str, shown: &str| {
        assert!(GOOD.contains(cut), "{cut}");
        refused(&GOOD.replace(cut, ""), shown);
    };
    check(
        "title: A\n",
        "a.yml:1:1: `title` is missing; a few words, without addresses",
    );
    check(
        "description: B\n",
        "a.yml:1:1: `description` is missing; what happened and why that matters; its first \
         sentence is the reason given",
    );
    check(
        "level: low\n",
        "a.yml:1:1: `level` is missing; how bad it is if it is what it looks like",
    );
    check(
        "falsepositives: [none known]\n",
        "a.yml:1:1: `falsepositives` is missing; when it fires although nothing is wrong",
    );
    check(
        "  owner: O\n",
        "a.yml:16:1: `owner` is missing; who acts on it",
    );
    check(
        "  action: P\n",
        "a.yml:16:1: `action` is missing; what to do first",
    );
    check(
        "  consequence: Q\n",
        "a.yml:16:1: `consequence` is missing; what happens if nobody does",
    );
    check(
        "  respond_within: 1h\n",
        "a.yml:16:1: `respond_within` is missing; by when, such as `15m`",
    );
    check(
        "    quiet: [{function: read_x}]\n",
        "a.yml:21:3: `examples` has nothing under `quiet`; events that must `fire` and events \
         that must stay `quiet`",
    );
}

#[test]
fn a_word_that_does_not_exist_is_refused_where_it_stands() {
    let check = |old: &str, new: &str, shown: &str| {
        assert!(GOOD.contains(old), "{old}");
        refused(&GOOD.replacen(old, new, 1), shown);
    };
    check(
        "level: low",
        "level: hihg",
        "a.yml:15:8: no level `hihg`; did you mean `high`?",
    );
    check(
        "[attack.t0836]",
        "[attack.t0899]",
        "a.yml:14:8: no technique `attack.t0899`; such as `attack.t0858`, of ATT&CK for ICS\n\
         a.yml:14:7: `tags` names no technique; such as `attack.t0858`, of ATT&CK for ICS",
    );
    check(
        "service: toy",
        "service: tyo",
        "a.yml:6:12: no service `tyo`; did you mean `toy`?",
    );
    check(
        "    function: write_x",
        "    fuction: write_x",
        "a.yml:9:5: no field `fuction`; did you mean `function`?",
    );
    check(
        "    toy.color: red",
        "    toy.colour: red",
        "a.yml:10:5: no field `toy.colour`; did you mean `toy.color`?",
    );
    check(
        "function: write_x\n",
        "function: wirte_x\n",
        "a.yml:9:15: no function `wirte_x`; did you mean `write_x`?",
    );
    check(
        "    toy.color: red",
        "    verb: wriet",
        "a.yml:10:11: no verb `wriet`; did you mean `write`?",
    );
    check(
        "    toy.color: red",
        "    stage|like: x",
        "a.yml:10:5: unknown modifier 'like'",
    );
    check(
        "fire: [{function",
        "fire: [{fnction",
        "a.yml:22:13: no field `fnction`; did you mean `function`?",
    );
    check(
        "  owner: O",
        "  owner: O\n  onwer: P",
        "a.yml:18:3: no key `onwer`; did you mean `owner`?",
    );
    check(
        "respond_within: 1h",
        "respond_within: soon",
        "a.yml:20:19: `soon` is no span of time; a number and a unit, such as `15m`, `4h` or `2d`",
    );
    check(
        "name: toy.a",
        "name: Toy A",
        "a.yml:2:7: `Toy A` is no name for a rule; a stable word of small letters, digits, `_` and `.`, such as `s7.plc_stop`",
    );
    check(
        "condition: one\n",
        "condition: one and\n",
        "a.yml:11:14: this condition goes wrong at its character 8",
    );
    check(
        "condition: one\n",
        "condition: two\n",
        "a.yml:7:1: unknown detection identifier: two",
    );
    check(
        "  one:\n",
        "  one: [word]\n  two:\n",
        "a.yml:8:9: a search without a field is not read; name the field to look into",
    );
}

#[test]
fn every_problem_of_every_file_is_shown_at_once() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("a.yml"),
        GOOD.replace("level: low", "level: x"),
    )
    .unwrap();
    fs::write(folder.path().join("b.yaml"), "title: [\n").unwrap();
    fs::write(
        folder.path().join("c.yml"),
        GOOD.replace("owner: O", "owner: ''"),
    )
    .unwrap();
    fs::write(folder.path().join("d.txt"), "no rule").unwrap();
    let problems = Rules::load(folder.path(), &[&TOY]).unwrap_err();
    let files: Vec<_> = problems
        .iter()
        .map(|problem| problem.at.file.rsplit('/').next())
        .collect();
    assert_eq!(files, [Some("a.yml"), Some("b.yaml"), Some("c.yml")]);
}

#[test]
fn two_rules_of_one_name_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["a.yml", "b.yml"] {
        fs::write(folder.path().join(file), GOOD).unwrap();
    }
    let problems = lines(&Rules::load(folder.path(), &[&TOY]).unwrap_err());
    assert!(
        problems.contains("b.yml:1:1: `toy.a` is also the name of "),
        "{problems}"
    );
}

#[test]
fn a_correlation_that_counts_what_does_not_exist_is_refused() {
    let check = |old: &str, new: &str, shown: &str| {
        assert!(COUNTING.contains(old), "{old}");
        refused(&COUNTING.replacen(old, new, 1), shown);
    };
    check(
        "rules: [toy.b.one]",
        "rules: [toy.b.two]",
        "a.yml:7:11: no rule `toy.b.two` to count; did you mean `toy.b.one`?\na.yml:24:1: this reaches no person and feeds no correlation; give it the key `bulkhead`, or a correlation that counts it",
    );
    check(
        "gte: 3",
        "lt: 3",
        "a.yml:10:14: a correlation counts with `gte` or `gt` up to 2 to 1024",
    );
    check(
        "gte: 3",
        "gte: 100000",
        "a.yml:10:14: a correlation counts with `gte` or `gt` up to 2 to 1024",
    );
    check(
        "group-by: [client.ip]",
        "group-by: [clent.ip]",
        "a.yml:8:14: no field `clent.ip`; did you mean `client.ip`?",
    );
    check(
        "type: event_count",
        "type: value_count",
        "a.yml:5:1: `value_count` needs the field to count; `condition` names it as `field`",
    );
    check(
        "timespan: 1m",
        "timespan: soon",
        "a.yml:1:1: invalid timespan 'soon'",
    );
}

#[test]
fn a_correlation_fires_by_capture_time_and_its_base_does_not() {
    let rules = loaded(COUNTING).unwrap();
    assert_eq!(rules.len(), 1);
    let mut correlations = Correlations::new(&rules);
    let fired: Vec<usize> = [0, 10, 20, 200, 230, 300]
        .into_iter()
        .map(|secs| {
            let operation = write_x(&Toy {
                color: "red",
                load: 1,
            });
            let event = event(&operation, secs);
            let matches = rules.matching(&event, None);
            assert_eq!(matches.alerts().count(), 0);
            assert!(matches.feeds_correlations());
            let feeds = rules.feeds(&matches, &event);
            correlations.count(&rules, &feeds, event.stamp.time).len()
        })
        .collect();
    assert_eq!(fired, [0, 0, 1, 0, 0, 0]);
    assert_eq!(correlations.forgotten(), 0);
}

#[test]
fn a_match_becomes_a_finding_that_says_who_does_what_by_when() {
    let rules = loaded(GOOD).unwrap();
    let detail = Toy {
        color: "red",
        load: 1,
    };
    let operation = write_x(&detail);
    let event = event(&operation, 0);
    let matches = rules.matching(&event, None);
    let index = matches.alerts().next().unwrap();
    let finding = rules.finding(index, "write_x");
    assert_eq!(finding.kind, Kind::Rule);
    assert_eq!(finding.rule, "toy.a");
    assert_eq!(finding.severity, Severity::Low);
    assert_eq!(finding.because.reason, "B (`write_x`)");
    assert_eq!(finding.because.line, Some(1));
    assert_eq!(finding.technique.as_deref(), Some("T0836"));
    assert_eq!(finding.response.respond_within, "1h");
    assert!(Rules::default().finding(index, "write_x").rule == "sensor.stale_rule");
}

#[test]
fn every_field_of_an_event_can_be_named() {
    let detail = Toy {
        color: "red",
        load: 7,
    };
    let operation = Operation {
        stage: Stage::Response,
        outcome: Some(Outcome::Refused {
            code: 2,
            name: "no_such_x",
        }),
        ..write_x(&detail)
    };
    let event = event(&operation, 0);
    let verdict = Verdict::Unknown {
        why: model::Unseen::Roles,
    };
    for (condition, matches) in [
        ("protocol: toy", true),
        ("function.code: 6", true),
        ("verb: [read, write]", true),
        ("stage: response", true),
        ("stage: request", false),
        ("outcome: refused", true),
        ("outcome.code|gte: 2", true),
        ("outcome.name: no_such_x", true),
        ("unit: 3", true),
        ("target: 'x:1'", true),
        ("target|startswith: 'block:'", true),
        ("target: 'x:2'", false),
        ("client.ip|cidr: 10.0.0.0/8", true),
        ("client.ip: 10.0.0.1", true),
        ("client.asset: hmi", true),
        ("client.zone|exists: true", false),
        ("server.port: 502", true),
        ("server.ip|cidr: 10.0.0.0/8", false),
        ("verdict: unknown", true),
        ("toy.color: red", true),
        ("toy.load|gt: 6", true),
        ("toy.load|gt: 7", false),
    ] {
        let text = GOOD.replace(
            "    function: write_x\n    toy.color: red",
            &format!("    {condition}"),
        );
        let rules =
            loaded(&text).unwrap_or_else(|problems| panic!("{condition}: {}", lines(&problems)));
        assert_eq!(
            !rules.matching(&event, Some(&verdict)).is_empty(),
            matches,
            "{condition}"
        );
    }
}

#[test]
fn a_rule_says_whether_it_reads_what_signatures_do_not_cover() {
    assert!(!loaded(GOOD).unwrap().reads_volatile());
    assert!(
        loaded(&GOOD.replace("    toy.color: red", "    toy.load: 1"))
            .unwrap()
            .reads_volatile()
    );
}

#[test]
fn a_rule_of_one_protocol_leaves_another_alone() {
    let rules = loaded(GOOD).unwrap();
    let detail = Toy {
        color: "red",
        load: 1,
    };
    let operation = Operation {
        protocol: "other",
        ..write_x(&detail)
    };
    assert!(rules.matching(&event(&operation, 0), None).is_empty());
}

#[test]
fn an_example_that_does_not_do_what_it_must_is_told() {
    let text = GOOD.replace(
        "quiet: [{function: read_x}]",
        "quiet: [{function: write_x, toy.color: red}]",
    );
    let rules = loaded(&text).unwrap();
    let told = lines(&rules.examine());
    assert!(
        told.ends_with("a.yml:23:13: this example of `toy.a` has to stay quiet and fires\n"),
        "{told}"
    );
}

fn lines(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(|problem| format!("{problem}\n"))
        .collect()
}

/// Loads one file, `a.yml`, with the words of the toy protocol.
fn loaded(text: &str) -> Result<Rules, Vec<Problem>> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.yml"), text).unwrap();
    let bare = |mut problem: Problem| {
        problem.at.file = "a.yml".to_owned();
        problem
    };
    Rules::load(folder.path(), &[&TOY]).map_err(|all| all.into_iter().map(bare).collect())
}

fn refused(text: &str, shown: &str) {
    let problems = loaded(text)
        .map(|_| "it loads".to_owned())
        .unwrap_or_else(|all| lines(&all));
    let mut problems: Vec<_> = problems.trim_end().lines().collect();
    let mut shown: Vec<_> = shown.lines().collect();
    problems.sort_unstable();
    shown.sort_unstable();
    assert_eq!(problems, shown);
}

static TOY: Vocabulary = Vocabulary {
    name: "toy",
    ports: &[],
    functions: &[WRITE_X, READ_X],
    areas: &[],
    kinds: &[],
    fields: &["color"],
    volatile_fields: &["load"],
    choices: &[],
};

const WRITE_X: Function = Function {
    code: 6,
    name: "write_x",
    verb: Verb::Write,
};
const READ_X: Function = Function {
    code: 3,
    name: "read_x",
    verb: Verb::Read,
};

#[derive(serde::Serialize)]
struct Toy {
    color: &'static str,
    load: u32,
}

impl Detail for Toy {
    fn targets(&self, see: &mut dyn FnMut(Target<'_>)) {
        see(Target::Cells {
            area: "x",
            block: None,
            first: 1,
            last: 1,
        });
        see(Target::Block {
            kind: "OB",
            number: 1,
        });
    }

    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "color" => Some(self.color.into()),
            "load" => Some(self.load.into()),
            _ => None,
        }
    }
}

fn write_x(detail: &Toy) -> Operation<'_> {
    Operation {
        protocol: "toy",
        stage: Stage::Request,
        function: WRITE_X,
        unit: Some(Unit::Id(3)),
        outcome: None,
        signature: 1,
        answers: None,
        detail,
    }
}

fn event<'a>(operation: &'a Operation<'a>, secs: i64) -> Event<'a> {
    let party = |ip: [u8; 4], asset| Party {
        host: Host {
            ip: Some(IpAddr::from(ip)),
            ..Host::default()
        },
        asset,
        zone: None,
        role: None,
        location: None,
    };
    Event {
        stamp: Stamp::at(Timestamp::from_nanos(secs * 1_000_000_000)),
        client: party([10, 0, 0, 1], Some("hmi")),
        server: party([192, 168, 0, 9], None),
        server_port: 502,
        operation,
    }
}

const GOOD: &str = "\
title: A
name: toy.a
description: B
logsource:
  product: bulkhead
  service: toy
detection:
  one:
    function: write_x
    toy.color: red
  condition: one
# So many.
falsepositives: [none known]
tags: [attack.t0836]
level: low
bulkhead:
  owner: O
  action: P
  consequence: Q
  respond_within: 1h
  examples:
    fire: [{function: write_x, toy.color: red}]
    quiet: [{function: read_x}]
";

const COUNTING: &str = "\
title: A
name: toy.b
description: B
falsepositives: [none known]
correlation:
  type: event_count
  rules: [toy.b.one]
  group-by: [client.ip]
  timespan: 1m
  condition: {gte: 3}
tags: [attack.t0836]
level: low
bulkhead:
  owner: O
  action: P
  consequence: Q
  respond_within: 1h
  examples:
    fire:
      - {function: write_x, repeat: 3}
    quiet:
      - {function: write_x, repeat: 9, every: 2m}
---
title: C
name: toy.b.one
logsource:
  product: bulkhead
  service: toy
detection:
  one:
    verb: write
    function: write_x
  condition: one and not two
  two:
    verb: read
";
