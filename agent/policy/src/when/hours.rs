//! What `days` and `hours` of a schedule say, as a set of minutes.
//!
//! A window that goes over midnight belongs to the day on which it begins: `days: mon-fri` with
//! `hours: 22:00-06:00` ends on Saturday at 06:00.

use model::closest;

use super::week::{DAY, DAYS, Week};
use crate::node::Word;
use crate::problems::Problems;

/// Reads days and hours; none stated means all.
pub(super) fn read(days: &[Word], hours: &[Word], problems: &mut Problems) -> Week {
    let mut windows = windows(hours, problems);
    if hours.is_empty() {
        windows.push((0, DAY));
    }
    let mut week = Week::EMPTY;
    for day in read_days(days, problems) {
        for (first, count) in &windows {
            week.add(day * DAY + first, *count);
        }
    }
    week
}

fn read_days(words: &[Word], problems: &mut Problems) -> Vec<u16> {
    if words.is_empty() {
        return (0..7).collect();
    }
    let mut days = Vec::new();
    for (word, item) in items(words) {
        if item == "daily" {
            days.extend(0..7);
        } else if let Some((first, last)) = item.split_once('-') {
            let ends = (day(word, first, problems), day(word, last, problems));
            if let (Some(first), Some(last)) = ends {
                let count = (last + 7 - first) % 7 + 1;
                days.extend((first..first + count).map(|day| day % 7));
            }
        } else {
            days.extend(day(word, item, problems));
        }
    }
    days
}

/// The items of words, each of which may list several behind commas.
fn items(words: &[Word]) -> impl Iterator<Item = (&Word, &str)> {
    words.iter().flat_map(|word| {
        let items = word.text.split(',').map(str::trim);
        items.map(move |item| (word, item))
    })
}

fn day(word: &Word, name: &str, problems: &mut Problems) -> Option<u16> {
    let name = name.trim();
    let found = (0..).zip(DAYS).find(|(_, known)| *known == name);
    if found.is_none() {
        let help = meant(name).map_or_else(
            || {
                format!(
                    "days are {}, such as `mon-fri`, and `daily`",
                    DAYS.join(" ")
                )
            },
            |near| format!("did you mean `{near}`?"),
        );
        problems.error_with(word.at, format!("no day `{name}`"), help);
    }
    found.map(|(day, _)| day)
}

/// What somebody may have meant who writes days in another way.
fn meant(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let long = OTHER.iter().find(|(long, _)| {
        lower.chars().count() > 1 && (long.starts_with(&lower) || lower == format!("{long}s"))
    });
    long.map(|(_, day)| *day)
        .or_else(|| closest(&lower, DAYS.into_iter().chain(["daily"])))
}

/// First minute of the day and number of minutes of each window.
fn windows(words: &[Word], problems: &mut Problems) -> Vec<(u16, u16)> {
    let mut windows = Vec::new();
    for (word, item) in items(words) {
        let ends = item.split_once('-');
        let ends = ends.and_then(|(from, to)| Some((clock(from)?, clock(to)?)));
        match ends {
            Some((from, to)) if from == to => {
                let what = format!("`{item}` lasts no time");
                problems.error_with(word.at, what, "all day is `00:00-24:00`");
            }
            Some((from, to)) if from < DAY => windows.push((from, length(from, to))),
            _ => problems.error_with(word.at, format!("no hours `{item}`"), HOURS_HELP),
        }
    }
    windows
}

const fn length(from: u16, to: u16) -> u16 {
    if to > from {
        to - from
    } else {
        to + DAY - from
    }
}

/// The minute of the day; 1440 for `24:00`.
fn clock(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |text: &str, digits: std::ops::RangeInclusive<usize>| {
        let fits = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| text.parse::<u16>().ok()).flatten()
    };
    let (hour, minute) = (number(hour, 1..=2)?, number(minute, 2..=2)?);
    let exists = minute < 60 && hour * 60 + minute <= DAY;
    exists.then_some(hour * 60 + minute)
}

const HOURS_HELP: &str =
    "write `06:00-14:00` in 24 hours; `22:00-06:00` goes over midnight; all day is `00:00-24:00`";

/// Other words for days, with the language's.
const OTHER: &[(&str, &str)] = &[
    ("monday", "mon"),
    ("tuesday", "tue"),
    ("wednesday", "wed"),
    ("thursday", "thu"),
    ("friday", "fri"),
    ("saturday", "sat"),
    ("sunday", "sun"),
    ("weekday", "mon-fri"),
    ("workday", "mon-fri"),
    ("weekend", "sat,sun"),
    ("everyday", "daily"),
    ("always", "daily"),
    ("any", "daily"),
    ("all", "daily"),
];
