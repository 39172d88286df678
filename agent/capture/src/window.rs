//! A window that moves over the bytes of a file: frames are borrowed from it, not copied.
//!
//! Reading into a window costs a few nanoseconds a frame more than mapping the file would (18 where
//! a mapping took 12). In return a file that is cut short while it is read cannot kill the process,
//! and pipes and gzip go the same way.
//!
//! It starts small and grows to what one record needs; whoever asks for a length has checked that
//! it is plausible, so the window stays as small as the largest record that is read.

use std::io::{self, Read};
use std::ops::Range;

use crate::input::Input;

/// The bytes of a file from where reading stands, as far as they were asked for.
#[derive(Debug)]
pub(crate) struct Window {
    input: Input,
    buffer: Vec<u8>,
    // INVARIANT: start <= end <= buffer.len(); start..end was read and is not used up.
    start: usize,
    end: usize,
    /// Where in the unpacked file the buffer's first byte lies.
    base: u64,
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
            input,
            buffer: vec![0; START_BYTES],
            start: 0,
            end: 0,
            base: 0,
        }
    }

    /// Where in the unpacked file reading stands.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// The file itself.
    pub(crate) fn input(&self) -> &Input {
        &self.input
    }

    /// How many bytes are read ahead of where reading stands.
    pub(crate) fn ahead_bytes(&self) -> usize {
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
        self.make_room(len);
        while self.ahead_bytes() < len {
            let read = match self
                .input
                .read(self.buffer.get_mut(self.end..).unwrap_or(&mut []))
            {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other,
            };
            match read {
                Ok(0) => return Err(self.short(None)),
                Ok(more) => self.end += more,
                Err(error) => return Err(self.short(Some(error))),
            }
        }
        Ok(())
    }

    /// Moves what is ahead to the front, and grows the buffer where `len` bytes do not fit.
    fn make_room(&mut self, len: usize) {
        self.buffer.copy_within(self.start..self.end, 0);
        self.base += self.start as u64;
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
