//! Shards side by side: each on a thread of its own, over the same frames.
//!
//! Threads start with a stint and end with it. Within it each takes one part after the other at its own pace, and whoever finds
//! that few are left reads the next one, for all: nobody waits for a thread that reads, and no core is left to do so alone. A shard that has
//! much to say ends the stint, so that what waits to be heard stays little.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use model::Batched;

use crate::shard::Shard;
use crate::stint::{Part, Stint};

/// Lets every shard take its part of the frames of a stint; returns when all have.
pub(crate) fn work<B: Batched>(shards: &mut [Shard], stint: &mut Stint<'_, B>) {
    match shards {
        [only] => {
            while let Some(part) = stint.next() {
                only.run(&part, (0, 1));
                if only.has_much_to_say() {
                    return;
                }
            }
        }
        shards => {
            let Some(first) = stint.next() else {
                return;
            };
            if first.len() < WORTH {
                let lanes = shards.len() as u8;
                let shards = (0..).zip(shards);
                return shards.for_each(|(lane, shard)| shard.run(&first, (lane, lanes)));
            }
            side_by_side(shards, first, stint);
        }
    }
}

/// Every shard but the last has a thread of its own, if the machine gives one; this thread works for all others.
fn side_by_side<B: Batched>(shards: &mut [Shard], first: Part<B>, stint: &mut Stint<'_, B>) {
    let lanes = shards.len() as u8;
    let relay = &Relay::new(first, stint, lanes);
    let shards: Vec<_> = shards.iter_mut().map(Mutex::new).collect();
    thread::scope(|scope| {
        let mut own = Vec::new();
        for (lane, shard) in (0..).zip(&shards) {
            let work = move || relay.work(&[(lane, shard)], lanes);
            let thread = thread::Builder::new().name(format!("shard {lane}"));
            if lane + 1 == lanes || thread.spawn_scoped(scope, work).is_err() {
                own.push((lane, shard));
            }
        }
        relay.work(&own, lanes);
    });
}

/// The parts of a stint as they go from hand to hand. Whoever has nothing to do brings the next one, for all.
struct Relay<'s, 'm, B> {
    /// Held by whoever brings a part.
    stint: Mutex<&'s mut Stint<'m, B>>,
    parts: Mutex<Parts<B>>,
    /// Somebody brought a part, or went away.
    news: Condvar,
    /// Whether no more parts are to be brought.
    is_enough: AtomicBool,
}

/// The parts that somebody still wants.
struct Parts<B> {
    /// Each with the number of shards that want it.
    wanted: VecDeque<(Part<B>, u8)>,
    /// How many there were before these.
    done: usize,
    lanes: u8,
    is_over: bool,
}

/// Whoever works; where it fails, the others stop as well instead of waiting for it.
struct Worker<'r, B> {
    parts: &'r Mutex<Parts<B>>,
    news: &'r Condvar,
}

impl<'s, 'm, B: Batched> Relay<'s, 'm, B> {
    fn new(first: Part<B>, stint: &'s mut Stint<'m, B>, lanes: u8) -> Self {
        Self {
            stint: Mutex::new(stint),
            parts: Mutex::new(Parts {
                wanted: VecDeque::from([(first, lanes)]),
                done: 0,
                lanes,
                is_over: false,
            }),
            news: Condvar::new(),
            is_enough: AtomicBool::new(false),
        }
    }

    /// Takes every part of the stint, for some of the shards.
    fn work(&self, shards: &[(u8, &Mutex<&mut Shard>)], lanes: u8) {
        let _worker = Worker {
            parts: &self.parts,
            news: &self.news,
        };
        let held = shards.iter().map(|(lane, shard)| (*lane, held(shard)));
        let mut shards: Vec<_> = held.collect();
        let mut number = 0;
        while let Some(part) = self.part(number, shards.len() as u8) {
            for (lane, shard) in &mut shards {
                shard.run(&part, (*lane, lanes));
                if shard.has_much_to_say() {
                    self.is_enough.store(true, Ordering::Relaxed);
                }
            }
            number += 1;
        }
    }

    /// The part of a number, for so many shards; none where the stint is over.
    fn part(&self, number: usize, shards: u8) -> Option<Part<B>> {
        let mut parts = held(&self.parts);
        loop {
            let part = parts.take(number, shards);
            if part.is_none() && parts.is_over {
                return None;
            }
            // INVARIANT: whoever brings parts wants none of those that are here but the first `STOCK`, so that the blocks that it
            // may have to wait for are in other hands.
            if parts.from(number) <= STOCK
                && let Ok(mut stint) = self.stint.try_lock()
            {
                drop(parts);
                let is_enough = self.is_enough.load(Ordering::Relaxed);
                let next = if is_enough { None } else { stint.next() };
                parts = held(&self.parts);
                parts.add(next);
                self.news.notify_all();
            } else if part.is_none() {
                // whoever is at it will bring this one
                parts = self
                    .news
                    .wait(parts)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            if part.is_some() {
                return part;
            }
        }
    }
}

impl<B> Parts<B> {
    /// The part of a number, if it is here.
    fn take(&mut self, number: usize, shards: u8) -> Option<Part<B>> {
        let (part, wants) = self.wanted.get_mut(number - self.done)?;
        *wants -= shards;
        let part = part.clone();
        while self.wanted.front().is_some_and(|(_, wants)| *wants == 0) {
            self.wanted.pop_front();
            self.done += 1;
        }
        Some(part)
    }

    /// How many there are from that of a number on.
    fn from(&self, number: usize) -> usize {
        if self.is_over {
            return usize::MAX;
        }
        (self.done + self.wanted.len()).saturating_sub(number)
    }

    fn add(&mut self, part: Option<Part<B>>) {
        match part {
            Some(part) if !self.is_over => self.wanted.push_back((part, self.lanes)),
            _ => self.is_over = true,
        }
    }
}

impl<B> Drop for Worker<'_, B> {
    fn drop(&mut self) {
        if thread::panicking() {
            let mut parts = held(self.parts);
            parts.is_over = true;
            // whoever waits for blocks gets these
            parts.wanted.clear();
            self.news.notify_all();
        }
    }
}

/// What a lock guards, also where a thread failed that held it: that thread's failure goes on by itself.
fn held<T: ?Sized>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many parts there should be behind that which somebody takes, so that nobody waits for one.
const STOCK: usize = 2;

/// How many frames are worth threads; fewer are taken one after the other.
const WORTH: usize = 1024;

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;

    use model::{Frames, LinkType, Listed, Listing, Tagger, Timestamp};

    use super::*;
    use crate::{Engine, Judges, Limits, Mode, Settings};

    /// Frames that nobody can read, and one thread cannot even take.
    struct Trap(Listing);

    impl Batched for Trap {
        fn frames(&self) -> Frames<'_> {
            assert_ne!(thread::current().name(), Some("shard 0"), "a trap");
            Frames {
                bytes: &[],
                listing: &self.0,
                first: 1,
                source: 0,
            }
        }
    }

    #[test]
    fn where_one_worker_fails_all_stop_instead_of_waiting() {
        let settings = Settings {
            site: "site".into(),
            sensor: "sensor".into(),
            limits: Limits::default(),
            mode: Mode::Judge,
            shards: 2,
        };
        let mut engine = Engine::new(settings, Judges::default(), None);
        let mut listing = Listing::default();
        for _ in 0..2 * WORTH {
            let listed = Listed {
                time: Timestamp::from_nanos(1),
                link: LinkType::Ethernet,
                wire_len: 60,
                start: 0,
                len: 0,
            };
            listing.push(listed);
        }
        listing.tell(&Tagger::of_lanes(|_| 0), &[], (1, 0));
        let batch = Arc::new(Trap(listing));
        // no end of them: without a word from the one that fails it would go on forever
        let taken = catch_unwind(AssertUnwindSafe(|| {
            engine.batches(|| (Arc::strong_count(&batch) < 50).then(|| Arc::clone(&batch)));
        }));
        assert!(taken.is_err());
    }
}
