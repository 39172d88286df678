//! How often and when something was seen.

use model::Timestamp;

/// How often and when something was seen.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Seen {
    pub(crate) count: u64,
    /// How many of the requests were refused.
    pub(crate) refused: u64,
    pub(crate) first: Option<Timestamp>,
    pub(crate) last: Option<Timestamp>,
    pub(crate) hours: Hours,
}

impl Seen {
    /// Adds `count` times between two moments; `hour` is that of the last one, where it is known.
    pub(crate) fn add(&mut self, count: u64, [first, last]: [Timestamp; 2], hour: Option<usize>) {
        self.count = self.count.saturating_add(count);
        self.first = Some(self.first.map_or(first, |old| old.min(first)));
        self.last = self.last.max(Some(last));
        if let Some(hour) = hour {
            self.hours.add(hour);
        }
    }

    /// Adds what was seen of the same elsewhere.
    pub(crate) fn join(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.refused = self.refused.saturating_add(other.refused);
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = self.last.max(other.last);
        self.hours.join(&other.hours);
    }

    /// The evidence in words; `observed` is all that was seen of anything.
    pub(crate) fn words(&self, observed: &Self) -> String {
        let mut words = match (self.count, self.first, self.last) {
            (1, Some(first), _) => format!("seen once, {}", moment(first)),
            (count, Some(first), Some(last)) => {
                let (first, last) = (moment(first), moment(last));
                let until = if first == last {
                    String::new()
                } else {
                    format!(" to {last}")
                };
                format!("seen {count} times, {first}{until}")
            }
            (count, ..) => format!("seen {count} times"),
        };
        let (hours, all) = (self.hours.len(), observed.hours.len());
        if hours > 0 {
            let share = (hours * 100).div_ceil(all.max(1));
            let all = plural(all, "observed hour");
            words.push_str(&format!(", in {hours} of {all} ({share} %)"));
        }
        if self.refused > 0 {
            words.push_str(&format!("; {} were refused", self.refused));
        }
        words
    }
}

/// A number with its noun.
pub(crate) fn plural(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        number => format!("{number} {noun}s"),
    }
}

/// A moment to the second.
pub(crate) fn moment(at: Timestamp) -> String {
    let whole = at.to_string();
    let seconds = whole.split('.').next().unwrap_or_default();
    format!("{seconds}Z")
}

/// Hours in which something was seen: one bit for each since the first hour of all.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Hours(Vec<u64>);

impl Hours {
    /// The most hours that are told apart; what is later counts to the last of them.
    pub(crate) const LIMIT: usize = 24 * 366;

    fn add(&mut self, hour: usize) {
        let hour = hour.min(Self::LIMIT - 1);
        let word = hour / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(bits) = self.0.get_mut(word) {
            *bits |= 1 << (hour % 64);
        }
    }

    fn join(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (bits, more) in self.0.iter_mut().zip(&other.0) {
            *bits |= more;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }
}
