//! The metrics that the sensor exports: one closed list, with the names that METRICS.md shows.

mod descriptions;

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
    /// Failed tries to keep incidents in the store.
    StoreErrors,
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
        Self::StoreErrors,
        Self::Outbox,
        Self::Sent,
        Self::SendErrors,
        Self::OutboxEvicted,
        Self::StartTime,
        Self::Sandbox,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
