//! In what manner something was asked: the sessions that it was asked in, and at what pace.
//!
//! A statement asks for a session only where every message showed what its session was, so that it allows all that was seen. A pace is
//! told, and what `rate` would hold it; no statement of a draft has one, because one busy minute says nothing of the next.

use std::collections::BTreeMap;

use model::{Operation, Timestamp, Value, Vocabulary};

/// The fields of a session, and the keys of statements that ask for them.
pub(super) const FIELDS: [(&str, &str); 3] = [
    ("security_mode", "security_modes"),
    ("security_policy", "security_policies"),
    ("identity", "identities"),
];

/// The sessions that something was asked in: how often each field showed what.
#[derive(Clone, Debug, Default)]
pub(super) struct Sessions {
    messages: u64,
    shown: [BTreeMap<Box<str>, u64>; FIELDS.len()],
}

/// What a statement asks of sessions: for each field the alternatives, or nothing.
pub(super) type Wanted = [Vec<String>; FIELDS.len()];

impl Sessions {
    pub(super) fn see(&mut self, operation: &Operation<'_>) {
        self.messages += 1;
        for ((field, _), shown) in FIELDS.iter().zip(&mut self.shown) {
            let Some(Value::Text(value)) = operation.detail.field(field) else {
                continue;
            };
            let word = value.rsplit('#').next().unwrap_or_default();
            if shown.len() < MAX_WORDS || shown.contains_key(word) {
                *shown.entry(word.into()).or_default() += 1;
            }
        }
    }

    pub(super) fn join(&mut self, other: &Self) {
        self.messages += other.messages;
        for (own, more) in self.shown.iter_mut().zip(&other.shown) {
            for (word, count) in more {
                *own.entry(word.clone()).or_default() += count;
            }
        }
    }

    /// What a statement can ask for that allows all of it: the words of fields that every message showed.
    pub(super) fn wanted(&self, of: Option<&Vocabulary>) -> Wanted {
        let choices = |field: &str| {
            let mut lists = of?.choices.iter();
            lists
                .find(|(name, _)| *name == field)
                .map(|(_, words)| *words)
        };
        let mut wanted = Wanted::default();
        for (((field, _), shown), list) in FIELDS.iter().zip(&self.shown).zip(&mut wanted) {
            let all: u64 = shown.values().sum();
            let known = |word: &str| choices(field).is_some_and(|words| words.contains(&word));
            if all == self.messages && shown.keys().all(|word| known(word)) {
                list.extend(shown.keys().map(|word| word.to_string()));
            }
        }
        wanted
    }

    /// What was seen, in words, and the wider rung.
    pub(super) fn words(&self, wanted: &Wanted) -> Vec<String> {
        let mut lines = Vec::new();
        for (((field, key), shown), list) in FIELDS.iter().zip(&self.shown).zip(wanted) {
            if shown.is_empty() {
                continue;
            }
            let each = shown
                .iter()
                .map(|(word, count)| format!("{word} {count} times"));
            let each: Vec<_> = each.collect();
            let rest = self.messages - shown.values().sum::<u64>().min(self.messages);
            let mut line = format!("{}: {}", field.replace('_', " "), each.join(", "));
            if rest > 0 {
                line.push_str(&format!(
                    "; {rest} did not show it, so that `{key}` is left out"
                ));
            } else if list.is_empty() {
                line.push_str(&format!("; no word of `{key}`, which is left out"));
            }
            lines.push(line);
        }
        lines
    }
}

/// How often something was asked in each minute.
#[derive(Clone, Debug, Default)]
pub(super) struct Pace {
    minute: i64,
    here: u64,
    /// The most of a minute.
    most: u64,
    /// The least of a minute that was over before the next began.
    least: Option<u64>,
    minutes: u64,
}

impl Pace {
    pub(super) fn see(&mut self, at: Timestamp) {
        let minute = at.as_nanos().div_euclid(MINUTE_NANOS);
        if self.minutes == 0 || minute != self.minute {
            // the first minute may have begun before anybody looked
            if self.minutes > 1 {
                self.least = Some(self.least.map_or(self.here, |least| least.min(self.here)));
            }
            if self.minutes > 0 && minute != self.minute + 1 {
                self.least = Some(0);
            }
            self.minutes += 1;
            self.minute = minute;
            self.here = 0;
        }
        self.here += 1;
        self.most = self.most.max(self.here);
    }

    /// Adds what the same client asked of the same server by another function.
    pub(super) fn beside(&mut self, other: &Self) {
        self.most += other.most;
        self.least = [self.least, other.least]
            .into_iter()
            .flatten()
            .reduce(|one, two| one + two);
        self.minutes = self.minutes.max(other.minutes);
    }

    /// Adds what another pair did.
    pub(super) fn like(&mut self, other: &Self) {
        self.most = self.most.max(other.most);
        self.least = [self.least, other.least].into_iter().flatten().min();
        self.minutes = match self.minutes {
            0 => other.minutes,
            minutes => minutes.min(other.minutes),
        };
    }

    /// The pace in words, and what would hold it, where it is steady.
    pub(super) fn words(&self) -> Option<String> {
        let least = self.least.filter(|_| self.minutes >= STEADY_MINUTES)?;
        let steady = least > 0 && self.most <= least.saturating_mul(2);
        // a window that opens in the middle of a minute reaches into the next
        let rate = self.most.saturating_mul(2);
        steady.then(|| {
            format!(
                "steady: {least} to {} a minute in {} minutes; `rate: {rate}/1m` would hold it",
                self.most, self.minutes
            )
        })
    }
}

/// The most words of one field that are remembered.
const MAX_WORDS: usize = 16;

/// How many minutes make a pace.
const STEADY_MINUTES: u64 = 5;

const MINUTE_NANOS: i64 = 60_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(minutes: &[u64]) -> Pace {
        let mut pace = Pace::default();
        for (minute, count) in (0..).zip(minutes) {
            for step in 0..*count {
                let nanos = minute * MINUTE_NANOS + i64::try_from(step).unwrap() * 1_000_000;
                pace.see(Timestamp::from_nanos(nanos));
            }
        }
        pace
    }

    #[test]
    fn steady_polling_has_a_pace_and_bursts_have_none() {
        let check = |minutes: &[u64], wanted: Option<&str>| {
            assert_eq!(pace(minutes).words().as_deref(), wanted, "{minutes:?}");
        };
        check(
            &[3, 60, 58, 61, 60, 7],
            Some("steady: 58 to 61 a minute in 6 minutes; `rate: 122/1m` would hold it"),
        );
        check(&[60, 60, 60, 60], None);
        check(&[60, 60, 2, 60, 60, 60], None);
        check(&[60, 60, 60, 0, 60, 60, 60], None);
        check(&[], None);
    }
}
