//! The minutes of a week in local time, as a set.
//!
//! Minute 0 is Monday 00:00. The set is canonical: two ways to write the same hours give equal sets,
//! and its text is made from the set alone.

use std::collections::BTreeMap;
use std::fmt;

/// The days as policies write them, Monday first.
pub(crate) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The minutes of a day.
pub(crate) const DAY: u16 = 1440;

/// The minutes of a week.
pub(crate) const WEEK: u16 = 7 * DAY;

const WORDS: usize = (WEEK as usize).div_ceil(64);

/// A set of local minutes of the week.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Week([u64; WORDS]);

impl Week {
    /// No minute.
    pub(crate) const EMPTY: Self = Self([0; WORDS]);

    /// Adds `count` minutes from `first` on; Monday follows Sunday.
    pub(crate) fn add(&mut self, first: u16, count: u16) {
        for minute in first..first + count {
            let (word, bit) = place(minute % WEEK);
            if let Some(word) = self.0.get_mut(word) {
                *word |= bit;
            }
        }
    }

    /// Whether a minute, less than [`WEEK`], is in the set.
    pub(crate) fn has(&self, minute: u16) -> bool {
        let (word, bit) = place(minute);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Whether any minute of a day is in the set; Monday is 0.
    pub(crate) fn touches(&self, day: u16) -> bool {
        (day * DAY..(day + 1) * DAY).any(|minute| self.has(minute))
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::EMPTY
    }

    pub(crate) fn is_full(&self) -> bool {
        (0..WEEK).all(|minute| self.has(minute))
    }

    /// Whether `other` has every minute of this set.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.minus(other).is_empty()
    }

    /// The minutes of this set that `other` has not.
    pub(crate) fn minus(&self, other: &Self) -> Self {
        self.with(other, |mine, others| mine & !others)
    }

    /// The minutes of either set.
    #[cfg(test)]
    pub(crate) fn or(&self, other: &Self) -> Self {
        self.with(other, |mine, others| mine | others)
    }

    fn with(&self, other: &Self, word: impl Fn(u64, u64) -> u64) -> Self {
        let mut made = self.clone();
        for (mine, others) in made.0.iter_mut().zip(other.0) {
            *mine = word(*mine, others);
        }
        made
    }

    /// The minutes that differ from the minute before, ascending; Sunday is before Monday.
    pub(crate) fn turns(&self) -> impl Iterator<Item = u16> {
        (0..WEEK).filter(|minute| self.has(*minute) != self.has((minute + WEEK - 1) % WEEK))
    }

    /// Stretches of minutes without a hole: the first, and the one behind the last, which may lie in
    /// the next week. None for the full week.
    fn stretches(&self) -> Vec<(u16, u16)> {
        let turns: Vec<u16> = self.turns().collect();
        let next = |at: u16| turns.iter().find(|turn| **turn > at).copied();
        let again = turns.first().map_or(WEEK, |turn| turn + WEEK);
        let starts = turns.iter().filter(|turn| self.has(**turn));
        starts
            .map(|start| (*start, next(*start).unwrap_or(again)))
            .collect()
    }
}

const fn place(minute: u16) -> (usize, u64) {
    (minute as usize / 64, 1 << (minute % 64))
}

/// Reads as `mon-fri 06:00-14:00`, `always` or `never`.
impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_full() {
            return f.write_str("always");
        }
        let mut hours: BTreeMap<(u16, u16), u8> = BTreeMap::new();
        for (day, first, end) in self.stretches().into_iter().flat_map(windows) {
            *hours.entry((first, end)).or_default() |= 1 << day;
        }
        let mut parts: Vec<(u8, String)> = Vec::new();
        for ((first, end), days) in hours {
            let text = format!("{}-{}", Clock(first), Clock(end));
            match parts.iter_mut().find(|(same, _)| *same == days) {
                Some((_, hours)) => *hours = format!("{hours} and {text}"),
                None => parts.push((days, text)),
            }
        }
        parts.sort_by_key(|(days, _)| days.trailing_zeros());
        let parts: Vec<_> = parts
            .into_iter()
            .map(|(days, hours)| format!("{} {hours}", spell(days)))
            .collect();
        let text = parts.join(", ");
        f.write_str(if parts.is_empty() { "never" } else { &text })
    }
}

/// A stretch as windows of at most one day, each with its day, from and to.
fn windows((first, end): (u16, u16)) -> Vec<(u16, u16, u16)> {
    if end - first < DAY {
        return vec![window(first, end)];
    }
    let mut made = Vec::new();
    let mut from = first;
    while from < end {
        let to = end.min((from / DAY + 1) * DAY);
        made.push(window(from, to));
        from = to;
    }
    made
}

const fn window(first: u16, end: u16) -> (u16, u16, u16) {
    let to = if end.is_multiple_of(DAY) {
        DAY
    } else {
        end % DAY
    };
    (first / DAY % 7, first % DAY, to)
}

/// Days as a policy writes them, such as `mon-wed,fri`.
fn spell(days: u8) -> String {
    if days.count_ones() == 7 {
        return "daily".to_owned();
    }
    let has = |day: usize| days & (1 << day) != 0;
    let mut parts: Vec<String> = Vec::new();
    let mut day = 0;
    while day < DAYS.len() {
        let run = (day..DAYS.len()).take_while(|day| has(*day)).count();
        let names = DAYS.iter().skip(day).take(run);
        match (names.clone().next(), names.clone().next_back()) {
            (Some(first), Some(last)) if run > 2 => parts.push(format!("{first}-{last}")),
            _ => parts.extend(names.map(|name| (*name).to_owned())),
        }
        day += run.max(1);
    }
    parts.join(",")
}

/// A minute of the day as `06:00`.
struct Clock(u16);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}
