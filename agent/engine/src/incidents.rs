//! Folding: findings with one cause become one incident.
//!
//! A cause is a judge's rule, a client, a server (or the unit of it that is an asset of its own), a
//! protocol and a verb, and the version of the policy that decided: what a new version still forbids is
//! a new incident, so that none counts what another version judged. What differs within it
//! (targets, functions, frames) is collected in bounded lists; ten thousand equal violations are
//! one incident with its count. What several judges find in one message is one incident as well:
//! the policy speaks before the rules, the rules before the baseline, and the others are named.

mod open;
mod telling;
mod written;

use std::cmp::Reverse;
use std::time::Duration;

use foldhash::quality::RandomState;
use hashbrown::HashMap;
use model::{Counter, Finding, Kind, Metric, Outcome, Sample, Severity, Stamp, Tally, Timestamp};

use self::open::{Cause, Open};
use self::telling::Round;
use crate::scene::Scene;

/// An incident's place in [`Incidents`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct IncidentId(u32);

impl IncidentId {
    /// No incident: nothing is found under it.
    pub(crate) const NONE: Self = Self(u32::MAX);
}

/// Of what was found in one message, that by which it is folded.
pub(crate) fn leading(findings: &[Finding]) -> Option<&Finding> {
    findings.iter().min_by_key(|finding| rank(finding))
}

/// Who speaks first.
const fn rank(finding: &Finding) -> (Kind, Reverse<Severity>) {
    (finding.kind, Reverse(finding.severity))
}

/// Every incident of this run, folded.
pub(crate) struct Incidents {
    open: Vec<Open>,
    by_cause: HashMap<Cause, IncidentId, RandomState>,
    limit: usize,
    silence: Duration,
    findings: HashMap<(Kind, String), u64, RandomState>,
    opened: HashMap<(Kind, Severity), u64, RandomState>,
    round: Round,
    site: String,
    sensor: String,
}

impl Incidents {
    pub(crate) fn new(limit: usize, silence: Duration, site: String, sensor: String) -> Self {
        Self {
            open: Vec::new(),
            by_cause: HashMap::default(),
            limit,
            silence,
            findings: HashMap::default(),
            opened: HashMap::default(),
            round: Round::default(),
            site,
            sensor,
        }
    }

    /// Folds what the judges found in one message into the incident of its cause, or opens one.
    pub(crate) fn fold(
        &mut self,
        mut findings: Vec<Finding>,
        stamp: Stamp,
        scene: &Scene,
        tally: &mut Tally,
    ) -> Option<IncidentId> {
        for finding in &findings {
            *self
                .findings
                .entry((finding.kind, finding.rule.clone()))
                .or_default() += 1;
        }
        findings.sort_by_key(rank);
        let mut findings = findings.into_iter();
        let first = findings.next()?;
        let others: Vec<_> = findings.collect();
        let cause = Cause {
            rule: first.rule.clone(),
            parties: scene.parties.as_ref().map(|parties| parties.hosts),
            part: scene.part,
            subject: scene.subject.clone(),
            protocol: scene.protocol,
            verb: scene.verb,
            version: first.because.policy_version.clone(),
        };
        let known = self.by_cause.get(&cause).copied();
        match known.filter(|id| !self.is_silent(*id, stamp.time)) {
            Some(id) => {
                self.grow(id, stamp);
                if let Some(open) = self.open.get_mut(id.0 as usize) {
                    open.add_targets(&scene.targets);
                    open.corroborate(&others);
                }
                Some(id)
            }
            None if self.open.len() >= self.limit => Some(self.overflow(stamp, tally)),
            None => Some(self.insert(Open::new(cause, first, &others, stamp, scene))),
        }
    }

    /// Says that something about the sensor itself is so from now on, for `subject` where it is about one thing of many.
    pub(crate) fn stand(
        &mut self,
        finding: Finding,
        subject: Option<&str>,
        stamp: Stamp,
        tally: &mut Tally,
    ) {
        let reason = finding.because.reason.clone();
        let scene = Scene::of_subject(subject);
        let id = self.fold(vec![finding], stamp, &scene, tally);
        let open = id.and_then(|id| self.open.get_mut(id.0 as usize));
        if let Some(open) = open.filter(|open| open.count > 1) {
            open.finding.because.reason = reason;
            open.told = None;
        }
    }

    /// Says that it happened once more, and why, which is nothing to tell at once.
    pub(crate) fn repeat(&mut self, rule: &str, stamp: Stamp, reason: String) {
        if let Some(open) = self.standing(rule, None) {
            open.grow(stamp);
            open.finding.because.reason = reason;
        }
    }

    /// Says that it is still so.
    pub(crate) fn prolong(&mut self, rule: &str, subject: Option<&str>, now: Timestamp) {
        if let Some(open) = self.standing(rule, subject) {
            open.last.time = open.last.time.max(now);
        }
    }

    /// Says that it is so no more, and is to be told again.
    pub(crate) fn conclude(
        &mut self,
        rule: &str,
        subject: Option<&str>,
        now: Timestamp,
        reason: String,
    ) {
        if let Some(open) = self.standing(rule, subject) {
            open.last.time = open.last.time.max(now);
            open.finding.because.reason = reason;
            open.told = None;
        }
    }

    /// The incident about the sensor itself that is open.
    fn standing(&mut self, rule: &str, subject: Option<&str>) -> Option<&mut Open> {
        let cause = Cause::of_sensor(rule, subject);
        let id = *self.by_cause.get(&cause)?;
        self.open.get_mut(id.0 as usize)
    }

    /// Counts one more message of an incident. After a long silence it is a new incident, whose
    /// identifier is returned.
    pub(crate) fn again(&mut self, id: IncidentId, stamp: Stamp) -> IncidentId {
        if !self.is_silent(id, stamp.time) || self.open.len() >= self.limit {
            self.grow(id, stamp);
            return id;
        }
        let Some(old) = self.open.get(id.0 as usize) else {
            return id;
        };
        let reopened = old.reopened(stamp);
        self.insert(reopened)
    }

    /// Notes how a message of an incident ended; `None` where nobody answered.
    pub(crate) fn end(&mut self, id: IncidentId, outcome: Option<Outcome>) {
        if let Some(open) = self.open.get_mut(id.0 as usize) {
            open.end(outcome);
        }
    }

    pub(crate) fn samples(&self) -> Vec<Sample> {
        let findings = self.findings.iter().map(|((kind, rule), count)| Sample {
            metric: Metric::Findings,
            labels: vec![kind.name().to_owned(), rule.clone()],
            value: *count as f64,
        });
        let opened = self.opened.iter().map(|((kind, severity), count)| Sample {
            metric: Metric::Incidents,
            labels: vec![kind.name().to_owned(), severity.name().to_owned()],
            value: *count as f64,
        });
        let open = Sample {
            metric: Metric::OpenIncidents,
            labels: Vec::new(),
            value: self.open.len() as f64,
        };
        findings.chain(opened).chain([open]).collect()
    }

    fn insert(&mut self, open: Open) -> IncidentId {
        let id = IncidentId(u32::try_from(self.open.len()).unwrap_or(u32::MAX));
        *self
            .opened
            .entry((open.finding.kind, open.finding.severity))
            .or_default() += 1;
        self.by_cause.insert(open.cause.clone(), id);
        self.open.push(open);
        id
    }

    fn overflow(&mut self, stamp: Stamp, tally: &mut Tally) -> IncidentId {
        tally.add(Counter::LimitIncidents, 1);
        let finding = crate::sensor::too_many_incidents();
        let cause = Cause::of_sensor(&finding.rule, None);
        if let Some(id) = self.by_cause.get(&cause).copied() {
            self.grow(id, stamp);
            return id;
        }
        self.insert(Open::new(cause, finding, &[], stamp, &Scene::of_sensor()))
    }

    fn grow(&mut self, id: IncidentId, stamp: Stamp) {
        if let Some(open) = self.open.get_mut(id.0 as usize) {
            open.grow(stamp);
        }
    }

    fn is_silent(&self, id: IncidentId, now: Timestamp) -> bool {
        self.open
            .get(id.0 as usize)
            .is_some_and(|open| now.since(open.last.time) > self.silence)
    }
}
