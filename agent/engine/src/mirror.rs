//! Whether the mirror shows the sensor everything that it should.
//!
//! Once in each second of capture time the counters of all rooms are compared with those of a
//! second before, every fifth second with a look over the flows; what they are the signs of
//! ([`signs`]) becomes an incident about the sensor that lasts as long as the fault ([`faults`]).
//! Frames pay one comparison for it. While ports are listened on, [`Engine::beat`](crate::Engine::beat) adds
//! what only the ports and the clocks of the machine tell: a port that is down, silence, drops, a clock that was set.
//!
//! Seconds are whole ones of capture time, so that a recording of a port tells what the port told,
//! but for these four.

mod clock;
mod fault;
mod faults;
mod ports;
mod recent;
mod signs;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;
use std::time::Duration;

use flow::Survey;
use model::{Counter, Sample, Stamp, Tally, Timestamp};

use crate::scene::Scene;
use clock::{Clock, Judged, Leap};
use fault::Fault;
use faults::Faults;
use ports::Watched;
use recent::Recent;
use signs::{LOOK, Sign};

pub(crate) use faults::Book;
pub use ports::{PortReading, Reading};

/// What is watched of the mirror.
#[derive(Debug)]
pub(crate) struct Mirror {
    /// The second of capture time that is counted now.
    second: Timestamp,
    has_begun: bool,
    recent: Recent,
    ports: Vec<Watched>,
    /// Whether a port was down a moment ago.
    was_down: bool,
    clock: Clock,
    leap: Option<Leap>,
    faults: Faults,
}

/// What there is to look at.
pub(crate) struct Sight<'a> {
    pub(crate) tally: &'a Tally,
    pub(crate) survey: &'a dyn Fn(&RangeInclusive<Timestamp>) -> Survey,
    pub(crate) policy_names_vlans: bool,
}

/// What moves capture time on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum By {
    /// A frame.
    Frame,
    /// The clock of the machine, on a port that may be quiet.
    Clock,
}

impl Mirror {
    /// Nothing was seen yet.
    pub(crate) fn new() -> Self {
        Self {
            second: Timestamp::from_nanos(i64::MIN),
            has_begun: false,
            recent: Recent::default(),
            ports: Vec::new(),
            was_down: false,
            clock: Clock::default(),
            leap: None,
            faults: Faults::default(),
        }
    }

    /// Whether a time is within the second that is counted now.
    #[inline(always)]
    pub(crate) const fn is_within(&self, time: Timestamp) -> bool {
        let ahead = time.as_nanos().wrapping_sub(self.second.as_nanos());
        (ahead as u64) < SECOND
    }

    /// Capture time has come to another second, or gone back.
    pub(crate) fn pass(&mut self, time: Timestamp, by: By, sight: &Sight<'_>, book: &mut Book<'_>) {
        let second = whole(time);
        let ahead = second.as_nanos().saturating_sub(self.second.as_nanos());
        if !self.has_begun {
            (self.has_begun, self.second) = (true, second);
        } else if ahead > 0 {
            self.go_on(time, by, ahead as u64 / SECOND, sight, book);
            self.second = second;
        } else if by == By::Frame && self.second.since(time) >= BACK {
            let step = time.as_nanos().saturating_sub(self.second.as_nanos());
            // where a clock is watched it tells, and exactly
            if !self.clock.is_watched() {
                self.stepped(time, step, book);
            }
            self.recent.end_second(sight.tally);
            self.second = second;
            if let Some(leap) = &mut self.leap {
                leap.follow(second);
            }
        }
    }

    /// The capture is over: judges the second that has begun.
    pub(crate) fn close(&mut self, sight: &Sight<'_>, book: &mut Book<'_>) {
        if self.has_begun {
            self.recent.end_second(sight.tally);
            let end = self.second.after(Duration::from_nanos(SECOND));
            self.judge(end, LookAt::Always, sight, book);
        }
    }

    /// Takes in what ports and clocks tell.
    pub(crate) fn read(&mut self, reading: &Reading<'_>, book: &mut Book<'_>) {
        let Reading { now, steady, .. } = *reading;
        if let Some(step) = self.clock.step(now, steady) {
            self.stepped(now, step, book);
            self.second = whole(now);
        }
        for (place, port) in reading.ports.iter().enumerate() {
            if self.ports.len() <= place {
                self.ports.push(Watched::new(port, steady));
            }
            let Some(watched) = self.ports.get_mut(place) else {
                continue;
            };
            for (fault, sign) in [
                (Fault::PortDown, watched.down(port, steady)),
                (Fault::Silence, watched.silence(port, steady)),
                (Fault::Drops, watched.drops(port, steady)),
            ] {
                self.faults.note(fault, Some(port.name), sign, now, book);
            }
        }
        self.was_down = self.ports.iter().any(|port| port.was_down(steady));
    }

    /// Takes in of what the payload was left out lately, where it was of any.
    pub(crate) fn overload(&mut self, shed: Option<String>, now: Timestamp, book: &mut Book<'_>) {
        let sign = shed.map_or(Sign::Fine, Sign::Faulty);
        self.faults.note(Fault::Overload, None, sign, now, book);
    }

    /// Says what of conversations was lost, unless frames that were cut short or a port that was down explain it.
    pub(crate) fn tell_losses(&self, lost: Vec<Stamp>, tally: &Tally, book: &mut Book<'_>) {
        let now = self.recent.unended(tally);
        let is_cut = now.short > 0 || self.recent.last(LOOK).short > 0;
        let is_explained = is_cut || self.was_down;
        for stamp in lost {
            if !is_explained {
                let finding = Fault::Loss.finding(LOST.to_owned());
                let scene = Scene::of_sensor();
                book.incidents
                    .fold(vec![finding], stamp, &scene, book.tally);
            }
        }
    }

    pub(crate) fn samples(&self) -> impl Iterator<Item = Sample> + '_ {
        let ports = self.ports.iter().flat_map(Watched::samples);
        self.faults.samples().chain(ports)
    }

    /// Ends the second, and those without a frame behind it.
    fn go_on(
        &mut self,
        time: Timestamp,
        by: By,
        seconds: u64,
        sight: &Sight<'_>,
        book: &mut Book<'_>,
    ) {
        for passed in 1..=seconds.min(recent::KEPT as u64) {
            self.recent.end_second(sight.tally);
            if passed == 1 && by == By::Frame && !self.clock.is_watched() {
                let leapt = Duration::from_secs(seconds);
                self.leap = Leap::after(&self.recent, time, leapt).or(self.leap);
            }
            let end = self.second.after(Duration::from_secs(passed));
            self.judge(end, LookAt::EveryFifth, sight, book);
        }
    }

    /// Judges by all signs what is known at the end of a second.
    fn judge(&mut self, now: Timestamp, look: LookAt, sight: &Sight<'_>, book: &mut Book<'_>) {
        self.judge_counts(now, book);
        let is_time = now.as_nanos().rem_euclid(LOOK_NANOS) == 0;
        if is_time || look == LookAt::Always {
            self.judge_flows(now, sight, book);
        }
        self.judge_leap(now, sight, book);
        self.faults.let_pass(Fault::ClockStep, now);
    }

    fn judge_counts(&mut self, now: Timestamp, book: &mut Book<'_>) {
        let Self { recent, faults, .. } = self;
        for (fault, sign) in [
            (
                Fault::Duplicates,
                signs::duplicates(recent, faults.before(Fault::Duplicates)),
            ),
            (
                Fault::CutShort,
                signs::cut_short(recent, faults.before(Fault::CutShort)),
            ),
            (Fault::Loss, signs::loss(recent)),
        ] {
            faults.note(fault, None, sign, now, book);
        }
    }

    fn judge_flows(&mut self, now: Timestamp, sight: &Sight<'_>, book: &mut Book<'_>) {
        let Self {
            recent,
            faults,
            ports,
            ..
        } = self;
        if recent.last(LOOK).frames == 0 {
            return;
        }
        let since = now.as_nanos().saturating_sub(LOOK_NANOS);
        let survey = (sight.survey)(&(Timestamp::from_nanos(since)..=now.after(BACK)));
        let several = ports.iter().filter(|port| port.frames > 0).count() > 1;
        let split = match several {
            true => signs::split(recent, &survey),
            false => Sign::Unclear,
        };
        let stripped = signs::tags_stripped(recent, &survey, sight.policy_names_vlans);
        for (fault, sign) in [
            (
                Fault::OneDirection,
                signs::one_direction(recent, &survey, faults.before(Fault::OneDirection)),
            ),
            (Fault::TagsStripped, stripped),
            (Fault::Split, split),
        ] {
            faults.note(fault, None, sign, now, book);
        }
    }

    fn judge_leap(&mut self, now: Timestamp, sight: &Sight<'_>, book: &mut Book<'_>) {
        let Some(mut leap) = self.leap.filter(|leap| leap.since < now) else {
            return;
        };
        let talking = (sight.survey)(&(leap.since..=now.after(BACK))).talking;
        self.leap = match leap.judge(&self.recent, talking) {
            Judged::Open => Some(leap),
            Judged::Pause => None,
            Judged::Step => {
                let step = i64::try_from(leap.by.as_nanos()).unwrap_or(i64::MAX);
                self.stepped(leap.to, step, book);
                None
            }
        };
    }

    /// The clock was set by so many nanoseconds.
    fn stepped(&mut self, to: Timestamp, step: i64, book: &mut Book<'_>) {
        let (counter, way) = match step {
            ..0 => (Counter::ClockSetBack, "back"),
            _ => (Counter::ClockSetForward, "forward"),
        };
        book.tally.add(counter, 1);
        let size = Duration::from_nanos(step.unsigned_abs());
        let reason = format!("it went {way} by {:.1} s, to {to}", size.as_secs_f64());
        self.faults.follow(to, step);
        self.faults.let_pass(Fault::ClockStep, to);
        self.faults.happened(Fault::ClockStep, reason, to, book);
    }
}

/// When the flows are looked over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum LookAt {
    EveryFifth,
    Always,
}

/// The second that a time is in.
const fn whole(time: Timestamp) -> Timestamp {
    let nanos = time.as_nanos();
    Timestamp::from_nanos(nanos.saturating_sub(nanos.rem_euclid(SECOND as i64)))
}

const SECOND: u64 = 1_000_000_000;
const LOOK_NANOS: i64 = LOOK as i64 * SECOND as i64;
/// How far a frame may lie behind the second that is counted: mirrors and several queues of an interface reorder a little.
pub(crate) const BACK: Duration = Duration::from_secs(2);
const LOST: &str = "stream bytes that both ends have never reached the sensor";
