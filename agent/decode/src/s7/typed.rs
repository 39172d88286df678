//! Short values as what they are: numbers, truths, times and texts instead of digits.
//!
//! The type is the transport size that the request names. Up to [`SHOWN`] elements are shown; more,
//! and plain bytes in a row, say no more than their digits.

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::times::{Clock, DateTime, Day, decimal, s5time};

/// The most elements that are shown of one value.
const SHOWN: usize = 16;

/// A value and the transport size of its elements.
#[derive(Clone, Copy, Debug)]
pub(super) struct Typed<'a> {
    transport_size: u8,
    width: usize,
    bytes: &'a [u8],
}

impl<'a> Typed<'a> {
    /// A value that can be shown as what it is.
    pub(super) fn of(transport_size: u8, bytes: &'a [u8]) -> Option<Self> {
        let width = match transport_size {
            0x01..=0x03 => 1,
            0x04 | 0x05 | 0x09 | 0x0c | 0x1c | 0x1d => 2,
            0x06..=0x08 | 0x0a | 0x0b => 4,
            0x0f => 8,
            _ => return None,
        };
        let count = bytes.len() / width;
        let whole = count > 0 && bytes.len() == count * width && count <= SHOWN;
        let plain = transport_size == 0x02 && count > 1;
        (whole && !plain).then_some(Self {
            transport_size,
            width,
            bytes,
        })
    }

    fn text(&self) -> Option<&'a str> {
        let plain =
            self.transport_size == 0x03 && self.bytes.iter().all(|it| (0x20..0x7f).contains(it));
        std::str::from_utf8(self.bytes).ok().filter(|_| plain)
    }
}

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(text) = self.text() {
            return serializer.serialize_str(text);
        }
        let element = |bytes| Element {
            transport_size: self.transport_size,
            bytes,
        };
        if self.bytes.len() == self.width {
            return element(self.bytes).serialize(serializer);
        }
        let mut list = serializer.serialize_seq(None)?;
        for bytes in self.bytes.chunks_exact(self.width) {
            list.serialize_element(&element(bytes))?;
        }
        list.end()
    }
}

struct Element<'a> {
    transport_size: u8,
    bytes: &'a [u8],
}

impl Serialize for Element<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.transport_size, self.bytes) {
            (0x01, [bit]) => serializer.serialize_bool(bit & 1 != 0),
            (0x05, &[a, b]) => serializer.serialize_i16(i16::from_be_bytes([a, b])),
            (0x07 | 0x0b, &[a, b, c, d]) => {
                serializer.serialize_i32(i32::from_be_bytes([a, b, c, d]))
            }
            (0x08, &[a, b, c, d]) => serializer.serialize_f32(f32::from_be_bytes([a, b, c, d])),
            (0x09, &[a, b]) => serializer.collect_str(&Day {
                days: u16::from_be_bytes([a, b]),
                since: 1990,
            }),
            (0x0a, &[a, b, c, d]) => {
                serializer.collect_str(&Clock(u32::from_be_bytes([a, b, c, d])))
            }
            (0x0c | 0x1d, &[a, b]) => s5time(u16::from_be_bytes([a, b])).serialize(serializer),
            (0x1c, &[a, b]) => count(a, b).serialize(serializer),
            (0x0f, _) => date_and_time(self.bytes).serialize(serializer),
            _ => serializer.serialize_u64(super::lists::number(self.bytes)),
        }
    }
}

/// A counter: three decimal digits.
fn count(high: u8, low: u8) -> Option<u16> {
    Some(u16::from(decimal(high & 0x0f)?) * 100 + u16::from(decimal(low)?))
}

fn date_and_time(bytes: &[u8]) -> Option<DateTime> {
    DateTime::parse(bytes.try_into().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(transport_size: u8, bytes: &[u8], want: &str) {
        let typed = Typed::of(transport_size, bytes);
        assert_eq!(serde_json::to_string(&typed).unwrap(), want);
    }

    #[test]
    fn short_values_read_as_what_they_are() {
        check(0x01, &[1], "true");
        check(0x02, &[200], "200");
        check(0x02, &[1, 2], "null");
        check(0x03, b"Pump", r#""Pump""#);
        check(0x04, &[0xff, 0xfe], "65534");
        check(0x05, &[0xff, 0xfe, 0, 1], "[-2,1]");
        check(0x06, &[0, 1, 0, 0], "65536");
        check(0x07, &[0xff, 0xff, 0xff, 0xff], "-1");
        check(0x08, &[0x42, 0x28, 0, 0], "42.0");
        check(0x09, &[0, 1], r#""1990-01-02""#);
        check(0x0a, &[0, 0, 0x03, 0xe8], r#""00:00:01.000""#);
        check(0x0b, &[0, 0, 0x03, 0xe8], "1000");
        check(0x0c, &[0x01, 0x27], "1270");
        check(0x1c, &[0x01, 0x27], "127");
        check(0x1d, &[0x21, 0x27], "127000");
        let moment = [0x16, 0x02, 0x29, 0x14, 0x51, 0x37, 0x91, 0x62];
        check(0x0f, &moment, r#""2016-02-29T14:51:37.916""#);
        check(0x04, &[1], "null");
        check(0x04, &[0; 34], "null");
    }
}
