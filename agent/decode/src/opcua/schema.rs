//! The shape of every message: which members its structures have, in which order, under which names.
//!
//! The tables follow OPC 10000-4 (the services) in the order of OPC 10000-6, Annex C; the built-in types are those of OPC 10000-6,
//! 5.1.2. [`pass`] goes through a structure without keeping anything, so that whatever is cut off, claims too much or nests
//! too deep is known before anybody looks; [`walk`](super::walk) shows one member by member.

#[rustfmt::skip]
mod enumerations;
#[rustfmt::skip]
mod extensions;
#[rustfmt::skip]
pub(super) mod headers;
#[rustfmt::skip]
pub(super) mod messages;
#[rustfmt::skip]
mod structures;

use model::Malformed;

use super::types::{
    self, TOO_DEEP, bytes, diagnostic_info, expanded_node_id, extension_object, localized_text,
    qualified_name,
};
use crate::reader::Reader;

/// The members of a structure, in their order on the wire.
#[derive(Debug)]
pub(super) struct Structure {
    /// Its name in the specification.
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
}

/// One member of a structure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// Its name in the specification.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Whether it is an array.
    pub(super) many: bool,
}

/// What the numbers of an enumeration mean.
pub(super) type Enumeration = &'static [(u32, &'static str)];

/// The type of a member.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Boolean,
    SByte,
    Byte,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Int64,
    UInt64,
    Float,
    Double,
    Text,
    Time,
    Guid,
    Bytes,
    /// Bytes that nobody may see: a password, or a token that is as good as one.
    Secret,
    Node,
    ExpandedNode,
    Status,
    Name,
    Localized,
    Extension,
    Data,
    Variant,
    Diagnostic,
    /// A value that a method is given or gives back; some methods take or give secrets.
    Argument,
    Enumeration(&'static Enumeration),
    Structure(&'static Structure),
}

/// The built-in type with this identifier in a `Variant` (OPC 10000-6, 5.1.2). 26 to 31 are to be read like byte strings
/// (5.2.2.16).
pub(super) const fn builtin(id: u8) -> Option<(Kind, &'static str)> {
    Some(match id {
        1 => (Kind::Boolean, "Boolean"),
        2 => (Kind::SByte, "SByte"),
        3 => (Kind::Byte, "Byte"),
        4 => (Kind::Int16, "Int16"),
        5 => (Kind::UInt16, "UInt16"),
        6 => (Kind::Int32, "Int32"),
        7 => (Kind::UInt32, "UInt32"),
        8 => (Kind::Int64, "Int64"),
        9 => (Kind::UInt64, "UInt64"),
        10 => (Kind::Float, "Float"),
        11 => (Kind::Double, "Double"),
        12 => (Kind::Text, "String"),
        13 => (Kind::Time, "DateTime"),
        14 => (Kind::Guid, "Guid"),
        15 => (Kind::Bytes, "ByteString"),
        16 => (Kind::Text, "XmlElement"),
        17 => (Kind::Node, "NodeId"),
        18 => (Kind::ExpandedNode, "ExpandedNodeId"),
        19 => (Kind::Status, "StatusCode"),
        20 => (Kind::Name, "QualifiedName"),
        21 => (Kind::Localized, "LocalizedText"),
        22 => (Kind::Extension, "ExtensionObject"),
        23 => (Kind::Data, "DataValue"),
        24 => (Kind::Variant, "Variant"),
        25 => (Kind::Diagnostic, "DiagnosticInfo"),
        26..=31 => (Kind::Bytes, "ByteString"),
        _ => return None,
    })
}

/// The structure with this identifier of a binary encoding in namespace 0.
pub(super) fn extension(id: u32) -> Option<&'static Structure> {
    let listed = &extensions::EXTENSIONS;
    let place = listed.binary_search_by_key(&id, |(id, _)| *id).ok()?;
    listed.get(place).map(|(_, structure)| *structure)
}

impl Kind {
    /// The fewest bytes that one value has.
    pub(super) fn least(self) -> usize {
        match self {
            Self::Int16 | Self::UInt16 | Self::Node | Self::ExpandedNode => 2,
            Self::Extension => 3,
            Self::Int32 | Self::UInt32 | Self::Float | Self::Status => 4,
            Self::Text | Self::Bytes | Self::Secret | Self::Enumeration(_) => 4,
            Self::Name => 6,
            Self::Int64 | Self::UInt64 | Self::Double | Self::Time => 8,
            Self::Guid => 16,
            Self::Structure(structure) => structure.fields.iter().map(Field::least).sum(),
            _ => 1,
        }
    }
}

impl Field {
    fn least(&self) -> usize {
        if self.many { 4 } else { self.kind.least() }
    }
}

/// Goes through a structure, and through all within it down to `depth`.
///
/// # Errors
///
/// What is cut off, claims more than there is, or nests deeper.
pub(super) fn pass(
    structure: &'static Structure,
    reader: &mut Reader<'_>,
    depth: u8,
) -> Result<(), Malformed> {
    structure
        .fields
        .iter()
        .try_for_each(|field| pass_field(field, reader, depth))
}

fn pass_field(field: &Field, reader: &mut Reader<'_>, depth: u8) -> Result<(), Malformed> {
    if !field.many {
        return pass_one(field.name, field.kind, reader, depth);
    }
    let count = types::count(reader, field.name, field.kind.least())?;
    pass_all(field.name, field.kind, count, reader, depth)
}

fn pass_all(
    name: &'static str,
    kind: Kind,
    count: u32,
    reader: &mut Reader<'_>,
    depth: u8,
) -> Result<(), Malformed> {
    match width(kind) {
        Some(width) => {
            let len = width.saturating_mul(count as usize);
            reader.take(name, len).map(drop)
        }
        None => (0..count).try_for_each(|_| pass_one(name, kind, reader, depth)),
    }
}

/// The size of a type whose values are all of one size.
const fn width(kind: Kind) -> Option<usize> {
    Some(match kind {
        Kind::Boolean | Kind::SByte | Kind::Byte => 1,
        Kind::Int16 | Kind::UInt16 => 2,
        Kind::Int32 | Kind::UInt32 | Kind::Float | Kind::Status | Kind::Enumeration(_) => 4,
        Kind::Int64 | Kind::UInt64 | Kind::Double | Kind::Time => 8,
        Kind::Guid => 16,
        _ => return None,
    })
}

/// Goes through one value.
pub(super) fn pass_one(
    name: &'static str,
    kind: Kind,
    reader: &mut Reader<'_>,
    depth: u8,
) -> Result<(), Malformed> {
    if let Some(width) = width(kind) {
        return reader.take(name, width).map(drop);
    }
    match kind {
        Kind::Text | Kind::Bytes | Kind::Secret => bytes(reader, name).map(drop),
        Kind::Node | Kind::ExpandedNode => expanded_node_id(reader, name).map(drop),
        Kind::Name => qualified_name(reader, name).map(drop),
        Kind::Localized => localized_text(reader, name).map(drop),
        Kind::Diagnostic => diagnostic_info(reader, name),
        Kind::Extension => pass_extension(name, reader, depth),
        Kind::Data => pass_data(name, reader, depth),
        Kind::Variant | Kind::Argument => pass_variant(name, reader, depth),
        Kind::Structure(structure) => pass(structure, reader, depth),
        _ => Ok(()),
    }
}

fn pass_extension(name: &'static str, reader: &mut Reader<'_>, depth: u8) -> Result<(), Malformed> {
    let depth = deeper(name, reader, depth)?;
    let object = extension_object(reader, name)?;
    match (object.known(), object.body) {
        (Some(structure), Some(mut body)) => pass(structure, &mut body, depth),
        _ => Ok(()),
    }
}

fn pass_data(name: &'static str, reader: &mut Reader<'_>, depth: u8) -> Result<(), Malformed> {
    let depth = deeper(name, reader, depth)?;
    let mask = reader.u8(name)?;
    if mask & 0x01 != 0 {
        pass_variant(name, reader, depth)?;
    }
    let tail = [(0x02, 4), (0x04, 8), (0x10, 2), (0x08, 8), (0x20, 2)];
    let len = tail.iter().filter(|(bit, _)| mask & bit != 0);
    reader.take(name, len.map(|(_, len)| len).sum()).map(drop)
}

fn pass_variant(name: &'static str, reader: &mut Reader<'_>, depth: u8) -> Result<(), Malformed> {
    let depth = deeper(name, reader, depth)?;
    let encoding = reader.u8(name)?;
    let Some((kind, _)) = builtin(encoding & 0x3f) else {
        return pass_empty(name, encoding, reader);
    };
    if encoding & 0x80 == 0 {
        return pass_one(name, kind, reader, depth);
    }
    let count = types::count(reader, name, kind.least())?;
    pass_all(name, kind, count, reader, depth)?;
    dimensions(name, encoding, reader)
}

/// Goes through a `Variant` without a type: a null, or an array of them, which has a length and no elements.
pub(super) fn pass_empty(
    name: &'static str,
    encoding: u8,
    reader: &mut Reader<'_>,
) -> Result<(), Malformed> {
    if encoding & 0x3f != 0 {
        return Err(reader.malformed(name, "no such built-in type"));
    }
    if encoding & 0x80 != 0 {
        types::count(reader, name, 0)?;
    }
    dimensions(name, encoding, reader)
}

fn dimensions(name: &'static str, encoding: u8, reader: &mut Reader<'_>) -> Result<(), Malformed> {
    if encoding & 0xc0 != 0xc0 {
        return Ok(());
    }
    let count = types::count(reader, name, 4)?;
    pass_all(name, Kind::UInt32, count, reader, 0)
}

/// The depth of what lies within, where there is any left.
pub(super) fn deeper(name: &'static str, reader: &Reader<'_>, depth: u8) -> Result<u8, Malformed> {
    depth
        .checked_sub(1)
        .ok_or_else(|| reader.malformed(name, TOO_DEEP))
}

const fn of(name: &'static str, fields: &'static [Field]) -> Structure {
    Structure { name, fields }
}

const fn one(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        many: false,
    }
}

const fn many(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        many: true,
    }
}
