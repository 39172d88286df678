//! What a policy costs, as large as they get, beside one of ten statements with the same kinds of conditions.
//!
//! `cargo bench -p bench --bench policy` prints the best of some runs. Loading 10 000 assets, 1 000 zones in
//! three layers of outer zones, and 10 000 conduits is to take less than two seconds; judging by such a
//! policy at most three times as long as by the small one: a repeated operation, and the first on a new
//! edge. Small and large take turns within one run, so that a busy machine slows both.

use std::hint::black_box;
use std::time::Instant;

use bench::{ASKED_AT, Asked, large_policy};
use model::Vocabulary;
use policy::{Edge, Policy, Standing, Text};

fn main() {
    let policies: Option<Vec<_>> = [1, 10, 100, 1_000].into_iter().map(measured).collect();
    match policies.as_deref() {
        Some([small, .., large]) => judging(small, large),
        _ => {
            eprintln!("the policy of the benchmark does not load");
            std::process::exit(2);
        }
    }
}

/// Loads a policy of so many zones, says how long that and the commands on it take, and hands it over.
fn measured(zones: usize) -> Option<Policy> {
    let text = large_policy(zones);
    let policy = load(&text)?;
    let runs = if zones < 1_000 { 5 } else { 3 };
    let loading = best(runs, || drop(load(&text)));
    let advising = best(1, || drop(black_box(policy.advice(ASKED_AT))));
    let with_invariants = load(&format!("{text}{INVARIANTS}"))?;
    let proving = best(1, || {
        let kept = with_invariants.invariants(&words(), ASKED_AT);
        assert!(kept.broken.is_empty() && kept.gaps.is_empty(), "{kept:?}");
    });
    let file = Text {
        name: "large.yaml".into(),
        text,
    };
    let formatting = best(1, || drop(black_box(policy::format(&file))));
    println!(
        "{zones:>5} zones, {:>6} assets and conduits: loads in {:>7.1} ms, warnings {:>7.1} ms, invariants {:>7.1} ms, fmt {:>7.1} ms",
        zones * 10,
        loading * 1e3,
        advising * 1e3,
        proving * 1e3,
        formatting * 1e3,
    );
    Some(policy)
}

/// Judges the ten kinds of operation by both policies.
fn judging(small: &Policy, large: &Policy) {
    let few: Vec<_> = (0..10).filter_map(Asked::of).collect();
    let all: Vec<_> = (0..10_000).filter_map(Asked::of).collect();
    // as many edges as the large policy has conduits: what is left of a ratio then is not the cache's
    let many: Vec<_> = (0..10_000)
        .filter_map(|place| Asked::of(place % 10))
        .collect();
    println!(
        "\n{:<28} {:>10} {:>10} {:>7}",
        "a repeated operation", "small", "large", "ratio"
    );
    for asked in &few {
        let one = std::slice::from_ref(asked);
        let repeat = |policy| repeating(policy, one);
        row(asked.condition(), repeat(small), repeat(large));
    }
    row(
        "ten edges, ten thousand",
        repeating(small, &few),
        repeating(large, &all),
    );
    row(
        "ten thousand edges each",
        repeating(small, &many),
        repeating(large, &all),
    );
    println!("\na new edge and its first operation");
    for asked in &few {
        let one = std::slice::from_ref(asked);
        let first = |policy| meeting(policy, one);
        row(asked.condition(), first(small), first(large));
    }
    row(
        "ten edges, ten thousand",
        meeting(small, &few),
        meeting(large, &all),
    );
}

/// A run that judges operations whose edges are known, so many at a time.
fn repeating<'a>(policy: &'a Policy, asked: &'a [Asked]) -> impl FnMut() -> usize + 'a {
    let mut edges: Vec<_> = asked
        .iter()
        .map(|asked| (edge(policy, asked), Standing::default(), asked))
        .collect();
    move || {
        let mut count = 0;
        while count < OPERATIONS {
            for (edge, standing, asked) in &mut edges {
                let verdict = policy.judge(edge, standing, &asked.operation(), ASKED_AT);
                black_box(verdict);
            }
            count += edges.len();
        }
        count
    }
}

/// A run that places two hosts, joins them, and judges, so many times.
fn meeting<'a>(policy: &'a Policy, asked: &'a [Asked]) -> impl FnMut() -> usize + 'a {
    move || {
        let mut count = 0;
        while count < OPERATIONS {
            for asked in asked {
                let mut standing = Standing::default();
                let edge = edge(policy, asked);
                let verdict = policy.judge(&edge, &mut standing, &asked.operation(), ASKED_AT);
                black_box(verdict);
            }
            count += asked.len();
        }
        count
    }
}

fn edge(policy: &Policy, asked: &Asked) -> Edge {
    let (client, server) = (policy.place(&asked.client), policy.place(&asked.server));
    policy.edge(client, server, asked.operation().protocol)
}

/// Lets both take turns, and says what one operation costs each.
fn row(name: &str, mut small: impl FnMut() -> usize, mut large: impl FnMut() -> usize) {
    let (mut fast, mut slow) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        fast = fast.min(each(&mut small));
        slow = slow.min(each(&mut large));
    }
    let ratio = slow / fast;
    println!("{name:<28} {fast:>7.0} ns {slow:>7.0} ns {ratio:>7.2}");
}

/// Nanoseconds for each operation of a run.
fn each(run: &mut impl FnMut() -> usize) -> f64 {
    let start = Instant::now();
    let count = run();
    start.elapsed().as_secs_f64() * 1e9 / count as f64
}

fn load(text: &str) -> Option<Policy> {
    let text = Text {
        name: "large.yaml".into(),
        text: text.into(),
    };
    Some(Policy::read(&[text], &words()).ok()?.policy)
}

fn words() -> Vec<&'static Vocabulary> {
    let protocols = decode::PROTOCOLS.iter();
    protocols.map(|protocol| protocol.vocabulary).collect()
}

/// Seconds of the fastest of some runs.
fn best(runs: usize, mut run: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..runs {
        let start = Instant::now();
        run();
        best = best.min(start.elapsed().as_secs_f64());
    }
    best
}

/// What stays true of the policy, however large.
const INVARIANTS: &str = "invariants:
  - no path from no zone to any
  - no path from any to verbs download, mode, firmware
  - only zone plant has a path to verb upload over s7
  - every path from any to verb browse over opcua is encrypted
";

/// How many operations a run has at least, and how many runs there are.
const OPERATIONS: usize = 50_000;
const ROUNDS: usize = 7;
