//! Dates as policies write them, `2026-12-25`, and sets of days.

use jiff::civil::{self, Date};

/// A day, counted from 1970-01-01.
pub(crate) type Day = i32;

/// Why a text is no date.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum NoDate {
    /// It does not look like one.
    Shape,
    /// It looks like one, but there is no such day.
    NoSuchDay,
}

/// Reads `2026-12-25`.
pub(super) fn date(text: &str) -> Result<Date, NoDate> {
    if !is_like(text, "0000-00-00") {
        return Err(NoDate::Shape);
    }
    text.parse().map_err(|_| NoDate::NoSuchDay)
}

/// Whether a text has a pattern's characters; `0` stands for any digit.
pub(super) fn is_like(text: &str, pattern: &str) -> bool {
    let like = |(byte, wanted): (u8, u8)| match wanted {
        b'0' => byte.is_ascii_digit(),
        _ => byte == wanted,
    };
    text.len() == pattern.len() && text.bytes().zip(pattern.bytes()).all(like)
}

/// The day of a date.
pub(super) fn day(date: Date) -> Day {
    const EPOCH: Date = civil::date(1970, 1, 1);
    EPOCH.until(date).map_or(Day::MAX, |days| days.get_days())
}

/// The weekday of a day; Monday is 0.
pub(super) fn weekday(day: Day) -> u16 {
    u16::try_from((i64::from(day) + EPOCH_WEEKDAY).rem_euclid(7)).unwrap_or_default()
}

/// 1970-01-01 was a Thursday.
pub(super) const EPOCH_WEEKDAY: i64 = 3;

/// A set of days, each from midnight to midnight in local time.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Days {
    /// INVARIANT: ascending, even in number. A stretch of days begins at every first of two and
    /// ends before the second.
    turns: Box<[Day]>,
}

impl Days {
    /// The set of the days listed, in any order.
    pub(super) fn of(mut days: Vec<Day>) -> Self {
        days.sort_unstable();
        days.dedup();
        let mut turns: Vec<Day> = Vec::new();
        for day in days {
            if turns.last() == Some(&day) {
                turns.pop();
            } else {
                turns.push(day);
            }
            turns.push(day.saturating_add(1));
        }
        Self {
            turns: turns.into(),
        }
    }

    pub(crate) fn has(&self, day: Day) -> bool {
        self.turned(day) % 2 == 1
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// All days, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Day> {
        let stretches = self.turns.chunks_exact(2);
        stretches.flat_map(|turns| match turns {
            [first, end] => *first..*end,
            _ => 0..0,
        })
    }

    /// The next day after `day` that is in the set where the day before is not, or the other way round.
    pub(super) fn next_turn(&self, day: Day) -> Option<Day> {
        self.turns.get(self.turned(day)).copied()
    }

    /// The last such day up to `day`.
    pub(super) fn last_turn(&self, day: Day) -> Option<Day> {
        let before = self.turned(day).checked_sub(1)?;
        self.turns.get(before).copied()
    }

    fn turned(&self, day: Day) -> usize {
        self.turns.partition_point(|turn| *turn <= day)
    }
}
