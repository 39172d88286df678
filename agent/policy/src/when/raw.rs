//! Schedules and holidays as they are written: every key in its place, nothing looked up yet.

use crate::fields::words;
use crate::node::{Node, Word};
use crate::problems::Problems;
use crate::shapes::SCHEDULE;

/// An entry of `schedules`.
pub(crate) struct Schedule {
    pub(crate) name: Word,
    pub(crate) days: Vec<Word>,
    pub(crate) hours: Vec<Word>,
    pub(crate) time_zone: Option<Word>,
    pub(crate) holidays: Vec<Word>,
}

/// An entry of `holidays`: a list of dates.
pub(crate) struct Holidays {
    pub(crate) name: Word,
    pub(crate) dates: Vec<Word>,
}

impl Schedule {
    /// Reads what stands under `name`, which was checked.
    pub(crate) fn read(name: &Word, node: &Node, problems: &mut Problems) -> Self {
        let fields = SCHEDULE.read(node, problems);
        if fields.lacks("days") && fields.lacks("hours") {
            let what = format!("schedule `{}` has neither `days` nor `hours`", name.text);
            let help = "write `days: [mon-fri]`, `hours: [06:00-14:00]` or both";
            problems.error_with(name.at, what, help);
        }
        Self {
            name: name.clone(),
            days: fields.words("days", problems),
            hours: fields.words("hours", problems),
            time_zone: fields.word("time_zone", problems),
            holidays: fields.words("holidays", problems),
        }
    }
}

impl Holidays {
    /// Reads what stands under `name`, which was checked.
    pub(crate) fn read(name: &Word, node: &Node, problems: &mut Problems) -> Self {
        Self {
            name: name.clone(),
            dates: words(node, "holidays", problems),
        }
    }
}
