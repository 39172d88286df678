//! What of incidents is worth telling, and when; and which are over (docs/decisions/0005-incidents-are-told-late-and-again.md).

use std::time::Duration;

use model::{Incident, IncidentOutcome, Timestamp};

use super::open::Open;
use super::{IncidentId, Incidents};

/// What was last told of an incident to whoever asks for changes.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) struct Told {
    count: u64,
    outcome: IncidentOutcome,
}

/// How far incidents were looked through for some that grew.
#[derive(Default)]
pub(super) struct Round {
    /// The first that was not looked at yet.
    place: usize,
    /// When some were found last.
    found: Option<Timestamp>,
}

impl Incidents {
    /// Incidents that are worth telling since they were last told: new ones once their answer had
    /// time to come, known ones when their outcome changed or their count grew tenfold, and what they came to once they can
    /// grow no more. `all` tells every change.
    pub(crate) fn changed(&mut self, now: Timestamp, all: bool) -> Vec<Incident> {
        let mut changed = Vec::new();
        for place in 0..self.open.len() {
            let Some(open) = self.open.get(place) else {
                continue;
            };
            let tell = Told {
                count: open.count,
                outcome: open.outcome(),
            };
            let worth = match open.told {
                None => {
                    let first = open.first.time;
                    all || now.since(first) >= SETTLE || now.is_set_back(first)
                }
                Some(told) if all => told != tell,
                Some(told) if now.since(open.last.time) > self.silence => told != tell,
                Some(told) => told.outcome != tell.outcome || tell.count / 10 >= told.count,
            };
            if worth {
                changed.push(self.incident(open));
                if let Some(open) = self.open.get_mut(place) {
                    open.told = Some(tell);
                    open.kept_count = open.count;
                }
            }
        }
        changed
    }

    /// Incidents that grew since they were told, and too little to be told again: what is kept of them is to be brought up to
    /// date. At most [`AT_ONCE`] at a time, and a minute after the last of them the next ones.
    pub(crate) fn grown(&mut self, now: Timestamp) -> Vec<Incident> {
        let mut grown = Vec::new();
        if !self.round.goes_on(now, self.open.len()) {
            return grown;
        }
        while let Some(open) = self.open.get(self.round.place)
            && grown.len() < AT_ONCE
        {
            if open.told.is_some() && open.count > open.kept_count {
                grown.push(self.incident(open));
                if let Some(open) = self.open.get_mut(self.round.place) {
                    open.kept_count = open.count;
                }
            }
            self.round.place += 1;
        }
        if !grown.is_empty() {
            self.round.found = Some(now);
        }
        grown
    }

    /// Forgets incidents that were told and then silent for so long that they cannot grow.
    pub(crate) fn forget_silent(&mut self, now: Timestamp) -> bool {
        let silence = self.silence;
        let before = self.open.len();
        let is_over = |open: &Open| {
            let told = Some(Told {
                count: open.count,
                outcome: open.outcome(),
            });
            open.told == told && now.since(open.last.time) > silence
        };
        if !self.open.iter().any(is_over) {
            return false;
        }
        self.open.retain(|open| !is_over(open));
        self.by_cause.clear();
        for (place, open) in self.open.iter().enumerate() {
            let id = IncidentId(u32::try_from(place).unwrap_or(u32::MAX));
            self.by_cause.insert(open.cause.clone(), id);
        }
        self.open.len() != before
    }
}

impl Round {
    /// Whether some of so many are to be looked at now.
    fn goes_on(&mut self, now: Timestamp, len: usize) -> bool {
        let is_due = |found| now.since(found) >= PAUSE || now.is_set_back(found);
        if self.place >= len && self.found.is_none_or(is_due) {
            self.place = 0;
        }
        self.place < len
    }
}

/// How many incidents that grew are handed over at a time.
const AT_ONCE: usize = 64;
/// How long none of them is, after that.
const PAUSE: Duration = Duration::from_secs(60);
/// How long a new incident waits for its answer before it is told, in capture time.
const SETTLE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use model::{Stamp, Tally};

    use super::*;
    use crate::scene::Scene;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_nanos(secs * 1_000_000_000)
    }

    fn stamp(secs: i64) -> Stamp {
        Stamp::new(1, at(secs), 0)
    }

    struct Plant {
        incidents: Incidents,
        tally: Tally,
    }

    impl Default for Plant {
        fn default() -> Self {
            let hour = Duration::from_secs(3600);
            Self {
                incidents: Incidents::new(128, hour, "site".to_owned(), "sensor".to_owned()),
                tally: Tally::default(),
            }
        }
    }

    impl Plant {
        fn find(&mut self, rule: &str, secs: i64) -> IncidentId {
            let mut finding = crate::sensor::too_many_incidents();
            rule.clone_into(&mut finding.rule);
            let scene = Scene::of_sensor();
            let Self { incidents, tally } = self;
            let found = incidents.fold(vec![finding], stamp(secs), &scene, tally);
            found.unwrap()
        }

        fn again(&mut self, id: IncidentId, secs: i64) {
            assert_eq!(self.incidents.again(id, stamp(secs)), id);
        }

        fn told(&mut self, secs: i64) -> Vec<u64> {
            let told = self.incidents.changed(at(secs), false);
            told.iter().map(|it| it.count).collect()
        }

        fn grown(&mut self, secs: i64) -> Vec<u64> {
            let grown = self.incidents.grown(at(secs));
            grown.iter().map(|it| it.count).collect()
        }
    }

    #[test]
    fn what_an_incident_came_to_is_told_before_it_is_forgotten() {
        let mut plant = Plant::default();
        let first = plant.find("rule", 0);
        assert_eq!(plant.told(5), [1]);
        for secs in 6..10 {
            plant.again(first, secs);
        }
        assert_eq!(plant.told(20), [0; 0]);
        assert!(!plant.incidents.forget_silent(at(20)));
        assert_eq!(plant.told(7_200), [5]);
        assert!(plant.incidents.forget_silent(at(7_200)));
        assert!(plant.incidents.ranked().is_empty());
    }

    #[test]
    fn what_grew_is_brought_up_to_date_once_a_minute_without_being_told() {
        let mut plant = Plant::default();
        let first = plant.find("rule", 0);
        assert_eq!(plant.grown(1), [0; 0], "nobody was told of it");
        assert_eq!(plant.told(2), [1]);
        assert_eq!(plant.grown(2), [0; 0]);
        plant.again(first, 3);
        assert_eq!(plant.grown(3), [2]);
        plant.again(first, 4);
        assert_eq!(plant.grown(4), [0; 0]);
        assert_eq!(plant.grown(62), [0; 0]);
        plant.again(first, 63);
        assert_eq!((plant.told(63), plant.grown(63)), (vec![], vec![4]));
        assert_eq!(plant.grown(200), [0; 0], "it did not grow");
        for _ in 5..10 {
            plant.again(first, 201);
        }
        assert_eq!(plant.told(201), [0; 0]);
        plant.again(first, 202);
        assert_eq!((plant.told(202), plant.grown(202)), (vec![10], vec![]));
        plant.again(first, 203);
        let told = plant.incidents.changed(at(203), true);
        assert_eq!(told.iter().map(|it| it.count).collect::<Vec<_>>(), [11]);
    }

    #[test]
    fn what_grew_comes_in_parts_and_each_once() {
        let mut plant = Plant::default();
        let rules: Vec<_> = (0..AT_ONCE + 6).map(|it| it.to_string()).collect();
        let all: Vec<_> = rules.iter().map(|rule| plant.find(rule, 0)).collect();
        assert_eq!(plant.told(2).len(), all.len());
        all.iter().for_each(|id| plant.again(*id, 3));
        let parts = [3, 4, 5, 63, 64].map(|secs| plant.grown(secs).len());
        assert_eq!(parts, [AT_ONCE, 6, 0, 0, 0]);
        all.iter().for_each(|id| plant.again(*id, 64));
        let parts = [64, 65, 66].map(|secs| plant.grown(secs).len());
        assert_eq!(parts, [AT_ONCE, 6, 0]);
    }

    #[test]
    fn what_grew_does_not_wait_for_a_clock_that_was_set_back() {
        let mut plant = Plant::default();
        let first = plant.find("rule", 90_000);
        assert_eq!(plant.told(90_002), [1]);
        plant.again(first, 90_003);
        assert_eq!(plant.grown(90_003), [2]);
        plant.again(first, 3_600);
        assert_eq!(plant.grown(3_600), [3]);
        plant.again(first, 3_601);
        assert_eq!(plant.grown(3_601), [0; 0]);
    }

    #[test]
    fn an_incident_is_not_kept_until_a_clock_that_was_set_back_is_there_again() {
        let mut plant = Plant::default();
        plant.find("rule", 90_000);
        assert_eq!(plant.told(90_001), [0; 0]);
        assert_eq!(plant.told(3_600), [1]);
        assert_eq!(plant.told(3_601), [0; 0]);
    }
}
