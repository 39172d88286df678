//! One direction's bytes, cut into chunks.
//!
//! A chunk that lies whole in what was fed is shown where it lies; only one that is cut in two is
//! held, up to a limit. A larger one is passed over by its size. After a loss the direction looks for
//! the next boundary that it can validate, at once where the lost bytes all lie within one chunk.

use model::Malformed;

use super::frame::{HEADER, Header, boundary};

/// What a direction finds in its bytes, in order.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    /// A whole chunk, header included.
    Chunk(Header, &'a [u8]),
    /// No chunk where one had to begin.
    Broken(Malformed),
    /// A chunk that is larger than the limit, and is passed over.
    Oversize(Header),
    /// A boundary, after so many bytes that were passed over.
    Resynchronised(u64),
}

/// One direction. Most chunks come whole: nothing is remembered of a stream until one does not.
#[derive(Debug, Default)]
pub(super) struct Stream(Option<Box<Rest>>);

/// What is remembered of a direction.
#[derive(Debug, Default)]
struct Rest {
    // INVARIANT: holds less than one chunk, and at most `limit` bytes.
    held: Vec<u8>,
    /// How many of the next bytes to pass over: the rest of a chunk that nobody wants.
    skip: u64,
    /// How many bytes were passed over since the boundary was lost; `None` where it is known.
    lost: Option<u64>,
}

impl Stream {
    /// Makes the direction look for a boundary, as after the start was missed.
    pub(super) fn lose(&mut self) {
        self.0.get_or_insert_default().lost.get_or_insert(0);
    }

    /// How many bytes are held of a chunk that is not all there, where there is one.
    pub(super) fn amid(&self) -> Option<usize> {
        self.0.as_ref()?.amid()
    }

    /// How many bytes of the heap it uses.
    pub(super) fn held_bytes(&self) -> usize {
        let held = |rest: &Rest| size_of::<Rest>() + rest.held.capacity();
        self.0.as_deref().map_or(0, held)
    }

    /// Learns of `missing` bytes. Where they all belong to the chunk at hand, its end is known.
    pub(super) fn gap(&mut self, missing: u64) {
        self.0.get_or_insert_default().gap(missing);
    }

    /// Takes the next bytes and shows what they complete. `channel` is the one that is known.
    pub(super) fn feed(
        &mut self,
        mut bytes: &[u8],
        channel: Option<u32>,
        limit: usize,
        see: &mut dyn FnMut(Piece<'_>),
    ) {
        if self.0.is_none() {
            bytes = whole(bytes, see);
        }
        if !bytes.is_empty() {
            let rest = self.0.get_or_insert_default();
            rest.feed(bytes, channel, limit, see);
        }
    }
}

/// Shows the chunks that lie whole at the start of `bytes`, and gives back what is behind them.
fn whole<'a>(mut bytes: &'a [u8], see: &mut dyn FnMut(Piece<'_>)) -> &'a [u8] {
    while let Some(header) = bytes.first_chunk().copied().and_then(Header::read)
        && let Some((chunk, rest)) = bytes.split_at_checked(header.size as usize)
    {
        see(Piece::Chunk(header, chunk));
        bytes = rest;
    }
    bytes
}

impl Rest {
    fn amid(&self) -> Option<usize> {
        let amid = self.lost.is_none() && (!self.held.is_empty() || self.skip > 0);
        amid.then_some(self.held.len())
    }

    fn gap(&mut self, missing: u64) {
        let rest = match self.held.first_chunk().copied().and_then(Header::read) {
            Some(header) => u64::from(header.size).saturating_sub(self.held.len() as u64),
            None => self.skip,
        };
        let passed = self.held.len() as u64;
        wipe(&mut self.held);
        self.skip = rest.saturating_sub(missing);
        self.lost = Some(self.lost.unwrap_or(0) + passed);
    }

    fn feed(
        &mut self,
        mut bytes: &[u8],
        channel: Option<u32>,
        limit: usize,
        see: &mut dyn FnMut(Piece<'_>),
    ) {
        while !bytes.is_empty() {
            bytes = self.pass_over(bytes);
            bytes = match (self.lost, self.held.is_empty()) {
                (Some(passed), _) => self.search(bytes, passed, channel, see),
                (None, true) => self.walk(bytes, limit, see),
                (None, false) => self.complete(bytes, limit, see),
            };
        }
    }

    fn pass_over<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let len = (bytes.len() as u64).min(self.skip);
        self.skip -= len;
        if let Some(passed) = &mut self.lost {
            *passed += len;
        }
        bytes.get(len as usize..).unwrap_or(&[])
    }

    /// Shows the chunks that lie whole in `bytes`, holds the last one's start, and gives back what
    /// another way must deal with.
    fn walk<'a>(
        &mut self,
        mut bytes: &'a [u8],
        limit: usize,
        see: &mut dyn FnMut(Piece<'_>),
    ) -> &'a [u8] {
        bytes = whole(bytes, see);
        if let Some(first) = bytes.first_chunk() {
            return match Header::read(*first) {
                Some(header) => self.begin(header, bytes, limit, see),
                None => self.broken(bytes, see),
            };
        }
        self.held.extend_from_slice(bytes);
        &[]
    }

    /// Holds or passes over a chunk of which only the start is there.
    fn begin<'a>(
        &mut self,
        header: Header,
        bytes: &'a [u8],
        limit: usize,
        see: &mut dyn FnMut(Piece<'_>),
    ) -> &'a [u8] {
        if header.size as usize > limit {
            self.skip = u64::from(header.size);
            see(Piece::Oversize(header));
            return bytes;
        }
        self.held.extend_from_slice(bytes);
        &[]
    }

    /// Adds to the chunk that is held, shows it once it is whole, and gives back the rest.
    fn complete<'a>(
        &mut self,
        bytes: &'a [u8],
        limit: usize,
        see: &mut dyn FnMut(Piece<'_>),
    ) -> &'a [u8] {
        let Some(bytes) = self.top_up(HEADER, bytes) else {
            return &[];
        };
        let Some(header) = self.held.first_chunk().copied().and_then(Header::read) else {
            let held = std::mem::take(&mut self.held);
            self.broken(&held, see);
            self.held = held;
            return bytes;
        };
        if header.size as usize > limit {
            self.skip = u64::from(header.size) - self.held.len() as u64;
            self.held.clear();
            see(Piece::Oversize(header));
            return bytes;
        }
        let Some(bytes) = self.top_up(header.size as usize, bytes) else {
            return &[];
        };
        see(Piece::Chunk(header, &self.held));
        wipe(&mut self.held);
        bytes
    }

    /// Holds bytes until there are `wanted`; gives back the rest, or `None` where they are too few.
    fn top_up<'a>(&mut self, wanted: usize, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let more = wanted.saturating_sub(self.held.len());
        let (taken, rest) = bytes.split_at_checked(more).unwrap_or((bytes, &[]));
        self.held.extend_from_slice(taken);
        (taken.len() == more).then_some(rest)
    }

    fn broken<'a>(&mut self, bytes: &'a [u8], see: &mut dyn FnMut(Piece<'_>)) -> &'a [u8] {
        see(Piece::Broken(Malformed {
            field: "message_type",
            offset: 0,
            why: "no chunk begins here",
        }));
        self.lost = Some(0);
        bytes
    }

    /// Looks for a boundary in what is held and fed; keeps the last bytes, where one may be cut off.
    #[cold]
    fn search<'a>(
        &mut self,
        bytes: &'a [u8],
        passed: u64,
        channel: Option<u32>,
        see: &mut dyn FnMut(Piece<'_>),
    ) -> &'a [u8] {
        let before = self.held.len();
        let start = if before == 0 {
            boundary(bytes, channel)
        } else {
            self.held.extend_from_slice(bytes);
            boundary(&self.held, channel)
        };
        let Some(start) = start else {
            self.keep_tail(bytes, passed);
            return &[];
        };
        self.lost = None;
        let passed = passed + start as u64;
        if passed > 0 {
            see(Piece::Resynchronised(passed));
        }
        self.held.truncate(before);
        self.held.drain(..start.min(before));
        bytes.get(start.saturating_sub(before)..).unwrap_or(&[])
    }

    /// Keeps what may be the start of a header, of what `search` put together.
    fn keep_tail(&mut self, bytes: &[u8], passed: u64) {
        if self.held.is_empty() {
            let tail = bytes.len().saturating_sub(HEADER + 3);
            self.held
                .extend_from_slice(bytes.get(tail..).unwrap_or(&[]));
            self.lost = Some(passed + tail as u64);
        } else {
            let tail = self.held.len().saturating_sub(HEADER + 3);
            self.held.drain(..tail);
            self.lost = Some(passed + tail as u64);
        }
    }
}

/// Forgets the bytes, which may have held a password, and keeps the room unless it is large.
pub(super) fn wipe(bytes: &mut Vec<u8>) {
    bytes.fill(0);
    if bytes.capacity() > KEPT {
        *bytes = Vec::new();
    } else {
        bytes.clear();
    }
}

/// How much room an empty buffer keeps, in bytes.
const KEPT: usize = 16 << 10;
