//! Explaining: the verdict is the judge's, and what stands beside it never contradicts it.

use model::{Reason, Timestamp, Verdict};
use proptest::prelude::*;

use super::plan::{a_host, a_message, a_plan};
use super::vocabulary::{Message, NO_TIME, WORDS, load};
use crate::explain::named;
use crate::suppose::{Put, Shown, Supposed, Thing};
use crate::{Explanation, Met, Policy};

const PLANT: &str = r#"
version: 1
site: {name: s, owner: o, time_zone: Europe/Berlin}
zones:
  plant: {owner: o, members: {zones: [cell]}}
  cell: {owner: o, members: {cidr: 10.0.1.0/24}, within: [identify]}
  office: {owner: o, members: {cidr: 10.0.4.0/24, vlan: 7}}
  field: {owner: o, members: {assets: [panel]}}
assets:
  hmi: {ip: 10.0.1.5, role: operator}
  plc: {ip: 10.0.1.21}
  gate: {ip: 10.0.1.40}
  meter: {behind: gate, unit: 3}
  panel: {mac: "00:1b:1b:00:00:01"}
roles:
  operator: {verbs: [read, write, identify]}
  fitter: {verbs: [mode]}
schedules:
  day: {days: mon-fri, hours: "06:00-14:00"}
tags:
  LEVEL: {asset: plc, target: "holding:200-201", type: float32, order: CDAB, unit: mm, low: 0, high: 900}
  FLOW: {asset: plc, target: "holding:210", type: uint16, scale: 0.1, unit: l/h}
  RUN: {asset: plc, target: "holding:211.3", type: bool}
conduits:
  operate:
    from: {asset: hmi}
    to: {asset: plc}
    allow:
      - {protocol: modbus, verbs: [read]}
      - {protocol: modbus, verbs: [write], targets: ["holding:0-9"], values: [0..900]}
      - {protocol: modbus, verbs: [write], tags: [LEVEL, FLOW, RUN], values: [0..900]}
      - {protocol: modbus, verbs: [write], targets: ["coil:0-7"], when: day}
      - {protocol: opcua, verbs: [read], users: [anna]}
      - {protocol: modbus, verbs: [diagnose], rate: 2/1h}
  tried:
    from: {zone: office}
    to: {asset: plc}
    shadow: true
    allow:
      - {protocol: modbus, verbs: [read]}
  meters:
    from: {asset: hmi}
    to: {asset: meter}
    allow:
      - {protocol: modbus, verbs: [read]}
permits:
  WO-1:
    from: {asset: hmi}
    to: {asset: plc}
    role: fitter
    valid_from: 2026-12-01
    valid_until: 2026-12-02
    owner: o
    allow:
      - {protocol: s7, verbs: [mode]}
"#;

/// A Wednesday at ten in Berlin.
fn now() -> Timestamp {
    "2026-11-25T10:00:00+01:00"
        .parse::<jiff::Timestamp>()
        .map(|moment| Timestamp::from_nanos(i64::try_from(moment.as_nanosecond()).unwrap()))
        .unwrap()
}

/// Keys and texts, parted by `; `, each as `key text`.
fn said(words: &str) -> Vec<(&str, &str)> {
    let pairs = words.split("; ");
    pairs.map(|pair| pair.split_once(' ').unwrap()).collect()
}

fn suppose(policy: &Policy, words: &str) -> Supposed {
    let supposed = policy.suppose(&said(words), &WORDS, now());
    supposed.unwrap_or_else(|problems| panic!("{words}: {problems:?}"))
}

#[test]
fn words_are_judged_as_the_wire_would_be() {
    let policy = load(PLANT).policy;
    let check = |words: &str, wanted: &str| {
        let protocol = if words.contains("protocol") {
            ""
        } else {
            "protocol modbus; "
        };
        let verdict = suppose(&policy, &format!("from hmi; to plc; {protocol}{words}"));
        let verdict = verdict.judge(&policy);
        let shown = match verdict {
            Verdict::Violates { because, .. } => because.name(),
            verdict => verdict.name(),
        };
        assert_eq!(shown, wanted, "{words}");
    };
    check("verb read", "conforms");
    check(
        "function write_single_register; target holding:4; value 900",
        "conforms",
    );
    check("verb write; target holding:4; value 901", "value");
    check("verb write; target holding:4; value -1", "value");
    check("verb write; target holding:8-9; value 1, 2", "conforms");
    check("verb write; target holding:8-9; value 1, 902", "value");
    check("verb write; target holding:9-10; value 1", "target");
    check("verb write; target holding:4", "unknown");
    check(
        "verb write; target holding:4; target holding:5; value 3; value 4",
        "conforms",
    );
    check(
        "verb write; target holding:4; target holding:5; value 3; value 904",
        "value",
    );
    check("verb write; target LEVEL; value 412.5 mm", "conforms");
    check("verb write; target LEVEL; value 900.5", "value");
    check("verb write; target FLOW; value 899.9 l/h", "conforms");
    check("verb write; target FLOW; value 900.1", "value");
    check("verb write; target RUN; value on", "conforms");
    check(
        "verb write; target coil:0; value on; at 2026-11-25T13:59",
        "conforms",
    );
    check(
        "verb write; target coil:0; value on; at 2026-11-25T13:01:00Z",
        "target",
    );
    check(
        "verb write; target coil:0; value on; at 2026-11-28",
        "target",
    );
    check(
        "protocol s7; function plc_stop; at 2026-12-01T06:00",
        "conforms",
    );
    check(
        "protocol s7; function plc_stop; at 2026-12-02T06:00",
        "conforms",
    );
    check("protocol s7; function plc_stop; at 2026-12-03", "role");
    check("verb diagnose; after 1", "role");
    check("verb write; target coil:0; stage response", "conforms");
}

#[test]
fn parties_are_found_by_asset_zone_and_address() {
    let policy = load(PLANT).policy;
    let check = |from: &str, to: &str, wanted: &str| {
        let words = format!("from {from}; to {to}; protocol modbus; verb read");
        let supposed = suppose(&policy, &words);
        let unit = supposed.unit.map(|unit| unit.to_string());
        let unit = unit.map_or(String::new(), |unit| format!(" {unit}"));
        let shown = format!(
            "{} {}{unit} {}",
            supposed.client,
            supposed.server,
            supposed.judge(&policy).name()
        );
        assert_eq!(shown, wanted);
    };
    check("hmi", "plc", "10.0.1.5 10.0.1.21 conforms");
    check("asset hmi", "meter", "10.0.1.5 10.0.1.40 unit 3 conforms");
    check("cell", "plc", "10.0.1.1 10.0.1.21 violates");
    check("zone plant", "plc", "10.0.1.1 10.0.1.21 violates");
    check("office", "plc", "10.0.4.1 10.0.1.21 shadow");
    check("field", "plc", "00:1b:1b:00:00:01 10.0.1.21 violates");
    check("192.0.2.1 vlan 7", "plc", "192.0.2.1 10.0.1.21 shadow");
    check(
        "192.0.2.1 mac 00:1b:1b:00:00:09",
        "plc",
        "192.0.2.1 10.0.1.21 unzoned",
    );
}

#[test]
fn wrong_words_are_all_said_at_once_and_the_nearest_is_offered() {
    let policy = load(PLANT).policy;
    let check = |words: &str, wanted: &[&str]| {
        let problems = policy.suppose(&said(words), &WORDS, now()).unwrap_err();
        let problems: Vec<_> = problems
            .iter()
            .map(|it| {
                format!(
                    "{}: {}; {}",
                    it.at.file,
                    it.what,
                    it.help.as_deref().unwrap_or("-")
                )
            })
            .collect();
        assert_eq!(problems, wanted, "{words}");
    };
    check(
        "from hmj; to zone ofice; protocol modbsu; function x",
        &[
            "from: no asset, zone or address `hmj`; did you mean `hmi`?",
            "to: no asset, zone or address `zone ofice`; did you mean `office`?",
            "protocol: no protocol `modbsu`; did you mean `modbus`?",
        ],
    );
    check(
        "from hmi; to plc; protocol modbus; function write_single_registr; target holdin:4; unit 1-3; at tomorrow",
        &[
            "function: `modbus` has no function `write_single_registr`; did you mean `write_single_register`?",
            "target: no area `holdin`; did you mean `holding`?",
            "unit: `1-3` is more than one unit; a message is for one",
            "at: `tomorrow` is no date and no moment; write `2026-03-01`, `2026-03-01T06:00` or `2026-03-01T06:00+01:00`",
        ],
    );
    check(
        "from hmi; to plc; protocol modbus; verb download",
        &[
            "verb: `modbus` has no function that is a `download`; it has identify, read, write, diagnose, other",
        ],
    );
    check(
        "from hmi; to plc; protocol modbus; verb read; target holding:4; value 7; user anna",
        &[
            "value: a `read` such as `read_holding_registers` writes nothing; leave `value` out",
            "user: messages of `modbus` show no user; leave `user` out",
        ],
    );
    check(
        "from hmi; to plc; protocol modbus; verb write; target FLOW; value 5.05 l/h",
        &["value: no write gives tag `FLOW` the value `5.05 l/h`; the nearest is `5 l/h`"],
    );
    check(
        "from hmi; to plc; protocol modbus; verb write; target LEVEL; value 5 degC",
        &["value: tag `LEVEL` is not in `degC`; give the value in `mm`"],
    );
    check(
        "from hmi; to meter; protocol modbus; verb write; target LEVEL; value 5",
        &["target: tag `LEVEL` is of asset `plc`, not of this server; write `plc` for `to`"],
    );
    check(
        "from hmi; to plc; verb write; target holding:*; value 70000; protocol modbus; target coil:1; value on; value 1",
        &[
            "target: `holding:*` is more than one target; an operation touches one; write it without `*`",
        ],
    );
    check(
        "from hmi; to plc; protocol opcua; verb read; security_mode sing",
        &["security_mode: no security mode `sing`; did you mean `sign`?"],
    );
}

#[test]
fn every_statement_says_the_first_thing_that_it_misses() {
    let policy = load(PLANT).policy;
    let explained = suppose(
        &policy,
        "from hmi; to plc; protocol modbus; verb write; target holding:40; value 9",
    );
    let explained = explained.explain(&policy);
    let lines: Vec<_> = explained
        .considered
        .iter()
        .map(|one| {
            format!(
                "{} {}{}",
                one.kind,
                if one.decides { "* " } else { "" },
                one.says
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "role role `operator` may `write`, where a statement allows it",
            "within `within cell` does not carry verb `write`",
            "conduit conduit `operate` does not carry verb `write`",
            "conduit * conduit `operate` does not reach `holding:40` for verb `write`",
            "conduit conduit `operate` does not reach `holding:40` for verb `write`",
            "conduit conduit `operate` does not reach `holding:40` for verb `write`",
            "conduit conduit `operate` does not carry `modbus`",
            "conduit conduit `operate` does not carry verb `write`",
            "permit permit `WO-1` does not carry `modbus`",
        ]
    );
    assert_eq!(explained.others, 2);
    let because = explained.because.unwrap();
    assert_eq!(
        because.would_be_allowed_if.as_deref(),
        Some("conduit `operate` also listed target `holding:40`")
    );
    assert_eq!(
        explained.client.why,
        [
            "asset `hmi` by its address `10.0.1.5` (test.yaml:10)",
            "zone `cell` by its member `10.0.1.0/24` (test.yaml:6); it counts to `plant`, too",
            "role `operator` (test.yaml:16)",
        ]
    );
}

#[test]
fn a_rate_and_a_session_are_explained() {
    let policy = load(&PLANT.replace(
        "[read, write, identify]",
        "[read, write, identify, diagnose]",
    ))
    .policy;
    let explain = |words: &str| {
        let supposed = suppose(&policy, &format!("from hmi; to plc; {words}"));
        let explained = supposed.explain(&policy);
        let decided = explained.considered.iter().find(|one| one.decides);
        (
            explained.verdict.name(),
            decided.map(|one| one.says.clone()),
            explained.unsaid,
        )
    };
    let (verdict, says, _) = explain("protocol modbus; verb diagnose; after 2");
    assert_eq!(
        (verdict, says.as_deref()),
        (
            "violates",
            Some("conduit `operate` was used up: it allows `2/1h`")
        )
    );
    assert_eq!(
        explain("protocol modbus; verb diagnose; after 1").0,
        "conforms"
    );
    let (verdict, says, unsaid) = explain("protocol opcua; verb read");
    assert_eq!((verdict, says), ("unknown", None));
    assert!(unsaid.unwrap().starts_with("the session was not said"));
    let (verdict, says, _) = explain("protocol opcua; verb read; user bert");
    assert_eq!(
        (verdict, says.as_deref()),
        (
            "violates",
            Some("conduit `operate` is for user `anna`, not `bert`")
        )
    );
    assert_eq!(
        explain("protocol opcua; verb read; user anna").0,
        "conforms"
    );
}

impl Supposed {
    /// The same as a message that tests make up.
    fn like(message: &Message, ends: [model::Host; 2]) -> Self {
        let mut supposed = Self::new(ends, message.protocol, message.function, NO_TIME);
        supposed = supposed.for_unit(message.unit);
        supposed.stage = message.stage;
        for target in &message.targets {
            supposed = supposed.on(thing(*target));
        }
        supposed.showing("encrypted", Shown::Truth(message.encrypted))
    }
}

fn thing(target: model::Target<'static>) -> Thing {
    match target {
        model::Target::Cells {
            area,
            block,
            first,
            last,
        } => Thing::Cells {
            area,
            block,
            first,
            last,
        },
        model::Target::Node {
            namespace,
            key: model::NodeKey::Text(text),
        } => Thing::Node {
            namespace,
            key: crate::pattern::Key::Text(text.into()),
        },
        other => panic!("{other}"),
    }
}

/// What an explanation must not contradict.
fn is_coherent(explained: &Explanation<'_>) -> bool {
    let decided = explained.considered.iter().find(|one| one.decides);
    let of_statements = || explained.considered.iter().filter(|one| one.kind != "role");
    let whole = || of_statements().any(|one| one.met == Met::Allows);
    let named = named(explained.verdict);
    let agrees = named.is_none() == decided.is_none() && explained.by.is_some() == named.is_some();
    agrees
        && match explained.verdict {
            Verdict::Conforms { .. } => {
                decided.is_some_and(|one| matches!(one.met, Met::Allows | Met::AllowsPart))
            }
            Verdict::Violates {
                because: Reason::Role,
                ..
            } => decided
                .is_some_and(|one| one.kind == "role" && one.met == Met::Misses(Reason::Role)),
            Verdict::Violates {
                because: Reason::NoConduit,
                ..
            }
            | Verdict::Unzoned { .. } => explained.considered.iter().all(|one| one.kind == "role"),
            Verdict::Violates { because, .. } => {
                !whole()
                    && explained.because.is_some()
                    && decided.is_some_and(|one| {
                        one.met == Met::Misses(because)
                            || one.met == Met::AllowsPart && because == Reason::Target
                    })
            }
            Verdict::Shadow { .. } => true,
            Verdict::Unknown { .. } => explained.because.is_none() && explained.unsaid.is_some(),
        }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_explanation_has_the_verdict_of_the_judge_and_does_not_contradict_it(
        plan in a_plan(),
        asked in prop::collection::vec((a_host(), a_host(), a_message()), 30),
    ) {
        let policy = load(&plan.text()).policy;
        for (client, server, mut message) in asked {
            // what was supposed always knows its request
            message.answers = message.stage == model::Stage::Response;
            let ends = [client.host(), server.host()];
            let verdict = super::vocabulary::judge_hosts(&policy, ends, &message);
            let explained = Supposed::like(&message, ends).explain(&policy);
            prop_assert_eq!(explained.verdict, verdict);
            prop_assert!(is_coherent(&explained), "{:?}\n{:#?}\n{}", message, explained, plan.text());
        }
    }
}

#[test]
fn a_value_is_shown_as_it_is_written() {
    let check = |put: Put, wanted: &str| assert_eq!(put.to_string(), wanted);
    check(Put::Words(vec![3, 132, 0, 1]), "900, 1");
    check(Put::Bits(vec![0b101], 3), "1, 0, 1");
    check(Put::Text("on".into()), "`on`");
}
