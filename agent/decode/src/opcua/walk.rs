//! A message shown member by member, by the names of its specification.
//!
//! Follows the tables of [`schema`](super::schema) and shows what OPC 10000-6, 5.2 puts on the wire, masks included, in the manner
//! of OPC 10000-6, 5.4 (enumerations as `Name_1`, status codes as code and symbol). Nothing is collected: members are read as they
//! are written. What cannot be read ends the showing with `malformed`; at most [`SHOWN`] values of a message are
//! shown. Passwords are shown as their length, long byte strings as their first bytes.

use std::cell::Cell;

use model::Malformed;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::plain::{plain, run};
use super::record::some;
use super::schema::{self, Field, Kind, Structure};
use super::types::{self, DEPTH, ExtensionObject, TOO_MANY, extension_object};
use crate::reader::Reader;

/// The most values of one message that are shown.
pub(super) const SHOWN: u32 = 1 << 16;

/// A structure on its way through a reader.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    structure: &'static Structure,
    start: Reader<'a>,
    depth: u8,
    /// Whether the arguments of methods are secrets.
    hushed: bool,
}

/// Shows the structure that `reader` is at; with `hushed` without the arguments of its methods.
pub(super) const fn walk<'a>(
    structure: &'static Structure,
    reader: Reader<'a>,
    hushed: bool,
) -> Walk<'a> {
    Walk {
        structure,
        start: reader,
        depth: DEPTH,
        hushed,
    }
}

impl Serialize for Walk<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cursor = Cursor::new(self.start, SHOWN, self.hushed);
        cursor.show(self.structure, self.depth, serializer)
    }
}

/// Where the walk has come to.
struct Cursor<'a> {
    reader: Cell<Reader<'a>>,
    /// How many more values are shown.
    room: Cell<u32>,
    fault: Cell<Option<Malformed>>,
    hushed: bool,
}

impl<'a> Cursor<'a> {
    const fn new(reader: Reader<'a>, room: u32, hushed: bool) -> Self {
        Self {
            reader: Cell::new(reader),
            room: Cell::new(room),
            fault: Cell::new(None),
            hushed,
        }
    }

    /// Shows a structure as one map, and what ended it early.
    fn show<S: Serializer>(
        &self,
        structure: &'static Structure,
        depth: u8,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.members(structure, depth, &mut map)?;
        if let Some(fault) = self.fault.get() {
            map.serialize_entry("malformed", &Fault(fault))?;
        }
        map.end()
    }

    fn members<M: SerializeMap>(
        &self,
        structure: &'static Structure,
        depth: u8,
        map: &mut M,
    ) -> Result<(), M::Error> {
        for field in structure.fields {
            if self.fault.get().is_some() {
                break;
            }
            map.serialize_entry(field.name, &Member(self, field, depth))?;
        }
        Ok(())
    }

    /// Reads one thing, unless something before it could not be read.
    fn read<T>(&self, read: impl FnOnce(&mut Reader<'a>) -> Result<T, Malformed>) -> Option<T> {
        if self.fault.get().is_some() {
            return None;
        }
        let mut reader = self.reader.get();
        let read = read(&mut reader);
        self.reader.set(reader);
        self.fault.set(read.as_ref().err().copied());
        read.ok()
    }

    /// Takes the room for one more value.
    fn has_room(&self, name: &'static str) -> bool {
        let room = self.room.get().checked_sub(1);
        self.room.set(room.unwrap_or(0));
        if room.is_none() && self.fault.get().is_none() {
            let fault = self.reader.get().malformed(name, TOO_MANY);
            self.fault.set(Some(fault));
        }
        self.fault.get().is_none()
    }

    /// The depth of what lies within.
    fn deeper(&self, name: &'static str, depth: u8) -> Option<u8> {
        self.read(|reader| schema::deeper(name, reader, depth))
    }
}

struct Fault(Malformed);

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("field", self.0.field)?;
        map.serialize_entry("offset", &self.0.offset)?;
        map.serialize_entry("why", self.0.why)?;
        map.end()
    }
}

/// A member: one value, or an array of them.
struct Member<'c, 'a>(&'c Cursor<'a>, &'static Field, u8);

impl Serialize for Member<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(cursor, field, depth) = *self;
        if field.many {
            return List(cursor, field.name, field.kind, depth).serialize(serializer);
        }
        One(cursor, field.name, field.kind, depth).serialize(serializer)
    }
}

/// An array, with its length before it.
struct List<'c, 'a>(&'c Cursor<'a>, &'static str, Kind, u8);

impl Serialize for List<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(cursor, name, kind, depth) = *self;
        let start = cursor.reader.get();
        let Some(count) = cursor.read(|reader| types::count(reader, name, kind.least())) else {
            return serializer.serialize_none();
        };
        if count == 0 && start.peek().first() == Some(&0xff) {
            return serializer.serialize_none();
        }
        let mut list = serializer.serialize_seq(None)?;
        for _ in 0..count {
            if !cursor.has_room(name) {
                break;
            }
            list.serialize_element(&One(cursor, name, kind, depth))?;
        }
        list.end()
    }
}

/// One value.
struct One<'c, 'a>(&'c Cursor<'a>, &'static str, Kind, u8);

impl Serialize for One<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(cursor, name, kind, depth) = *self;
        match kind {
            Kind::Structure(structure) => {
                let mut map = serializer.serialize_map(None)?;
                cursor.members(structure, depth, &mut map)?;
                map.end()
            }
            Kind::Extension => Envelope(cursor, name, depth).serialize(serializer),
            Kind::Data => Data(cursor, name, depth).serialize(serializer),
            Kind::Argument if cursor.hushed => {
                cursor.read(|reader| schema::pass_one(name, kind, reader, depth));
                serializer.serialize_none()
            }
            Kind::Variant | Kind::Argument => Any(cursor, name, depth).serialize(serializer),
            Kind::Diagnostic => Diagnostic(cursor, name, depth).serialize(serializer),
            _ => cursor
                .read(|reader| plain(name, kind, reader))
                .serialize(serializer),
        }
    }
}

/// `ExtensionObject`: its body where the tables have its type, else its bytes.
struct Envelope<'c, 'a>(&'c Cursor<'a>, &'static str, u8);

impl Serialize for Envelope<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(cursor, name, depth) = *self;
        let start = cursor.reader.get();
        let depth = cursor.deeper(name, depth);
        let object = cursor.read(|reader| extension_object(reader, name));
        let (Some(depth), Some(object)) = (depth, object) else {
            return serializer.serialize_none();
        };
        let mut map = serializer.serialize_map(None)?;
        let type_id = Cursor::new(start, 0, false);
        map.serialize_entry("typeId", &One(&type_id, name, Kind::ExpandedNode, 0))?;
        map.serialize_entry("encodingMask", &object.encoding)?;
        some(&mut map, "type", object.known().map(|known| known.name))?;
        some(&mut map, "body", Body::of(cursor, &object, depth))?;
        map.end()
    }
}

/// The body of an envelope, which ends where its length says.
struct Body<'c, 'a> {
    outer: &'c Cursor<'a>,
    known: Option<&'static Structure>,
    body: Reader<'a>,
    depth: u8,
}

impl<'c, 'a> Body<'c, 'a> {
    fn of(outer: &'c Cursor<'a>, object: &ExtensionObject<'a>, depth: u8) -> Option<Self> {
        Some(Self {
            outer,
            known: object.known(),
            body: object.body?,
            depth,
        })
    }
}

impl Serialize for Body<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(structure) = self.known else {
            let bytes = self.body.peek();
            return run(bytes.len(), Some(bytes), serializer);
        };
        let (room, hushed) = (self.outer.room.get(), self.outer.hushed);
        let inner = Cursor::new(self.body, room, hushed);
        let shown = inner.show(structure, self.depth, serializer);
        self.outer.room.set(inner.room.get());
        shown
    }
}

/// `DataValue`.
struct Data<'c, 'a>(&'c Cursor<'a>, &'static str, u8);

impl Serialize for Data<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(cursor, name, depth) = *self;
        let depth = cursor.deeper(name, depth);
        let mask = cursor.read(|reader| reader.u8(name));
        let (Some(depth), Some(mask)) = (depth, mask) else {
            return serializer.serialize_none();
        };
        let members = [
            (0x01, "value", Kind::Variant),
            (0x02, "statusCode", Kind::Status),
            (0x04, "sourceTimestamp", Kind::Time),
            (0x10, "sourcePicoseconds", Kind::UInt16),
            (0x08, "serverTimestamp", Kind::Time),
            (0x20, "serverPicoseconds", Kind::UInt16),
        ];
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("encodingMask", &mask)?;
        masked(cursor, &mut map, mask, &members, depth)?;
        map.end()
    }
}

/// Shows the members whose bits are set.
fn masked<M: SerializeMap>(
    cursor: &Cursor<'_>,
    map: &mut M,
    mask: u8,
    members: &[(u8, &'static str, Kind)],
    depth: u8,
) -> Result<(), M::Error> {
    for (bit, name, kind) in members {
        if mask & bit != 0 && cursor.fault.get().is_none() {
            map.serialize_entry(name, &One(cursor, name, *kind, depth))?;
        }
    }
    Ok(())
}

/// `Variant`.
struct Any<'c, 'a>(&'c Cursor<'a>, &'static str, u8);

impl Serialize for Any<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(cursor, name, depth) = *self;
        let depth = cursor.deeper(name, depth);
        let mask = cursor.read(|reader| reader.u8(name));
        let (Some(depth), Some(mask)) = (depth, mask) else {
            return serializer.serialize_none();
        };
        let built = schema::builtin(mask & 0x3f);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("encodingMask", &mask)?;
        some(&mut map, "type", built.map(|(_, word)| word))?;
        match built {
            Some((kind, _)) if mask & 0x80 != 0 => {
                map.serialize_entry("value", &List(cursor, name, kind, depth))?;
            }
            Some((kind, _)) => map.serialize_entry("value", &One(cursor, name, kind, depth))?,
            None => drop(cursor.read(|reader| schema::pass_empty(name, mask, reader))),
        }
        if built.is_some() && mask & 0xc0 == 0xc0 && cursor.fault.get().is_none() {
            map.serialize_entry("dimensions", &List(cursor, name, Kind::Int32, depth))?;
        }
        map.end()
    }
}

/// `DiagnosticInfo`, with those within it.
struct Diagnostic<'c, 'a>(&'c Cursor<'a>, &'static str, u8);

impl Serialize for Diagnostic<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(cursor, name, depth) = *self;
        let depth = cursor.deeper(name, depth);
        let mask = cursor.read(|reader| reader.u8(name));
        let (Some(depth), Some(mask)) = (depth, mask) else {
            return serializer.serialize_none();
        };
        let members = [
            (0x01, "symbolicId", Kind::Int32),
            (0x02, "namespaceUri", Kind::Int32),
            (0x08, "locale", Kind::Int32),
            (0x04, "localizedText", Kind::Int32),
            (0x10, "additionalInfo", Kind::Text),
            (0x20, "innerStatusCode", Kind::Status),
            (0x40, "innerDiagnosticInfo", Kind::Diagnostic),
        ];
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("encodingMask", &mask)?;
        masked(cursor, &mut map, mask, &members, depth)?;
        map.end()
    }
}
