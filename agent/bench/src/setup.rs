//! Engines to measure, with every judge or with none.

use std::path::Path;
use std::sync::Arc;

use baseline::Baseline;
use detect::Rules;
use engine::{Engine, Judges, Limits, Mode, Settings};
use model::{Problem, Vocabulary};
use policy::{Policy, Text};

use crate::{Frames, Kind, Plant};

/// The policy of the race, the shipped rules, and a baseline learned from what `pairs` say in one round, in which
/// every write is approved.
///
/// # Errors
///
/// Everything that is wrong with the policy or the rules.
pub fn judges(kind: Kind, pairs: u16) -> Result<Judges, Vec<Problem>> {
    let words = words();
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("race/policy.yaml");
    Ok(Judges {
        policy: Some(Arc::new(Policy::load(&policy, &words)?.policy)),
        baseline: Some(Arc::new(normal(Plant::new(kind, pairs)))),
        rules: Some(Arc::new(Rules::shipped(&words)?)),
    })
}

/// A policy of one text.
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn read_policy(text: String) -> Result<Arc<Policy>, Vec<Problem>> {
    let name = "bench.yaml".into();
    let loaded = Policy::read(&[Text { name, text }], &words())?;
    Ok(Arc::new(loaded.policy))
}

/// What policies and rules may name.
pub fn words() -> Vec<&'static Vocabulary> {
    let protocols = decode::PROTOCOLS.iter();
    protocols.map(|protocol| protocol.vocabulary).collect()
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

/// What a plant does in one round, approved.
fn normal(mut plant: Plant) -> Baseline {
    let mut engine = engine(Judges::default(), Mode::Learn);
    let mut frames = Frames::default();
    plant.open(&mut frames);
    for _ in 0..=Plant::ROUND {
        for frame in frames.frames() {
            engine.frame(&frame);
        }
        frames.clear();
        plant.turn(&mut frames);
    }
    let mut baseline = engine.learnt().unwrap_or_default();
    baseline.approve("", "the benchmark");
    baseline
}
