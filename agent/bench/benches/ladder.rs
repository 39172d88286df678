//! What each room adds to the cost of a frame, on polling with 200 pairs.
//!
//! `cargo bench -p bench` prints nanoseconds and allocations per frame, best of five runs. Compare
//! rows of one run with each other, not with those of another machine.
//!
//! `ladder count` runs the last step once, for `.ci/instructions`: what a frame costs in instructions
//! does not depend on who else uses the machine.

use std::time::Instant;

use bench::Polling;
use engine::{Engine, Judges, Mode};
use flow::{Flow, Flows, Listener};
use model::{Direction, Frame, Host, Stamp};

fn main() {
    let is_count = std::env::args().any(|argument| argument == "count");
    let traffic = Polling::new(200, if is_count { 80 } else { 500 });
    println!("{} frames of polling, 200 pairs", traffic.len());
    let judges = match bench::judges(&traffic) {
        Ok(judges) => judges,
        Err(problems) => {
            problems.iter().for_each(|problem| eprintln!("{problem}"));
            std::process::exit(2);
        }
    };
    if is_count {
        return count(&traffic, judges);
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
