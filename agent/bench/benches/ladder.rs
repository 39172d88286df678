//! What each room adds to the cost of a frame, on polling with 200 pairs.
//!
//! `cargo bench -p bench` prints nanoseconds and allocations per frame, best of five runs. Compare
//! rows of one run with each other, not with those of another machine.

use std::time::Instant;

use bench::Polling;
use engine::{Judges, Mode};
use flow::{Flow, Flows, Listener};
use model::{Direction, Frame, Host, Stamp};

fn main() {
    let traffic = Polling::new(200, 500);
    println!("{} frames of polling, 200 pairs", traffic.len());
    let judges = match bench::judges(&traffic) {
        Ok(judges) => judges,
        Err(problems) => {
            problems.iter().for_each(|problem| eprintln!("{problem}"));
            std::process::exit(2);
        }
    };
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
