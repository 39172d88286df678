//! What the rooms count as frames go by, and which series of which metric shows it.

use crate::Metric;

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

    pub(crate) const COUNT: usize = Self::ALL.len();

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
}
