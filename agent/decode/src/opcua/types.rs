//! The built-in types that messages are made of, read without copying.
//!
//! Follows OPC 10000-6, 5.2.2 (binary encoding) with the bounds that a sensor needs: nothing recurses
//! deeper than [`DEPTH`], and no array may claim more elements than its message has bytes for.
//! Negative lengths are null, as 5.1.11 and 5.2.5 have it for -1. Text that is not UTF-8 is cut
//! before its first wrong byte.

use std::borrow::Cow;

use model::{Malformed, NodeKey, Target};

use super::schema::{self, Structure};
use crate::reader::Reader;

/// How deep values may lie within values.
pub(super) const DEPTH: u8 = 16;
/// Why a value is not read any further.
pub(super) const TOO_DEEP: &str = "lies deeper within others than is reasonable";
/// Why a list is not read at all.
pub(super) const TOO_MANY: &str = "has more elements than the message has bytes for";

/// A node identifier; of an expanded one the namespace URI and server are passed over.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct NodeId<'a> {
    pub(super) namespace: u16,
    pub(super) key: NodeKey<'a>,
}

impl<'a> NodeId<'a> {
    /// The identifier that names nothing (OPC 10000-3, 8.2.4).
    pub(super) const fn is_null(&self) -> bool {
        matches!(
            self,
            Self {
                namespace: 0,
                key: NodeKey::Numeric(0)
            }
        )
    }

    /// The number in namespace 0.
    pub(super) const fn standard(&self) -> Option<u32> {
        match (self.namespace, self.key) {
            (0, NodeKey::Numeric(number)) => Some(number),
            _ => None,
        }
    }

    /// As the model says it.
    pub(super) const fn target(&self) -> Target<'a> {
        Target::Node {
            namespace: self.namespace,
            key: self.key,
        }
    }
}

/// `NodeId` or `ExpandedNodeId` (5.2.2.9 and 5.2.2.10), as far as it names a node.
pub(super) fn node_id<'a>(
    reader: &mut Reader<'a>,
    field: &'static str,
) -> Result<NodeId<'a>, Malformed> {
    expanded_node_id(reader, field).map(|expanded| expanded.node)
}

/// A node identifier with all that its encoding carries.
#[derive(Clone, Copy, Debug)]
pub(super) struct ExpandedNodeId<'a> {
    /// How it is encoded.
    pub(super) mask: u8,
    pub(super) node: NodeId<'a>,
    /// The URI that stands in place of the namespace's index.
    pub(super) namespace_uri: Option<&'a str>,
    /// The server that has the node.
    pub(super) server: Option<u32>,
}

/// `NodeId` or `ExpandedNodeId` (5.2.2.9 and 5.2.2.10).
pub(super) fn expanded_node_id<'a>(
    reader: &mut Reader<'a>,
    field: &'static str,
) -> Result<ExpandedNodeId<'a>, Malformed> {
    let at = *reader;
    let encoding = reader.u8(field)?;
    let (namespace, key) = match encoding & 0x3f {
        0 => (0, NodeKey::Numeric(reader.u8(field)?.into())),
        1 => {
            let namespace = reader.u8(field)?.into();
            (namespace, NodeKey::Numeric(reader.u16_le(field)?.into()))
        }
        2 => (
            reader.u16_le(field)?,
            NodeKey::Numeric(reader.u32_le(field)?),
        ),
        3 => (reader.u16_le(field)?, text_key(reader, field)?),
        4 => (reader.u16_le(field)?, NodeKey::Guid(reader.array(field)?)),
        5 => {
            let namespace = reader.u16_le(field)?;
            let bytes = bytes(reader, field)?.unwrap_or(&[]);
            (namespace, NodeKey::Opaque(bytes))
        }
        _ => return Err(at.malformed(field, "no such encoding of a node identifier")),
    };
    let namespace_uri = match encoding & 0x80 {
        0 => None,
        _ => text(reader, field)?,
    };
    let server = match encoding & 0x40 {
        0 => None,
        _ => Some(reader.u32_le(field)?),
    };
    Ok(ExpandedNodeId {
        mask: encoding,
        node: NodeId { namespace, key },
        namespace_uri,
        server,
    })
}

fn text_key<'a>(reader: &mut Reader<'a>, field: &'static str) -> Result<NodeKey<'a>, Malformed> {
    let bytes = bytes(reader, field)?.unwrap_or(&[]);
    Ok(std::str::from_utf8(bytes).map_or(NodeKey::Opaque(bytes), NodeKey::Text))
}

/// `ByteString`, or any other length-prefixed run of bytes (5.2.2.7).
pub(super) fn bytes<'a>(
    reader: &mut Reader<'a>,
    field: &'static str,
) -> Result<Option<&'a [u8]>, Malformed> {
    let at = *reader;
    match length(reader, field)? {
        None => Ok(None),
        Some(len) if len > reader.left() => {
            Err(at.malformed(field, "is longer than what is left of the message"))
        }
        Some(len) => reader.take(field, len).map(Some),
    }
}

/// `String` (5.2.2.4).
pub(super) fn text<'a>(
    reader: &mut Reader<'a>,
    field: &'static str,
) -> Result<Option<&'a str>, Malformed> {
    Ok(bytes(reader, field)?.map(valid_part))
}

fn valid_part(bytes: &[u8]) -> &str {
    let valid = |end| {
        bytes
            .get(..end)
            .and_then(|part| std::str::from_utf8(part).ok())
    };
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => valid(error.valid_up_to()).unwrap_or(""),
    }
}

/// The length of an array whose elements take `least` bytes each at least; 0 where it is null.
pub(super) fn count(
    reader: &mut Reader<'_>,
    field: &'static str,
    least: usize,
) -> Result<u32, Malformed> {
    let at = *reader;
    let count = length(reader, field)?.unwrap_or(0);
    if count.saturating_mul(least.max(1)) > reader.left() {
        return Err(at.malformed(field, TOO_MANY));
    }
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

fn length(reader: &mut Reader<'_>, field: &'static str) -> Result<Option<usize>, Malformed> {
    let length = i32::from_le_bytes(reader.array(field)?);
    Ok(usize::try_from(length).ok())
}

/// Passes over an array, element by element.
pub(super) fn each<'a>(
    reader: &mut Reader<'a>,
    field: &'static str,
    least: usize,
    mut element: impl FnMut(&mut Reader<'a>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    for _ in 0..count(reader, field, least)? {
        element(reader)?;
    }
    Ok(())
}

/// A name with the namespace that it is from (5.2.2.13).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct QualifiedName<'a> {
    pub(super) namespace: u16,
    pub(super) name: Option<&'a str>,
}

/// `QualifiedName`.
pub(super) fn qualified_name<'a>(
    reader: &mut Reader<'a>,
    field: &'static str,
) -> Result<QualifiedName<'a>, Malformed> {
    Ok(QualifiedName {
        namespace: reader.u16_le(field)?,
        name: text(reader, field)?,
    })
}

/// `LocalizedText` without its locale (5.2.2.14).
pub(super) fn localized_text<'a>(
    reader: &mut Reader<'a>,
    field: &'static str,
) -> Result<Option<&'a str>, Malformed> {
    let mask = reader.u8(field)?;
    if mask & 1 != 0 {
        text(reader, field)?;
    }
    if mask & 2 != 0 {
        text(reader, field)
    } else {
        Ok(None)
    }
}

/// A structure in its own envelope (5.2.2.15).
#[derive(Clone, Copy, Debug)]
pub(super) struct ExtensionObject<'a> {
    pub(super) type_id: NodeId<'a>,
    /// How the body is encoded: 1 is binary, 2 is XML.
    pub(super) encoding: u8,
    /// The body, binary or XML; `None` where there is none.
    pub(super) body: Option<Reader<'a>>,
}

impl<'a> ExtensionObject<'a> {
    /// The body, where it has the binary encoding with this identifier.
    pub(super) fn holding(&self, id: u32) -> Option<Reader<'a>> {
        self.body.filter(|_| self.type_id.standard() == Some(id))
    }

    /// The structure of the body, where it is one that the tables have.
    pub(super) fn known(&self) -> Option<&'static Structure> {
        let id = self.type_id.standard().filter(|_| self.encoding == 1)?;
        schema::extension(id)
    }
}

/// `ExtensionObject`.
pub(super) fn extension_object<'a>(
    reader: &mut Reader<'a>,
    field: &'static str,
) -> Result<ExtensionObject<'a>, Malformed> {
    let type_id = node_id(reader, field)?;
    let at = *reader;
    let encoding = reader.u8(field)?;
    let body = match encoding {
        0 => None,
        1 | 2 => {
            let offset = reader.offset() + 4;
            bytes(reader, field)?.map(|body| Reader::at(body, offset))
        }
        _ => return Err(at.malformed(field, "no such encoding of a structure")),
    };
    Ok(ExtensionObject {
        type_id,
        encoding,
        body,
    })
}

/// Passes over a `DiagnosticInfo` and all within it (5.2.2.12).
pub(super) fn diagnostic_info(
    reader: &mut Reader<'_>,
    field: &'static str,
) -> Result<(), Malformed> {
    for _ in 0..DEPTH {
        let mask = reader.u8(field)?;
        for _ in 0..(mask & 0x0f).count_ones() {
            reader.u32_le(field)?;
        }
        if mask & 0x10 != 0 {
            bytes(reader, field)?;
        }
        if mask & 0x20 != 0 {
            reader.u32_le(field)?;
        }
        if mask & 0x40 == 0 {
            return Ok(());
        }
    }
    Err(reader.malformed(field, TOO_DEEP))
}

/// The text without control characters.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_control) {
        text.chars().filter(|letter| !letter.is_control()).collect()
    } else {
        Cow::Borrowed(text)
    }
}
