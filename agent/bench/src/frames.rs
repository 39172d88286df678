//! Frames, one after the other in one block of memory.

use std::io::{self, Write};
use std::sync::Arc;

use model::{Batched, Frame, LinkType, Listing, Tagger, Timestamp};

/// Frames that are seven microseconds apart.
#[derive(Debug, Default)]
pub struct Frames {
    bytes: Vec<u8>,
    // End of each frame in `bytes`.
    ends: Vec<usize>,
    /// How many there were before these.
    before: u64,
}

/// Frames that follow each other, as whoever reads ahead hands them on.
#[derive(Debug)]
pub struct Batch {
    bytes: Vec<u8>,
    listing: Listing,
}

impl Batched for Batch {
    fn frames(&self) -> model::Frames<'_> {
        model::Frames {
            bytes: &self.bytes,
            listing: &self.listing,
            first: 0,
            source: 0,
        }
    }
}

impl Frames {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All of them, in order.
    pub fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let spans = starts.zip(&self.ends).zip(self.before + 1..);
        spans.map(|((start, end), number)| {
            let bytes = self.bytes.get(start..*end).unwrap_or_default();
            Frame {
                number,
                time: Timestamp::from_nanos(START_NANOS + number as i64 * APART_NANOS),
                link: LinkType::Ethernet,
                bytes,
                wire_len: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
                source: 0,
            }
        })
    }

    /// All of them in batches of so many, of which a tagger told.
    pub fn batches(&self, tagger: &Tagger, most: usize) -> Vec<Arc<Batch>> {
        let mut batches = Vec::new();
        let mut frames = self.frames().peekable();
        while frames.peek().is_some() {
            let (mut bytes, mut listing) = (Vec::new(), Listing::default());
            for frame in frames.by_ref().take(most.max(1)) {
                let start = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
                listing.push_frame(&frame, start);
                bytes.extend_from_slice(frame.bytes);
            }
            listing.tell(tagger, &bytes, (0, 0));
            batches.push(Arc::new(Batch { bytes, listing }));
        }
        batches
    }

    /// Makes room for the next ones, whose numbers and times go on.
    pub fn clear(&mut self) {
        self.before += self.ends.len() as u64;
        self.bytes.clear();
        self.ends.clear();
    }

    /// Has numbers and times go on after others.
    pub fn follow(&mut self, others: &Self) {
        self.before = others.before + others.len() as u64;
    }

    /// Writes the first `count` as records of a pcap file, as `to` has them after its [header](Self::PCAP_HEADER).
    ///
    /// # Errors
    ///
    /// When writing fails.
    pub fn write_pcap(&self, count: usize, to: &mut impl Write) -> io::Result<()> {
        for frame in self.frames().take(count) {
            let micros = frame.time.as_nanos() / 1_000;
            let fields = [
                u32::try_from(micros / 1_000_000).unwrap_or(u32::MAX),
                (micros % 1_000_000) as u32,
                frame.wire_len,
                frame.wire_len,
            ];
            for field in fields {
                to.write_all(&field.to_le_bytes())?;
            }
            to.write_all(frame.bytes)?;
        }
        Ok(())
    }

    /// What a pcap file of Ethernet frames begins with (draft-ietf-opsawg-pcap, 4).
    pub const PCAP_HEADER: [u8; 24] = [
        0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0, 0,
    ];

    /// Adds a frame that `write` writes; short ones are padded as Ethernet has them.
    pub(crate) fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        write(&mut self.bytes);
        self.bytes.resize(self.bytes.len().max(start + LEAST), 0);
        self.ends.push(self.bytes.len());
    }

    /// The next frame's IP identification.
    pub(crate) fn identification(&self) -> u16 {
        ((self.before + self.ends.len() as u64) & 0xffff) as u16
    }
}

const START_NANOS: i64 = 1_700_000_000_000_000_000;
const APART_NANOS: i64 = 7_000;
/// The shortest Ethernet frame without its checksum.
const LEAST: usize = 60;
