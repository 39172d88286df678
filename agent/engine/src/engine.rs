//! The engine as the roof sees it.

use std::sync::Arc;

use baseline::Baseline;
use decode::Servers;
use detect::Rules;
use flow::Flows;
use model::{Batched, Counter, Frame, Incident, Metric, Sample, Tagger, Tally, Timestamp};
use policy::Policy;

use crate::counts::Counts;
use crate::crew;
use crate::desk::Desk;
use crate::hall::Hall;
use crate::incidents::Incidents;
use crate::inventory::Inventory;
use crate::journal::Journal;
use crate::judging::Judging;
use crate::mirror::{BACK, Book, By, Mirror, Reading, Sight};
use crate::shard::Shard;
use crate::shedding::Shedding;
use crate::stint::{Part, Stint};
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
    /// [`Engine::batches`] is given; 255 at most. One where somebody watches or the engine learns, for these want everything in order.
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
    /// The last one before the clock was set back.
    before: Option<Timestamp>,
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
        let shards = if is_whole {
            1
        } else {
            shards.clamp(1, MOST_SHARDS)
        };
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
            before: None,
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
                let lane = flow::lane(frame, shards.len() as u8);
                for (place, shard) in (0..).zip(shards) {
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

    /// By how many threads [batches](Self::batches) are taken.
    pub const fn shards(&self) -> usize {
        self.shards.len()
    }

    /// Who tells of frames what can be told of them before their turn, for [`batches`](Self::batches).
    pub fn tagger(&self) -> Tagger {
        match self.shards.as_slice() {
            [only] => only.flows.tagger(),
            shards => {
                let lanes = shards.len() as u8;
                Tagger::of_lanes(move |frame| flow::lane(frame, lanes))
            }
        }
    }

    /// Takes batches for as long as there are more, of whose frames this engine's [tagger](Self::tagger) told. It comes to the same as frame by frame, but is done by as many threads as there are shards, where there are enough frames.
    ///
    /// Any of the threads may ask for more, one at a time, and up to four batches are held for each of them.
    pub fn batches<B: Batched>(&mut self, mut more: impl FnMut() -> Option<Arc<B>> + Send) {
        let mut left = None;
        while let Some(next) = left.take().or_else(|| more().map(Part::whole)) {
            left = self.stint(next, &mut more);
        }
    }

    /// Takes frames of one second, from `first` on, and gives back what is of another.
    fn stint<B: Batched>(
        &mut self,
        first: Part<B>,
        more: &mut (dyn FnMut() -> Option<Arc<B>> + Send),
    ) -> Option<Part<B>> {
        if let Some(time) = first.begun().filter(|time| !self.mirror.is_within(*time)) {
            // what is looked at between two seconds is looked at while no shard works
            self.look(time, By::Frame);
        }
        let mut stint = Stint::new(&self.mirror, first, more);
        crew::work(&mut self.shards, &mut stint);
        self.last = self.last.max(stint.last);
        let left = stint.left;
        self.desk.take(&mut self.shards);
        for shard in &mut self.shards {
            shard.deeds().at = 0;
        }
        left
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
        self.follow(now);
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
            self.follow(time);
        }
        self.examine(|mirror, sight, book| mirror.pass(time, by, sight, book));
    }

    /// Goes back with a clock that was set back: whatever waits for a time would wait until that clock is there again, and what is
    /// happening now would seem to have been over for long.
    fn follow(&mut self, time: Timestamp) {
        let is_behind = |known: &Timestamp| known.since(time) >= BACK;
        if self.last.is_some_and(|last| is_behind(&last)) {
            self.before = self.before.max(self.last.replace(time));
        }
        self.now = self.now.filter(|now| !is_behind(now));
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
            survey: &|span| {
                let surveys = shards.iter().map(|shard| shard.flows.survey(span));
                surveys.sum()
            },
            policy_names_vlans: policy.as_deref().is_some_and(Policy::names_vlans),
        };
        examine(mirror, &sight, &mut desk.book());
        let mut lost: Vec<_> = shards.iter_mut().flat_map(Shard::take_lost).collect();
        // the order of the frames, whichever flow was looked after first
        lost.sort_by_key(|stamp| (stamp.time, stamp.source(), stamp.frame()));
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

    /// Incidents that grew since they were told, and too little for [`changed`](Self::changed): nobody is to be told, but what is kept
    /// of them is to be brought up to date. Each comes once a minute at most, and few come at a time.
    pub fn grown(&mut self) -> Vec<Incident> {
        let now = self.last.max(self.now).unwrap_or_default();
        self.desk.incidents.grown(now)
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
            last: self.last.max(self.before),
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

/// A shard's place is told of each frame that is read ahead, in a byte.
const MOST_SHARDS: usize = 255;

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
