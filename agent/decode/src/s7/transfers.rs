//! Blocks on their way, each followed from its request to its end, and what came of them.
//!
//! A download is: a request that names the block and its length, its parts, its end, and a program
//! invocation that makes it a part of the running program. An upload is: a start, parts, an end. The
//! parts run through SHA-256 as they come; no block is ever held. What is told at the end is complete
//! only where the start was seen, every part came in order, the last one said that it is the last,
//! the stated length was reached, and neither side said no. A block of which anything is missing has
//! no digest, because a digest of a part is nobody's.
//!
//! **Limits:** [`OPEN`] transfers at a time; [`KNOWN`] blocks of which is known what was downloaded.

use std::collections::VecDeque;

use ring::digest::{Context, SHA256};
use serde::Serialize;

use super::program::Block;

/// The most transfers that are followed at a time: a controller serves a handful.
pub(super) const OPEN: usize = 8;
/// The most downloaded blocks of which the digest is remembered until they are inserted.
pub(super) const KNOWN: usize = 256;

/// More than the longest block: its head states its length in 32 bits, but no controller of this protocol loads more.
const LONGEST_BLOCK: u64 = 16 << 20;

/// An empty data unit: how controllers acknowledge on the transport.
const EMPTY_UNIT: u64 = 7;
/// What a client sends at least to download a block: a request of 40 bytes, a part that is a header,
/// an acknowledgement.
const SHORTEST_DOWNLOAD: u64 = 100;

/// Which way a block goes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Way {
    /// Into the controller.
    Download,
    /// Out of it.
    Upload,
}

/// How a transfer is told from others.
#[derive(Clone, Copy, Debug)]
pub(super) enum Key {
    /// A download, by its block.
    Download(Block),
    /// An upload, by the identifier that the controller gave it.
    Upload(u32),
}

/// What came of a transfer.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Summary {
    /// Which way.
    pub(super) way: Way,
    /// Which block.
    pub(super) block: Block,
    /// How many bytes of it were seen.
    pub(super) size_bytes: u64,
    /// How many bytes its start announced.
    pub(super) stated_bytes: Option<u32>,
    /// Of the whole block.
    pub(super) sha256: Option<[u8; 32]>,
    /// Whether nothing of it is missing.
    pub(super) complete: bool,
    /// Whether the controller made it a part of its program; only of downloads.
    pub(super) inserted: Option<bool>,
}

/// The transfers of one flow.
#[derive(Default)]
pub(super) struct Transfers {
    // INVARIANT: oldest first, `OPEN` at most.
    open: Vec<Open>,
    // INVARIANT: oldest first, `KNOWN` downloads at most, each block once.
    known: VecDeque<Summary>,
}

struct Open {
    way: Way,
    block: Block,
    id: Option<u32>,
    stated: Option<u32>,
    size: u64,
    digest: Context,
    /// Whether everything so far was seen and in order.
    intact: bool,
    /// Whether something was lost in which its end may have been.
    lossy: bool,
    /// Whether it was said that it does not end.
    told: bool,
    /// Whether the last part came.
    last: bool,
}

/// What had to be forgotten to make room.
#[must_use]
pub(super) struct Forgotten(pub(super) bool);

impl Transfers {
    /// A transfer starts; `seen` says that its start was seen.
    pub(super) fn begin(
        &mut self,
        key: Key,
        block: Block,
        stated: Option<u32>,
        seen: bool,
    ) -> Forgotten {
        self.open.retain(|open| !open.is(key));
        if let Key::Download(_) = key {
            self.forget(&block);
        }
        let full = self.open.len() >= OPEN;
        if full {
            self.open.remove(0);
        }
        self.open.push(Open::new(key, block, stated, seen));
        Forgotten(full)
    }

    /// Whether a transfer is under way.
    pub(super) fn is_open(&self, key: Key) -> bool {
        self.open.iter().any(|open| open.is(key))
    }

    /// The block of a transfer under way.
    pub(super) fn block(&self, key: Key) -> Option<Block> {
        self.open
            .iter()
            .find(|open| open.is(key))
            .map(|open| open.block)
    }

    /// The block of the latest download under way, for a step that names none.
    pub(super) fn latest(&self) -> Option<Block> {
        let mut downloads = self
            .open
            .iter()
            .rev()
            .filter(|open| open.way == Way::Download);
        downloads.next().map(|open| open.block)
    }

    /// A part comes; none where the answer holds none. Gives what was announced and what came once that is more than
    /// any block has.
    pub(super) fn part(
        &mut self,
        key: Key,
        part: Option<&[u8]>,
        continues: bool,
    ) -> Option<(u64, u64)> {
        let open = self.open.iter_mut().find(|open| open.is(key))?;
        open.part(part, continues);
        let endless = open.size > LONGEST_BLOCK && !open.told;
        open.told |= endless;
        endless.then_some((open.stated.map_or(0, u64::from), open.size))
    }

    /// Gives up every transfer; gives what those announced and brought whose end was not lost.
    pub(super) fn abandon(&mut self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let open = self.open.drain(..).filter(|open| !open.lossy && !open.told);
        open.map(|open| (open.stated.map_or(0, u64::from), open.size))
    }

    /// A transfer ends, `well` or not.
    pub(super) fn end(&mut self, key: Key, well: bool) -> Option<(Summary, Forgotten)> {
        let place = self.open.iter().position(|open| open.is(key))?;
        let summary = self.open.remove(place).summary(well);
        let mut forgotten = Forgotten(false);
        if summary.way == Way::Download {
            self.forget(&summary.block);
            forgotten = Forgotten(self.known.len() >= KNOWN && self.known.pop_front().is_some());
            self.known.push_back(summary);
        }
        Some((summary, forgotten))
    }

    /// A transfer never started, because the controller refused it.
    pub(super) fn refuse(&mut self, key: Key) {
        self.open.retain(|open| !open.is(key));
    }

    /// What was downloaded as this block.
    pub(super) fn known(&self, block: &Block) -> Option<Summary> {
        self.known.iter().find(|it| it.block.is(block)).copied()
    }

    /// A block was made a part of the program, or the controller said no.
    pub(super) fn insert(&mut self, block: &Block, done: bool) {
        if let Some(known) = self.known.iter_mut().find(|it| it.block.is(block)) {
            known.inserted = Some(done);
        }
    }

    /// What is known of a block holds no more.
    pub(super) fn forget(&mut self, block: &Block) {
        self.known.retain(|it| !it.block.is(block));
    }

    /// Bytes were lost: parts of a transfer may be among them, or a whole other download. So few that
    /// no part fits into them do not matter where the length of the block is known.
    pub(super) fn miss(&mut self, missing_bytes: u64) {
        let harmless = missing_bytes <= EMPTY_UNIT;
        for open in &mut self.open {
            open.intact &= harmless && open.stated.is_some();
            open.lossy |= !harmless;
        }
        if missing_bytes >= SHORTEST_DOWNLOAD {
            for known in &mut self.known {
                (known.complete, known.sha256) = (false, None);
            }
        }
    }

    /// How many bytes are held on the heap.
    pub(super) fn held_bytes(&self) -> usize {
        self.open.capacity() * size_of::<Open>() + self.known.capacity() * size_of::<Summary>()
    }
}

impl Open {
    fn new(key: Key, block: Block, stated: Option<u32>, seen: bool) -> Self {
        let (way, id) = match key {
            Key::Download(_) => (Way::Download, None),
            Key::Upload(id) => (Way::Upload, Some(id)),
        };
        Self {
            way,
            block,
            id,
            stated,
            size: 0,
            digest: Context::new(&SHA256),
            intact: seen,
            lossy: false,
            told: false,
            last: false,
        }
    }

    fn is(&self, key: Key) -> bool {
        match (self.way, key) {
            (Way::Download, Key::Download(block)) => self.block.is(&block),
            (Way::Upload, Key::Upload(id)) => self.id == Some(id),
            (Way::Download, Key::Upload(_)) | (Way::Upload, Key::Download(_)) => false,
        }
    }

    fn part(&mut self, part: Option<&[u8]>, continues: bool) {
        let Some(part) = part.filter(|_| !self.last) else {
            self.intact = false;
            return;
        };
        self.digest.update(part);
        self.size += part.len() as u64;
        self.last = !continues;
    }

    fn summary(self, well: bool) -> Summary {
        let stated = self
            .stated
            .is_none_or(|stated| self.size == u64::from(stated));
        let complete = well && self.intact && self.last && stated;
        let digest = complete.then(|| self.digest.finish());
        Summary {
            way: self.way,
            block: self.block,
            size_bytes: self.size,
            stated_bytes: self.stated,
            sha256: digest.and_then(|digest| digest.as_ref().try_into().ok()),
            complete,
            inserted: (self.way == Way::Download).then_some(false),
        }
    }
}
