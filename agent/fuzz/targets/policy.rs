//! Any text as a policy: it loads, or its problems are told; what loads can be advised on, and is formatted to
//! what says the same.
#![no_main]

use decode::PROTOCOLS;
use fuzz::folder;
use model::Timestamp;
use policy::Policy;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let words: Vec<_> = PROTOCOLS
        .iter()
        .map(|protocol| protocol.vocabulary)
        .collect();
    let files = folder::split(text);
    let loaded = match folder::root(&files) {
        Some(root) => Policy::load_texts(&files, root, &words),
        None => Policy::read(&files, &words),
    };
    match loaded {
        Ok(loaded) => drop(loaded.policy.advice(NOW)),
        Err(problems) => assert!(!problems.is_empty()),
    }
    for file in &files {
        if let Err(problems) = policy::format(file) {
            let changes = |problem: &model::Problem| problem.what.contains("would change");
            assert!(!problems.iter().any(changes), "{problems:?}");
        }
    }
});

/// 2026-06-10T10:00:00Z, within the periods of the seeds.
const NOW: Timestamp = Timestamp::from_nanos(1_781_085_600_000_000_000);
