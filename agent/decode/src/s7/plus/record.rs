//! The record's member `plus`: what head and body say beyond version, opcode, function and sequence.
//!
//! Long values are shown by their beginning. Passwords, keys and what is derived from them are never shown.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::super::items;
use super::address::Address;
use super::entries::Entry;
use super::ids;
use super::message::Message;
use super::tree::Tree;
use super::value::{Seen, Value};

/// The most bytes, letters or elements of one value that are shown.
const SHOWN: usize = 64;

/// The member of a message.
pub(in super::super) struct Record<'a>(pub(in super::super) &'a Message<'a>);

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let message = self.0;
        let body = &message.body;
        let mut map = serializer.serialize_map(None)?;
        if let Some(session) = message.head.session {
            map.serialize_entry("session", &session)?;
        }
        let object = message.object().or(body.object);
        if let Some(object) = object {
            map.serialize_entry("object", &object)?;
            if let super::targets::Name::Known(name) = message.object_name(object) {
                map.serialize_entry("object_name", name)?;
            }
        }
        if let Some(made) = message.object_made() {
            map.serialize_entry("class", &made.class)?;
            let name = Tree::new(body.tree).attribute(ids::NAME);
            if let Some(name) = name.and_then(|it| it.text()) {
                map.serialize_entry("name", name)?;
            }
        }
        if let Some(method) = body.method {
            map.serialize_entry("method", &method)?;
        }
        if !body.created.is_empty() {
            map.serialize_entry("created", &body.created.iter().collect::<Vec<_>>())?;
        }
        if message.has_items() {
            map.serialize_entry("items", &Items(message))?;
        }
        if message.has_attributes() {
            map.serialize_entry("attributes", &Attributes(message))?;
        }
        if super::facts::host(message).is_some() {
            map.serialize_entry("client", &Client(message))?;
        }
        if let Some(result) = body.result {
            map.serialize_entry("return_code", &format_args!("{result:x}"))?;
        }
        map.serialize_entry("integrity", &message.integrity)?;
        if message.is_unread() {
            map.serialize_entry("unread", &true)?;
        }
        map.end()
    }
}

impl Message<'_> {
    /// Whether it lists variables, or results of such.
    fn has_items(&self) -> bool {
        let answers = self.head.opcode != Some(0x31);
        self.addresses().count() > 0
            || (answers && self.body.values.iter().next().is_some())
            || self.failed().next().is_some()
    }

    fn has_attributes(&self) -> bool {
        !self.body.attributes.is_empty() || !self.body.tree.is_empty()
    }
}

/// One row of `items`.
#[derive(Default, Serialize)]
struct Item<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    area: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    db: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    byte: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attribute: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    symbol_crc: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lids: Vec<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Shown<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    return_code: Option<String>,
}

impl<'a> Item<'a> {
    fn at(address: &Address<'a>) -> Self {
        let area = ids::area(address.area);
        let bytes = address.bytes();
        Self {
            area: area.and_then(items::area_name),
            db: (area == Some(0x84)).then_some(address.area & 0xffff),
            byte: bytes.map(|(first, _)| first),
            count: bytes.map(|(first, last)| last - first + 1),
            object: area.is_none().then_some(address.area),
            attribute: address.attribute(),
            symbol_crc: Some(address.crc).filter(|&crc| crc != 0),
            lids: address.lids().collect(),
            ..Self::default()
        }
    }

    fn of(entry: Entry<'a>, secret: bool) -> Self {
        Self {
            number: Some(entry.number),
            value: entry.value.filter(|_| !secret).map(Shown),
            return_code: entry.error.map(|error| format!("{error:x}")),
            ..Self::default()
        }
    }
}

struct Items<'a>(&'a Message<'a>);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let message = self.0;
        let secret = message.is_secret();
        let mut list = serializer.serialize_seq(None)?;
        if message.head.opcode == Some(0x31) {
            let mut values = message.body.values.iter();
            for address in message.addresses().iter() {
                let value = values.next().and_then(|it| it.value).filter(|_| !secret);
                list.serialize_element(&Item {
                    value: value.map(Shown),
                    ..Item::at(&address)
                })?;
            }
        } else {
            for entry in message.body.values.iter().chain(message.failed()) {
                list.serialize_element(&Item::of(entry, secret))?;
            }
        }
        list.end()
    }
}

#[derive(Serialize)]
struct Attribute<'a> {
    id: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Shown<'a>>,
}

struct Attributes<'a>(&'a Message<'a>);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let body = &self.0.body;
        let mut list = serializer.serialize_seq(None)?;
        let mut values = body.values.iter();
        let named = body.attributes.iter().map(|id| {
            let value = values.next().and_then(|it| it.value);
            (id, value)
        });
        let held = Tree::new(body.tree).attributes();
        for (id, value) in named.chain(held.map(|(id, value)| (id, Some(value)))) {
            list.serialize_element(&Attribute {
                id,
                value: value.filter(|_| !ids::is_secret(id)).map(Shown),
            })?;
        }
        list.end()
    }
}

struct Client<'a>(&'a Message<'a>);

impl Serialize for Client<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names = ["address", "user", "application", "host", "role", "rid"];
        let session = Tree::new(self.0.body.tree);
        let mut map = serializer.serialize_map(None)?;
        for (id, name) in ids::CLIENT.into_iter().zip(names) {
            if let Some(value) = session.attribute(id)
                && value.text() != Some("")
            {
                map.serialize_entry(name, &Shown(value))?;
            }
        }
        map.end()
    }
}

/// A value as records show it: numbers, texts, lists, members by id, bytes as hexadecimal digits.
struct Shown<'a>(Value<'a>);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.seen() {
            Seen::Nothing => serializer.serialize_unit(),
            Seen::Bool(value) => serializer.serialize_bool(value),
            Seen::Signed(value) => serializer.serialize_i64(value),
            Seen::Unsigned(value) => serializer.serialize_u64(value),
            Seen::Real(value) => serializer.serialize_f64(value),
            Seen::Text(bytes) => {
                let text = String::from_utf8_lossy(bytes.get(..4 * SHOWN).unwrap_or(bytes));
                serializer.collect_str(&text)
            }
            Seen::Bytes(bytes) => {
                let bytes = bytes.get(..SHOWN).unwrap_or(bytes);
                super::super::record::Hex(bytes).serialize(serializer)
            }
            Seen::List(list) => serializer.collect_seq(list.take(SHOWN).map(Shown)),
            Seen::Keyed(entries) => {
                let shown = entries.filter(|(id, _)| !ids::is_secret(*id)).take(SHOWN);
                serializer.collect_map(shown.map(|(id, value)| (id, Shown(value))))
            }
        }
    }
}
