//! Any text as a policy: it loads, or its problems are told.
#![no_main]

use decode::PROTOCOLS;
use policy::{Policy, Text};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let words: Vec<_> = PROTOCOLS
        .iter()
        .map(|protocol| protocol.vocabulary)
        .collect();
    let file = Text {
        name: "any.yaml".into(),
        text: text.into(),
    };
    if let Err(problems) = Policy::read(&[file], &words) {
        assert!(!problems.is_empty());
    }
});
