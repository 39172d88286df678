//! A tag: a place that an asset has, what its bytes mean, and what its value must keep to.

use std::fmt;

use model::{Target, Written};

use super::exact::Exact;
use super::kind::{Type, one};
use super::order::Order;
use crate::node::Word;
use crate::number::{Decimal, Number};
use crate::problems::{Problems, Spot};
use crate::space::AssetId;
use crate::values::{Breach, Ranges};

/// One tag, resolved: its type fits its cells, and its limits are in order.
#[derive(Debug)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) at: Spot,
    pub(crate) asset: AssetId,
    pub(crate) protocol: &'static str,
    pub(crate) exact: Exact,
    /// None of a node, whose values say what they are.
    pub(super) kind: Option<Type>,
    pub(super) order: Order,
    pub(super) scale: Decimal,
    pub(super) offset: Number,
    pub(crate) unit: Option<String>,
    pub(crate) low: Option<Number>,
    pub(crate) high: Option<Number>,
    pub(crate) text: Option<String>,
}

/// What a write does to a tag.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Covered {
    /// Nothing: it writes elsewhere, or other bits.
    No,
    /// Some of its bytes get new values, so that the whole is unknown.
    Partly,
    /// It gets this value, in its unit.
    Whole(Number),
    /// It gets what is no number: NaN, an infinity, broken BCD, a text.
    NoNumber,
    /// It is written, but not with what was not seen.
    Unseen,
}

impl Tag {
    /// What it does to the tag that something is written to `run`.
    pub(crate) fn covered(&self, run: Target<'_>, written: &Written<'_>) -> Covered {
        if !overlap(self.exact.target(), run) {
            return Covered::No;
        }
        match (written, self.exact.bit()) {
            (Written::Unseen, _) => Covered::Unseen,
            (Written::Text(_) | Written::Other, _) => Covered::NoNumber,
            (_, Some(bit)) => self.covered_bit(run, written, bit),
            (_, None) => self.covered_bytes(run, written),
        }
    }

    fn covered_bit(&self, run: Target<'_>, written: &Written<'_>, bit: u8) -> Covered {
        let Some(cell) = self.first() else {
            return Covered::No;
        };
        match (written.bit(run, cell, bit), written) {
            (Some(on), _) => Covered::Whole(Decimal::from(u64::from(on)).number()),
            (None, Written::Bit { .. } | Written::Masked { .. }) => Covered::No,
            (None, _) => Covered::NoNumber,
        }
    }

    fn covered_bytes(&self, run: Target<'_>, written: &Written<'_>) -> Covered {
        let Target::Cells { first, last, .. } = self.exact.target() else {
            return one(written).map_or(Covered::NoNumber, |raw| Covered::Whole(self.scaled(raw)));
        };
        match *written {
            Written::Masked { and: 0, or } if first == last => self.value(&or.to_be_bytes()),
            _ => written
                .cut(run, first, last)
                .map_or(Covered::Partly, |bytes| self.value(bytes)),
        }
    }

    fn first(&self) -> Option<u64> {
        match self.exact.target() {
            Target::Cells { first, .. } => Some(first),
            _ => None,
        }
    }

    /// The value that all its bytes make, as they lie on the wire.
    fn value(&self, bytes: &[u8]) -> Covered {
        let mut whole = [0; 8];
        let raw = whole.get_mut(..bytes.len()).and_then(|place| {
            place.copy_from_slice(bytes);
            self.order.arrange(place);
            self.kind?.number(place)
        });
        raw.map_or(Covered::NoNumber, |raw| Covered::Whole(self.scaled(raw)))
    }

    /// What is written, in the tag's unit.
    pub(crate) fn scaled(&self, raw: Decimal) -> Number {
        raw.times(self.scale).plus(self.offset)
    }

    /// What its type can tell apart, in the tag's unit; none where that depends on the value.
    pub(crate) fn step(&self) -> Option<Number> {
        self.kind.and_then(Type::bounds)?;
        let step = self.scale.number();
        Some(if step < Number::ZERO {
            Number::ZERO.minus(step)
        } else {
            step
        })
    }

    /// Whether it is a single bit of something wider.
    pub(crate) fn is_bit(&self) -> bool {
        self.exact.bit().is_some()
    }

    /// Whether it has limits of its own.
    pub(crate) const fn is_limited(&self) -> bool {
        self.low.is_some() || self.high.is_some()
    }

    /// How a value breaks the tag's own limits.
    pub(crate) fn breach(&self, value: Number) -> Option<Breach<'static>> {
        let low = self.low.filter(|low| value < *low).map(Breach::Below);
        low.or_else(|| self.high.filter(|high| value > *high).map(Breach::Above))
    }

    /// The values that the tag's own limits allow.
    pub(crate) fn limits(&self) -> Ranges {
        Ranges::from_to(
            self.low.unwrap_or(Number::MIN),
            self.high.unwrap_or(Number::MAX),
        )
    }

    /// The values between the lowest and the highest that its type can hold.
    pub(crate) fn possible(&self) -> Ranges {
        let bounds = self.kind.and_then(Type::bounds);
        bounds.map_or_else(Ranges::all, |(low, high)| {
            let (one, two) = (self.scaled(low), self.scaled(high));
            Ranges::from_to(one.min(two), one.max(two))
        })
    }

    /// Says where a statement's values are in another unit than the tag.
    pub(crate) fn check_units(&self, units: &[Word], problems: &mut Problems) {
        for unit in units
            .iter()
            .filter(|unit| self.unit.as_ref() != Some(&unit.text))
        {
            let (what, help) = match &self.unit {
                Some(own) => (
                    format!("tag `{}` is in `{own}`, not in `{}`", self.name, unit.text),
                    format!("give the value in `{own}`"),
                ),
                None => (
                    format!(
                        "tag `{}` has no unit, and here is `{}`",
                        self.name, unit.text
                    ),
                    "state the tag's `unit`, or leave it out here".to_owned(),
                ),
            };
            problems.error_with(unit.at, what, help);
        }
    }

    /// The tag with what a write does to it and the limit that it breaks, for sentences:
    /// `TIC-101.SP (setpoint of reactor temperature) 412 degC > 380`.
    pub(crate) const fn words<'a>(
        &'a self,
        covered: Covered,
        breach: Option<Breach<'a>>,
    ) -> Words<'a> {
        Words {
            tag: self,
            covered,
            breach,
        }
    }
}

/// Whether two targets have anything in common.
fn overlap(one: Target<'_>, two: Target<'_>) -> bool {
    match (one, two) {
        (
            Target::Cells {
                area,
                block,
                first,
                last,
            },
            Target::Cells {
                area: area_two,
                block: block_two,
                first: first_two,
                last: last_two,
            },
        ) => (area, block) == (area_two, block_two) && first <= last_two && first_two <= last,
        _ => one == two,
    }
}

/// A tag in a sentence.
pub(crate) struct Words<'a> {
    tag: &'a Tag,
    covered: Covered,
    breach: Option<Breach<'a>>,
}

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tag {
            name, text, unit, ..
        } = self.tag;
        f.write_str(name)?;
        if let Some(text) = text {
            write!(f, " ({text})")?;
        }
        match self.covered {
            Covered::No => Ok(()),
            Covered::Partly => f.write_str(" in part"),
            Covered::NoNumber => f.write_str(" with what is no number"),
            Covered::Unseen => f.write_str(" with a value that was not seen"),
            Covered::Whole(value) => {
                write!(f, " {value}")?;
                unit.as_ref().map_or(Ok(()), |unit| write!(f, " {unit}"))
            }
        }?;
        self.breach.map_or(Ok(()), |breach| write!(f, " {breach}"))
    }
}
