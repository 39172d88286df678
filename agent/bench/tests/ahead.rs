//! A long capture that is read ahead, with tags, comes to the same as its frames one by one.

#![cfg(test)]

use std::io::Write;

use bench::{Frames, Kind};
use capture::{CaptureFile, More};
use engine::{Engine, Judges, Limits, Mode, Settings};
use model::Frame;
use tempfile::NamedTempFile;

#[test]
fn what_is_read_ahead_is_judged_as_frame_by_frame() {
    check(&bench::traffic(Kind::Modbus, 50, 200));
}

#[test]
fn what_is_gone_to_meet_is_judged_as_frame_by_frame() {
    check(&bench::traffic(Kind::Modbus, 1_500, 12));
}

/// Plays a capture both ways, and compares everything that the engine exports.
fn check(traffic: &Frames) {
    let file = disturbed(traffic);
    let judges = bench::judges(Kind::Modbus, 2).unwrap();
    let one_by_one = played(&judges, 1, |engine| {
        let mut capture = CaptureFile::open(file.path()).unwrap();
        while let Some(frame) = capture.next().unwrap() {
            engine.frame(&frame);
        }
    });
    let in_batches = |engine: &mut Engine, mut capture: CaptureFile| {
        while let Some(more) = capture.more().unwrap() {
            match more {
                More::One(frame) => engine.frame(&frame),
                More::Many(batch) => {
                    let mut first = Some(batch);
                    engine.batches(|| first.take().or_else(|| capture.batch().unwrap()));
                }
            }
        }
    };
    let open = |engine: &Engine| {
        let capture = CaptureFile::open(file.path()).unwrap();
        capture.tagged(engine.tagger())
    };
    let ahead = played(&judges, 1, |engine| in_batches(engine, open(engine)));
    let in_turn = played(&judges, 3, |engine| {
        in_batches(engine, open(engine).shared());
    });
    assert_eq!(in_turn, one_by_one);
    assert!(one_by_one.len() > 10, "{one_by_one:?}");
    for (ahead, one_by_one) in ahead.iter().zip(&one_by_one) {
        assert_eq!(ahead, one_by_one);
    }
    assert_eq!(ahead.len(), one_by_one.len());
}

fn played(judges: &Judges, shards: usize, play: impl FnOnce(&mut Engine)) -> Vec<String> {
    let settings = Settings {
        site: "bench".into(),
        sensor: "bench".into(),
        limits: Limits::default(),
        mode: Mode::Judge,
        shards,
    };
    let mut engine = Engine::new(settings, judges.clone(), None);
    play(&mut engine);
    engine.finish();
    let samples = engine.samples();
    let counted = samples.iter().filter(|sample| sample.value != 0.0);
    let counted = counted.map(|it| format!("{:?} {:?} {}", it.metric, it.labels, it.value));
    let mut counted: Vec<_> = counted.collect();
    counted.sort();
    let incidents = engine.incidents();
    let incidents = incidents.iter().map(|incident| format!("{incident:?}"));
    counted.into_iter().chain(incidents).collect()
}

/// The traffic as a capture in which frames are lost, late, doubled, damaged and cut.
fn disturbed(traffic: &Frames) -> NamedTempFile {
    let mut bytes = Vec::new();
    for word in [0xa1b2_3c4d_u32, 0x0004_0002, 0, 0, 65_535, 1] {
        bytes.extend(word.to_le_bytes());
    }
    let mut late = None;
    for frame in traffic.frames() {
        match frame.number % 211 {
            17 => {}
            71 => late = Some(frame),
            73 => [frame, frame]
                .iter()
                .for_each(|it| record(&mut bytes, it, 0)),
            101 => record(&mut bytes, &frame, 1),
            _ => record(&mut bytes, &frame, 0),
        }
        if let Some(frame) = late.take_if(|late| late.number + 2 == frame.number) {
            record(&mut bytes, &frame, 0);
        }
    }
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(&bytes).unwrap();
    file
}

/// Writes a record of a frame, whose last byte is changed by `turned`.
fn record(file: &mut Vec<u8>, frame: &Frame<'_>, turned: u8) {
    let nanos = frame.time.as_nanos();
    let len = frame.bytes.len() as u32;
    let cut = if frame.number.is_multiple_of(503) {
        4
    } else {
        0
    };
    let words = [nanos / 1_000_000_000, nanos % 1_000_000_000];
    for word in words
        .map(|word| word as u32)
        .into_iter()
        .chain([len - cut, len])
    {
        file.extend(word.to_le_bytes());
    }
    file.extend(&frame.bytes[..(len - cut) as usize]);
    if let Some(last) = file.last_mut() {
        *last ^= turned;
    }
}
