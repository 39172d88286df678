//! Clocks that are changed, midnights, holidays, ends of years, time zones.

use super::{at, calendar, check, only, when};
use crate::when::Held::{Holds, Holiday, OutsideHours};
use crate::when::When;
use model::Timestamp;

#[test]
fn a_window_in_the_hour_that_spring_skips_does_not_open() {
    let (calendar, when) = only("hours: 02:15-02:45");
    check(
        &calendar,
        &when,
        &[
            ("2026-03-28T02:15+01:00", Holds),
            ("2026-03-28T02:45+01:00", OutsideHours),
            ("2026-03-30T02:15+02:00", Holds),
            ("2026-03-30T02:45+02:00", OutsideHours),
        ],
    );
}

#[test]
fn a_window_over_the_hour_that_spring_skips_is_an_hour_shorter() {
    let (calendar, when) = only("hours: 01:30-03:30");
    check(
        &calendar,
        &when,
        &[
            ("2026-03-29T00:30Z", Holds),
            ("2026-03-29T01:30Z", OutsideHours),
            ("2026-03-29T23:30Z", Holds),
        ],
    );
}

#[test]
fn a_window_that_begins_in_the_hour_that_spring_skips_opens_after_it() {
    let (calendar, when) = only("hours: 02:30-04:00");
    check(
        &calendar,
        &when,
        &[
            ("2026-03-29T03:00+02:00", Holds),
            ("2026-03-29T04:00+02:00", OutsideHours),
        ],
    );
}

#[test]
fn a_window_in_the_hour_that_autumn_repeats_opens_twice() {
    let (calendar, when) = only("hours: 02:15-02:45");
    check(
        &calendar,
        &when,
        &[
            ("2026-10-25T02:15+02:00", Holds),
            ("2026-10-25T02:45+02:00", OutsideHours),
            ("2026-10-25T02:15+01:00", Holds),
            ("2026-10-25T02:45+01:00", OutsideHours),
            ("2026-10-26T02:15+01:00", Holds),
        ],
    );
}

#[test]
fn a_window_of_the_hour_that_autumn_repeats_is_open_for_two() {
    let (calendar, when) = only("hours: 02:00-03:00");
    check(
        &calendar,
        &when,
        &[
            ("2026-10-25T00:00Z", Holds),
            ("2026-10-25T02:00Z", OutsideHours),
            ("2026-10-26T01:00Z", Holds),
        ],
    );
}

#[test]
fn a_night_shift_lasts_seven_hours_in_spring_and_nine_in_autumn() {
    let (calendar, when) = only("days: sat, hours: 22:00-06:00");
    check(
        &calendar,
        &when,
        &[
            ("2026-03-28T21:00Z", Holds),
            ("2026-03-29T04:00Z", OutsideHours),
            ("2026-04-04T20:00Z", Holds),
        ],
    );
    check(
        &calendar,
        &when,
        &[
            ("2026-10-24T20:00Z", Holds),
            ("2026-10-25T05:00Z", OutsideHours),
            ("2026-10-31T21:00Z", Holds),
        ],
    );
}

#[test]
fn a_window_over_midnight_belongs_to_the_day_on_which_it_begins() {
    let (calendar, when) = only("days: [fri, sun], hours: 22:00-06:00, time_zone: UTC");
    check(
        &calendar,
        &when,
        &[
            ("2026-03-06T22:00Z", Holds),
            ("2026-03-07T06:00Z", OutsideHours),
            ("2026-03-08T22:00Z", Holds),
            ("2026-03-09T06:00Z", OutsideHours),
            ("2026-03-13T22:00Z", Holds),
        ],
    );
}

#[test]
fn a_night_shift_ends_where_a_holiday_begins() {
    let (calendar, when) = only("days: mon-fri, hours: 22:00-06:00, holidays: 2026-12-25");
    check(
        &calendar,
        &when,
        &[
            ("2026-12-24T22:00+01:00", Holds),
            ("2026-12-25T00:00+01:00", Holiday),
            ("2026-12-25T06:00+01:00", OutsideHours),
            ("2026-12-25T22:00+01:00", Holiday),
            ("2026-12-26T00:00+01:00", Holds),
            ("2026-12-26T06:00+01:00", OutsideHours),
        ],
    );
}

#[test]
fn holidays_that_follow_each_other_over_the_end_of_a_year_are_one_stretch() {
    let (calendar, when) =
        only("days: daily, holidays: [2027-01-01, 2026-12-31, 2026-12-24, 2026-12-25]");
    check(
        &calendar,
        &when,
        &[
            ("2026-12-24T00:00+01:00", Holiday),
            ("2026-12-26T00:00+01:00", Holds),
            ("2026-12-31T00:00+01:00", Holiday),
            ("2027-01-02T00:00+01:00", Holds),
        ],
    );
}

#[test]
fn a_holiday_on_a_day_without_hours_changes_nothing() {
    let (calendar, when) = only("days: mon-fri, hours: 06:00-14:00, holidays: 2026-12-26");
    check(
        &calendar,
        &when,
        &[
            ("2026-12-25T14:00+01:00", OutsideHours),
            ("2026-12-28T06:00+01:00", Holds),
        ],
    );
}

#[test]
fn a_schedule_without_time_zone_is_meant_at_the_site_and_others_where_they_say() {
    let calendar = calendar(
        "
time_zone: Asia/Kathmandu
schedules:
  here: {hours: 06:00-14:00}
  there: {hours: 06:00-14:00, time_zone: America/New_York}
",
    );
    let here = [
        ("2026-07-01T00:15Z", Holds),
        ("2026-07-01T08:15Z", OutsideHours),
    ];
    check(&calendar, &when(&calendar, "here"), &here);
    let there = [
        ("2026-07-01T10:00Z", Holds),
        ("2026-07-01T18:00Z", OutsideHours),
    ];
    check(&calendar, &when(&calendar, "there"), &there);
}

#[test]
fn a_day_that_a_time_zone_left_out_is_no_holiday_there() {
    // Samoa went from Thursday, 2011-12-29, to Saturday.
    let (calendar, when) = only(
        "time_zone: Pacific/Apia, days: daily, holidays: [2011-12-29, 2011-12-30, 2012-01-01]",
    );
    check(
        &calendar,
        &when,
        &[
            ("2011-12-29T10:00Z", Holiday),
            ("2011-12-30T10:00Z", Holds),
            ("2011-12-31T10:00Z", Holiday),
            ("2012-01-01T10:00Z", Holds),
        ],
    );
}

#[test]
fn a_day_that_begins_twice_is_a_holiday_both_times() {
    // Havana went from 01:00 back to 00:00 on 2024-11-03.
    let (calendar, when) = only("time_zone: America/Havana, days: daily, holidays: 2024-11-03");
    check(
        &calendar,
        &when,
        &[("2024-11-03T04:00Z", Holiday), ("2024-11-04T05:00Z", Holds)],
    );
}

#[test]
fn what_never_changes_has_one_span() {
    let ever = (
        Timestamp::from_nanos(i64::MIN),
        Timestamp::from_nanos(i64::MAX),
    );
    let (calendar, always) = only("hours: [06:00-18:00, 18:00-06:00]");
    for when in [always, When::default()] {
        for moment in [ever.0, at("2026-03-29T01:00Z"), ever.1] {
            assert_eq!(when.holds(moment, &calendar), Holds);
            assert_eq!(when.span(moment, &calendar), ever);
        }
    }
}

#[test]
fn spans_at_the_ends_of_time_reach_them() {
    let (calendar, when) = only("hours: 06:00-14:00");
    let (first, last) = (
        Timestamp::from_nanos(i64::MIN),
        Timestamp::from_nanos(i64::MAX),
    );
    assert_eq!(when.span(first, &calendar).0, first);
    assert_eq!(when.span(last, &calendar).1, last);
}

#[test]
fn what_holds_for_centuries_is_walked_in_few_spans() {
    let (calendar, when) = only("days: daily, holidays: 2026-12-25");
    let (mut at, mut spans) = (at("2026-12-24T23:00Z"), 0);
    loop {
        spans += 1;
        let (first, last) = when.span(at, &calendar);
        assert!(first <= at && at <= last);
        let Some(next) = last.as_nanos().checked_add(1) else {
            break;
        };
        at = Timestamp::from_nanos(next);
    }
    assert!((2..12).contains(&spans), "{spans}");
}
