//! Moments of every kind: one for each set of statements that hold at the same time.
//!
//! Beginning with a moment that is handed in, time is walked from turn to turn for a bit more than a year, and for
//! some days behind each later limit. What held before is not compared.

use std::collections::{BTreeSet, HashMap, HashSet};

use model::Timestamp;

use super::Gaps;
use crate::policy::{Grant, Policy};
use crate::when::{Held, When};

/// Moments that differ in what holds.
pub(crate) struct Moments {
    of: HashMap<(usize, Kind), usize>,
    // INVARIANT: each has an entry for each `When`.
    all: Vec<(Timestamp, Vec<bool>)>,
}

/// What tells two `When`s apart.
type Kind = (Option<crate::when::ScheduleId>, Option<i64>, Option<i64>);

fn kind(when: &When) -> Kind {
    let nanos = |at: Option<Timestamp>| at.map(Timestamp::as_nanos);
    (
        when.schedule,
        nanos(when.period.from),
        nanos(when.period.until),
    )
}

/// One `When` of one policy while time is walked.
struct Track<'a> {
    policy: &'a Policy,
    when: When,
    holds: bool,
    until: Timestamp,
}

impl Moments {
    /// The moments of two policies from a moment on.
    pub(crate) fn of(policies: [&Policy; 2], now: Timestamp, gaps: &mut Gaps) -> Self {
        let mut of = HashMap::new();
        let mut tracks = Vec::new();
        for (side, policy) in policies.into_iter().enumerate() {
            for when in policy.grants.iter().filter_map(|grant| grant.when) {
                of.entry((side, kind(&when))).or_insert_with(|| {
                    tracks.push(Track {
                        policy,
                        when,
                        holds: false,
                        until: FIRST,
                    });
                    tracks.len() - 1
                });
            }
        }
        let mut walk = Walk {
            tracks,
            seen: HashSet::new(),
            all: Vec::new(),
            left: MAX_TURNS,
        };
        let end = later(now, YEAR_SECS);
        walk.walk(now, end);
        let edges: BTreeSet<Timestamp> = walk.edges().filter(|edge| *edge > end).collect();
        for edge in edges {
            walk.walk(edge, later(edge, WEEK_SECS));
        }
        if walk.left == 0 {
            gaps.add("all times at which schedules open and close in the next year");
        }
        Self { of, all: walk.all }
    }

    /// The first moment of all.
    pub(crate) fn first(&self) -> Timestamp {
        self.all.first().map_or(FIRST, |(at, _)| *at)
    }

    /// Every moment, with whether each of the statements holds.
    pub(crate) fn between<'a>(
        &'a self,
        grants: &'a [(usize, &'a Grant)],
    ) -> impl Iterator<Item = (Timestamp, Vec<bool>)> + 'a {
        let places: Vec<Option<usize>> = grants
            .iter()
            .map(|(side, grant)| {
                let when = grant.when.as_ref()?;
                self.of.get(&(*side, kind(when))).copied()
            })
            .collect();
        self.all.iter().map(move |(at, holds)| {
            let of = |place: &Option<usize>| {
                place.is_none_or(|place| holds.get(place).copied().unwrap_or(true))
            };
            (*at, places.iter().map(of).collect())
        })
    }
}

struct Walk<'a> {
    tracks: Vec<Track<'a>>,
    seen: HashSet<Vec<bool>>,
    all: Vec<(Timestamp, Vec<bool>)>,
    left: usize,
}

impl Walk<'_> {
    fn walk(&mut self, from: Timestamp, to: Timestamp) {
        let mut at = from;
        self.tracks.iter_mut().for_each(|track| track.until = FIRST);
        while at <= to && self.left > 0 {
            self.left -= 1;
            let mut next = LAST;
            for track in &mut self.tracks {
                track.turn(at);
                next = next.min(track.until);
            }
            let holds: Vec<bool> = self.tracks.iter().map(|track| track.holds).collect();
            if self.seen.insert(holds.clone()) {
                self.all.push((at, holds));
            }
            match next.as_nanos().checked_add(1) {
                Some(nanos) => at = Timestamp::from_nanos(nanos),
                None => return,
            }
        }
    }

    fn edges(&self) -> impl Iterator<Item = Timestamp> {
        let periods = self.tracks.iter().map(|track| track.when.period);
        periods
            .flat_map(|period| [period.from, period.until])
            .flatten()
    }
}

impl Track<'_> {
    fn turn(&mut self, at: Timestamp) {
        if at > self.until {
            let calendar = &self.policy.calendar;
            self.holds = self.when.holds(at, calendar) == Held::Holds;
            self.until = self.when.span(at, calendar).1;
        }
    }
}

fn later(at: Timestamp, secs: i64) -> Timestamp {
    Timestamp::from_nanos(
        at.as_nanos()
            .saturating_add(secs.saturating_mul(1_000_000_000)),
    )
}

const FIRST: Timestamp = Timestamp::from_nanos(i64::MIN);
const LAST: Timestamp = Timestamp::from_nanos(i64::MAX);

/// A year and some days, so that every date and both changes of clocks are met.
const YEAR_SECS: i64 = 370 * 86_400;

const WEEK_SECS: i64 = 8 * 86_400;

/// How many turns of all schedules together are looked at.
const MAX_TURNS: usize = 20_000;
