//! One screen of what was seen, and what was not.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use model::{Metric, Sample, Tally, Timestamp, Verb, Verdict};
use policy::Policy;
use serde::Serialize;

use crate::journal::Order;
use crate::judgement::Judgements;

/// What a run has seen so far.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Capture time of the first frame.
    pub first: Option<Timestamp>,
    /// Capture time of the last frame.
    pub last: Option<Timestamp>,
    /// Every counter of the rooms below.
    #[serde(skip)]
    pub tally: Tally,
    /// What each protocol carried.
    pub protocols: Vec<ProtocolSummary>,
    /// Whether operations were judged against a policy.
    pub judged: bool,
    /// Operations by verdict.
    pub verdicts: BTreeMap<&'static str, u64>,
    /// Flows that carry none of the protocols.
    pub foreign_flows: u64,
    /// What each work order of the policy covered.
    pub orders: Vec<Order>,
    /// Open incidents.
    pub incidents: usize,
}

/// What one protocol carried.
#[derive(Clone, Debug, Serialize)]
pub struct ProtocolSummary {
    /// Its name.
    pub protocol: &'static str,
    /// Flows.
    pub flows: u64,
    /// Messages.
    pub messages: u64,
    /// Messages by verb.
    pub verbs: BTreeMap<Verb, u64>,
    /// Messages that could not be read.
    pub malformed: u64,
    /// Requests without an answer.
    pub unanswered: u64,
    /// Messages that break the rules of the protocol, by rule; rules that all kept are absent.
    pub anomalies: BTreeMap<&'static str, u64>,
}

/// Operations by verdict and the conduit that decided.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdicts(BTreeMap<(&'static str, String), u64>);

impl Verdicts {
    /// Adds what judgements counted.
    pub(crate) fn add(&mut self, policy: Option<&Policy>, judgements: &Judgements) {
        let mut by_verdict: BTreeMap<(&'static str, Option<u32>), u64> = BTreeMap::new();
        let counted = judgements
            .iter()
            .filter_map(|(judgement, count)| Some((judgement.verdict?, count)));
        for (verdict, count) in counted {
            *by_verdict
                .entry((verdict.name(), statement(verdict)))
                .or_default() += count;
        }
        for ((verdict, statement), count) in by_verdict {
            let name = policy
                .zip(statement)
                .map(|(policy, id)| policy.statement(model::StatementId(id)).conduit.to_owned());
            *self
                .0
                .entry((verdict, name.unwrap_or_default()))
                .or_default() += count;
        }
    }

    pub(crate) fn by_verdict(&self) -> BTreeMap<&'static str, u64> {
        let mut totals = BTreeMap::from(Verdict::NAMES.map(|verdict| (verdict, 0)));
        for ((verdict, _), count) in &self.0 {
            *totals.entry(verdict).or_default() += count;
        }
        totals
    }

    pub(crate) fn samples(&self) -> Vec<Sample> {
        let sample = |((verdict, conduit), count): (&(&'static str, String), &u64)| Sample {
            metric: Metric::Verdicts,
            labels: vec![(*verdict).to_owned(), conduit.clone()],
            value: *count as f64,
        };
        self.0.iter().map(sample).collect()
    }
}

impl AddAssign<&Self> for Verdicts {
    fn add_assign(&mut self, other: &Self) {
        for (of, count) in &other.0 {
            *self.0.entry(of.clone()).or_default() += count;
        }
    }
}

/// The number of the statement that decided.
pub(crate) const fn statement(verdict: Verdict) -> Option<u32> {
    match verdict {
        Verdict::Conforms { to } => Some(to.0),
        Verdict::Violates { of: Some(of), .. } | Verdict::Shadow { of } => Some(of.0),
        Verdict::Violates { of: None, .. } | Verdict::Unzoned { .. } | Verdict::Unknown { .. } => {
            None
        }
    }
}
