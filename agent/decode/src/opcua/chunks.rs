//! The messages of one direction whose chunks are not all there yet.
//!
//! Follows OPC 10000-6, 6.7.3: intermediate chunks until a final or an abort one, told apart by request
//! identifier. Holds at most [`MESSAGES`] messages of [`CHUNKS`] chunks and so many bytes in all as the
//! limit says. A message that broke a bound, or lost a part, is forgotten up to its last chunk.

use std::collections::VecDeque;

use model::{Anomaly, AnomalyKind};

use super::stream::wipe;

/// The most messages of one direction that may be unfinished at once.
const MESSAGES: usize = 8;
/// The most chunks of one message.
const CHUNKS: u32 = 1024;

/// The unfinished messages of one direction. Most messages are one chunk: nothing is remembered until one is not.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    unfinished: Option<Box<List>>,
    /// How many chunks of an encrypted message came before its last.
    sealed: u32,
}

/// Messages of which chunks are there, oldest first.
#[derive(Debug, Default)]
// INVARIANT: at most `MESSAGES`, whose bytes together are at most the limit of `add`.
struct List(VecDeque<Unfinished>);

#[derive(Debug)]
struct Unfinished {
    request_id: u32,
    bytes: Vec<u8>,
    chunks: u32,
    forgotten: bool,
}

/// A message at its final chunk.
#[derive(Debug)]
pub(super) enum Finish {
    /// It is that chunk alone.
    Alone,
    /// It is these bytes.
    Joined(Vec<u8>),
    /// It was forgotten before.
    Forgotten,
}

impl Chunks {
    /// Adds an intermediate chunk. One that is not `wanted` makes the message forgotten.
    pub(super) fn add(
        &mut self,
        request_id: u32,
        part: &[u8],
        limit: usize,
        wanted: bool,
    ) -> Option<Anomaly> {
        let held = self.bytes();
        let place = self.place(request_id);
        let List(unfinished) = &mut **self.unfinished.get_or_insert_default();
        let full = unfinished.len() >= MESSAGES;
        if place.is_none() {
            if full {
                unfinished.pop_front();
            }
            unfinished.push_back(Unfinished {
                request_id,
                bytes: Vec::new(),
                chunks: 0,
                forgotten: !wanted,
            });
        }
        let overflow = (place.is_none() && full).then(|| flood(MESSAGES as u64));
        let message = match place {
            Some(place) => unfinished.get_mut(place),
            None => unfinished.back_mut(),
        };
        let added = message.and_then(|message| message.add(part, held, limit));
        overflow.or(added)
    }

    /// Ends a message with its final chunk.
    pub(super) fn finish(&mut self, request_id: u32, part: &[u8], limit: usize) -> Finish {
        let Some(place) = self.place(request_id) else {
            return Finish::Alone;
        };
        let held = self.bytes();
        match self.remove(place) {
            Some(message) if message.forgotten => Finish::Forgotten,
            Some(mut message) if held + part.len() <= limit => {
                message.bytes.extend_from_slice(part);
                Finish::Joined(message.bytes)
            }
            _ => Finish::Forgotten,
        }
    }

    /// Forgets a message that was given up.
    pub(super) fn abort(&mut self, request_id: u32) {
        if let Some(mut message) = self.place(request_id).and_then(|place| self.remove(place)) {
            wipe(&mut message.bytes);
        }
    }

    /// Counts an intermediate chunk that cannot be read.
    pub(super) fn seal(&mut self) -> Option<Anomaly> {
        self.sealed = self.sealed.saturating_add(1);
        (self.sealed == CHUNKS).then(|| flood(CHUNKS.into()))
    }

    /// Ends a message that cannot be read.
    pub(super) fn finish_sealed(&mut self) {
        self.sealed = 0;
    }

    /// Forgets all that is unfinished; says of how many bytes each was.
    pub(super) fn lose(&mut self, say: &mut dyn FnMut(usize)) {
        self.sealed = 0;
        let unfinished = self.unfinished.iter_mut().flat_map(|list| &mut list.0);
        for message in unfinished.filter(|one| !one.forgotten) {
            say(message.bytes.len());
            message.forget();
        }
    }

    /// How many bytes of the heap it uses.
    pub(super) fn held_bytes(&self) -> usize {
        let bytes: usize = self.iter().map(|one| one.bytes.capacity()).sum();
        let list = |list: &List| size_of::<List>() + list.0.capacity() * size_of::<Unfinished>();
        bytes + self.unfinished.as_deref().map_or(0, list)
    }

    fn place(&self, request_id: u32) -> Option<usize> {
        self.iter()
            .position(|message| message.request_id == request_id)
    }

    fn bytes(&self) -> usize {
        self.iter().map(|one| one.bytes.len()).sum()
    }

    fn iter(&self) -> impl Iterator<Item = &Unfinished> {
        self.unfinished.iter().flat_map(|list| &list.0)
    }

    fn remove(&mut self, place: usize) -> Option<Unfinished> {
        self.unfinished.as_mut()?.0.remove(place)
    }
}

impl Unfinished {
    fn add(&mut self, part: &[u8], held: usize, limit: usize) -> Option<Anomaly> {
        self.chunks = self.chunks.saturating_add(1);
        if self.forgotten {
            return None;
        }
        if self.chunks > CHUNKS || held + part.len() > limit {
            self.forget();
            return Some(flood(self.chunks.into()));
        }
        self.bytes.extend_from_slice(part);
        None
    }

    fn forget(&mut self) {
        self.forgotten = true;
        self.bytes.fill(0);
        self.bytes = Vec::new();
    }
}

fn flood(found: u64) -> Anomaly {
    Anomaly {
        kind: AnomalyKind::ChunkFlood,
        expected: CHUNKS.into(),
        found,
    }
}
