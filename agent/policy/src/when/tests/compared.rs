//! Schedules in words, and one compared with another.

use super::{at, calendar, only, when};
use crate::when::{Calendar, Period, ScheduleId, Week, Weekly, When};

/// The week of days and hours as the language's keys.
fn weekly(schedule: &str) -> Weekly {
    let (calendar, when) = only(schedule);
    calendar
        .get(when.schedule.unwrap())
        .unwrap()
        .weekly()
        .clone()
}

#[test]
fn a_week_reads_the_same_however_it_was_written() {
    for (schedule, words) in [
        ("days: mon-fri, hours: 06:00-14:00", "mon-fri 06:00-14:00"),
        (
            "days: [\"wed,mon\", tue, thu-fri], hours: [6:00-10:00, 10:00-14:00]",
            "mon-fri 06:00-14:00",
        ),
        ("days: mon-fri, hours: 22:00-06:00", "mon-fri 22:00-06:00"),
        (
            "days: mon-fri, hours: [22:00-00:00, 00:00-06:00]",
            "mon 00:00-06:00, mon-thu 22:00-06:00, fri 22:00-24:00",
        ),
        ("days: [sat, sun]", "sat,sun 00:00-24:00"),
        ("days: sat-mon", "mon,sat,sun 00:00-24:00"),
        ("hours: 22:00-06:00", "daily 22:00-06:00"),
        (
            "days: mon-wed, hours: [06:00-10:00, \"12:00-14:00, 23:00-24:00\"]",
            "mon-wed 06:00-10:00 and 12:00-14:00 and 23:00-24:00",
        ),
        (
            "days: [fri], hours: [00:00-24:00, 22:00-06:00]",
            "fri 00:00-24:00, sat 00:00-06:00",
        ),
        ("days: daily", "always"),
        ("days: daily, hours: [06:00-22:00, 22:00-06:00]", "always"),
    ] {
        assert_eq!(weekly(schedule).week.to_string(), words, "{schedule}");
    }
}

#[test]
fn what_one_week_has_and_another_has_not_is_a_week() {
    let (early, late) = (
        weekly("days: mon-fri, hours: 06:00-14:00"),
        weekly("days: mon-sat, hours: 10:00-22:00"),
    );
    let more = late.week.minus(&early.week);
    assert_eq!(more.to_string(), "mon-fri 14:00-22:00, sat 10:00-22:00");
    assert_eq!(late.week.minus(&late.week), Week::EMPTY);
    assert_eq!(Week::EMPTY.to_string(), "never");
    let both = early.week.or(&late.week);
    assert_eq!(both.to_string(), "mon-fri 06:00-22:00, sat 10:00-22:00");
    assert!(early.week.is_within(&both) && !both.is_within(&early.week));
    assert!(early.week.has(6 * 60) && !early.week.has(14 * 60));
}

/// Whether the first schedule is within the second, and the second within the first.
fn check(first: &str, second: &str, within: [bool; 2]) {
    let (a, b) = (weekly(first), weekly(second));
    let found = [a.is_within(&b), b.is_within(&a)];
    assert_eq!(found, within, "{first} / {second}");
    assert_eq!(a == b, within == [true, true]);
}

#[test]
fn schedules_are_compared_by_what_they_mean() {
    let day = "days: mon-fri, hours: 06:00-14:00";
    let same = "days: [mon, tue, wed, thu, fri], hours: [06:00-10:00, 10:00-14:00]";
    check(day, same, [true, true]);
    check(day, "days: mon-sat, hours: 06:00-14:00", [true, false]);
    check(day, "days: sat, hours: 06:00-14:00", [false, false]);
    let friday = format!("{day}, holidays: [2026-12-25]");
    check(day, &friday, [false, true]);
    let with_weekend = format!("{day}, holidays: [2026-12-25, 2026-12-26]");
    check(&friday, &with_weekend, [true, true]);
    let other = format!("{day}, holidays: [2026-12-24]");
    check(&friday, &other, [false, false]);
    check(day, &format!("{day}, time_zone: UTC"), [false, false]);
    check(day, "days: daily, time_zone: UTC", [true, false]);
    check("days: daily", "days: daily, time_zone: UTC", [true, true]);
    check(
        &format!("{day}, time_zone: Asia/Calcutta"),
        &format!("{day}, time_zone: Asia/Kolkata"),
        [true, true],
    );
    check(
        &format!("{day}, time_zone: Etc/UTC"),
        &format!("{day}, time_zone: UTC"),
        [true, true],
    );
}

fn sites() -> [Calendar; 2] {
    let old = "
time_zone: Europe/Berlin
schedules:
  day-shift: {days: mon-fri, hours: 06:00-14:00, holidays: [closed, 2026-12-24]}
holidays:
  closed: [2026-12-25, 2027-01-01]
";
    let new = "
time_zone: Europe/Berlin
schedules:
  other: {days: sat}
  day-shift: {days: mon-fri, hours: 06:00-14:00, holidays: [2026-12-25]}
  abroad: {days: mon-fri, hours: 06:00-14:00, time_zone: Europe/Lisbon}
";
    [calendar(old), calendar(new)]
}

#[test]
fn what_holds_is_compared_over_two_policies() {
    let [old, new] = sites();
    let (was, is) = (when(&old, "day-shift"), when(&new, "day-shift"));
    assert!(was.is_within(&old, &is, &new) && !is.is_within(&new, &was, &old));
    assert!(was.is_within(&old, &When::default(), &new));
    assert!(!When::default().is_within(&new, &was, &old));

    let until = |day| When {
        period: Period {
            from: None,
            until: Some(at(day)),
        },
        ..was
    };
    let (march, may) = (until("2026-03-01T00:00Z"), until("2026-05-01T00:00Z"));
    assert!(march.is_within(&old, &may, &old) && march.is_within(&old, &was, &old));
    assert!(!may.is_within(&old, &march, &old) && !was.is_within(&old, &march, &old));
}

#[test]
fn the_first_moment_that_only_one_holds_at_is_found_in_all_time_zones() {
    let [old, new] = sites();
    let (was, is, abroad) = (
        when(&old, "day-shift"),
        when(&new, "day-shift"),
        when(&new, "abroad"),
    );
    let years = (at("2026-01-01T00:00Z"), at("2028-01-01T00:00Z"));
    assert_eq!(was.first_beyond(&old, (&is, &new), years), None);
    assert_eq!(
        is.first_beyond(&new, (&was, &old), years),
        Some(at("2026-12-24T06:00+01:00"))
    );
    assert_eq!(
        abroad.first_beyond(&new, (&is, &new), years),
        Some(at("2026-01-01T14:00+01:00"))
    );
    let shorter = (years.0, at("2026-01-01T12:59:59Z"));
    assert_eq!(abroad.first_beyond(&new, (&is, &new), shorter), None);
    let always = When::default();
    let ever = (
        model::Timestamp::from_nanos(i64::MIN),
        model::Timestamp::from_nanos(i64::MAX),
    );
    assert_eq!(always.first_beyond(&new, (&always, &old), ever), None);
}

#[test]
fn what_holds_and_why_not_is_said_in_words() {
    let [old, _] = sites();
    let mut when = when(&old, "day-shift");
    when.period.from = Some(at("2026-02-28T23:00Z"));
    when.period.until = Some(at("2027-01-31T12:00Z"));
    let shift = "day-shift (mon-fri 06:00-14:00 Europe/Berlin, closed on closed, 2026-12-24)";
    for (moment, words) in [
        (
            "2026-01-01T12:00Z",
            "not valid before 2026-03-01".to_owned(),
        ),
        ("2026-03-02T04:00Z", format!("outside of {shift}")),
        (
            "2026-03-02T05:00Z",
            format!("in {shift}, from 2026-03-01 until 2027-01-31T13:00 Europe/Berlin"),
        ),
        (
            "2026-12-25T05:00Z",
            format!("2026-12-25 is a holiday of {shift}"),
        ),
        (
            "2027-02-01T05:00Z",
            "expired, valid until 2027-01-31T13:00 Europe/Berlin".to_owned(),
        ),
    ] {
        assert_eq!(when.explain(at(moment), &old), words);
    }
    assert_eq!(When::default().words(&old), "always");
    assert_eq!(
        When::default().explain(at("2026-01-01T12:00Z"), &old),
        "always"
    );
}

#[test]
fn schedules_are_listed_in_the_order_in_which_they_stand() {
    let [_, new] = sites();
    let names: Vec<(ScheduleId, String)> = new
        .schedules()
        .map(|(id, schedule)| (id, schedule.to_string()))
        .collect();
    assert_eq!(names.len(), 3);
    assert_eq!(names[0].1, "other (sat 00:00-24:00 Europe/Berlin)");
    assert_eq!(names[2].1, "abroad (mon-fri 06:00-14:00 Europe/Lisbon)");
    assert_eq!(when(&new, "abroad").schedule, Some(names[2].0));
}
