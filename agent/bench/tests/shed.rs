//! What is left out under pressure, frame by frame: what was judged alike first, then quiet conversations, never a write, and
//! nothing is found that is not there.

#![cfg(test)]

use bench::{Frames, Kind};
use std::path::Path;
use std::sync::Arc;

use detect::Rules;
use engine::{Engine, Judges, Mode};
use model::{Counter, Frame, Timestamp, Verb};

/// What an engine made of some traffic.
#[derive(Debug, Eq, PartialEq)]
struct Made {
    messages: u64,
    writes: u64,
    alike: u64,
    quiet: u64,
    incidents: usize,
}

/// The frames of some traffic, so many microseconds apart.
fn paced(traffic: &Frames, micros: i64) -> impl Iterator<Item = Frame<'_>> {
    traffic.frames().map(move |frame| Frame {
        time: Timestamp::from_nanos(START + frame.number as i64 * micros * 1_000),
        ..frame
    })
}

/// Shows traffic to an engine; `fill` says how full the ring is before each frame, of so many.
fn show(traffic: &Frames, micros: i64, fill: impl Fn(usize, usize) -> u8) -> Made {
    show_to(
        bench::judges(Kind::Modbus, 20).unwrap(),
        traffic,
        micros,
        fill,
    )
}

/// The same of traffic that no baseline of theirs knows.
fn show_varied(traffic: &Frames, micros: i64, fill: impl Fn(usize, usize) -> u8) -> Made {
    let judges = Judges {
        baseline: None,
        ..bench::judges(Kind::Varied, 20).unwrap()
    };
    show_to(judges, traffic, micros, fill)
}

fn show_to(
    judges: Judges,
    traffic: &Frames,
    micros: i64,
    fill: impl Fn(usize, usize) -> u8,
) -> Made {
    let mut engine = bench::engine(judges, Mode::Judge);
    for (place, frame) in paced(traffic, micros).enumerate() {
        engine.filled(fill(place, traffic.len()));
        engine.frame(&frame);
    }
    engine.finish();
    made(&engine)
}

fn made(engine: &Engine) -> Made {
    let summary = engine.summary();
    let modbus = summary
        .protocols
        .iter()
        .find(|protocol| protocol.protocol == "modbus");
    let modbus = modbus.unwrap();
    Made {
        messages: modbus.messages,
        writes: modbus.verbs.get(&Verb::Write).copied().unwrap_or(0),
        alike: summary.tally.count(Counter::FramesShedAlike),
        quiet: summary.tally.count(Counter::FramesShedQuiet),
        incidents: summary.incidents,
    }
}

#[test]
fn without_pressure_everything_is_judged() {
    let traffic = bench::traffic(Kind::Modbus, 20, 60);
    let calm = show(&traffic, 7, |_, _| 11);
    let expected = Made {
        messages: 20 * 60 * 2,
        writes: 20 * 6 * 2,
        alike: 0,
        quiet: 0,
        incidents: 0,
    };
    assert_eq!(calm, expected);
    assert_eq!(show(&traffic, 7, |_, _| 24), expected, "it only learns");
}

#[test]
fn what_is_judged_alike_is_left_out_and_writes_are_not() {
    let traffic = bench::traffic(Kind::Modbus, 20, 1_500);
    let all = show(&traffic, 7, |_, _| 0);
    let pressed = show(&traffic, 7, |place, frames| match place * 10 / frames {
        2..=7 => 30,
        _ => 0,
    });
    assert_eq!(
        pressed.messages + pressed.alike,
        all.messages,
        "each message once"
    );
    assert_eq!(
        (pressed.writes, pressed.quiet, pressed.incidents),
        (all.writes, 0, 0)
    );
    // six tenths of the time; each pair says forty things in turn, and each takes a few times to learn
    let reads = all.messages - all.writes;
    assert!(pressed.alike * 10 > reads * 3, "{pressed:?} of {all:?}");
    assert!(pressed.alike * 10 < reads * 6, "{pressed:?} of {all:?}");
}

#[test]
fn pressure_that_comes_and_goes_finds_nothing_that_is_not_there() {
    let traffic = bench::traffic(Kind::Modbus, 20, 400);
    let all = show(&traffic, 7, |_, _| 0);
    for pace in [3, 17, 101, 1_009] {
        let pressed = show(
            &traffic,
            7,
            |place, _| if place / pace % 2 == 0 { 60 } else { 0 },
        );
        assert_eq!(pressed.messages + pressed.alike, all.messages, "{pace}");
        assert_eq!(
            (pressed.writes, pressed.incidents),
            (all.writes, 0),
            "{pace}"
        );
    }
}

#[test]
fn quiet_conversations_are_left_out_last_and_new_ones_never() {
    let traffic = bench::traffic(Kind::Varied, 20, 600);
    // 36 s
    let all = show_varied(&traffic, 1_000, |_, _| 0);
    assert_eq!(
        (all.messages, all.writes, all.incidents),
        (20 * 600 * 2, 0, 0)
    );
    let high = show_varied(&traffic, 1_000, |_, _| 49);
    assert_eq!((high.quiet, high.incidents), (0, 0), "{high:?}");
    let full = show_varied(&traffic, 1_000, |place, frames| {
        if place > frames * 9 / 10 { 0 } else { 50 }
    });
    assert!(full.quiet > all.messages / 2, "{full:?} of {all:?}");
    assert_eq!(full.messages + full.alike + full.quiet, all.messages);
    assert_eq!(full.incidents, 0);
    // less than ten seconds: everybody is new
    let new = show_varied(&traffic, 250, |_, _| 100);
    assert_eq!((new.quiet, new.incidents), (0, 0), "{new:?}");
}

#[test]
fn pairs_that_write_are_not_quiet() {
    let traffic = bench::traffic(Kind::Modbus, 20, 600);
    let all = show(&traffic, 1_000, |_, _| 0);
    let full = show(&traffic, 1_000, |_, _| 100);
    assert_eq!(
        (full.quiet, full.writes, full.incidents),
        (0, all.writes, 0),
        "{full:?}"
    );
}

#[test]
fn where_a_rule_reads_values_no_message_is_taken_for_another() {
    let traffic = bench::traffic(Kind::Modbus, 20, 300);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules");
    let words: Vec<_> = decode::PROTOCOLS
        .iter()
        .map(|protocol| protocol.vocabulary)
        .collect();
    let judges = Judges {
        rules: Some(Arc::new(Rules::load(&folder, &words).unwrap())),
        ..bench::judges(Kind::Modbus, 20).unwrap()
    };
    let high = show_to(judges, &traffic, 7, |_, _| 30);
    assert_eq!((high.alike, high.messages), (0, 20 * 300 * 2));
}

const START: i64 = 1_700_000_000_000_000_000;
