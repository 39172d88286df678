//! From a value to the bytes that a tag would have: what a witness writes.

use super::exact::{Exact, Width, width};
use super::kind::Type;
use super::tag::Tag;
use crate::number::Number;

impl Tag {
    /// Everything that the tag means, whatever it is called and wherever it stands.
    pub(crate) fn meaning(&self) -> String {
        let place = (self.protocol, &self.exact, self.kind, self.order);
        let value = (self.scale, self.offset, self.low, self.high);
        format!("{place:?} {value:?}")
    }

    /// Whether it is in cells, and not in one bit of one.
    pub(crate) fn is_of_bytes(&self) -> bool {
        matches!(self.exact, Exact::Cells { .. }) && self.exact.bit().is_none()
    }

    /// The bytes on the wire that give the tag a value; none where no bytes do, or where they are not known.
    pub(crate) fn bytes(&self, value: Number) -> Option<Vec<u8>> {
        let raw = self.raw(value)?;
        let mut bytes = match self.kind? {
            Type::Bool | Type::Text => return None,
            Type::Int8 => whole::<i8>(raw)?.to_be_bytes().to_vec(),
            Type::Uint8 => whole::<u8>(raw)?.to_be_bytes().to_vec(),
            Type::Int16 => whole::<i16>(raw)?.to_be_bytes().to_vec(),
            Type::Uint16 => whole::<u16>(raw)?.to_be_bytes().to_vec(),
            Type::Int32 => whole::<i32>(raw)?.to_be_bytes().to_vec(),
            Type::Uint32 => whole::<u32>(raw)?.to_be_bytes().to_vec(),
            Type::Int64 => whole::<i64>(raw)?.to_be_bytes().to_vec(),
            Type::Uint64 => whole::<u64>(raw)?.to_be_bytes().to_vec(),
            Type::Float32 => (raw as f32).to_be_bytes().to_vec(),
            Type::Float64 => raw.to_be_bytes().to_vec(),
            Type::Bcd16 => digits(raw, 4)?,
            Type::Bcd32 => digits(raw, 8)?,
        };
        self.order.arrange(&mut bytes);
        Some(bytes)
    }

    /// The value before scale and offset, as near as a double comes.
    pub(crate) fn raw(&self, value: Number) -> Option<f64> {
        let number = |text: String| text.parse::<f64>().ok();
        let scale = self.scaled(crate::number::Decimal::ONE);
        let offset = number(self.offset.to_string())?;
        let scale = number(scale.to_string())? - offset;
        let raw = (number(value.to_string())? - offset) / scale;
        raw.is_finite().then_some(raw)
    }
}

/// The whole number next to one.
fn whole<T: TryFrom<i128>>(raw: f64) -> Option<T> {
    T::try_from(raw.round() as i128).ok()
}

/// A number in decimal digits of four bits each.
fn digits(raw: f64, count: u32) -> Option<Vec<u8>> {
    let number: u64 = whole(raw)?;
    let digit = |place: u32| u8::try_from(number / 10_u64.pow(place) % 10).ok();
    let all: Vec<u8> = (0..count).rev().map(digit).collect::<Option<_>>()?;
    let (pairs, _) = all.as_chunks::<2>();
    let fits = number < 10_u64.checked_pow(count)?;
    fits.then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// How many bits a cell of an area has.
pub(crate) fn bits_of(area: &str) -> u32 {
    match width(area) {
        Width::Bit => 1,
        Width::Byte => 8,
        Width::Word => 16,
    }
}
