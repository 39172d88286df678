//! Userdata messages: extensions in groups of subfunctions, with requests, answers and
//! notifications of their own.
//!
//! The parameters are a fixed head and, in answers and continuations, an error code and the mark of
//! a fragment. The data are a return code, a transport size, a length, and what the subfunction
//! defines: read here are system status lists (SZL), cyclic items, variable tables and block names.

use model::{Function, Malformed, Target};

use super::functions;
use super::items::{self, Items};
use super::program::{self, Block};
use crate::reader::Reader;

/// Which half of an exchange it is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Kind {
    /// Sent by the server by itself.
    Push,
    /// Sent by the client.
    Request,
    /// Sent by the server to a request.
    Response,
    /// None of these.
    Unknown(u8),
}

impl Kind {
    const fn of(code: u8) -> Self {
        match code {
            0 => Self::Push,
            4 => Self::Request,
            8 => Self::Response,
            code => Self::Unknown(code),
        }
    }

    /// The number on the wire.
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Push => 0,
            Self::Request => 4,
            Self::Response => 8,
            Self::Unknown(code) => code,
        }
    }
}

/// Which system status list, and which of its entries.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Szl {
    /// The list.
    pub(super) id: u16,
    /// The entry.
    pub(super) index: u16,
}

impl Szl {
    /// Shows the list as a target, by its number's four digits.
    pub(super) fn target(self, see: &mut dyn FnMut(Target<'_>)) {
        let digits = hexadecimal(self.id);
        let name = std::str::from_utf8(&digits).unwrap_or_default();
        see(Target::Named { kind: "szl", name });
    }

    /// The function that reads it: module and component identification tell who the device is.
    pub(super) const fn function(self) -> Function {
        match self.id & 0xff {
            0x11 | 0x1c => functions::SZL_IDENTIFY,
            _ => functions::SZL_READ,
        }
    }
}

/// A userdata message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Userdata<'a> {
    /// Which half of an exchange.
    pub(super) kind: Kind,
    /// The group of subfunctions.
    pub(super) group: u8,
    /// The subfunction.
    pub(super) subfunction: u8,
    /// The number of an exchange in several messages.
    pub(super) sequence: u8,
    /// The error code, where the parameters have one.
    pub(super) error: Option<u16>,
    /// The number that all fragments of an answer share; 0 where there is only one.
    pub(super) fragment: u8,
    /// Whether the answer goes on in a further message.
    pub(super) continues: bool,
    code: u8,
    /// What the subfunction defines.
    pub(super) content: &'a [u8],
}

impl<'a> Userdata<'a> {
    /// Reads the parameters and the head of the data.
    ///
    /// # Errors
    ///
    /// Where the parameters end before the sequence number.
    pub(super) fn parse(
        parameters: &mut Reader<'a>,
        mut data: Reader<'a>,
    ) -> Result<Self, Malformed> {
        parameters.u24("userdata_head")?;
        parameters.u8("userdata_length")?;
        parameters.u8("userdata_method")?;
        let function = parameters.u8("userdata_group")?;
        let subfunction = parameters.u8("userdata_subfunction")?;
        let sequence = parameters.u8("userdata_sequence")?;
        let (fragment, continues, error) = match parameters.peek() {
            [fragment, more, high, low, ..] => {
                let error = u16::from_be_bytes([*high, *low]);
                (*fragment, *more != 0, Some(error))
            }
            _ => (0, false, None),
        };
        let code = data.u8("return_code").unwrap_or(0);
        _ = data.take("data_head", 3.min(data.left()));
        Ok(Self {
            kind: Kind::of(function >> 4),
            group: function & 0x0f,
            subfunction,
            sequence,
            error,
            fragment,
            continues,
            code,
            content: data.rest(),
        })
    }

    /// Which function it is.
    pub(super) fn function(&self) -> Function {
        match (self.is_list(), self.szl()) {
            (true, Some(szl)) => szl.function(),
            (true, None) => functions::SZL_READ,
            (false, _) => functions::userdata(self.group, self.subfunction),
        }
    }

    /// Whether it reads a system status list.
    pub(super) const fn is_list(&self) -> bool {
        self.group == 4 && self.subfunction == 1
    }

    /// The system status list that it names; a continuation names none.
    pub(super) fn szl(&self) -> Option<Szl> {
        let mut reader = Reader::new(self.content);
        if !self.is_list() {
            return None;
        }
        Some(Szl {
            id: reader.u16("szl_id").ok()?,
            index: reader.u16("szl_index").ok()?,
        })
    }

    /// The return code, where it says no. An answer without a body says "no data" and means done.
    pub(super) fn refusal(&self) -> Option<u8> {
        let fine = matches!(self.code, super::codes::SUCCESS | 0);
        let empty = self.code == super::codes::NO_DATA && self.content.is_empty();
        (self.kind == Kind::Response && !fine && !empty).then_some(self.code)
    }

    /// The variables of a cyclic request.
    pub(super) fn items(&self) -> Option<Items<'a>> {
        if (self.group, self.kind) != (2, Kind::Request) {
            return None;
        }
        let mut reader = Reader::new(self.content);
        let [_, count, _, _] = reader.array("cyclic_head").ok()?;
        Items::parse(count, &mut reader).ok()
    }

    /// The block that a question about a block names.
    pub(super) fn block(&self) -> Option<Block> {
        match (self.group, self.subfunction, self.kind) {
            (3, 3, Kind::Request) => program::asked(self.content),
            _ => None,
        }
    }

    /// Shows what it touches, but for a block or list, which the session knows better.
    pub(super) fn targets(&self, see: &mut dyn FnMut(Target<'_>)) {
        if let Some(items) = self.items() {
            items.iter().for_each(|item| item.targets(see));
        }
        self.table().for_each(see);
    }

    /// The rows of a variable table that is read, modified or forced.
    ///
    /// A head of 24 bytes, a count, then rows of six bytes: area and width, repetition, block,
    /// first byte.
    fn table(&self) -> impl Iterator<Item = Target<'a>> + use<'a> {
        let is_table = self.group == 1 && matches!(self.subfunction, 0x02 | 0x08 | 0x09);
        let content = match self.kind {
            Kind::Request if is_table => self.content,
            _ => &[],
        };
        let rows = content.get(26..).unwrap_or_default();
        let count = match content.get(24..26) {
            Some(&[high, low]) => u16::from_be_bytes([high, low]),
            _ => 0,
        };
        rows.chunks_exact(6).take(count.into()).map(row)
    }
}

fn row<'a>(row: &[u8]) -> Target<'a> {
    let &[kind, times, a, b, c, d] = row else {
        return UNKNOWN;
    };
    let area = match kind >> 4 {
        0 => 0x83,
        1 => 0x81,
        2 => 0x82,
        3 => 0x80,
        5 => 0x1d,
        6 => 0x1c,
        7 => 0x84,
        _ => return UNKNOWN,
    };
    let width = match kind & 0x0f {
        2 => 2,
        3 => 4,
        _ => 1,
    };
    let first = u64::from(u16::from_be_bytes([c, d]));
    let last = first + (u64::from(times) * width).max(1) - 1;
    items::cells(area, u16::from_be_bytes([a, b]), first, last)
}

const UNKNOWN: Target<'static> = Target::Named {
    kind: "item",
    name: "unknown",
};

fn hexadecimal(number: u16) -> [u8; 4] {
    [12, 8, 4, 0].map(|shift| {
        let digit = (number >> shift & 0xf) as u8;
        match digit {
            0..=9 => b'0' + digit,
            _ => b'a' + digit - 10,
        }
    })
}
