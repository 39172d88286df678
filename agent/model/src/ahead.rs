//! What is done for frames before their turn comes: they are found, and what does not depend on other frames is told of each.

use std::fmt;
use std::num::NonZeroU16;
use std::ops::Range;
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

/// What is told of the frames of a list before their turn comes.
#[derive(Clone, Debug, Default)]
struct Told {
    // INVARIANT: one of these has as many as there are frames, the other has none; or neither has any.
    /// All that can be told, where one takes all frames.
    tags: Vec<Option<Tag>>,
    /// Which of several takes each of them, counted from 0; that one tells the rest to itself.
    lanes: Vec<u8>,
}

/// Who tells of frames before their turn comes; on any thread.
#[derive(Clone)]
pub struct Tagger(Arc<Telling>);

/// It is asked once for a whole list, so that its inner loop is all that a frame costs.
type Telling = dyn Fn(&Frames<'_>, &mut Told) + Send + Sync;

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
}

/// A list of frames, with what was told of them.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    listed: Vec<Listed>,
    told: Told,
    /// Where each came from, where not all came from one place and one after the other; otherwise nothing.
    origins: Vec<Origin>,
    /// Of each [`GROUP`](Self::GROUP) the earliest and the latest time.
    spans: Vec<[Timestamp; 2]>,
}

/// Which frame one of a list is.
#[derive(Clone, Copy, Debug)]
struct Origin {
    number: u64,
    source: u16,
}

/// Frames that follow each other in a list.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a> {
    /// The place of the first in the list.
    pub first: usize,
    /// The frames.
    pub listed: &'a [Listed],
    /// Who takes each of them; nothing where one takes all, or nobody told.
    pub lanes: &'a [u8],
    /// None of them is earlier than the first time, none later than the second.
    pub span: [Timestamp; 2],
}

/// Frames that several threads may read, for as long as one of them holds on to it.
pub trait Batched: Send + Sync {
    /// The frames, in their order.
    fn frames(&self) -> Frames<'_>;
}

/// Frames that follow each other and lie in one block.
#[derive(Clone, Copy, Debug)]
pub struct Frames<'a> {
    /// The block.
    pub bytes: &'a [u8],
    /// The frames in it, in their order.
    pub listing: &'a Listing,
    /// The number of the first of them, where the list does not say which frame each is.
    pub first: u64,
    /// Which interface or capture file they came from, counted from 0; likewise.
    pub source: u16,
}

impl Tagger {
    /// One that tells all that can be told of a frame.
    pub fn of_tags(tag: impl Fn(&Frame<'_>) -> Option<Tag> + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |frames, told| {
            told.tags.extend(frames.iter().map(|frame| tag(&frame)));
        }))
    }

    /// One that tells only which of several takes a frame.
    pub fn of_lanes(lane: impl Fn(&Frame<'_>) -> u8 + Send + Sync + 'static) -> Self {
        Self(Arc::new(move |frames, told| {
            told.lanes.extend(frames.iter().map(|frame| lane(&frame)));
        }))
    }
}

impl fmt::Debug for Tagger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tagger").finish_non_exhaustive()
    }
}

impl Listing {
    /// How many frames a group has; the last of a list may have fewer.
    pub const GROUP: usize = 256;

    /// Adds a frame.
    #[inline]
    pub fn push(&mut self, listed: Listed) {
        let time = listed.time;
        match self.spans.last_mut() {
            Some([earliest, latest]) if !self.listed.len().is_multiple_of(Self::GROUP) => {
                *earliest = time.min(*earliest);
                *latest = time.max(*latest);
            }
            _ => self.spans.push([time; 2]),
        }
        self.listed.push(listed);
    }

    /// Adds a frame that says itself which one it is, and whose bytes start at a place of the block. All of a list do, or none.
    #[inline]
    pub fn push_frame(&mut self, frame: &Frame<'_>, start: u32) {
        self.origins.push(Origin {
            number: frame.number,
            source: frame.source,
        });
        let listed = Listed {
            time: frame.time,
            link: frame.link,
            wire_len: frame.wire_len,
            start,
            len: frame.bytes.len() as u32,
        };
        self.push(listed);
    }

    /// Has a tagger tell of all of them, once all are listed: they lie in `bytes`, and number and file of the first are as
    /// [`Frames`] has them.
    pub fn tell(&mut self, tagger: &Tagger, bytes: &[u8], (first, source): (u64, u16)) {
        let mut told = std::mem::take(&mut self.told);
        told.clear();
        let frames = Frames {
            bytes,
            listing: self,
            first,
            source,
        };
        (tagger.0)(&frames, &mut told);
        self.told = told;
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.listed.clear();
        self.told.clear();
        self.origins.clear();
        self.spans.clear();
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.listed.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// All of them.
    pub fn listed(&self) -> &[Listed] {
        &self.listed
    }

    /// The tags of those at some places; none where lanes were told, or nothing.
    #[inline]
    pub fn tags(&self, places: Range<usize>) -> &[Option<Tag>] {
        self.told.tags.get(places).unwrap_or_default()
    }

    /// Those at some places, group by group.
    pub fn groups(&self, places: Range<usize>) -> impl Iterator<Item = Group<'_>> {
        let first = places.start / Self::GROUP;
        let spans = self.spans.iter().enumerate().skip(first);
        spans.map_while(move |(group, span)| {
            let (from, to) = (group * Self::GROUP, (group + 1) * Self::GROUP);
            let own = places.start.max(from)..places.end.min(to).min(self.len());
            Some(Group {
                first: own.start,
                listed: self.listed.get(own.clone()).filter(|own| !own.is_empty())?,
                lanes: self.told.lanes.get(own).unwrap_or_default(),
                span: *span,
            })
        })
    }
}

impl Told {
    fn clear(&mut self) {
        self.tags.clear();
        self.lanes.clear();
    }
}

impl<'a> Frames<'a> {
    /// All of them, in their order.
    #[inline]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Frame<'a>> {
        let numbered = self.listing.listed.iter().enumerate();
        numbered.map(|(place, listed)| self.frame(place, listed))
    }

    /// The frame at a place of the list.
    #[inline]
    pub fn at(&self, place: usize) -> Option<Frame<'a>> {
        let listed = self.listing.listed.get(place)?;
        Some(self.frame(place, listed))
    }

    /// A listed frame, which is at this place of the list.
    #[inline]
    pub fn frame(&self, place: usize, listed: &Listed) -> Frame<'a> {
        let start = listed.start as usize;
        let bytes = self.bytes.get(start..start + listed.len as usize);
        let origin = self.listing.origins.get(place);
        let (number, source) = origin.map_or_else(
            || (self.first + place as u64, self.source),
            |origin| (origin.number, origin.source),
        );
        Frame {
            number,
            time: listed.time,
            link: listed.link,
            bytes: bytes.unwrap_or(&[]),
            wire_len: listed.wire_len,
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(nanos: impl IntoIterator<Item = i64>) -> Listing {
        let mut listing = Listing::default();
        for nanos in nanos {
            let listed = Listed {
                time: Timestamp::from_nanos(nanos),
                link: LinkType::Ethernet,
                wire_len: 0,
                start: 0,
                len: 0,
            };
            listing.push(listed);
        }
        listing.tell(
            &Tagger::of_lanes(|frame| (frame.number % 3) as u8),
            &[],
            (0, 0),
        );
        listing
    }

    #[test]
    fn groups_hold_what_is_at_the_places_and_say_when_it_was() {
        let count = Listing::GROUP + 10;
        let listing = listing((0..count as i64).rev());
        let groups: Vec<_> = listing.groups(5..count).collect();
        let [first, second] = groups.as_slice() else {
            panic!("{groups:?}");
        };
        assert_eq!((first.first, first.listed.len()), (5, Listing::GROUP - 5));
        assert_eq!((second.first, second.listed.len()), (Listing::GROUP, 10));
        assert_eq!(first.lanes.get(..4), Some([2, 0, 1, 2].as_slice()));
        assert!(listing.tags(0..count).is_empty());
        assert_eq!(second.span.map(Timestamp::as_nanos), [0, 9]);
        assert_eq!(listing.groups(count - 1..count + 7).count(), 1);
        assert_eq!(listing.groups(3..3).count(), 0);
    }
}
