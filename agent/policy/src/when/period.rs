//! From when until when something is valid: `valid_from` and `valid_until`.
//!
//! A date means the whole day in the site's time zone; a moment may state its own offset. A period ends
//! right before the moment of `valid_until`, or with the last instant of its date.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset};
use model::Timestamp;

use super::Held;
use super::dates::{NoDate, date, is_like};
use super::time_zone::{TimeZone, at_offset};
use crate::node::Word;
use crate::problems::Problems;

/// From when until when something is valid; without limits for ever.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Period {
    /// The first moment.
    pub(crate) from: Option<Timestamp>,
    /// The first moment behind it.
    pub(crate) until: Option<Timestamp>,
}

impl Period {
    /// Reads the words of `valid_from` and `valid_until`; `zone` is the site's.
    pub(crate) fn read(
        from: Option<&Word>,
        until: Option<&Word>,
        zone: &TimeZone,
        problems: &mut Problems,
    ) -> Self {
        let period = Self {
            from: from.and_then(|word| moment(word, Side::From, zone, problems)),
            until: until.and_then(|word| moment(word, Side::Until, zone, problems)),
        };
        if let (Some(from), Some(until)) = (from, until)
            && period.is_empty()
        {
            let what = format!("`{}` is not after `{}`", until.text, from.text);
            let help = "`valid_until` must come after `valid_from`";
            problems.error_with(until.at, what, help);
        }
        period
    }

    /// The part of it that is in another one, too. It may be none.
    pub(crate) fn and(&self, other: &Self) -> Self {
        let later = |one: Option<Timestamp>, two: Option<Timestamp>| one.max(two);
        let earlier = match (self.until, other.until) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Self {
            from: later(self.from, other.from),
            until: earlier,
        }
    }

    fn is_empty(&self) -> bool {
        self.from
            .zip(self.until)
            .is_some_and(|(from, until)| from >= until)
    }

    /// [`Held::Holds`], [`Held::NotYet`] or [`Held::Expired`].
    pub(crate) fn holds(&self, at: Timestamp) -> Held {
        if self.from.is_some_and(|from| at < from) {
            Held::NotYet
        } else if self.until.is_some_and(|until| at >= until) {
            Held::Expired
        } else {
            Held::Holds
        }
    }

    /// First and last moment around `at` between which it says the same.
    pub(crate) fn span(&self, at: Timestamp) -> (Timestamp, Timestamp) {
        let from = self.from.unwrap_or(START);
        let last = self.until.map_or(END, before);
        match self.holds(at) {
            Held::NotYet => (START, before(from)),
            Held::Expired => (self.until.unwrap_or(at), END),
            Held::Holds | Held::OutsideHours | Held::Holiday => (from, last),
        }
    }

    /// Whether every moment of this period is one of `other`.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        let until = |period: &Self| period.until.unwrap_or(END);
        let from = |period: &Self| period.from.unwrap_or(START);
        from(self) >= from(other) && (other.until.is_none() || until(self) <= until(other))
    }

    /// Other periods, each in words: without an end, and without one of the halves.
    pub(crate) fn changes(self) -> Vec<(&'static str, Self)> {
        let Self { from, until } = self;
        let mut changes = Vec::new();
        if from.is_some() {
            changes.push(("valid before it begins", Self { from: None, until }));
        }
        if until.is_some() {
            changes.push(("valid after it ends", Self { from, until: None }));
        }
        if let (Some(first), Some(end)) = (from, until) {
            let half = end.as_nanos().saturating_sub(first.as_nanos()) / 2;
            let middle = Some(Timestamp::from_nanos(first.as_nanos() + half));
            let (early, late) = ("without its second half", "without its first half");
            changes.push((
                early,
                Self {
                    from,
                    until: middle,
                },
            ));
            changes.push((
                late,
                Self {
                    from: middle,
                    until,
                },
            ));
        }
        changes
    }

    /// Reads as `from 2026-03-01 until 2026-03-31`; empty where nothing limits it.
    pub(crate) fn words(&self, zone: &TimeZone) -> String {
        let from = self
            .from
            .map(|_| format!("from {}", self.begin_words(zone)));
        let until = self
            .until
            .map(|_| format!("until {}", self.end_words(zone)));
        let parts: Vec<_> = from.into_iter().chain(until).collect();
        parts.join(" ")
    }

    /// When it begins: a date, or a moment with the time zone.
    pub(super) fn begin_words(&self, zone: &TimeZone) -> String {
        self.from.map_or_else(String::new, |from| {
            let local = zone.local(from);
            whole_day(from, local.date(), zone).unwrap_or_else(|| spell(local, zone))
        })
    }

    /// When it ends: the last date, or a moment with the time zone.
    pub(super) fn end_words(&self, zone: &TimeZone) -> String {
        self.until.map_or_else(String::new, |until| {
            let local = zone.local(until);
            let last = whole_day(until, local.date(), zone)
                .map(|_| zone.local(before(until)).date().to_string());
            last.unwrap_or_else(|| spell(local, zone))
        })
    }
}

/// The date, if the moment is where it begins.
fn whole_day(at: Timestamp, date: Date, zone: &TimeZone) -> Option<String> {
    (zone.start_of(date) == Some(at)).then(|| date.to_string())
}

fn spell(local: DateTime, zone: &TimeZone) -> String {
    let seconds = if local.second() == 0 { "" } else { ":%S" };
    let format = format!("%Y-%m-%dT%H:%M{seconds}");
    format!("{} {}", local.strftime(&format), zone.name())
}

/// The moment before a moment.
pub(super) const fn before(at: Timestamp) -> Timestamp {
    Timestamp::from_nanos(at.as_nanos().saturating_sub(1))
}

/// Which end of a period a word states.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Side {
    From,
    Until,
}

/// The moment that a word states, or at which the date that it states begins.
pub(super) fn begin(word: &Word, zone: &TimeZone, problems: &mut Problems) -> Option<Timestamp> {
    moment(word, Side::From, zone, problems)
}

fn moment(word: &Word, side: Side, zone: &TimeZone, problems: &mut Problems) -> Option<Timestamp> {
    let found = match date(&word.text) {
        Ok(date) => whole(date, side, zone),
        Err(NoDate::NoSuchDay) => Err(Wrong::Form),
        Err(NoDate::Shape) => exact(&word.text, zone),
    };
    found.map_err(|wrong| wrong.say(word, zone, problems)).ok()
}

fn whole(date: Date, side: Side, zone: &TimeZone) -> Result<Timestamp, Wrong> {
    let first = match side {
        Side::From => date,
        Side::Until => date.tomorrow().map_err(|_| Wrong::Range)?,
    };
    zone.start_of(first).ok_or(Wrong::Range)
}

/// Reads `2026-03-01T06:00`, with seconds and an offset if need be.
fn exact(text: &str, zone: &TimeZone) -> Result<Timestamp, Wrong> {
    let (day, rest) = text.split_once(['T', ' ']).ok_or(Wrong::Form)?;
    let day = date(day).map_err(|_| Wrong::Form)?;
    let end = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (clock, offset) = rest.split_at_checked(end).ok_or(Wrong::Form)?;
    let local = day.to_datetime(time(clock).ok_or(Wrong::Form)?);
    let offset = if offset.is_empty() {
        offset_there(local, zone)?
    } else {
        stated(offset).ok_or(Wrong::Form)?
    };
    at_offset(local, offset).ok_or(Wrong::Range)
}

fn time(text: &str) -> Option<Time> {
    let fits = is_like(text, "00:00") || is_like(text, "00:00:00");
    fits.then(|| text.parse().ok()).flatten()
}

/// The offset that the clocks have at a local time.
fn offset_there(local: DateTime, zone: &TimeZone) -> Result<Offset, Wrong> {
    match zone.offsets(local) {
        AmbiguousOffset::Unambiguous { offset } => Ok(offset),
        AmbiguousOffset::Gap { .. } => Err(Wrong::Skipped),
        AmbiguousOffset::Fold { before, after } => Err(Wrong::Twice(before, after)),
    }
}

/// Reads `Z` or `+02:00`.
fn stated(text: &str) -> Option<Offset> {
    if text == "Z" {
        return Some(Offset::UTC);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let clock = text.strip_prefix(['+', '-'])?;
    let clock = is_like(clock, "00:00").then(|| time(clock)).flatten()?;
    let secs = i32::from(clock.hour()) * 3600 + i32::from(clock.minute()) * 60;
    Offset::from_seconds(sign * secs).ok()
}

/// Why a word is no moment.
enum Wrong {
    Form,
    Range,
    Skipped,
    Twice(Offset, Offset),
}

impl Wrong {
    fn say(self, word: &Word, zone: &TimeZone, problems: &mut Problems) {
        let text = &word.text;
        let zone = zone.name();
        let (what, help) = match self {
            Self::Form => (
                format!("`{text}` is no date and no moment"),
                "write `2026-03-01`, `2026-03-01T06:00` or `2026-03-01T06:00+01:00`".to_owned(),
            ),
            Self::Range => (
                format!("`{text}` is further away than can be told"),
                "leave the key out for no limit".to_owned(),
            ),
            Self::Skipped => (
                format!("`{text}` does not exist in {zone}: the clocks skip it"),
                "write a time that the clocks show on that day".to_owned(),
            ),
            Self::Twice(first, second) => (
                format!("`{text}` comes twice in {zone}: the clocks are set back"),
                format!(
                    "write `{text}{}` or `{text}{}`",
                    written(first),
                    written(second)
                ),
            ),
        };
        problems.error_with(word.at, what, help);
    }
}

/// An offset as a policy writes it, such as `+02:00`.
fn written(offset: Offset) -> String {
    let sign = if offset.is_negative() { '-' } else { '+' };
    let minutes = offset.seconds().abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The earliest moment that can be told.
const START: Timestamp = Timestamp::from_nanos(i64::MIN);

/// The last moment that can be told.
const END: Timestamp = Timestamp::from_nanos(i64::MAX);
