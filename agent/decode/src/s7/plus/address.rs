//! Addresses of variables: the symbol's checksum, the area, and the path into it.
//!
//! An address is a run of quantities: checksum (0 where there is no symbol), area (the relation id of a data
//! block or of another object), how long the path is, and the path: first the attribute of the area that holds
//! the values, then a local id for each level down to the variable. A subscription lists them otherwise: kind and length
//! of the path in one, reference, object, area, checksum, path.

use super::fault::Fault;
use super::value::counted;
use super::vlq;
use crate::reader::Reader;

/// The attribute of a data block or of another area that holds its values as they are.
const ACTUAL: [u32; 2] = [2550, 3736];
/// The local id under which a block that is not optimised lies byte by byte.
const CLASSIC: u32 = 3;

/// A run of quantities.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ids<'a> {
    count: u32,
    bytes: &'a [u8],
}

impl<'a> Ids<'a> {
    /// So many quantities that bytes start with.
    pub(super) const fn new(count: u32, bytes: &'a [u8]) -> Self {
        Self { count, bytes }
    }

    /// Takes so many quantities.
    pub(super) fn take(reader: &mut Reader<'a>, count: u32) -> Result<Self, Fault> {
        let bytes = reader.peek();
        for _ in 0..count {
            vlq::u32(reader, "plus_id")?;
        }
        Ok(Self { count, bytes })
    }

    /// Takes a count and as many quantities.
    pub(super) fn counted(reader: &mut Reader<'a>) -> Result<Self, Fault> {
        let count = counted(reader)?;
        Self::take(reader, count)
    }

    /// Every one.
    pub(super) fn iter(self) -> impl Iterator<Item = u32> + Clone {
        let mut reader = Reader::new(self.bytes);
        (0..self.count).map_while(move |_| vlq::u32(&mut reader, "plus_id").ok())
    }

    /// Whether there are none.
    pub(super) const fn is_empty(self) -> bool {
        self.count == 0
    }
}

/// Where a variable is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Address<'a> {
    /// The symbol's checksum; 0 where none was asked for.
    pub(super) crc: u32,
    /// The object that it is in.
    pub(super) area: u32,
    /// The attribute, then the local ids.
    pub(super) path: Ids<'a>,
}

impl<'a> Address<'a> {
    /// The attribute of the object.
    pub(super) fn attribute(&self) -> Option<u32> {
        self.path.iter().next()
    }

    /// The local ids.
    pub(super) fn lids(&self) -> impl Iterator<Item = u32> + Clone + use<'a> {
        self.path.iter().skip(1)
    }

    /// The first and the last byte, where the address names bytes: the local id of a block as it lies, an
    /// offset and a size.
    pub(super) fn bytes(&self) -> Option<(u32, u32)> {
        let mut path = self.path.iter();
        let attribute = path.next()?;
        let here = (path.next()?, path.next()?, path.next()?, path.next());
        match here {
            (CLASSIC, first, 1.., None) if ACTUAL.contains(&attribute) => {
                let size = self.path.iter().nth(3)?;
                Some((first, first.checked_add(size - 1)?))
            }
            _ => None,
        }
    }

    fn item(reader: &mut Reader<'a>) -> Result<Self, Fault> {
        let crc = vlq::u32(reader, "plus_symbol_crc")?;
        let area = vlq::u32(reader, "plus_area")?;
        let path = Ids::counted(reader)?;
        Ok(Self { crc, area, path })
    }

    fn reference(reader: &mut Reader<'a>) -> Result<Self, Fault> {
        let kind = vlq::u32(reader, "plus_reference_kind")?;
        vlq::u32(reader, "plus_reference")?;
        vlq::u32(reader, "plus_reference_object")?;
        let area = vlq::u32(reader, "plus_area")?;
        let crc = vlq::u32(reader, "plus_symbol_crc")?;
        let path = Ids::take(reader, kind & 0xffff)?;
        Ok(Self { crc, area, path })
    }
}

/// A list of addresses.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Addresses<'a> {
    count: u32,
    bytes: &'a [u8],
    of_subscription: bool,
}

impl<'a> Addresses<'a> {
    /// Takes the addresses of a read or write: two counts, of items and of quantities in all.
    ///
    /// # Errors
    ///
    /// Where it ends early or claims too much.
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Fault> {
        let count = counted(reader)?;
        counted(reader)?;
        let bytes = reader.peek();
        for _ in 0..count {
            Address::item(reader)?;
        }
        Ok(Self {
            count,
            bytes,
            of_subscription: false,
        })
    }

    /// The addresses of a subscription's reference list, from its quantities: two of no known meaning, a count,
    /// the addresses.
    pub(super) fn of_subscription(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        vlq::u32(&mut reader, "plus_references").ok()?;
        vlq::u32(&mut reader, "plus_references").ok()?;
        let count = vlq::u32(&mut reader, "plus_references").ok()?;
        Some(Self {
            count,
            bytes: reader.rest(),
            of_subscription: true,
        })
    }

    /// How many there are.
    pub(super) const fn count(self) -> u32 {
        self.count
    }

    /// Every one.
    pub(super) fn iter(self) -> impl Iterator<Item = Address<'a>> {
        let mut reader = Reader::new(self.bytes);
        (0..self.count).map_while(move |_| {
            if self.of_subscription {
                Address::reference(&mut reader).ok()
            } else {
                Address::item(&mut reader).ok()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_names_its_variables() {
        let bytes = [
            &[2, 0x0c][..],
            &[
                0x81, 0x00, 0x88, 0xd0, 0xb8, 0x80, 0x03, 4, 0x93, 0x76, 0x0e, 0, 0x82, 0x00,
            ],
            &[0, 0x52, 4, 0x9d, 0x18, 3, 100, 2],
            &[0xaa],
        ]
        .concat();
        let mut reader = Reader::new(&bytes);
        let items = Addresses::read(&mut reader).unwrap();
        assert_eq!(reader.left(), 1);
        let items: Vec<_> = items.iter().collect();
        assert_eq!((items[0].crc, items[0].area), (0x80, 0x8a0e_0003));
        assert_eq!(items[0].attribute(), Some(2550));
        assert_eq!(items[0].lids().collect::<Vec<_>>(), [14, 0, 256]);
        assert_eq!(items[0].bytes(), None);
        assert_eq!((items[1].area, items[1].bytes()), (0x52, Some((100, 101))));
    }

    #[test]
    fn a_list_of_more_addresses_than_bytes_is_refused() {
        let fault = Addresses::read(&mut Reader::new(&[0xff, 0x7f, 1, 0])).unwrap_err();
        assert!(matches!(
            fault,
            Fault::TooMany {
                left: 2,
                claimed: 16383
            }
        ));
    }
}
