//! `valid_from` and `valid_until`.

use super::{at, calendar, check, only, word};
use crate::problems::Problems;
use crate::when::Held::{Expired, Holds, NotYet, OutsideHours};
use crate::when::{Period, TimeZone, When};
use model::Timestamp;

/// Reads a period in Berlin.
fn period(from: &str, until: &str) -> Result<Period, String> {
    let mut problems = Problems::default();
    let zone = TimeZone::read(&word("Europe/Berlin"), &mut problems).unwrap();
    let given = |text: &str| (!text.is_empty()).then(|| word(text));
    let (from, until) = (given(from), given(until));
    let period = Period::read(from.as_ref(), until.as_ref(), &zone, &mut problems);
    let said = problems.into_sorted().0;
    match said.first() {
        None => Ok(period),
        Some(problem) => Err(format!(
            "{}; {}",
            problem.what,
            problem.help.clone().unwrap_or_default()
        )),
    }
}

fn moments(from: &str, until: &str) -> Period {
    let moment = |text: &str| (!text.is_empty()).then(|| at(text));
    Period {
        from: moment(from),
        until: moment(until),
    }
}

#[test]
fn dates_mean_whole_days_at_the_site_and_moments_may_state_their_offset() {
    let table = [
        (
            ["2026-03-01", ""],
            ["2026-02-28T23:00Z", ""],
            "from 2026-03-01",
        ),
        (
            ["", "2026-03-31"],
            ["", "2026-03-31T22:00Z"],
            "until 2026-03-31",
        ),
        (
            ["2026-03-29", "2026-03-29"],
            ["2026-03-28T23:00Z", "2026-03-29T22:00Z"],
            "from 2026-03-29 until 2026-03-29",
        ),
        (
            ["2026-12-31T06:00", "2026-12-31T07:30:15"],
            ["2026-12-31T05:00Z", "2026-12-31T06:30:15Z"],
            "from 2026-12-31T06:00 Europe/Berlin until 2026-12-31T07:30:15 Europe/Berlin",
        ),
        (
            ["2026-07-01T06:00Z", "2026-07-01T06:00-02:30"],
            ["2026-07-01T06:00Z", "2026-07-01T08:30Z"],
            "from 2026-07-01T08:00 Europe/Berlin until 2026-07-01T10:30 Europe/Berlin",
        ),
        (
            ["2026-10-25 02:30+01:00", ""],
            ["2026-10-25T01:30Z", ""],
            "from 2026-10-25T02:30 Europe/Berlin",
        ),
        (["", ""], ["", ""], ""),
    ];
    let mut problems = Problems::default();
    let zone = TimeZone::read(&word("Europe/Berlin"), &mut problems).unwrap();
    for ([from, until], [starts, ends], words) in table {
        let read = period(from, until).unwrap();
        assert_eq!(read, moments(starts, ends), "{from} {until}");
        assert_eq!(read.words(&zone), words);
    }
}

#[test]
fn what_is_no_period_is_said_with_what_to_write() {
    let form = "write `2026-03-01`, `2026-03-01T06:00` or `2026-03-01T06:00+01:00`";
    let no = |text: &str| format!("`{text}` is no date and no moment; {form}");
    for text in [
        "tomorrow",
        "2026-02-29",
        "2026-3-1",
        "01.03.2026",
        "2026-03-01T24:00",
        "2026-03-01T6:00",
        "2026-03-01T06:00+0100",
        "2026-03-01T06:00 Europe/Berlin",
        "2026-03-01T06:00+99:00",
        "2026-03-01Tü",
    ] {
        assert_eq!(period(text, ""), Err(no(text)));
        assert_eq!(period("", text), Err(no(text)));
    }
    let table = [
        (
            ["2026-03-02", "2026-03-01"],
            "`2026-03-01` is not after `2026-03-02`; `valid_until` must come after `valid_from`",
        ),
        (
            ["2026-03-01T06:00", "2026-03-01T05:00Z"],
            "`2026-03-01T05:00Z` is not after `2026-03-01T06:00`; \
             `valid_until` must come after `valid_from`",
        ),
        (
            ["", "9999-12-31"],
            "`9999-12-31` is further away than can be told; leave the key out for no limit",
        ),
        (
            ["2026-03-29T02:30", ""],
            "`2026-03-29T02:30` does not exist in Europe/Berlin: the clocks skip it; \
             write a time that the clocks show on that day",
        ),
        (
            ["", "2026-10-25T02:30"],
            "`2026-10-25T02:30` comes twice in Europe/Berlin: the clocks are set back; \
             write `2026-10-25T02:30+02:00` or `2026-10-25T02:30+01:00`",
        ),
    ];
    for ([from, until], said) in table {
        assert_eq!(period(from, until), Err(said.to_owned()));
    }
}

#[test]
fn a_period_holds_from_its_first_instant_to_the_last_before_its_end() {
    let (calendar, mut when) = only("hours: 06:00-14:00, time_zone: UTC");
    when.period = moments("2026-03-02T08:00Z", "2026-03-03T12:00Z");
    let stretches = [
        ("2026-03-02T08:00Z", Holds),
        ("2026-03-02T14:00Z", OutsideHours),
        ("2026-03-03T06:00Z", Holds),
        ("2026-03-03T12:00Z", Expired),
    ];
    check(&calendar, &when, &stretches);
    let ends = [i64::MIN, i64::MAX].map(Timestamp::from_nanos);
    let before = Timestamp::from_nanos(at("2026-03-02T08:00Z").as_nanos() - 1);
    assert_eq!(when.holds(before, &calendar), NotYet);
    assert_eq!(when.span(before, &calendar), (ends[0], before));
    assert_eq!(when.span(ends[0], &calendar), (ends[0], before));
    let end = at("2026-03-03T12:00Z");
    assert_eq!(when.holds(end, &calendar), Expired);
    assert_eq!(when.span(end, &calendar), (end, ends[1]));
    assert_eq!(when.span(ends[1], &calendar), (end, ends[1]));
}

#[test]
fn a_day_without_midnight_begins_when_the_clocks_say_so() {
    // Beirut goes from 00:00 to 01:00 on 2026-03-29.
    let calendar = calendar("{time_zone: Asia/Beirut, schedules: {}}");
    let mut problems = Problems::default();
    let day = word("2026-03-29");
    let when = When::read(None, Some(&day), Some(&day), &calendar, &mut problems);
    assert!(!problems.is_fatal());
    assert_eq!(
        when.period,
        moments("2026-03-28T22:00Z", "2026-03-29T21:00Z")
    );
    assert_eq!(when.words(&calendar), "from 2026-03-29 until 2026-03-29");
}
