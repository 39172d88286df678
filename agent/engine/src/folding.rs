//! From what was judged to incidents: what a finding is about, and how its messages ended.

use std::sync::Arc;

use model::{Finding, Operation, Outcome, Stamp, Timestamp, Verb};

use crate::deed::Deed;
use crate::doubts::Doubt;
use crate::edge::EdgeId;
use crate::inventory::Lesson;
use crate::judgement::JudgementId;
use crate::judging::Judging;
use crate::scene::{Parties, Scene};
use crate::ties::Ties;
use crate::watch::Context;

/// How many targets of one message an incident looks at.
const SCENE_TARGETS: usize = 16;
/// How many losses wait for the end of their second; the rest is only counted.
const LOST_LIMIT: usize = 4096;

impl Judging {
    /// Where an operation was seen.
    pub(crate) fn scene(&self, edge: EdgeId, operation: &Operation<'_>) -> Option<Arc<Scene>> {
        let resolved = self.edges.of(edge)?;
        let policy = self.policy.as_deref();
        let mut targets = Vec::new();
        operation.detail.targets(&mut |target| {
            if targets.len() < SCENE_TARGETS {
                targets.push(target.to_string());
            }
        });
        let part = resolved.part(operation.unit);
        let consequence = resolved.consequence(policy, operation.unit);
        Some(Arc::new(Scene {
            parties: Some(Parties::new(resolved.parties(policy, operation.unit), part)),
            part,
            subject: None,
            protocol: Some(resolved.protocol),
            verb: Some(operation.function.verb),
            targets,
            criticality: resolved.criticality(policy, operation.unit),
            consequence: consequence.map(str::to_owned),
        }))
    }

    /// A message that breaks its protocol, or bytes that contradict each other.
    #[cold]
    pub(crate) fn broken(&mut self, context: &Context<'_>, ties: &mut Ties, finding: Finding) {
        let edge = self.edge(context, ties);
        self.broken_on(edge, context.stamp, finding);
    }

    /// An answer that nobody seems to have asked for.
    #[cold]
    pub(crate) fn doubted(&mut self, context: &Context<'_>, ties: &mut Ties, finding: Finding) {
        let edge = self.edge(context, ties);
        let stamp = context.stamp;
        let doubt = Doubt {
            edge,
            stamp,
            finding,
        };
        if let Some(doubt) = self.doubts.wait(doubt) {
            self.broken_on(edge, stamp, doubt.finding);
        }
    }

    /// Tells of answers that nobody asked for, once that is sure; of all without `now`.
    pub(crate) fn settle_doubts(&mut self, now: Option<Timestamp>) {
        for doubt in self.doubts.settle(now) {
            self.broken_on(doubt.edge, doubt.stamp, doubt.finding);
        }
    }

    fn broken_on(&mut self, edge: EdgeId, stamp: Stamp, finding: Finding) {
        let Some(resolved) = self.edges.of(edge) else {
            return;
        };
        let policy = self.policy.as_deref();
        let scene = Scene {
            parties: Some(Parties::new(resolved.parties(policy, None), None)),
            protocol: Some(resolved.protocol),
            criticality: resolved.criticality(policy, None),
            ..Scene::of_sensor()
        };
        self.deeds.found_once(vec![finding], stamp, scene);
    }

    /// Stream bytes that were never seen.
    #[cold]
    pub(crate) fn lost(&mut self, context: &Context<'_>, ties: &mut Ties, missing_bytes: u64) {
        if let Some(watch) = &mut self.watch {
            watch.gap(context, missing_bytes);
        }
        let edge = self.edge(context, ties);
        self.doubts.lose(edge, context.stamp.time);
        if self.lost.len() < LOST_LIMIT {
            self.lost.push(context.stamp);
        }
    }

    /// An answer: says how the incidents of its request, and its own, ended.
    #[inline]
    pub(crate) fn ended(
        &mut self,
        at: Timestamp,
        edge: EdgeId,
        id: JudgementId,
        operation: &Operation<'_>,
    ) {
        if self.edges.is_flagged(edge) {
            self.end(edge, id, operation);
        }
        if operation.function.verb == Verb::Identify
            && let Some(edge) = self.edges.of(edge)
        {
            let parties = [edge.client, edge.server];
            let lesson = Lesson::of_identity(parties, operation, at);
            let learned = lesson.map(|lesson| Deed::Learned(Box::new(lesson)));
            learned.into_iter().for_each(|deed| self.deeds.push(deed));
        }
    }

    #[cold]
    fn end(&mut self, edge: EdgeId, id: JudgementId, operation: &Operation<'_>) {
        let request = operation
            .answers
            .and_then(|request| self.judgements.request(edge, request.signature));
        let outcome = operation.outcome.or(Some(Outcome::Done));
        let both = [request, self.judgements.of(id)];
        for slot in both.into_iter().flatten().filter_map(|it| it.incident) {
            self.deeds.push(Deed::Ended(slot, outcome));
        }
    }

    /// A request that nobody answered: the incidents that it belongs to end so.
    #[cold]
    pub(crate) fn unanswered(&mut self, context: &Context<'_>, ties: &mut Ties, signature: u64) {
        let edge = self.edge(context, ties);
        let judgement = self.judgements.request(edge, signature);
        if let Some(slot) = judgement.and_then(|judgement| judgement.incident) {
            self.deeds.push(Deed::Ended(slot, None));
        }
    }
}
