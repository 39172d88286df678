//! Bytes to whole messages by their function and checksum.

use model::{Malformed, Transport};

use crate::Probe;
use crate::modbus::crc::crc16;
use crate::modbus::frame::Frame;
use crate::modbus::functions::is_public;
use crate::modbus::layout::{self, Half, Needed};

/// What the first bytes of a message say of its size.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Measure {
    /// The message is whole, its checksum is right, and it has this many bytes.
    Whole(usize),
    /// At least this many bytes are needed to go on.
    Need(usize),
    /// It is as long as its function needs, and its checksum is wrong.
    Corrupt(Checksum),
    /// This starts no message.
    Broken(Malformed),
}

/// The two checksums of a message: what its bytes give, and what it says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Checksum {
    pub(super) expected: u16,
    pub(super) found: u16,
}

/// Reads a message that was measured.
pub(super) fn read(message: &[u8]) -> Option<Frame<'_>> {
    let (message, _) = message.split_last_chunk::<CHECKSUM>()?;
    let [unit_id, code, body @ ..] = message else {
        return None;
    };
    Some(Frame {
        transaction_id: 0,
        length: u16::try_from(message.len()).unwrap_or(u16::MAX),
        unit_id: *unit_id,
        code: *code,
        body,
    })
}

/// Measures the message that `bytes` start with. `is_segment` says that they are one segment from its
/// start to its end; `ends` that they end where a segment does. What `expected` the sender's messages to
/// be matters only where no checksum is right.
pub(super) fn measure(
    bytes: &[u8],
    ends: bool,
    is_segment: bool,
    expected: Option<Half>,
) -> Measure {
    let [_, code, body @ ..] = bytes else {
        return Measure::Need(bytes.len() + 1);
    };
    if code & 0x7f == 0 {
        return Measure::Broken(NO_FUNCTION);
    }
    let (mut needed, mut corrupt) = (None, None);
    for half in HALVES {
        match extent(*code, half, body) {
            Extent::Total(total) if total > LONGEST => {}
            Extent::Total(total) => match bytes.get(..total) {
                None => needed = smaller(needed, total),
                Some(message) => match checksum(message) {
                    Checksum { expected, found } if expected == found => {
                        return Measure::Whole(total);
                    }
                    wrong if is_segment && total == bytes.len() && expected == Some(half) => {
                        corrupt = Some((wrong, true));
                    }
                    wrong => corrupt = corrupt.or(Some((wrong, false))),
                },
            },
            Extent::AtLeast(total) => needed = smaller(needed, total.max(bytes.len() + 1)),
            Extent::Open(least) => {
                if ends && bytes.len() >= least && bytes.len() <= LONGEST && is_intact(bytes) {
                    return Measure::Whole(bytes.len());
                }
                needed = smaller(needed, least.max(bytes.len() + 1));
            }
        }
    }
    match (needed.filter(|total| *total <= LONGEST), corrupt) {
        (_, Some((checksum, true))) => Measure::Corrupt(checksum),
        (Some(total), _) => Measure::Need(total),
        (None, Some((checksum, false))) => Measure::Corrupt(checksum),
        (None, None) => Measure::Broken(NEVER_INTACT),
    }
}

/// Whether a message that the specification allows starts here, and its size; `None` while it may. One that
/// ends within the first `seen` bytes is none: it was looked at before.
pub(super) fn begins(bytes: &[u8], seen: usize) -> Option<Option<usize>> {
    let [unit, code, body @ ..] = bytes else {
        return None;
    };
    if *unit > LAST_UNIT || !is_public(code & 0x7f) {
        return Some(None);
    }
    let mut may_be = false;
    for half in HALVES {
        match extent(*code, half, body) {
            Extent::Total(total) if total > LONGEST || total <= seen => {}
            Extent::Total(total) => match bytes.get(..total) {
                Some(message) if is_proper(message) => return Some(Some(total)),
                Some(_) => {}
                None => may_be = true,
            },
            Extent::AtLeast(least) => may_be |= least <= LONGEST,
            Extent::Open(_) => {}
        }
    }
    match may_be {
        true => None,
        false => Some(None),
    }
}

/// Whether the bytes start with a message that the specification allows.
pub(in crate::modbus) fn is_message(bytes: &[u8]) -> bool {
    matches!(begins(bytes, 0), Some(Some(_)))
}

/// Looks at bytes that may start a message.
///
/// A checksum is right by chance once in 65 536 times, and bytes that look like a function with the
/// length that it needs are not rare: two messages make it sure, or a long one. A datagram has to be
/// judged alone; there one message is enough if its fields leave chance no room either.
pub(in crate::modbus) fn probe(transport: Transport, bytes: &[u8]) -> Probe {
    let (mut rest, mut messages) = (bytes, 0);
    let mut is_open = false;
    while !rest.is_empty() {
        match begins(rest, 0) {
            Some(Some(total)) => {
                rest = rest.get(total..).unwrap_or(&[]);
                messages += 1;
            }
            Some(None) => break,
            None => {
                is_open = transport == Transport::Tcp;
                break;
            }
        }
    }
    match (transport, messages) {
        (Transport::Tcp, 2..) => Probe::Sure,
        (_, 1..) if rest.is_empty() && bytes.len() >= LONG => Probe::Sure,
        (Transport::Udp, 2..) if rest.is_empty() => Probe::Sure,
        (Transport::Udp, 1) if rest.is_empty() => match is_telling(bytes) {
            true => Probe::Sure,
            false => Probe::Unsure,
        },
        (Transport::Tcp, 1) if rest.is_empty() => Probe::Unsure,
        (Transport::Tcp, _) if is_open || bytes.is_empty() => Probe::Unsure,
        _ => Probe::Never,
    }
}

/// Whether a function's fields rule out nearly all that bytes could be by chance.
fn is_telling(message: &[u8]) -> bool {
    matches!(message, [_, 1..=5 | 15 | 16 | 22 | 23, ..])
}

/// Whether the checksum is right and the fields are what the specification allows.
fn is_proper(message: &[u8]) -> bool {
    is_intact(message)
        && read(message).is_some_and(|frame| layout::is_proper(frame.code, frame.body))
}

/// How long a message is, checksum included.
enum Extent {
    /// So many bytes.
    Total(usize),
    /// The field that tells is not there yet.
    AtLeast(usize),
    /// Nothing tells.
    Open(usize),
}

fn extent(code: u8, half: Half, body: &[u8]) -> Extent {
    match layout::needed(code, half, body) {
        Needed::Exactly(len) => Extent::Total(len + FRAMED),
        Needed::AtLeast(len) if body.len() < len => Extent::AtLeast(len + FRAMED),
        Needed::AtLeast(len) => Extent::Open(len + FRAMED),
    }
}

fn is_intact(message: &[u8]) -> bool {
    let Checksum { expected, found } = checksum(message);
    expected == found
}

fn checksum(message: &[u8]) -> Checksum {
    let (covered, found) = message
        .split_last_chunk::<CHECKSUM>()
        .unwrap_or((message, &[0, 0]));
    Checksum {
        expected: crc16(covered),
        found: u16::from_le_bytes(*found),
    }
}

fn smaller(one: Option<usize>, other: usize) -> Option<usize> {
    Some(one.map_or(other, |one| one.min(other)))
}

const HALVES: [Half; 2] = [Half::Request, Half::Answer];
/// The bytes of a checksum.
const CHECKSUM: usize = 2;
/// Unit, function and checksum.
const FRAMED: usize = 2 + CHECKSUM;
/// The most bytes of a message (MODBUS over Serial Line V1.02, 2.5.1).
pub(super) const LONGEST: usize = 256;
/// The last unit that a device may have (2.2).
const LAST_UNIT: u8 = 247;
/// A message of so many bytes has a byte count, too, that agrees with its length.
const LONG: usize = 16;

const NO_FUNCTION: Malformed = Malformed {
    field: "function",
    offset: 1,
    why: "0 is no function",
};

const NEVER_INTACT: Malformed = Malformed {
    field: "crc",
    offset: LONGEST - CHECKSUM,
    why: "no checksum is right up to the longest message",
};
