//! The named lists of holidays, and which days a schedule is closed on.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::dates::{Day, NoDate, date, day};
use super::raw;
use crate::node::Word;
use crate::problems::{Problems, Spot};

/// All lists of the policy by name.
#[derive(Default)]
pub(super) struct Lists<'r>(HashMap<&'r str, List>);

struct List {
    at: Spot,
    days: Vec<Day>,
    used: bool,
}

impl<'r> Lists<'r> {
    pub(super) fn read(lists: &'r [raw::Holidays], problems: &mut Problems) -> Self {
        let mut named: HashMap<&str, List> = HashMap::new();
        for raw::Holidays { name, dates } in lists {
            match named.entry(&name.text) {
                Entry::Occupied(first) => {
                    let what = format!("holidays `{}`", name.text);
                    problems.twice(name.at, &what, first.get().at);
                }
                Entry::Vacant(place) => {
                    place.insert(List {
                        at: name.at,
                        days: days(dates, problems),
                        used: false,
                    });
                }
            }
        }
        Self(named)
    }

    /// The days that words name: lists, and dates.
    pub(super) fn closed(&mut self, words: &[Word], problems: &mut Problems) -> Vec<Day> {
        let mut closed = Vec::new();
        for word in words {
            match (self.0.get_mut(word.text.as_str()), date(&word.text)) {
                (Some(list), _) => {
                    list.used = true;
                    closed.extend(&list.days);
                }
                (None, Ok(date)) => closed.push(day(date)),
                (None, Err(NoDate::NoSuchDay)) => refuse(word, problems),
                (None, Err(NoDate::Shape)) => {
                    let what = format!("no holidays `{}`", word.text);
                    let known = self.0.keys().copied();
                    problems.unknown(word.at, what, &word.text, known);
                }
            }
        }
        closed
    }

    /// Warns of lists that no schedule is closed on.
    pub(super) fn check_used(&self, problems: &mut Problems) {
        for (name, list) in self.0.iter().filter(|(_, list)| !list.used) {
            let what = format!("no schedule is closed on holidays `{name}`");
            let help = "name the list in a schedule's `holidays`, or take it out";
            problems.warn(list.at, what, help);
        }
    }
}

/// The dates of one list.
fn days(words: &[Word], problems: &mut Problems) -> Vec<Day> {
    let mut first: HashMap<Day, Spot> = HashMap::new();
    for word in words {
        let Ok(day) = date(&word.text).map(day) else {
            refuse(word, problems);
            continue;
        };
        match first.entry(day) {
            Entry::Occupied(seen) => {
                problems.twice(word.at, &format!("`{}`", word.text), *seen.get());
            }
            Entry::Vacant(place) => {
                place.insert(word.at);
            }
        }
    }
    first.into_keys().collect()
}

fn refuse(word: &Word, problems: &mut Problems) {
    let what = format!("`{}` is no date", word.text);
    let help = "write year, month and day of a day that exists, such as `2026-12-25`";
    problems.error_with(word.at, what, help);
}
