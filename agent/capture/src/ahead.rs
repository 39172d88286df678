//! Reading ahead: a thread of its own reads, and unpacks, what comes next of a file, finds its frames, and tells of each what
//! can be told before its turn.
//!
//! What the system takes to hand out a file's bytes, and what finding frames takes, is then no longer the reader's time. Bytes are
//! read into a few large blocks that go round between the two threads, each with the list of its frames, so that memory stays
//! bounded and nobody waits for a single frame. A file that is used
//! up within its first window starts no thread; nor does one of more files than are read ahead at a time, or on a machine with
//! a single core: their bytes are read when they are wanted.

use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread;

use model::{Frame, Listed, Tagger};

use crate::batch::{Batch, Place, Room};
use crate::record::{Flaw, Record};
use crate::walk::Walk;

/// A file that is read ahead.
#[derive(Debug)]
pub(crate) struct Ahead {
    batches: Receiver<Sent>,
    /// The batch that frames are lent from, and how many of it were.
    batch: Option<Arc<Batch>>,
    lent: usize,
    /// How many bytes of the file on disk were used by the end of the batch before.
    position_bytes: u64,
    home: Sender<Option<Room>>,
    _turn: Turn,
}

/// What a thread that reads ahead sends.
#[derive(Debug)]
enum Sent {
    Batch(Arc<Batch>),
    /// There are no more, so many bytes of the file on disk were used, and why, where it is damaged.
    End(u64, Option<Box<Flaw>>),
}

/// Where frames that were found go.
#[derive(Debug)]
pub(crate) struct Onward {
    batches: Sender<Sent>,
    /// Rooms to be filled; nothing once nobody wants them any more.
    rooms: Receiver<Option<Room>>,
    home: Sender<Option<Room>>,
    listed: Vec<Listed>,
    /// The number of the first that is listed, and the file's.
    first: u64,
    source: u16,
    tagger: Option<Tagger>,
}

impl Ahead {
    /// Reads on from where a walk stands, behind the frame `last`, with the number of its next frame and of its file; or gives it
    /// back, where that is not to be done ahead.
    pub(crate) fn start(
        mut walk: Walk,
        last: &Record,
        (first, source): (u64, u16),
        tagger: Option<Tagger>,
    ) -> Result<Self, Box<Walk>> {
        walk.window.settle();
        let Some(turn) = Turn::take() else {
            return Err(Box::new(walk));
        };
        let (batches_in, batches) = channel();
        let (home, rooms) = channel();
        for _ in 1..BLOCKS {
            // The other end is here, so that it is not gone. The last of them is the first window.
            let _ = home.send(Some(Room::default()));
        }
        let position_bytes = walk.window.position_bytes();
        walk.window.hand_to(Onward {
            batches: batches_in,
            rooms,
            home: home.clone(),
            listed: Vec::new(),
            first,
            source,
            tagger,
        });
        // The walk goes by a channel of its own: where no thread can be had, it is still here.
        let (hand, handed) = channel();
        let reader = thread::Builder::new().name("read ahead".to_owned());
        let last = last.clone();
        let started = reader.spawn(move || {
            if let Ok(walk) = handed.recv() {
                run(walk, last);
            }
        });
        let refused = match started {
            Ok(_) => hand.send(walk).err().map(|unsent| unsent.0),
            Err(_) => Some(walk),
        };
        if let Some(mut walk) = refused {
            walk.window.keep();
            return Err(Box::new(walk));
        }
        Ok(Self {
            batches,
            batch: None,
            lent: 0,
            position_bytes,
            home,
            _turn: turn,
        })
    }

    /// Moves to the next frame; false where the file is over.
    ///
    /// # Errors
    ///
    /// When it is damaged.
    #[inline]
    pub(crate) fn advance(&mut self) -> Result<bool, Box<Flaw>> {
        if self.is_between() {
            self.batch = self.batch()?;
            self.lent = 0;
        }
        self.lent += 1;
        Ok(self.batch.is_some())
    }

    /// The frame that was moved to last.
    #[inline]
    pub(crate) fn frame(&self) -> Frame<'_> {
        let Some(batch) = &self.batch else {
            return NO_FRAME;
        };
        let frame = batch.frames().at(self.lent.saturating_sub(1));
        frame.unwrap_or(NO_FRAME)
    }

    /// Whether no frame of a batch is left to be lent.
    #[inline]
    pub(crate) fn is_between(&self) -> bool {
        self.batch
            .as_ref()
            .is_none_or(|batch| batch.len() <= self.lent)
    }

    /// The next batch; none where the file is over. What was lent of the one before is given back.
    ///
    /// # Errors
    ///
    /// When the file is damaged.
    #[cold]
    pub(crate) fn batch(&mut self) -> Result<Option<Arc<Batch>>, Box<Flaw>> {
        self.batch = None;
        match self.batches.recv() {
            Ok(Sent::Batch(batch)) => {
                self.position_bytes = batch.position_bytes(batch.len());
                Ok(Some(batch))
            }
            Ok(Sent::End(position_bytes, flaw)) => {
                self.position_bytes = position_bytes;
                flaw.map_or(Ok(None), Err)
            }
            Err(_) => Err(Flaw::new(0, "it is not read ahead any more")),
        }
    }

    /// How many bytes of the file on disk were used.
    pub(crate) fn position_bytes(&self) -> u64 {
        let batch = self.batch.as_ref();
        batch.map_or(self.position_bytes, |batch| batch.position_bytes(self.lent))
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        // Where the thread waits for a room, it learns so that there is no need.
        let _ = self.home.send(None);
    }
}

impl Onward {
    /// Whether some frame waits to be handed on.
    pub(crate) const fn has_frames(&self) -> bool {
        !self.listed.is_empty()
    }

    /// Notes a frame that was found.
    #[inline]
    pub(crate) fn note(&mut self, record: &Record, bytes: &[u8]) {
        let frame = Frame {
            number: self.first + self.listed.len() as u64,
            time: record.time,
            link: record.link,
            bytes,
            wire_len: record.wire_len,
            source: self.source,
        };
        self.listed.push(Listed {
            time: record.time,
            link: record.link,
            wire_len: record.wire_len,
            start: record.place.start as u32,
            len: bytes.len() as u32,
            tag: self.tagger.as_ref().and_then(|tagger| tagger.tag(&frame)),
        });
    }

    /// Hands on all frames that were noted, with the buffer that they lie in, and leaves another one that starts with the
    /// `rest` of it.
    ///
    /// # Errors
    ///
    /// When nobody wants them any more.
    pub(crate) fn hand_on(
        &mut self,
        buffer: &mut Vec<u8>,
        rest: Range<usize>,
        place: Place,
    ) -> io::Result<()> {
        let gone = || io::Error::other("nobody reads it any more");
        let Ok(Some(Room { mut bytes, listed })) = self.rooms.recv() else {
            return Err(gone());
        };
        let left = buffer.get(rest).unwrap_or_default();
        if bytes.len() < BLOCK_BYTES.max(left.len()) {
            bytes.resize(BLOCK_BYTES.max(left.len()), 0);
        }
        if let Some(start) = bytes.get_mut(..left.len()) {
            start.copy_from_slice(left);
        }
        let found = std::mem::replace(&mut self.listed, listed);
        self.listed.clear();
        let room = Room {
            bytes: std::mem::replace(buffer, bytes),
            listed: found,
        };
        let numbered = (self.first, self.source);
        self.first += room.listed.len() as u64;
        let batch = Batch::new(room, numbered, place, self.home.clone());
        let sent = self.batches.send(Sent::Batch(Arc::new(batch)));
        sent.map_err(|_| gone())
    }
}

/// Reads until the file is over, is damaged, or is no longer wanted.
fn run(mut walk: Walk, mut record: Record) {
    let flaw = loop {
        match walk.next(&mut record) {
            Ok(true) => walk.window.note(&record),
            Ok(false) => break None,
            Err(flaw) => break Some(flaw),
        }
    };
    if let Some((onward, position_bytes)) = walk.window.end() {
        // Where nobody reads any more, nobody needs to know.
        let _ = onward.batches.send(Sent::End(position_bytes, flaw));
    }
}

/// What is lent where there is nothing.
const NO_FRAME: Frame<'static> = Frame {
    number: 0,
    time: Record::NONE.time,
    link: Record::NONE.link,
    bytes: &[],
    wire_len: 0,
    source: 0,
};

/// One of the files that are read ahead at a time.
#[derive(Debug)]
struct Turn;

impl Turn {
    fn take() -> Option<Self> {
        let cores = CORES.get_or_init(|| thread::available_parallelism().map_or(1, usize::from));
        if *cores < 2 {
            return None;
        }
        let free = |taken| (taken < FILES).then_some(taken + 1);
        // one that was made would be given back
        let taken = TAKEN.fetch_update(Ordering::Relaxed, Ordering::Relaxed, free);
        taken.ok().map(|_| Self)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        TAKEN.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many files are read ahead now.
static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// How many cores there are for this process.
static CORES: OnceLock<usize> = OnceLock::new();

/// How many files are read ahead at a time.
const FILES: usize = 4;

/// How many blocks go round for a file, and how many bytes each has: large enough that handing one over costs nothing, small
/// enough that all stay in the cache that cores share.
const BLOCKS: usize = 4;
const BLOCK_BYTES: usize = 512 << 10;
