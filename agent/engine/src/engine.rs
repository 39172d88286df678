//! The engine as the roof sees it.

use std::sync::Arc;

use baseline::Baseline;
use detect::{Correlations, Rules};
use flow::Flows;
use model::{Counter, Frame, Incident, Metric, Sample, Tally, Timestamp};
use policy::Policy;

use crate::counts::Counts;
use crate::doubts::Doubts;
use crate::edge::Edges;
use crate::hall::{Hall, Talk};
use crate::incidents::Incidents;
use crate::inventory::Inventory;
use crate::journal::Journal;
use crate::judgement::Judgements;
use crate::judging::Judging;
use crate::mirror::{Book, By, Mirror, Reading, Sight};
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
    /// Bounds.
    pub limits: Limits,
    /// Whether it also learns.
    pub mode: Mode,
}

/// Frames in, incidents out.
pub struct Engine {
    flows: Flows<Talk>,
    hall: Hall,
    frames: Tally,
    mirror: Mirror,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    /// What the clock of the machine showed last, where somebody told.
    now: Option<Timestamp>,
}

impl Engine {
    /// An engine that has seen nothing yet; `watch` sees everything that decoders say.
    pub fn new(settings: Settings, judges: Judges, watch: Option<Box<dyn Watch>>) -> Self {
        let Settings {
            site,
            sensor,
            limits,
            mode,
        } = settings;
        let correlations = judges.rules.as_deref().map(Correlations::new);
        let judging = Judging {
            varies: varies(&judges),
            policy: judges.policy,
            rules: judges.rules,
            baseline: judges.baseline,
            learning: (mode == Mode::Learn).then(Box::default),
            correlations,
            edges: Edges::default(),
            judgements: Judgements::default(),
            judgements_limit: limits.judgements,
            edges_limit: limits.edges,
            verdicts: Verdicts::default(),
            journal: Journal::default(),
            incidents: Incidents::new(limits.incidents, limits.incident_silence, site, sensor),
            inventory: Inventory::new(limits.hosts),
            counts: Counts::all(),
            foreign: 0,
            lost: Vec::new(),
            doubts: Doubts::default(),
            tally: Tally::default(),
            watch,
        };
        Self {
            flows: Flows::new(limits.flow),
            hall: Hall::new(&limits, judging),
            frames: Tally::default(),
            mirror: Mirror::new(),
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
        self.frames.add(Counter::Frames, 1);
        self.frames
            .add(Counter::FrameBytes, u64::from(frame.wire_len));
        if (frame.wire_len as usize) > frame.bytes.len() {
            self.frames.add(Counter::FramesTruncated, 1);
        }
        self.last = self.last.max(Some(frame.time));
        self.flows.frame(frame, &mut self.hall);
        if self.hall.shedding.is_at_work() {
            self.hall.shedding.end_frame(&mut self.frames);
        }
    }

    /// Takes in how full the fullest ring is, in per cent: what is left out follows it.
    pub fn filled(&mut self, percent: u8) {
        self.hall.shedding.fill(percent);
    }

    /// Lets time pass on a quiet port: flows expire, holes are given up.
    pub fn advance(&mut self, now: Timestamp) {
        self.flows.advance(now, &mut self.hall);
        self.settle_orders(now);
        self.now = Some(now);
        // frames of this second may still be in a ring
        let second_ago = Timestamp::from_nanos(now.as_nanos().saturating_sub(1_000_000_000));
        self.look(second_ago, By::Clock);
    }

    /// Takes in what ports and clocks tell, about once a second, and lets time pass.
    pub fn beat(&mut self, reading: &Reading<'_>) {
        let sum = |drops: fn(&PortReading<'_>) -> u64| reading.ports.iter().map(drops).sum();
        self.frames
            .set(Counter::KernelDrops, sum(|port| port.kernel_drops));
        self.frames
            .set(Counter::InterfaceDrops, sum(|port| port.interface_drops));
        let judging = &mut self.hall.judging;
        let mut book = Book {
            incidents: &mut judging.incidents,
            tally: &mut judging.tally,
        };
        self.mirror.read(reading, &mut book);
        let policy = judging.policy.as_deref();
        let shed = self.hall.shedding.look(reading.steady, policy);
        self.mirror.overload(shed, reading.now, &mut book);
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
            flows,
            hall,
            ..
        } = self;
        let judging = &mut hall.judging;
        let policy = judging.policy.as_deref();
        let sight = Sight {
            tally: &tally,
            survey: &|since| flows.survey(since),
            policy_names_vlans: policy.is_some_and(Policy::names_vlans),
        };
        let mut book = Book {
            incidents: &mut judging.incidents,
            tally: &mut judging.tally,
        };
        examine(mirror, &sight, &mut book);
        mirror.tell_losses(&mut judging.lost, &tally, &mut book);
        judging.settle_doubts(self.last.max(self.now));
    }

    /// The capture is over: everything held is said, every flow is closed.
    pub fn finish(&mut self) {
        self.examine(Mirror::close);
        self.flows.finish(&mut self.hall);
        self.examine(|_, _, _| {});
        self.hall.judging.settle_doubts(None);
        self.settle_orders(self.last.unwrap_or_default());
    }

    fn settle_orders(&mut self, now: Timestamp) {
        if let Some(first) = self.first {
            self.hall.judging.settle_orders((first, now));
        }
    }

    /// Judges by other policy, baseline or rules from the next frame on. Incidents stay.
    pub fn replace(&mut self, judges: Judges) {
        let policy = self.hall.judging.policy.as_deref();
        self.hall.shedding.settle_conduits(policy);
        self.hall.judging.forget();
        self.hall.judging.correlations = judges.rules.as_deref().map(Correlations::new);
        self.hall.judging.varies = varies(&judges);
        self.hall.judging.policy = judges.policy;
        self.hall.judging.baseline = judges.baseline;
        self.hall.judging.rules = judges.rules;
        let Judging { policy, watch, .. } = &mut self.hall.judging;
        if let Some(watch) = watch {
            watch.replaced(policy.as_deref().map(Policy::version));
        }
    }

    /// Every incident so far, most urgent first.
    pub fn incidents(&self) -> Vec<Incident> {
        self.hall.judging.incidents.ranked()
    }

    /// Incidents that changed enough to be told since they were last told; every change with
    /// `all`. Silent ones are forgotten once they were told.
    pub fn changed(&mut self, all: bool) -> Vec<Incident> {
        let now = self.last.max(self.now).unwrap_or_default();
        self.settle_orders(now);
        let changed = self.hall.judging.incidents.changed(now, all);
        if self.hall.judging.incidents.forget_silent(now) {
            self.hall.judging.forget();
        }
        changed
    }

    /// Every host that was seen, by address.
    pub fn inventory(&self) -> Vec<Device> {
        self.hall.judging.inventory.devices()
    }

    /// What was learnt, where the engine was set up to learn.
    pub fn learnt(&mut self) -> Option<Baseline> {
        self.hall.judging.learning.take().map(|baseline| *baseline)
    }

    /// Hands back who watched.
    pub fn take_watch(&mut self) -> Option<Box<dyn Watch>> {
        self.hall.judging.watch.take()
    }

    /// Capture time of the newest frame.
    pub const fn last_frame(&self) -> Option<Timestamp> {
        self.last
    }

    /// Every room's counters, added up.
    pub fn tally(&self) -> Tally {
        let mut tally = self.frames.clone();
        tally += self.flows.tally();
        tally += &self.hall.judging.tally;
        tally
    }

    /// One screen of what was seen.
    pub fn summary(&self) -> Summary {
        let judging = &self.hall.judging;
        let mut verdicts = judging.verdicts.clone();
        verdicts.add(judging.policy.as_deref(), &judging.judgements);
        Summary {
            first: self.first,
            last: self.last,
            tally: self.tally(),
            protocols: judging.counts.iter().map(protocol_summary).collect(),
            judged: judging.policy.is_some(),
            verdicts: verdicts.by_verdict(),
            foreign_flows: judging.foreign,
            orders: judging.journal.orders(judging.policy.as_deref()),
            incidents: self.incidents().len(),
        }
    }

    /// Everything that the engine exports.
    pub fn samples(&self) -> Vec<Sample> {
        let judging = &self.hall.judging;
        let mut verdicts = judging.verdicts.clone();
        verdicts.add(judging.policy.as_deref(), &judging.judgements);
        let gauge = |metric, labels, value| Sample {
            metric,
            labels,
            value,
        };
        let mut samples: Vec<_> = self.tally().samples().collect();
        samples.extend(judging.counts.iter().flat_map(Counts::samples));
        samples.push(gauge(
            Metric::Streams,
            vec!["foreign".to_owned()],
            judging.foreign as f64,
        ));
        samples.extend(verdicts.samples());
        samples.extend(judging.incidents.samples());
        samples.extend(self.hall.shedding.samples(judging.policy.as_deref()));
        samples.extend(self.mirror.samples());
        samples.push(gauge(
            Metric::LiveFlows,
            Vec::new(),
            self.flows.len() as f64,
        ));
        if let Some(last) = self.last {
            let seconds = last.as_nanos() as f64 / 1e9;
            samples.push(gauge(Metric::LastFrame, Vec::new(), seconds));
        }
        if let Some(policy) = &judging.policy {
            let labels = vec![policy.site().to_owned(), policy.version().to_owned()];
            samples.push(gauge(Metric::PolicyInfo, labels, 1.0));
        }
        samples
    }
}

/// Whether messages of one signature may match different rules.
fn varies(judges: &Judges) -> bool {
    judges.rules.as_deref().is_some_and(Rules::reads_volatile)
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
