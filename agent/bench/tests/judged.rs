//! Judging by a large policy costs no memory, whatever conditions its statements have.

#![cfg(test)]

use std::sync::Arc;

use baseline::Baseline;
use bench::{ASKED_AT, Asked, Kind, large_policy, traffic};
use engine::{Engine, Judges, Limits, Mode, Settings};
use model::Counter;
use policy::{Policy, Standing, Text};

/// The operation to one of ten assets, each with a condition of its own: its verdict, the first time and
/// each time after, and that only the first time may take memory.
fn check(policy: &Policy, asset: usize, verdict: &str) {
    let asked = Asked::of(asset).unwrap();
    let operation = asked.operation();
    let (client, server) = (policy.place(&asked.client), policy.place(&asked.server));
    let edge = policy.edge(client, server, operation.protocol);
    let mut standing = Standing::default();
    let first = policy.judge(&edge, &mut standing, &operation, ASKED_AT);
    assert_eq!(first.name(), verdict, "{}", asked.condition());
    let spent = allocation_counter::measure(|| {
        for _ in 0..100 {
            let again = policy.judge(&edge, &mut standing, &operation, ASKED_AT);
            assert_eq!(again, first);
        }
    });
    assert_eq!(spent.count_total, 0, "{}", asked.condition());
}

fn load(text: String) -> Policy {
    let words: Vec<_> = decode::PROTOCOLS.iter().map(|it| it.vocabulary).collect();
    let text = Text {
        name: "large.yaml".into(),
        text,
    };
    Policy::read(&[text], &words).unwrap().policy
}

#[test]
fn a_repeated_operation_is_judged_by_a_large_policy_without_allocating() {
    let policy = load(large_policy(100));
    for asset in 0..1_000 {
        let verdict = if asset % 10 == 8 {
            "shadow"
        } else {
            "conforms"
        };
        check(&policy, asset, verdict);
    }
}

/// The polling of the bench: reads by schedule and rate, writes by a work order, within limits.
const CHANGING: &str = "version: 1
site: {name: s, owner: o}
zones:
  clients: {owner: o, members: {cidr: 10.1.0.0/16}}
  servers: {owner: o, members: {cidr: 10.2.0.0/16}}
schedules: {always: {days: daily}}
conduits:
  reading:
    from: {zone: clients}
    to: {zone: servers}
    allow: {protocol: modbus, verb: read, when: always, rate: 1000000/1m}
permits:
  WO-1:
    from: {zone: clients}
    to: {zone: servers}
    valid_from: 2023-11-01
    valid_until: 2023-12-31
    owner: o
    allow: {protocol: modbus, verb: write, target: holding:40, values: 0..900}
";

#[test]
fn work_under_an_order_and_what_changes_with_time_allocate_nothing_per_frame() {
    let traffic = traffic(Kind::Modbus, 20, 80);
    let judges = Judges {
        policy: Some(Arc::new(load(CHANGING.into()))),
        ..Judges::default()
    };
    let mut engine = bench::engine(judges, Mode::Judge);
    let warm = traffic.len() / 2;
    for frame in traffic.frames().take(warm) {
        engine.frame(&frame);
    }
    let spent = allocation_counter::measure(|| {
        for frame in traffic.frames().skip(warm) {
            engine.frame(&frame);
        }
    });
    let summary = engine.summary();
    assert_eq!(summary.verdicts["conforms"], 20 * 80);
    assert_eq!(summary.orders[0].operations, 20 * 8);
    let work = &summary.orders[0].work;
    assert_eq!(work.len(), 20);
    assert!(work.iter().all(|it| it.count == 8), "{work:?}");
    assert_eq!(spent.count_total, 0, "{} frames", traffic.len() - warm);
}

/// What twenty pairs ask that no baseline knows, with room for so much that is not quiet: incidents, judgements made and forgotten.
fn strange(edges: usize) -> (usize, u64, u64) {
    let settings = Settings {
        site: "plant".to_owned(),
        sensor: "under-test".to_owned(),
        limits: Limits {
            edges,
            ..Limits::default()
        },
        mode: Mode::Judge,
        shards: 1,
    };
    let judges = Judges {
        baseline: Some(Arc::new(Baseline::new())),
        ..Judges::default()
    };
    let mut engine = Engine::new(settings, judges, None);
    let traffic = traffic(Kind::Modbus, 20, 80);
    traffic.frames().for_each(|frame| engine.frame(&frame));
    let (tally, incidents) = (engine.tally(), engine.incidents());
    assert!(incidents.iter().all(|it| it.rule == "baseline.new_peer"));
    let count: u64 = incidents.iter().map(|it| it.count).sum();
    assert_eq!(count, 20 * 80, "each request is in an incident");
    let counted = [Counter::JudgementsEvaluated, Counter::LimitJudgements];
    let [evaluated, forgotten] = counted.map(|counter| tally.count(counter));
    (incidents.len(), evaluated, forgotten)
}

#[test]
fn kinds_of_messages_that_are_of_one_incident_take_the_room_of_one() {
    let plenty = strange(1 << 18);
    let (incidents, evaluated, forgotten) = plenty;
    assert_eq!(
        (incidents, forgotten),
        (40, 0),
        "reads and writes of each pair"
    );
    assert!(evaluated > 40 * 4, "{evaluated} kinds");
    assert_eq!(strange(41), plenty);
}
