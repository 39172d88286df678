//! Counts whose labels are protocols and verbs.

use std::ops::AddAssign;

use decode::PROTOCOLS;
use model::{AnomalyKind, Metric, Operation, Sample, Stage, Verb};

/// One protocol's counts.
#[derive(Clone, Debug)]
pub(crate) struct Counts {
    pub(crate) protocol: &'static str,
    operations: [[u64; 3]; Verb::ALL.len()],
    anomalies: [u64; AnomalyKind::ALL.len()],
    pub(crate) streams: u64,
    pub(crate) malformed: u64,
    pub(crate) unanswered: u64,
    pub(crate) resynchronisations: u64,
    pub(crate) skipped_bytes: u64,
}

impl Counts {
    const fn new(protocol: &'static str) -> Self {
        Self {
            protocol,
            operations: [[0; 3]; Verb::ALL.len()],
            anomalies: [0; AnomalyKind::ALL.len()],
            streams: 0,
            malformed: 0,
            unanswered: 0,
            resynchronisations: 0,
            skipped_bytes: 0,
        }
    }

    /// One list entry per protocol, in the registry's order.
    pub(crate) fn all() -> Vec<Self> {
        PROTOCOLS
            .iter()
            .map(|protocol| Self::new(protocol.vocabulary.name))
            .collect()
    }

    #[inline]
    pub(crate) fn operation(&mut self, operation: &Operation<'_>) {
        let verb = self.operations.get_mut(operation.function.verb as usize);
        if let Some(count) = verb.and_then(|stages| stages.get_mut(operation.stage as usize)) {
            *count += 1;
        }
    }

    pub(crate) fn anomaly(&mut self, kind: AnomalyKind) {
        if let Some(count) = self.anomalies.get_mut(kind as usize) {
            *count += 1;
        }
    }

    /// How often each rule of the protocol was broken, where it was.
    pub(crate) fn anomalies(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let counted = AnomalyKind::ALL.into_iter().zip(self.anomalies);
        counted
            .filter(|(_, count)| *count > 0)
            .map(|(kind, count)| (kind.name(), count))
    }

    /// How many messages were decoded.
    pub(crate) fn messages(&self) -> u64 {
        self.operations.iter().flatten().sum()
    }

    /// How many messages of each verb were decoded, requests and answers alike.
    pub(crate) fn verbs(&self) -> impl Iterator<Item = (Verb, u64)> + '_ {
        Verb::ALL
            .into_iter()
            .zip(&self.operations)
            .map(|(verb, stages)| (verb, stages.iter().sum()))
            .filter(|(_, count)| *count > 0)
    }

    /// Everything as samples.
    pub(crate) fn samples(&self) -> Vec<Sample> {
        let sample = |metric, labels: &[&str], value: u64| Sample {
            metric,
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            value: value as f64,
        };
        let name = self.protocol;
        let mut samples = vec![
            sample(Metric::Streams, &[name], self.streams),
            sample(Metric::Malformed, &[name], self.malformed),
            sample(Metric::Unanswered, &[name], self.unanswered),
            sample(Metric::Resyncs, &[name], self.resynchronisations),
            sample(Metric::SkippedBytes, &[name], self.skipped_bytes),
        ];
        for (verb, stages) in Verb::ALL.into_iter().zip(&self.operations) {
            for (stage, count) in STAGES.into_iter().zip(stages) {
                let labels = [name, verb.name(), stage.name()];
                samples.push(sample(Metric::Operations, &labels, *count));
            }
        }
        for (kind, count) in AnomalyKind::ALL.into_iter().zip(&self.anomalies) {
            samples.push(sample(Metric::Anomalies, &[name, kind.name()], *count));
        }
        samples
    }
}

impl AddAssign<&Self> for Counts {
    fn add_assign(&mut self, other: &Self) {
        let stages = self.operations.iter_mut().flatten();
        let stages = stages.zip(other.operations.iter().flatten());
        let anomalies = self.anomalies.iter_mut().zip(&other.anomalies);
        stages.chain(anomalies).for_each(|(sum, part)| *sum += part);
        self.streams += other.streams;
        self.malformed += other.malformed;
        self.unanswered += other.unanswered;
        self.resynchronisations += other.resynchronisations;
        self.skipped_bytes += other.skipped_bytes;
    }
}

/// In the order of their discriminants.
const STAGES: [Stage; 3] = [Stage::Request, Stage::Response, Stage::Other];
