//! A window that moves over the bytes of a file: frames are borrowed from it, not copied.
//!
//! Reading into a window costs a few nanoseconds a frame more than mapping the file would (18 where
//! a mapping took 12), and a file that is longer than the first window is read [ahead](crate::ahead) by
//! another thread. In return a file that is cut short while it is read cannot kill the process,
//! and pipes and gzip go the same way.
//!
//! It starts small and grows to what one record needs; whoever asks for a length has checked that
//! it is plausible, so the window stays as small as the largest record that is read.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use crate::ahead::Onward;
use crate::batch::{Batch, Place};
use crate::input::Input;
use crate::record::Record;

/// The bytes of a file from where reading stands, as far as they were asked for.
#[derive(Debug)]
pub(crate) struct Window {
    input: Input,
    buffer: Vec<u8>,
    // INVARIANT: start <= end <= buffer.len(); start..end was read and is not used up.
    start: usize,
    end: usize,
    /// How many bytes of the unpacked file were read: where the one after `end` lies.
    read: u64,
    /// Whether more than the first window was wanted, since somebody asked.
    is_long: bool,
    /// Who gets the frames that were found when the window moves on, where they are read ahead.
    onward: Option<Box<Onward>>,
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
            read: 0,
            is_long: false,
            onward: None,
        }
    }

    /// Where in the unpacked file reading stands.
    pub(crate) fn offset(&self) -> u64 {
        self.read - self.ahead_bytes() as u64
    }

    /// How many bytes of the file on disk were used up; 0 where it is a pipe.
    pub(crate) fn position_bytes(&self) -> u64 {
        let read = self.input.position_bytes();
        if self.is_packed() {
            return read;
        }
        read.saturating_sub(self.ahead_bytes() as u64)
    }

    /// Whether the file is packed: then what is ahead is no measure of where reading stands on disk.
    const fn is_packed(&self) -> bool {
        matches!(self.input, Input::Gzip(_))
    }

    /// How many bytes are read and not used up.
    fn ahead_bytes(&self) -> usize {
        self.end - self.start
    }

    /// Whether more than the first window was wanted, since this was settled.
    #[inline]
    pub(crate) const fn is_long(&self) -> bool {
        self.is_long
    }

    /// Goes on by itself until more is wanted again.
    pub(crate) const fn settle(&mut self) {
        self.is_long = false;
    }

    /// Hands the frames that are found from now on to somebody else, with the bytes that they lie in.
    pub(crate) fn hand_to(&mut self, onward: Onward) {
        self.onward = Some(Box::new(onward));
    }

    /// Takes back what was to be handed on.
    pub(crate) fn keep(&mut self) {
        self.onward = None;
    }

    /// Notes a frame that was found, to be handed on.
    #[inline]
    pub(crate) fn note(&mut self, record: &Record) {
        if let Some(onward) = &mut self.onward {
            onward.note(record);
        }
    }

    /// The batch that was handed on last, where it waits to be taken.
    #[inline]
    pub(crate) fn found(&mut self) -> Option<Arc<Batch>> {
        self.onward.as_mut()?.found()
    }

    /// Hands on what is left, and who it was handed to.
    pub(crate) fn end(mut self) -> Option<(Box<Onward>, u64)> {
        let _ = self.hand_on();
        let position_bytes = self.position_bytes();
        Some((self.onward?, position_bytes))
    }

    /// The bytes that were read and not used up.
    #[inline]
    pub(crate) fn ahead(&self) -> &[u8] {
        self.slice(self.start..self.end)
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
        self.is_long |= self.read >= START_BYTES as u64;
        if let Err(error) = self.hand_on() {
            return Err(self.short(Some(error)));
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

    /// Hands on the frames that were found, with the buffer, and goes on in another one. Whoever waits for them gets them
    /// before anything is waited for here.
    fn hand_on(&mut self) -> io::Result<()> {
        let place = Place {
            position_bytes: self.input.position_bytes(),
            end: (!self.is_packed()).then_some(self.end),
        };
        let Some(onward) = self.onward.as_mut().filter(|onward| onward.has_frames()) else {
            return Ok(());
        };
        let rest = self.start..self.end;
        onward.hand_on(&mut self.buffer, rest, place)?;
        (self.start, self.end) = (0, self.ahead_bytes());
        Ok(())
    }

    /// Reads once, where fewer than `len` bytes are ahead.
    fn read_on(&mut self, len: usize) -> io::Result<usize> {
        self.make_room(len);
        let more = read(
            &mut self.input,
            self.buffer.get_mut(self.end..).unwrap_or_default(),
        )?;
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

/// Reads what there is, as the system hands it out: a pipe's bytes are passed on as they come.
fn read(input: &mut Input, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// How large a window starts: large enough that reading costs little, small enough for the cache.
const START_BYTES: usize = 256 << 10;
