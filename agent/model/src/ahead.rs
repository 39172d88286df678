//! What is done for frames before their turn comes: they are found, and what does not depend on other frames is told of each.

use std::fmt;
use std::num::NonZeroU16;
use std::sync::Arc;

use crate::{Frame, LinkType, Mac, Timestamp};

/// What was told of a usual frame: TCP in IPv4 in Ethernet, captured whole, with a right checksum, neither SYN, FIN nor RST.
///
/// The flow layer writes it and reads it. Whoever carries it in between only needs to know whose frame it is.
#[derive(Clone, Copy, Debug)]
pub struct Tag {
    /// A seeded hash of both ends, the same whichever of them sends.
    pub flow: u64,
    /// IPv4 addresses of sender and receiver.
    pub ips: [u32; 2],
    /// Their ports.
    pub ports: [u16; 2],
    /// A hash of both addresses, the same whichever of them sends.
    pub pair: u32,
    /// The sequence number of the first byte.
    pub seq: u32,
    /// The sequence number that is acknowledged.
    pub ack: u32,
    /// A seeded hash of what routing leaves alone, to tell copies by.
    pub print: u32,
    /// Where in the frame the payload starts.
    pub payload_start: NonZeroU16,
    /// How many bytes the payload has.
    pub payload_len: u16,
    /// The hardware address that the frame came from.
    pub source: Mac,
}

/// Who tells what can be told of a frame before its turn comes; on any thread.
#[derive(Clone)]
pub struct Tagger(Arc<Telling>);

type Telling = dyn Fn(&Frame<'_>) -> Option<Tag> + Send + Sync;

/// A frame that lies in a block of others.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    /// When it was captured.
    pub time: Timestamp,
    /// How to read its first bytes.
    pub link: LinkType,
    /// How long it was on the wire, in bytes.
    pub wire_len: u32,
    /// Where in the block its bytes start.
    pub start: u32,
    /// How many bytes were captured of it.
    pub len: u32,
    /// What was told of it.
    pub tag: Option<Tag>,
}

/// Frames that follow each other and lie in one block.
#[derive(Clone, Copy, Debug)]
pub struct Frames<'a> {
    /// The block.
    pub bytes: &'a [u8],
    /// The frames in it, in their order.
    pub listed: &'a [Listed],
    /// The number of the first of them.
    pub first: u64,
    /// Which interface or capture file they came from, counted from 0.
    pub source: u16,
}

impl Tagger {
    /// One that tells what a function tells.
    pub fn new(tag: impl Fn(&Frame<'_>) -> Option<Tag> + Send + Sync + 'static) -> Self {
        Self(Arc::new(tag))
    }

    /// What can be told of a frame.
    pub fn tag(&self, frame: &Frame<'_>) -> Option<Tag> {
        (self.0)(frame)
    }
}

impl fmt::Debug for Tagger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tagger").finish_non_exhaustive()
    }
}

impl<'a> Frames<'a> {
    /// The first `count` of them, all where there are fewer, and the rest.
    #[must_use]
    pub fn split_at(self, count: usize) -> (Self, Self) {
        let (head, tail) = self.listed.split_at(count.min(self.listed.len()));
        let rest = Self {
            listed: tail,
            first: self.first + head.len() as u64,
            ..self
        };
        (
            Self {
                listed: head,
                ..self
            },
            rest,
        )
    }

    /// The frame at a place of the list.
    #[inline]
    pub fn at(&self, place: usize) -> Option<Frame<'a>> {
        let listed = self.listed.get(place)?;
        Some(self.frame(place, listed))
    }

    /// A listed frame, which is at this place of the list.
    #[inline]
    pub fn frame(&self, place: usize, listed: &Listed) -> Frame<'a> {
        let start = listed.start as usize;
        let bytes = self.bytes.get(start..start + listed.len as usize);
        Frame {
            number: self.first + place as u64,
            time: listed.time,
            link: listed.link,
            bytes: bytes.unwrap_or(&[]),
            wire_len: listed.wire_len,
            source: self.source,
        }
    }
}
