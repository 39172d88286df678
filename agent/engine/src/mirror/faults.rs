//! Which faults stand, since when, and what incidents tell of it.
//!
//! A fault that stands is one incident: it begins, it lasts as long as its sign does, and when it is
//! over the incident says so and is told again. One that comes back within the hour is the same
//! incident, counted; each time it has to last longer before it is believed, so that a mirror that
//! comes and goes does not flood anybody.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{Metric, Sample, Stamp, Tally, Timestamp};

use super::fault::Fault;
use super::signs::{Before, Sign};
use crate::incidents::Incidents;

/// Where incidents are written.
pub(crate) struct Book<'a> {
    pub(crate) incidents: &'a mut Incidents,
    pub(crate) tally: &'a mut Tally,
}

/// Every fault that stands or stood, by the port that it is about where it is about one.
#[derive(Debug, Default)]
pub(crate) struct Faults(BTreeMap<(Fault, Option<String>), Entry>);

#[derive(Debug, Default)]
struct Entry {
    state: State,
    reason: String,
    /// How often it stood within the last hour of it.
    episodes: u32,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// Not there.
    #[default]
    Absent,
    /// Its sign is there for so long, up to then, but is not believed yet. A beginning alone would not do: a clock that is set back would
    /// have it wait until that is there again.
    Held { lasts: Duration, seen: Timestamp },
    /// There.
    Standing { since: Timestamp },
    /// There no more.
    Over { since: Timestamp },
}

impl Faults {
    /// Whether a fault stands that is about no single port.
    pub(crate) fn before(&self, fault: Fault) -> Before {
        match self.0.get(&(fault, None)) {
            Some(entry) if entry.stands() => Before::Standing,
            _ => Before::Absent,
        }
    }

    /// Takes in what a sign says now.
    pub(crate) fn note(
        &mut self,
        fault: Fault,
        port: Option<&str>,
        sign: Sign,
        now: Timestamp,
        book: &mut Book<'_>,
    ) {
        let key = (fault, port.map(str::to_owned));
        if sign == Sign::Unclear || (sign == Sign::Fine && !self.0.contains_key(&key)) {
            return;
        }
        let entry = self.0.entry(key).or_default();
        match sign {
            Sign::Faulty(reason) => entry.faulty(fault, port, reason, now, book),
            Sign::Fine => entry.fine(fault, port, now, book),
            Sign::Unclear => {}
        }
    }

    /// Something happened that lasts no longer than the moment. What happens again meanwhile is counted, and its reason is the one that is told.
    pub(crate) fn happened(
        &mut self,
        fault: Fault,
        reason: String,
        now: Timestamp,
        book: &mut Book<'_>,
    ) {
        let entry = self.0.entry((fault, None)).or_default();
        if entry.stands() {
            book.incidents.repeat(&fault.rule(), at(now), reason);
        } else {
            entry.begin(fault, None, reason, now, book);
        }
    }

    /// Has what began by a clock that was set by `step` nanoseconds, to `to`, have begun by the new one.
    pub(crate) fn follow(&mut self, to: Timestamp, step: i64) {
        for entry in self.0.values_mut() {
            let (State::Held { seen: time, .. }
            | State::Standing { since: time }
            | State::Over { since: time }) = &mut entry.state
            else {
                continue;
            };
            // a step forward may be found out later: what is not before it was noted since
            if step < 0 || *time < to {
                *time = Timestamp::from_nanos(time.as_nanos().saturating_add(step));
            }
        }
    }

    /// A moment is over, a while after it.
    pub(crate) fn let_pass(&mut self, fault: Fault, now: Timestamp) {
        if let Some(entry) = self.0.get_mut(&(fault, None))
            && let State::Standing { since } = entry.state
            && (now.since(since) >= MOMENT || since > now)
        {
            entry.state = State::Over { since: now };
        }
    }

    /// For each fault whether it stands.
    pub(crate) fn samples(&self) -> impl Iterator<Item = Sample> + '_ {
        Fault::ALL.into_iter().map(|fault| {
            let mut entries = self.0.iter().filter(|((of, _), _)| *of == fault);
            let stands = entries.any(|(_, entry)| entry.stands());
            Sample {
                metric: Metric::MirrorFaults,
                labels: vec![fault.name().to_owned()],
                value: f64::from(u8::from(stands)),
            }
        })
    }
}

impl Entry {
    const fn stands(&self) -> bool {
        matches!(self.state, State::Standing { .. })
    }

    fn faulty(
        &mut self,
        fault: Fault,
        port: Option<&str>,
        reason: String,
        now: Timestamp,
        book: &mut Book<'_>,
    ) {
        match self.state {
            State::Standing { .. } => {
                if !reason.is_empty() {
                    self.reason = reason;
                }
                book.incidents.prolong(&fault.rule(), port, now);
            }
            State::Held { lasts, seen } => {
                let lasts = lasts + now.since(seen);
                if lasts < self.patience() {
                    self.state = State::Held { lasts, seen: now };
                } else {
                    self.begin(fault, port, reason, now, book);
                }
            }
            State::Over { since } if now.since(since) > FORGOTTEN => {
                self.episodes = 0;
                self.begin(fault, port, reason, now, book);
            }
            State::Over { .. } => {
                let lasts = Duration::ZERO;
                self.state = State::Held { lasts, seen: now };
            }
            State::Absent => self.begin(fault, port, reason, now, book),
        }
    }

    fn begin(
        &mut self,
        fault: Fault,
        port: Option<&str>,
        reason: String,
        now: Timestamp,
        book: &mut Book<'_>,
    ) {
        self.state = State::Standing { since: now };
        self.episodes = self.episodes.saturating_add(1);
        self.reason.clone_from(&reason);
        if fault != Fault::Loss {
            let finding = fault.finding(reason);
            book.incidents.stand(finding, port, at(now), book.tally);
        }
    }

    fn fine(&mut self, fault: Fault, port: Option<&str>, now: Timestamp, book: &mut Book<'_>) {
        match self.state {
            State::Standing { since } => {
                self.state = State::Over { since: now };
                let lasted = now.since(since).as_secs();
                let reason = format!("{}; this was over {lasted} s later", self.reason);
                if fault != Fault::Loss {
                    book.incidents.conclude(&fault.rule(), port, now, reason);
                }
            }
            State::Held { .. } => self.state = State::Over { since: now },
            // it is over for no longer than the clock shows that was set back since
            State::Over { since } if since > now => self.state = State::Over { since: now },
            State::Over { .. } | State::Absent => {}
        }
    }

    /// How long the sign must be there before it is believed again.
    fn patience(&self) -> Duration {
        let doublings = self.episodes.saturating_sub(1).min(5);
        PATIENCE * 2_u32.pow(doublings)
    }
}

/// A moment that no frame of one capture tells of alone.
const fn at(time: Timestamp) -> Stamp {
    Stamp::at(time)
}

/// How long the sign of a fault that came back must last at first.
const PATIENCE: Duration = Duration::from_secs(10);
/// After how long a fault that comes back is a new one.
const FORGOTTEN: Duration = Duration::from_secs(3600);
/// How long what happened in a moment is shown as a fault.
const MOMENT: Duration = Duration::from_secs(30);
