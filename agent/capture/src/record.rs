//! What the two file formats have in common: byte order, a record that was found, and a flaw.

use std::ops::Range;

use model::{LinkType, Timestamp};

use crate::window::Short;

/// The byte order that a file, or a section of it, was written in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Order {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

impl Order {
    #[inline]
    pub(crate) fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    #[inline]
    pub(crate) fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    /// The two halves of a word, in the order that they lie in the file.
    #[inline]
    pub(crate) fn halves(self, [a, b, c, d]: [u8; 4]) -> (u16, u16) {
        (self.u16([a, b]), self.u16([c, d]))
    }
}

/// A frame that was found: everything but its bytes, which lie in the window.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) time: Timestamp,
    pub(crate) link: LinkType,
    pub(crate) wire_len: u32,
    /// Where in the window its bytes lie.
    pub(crate) place: Range<usize>,
}

impl Record {
    /// No frame yet.
    pub(crate) const NONE: Self = Self {
        time: Timestamp::from_nanos(0),
        link: LinkType::Null,
        wire_len: 0,
        place: 0..0,
    };
}

/// Where a file stops making sense, and why.
#[derive(Debug)]
pub(crate) struct Flaw {
    pub(crate) offset: u64,
    pub(crate) why: String,
}

impl Flaw {
    /// Boxed, so that the way of every good frame carries only a pointer's width of it.
    #[cold]
    pub(crate) fn new(offset: u64, why: impl Into<String>) -> Box<Self> {
        Box::new(Self {
            offset,
            why: why.into(),
        })
    }

    /// A frame's length is beyond belief.
    #[cold]
    pub(crate) fn implausible(offset: u64, captured: u32) -> Box<Self> {
        let why = format!("a frame of {captured} bytes is beyond belief (at most {FRAME_LIMIT})");
        Self::new(offset, why)
    }

    /// The file stopped, or failed, within `part`, which starts at `offset`.
    #[cold]
    pub(crate) fn cut(offset: u64, part: &str, short: Short) -> Box<Self> {
        let why = match short.failed {
            Some(error) => format!("{part} cannot be read: {error}"),
            None => format!(
                "the file ends within {part}, after {} bytes of it",
                short.have
            ),
        };
        Self::new(offset, why)
    }

    /// The same, unless the file ended properly before `part`: then there is no more.
    #[cold]
    pub(crate) fn unless_end(offset: u64, part: &str, short: Short) -> Result<bool, Box<Self>> {
        match (short.have, &short.failed) {
            (0, None) => Ok(false),
            _ => Err(Self::cut(offset, part, short)),
        }
    }
}

/// The largest frame that is believed, in bytes: what libpcap reads at most (`MAXIMUM_SNAPLEN`).
/// A length beyond it is damage.
pub(crate) const FRAME_LIMIT: u32 = 256 << 10;
