//! Gathering: frames of live ports, copied out of their rings into batches that several threads may share.
//!
//! Blocks go round as they do where a file is read ahead, so that memory stays bounded and nothing is allocated once all were
//! used. A frame keeps its number and the port that it came from.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use model::{Frame, Tagger};

use crate::batch::{Batch, Place, Room};

/// Frames that wait to be a batch.
#[derive(Debug)]
pub struct Gather {
    room: Room,
    /// Rooms that came back.
    rooms: Receiver<Option<Room>>,
    home: Sender<Option<Room>>,
    tagger: Tagger,
}

impl Gather {
    /// Gathers frames, of which a tagger tells what it can.
    pub fn new(tagger: Tagger) -> Self {
        let (home, rooms) = channel();
        for _ in 1..BLOCKS {
            // the other end is here
            let _ = home.send(Some(Room::default()));
        }
        Self {
            room: Room::default(),
            rooms,
            home,
            tagger,
        }
    }

    /// Adds a frame.
    pub fn add(&mut self, frame: &Frame<'_>) {
        let Room { bytes, listing } = &mut self.room;
        let start = bytes.len() as u32;
        bytes.extend_from_slice(frame.bytes);
        listing.push_frame(frame, start);
    }

    /// Whether a batch is large enough to be taken.
    pub const fn is_full(&self) -> bool {
        self.room.bytes.len() >= BLOCK_BYTES
    }

    /// What was gathered, if anything was. Waits for one of six batches to be given back where all are held.
    pub fn take(&mut self) -> Option<Arc<Batch>> {
        if self.room.listing.is_empty() {
            return None;
        }
        let mut next = self.rooms.recv().ok().flatten().unwrap_or_default();
        next.bytes.clear();
        next.listing.clear();
        let room = std::mem::replace(&mut self.room, next);
        let place = Place {
            position_bytes: 0,
            end: None,
        };
        let batch = Batch::new(room, (0, 0), place, self.home.clone());
        Some(Arc::new(batch.told(Some(&self.tagger))))
    }
}

/// How many blocks there are, and from how many bytes on one is full: as where threads read a file in turn.
const BLOCKS: usize = 6;
const BLOCK_BYTES: usize = 256 << 10;

#[cfg(test)]
mod tests {
    use model::{Batched as _, LinkType, Timestamp};

    use super::*;

    #[test]
    fn frames_keep_what_they_are_and_blocks_go_round() {
        let tagger = Tagger::of_lanes(|frame| (frame.number % 2) as u8);
        let mut gather = Gather::new(tagger);
        assert!(gather.take().is_none());
        for round in 0..20 {
            let numbers = [7, 3, 8 + round];
            for (number, source) in numbers.into_iter().zip([0, 1, 0]) {
                gather.add(&Frame {
                    number,
                    time: Timestamp::from_nanos(number as i64),
                    link: LinkType::Ethernet,
                    bytes: &[number as u8; 60][..57 + number.min(3) as usize],
                    wire_len: 60,
                    source,
                });
            }
            let batch = gather.take().unwrap();
            let frames: Vec<_> = (0..3).filter_map(|at| batch.frames().at(at)).collect();
            let told = frames.iter().map(|it| (it.number, it.source, it.bytes[0]));
            let expected = [(7, 0, 7), (3, 1, 3), (8 + round, 0, 8 + round as u8)];
            assert_eq!(told.collect::<Vec<_>>(), expected);
            assert!(frames.iter().all(|frame| frame.bytes.len() == 60));
        }
        assert!(!gather.is_full());
    }
}
