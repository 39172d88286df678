//! Chunk headers: where the next chunk of a stream ends, and where one may begin.
//!
//! Follows OPC 10000-6, 7.1.2.2 (message header: three letters, one letter, size) and 6.7.2.2
//! (`OPN`, `CLO` and `MSG` with final, intermediate and abort chunks). Nothing here looks past the
//! first twelve bytes.

use model::Transport;

use crate::Probe;

/// The bytes of a chunk header.
pub(super) const HEADER: usize = 8;

/// The most bytes that a chunk may claim and still be passed over by its size; a larger claim is
/// taken for a lost boundary.
pub(super) const LARGEST: u32 = 64 << 20;

/// A message type.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Kind {
    Hello,
    Acknowledge,
    Error,
    ReverseHello,
    Open,
    Close,
    Message,
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::Hello,
        Self::Acknowledge,
        Self::Error,
        Self::ReverseHello,
        Self::Open,
        Self::Close,
        Self::Message,
    ];

    /// The three letters.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Hello => "HEL",
            Self::Acknowledge => "ACK",
            Self::Error => "ERR",
            Self::ReverseHello => "RHE",
            Self::Open => "OPN",
            Self::Close => "CLO",
            Self::Message => "MSG",
        }
    }

    /// Whether it belongs to a secure channel.
    pub(super) const fn is_secured(self) -> bool {
        matches!(self, Self::Open | Self::Close | Self::Message)
    }

    /// The fewest and most bytes that a chunk of this type has, header included. Texts of the
    /// connection protocol are at most 4096 bytes long (OPC 10000-6, 7.1.2.3 to 7.1.2.6).
    const fn sizes(self) -> (u32, u32) {
        match self {
            Self::Hello => (32, 32 + 4096),
            Self::Acknowledge => (28, 28),
            Self::Error => (16, 16 + 4096),
            Self::ReverseHello => (16, 16 + 2 * 4096),
            Self::Open => (32, LARGEST),
            Self::Close | Self::Message => (24, LARGEST),
        }
    }
}

/// Where a chunk stands in its message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Chunk {
    Final,
    Intermediate,
    Abort,
}

/// The first eight bytes of a chunk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) chunk: Chunk,
    /// The whole chunk's size in bytes, this header included; at least [`HEADER`].
    pub(super) size: u32,
}

impl Header {
    /// Reads a header; `None` where the letters or the size are no header's.
    pub(super) fn read(bytes: [u8; HEADER]) -> Option<Self> {
        let [a, b, c, letter, size @ ..] = bytes;
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| kind.name().as_bytes() == [a, b, c])?;
        let chunk = match letter {
            b'F' => Chunk::Final,
            b'C' if kind.is_secured() => Chunk::Intermediate,
            b'A' if kind.is_secured() => Chunk::Abort,
            _ => return None,
        };
        let size = u32::from_le_bytes(size);
        (HEADER as u32..=LARGEST)
            .contains(&size)
            .then_some(Self { kind, chunk, size })
    }

    /// Whether the size is one that a chunk of this type can have.
    const fn is_plausible(self) -> bool {
        let (fewest, most) = self.kind.sizes();
        self.size >= fewest && self.size <= most
    }

    /// Whether the four bytes after the header may be this type's: a channel in use, if `channel`
    /// is known that one, for all that follows an `OPN`.
    fn fits(self, after: u32, channel: Option<u32>) -> bool {
        match self.kind {
            Kind::Message | Kind::Close => channel.map_or(after != 0, |known| after == known),
            _ => true,
        }
    }
}

/// Looks at the start of a stream or of a later segment.
pub(super) fn probe(transport: Transport, bytes: &[u8]) -> Probe {
    if transport != Transport::Tcp || !starts_like_one(bytes) {
        return Probe::Never;
    }
    let Some((first, rest)) = bytes.split_first_chunk() else {
        return Probe::Unsure;
    };
    match (Header::read(*first), rest.first_chunk()) {
        (Some(header), _) if !header.is_plausible() => Probe::Never,
        (Some(header), Some(after)) if !header.fits(u32::from_le_bytes(*after), None) => {
            Probe::Never
        }
        (Some(header), None) if header.kind.is_secured() => Probe::Unsure,
        (Some(_), _) => Probe::Sure,
        (None, _) => Probe::Never,
    }
}

/// Whether the first bytes, four at most, may be a type and chunk letter.
fn starts_like_one(bytes: &[u8]) -> bool {
    let seen = bytes.get(..3).unwrap_or(bytes);
    Kind::ALL
        .iter()
        .any(|kind| kind.name().as_bytes().starts_with(seen))
        && bytes.get(3).is_none_or(|letter| b"FCA".contains(letter))
}

/// Where in `bytes` a chunk may begin, if anywhere: a plausible header, of the channel that is
/// known, and followed by another header where that much is there to see. A header that is cut off
/// by the end of `bytes` is none yet.
pub(super) fn boundary(bytes: &[u8], channel: Option<u32>) -> Option<usize> {
    let starts = bytes.windows(HEADER + 4).enumerate();
    starts
        .filter(|(_, window)| starts_like_one(window))
        .map(|(start, _)| start)
        .find(|start| bytes.get(*start..).is_some_and(|at| begins(at, channel)))
}

fn begins(bytes: &[u8], channel: Option<u32>) -> bool {
    let Some((first, rest)) = bytes.split_first_chunk() else {
        return false;
    };
    let (Some(header), Some(after)) = (Header::read(*first), rest.first_chunk()) else {
        return false;
    };
    let next = bytes.get(header.size as usize..).unwrap_or(&[]);
    header.is_plausible()
        && header.fits(u32::from_le_bytes(*after), channel)
        && (next.is_empty() || starts_like_one(next))
}
