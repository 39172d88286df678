//! A window that moves over the bytes of a file: frames are borrowed from it, not copied.
//!
//! Reading into a window costs a few nanoseconds a frame more than mapping the file would (18 where
//! a mapping took 12), and a file that is longer than the first window is read [ahead](crate::ahead) by
//! another thread. In return a file that is cut short while it is read cannot kill the process,
//! and pipes and gzip go the same way.
//!
//! It starts small and grows to what one record needs; whoever asks for a length has checked that
//! it is plausible, so the window stays as small as the largest record that is read.

use std::io;
use std::ops::Range;

use crate::ahead::{self, Ahead, Block};
use crate::input::Input;

/// The bytes of a file from where reading stands, as far as they were asked for.
#[derive(Debug)]
pub(crate) struct Window {
    source: Source,
    /// Whether the file is packed: then what is ahead is no measure of where reading stands on disk.
    is_packed: bool,
    buffer: Vec<u8>,
    // INVARIANT: start <= end <= buffer.len(); start..end was read and is not used up.
    start: usize,
    end: usize,
    /// How many bytes of the unpacked file were read: where the one after `end` lies.
    read: u64,
}

/// Where the bytes come from.
#[derive(Debug)]
enum Source {
    /// They are read when they are wanted.
    Here(Input),
    /// Another thread reads them; so many bytes of the file on disk were read for the last block.
    Ahead(Ahead, u64),
    /// There are no more; so many bytes of the file on disk were read.
    Over(u64),
}

/// Fewer bytes came than were asked for.
#[derive(Debug)]
pub(crate) struct Short {
    /// How many there are.
    pub(crate) have: usize,
    /// Why there are no more, where it is not the file's end.
    pub(crate) failed: Option<io::Error>,
}

impl Window {
    /// A window on the start of `input`.
    pub(crate) fn new(input: Input) -> Self {
        Self {
            is_packed: matches!(input, Input::Gzip(_)),
            source: Source::Here(input),
            buffer: vec![0; START_BYTES],
            start: 0,
            end: 0,
            read: 0,
        }
    }

    /// Where in the unpacked file reading stands.
    pub(crate) fn offset(&self) -> u64 {
        self.read - self.ahead_bytes() as u64
    }

    /// How many bytes of the file on disk were used up; 0 where it is a pipe.
    pub(crate) fn position_bytes(&self) -> u64 {
        let read = match &self.source {
            Source::Here(input) => input.position_bytes(),
            Source::Ahead(_, position_bytes) | Source::Over(position_bytes) => *position_bytes,
        };
        if self.is_packed {
            return read;
        }
        read.saturating_sub(self.ahead_bytes() as u64)
    }

    /// How many bytes are read and not used up.
    fn ahead_bytes(&self) -> usize {
        self.end - self.start
    }

    /// The next `len` bytes, which stay ahead.
    ///
    /// # Errors
    ///
    /// When the file ends or fails before.
    #[inline]
    pub(crate) fn peek(&mut self, len: usize) -> Result<&[u8], Short> {
        if self.ahead_bytes() < len {
            self.fill(len)?;
        }
        Ok(self.slice(self.start..self.start + len))
    }

    /// Uses up the next `len` bytes, which were peeked at, and tells their place in the window.
    #[inline]
    pub(crate) fn take(&mut self, len: usize) -> Range<usize> {
        let from = self.start;
        self.start = (self.start + len).min(self.end);
        from..self.start
    }

    /// The bytes at a place of the buffer; they stay there until the next `peek` or `skip`.
    #[inline]
    pub(crate) fn slice(&self, place: Range<usize>) -> &[u8] {
        self.buffer.get(place).unwrap_or(&[])
    }

    /// Uses up `len` bytes without looking at them, however many they are.
    ///
    /// # Errors
    ///
    /// When the file ends or fails before.
    pub(crate) fn skip(&mut self, len: usize) -> Result<(), Short> {
        let mut left = len;
        while left > self.ahead_bytes() {
            left -= self.ahead_bytes();
            self.start = self.end;
            self.fill(1)?;
        }
        self.take(left);
        Ok(())
    }

    /// Reads on until `len` bytes are ahead.
    #[cold]
    fn fill(&mut self, len: usize) -> Result<(), Short> {
        if self.read >= START_BYTES as u64 {
            self.look_ahead();
        }
        while self.ahead_bytes() < len {
            match self.read_on(len) {
                Ok(0) => return Err(self.short(None)),
                Ok(more) => self.read += more as u64,
                Err(error) => return Err(self.short(Some(error))),
            }
        }
        Ok(())
    }

    /// Has the rest of the file read ahead, where that can be done.
    fn look_ahead(&mut self) {
        if !matches!(self.source, Source::Here(_)) {
            return;
        }
        if let Source::Here(input) = std::mem::replace(&mut self.source, Source::Over(0)) {
            let position_bytes = input.position_bytes();
            self.source = match Ahead::start(input) {
                Ok(ahead) => Source::Ahead(ahead, position_bytes),
                Err(input) => Source::Here(input),
            };
        }
    }

    /// Reads once, where fewer than `len` bytes are ahead. Where there is nothing more, whoever reads ahead is let go.
    fn read_on(&mut self, len: usize) -> io::Result<usize> {
        let (ahead, position_bytes) = match &mut self.source {
            Source::Over(_) => return Ok(0),
            Source::Here(_) => return self.read_here(len),
            Source::Ahead(ahead, position_bytes) => (ahead, position_bytes),
        };
        let block = ahead.next();
        if let Ok(block) = &block {
            *position_bytes = block.position_bytes;
        }
        if !block.as_ref().is_ok_and(|block| block.read > 0) {
            self.source = Source::Over(*position_bytes);
        }
        Ok(self.take_over(block?))
    }

    /// Goes on in a block that was read ahead, with what is left of the buffer before it.
    fn take_over(&mut self, block: Block) -> usize {
        let Block {
            mut buffer, read, ..
        } = block;
        let rest = self.buffer.get(self.start..self.end).unwrap_or_default();
        let Some(start) = Ahead::ROOM.checked_sub(rest.len()) else {
            return self.append(buffer, read);
        };
        if let Some(room) = buffer.get_mut(start..Ahead::ROOM) {
            room.copy_from_slice(rest);
        }
        (self.start, self.end) = (start, Ahead::ROOM + read);
        let used = std::mem::replace(&mut self.buffer, buffer);
        self.give_back(used);
        read
    }

    /// Puts a block after what is left, which is longer than a block has room for.
    fn append(&mut self, block: Vec<u8>, read: usize) -> usize {
        self.make_room(self.ahead_bytes() + read);
        let room = self.buffer.get_mut(self.end..self.end + read);
        let bytes = block.get(Ahead::ROOM..Ahead::ROOM + read);
        if let (Some(room), Some(bytes)) = (room, bytes) {
            room.copy_from_slice(bytes);
        }
        self.end += read;
        self.give_back(block);
        read
    }

    fn give_back(&self, buffer: Vec<u8>) {
        if let Source::Ahead(ahead, _) = &self.source {
            ahead.reuse(buffer);
        }
    }

    fn read_here(&mut self, len: usize) -> io::Result<usize> {
        self.make_room(len);
        let Source::Here(input) = &mut self.source else {
            return Ok(0);
        };
        let more = ahead::read(input, self.buffer.get_mut(self.end..).unwrap_or_default())?;
        self.end += more;
        Ok(more)
    }

    /// Moves what is ahead to the front, and grows the buffer where `len` bytes do not fit.
    fn make_room(&mut self, len: usize) {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.buffer.len() < len {
            self.buffer.resize(len, 0);
        }
    }

    fn short(&self, failed: Option<io::Error>) -> Short {
        Short {
            have: self.ahead_bytes(),
            failed,
        }
    }
}

/// How large a window starts: large enough that reading costs little, small enough for the cache.
const START_BYTES: usize = 256 << 10;
