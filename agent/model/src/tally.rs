//! What is counted. Every drop, every bound that bit and every byte that was not understood
//! moves a counter here; the summary and `/metrics` show the same numbers.
//!
//! Each room keeps a [`Tally`] of its own, without locks, and the engine adds them up. Series
//! whose labels only a policy or rule set knows are [`Sample`]s, made when somebody looks.

use std::ops::AddAssign;

/// Everything that the sensor exports. No label ever holds an address or a user.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Metric {
    /// Frames read from captures and mirror ports.
    CaptureFrames,
    /// Bytes that those frames had on the wire.
    CaptureBytes,
    /// Frames lost before they were read, by kernel or interface.
    CaptureDrops,
    /// Frames that were captured shorter than they were on the wire.
    CaptureTruncated,
    /// Frames whose headers could not be read.
    FrameUnreadable,
    /// Frames dropped because the mirror port showed them twice.
    FrameDuplicate,
    /// Frames that carry no TCP or UDP, by kind.
    FrameOther,
    /// Frames taken out of a tunnel, by tunnel.
    FrameTunnelled,
    /// IP fragments, by what became of them.
    Fragments,
    /// Flows, by what happened to them.
    Flows,
    /// TCP segments with payload, by how they met the stream.
    Segments,
    /// Stream bytes that were never seen.
    GapBytes,
    /// Holes in streams that were given up.
    Gaps,
    /// Times that a bound of the flow layer bit, by bound.
    BufferLimits,
    /// Flows by the protocol that probing found; foreign is none of ours.
    Streams,
    /// Decoded messages.
    Operations,
    /// Messages that could not be read.
    Malformed,
    /// Messages that break the rules of their protocol.
    Anomalies,
    /// Requests that no answer was seen for.
    Unanswered,
    /// Times that a message boundary was found again.
    Resyncs,
    /// Bytes passed over to find a message boundary.
    SkippedBytes,
    /// Verdicts, by conduit where one decided.
    Verdicts,
    /// Findings before folding.
    Findings,
    /// Incidents opened.
    Incidents,
    /// Incidents held in memory.
    OpenIncidents,
    /// Operations judged, by evaluation or by looking up what was judged already.
    Judgements,
    /// Times that a bound of the engine bit, by bound.
    EngineLimits,
    /// Frames whose payload was left out because frames came faster than they could be judged.
    ShedFrames,
    /// Payloads that were left out so, by the conduit that decided on those before.
    ShedPayloads,
    /// How much is left out now.
    Pressure,
    /// How full the fullest ring is.
    RingFill,
    /// IP packets of which less was captured than their headers say.
    FrameShort,
    /// Frames that carry a VLAN tag.
    FrameTagged,
    /// Times that the clock of the capture was set, by direction.
    ClockSteps,
    /// Frames read, by mirror port.
    PortFrames,
    /// Whether a mirror port can bring frames.
    PortUp,
    /// What is wrong with the mirror now, by fault.
    MirrorFaults,
    /// Flows held in memory.
    LiveFlows,
    /// Reloads of policy and rules, by result.
    Reloads,
    /// Times that certificates were read again, by result.
    CertificateReloads,
    /// Capture time of the newest frame.
    LastFrame,
    /// The loaded policy; always 1.
    PolicyInfo,
    /// Incident records that a sink has not taken yet.
    Outbox,
    /// Incident records that a sink has taken.
    Sent,
    /// Failed tries to hand records to a sink.
    SendErrors,
    /// Incident records dropped because the outbox was full.
    OutboxEvicted,
    /// When the sensor started.
    StartTime,
    /// Whether a part of the sandbox holds.
    Sandbox,
}

/// How a metric is exported.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Description {
    /// Its name.
    pub name: &'static str,
    /// Whether it only grows.
    pub kind: MetricKind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// One sentence without full stop.
    pub help: &'static str,
}

/// Whether a metric only grows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MetricKind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
}

impl Metric {
    /// Every metric, in the order of a frame's way.
    pub const ALL: &'static [Self] = &[
        Self::CaptureFrames,
        Self::CaptureBytes,
        Self::CaptureDrops,
        Self::CaptureTruncated,
        Self::FrameUnreadable,
        Self::FrameDuplicate,
        Self::FrameOther,
        Self::FrameTunnelled,
        Self::Fragments,
        Self::Flows,
        Self::Segments,
        Self::GapBytes,
        Self::Gaps,
        Self::BufferLimits,
        Self::Streams,
        Self::Operations,
        Self::Malformed,
        Self::Anomalies,
        Self::Unanswered,
        Self::Resyncs,
        Self::SkippedBytes,
        Self::Verdicts,
        Self::Findings,
        Self::Incidents,
        Self::OpenIncidents,
        Self::Judgements,
        Self::EngineLimits,
        Self::ShedFrames,
        Self::ShedPayloads,
        Self::Pressure,
        Self::RingFill,
        Self::FrameShort,
        Self::FrameTagged,
        Self::ClockSteps,
        Self::PortFrames,
        Self::PortUp,
        Self::MirrorFaults,
        Self::LiveFlows,
        Self::Reloads,
        Self::CertificateReloads,
        Self::LastFrame,
        Self::PolicyInfo,
        Self::Outbox,
        Self::Sent,
        Self::SendErrors,
        Self::OutboxEvicted,
        Self::StartTime,
        Self::Sandbox,
    ];

    /// How it is exported.
    pub const fn description(self) -> Description {
        match self {
            Self::CaptureFrames => counter(
                "bulkhead_capture_frames_total",
                &[],
                "Frames read from captures and mirror ports",
            ),
            Self::CaptureBytes => counter(
                "bulkhead_capture_bytes_total",
                &[],
                "Bytes that those frames had on the wire",
            ),
            Self::CaptureDrops => counter(
                "bulkhead_capture_dropped_frames_total",
                &["by"],
                "Frames lost before they were read, by kernel or interface",
            ),
            Self::CaptureTruncated => counter(
                "bulkhead_capture_truncated_frames_total",
                &[],
                "Frames that were captured shorter than they were on the wire",
            ),
            Self::FrameUnreadable => counter(
                "bulkhead_flow_unreadable_frames_total",
                &["reason"],
                "Frames whose headers could not be read",
            ),
            Self::FrameDuplicate => counter(
                "bulkhead_flow_duplicate_frames_total",
                &[],
                "Frames dropped because the mirror port showed them twice",
            ),
            Self::FrameOther => counter(
                "bulkhead_flow_other_frames_total",
                &["kind"],
                "Frames that carry no TCP or UDP, by kind",
            ),
            Self::FrameTunnelled => counter(
                "bulkhead_flow_tunnelled_frames_total",
                &["tunnel"],
                "Frames taken out of a tunnel, by tunnel",
            ),
            Self::Fragments => counter(
                "bulkhead_flow_fragments_total",
                &["result"],
                "IP fragments, by what became of them",
            ),
            Self::Flows => counter(
                "bulkhead_flow_flows_total",
                &["event"],
                "Flows, by what happened to them",
            ),
            Self::Segments => counter(
                "bulkhead_flow_segments_total",
                &["kind"],
                "TCP segments with payload, by how they met the stream",
            ),
            Self::GapBytes => counter(
                "bulkhead_flow_gap_bytes_total",
                &[],
                "Stream bytes that were never seen",
            ),
            Self::Gaps => counter(
                "bulkhead_flow_gaps_total",
                &[],
                "Holes in streams that were given up",
            ),
            Self::BufferLimits => counter(
                "bulkhead_flow_limit_hits_total",
                &["limit"],
                "Times that a bound of the flow layer bit, by bound",
            ),
            Self::Streams => counter(
                "bulkhead_decode_streams_total",
                &["protocol"],
                "Flows by the protocol that probing found; foreign is none of ours",
            ),
            Self::Operations => counter(
                "bulkhead_decode_operations_total",
                &["protocol", "verb", "stage"],
                "Decoded messages",
            ),
            Self::Malformed => counter(
                "bulkhead_decode_malformed_messages_total",
                &["protocol"],
                "Messages that could not be read",
            ),
            Self::Anomalies => counter(
                "bulkhead_decode_anomalies_total",
                &["protocol", "kind"],
                "Messages that break the rules of their protocol",
            ),
            Self::Unanswered => counter(
                "bulkhead_decode_unanswered_requests_total",
                &["protocol"],
                "Requests that no answer was seen for",
            ),
            Self::Resyncs => counter(
                "bulkhead_decode_resynchronisations_total",
                &["protocol"],
                "Times that a message boundary was found again",
            ),
            Self::SkippedBytes => counter(
                "bulkhead_decode_skipped_bytes_total",
                &["protocol"],
                "Bytes passed over to find a message boundary",
            ),
            Self::Verdicts => counter(
                "bulkhead_policy_verdicts_total",
                &["verdict", "conduit"],
                "Verdicts, by conduit where one decided",
            ),
            Self::Findings => counter(
                "bulkhead_engine_findings_total",
                &["kind", "rule"],
                "Findings before folding",
            ),
            Self::Incidents => counter(
                "bulkhead_engine_incidents_total",
                &["kind", "severity"],
                "Incidents opened",
            ),
            Self::OpenIncidents => gauge(
                "bulkhead_engine_open_incidents",
                &[],
                "Incidents held in memory",
            ),
            Self::Judgements => counter(
                "bulkhead_engine_judgements_total",
                &["source"],
                "Operations judged, by evaluation or by looking up what was judged already",
            ),
            Self::EngineLimits => counter(
                "bulkhead_engine_limit_hits_total",
                &["limit"],
                "Times that a bound of the engine bit, by bound",
            ),
            Self::ShedFrames => counter(
                "bulkhead_engine_shed_frames_total",
                &["class"],
                "Frames whose payload was left out because frames came faster than they could be judged",
            ),
            Self::ShedPayloads => counter(
                "bulkhead_engine_shed_payloads_total",
                &["conduit"],
                "Payloads that were left out so, by the conduit that decided on those before",
            ),
            Self::Pressure => gauge(
                "bulkhead_engine_pressure",
                &[],
                "How much is left out now: 0 nothing, 1 nothing yet, 2 what is judged alike, 3 quiet conversations too",
            ),
            Self::RingFill => gauge(
                "bulkhead_capture_ring_fill_ratio",
                &[],
                "How full the fullest ring between kernel and sensor was when it was looked at last, 0 to 1",
            ),
            Self::FrameShort => counter(
                "bulkhead_flow_short_packets_total",
                &[],
                "IP packets of which less was captured than their headers say",
            ),
            Self::FrameTagged => counter(
                "bulkhead_flow_tagged_frames_total",
                &[],
                "Frames that carry a VLAN tag",
            ),
            Self::ClockSteps => counter(
                "bulkhead_capture_clock_steps_total",
                &["direction"],
                "Times that the clock of the capture was set, by direction",
            ),
            Self::PortFrames => counter(
                "bulkhead_capture_port_frames_total",
                &["port"],
                "Frames read, by mirror port",
            ),
            Self::PortUp => gauge(
                "bulkhead_capture_port_up",
                &["port"],
                "Whether a mirror port can bring frames",
            ),
            Self::MirrorFaults => gauge(
                "bulkhead_mirror_fault",
                &["fault"],
                "Whether something is wrong with the mirror now, by fault",
            ),
            Self::LiveFlows => gauge("bulkhead_flow_open_flows", &[], "Flows held in memory"),
            Self::Reloads => counter(
                "bulkhead_app_reloads_total",
                &["result"],
                "Reloads of policy and rules, by result",
            ),
            Self::CertificateReloads => counter(
                "bulkhead_app_certificate_reloads_total",
                &["result"],
                "Times that certificates were read again, by result",
            ),
            Self::LastFrame => gauge(
                "bulkhead_capture_last_frame_timestamp_seconds",
                &[],
                "Capture time of the newest frame",
            ),
            Self::PolicyInfo => gauge(
                "bulkhead_policy_info",
                &["site", "version"],
                "The loaded policy; always 1",
            ),
            Self::Outbox => gauge(
                "bulkhead_export_pending_incidents",
                &["sink"],
                "Incident records that a sink has not taken yet",
            ),
            Self::Sent => counter(
                "bulkhead_export_sent_incidents_total",
                &["sink"],
                "Incident records that a sink has taken",
            ),
            Self::SendErrors => counter(
                "bulkhead_export_errors_total",
                &["sink"],
                "Failed tries to hand records to a sink",
            ),
            Self::OutboxEvicted => counter(
                "bulkhead_export_evicted_incidents_total",
                &[],
                "Incident records dropped because the outbox was full",
            ),
            Self::StartTime => gauge(
                "bulkhead_app_start_timestamp_seconds",
                &[],
                "When the sensor started",
            ),
            Self::Sandbox => gauge(
                "bulkhead_app_sandbox_holds",
                &["part"],
                "Whether a part of the sandbox holds: 1 wholly, 0.5 in part, 0 not",
            ),
        }
    }
}

const fn counter(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Description {
    Description {
        name,
        kind: MetricKind::Counter,
        labels,
        help,
    }
}

const fn gauge(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Description {
    Description {
        name,
        kind: MetricKind::Gauge,
        labels,
        help,
    }
}

/// One thing that the rooms count as frames go by.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Counter {
    /// A frame was read.
    Frames,
    /// Bytes that a frame had on the wire.
    FrameBytes,
    /// The kernel dropped a frame because the ring was full.
    KernelDrops,
    /// The interface or its driver dropped a frame.
    InterfaceDrops,
    /// A frame was captured shorter than it was.
    FramesTruncated,
    /// The link type is none that is read.
    UnreadableLink,
    /// A header is cut short or contradicts itself.
    UnreadableHeader,
    /// Tunnels within tunnels went deeper than the limit.
    UnreadableDepth,
    /// A frame carries a VLAN tag.
    FramesTagged,
    /// Less of an IP packet was captured than its headers say.
    PacketsShort,
    /// The clock of the capture was set back.
    ClockSetBack,
    /// The clock of the capture was set forward.
    ClockSetForward,
    /// The mirror port showed a frame twice.
    Duplicates,
    /// An ARP frame.
    Arp,
    /// A frame that is neither IP nor ARP.
    OtherEthertype,
    /// An IP packet that is neither TCP nor UDP nor a tunnel.
    OtherIp,
    /// Taken out of GRE.
    TunnelGre,
    /// Taken out of ERSPAN II or III.
    TunnelErspan,
    /// Taken out of VXLAN.
    TunnelVxlan,
    /// Taken out of IP in IP.
    TunnelIp,
    /// A fragment was kept until the rest comes.
    FragmentsHeld,
    /// A packet was put together from fragments.
    FragmentsJoined,
    /// A fragment was dropped because the rest never came.
    FragmentsLate,
    /// A fragment was dropped because too many were held.
    FragmentsOverLimit,
    /// Fragments overlap with different bytes.
    FragmentsConflicting,
    /// A flow was seen for the first time.
    FlowsOpened,
    /// A flow was ended by its hosts.
    FlowsClosed,
    /// A flow was forgotten because nothing came.
    FlowsIdle,
    /// A flow was forgotten to make room for another.
    FlowsEvicted,
    /// A segment continued its stream.
    SegmentsInOrder,
    /// A segment came before those that it follows.
    SegmentsEarly,
    /// A segment brought nothing new.
    SegmentsRepeated,
    /// A segment's bytes differ from those that were seen in their place.
    SegmentsConflicting,
    /// A segment's checksum is wrong where its sender's are right: the receiver drops it.
    SegmentsRefused,
    /// A hole in a stream was given up.
    Gaps,
    /// A byte of a stream was never seen.
    GapBytes,
    /// A flow held as much out-of-order data as it may.
    LimitFlowBuffer,
    /// All flows together held as much out-of-order data as they may.
    LimitAllBuffers,
    /// An operation was judged by evaluation.
    JudgementsEvaluated,
    /// An operation was judged by looking up an equal one.
    JudgementsRemembered,
    /// A frame's payload was left out: messages like it are judged alike.
    FramesShedAlike,
    /// A frame's payload was left out: its conversation is quiet.
    FramesShedQuiet,
    /// What messages of a conversation have in common was not kept because there is too much of it.
    LimitTemplates,
    /// A remembered judgement was forgotten to make room.
    LimitJudgements,
    /// A finding was folded into the overflow incident because too many are open.
    LimitIncidents,
    /// A host was left out of the inventory because it is full.
    LimitHosts,
    /// Policy and rules were reloaded.
    ReloadsDone,
    /// New policy or rules were refused and the old ones stay.
    ReloadsRefused,
    /// Certificates and keys were read again, and are used from the next connection on.
    CertificatesRenewed,
    /// New certificates or keys were refused and the old ones stay.
    CertificatesRefused,
}

impl Counter {
    /// Every counter, in the order of a frame's way.
    pub const ALL: &'static [Self] = &[
        Self::Frames,
        Self::FrameBytes,
        Self::KernelDrops,
        Self::InterfaceDrops,
        Self::FramesTruncated,
        Self::UnreadableLink,
        Self::UnreadableHeader,
        Self::UnreadableDepth,
        Self::FramesTagged,
        Self::PacketsShort,
        Self::ClockSetBack,
        Self::ClockSetForward,
        Self::Duplicates,
        Self::Arp,
        Self::OtherEthertype,
        Self::OtherIp,
        Self::TunnelGre,
        Self::TunnelErspan,
        Self::TunnelVxlan,
        Self::TunnelIp,
        Self::FragmentsHeld,
        Self::FragmentsJoined,
        Self::FragmentsLate,
        Self::FragmentsOverLimit,
        Self::FragmentsConflicting,
        Self::FlowsOpened,
        Self::FlowsClosed,
        Self::FlowsIdle,
        Self::FlowsEvicted,
        Self::SegmentsInOrder,
        Self::SegmentsEarly,
        Self::SegmentsRepeated,
        Self::SegmentsConflicting,
        Self::SegmentsRefused,
        Self::Gaps,
        Self::GapBytes,
        Self::LimitFlowBuffer,
        Self::LimitAllBuffers,
        Self::JudgementsEvaluated,
        Self::JudgementsRemembered,
        Self::FramesShedAlike,
        Self::FramesShedQuiet,
        Self::LimitTemplates,
        Self::LimitJudgements,
        Self::LimitIncidents,
        Self::LimitHosts,
        Self::ReloadsDone,
        Self::ReloadsRefused,
        Self::CertificatesRenewed,
        Self::CertificatesRefused,
    ];

    const COUNT: usize = Self::ALL.len();

    /// The metric that exports it, and the value of that metric's label where it has one.
    pub const fn series(self) -> (Metric, Option<&'static str>) {
        match self {
            Self::Frames => (Metric::CaptureFrames, None),
            Self::FrameBytes => (Metric::CaptureBytes, None),
            Self::KernelDrops => (Metric::CaptureDrops, Some("kernel")),
            Self::InterfaceDrops => (Metric::CaptureDrops, Some("interface")),
            Self::FramesTruncated => (Metric::CaptureTruncated, None),
            Self::UnreadableLink => (Metric::FrameUnreadable, Some("link_type")),
            Self::UnreadableHeader => (Metric::FrameUnreadable, Some("header")),
            Self::UnreadableDepth => (Metric::FrameUnreadable, Some("depth")),
            Self::FramesTagged => (Metric::FrameTagged, None),
            Self::PacketsShort => (Metric::FrameShort, None),
            Self::ClockSetBack => (Metric::ClockSteps, Some("back")),
            Self::ClockSetForward => (Metric::ClockSteps, Some("forward")),
            Self::Duplicates => (Metric::FrameDuplicate, None),
            Self::Arp => (Metric::FrameOther, Some("arp")),
            Self::OtherEthertype => (Metric::FrameOther, Some("ethertype")),
            Self::OtherIp => (Metric::FrameOther, Some("ip")),
            Self::TunnelGre => (Metric::FrameTunnelled, Some("gre")),
            Self::TunnelErspan => (Metric::FrameTunnelled, Some("erspan")),
            Self::TunnelVxlan => (Metric::FrameTunnelled, Some("vxlan")),
            Self::TunnelIp => (Metric::FrameTunnelled, Some("ip")),
            Self::FragmentsHeld => (Metric::Fragments, Some("held")),
            Self::FragmentsJoined => (Metric::Fragments, Some("joined")),
            Self::FragmentsLate => (Metric::Fragments, Some("timeout")),
            Self::FragmentsOverLimit => (Metric::Fragments, Some("limit")),
            Self::FragmentsConflicting => (Metric::Fragments, Some("conflict")),
            Self::FlowsOpened => (Metric::Flows, Some("opened")),
            Self::FlowsClosed => (Metric::Flows, Some("closed")),
            Self::FlowsIdle => (Metric::Flows, Some("idle")),
            Self::FlowsEvicted => (Metric::Flows, Some("evicted")),
            Self::SegmentsInOrder => (Metric::Segments, Some("in_order")),
            Self::SegmentsEarly => (Metric::Segments, Some("out_of_order")),
            Self::SegmentsRepeated => (Metric::Segments, Some("retransmission")),
            Self::SegmentsConflicting => (Metric::Segments, Some("conflict")),
            Self::SegmentsRefused => (Metric::Segments, Some("checksum")),
            Self::Gaps => (Metric::Gaps, None),
            Self::GapBytes => (Metric::GapBytes, None),
            Self::LimitFlowBuffer => (Metric::BufferLimits, Some("flow_buffer")),
            Self::LimitAllBuffers => (Metric::BufferLimits, Some("all_buffers")),
            Self::JudgementsEvaluated => (Metric::Judgements, Some("evaluated")),
            Self::JudgementsRemembered => (Metric::Judgements, Some("remembered")),
            Self::FramesShedAlike => (Metric::ShedFrames, Some("alike")),
            Self::FramesShedQuiet => (Metric::ShedFrames, Some("quiet")),
            Self::LimitTemplates => (Metric::EngineLimits, Some("templates")),
            Self::LimitJudgements => (Metric::EngineLimits, Some("judgements")),
            Self::LimitIncidents => (Metric::EngineLimits, Some("incidents")),
            Self::LimitHosts => (Metric::EngineLimits, Some("hosts")),
            Self::ReloadsDone => (Metric::Reloads, Some("done")),
            Self::ReloadsRefused => (Metric::Reloads, Some("refused")),
            Self::CertificatesRenewed => (Metric::CertificateReloads, Some("done")),
            Self::CertificatesRefused => (Metric::CertificateReloads, Some("refused")),
        }
    }
}

/// What one room has counted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tally([u64; Counter::COUNT]);

impl Tally {
    /// Adds `amount` to a counter.
    #[inline]
    pub fn add(&mut self, counter: Counter, amount: u64) {
        if let Some(count) = self.0.get_mut(counter as usize) {
            *count += amount;
        }
    }

    /// How far a counter has come.
    pub fn count(&self, counter: Counter) -> u64 {
        self.0.get(counter as usize).copied().unwrap_or(0)
    }

    /// Sets a counter that is kept elsewhere, such as the kernel's drops.
    pub fn set(&mut self, counter: Counter, amount: u64) {
        if let Some(count) = self.0.get_mut(counter as usize) {
            *count = amount;
        }
    }

    /// Every counter as a sample, zero ones included.
    pub fn samples(&self) -> impl Iterator<Item = Sample> + '_ {
        Counter::ALL.iter().map(|counter| {
            let (metric, label) = counter.series();
            Sample {
                metric,
                labels: label.into_iter().map(str::to_owned).collect(),
                value: self.count(*counter) as f64,
            }
        })
    }
}

impl Default for Tally {
    fn default() -> Self {
        Self([0; Counter::COUNT])
    }
}

impl AddAssign<&Self> for Tally {
    fn add_assign(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine += theirs;
        }
    }
}

/// One value of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Which metric.
    pub metric: Metric,
    /// The values of its labels, in the order of its description.
    pub labels: Vec<String>,
    /// The value.
    pub value: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_counter_fits_its_metric() {
        for counter in Counter::ALL {
            let (metric, label) = counter.series();
            let wanted = metric.description().labels.len();
            assert_eq!(usize::from(label.is_some()), wanted, "{counter:?}");
        }
    }

    #[test]
    fn names_follow_the_convention() {
        for metric in Metric::ALL {
            let Description {
                name, kind, help, ..
            } = metric.description();
            assert!(name.starts_with("bulkhead_"), "{name}");
            assert_eq!(
                name.ends_with("_total"),
                kind == MetricKind::Counter,
                "{name}"
            );
            assert!(!help.is_empty() && !help.ends_with('.'), "{name}");
        }
    }

    #[test]
    fn each_counter_has_a_place_of_its_own() {
        for (place, counter) in Counter::ALL.iter().enumerate() {
            let mut tally = Tally::default();
            tally.add(*counter, 3);
            assert_eq!(tally.0.get(place), Some(&3), "{counter:?}");
            assert_eq!(tally.0.iter().sum::<u64>(), 3);
        }
    }

    #[test]
    fn rooms_add_up() {
        let (mut a, mut b) = (Tally::default(), Tally::default());
        a.add(Counter::Frames, 2);
        b.add(Counter::Frames, 3);
        b.add(Counter::Gaps, 1);
        a += &b;
        assert_eq!((a.count(Counter::Frames), a.count(Counter::Gaps)), (5, 1));
    }
}
