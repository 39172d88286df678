//! What each room adds to the cost of a frame, on polling with 200 pairs.
//!
//! `cargo bench -p bench` prints nanoseconds and allocations per frame, best of five runs. Compare
//! rows of one run with each other, not with those of another machine.
//!
//! `ladder count` runs the last step once, for `.ci/instructions`: what a frame costs in instructions
//! does not depend on who else uses the machine. `ladder pairs` runs it with 20, 200, 2 000 and 50 000
//! pairs, which takes a minute and 3 GB; `ladder FILE` reads a capture, and reads and judges it.

use std::time::Instant;

use bench::Polling;
use capture::CaptureFile;
use engine::{Engine, Judges, Mode};
use flow::{Flow, Flows, Listener};
use model::{Direction, Frame, Host, Stamp};

fn main() {
    let argument = std::env::args()
        .nth(1)
        .filter(|word| !word.starts_with('-'));
    let is_count = argument.as_deref() == Some("count");
    if argument.as_deref() == Some("pairs") {
        return [20, 200, 2_000, 50_000].into_iter().for_each(pairs);
    }
    let traffic = Polling::new(200, if is_count { 80 } else { 500 });
    println!("{} frames of polling, 200 pairs", traffic.len());
    let judges = judges(&traffic);
    if is_count {
        return count(&traffic, judges);
    }
    if let Some(path) = argument {
        return file(&path, &judges);
    }
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
    let warm = traffic.len() / 2;
    let (first, second) = (traffic.frames().take(warm), traffic.frames().skip(warm));
    first.for_each(|frame| engine.frame(&frame));
    let start = Instant::now();
    second.for_each(|frame| engine.frame(&frame));
    let nanos = start.elapsed().as_secs_f64() * 1e9 / (traffic.len() - warm) as f64;
    println!("{pairs:>6} pairs {nanos:>7.1} ns/frame");
}

/// Measures reading a capture, and reading and judging it.
fn file(path: &str, judges: &Judges) {
    for is_judged in [false, true] {
        let mut best = f64::INFINITY;
        for _ in 0..5 {
            let mut engine = bench::engine(judges.clone(), Mode::Judge);
            let start = Instant::now();
            let Ok(mut capture) = CaptureFile::open(path) else {
                return eprintln!("cannot read `{path}` as a capture");
            };
            let mut frames = 0_u32;
            while let Ok(Some(frame)) = capture.next() {
                frames += 1;
                if is_judged {
                    engine.frame(&frame);
                }
            }
            best = best.min(start.elapsed().as_secs_f64() * 1e9 / f64::from(frames.max(1)));
        }
        let what = if is_judged { "read and judge" } else { "read" };
        println!("{what:<28} {best:>7.1} ns/frame");
    }
}

/// Runs the last step once: the first half of the frames opens flows and is judged for the first time, the second is counted.
fn count(traffic: &Polling, judges: Judges) {
    let mut engine = bench::engine(judges, Mode::Judge);
    let warm = traffic.len() / 2;
    let (first, second) = (traffic.frames().take(warm), traffic.frames().skip(warm));
    first.for_each(|frame| engine.frame(&frame));
    second.for_each(|frame| counted(&mut engine, &frame));
    println!("{} frames counted", traffic.len() - warm);
}

/// What is counted: one frame's way through every room.
#[inline(never)]
fn counted(engine: &mut Engine, frame: &Frame<'_>) {
    engine.frame(frame);
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
