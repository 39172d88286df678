//! The engine as the roof sees it.

use std::sync::Arc;

use baseline::Baseline;
use decode::Servers;
use detect::Rules;
use flow::Flows;
use model::{Counter, Frame, Frames, Incident, Metric, Sample, Tagger, Tally, Timestamp};
use policy::Policy;

use crate::counts::Counts;
use crate::crew;
use crate::desk::Desk;
use crate::hall::Hall;
use crate::incidents::Incidents;
use crate::inventory::Inventory;
use crate::journal::Journal;
use crate::judging::Judging;
use crate::mirror::{Book, By, Mirror, Reading, Sight};
use crate::shard::Shard;
use crate::shedding::Shedding;
use crate::summary::{ProtocolSummary, Verdicts};
use crate::{Device, Limits, PortReading, Summary, Watch};

/// Who judges. Whoever is left out judges nothing.
#[derive(Clone, Default)]
pub struct Judges {
    /// The segmentation and role policy.
    pub policy: Option<Arc<Policy>>,
    /// What is normal.
    pub baseline: Option<Arc<Baseline>>,
    /// Detection rules.
    pub rules: Option<Arc<Rules>>,
}

/// Whether the engine judges or learns.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Mode {
    /// Judges by what it was given.
    #[default]
    Judge,
    /// Also learns what is normal, for [`Engine::learnt`].
    Learn,
}

/// How an engine is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The plant's name, for incidents.
    pub site: String,
    /// The sensor's name, for incidents.
    pub sensor: String,
    /// Bounds, of all shards together.
    pub limits: Limits,
    /// Whether it also learns.
    pub mode: Mode,
    /// Into how many shards flows are parted, by the hosts that they are between: so many threads judge what
    /// [`Engine::frames`] is given. One where somebody watches or the engine learns, for these want everything in order.
    pub shards: usize,
}

/// Frames in, incidents out.
pub struct Engine {
    // INVARIANT: at least one.
    shards: Vec<Shard>,
    desk: Desk,
    mirror: Mirror,
    policy: Option<Arc<Policy>>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    /// What the clock of the machine showed last, where somebody told.
    now: Option<Timestamp>,
}

impl Engine {
    /// An engine that has seen nothing yet; `watch` sees everything that decoders say.
    pub fn new(settings: Settings, judges: Judges, mut watch: Option<Box<dyn Watch>>) -> Self {
        let Settings {
            site,
            sensor,
            limits,
            mode,
            shards,
        } = settings;
        let is_whole = watch.is_some() || mode == Mode::Learn;
        let shards = if is_whole { 1 } else { shards.max(1) };
        let share = limits.share(shards);
        let servers = Servers::default();
        let flows = Flows::new(share.flow);
        let shard = |_| {
            let judging = Judging::new(&share, &judges, mode, watch.take());
            let hall = Hall::new(&share, servers.clone(), judging);
            Shard::new(flows.beside(), hall)
        };
        let shards: Vec<_> = (0..shards).map(shard).collect();
        let incidents = Incidents::new(limits.incidents, limits.incident_silence, site, sensor);
        let inventory = Inventory::new(limits.hosts);
        Self {
            desk: Desk::new(incidents, inventory, judges.rules, shards.len()),
            shards,
            mirror: Mirror::new(),
            policy: judges.policy,
            first: None,
            last: None,
            now: None,
        }
    }

    /// Takes the next frame. Times may step back a little; a frame is never refused.
    #[inline]
    pub fn frame(&mut self, frame: &Frame<'_>) {
        if !self.mirror.is_within(frame.time) {
            self.look(frame.time, By::Frame);
        }
        self.last = self.last.max(Some(frame.time));
        match self.shards.as_mut_slice() {
            [only] => {
                only.frame(frame);
                if only.deeds().is_empty() {
                    return;
                }
            }
            shards => {
                let lane = flow::lane(frame, shards.len());
                for (place, shard) in shards.iter_mut().enumerate() {
                    if place == lane {
                        shard.frame(frame);
                    } else {
                        shard.advance(frame.time);
                    }
                }
            }
        }
        self.desk.take(&mut self.shards);
    }

    /// Who tells of frames what can be told of them before their turn, for [`frames`](Self::frames).
    pub fn tagger(&self) -> Tagger {
        let first = self.shards.first();
        first.map_or_else(|| Tagger::new(|_| None), |shard| shard.flows.tagger())
    }

    /// Takes the next frames, which this engine's [tagger](Self::tagger) saw, or none. It comes to the same as one by one, but is
    /// done by as many threads as there are shards, where there are enough frames.
    pub fn frames(&mut self, frames: Frames<'_>) {
        let mut rest = frames;
        while let Some(first) = rest.listed.first() {
            if !self.mirror.is_within(first.time) {
                self.look(first.time, By::Frame);
            }
            // what is looked at between two seconds is looked at while no shard works
            let mut times = rest.listed.iter().map(|listed| listed.time);
            let within = times.position(|time| !self.mirror.is_within(time));
            let (second, after) = rest.split_at(within.unwrap_or(rest.listed.len()).max(1));
            self.second(second);
            rest = after;
        }
    }

    /// Takes frames of one second.
    fn second(&mut self, frames: Frames<'_>) {
        let last = frames.listed.iter().map(|listed| listed.time).max();
        self.last = self.last.max(last);
        match self.shards.as_mut_slice() {
            [only] => only.run(frames, 0, 1),
            shards if frames.listed.len() < crew::WORTH => {
                let lanes = shards.len();
                let shards = shards.iter_mut().enumerate();
                shards.for_each(|(lane, shard)| shard.run(frames, lane, lanes));
            }
            shards => crew::work(shards, frames),
        }
        self.desk.take(&mut self.shards);
        for shard in &mut self.shards {
            shard.deeds().at = 0;
        }
    }

    /// Takes in how full the fullest ring is, in per cent: what is left out follows it.
    pub fn filled(&mut self, percent: u8) {
        for shard in &mut self.shards {
            shard.shedding_mut().fill(percent);
        }
    }

    /// Lets time pass on a quiet port: flows expire, holes are given up.
    pub fn advance(&mut self, now: Timestamp) {
        for shard in &mut self.shards {
            shard.advance(now);
        }
        self.desk.take(&mut self.shards);
        self.settle_orders(now);
        self.now = Some(now);
        // frames of this second may still be in a ring
        let second_ago = Timestamp::from_nanos(now.as_nanos().saturating_sub(1_000_000_000));
        self.look(second_ago, By::Clock);
    }

    /// Takes in what ports and clocks tell, about once a second, and lets time pass.
    pub fn beat(&mut self, reading: &Reading<'_>) {
        let sum = |drops: fn(&PortReading<'_>) -> u64| reading.ports.iter().map(drops).sum();
        let tally = &mut self.desk.tally;
        tally.set(Counter::KernelDrops, sum(|port| port.kernel_drops));
        tally.set(Counter::InterfaceDrops, sum(|port| port.interface_drops));
        self.mirror.read(reading, &mut self.desk.book());
        let mut is_shed = false;
        for shard in &mut self.shards {
            is_shed |= shard.shedding_mut().look(reading.steady);
        }
        let policy = self.policy.as_deref();
        let shed = is_shed.then(|| Shedding::told(self.shards.iter().map(Shard::shedding), policy));
        self.mirror
            .overload(shed, reading.now, &mut self.desk.book());
        self.advance(reading.now);
    }

    /// Looks whether the mirror shows everything, now that another second has come.
    #[cold]
    fn look(&mut self, time: Timestamp, by: By) {
        if by == By::Frame {
            self.first.get_or_insert(time);
        }
        self.examine(|mirror, sight, book| mirror.pass(time, by, sight, book));
    }

    fn examine(&mut self, examine: impl FnOnce(&mut Mirror, &Sight<'_>, &mut Book<'_>)) {
        let tally = self.tally();
        let Self {
            mirror,
            shards,
            desk,
            policy,
            ..
        } = self;
        let sight = Sight {
            tally: &tally,
            survey: &|since| {
                let surveys = shards.iter().map(|shard| shard.flows.survey(since));
                surveys.sum()
            },
            policy_names_vlans: policy.as_deref().is_some_and(Policy::names_vlans),
        };
        examine(mirror, &sight, &mut desk.book());
        let mut lost: Vec<_> = shards.iter_mut().flat_map(Shard::take_lost).collect();
        // the order of the frames, whichever flow was looked after first
        lost.sort_by_key(|stamp| (stamp.time, stamp.source, stamp.frame));
        mirror.tell_losses(lost, &tally, &mut desk.book());
        self.settle_doubts(self.last.max(self.now));
    }

    fn settle_doubts(&mut self, now: Option<Timestamp>) {
        for shard in &mut self.shards {
            shard.judging_mut().settle_doubts(now);
        }
        self.desk.take(&mut self.shards);
    }

    /// The capture is over: everything held is said, every flow is closed.
    pub fn finish(&mut self) {
        self.examine(Mirror::close);
        self.shards.iter_mut().for_each(Shard::finish);
        self.desk.take(&mut self.shards);
        self.examine(|_, _, _| {});
        self.settle_doubts(None);
        self.settle_orders(self.last.unwrap_or_default());
    }

    fn settle_orders(&mut self, now: Timestamp) {
        if let (Some(first), Some(policy)) = (self.first, self.policy.as_deref()) {
            self.desk.settle_orders(policy, (first, now), &self.shards);
        }
    }

    /// Forgets every judgement; what was counted and found stays.
    fn forget(&mut self) {
        for shard in &mut self.shards {
            shard.judging_mut().forget();
        }
        self.desk.take(&mut self.shards);
    }

    /// Judges by other policy, baseline or rules from the next frame on. Incidents stay.
    pub fn replace(&mut self, judges: Judges) {
        for shard in &mut self.shards {
            shard.shedding_mut().settle_conduits(self.policy.as_deref());
        }
        self.forget();
        for shard in &mut self.shards {
            shard.judging_mut().judge_by(&judges);
        }
        self.desk.judge_by(judges.rules);
        self.policy = judges.policy;
    }

    /// Every incident so far, most urgent first.
    pub fn incidents(&self) -> Vec<Incident> {
        self.desk.incidents.ranked()
    }

    /// Incidents that changed enough to be told since they were last told; every change with
    /// `all`. Silent ones are forgotten once they were told.
    pub fn changed(&mut self, all: bool) -> Vec<Incident> {
        let now = self.last.max(self.now).unwrap_or_default();
        self.settle_orders(now);
        let changed = self.desk.incidents.changed(now, all);
        if self.desk.incidents.forget_silent(now) {
            self.forget();
        }
        changed
    }

    /// Every host that was seen, by address.
    pub fn inventory(&self) -> Vec<Device> {
        self.desk.inventory.devices()
    }

    /// What was learnt, where the engine was set up to learn.
    pub fn learnt(&mut self) -> Option<Baseline> {
        let mut shards = self.shards.iter_mut();
        let learnt = shards.find_map(|shard| shard.judging_mut().learning.take());
        learnt.map(|baseline| *baseline)
    }

    /// Hands back who watched.
    pub fn take_watch(&mut self) -> Option<Box<dyn Watch>> {
        let mut shards = self.shards.iter_mut();
        shards.find_map(|shard| shard.judging_mut().watch.take())
    }

    /// Capture time of the newest frame.
    pub const fn last_frame(&self) -> Option<Timestamp> {
        self.last
    }

    /// Every room's counters, added up.
    pub fn tally(&self) -> Tally {
        let mut tally = self.desk.tally.clone();
        self.shards.iter().for_each(|shard| shard.count(&mut tally));
        tally
    }

    /// One screen of what was seen.
    pub fn summary(&self) -> Summary {
        Summary {
            first: self.first,
            last: self.last,
            tally: self.tally(),
            protocols: self.counts().iter().map(protocol_summary).collect(),
            judged: self.policy.is_some(),
            verdicts: self.verdicts().by_verdict(),
            foreign_flows: self.foreign_flows(),
            orders: self.journal().orders(self.policy.as_deref()),
            incidents: self.incidents().len(),
        }
    }

    /// Everything that the engine exports.
    pub fn samples(&self) -> Vec<Sample> {
        let gauge = |metric, labels, value| Sample {
            metric,
            labels,
            value,
        };
        let mut samples: Vec<_> = self.tally().samples().collect();
        samples.extend(self.counts().iter().flat_map(Counts::samples));
        samples.push(gauge(
            Metric::Streams,
            vec!["foreign".to_owned()],
            self.foreign_flows() as f64,
        ));
        samples.extend(self.verdicts().samples());
        samples.extend(self.desk.incidents.samples());
        let shedding = self.shards.iter().map(Shard::shedding);
        samples.extend(Shedding::samples(shedding, self.policy.as_deref()));
        samples.extend(self.mirror.samples());
        let flows: usize = self.shards.iter().map(|shard| shard.flows.len()).sum();
        samples.push(gauge(Metric::LiveFlows, Vec::new(), flows as f64));
        if let Some(last) = self.last {
            let seconds = last.as_nanos() as f64 / 1e9;
            samples.push(gauge(Metric::LastFrame, Vec::new(), seconds));
        }
        if let Some(policy) = &self.policy {
            let labels = vec![policy.site().to_owned(), policy.version().to_owned()];
            samples.push(gauge(Metric::PolicyInfo, labels, 1.0));
        }
        samples
    }

    fn judging(&self) -> impl Iterator<Item = &Judging> {
        self.shards.iter().map(Shard::judging)
    }

    fn counts(&self) -> Vec<Counts> {
        let mut counts = Counts::all();
        for judging in self.judging() {
            counts
                .iter_mut()
                .zip(&judging.counts)
                .for_each(|(sum, part)| *sum += part);
        }
        counts
    }

    fn verdicts(&self) -> Verdicts {
        let mut verdicts = Verdicts::default();
        for judging in self.judging() {
            verdicts += &judging.verdicts;
            verdicts.add(self.policy.as_deref(), &judging.judgements);
        }
        verdicts
    }

    fn journal(&self) -> Journal {
        let mut journal = Journal::default();
        self.judging()
            .for_each(|judging| journal.add(&judging.journal));
        journal
    }

    fn foreign_flows(&self) -> u64 {
        self.judging().map(|judging| judging.foreign).sum()
    }
}

fn protocol_summary(counts: &Counts) -> ProtocolSummary {
    ProtocolSummary {
        protocol: counts.protocol,
        flows: counts.streams,
        messages: counts.messages(),
        verbs: counts.verbs().collect(),
        malformed: counts.malformed,
        unanswered: counts.unanswered,
        anomalies: counts.anomalies().collect(),
    }
}
