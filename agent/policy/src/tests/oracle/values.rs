//! What a write may carry (docs/POLICIES.md, "A setpoint up to 380 degC, and not more"): raw numbers, and the values of tags.

use model::{Element, Target};

use super::asked::Wrote;
use super::number::Fixed;
use super::site::{Site, Statement, Tag};
use super::zones::Party;
use crate::suppose::Put;

/// Whether what is written is within limits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Within {
    Yes,
    No,
    Unseen,
}

/// What a write does to a tag.
enum Gets {
    /// Other bits than its own are written.
    Nothing,
    /// It gets a value.
    Value(Fixed),
    /// A part of it, or what is no number.
    Spoilt,
}

impl Site {
    /// Whether a write to a server can be limited by a statement: by its own values, or by the limits of tags.
    pub(super) fn limits_values(&self, statement: &Statement, server: Party) -> bool {
        !statement.values.is_empty() || self.tags_of(server).any(|tag| tag.is_limited())
    }

    fn tags_of(&self, server: Party) -> impl Iterator<Item = &Tag> {
        self.tags
            .iter()
            .filter(move |tag| server.asset == Some(tag.asset))
    }

    /// Whether a statement allows what is written to a target; `None` is not shown.
    pub(super) fn admits(
        &self,
        statement: &Statement,
        server: Party,
        target: &Target<'_>,
        wrote: Option<&Wrote>,
    ) -> Within {
        let touched = |tag: &&Tag| touch(&tag.place.target, target);
        let own = !statement.values.is_empty();
        let named = |tag: &&Tag| {
            statement
                .tags
                .iter()
                .any(|id| std::ptr::eq(&self.tags[*id], *tag))
        };
        let tags: Vec<&Tag> = if own {
            self.tags_of(server).filter(touched).filter(named).collect()
        } else {
            self.tags_of(server)
                .filter(touched)
                .filter(|tag| tag.is_limited())
                .collect()
        };
        if !own && tags.is_empty() {
            return Within::Yes;
        }
        let put = match wrote {
            None | Some(Wrote::Unseen) => return Within::Unseen,
            Some(Wrote::Other) => return Within::No,
            Some(Wrote::Put(put)) => put,
        };
        let mut all = true;
        for tag in &tags {
            all &= match tag.gets(target, put) {
                Gets::Nothing => true,
                Gets::Spoilt => false,
                Gets::Value(value) if own => allowed(&statement.values, value),
                Gets::Value(value) => {
                    tag.low.is_none_or(|low| low <= value)
                        && tag.high.is_none_or(|high| value <= high)
                }
            };
        }
        if own {
            all &= raw(target, put).iter().all(|(cells, number)| {
                let of_tag = |tag: &&Tag| touch(&tag.place.target, cells);
                tags.iter().any(of_tag) || number.is_some_and(|it| allowed(&statement.values, it))
            });
        }
        if all { Within::Yes } else { Within::No }
    }
}

fn allowed(values: &[(Option<Fixed>, Option<Fixed>)], value: Fixed) -> bool {
    let within = |(low, high): &(Option<Fixed>, Option<Fixed>)| {
        low.is_none_or(|low| low <= value) && high.is_none_or(|high| value <= high)
    };
    values.iter().any(within)
}

/// Whether two targets have anything in common.
fn touch(one: &Target<'_>, two: &Target<'_>) -> bool {
    match (*one, *two) {
        (
            Target::Cells {
                area,
                block,
                first,
                last,
            },
            Target::Cells {
                area: of,
                block: in_block,
                first: from,
                last: to,
            },
        ) => area == of && block == in_block && first <= to && from <= last,
        (one, two) => one == two,
    }
}

/// Every raw number that is written, and where: a register, a coil, S7 bytes as what the writer says that they are, a node's value.
fn raw<'t>(target: &Target<'t>, put: &Put) -> Vec<(Target<'t>, Option<Fixed>)> {
    let cells = |from: usize, many: usize| match *target {
        Target::Cells {
            area, block, first, ..
        } => {
            let first = first + u64::try_from(from).unwrap();
            Target::Cells {
                area,
                block,
                first,
                last: first + u64::try_from(many).unwrap() - 1,
            }
        }
        other => other,
    };
    match put {
        Put::Words(bytes) => {
            let words = bytes.chunks(2).enumerate();
            words
                .map(|(at, word)| (cells(at, 1), integer("uint16", word)))
                .collect()
        }
        Put::Bits(bytes, count) => {
            let bit = |at: usize| i128::from(bytes[at / 8] >> (at % 8) & 1);
            (0..*count)
                .map(|at| (cells(at, 1), Some(Fixed::whole(bit(at)))))
                .collect()
        }
        Put::Bytes(bytes, element) => {
            let (kind, width) = named(*element);
            let parts = bytes.chunks(width).enumerate();
            parts
                .map(|(at, part)| (cells(at * width, width), read(kind, part)))
                .collect()
        }
        Put::Masked { and: 0, or } => vec![(*target, Some(Fixed::whole((*or).into())))],
        Put::Masked { .. } | Put::Text(_) => vec![(*target, None)],
        Put::Bit { on, .. } => vec![(*target, Some(Fixed::whole((*on).into())))],
        one => vec![(*target, single(one))],
    }
}

/// The number of what says itself what it is. One that is no wider than single precision may have been that.
fn single(put: &Put) -> Option<Fixed> {
    match *put {
        Put::Bool(on) => Some(Fixed::whole(on.into())),
        Put::Int(number) => Some(Fixed::whole(number.into())),
        Put::UInt(number) => Some(Fixed::whole(number.into())),
        Put::Number(number)
            if f64::from(number as f32) == number && number.abs() < 16_777_216.0 =>
        {
            Fixed::single(number as f32)
        }
        Put::Number(number) => Fixed::double(number),
        _ => None,
    }
}

const fn named(element: Element) -> (&'static str, usize) {
    match element {
        Element::Byte => ("uint8", 1),
        Element::SInt => ("int8", 1),
        Element::Word => ("uint16", 2),
        Element::Int => ("int16", 2),
        Element::DWord => ("uint32", 4),
        Element::DInt => ("int32", 4),
        Element::Real => ("float32", 4),
        Element::LWord => ("uint64", 8),
        Element::LInt => ("int64", 8),
        Element::LReal => ("float64", 8),
        Element::Other => ("", 1),
    }
}

/// The number that bytes are, the most significant first.
fn read(kind: &str, bytes: &[u8]) -> Option<Fixed> {
    match kind {
        "float32" => Fixed::single(f32::from_be_bytes(bytes.try_into().ok()?)),
        "float64" => Fixed::double(f64::from_be_bytes(bytes.try_into().ok()?)),
        "bcd16" => {
            let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
            let text: Option<String> = digits
                .map(|digit| char::from_digit(digit.into(), 10))
                .collect();
            text.map(|text| Fixed::read(&text))
        }
        "" | "string" => None,
        kind => integer(kind, bytes),
    }
}

fn integer(kind: &str, bytes: &[u8]) -> Option<Fixed> {
    let bits: u32 = kind
        .trim_start_matches(|c: char| !c.is_ascii_digit())
        .parse()
        .ok()?;
    let number = bytes
        .iter()
        .fold(0_i128, |sum, byte| sum << 8 | i128::from(*byte));
    let negative = kind.starts_with('i') && number >> (bits - 1) & 1 == 1;
    Some(Fixed::whole(if negative {
        number - (1 << bits)
    } else {
        number
    }))
}

impl Tag {
    pub(super) const fn is_limited(&self) -> bool {
        self.low.is_some() || self.high.is_some()
    }

    fn gets(&self, target: &Target<'_>, put: &Put) -> Gets {
        let value = |raw: Option<Fixed>| {
            raw.map_or(Gets::Spoilt, |raw| {
                Gets::Value(raw.scaled(self.scale, self.offset))
            })
        };
        let (Target::Cells { first, last, .. }, Target::Cells { first: from, .. }) =
            (self.place.target, *target)
        else {
            return value(single(put));
        };
        if let Some(bit) = self.place.bit {
            return bit_of(first, from, bit, put)
                .map_or(Gets::Nothing, |on| value(Some(Fixed::whole(on.into()))));
        }
        if let (Put::Masked { and: 0, or }, true) = (put, first == last) {
            return value(self.number(&or.to_be_bytes()));
        }
        let (bytes, width) = match put {
            Put::Words(bytes) => (bytes, 2),
            Put::Bytes(bytes, _) => (bytes, 1),
            _ => return Gets::Spoilt,
        };
        let whole = first.checked_sub(from).map(|skipped| {
            let from = usize::try_from(skipped * width).unwrap();
            let many = usize::try_from((last - first + 1) * width).unwrap();
            bytes.get(from..from + many)
        });
        whole
            .flatten()
            .map_or(Gets::Spoilt, |bytes| value(self.number(bytes)))
    }

    /// The number that bytes on the wire are, in the tag's order.
    fn number(&self, wire: &[u8]) -> Option<Fixed> {
        let mut bytes = wire.to_vec();
        match self.order {
            "CDAB" => {
                let words: Vec<_> = wire.chunks(2).rev().collect();
                bytes = words.concat();
            }
            "BADC" => bytes.chunks_mut(2).for_each(<[u8]>::reverse),
            "DCBA" => bytes.reverse(),
            _ => {}
        }
        read(self.place.kind, &bytes)
    }
}

/// What one bit of a cell becomes; nothing where it is not written.
fn bit_of(cell: u64, from: u64, bit: u8, put: &Put) -> Option<bool> {
    let at = usize::try_from(cell.checked_sub(from)?).unwrap();
    let of = |number: u16| number >> bit & 1 == 1;
    match put {
        Put::Bits(bytes, count) => (at < *count).then(|| bytes[at / 8] >> (at % 8) & 1 == 1),
        Put::Words(bytes) => bytes
            .get(2 * at..2 * at + 2)
            .map(|word| of(u16::from_be_bytes([word[0], word[1]]))),
        Put::Bytes(bytes, _) => bytes.get(at).map(|byte| of((*byte).into())),
        Put::Bit { place, on } => (*place == bit && at == 0).then_some(*on),
        Put::Masked { and, or } => (!of(*and) && at == 0).then(|| of(*or)),
        _ => None,
    }
}
