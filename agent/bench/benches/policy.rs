//! What a policy costs before the first message: loading one as large as they get, and finding what
//! joins two hosts.
//!
//! `cargo bench -p bench --bench policy` prints the best of five runs. Loading 10 000 assets, 1 000
//! zones in three layers of outer zones, and 10 000 conduits is to take less than two seconds.

use std::time::Instant;

use model::{Host, Vocabulary};
use policy::{Policy, Text};

fn main() {
    for zones in [10, 100, 1_000] {
        let text = bench::large_policy(zones);
        let Some(policy) = load(&text) else {
            eprintln!("the policy of the benchmark does not load");
            std::process::exit(2);
        };
        let loading = best(|| drop(load(&text)));
        let hosts: Vec<_> = (0..zones * 10).map(host).collect();
        let pairs = hosts.iter().zip(hosts.iter().rev());
        let resolving = best(|| {
            for (client, server) in pairs.clone() {
                let (client, server) = (policy.place(client), policy.place(server));
                std::hint::black_box(policy.edge(client, server, "modbus"));
            }
        });
        let each = resolving * 1e9 / hosts.len() as f64;
        println!(
            "{zones:>5} zones, {:>6} assets and conduits: loads in {:>7.1} ms, an edge in {each:>7.0} ns",
            hosts.len(),
            loading * 1e3,
        );
    }
}

fn load(text: &str) -> Option<Policy> {
    let words: Vec<&'static Vocabulary> = decode::PROTOCOLS
        .iter()
        .map(|protocol| protocol.vocabulary)
        .collect();
    let text = Text {
        name: "large.yaml".into(),
        text: text.into(),
    };
    Some(Policy::read(&[text], &words).ok()?.policy)
}

fn host(asset: usize) -> Host {
    Host {
        ip: bench::large_policy_address(asset).parse().ok(),
        ..Host::default()
    }
}

/// Seconds of the fastest of five runs.
fn best(mut run: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        run();
        best = best.min(start.elapsed().as_secs_f64());
    }
    best
}
