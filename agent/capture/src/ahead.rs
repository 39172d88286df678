//! Reading ahead: a thread of its own reads, and unpacks, what comes next of a file.
//!
//! What the system takes to hand out a file's bytes is then no longer the reader's time. Bytes are read into a few large blocks
//! that go round between the two threads, so that memory stays bounded and nobody waits for a single frame. A file that is used
//! up within its first window starts no thread; nor does one of more files than are read ahead at a time, or on a machine with
//! a single core: their bytes are read when they are wanted.

use std::io::{self, Read};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crate::input::Input;

/// A file that is read ahead.
#[derive(Debug)]
pub(crate) struct Ahead {
    blocks: Receiver<io::Result<Block>>,
    spare: Sender<Vec<u8>>,
    _turn: Turn,
}

/// Bytes that were read ahead.
#[derive(Debug)]
pub(crate) struct Block {
    /// Room for [`Ahead::ROOM`] bytes, then what was read.
    pub(crate) buffer: Vec<u8>,
    /// How many bytes were read: none where the file is over.
    pub(crate) read: usize,
    /// How many bytes of the file on disk were read by then.
    pub(crate) position_bytes: u64,
}

impl Ahead {
    /// How many bytes a block has room for before what was read: the start of a record that began in the block before.
    pub(crate) const ROOM: usize = 64 << 10;

    /// Reads on from where `input` stands; or gives it back, where that is not to be done ahead.
    pub(crate) fn start(input: Input) -> Result<Self, Input> {
        let Some(turn) = Turn::take() else {
            return Err(input);
        };
        let (blocks_in, blocks) = channel();
        let (spare, spares) = channel();
        for _ in 1..BLOCKS {
            // The other end is here, so that it is not gone. The last of them is the first window.
            let _ = spare.send(Vec::new());
        }
        // The input goes by a channel of its own: where no thread can be had, it is still here.
        let (hand, handed) = channel();
        let reader = thread::Builder::new().name("read ahead".to_owned());
        let started = reader.spawn(move || {
            if let Ok(input) = handed.recv() {
                run(input, &spares, &blocks_in);
            }
        });
        if started.is_err() {
            return Err(input);
        }
        match hand.send(input) {
            Ok(()) => Ok(Self {
                blocks,
                spare,
                _turn: turn,
            }),
            Err(input) => Err(input.0),
        }
    }

    /// The next bytes. After the last of them, or a failure, there are no more.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub(crate) fn next(&self) -> io::Result<Block> {
        let gone = |_| io::Error::other("it is not read ahead any more");
        self.blocks.recv().map_err(gone)?
    }

    /// Takes back a block that was used up.
    pub(crate) fn reuse(&self, buffer: Vec<u8>) {
        // Where the file is over, nobody needs it.
        let _ = self.spare.send(buffer);
    }
}

/// Reads until the file is over, fails, or is no longer wanted.
fn run(mut input: Input, spares: &Receiver<Vec<u8>>, blocks: &Sender<io::Result<Block>>) {
    while let Ok(buffer) = spares.recv() {
        let block = fill(&mut input, buffer);
        let goes_on = block.as_ref().is_ok_and(|block| block.read > 0);
        if blocks.send(block).is_err() || !goes_on {
            return;
        }
    }
}

fn fill(input: &mut Input, mut buffer: Vec<u8>) -> io::Result<Block> {
    buffer.resize(Ahead::ROOM + BLOCK_BYTES, 0);
    let read = read(input, buffer.get_mut(Ahead::ROOM..).unwrap_or_default())?;
    Ok(Block {
        buffer,
        read,
        position_bytes: input.position_bytes(),
    })
}

/// Reads what there is, as the system hands it out: a pipe's bytes are passed on as they come.
pub(crate) fn read(input: &mut Input, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

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
        TAKEN
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, free)
            .is_ok()
            .then_some(Self)
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
