//! Points in time as controllers write them, and how records write them: without a zone, because a
//! controller's clock has none.
//!
//! DATE_AND_TIME is eight bytes of binary-coded decimals (A5E00739858-01's data type; IEC 61131-3):
//! year, month, day, hour, minute, second, and three digits of milliseconds with the day of the week.
//! Years 90 to 99 are of the last century. The time of a block is milliseconds of a day, then days
//! since 1984-01-01.

use std::fmt;

use serde::{Serialize, Serializer};

/// A point in time. Shown as RFC 3339 without a zone.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct DateTime {
    year: u16,
    month: u8,
    day: u8,
    millis: u32,
}

const DAY: u32 = 86_400_000;

impl DateTime {
    /// Reads a DATE_AND_TIME; nothing where a digit is none or the date is none.
    pub(super) fn parse(bytes: [u8; 8]) -> Option<Self> {
        let [year, month, day, hour, minute, second, high, low] = bytes;
        let [year, month, day] = [decimal(year)?, decimal(month)?, decimal(day)?];
        let [hour, minute, second] = [decimal(hour)?, decimal(minute)?, decimal(second)?];
        let millis = u32::from(decimal(high)?) * 10 + u32::from(low >> 4);
        let seconds = (u32::from(hour) * 60 + u32::from(minute)) * 60 + u32::from(second);
        let fits = (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60
            && low >> 4 < 10;
        fits.then_some(Self {
            year: if year < 90 { 2000 } else { 1900 } + u16::from(year),
            month,
            day,
            millis: seconds * 1000 + millis,
        })
    }

    /// Reads the time of a block.
    pub(super) fn of_block([a, b, c, d, high, low]: [u8; 6]) -> Self {
        let millis = u32::from_be_bytes([a, b, c, d]).min(DAY - 1);
        let (year, month, day) = date(u16::from_be_bytes([high, low]).into(), 1984);
        Self {
            year,
            month,
            day,
            millis,
        }
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            year, month, day, ..
        } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{}", Clock(self.millis))
    }
}

impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Milliseconds of a day as a clock shows them.
pub(super) struct Clock(pub(super) u32);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.0 / 1000, self.0 % 1000);
        let (minutes, second) = (seconds / 60, seconds % 60);
        let (hour, minute) = (minutes / 60, minutes % 60);
        write!(f, "{hour:02}:{minute:02}:{second:02}.{millis:03}")
    }
}

/// A day that is counted from the start of a year: DATE counts from 1990.
pub(super) struct Day {
    /// How many days after.
    pub(super) days: u16,
    /// Which year's first day.
    pub(super) since: u16,
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date(self.days.into(), self.since);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// The date so many days after the first of January of a year.
fn date(mut days: u32, mut year: u16) -> (u16, u8, u8) {
    while days >= length(year) {
        days -= length(year);
        year += 1;
    }
    let mut month = 1;
    for len in months(year) {
        if days < len {
            break;
        }
        days -= len;
        month += 1;
    }
    (year, month, u8::try_from(days + 1).unwrap_or(1))
}

const fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn length(year: u16) -> u32 {
    if is_leap(year) { 366 } else { 365 }
}

const fn months(year: u16) -> [u32; 12] {
    let february = if is_leap(year) { 29 } else { 28 };
    [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
}

/// A time of S5TIME in milliseconds: three decimal digits in a base of 10 ms to 10 s.
pub(super) fn s5time(word: u16) -> Option<u32> {
    let [high, low] = word.to_be_bytes();
    let digits = u32::from(decimal(high & 0x0f)?) * 100 + u32::from(decimal(low)?);
    Some(digits * 10_u32.pow(1 + u32::from(high >> 4 & 3)))
}

/// Two decimal digits in a byte.
pub(super) const fn decimal(byte: u8) -> Option<u8> {
    match (byte >> 4, byte & 0x0f) {
        (high @ 0..=9, low @ 0..=9) => Some(high * 10 + low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_and_time_is_read_digit_by_digit() {
        let bytes = [0x16, 0x02, 0x29, 0x14, 0x51, 0x37, 0x91, 0x62];
        let told = DateTime::parse(bytes).unwrap().to_string();
        assert_eq!(told, "2016-02-29T14:51:37.916");
        let last_century = DateTime::parse([0x94, 1, 1, 0, 0, 0, 0, 0]).unwrap();
        assert_eq!(last_century.to_string(), "1994-01-01T00:00:00.000");
        assert_eq!(DateTime::parse([0x16, 0x13, 1, 0, 0, 0, 0, 0]), None);
        assert_eq!(DateTime::parse([0x1a, 1, 1, 0, 0, 0, 0, 0]), None);
    }

    #[test]
    fn the_time_of_a_block_counts_from_1984() {
        let first = DateTime::of_block([0, 0, 0, 0, 0, 0]);
        assert_eq!(first.to_string(), "1984-01-01T00:00:00.000");
        let leap = DateTime::of_block([0, 0, 0, 1, 0, 59]);
        assert_eq!(leap.to_string(), "1984-02-29T00:00:00.001");
        let later = DateTime::of_block([0xff, 0xff, 0xff, 0xff, 0x22, 0xc8]);
        assert_eq!(later.to_string(), "2008-05-18T23:59:59.999");
    }

    #[test]
    fn a_timer_counts_in_its_base() {
        assert_eq!(s5time(0x0127), Some(1270));
        assert_eq!(s5time(0x2127), Some(127_000));
        assert_eq!(s5time(0x00aa), None);
        let date = Day {
            days: 366,
            since: 1990,
        };
        assert_eq!(date.to_string(), "1991-01-02");
    }
}
