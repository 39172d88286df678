//! The judges, and what they said so far.
//!
//! An operation of a known kind on a known edge costs a look-up and a count; every other one is
//! put to every judge once.

use std::hash::BuildHasher;
use std::sync::Arc;

use baseline::Baseline;
use detect::Rules;
use foldhash::quality::FixedState;
use model::{AnomalyKind, Counter, Finding, Operation, Said, Stage, Stamp, Step, Tally, Verdict};
use policy::Policy;

use crate::counts::Counts;
use crate::deed::{Deed, Deeds, Fed};
use crate::doubts::Doubts;
use crate::edge::{EdgeId, Edges};
use crate::inventory::Lesson;
use crate::journal::Journal;
use crate::judgement::{Guesses, Judgement, JudgementId, Judgements, NOTHING};
use crate::scene::Scene;
use crate::sensor;
use crate::summary::Verdicts;
use crate::ties::Ties;
use crate::watch::{Context, Watch};
use crate::{Judges, Limits, Mode};

/// The judges, and what they said so far.
pub(crate) struct Judging {
    pub(crate) policy: Option<Arc<Policy>>,
    pub(crate) rules: Option<Arc<Rules>>,
    /// Whether messages of one signature may match different rules.
    pub(crate) varies: bool,
    pub(crate) baseline: Option<Arc<Baseline>>,
    pub(crate) learning: Option<Box<Baseline>>,
    pub(crate) edges: Edges,
    pub(crate) judgements: Judgements,
    pub(crate) edges_limit: usize,
    /// Whether one more edge or judgement is one too many.
    is_full: bool,
    pub(crate) verdicts: Verdicts,
    pub(crate) journal: Journal,
    pub(crate) deeds: Deeds,
    pub(crate) counts: Vec<Counts>,
    pub(crate) foreign: u64,
    /// Where stream bytes were lost since the last second ended.
    pub(crate) lost: Vec<Stamp>,
    pub(crate) doubts: Doubts,
    pub(crate) tally: Tally,
    pub(crate) watch: Option<Box<dyn Watch>>,
}

impl Judging {
    /// Nothing judged yet.
    pub(crate) fn new(
        limits: &Limits,
        judges: &Judges,
        mode: Mode,
        watch: Option<Box<dyn Watch>>,
    ) -> Self {
        let mut judging = Self {
            policy: None,
            rules: None,
            varies: false,
            baseline: None,
            learning: (mode == Mode::Learn).then(Box::default),
            edges: Edges::default(),
            judgements: Judgements::new(limits.judgements),
            edges_limit: limits.edges,
            is_full: false,
            verdicts: Verdicts::default(),
            journal: Journal::default(),
            deeds: Deeds::default(),
            counts: Counts::all(),
            foreign: 0,
            lost: Vec::new(),
            doubts: Doubts::default(),
            tally: Tally::default(),
            watch: None,
        };
        judging.take_judges(judges);
        judging.watch = watch;
        judging
    }

    /// Judges by others from now on, and says so; whatever was judged before has to be forgotten first.
    pub(crate) fn judge_by(&mut self, judges: &Judges) {
        self.take_judges(judges);
        if let Some(watch) = &mut self.watch {
            watch.replaced(self.policy.as_deref().map(Policy::version));
        }
    }

    fn take_judges(&mut self, judges: &Judges) {
        let Judges {
            policy,
            baseline,
            rules,
        } = judges.clone();
        self.varies = rules.as_deref().is_some_and(Rules::reads_volatile);
        (self.policy, self.baseline, self.rules) = (policy, baseline, rules);
    }

    fn counts_of(&mut self, ties: &Ties) -> Option<&mut Counts> {
        self.counts.get_mut(ties.place()?)
    }

    /// Hears what a decoder says; of the context the protocol is still to be told.
    #[inline]
    pub(crate) fn hear(&mut self, context: Context<'_>, ties: &mut Ties, said: Said<'_>) {
        match &said {
            Said::Operation(operation) if self.watch.is_none() => {
                if let Some(counts) = self.counts_of(ties) {
                    counts.operation(operation);
                    self.operation(&context, ties, operation);
                }
            }
            _ => self.hear_all(context, ties, &said),
        }
    }

    /// The same for everything that a decoder may say, and where somebody watches.
    #[cold]
    fn hear_all(&mut self, mut context: Context<'_>, ties: &mut Ties, said: &Said<'_>) {
        if let Said::Recognised { protocol } = said {
            ties.know(protocol);
        }
        context.protocol = ties.protocol();
        if let Some(watch) = &mut self.watch {
            watch.said(&context, said);
        }
        let Some(counts) = self.counts_of(ties) else {
            return;
        };
        match said {
            Said::Operation(operation) => {
                counts.operation(operation);
                self.operation(&context, ties, operation);
            }
            Said::Recognised { .. } => counts.streams += 1,
            Said::Part(_) => {}
            Said::Malformed(malformed) => {
                counts.malformed += 1;
                self.broken(&context, ties, sensor::malformed(malformed));
            }
            Said::Anomaly(anomaly) => {
                counts.anomaly(anomaly.kind);
                match sensor::anomaly(anomaly) {
                    Some(finding) if anomaly.kind == AnomalyKind::UnsolicitedAnswer => {
                        self.doubted(&context, ties, finding);
                    }
                    Some(finding) => self.broken(&context, ties, finding),
                    None => {}
                }
            }
            Said::Unanswered { signature, .. } => {
                counts.unanswered += 1;
                self.unanswered(&context, ties, *signature);
            }
            Said::Resynchronised { skipped_bytes } => {
                counts.resynchronisations += 1;
                counts.skipped_bytes += skipped_bytes;
            }
        }
    }

    /// Fetches what the next message of a flow needs, before its turn.
    #[inline]
    pub(crate) fn approach(&self, ties: &Ties, step: Step) {
        for guess in ties.next {
            match step {
                Step::First => self.judgements.fetch(guess),
                // the answer to what is asked
                Step::Second => {
                    let [next, _] = self.judgements.next(guess);
                    self.judgements.fetch(next);
                }
                Step::Third => {}
            }
        }
        if step == Step::First {
            ties.edges().for_each(|edge| self.edges.fetch(edge));
        }
    }

    /// Judges an operation: by memory where an equal one was judged, else by asking every judge.
    #[inline]
    fn operation(&mut self, context: &Context<'_>, ties: &mut Ties, operation: &Operation<'_>) {
        ties.turn(context.from, operation);
        if self.is_full {
            self.forget_all();
        }
        let edge = self.edge(context, ties);
        let judged = self.judge(context.stamp, edge, operation);
        let mut key = key(operation, judged);
        if self.varies {
            key ^= self.varying(context.stamp, edge, operation, judged);
        }
        let id = match self.judgements.after((ties.last, ties.next), edge, key) {
            Some(id) => {
                self.tally.add(Counter::JudgementsRemembered, 1);
                ties.next = self.again(context.stamp, edge, id, operation);
                id
            }
            None => {
                ties.next = NOTHING;
                self.evaluate(context.stamp, edge, operation, judged, key, ties.last)
            }
        };
        ties.last = id;
        if key != operation.signature {
            self.ask(edge, id, operation);
        }
        if self.watch.is_some() {
            self.show(context.stamp, edge, id, operation);
        }
        if let Some(learning) = &mut self.learning
            && operation.stage != Stage::Response
            && let Some(resolved) = self.edges.of(edge)
        {
            let event = resolved.event(self.policy.as_deref(), context.stamp, operation);
            learning.learn(&event, 1, context.stamp.time, context.stamp.time);
        }
        if operation.stage == Stage::Response {
            self.ended(context.stamp.time, edge, id, operation);
        }
    }

    /// What tells a message from others of its signature, where a rule reads what signatures do not cover.
    #[cold]
    fn varying(
        &mut self,
        stamp: Stamp,
        edge: EdgeId,
        operation: &Operation<'_>,
        judged: Option<Verdict>,
    ) -> u64 {
        let policy = self.policy.as_deref();
        let (Some(rules), Some(resolved)) = (self.rules.as_deref(), self.edges.of_mut(edge)) else {
            return 0;
        };
        let verdict = match judged {
            None if is_judged(operation) => resolved.judge(policy, stamp.time, operation),
            judged => judged,
        };
        let event = resolved.event(policy, stamp, operation);
        let matches = rules.varying(&event, verdict.as_ref());
        match matches.is_empty() {
            true => 0,
            false => SPREAD.hash_one(matches),
        }
    }

    /// Remembers which judgement a request has, where its signature does not tell: its answer asks for it.
    fn ask(&mut self, edge: EdgeId, id: JudgementId, operation: &Operation<'_>) {
        if self.edges.is_flagged(edge) && operation.stage == Stage::Request {
            self.judgements.ask(edge, operation.signature, id);
        }
    }

    /// Shows whoever watches what was judged.
    #[cold]
    fn show(&mut self, stamp: Stamp, edge: EdgeId, id: JudgementId, operation: &Operation<'_>) {
        if let (Some(watch), Some(resolved)) = (&mut self.watch, self.edges.of(edge)) {
            let event = resolved.event(self.policy.as_deref(), stamp, operation);
            let judgement = self.judgements.of(id);
            watch.judged(&event, judgement.and_then(|judgement| judgement.verdict));
        }
    }

    /// The edge that a flow's messages are on.
    #[inline]
    pub(crate) fn edge(&mut self, context: &Context<'_>, ties: &mut Ties) -> EdgeId {
        match ties.edge(self.judgements.generation) {
            Some(edge) => edge,
            None => self.resolve(context, ties),
        }
    }

    /// The same, where the flow does not know it.
    #[cold]
    fn resolve(&mut self, context: &Context<'_>, ties: &mut Ties) -> EdgeId {
        let [client, server] = ties.parties(context);
        let port = ties.server_end(context).port;
        let protocol = ties.protocol().unwrap_or_default();
        let policy = self.policy.as_deref();
        let edge = self.edges.resolve(policy, client, server, port, protocol);
        ties.keep_edge(edge);
        self.measure();
        edge
    }

    /// The policy's verdict, where it may differ between messages that are the same to every other judge.
    #[inline]
    fn judge(&mut self, stamp: Stamp, edge: EdgeId, operation: &Operation<'_>) -> Option<Verdict> {
        let policy = self.policy.as_deref()?;
        let is_changing = self.edges.is_changing(edge, operation.function.verb);
        if !is_changing || !is_judged(operation) {
            return None;
        }
        let resolved = self.edges.of_mut(edge)?;
        let verdict = resolved.judge(Some(policy), stamp.time, operation);
        if let Some(Verdict::Conforms { to }) = verdict
            && policy.permit(to).is_some()
        {
            let event = resolved.event(Some(policy), stamp, operation);
            self.journal.note(policy, edge, to, &event);
        }
        verdict
    }

    /// One more message of a kind that was judged before; what may come next.
    #[inline]
    fn again(
        &mut self,
        stamp: Stamp,
        edge: EdgeId,
        id: JudgementId,
        operation: &Operation<'_>,
    ) -> Guesses {
        let (is_quiet, next) = self.judgements.count(id);
        if !is_quiet {
            self.repeat(stamp, edge, id, operation);
        }
        next
    }

    #[cold]
    fn repeat(&mut self, stamp: Stamp, edge: EdgeId, id: JudgementId, operation: &Operation<'_>) {
        let Some(judgement) = self.judgements.of(id) else {
            return;
        };
        if let Some(slot) = judgement.incident {
            self.deeds.push(Deed::Again(slot, stamp));
        }
        if !judgement.matches.feeds_correlations() {
            return;
        }
        let (matches, kept) = (judgement.matches.clone(), judgement.scene.clone());
        let Some(scene) = kept.or_else(|| self.scene(edge, operation)) else {
            return;
        };
        // most are counted once; those that come again keep what they are told with
        self.judgements.keep_scene(id, &scene);
        self.feed(stamp, edge, &matches, scene, operation);
    }

    /// Asks every judge about a message of a new kind, and remembers what they said.
    #[cold]
    fn evaluate(
        &mut self,
        stamp: Stamp,
        edge: EdgeId,
        operation: &Operation<'_>,
        judged: Option<Verdict>,
        key: u64,
        before: JudgementId,
    ) -> JudgementId {
        self.tally.add(Counter::JudgementsEvaluated, 1);
        let policy = self.policy.as_deref();
        let Some(resolved) = self.edges.of_mut(edge) else {
            return JudgementId::NONE;
        };
        resolved.writes |=
            operation.stage != Stage::Response && operation.function.verb.is_dangerous();
        let verdict = match judged {
            None if is_judged(operation) => resolved.judge(policy, stamp.time, operation),
            judged => judged,
        };
        let resolved = &*resolved;
        let event = resolved.event(policy, stamp, operation);
        let parties = [resolved.client, resolved.server];
        let lesson = Lesson::whole(parties, resolved.server_port, operation, stamp.time);
        self.deeds.push(Deed::Learned(Box::new(lesson)));
        let is_asked = operation.stage != Stage::Response;
        let matches = self
            .rules
            .as_deref()
            .map(|rules| rules.matching(&event, verdict.as_ref()))
            .unwrap_or_default();
        let mut findings = Vec::new();
        if let (Some(policy), Some(judged), Some(verdict)) = (policy, &resolved.judged, verdict) {
            findings.extend(policy.finding(&judged.edge, &judged.standing, &event, verdict));
        }
        if is_asked {
            findings.extend(
                self.baseline
                    .as_deref()
                    .and_then(|baseline| baseline.judge(&event)),
            );
        }
        if let Some(rules) = self.rules.as_deref() {
            let function = operation.function.name;
            findings.extend(matches.alerts().map(|rule| rules.finding(rule, function)));
        }
        let judgement = self.judgement(stamp, edge, operation, verdict, matches, findings);
        let id = self.judgements.remember(edge, key, before, judgement);
        self.measure();
        id
    }

    /// Hands over what was found, and what correlations count.
    fn judgement(
        &mut self,
        stamp: Stamp,
        edge: EdgeId,
        operation: &Operation<'_>,
        verdict: Option<Verdict>,
        matches: detect::Matches,
        findings: Vec<Finding>,
    ) -> Judgement {
        let is_told = !findings.is_empty() || matches.feeds_correlations();
        let scene = is_told.then(|| self.scene(edge, operation)).flatten();
        let mut incident = None;
        if let Some(scene) = scene.clone().filter(|_| !findings.is_empty()) {
            incident = Some(self.deeds.found(edge, findings, stamp, scene));
            self.edges.flag(edge);
        }
        if let Some(scene) = scene.filter(|_| matches.feeds_correlations()) {
            self.feed(stamp, edge, &matches, scene, operation);
        }
        Judgement {
            verdict,
            matches,
            incident,
            scene: None,
        }
    }

    /// Hands over what a message adds to correlations.
    fn feed(
        &mut self,
        stamp: Stamp,
        edge: EdgeId,
        matches: &detect::Matches,
        scene: Arc<Scene>,
        operation: &Operation<'_>,
    ) {
        let (Some(rules), Some(resolved)) = (self.rules.as_deref(), self.edges.of(edge)) else {
            return;
        };
        let event = resolved.event(self.policy.as_deref(), stamp, operation);
        self.deeds.push(Deed::Fed(Box::new(Fed {
            feeds: rules.feeds(matches, &event),
            stamp,
            scene,
            function: operation.function.name,
            outcome: operation.outcome,
        })));
    }

    /// Notes whether one more edge or judgement is one too many.
    fn measure(&mut self) {
        let own = self.edges.len().max(self.judgements.loud());
        self.is_full = self.judgements.is_full() || own >= self.edges_limit;
    }

    /// Forgets what is remembered because there is too much of it.
    #[cold]
    fn forget_all(&mut self) {
        self.tally
            .add(Counter::LimitJudgements, self.judgements.len() as u64);
        self.forget();
    }

    /// Forgets every judgement; its counts are kept.
    pub(crate) fn forget(&mut self) {
        self.settle_doubts(None);
        self.verdicts.add(self.policy.as_deref(), &self.judgements);
        self.judgements.clear();
        self.edges.clear();
        self.measure();
        self.journal.forget();
        self.deeds.forget();
    }
}

/// Whether it answers a request that was not seen: it is all that there is to judge of it.
fn is_orphan(operation: &Operation<'_>) -> bool {
    operation.stage == Stage::Response && operation.answers.is_none()
}

/// Whether the policy is asked: an answer is judged with its request.
fn is_judged(operation: &Operation<'_>) -> bool {
    operation.stage != Stage::Response || is_orphan(operation)
}

/// What a judgement is remembered by: an answer whose request was seen is judged by less than one
/// whose request was not; and `judged` is the verdict where the signature does not decide it.
fn key(operation: &Operation<'_>, judged: Option<Verdict>) -> u64 {
    let verdict = judged.map_or(0, |verdict| SPREAD.hash_one(verdict));
    operation.signature ^ verdict ^ u64::from(is_orphan(operation))
}

/// Spreads verdicts and matches over all bits. Nobody outside chooses them, so the seed may be fixed.
const SPREAD: FixedState = FixedState::with_seed(0x6275_6c6b);
