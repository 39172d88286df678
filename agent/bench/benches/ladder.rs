//! What each room adds to the cost of a frame, on polling with 200 pairs.
//!
//! `cargo bench -p bench` prints nanoseconds and allocations per frame, best of five runs. Compare
//! rows of one run with each other, not with those of another machine.
//!
//! `ladder count` runs the last step once frame by frame, as a port hands them over, and `ladder ahead` with frames that were read
//! ahead, both for `.ci/instructions`: what a frame costs in instructions
//! does not depend on who else uses the machine. `ladder pairs` runs it with 20, 200, 2 000 and 50 000
//! pairs, which takes a minute and 4 GB, `ladder NUMBER` with so many; `ladder FILE` reads a capture, and reads and judges it. Times of these two are those
//! that the engine's thread itself ran.

use std::time::Instant;

use bench::Polling;
use capture::{CaptureFile, More};
use engine::{Engine, Judges, Mode};
use flow::{Flow, Flows, Listener};
use model::{Direction, Frame, Frames, Host, Stamp};

fn main() {
    let argument = std::env::args()
        .nth(1)
        .filter(|word| !word.starts_with('-'));
    match argument.as_deref() {
        None => rooms(),
        Some("count") => count(one_by_one),
        Some("ahead") => count(ahead),
        Some("pairs") => [20, 200, 2_000, 50_000].into_iter().for_each(pairs),
        Some(other) => match other.parse() {
            Ok(number) => pairs(number),
            Err(_) => file(other, &judges(&Polling::new(200, 80))),
        },
    }
}

/// Measures the rooms one upon the other.
fn rooms() {
    let traffic = Polling::new(200, 500);
    println!("{} frames of polling, 200 pairs", traffic.len());
    let judges = judges(&traffic);
    row("flow alone", &traffic, || {
        let mut flows = Flows::new(flow::Limits::default());
        move |frame: &Frame<'_>| flows.frame(frame, &mut Deaf)
    });
    row("+ decode, engine", &traffic, || {
        let mut engine = bench::engine(Judges::default(), Mode::Judge);
        move |frame: &Frame<'_>| engine.frame(frame)
    });
    row("+ policy, baseline, rules", &traffic, || {
        let mut engine = bench::engine(judges.clone(), Mode::Judge);
        move |frame: &Frame<'_>| engine.frame(frame)
    });
}

/// What judges `traffic`.
fn judges(traffic: &Polling) -> Judges {
    bench::judges(traffic).unwrap_or_else(|problems| {
        problems.iter().for_each(|problem| eprintln!("{problem}"));
        std::process::exit(2)
    })
}

/// Measures the last step with so many pairs, once everything that they say was said: a pair says the same again after 40 turns.
fn pairs(pairs: u16) {
    let turns = (300_000 / u32::from(pairs)).max(80);
    let traffic = Polling::new(pairs, u16::try_from(turns).unwrap_or(u16::MAX));
    let mut engine = bench::engine(judges(&traffic), Mode::Judge);
    let listed = traffic.listed(&engine.tagger());
    let warm = traffic.len() / 2;
    let (first, second) = listed.split_at(warm);
    engine.frames(traffic.block(first, 0));
    let start = ran();
    engine.frames(traffic.block(second, warm));
    let nanos = (ran() - start) / second.len() as f64;
    println!("{pairs:>6} pairs {nanos:>7.1} ns/frame");
}

/// Measures reading a capture, and reading and judging it.
fn file(path: &str, judges: &Judges) {
    for is_judged in [false, true] {
        let mut best = f64::INFINITY;
        for _ in 0..5 {
            let mut engine = bench::engine(judges.clone(), Mode::Judge);
            let start = ran();
            let Ok(capture) = CaptureFile::open(path) else {
                return eprintln!("cannot read `{path}` as a capture");
            };
            let mut capture = capture.tagged(engine.tagger());
            let mut frames = 0;
            while let Ok(Some(more)) = capture.more() {
                frames += match more {
                    More::One(frame) if is_judged => {
                        engine.frame(&frame);
                        1
                    }
                    More::Many(batch) if is_judged => {
                        engine.frames(batch.frames());
                        batch.len()
                    }
                    More::One(_) => 1,
                    More::Many(batch) => batch.len(),
                };
            }
            best = best.min((ran() - start) / frames.max(1) as f64);
        }
        let what = if is_judged { "read and judge" } else { "read" };
        println!("{what:<28} {best:>7.1} ns/frame");
    }
}

/// How many nanoseconds this thread ran so far, however busy the machine is; 0 where the system does not tell.
fn ran() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = stat.split(' ').next().and_then(|nanos| nanos.parse().ok());
    nanos.unwrap_or(0.0)
}

/// Runs the last step once: the first half of the frames opens flows and is judged for the first time, the second is counted.
fn count(take: fn(&mut Engine, Frames<'_>)) {
    let traffic = Polling::new(200, 80);
    let mut engine = bench::engine(judges(&traffic), Mode::Judge);
    let listed = traffic.listed(&engine.tagger());
    let (first, second) = listed.split_at(listed.len() / 2);
    take(&mut engine, traffic.block(first, 0));
    counted(take, &mut engine, traffic.block(second, first.len()));
    println!("{} frames counted", second.len());
}

/// What is counted: the frames' way through every room.
#[inline(never)]
fn counted(take: fn(&mut Engine, Frames<'_>), engine: &mut Engine, frames: Frames<'_>) {
    take(engine, frames);
}

/// As a port hands frames over.
fn one_by_one(engine: &mut Engine, frames: Frames<'_>) {
    for (place, listed) in frames.listed.iter().enumerate() {
        engine.frame(&frames.frame(place, listed));
    }
}

/// As they are read ahead.
fn ahead(engine: &mut Engine, frames: Frames<'_>) {
    engine.frames(frames);
}

/// Measures one step of the ladder.
fn row<F: FnMut(&Frame<'_>)>(name: &str, traffic: &Polling, make: impl Fn() -> F) {
    let mut best = f64::INFINITY;
    let mut allocations = 0;
    for _ in 0..5 {
        let mut take = make();
        let start = Instant::now();
        let spent = allocation_counter::measure(|| traffic.frames().for_each(|frame| take(&frame)));
        best = best.min(start.elapsed().as_secs_f64());
        allocations = spent.count_total;
    }
    let frames = traffic.len() as f64;
    println!(
        "{name:<28} {:>7.1} ns/frame   {:>8.5} allocations/frame",
        best * 1e9 / frames,
        allocations as f64 / frames
    );
}

/// Hears nothing.
struct Deaf;

impl Listener for Deaf {
    type State = ();

    fn opened(&mut self, _: &mut Flow<()>, _: Stamp) {}
    fn bytes(&mut self, _: &mut Flow<()>, _: Stamp, _: Direction, _: &[u8]) {}
    fn gap(&mut self, _: &mut Flow<()>, _: Stamp, _: Direction, _: u64) {}
    fn conflict(&mut self, _: &mut Flow<()>, _: Stamp, _: Direction) {}
    fn closed(&mut self, _: &mut Flow<()>, _: Stamp) {}
    fn sighted(&mut self, _: Host, _: Stamp) {}
}
