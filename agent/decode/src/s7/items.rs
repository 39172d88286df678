//! Variables: what a request names, and the values and return codes that go with it.
//!
//! Items are checked once, when a request is read, and walked from the bytes whenever someone
//! looks. A symbolic item of an S7-1200 names no bytes, and touches its whole block as far as a
//! policy can tell; an item of an unknown syntax touches `item:unknown`, never nothing.

use model::{Malformed, Target};

use crate::reader::Reader;

/// The variables of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Items<'a> {
    count: usize,
    // INVARIANT: holds `count` specifications with their filling bytes, or is what was left of
    // them where a request was only remembered in part.
    bytes: &'a [u8],
}

/// One variable.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Item<'a> {
    /// Syntax 0x10: a run of elements from an address.
    Any {
        /// The element's type.
        transport_size: u8,
        /// How many elements.
        count: u16,
        /// The data block's number.
        db: u16,
        /// The area's number.
        area: u8,
        /// A bit address; a number where the area counts timers or counters.
        address: u32,
    },
    /// Syntax 0xb0: runs of bytes, each of five bytes on the wire: length, block, start.
    DbRead(&'a [u8]),
    /// Syntax 0xb2: a symbol, by its place in the symbol table.
    Symbol {
        /// The block, where the symbol is in one.
        db: Option<u16>,
        /// The area's number, where it is known.
        area: Option<u8>,
    },
    /// Syntax 0x82 to 0x84: a variable of a numerical control.
    Nck {
        /// The syntax.
        syntax: u8,
        /// Area and unit.
        area: u8,
        /// Column.
        column: u16,
        /// Row.
        row: u16,
        /// Module.
        module: u8,
        /// How many rows.
        count: u8,
    },
    /// Any other syntax.
    Other(u8),
}

impl<'a> Items<'a> {
    /// Reads `count` items.
    ///
    /// # Errors
    ///
    /// Where the list ends before its count.
    pub(super) fn parse(count: u8, reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let bytes = reader.peek();
        for left in (0..count).rev() {
            specification(reader, left == 0)?;
        }
        Ok(Self {
            count: count.into(),
            bytes,
        })
    }

    /// The items of a request that was checked when it came; what is cut off is not shown.
    pub(super) fn remembered(count: u8, bytes: &'a [u8]) -> Self {
        Self {
            count: count.into(),
            bytes,
        }
    }

    /// The bytes that say what is asked for.
    pub(super) const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Every item, in wire order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let mut reader = Reader::new(self.bytes);
        let mut left = self.count;
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            specification(&mut reader, left == 0).ok()
        })
    }
}

/// A specification begins on an even byte; the one before is filled up.
#[inline]
fn specification<'a>(reader: &mut Reader<'a>, last: bool) -> Result<Item<'a>, Malformed> {
    if let Some(item) = usual(reader) {
        return Ok(item);
    }
    reader.u8("item_specification")?;
    let len = reader.u8("item_length")?;
    let item = Item::parse(reader.sub("item", len.into())?);
    if len % 2 == 1 && !last {
        reader.u8("item_filling")?;
    }
    item
}

/// Reads at one go the syntax that nearly every item has.
#[inline]
fn usual<'a>(reader: &mut Reader<'a>) -> Option<Item<'a>> {
    let (&[_, 0x0a, 0x10, transport_size, n, m, d, e, area, x, y, z], _) =
        reader.peek().split_first_chunk::<12>()?
    else {
        return None;
    };
    reader.take("item", 12).ok()?;
    Some(Item::Any {
        transport_size,
        count: u16::from_be_bytes([n, m]),
        db: u16::from_be_bytes([d, e]),
        area,
        address: u32::from_be_bytes([0, x, y, z]),
    })
}

impl<'a> Item<'a> {
    fn parse(mut reader: Reader<'a>) -> Result<Self, Malformed> {
        let syntax = reader.u8("item_syntax")?;
        Ok(match syntax {
            0xb0 if reader.left() > 0 => {
                let count = reader.u8("item_runs")?;
                Self::DbRead(reader.take("item_runs", usize::from(count) * 5)?)
            }
            0xb2 if reader.left() >= 9 => {
                reader.u8("item_reserved")?;
                let root = reader.u16("item_root")?;
                Self::symbol(root, reader.u16("item_block")?)
            }
            0x82..=0x84 if reader.left() == 7 => Self::Nck {
                syntax,
                area: reader.u8("item_area")?,
                column: reader.u16("item_column")?,
                row: reader.u16("item_row")?,
                module: reader.u8("item_module")?,
                count: reader.u8("item_count")?,
            },
            _ => Self::Other(syntax),
        })
    }

    const fn symbol(root: u16, block: u16) -> Self {
        let (db, area) = match (root, block) {
            (0x8a0e, db) => (Some(db), Some(0x84)),
            (0, 0x50) => (None, Some(0x81)),
            (0, 0x51) => (None, Some(0x82)),
            (0, 0x52) => (None, Some(0x83)),
            (0, 0x53) => (None, Some(0x1c)),
            (0, 0x54) => (None, Some(0x1d)),
            _ => (None, None),
        };
        Self::Symbol { db, area }
    }

    /// The syntax on the wire.
    pub(super) const fn syntax(&self) -> u8 {
        match self {
            Self::Any { .. } => 0x10,
            Self::DbRead(_) => 0xb0,
            Self::Symbol { .. } => 0xb2,
            Self::Nck { syntax, .. } | Self::Other(syntax) => *syntax,
        }
    }

    /// How many elements it asks for, and how many bytes each has; only of runs of elements.
    pub(super) const fn elements(&self) -> Option<(u64, u64)> {
        match self {
            Self::Any {
                transport_size: 0x01,
                ..
            } => None,
            Self::Any {
                transport_size,
                count,
                ..
            } => Some((*count as u64, bytes_of(*transport_size))),
            _ => None,
        }
    }

    /// Shows what the item touches.
    pub(super) fn targets(&self, see: &mut dyn FnMut(Target<'_>)) {
        match *self {
            Self::Any {
                transport_size,
                count,
                db,
                area,
                address,
            } => see(any(transport_size, count, db, area, address)),
            Self::DbRead(runs) => runs_of(runs).for_each(|(len, db, first)| {
                let last = first + len.saturating_sub(1);
                see(cells(0x84, db, first.into(), last.into()));
            }),
            Self::Symbol {
                area: Some(area),
                db,
            } => see(cells(area, db.unwrap_or(0), 0, LAST)),
            Self::Nck { area, .. } => see(Target::Named {
                kind: "nck",
                name: nck(area),
            }),
            Self::Symbol { area: None, .. } | Self::Other(_) => see(Target::Named {
                kind: "item",
                name: "unknown",
            }),
        }
    }
}

/// Length in bytes, block and first byte of each run of a `DBREAD` item.
pub(super) fn runs_of(bytes: &[u8]) -> impl Iterator<Item = (u32, u16, u32)> {
    bytes.chunks_exact(5).filter_map(|run| match *run {
        [len, a, b, c, d] => {
            let first = u16::from_be_bytes([c, d]);
            Some((len.into(), u16::from_be_bytes([a, b]), first.into()))
        }
        _ => None,
    })
}

/// The last byte that an address of 24 bits can name.
pub(super) const LAST: u64 = (1 << 21) - 1;
/// The last number that an address of 24 bits can name.
pub(super) const LAST_NUMBER: u64 = (1 << 24) - 1;

fn any<'a>(transport_size: u8, count: u16, db: u16, area: u8, address: u32) -> Target<'a> {
    let (first, count) = (u64::from(address), u64::from(count.max(1)));
    if is_numbered(area) {
        return cells(area, db, first, first + count - 1);
    }
    let bits = match transport_size {
        0x01 => count,
        size => count * bytes_of(size) * 8,
    };
    cells(area, db, first / 8, (first + bits - 1) / 8)
}

/// How many bytes an element has.
pub(super) const fn width(transport_size: u8) -> usize {
    bytes_of(transport_size) as usize
}

/// An element's bytes; an unknown one is taken for the longest.
const fn bytes_of(transport_size: u8) -> u64 {
    match transport_size {
        0x01..=0x03 => 1,
        0x04 | 0x05 | 0x09 | 0x0c | 0x1c | 0x1d => 2,
        0x06..=0x08 | 0x0a | 0x0b => 4,
        _ => 8,
    }
}

/// A range of an area, as far as the area goes.
pub(super) fn cells<'a>(area: u8, db: u16, first: u64, last: u64) -> Target<'a> {
    let end = if is_numbered(area) { LAST_NUMBER } else { LAST };
    Target::Cells {
        area: area_name(area).unwrap_or("other"),
        block: matches!(area, 0x84 | 0x85).then(|| db.into()),
        first: first.min(end),
        last: last.min(end),
    }
}

/// Whether the area's cells are numbered objects, not bytes.
pub(super) const fn is_numbered(area: u8) -> bool {
    matches!(area, 0x1c | 0x1d)
}

/// The word of an area.
pub(super) const fn area_name(area: u8) -> Option<&'static str> {
    Some(match area {
        0x80 => "P",
        0x81 => "I",
        0x82 => "Q",
        0x83 => "M",
        0x84 => "DB",
        0x85 => "DI",
        0x86 => "L",
        0x87 => "V",
        0x1c => "C",
        0x1d => "T",
        _ => return None,
    })
}

const fn nck(area: u8) -> &'static str {
    match area >> 5 {
        0 => "nck",
        1 => "mode_group",
        2 => "channel",
        3 => "axis",
        4 => "tool",
        5 => "feed_drive",
        6 => "main_drive",
        _ => "panel",
    }
}

/// Return codes, each with its value where there are any.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a> {
    count: usize,
    bytes: &'a [u8],
    bare: bool,
}

/// One value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Value<'a> {
    /// How the item fared; reserved in a request.
    pub(super) code: u8,
    /// The value's bytes, as they stand on the wire.
    pub(super) bytes: &'a [u8],
}

impl<'a> Values<'a> {
    /// Values of which each has a head with its type and length.
    pub(super) fn with_data(count: u8, bytes: &'a [u8]) -> Self {
        Self {
            count: count.into(),
            bytes,
            bare: false,
        }
    }

    /// Return codes alone.
    pub(super) fn codes_only(count: u8, bytes: &'a [u8]) -> Self {
        Self {
            count: count.into(),
            bytes,
            bare: true,
        }
    }

    /// Every return code, in wire order.
    pub(super) fn codes(&self) -> impl Iterator<Item = u8> + use<'a> {
        self.iter().map(|value| value.code)
    }

    /// Every value, in wire order, as far as the data goes.
    pub(super) fn iter(&self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        let mut reader = Reader::new(self.bytes);
        let (mut left, bare) = (self.count, self.bare);
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let code = reader.u8("return_code").ok()?;
            let bytes = if bare { &[] } else { value(code, &mut reader) };
            Some(Value { code, bytes })
        })
    }
}

/// A value is filled up to an even length, which at the end of the data may be missing.
fn value<'a>(code: u8, reader: &mut Reader<'a>) -> &'a [u8] {
    let Ok([size, high, low]) = reader.array("value_head") else {
        return reader.rest();
    };
    if !matches!(code, 0x00 | 0x01 | 0xff) {
        return &[];
    }
    let len = usize::from(u16::from_be_bytes([high, low]));
    let len = match size {
        0x03..=0x05 => len.div_ceil(8),
        _ => len,
    };
    let bytes = reader.take("value", len.min(reader.left()));
    if len % 2 == 1 && !reader.is_empty() {
        _ = reader.u8("value_filling");
    }
    bytes.unwrap_or_default()
}
