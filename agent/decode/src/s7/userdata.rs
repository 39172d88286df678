//! Userdata messages: extensions in groups of subfunctions, with requests, answers and
//! notifications of their own.
//!
//! The parameters are a fixed head and, in answers and continuations, an error code and the mark of
//! a fragment. The data are a return code, a transport size, a length, and what the subfunction
//! defines: read here are system status lists (SZL), cyclic items, variable tables and block names.

use model::{Function, Malformed, Target};

use super::items::{Items, Values};
use super::program::{self, Block};
use super::tables::{Row, Table};
use super::{codes, functions};
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

/// The group in which numerical controls are programmed.
const NC: u8 = 0x3f;
/// The group in which data records are routed to PROFIBUS.
const ROUTING: u8 = 0x20;

impl Kind {
    /// The two highest bits, where the lower ones are a group.
    const fn of(half: u8) -> Self {
        match (half & 0xc0, half & 0x3f) {
            (0x00, 0..=0x0f | NC | ROUTING) => Self::Push,
            (0x40, 0..=0x0f | NC | ROUTING) => Self::Request,
            (0x80, 0..=0x0f | NC | ROUTING) => Self::Response,
            _ => Self::Unknown(half >> 4),
        }
    }
}

/// Half a byte is what most groups need: [`NC`] and [`ROUTING`] alone reach further.
const fn group(half: u8) -> u8 {
    match half & 0x3f {
        ROUTING => ROUTING,
        group => group & 0x0f,
    }
}

/// Reading a data record, which happens once and has no interval.
const RECORD: u8 = 8;

/// The method with which parameters name a partner's identifier instead of a function.
const UNCOORDINATED: u8 = 0x13;

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
        let digits = Digits::<4>::of(self.id.into());
        let name = digits.text();
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
    /// Kind and group as they share a byte on the wire.
    half: u8,
    /// The number of an exchange in several messages.
    pub(super) sequence: u8,
    /// The error code, where the parameters have one.
    pub(super) error: Option<u16>,
    /// The number that all fragments of an answer share; 0 where there is only one.
    pub(super) fragment: u8,
    /// Whether the answer goes on in a further message.
    pub(super) continues: bool,
    /// How it went, as the data's head says.
    pub(super) code: u8,
    /// The partners' identifier of a message that names no function.
    uncoordinated: Option<u32>,
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
        let method = parameters.u8("userdata_method")?;
        if method == UNCOORDINATED {
            return Self::uncoordinated(parameters, data);
        }
        let half = parameters.u8("userdata_group")?;
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
            kind: Kind::of(half),
            group: group(half),
            subfunction,
            half,
            sequence,
            error,
            fragment,
            continues,
            code,
            uncoordinated: None,
            content: data.rest(),
        })
    }

    /// Uncoordinated sending: the parameters end with a byte of no known meaning and an identifier.
    fn uncoordinated(parameters: &mut Reader<'a>, mut data: Reader<'a>) -> Result<Self, Malformed> {
        let half = parameters.u8("userdata_reserved")?;
        let r_id = parameters.u32("r_id")?;
        let code = data.u8("return_code").unwrap_or(0);
        _ = data.u8("data_reserved");
        Ok(Self {
            kind: Kind::Push,
            group: 0,
            subfunction: 0,
            half: half & 0x0f,
            sequence: 0,
            error: None,
            fragment: 0,
            continues: false,
            code,
            uncoordinated: Some(r_id),
            content: data.rest(),
        })
    }

    /// Kind and group, each as half a byte: as they stand on the wire.
    pub(super) const fn halves(&self) -> (u8, u8) {
        (self.half >> 4, self.half & 0x0f)
    }

    /// Whether it programs a numerical control.
    pub(super) const fn is_nc(&self) -> bool {
        self.half & 0x3f == NC
    }

    /// Whether it is about passwords, of which nothing may be kept.
    pub(super) const fn is_secret(&self) -> bool {
        self.group == 5
    }

    /// Whether it is sent without being asked for and without an answer, by an identifier.
    pub(super) const fn is_usend(&self) -> bool {
        self.uncoordinated.is_some()
    }

    /// The identifier by which sending and receiving blocks know each other.
    pub(super) fn r_id(&self) -> Option<u32> {
        match self.content {
            _ if self.uncoordinated.is_some() => self.uncoordinated,
            [0x12, 6, 0x13, _, a, b, c, d, ..] if self.group == 6 => {
                Some(u32::from_be_bytes([*a, *b, *c, *d]))
            }
            _ => None,
        }
    }

    /// What the message adds to a body that spans messages.
    pub(super) fn piece(&self) -> &'a [u8] {
        match self.r_id() {
            Some(_) if self.uncoordinated.is_none() => self.content.get(8..).unwrap_or_default(),
            _ => self.content,
        }
    }

    /// Which function it is.
    pub(super) fn function(&self) -> Function {
        if self.is_usend() {
            return functions::USEND;
        }
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
        let fine = matches!(self.code, codes::SUCCESS | 0);
        let empty = self.code == codes::NO_DATA && self.content.is_empty();
        (self.kind == Kind::Response && !fine && !empty).then_some(self.code)
    }

    /// The name of the return code: "no data" where an answer without a body says so.
    pub(super) const fn result(&self) -> &'static str {
        match self.code {
            codes::NO_DATA if self.content.is_empty() => "no_data",
            code => codes::return_code(code),
        }
    }

    /// The variables of a cyclic request.
    pub(super) fn items(&self) -> Option<Items<'a>> {
        if (self.group, self.kind) != (2, Kind::Request) || self.subfunction == 4 {
            return None;
        }
        let mut reader = Reader::new(self.content);
        let [_, count] = reader.array("cyclic_head").ok()?;
        if self.subfunction != RECORD {
            reader.u16("cyclic_interval").ok()?;
        }
        Items::parse(count, &mut reader).ok()
    }

    /// The values that a cyclic request asked for.
    pub(super) fn values(&self) -> Option<Values<'a>> {
        match (self.group, self.subfunction, self.kind, self.content) {
            (2, 1 | 5 | 7, Kind::Push | Kind::Response, [_, count, values @ ..]) => {
                Some(Values::with_data(*count, values))
            }
            _ => None,
        }
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
        self.rows(&mut |row| see(row.target()));
        if let Some(r_id) = self.r_id() {
            let digits = Digits::<8>::of(r_id);
            see(Target::Named {
                kind: "rid",
                name: digits.text(),
            });
        }
    }

    /// The rows of a variable table that is read, modified or forced.
    fn rows(&self, see: &mut dyn FnMut(Row)) {
        let is_table = self.group == 1 && matches!(self.subfunction, 0x02 | 0x08 | 0x09);
        if !is_table || self.kind != Kind::Request {
            return;
        }
        if let Some(table) = Table::read(self.subfunction, self.content) {
            table.rows().for_each(|(row, _)| see(row));
        }
    }
}

/// A number's hexadecimal digits.
struct Digits<const N: usize>([u8; N]);

impl<const N: usize> Digits<N> {
    fn of(number: u32) -> Self {
        let mut digits = [0; N];
        for (place, digit) in digits.iter_mut().rev().enumerate() {
            let four = (number >> (4 * place) & 0xf) as u8;
            *digit = match four {
                0..=9 => b'0' + four,
                _ => b'a' + four - 10,
            };
        }
        Self(digits)
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}
