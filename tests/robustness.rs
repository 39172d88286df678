//! What is decoded of captures by others when their segments are cut anew, and when their frames
//! are lost, doubled, moved or cut short.
//!
//! The same bytes in other segments say the same. What is lost takes nothing else with it, is said,
//! and never turns into a message that nobody sent. What only looks like a plant is nothing in any
//! cut; what is joined in the middle is what it is from its start. Chance is seeded: every run is the same run.

mod chance;
mod disturbed;
mod hearing;
mod lookalikes;
mod midstream;
mod recut;

use std::path::PathBuf;

use crate::captures::captures;
use crate::support::shared;

/// The captures that are tried.
fn tried() -> Vec<PathBuf> {
    let Some(folder) = shared("captures") else {
        return Vec::new();
    };
    let mut captures = captures(&folder);
    captures.sort_by_key(|path| path.metadata().map_or(0, |metadata| metadata.len()));
    captures
}

/// Does something with each capture, two at a time; the sizes are spread evenly over both.
fn each<T: Send>(captures: &[PathBuf], work: impl Fn(&PathBuf) -> T + Sync) -> Vec<T> {
    let half = |start: usize| captures.iter().skip(start).step_by(2).map(&work);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| half(1).collect::<Vec<_>>());
        let mut all: Vec<_> = half(0).collect();
        all.extend(other.join().unwrap());
        all
    })
}
