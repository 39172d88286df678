//! Walks captures through an engine, with a progress bar.

use std::path::PathBuf;

use anyhow::Result;
use capture::{Damage, More, Timeline};
use engine::Engine;

use crate::output;

/// Feeds every frame of the captures, as one timeline, and finishes the engine.
///
/// What is damaged is handed back: everything that could be read was fed.
///
/// # Errors
///
/// When a capture cannot be opened at all.
pub(crate) fn walk(captures: &[PathBuf], engine: &mut Engine) -> Result<Vec<Damage>> {
    let mut timeline = Timeline::open(captures)?.tagged(&engine.tagger());
    if engine.shards() > 1 {
        timeline = timeline.shared();
    }
    let bar = output::progress(timeline.len_bytes());
    let mut unshown = 0;
    let mut show = |taken, timeline: &Timeline| {
        unshown += taken;
        if unshown >= PROGRESS_EVERY {
            unshown = 0;
            bar.set_position(timeline.position_bytes());
        }
    };
    while let Some(more) = timeline.more() {
        match more {
            More::One(frame) => {
                engine.frame(&frame);
                show(1, &timeline);
            }
            More::Many(batch) => {
                let mut first = Some(batch);
                engine.batches(|| {
                    let batch = first.take().or_else(|| timeline.batch())?;
                    show(batch.len(), &timeline);
                    Some(batch)
                });
            }
        }
    }
    engine.finish();
    bar.finish_and_clear();
    Ok(timeline.damages().to_vec())
}

/// Says on standard error what of the captures could not be read.
pub(crate) fn tell(damages: &[Damage]) {
    for damage in damages {
        output::error(&damage.to_string());
    }
}

/// How many frames pass between two looks at the progress bar.
const PROGRESS_EVERY: usize = 1 << 14;
