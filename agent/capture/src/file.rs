//! One capture file: pcap or pcapng, plain or gzipped, in either byte order.
//!
//! Reading streams through a window of bounded size, so that a file may be larger than memory, may
//! be a pipe, and may be cut short while it is read. What can be read is read; then the damage is
//! told, once, with its place; then the file is over. A length that cannot be true is damage and is
//! never allocated: a frame has at most 256 KiB.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::{Frame, Tagger};

use crate::ahead::Ahead;
use crate::batch::Batch;
use crate::input::Input;
use crate::record::{Flaw, Record};
use crate::walk::Walk;
use crate::window::Window;

/// A capture file that is read frame by frame.
#[derive(Debug)]
pub struct CaptureFile {
    path: PathBuf,
    len_bytes: u64,
    reading: Reading,
    /// The frame that was read last, where it was read here.
    current: Record,
    frames: u64,
    source: u16,
    tagger: Option<Tagger>,
    is_shared: bool,
}

/// Who reads a file.
#[derive(Debug)]
enum Reading {
    /// Whoever wants its frames.
    Here(Walk),
    /// A thread of its own, ahead of them.
    Ahead(Ahead),
    /// Nobody: it ended, or is damaged. So many bytes of it were used.
    Over(u64),
}

/// The next of a file.
#[derive(Debug)]
pub enum More<'a> {
    /// A single frame, lent until more is asked for.
    One(Frame<'a>),
    /// Frames that were read ahead.
    Many(Arc<Batch>),
}

impl CaptureFile {
    /// Opens a file and reads its header. The first bytes tell what it is, not its name.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or is no capture.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let failed = |source| OpenError::Io {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(failed)?;
        let len_bytes = file.metadata().map_err(failed)?.len();
        let window = Window::new(Input::new(file).map_err(failed)?);
        Ok(Self {
            reading: Reading::Here(Walk::start(path, window)?),
            path: path.to_owned(),
            len_bytes,
            current: Record::NONE,
            frames: 0,
            source: 0,
            tagger: None,
            is_shared: false,
        })
    }

    /// The same file, of whose frames a tagger tells what it can, where they are read ahead.
    #[must_use]
    pub fn tagged(self, tagger: Tagger) -> Self {
        let tagger = Some(tagger);
        Self { tagger, ..self }
    }

    /// The same file, of which what is read ahead is read by whoever asks for it, not by a thread of its own: for several threads,
    /// of which one asks while the others are busy with batches that they have.
    #[must_use]
    pub fn shared(self) -> Self {
        Self {
            is_shared: true,
            ..self
        }
    }

    /// Reads the next frame. Its bytes are lent until the next call.
    ///
    /// # Errors
    ///
    /// Once, when the file is damaged; all frames before the damage were read, and no more follow.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator cannot lend what its items borrow"
    )]
    #[inline]
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, Damage> {
        Ok(self.advance()?.then(|| self.frame()))
    }

    /// Reads the next frame, or takes all frames that come next and were read ahead. No more are
    /// read ahead while all batches are held.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    #[inline]
    pub fn more(&mut self) -> Result<Option<More<'_>>, Damage> {
        if let Some(batch) = self.batch()? {
            return Ok(Some(More::Many(batch)));
        }
        Ok(self.next()?.map(More::One))
    }

    /// Takes all frames that come next, where they were read ahead and none of them was read; otherwise nothing.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    #[inline]
    pub fn batch(&mut self) -> Result<Option<Arc<Batch>>, Damage> {
        match &mut self.reading {
            Reading::Ahead(ahead) if ahead.is_between() => {
                let batch = ahead.batch();
                self.arrive(batch)
            }
            _ => Ok(None),
        }
    }

    /// The file as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes the file has on disk: the end of a progress bar. A pipe has 0.
    pub fn len_bytes(&self) -> u64 {
        self.len_bytes
    }

    /// How many bytes of the file on disk were used: at most [`Self::len_bytes`] while nobody
    /// writes to it.
    pub fn position_bytes(&self) -> u64 {
        match &self.reading {
            Reading::Here(walk) => walk.window.position_bytes(),
            Reading::Ahead(ahead) => ahead.position_bytes(),
            Reading::Over(position_bytes) => *position_bytes,
        }
    }

    /// The same file, counted as the `source`th of several.
    pub(crate) fn numbered(self, source: u16) -> Self {
        Self { source, ..self }
    }

    /// Moves to the next frame, if there is one.
    #[inline]
    pub(crate) fn advance(&mut self) -> Result<bool, Damage> {
        let found = match &mut self.reading {
            Reading::Here(walk) if walk.window.is_long() => return self.look_ahead(),
            Reading::Here(walk) => walk.next(&mut self.current),
            Reading::Ahead(ahead) => ahead.advance(),
            Reading::Over(_) => return Ok(false),
        };
        match found {
            Ok(true) => {
                self.frames += 1;
                Ok(true)
            }
            Ok(false) => self.finish(),
            Err(flaw) => self.give_up(*flaw),
        }
    }

    /// The frame that was moved to last.
    #[inline]
    pub(crate) fn frame(&self) -> Frame<'_> {
        let bytes = match &self.reading {
            Reading::Here(walk) => walk.window.slice(self.current.place.clone()),
            Reading::Ahead(ahead) => return ahead.frame(),
            Reading::Over(_) => &[],
        };
        Frame {
            number: self.frames,
            time: self.current.time,
            link: self.current.link,
            bytes,
            wire_len: self.current.wire_len,
            source: self.source,
        }
    }

    /// Has the rest of the file read ahead, where that can be done, and moves to the next frame.
    #[cold]
    fn look_ahead(&mut self) -> Result<bool, Damage> {
        if let Reading::Here(walk) = std::mem::replace(&mut self.reading, Reading::Over(0)) {
            let numbered = (self.frames + 1, self.source);
            let tagger = self.tagger.clone();
            let started = match self.is_shared {
                true => Ok(Ahead::shared(walk, &self.current, numbered, tagger)),
                false => Ahead::start(walk, &self.current, numbered, tagger),
            };
            self.reading = match started {
                Ok(ahead) => Reading::Ahead(ahead),
                Err(walk) => Reading::Here(*walk),
            };
        }
        self.advance()
    }

    /// Counts the frames of a batch.
    fn arrive(
        &mut self,
        batch: Result<Option<Arc<Batch>>, Box<Flaw>>,
    ) -> Result<Option<Arc<Batch>>, Damage> {
        match batch {
            Ok(Some(batch)) => {
                self.frames += batch.len() as u64;
                Ok(Some(batch))
            }
            Ok(None) => self.finish().map(|_| None),
            Err(flaw) => self.give_up(*flaw).map(|_| None),
        }
    }

    #[cold]
    fn finish(&mut self) -> Result<bool, Damage> {
        self.reading = Reading::Over(self.position_bytes());
        Ok(false)
    }

    #[cold]
    fn give_up(&mut self, flaw: Flaw) -> Result<bool, Damage> {
        self.reading = Reading::Over(self.position_bytes());
        Err(Damage {
            path: self.path.clone(),
            offset: flaw.offset,
            frames: self.frames,
            why: flaw.why,
        })
    }
}

/// Why a file cannot be opened as a capture.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be read at all.
    #[error("cannot open `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is something else.
    #[error(
        "`{}` is not a capture: {found}; pcap and pcapng are read, also in gzip",
        path.display()
    )]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What it starts with.
        found: String,
    },
    /// The file starts as a capture, but its header cannot be used.
    #[error("`{}` cannot be read as a capture: {why}", path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// A file stops making sense: what came before was read, what comes after was not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Damage {
    /// The file.
    pub path: PathBuf,
    /// Where the record starts that cannot be read, in bytes of the unpacked file.
    pub offset: u64,
    /// How many frames were read before it.
    pub frames: u64,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            offset,
            frames,
            why,
        } = self;
        let path = path.display();
        write!(
            f,
            "`{path}` is damaged at byte {offset}, after frame {frames}: {why}"
        )
    }
}

impl std::error::Error for Damage {}
