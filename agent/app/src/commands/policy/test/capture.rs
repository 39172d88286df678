//! Playing a capture of a case through an engine that a policy alone judges.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::capture::Timeline;
use anyhow::{Context as _, Result};
use engine::{Engine, Judges, Limits, Mode, Settings};
use model::Kind;
use policy::{Found, Policy};

/// What a policy found in a capture.
pub(super) struct Played {
    pub(super) found: Found,
    /// The lines of the policy that incidents name.
    pub(super) places: Vec<(String, u32)>,
    /// The first incidents, in words.
    pub(super) sentences: Vec<String>,
    /// What could not be read of the capture.
    pub(super) damages: Vec<String>,
}

/// Plays a capture, and gives the policy back.
///
/// # Errors
///
/// When the capture cannot be opened.
pub(super) fn play(policy: Policy, path: &Path) -> Result<(Policy, Played)> {
    let settings = Settings {
        site: policy.site().to_owned(),
        sensor: "test".to_owned(),
        limits: Limits::default(),
        mode: Mode::Judge,
        shards: 1,
    };
    let policy = Arc::new(policy);
    let judges = Judges {
        policy: Some(Arc::clone(&policy)),
        baseline: None,
        rules: None,
    };
    let mut engine = Engine::new(settings, judges, None);
    let paths: [PathBuf; 1] = [path.to_owned()];
    let mut timeline = Timeline::open(&paths)?;
    while let Some(frame) = timeline.next() {
        engine.frame(&frame);
    }
    engine.finish();
    let incidents = engine.incidents();
    drop(engine);
    let policy = Arc::into_inner(policy).context("the policy is still in use")?;

    let mut played = Played {
        found: Found {
            violations: Some(0),
            rules: BTreeMap::new(),
        },
        places: Vec::new(),
        sentences: Vec::new(),
        damages: timeline.damages().iter().map(ToString::to_string).collect(),
    };
    let of_policy = incidents
        .iter()
        .filter(|incident| incident.kind == Kind::Policy);
    for incident in of_policy {
        *played.found.violations.get_or_insert(0) += 1;
        *played.found.rules.entry(incident.rule.clone()).or_default() += 1;
        let because = &incident.because;
        played.places.extend(because.file.clone().zip(because.line));
        if played.sentences.len() < MAX_SENTENCES {
            let sentence = format!("{}: {}", incident.rule, incident.sentence);
            played.sentences.push(sentence);
        }
    }
    Ok((policy, played))
}

/// The most incidents of a capture that are shown.
const MAX_SENTENCES: usize = 3;
