//! Parts: a long message comes in several, each a COTP message with a head of its own; only the last has a
//! trailer. Version 3 puts a digest before the content of each.
//!
//! A message in one part is borrowed. Of one in several, at most the message limit is kept; what comes after that
//! is dropped and said, and the message is told by what was kept.

use model::Malformed;

use super::PROTOCOL_ID;
use super::head::Head;
use crate::reader::Reader;

/// Buffers larger than this are given back once their message was told.
const KEPT: usize = 4 << 10;
/// The length of a digest.
const DIGEST: u8 = 0x20;

/// One part of a message.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Part<'a> {
    /// The protocol version: 1 to 3, or from 0xfe for signs of life.
    pub(in super::super) version: u8,
    /// What it holds, without its digest.
    pub(in super::super) content: &'a [u8],
    /// Whether it has a digest.
    pub(in super::super) digest: bool,
    /// Whether it is the last part of its message.
    pub(in super::super) last: bool,
}

impl<'a> Part<'a> {
    /// Reads a part.
    ///
    /// # Errors
    ///
    /// Where the part ends before its length.
    pub(in super::super) fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        reader.u8("protocol_id")?;
        let version = reader.u8("plus_version")?;
        let len = reader.u16("plus_length")?;
        let content = reader.take("plus_data", len.into())?;
        let (content, digest) = match content {
            [DIGEST, rest @ ..] if version == 3 => {
                (rest.get(DIGEST.into()..).unwrap_or_default(), true)
            }
            _ => (content, false),
        };
        Ok(Self {
            version,
            content,
            digest,
            last: version >= 0xfe || reader.peek().first() == Some(&PROTOCOL_ID),
        })
    }

    /// The head of the message that it begins.
    pub(in super::super) fn head(&self) -> Head {
        Head::read(self.version, &mut Reader::new(self.content))
    }
}

/// The parts of one direction's message that came so far.
#[derive(Debug, Default)]
pub(in super::super) struct Joint {
    // INVARIANT: at most the message limit; empty unless `open`.
    bytes: Vec<u8>,
    open: bool,
    cut: bool,
}

impl Joint {
    /// Whether more parts are to come.
    pub(in super::super) const fn is_open(&self) -> bool {
        self.open
    }

    /// Adds a part; gives the message's length so far where it grows over the limit with it.
    pub(in super::super) fn add(&mut self, content: &[u8], limit: usize) -> Option<usize> {
        self.open = true;
        let len = self.bytes.len() + content.len();
        if self.cut {
            return None;
        }
        if len > limit {
            self.cut = true;
            return Some(len);
        }
        self.bytes.extend_from_slice(content);
        None
    }

    /// Takes out what was joined.
    pub(in super::super) fn take(&mut self) -> Vec<u8> {
        let bytes = std::mem::take(&mut self.bytes);
        (self.open, self.cut) = (false, false);
        bytes
    }

    /// Takes the buffer back.
    pub(in super::super) fn recycle(&mut self, mut bytes: Vec<u8>) {
        bytes.clear();
        if bytes.capacity() <= KEPT {
            self.bytes = bytes;
        }
    }

    /// How many bytes are held on the heap.
    pub(in super::super) fn held_bytes(&self) -> usize {
        self.bytes.capacity()
    }
}
