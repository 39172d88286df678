//! Engines to measure, with every judge or with none.

use std::path::Path;
use std::sync::Arc;

use baseline::Baseline;
use detect::Rules;
use engine::{Engine, Judges, Limits, Mode, Settings};
use model::{Problem, Vocabulary};
use policy::Policy;

use crate::Polling;

/// The policy of the race, the shipped rules, and a baseline learned from `traffic` in which every
/// write is approved.
///
/// # Errors
///
/// Everything that is wrong with the policy or the rules.
pub fn judges(traffic: &Polling) -> Result<Judges, Vec<Problem>> {
    let words: Vec<&'static Vocabulary> = decode::PROTOCOLS
        .iter()
        .map(|protocol| protocol.vocabulary)
        .collect();
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("race/policy.yaml");
    Ok(Judges {
        policy: Some(Arc::new(Policy::load(&policy, &words)?.policy)),
        baseline: Some(Arc::new(normal(traffic))),
        rules: Some(Arc::new(Rules::shipped(&words)?)),
    })
}

/// An engine that has seen nothing.
pub fn engine(judges: Judges, mode: Mode) -> Engine {
    let settings = Settings {
        site: "bench".into(),
        sensor: "bench".into(),
        limits: Limits::default(),
        mode,
        shards: 1,
    };
    Engine::new(settings, judges, None)
}

fn normal(traffic: &Polling) -> Baseline {
    let mut engine = engine(Judges::default(), Mode::Learn);
    for frame in traffic.frames() {
        engine.frame(&frame);
    }
    let mut baseline = engine.learnt().unwrap_or_default();
    baseline.approve("modbus", "the benchmark");
    baseline
}
