//! A network message as records, rules and policies see it.

use std::fmt::Write as _;

use model::{Detail, Fact, Identity, Side, Target, Value};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::datasets::{DataSet, DataSets};
use super::message::{Chunk, Kind, Message, Publisher};
use crate::opcua::login::clipped;
use crate::opcua::types::printable;

/// The most fields of one data set that a record shows.
const FIELDS: usize = 64;

impl Detail for Message<'_> {
    fn targets(&self, _: &mut dyn FnMut(Target<'_>)) {}

    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "message" => Some("UADP".into()),
            "encrypted" => Some(Value::Bool(self.is_encrypted())),
            "security_mode" => Some(self.mode().into()),
            "publisher_id" => self.publisher.map(|it| Value::Text(it.to_string().into())),
            "writer_group_id" => self.group.id.map(|id| Value::Int(id.into())),
            "writer" => self.writers.map(|writers| {
                let ids = writers.map(|id| Value::Int(id.into()));
                Value::List(ids.collect())
            }),
            "token_id" => self.security.map(|security| security.token_id.into()),
            "sequence" => self.group.sequence.map(|number| Value::Int(number.into())),
            "value" => self.values(),
            _ => None,
        }
    }

    fn sender(&self) -> Option<Side> {
        Some(match self.kind {
            Kind::Probe => Side::Client,
            Kind::Data | Kind::Announcement => Side::Server,
        })
    }

    fn identity(&self, see: &mut dyn FnMut(Identity<'_>)) {
        // A number names a device to its subscribers alone; a text is most often its URI.
        let Some(Publisher::Text(name)) = self.publisher else {
            return;
        };
        if let Some(name) = clipped(Some(name)).filter(|_| self.kind != Kind::Probe) {
            see(Identity {
                of: Side::Server,
                unit: None,
                fact: Fact::Application,
                value: printable(name),
            });
        }
    }
}

impl Message<'_> {
    fn mode(&self) -> &'static str {
        self.security
            .map_or("none", |security| security.mode.name())
    }

    fn values(&self) -> Option<Value<'_>> {
        let sets = self.data_sets()?;
        let fields = sets.flat_map(|set| set.fields().take(FIELDS));
        let values: Vec<_> = fields
            .filter_map(|field| Some(field.value?.field()))
            .collect();
        (!values.is_empty()).then_some(Value::List(values))
    }
}

impl Serialize for Message<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("message", "UADP")?;
        some(&mut map, "token_id", self.security.map(|it| it.token_id))?;
        some(&mut map, "sequence", self.group.sequence)?;
        map.serialize_entry("security_mode", self.mode())?;
        some(&mut map, "encrypted", self.is_encrypted().then_some(true))?;
        map.serialize_entry("pubsub", &PubSub(self))?;
        map.end()
    }
}

struct PubSub<'a>(&'a Message<'a>);

impl Serialize for PubSub<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(message) = self;
        let mut map = serializer.serialize_map(None)?;
        let publisher = message.publisher.map(|it| it.to_string());
        some(&mut map, "publisher_id", publisher)?;
        some(&mut map, "dataset_class_id", message.class.map(guid))?;
        some(&mut map, "writer_group_id", message.group.id)?;
        some(&mut map, "group_version", message.group.version)?;
        some(&mut map, "network_message_number", message.group.number)?;
        some(&mut map, "sequence", message.group.sequence)?;
        if let Some(writers) = message.writers {
            map.serialize_entry("writers", &writers.collect::<Vec<_>>())?;
        }
        let secured = message.security.is_some();
        map.serialize_entry("signed", &(secured && message.mode() != "none"))?;
        map.serialize_entry("encrypted", &message.is_encrypted())?;
        some(&mut map, "discovery_type", message.subject)?;
        some(&mut map, "chunk", message.chunk.map(ChunkShown))?;
        some(&mut map, "datasets", message.data_sets().map(Sets))?;
        map.end()
    }
}

struct ChunkShown(Chunk);

impl Serialize for ChunkShown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("sequence", &self.0.sequence)?;
        map.serialize_entry("offset", &self.0.offset)?;
        map.serialize_entry("total", &self.0.total)?;
        map.end()
    }
}

struct Sets<'a>(DataSets<'a>);

impl Serialize for Sets<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.map(Set))
    }
}

struct Set<'a>(DataSet<'a>);

impl Serialize for Set<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(set) = self;
        let mut map = serializer.serialize_map(None)?;
        some(&mut map, "writer", set.writer)?;
        map.serialize_entry("kind", set.kind.name())?;
        some(&mut map, "sequence", set.sequence)?;
        some(&mut map, "status", set.status)?;
        some(&mut map, "fields", set.count)?;
        if set.count.is_some() {
            map.serialize_entry("values", &Values(set))?;
        }
        map.end()
    }
}

struct Values<'a>(&'a DataSet<'a>);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for field in self.0.fields().take(FIELDS) {
            list.serialize_element(&field.value)?;
        }
        list.end()
    }
}

fn some<M: SerializeMap>(
    map: &mut M,
    name: &'static str,
    value: Option<impl Serialize>,
) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, &value))
}

/// A `Guid` as text (OPC 10000-6, 5.1.3 and 5.2.2.6: the first three parts are little-endian).
fn guid(bytes: [u8; 16]) -> String {
    let [a, b, c, d, e, f, g, h, rest @ ..] = bytes;
    let (first, second, third) = (
        u32::from_le_bytes([a, b, c, d]),
        u16::from_le_bytes([e, f]),
        u16::from_le_bytes([g, h]),
    );
    let mut text = format!("{first:08x}-{second:04x}-{third:04x}-");
    for (place, byte) in rest.iter().enumerate() {
        // Writing to a string does not fail.
        let _ = write!(text, "{}{byte:02x}", if place == 2 { "-" } else { "" });
    }
    text
}
