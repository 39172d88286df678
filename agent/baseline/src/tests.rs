//! Tests of the room as a whole: what was learned is normal, the rest is not, and nothing is lost
//! on the way through text and rows.

use std::net::IpAddr;

use model::{
    Detail, Event, Finding, Function, Host, Mac, NodeKey, Operation, Party, Severity, Stage, Stamp,
    Target, Timestamp, Unit, Value, Verb,
};
use proptest::prelude::*;

use crate::Baseline;

#[test]
fn what_was_learned_is_normal_and_each_step_away_is_told_as_what_it_is() {
    let mut baseline = Baseline::new();
    let usual = Said::read(&[cells(0, 9)]);
    baseline.learn_one(&usual);
    let check = |said: Said<'_>, rule: &str, severity: Severity| {
        let finding = baseline.deviation_of(&said).expect(rule);
        assert_eq!((finding.rule.as_str(), finding.severity), (rule, severity));
    };
    assert_eq!(baseline.deviation_of(&usual), None);
    assert_eq!(baseline.deviation_of(&Said::read(&[cells(3, 4)])), None);
    check(
        Said {
            client: 7,
            ..usual.clone()
        },
        "baseline.new_peer",
        Severity::Medium,
    );
    check(
        Said {
            client: 7,
            ..Said::write(&[cells(0, 0)])
        },
        "baseline.new_peer",
        Severity::High,
    );
    check(
        Said {
            protocol: "s7",
            ..usual.clone()
        },
        "baseline.new_protocol",
        Severity::Medium,
    );
    check(
        Said {
            unit: Some(Unit::Id(2)),
            ..usual.clone()
        },
        "baseline.new_unit",
        Severity::Low,
    );
    check(
        Said::write(&[cells(0, 0)]),
        "baseline.new_function",
        Severity::High,
    );
    check(
        Said::read(&[cells(5, 10)]),
        "baseline.new_target",
        Severity::Low,
    );
    check(Said::read(&[]), "baseline.new_target", Severity::Low);
}

#[test]
fn a_unit_that_was_not_seen_may_be_any_that_is_known() {
    let mut baseline = Baseline::new();
    let other = Said {
        unit: Some(Unit::Id(2)),
        ..Said::read(&[cells(50, 59)])
    };
    baseline.learn_one(&Said::read(&[cells(0, 9)]));
    baseline.learn_one(&other);
    baseline.learn_one(&Said::write(&[cells(40, 40)]));
    let unseen = |said: Said<'_>| {
        let finding = baseline.deviation_of(&Said { unit: None, ..said });
        finding.map(|finding| finding.rule)
    };
    assert_eq!(unseen(Said::read(&[cells(3, 4)])), None);
    assert_eq!(unseen(Said::read(&[cells(50, 51)])), None);
    let told = |rule: &str| Some(rule.to_owned());
    let both = [cells(3, 4), cells(50, 51)];
    assert_eq!(unseen(Said::read(&both)), told("baseline.new_target"));
    assert_eq!(
        unseen(Said::write(&[cells(40, 40)])),
        told("baseline.unapproved")
    );
    assert_eq!(
        unseen(Said::write(&[cells(41, 41)])),
        told("baseline.new_target")
    );
}

#[test]
fn a_unit_that_was_not_seen_does_what_no_unit_was_asked_for() {
    let mut baseline = Baseline::new();
    baseline.learn_one(&Said::read(&[cells(0, 9)]));
    let unseen = Said {
        unit: None,
        ..Said::write(&[cells(0, 0)])
    };
    let finding = baseline.deviation_of(&unseen).unwrap();
    assert_eq!(finding.rule, "baseline.new_function");
}

#[test]
fn responses_teach_nothing_and_are_never_judged() {
    let mut baseline = Baseline::new();
    let answer = Said {
        stage: Stage::Response,
        ..Said::read(&[cells(0, 9)])
    };
    baseline.learn_one(&answer);
    assert_eq!(baseline, Baseline::new());
    assert_eq!(baseline.deviation_of(&answer), None);
}

#[test]
fn a_write_is_normal_only_after_a_person_said_so() {
    let mut baseline = Baseline::new();
    let write = Said::write(&[cells(40, 49)]);
    baseline.learn_one(&write);
    assert_eq!(
        baseline.deviation_of(&write).unwrap().rule,
        "baseline.unapproved"
    );
    assert_eq!(baseline.pending().count(), 1);
    assert_eq!(baseline.approve("holding:7", "jane"), 0);
    assert_eq!(baseline.approve("holding:40-49", "jane"), 1);
    assert_eq!(baseline.pending().count(), 0);
    assert_eq!(baseline.deviation_of(&write), None);
    let wider = Said::write(&[cells(40, 50)]);
    assert_eq!(
        baseline.deviation_of(&wider).unwrap().rule,
        "baseline.new_target"
    );
    baseline.learn_one(&wider);
    assert_eq!(
        baseline.deviation_of(&wider).unwrap().rule,
        "baseline.unapproved"
    );
    assert_eq!(baseline.deviation_of(&write), None);
}

#[test]
fn a_name_that_was_approved_stays_approved_when_it_is_seen_again() {
    let mut baseline = Baseline::new();
    let pump = Target::Node {
        namespace: 2,
        key: NodeKey::Text("Pump | 1"),
    };
    let write = Said::write(std::slice::from_ref(&pump));
    baseline.learn_one(&write);
    assert_eq!(baseline.approve("Pump", "jane | doe\n"), 1);
    baseline.learn_one(&write);
    assert_eq!(baseline.deviation_of(&write), None);
    assert!(
        baseline
            .to_text()
            .contains("ns=2;s=Pump | 1 | approved by jane  doe | 2 | ")
    );
}

#[test]
fn a_reader_of_very_much_reads_any_and_a_writer_of_very_much_is_not_learned() {
    let mut baseline = Baseline::new();
    for place in 0..1000 {
        baseline.learn_one(&Said::read(&[cells(place * 2, place * 2)]));
        baseline.learn_one(&Said::write(&[cells(place * 2, place * 2)]));
    }
    assert!(
        baseline
            .to_text()
            .contains(" read read_x holding:* | learned | 1000 | ")
    );
    assert_eq!(baseline.pending().count(), 256);
    assert_eq!(baseline.dropped(), 1000 - 256);
    assert_eq!(
        baseline.deviation_of(&Said::read(&[cells(5001, 5001)])),
        None
    );
    let unknown = baseline
        .deviation_of(&Said::write(&[cells(1998, 1998)]))
        .unwrap();
    assert_eq!(unknown.rule, "baseline.new_target");
}

#[test]
fn a_reader_of_very_many_areas_reads_anything() {
    let mut baseline = Baseline::new();
    let block = |number| Target::Cells {
        area: "DB",
        block: Some(number),
        first: 0,
        last: 3,
    };
    for number in 0..1000 {
        baseline.learn_one(&Said::read(&[block(number)]));
    }
    assert!(
        baseline
            .to_text()
            .contains(" read read_x * | learned | 1000 | ")
    );
    assert_eq!(baseline.deviation_of(&Said::read(&[block(5000)])), None);
}

#[test]
fn the_text_is_sorted_lines_that_a_person_can_read() {
    let mut baseline = Baseline::new();
    baseline.learn_one(&Said::write(&[cells(4, 4)]));
    baseline.learn_one(&Said::read(&[cells(0, 9)]));
    baseline.learn_one(&Said::read(&[cells(10, 19)]));
    assert_eq!(
        baseline.to_text(),
        "\
bulkhead baseline 1
# client server protocol unit verb function target | state | count | first | last
10.0.0.1 10.0.0.9 modbus unit:1 read read_x holding:0-19 | learned | 2 | 1970-01-01T00:00:01.000000000Z | 1970-01-01T00:00:02.000000000Z
10.0.0.1 10.0.0.9 modbus unit:1 write write_x holding:4 | pending | 1 | 1970-01-01T00:00:01.000000000Z | 1970-01-01T00:00:02.000000000Z
"
    );
}

#[test]
fn what_cannot_be_read_is_told_where_it_stands() {
    let check = |line: &str, shown: &str| {
        let text = format!("bulkhead baseline 1\n# note\n{line}\n");
        let problems = Baseline::from_text("b.txt", &text).unwrap_err();
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(problems, [shown]);
    };
    let end = "1 | 1970-01-01T00:00:01Z | 1970-01-01T00:00:02Z";
    check(
        "10.0.0.1 10.0.0.9",
        "b.txt:3:1: a fact is `key | state | count | first | last`",
    );
    check(
        &format!("x 10.0.0.9 modbus - read read_x - | learned | {end}"),
        "b.txt:3:1: `x` is not a client's address",
    );
    check(
        &format!("10.0.0.1 10.0.0.9 modbus 1 read read_x - | learned | {end}"),
        "b.txt:3:26: `1` is not a unit: `unit:1`, `slot:0/2` or `-`",
    );
    check(
        &format!("10.0.0.1 10.0.0.9 modbus - raed read_x - | learned | {end}"),
        "b.txt:3:28: `raed` is not a verb; did you mean `read`?",
    );
    check(
        &format!("10.0.0.1 10.0.0.9 modbus - read read_x | learned | {end}"),
        "b.txt:3:40: the target is missing; `-` stands for none",
    );
    check(
        &format!("10.0.0.1 10.0.0.9 modbus - read read_x - | known | {end}"),
        "b.txt:3:44: expected `learned`, `pending` or `approved by NAME`",
    );
    check(
        &format!("10.0.0.1 10.0.0.9 modbus - write write_x - | learned | {end}"),
        "b.txt:3:28: `write` is never learned: it is pending or approved by somebody",
    );
    check(
        "10.0.0.1 10.0.0.9 modbus - read read_x - | learned | many | x | y",
        "b.txt:3:54: `many` is no number",
    );
    check(
        "10.0.0.1 10.0.0.9 modbus - read read_x - | learned | 1 | x | y",
        "b.txt:3:58: `x` is no time",
    );
    let problems = Baseline::from_text("b.txt", "baseline 2\n").unwrap_err();
    assert_eq!(
        problems[0].to_string(),
        "b.txt:1:1: no baseline that can be read; a baseline begins with `bulkhead baseline 1`"
    );
}

#[test]
fn a_file_that_calls_a_command_a_read_grants_nothing() {
    let mut baseline = Baseline::new();
    let write = Said::write(&[cells(0, 4)]);
    baseline.learn_one(&write);
    let text = baseline.to_text();
    let text = text
        .replace(" write write_x ", " read write_x ")
        .replace("pending", "learned");
    let read = Baseline::from_text("b.txt", &text).unwrap();
    assert_eq!(
        read.deviation_of(&write).unwrap().rule,
        "baseline.unapproved"
    );
}

#[test]
fn a_row_that_a_store_kept_too_long_takes_nothing_back() {
    let mut baseline = Baseline::new();
    let write = Said::write(&[cells(0, 4)]);
    baseline.learn_one(&write);
    let old: Vec<_> = baseline.rows().collect();
    baseline.learn_one(&Said::write(&[cells(5, 9)]));
    baseline.approve("", "jane");
    for rows in [
        [old.clone(), baseline.rows().collect()],
        [baseline.rows().collect(), old],
    ] {
        let kept = Baseline::from_rows("store", rows.concat()).unwrap();
        assert_eq!(kept.deviation_of(&write), None);
        assert_eq!(kept.pending().count(), 0);
    }
}

proptest! {
    #[test]
    fn everything_that_was_learned_and_is_not_dangerous_is_normal(said in sayings()) {
        let mut baseline = Baseline::new();
        said.iter().for_each(|owned| baseline.learn_one(&owned.said(&owned.targets())));
        for owned in &said {
            let targets = owned.targets();
            let said = owned.said(&targets);
            let found = baseline.deviation_of(&said).map(|finding| finding.rule);
            let wanted = said.verb.is_dangerous().then(|| "baseline.unapproved".to_owned());
            prop_assert_eq!(found, wanted);
        }
    }

    #[test]
    fn text_and_rows_lose_nothing(said in sayings(), approved in "[a-z0-9:]{0,2}") {
        let mut baseline = Baseline::new();
        said.iter().for_each(|owned| baseline.learn_one(&owned.said(&owned.targets())));
        baseline.approve(&approved, "jane");
        said.iter().take(3).for_each(|owned| baseline.learn_one(&owned.said(&owned.targets())));
        let text = baseline.to_text();
        let read = Baseline::from_text("b.txt", &text).unwrap();
        prop_assert_eq!(read.to_text(), text.clone());
        let kept = Baseline::from_rows("store", baseline.rows()).unwrap();
        prop_assert_eq!(kept.to_text(), text);
        for owned in &said {
            let targets = owned.targets();
            let said = owned.said(&targets);
            prop_assert_eq!(read.deviation_of(&said), baseline.deviation_of(&said));
        }
    }
}

impl Baseline {
    fn learn_one(&mut self, said: &Said<'_>) {
        said.event(|event| self.learn(event, 1, at(1), at(2)));
    }

    fn deviation_of(&self, said: &Said<'_>) -> Option<Finding> {
        said.event(|event| self.judge(event))
    }
}

/// An operation in few words.
#[derive(Clone)]
struct Said<'t> {
    client: u8,
    protocol: &'static str,
    unit: Option<Unit>,
    stage: Stage,
    verb: Verb,
    function: &'static str,
    targets: Vec<Target<'t>>,
}

impl<'t> Said<'t> {
    fn read(targets: &[Target<'t>]) -> Self {
        Self {
            client: 1,
            protocol: "modbus",
            unit: Some(Unit::Id(1)),
            stage: Stage::Request,
            verb: Verb::Read,
            function: "read_x",
            targets: targets.to_vec(),
        }
    }

    fn write(targets: &[Target<'t>]) -> Self {
        Self {
            verb: Verb::Write,
            function: "write_x",
            ..Self::read(targets)
        }
    }

    fn event<T>(&self, see: impl FnOnce(&Event<'_>) -> T) -> T {
        let host = match self.client {
            0 => Host {
                mac: Some(Mac([2, 0, 0, 0, 0, 1])),
                ..Host::default()
            },
            client => Host {
                ip: Some(IpAddr::from([10, 0, 0, client])),
                ..Host::default()
            },
        };
        let party = |host| Party {
            host,
            asset: None,
            zone: None,
            role: None,
            location: None,
        };
        let server = Host {
            ip: Some(IpAddr::from([10, 0, 0, 9])),
            ..Host::default()
        };
        let detail = Touches {
            targets: &self.targets,
        };
        let operation = Operation {
            protocol: self.protocol,
            stage: self.stage,
            function: Function {
                code: 3,
                name: self.function,
                verb: self.verb,
            },
            unit: self.unit,
            outcome: None,
            signature: 0,
            answers: None,
            detail: &detail,
        };
        see(&Event {
            stamp: Stamp::default(),
            client: party(host),
            server: party(server),
            server_port: 502,
            operation: &operation,
        })
    }
}

#[derive(serde::Serialize)]
struct Touches<'t> {
    #[serde(skip)]
    targets: &'t [Target<'t>],
}

impl Detail for Touches<'_> {
    fn targets(&self, see: &mut dyn FnMut(Target<'_>)) {
        self.targets.iter().for_each(|target| see(*target));
    }

    fn field(&self, _: &str) -> Option<Value<'_>> {
        None
    }
}

const fn cells(first: u64, last: u64) -> Target<'static> {
    Target::Cells {
        area: "holding",
        block: None,
        first,
        last,
    }
}

const fn at(secs: i64) -> Timestamp {
    Timestamp::from_nanos(secs * 1_000_000_000)
}

/// An operation that owns its texts.
#[derive(Clone, Debug)]
struct Owned {
    client: u8,
    unit: Option<Unit>,
    stage: Stage,
    verb: (Verb, &'static str),
    touches: Vec<Touch>,
}

#[derive(Clone, Debug)]
enum Touch {
    Cells(Option<u32>, u64, u64),
    Node(u16, String),
    Number(u32),
    Named(String),
    Block(u32),
}

impl Owned {
    fn targets(&self) -> Vec<Target<'_>> {
        let target = |touch| match touch {
            &Touch::Cells(block, first, last) => Target::Cells {
                area: "DB",
                block,
                first,
                last,
            },
            Touch::Node(namespace, text) => Target::Node {
                namespace: *namespace,
                key: NodeKey::Text(text),
            },
            &Touch::Number(number) => Target::Node {
                namespace: 0,
                key: NodeKey::Numeric(number),
            },
            Touch::Named(name) => Target::Named { kind: "szl", name },
            &Touch::Block(number) => Target::Block { kind: "OB", number },
        };
        self.touches.iter().map(target).collect()
    }

    fn said<'t>(&self, targets: &[Target<'t>]) -> Said<'t> {
        Said {
            client: self.client,
            protocol: "modbus",
            unit: self.unit,
            stage: self.stage,
            verb: self.verb.0,
            function: self.verb.1,
            targets: targets.to_vec(),
        }
    }
}

fn sayings() -> impl Strategy<Value = Vec<Owned>> {
    let unit = prop_oneof![
        Just(None),
        (0..3u8).prop_map(|id| Some(Unit::Id(id))),
        (0..2u8, 0..3u8).prop_map(|(rack, slot)| Some(Unit::Slot { rack, slot })),
    ];
    let verb = prop_oneof![
        Just((Verb::Read, "read_x")),
        Just((Verb::Browse, "browse")),
        Just((Verb::Write, "write_x")),
        Just((Verb::Mode, "unknown")),
    ];
    let touch = prop_oneof![
        (proptest::option::of(0..3u32), 0..60u64, 0..8u64)
            .prop_map(|(block, first, more)| Touch::Cells(block, first, first + more)),
        (0..3u16, any::<String>()).prop_map(|(namespace, text)| Touch::Node(namespace, text)),
        (0..9u32).prop_map(Touch::Number),
        prop_oneof![
            Just("0011".to_owned()),
            Just("*".to_owned()),
            "[a-z |:*=-]{0,6}"
        ]
        .prop_map(Touch::Named),
        (0..9u32).prop_map(Touch::Block),
    ];
    let touches = proptest::collection::vec(touch, 0..6);
    let stage = prop_oneof![Just(Stage::Request), Just(Stage::Other)];
    let owned =
        (0..3u8, unit, stage, verb, touches).prop_map(|(client, unit, stage, verb, touches)| {
            Owned {
                client,
                unit,
                stage,
                verb,
                touches,
            }
        });
    proptest::collection::vec(owned, 0..40)
}
