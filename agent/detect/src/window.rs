//! The memory of correlations: bounded, and moved by capture time alone.
//!
//! A group keeps at most as many entries as its correlation counts to; a correlation keeps at most
//! [`GROUPS`] groups, fewer where groups are large, so that it holds at most [`ENTRIES`] entries of
//! 16 bytes. When a new group finds no room, groups whose span is over go first, then the eighth
//! that was quiet longest, which [`Correlations::forgotten`] counts. When a group fires it starts
//! anew: a storm of a thousand events against a count of twenty fires fifty times.

use std::collections::HashMap;
use std::fmt::{self, Write};
use std::hash::RandomState;
use std::hash::{BuildHasher, Hasher};

use model::{Event, Timestamp};
use rsigma_eval::EventValue;

use crate::correlation::{Correlation, Counts, What};
use crate::fields::View;
use crate::rules::{Matches, RuleIndex, Rules};

/// The most groups that a correlation remembers.
const GROUPS: usize = 4096;

/// The most entries that a correlation remembers, all its groups together.
const ENTRIES: usize = 262_144;

/// What the correlations of one set of rules have seen.
#[derive(Debug, Default)]
pub struct Correlations {
    windows: Vec<Window>,
}

/// What one event adds to one correlation. Events may be read by several threads and are counted by one.
#[derive(Clone, Debug)]
pub struct Feed {
    /// The place of the correlation.
    correlation: usize,
    group: u64,
    entries: Vec<Option<u64>>,
}

impl Correlations {
    /// The memory of these rules' correlations, which have seen nothing yet.
    pub fn new(rules: &Rules) -> Self {
        let windows = rules.correlations.iter().map(|_| Window::default());
        Self {
            windows: windows.collect(),
        }
    }

    /// Takes what an event of that time adds, as [`Rules::feeds`] of the same rules told; answers with the correlations
    /// that fire now.
    ///
    /// The order of calls is the order of time. What was seen before a clock was set back is forgotten: how long ago it was, that
    /// clock does not tell.
    pub fn count(&mut self, rules: &Rules, feeds: &[Feed], now: Timestamp) -> Vec<RuleIndex> {
        let fires = |feed: &Feed| {
            let correlation = rules.correlations.get(feed.correlation)?;
            let window = self.windows.get_mut(feed.correlation)?;
            window
                .see(&correlation.counts, feed.group, &feed.entries, now)
                .then_some(correlation.rule)
        };
        feeds.iter().filter_map(fires).collect()
    }

    /// How many groups were dropped although their span was not over.
    pub fn forgotten(&self) -> u64 {
        self.windows.iter().map(|window| window.forgotten).sum()
    }
}

impl Rules {
    /// What an event adds to each correlation that counts one of the rules it matched.
    pub fn feeds(&self, matched: &Matches, event: &Event<'_>) -> Vec<Feed> {
        self.feeds_of(matched, &View::new(event, None))
    }

    pub(crate) fn feeds_of(&self, matched: &Matches, event: &impl rsigma_eval::Event) -> Vec<Feed> {
        let fed = |correlation: &Correlation| {
            let mut checks = matched.feeds.iter();
            checks.any(|check| correlation.counts_on(*check))
        };
        let correlations = self.correlations.iter().enumerate();
        correlations
            .filter(|(_, correlation)| fed(correlation))
            .map(|(place, correlation)| Feed {
                correlation: place,
                group: hash(&self.seed, event, &correlation.counts.group_by),
                entries: entries(&self.seed, correlation, &matched.feeds, event),
            })
            .collect()
    }
}

impl Correlation {
    fn counts_on(&self, check: u32) -> bool {
        self.checks.contains(&check)
    }
}

/// What one correlation has seen, by group.
#[derive(Debug, Default)]
struct Window {
    groups: HashMap<u64, Group>,
    forgotten: u64,
    made: u64,
}

#[derive(Debug)]
struct Group {
    /// Tells groups of one age apart, so that what is dropped does not hang on a map's order.
    number: u64,
    last: Timestamp,
    // INVARIANT: fewer than the correlation's threshold between calls.
    entries: Vec<(u64, Timestamp)>,
}

impl Window {
    /// Whether the group reaches its threshold with these entries.
    fn see(&mut self, counts: &Counts, group: u64, new: &[Option<u64>], now: Timestamp) -> bool {
        self.make_room(counts, group, now);
        let group = self.groups.entry(group).or_insert_with(|| {
            self.made += 1;
            Group {
                number: self.made,
                last: now,
                entries: Vec::new(),
            }
        });
        group.last = now;
        group
            .entries
            .retain(|(_, seen)| is_within(counts, *seen, now));
        for entry in new {
            group.add(*entry, now);
            if group.entries.len() >= counts.threshold {
                group.entries.clear();
                return true;
            }
        }
        false
    }

    fn make_room(&mut self, counts: &Counts, group: u64, now: Timestamp) {
        let room = (ENTRIES / counts.threshold.max(1)).min(GROUPS);
        if self.groups.len() < room || self.groups.contains_key(&group) {
            return;
        }
        self.groups
            .retain(|_, group| is_within(counts, group.last, now));
        if self.groups.len() < room {
            return;
        }
        let mut ages: Vec<_> = self
            .groups
            .iter()
            .map(|(key, group)| (group.last, group.number, *key))
            .collect();
        ages.sort_unstable();
        for (_, _, key) in ages.into_iter().take((room / 8).max(1)) {
            self.groups.remove(&key);
            self.forgotten += 1;
        }
    }
}

fn is_within(counts: &Counts, seen: Timestamp, now: Timestamp) -> bool {
    now.since(seen) <= counts.span && !now.is_set_back(seen)
}

impl Group {
    /// Adds an entry; one that is there already becomes young again.
    fn add(&mut self, entry: Option<u64>, now: Timestamp) {
        let known = entry.and_then(|entry| self.entries.iter_mut().find(|(old, _)| *old == entry));
        match known {
            Some((_, seen)) => *seen = now,
            None => self.entries.push((entry.unwrap_or_default(), now)),
        }
    }
}

/// What an event adds to its group; an entry without identity counts each time.
fn entries(
    seed: &RandomState,
    correlation: &Correlation,
    matched: &[u32],
    event: &impl rsigma_eval::Event,
) -> Vec<Option<u64>> {
    match &correlation.counts.what {
        What::Events => vec![None],
        What::Values(fields) => match fields.as_slice() {
            [field] => each(seed, event.get_field(field)),
            fields => vec![Some(hash(seed, event, fields))],
        },
        What::Rules => {
            let ours = matched
                .iter()
                .filter(|check| correlation.counts_on(**check));
            ours.map(|check| Some(u64::from(*check))).collect()
        }
    }
}

/// The values of a field, one by one; none where the event has no such field.
fn each(seed: &RandomState, value: Option<EventValue<'_>>) -> Vec<Option<u64>> {
    let one = |value: &EventValue<'_>| {
        let mut hasher = seed.build_hasher();
        mix(&mut hasher, value);
        Some(hasher.finish())
    };
    match value {
        None => Vec::new(),
        Some(EventValue::Array(values)) => values.iter().map(one).collect(),
        Some(value) => vec![one(&value)],
    }
}

fn hash(seed: &RandomState, event: &impl rsigma_eval::Event, fields: &[String]) -> u64 {
    let mut hasher = seed.build_hasher();
    for field in fields {
        let value = event.get_field(field).unwrap_or(EventValue::Null);
        mix(&mut hasher, &value);
        hasher.write_u8(0xff);
    }
    hasher.finish()
}

/// Numbers count as their digits, so that examples and live events group alike.
fn mix(hasher: &mut impl Hasher, value: &EventValue<'_>) {
    match value {
        EventValue::Array(values) => values.iter().for_each(|value| mix(hasher, value)),
        EventValue::Str(text) => hasher.write(text.as_bytes()),
        EventValue::Null | EventValue::Map(_) => hasher.write_u8(0xfe),
        EventValue::Int(number) => digits(hasher, number),
        EventValue::Float(number) => digits(hasher, number),
        EventValue::Bool(truth) => digits(hasher, truth),
    }
}

fn digits(hasher: &mut impl Hasher, value: impl fmt::Display) {
    // Writing into a hasher does not fail.
    let _ = write!(Digits(hasher), "{value}");
}

struct Digits<'h, H>(&'h mut H);

impl<H: Hasher> Write for Digits<'_, H> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn counts(what: What, threshold: usize) -> Counts {
        Counts {
            what,
            group_by: Vec::new(),
            span: Duration::from_secs(60),
            threshold,
        }
    }

    const fn at(secs: i64) -> Timestamp {
        Timestamp::from_nanos(secs * 1_000_000_000)
    }

    #[test]
    fn the_nth_event_within_the_span_fires_and_the_group_starts_anew() {
        let counts = counts(What::Events, 3);
        let mut window = Window::default();
        let fired = [0, 10, 20, 30, 40, 50, 500, 561, 562]
            .map(|secs| window.see(&counts, 1, &[None], at(secs)));
        assert_eq!(
            fired,
            [false, false, true, false, false, true, false, false, false]
        );
    }

    #[test]
    fn what_was_seen_before_a_clock_was_set_back_is_forgotten() {
        let counts = counts(What::Events, 3);
        let mut window = Window::default();
        let fired = [100_000, 100_000, 0, 50, 100, 105]
            .map(|secs| window.see(&counts, 1, &[None], at(secs)));
        assert_eq!(fired, [false, false, false, false, false, true]);
    }

    #[test]
    fn a_value_seen_again_counts_once() {
        let counts = counts(What::Values(Vec::new()), 3);
        let mut window = Window::default();
        let fired = [7, 7, 8, 7, 8, 9].map(|value| window.see(&counts, 1, &[Some(value)], at(1)));
        assert_eq!(fired, [false, false, false, false, false, true]);
    }

    #[test]
    fn strangers_cannot_make_the_memory_grow() {
        let counts = counts(What::Events, 1024);
        let room = ENTRIES / 1024;
        let mut window = Window::default();
        for group in 0..10_000 {
            window.see(&counts, group, &[None], at(1));
            assert!(window.groups.len() <= room);
        }
        assert!(window.forgotten >= 10_000 - room as u64);
        assert!(window.groups.contains_key(&9_999));
        assert!(!window.groups.contains_key(&0));
    }

    #[test]
    fn groups_whose_span_is_over_are_not_counted_as_forgotten() {
        let counts = counts(What::Events, 1024);
        let mut window = Window::default();
        for group in 0..10_000 {
            let later = i64::try_from(group).unwrap() * 10;
            window.see(&counts, group, &[None], at(later));
        }
        assert_eq!(window.forgotten, 0);
    }
}
