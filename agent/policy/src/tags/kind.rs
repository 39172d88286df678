//! What bytes mean: the types of values in registers and S7 memory.
//!
//! Each type goes by its own name and by what IEC 61131-3 calls it, so that lists from engineering tools can be used as they are.
//! `bcd16` and `bcd32` hold a decimal digit in each four bits, as S7 counters and older meters do. A `string` has no number: it gives
//! its cells a name.

use model::Element;

use crate::number::{Decimal, Number};

/// The type of a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Type {
    Bool,
    Int8,
    Uint8,
    Int16,
    Uint16,
    Int32,
    Uint32,
    Int64,
    Uint64,
    Float32,
    Float64,
    Bcd16,
    Bcd32,
    Text,
}

impl Type {
    /// The type of that name, in capitals or not.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let known = TYPES
            .iter()
            .find(|(_, own, others, _)| *own == name || others.contains(&&*name));
        known.map(|(kind, ..)| *kind)
    }

    /// The names to choose from.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> + Clone {
        TYPES.iter().map(|(_, name, ..)| *name)
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        let known = TYPES.iter().find(|(kind, ..)| *kind == self);
        known.map_or("", |(_, name, ..)| name)
    }

    /// How many bytes it takes; none for a bit, and for a text, which takes as many as it has.
    pub(crate) fn bytes(self) -> Option<u64> {
        let known = TYPES.iter().find(|(kind, ..)| *kind == self);
        known.and_then(|(.., bytes)| *bytes)
    }

    /// Whether a value of it can be scaled and limited.
    pub(crate) const fn is_number(self) -> bool {
        !matches!(self, Self::Bool | Self::Text)
    }

    /// The lowest and the highest number of it, for types that are no wider than their bits.
    pub(crate) fn bounds(self) -> Option<(Decimal, Decimal)> {
        let signed = |low: i64, high: i64| (Decimal::from(low), Decimal::from(high));
        Some(match self {
            Self::Bool => signed(0, 1),
            Self::Int8 => signed(i8::MIN.into(), i8::MAX.into()),
            Self::Uint8 => signed(0, u8::MAX.into()),
            Self::Int16 => signed(i16::MIN.into(), i16::MAX.into()),
            Self::Uint16 => signed(0, u16::MAX.into()),
            Self::Int32 => signed(i32::MIN.into(), i32::MAX.into()),
            Self::Uint32 => signed(0, u32::MAX.into()),
            Self::Int64 => signed(i64::MIN, i64::MAX),
            Self::Uint64 => (Decimal::from(0_u64), Decimal::from(u64::MAX)),
            Self::Bcd16 => signed(0, 9_999),
            Self::Bcd32 => signed(0, 99_999_999),
            Self::Float32 | Self::Float64 | Self::Text => return None,
        })
    }

    /// The number that so many bytes are, the most significant first; none where they are not as many, or no number.
    pub(crate) fn number(self, bytes: &[u8]) -> Option<Decimal> {
        let unsigned = |number: u64| Some(Decimal::from(number));
        let signed = |number: i64| Some(Decimal::from(number));
        match self {
            Self::Bool | Self::Text => None,
            Self::Int8 => signed(i8::from_be_bytes(bytes.try_into().ok()?).into()),
            Self::Uint8 => unsigned(u8::from_be_bytes(bytes.try_into().ok()?).into()),
            Self::Int16 => signed(i16::from_be_bytes(bytes.try_into().ok()?).into()),
            Self::Uint16 => unsigned(u16::from_be_bytes(bytes.try_into().ok()?).into()),
            Self::Int32 => signed(i32::from_be_bytes(bytes.try_into().ok()?).into()),
            Self::Uint32 => unsigned(u32::from_be_bytes(bytes.try_into().ok()?).into()),
            Self::Int64 => signed(i64::from_be_bytes(bytes.try_into().ok()?)),
            Self::Uint64 => unsigned(u64::from_be_bytes(bytes.try_into().ok()?)),
            Self::Float32 => Decimal::of_f32(f32::from_be_bytes(bytes.try_into().ok()?)),
            Self::Float64 => Decimal::of_f64(f64::from_be_bytes(bytes.try_into().ok()?)),
            Self::Bcd16 | Self::Bcd32 => bcd(bytes).map(Decimal::from),
        }
    }
}

/// The number that decimal digits of four bits each are.
fn bcd(bytes: &[u8]) -> Option<u64> {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    let mut digits = digits.map(|digit| Some(u64::from(digit)).filter(|digit| *digit <= 9));
    digits.try_fold(0, |sum: u64, digit| {
        sum.checked_mul(10)?.checked_add(digit?)
    })
}

/// Shows each raw number that is written where no tag says more: a register as `uint16`, a coil as 0 or 1, S7 bytes as what the
/// writer says that they are. Shows `None` for what is no number or not known whole. Integers are exact, which
/// [`model::Written::numbers`] does not promise.
pub(crate) fn numbers(written: &model::Written<'_>, see: &mut dyn FnMut(Option<Number>)) {
    let mut each = |bytes: &[u8], kind: Option<Type>, width: usize| {
        for bytes in bytes.chunks(width) {
            see(kind
                .and_then(|kind| kind.number(bytes))
                .map(Decimal::number));
        }
    };
    match *written {
        model::Written::Words(bytes) => each(bytes, Some(Type::Uint16), 2),
        model::Written::Bytes { bytes, element } => {
            each(bytes, kind_of(element), element.width());
        }
        _ => match one(written) {
            Some(number) => see(Some(number.number())),
            None => written
                .numbers(&mut |number| see(number.and_then(Decimal::of_f64).map(Decimal::number))),
        },
    }
}

/// The number of what carries its own type.
pub(crate) fn one(written: &model::Written<'_>) -> Option<Decimal> {
    match *written {
        model::Written::Bool(on) => Some(Decimal::from(u64::from(on))),
        model::Written::Int(number) => Some(Decimal::from(number)),
        model::Written::UInt(number) => Some(Decimal::from(number)),
        model::Written::Number(number) => Decimal::of_either(number),
        _ => None,
    }
}

const fn kind_of(element: Element) -> Option<Type> {
    Some(match element {
        Element::Byte => Type::Uint8,
        Element::SInt => Type::Int8,
        Element::Word => Type::Uint16,
        Element::Int => Type::Int16,
        Element::DWord => Type::Uint32,
        Element::DInt => Type::Int32,
        Element::Real => Type::Float32,
        Element::LWord => Type::Uint64,
        Element::LInt => Type::Int64,
        Element::LReal => Type::Float64,
        Element::Other => return None,
    })
}

/// Each type with its name, its other names (IEC 61131-3:2013, table 10), and its bytes.
type Entry = (Type, &'static str, &'static [&'static str], Option<u64>);

const TYPES: &[Entry] = &[
    (Type::Bool, "bool", &[], None),
    (Type::Int8, "int8", &["sint"], Some(1)),
    (Type::Uint8, "uint8", &["usint", "byte"], Some(1)),
    (Type::Int16, "int16", &["int"], Some(2)),
    (Type::Uint16, "uint16", &["uint", "word"], Some(2)),
    (Type::Int32, "int32", &["dint"], Some(4)),
    (Type::Uint32, "uint32", &["udint", "dword"], Some(4)),
    (Type::Int64, "int64", &["lint"], Some(8)),
    (Type::Uint64, "uint64", &["ulint", "lword"], Some(8)),
    (Type::Float32, "float32", &["real", "float"], Some(4)),
    (Type::Float64, "float64", &["lreal", "double"], Some(8)),
    (Type::Bcd16, "bcd16", &[], Some(2)),
    (Type::Bcd32, "bcd32", &[], Some(4)),
    (Type::Text, "string", &[], None),
];
