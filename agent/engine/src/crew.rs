//! Shards side by side: each on a thread of its own, over the same frames.

use std::sync::{Mutex, PoisonError};
use std::thread;

use model::Frames;

use crate::shard::Shard;

/// How many frames are worth threads; fewer are taken one after the other.
pub(crate) const WORTH: usize = 1024;

/// Lets every shard take its part of the frames; returns when all have. Where the machine gives no more threads, this one does
/// the work.
pub(crate) fn work(shards: &mut [Shard], frames: Frames<'_>) {
    let lanes = shards.len();
    let shards: Vec<_> = shards.iter_mut().map(Mutex::new).collect();
    let run = |lane: usize, shard: &Mutex<&mut Shard>| {
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        shard.run(frames, lane, lanes);
    };
    thread::scope(|scope| {
        let mut own = Vec::new();
        for (lane, shard) in shards.iter().enumerate() {
            let is_last = lane + 1 == lanes;
            let name = format!("shard {lane}");
            let thread = thread::Builder::new().name(name);
            if is_last
                || thread
                    .spawn_scoped(scope, move || run(lane, shard))
                    .is_err()
            {
                own.push((lane, shard));
            }
        }
        for (lane, shard) in own {
            run(lane, shard);
        }
    });
}
