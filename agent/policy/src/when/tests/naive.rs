//! Any schedule, judged minute by minute from the language's description, and its spans walked.

use std::fmt::Write;

use jiff::civil::Date;
use model::Timestamp;
use proptest::prelude::*;

use super::{calendar, when};
use crate::when::{Calendar, Held, When};

/// A schedule as somebody would describe it.
#[derive(Clone, Debug)]
struct Described {
    /// Monday is 0.
    days: Vec<i8>,
    /// Minutes of the day, from and to.
    hours: Vec<(i16, i16)>,
    zone: &'static str,
    holidays: Vec<Date>,
}

impl Described {
    fn resolved(&self) -> (Calendar, When) {
        const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let mut text = format!(
            "schedules:\n  s:\n    time_zone: {}\n    days:\n",
            self.zone
        );
        for day in &self.days {
            writeln!(text, "    - {}", NAMES[usize::try_from(*day).unwrap()]).unwrap();
        }
        text += "    hours:\n";
        for (from, to) in &self.hours {
            let clock = |minute: &i16| format!("{:02}:{:02}", minute / 60, minute % 60);
            writeln!(text, "    - {}-{}", clock(from), clock(to)).unwrap();
        }
        if !self.holidays.is_empty() {
            text += "    holidays:\n";
        }
        for date in &self.holidays {
            writeln!(text, "    - {date}").unwrap();
        }
        let calendar = calendar(&text);
        let when = when(&calendar, "s");
        (calendar, when)
    }

    /// What docs say: clocks on the wall decide, windows belong to the day on which they begin,
    /// holidays close their dates.
    fn holds(&self, at: Timestamp) -> Held {
        let moment = jiff::Timestamp::from_nanosecond(at.as_nanos().into()).unwrap();
        let wall = moment.in_tz(self.zone).unwrap().datetime();
        let day = wall.weekday().to_monday_zero_offset();
        let minute = i16::from(wall.hour()) * 60 + i16::from(wall.minute());
        let began = |ago: i8| self.days.contains(&((day + 7 - ago) % 7));
        let open = self.hours.iter().any(|(from, to)| {
            if from < to {
                began(0) && (*from..*to).contains(&minute)
            } else {
                began(0) && minute >= *from || began(1) && minute < *to
            }
        });
        match (open, self.holidays.contains(&wall.date())) {
            (false, _) => Held::OutsideHours,
            (true, false) => Held::Holds,
            (true, true) => Held::Holiday,
        }
    }
}

/// Zones with offsets and changes of all kinds: by half an hour, at midnight, both ways, none.
const ZONES: [&str; 10] = [
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
    "UTC",
];

/// Schedules with holidays in the 400 days from the moment that comes with them.
fn described() -> impl Strategy<Value = (Described, Timestamp)> {
    // Windows of any minute, and of the hours in which clocks are changed.
    let edge = prop_oneof![0..1440i16, (0..8i16).prop_map(|half| half * 30)];
    let window = (edge.clone(), prop_oneof![edge, Just(1440)]);
    let window = window.prop_filter("lasts some time", |(from, to)| from != to);
    let first = 0..60 * 366i64;
    let parts = (
        prop::collection::vec(0..7i8, 1..6),
        prop::collection::vec(window, 1..4),
        prop::sample::select(&ZONES[..]),
        prop::collection::vec(-3..400i64, 0..12),
        first,
    );
    parts.prop_map(|(days, hours, zone, holidays, first)| {
        let start = Timestamp::from_nanos(first * DAY);
        let date = |day: i64| {
            let moment = jiff::Timestamp::from_second((first + day) * 86_400).unwrap();
            jiff::tz::TimeZone::UTC.to_datetime(moment).date()
        };
        let mut holidays: Vec<_> = holidays.into_iter().map(date).collect();
        holidays.sort_unstable();
        holidays.dedup();
        let described = Described {
            days,
            hours,
            zone,
            holidays,
        };
        (described, start)
    })
}

/// Minutes around the changes of clocks in the half year from a moment.
fn changes(zone: &str, from: Timestamp) -> Vec<i64> {
    let zone = jiff::tz::TimeZone::get(zone).unwrap();
    let from = jiff::Timestamp::from_nanosecond(from.as_nanos().into()).unwrap();
    let changes = zone.following(from).take(2);
    let around = |second: i64| (-200..200).map(move |minute| second / 60 + minute);
    changes
        .flat_map(|change| around(change.timestamp().as_second()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn judging_each_minute_from_the_description_agrees((described, start) in described()) {
        let (calendar, when) = described.resolved();
        let first = start.as_nanos() / MINUTE;
        let days = first..first + 2 * 1440;
        for minute in days.chain(changes(described.zone, start)) {
            for nanos in [0, MINUTE - 1] {
                let at = Timestamp::from_nanos(minute * MINUTE + nanos);
                prop_assert_eq!(when.holds(at, &calendar), described.holds(at), "{}", at);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn spans_follow_each_other_through_a_year_and_say_one_thing_each(
        (described, start) in described(),
        samples in prop::collection::vec(0.0..1.0f64, 4),
    ) {
        let (calendar, when) = described.resolved();
        let end = start.as_nanos() + 366 * DAY;
        let (mut first, mut last) = when.span(start, &calendar);
        prop_assert!(first <= start && start <= last);
        while last.as_nanos() < end {
            let said = when.holds(first, &calendar);
            let length = (last.as_nanos().min(end) - first.as_nanos().max(start.as_nanos())) as f64;
            let inside = samples.iter().map(|share| first.as_nanos() + (share * length) as i64);
            for nanos in inside.chain([first.as_nanos(), last.as_nanos()]) {
                let at = Timestamp::from_nanos(nanos);
                prop_assert_eq!(described.holds(at), said, "at {}", at);
                prop_assert_eq!(when.span(at, &calendar), (first, last), "at {}", at);
            }
            let next = Timestamp::from_nanos(last.as_nanos() + 1);
            prop_assert!(when.holds(next, &calendar) != said, "goes on at {}", next);
            (first, last) = when.span(next, &calendar);
            prop_assert_eq!(first, next);
        }
    }
}

const MINUTE: i64 = 60_000_000_000;
const DAY: i64 = 1440 * MINUTE;
