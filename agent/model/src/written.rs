//! What a write puts into a target: borrowed from the message, so that judges can compare it with limits.
//!
//! [`Detail::written`](crate::Detail::written) shows each target of a write with what is put there. What a judge needs is here:
//! the raw numbers ([`Written::numbers`]), and the part of a longer run that one tag lies in ([`Written::cut`],
//! [`Written::bit`]). Values are no part of a signature: what was judged by its values is not to be remembered by its signature.

use crate::Target;

/// What is put into a target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Written<'a> {
    /// A truth for each cell.
    Bits(Bits<'a>),
    /// Two bytes for each cell, the most significant first, all cells of the target.
    Words(&'a [u8]),
    /// One byte for each cell, all cells of the target.
    Bytes {
        /// The bytes, in the order of the cells.
        bytes: &'a [u8],
        /// What the writer says that they are.
        element: Element,
    },
    /// One bit of the target's one cell; its others keep what they are.
    Bit {
        /// Which, counted from the lowest.
        place: u8,
        /// What it becomes.
        on: bool,
    },
    /// Some bits of the target's one register: it becomes `(register & and) | (or & !and)`.
    Masked {
        /// The bits that are kept.
        and: u16,
        /// What the others become.
        or: u16,
    },
    /// A truth.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number without a sign.
    UInt(u64),
    /// A number with a fraction; it may be no number or infinite.
    Number(f64),
    /// A text.
    Text(&'a str),
    /// Something that was seen and is neither: a structure, a time, a file, an attribute other than a node's value. No limit on
    /// numbers allows it.
    Other,
    /// Something that could not be read: encrypted, cut short, or laid out in no known way.
    Unseen,
}

/// What the bytes of a run are, as far as the writer says. All have the most significant byte first.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Element {
    /// A byte or a character.
    Byte,
    /// A byte with a sign.
    SInt,
    /// Two bytes without a sign.
    Word,
    /// Two bytes with a sign.
    Int,
    /// Four bytes without a sign.
    DWord,
    /// Four bytes with a sign.
    DInt,
    /// Four bytes, IEEE 754.
    Real,
    /// Eight bytes without a sign.
    LWord,
    /// Eight bytes with a sign.
    LInt,
    /// Eight bytes, IEEE 754.
    LReal,
    /// No number.
    Other,
}

impl Element {
    /// How many bytes each takes; of what is no number, one.
    pub const fn width(self) -> usize {
        match self {
            Self::Byte | Self::SInt | Self::Other => 1,
            Self::Word | Self::Int => 2,
            Self::DWord | Self::DInt | Self::Real => 4,
            Self::LWord | Self::LInt | Self::LReal => 8,
        }
    }

    /// The number that these bytes are, if they are as many as one takes.
    fn number(self, bytes: &[u8]) -> Option<f64> {
        let eight = <[u8; 8]>::try_from(bytes);
        match (self, bytes) {
            (Self::Byte, &[byte]) => Some(byte.into()),
            (Self::SInt, &[byte]) => Some(i8::from_be_bytes([byte]).into()),
            (Self::Word, &[a, b]) => Some(u16::from_be_bytes([a, b]).into()),
            (Self::Int, &[a, b]) => Some(i16::from_be_bytes([a, b]).into()),
            (Self::DWord, &[a, b, c, d]) => Some(u32::from_be_bytes([a, b, c, d]).into()),
            (Self::DInt, &[a, b, c, d]) => Some(i32::from_be_bytes([a, b, c, d]).into()),
            (Self::Real, &[a, b, c, d]) => Some(f32::from_be_bytes([a, b, c, d]).into()),
            (Self::LWord, _) => Some(u64::from_be_bytes(eight.ok()?) as f64),
            (Self::LInt, _) => Some(i64::from_be_bytes(eight.ok()?) as f64),
            (Self::LReal, _) => Some(f64::from_be_bytes(eight.ok()?)),
            _ => None,
        }
    }
}

impl<'a> Written<'a> {
    /// Shows each raw number: a register, a coil as 0 or 1, an element of bytes, a value. Shows `None` for what is no number,
    /// could not be read, or is known only in part. Beyond 2^53 whole numbers are rounded.
    pub fn numbers(&self, see: &mut dyn FnMut(Option<f64>)) {
        match *self {
            Self::Bits(bits) => bits.iter().for_each(|on| see(Some(on.into()))),
            Self::Words(bytes) => each(bytes, Element::Word, see),
            Self::Bytes { bytes, element } => each(bytes, element, see),
            Self::Bit { on, .. } | Self::Bool(on) => see(Some(on.into())),
            Self::Masked { and: 0, or } => see(Some(or.into())),
            Self::Int(number) => see(Some(number as f64)),
            Self::UInt(number) => see(Some(number as f64)),
            Self::Number(number) => see(Some(number)),
            Self::Masked { .. } | Self::Text(_) | Self::Other | Self::Unseen => see(None),
        }
    }

    /// The bytes that the cells from `first` to `last` get, if this was written to `target` and covers them all.
    pub fn cut(&self, target: Target<'_>, first: u64, last: u64) -> Option<&'a [u8]> {
        let (bytes, width) = match *self {
            Self::Words(bytes) => (bytes, 2),
            Self::Bytes { bytes, .. } => (bytes, 1),
            _ => return None,
        };
        let skipped = offset(target, first)?.checked_mul(width)?;
        let cells = usize::try_from(last.checked_sub(first)?).ok()?;
        let length = cells.checked_add(1)?.checked_mul(width)?;
        bytes.get(skipped..)?.get(..length)
    }

    /// What one bit becomes, if this was written to `target` and says so: the bit at `place` of a cell, counted from its lowest.
    /// A coil has the place 0 alone.
    pub fn bit(&self, target: Target<'_>, cell: u64, place: u8) -> Option<bool> {
        let at = offset(target, cell)?;
        let of = |bits: u16| (place < 16).then(|| bits >> place & 1 == 1);
        match *self {
            Self::Bits(bits) if place == 0 => bits.get(at),
            Self::Words(_) => match *self.cut(target, cell, cell)? {
                [high, low] => of(u16::from_be_bytes([high, low])),
                _ => None,
            },
            Self::Bytes { bytes, .. } if place < 8 => of((*bytes.get(at)?).into()),
            Self::Bit { place: own, on } if at == 0 && own == place => Some(on),
            Self::Masked { and, or } if at == 0 && of(and) == Some(false) => of(or),
            _ => None,
        }
    }
}

/// Where a cell lies in the run that a target is.
fn offset(target: Target<'_>, cell: u64) -> Option<usize> {
    match target {
        Target::Cells { first, last, .. } if cell <= last => {
            usize::try_from(cell.checked_sub(first)?).ok()
        }
        _ => None,
    }
}

fn each(bytes: &[u8], element: Element, see: &mut dyn FnMut(Option<f64>)) {
    for bytes in bytes.chunks(element.width()) {
        see(element.number(bytes));
    }
}

/// Packed truths, the first in the lowest bit of the first byte.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bits<'a> {
    bytes: &'a [u8],
    // INVARIANT: count <= 8 * bytes.len()
    count: usize,
}

impl<'a> Bits<'a> {
    /// As many as `count`, or as there are.
    pub fn new(bytes: &'a [u8], count: usize) -> Self {
        let count = count.min(bytes.len().saturating_mul(8));
        Self { bytes, count }
    }

    /// One alone.
    pub const fn one(on: bool) -> Self {
        let bytes: &[u8] = if on { &[1] } else { &[0] };
        Self { bytes, count: 1 }
    }

    /// How many there are.
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The one at `place`, counted from 0.
    pub fn get(&self, place: usize) -> Option<bool> {
        let byte = self.bytes.get(place / 8).filter(|_| place < self.count)?;
        Some(byte >> (place % 8) & 1 == 1)
    }

    /// Every one, the first first.
    pub fn iter(&self) -> impl Iterator<Item = bool> + use<'a> {
        let bits = *self;
        (0..bits.count).map_while(move |place| bits.get(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn cells<'a>(first: u64, last: u64) -> Target<'a> {
        Target::Cells {
            area: "any",
            block: None,
            first,
            last,
        }
    }

    const fn bytes(bytes: &[u8], element: Element) -> Written<'_> {
        Written::Bytes { bytes, element }
    }

    #[test]
    fn what_is_written_reads_as_numbers() {
        let check = |written: Written<'_>, wanted: &[Option<f64>]| {
            let mut seen = Vec::new();
            written.numbers(&mut |number| seen.push(number));
            assert_eq!(seen, wanted, "{written:?}");
        };
        let four = [0xc2, 0x28, 0, 1];
        check(
            Written::Bits(Bits::new(&[0b101], 3)),
            &[Some(1.), Some(0.), Some(1.)],
        );
        check(Written::Bits(Bits::new(&[1], 99)), &{
            let mut eight = [Some(0.); 8];
            eight[0] = Some(1.);
            eight
        });
        check(Written::Bits(Bits::one(true)), &[Some(1.)]);
        check(Written::Words(&four), &[Some(49704.), Some(1.)]);
        check(
            bytes(&four, Element::Byte),
            &[Some(194.), Some(40.), Some(0.), Some(1.)],
        );
        check(bytes(&four, Element::Word), &[Some(49704.), Some(1.)]);
        check(bytes(&four, Element::Int), &[Some(-15832.), Some(1.)]);
        check(bytes(&four, Element::DWord), &[Some(3_257_401_345.)]);
        check(bytes(&four, Element::DInt), &[Some(-1_037_565_951.)]);
        check(bytes(&[0xc2, 0x28, 0, 0], Element::Real), &[Some(-42.)]);
        check(bytes(&four[..3], Element::Word), &[Some(49704.), None]);
        check(bytes(&[1], Element::Other), &[None]);
        check(bytes(&[0xff], Element::SInt), &[Some(-1.)]);
        let eight = [0xc0, 0x45, 0, 0, 0, 0, 0, 0];
        check(bytes(&eight, Element::LReal), &[Some(-42.)]);
        check(
            bytes(&eight, Element::LInt),
            &[Some(-4_592_264_245_034_352_640.)],
        );
        check(
            bytes(&eight, Element::LWord),
            &[Some(13_854_479_828_675_198_976.)],
        );
        check(bytes(&eight[1..], Element::LReal), &[None]);
        check(Written::Bit { place: 3, on: true }, &[Some(1.)]);
        check(Written::Bool(false), &[Some(0.)]);
        check(Written::Int(-3), &[Some(-3.)]);
        check(Written::UInt(3), &[Some(3.)]);
        check(Written::Number(2.5), &[Some(2.5)]);
        check(Written::Masked { and: 0, or: 7 }, &[Some(7.)]);
        check(Written::Masked { and: 1, or: 7 }, &[None]);
        check(Written::Text("7"), &[None]);
        check(Written::Other, &[None]);
        check(Written::Unseen, &[None]);
    }

    #[test]
    fn a_tag_is_cut_out_of_a_longer_run() {
        let run = [0, 1, 2, 3, 4, 5, 6, 7];
        let words = |first, last| Written::Words(&run).cut(cells(100, 103), first, last);
        assert_eq!(words(101, 102), Some(&run[2..6]));
        assert_eq!(words(100, 103), Some(&run[..]));
        assert_eq!(words(99, 100), None);
        assert_eq!(words(103, 104), None);
        assert_eq!(words(102, 101), None);
        assert_eq!(words(0, u64::MAX), None);
        let bytes = |first, last| bytes(&run, Element::Real).cut(cells(0, 7), first, last);
        assert_eq!(bytes(4, 7), Some(&run[4..]));
        assert_eq!(bytes(4, 8), None);
        assert_eq!(Written::Bool(true).cut(cells(0, 7), 0, 0), None);
        let node = Target::Node {
            namespace: 2,
            key: crate::NodeKey::Numeric(7),
        };
        assert_eq!(Written::Words(&run).cut(node, 0, 0), None);
    }

    #[test]
    fn a_bit_is_found_where_it_is_written() {
        let check = |written: Written<'_>, cell, place, wanted: Option<bool>| {
            let bit = written.bit(cells(10, 11), cell, place);
            assert_eq!(bit, wanted, "{written:?} {cell} {place}");
        };
        let coils = Written::Bits(Bits::new(&[0b10], 2));
        check(coils, 10, 0, Some(false));
        check(coils, 11, 0, Some(true));
        check(coils, 12, 0, None);
        check(coils, 11, 1, None);
        let words = Written::Words(&[0x80, 0, 0, 1]);
        check(words, 10, 15, Some(true));
        check(words, 11, 0, Some(true));
        check(words, 11, 16, None);
        check(bytes(&[8, 0], Element::Byte), 10, 3, Some(true));
        check(bytes(&[8, 0], Element::Byte), 10, 8, None);
        check(Written::Bit { place: 3, on: true }, 10, 3, Some(true));
        check(Written::Bit { place: 3, on: true }, 10, 4, None);
        check(Written::Masked { and: 0xfe, or: 1 }, 10, 0, Some(true));
        check(Written::Masked { and: 0xfe, or: 1 }, 10, 1, None);
        check(Written::Unseen, 10, 0, None);
    }
}
