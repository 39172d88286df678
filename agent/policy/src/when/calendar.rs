//! All schedules of a policy, and the time zone of its site.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::holidays::Lists;
use super::schedule::{Schedule, Weekly};
use super::time_zone::TimeZone;
use super::{hours, raw};
use crate::node::Word;
use crate::problems::{Problems, Spot};

/// A schedule of a [`Calendar`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct ScheduleId(u32);

/// All schedules by their identifiers.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    zone: TimeZone,
    schedules: Vec<Schedule>,
    names: HashMap<String, ScheduleId>,
}

/// Without schedules, in UTC.
impl Default for Calendar {
    fn default() -> Self {
        Self {
            zone: TimeZone::UTC,
            schedules: Vec::new(),
            names: HashMap::new(),
        }
    }
}

impl Calendar {
    /// Resolves schedules; `time_zone` is the site's, which stands for schedules that name none.
    pub(crate) fn resolve(
        time_zone: Option<&Word>,
        schedules: &[raw::Schedule],
        holidays: &[raw::Holidays],
        problems: &mut Problems,
    ) -> Self {
        let zone = time_zone.and_then(|word| TimeZone::read(word, problems));
        let mut calendar = Self {
            zone: zone.unwrap_or(TimeZone::UTC),
            ..Self::default()
        };
        let mut lists = Lists::read(holidays, problems);
        let mut first: HashMap<&str, Spot> = HashMap::new();
        for raw in schedules {
            let schedule = calendar.resolved(raw, &mut lists, problems);
            match first.entry(&raw.name.text) {
                Entry::Occupied(seen) => {
                    let what = format!("schedule `{}`", raw.name.text);
                    problems.twice(raw.name.at, &what, *seen.get());
                }
                Entry::Vacant(place) => {
                    place.insert(raw.name.at);
                    calendar.add(schedule);
                }
            }
        }
        lists.check_used(problems);
        calendar
    }

    fn resolved(
        &self,
        raw: &raw::Schedule,
        lists: &mut Lists<'_>,
        problems: &mut Problems,
    ) -> Schedule {
        let zone = raw.time_zone.as_ref();
        let zone = zone.and_then(|word| TimeZone::read(word, problems));
        let week = hours::read(&raw.days, &raw.hours, problems);
        let closed = lists.closed(&raw.holidays, problems);
        let zone = zone.unwrap_or_else(|| self.zone.clone());
        let holidays = raw.holidays.iter().map(|word| word.text.clone());
        let weekly = Weekly::of(week, closed, zone);
        Schedule::new(raw.name.text.clone(), holidays.collect(), weekly)
    }

    fn add(&mut self, schedule: Schedule) {
        let id = ScheduleId(crate::names::id(self.schedules.len()));
        self.names.insert(schedule.name.clone(), id);
        self.schedules.push(schedule);
    }

    /// Looks up a schedule by name; an unknown one is said.
    pub(crate) fn schedule(&self, word: &Word, problems: &mut Problems) -> Option<ScheduleId> {
        let found = self.names.get(&word.text).copied();
        if found.is_none() {
            let what = format!("no schedule `{}`", word.text);
            let known = self.names.keys().map(String::as_str);
            problems.unknown(word.at, what, &word.text, known);
        }
        found
    }

    /// The schedule of an identifier of this calendar.
    pub(crate) fn get(&self, id: ScheduleId) -> Option<&Schedule> {
        self.schedules.get(usize::try_from(id.0).ok()?)
    }

    /// All schedules in the order in which they stand in the policy.
    pub(crate) fn schedules(&self) -> impl Iterator<Item = (ScheduleId, &Schedule)> {
        (0..).map(ScheduleId).zip(&self.schedules)
    }

    /// The site's time zone, in which dates without offset are meant.
    pub(crate) const fn time_zone(&self) -> &TimeZone {
        &self.zone
    }
}
