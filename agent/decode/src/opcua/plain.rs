//! Values that have no others within, as a dissection shows them.
//!
//! Follows OPC 10000-6, 5.2.2, and in its manner 5.4: enumerations as `Name_1`, status codes as code and symbol. Of a password only the
//! length is shown, of other byte strings the length and the first bytes.

use model::{Malformed, NodeKey};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::record::some;
use super::schema::{Enumeration, Kind};
use super::status;
use super::types::{self, ExpandedNodeId, bytes, expanded_node_id, qualified_name, text};
use super::variant::{hex, moment};
use crate::reader::Reader;

/// A value that has no others within.
pub(super) enum Plain<'a> {
    Null,
    Boolean(bool),
    Int(i64),
    Unsigned(u64),
    Float(f32),
    Double(f64),
    Text(&'a str),
    Time(i64),
    Guid([u8; 16]),
    Bytes(&'a [u8]),
    Secret(usize),
    Node(ExpandedNodeId<'a>),
    Status(u32),
    Name(types::QualifiedName<'a>),
    Localized {
        mask: u8,
        locale: Option<&'a str>,
        text: Option<&'a str>,
    },
    Enumeration(u32, Enumeration),
}

/// Reads one.
pub(super) fn plain<'a>(
    name: &'static str,
    kind: Kind,
    reader: &mut Reader<'a>,
) -> Result<Plain<'a>, Malformed> {
    Ok(match kind {
        Kind::Boolean => Plain::Boolean(reader.u8(name)? != 0),
        Kind::SByte => Plain::Int(i8::from_le_bytes(reader.array(name)?).into()),
        Kind::Byte => Plain::Unsigned(reader.u8(name)?.into()),
        Kind::Int16 => Plain::Int(i16::from_le_bytes(reader.array(name)?).into()),
        Kind::UInt16 => Plain::Unsigned(reader.u16_le(name)?.into()),
        Kind::Int32 => Plain::Int(i32::from_le_bytes(reader.array(name)?).into()),
        Kind::UInt32 => Plain::Unsigned(reader.u32_le(name)?.into()),
        Kind::Int64 => Plain::Int(i64::from_le_bytes(reader.array(name)?)),
        Kind::UInt64 => Plain::Unsigned(reader.u64_le(name)?),
        Kind::Float => Plain::Float(f32::from_le_bytes(reader.array(name)?)),
        Kind::Double => Plain::Double(f64::from_le_bytes(reader.array(name)?)),
        Kind::Text => text(reader, name)?.map_or(Plain::Null, Plain::Text),
        Kind::Time => Plain::Time(i64::from_le_bytes(reader.array(name)?)),
        Kind::Guid => Plain::Guid(reader.array(name)?),
        Kind::Bytes => bytes(reader, name)?.map_or(Plain::Null, Plain::Bytes),
        Kind::Secret => bytes(reader, name)?.map_or(Plain::Null, |it| Plain::Secret(it.len())),
        Kind::Node | Kind::ExpandedNode => Plain::Node(expanded_node_id(reader, name)?),
        Kind::Status => Plain::Status(reader.u32_le(name)?),
        Kind::Name => Plain::Name(qualified_name(reader, name)?),
        Kind::Localized => localized(name, reader)?,
        Kind::Enumeration(names) => Plain::Enumeration(reader.u32_le(name)?, names),
        Kind::Extension
        | Kind::Data
        | Kind::Variant
        | Kind::Argument
        | Kind::Diagnostic
        | Kind::Structure(_) => Plain::Null,
    })
}

fn localized<'a>(name: &'static str, reader: &mut Reader<'a>) -> Result<Plain<'a>, Malformed> {
    let mask = reader.u8(name)?;
    let mut part = |bit| match mask & bit {
        0 => Ok(None),
        _ => text(reader, name),
    };
    Ok(Plain::Localized {
        mask,
        locale: part(1)?,
        text: part(2)?,
    })
}

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Null => serializer.serialize_none(),
            Self::Boolean(truth) => serializer.serialize_bool(truth),
            Self::Int(number) => serializer.serialize_i64(number),
            Self::Unsigned(number) => serializer.serialize_u64(number),
            Self::Float(number) => serializer.serialize_f32(number),
            Self::Double(number) => serializer.serialize_f64(number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Time(ticks) => serializer.serialize_str(&moment(ticks)),
            Self::Guid(guid) => serializer.serialize_str(&guid_text(guid)),
            Self::Bytes(bytes) => run(bytes.len(), Some(bytes), serializer),
            Self::Secret(length) => run(length, None, serializer),
            Self::Node(node) => ShownNode(node).serialize(serializer),
            Self::Status(code) => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("code", &code)?;
                map.serialize_entry("symbol", status::name(code))?;
                map.end()
            }
            Self::Name(name) => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("namespaceIndex", &name.namespace)?;
                map.serialize_entry("name", &name.name)?;
                map.end()
            }
            Self::Localized { mask, locale, text } => {
                let mut map = serializer.serialize_map(None)?;
                map.serialize_entry("encodingMask", &mask)?;
                some(&mut map, "locale", locale)?;
                some(&mut map, "text", text)?;
                map.end()
            }
            Self::Enumeration(value, names) => match names.iter().find(|(it, _)| *it == value) {
                Some((_, name)) => serializer.collect_str(&format_args!("{name}_{value}")),
                None => serializer.collect_str(&value),
            },
        }
    }
}

/// A run of bytes: how many, and the first of them where they may be seen.
pub(super) fn run<S: Serializer>(
    length: usize,
    bytes: Option<&[u8]>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    map.serialize_entry("length", &length)?;
    some(&mut map, "hex", bytes.map(hex))?;
    map.end()
}

fn guid_text(guid: [u8; 16]) -> String {
    let shown = NodeKey::Guid(guid).to_string();
    shown.trim_start_matches("g=").to_owned()
}

/// A node identifier with all that its encoding carries.
pub(super) struct ShownNode<'a>(pub(super) ExpandedNodeId<'a>);

impl Serialize for ShownNode<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let it = &self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("encodingMask", &it.mask)?;
        // The shortest encoding leaves the namespace out.
        let namespace = (it.mask & 0x3f != 0).then_some(it.node.namespace);
        some(&mut map, "namespaceIndex", namespace)?;
        match it.node.key {
            NodeKey::Numeric(number) => map.serialize_entry("numeric", &number)?,
            NodeKey::Text(text) => map.serialize_entry("string", text)?,
            NodeKey::Guid(guid) => map.serialize_entry("guid", &guid_text(guid))?,
            NodeKey::Opaque(bytes) => map.serialize_entry("opaque", &hex(bytes))?,
        }
        some(&mut map, "namespaceUri", it.namespace_uri)?;
        some(&mut map, "serverIndex", it.server)?;
        map.end()
    }
}
