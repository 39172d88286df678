//! Folding: findings with one cause become one incident.
//!
//! A cause is a judge's rule, a client, a server (or the unit of it that is an asset of its own), a
//! protocol and a verb, and the version of the policy that decided: what a new version still forbids is
//! a new incident, so that none counts what another version judged. What differs within it
//! (targets, functions, frames) is collected in bounded lists; ten thousand equal violations are
//! one incident with its count. What several judges find in one message is one incident as well:
//! the policy speaks before the rules, the rules before the baseline, and the others are named.

use std::time::Duration;

use foldhash::quality::RandomState;
use hashbrown::HashMap;
use model::{
    Counter, Finding, Host, Incident, IncidentOutcome, IncidentParty, Metric, Outcome, Sample,
    Severity, Stamp, Tally, Timestamp, Unit, Verb,
};
use policy::Criticality;

use crate::priority::priority;
use crate::scene::Scene;
use crate::wording::{self, sentence};

/// An incident's place in [`Incidents`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct IncidentId(u32);

impl IncidentId {
    /// No incident: nothing is found under it.
    pub(crate) const NONE: Self = Self(u32::MAX);
}

/// How often each end of a message of an incident was seen.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    done: u64,
    refused: u64,
    unanswered: u64,
}

/// An incident that still grows.
struct Open {
    cause: Cause,
    finding: Finding,
    parties: Option<[IncidentParty; 2]>,
    criticality: Criticality,
    count: u64,
    ends: Ends,
    first: Stamp,
    last: Stamp,
    // INVARIANT: at most `FRAMES_LIMIT`, in the order they were seen.
    frames: Vec<u64>,
    // INVARIANT: at most `TARGETS_LIMIT` different ones; the rest is only counted.
    targets: Vec<String>,
    more_targets: u64,
    // INVARIANT: at most `ALSO_LIMIT` different ones, sorted.
    also: Vec<String>,
    told: Option<Told>,
}

/// What was last told of an incident to whoever asks for changes.
#[derive(Clone, Copy, Eq, PartialEq)]
struct Told {
    count: u64,
    outcome: IncidentOutcome,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Cause {
    rule: String,
    parties: Option<[Host; 2]>,
    part: Option<Unit>,
    subject: Option<String>,
    protocol: Option<&'static str>,
    verb: Option<Verb>,
    /// The version of the policy that decided, where a policy did.
    version: Option<String>,
}

impl Cause {
    /// Something about the sensor itself.
    fn of_sensor(rule: &str, subject: Option<&str>) -> Self {
        Self {
            rule: rule.to_owned(),
            parties: None,
            part: None,
            subject: subject.map(str::to_owned),
            protocol: None,
            verb: None,
            version: None,
        }
    }
}

/// Every incident of this run, folded.
pub(crate) struct Incidents {
    open: Vec<Open>,
    by_cause: HashMap<Cause, IncidentId, RandomState>,
    limit: usize,
    silence: Duration,
    findings: HashMap<(model::Kind, String), u64, RandomState>,
    opened: HashMap<(model::Kind, Severity), u64, RandomState>,
    site: String,
    sensor: String,
}

/// How many frames an incident names as evidence: the first ones, and the last.
const FRAMES_LIMIT: usize = 16;
/// How many different targets an incident names.
const TARGETS_LIMIT: usize = 6;
/// How many other rules an incident names.
const ALSO_LIMIT: usize = 8;
/// How long a new incident waits for its answer before it is told, in capture time.
const SETTLE: Duration = Duration::from_secs(2);

impl Incidents {
    pub(crate) fn new(limit: usize, silence: Duration, site: String, sensor: String) -> Self {
        Self {
            open: Vec::new(),
            by_cause: HashMap::default(),
            limit,
            silence,
            findings: HashMap::default(),
            opened: HashMap::default(),
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
        findings.sort_by_key(|finding| (finding.kind, std::cmp::Reverse(finding.severity)));
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
            None => Some(self.open(cause, first, &others, stamp, scene)),
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
        let Some(open) = self.open.get_mut(id.0 as usize) else {
            return;
        };
        match outcome {
            Some(Outcome::Done) => open.ends.done += 1,
            Some(Outcome::Refused { .. }) => open.ends.refused += 1,
            None => open.ends.unanswered += 1,
        }
    }

    /// Every incident, most urgent first.
    pub(crate) fn ranked(&self) -> Vec<Incident> {
        let mut all: Vec<_> = self.open.iter().map(|open| self.incident(open)).collect();
        all.sort_by(|a, b| {
            let key = |i: &Incident| (i.priority, std::cmp::Reverse(i.severity), i.first);
            key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
        });
        all
    }

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

    fn open(
        &mut self,
        cause: Cause,
        mut finding: Finding,
        others: &[Finding],
        stamp: Stamp,
        scene: &Scene,
    ) -> IncidentId {
        if let Some(consequence) = &scene.consequence {
            finding.response.consequence.clone_from(consequence);
        }
        let mut open = Open {
            cause,
            finding,
            parties: scene.parties.as_ref().map(|parties| parties.shown.clone()),
            criticality: scene.criticality,
            count: 1,
            ends: Ends::default(),
            first: stamp,
            last: stamp,
            frames: evidence(stamp),
            targets: Vec::new(),
            more_targets: 0,
            also: Vec::new(),
            told: None,
        };
        open.add_targets(&scene.targets);
        open.corroborate(others);
        self.insert(open)
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
        self.open(cause, finding, &[], stamp, &Scene::of_sensor())
    }

    fn grow(&mut self, id: IncidentId, stamp: Stamp) {
        let Some(open) = self.open.get_mut(id.0 as usize) else {
            return;
        };
        open.count += 1;
        open.last = stamp;
        if open.frames.last() == Some(&stamp.frame) {
            return;
        }
        if open.frames.len() == FRAMES_LIMIT {
            open.frames.pop();
        }
        open.frames.push(stamp.frame);
    }

    fn is_silent(&self, id: IncidentId, now: Timestamp) -> bool {
        self.open
            .get(id.0 as usize)
            .is_some_and(|open| now.since(open.last.time) > self.silence)
    }

    fn incident(&self, open: &Open) -> Incident {
        let outcome = open.outcome();
        let (client, server) = match &open.parties {
            Some([client, server]) => (Some(client), Some(server)),
            None => (None, None),
        };
        let target = open.target();
        let finding = &open.finding;
        let sentence = sentence(&wording::Scene {
            client,
            server,
            protocol: open.cause.protocol,
            verb: open.cause.verb,
            target: target.as_deref(),
            title: &finding.title,
            because: &finding.because,
            outcome,
            count: open.count,
        });
        Incident {
            id: self.identifier(open),
            kind: finding.kind,
            rule: finding.rule.clone(),
            also: open.also.clone(),
            title: finding.title.clone(),
            sentence,
            severity: finding.severity,
            priority: priority(
                finding.severity,
                open.criticality,
                outcome,
                finding.confidence,
            ),
            confidence: finding.confidence,
            outcome,
            count: open.count,
            first: open.first.time,
            last: open.last.time,
            frames: open.frames.clone(),
            client: client.cloned(),
            server: server.cloned(),
            protocol: open.cause.protocol.map(str::to_owned),
            verb: open.cause.verb.map(|verb| verb.name().to_owned()),
            target,
            because: finding.because.clone(),
            technique: finding.technique.clone(),
            owner: finding.response.owner.clone(),
            action: finding.response.action.clone(),
            consequence: finding.response.consequence.clone(),
            respond_within: finding.response.respond_within.clone(),
            site: self.site.clone(),
            sensor: self.sensor.clone(),
        }
    }

    /// The same for the same plant, cause and first frame, on every run.
    fn identifier(&self, open: &Open) -> String {
        let Cause {
            rule,
            parties,
            part,
            subject,
            protocol,
            verb,
            version: _,
        } = &open.cause;
        let part = part.map_or_else(String::new, |unit| format!(" {unit}"));
        let subject = || subject.clone().unwrap_or_default();
        let parties = parties.map_or_else(subject, |[c, s]| format!("{c}|{s}{part}"));
        let verb = verb.map_or("", Verb::name);
        let text = format!(
            "{}|{rule}|{parties}|{}|{verb}|{}",
            self.site,
            protocol.unwrap_or(""),
            open.first.time.as_nanos()
        );
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        digest
            .as_ref()
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

impl Open {
    /// The worst that was seen counts; an answer that is still due is worse than a refusal.
    fn outcome(&self) -> IncidentOutcome {
        let Ends {
            done,
            refused,
            unanswered,
        } = self.ends;
        match () {
            () if done > 0 => IncidentOutcome::Succeeded,
            () if self.count > refused + unanswered => IncidentOutcome::Attempted,
            () if unanswered > 0 => IncidentOutcome::Unanswered,
            () => IncidentOutcome::Refused,
        }
    }

    fn add_targets(&mut self, targets: &[String]) {
        for target in targets {
            if self.targets.contains(target) {
                continue;
            }
            if self.targets.len() < TARGETS_LIMIT {
                self.targets.push(target.clone());
            } else {
                self.more_targets += 1;
            }
        }
    }

    /// Takes in what other judges found in the same message: the worst severity and the highest
    /// confidence count, and a technique that was not known.
    fn corroborate(&mut self, others: &[Finding]) {
        for other in others {
            self.finding.severity = self.finding.severity.max(other.severity);
            self.finding.confidence = self.finding.confidence.max(other.confidence);
            if self.finding.technique.is_none() {
                self.finding.technique.clone_from(&other.technique);
            }
            if self.also.len() < ALSO_LIMIT && !self.also.contains(&other.rule) {
                self.also.push(other.rule.clone());
                self.also.sort();
            }
        }
    }

    fn target(&self) -> Option<String> {
        let named = self.targets.join(", ");
        match (self.targets.is_empty(), self.more_targets) {
            (true, _) => None,
            (false, 0) => Some(named),
            (false, more) => Some(format!("{named} and {more} more")),
        }
    }

    fn reopened(&self, stamp: Stamp) -> Self {
        Self {
            cause: self.cause.clone(),
            finding: self.finding.clone(),
            parties: self.parties.clone(),
            criticality: self.criticality,
            count: 1,
            ends: Ends::default(),
            first: stamp,
            last: stamp,
            frames: evidence(stamp),
            targets: self.targets.clone(),
            more_targets: self.more_targets,
            also: self.also.clone(),
            told: None,
        }
    }
}

/// The frame of a stamp, where a frame showed it: they are counted from 1.
fn evidence(stamp: Stamp) -> Vec<u64> {
    (stamp.frame > 0)
        .then_some(stamp.frame)
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
