//! What many flows cost in memory, counted: within a bound, and the same later on. Those of OPC UA cost most.

#![cfg(test)]

use allocation_counter::measure;
use bench::{Held, Kind, Memory, Plant, engine, read_policy, ten_statements, traffic, words};
use detect::Rules;
use engine::{Judges, Mode};
use model::Counter;

#[test]
fn a_hundred_thousand_flows_among_a_thousand_hosts_take_less_than_512_mib() {
    let judges = Judges {
        policy: Some(read_policy(ten_statements(Memory::Kept)).unwrap()),
        rules: Some(Rules::shipped(&words()).unwrap().into()),
        baseline: None,
    };
    let mut held = Held::open(judges, Plant::among(Kind::OpcUa, FLOWS, 500));
    held.turns(1);
    let tally = held.engine().tally();
    assert_eq!(tally.count(Counter::FlowsOpened), u64::from(FLOWS));
    assert_eq!(tally.count(Counter::FlowsEvicted), 0);
    assert!(held.engine().inventory().len() >= 1_000);
    assert_eq!(held.engine().summary().incidents, 0);
    assert!(held.bytes() < 512 << 20, "{}", held.bytes());
}

#[test]
fn what_steady_traffic_holds_does_not_grow() {
    for kind in Kind::ALL {
        let mut held = Held::open(Judges::default(), Plant::among(kind, 200, 20));
        held.turns(2 * Plant::ROUND);
        let before = held.bytes();
        held.turns(2 * Plant::ROUND);
        assert_eq!(held.bytes(), before, "{}", kind.name());
    }
}

#[test]
fn what_waits_to_be_heard_is_little_in_a_flood() {
    let judges = bench::judges(Kind::Modbus, 4).unwrap();
    let mut engine = engine(judges, Mode::Judge);
    let frames = traffic(Kind::Modbus, 20_000, 2);
    let mut batches = frames.batches(&engine.tagger(), 1_000).into_iter();
    let spent = measure(|| engine.batches(|| batches.next()));
    assert!(engine.summary().incidents > 1_000);
    let [most, kept] = [spent.bytes_max as i64, spent.bytes_current];
    assert!(most - kept < 16 << 20, "{most} bytes, {kept} of them kept");
}

/// All of them: tables grow by doubling, so that fewer do not tell what these take.
const FLOWS: u32 = 100_000;
