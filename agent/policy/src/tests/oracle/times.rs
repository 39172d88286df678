//! When a statement holds (docs/POLICIES.md, "On weekdays, until the end of the month, twice an hour"): by what the clock on
//! the wall shows.

use jiff::civil::DateTime;
use model::Timestamp;

use super::site::{Moment, Schedule, Site};
use super::zones::Joined;

impl Site {
    /// Whether a statement holds at a moment. What a permit allows ends with its work order, whatever its statements say.
    pub(super) fn holds(&self, joined: &Joined<'_>, at: Timestamp) -> bool {
        let (own, around) = (&joined.statement.terms, &joined.around);
        let open = own
            .when
            .or(around.when)
            .is_none_or(|id| self.is_open(&self.schedules[id], at));
        let valid = self.is_valid(own.from.or(around.from), own.until.or(around.until), at);
        let order = joined.permit.is_none() || self.is_valid(around.from, around.until, at);
        open && valid && order
    }

    fn is_valid(&self, from: Option<Moment>, until: Option<Moment>, at: Timestamp) -> bool {
        let from = from.map(|moment| match moment {
            Moment::Day(date) => self.instant(date.at(0, 0, 0, 0)),
            Moment::At(at) => self.instant(at),
        });
        // a date's day is the last
        let until = until.map(|moment| match moment {
            Moment::Day(date) => self.instant(date.tomorrow().unwrap().at(0, 0, 0, 0)),
            Moment::At(at) => self.instant(at),
        });
        from.is_none_or(|from| from <= at) && until.is_none_or(|until| at < until)
    }

    /// The moment at which the site's clocks show a time.
    pub(super) fn instant(&self, at: DateTime) -> Timestamp {
        let nanos = at
            .in_tz(self.time_zone)
            .unwrap()
            .timestamp()
            .as_nanosecond();
        Timestamp::from_nanos(nanos.try_into().unwrap())
    }

    fn is_open(&self, schedule: &Schedule, at: Timestamp) -> bool {
        let moment = jiff::Timestamp::from_nanosecond(at.as_nanos().into()).unwrap();
        let zone = schedule.time_zone.unwrap_or(self.time_zone);
        let wall = moment.in_tz(zone).unwrap().datetime();
        if schedule.holidays.contains(&wall.date()) {
            return false;
        }
        let day = wall.weekday().to_monday_zero_offset();
        let minute = i16::from(wall.hour()) * 60 + i16::from(wall.minute());
        let began =
            |ago: i8| schedule.days.is_empty() || schedule.days.contains(&((day + 7 - ago) % 7));
        if schedule.hours.is_empty() {
            return began(0);
        }
        schedule.hours.iter().any(|(from, to)| {
            if from < to {
                began(0) && (*from..*to).contains(&minute)
            } else {
                began(0) && minute >= *from || began(1) && minute < *to
            }
        })
    }
}
