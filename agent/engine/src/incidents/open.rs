//! One incident that still grows: its cause, how often it happened, and what differs within it.

use std::hash::BuildHasher as _;

use foldhash::quality::FixedState;
use model::{Finding, Host, IncidentOutcome, IncidentParty, Outcome, Stamp, Unit, Verb};
use policy::Criticality;

use super::telling::Told;
use crate::scene::Scene;

/// An incident that still grows.
pub(super) struct Open {
    pub(super) cause: Cause,
    pub(super) finding: Finding,
    pub(super) parties: Option<[IncidentParty; 2]>,
    pub(super) criticality: Criticality,
    pub(super) count: u64,
    ends: Ends,
    pub(super) first: Stamp,
    pub(super) last: Stamp,
    // INVARIANT: at most `FRAMES_LIMIT`, in the order they were seen.
    pub(super) frames: Vec<u64>,
    // INVARIANT: at most `TARGETS_LIMIT` different ones.
    targets: Vec<String>,
    /// Hashes of the others, by which each of them is counted once.
    // INVARIANT: at most `OTHERS_LIMIT` different ones, sorted.
    other_targets: Vec<u64>,
    /// Whether there are more than those.
    has_more_targets: bool,
    // INVARIANT: at most `ALSO_LIMIT` different ones, sorted.
    pub(super) also: Vec<String>,
    pub(super) told: Option<Told>,
    /// The count that was handed over last, to be told or only to be kept.
    pub(super) kept_count: u64,
}

/// How often each end of a message of an incident was seen.
#[derive(Clone, Copy, Debug, Default)]
struct Ends {
    done: u64,
    refused: u64,
    unanswered: u64,
}

/// What findings of one incident have in common.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Cause {
    pub(super) rule: String,
    pub(super) parties: Option<[Host; 2]>,
    pub(super) part: Option<Unit>,
    pub(super) subject: Option<String>,
    pub(super) protocol: Option<&'static str>,
    pub(super) verb: Option<Verb>,
    /// The version of the policy that decided, where a policy did.
    pub(super) version: Option<String>,
}

impl Cause {
    /// Something about the sensor itself.
    pub(super) fn of_sensor(rule: &str, subject: Option<&str>) -> Self {
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

impl Open {
    /// One that happened once.
    pub(super) fn new(
        cause: Cause,
        mut finding: Finding,
        others: &[Finding],
        stamp: Stamp,
        scene: &Scene,
    ) -> Self {
        if let Some(consequence) = &scene.consequence {
            finding.response.consequence.clone_from(consequence);
        }
        let mut open = Self {
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
            other_targets: Vec::new(),
            has_more_targets: false,
            also: Vec::new(),
            told: None,
            kept_count: 0,
        };
        open.add_targets(&scene.targets);
        open.corroborate(others);
        open
    }

    /// It happened once more.
    pub(super) fn grow(&mut self, stamp: Stamp) {
        self.count += 1;
        self.last = stamp;
        if self.frames.last() == Some(&stamp.frame()) {
            return;
        }
        if self.frames.len() == FRAMES_LIMIT {
            self.frames.pop();
        }
        self.frames.push(stamp.frame());
    }

    /// A message of it ended; `None` where nobody answered.
    pub(super) const fn end(&mut self, outcome: Option<Outcome>) {
        match outcome {
            Some(Outcome::Done) => self.ends.done += 1,
            Some(Outcome::Refused { .. }) => self.ends.refused += 1,
            None => self.ends.unanswered += 1,
        }
    }

    /// The worst that was seen counts; an answer that is still due is worse than a refusal.
    pub(super) fn outcome(&self) -> IncidentOutcome {
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

    /// Takes in what a message of it was about.
    pub(super) fn add_targets(&mut self, targets: &[String]) {
        for target in targets {
            if self.targets.contains(target) {
                continue;
            }
            if self.targets.len() < TARGETS_LIMIT {
                self.targets.push(target.clone());
            } else {
                self.count_target(target);
            }
        }
    }

    /// Counts a target that is not named, once.
    fn count_target(&mut self, target: &str) {
        let hash = HASHES.hash_one(target);
        let Err(place) = self.other_targets.binary_search(&hash) else {
            return;
        };
        if self.other_targets.len() < OTHERS_LIMIT {
            self.other_targets.insert(place, hash);
        } else {
            self.has_more_targets = true;
        }
    }

    /// Takes in what other judges found in the same message: the worst severity and the highest
    /// confidence count, and a technique that was not known.
    pub(super) fn corroborate(&mut self, others: &[Finding]) {
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

    /// What its messages were about.
    pub(super) fn target(&self) -> Option<String> {
        let named = self.targets.join(", ");
        match (self.targets.is_empty(), self.other_targets.len()) {
            (true, _) => None,
            (false, 0) => Some(named),
            (false, others) if self.has_more_targets => {
                Some(format!("{named} and more than {others} more"))
            }
            (false, others) => Some(format!("{named} and {others} more")),
        }
    }

    /// Another of its kind, that happened once.
    pub(super) fn reopened(&self, stamp: Stamp) -> Self {
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
            other_targets: self.other_targets.clone(),
            has_more_targets: self.has_more_targets,
            also: self.also.clone(),
            told: None,
            kept_count: 0,
        }
    }
}

/// The frame of a stamp, where a frame showed it: they are counted from 1.
fn evidence(stamp: Stamp) -> Vec<u64> {
    (stamp.frame() > 0)
        .then_some(stamp.frame())
        .into_iter()
        .collect()
}

/// How many frames an incident names as evidence: the first ones, and the last.
const FRAMES_LIMIT: usize = 16;
/// How many different targets an incident names.
const TARGETS_LIMIT: usize = 6;
/// How many others it tells from each other.
const OTHERS_LIMIT: usize = 512;
/// Its seed may be known: whoever makes two targets of one hash has them counted as one, and gains nothing else.
const HASHES: FixedState = FixedState::with_seed(0x7461_7267);
/// How many other rules an incident names.
const ALSO_LIMIT: usize = 8;

#[cfg(test)]
mod tests {
    use model::{Because, Kind, Response, Severity};

    use super::*;

    fn open() -> Open {
        let finding = Finding {
            kind: Kind::Policy,
            rule: "policy.unzoned".to_owned(),
            title: String::new(),
            severity: Severity::High,
            confidence: 100,
            because: Because::default(),
            technique: None,
            response: Response {
                owner: String::new(),
                action: String::new(),
                consequence: String::new(),
                respond_within: String::new(),
            },
        };
        let cause = Cause::of_sensor("policy.unzoned", None);
        Open::new(cause, finding, &[], Stamp::default(), &Scene::of_sensor())
    }

    #[test]
    fn each_target_is_counted_once_however_often_it_is_found_anew() {
        let mut open = open();
        let targets = |count: usize| Vec::from_iter((0..count).map(|number| format!("DB{number}")));
        let named = "DB0, DB1, DB2, DB3, DB4, DB5";
        for (count, others) in [
            (6, ""),
            (120, " and 114 more"),
            (120, " and 114 more"),
            (518, " and 512 more"),
            (700, " and more than 512 more"),
        ] {
            open.add_targets(&targets(count));
            assert_eq!(open.target(), Some(format!("{named}{others}")));
        }
    }
}
