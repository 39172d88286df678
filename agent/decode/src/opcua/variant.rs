//! Values: `Variant` and `DataValue`, read lazily and shown as JSON would have them.
//!
//! Follows OPC 10000-6, 5.2.2.16 and 5.2.2.17. Scalars are read at once; an array keeps its bytes and
//! is walked when somebody looks. Structures and byte strings are shown as hexadecimal digits, the
//! first [`SHOWN`] bytes of them.

use std::borrow::Cow;
use std::fmt::Write as _;

use model::{Malformed, Timestamp, Value};
use serde::{Serialize, Serializer};

use super::types::{
    self, DEPTH, ExtensionObject, NodeId, QualifiedName, TOO_DEEP, diagnostic_info,
    extension_object, localized_text, node_id, qualified_name,
};
use crate::reader::Reader;

/// How many bytes of a structure or byte string are shown.
const SHOWN: usize = 64;

/// A value with its quality.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DataValue<'a> {
    pub(super) value: Option<Variant<'a>>,
    pub(super) status: Option<u32>,
}

/// `DataValue`.
pub(super) fn data_value<'a>(
    reader: &mut Reader<'a>,
    depth: u8,
) -> Result<DataValue<'a>, Malformed> {
    let mask = reader.u8("data_value")?;
    let value = match mask & 0x01 {
        0 => None,
        _ => Some(variant(reader, depth)?),
    };
    let status = match mask & 0x02 {
        0 => None,
        _ => Some(reader.u32_le("status")?),
    };
    for (bit, len) in [(0x04, 8), (0x10, 2), (0x08, 8), (0x20, 2)] {
        if mask & bit != 0 {
            reader.take("timestamp", len)?;
        }
    }
    Ok(DataValue { value, status })
}

/// One value or an array of them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Variant<'a> {
    Scalar(Scalar<'a>),
    /// Elements of one type, with the bytes that they lie in.
    Array {
        kind: u8,
        count: u32,
        elements: Reader<'a>,
    },
}

/// `Variant`.
pub(super) fn variant<'a>(reader: &mut Reader<'a>, depth: u8) -> Result<Variant<'a>, Malformed> {
    let at = *reader;
    if depth == 0 {
        return Err(at.malformed("value", TOO_DEEP));
    }
    let encoding = reader.u8("value")?;
    let kind = encoding & 0x3f;
    if encoding & 0x80 == 0 {
        return scalar(reader, kind, depth - 1).map(Variant::Scalar);
    }
    let count = types::count(reader, "value", width(kind).unwrap_or(1))?;
    let mut after = *reader;
    skip(&mut after, kind, count, depth - 1)?;
    let len = reader.left() - after.left();
    let elements = reader.sub("value", len)?;
    if encoding & 0x40 != 0 {
        types::each(reader, "array_dimensions", 4, |reader| {
            reader.u32_le("array_dimensions").map(drop)
        })?;
    }
    Ok(Variant::Array {
        kind,
        count,
        elements,
    })
}

fn skip(reader: &mut Reader<'_>, kind: u8, count: u32, depth: u8) -> Result<(), Malformed> {
    if let Some(width) = width(kind) {
        let len = width.saturating_mul(count as usize);
        return reader.take("value", len).map(drop);
    }
    (0..count).try_for_each(|_| scalar(reader, kind, depth).map(drop))
}

/// The size of a type whose values are all of one size.
const fn width(kind: u8) -> Option<usize> {
    match kind {
        1..=3 => Some(1),
        4 | 5 => Some(2),
        6 | 7 | 10 | 19 => Some(4),
        8 | 9 | 11 | 13 => Some(8),
        14 => Some(16),
        _ => None,
    }
}

/// One value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scalar<'a> {
    /// Null, and what is shown as if it were: diagnostics.
    Null,
    Bool(bool),
    Int(i64),
    Unsigned(u64),
    Float(f32),
    Double(f64),
    Text(Option<&'a str>),
    /// In 100 ns since 1601.
    Time(i64),
    Guid([u8; 16]),
    Bytes(Option<&'a [u8]>),
    Node(NodeId<'a>),
    Status(u32),
    Name(QualifiedName<'a>),
    Structure(ExtensionObject<'a>),
    /// A `Variant` or `DataValue` within another, where it lies.
    Within(Reader<'a>, Each, u8),
}

/// What a value within another, or one of a row, is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Each {
    Variant,
    Data,
}

impl Each {
    /// The fewest bytes that one has.
    pub(super) const LEAST: usize = 1;

    /// Reads one; a `DataValue` may have no value.
    pub(super) fn read<'a>(
        self,
        reader: &mut Reader<'a>,
        depth: u8,
    ) -> Result<Option<Variant<'a>>, Malformed> {
        match self {
            Self::Variant => variant(reader, depth).map(Some),
            Self::Data => data_value(reader, depth).map(|data| data.value),
        }
    }
}

fn scalar<'a>(reader: &mut Reader<'a>, kind: u8, depth: u8) -> Result<Scalar<'a>, Malformed> {
    const FIELD: &str = "value";
    Ok(match kind {
        0 => Scalar::Null,
        1 => Scalar::Bool(reader.u8(FIELD)? != 0),
        2 => Scalar::Int(i8::from_le_bytes(reader.array(FIELD)?).into()),
        3 => Scalar::Unsigned(reader.u8(FIELD)?.into()),
        4 => Scalar::Int(i16::from_le_bytes(reader.array(FIELD)?).into()),
        5 => Scalar::Unsigned(reader.u16_le(FIELD)?.into()),
        6 => Scalar::Int(i32::from_le_bytes(reader.array(FIELD)?).into()),
        7 => Scalar::Unsigned(reader.u32_le(FIELD)?.into()),
        8 => Scalar::Int(i64::from_le_bytes(reader.array(FIELD)?)),
        9 => Scalar::Unsigned(reader.u64_le(FIELD)?),
        10 => Scalar::Float(f32::from_le_bytes(reader.array(FIELD)?)),
        11 => Scalar::Double(f64::from_le_bytes(reader.array(FIELD)?)),
        12 | 16 => Scalar::Text(types::text(reader, FIELD)?),
        13 => Scalar::Time(i64::from_le_bytes(reader.array(FIELD)?)),
        14 => Scalar::Guid(reader.array(FIELD)?),
        // 26 to 31 are to be read like byte strings.
        15 | 26..=31 => Scalar::Bytes(types::bytes(reader, FIELD)?),
        17 | 18 => Scalar::Node(node_id(reader, FIELD)?),
        19 => Scalar::Status(reader.u32_le(FIELD)?),
        20 => Scalar::Name(qualified_name(reader, FIELD)?),
        21 => Scalar::Text(localized_text(reader, FIELD)?),
        22 => Scalar::Structure(extension_object(reader, FIELD)?),
        23 => within(Each::Data, reader, depth)?,
        24 => within(Each::Variant, reader, depth)?,
        25 => diagnostic_info(reader, FIELD).map(|()| Scalar::Null)?,
        _ => return Err(reader.malformed(FIELD, "no such built-in type")),
    })
}

fn within<'a>(each: Each, reader: &mut Reader<'a>, depth: u8) -> Result<Scalar<'a>, Malformed> {
    let start = *reader;
    each.read(reader, depth)?;
    Ok(Scalar::Within(start, each, depth))
}

impl<'a> Variant<'a> {
    /// The text, where it is one.
    pub(super) const fn text(&self) -> Option<&'a str> {
        match self {
            Self::Scalar(Scalar::Text(text)) => *text,
            _ => None,
        }
    }

    /// The structure, where it is one.
    pub(super) const fn structure(&self) -> Option<ExtensionObject<'a>> {
        match self {
            Self::Scalar(Scalar::Structure(structure)) => Some(*structure),
            _ => None,
        }
    }

    /// The value as rules see it.
    pub(super) fn field(&self) -> Value<'a> {
        match self {
            Self::Scalar(scalar) => scalar.field(),
            Self::Array { .. } => Value::List(self.elements().map(|one| one.field()).collect()),
        }
    }

    /// The elements of an array.
    pub(super) fn elements(&self) -> impl Iterator<Item = Scalar<'a>> + use<'a> {
        let (kind, count, mut reader) = match *self {
            Self::Array {
                kind,
                count,
                elements,
            } => (kind, count, elements),
            Self::Scalar(_) => (0, 0, Reader::new(&[])),
        };
        (0..count).map_while(move |_| scalar(&mut reader, kind, DEPTH).ok())
    }
}

impl<'a> Scalar<'a> {
    fn field(&self) -> Value<'a> {
        match *self {
            Self::Bool(truth) => Value::Bool(truth),
            Self::Int(number) => Value::Int(number),
            Self::Unsigned(number) => i64::try_from(number)
                .map_or_else(|_| Value::Text(number.to_string().into()), Value::Int),
            Self::Float(number) => Value::Text(number.to_string().into()),
            Self::Double(number) => Value::Text(number.to_string().into()),
            Self::Within(..) => self
                .inner()
                .map_or_else(|| Value::Text("".into()), |inner| inner.field()),
            _ => Value::Text(self.shown()),
        }
    }

    /// The value that it wraps.
    pub(super) fn inner(&self) -> Option<Variant<'a>> {
        match *self {
            Self::Within(mut reader, each, depth) => each.read(&mut reader, depth).ok().flatten(),
            _ => None,
        }
    }

    /// The value as text, where JSON has no type for it.
    fn shown(&self) -> Cow<'a, str> {
        match *self {
            Self::Text(text) => text.unwrap_or("").into(),
            Self::Time(ticks) => moment(ticks).into(),
            Self::Guid(guid) => {
                let shown = model::NodeKey::Guid(guid).to_string();
                shown.trim_start_matches("g=").to_owned().into()
            }
            Self::Bytes(bytes) => hex(bytes.unwrap_or(&[])).into(),
            Self::Node(node) => node.target().to_string().into(),
            Self::Status(code) => format!("{code:08x}").into(),
            Self::Name(name) => format!("{}:{}", name.namespace, name.name.unwrap_or("")).into(),
            Self::Structure(structure) => {
                hex(structure.body.map_or(&[], |body| body.peek())).into()
            }
            Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Unsigned(_)
            | Self::Float(_)
            | Self::Double(_)
            | Self::Within(..) => "".into(),
        }
    }
}

/// The first bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut shown = String::new();
    for byte in bytes.iter().take(SHOWN) {
        let _ = write!(shown, "{byte:02x}");
    }
    if bytes.len() > SHOWN {
        shown.push('…');
    }
    shown
}

/// `DateTime` counts from 1601 (5.2.2.5); what the calendar cannot show stays a number.
pub(super) fn moment(ticks: i64) -> String {
    const FROM_1601_TO_1970: i64 = 116_444_736_000_000_000;
    ticks
        .checked_sub(FROM_1601_TO_1970)
        .and_then(|ticks| ticks.checked_mul(100))
        .map_or_else(
            || ticks.to_string(),
            |nanos| Timestamp::from_nanos(nanos).to_string(),
        )
}

impl Serialize for Variant<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Scalar(scalar) => scalar.serialize(serializer),
            Self::Array { .. } => serializer.collect_seq(self.elements()),
        }
    }
}

impl Serialize for Scalar<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Null | Self::Text(None) | Self::Bytes(None) => serializer.serialize_none(),
            Self::Bool(truth) => serializer.serialize_bool(truth),
            Self::Int(number) => serializer.serialize_i64(number),
            Self::Unsigned(number) => serializer.serialize_u64(number),
            Self::Float(number) => serializer.serialize_f32(number),
            Self::Double(number) => serializer.serialize_f64(number),
            Self::Text(Some(text)) => serializer.serialize_str(text),
            Self::Within(..) => self.inner().serialize(serializer),
            _ => serializer.serialize_str(&self.shown()),
        }
    }
}
