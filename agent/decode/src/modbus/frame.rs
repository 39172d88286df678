//! Bytes to whole messages: the MBAP header and what it frames.
//!
//! MODBUS Messaging on TCP/IP V1.0b, 3.1.3: transaction identifier, protocol identifier (always
//! 0), length (unit identifier and PDU), unit identifier; then the PDU, which starts with the
//! function code. A PDU has at most 253 bytes (Application Protocol V1.1b3, 4.1), but UMAS
//! negotiates longer ones.

use model::{Malformed, Transport};

use super::functions::{EXCEPTION_BIT, UMAS, is_public};
use super::layout;
use crate::{Probe, reader::Reader};

/// One whole message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    /// Pairs an answer with its request.
    pub(super) transaction_id: u16,
    /// The length field: unit identifier and PDU, in bytes.
    pub(super) length: u16,
    /// Which device behind the server.
    pub(super) unit_id: u8,
    /// The function code, exception bit included.
    pub(super) code: u8,
    /// What follows the function code.
    pub(super) body: &'a [u8],
}

/// How messages are told apart in what carries them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Framing {
    /// By the MBAP header, on a stream.
    Tcp,
    /// By the MBAP header, in datagrams.
    Udp,
    /// As on a serial line: no header, and a checksum behind the message.
    Rtu,
}

impl Framing {
    /// The word that records use.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Rtu => "rtu",
        }
    }
}

impl From<Transport> for Framing {
    fn from(transport: Transport) -> Self {
        match transport {
            Transport::Tcp => Self::Tcp,
            Transport::Udp | Transport::Ethernet => Self::Udp,
        }
    }
}

/// What the first bytes of a message say of its size.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Measure {
    /// The message is whole and has this many bytes.
    Whole(usize),
    /// At least this many bytes are needed to go on.
    Need(usize),
    /// This starts no message.
    Broken(Malformed),
}

/// The most bytes of one message.
pub(super) const LONGEST: usize = FRAMED + LONGEST_UMAS as usize;

impl<'a> Frame<'a> {
    /// Reads a message that was measured.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let transaction_id = reader.u16("transaction_id")?;
        reader.u16("protocol_id")?;
        Ok(Self {
            transaction_id,
            length: reader.u16("length")?,
            unit_id: reader.u8("unit_id")?,
            code: reader.u8("function")?,
            body: reader.rest(),
        })
    }

    /// The message that a segment is where it holds one whole message and nothing else, as nearly all do: it comes to the same as to
    /// measure and read it.
    #[inline]
    pub(super) fn alone(bytes: &'a [u8]) -> Option<Self> {
        let ([a, b, 0, 0, c, d, unit_id, code], body) = bytes.split_first_chunk()? else {
            return None;
        };
        let length = u16::from_be_bytes([*c, *d]);
        let is_alone = length <= LONGEST_PUBLIC && usize::from(length) + FRAMED == bytes.len();
        is_alone.then_some(Self {
            transaction_id: u16::from_be_bytes([*a, *b]),
            length,
            unit_id: *unit_id,
            code: *code,
            body,
        })
    }

    /// The function code without the exception bit.
    pub(super) const fn function(&self) -> u8 {
        self.code & !EXCEPTION_BIT
    }

    /// Whether the server refuses.
    pub(super) const fn is_exception(&self) -> bool {
        self.code & EXCEPTION_BIT != 0
    }

    /// Whether the specification allows this message, as a request or as an answer.
    pub(super) fn is_proper(&self) -> bool {
        is_public(self.function()) && layout::is_proper(self.code, self.body)
    }
}

/// Measures the message that `bytes` start with.
pub(super) fn measure(bytes: &[u8]) -> Measure {
    match header(bytes) {
        Err(malformed) => Measure::Broken(malformed),
        Ok(None) => Measure::Need(bytes.len() + 1),
        Ok(Some(total)) if bytes.len() < total => Measure::Need(total),
        Ok(Some(total)) => Measure::Whole(total),
    }
}

/// The size of the message, `None` while too little of its header is there.
fn header(bytes: &[u8]) -> Result<Option<usize>, Malformed> {
    let mut reader = Reader::new(bytes);
    if reader.left() >= 4 {
        reader.u16("transaction_id")?;
        if reader.peek().first_chunk() != Some(&[0, 0]) {
            return Err(reader.malformed("protocol_id", "it is not 0"));
        }
        reader.u16("protocol_id")?;
    }
    let Some(length) = reader.peek().first_chunk().filter(|_| reader.offset() > 0) else {
        return Ok(None);
    };
    let length = u16::from_be_bytes(*length);
    match (length, bytes.get(FRAMED + 1)) {
        (0..SHORTEST, _) => Err(reader.malformed("length", "no function fits in")),
        (SHORTEST..=LONGEST_PUBLIC, _) | (..=LONGEST_UMAS, Some(&UMAS)) => {
            Ok(Some(FRAMED + usize::from(length)))
        }
        (..=LONGEST_UMAS, None) => Ok(None),
        _ => Err(reader.malformed("length", "it is longer than a message can be")),
    }
}

/// Looks at bytes that may start a message.
///
/// The fixed bytes of the header alone are too few to be sure: LDAP and others have them by
/// chance. The function must be public and its body what the specification allows; or an
/// exception; or several messages must fill the bytes without rest.
pub(super) fn probe(transport: Transport, bytes: &[u8]) -> Probe {
    match measure(bytes) {
        Measure::Broken(_) => Probe::Never,
        Measure::Need(_) if transport == Transport::Udp => Probe::Never,
        Measure::Need(total) => unfinished(bytes, total),
        Measure::Whole(total) => {
            let (message, rest) = bytes.split_at_checked(total).unwrap_or((bytes, &[]));
            let Ok(frame) = Frame::read(message) else {
                return Probe::Never;
            };
            match (frame.is_proper(), is_lenient(&frame)) {
                (true, _) if transport == Transport::Tcp || rest.is_empty() => Probe::Sure,
                (false, true) => doubtful(transport, rest),
                _ => Probe::Never,
            }
        }
    }
}

/// What a doubtful message is worth by what is behind it: another one without rest makes it sure, and
/// [`SEVERAL`] do so whatever follows them.
fn doubtful(transport: Transport, mut rest: &[u8]) -> Probe {
    let mut messages = 1;
    while let Measure::Whole(total) = measure(rest) {
        rest = rest.get(total..).unwrap_or(&[]);
        messages += 1;
    }
    match (transport, messages) {
        (_, 1) if rest.is_empty() => Probe::Unsure,
        (_, 2..) if rest.is_empty() => Probe::Sure,
        (Transport::Tcp, SEVERAL..) => Probe::Sure,
        (Transport::Tcp, _) if begins(rest) => Probe::Unsure,
        _ => Probe::Never,
    }
}

/// Whether the bytes start with a whole message, and end with one or with what may start another.
pub(super) fn leads(bytes: &[u8]) -> bool {
    matches!(measure(bytes), Measure::Whole(_)) && begins(bytes)
}

/// Whether the bytes could go on to be whole messages.
fn begins(mut bytes: &[u8]) -> bool {
    while let Measure::Whole(total) = measure(bytes) {
        bytes = bytes.get(total..).unwrap_or(&[]);
    }
    matches!(measure(bytes), Measure::Need(_))
}

fn unfinished(bytes: &[u8], total: usize) -> Probe {
    match bytes.get(FRAMED + 1..) {
        Some([code, body @ ..]) => {
            let len = total - FRAMED - 2;
            match !matches!(code, 1..=4) || layout::agrees(*code, body, len) {
                true => Probe::Unsure,
                false => Probe::Never,
            }
        }
        _ => Probe::Unsure,
    }
}

/// A message that may be Modbus although its body is not as specified. The reads are left out:
/// their codes are what other protocols, LDAP among them, have in that place.
const fn is_lenient(frame: &Frame<'_>) -> bool {
    !matches!(frame.code, 1..=4)
}

/// How many doubtful messages in a row are no chance.
const SEVERAL: u32 = 3;
/// The header's bytes that its length field does not count.
pub(super) const FRAMED: usize = 6;
/// Unit identifier and function code.
const SHORTEST: u16 = 2;
/// Unit identifier and the longest PDU of the specification.
const LONGEST_PUBLIC: u16 = 254;
/// More than the 1022 bytes of data that controllers were seen to negotiate for UMAS.
const LONGEST_UMAS: u16 = 1100;
