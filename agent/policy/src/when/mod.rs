//! When a statement holds: weekly schedules with time zone and holidays, and periods of validity.
//!
//! A [`Calendar`] is made of all `schedules` and `holidays` of a policy; a statement then has a
//! [`When`], which says [`Held`] for any moment without allocating, and for how long that will stay
//! so. Time is handed in. Hours are what the clocks on the wall show in the schedule's time zone.
//!
//! - `raw`: what is written; `hours`, `holidays`, `dates`, `time_zone`: what the words mean;
//! - `week`: a set of minutes of the week; `schedule`: its use in a time zone; `period`; `calendar`.

mod calendar;
mod dates;
mod holidays;
mod hours;
mod period;
pub(crate) mod raw;
mod schedule;
mod time_zone;
mod week;

#[cfg(test)]
mod tests;

use model::Timestamp;

use crate::node::Word;
use crate::problems::Problems;

pub(crate) use calendar::{Calendar, ScheduleId};
pub(crate) use period::Period;
pub(crate) use schedule::Schedule;
#[cfg(test)]
pub(crate) use schedule::Weekly;
#[cfg(test)]
pub(crate) use time_zone::TimeZone;
#[cfg(test)]
pub(crate) use week::Week;

/// When something holds; by default always.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct When {
    pub(crate) schedule: Option<ScheduleId>,
    pub(crate) period: Period,
}

/// Whether something holds at a moment, and if not, why.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Held {
    /// It holds.
    Holds,
    /// It is not valid yet.
    NotYet,
    /// It is not valid any more.
    Expired,
    /// It is valid, but not at this time of the week.
    OutsideHours,
    /// It would hold at this time of the week, were this no holiday.
    Holiday,
}

impl When {
    /// Resolves the words of `when`, `valid_from` and `valid_until`.
    pub(crate) fn read(
        when: Option<&Word>,
        from: Option<&Word>,
        until: Option<&Word>,
        calendar: &Calendar,
        problems: &mut Problems,
    ) -> Self {
        Self {
            schedule: when.and_then(|word| calendar.schedule(word, problems)),
            period: Period::read(from, until, calendar.time_zone(), problems),
        }
    }

    /// Whether nothing limits it.
    pub(crate) fn is_always(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it holds at a moment. Does not allocate.
    pub(crate) fn holds(&self, at: Timestamp, calendar: &Calendar) -> Held {
        match (self.period.holds(at), self.named(calendar)) {
            (Held::Holds, Some(schedule)) => schedule.holds(at),
            (held, _) => held,
        }
    }

    /// First and last moment around `at` between which [`When::holds`] says the same. The next span
    /// begins at the next nanosecond; it may say the same again where a schedule does for decades.
    pub(crate) fn span(&self, at: Timestamp, calendar: &Calendar) -> (Timestamp, Timestamp) {
        let (first, last) = self.period.span(at);
        match (self.period.holds(at), self.named(calendar)) {
            (Held::Holds, Some(schedule)) => {
                let (opens, closes) = schedule.span(at);
                (first.max(opens), last.min(closes))
            }
            _ => (first, last),
        }
    }

    /// Whether `other`, of the calendar `others`, holds whenever this does. `true` is proven;
    /// [`Weekly::is_within`] says what `false` leaves open.
    pub(crate) fn is_within(&self, calendar: &Calendar, other: &Self, others: &Calendar) -> bool {
        let hours = match (self.named(calendar), other.named(others)) {
            (_, None) => true,
            (None, Some(other)) => other.weekly().is_always(),
            (Some(own), Some(other)) => own.weekly().is_within(other.weekly()),
        };
        hours && self.period.is_within(&other.period)
    }

    /// The first moment from `from` to `to` at which this holds and `other`, of the calendar `others`,
    /// does not: exact in all time zones. Takes as long as there are spans in between.
    #[cfg(test)]
    pub(crate) fn first_beyond(
        &self,
        calendar: &Calendar,
        (other, others): (&Self, &Calendar),
        (from, to): (Timestamp, Timestamp),
    ) -> Option<Timestamp> {
        let mut at = from;
        while at <= to {
            let own = self.holds(at, calendar);
            if own == Held::Holds && other.holds(at, others) != Held::Holds {
                return Some(at);
            }
            let last = self.span(at, calendar).1.min(other.span(at, others).1);
            at = Timestamp::from_nanos(last.as_nanos().checked_add(1)?);
        }
        None
    }

    /// Why it holds or does not at a moment, such as
    /// `outside of day-shift (mon-fri 06:00-14:00 Europe/Berlin)`.
    pub(crate) fn explain(&self, at: Timestamp, calendar: &Calendar) -> String {
        let zone = calendar.time_zone();
        let held = self.holds(at, calendar);
        match (held, self.named(calendar)) {
            (Held::NotYet, _) => format!("not valid before {}", self.period.begin_words(zone)),
            (Held::Expired, _) => format!("expired, valid until {}", self.period.end_words(zone)),
            (Held::OutsideHours, Some(schedule)) => format!("outside of {schedule}"),
            (Held::Holiday, Some(schedule)) => {
                let date = schedule.weekly().zone.local(at).date();
                format!("{date} is a holiday of {schedule}")
            }
            (Held::Holds | Held::OutsideHours | Held::Holiday, _) => self.words(calendar),
        }
    }

    /// When it holds, such as `in day-shift (mon-fri 06:00-14:00 Europe/Berlin), until 2026-03-31`.
    pub(crate) fn words(&self, calendar: &Calendar) -> String {
        let schedule = self
            .named(calendar)
            .map(|schedule| format!("in {schedule}"));
        let period = self.period.words(calendar.time_zone());
        let period = (!period.is_empty()).then_some(period);
        let parts: Vec<_> = schedule.into_iter().chain(period).collect();
        if parts.is_empty() {
            return "always".to_owned();
        }
        parts.join(", ")
    }

    fn named<'c>(&self, calendar: &'c Calendar) -> Option<&'c Schedule> {
        self.schedule.and_then(|id| calendar.get(id))
    }
}

/// The moment that a word states, by the site's clocks where it states no offset; of a date its beginning.
pub(crate) fn moment(
    word: &Word,
    calendar: &Calendar,
    problems: &mut Problems,
) -> Option<Timestamp> {
    period::begin(word, calendar.time_zone(), problems)
}

/// A second in nanoseconds.
const SECOND: i64 = 1_000_000_000;
