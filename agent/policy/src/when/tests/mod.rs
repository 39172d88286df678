//! What schedules and periods promise.

mod clocks;
mod compared;
mod naive;
mod periods;
mod said;

use model::Timestamp;

use super::raw::{Holidays, Schedule};
use super::{Calendar, Held, When};
use crate::fields::entries;
use crate::node::{self, Word};
use crate::problems::{Problems, Spot};
use crate::shape::{Form, Key, Shape, Value};
use crate::shapes::SCHEDULE;

static FILE: Shape = Shape {
    noun: "a policy file",
    place: "top",
    one_of: &[],
    keys: &[
        Key::one("time_zone", Value::Word(Form::Text), ""),
        Key::one("schedules", Value::Named(Form::Name, &SCHEDULE), ""),
        Key::one("holidays", Value::NamedWords(Form::Name, Form::Text), ""),
    ],
};

/// The calendar of a text, with everything that is wrong in it.
fn read(text: &str) -> (Calendar, Problems) {
    let mut problems = Problems::default();
    let file = node::read("site.yaml", text, &mut problems).unwrap();
    let fields = FILE.read(&file, &mut problems);
    let zone = fields.word("time_zone", &mut problems);
    let (mut schedules, mut holidays) = (Vec::new(), Vec::new());
    if let Some(node) = fields.node("schedules") {
        for (name, node) in entries(node, "a set of schedules", &mut problems) {
            schedules.push(Schedule::read(name, node, &mut problems));
        }
    }
    if let Some(node) = fields.node("holidays") {
        for (name, node) in entries(node, "a set of holidays", &mut problems) {
            holidays.push(Holidays::read(name, node, &mut problems));
        }
    }
    let calendar = Calendar::resolve(zone.as_ref(), &schedules, &holidays, &mut problems);
    (calendar, problems)
}

/// The calendar of a text in which nothing is wrong.
fn calendar(text: &str) -> Calendar {
    let (calendar, problems) = read(text);
    assert!(!problems.is_fatal(), "{:#?}", problems.into_sorted().0);
    calendar
}

/// A calendar whose one schedule is `s`, and when that holds.
fn only(schedule: &str) -> (Calendar, When) {
    let calendar = calendar(&format!(
        "{{time_zone: Europe/Berlin, schedules: {{s: {{{schedule}}}}}}}"
    ));
    let when = when(&calendar, "s");
    (calendar, when)
}

fn when(calendar: &Calendar, schedule: &str) -> When {
    let mut problems = Problems::default();
    let when = When::read(Some(&word(schedule)), None, None, calendar, &mut problems);
    assert!(!problems.is_fatal());
    when
}

fn word(text: &str) -> Word {
    Word {
        at: Spot::default(),
        text: text.to_owned(),
    }
}

/// A moment such as `2026-03-29T01:00Z`.
fn at(text: &str) -> Timestamp {
    let moment: jiff::Timestamp = text.parse().unwrap();
    Timestamp::from_nanos(moment.as_nanosecond().try_into().unwrap())
}

/// Checks that what holds says `stretches`, each from its moment right to the next one's, and that
/// the spans are these stretches.
fn check(calendar: &Calendar, when: &When, stretches: &[(&str, Held)]) {
    let ends = stretches.iter().skip(1).map(|(to, _)| to);
    for ((from, held), to) in stretches.iter().zip(ends) {
        let (first, last) = (at(from), at(to).as_nanos() - 1);
        let last = Timestamp::from_nanos(last);
        let middle = Timestamp::from_nanos(first.as_nanos().midpoint(last.as_nanos()));
        for moment in [first, middle, last] {
            assert_eq!(when.holds(moment, calendar), *held, "at {moment}");
            assert_eq!(when.span(moment, calendar), (first, last), "at {moment}");
        }
    }
}

#[test]
fn what_holds_is_found_without_allocating() {
    let (calendar, mut when) = only("hours: 22:00-06:00, holidays: [2026-12-25]");
    when.period.until = Some(at("2027-01-01T00:00Z"));
    let spent = allocation_counter::measure(|| {
        for hour in 0..10_000 {
            let moment = Timestamp::from_nanos(hour * 3_600_000_000_000 * 53);
            std::hint::black_box(when.holds(moment, &calendar));
        }
    });
    assert_eq!(spent.count_total, 0);
}
