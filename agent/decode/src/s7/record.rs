//! The record's member `s7`: every field of a message, as tools outside compare it.
//!
//! Fields that the message does not carry are absent. Selectors and values are hexadecimal digits.

use std::fmt;

use model::Unit;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::contents::Contents;
use super::items::{self, Items, Value, Values};
use super::message::{Body, Message};
use super::operation::{self, Area, Content, Detail};
use super::plus;
use super::program::{self, Service};
use super::selector::{self, Kind};
use super::transfers::Summary;
use super::typed::Typed;
use super::{codes, userdata};

#[derive(Default, Serialize)]
struct Record<'a> {
    cotp: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    src_tsap: Option<Hex<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dst_tsap: Option<Hex<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    src_tsap_text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dst_tsap_text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tpdu_size: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tpdu_class: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_name: Option<&'static str>,
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
    error_name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pdu_size: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jobs: Option<[u16; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Listed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pi_service: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pi_argument: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pi_arguments: Option<Arguments<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pi_blocks: Option<Named<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restart: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<Block<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upload_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stated_bytes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code_bytes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part_bytes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transfer: Option<&'a Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    userdata: Option<Userdata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    szl: Option<Szl>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Contents<'a>>,
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

impl<'a> Block<'a> {
    fn of(block: &'a program::Block) -> Self {
        Self {
            r#type: block.kind(),
            number: block.number,
            filesystem: block.filesystem(),
        }
    }
}

#[derive(Serialize)]
struct Userdata {
    r#type: u8,
    group: u8,
    subfunction: u8,
    sequence: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    return_code: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_unit: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<bool>,
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
            block: self.block.as_ref().map(Block::of),
            body: self.contents(),
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
                record.src_tsap_text = it.src_tsap.and_then(selector::text);
                record.dst_tsap_text = it.dst_tsap.and_then(selector::text);
                record.connection_kind = it.kind().map(Kind::name);
                record.tpdu_size = it.tpdu_size();
                record.tpdu_class = it.class;
                record.reason = it.reason;
                record.reason_name = it.reason.map(codes::disconnect);
            }
            Content::Classic(message) => {
                record.message(message, self.asked);
                record.known(self);
            }
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
    /// What came of blocks: of one transfer, or of those that a program invocation names.
    fn known(&mut self, detail: &Detail<'a>) {
        let service = |body: &Body<'a>| match body {
            Body::Service(service) if service.blocks().next().is_some() => Some(*service),
            _ => None,
        };
        let said = match &detail.content {
            Content::Classic(message) => service(&message.body),
            _ => None,
        };
        let answers = detail.asked.as_ref().and_then(service);
        self.pi_blocks = said.or(answers).map(|service| Named(service, detail.known));
        self.transfer = match detail.known {
            [one] if said.is_none() => Some(one),
            _ => None,
        };
    }

    fn message(&mut self, message: &Message<'a>, asked: Option<Body<'a>>) {
        self.rosctr = Some(message.rosctr.code());
        self.pdu_ref = Some(message.reference);
        self.function = message.function;
        self.error_class = message.error.map(|error| (error >> 8) as u8);
        self.error_code = message.error.map(|error| error as u8);
        self.error_name = operation::error_name(message);
        match message.body {
            Body::Bare => {}
            Body::Setup { jobs, pdu_size } => {
                (self.jobs, self.pdu_size) = (Some(jobs), Some(pdu_size));
            }
            Body::Items(items, values) => self.items = Some(Listed::Items(items, Some(values))),
            Body::Values(values) => self.items = Some(Listed::Values(values, named(asked))),
            Body::Transfer(transfer) => {
                self.upload_id = transfer.id;
                (self.stated_bytes, self.code_bytes) = (transfer.stated, transfer.code);
                self.part_bytes = transfer.part.map(<[u8]>::len);
            }
            Body::Service(service) => {
                self.pi_service = service.name();
                self.pi_argument = service.argument();
                let arguments = Arguments(service);
                self.pi_arguments = service.arguments().next().map(|_| arguments);
                self.restart = service.restart();
            }
            Body::Userdata(userdata) => {
                let items = userdata.items().map(|items| Listed::Items(items, None));
                let values = || Some(Listed::Values(userdata.values()?, None));
                self.items = items.or_else(values);
                self.userdata = Some(Userdata::of(&userdata));
            }
        }
    }
}

impl Userdata {
    fn of(it: &userdata::Userdata<'_>) -> Self {
        let (kind, group) = it.halves();
        let answers = it.kind == userdata::Kind::Response;
        let fragment = it.fragment != 0 || it.continues;
        Self {
            r#type: kind,
            group,
            subfunction: it.subfunction,
            sequence: it.sequence,
            error: it.error,
            return_code: Some(it.code).filter(|_| answers),
            result: Some(it.result()).filter(|_| answers),
            data_unit: Some(it.fragment).filter(|_| fragment),
            last: Some(!it.continues).filter(|_| fragment),
        }
    }
}

/// The variables that an answer is about, where each is one row of its request.
fn named(asked: Option<Body<'_>>) -> Option<Items<'_>> {
    match asked {
        Some(Body::Items(items, _)) => Some(items),
        _ => None,
    }
}

/// What a service of a numerical control is given.
struct Arguments<'a>(Service<'a>);

impl Serialize for Arguments<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.arguments())
    }
}

/// The blocks that a program invocation names, each with what is known of it.
struct Named<'a>(Service<'a>, &'a [Summary]);

#[derive(Serialize)]
struct NamedBlock<'a> {
    #[serde(flatten)]
    block: Block<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<Hex<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    complete: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inserted: Option<bool>,
}

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for block in self.0.blocks() {
            let known = self.1.iter().find(|it| it.block.is(&block));
            list.serialize_element(&NamedBlock {
                block: Block::of(&block),
                size_bytes: known.map(|it| it.size_bytes),
                sha256: known.and_then(|it| it.sha256.as_ref()).map(|it| Hex(it)),
                complete: known.map(|it| it.complete),
                inserted: known.and_then(|it| it.inserted),
            })?;
        }
        list.end()
    }
}

impl Serialize for Summary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", &self.way)?;
        map.serialize_entry("block", &Block::of(&self.block))?;
        map.serialize_entry("size_bytes", &self.size_bytes)?;
        if let Some(stated) = self.stated_bytes {
            map.serialize_entry("stated_bytes", &stated)?;
        }
        if let Some(sha256) = &self.sha256 {
            map.serialize_entry("sha256", &Hex(sha256))?;
        }
        map.serialize_entry("complete", &self.complete)?;
        if let Some(inserted) = self.inserted {
            map.serialize_entry("inserted", &inserted)?;
        }
        map.end()
    }
}

/// Items as the record lists them.
enum Listed<'a> {
    Items(Items<'a>, Option<Values<'a>>),
    Values(Values<'a>, Option<Items<'a>>),
}

impl Serialize for Listed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        let mut result = Ok(());
        match self {
            Self::Values(values, items) => {
                let mut items = items.iter().flat_map(Items::iter);
                for value in values.iter() {
                    list.serialize_element(&Item::of(value, items.next()))?;
                }
            }
            Self::Items(items, values) => {
                let mut values = values.iter().flat_map(Values::iter);
                for item in items.iter() {
                    let value = values.next().map(|value| value.bytes);
                    flat(&item, &mut |row| {
                        let value = value.filter(|value| !value.is_empty());
                        let typed = value.and_then(|it| Typed::of(row.transport_size?, it));
                        let value = value.map(Hex);
                        let row = Item {
                            value,
                            typed,
                            ..row
                        };
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
    syntax_name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) area: Option<Area>,
    #[serde(skip_serializing_if = "Option::is_none")]
    area_name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) db: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) byte: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) bit: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) transport_size: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
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
    result: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Hex<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    typed: Option<Typed<'a>>,
}

impl<'a> Item<'a> {
    fn of(value: Value<'a>, asked: Option<items::Item<'a>>) -> Self {
        let typed = match asked {
            Some(items::Item::Any { transport_size, .. }) => Typed::of(transport_size, value.bytes),
            _ => None,
        };
        Self {
            return_code: Some(value.code),
            result: Some(codes::return_code(value.code)),
            value: Some(Hex(value.bytes)).filter(|hex| !hex.0.is_empty()),
            typed,
            ..Self::default()
        }
    }
}

/// Shows a variable as the record lists it: an item of several runs is several.
pub(super) fn flat(item: &items::Item<'_>, see: &mut dyn FnMut(Item<'_>)) {
    let bare = || Item {
        syntax: Some(item.syntax()),
        syntax_name: codes::syntax(item.syntax()),
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
                area_name: codes::area(area),
                db: Some(db).filter(|&db| db != 0 || matches!(area, 0x84 | 0x85)),
                byte: Some(byte),
                bit,
                transport_size: Some(transport_size),
                r#type: codes::element(transport_size),
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
