//! One message as it is on the wire: fields are read where they stand, when they are asked for.
//!
//! Nothing is copied and nothing can fail: a field that the body is too short for is absent.
//! MODBUS Application Protocol V1.1b3, 6.

use model::Stage;

use super::files::{FileRecords, Form};
use super::frame::Frame;
use super::functions::{
    DIAGNOSTICS, ENCAPSULATED, IDENTIFICATION, UMAS, function as function_named,
};
use super::layout::{self, COIL_ON, Field, Half, Needed, Values};

/// A message whose half of the exchange is known, or taken to be none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a> {
    /// Header, function code and body.
    pub(super) frame: Frame<'a>,
    /// Request, response, or not known.
    pub(super) stage: Stage,
}

/// A run of cells: the first, and how many where that is said.
pub(super) type Span = (u16, Option<u16>);

impl<'a> Message<'a> {
    /// The half that the body is read as. What cannot be told is read as a request where it has
    /// a request's length.
    pub(super) fn half(&self) -> Option<Half> {
        match self.stage {
            _ if self.frame.is_exception() => None,
            Stage::Request => Some(Half::Request),
            Stage::Response => Some(Half::Answer),
            Stage::Other => {
                let alike = matches!(self.frame.code, 1 | 2 | 5 | 6 | DIAGNOSTICS | 21 | 22);
                let needed = layout::needed(self.frame.code, Half::Request, self.frame.body);
                (alike && needed.allows(self.frame.body.len())).then_some(Half::Request)
            }
        }
    }

    fn word(&self, field: Field) -> Option<u16> {
        let place = layout::place(self.frame.code, self.half()?, field)?;
        layout::word(self.frame.body, place)
    }

    /// The first cell.
    pub(super) fn address(&self) -> Option<u16> {
        self.word(Field::Address)
    }

    /// How many cells.
    pub(super) fn quantity(&self) -> Option<u16> {
        self.word(Field::Quantity)
    }

    /// The first cell written by a function that reads too.
    pub(super) fn write_address(&self) -> Option<u16> {
        self.word(Field::WriteAddress)
    }

    /// How many cells are written by a function that reads too.
    pub(super) fn write_quantity(&self) -> Option<u16> {
        self.word(Field::WriteQuantity)
    }

    /// The runs of cells, each by its first and how many: what is read or written, and what else is written.
    pub(super) fn spans(&self) -> [Option<Span>; 2] {
        let Some(half) = self.half() else {
            return [None; 2];
        };
        let (code, body) = (self.frame.code, self.frame.body);
        let word = |field| layout::word(body, layout::place(code, half, field)?);
        let span = |first, count| Some((word(first)?, word(count)));
        [
            span(Field::Address, Field::Quantity),
            span(Field::WriteAddress, Field::WriteQuantity),
        ]
    }

    /// The bits that a mask write keeps.
    pub(super) fn and_mask(&self) -> Option<u16> {
        self.word(Field::AndMask)
    }

    /// The bits that a mask write sets.
    pub(super) fn or_mask(&self) -> Option<u16> {
        self.word(Field::OrMask)
    }

    /// The sub-function of diagnostics, the transport type of an encapsulated interface, or the
    /// UMAS function of a request.
    pub(super) fn sub(&self) -> Option<u16> {
        match (self.frame.code, self.frame.body, self.stage) {
            (DIAGNOSTICS, body, _) => layout::word(body, 0),
            (ENCAPSULATED, [mei, ..], _) => Some((*mei).into()),
            (UMAS, [_, code, ..], Stage::Request) => Some((*code).into()),
            (UMAS, [_, code, ..], Stage::Other) => {
                (!layout::is_umas_status(*code)).then_some((*code).into())
            }
            _ => None,
        }
    }

    /// Whether a UMAS answer says that it was done; `None` for anything else.
    pub(super) fn umas_done(&self) -> Option<bool> {
        match (self.frame.code, self.frame.body, self.stage) {
            (UMAS, [_, status, ..], Stage::Response) => Some(*status == layout::UMAS_DONE),
            _ => None,
        }
    }

    /// The exception code.
    pub(super) fn exception(&self) -> Option<u8> {
        match self.frame.is_exception() {
            true => self.frame.body.first().copied(),
            false => None,
        }
    }

    /// What the message's own bytes say that it is for.
    pub(super) fn function(&self) -> model::Function {
        function_named(self.frame.function(), self.sub())
    }

    /// How many bytes the body should have.
    pub(super) fn needed(&self) -> Needed {
        match self.stage {
            Stage::Request => layout::needed(self.frame.code, Half::Request, self.frame.body),
            Stage::Response => layout::needed(self.frame.code, Half::Answer, self.frame.body),
            Stage::Other => Needed::AtLeast(0),
        }
    }

    /// The byte count, and how many bytes the quantity beside it needs, of a request that has
    /// both.
    pub(super) fn counted(&self) -> Option<(u8, u64)> {
        let count = |at: usize| self.frame.body.get(at).copied();
        match (self.frame.code, self.stage) {
            (15, Stage::Request) => Some((count(4)?, u64::from(self.quantity()?).div_ceil(8))),
            (16, Stage::Request) => Some((count(4)?, u64::from(self.quantity()?) * 2)),
            (23, Stage::Request) => Some((count(8)?, u64::from(self.write_quantity()?) * 2)),
            _ => None,
        }
    }

    /// The registers, or the coils as 0 and 1. `asked` is the quantity of the request that a
    /// response answers: it tells padding bits from coils.
    pub(super) fn values(&self, asked: Option<u16>) -> Option<Cells<'a>> {
        let body = self.frame.body;
        let values = layout::values(self.frame.code, self.half()?)?;
        Some(match values {
            Values::Bits { at } => {
                let bytes = self.block(at);
                let bits = bytes.len() * 8;
                let known = self.quantity().or(asked).map_or(bits, usize::from);
                Cells::Bits(Bits {
                    bytes,
                    next: 0,
                    end: known.min(bits),
                })
            }
            Values::Registers { at } => Cells::Registers(self.block(at)),
            Values::Queue => {
                let count = usize::from(layout::word(body, 2).unwrap_or(0));
                let queue = body.get(4..).unwrap_or(&[]);
                Cells::Registers(queue.get(..count * 2).unwrap_or(queue))
            }
            Values::Coil => Cells::One(match layout::word(body, 2)? {
                COIL_ON => 1,
                other => other,
            }),
            Values::Register => Cells::One(layout::word(body, 2)?),
        })
    }

    /// The bytes from `at` on that the byte before `at` counts, as far as they are there.
    pub(super) fn block(&self, at: usize) -> &'a [u8] {
        let body = self.frame.body;
        let count = body.get(at - 1).copied().unwrap_or(0);
        let block = body.get(at..).unwrap_or(&[]);
        block.get(..usize::from(count)).unwrap_or(block)
    }

    /// The byte count of an answer that holds cells.
    pub(super) fn answer_bytes(&self) -> Option<u8> {
        match (self.frame.code, self.stage) {
            (1..=4 | 23, Stage::Response) => self.frame.body.first().copied(),
            _ => None,
        }
    }

    /// The file references, in wire order.
    pub(super) fn files(&self) -> FileRecords<'a> {
        let form = match (self.frame.code, self.stage) {
            (20, Stage::Request) => Some(Form::Asked),
            (20, Stage::Response) => Some(Form::Read),
            (21, _) => Some(Form::Written),
            _ => None,
        };
        FileRecords {
            form: form.unwrap_or(Form::Asked),
            groups: form.map_or(&[], |_| self.frame.body.get(1..).unwrap_or(&[])),
        }
    }

    /// The objects of a device identification, each its number and its bytes.
    pub(super) fn objects(&self) -> Objects<'a> {
        match (self.frame.code, self.stage, self.frame.body) {
            (ENCAPSULATED, Stage::Response, [IDENTIFICATION, _, _, _, _, number, objects @ ..]) => {
                Objects {
                    left: *number,
                    objects,
                }
            }
            _ => Objects {
                left: 0,
                objects: &[],
            },
        }
    }

    /// The device-specific bytes of Report Server ID.
    pub(super) fn server_id(&self) -> Option<&'a [u8]> {
        match (self.frame.code, self.stage) {
            (17, Stage::Response) => Some(self.block(1)),
            _ => None,
        }
    }
}

/// The values of a message.
#[derive(Clone, Debug)]
pub(super) enum Cells<'a> {
    /// Coils.
    Bits(Bits<'a>),
    /// Registers, two bytes each.
    Registers(&'a [u8]),
    /// A single coil or register.
    One(u16),
}

impl Iterator for Cells<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        match self {
            Self::Bits(bits) => bits.next(),
            Self::Registers(bytes) => {
                let (register, rest) = bytes.split_first_chunk()?;
                *bytes = rest;
                Some(u16::from_be_bytes(*register))
            }
            Self::One(value) => {
                let value = *value;
                *self = Self::Registers(&[]);
                Some(value)
            }
        }
    }
}

/// Packed coils, the first in the lowest bit of the first byte.
#[derive(Clone, Debug)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    next: usize,
    end: usize,
}

impl Iterator for Bits<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        if self.next >= self.end {
            return None;
        }
        let byte = self.bytes.get(self.next / 8)?;
        let bit = byte >> (self.next % 8) & 1;
        self.next += 1;
        Some(bit.into())
    }
}

/// The objects of a device identification, as far as they are whole.
#[derive(Clone, Debug)]
pub(super) struct Objects<'a> {
    left: u8,
    objects: &'a [u8],
}

impl<'a> Iterator for Objects<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        self.left = self.left.checked_sub(1)?;
        let [id, length, rest @ ..] = self.objects else {
            return None;
        };
        let (value, rest) = rest.split_at_checked((*length).into())?;
        self.objects = rest;
        Some((*id, value))
    }
}
