//! A weekly schedule in local time, and from when to when its answer stays the same.
//!
//! What the clocks on the wall show decides: a window that lies in the hour which a change of clocks
//! skips does not open on that day, one in the hour that comes twice is open both times. A holiday
//! closes its date from midnight to midnight and nothing else: a night shift ends where a holiday
//! begins, and its hours after the midnight that ends the holiday are open.

use std::fmt;

use model::Timestamp;

use super::dates::{Day, Days, EPOCH_WEEKDAY, weekday};
use super::time_zone::TimeZone;
use super::week::{WEEK, Week};
use super::{Held, SECOND};

/// A schedule with its name.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(super) name: String,
    pub(super) holidays: Vec<String>,
    weekly: Weekly,
    /// The minutes of the week at which it opens or closes, ascending.
    turns: Box<[u16]>,
}

/// What a schedule means, whatever it is called and however it is written.
///
/// Equal where two are open at the same moments; see [`Weekly::is_within`] for what is not proven.
#[derive(Clone, Debug)]
pub(crate) struct Weekly {
    pub(crate) week: Week,
    /// Holidays on which it would be open otherwise.
    pub(crate) closed: Days,
    pub(crate) zone: TimeZone,
}

impl Weekly {
    pub(super) fn of(week: Week, mut closed: Vec<Day>, zone: TimeZone) -> Self {
        let open = [0, 1, 2, 3, 4, 5, 6].map(|day| week.touches(day));
        closed.retain(|day| open.get(usize::from(weekday(*day))) == Some(&true));
        Self {
            week,
            closed: Days::of(closed),
            zone,
        }
    }

    /// Whether it is open at any time.
    pub(crate) fn is_always(&self) -> bool {
        self.week.is_full() && self.closed.is_empty()
    }

    /// Whether `other` is open whenever this is. `true` is proven. `false` is exact in one time
    /// zone; two schedules of different zones are compared as far as one always or never holds.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        let has = |day: Day| self.closed.has(day) || !self.week.touches(weekday(day));
        let in_one_zone = || {
            self.zone == other.zone
                && self.week.is_within(&other.week)
                && other.closed.iter().all(has)
        };
        self.week.is_empty() || other.is_always() || in_one_zone()
    }
}

impl PartialEq for Weekly {
    fn eq(&self, other: &Self) -> bool {
        self.is_within(other) && other.is_within(self)
    }
}

impl Eq for Weekly {}

impl Schedule {
    pub(super) fn new(name: String, holidays: Vec<String>, weekly: Weekly) -> Self {
        Self {
            name,
            holidays,
            turns: weekly.week.turns().collect(),
            weekly,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What it means.
    pub(crate) const fn weekly(&self) -> &Weekly {
        &self.weekly
    }

    /// What it says at a moment: [`Held::Holds`], [`Held::OutsideHours`], or [`Held::Holiday`] where
    /// only the holiday closes it.
    pub(crate) fn holds(&self, at: Timestamp) -> Held {
        self.at(at.as_nanos().div_euclid(SECOND))
    }

    /// First and last moment around `at` between which it says the same, as far as `STEPS` turns
    /// show: beyond them it may go on saying the same.
    pub(crate) fn span(&self, at: Timestamp) -> (Timestamp, Timestamp) {
        let second = at.as_nanos().div_euclid(SECOND);
        let first = self.first(second).and_then(|it| it.checked_mul(SECOND));
        let last = self.last(second);
        let end = last.and_then(|it| it.checked_add(1)?.checked_mul(SECOND));
        (
            Timestamp::from_nanos(first.unwrap_or(i64::MIN)),
            Timestamp::from_nanos(end.map_or(i64::MAX, |end| end - 1)),
        )
    }

    fn at(&self, second: i64) -> Held {
        let local = self.local(second);
        if !self.weekly.week.has(local.of_week) {
            Held::OutsideHours
        } else if self.weekly.closed.has(local.day) {
            Held::Holiday
        } else {
            Held::Holds
        }
    }

    /// The last second that is known to be as `second`; none where that is for ever.
    fn last(&self, second: i64) -> Option<i64> {
        let said = self.at(second);
        let mut known = second;
        for _ in 0..STEPS {
            let next = self.next_turn(known)?;
            if self.at(next) != said {
                return Some(next - 1);
            }
            known = next;
        }
        Some(known)
    }

    /// The first second that is known to be as `second`; none where that is since ever.
    fn first(&self, second: i64) -> Option<i64> {
        let said = self.at(second);
        let mut known = second;
        for _ in 0..STEPS {
            let turn = self.last_turn(known)?;
            if self.at(turn - 1) != said {
                return Some(turn);
            }
            known = turn - 1;
        }
        Some(known)
    }

    /// The next second at which it may say something else.
    fn next_turn(&self, second: i64) -> Option<i64> {
        if self.is_constant() {
            return None;
        }
        let local = self.local(second);
        let turn = self.turns.iter().find(|turn| **turn > local.of_week);
        let first = || self.turns.first().map(|turn| turn + WEEK);
        let turn = turn.copied().or_else(first);
        let hours = turn.map(|turn| local.minute_of(turn) * 60);
        let days = self.weekly.closed.next_turn(local.day).map(midnight);
        let edge = [hours, days].into_iter().flatten().min();
        let edge = edge.map(|edge| edge - local.offset_secs);
        let change = self.weekly.zone.next_change(second);
        [edge, change].into_iter().flatten().min()
    }

    /// The last second up to this one at which it may have begun to say what it says.
    fn last_turn(&self, second: i64) -> Option<i64> {
        if self.is_constant() {
            return None;
        }
        let local = self.local(second);
        let turn = self.turns.iter().rfind(|turn| **turn <= local.of_week);
        let hours = match (turn, self.turns.last()) {
            (Some(turn), _) => Some(local.minute_of(*turn) * 60),
            (None, Some(last)) => Some((local.minute_of(*last) - i64::from(WEEK)) * 60),
            (None, None) => None,
        };
        let days = self.weekly.closed.last_turn(local.day).map(midnight);
        let edge = [hours, days].into_iter().flatten().max();
        let edge = edge.map(|edge| edge - local.offset_secs);
        let change = self.weekly.zone.last_change(second);
        [edge, change].into_iter().flatten().max()
    }

    fn is_constant(&self) -> bool {
        self.turns.is_empty() && self.weekly.closed.is_empty()
    }

    fn local(&self, second: i64) -> Local {
        Local::of(second, self.weekly.zone.offset_secs(second))
    }
}

/// What the clocks show.
struct Local {
    offset_secs: i64,
    /// Minutes that clocks of this offset have shown since 1970.
    minute: i64,
    of_week: u16,
    day: Day,
}

impl Local {
    fn of(second: i64, offset_secs: i64) -> Self {
        let minute = (second + offset_secs).div_euclid(60);
        let of_week = (minute + EPOCH_WEEKDAY * MINUTES_A_DAY).rem_euclid(i64::from(WEEK));
        Self {
            offset_secs,
            minute,
            of_week: u16::try_from(of_week).unwrap_or_default(),
            day: Day::try_from(minute.div_euclid(MINUTES_A_DAY)).unwrap_or(Day::MAX),
        }
    }

    /// A minute of this week, as minutes since 1970.
    fn minute_of(&self, of_week: u16) -> i64 {
        self.minute - i64::from(self.of_week) + i64::from(of_week)
    }
}

/// The local second at which a day begins.
fn midnight(day: Day) -> i64 {
    i64::from(day) * MINUTES_A_DAY * 60
}

/// Reads as `day-shift (mon-fri 06:00-14:00 Europe/Berlin, closed on plant-holidays)`.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Weekly { week, zone, .. } = &self.weekly;
        write!(f, "{} ({week} {}", self.name, zone.name())?;
        if !self.holidays.is_empty() {
            write!(f, ", closed on {}", self.holidays.join(", "))?;
        }
        f.write_str(")")
    }
}

/// How many turns without another answer are looked at on each side for a span. Only what says the
/// same for months or years has as many: the clocks are changed twice a year at most places.
const STEPS: usize = 64;

const MINUTES_A_DAY: i64 = 1440;
