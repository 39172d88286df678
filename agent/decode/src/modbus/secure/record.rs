//! One direction of TLS records: a header of five bytes, then as many as it says.
//!
//! RFC 5246, 6.2.1; RFC 8446, 5.1. Payload is lent as it comes and never held. After lost bytes the next
//! segment that starts with a header is a boundary.

use model::Malformed;

/// What a record carries.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Content {
    /// From here on the sender's records are encrypted.
    ChangeCipherSpec,
    /// A warning or an end.
    Alert,
    /// Messages of the handshake, or parts of such.
    Handshake,
    /// Anything else.
    ApplicationData,
}

impl Content {
    const fn of(code: u8) -> Option<Self> {
        match code {
            20 => Some(Self::ChangeCipherSpec),
            21 => Some(Self::Alert),
            22 => Some(Self::Handshake),
            23 => Some(Self::ApplicationData),
            _ => None,
        }
    }
}

/// What the next bytes of a direction are.
pub(super) enum Piece<'a> {
    /// A record starts.
    Starts(Content),
    /// Bytes of the record that has started last.
    Payload(Content, &'a [u8]),
    /// No record: the boundary is lost.
    Malformed(Malformed),
    /// The boundary was found again.
    Resynchronised(u64),
    /// Nothing more until more bytes come.
    Starved,
}

/// One direction's place in its records.
#[derive(Debug)]
pub(super) struct Records {
    // INVARIANT: the first `filled` bytes of `header` were read; fewer than five.
    header: [u8; HEADER],
    filled: usize,
    content: Content,
    left: usize,
    /// How many bytes were passed over since the boundary was lost.
    lost: Option<u64>,
}

impl Default for Records {
    fn default() -> Self {
        Self {
            header: [0; HEADER],
            filled: 0,
            content: Content::Handshake,
            left: 0,
            lost: None,
        }
    }
}

impl Records {
    /// The next piece; takes it from the bytes. `is_fresh` says that they are a segment from its start.
    pub(super) fn next<'b>(&mut self, bytes: &mut &'b [u8], is_fresh: bool) -> Piece<'b> {
        if bytes.is_empty() {
            return Piece::Starved;
        }
        match self.lost {
            Some(skipped_bytes) => self.seek(skipped_bytes, bytes, is_fresh),
            None if self.left > 0 => self.payload(bytes),
            None => self.start(bytes),
        }
    }

    /// Bytes are missing behind what was read.
    pub(super) fn lose(&mut self) {
        *self = Self {
            lost: Some(self.lost.unwrap_or(0) + self.filled as u64),
            ..Self::default()
        };
    }

    fn payload<'b>(&mut self, bytes: &mut &'b [u8]) -> Piece<'b> {
        let (payload, rest) = bytes.split_at_checked(self.left).unwrap_or((bytes, &[]));
        *bytes = rest;
        self.left -= payload.len();
        Piece::Payload(self.content, payload)
    }

    fn start<'b>(&mut self, bytes: &mut &'b [u8]) -> Piece<'b> {
        while let ([first, rest @ ..], Some(place)) = (*bytes, self.header.get_mut(self.filled)) {
            *place = *first;
            *bytes = rest;
            self.filled += 1;
        }
        if self.filled < HEADER {
            return Piece::Starved;
        }
        self.filled = 0;
        match read(&self.header) {
            Some((content, length)) => {
                self.content = content;
                self.left = length.into();
                Piece::Starts(content)
            }
            None => {
                self.lost = Some(HEADER as u64);
                Piece::Malformed(NO_RECORD)
            }
        }
    }

    fn seek<'b>(&mut self, skipped_bytes: u64, bytes: &mut &'b [u8], is_fresh: bool) -> Piece<'b> {
        if is_fresh && bytes.len() > HEADER && may_begin(bytes) {
            self.lost = None;
            return Piece::Resynchronised(skipped_bytes);
        }
        self.lost = Some(skipped_bytes + bytes.len() as u64);
        *bytes = &[];
        Piece::Starved
    }
}

/// Whether the bytes start with a header, as far as they go.
pub(super) fn may_begin(bytes: &[u8]) -> bool {
    let [content, rest @ ..] = bytes else {
        return true;
    };
    let Some(content) = Content::of(*content) else {
        return false;
    };
    let is_version = match rest {
        [] => true,
        [major] => *major == 3,
        [major, minor, ..] => *major == 3 && (1..=4).contains(minor),
    };
    let length = bytes.first_chunk().and_then(read);
    is_version && (bytes.len() < HEADER || length.is_some()) && is_plausible(content, bytes)
}

/// Whether a handshake record starts with a message that opens one or goes on with it.
fn is_plausible(content: Content, bytes: &[u8]) -> bool {
    match (content, bytes.get(HEADER..)) {
        (Content::Handshake, Some([1 | 2, high, ..])) => *high == 0,
        _ => true,
    }
}

fn read(header: &[u8; HEADER]) -> Option<(Content, u16)> {
    let [content, major, minor, length @ ..] = *header;
    let length = u16::from_be_bytes(length);
    let is_version = major == 3 && minor <= 4;
    let content = Content::of(content).filter(|_| is_version)?;
    (1..=LONGEST).contains(&length).then_some((content, length))
}

/// Content type, version and length.
const HEADER: usize = 5;
/// The most bytes of a record: 16 KiB and what encryption may add (RFC 5246, 6.2.3).
const LONGEST: u16 = (1 << 14) + 2048;

const NO_RECORD: Malformed = Malformed {
    field: "content_type",
    offset: 0,
    why: "no TLS record starts here",
};
