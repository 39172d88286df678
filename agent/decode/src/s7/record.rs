//! The record's member `s7`: every field of a message, as tools outside compare it.
//!
//! Fields that the message does not carry are absent. Selectors and values are hexadecimal digits.

use std::fmt;

use model::Unit;
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::items::{self, Items, Value, Values};
use super::message::{Body, Message};
use super::operation::{Area, Content, Detail};
use super::plus;

#[derive(Default, Serialize)]
struct Record<'a> {
    cotp: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    src_tsap: Option<Hex<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dst_tsap: Option<Hex<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rack: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slot: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dialect: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    encrypted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    rosctr: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pdu_ref: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_class: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pdu_size: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Listed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pi_service: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pi_argument: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<Block<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upload_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    userdata: Option<Userdata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    szl: Option<Szl>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opcode: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plus_function: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plus: Option<plus::Record<'a>>,
}

#[derive(Serialize)]
struct Block<'a> {
    r#type: &'static str,
    number: u32,
    filesystem: &'a str,
}

#[derive(Serialize)]
struct Userdata {
    r#type: u8,
    group: u8,
    subfunction: u8,
    sequence: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<u16>,
}

#[derive(Serialize)]
struct Szl {
    id: u16,
    index: u16,
}

impl Serialize for Detail<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = Record {
            cotp: "data",
            dialect: Some(self.dialect()),
            szl: self.szl.map(|it| Szl {
                id: it.id,
                index: it.index,
            }),
            block: self.block.as_ref().map(|block| Block {
                r#type: block.kind(),
                number: block.number,
                filesystem: block.filesystem(),
            }),
            ..Record::default()
        };
        if let Some(Unit::Slot { rack, slot }) = self.unit {
            (record.rack, record.slot) = (Some(rack), Some(slot));
        }
        match &self.content {
            Content::Connection(it) => {
                record.cotp = it.purpose.name();
                record.dialect = None;
                record.src_tsap = it.src_tsap.map(Hex);
                record.dst_tsap = it.dst_tsap.map(Hex);
                record.reason = it.reason;
            }
            Content::Classic(message) => record.message(message),
            Content::Plus(message) => {
                let head = &message.head;
                record.plus = head.opcode.map(|_| plus::Record(message));
                record.version = Some(head.version);
                record.opcode = head.opcode;
                record.plus_function = head.function;
                record.sequence = head.sequence;
            }
            Content::Encrypted => record.encrypted = true,
        }
        record.serialize(serializer)
    }
}

impl<'a> Record<'a> {
    fn message(&mut self, message: &Message<'a>) {
        self.rosctr = Some(message.rosctr.code());
        self.pdu_ref = Some(message.reference);
        self.function = message.function;
        self.error_class = message.error.map(|error| (error >> 8) as u8);
        self.error_code = message.error.map(|error| error as u8);
        match message.body {
            Body::Bare => {}
            Body::Setup { pdu_size } => self.pdu_size = Some(pdu_size),
            Body::Items(items, values) => self.items = Some(Listed::Items(items, Some(values))),
            Body::Values(values) => self.items = Some(Listed::Values(values)),
            Body::Transfer(transfer) => self.upload_id = transfer.id,
            Body::Service(service) => {
                self.pi_service = service.name();
                self.pi_argument = service.argument();
            }
            Body::Userdata(userdata) => {
                self.items = userdata.items().map(|items| Listed::Items(items, None));
                self.userdata = Some(Userdata {
                    r#type: userdata.kind.code(),
                    group: userdata.group,
                    subfunction: userdata.subfunction,
                    sequence: userdata.sequence,
                    error: userdata.error,
                });
            }
        }
    }
}

/// Items as the record lists them.
enum Listed<'a> {
    Items(Items<'a>, Option<Values<'a>>),
    Values(Values<'a>),
}

impl Serialize for Listed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        let mut result = Ok(());
        match self {
            Self::Values(values) => {
                for value in values.iter() {
                    list.serialize_element(&Item::of(value))?;
                }
            }
            Self::Items(items, values) => {
                let mut values = values.iter().flat_map(Values::iter);
                for item in items.iter() {
                    let value = values.next().map(|value| value.bytes);
                    flat(&item, &mut |row| {
                        let value = value.filter(|value| !value.is_empty()).map(Hex);
                        let row = Item { value, ..row };
                        if result.is_ok() {
                            result = list.serialize_element(&row);
                        }
                    });
                }
            }
        }
        result.and_then(|()| list.end())
    }
}

/// One item of the record's list.
#[derive(Default, Serialize)]
pub(super) struct Item<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) syntax: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) area: Option<Area>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) db: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) byte: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bit: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) transport_size: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) count: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    return_code: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Hex<'a>>,
}

impl<'a> Item<'a> {
    fn of(value: Value<'a>) -> Self {
        Self {
            return_code: Some(value.code),
            value: Some(Hex(value.bytes)).filter(|hex| !hex.0.is_empty()),
            ..Self::default()
        }
    }
}

/// Shows a variable as the record lists it: an item of several runs is several.
pub(super) fn flat(item: &items::Item<'_>, see: &mut dyn FnMut(Item<'_>)) {
    let bare = || Item {
        syntax: Some(item.syntax()),
        ..Item::default()
    };
    match *item {
        items::Item::Any {
            transport_size,
            count,
            db,
            area,
            address,
        } => {
            let (byte, bit) = if items::is_numbered(area) {
                (address, None)
            } else {
                (address >> 3, Some((address & 7) as u8))
            };
            see(Item {
                area: Some(Area(area)),
                db: Some(db).filter(|&db| db != 0 || matches!(area, 0x84 | 0x85)),
                byte: Some(byte),
                bit,
                transport_size: Some(transport_size),
                count: Some(count),
                ..bare()
            });
        }
        items::Item::DbRead(runs) => items::runs_of(runs).for_each(|(len, db, first)| {
            see(Item {
                area: Some(Area(0x84)),
                db: Some(db),
                byte: Some(first),
                count: u16::try_from(len).ok(),
                ..bare()
            });
        }),
        items::Item::Symbol { db, area } => see(Item {
            area: area.map(Area),
            db,
            ..bare()
        }),
        items::Item::Nck {
            column,
            row,
            module,
            count,
            ..
        } => see(Item {
            column: Some(column),
            row: Some(row),
            module: Some(module),
            count: Some(count.into()),
            ..bare()
        }),
        items::Item::Other(_) => see(bare()),
    }
}

/// Bytes as hexadecimal digits.
pub(super) struct Hex<'a>(pub(super) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Hex<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
