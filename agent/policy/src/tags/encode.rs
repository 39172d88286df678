//! From a tag's value in its unit back to what a write of it carries: what [`Tag::covered`] reads, the other way round.

use super::exact::{Exact, cell_bytes};
use super::kind::Type;
use super::tag::Tag;
use crate::number::{Decimal, Number};
use crate::pattern::Refused;
use crate::suppose::Put;
use model::Element;

impl Tag {
    /// What a write of a value, in the tag's unit, carries.
    ///
    /// # Errors
    ///
    /// Why no write gives the tag this value.
    pub(crate) fn encode(&self, value: Number) -> Result<Put, Refused> {
        let cells = match &self.exact {
            Exact::Node { .. } => return self.at_node(value),
            Exact::Cells { area, .. } => cell_bytes(area),
        };
        let kind = self.kind.unwrap_or(Type::Bool);
        if let (Some(bit), Type::Bool) = (self.exact.bit(), kind) {
            let on = value != Number::ZERO;
            return Ok(match cells {
                None => Put::Bits(vec![on.into()], 1),
                Some(1) => Put::Bit { place: bit, on },
                Some(_) => Put::Masked {
                    and: !(1 << bit),
                    or: u16::from(on) << bit,
                },
            });
        }
        let mut bytes = self.bytes_of(kind, value)?;
        self.order.arrange(&mut bytes);
        Ok(match cells {
            Some(1) => Put::Bytes(bytes, element(kind)),
            _ => Put::Words(bytes),
        })
    }

    fn at_node(&self, value: Number) -> Result<Put, Refused> {
        let whole = self.near(value).filter(|raw| self.is(*raw, value));
        let whole = whole.and_then(|raw| i64::try_from(raw).ok());
        Ok(whole.map_or_else(|| Put::Number(self.guess(value)), Put::Int))
    }

    /// The bytes of a value in the order `ABCD`.
    fn bytes_of(&self, kind: Type, value: Number) -> Result<Vec<u8>, Refused> {
        // a whole number where one stands for the value: dividing may miss it by a hair
        let whole = self.near(value).filter(|raw| self.is(*raw, value));
        let raw = whole.map_or_else(|| self.guess(value), |raw| raw as f64);
        let bytes = match kind {
            Type::Float32 => (raw as f32).to_be_bytes().to_vec(),
            Type::Float64 => raw.to_be_bytes().to_vec(),
            Type::Text | Type::Bool => {
                let what = format!("tag `{}` is no number", self.name);
                return Err(refused(what, "write to its cells as `target`".to_owned()));
            }
            _ => self.whole(kind, value)?,
        };
        Ok(bytes)
    }

    /// The bytes of a whole number that stands for a value.
    fn whole(&self, kind: Type, value: Number) -> Result<Vec<u8>, Refused> {
        let unit = self.unit.as_deref().unwrap_or_default();
        let shown = |number: Number| format!("`{number} {unit}`").replace(" `", "`");
        let too_large = || {
            let what = format!("{} does not fit into tag `{}`", shown(value), self.name);
            refused(what, format!("it is a `{}`", kind.name()))
        };
        let near = self.near(value).ok_or_else(too_large)?;
        let mut around = [near, near.saturating_sub(1), near.saturating_add(1)].into_iter();
        let Some(raw) = around.find(|raw| self.is(*raw, value)) else {
            let what = format!(
                "no write gives tag `{}` the value {}",
                self.name,
                shown(value)
            );
            let near = decimal(near).map(|near| shown(self.scaled(near)));
            let help = near.map(|near| format!("the nearest is {near}"));
            return Err(refused(what, help.unwrap_or_default()));
        };
        let width = usize::try_from(kind.bytes().unwrap_or(8)).unwrap_or(8);
        let raw = if matches!(kind, Type::Bcd16 | Type::Bcd32) {
            digits(raw)
        } else {
            Some(raw)
        };
        let bytes = raw.map(i128::to_be_bytes);
        let bytes = bytes.and_then(|bytes| Some(bytes.get(16 - width..)?.to_vec()));
        // what does not come back as it went in did not fit
        let back = bytes.as_ref().and_then(|bytes| kind.number(bytes));
        match (bytes, back.map(|raw| self.scaled(raw))) {
            (Some(bytes), Some(back)) if back == value => Ok(bytes),
            _ => Err(too_large()),
        }
    }

    /// Whether a whole number stands for a value.
    fn is(&self, raw: i128, value: Number) -> bool {
        decimal(raw).is_some_and(|raw| self.scaled(raw) == value)
    }

    /// The whole number that is sent for a value, or one next to it.
    fn near(&self, value: Number) -> Option<i128> {
        let bare = self.scale == Decimal::ONE && self.offset == Number::ZERO;
        let exact = value.to_string().parse().ok().filter(|_| bare);
        exact.or_else(|| format!("{:.0}", self.guess(value)).parse().ok())
    }

    /// About what is sent for a value.
    fn guess(&self, value: Number) -> f64 {
        let number = |number: Number| number.to_string().parse::<f64>().unwrap_or(0.0);
        let scale = number(self.scale.number());
        let raw = number(value) - number(self.offset);
        if scale == 0.0 { raw } else { raw / scale }
    }
}

/// A whole number as what is measured.
fn decimal(number: i128) -> Option<Decimal> {
    Decimal::read(&number.to_string())
}

/// A number with each decimal digit in four bits.
fn digits(number: i128) -> Option<i128> {
    let text = u64::try_from(number).ok()?.to_string();
    i128::from_str_radix(&text, 16).ok()
}

const fn element(kind: Type) -> Element {
    match kind {
        Type::Int8 => Element::SInt,
        Type::Uint8 | Type::Bool | Type::Text => Element::Byte,
        Type::Int16 => Element::Int,
        Type::Uint16 | Type::Bcd16 => Element::Word,
        Type::Int32 => Element::DInt,
        Type::Uint32 | Type::Bcd32 => Element::DWord,
        Type::Int64 => Element::LInt,
        Type::Uint64 => Element::LWord,
        Type::Float32 => Element::Real,
        Type::Float64 => Element::LReal,
    }
}

const fn refused(what: String, help: String) -> Refused {
    Refused {
        what,
        help: Some(help),
    }
}
