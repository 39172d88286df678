//! Reading ahead: a thread of its own reads, and unpacks, what comes next of a file, finds its frames, and tells of each what
//! can be told before its turn.
//!
//! What the system takes to hand out a file's bytes, and what finding frames takes, is then no longer the reader's time. Bytes are
//! read into a few large blocks that go round between the two threads, each with the list of its frames, so that memory stays
//! bounded and nobody waits for a single frame. A file that is used
//! up within its first window starts no thread; nor does one of more files than are read ahead at a time, or on a machine with
//! a single core: their bytes are read when they are wanted.
//!
//! Where several threads take the batches of one file, none reads for the others: whoever finds that few are left reads the next
//! one, and only who takes a frame tells the rest of it. On as many cores as there are such threads, one more would only be in their
//! way, and what a thread reads itself is in the cache next to it.

use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread;

use model::{Batched as _, Frame, Listed, Listing, Tagger};

use crate::batch::{Batch, Place, Room};
use crate::record::{Flaw, Record};
use crate::walk::Walk;

/// A file that is read ahead.
#[derive(Debug)]
pub(crate) struct Ahead {
    batches: Source,
    /// The batch that frames are lent from, and how many of it were.
    batch: Option<Arc<Batch>>,
    lent: usize,
    /// How many bytes of the file on disk were used by the end of the batch before.
    position_bytes: u64,
    home: Sender<Option<Room>>,
    _turn: Option<Turn>,
}

/// Where batches come from.
#[derive(Debug)]
enum Source {
    /// A thread of its own.
    Thread(Receiver<Sent>),
    /// Whoever asks for them.
    Here(Box<Hand>),
}

/// Reading that goes on when it is asked to.
#[derive(Debug)]
struct Hand {
    walk: Option<Walk>,
    record: Record,
    /// What is said when all batches are taken.
    end: Option<Sent>,
}

/// Where batches go.
#[derive(Debug)]
enum Drain {
    Thread(Sender<Sent>),
    /// It lies here until somebody takes it.
    Here(Option<Arc<Batch>>),
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
    batches: Drain,
    /// Rooms to be filled; nothing once nobody wants them any more.
    rooms: Receiver<Option<Room>>,
    home: Sender<Option<Room>>,
    listing: Listing,
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
        numbered: (u64, u16),
        tagger: Option<Tagger>,
    ) -> Result<Self, Box<Walk>> {
        walk.window.settle();
        let Some(turn) = Turn::take() else {
            return Err(Box::new(walk));
        };
        let (drain, batches) = channel();
        let (onward, home) = Onward::new(Drain::Thread(drain), BLOCKS, numbered, tagger);
        let position_bytes = walk.window.position_bytes();
        walk.window.hand_to(onward);
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
        let batches = Source::Thread(batches);
        Ok(Self::new(batches, position_bytes, home, Some(turn)))
    }

    /// The same, where whoever wants a batch reads it: one of several threads, that is, while the others are busy with what they
    /// have.
    pub(crate) fn shared(
        mut walk: Walk,
        last: &Record,
        numbered: (u64, u16),
        tagger: Option<Tagger>,
    ) -> Self {
        let (onward, home) = Onward::new(Drain::Here(None), SHARED_BLOCKS, numbered, tagger);
        let position_bytes = walk.window.position_bytes();
        walk.window.hand_to(onward);
        let hand = Hand {
            walk: Some(walk),
            record: last.clone(),
            end: None,
        };
        Self::new(Source::Here(Box::new(hand)), position_bytes, home, None)
    }

    const fn new(
        batches: Source,
        position_bytes: u64,
        home: Sender<Option<Room>>,
        turn: Option<Turn>,
    ) -> Self {
        Self {
            batches,
            batch: None,
            lent: 0,
            position_bytes,
            home,
            _turn: turn,
        }
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
        let sent = match &mut self.batches {
            Source::Thread(batches) => batches.recv().ok(),
            Source::Here(hand) => hand.next(),
        };
        match sent {
            Some(Sent::Batch(batch)) => {
                self.position_bytes = batch.position_bytes(batch.len());
                Ok(Some(batch))
            }
            Some(Sent::End(position_bytes, flaw)) => {
                self.position_bytes = position_bytes;
                flaw.map_or(Ok(None), Err)
            }
            None => Err(Flaw::new(0, "it is not read ahead any more")),
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

impl Hand {
    /// Reads the next batch, or what is said behind the last one; nothing behind that.
    fn next(&mut self) -> Option<Sent> {
        while let Some(walk) = &mut self.walk {
            if let Some(batch) = walk.window.found() {
                return Some(Sent::Batch(batch));
            }
            let flaw = match walk.next(&mut self.record) {
                Ok(true) => {
                    walk.window.note(&self.record);
                    continue;
                }
                Ok(false) => None,
                Err(flaw) => Some(flaw),
            };
            let (mut onward, position_bytes) = self.walk.take()?.window.end()?;
            self.end = Some(Sent::End(position_bytes, flaw));
            if let Some(batch) = onward.found() {
                return Some(Sent::Batch(batch));
            }
        }
        self.end.take()
    }
}

impl Onward {
    /// One that fills so many blocks in turn, and where they go once nobody reads them any more.
    fn new(
        batches: Drain,
        blocks: usize,
        (first, source): (u64, u16),
        tagger: Option<Tagger>,
    ) -> (Self, Sender<Option<Room>>) {
        let (home, rooms) = channel();
        for _ in 1..blocks {
            // The other end is here, so that it is not gone. The last of them is the first window.
            let _ = home.send(Some(Room::default()));
        }
        let onward = Self {
            batches,
            rooms,
            home: home.clone(),
            listing: Listing::default(),
            first,
            source,
            tagger,
        };
        (onward, home)
    }

    /// The batch that was handed on last, where nobody took it yet.
    #[inline]
    pub(crate) fn found(&mut self) -> Option<Arc<Batch>> {
        match &mut self.batches {
            Drain::Here(batch) => batch.take(),
            Drain::Thread(_) => None,
        }
    }

    /// Whether some frame waits to be handed on.
    pub(crate) const fn has_frames(&self) -> bool {
        !self.listing.is_empty()
    }

    /// Notes a frame that was found.
    #[inline]
    pub(crate) fn note(&mut self, record: &Record) {
        self.listing.push(Listed {
            time: record.time,
            link: record.link,
            wire_len: record.wire_len,
            start: record.place.start as u32,
            len: record.place.len() as u32,
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
        let Ok(Some(Room {
            mut bytes,
            mut listing,
        })) = self.rooms.recv()
        else {
            return Err(gone());
        };
        let left = buffer.get(rest).unwrap_or_default();
        if bytes.len() < BLOCK_BYTES.max(left.len()) {
            bytes.resize(BLOCK_BYTES.max(left.len()), 0);
        }
        if let Some(start) = bytes.get_mut(..left.len()) {
            start.copy_from_slice(left);
        }
        listing.clear();
        let room = Room {
            bytes: std::mem::replace(buffer, bytes),
            listing: std::mem::replace(&mut self.listing, listing),
        };
        let numbered = (self.first, self.source);
        self.first += room.listing.len() as u64;
        let batch = Batch::new(room, numbered, place, self.home.clone());
        let batch = Arc::new(batch.told(self.tagger.as_ref()));
        match &mut self.batches {
            Drain::Thread(batches) => batches.send(Sent::Batch(batch)).map_err(|_| gone()),
            Drain::Here(found) => {
                *found = Some(batch);
                Ok(())
            }
        }
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
    if let Some((onward, position_bytes)) = walk.window.end()
        && let Drain::Thread(batches) = onward.batches
    {
        // Where nobody reads any more, nobody needs to know.
        let _ = batches.send(Sent::End(position_bytes, flaw));
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
const BLOCK_BYTES: usize = 256 << 10;

/// The same where several threads read in turn: one may be ahead of another by a few.
const SHARED_BLOCKS: usize = 6;
