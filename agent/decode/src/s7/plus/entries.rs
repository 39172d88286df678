//! Values and errors by the number of their item.

use super::fault::Fault;
use super::value::Value;
use super::vlq;
use crate::reader::Reader;

/// The values of a message.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Values<'a> {
    #[default]
    None,
    /// One.
    One(Value<'a>),
    /// By the number of their item.
    Numbered(&'a [u8]),
    /// By their reference, as notifications carry them.
    Notified(&'a [u8]),
}

/// A value or error of one item.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    /// The number of the item, from 1; the reference in notifications.
    pub(super) number: u32,
    /// The value.
    pub(super) value: Option<Value<'a>>,
    /// The error.
    pub(super) error: Option<u64>,
}

impl<'a> Values<'a> {
    /// Every value, in the order of the message.
    pub(super) fn iter(self) -> impl Iterator<Item = Entry<'a>> {
        let mut one = match self {
            Self::One(value) => Some(value),
            _ => None,
        };
        let mut reader = Reader::new(match self {
            Self::Numbered(bytes) | Self::Notified(bytes) => bytes,
            Self::None | Self::One(_) => &[],
        });
        std::iter::from_fn(move || match self {
            Self::None => None,
            Self::One(_) => one.take().map(|value| Entry::value(1, value)),
            Self::Numbered(_) => entry(&mut reader).ok()?,
            Self::Notified(_) => notified(&mut reader).ok()?,
        })
    }

    /// The value of an item.
    pub(super) fn of(self, number: u32) -> Option<Value<'a>> {
        self.iter().find(|it| it.number == number)?.value
    }
}

impl<'a> Entry<'a> {
    const fn value(number: u32, value: Value<'a>) -> Self {
        Self {
            number,
            value: Some(value),
            error: None,
        }
    }

    const fn error(number: u32, error: u64) -> Self {
        Self {
            number,
            value: None,
            error: Some(error),
        }
    }
}

/// Every error of a list: the item's number and its result.
pub(super) fn failed<'a>(errors: &'a [u8]) -> impl Iterator<Item = Entry<'a>> {
    let mut reader = Reader::new(errors);
    std::iter::from_fn(move || error(&mut reader).ok()?)
}

/// Passes over at most so many values.
pub(super) fn numbered(reader: &mut Reader<'_>, most: u32) -> Result<(), Fault> {
    for _ in 0..most {
        if entry(reader)?.is_none() {
            break;
        }
    }
    Ok(())
}

/// Passes over a list of errors.
pub(super) fn errors(reader: &mut Reader<'_>) -> Result<(), Fault> {
    while error(reader)?.is_some() {}
    Ok(())
}

fn entry<'a>(reader: &mut Reader<'a>) -> Result<Option<Entry<'a>>, Fault> {
    match vlq::u32(reader, "plus_item")? {
        0 => Ok(None),
        number => Ok(Some(Entry::value(number, Value::read(reader)?))),
    }
}

fn error(reader: &mut Reader<'_>) -> Result<Option<Entry<'static>>, Fault> {
    match vlq::u32(reader, "plus_item")? {
        0 => Ok(None),
        number => Ok(Some(Entry::error(number, vlq::u64(reader, "plus_error")?))),
    }
}

/// Takes the next entry of a notification.
pub(super) fn notified<'a>(reader: &mut Reader<'a>) -> Result<Option<Entry<'a>>, Fault> {
    let code = reader.u8("plus_return_code")?;
    let number = match code {
        0 => return Ok(None),
        0x92 | 0x03 | 0x13 => reader.u32("plus_reference")?,
        0x9b => vlq::u32(reader, "plus_reference")?,
        _ => return Err(Fault::Unknown),
    };
    Ok(Some(match code {
        0x92 | 0x9b => Entry::value(number, Value::read(reader)?),
        _ => Entry::error(number, code.into()),
    }))
}
