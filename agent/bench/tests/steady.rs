//! Steady polling costs no memory: not one allocation per frame, with every judge on.

#![cfg(test)]

use bench::{Frames, Kind, Plant};
use engine::{Engine, Mode};

/// Plays what fifty pairs say for the third time and later; every operation conforms, and nothing may take memory.
fn check(kind: Kind, operations: u64) {
    let mut engine = bench::engine(bench::judges(kind, PAIRS).unwrap(), Mode::Judge);
    let (mut plant, mut frames) = (Plant::new(kind, PAIRS), Frames::default());
    plant.open(&mut frames);
    (0..2 * Plant::ROUND).for_each(|_| plant.turn(&mut frames));
    play(&mut engine, &frames);
    let before = judged(&engine);
    frames.clear();
    (0..Plant::ROUND).for_each(|_| plant.turn(&mut frames));
    let spent = allocation_counter::measure(|| play(&mut engine, &frames));
    assert_eq!(judged(&engine) - before, operations);
    let summary = engine.summary();
    let incidents = engine.incidents();
    assert_eq!(incidents.len(), 0, "{:?}", incidents.first());
    assert_eq!(summary.verdicts.values().sum::<u64>(), judged(&engine));
    for protocol in &summary.protocols {
        assert_eq!((protocol.malformed, protocol.unanswered), (0, 0));
    }
    assert_eq!(spent.count_total, 0, "{} frames", frames.len());
}

fn play(engine: &mut Engine, frames: &Frames) {
    for frame in frames.frames() {
        engine.frame(&frame);
    }
}

/// How many requests conformed.
fn judged(engine: &Engine) -> u64 {
    let conforms = engine.summary().verdicts.get("conforms").copied();
    conforms.unwrap_or(0)
}

#[test]
fn steady_modbus_polling_allocates_nothing_per_frame() {
    check(Kind::Modbus, EACH * 50);
}

#[test]
fn steady_s7_polling_allocates_nothing_per_frame() {
    check(Kind::S7, EACH * 50);
}

#[test]
fn steady_opcua_polling_allocates_nothing_per_frame() {
    check(Kind::OpcUa, EACH * 50);
}

#[test]
fn a_mix_with_foreign_traffic_allocates_nothing_per_frame() {
    check(Kind::Mix, EACH * 35);
}

const PAIRS: u16 = 50;
const EACH: u64 = Plant::ROUND as u64;
