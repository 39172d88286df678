//! Everything that is wrong in schedules, at once.

use super::{read, word};
use crate::problems::Problems;
use crate::when::When;

fn check(text: &str, errors: &[&str], warnings: &[&str]) {
    let (found, warned) = read(text).1.into_sorted();
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    let warned: Vec<_> = warned.iter().map(ToString::to_string).collect();
    assert_eq!(found, errors, "{text}");
    assert_eq!(warned, warnings, "{text}");
}

const HOURS: &str =
    "write `06:00-14:00` in 24 hours; `22:00-06:00` goes over midnight; all day is `00:00-24:00`";

const DATE: &str = "write year, month and day of a day that exists, such as `2026-12-25`";

#[test]
fn all_problems_of_all_schedules_are_said_at_once() {
    check(
        "
time_zone: Berlin
schedules:
  day:
    days: [mon-fry, Sunday, blub]
    hours: [6-14, 22:00-06:00]
    time_zone: Europe/Berln
    holidays: [bnk, 2026-02-30]
  night: {hour: 22:00-06:00}
  night: {time_zone: UTC}
holidays:
  bank: [2026-12-25, 25.12.2026, 2026-12-25]
  bank: [2027-01-01]
",
        &[
            "site.yaml:2:12: no time zone `Berlin` in the IANA database; did you mean `Europe/Berlin`?",
            "site.yaml:5:12: no day `fry`; did you mean `fri`?",
            "site.yaml:5:21: no day `Sunday`; did you mean `sun`?",
            "site.yaml:5:29: no day `blub`; \
             days are mon tue wed thu fri sat sun, such as `mon-fri`, and `daily`",
            &format!("site.yaml:6:13: no hours `6-14`; {HOURS}"),
            "site.yaml:7:16: no time zone `Europe/Berln` in the IANA database; did you mean `Europe/Berlin`?",
            "site.yaml:8:16: no holidays `bnk`; did you mean `bank`?",
            &format!("site.yaml:8:21: `2026-02-30` is no date; {DATE}"),
            "site.yaml:9:3: schedule `night` has neither `days` nor `hours`; \
             write `days: [mon-fri]`, `hours: [06:00-14:00]` or both",
            "site.yaml:9:11: a schedule has no key `hour`; did you mean `hours`?",
            "site.yaml:10:3: schedule `night` has neither `days` nor `hours`; \
             write `days: [mon-fri]`, `hours: [06:00-14:00]` or both",
            "site.yaml:10:3: schedule `night` is stated twice; it stands at site.yaml:9:3 already",
            &format!("site.yaml:12:22: `25.12.2026` is no date; {DATE}"),
            "site.yaml:12:34: `2026-12-25` is stated twice; it stands at site.yaml:12:10 already",
            "site.yaml:13:3: holidays `bank` is stated twice; it stands at site.yaml:12:3 already",
        ],
        &["site.yaml:12:3: no schedule is closed on holidays `bank`; \
             name the list in a schedule's `holidays`, or take it out"],
    );
}

#[test]
fn hours_that_are_none_are_said() {
    for hours in [
        "6-14",
        "06:00",
        "06:00-25:00",
        "06:00-24:01",
        "24:00-06:00",
        "06:60-07:00",
        "6:0-14:00",
        "2:00 pm-4:00 pm",
        "-",
        "+6:00-14:00",
        "006:00-14:00",
    ] {
        check(
            &format!("schedules:\n  s:\n    hours: [\"{hours}\"]\n"),
            &[&format!("site.yaml:3:13: no hours `{hours}`; {HOURS}")],
            &[],
        );
    }
    check(
        "schedules: {s: {hours: 06:00-06:00}}",
        &["site.yaml:1:24: `06:00-06:00` lasts no time; all day is `00:00-24:00`"],
        &[],
    );
}

#[test]
fn days_in_other_words_are_understood_as_far_as_to_say_what_to_write() {
    for (days, item, meant) in [
        ("MON", "MON", "mon"),
        ("thurs", "thurs", "thu"),
        ("Mondays", "Mondays", "mon"),
        ("weekdays", "weekdays", "mon-fri"),
        ("weekend", "weekend", "sat,sun"),
        ("everyday", "everyday", "daily"),
        ("dayly", "dayly", "daily"),
        ("mon-Fri", "Fri", "fri"),
        ("mon,tues", "tues", "tue"),
    ] {
        check(
            &format!("schedules: {{s: {{days: [\"{days}\"]}}}}"),
            &[&format!(
                "site.yaml:1:24: no day `{item}`; did you mean `{meant}`?"
            )],
            &[],
        );
    }
}

#[test]
fn time_zones_are_names_of_the_database() {
    for (zone, help) in [
        ("berlin", "; did you mean `Europe/Berlin`?"),
        ("New York", "; did you mean `America/New_York`?"),
        ("Europe/Berlyn", "; did you mean `Europe/Berlin`?"),
        ("+01:00", ""),
        ("W. Europe Standard Time", ""),
        ("Etc/Unknown", ""),
    ] {
        let said = read(&format!("time_zone: \"{zone}\"")).1.into_sorted().0;
        let said: Vec<_> = said.iter().map(ToString::to_string).collect();
        let what = format!("site.yaml:1:12: no time zone `{zone}` in the IANA database");
        assert!(said.len() == 1 && said[0].starts_with(&what), "{said:?}");
        if !help.is_empty() {
            assert_eq!(said[0], what + help);
        }
    }
    for zone in ["UTC", "Etc/UTC", "CET", "Asia/Calcutta", "Asia/Kolkata"] {
        check(&format!("time_zone: {zone}"), &[], &[]);
    }
}

#[test]
fn a_schedule_that_nobody_wrote_is_said_with_the_nearest() {
    let (calendar, mut problems) = read("schedules: {day-shift: {days: mon-fri}}");
    let when = When::read(
        Some(&word("dayshift")),
        None,
        None,
        &calendar,
        &mut Problems::default(),
    );
    assert!(when.is_always());
    When::read(
        Some(&word("dayshift")),
        None,
        None,
        &calendar,
        &mut problems,
    );
    let said = problems.into_sorted().0;
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].what, "no schedule `dayshift`");
    assert_eq!(said[0].help.as_deref(), Some("did you mean `day-shift`?"));
}
