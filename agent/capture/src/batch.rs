//! Frames that were found together, with the bytes that they lie in.
//!
//! A batch may be shared by several who read it. When the last of them is done, its memory goes back to whoever fills batches.

use std::sync::mpsc::Sender;

use model::{Batched, Frames, Listing, Tagger};

/// Frames of one file that follow each other.
#[derive(Debug)]
pub struct Batch {
    room: Room,
    /// The number of the first frame, and the file's.
    first: u64,
    source: u16,
    place: Place,
    home: Sender<Option<Room>>,
}

/// Memory for a batch, which goes round between who fills it and who reads it.
#[derive(Debug, Default)]
pub(crate) struct Room {
    pub(crate) bytes: Vec<u8>,
    pub(crate) listing: Listing,
}

/// Where in the file a batch is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// How many bytes of the file on disk were read by then.
    pub(crate) position_bytes: u64,
    /// Where the last byte that was read lies in the batch; none where the file is packed.
    pub(crate) end: Option<usize>,
}

impl Batch {
    /// Frames that were found in a room. Once the batch is dropped, the room is sent `home`.
    pub(crate) const fn new(
        room: Room,
        (first, source): (u64, u16),
        place: Place,
        home: Sender<Option<Room>>,
    ) -> Self {
        Self {
            room,
            first,
            source,
            place,
            home,
        }
    }

    /// The same, of whose frames a tagger told.
    pub(crate) fn told(mut self, tagger: Option<&Tagger>) -> Self {
        let Room { bytes, listing } = &mut self.room;
        if let Some(tagger) = tagger {
            listing.tell(tagger, bytes, (self.first, self.source));
        }
        self
    }

    /// How many there are, at least one.
    #[expect(clippy::len_without_is_empty, reason = "none is empty")]
    pub const fn len(&self) -> usize {
        self.room.listing.len()
    }

    /// How many bytes of the file on disk were used once so many of the frames were.
    pub(crate) fn position_bytes(&self, used: usize) -> u64 {
        let last = used
            .checked_sub(1)
            .and_then(|last| self.room.listing.listed().get(last));
        let used = last.map_or(0, |frame| (frame.start + frame.len) as usize);
        let ahead = self
            .place
            .end
            .map_or(0, |end| end.saturating_sub(used) as u64);
        self.place.position_bytes.saturating_sub(ahead)
    }
}

impl Batched for Batch {
    #[inline]
    fn frames(&self) -> Frames<'_> {
        Frames {
            bytes: &self.room.bytes,
            listing: &self.room.listing,
            first: self.first,
            source: self.source,
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // Where the file is over, nobody needs it.
        let _ = self.home.send(Some(std::mem::take(&mut self.room)));
    }
}
