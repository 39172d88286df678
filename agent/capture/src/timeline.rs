//! Several capture files as one timeline.
//!
//! Frames come in the order of capture time; of two at the same time, that of the earlier file
//! comes first. The order within a file is never changed, also where its clock steps back. A file
//! that is damaged ends there, the others go on; the damage is kept for [`Timeline::damages`].
//! All files are open at once, each with a window of a quarter of a megabyte, and up to four of them at
//! a time with four megabytes that are read ahead, frames and what was told of them; how many files that can be
//! is the system's limit of open files. A single file costs nothing extra.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::path::Path;
use std::sync::Arc;

use model::{Frame, Tagger, Timestamp};

use crate::{Batch, CaptureFile, Damage, More, OpenError};

/// Capture files that are read as one.
#[derive(Debug)]
pub struct Timeline {
    files: Vec<CaptureFile>,
    /// The next frame's time of each file that has one, with the file's place in the list. The
    /// first is the one that was lent last.
    heads: BinaryHeap<Reverse<(Timestamp, usize)>>,
    /// Whether every file was moved to its first frame.
    begun: bool,
    damages: Vec<Damage>,
}

impl Timeline {
    /// Opens all files. A frame's `source` is the place of its file in `paths`, counted from 0;
    /// from the 65,536th file on it stays at the last number.
    ///
    /// # Errors
    ///
    /// With the first file that cannot be opened.
    pub fn open<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<Self, OpenError> {
        let sources = (0..=u16::MAX).chain(std::iter::repeat(u16::MAX));
        let files = paths.into_iter().zip(sources);
        let files = files.map(|(path, source)| Ok(CaptureFile::open(path)?.numbered(source)));
        Ok(Self {
            files: files.collect::<Result<_, OpenError>>()?,
            heads: BinaryHeap::new(),
            begun: false,
            damages: Vec::new(),
        })
    }

    /// Reads the next frame of all files. Its bytes are lent until the next call.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator cannot lend what its items borrow"
    )]
    #[inline]
    pub fn next(&mut self) -> Option<Frame<'_>> {
        let place = match self.files.len() {
            1 => advance(&mut self.files, 0, &mut self.damages).map(|_| 0)?,
            _ => self.earliest()?,
        };
        self.files.get(place).map(CaptureFile::frame)
    }

    /// The same files, of whose frames a tagger tells what it can, where they are read ahead.
    #[must_use]
    pub fn tagged(self, tagger: &Tagger) -> Self {
        let files = self.files.into_iter();
        let files = files.map(|file| file.tagged(tagger.clone())).collect();
        Self { files, ..self }
    }

    /// The same file, where there is a single one, of which what is read ahead is read by whichever of several threads [asks](Self::batch)
    /// for it.
    #[must_use]
    pub fn shared(mut self) -> Self {
        if self.files.len() == 1 {
            self.files = self.files.into_iter().map(CaptureFile::shared).collect();
        }
        self
    }

    /// Reads the next frame of all files; or takes all frames that come next, where there is a single file and they were read
    /// ahead.
    #[inline]
    pub fn more(&mut self) -> Option<More<'_>> {
        if self.files.len() != 1 {
            return self.next().map(More::One);
        }
        let Self { files, damages, .. } = self;
        match files.first_mut()?.more() {
            Ok(more) => more,
            Err(damage) => {
                damages.push(damage);
                None
            }
        }
    }

    /// Takes all frames that come next, where there is a single file and they were read ahead; otherwise nothing.
    pub fn batch(&mut self) -> Option<Arc<Batch>> {
        let [file] = self.files.as_mut_slice() else {
            return None;
        };
        match file.batch() {
            Ok(batch) => batch,
            Err(damage) => {
                self.damages.push(damage);
                None
            }
        }
    }

    /// The files that are damaged, as far as was read.
    pub fn damages(&self) -> &[Damage] {
        &self.damages
    }

    /// The files, in the order that they were given.
    pub fn files(&self) -> &[CaptureFile] {
        &self.files
    }

    /// How many bytes all files have on disk.
    pub fn len_bytes(&self) -> u64 {
        self.files.iter().map(CaptureFile::len_bytes).sum()
    }

    /// How many bytes of all files on disk were used.
    pub fn position_bytes(&self) -> u64 {
        self.files.iter().map(CaptureFile::position_bytes).sum()
    }

    /// The file that has the earliest frame, moved to it.
    fn earliest(&mut self) -> Option<usize> {
        if self.begun {
            self.step();
        } else {
            self.begin();
        }
        let Reverse((_, place)) = self.heads.peek()?;
        Some(*place)
    }

    /// Moves every file to its first frame.
    fn begin(&mut self) {
        self.begun = true;
        for place in 0..self.files.len() {
            if let Some(time) = advance(&mut self.files, place, &mut self.damages) {
                self.heads.push(Reverse((time, place)));
            }
        }
    }

    /// Moves on the file whose frame was lent last.
    fn step(&mut self) {
        let Some(mut head) = self.heads.peek_mut() else {
            return;
        };
        let Reverse((_, place)) = *head;
        match advance(&mut self.files, place, &mut self.damages) {
            Some(time) => *head = Reverse((time, place)),
            None => {
                PeekMut::pop(head);
            }
        }
    }
}

/// Moves one file on, and tells the time of the frame that it is at now.
#[inline]
fn advance(
    files: &mut [CaptureFile],
    place: usize,
    damages: &mut Vec<Damage>,
) -> Option<Timestamp> {
    let file = files.get_mut(place)?;
    match file.advance() {
        Ok(found) => found.then(|| file.frame().time),
        Err(damage) => {
            damages.push(damage);
            None
        }
    }
}
