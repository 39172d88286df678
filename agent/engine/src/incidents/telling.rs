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
                }
            }
        }
        changed
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

/// How long a new incident waits for its answer before it is told, in capture time.
const SETTLE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use model::{Stamp, Tally};

    use super::*;
    use crate::scene::Scene;

    #[test]
    fn what_an_incident_came_to_is_told_before_it_is_forgotten() {
        let at = |secs: i64| Stamp {
            frame: 1,
            time: Timestamp::from_nanos(secs * 1_000_000_000),
            source: 0,
        };
        let hour = Duration::from_secs(3600);
        let mut incidents = Incidents::new(8, hour, "site".to_owned(), "sensor".to_owned());
        let (finding, mut tally) = (crate::sensor::too_many_incidents(), Tally::default());
        let id = incidents.fold(vec![finding], at(0), &Scene::of_sensor(), &mut tally);
        assert_eq!(incidents.changed(at(5).time, false).len(), 1);
        for secs in 6..10 {
            incidents.again(id.unwrap(), at(secs));
        }
        assert_eq!(incidents.changed(at(20).time, false).len(), 0);
        assert!(!incidents.forget_silent(at(20).time));
        let told = incidents.changed(at(7_200).time, false);
        assert_eq!(told.iter().map(|it| it.count).collect::<Vec<_>>(), [5]);
        assert!(incidents.forget_silent(at(7_200).time));
        assert!(incidents.ranked().is_empty());
    }

    #[test]
    fn an_incident_is_not_kept_until_a_clock_that_was_set_back_is_there_again() {
        let at = |secs: i64| Timestamp::from_nanos(secs * 1_000_000_000);
        let stamp = Stamp {
            frame: 1,
            time: at(90_000),
            source: 0,
        };
        let hour = Duration::from_secs(3600);
        let mut incidents = Incidents::new(8, hour, "site".to_owned(), "sensor".to_owned());
        let (finding, mut tally) = (crate::sensor::too_many_incidents(), Tally::default());
        incidents.fold(vec![finding], stamp, &Scene::of_sensor(), &mut tally);
        assert_eq!(incidents.changed(at(90_001), false).len(), 0);
        assert_eq!(incidents.changed(at(3_600), false).len(), 1);
        assert_eq!(incidents.changed(at(3_601), false).len(), 0);
    }
}
