//! How each metric is exported: its name, its labels and what it means.

use super::{Description, Metric, MetricKind};

impl Metric {
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
            Self::StoreErrors => counter(
                "bulkhead_store_errors_total",
                &[],
                "Failed tries to keep incidents in the store",
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
