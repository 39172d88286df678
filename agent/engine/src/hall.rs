//! Where the rooms meet: bytes of flows in, judged operations out.

use std::sync::Arc;

use baseline::Baseline;
use decode::{Conversation, PROTOCOLS};
use detect::{Correlations, Rules};
use flow::{Flow, Listener};
use model::{
    Counter, Direction, End, Event, Finding, Host, Mac, Operation, Said, Stage, Stamp, Tally,
    Timestamp, Verdict, Vlans,
};
use policy::{Criticality, Policy};

use crate::counts::Counts;
use crate::edge::{Edge, EdgeId, Edges};
use crate::incidents::{Incidents, Scene};
use crate::inventory::Inventory;
use crate::judgement::{Judgement, JudgementId, Judgements};
use crate::{Limits, sensor};

/// Somebody who wants to see everything that decoders say, such as the writer of records.
pub trait Watch: Send {
    /// A decoder said something.
    fn said(&mut self, context: &Context<'_>, said: &Said<'_>);

    /// Bytes of a conversation will never come.
    fn gap(&mut self, context: &Context<'_>, missing_bytes: u64);

    /// The run is over; nothing more will be said.
    fn finish(&mut self);
}

/// Where something was said.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The frame that completed it.
    pub stamp: Stamp,
    /// Which end it is from.
    pub from: Direction,
    /// The flow's ends.
    pub ends: &'a [End; 2],
    /// The hardware addresses of the ends.
    pub macs: &'a [Mac; 2],
    /// The flow's VLAN tags.
    pub vlans: &'a Vlans,
    /// The protocol's name, once it is known.
    pub protocol: Option<&'static str>,
}

/// What the engine remembers of a flow.
#[derive(Default)]
pub struct Talk {
    conversation: Option<Conversation>,
    ties: Ties,
}

/// How a flow is tied to edges and judgements.
#[derive(Default)]
struct Ties {
    /// The protocol's place in the registry plus one; 0 while unknown.
    protocol: u8,
    /// Whether the client is the flow's second end.
    reversed: bool,
    generation: u32,
    edges: [Option<EdgeId>; 2],
    // Direct-mapped by the low bits of the signature.
    recent: [Option<(u64, JudgementId)>; RECENT],
}

/// How many judgements a flow keeps at hand.
const RECENT: usize = 8;

/// Everything above the flow layer.
pub(crate) struct Hall {
    pub(crate) decode: decode::Limits,
    pub(crate) judging: Judging,
}

/// The judges, and what they said so far.
pub(crate) struct Judging {
    pub(crate) policy: Option<Arc<Policy>>,
    pub(crate) rules: Option<Arc<Rules>>,
    pub(crate) baseline: Option<Arc<Baseline>>,
    pub(crate) learning: Option<Box<Baseline>>,
    pub(crate) correlations: Option<Correlations>,
    pub(crate) edges: Edges,
    pub(crate) judgements: Judgements,
    pub(crate) judgements_limit: usize,
    pub(crate) verdicts: crate::summary::Verdicts,
    pub(crate) incidents: Incidents,
    pub(crate) inventory: Inventory,
    pub(crate) counts: Vec<Counts>,
    pub(crate) foreign: u64,
    pub(crate) tally: Tally,
    pub(crate) watch: Option<Box<dyn Watch>>,
}

impl Hall {
    pub(crate) fn new(limits: &Limits, judging: Judging) -> Self {
        Self {
            decode: limits.decode.clone(),
            judging,
        }
    }
}

impl Listener for Hall {
    type State = Talk;

    fn opened(&mut self, flow: &mut Flow<Talk>, stamp: Stamp) {
        flow.state.conversation = Some(Conversation::new(flow.transport, flow.midway));
        for (end, mac) in flow.ends.iter().zip(&flow.macs) {
            let host = host(*end, *mac, &flow.vlans);
            self.judging
                .inventory
                .sight(host, stamp.time, &mut self.judging.tally);
        }
    }

    #[inline]
    fn bytes(&mut self, flow: &mut Flow<Talk>, stamp: Stamp, from: Direction, bytes: &[u8]) {
        let Flow {
            ends,
            macs,
            vlans,
            state,
            ..
        } = flow;
        let Talk {
            conversation: Some(conversation),
            ties,
        } = state
        else {
            return;
        };
        if conversation.is_foreign() {
            return;
        }
        let [first, second] = ends;
        let ports = [first.port, second.port];
        let known = ties.protocol != 0;
        let judging = &mut self.judging;
        conversation.feed(
            &self.decode,
            ports,
            stamp,
            from,
            bytes,
            &mut |stamp, from, said| {
                let context = Context {
                    stamp,
                    from,
                    ends,
                    macs,
                    vlans,
                    protocol: None,
                };
                judging.hear(context, ties, said);
            },
        );
        if !known {
            judging.recognise(conversation, ties);
        }
    }

    fn gap(&mut self, flow: &mut Flow<Talk>, stamp: Stamp, from: Direction, missing_bytes: u64) {
        let Flow {
            ends,
            macs,
            vlans,
            state,
            ..
        } = flow;
        let Talk {
            conversation: Some(conversation),
            ties,
        } = state
        else {
            return;
        };
        if conversation.is_foreign() {
            return;
        }
        let judging = &mut self.judging;
        if let Some(protocol) = conversation.protocol() {
            let protocol = Some(protocol.vocabulary.name);
            let context = Context {
                stamp,
                from,
                ends,
                macs,
                vlans,
                protocol,
            };
            judging.lost(&context, missing_bytes);
        }
        conversation.gap(stamp, from, missing_bytes, &mut |stamp, from, said| {
            let context = Context {
                stamp,
                from,
                ends,
                macs,
                vlans,
                protocol: None,
            };
            judging.hear(context, ties, said);
        });
    }

    fn conflict(&mut self, flow: &mut Flow<Talk>, stamp: Stamp, from: Direction) {
        let Flow {
            ends,
            macs,
            vlans,
            state,
            ..
        } = flow;
        if state.ties.protocol == 0 {
            return;
        }
        let protocol = protocol_name(&state.ties);
        let context = Context {
            stamp,
            from,
            ends,
            macs,
            vlans,
            protocol,
        };
        self.judging
            .broken(&context, &mut state.ties, sensor::overlap_conflict());
    }

    fn closed(&mut self, flow: &mut Flow<Talk>, stamp: Stamp) {
        let Flow {
            ends,
            macs,
            vlans,
            state,
            ..
        } = flow;
        let Talk {
            conversation: Some(conversation),
            ties,
        } = state
        else {
            return;
        };
        let judging = &mut self.judging;
        let [first, second] = ends;
        let ports = [first.port, second.port];
        conversation.close(&self.decode, ports, stamp, &mut |stamp, from, said| {
            let context = Context {
                stamp,
                from,
                ends,
                macs,
                vlans,
                protocol: None,
            };
            judging.hear(context, ties, said);
        });
        if conversation.protocol().is_none() {
            judging.foreign += 1;
        }
    }

    fn sighted(&mut self, host: Host, stamp: Stamp) {
        self.judging
            .inventory
            .sight(host, stamp.time, &mut self.judging.tally);
    }
}

impl Judging {
    /// Counts a flow whose protocol was just found.
    fn recognise(&mut self, conversation: &Conversation, ties: &mut Ties) {
        let Some(protocol) = conversation.protocol() else {
            return;
        };
        ties.know(protocol.vocabulary.name);
        if let Some(counts) = self
            .counts
            .get_mut(usize::from(ties.protocol).wrapping_sub(1))
        {
            counts.streams += 1;
        }
    }

    fn hear(&mut self, mut context: Context<'_>, ties: &mut Ties, said: Said<'_>) {
        if let (Said::Operation(operation), 0) = (&said, ties.protocol) {
            ties.know(operation.protocol);
        }
        context.protocol = protocol_name(ties);
        if let Some(watch) = &mut self.watch {
            watch.said(&context, &said);
        }
        let Some(counts) = self
            .counts
            .get_mut(usize::from(ties.protocol).wrapping_sub(1))
        else {
            return;
        };
        match said {
            Said::Operation(operation) => {
                counts.operation(&operation);
                self.operation(&context, ties, &operation);
            }
            Said::Malformed(malformed) => {
                counts.malformed += 1;
                self.broken(&context, ties, sensor::malformed(&malformed));
            }
            Said::Anomaly(anomaly) => {
                counts.anomaly(anomaly.kind);
                if let Some(finding) = sensor::anomaly(&anomaly) {
                    self.broken(&context, ties, finding);
                }
            }
            Said::Unanswered { signature, .. } => {
                counts.unanswered += 1;
                self.unanswered(&context, ties, signature);
            }
            Said::Resynchronised { skipped_bytes } => {
                counts.resynchronisations += 1;
                counts.skipped_bytes += skipped_bytes;
            }
        }
    }

    /// Judges an operation: by memory where an equal one was judged, else by asking every judge.
    #[inline]
    fn operation(&mut self, context: &Context<'_>, ties: &mut Ties, operation: &Operation<'_>) {
        ties.turn(context.from, operation.stage);
        self.make_room();
        let edge = self.edge(context, ties);
        let known = match ties.recall(operation.signature) {
            Some(id) => Some(id),
            None => self.judgements.find(edge, operation.signature),
        };
        let id = match known {
            Some(id) => {
                self.tally.add(Counter::JudgementsRemembered, 1);
                self.again(context.stamp, edge, id, operation);
                id
            }
            None => self.evaluate(context.stamp, edge, operation),
        };
        ties.remember(operation.signature, id);
        if let Some(learning) = &mut self.learning
            && operation.stage != Stage::Response
            && let Some(resolved) = self.edges.of(edge)
        {
            let event = event(resolved, self.policy.as_deref(), context.stamp, operation);
            learning.learn(&event, 1, context.stamp.time, context.stamp.time);
        }
        if operation.stage == Stage::Response {
            self.ended(context.stamp.time, edge, id, operation);
        }
    }

    /// The edge that a flow's messages are on.
    #[inline]
    fn edge(&mut self, context: &Context<'_>, ties: &mut Ties) -> EdgeId {
        if ties.generation != self.judgements.generation {
            ties.forget(self.judgements.generation);
        }
        let slot = usize::from(ties.reversed);
        if let Some(Some(edge)) = ties.edges.get(slot) {
            return *edge;
        }
        let [client, server] = ties.parties(context);
        let port = ties.server_end(context).port;
        let protocol = protocol_name(ties).unwrap_or_default();
        let edge = self
            .edges
            .resolve(self.policy.as_deref(), client, server, port, protocol);
        if let Some(slot) = ties.edges.get_mut(slot) {
            *slot = Some(edge);
        }
        edge
    }

    /// One more message of a kind that was judged before.
    #[inline]
    fn again(&mut self, stamp: Stamp, edge: EdgeId, id: JudgementId, operation: &Operation<'_>) {
        let Some(judgement) = self.judgements.of_mut(id) else {
            return;
        };
        judgement.count += 1;
        if !judgement.quiet {
            self.repeat(stamp, edge, id, operation);
        }
    }

    #[cold]
    fn repeat(&mut self, stamp: Stamp, edge: EdgeId, id: JudgementId, operation: &Operation<'_>) {
        let Some(judgement) = self.judgements.of_mut(id) else {
            return;
        };
        for incident in &mut judgement.incidents {
            *incident = self.incidents.again(*incident, stamp);
        }
        let matches = judgement.matches.clone();
        self.correlate(stamp, edge, &matches, operation);
    }

    /// Asks every judge about a message of a new kind, and remembers what they said.
    #[cold]
    fn evaluate(&mut self, stamp: Stamp, edge: EdgeId, operation: &Operation<'_>) -> JudgementId {
        self.tally.add(Counter::JudgementsEvaluated, 1);
        let Some(resolved) = self.edges.of(edge) else {
            return JudgementId::NONE;
        };
        let policy = self.policy.as_deref();
        let event = event(resolved, policy, stamp, operation);
        let parties = [resolved.client, resolved.server];
        self.inventory.learn(
            parties,
            resolved.server_port,
            operation,
            stamp.time,
            &mut self.tally,
        );
        let is_asked = operation.stage != Stage::Response;
        let verdict = judge(resolved, policy, operation).filter(|_| is_asked);
        let matches = self
            .rules
            .as_deref()
            .map(|rules| rules.matching(&event, verdict.as_ref()))
            .unwrap_or_default();
        let mut findings = Vec::new();
        if let (Some(policy), Some(judged), Some(verdict)) = (policy, &resolved.judged, verdict) {
            findings.extend(policy.finding(&judged.edge, &event, verdict));
        }
        if is_asked {
            findings.extend(
                self.baseline
                    .as_deref()
                    .and_then(|baseline| baseline.judge(&event)),
            );
        }
        if let Some(rules) = self.rules.as_deref() {
            findings.extend(matches.alerts().map(|rule| rules.finding(rule, &event)));
        }
        let flagged = !findings.is_empty();
        let incidents = self.fold(stamp, edge, operation, findings);
        if flagged {
            self.edges.flag(edge);
        }
        let quiet = incidents.is_empty() && !matches.feeds_correlations();
        self.correlate(stamp, edge, &matches, operation);
        let judgement = Judgement {
            count: 1,
            verdict,
            matches,
            incidents,
            quiet,
        };
        self.judgements
            .remember(edge, operation.signature, judgement)
    }

    fn correlate(
        &mut self,
        stamp: Stamp,
        edge: EdgeId,
        matches: &detect::Matches,
        operation: &Operation<'_>,
    ) {
        if !matches.feeds_correlations() {
            return;
        }
        let (Some(rules), Some(correlations)) = (self.rules.clone(), &mut self.correlations) else {
            return;
        };
        let Some(resolved) = self.edges.of(edge) else {
            return;
        };
        let event = event(resolved, self.policy.as_deref(), stamp, operation);
        let hits = correlations.see(&rules, matches, &event);
        let findings: Vec<_> = hits
            .into_iter()
            .map(|rule| rules.finding(rule, &event))
            .collect();
        // each tells of many messages, and of others than the next one
        for finding in findings {
            for incident in self.fold(stamp, edge, operation, vec![finding]) {
                self.incidents.end(incident, operation.outcome);
            }
        }
    }

    /// Folds findings about an operation into incidents.
    fn fold(
        &mut self,
        stamp: Stamp,
        edge: EdgeId,
        operation: &Operation<'_>,
        findings: Vec<Finding>,
    ) -> Box<[crate::incidents::IncidentId]> {
        if findings.is_empty() {
            return Box::default();
        }
        let Some(resolved) = self.edges.of(edge) else {
            return Box::default();
        };
        let policy = self.policy.as_deref();
        let mut targets = Vec::new();
        operation.detail.targets(&mut |target| {
            if targets.len() < SCENE_TARGETS {
                targets.push(target.to_string());
            }
        });
        let scene = Scene {
            stamp,
            parties: Some(resolved.parties(policy)),
            protocol: Some(resolved.protocol),
            verb: Some(operation.function.verb),
            targets,
            criticality: criticality(resolved, policy),
            consequence: consequence(resolved, policy),
        };
        self.incidents
            .fold(findings, scene, &mut self.tally)
            .into_iter()
            .collect()
    }

    /// A message that breaks its protocol, or bytes that contradict each other.
    #[cold]
    fn broken(&mut self, context: &Context<'_>, ties: &mut Ties, finding: Finding) {
        let edge = self.edge(context, ties);
        let Some(resolved) = self.edges.of(edge) else {
            return;
        };
        let policy = self.policy.as_deref();
        let scene = Scene {
            stamp: context.stamp,
            parties: Some(resolved.parties(policy)),
            protocol: Some(resolved.protocol),
            verb: None,
            targets: Vec::new(),
            criticality: criticality(resolved, policy),
            consequence: None,
        };
        self.incidents.fold(vec![finding], scene, &mut self.tally);
    }

    #[cold]
    fn lost(&mut self, context: &Context<'_>, missing_bytes: u64) {
        if let Some(watch) = &mut self.watch {
            watch.gap(context, missing_bytes);
        }
        self.incidents.fold(
            vec![sensor::loss()],
            Scene::of_sensor(context.stamp),
            &mut self.tally,
        );
    }

    /// An answer: says how the incidents of its request, and its own, ended.
    #[inline]
    fn ended(&mut self, at: Timestamp, edge: EdgeId, id: JudgementId, operation: &Operation<'_>) {
        let is_flagged = self.edges.of(edge).is_some_and(|edge| edge.flagged);
        if is_flagged {
            self.end(edge, id, operation);
        }
        if operation.function.verb == model::Verb::Identify
            && let Some(edge) = self.edges.of(edge)
        {
            let parties = [edge.client, edge.server];
            self.inventory
                .identify(parties, operation, at, &mut self.tally);
        }
    }

    #[cold]
    fn end(&mut self, edge: EdgeId, id: JudgementId, operation: &Operation<'_>) {
        let request = operation
            .answers
            .and_then(|request| self.judgements.find(edge, request.signature));
        for judgement in [request, Some(id)].into_iter().flatten() {
            let Some(judgement) = self.judgements.of(judgement) else {
                continue;
            };
            for incident in &judgement.incidents {
                self.incidents
                    .end(*incident, operation.outcome.or(Some(model::Outcome::Done)));
            }
        }
    }

    #[cold]
    fn unanswered(&mut self, context: &Context<'_>, ties: &mut Ties, signature: u64) {
        let edge = self.edge(context, ties);
        let judgement = self.judgements.find(edge, signature);
        let Some(judgement) = judgement.and_then(|id| self.judgements.of(id)) else {
            return;
        };
        for incident in &judgement.incidents {
            self.incidents.end(*incident, None);
        }
    }

    fn make_room(&mut self) {
        if self.judgements.len() >= self.judgements_limit
            || self.edges.len() >= self.judgements_limit
        {
            self.tally
                .add(Counter::LimitJudgements, self.judgements.len() as u64);
            self.forget();
        }
    }

    /// Forgets every judgement; its counts are kept.
    pub(crate) fn forget(&mut self) {
        self.verdicts.add(self.policy.as_deref(), &self.judgements);
        self.judgements.clear();
        self.edges.clear();
    }
}

impl Ties {
    fn know(&mut self, name: &str) {
        let name = if name == "cotp" { "s7" } else { name };
        let place = PROTOCOLS
            .iter()
            .position(|protocol| protocol.vocabulary.name == name);
        self.protocol = place
            .and_then(|place| u8::try_from(place + 1).ok())
            .unwrap_or(0);
    }

    /// Turns the flow so that the sender of a request, or the receiver of an answer, is the client.
    #[inline]
    fn turn(&mut self, from: Direction, stage: Stage) {
        let reversed = match stage {
            Stage::Request => from == Direction::Backward,
            Stage::Response => from == Direction::Forward,
            Stage::Other => self.reversed,
        };
        if reversed != self.reversed {
            self.reversed = reversed;
            self.recent = [None; RECENT];
        }
    }

    fn parties(&self, context: &Context<'_>) -> [Host; 2] {
        let side = |direction: Direction| {
            host(
                *direction.of(context.ends),
                *direction.of(context.macs),
                context.vlans,
            )
        };
        let client = self.client();
        [side(client), side(client.reverse())]
    }

    fn server_end<'a>(&self, context: &Context<'a>) -> &'a End {
        self.client().reverse().of(context.ends)
    }

    const fn client(&self) -> Direction {
        if self.reversed {
            Direction::Backward
        } else {
            Direction::Forward
        }
    }

    #[inline]
    fn recall(&self, signature: u64) -> Option<JudgementId> {
        let slot = self
            .recent
            .get(signature as usize % RECENT)
            .copied()
            .flatten();
        slot.filter(|(known, _)| *known == signature)
            .map(|(_, id)| id)
    }

    #[inline]
    fn remember(&mut self, signature: u64, id: JudgementId) {
        if let Some(slot) = self.recent.get_mut(signature as usize % RECENT) {
            *slot = Some((signature, id));
        }
    }

    fn forget(&mut self, generation: u32) {
        self.generation = generation;
        self.edges = [None; 2];
        self.recent = [None; RECENT];
    }
}

/// How many targets of one message an incident looks at.
const SCENE_TARGETS: usize = 16;

fn protocol_name(ties: &Ties) -> Option<&'static str> {
    let place = usize::from(ties.protocol).checked_sub(1)?;
    PROTOCOLS
        .get(place)
        .map(|protocol| protocol.vocabulary.name)
}

fn host(end: End, mac: Mac, vlans: &Vlans) -> Host {
    let mac = Some(mac).filter(|mac| *mac != Mac::default());
    Host {
        ip: Some(end.ip),
        mac,
        vlan: vlans.innermost(),
    }
}

fn event<'a>(
    edge: &'a Edge,
    policy: Option<&'a Policy>,
    stamp: Stamp,
    operation: &'a Operation<'a>,
) -> Event<'a> {
    let [client, server] = edge.parties(policy);
    Event {
        stamp,
        client,
        server,
        server_port: edge.server_port,
        operation,
    }
}

fn judge(edge: &Edge, policy: Option<&Policy>, operation: &Operation<'_>) -> Option<Verdict> {
    Some(policy?.judge(&edge.judged.as_ref()?.edge, operation))
}

fn criticality(edge: &Edge, policy: Option<&Policy>) -> Criticality {
    match (policy, &edge.judged) {
        (Some(policy), Some(judged)) => policy.criticality(judged.server),
        _ => Criticality::Medium,
    }
}

fn consequence<'a>(edge: &Edge, policy: Option<&'a Policy>) -> Option<&'a str> {
    policy?.consequence(edge.judged.as_ref()?.server)
}
