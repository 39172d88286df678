//! Typed values: flags, type, and as many bytes as the type takes.
//!
//! | type | bytes |
//! |---|---|
//! | 0x01 Bool, 0x02 USInt, 0x06 SInt, 0x0a Byte | 1 |
//! | 0x03 UInt, 0x07 Int, 0x0b Word | 2 |
//! | 0x0c DWord, 0x0e Real, 0x12 relation id | 4 |
//! | 0x0d LWord, 0x0f LReal, 0x10 timestamp | 8 |
//! | 0x04 UDInt, 0x08 DInt, 0x13 attribute id | a quantity of 32 bits |
//! | 0x05 ULInt, 0x09 LInt, 0x11 timespan | a quantity of 64 bits |
//! | 0x14 blob | root id, length, bytes |
//! | 0x15 text | length, UTF-8 |
//! | 0x17 structure | id of 32 bits, then members (id, value) up to id 0 |
//!
//! Flags 0x10 and 0x20 are arrays: a count, then as many of them. Flag 0x40 is a sparse array: entries
//! of key and element up to key 0. Structures of the system's own types are packed: a time, flags and a
//! length come before bytes that only the type's description explains. A value is borrowed and checked once, when it is read.

use model::Element;

use super::fault::{DEPTH, Fault};
use super::vlq;
use crate::reader::Reader;

const ARRAY: u8 = 0x30;
const SPARSE: u8 = 0x40;

/// A value that can be read to its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'a> {
    flags: u8,
    kind: u8,
    bytes: &'a [u8],
}

/// A value as it is shown.
#[derive(Debug)]
pub(super) enum Seen<'a> {
    Nothing,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Real(f64),
    Text(&'a [u8]),
    Bytes(&'a [u8]),
    /// An array's elements.
    List(Elements<'a>),
    /// A structure's members or a sparse array's entries.
    Keyed(Entries<'a>),
}

impl<'a> Value<'a> {
    /// Takes a value.
    ///
    /// # Errors
    ///
    /// Where it ends early, nests too deep, claims too much or has no known type.
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Fault> {
        Self::nested(reader, 0)
    }

    fn nested(reader: &mut Reader<'a>, depth: usize) -> Result<Self, Fault> {
        let flags = reader.u8("plus_value_flags")?;
        let kind = reader.u8("plus_value_type")?;
        let bytes = reader.peek();
        skip(reader, flags, kind, depth)?;
        let bytes = bytes.get(..bytes.len() - reader.left()).unwrap_or_default();
        Ok(Self { flags, kind, bytes })
    }

    /// What it says.
    pub(super) fn seen(&self) -> Seen<'a> {
        let mut reader = Reader::new(self.bytes);
        let kind = self.kind;
        if self.flags & SPARSE != 0 {
            return Seen::Keyed(Entries { reader, kind });
        }
        if self.flags & ARRAY == 0 {
            return scalar(&mut reader, kind).unwrap_or(Seen::Nothing);
        }
        match vlq::u32(&mut reader, "plus_array_count") {
            Ok(_) if matches!(kind, 0x02 | 0x0a) => Seen::Bytes(reader.rest()),
            Ok(left) => Seen::List(Elements { reader, kind, left }),
            Err(_) => Seen::Nothing,
        }
    }

    /// The whole number that it is.
    pub(super) fn int(&self) -> Option<i64> {
        match self.seen() {
            Seen::Bool(value) => Some(value.into()),
            Seen::Signed(value) => Some(value),
            Seen::Unsigned(value) => i64::try_from(value).ok(),
            _ => None,
        }
    }

    /// The text that it is.
    pub(super) fn text(&self) -> Option<&'a str> {
        match self.seen() {
            Seen::Text(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// The bytes of a blob or of an array of bytes.
    pub(super) fn bytes(&self) -> Option<&'a [u8]> {
        match self.seen() {
            Seen::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Whether it is an array.
    pub(super) const fn is_array(&self) -> bool {
        self.flags & ARRAY != 0
    }

    /// The bytes of one number that always has as many, and what they are.
    pub(super) fn fixed(&self) -> Option<(&'a [u8], Element)> {
        let element = match self.kind {
            0x02 | 0x0a => Element::Byte,
            0x03 | 0x0b => Element::Word,
            0x06 => Element::SInt,
            0x07 => Element::Int,
            0x0c => Element::DWord,
            0x0d => Element::LWord,
            0x0e => Element::Real,
            0x0f => Element::LReal,
            _ => return None,
        };
        (self.flags & (ARRAY | SPARSE) == 0).then_some((self.bytes, element))
    }

    /// The member of a structure.
    pub(super) fn member(&self, id: u32) -> Option<Self> {
        match self.seen() {
            Seen::Keyed(mut entries) => entries.find(|(key, _)| *key == id).map(|(_, it)| it),
            _ => None,
        }
    }

    /// The quantities of an array of numbers or ids: how many, and their bytes.
    pub(super) fn quantities(&self) -> Option<(u32, &'a [u8])> {
        if self.flags & ARRAY == 0 || !matches!(self.kind, 0x04 | 0x13) {
            return None;
        }
        let mut reader = Reader::new(self.bytes);
        let count = vlq::u32(&mut reader, "plus_array_count").ok()?;
        Some((count, reader.rest()))
    }
}

/// The elements of an array.
#[derive(Clone, Debug)]
pub(super) struct Elements<'a> {
    reader: Reader<'a>,
    kind: u8,
    left: u32,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        self.left = self.left.checked_sub(1)?;
        element(&mut self.reader, self.kind).ok()
    }
}

/// The members of a structure or the entries of a sparse array.
#[derive(Clone, Debug)]
pub(super) struct Entries<'a> {
    reader: Reader<'a>,
    /// The type of all elements; a structure's members tell their own.
    kind: u8,
}

impl<'a> Iterator for Entries<'a> {
    type Item = (u32, Value<'a>);

    fn next(&mut self) -> Option<(u32, Value<'a>)> {
        let key = vlq::u32(&mut self.reader, "plus_key").ok()?;
        let value = match (key, self.kind) {
            (0, _) => return None,
            (_, MEMBERS) => Value::read(&mut self.reader),
            (_, kind) => element(&mut self.reader, kind),
        };
        Some((key, value.ok()?))
    }
}

/// In place of a type: what follows are a structure's members.
const MEMBERS: u8 = 0xff;

fn element<'a>(reader: &mut Reader<'a>, kind: u8) -> Result<Value<'a>, Fault> {
    let bytes = reader.peek();
    skip_scalar(reader, kind, 0)?;
    let bytes = bytes.get(..bytes.len() - reader.left()).unwrap_or_default();
    Ok(Value {
        flags: 0,
        kind,
        bytes,
    })
}

fn scalar<'a>(reader: &mut Reader<'a>, kind: u8) -> Result<Seen<'a>, Fault> {
    let field = "plus_value";
    Ok(match kind {
        0x01 => Seen::Bool(reader.u8(field)? != 0),
        0x02 | 0x0a => Seen::Unsigned(reader.u8(field)?.into()),
        0x03 | 0x0b => Seen::Unsigned(reader.u16(field)?.into()),
        0x0c | 0x12 => Seen::Unsigned(reader.u32(field)?.into()),
        0x0d | 0x10 => Seen::Unsigned(reader.array(field).map(u64::from_be_bytes)?),
        0x04 | 0x13 => Seen::Unsigned(vlq::u32(reader, field)?.into()),
        0x05 => Seen::Unsigned(vlq::u64(reader, field)?),
        0x06 => Seen::Signed(reader.array(field).map(i8::from_be_bytes)?.into()),
        0x07 => Seen::Signed(reader.array(field).map(i16::from_be_bytes)?.into()),
        0x08 => Seen::Signed(vlq::signed(reader, field, false)?),
        0x09 | 0x11 => Seen::Signed(vlq::signed(reader, field, true)?),
        0x0e => Seen::Real(reader.array(field).map(f32::from_be_bytes)?.into()),
        0x0f => Seen::Real(reader.array(field).map(f64::from_be_bytes)?),
        0x14 => {
            vlq::u32(reader, field)?;
            let len = vlq::u32(reader, field)?;
            Seen::Bytes(reader.take(field, len as usize)?)
        }
        0x15 => {
            let len = vlq::u32(reader, field)?;
            Seen::Text(reader.take(field, len as usize)?)
        }
        0x17 => match packed(reader)? {
            Some(bytes) => Seen::Bytes(bytes),
            None => Seen::Keyed(Entries {
                reader: *reader,
                kind: MEMBERS,
            }),
        },
        _ => Seen::Nothing,
    })
}

fn skip(reader: &mut Reader<'_>, flags: u8, kind: u8, depth: usize) -> Result<(), Fault> {
    if flags & SPARSE != 0 {
        while vlq::u32(reader, "plus_key")? != 0 {
            skip_scalar(reader, kind, depth)?;
        }
        return Ok(());
    }
    if flags & ARRAY == 0 {
        return skip_scalar(reader, kind, depth);
    }
    let count = counted(reader)?;
    for _ in 0..count {
        skip_scalar(reader, kind, depth)?;
    }
    Ok(())
}

/// A count of what takes at least a byte each.
pub(super) fn counted(reader: &mut Reader<'_>) -> Result<u32, Fault> {
    let claimed = vlq::u32(reader, "plus_count")?;
    let left = reader.left();
    if claimed as usize > left {
        return Err(Fault::TooMany { left, claimed });
    }
    Ok(claimed)
}

fn skip_scalar(reader: &mut Reader<'_>, kind: u8, depth: usize) -> Result<(), Fault> {
    let field = "plus_value";
    let fixed = match kind {
        0x00 => 0,
        0x01 | 0x02 | 0x06 | 0x0a => 1,
        0x03 | 0x07 | 0x0b => 2,
        0x0c | 0x0e | 0x12 => 4,
        0x0d | 0x0f | 0x10 => 8,
        0x04 | 0x08 | 0x13 => return Ok(vlq::u32(reader, field).map(drop)?),
        0x05 | 0x09 | 0x11 => return Ok(vlq::u64(reader, field).map(drop)?),
        0x14 => {
            vlq::u32(reader, field)?;
            vlq::u32(reader, field)? as usize
        }
        0x15 => vlq::u32(reader, field)? as usize,
        0x17 => return structure(reader, depth + 1),
        _ => return Err(Fault::Unknown),
    };
    reader.take(field, fixed)?;
    Ok(())
}

fn structure(reader: &mut Reader<'_>, depth: usize) -> Result<(), Fault> {
    if depth > DEPTH {
        return Err(Fault::TooDeep);
    }
    if packed(reader)?.is_some() {
        return Ok(());
    }
    while vlq::u32(reader, "plus_member")? != 0 {
        Value::nested(reader, depth)?;
    }
    Ok(())
}

/// Takes the head of a structure, and all of one that is packed.
fn packed<'a>(reader: &mut Reader<'a>) -> Result<Option<&'a [u8]>, Fault> {
    let field = "plus_structure";
    let id = reader.u32(field)?;
    if !matches!(id, 0x0200_0001..=0x02ff_fffe | 0x9000_0001..=0x9fff_fffe) {
        return Ok(None);
    }
    reader.take(field, 8)?;
    let flags = vlq::u32(reader, field)?;
    let mut len = vlq::u32(reader, field)?;
    if flags & 0x400 != 0 {
        len = vlq::u32(reader, field)?;
    }
    Ok(Some(reader.take(field, len as usize)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<(Value<'_>, usize), Fault> {
        let mut reader = Reader::new(bytes);
        Value::read(&mut reader).map(|value| (value, reader.left()))
    }

    #[test]
    fn scalars_take_what_their_type_takes() {
        for (bytes, value) in [
            (&[0, 0x01, 1][..], 1),
            (&[0, 0x02, 5], 5),
            (&[0, 0x06, 0xff], -1),
            (&[0, 0x03, 1, 0], 256),
            (&[0, 0x07, 0xff, 0xff], -1),
            (&[0, 0x04, 0x84, 0x40], 576),
            (&[0, 0x08, 0x7f], -1),
            (&[0, 0x12, 1, 0xc9, 0xc3, 0x9b], 0x01c9_c39b),
        ] {
            let (read, left) = read(bytes).unwrap();
            assert_eq!((read.int(), left), (Some(value), 0), "{bytes:02x?}");
        }
        assert_eq!(read(b"\0\x15\x03abc").unwrap().0.text(), Some("abc"));
        assert_eq!(read(b"\0\x14\0\x02hi").unwrap().0.bytes(), Some(&b"hi"[..]));
        assert_eq!(read(&[0, 0]).unwrap().1, 0);
        assert_eq!(read(&[0, 0x99]).unwrap_err(), Fault::Unknown);
        assert_eq!(read(&[0, 0x03, 1]).unwrap_err(), Fault::Unknown);
    }

    #[test]
    fn a_structure_gives_its_members() {
        let bytes = [
            &[0, 0x17, 0, 0, 0x0d, 0x99, 0x9b, 0x1e, 0, 0x08, 4][..],
            &[0x9b, 0x1f, 0, 0x14, 0, 0, 0],
            &[0xaa],
        ]
        .concat();
        let (value, left) = read(&bytes).unwrap();
        assert_eq!(left, 1);
        assert_eq!(value.member(3486).and_then(|it| it.int()), Some(4));
        assert!(value.member(3485).is_none());
    }

    #[test]
    fn arrays_and_sparse_arrays_give_their_elements() {
        let (value, _) = read(&[0x20, 0x04, 2, 0x82, 0x2c, 7]).unwrap();
        assert_eq!(value.quantities(), Some((2, &[0x82, 0x2c, 7][..])));
        let Seen::List(list) = value.seen() else {
            panic!("{value:?}")
        };
        let list: Vec<_> = list.map(|it| it.int()).collect();
        assert_eq!(list, [Some(300), Some(7)]);
        let (value, left) = read(b"\x40\x15\x88\x0a\x01x\0").unwrap();
        assert_eq!(
            (value.member(1034).and_then(|it| it.text()), left),
            (Some("x"), 0)
        );
        let (value, _) = read(&[0x10, 0x02, 2, 9, 8]).unwrap();
        assert_eq!(value.bytes(), Some(&[9, 8][..]));
    }

    #[test]
    fn a_packed_structure_is_passed_over() {
        let bytes = [
            &[0, 0x17, 0x02, 0, 0, 0x43][..],
            &[0; 8],
            &[0, 2, 0xab, 0xcd],
            &[0xaa],
        ]
        .concat();
        let (value, left) = read(&bytes).unwrap();
        assert_eq!((value.bytes(), left), (Some(&[0xab, 0xcd][..]), 1));
    }

    #[test]
    fn a_tower_of_structures_is_climbed_only_so_far() {
        let tower = |levels: usize| {
            let level = [0, 0x17, 0, 0, 0, 1, 1];
            [level.repeat(levels), vec![0, 0], vec![0; levels]].concat()
        };
        assert!(read(&tower(DEPTH)).is_ok());
        assert_eq!(read(&tower(DEPTH + 1)).unwrap_err(), Fault::TooDeep);
        assert_eq!(read(&tower(100_000)).unwrap_err(), Fault::TooDeep);
    }

    #[test]
    fn an_array_of_more_than_the_message_holds_is_not_counted_out() {
        let fault = read(&[0x10, 0x00, 0x8f, 0xff, 0xff, 0xff, 0x7f, 1]).unwrap_err();
        let claimed = u32::MAX;
        assert_eq!(fault, Fault::TooMany { left: 1, claimed });
    }
}
