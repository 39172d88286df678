//! Where the fields of each function stand in its body, and how long the body must be.
//!
//! A body is what follows the function code. MODBUS Application Protocol V1.1b3, 6.1 to 6.21.
//! The rules here judge lengths and places, and what values the specification allows at all;
//! whether a device takes them is the device's matter.

use std::ops::RangeInclusive;

use super::functions::{
    CANOPEN, DIAGNOSTICS, ENCAPSULATED, EXCEPTION_BIT, IDENTIFICATION, UMAS, is_exception,
};

/// Which half of an exchange a body is read as.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Half {
    /// What the client sends.
    Request,
    /// What the server sends.
    Answer,
}

/// Which halves of an exchange a body could be, by its length.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shape {
    /// Only a request.
    Request,
    /// Only an answer.
    Answer,
    /// Both, or neither: it tells nothing.
    Either,
}

/// The two-byte fields of a body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Field {
    /// First cell, of what is read where a function reads and writes.
    Address,
    /// How many cells.
    Quantity,
    /// First cell of what is written.
    WriteAddress,
    /// How many cells are written.
    WriteQuantity,
    /// The bits that a mask write keeps.
    AndMask,
    /// The bits that a mask write sets.
    OrMask,
}

/// What values a body holds, and where.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Values {
    /// Packed coils from `at` on, preceded by their byte count.
    Bits {
        /// The first byte.
        at: usize,
    },
    /// Registers from `at` on, preceded by their byte count.
    Registers {
        /// The first byte.
        at: usize,
    },
    /// Registers from byte 4 on, preceded by their number in two bytes.
    Queue,
    /// One coil at byte 2: 0xff00 is on, 0 is off.
    Coil,
    /// One register at byte 2.
    Register,
}

/// How many bytes a body must have, as far as its first bytes tell.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Needed {
    /// This many.
    Exactly(usize),
    /// At least this many: the field that would tell lies beyond the end, or nothing tells.
    AtLeast(usize),
}

impl Needed {
    /// Whether a body of `len` bytes could be what is needed.
    pub(super) fn allows(self, len: usize) -> bool {
        match self {
            Self::Exactly(needed) => len == needed,
            Self::AtLeast(needed) => len >= needed,
        }
    }

    /// The number of bytes.
    pub(super) const fn bytes(self) -> usize {
        match self {
            Self::Exactly(needed) | Self::AtLeast(needed) => needed,
        }
    }
}

/// How long the body must be, by the function code (exception bit included) and what of the body
/// is there.
pub(super) fn needed(code: u8, half: Half, body: &[u8]) -> Needed {
    use Half::{Answer, Request};
    match (code, half) {
        (EXCEPTION_BIT.., _) => Needed::Exactly(1),
        (1..=4, Request) | (5 | 6, _) | (11 | 15 | 16, Answer) => Needed::Exactly(4),
        (1..=4 | 12 | 17 | 20 | 23, Answer) | (20, Request) | (21, _) => counted(body, 0),
        (7 | 11 | 12 | 17, Request) => Needed::Exactly(0),
        (7, Answer) => Needed::Exactly(1),
        (DIAGNOSTICS, _) if word(body, 0) == Some(0) => Needed::AtLeast(4),
        (DIAGNOSTICS, _) => Needed::Exactly(4),
        (15 | 16, Request) => counted(body, 4),
        (22, _) => Needed::Exactly(6),
        (23, Request) => counted(body, 8),
        (24, Request) => Needed::Exactly(2),
        (24, Answer) => word(body, 0).map_or(Needed::AtLeast(4), |count| {
            Needed::Exactly(2 + usize::from(count))
        }),
        (ENCAPSULATED, _) => encapsulated(half, body),
        (UMAS, _) => Needed::AtLeast(2),
        _ => Needed::AtLeast(0),
    }
}

/// Which half of an exchange the body could be. Where its length fits both, what the
/// specification allows in it decides.
pub(super) fn shape(code: u8, body: &[u8]) -> Shape {
    let fits = |half| needed(code, half, body).allows(body.len()) && told_apart(code, half, body);
    match (fits(Half::Request), fits(Half::Answer)) {
        (true, false) => Shape::Request,
        (false, true) => Shape::Answer,
        (false, false) => Shape::Either,
        (true, true) => {
            let allowed = |half| allows(code, half, body);
            match (allowed(Half::Request), allowed(Half::Answer)) {
                (true, false) => Shape::Request,
                (false, true) => Shape::Answer,
                (true, true) | (false, false) => Shape::Either,
            }
        }
    }
}

/// Whether the first bytes of a body of `len` bytes could be those of either half.
pub(super) fn agrees(code: u8, body: &[u8], len: usize) -> bool {
    [Half::Request, Half::Answer]
        .into_iter()
        .any(|half| needed(code, half, body).allows(len) && told_apart(code, half, body))
}

/// Whether the whole body is one that the specification allows, in either half.
pub(super) fn is_proper(code: u8, body: &[u8]) -> bool {
    [Half::Request, Half::Answer].into_iter().any(|half| {
        needed(code, half, body).allows(body.len())
            && told_apart(code, half, body)
            && allows(code, half, body)
    })
}

/// Where a field stands.
pub(super) const fn place(code: u8, half: Half, field: Field) -> Option<usize> {
    use Half::Request;
    match (field, code, half) {
        (Field::Address, 1..=4 | 23 | 24, Request) | (Field::Address, 5 | 6 | 15 | 16 | 22, _) => {
            Some(0)
        }
        (Field::Quantity, 1..=4 | 23, Request)
        | (Field::Quantity, 15 | 16, _)
        | (Field::AndMask, 22, _) => Some(2),
        (Field::WriteAddress, 23, Request) | (Field::OrMask, 22, _) => Some(4),
        (Field::WriteQuantity, 23, Request) => Some(6),
        _ => None,
    }
}

/// Which values a body holds.
pub(super) const fn values(code: u8, half: Half) -> Option<Values> {
    use Half::{Answer, Request};
    match (code, half) {
        (1 | 2, Answer) => Some(Values::Bits { at: 1 }),
        (3 | 4 | 23, Answer) => Some(Values::Registers { at: 1 }),
        (15, Request) => Some(Values::Bits { at: 5 }),
        (16, Request) => Some(Values::Registers { at: 5 }),
        (23, Request) => Some(Values::Registers { at: 9 }),
        (24, Answer) => Some(Values::Queue),
        (5, _) => Some(Values::Coil),
        (6, _) => Some(Values::Register),
        _ => None,
    }
}

/// Two bytes of a body as a number.
pub(super) fn word(body: &[u8], at: usize) -> Option<u16> {
    let (word, _) = body.get(at..)?.split_first_chunk()?;
    Some(u16::from_be_bytes(*word))
}

/// The byte at `at` counts the bytes behind it.
fn counted(body: &[u8], at: usize) -> Needed {
    body.get(at).map_or(Needed::AtLeast(at + 1), |count| {
        Needed::Exactly(at + 1 + usize::from(*count))
    })
}

fn encapsulated(half: Half, body: &[u8]) -> Needed {
    match (body.first(), half) {
        (Some(&IDENTIFICATION), Half::Request) => Needed::Exactly(3),
        (Some(&IDENTIFICATION), Half::Answer) => objects(body),
        (Some(_), _) => Needed::AtLeast(1),
        (None, _) => Needed::AtLeast(2),
    }
}

/// A device identification: six bytes, the last of them the number of objects, then the objects.
fn objects(body: &[u8]) -> Needed {
    let Some(number) = body.get(5) else {
        return Needed::AtLeast(6);
    };
    let mut end = 6;
    for _ in 0..*number {
        match body.get(end + 1) {
            Some(len) => end += 2 + usize::from(*len),
            None => return Needed::AtLeast(end + 2),
        }
    }
    Needed::Exactly(end)
}

/// Where a length fits both halves, a mark that only one of them has.
fn told_apart(code: u8, half: Half, body: &[u8]) -> bool {
    match (code, half, body) {
        (UMAS, Half::Answer, [_, status, ..]) => is_umas_status(*status),
        (UMAS, Half::Request, [_, status, ..]) => !is_umas_status(*status),
        (20, Half::Request, [_, references @ ..]) => references
            .chunks(7)
            .all(|reference| reference.first() == Some(&FILE_REFERENCE)),
        (20, Half::Answer, [_, _, kind, ..]) => *kind == FILE_REFERENCE,
        _ => true,
    }
}

/// Whether the specification allows the fields of a body whose length is right.
fn allows(code: u8, half: Half, body: &[u8]) -> bool {
    use Half::{Answer, Request};
    let field = |field| place(code, half, field).and_then(|at| word(body, at));
    let quantity = |most| is_run(field(Field::Address), field(Field::Quantity), 1..=most);
    let count = |at: usize| body.get(at).copied().unwrap_or(0);
    match (code, half) {
        (EXCEPTION_BIT.., _) => is_exception(count(0)),
        (1 | 2, Request) => quantity(2000),
        (3 | 4, Request) => quantity(125),
        (1 | 2, Answer) => (1..=250).contains(&count(0)),
        (3 | 4 | 23, Answer) => (2..=250).contains(&count(0)) && count(0).is_multiple_of(2),
        (5, _) => matches!(word(body, 2), Some(0 | COIL_ON)),
        (DIAGNOSTICS, _) => word(body, 0).is_some_and(|sub| sub <= 20),
        (15, Request) => quantity(1968) && covers(field(Field::Quantity), 8, count(4)),
        (15, Answer) => quantity(1968),
        (16, Request) => quantity(123) && doubles(field(Field::Quantity), count(4)),
        (16, Answer) => quantity(123),
        (20 | 21, _) => (7..=245).contains(&count(0)) || half == Answer && count(0) >= 4,
        (23, Request) => {
            let write = (field(Field::WriteAddress), field(Field::WriteQuantity));
            quantity(125) && is_run(write.0, write.1, 1..=121) && doubles(write.1, count(8))
        }
        (24, Answer) => word(body, 2).is_some_and(|count| count <= 31),
        (ENCAPSULATED, _) => match body {
            [CANOPEN, ..] => true,
            [IDENTIFICATION, access, ..] => (1..=4).contains(access),
            _ => false,
        },
        (12 | 17, Answer) => count(0) >= 2,
        _ => true,
    }
}

/// Whether a run of cells is as long as allowed and ends within the address space.
fn is_run(address: Option<u16>, quantity: Option<u16>, allowed: RangeInclusive<u16>) -> bool {
    let (Some(address), Some(quantity)) = (address, quantity) else {
        return false;
    };
    allowed.contains(&quantity) && u32::from(address) + u32::from(quantity) <= 1 << 16
}

/// Whether `bytes` are as many as `quantity` cells need, `cells` to a byte.
fn covers(quantity: Option<u16>, cells: u16, bytes: u8) -> bool {
    quantity.is_some_and(|quantity| quantity.div_ceil(cells) == u16::from(bytes))
}

/// Whether `bytes` are two for each of `quantity` registers.
fn doubles(quantity: Option<u16>, bytes: u8) -> bool {
    quantity.is_some_and(|quantity| u32::from(quantity) * 2 == u32::from(bytes))
}

/// The second byte of a UMAS answer: done, or an error.
pub(super) const fn is_umas_status(byte: u8) -> bool {
    matches!(byte, UMAS_DONE | UMAS_ERROR)
}

/// A UMAS answer that says that it was done.
pub(super) const UMAS_DONE: u8 = 0xfe;
/// A UMAS answer that says that it was not.
pub(super) const UMAS_ERROR: u8 = 0xfd;
/// The value of a single coil that is on.
pub(super) const COIL_ON: u16 = 0xff00;
/// The only reference type of a file record.
const FILE_REFERENCE: u8 = 6;
