//! What an item or a result carries: one value, or values in a row.
//!
//! Follows OPC 10000-4, 5.12.2 (arguments), 7.25 (fields of events) and OPC 10000-11, 6.6 (histories). A row keeps its bytes and is
//! walked when somebody looks.

use model::{Malformed, Value};
use serde::{Serialize, Serializer};

use super::types::{self, DEPTH};
use super::variant::{Each, Variant};
use crate::reader::Reader;

/// Values in a row, each with a type of its own: arguments, the fields of an event, a history.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    each: Each,
    count: u32,
    elements: Reader<'a>,
}

/// An array of `Variant` or `DataValue`.
pub(super) fn row<'a>(
    reader: &mut Reader<'a>,
    field: &'static str,
    each: Each,
) -> Result<Row<'a>, Malformed> {
    let count = types::count(reader, field, Each::LEAST)?;
    let elements = *reader;
    (0..count).try_for_each(|_| each.read(reader, DEPTH).map(drop))?;
    Ok(Row {
        each,
        count,
        elements,
    })
}

impl<'a> Row<'a> {
    /// Every value; a `DataValue` may have none.
    pub(super) fn values(&self) -> impl Iterator<Item = Option<Variant<'a>>> + use<'a> {
        let (each, mut reader) = (self.each, self.elements);
        (0..self.count).map_while(move |_| each.read(&mut reader, DEPTH).ok())
    }

    /// The values as rules see them.
    pub(super) fn field(&self) -> Value<'a> {
        let values = self.values().flatten();
        Value::List(values.map(|value| value.field()).collect())
    }
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.values())
    }
}

/// What an item or a result carries.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content<'a> {
    One(Variant<'a>),
    Row(Row<'a>),
}

impl<'a> Content<'a> {
    /// The one value, where it is one.
    pub(super) const fn one(&self) -> Option<Variant<'a>> {
        match self {
            Self::One(value) => Some(*value),
            Self::Row(_) => None,
        }
    }

    /// The content as rules see it.
    pub(super) fn field(&self) -> Value<'a> {
        match self {
            Self::One(value) => value.field(),
            Self::Row(row) => row.field(),
        }
    }
}

impl Serialize for Content<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::One(value) => value.serialize(serializer),
            Self::Row(row) => row.serialize(serializer),
        }
    }
}
