//! What a userdata message says beyond its function: clocks, blocks, lists, variable tables, data
//! between controllers.
//!
//! Read only when somebody looks, from the whole body where that spans messages. A password is never
//! read: that there is one is all that is told.

use std::fmt;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::codes;
use super::items::{self, Values};
use super::lists::{self, List};
use super::operation::Area;
use super::record::Hex;
use super::tables::{Row, Table};
use super::times::DateTime;
use super::userdata::{Kind, Userdata};
use crate::reader::Reader;

/// What a userdata message says.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Contents<'a> {
    /// A controller's clock, read or set.
    Clock(DateTime),
    /// How many blocks of each kind there are.
    BlockCounts(Counts<'a>),
    /// The blocks of one kind.
    BlocksListed(Blocks<'a>),
    /// The kind of block that is listed.
    BlockType(&'static str),
    /// One block's description.
    BlockInfo(BlockInfo<'a>),
    /// A system status list.
    List(List<'a>),
    /// A variable table that is read, modified or forced.
    Table(Table<'a>),
    /// What came of its rows.
    Results(Results<'a>),
    /// How often a cyclic request wants its variables, in milliseconds.
    IntervalMs(u32),
    /// The cyclic request that ends.
    Job(u8),
    /// Data from one program to another.
    Send(Send),
    /// The messages that a client subscribes to.
    Messages(Messages<'a>),
    /// A secret, of which nothing is kept.
    Credential(&'static str),
}

/// Data from one program to another.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Send {
    /// The identifier that both programs use, in eight digits.
    r_id: Id,
    /// The length that the sender states.
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<u16>,
    /// How many bytes came, where all did.
    #[serde(skip_serializing_if = "Option::is_none")]
    size_bytes: Option<usize>,
}

/// An identifier in eight hexadecimal digits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Id(pub(super) u32);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The messages that a client subscribes to.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Messages<'a> {
    /// One bit for each kind.
    events: u8,
    /// Who subscribes, as it calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
}

impl<'a> Contents<'a> {
    /// Reads what a message says; `body` is all of it where it spans messages, and nothing where a
    /// part is missing.
    pub(super) fn read(it: &Userdata<'a>, body: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(body);
        match (it.group, it.subfunction, it.kind) {
            _ if it.r_id().is_some() => Self::send(it, reader),
            _ if it.is_secret() => Self::secret(it),
            (1, 0x02 | 0x08 | 0x09, Kind::Request) => {
                Table::read(it.subfunction, body).map(Self::Table)
            }
            (1, 0x02 | 0x08 | 0x09, Kind::Push) => {
                Results::read(it.subfunction, body).map(Self::Results)
            }
            (2, 4, Kind::Request) => body.get(1).copied().map(Self::Job),
            (2, 1 | 5 | 7, Kind::Request) => interval(body).map(Self::IntervalMs),
            (3, 1, Kind::Response) => Some(Self::BlockCounts(Counts(body))),
            (3, 2, Kind::Request) => kind(body.get(..2)?).map(Self::BlockType),
            (3, 2, Kind::Response) => Some(Self::BlocksListed(Blocks(body))),
            (3, 3, Kind::Response) => BlockInfo::read(body).map(Self::BlockInfo),
            (4, 1, Kind::Response) => List::read(body).map(Self::List),
            (4, 2, Kind::Request) => Self::messages(&mut reader),
            (7, 1 | 3, Kind::Response) | (7, 2 | 4, Kind::Request) => {
                reader.u16("clock_head").ok()?;
                DateTime::parse(reader.array("clock").ok()?).map(Self::Clock)
            }
            _ => None,
        }
    }

    fn send(it: &Userdata<'a>, mut reader: Reader<'a>) -> Option<Self> {
        let blocked = !it.is_usend() && it.kind == Kind::Request && !reader.is_empty();
        let length = blocked.then(|| reader.u16("send_length").ok()).flatten();
        Some(Self::Send(Send {
            r_id: Id(it.r_id()?),
            length,
            size_bytes: length.map(|_| reader.left()),
        }))
    }

    fn secret(it: &Userdata<'a>) -> Option<Self> {
        (it.kind == Kind::Request && it.subfunction == 1).then_some(Self::Credential("password"))
    }

    fn messages(reader: &mut Reader<'a>) -> Option<Self> {
        let events = reader.u8("message_events").ok()?;
        reader.u8("message_reserved").ok()?;
        let user = reader.take("message_user", 8).ok()?;
        let user = std::str::from_utf8(user).ok()?;
        let user = user.trim_matches(['\0', ' ']);
        let plain = user
            .bytes()
            .all(|byte| byte.is_ascii_graphic() || byte == b' ');
        let user = Some(user).filter(|user| plain && !user.is_empty());
        Some(Self::Messages(Messages { events, user }))
    }
}

/// Base and factor: tenths of a second, seconds or tens of seconds.
fn interval(body: &[u8]) -> Option<u32> {
    let &[_, _, base, factor, ..] = body else {
        return None;
    };
    let base = match base {
        0 => 100,
        1 => 1_000,
        2 => 10_000,
        _ => return None,
    };
    Some(base * u32::from(factor))
}

/// The kind of a block, in two characters.
fn kind(name: &[u8]) -> Option<&'static str> {
    let code = u8::from_str_radix(std::str::from_utf8(name).ok()?, 16).ok()?;
    Some(codes::block_kind(code)).filter(|&kind| kind != "block")
}

/// How many blocks of each kind there are: two characters and a number each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counts<'a>(&'a [u8]);

impl Serialize for Counts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for entry in self.0.chunks_exact(4) {
            if let ([a, b, high, low], Some(kind)) = (entry, kind(entry.get(..2).unwrap_or(entry)))
            {
                _ = (a, b);
                map.serialize_entry(kind, &u16::from_be_bytes([*high, *low]))?;
            }
        }
        map.end()
    }
}

/// The most blocks of one list that a record shows.
const SHOWN: usize = 256;

/// The blocks of one kind: number, flags, language each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocks<'a>(&'a [u8]);

impl Serialize for Blocks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("count", &(self.0.len() / 4))?;
        map.serialize_entry("blocks", &Numbers(self.0))?;
        map.end()
    }
}

struct Numbers<'a>(&'a [u8]);

#[derive(Serialize)]
struct Listed {
    number: u16,
    language: &'static str,
}

impl Serialize for Numbers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for entry in self.0.chunks_exact(4).take(SHOWN) {
            if let &[high, low, _, language] = entry {
                list.serialize_element(&Listed {
                    number: u16::from_be_bytes([high, low]),
                    language: codes::language(language),
                })?;
            }
        }
        list.end()
    }
}

/// One block's description, as its header in the controller has it.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct BlockInfo<'a> {
    r#type: &'static str,
    number: u16,
    language: &'static str,
    load_bytes: u32,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    protected: bool,
    code_time: DateTime,
    interface_time: DateTime,
    local_data_bytes: u16,
    code_bytes: u16,
    #[serde(serialize_with = "text")]
    author: &'a [u8],
    #[serde(serialize_with = "text")]
    family: &'a [u8],
    #[serde(serialize_with = "text")]
    name: &'a [u8],
    #[serde(serialize_with = "version")]
    version: u8,
    checksum: u16,
}

impl<'a> BlockInfo<'a> {
    fn read(body: &'a [u8]) -> Option<Self> {
        Self::parse(&mut Reader::new(body)).ok()
    }

    fn parse(reader: &mut Reader<'a>) -> Result<Self, model::Malformed> {
        reader.take("block_info_head", 10)?;
        let language = reader.u8("block_language")?;
        let kind = reader.u8("block_type")?;
        let number = reader.u16("block_number")?;
        let load_bytes = reader.u32("block_load_bytes")?;
        let protection = reader.u32("block_protection")?;
        let code_time = DateTime::of_block(reader.array("block_code_time")?);
        let interface_time = DateTime::of_block(reader.array("block_interface_time")?);
        reader.u32("block_part_lengths")?;
        let local_data_bytes = reader.u16("block_local_data")?;
        let code_bytes = reader.u16("block_code_bytes")?;
        let author = reader.take("block_author", 8)?;
        let family = reader.take("block_family", 8)?;
        let name = reader.take("block_name", 8)?;
        let version = reader.u8("block_version")?;
        reader.u8("block_reserved")?;
        Ok(Self {
            r#type: codes::block_kind(kind),
            number,
            language: codes::language(language),
            load_bytes,
            protected: protection & 0xffff == 3,
            code_time,
            interface_time,
            local_data_bytes,
            code_bytes,
            author,
            family,
            name,
            version,
            checksum: reader.u16("block_checksum")?,
        })
    }
}

fn text<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&lists::filled(bytes))
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands out references"
)]
fn version<S: Serializer>(version: &u8, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{}.{}", version >> 4, version & 0x0f))
}

/// What came of the rows of a variable table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Results<'a>(Values<'a>);

impl<'a> Results<'a> {
    /// Two lengths, parameters, a count, then a value or a code for each row.
    fn read(subfunction: u8, body: &'a [u8]) -> Option<Self> {
        let mut data = super::tables::data(body)?;
        let count = u8::try_from(data.u16("row_count").ok()?).ok()?;
        Some(Self(match subfunction {
            0x02 => Values::with_data(count, data.rest()),
            _ => Values::codes_only(count, data.rest()),
        }))
    }
}

#[derive(Serialize)]
struct Result_<'a> {
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Hex<'a>>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|it| Result_ {
            result: codes::return_code(it.code),
            value: Some(Hex(it.bytes)).filter(|_| !it.bytes.is_empty()),
        }))
    }
}

#[derive(Serialize)]
struct ShownRow<'a> {
    area: Area,
    #[serde(skip_serializing_if = "Option::is_none")]
    db: Option<u16>,
    byte: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    bit: Option<u8>,
    r#type: &'static str,
    count: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Hex<'a>>,
}

impl Serialize for Table<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows().map(|(row, value)| shown(row, value)))
    }
}

fn shown(row: Row, value: Option<&[u8]>) -> ShownRow<'_> {
    ShownRow {
        area: Area(row.area),
        db: Some(row.db).filter(|_| matches!(row.area, 0x84 | 0x85)),
        byte: row.first,
        bit: row.bit.filter(|_| !items::is_numbered(row.area)),
        r#type: row.kind(),
        count: row.count,
        value: value.map(Hex),
    }
}
