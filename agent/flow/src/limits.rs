//! What the flow layer may hold, and how long it waits.
//!
//! Everything that a stranger can fill has its bound here and a counter that tells when it bit.
//! All time is capture time.

use std::time::Duration;

/// The bounds and waits of [`Flows`](crate::Flows).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Flows held at once: 131 072. The least recently used makes room (`FlowsEvicted`).
    pub flows: usize,
    /// How long a TCP flow may be silent once both ends spoke or data was seen: 1 hour.
    pub established_idle: Duration,
    /// How long a TCP flow may be silent that nobody answered yet, or that one end closed: 60 s.
    pub brief_idle: Duration,
    /// How long a flow that its hosts ended is kept for stragglers: 10 s.
    pub closed_linger: Duration,
    /// How long a UDP flow may be silent: 5 minutes.
    pub datagram_idle: Duration,
    /// Out-of-order bytes that one direction of a flow may hold: 256 KiB (`LimitFlowBuffer`).
    pub flow_bytes: usize,
    /// Out-of-order segments that one direction of a flow may hold: 64 (`LimitFlowBuffer`).
    pub flow_segments: usize,
    /// Bytes that all flows together may hold out of order, with their bookkeeping: 64 MiB
    /// (`LimitAllBuffers`).
    pub all_bytes: usize,
    /// How long a hole may wait for its bytes, and the first data of a late start for what their
    /// peer acknowledges: 500 ms.
    pub hole_wait: Duration,
    /// How long it may wait after the receiver said that it lacks them, too: 60 s, the longest that
    /// senders are told to wait before they send again (RFC 6298, 2.5).
    pub lacked_wait: Duration,
    /// How long it may wait once the receiver acknowledged past it: 50 ms, for a mirror may show
    /// the two directions out of step.
    pub acknowledged_wait: Duration,
    /// How many segments may be held behind a hole that was acknowledged: 16.
    pub acknowledged_segments: usize,
    /// How far from its stream's place a segment is believed at once, in bytes: 1 MiB. One that is
    /// farther must be continued by a second before the stream moves there.
    pub window: u32,
    /// How soon a mirror shows the copy of a frame: 10 ms (`Duplicates`).
    pub duplicate_within: Duration,
    /// Delivered bytes of all flows that are kept to compare late overlaps with: 1 MiB, rounded up
    /// to a power of two.
    pub recent_bytes: usize,
    /// Tunnels within tunnels: 4 (`UnreadableDepth`).
    pub tunnels: u8,
    /// Extension headers of one frame: 16 (`UnreadableDepth`).
    pub extensions: u8,
    /// Packets put together from fragments at once: 1 024 (`FragmentsOverLimit`).
    pub fragmented_packets: usize,
    /// Bytes of fragments held at once: 4 MiB (`FragmentsOverLimit`).
    pub fragment_bytes: usize,
    /// How long a packet may wait for its fragments: 30 s (`FragmentsLate`).
    pub fragment_wait: Duration,
}

impl Limits {
    /// What each of so many parts of the flows may hold, so that all together hold no more than this.
    pub const fn share(self, parts: usize) -> Self {
        Self {
            flows: self.flows.div_ceil(parts),
            all_bytes: self.all_bytes.div_ceil(parts),
            recent_bytes: self.recent_bytes.div_ceil(parts),
            fragmented_packets: self.fragmented_packets.div_ceil(parts),
            fragment_bytes: self.fragment_bytes.div_ceil(parts),
            ..self
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            flows: 131_072,
            established_idle: Duration::from_secs(3600),
            brief_idle: Duration::from_secs(60),
            closed_linger: Duration::from_secs(10),
            datagram_idle: Duration::from_secs(300),
            flow_bytes: 256 << 10,
            flow_segments: 64,
            all_bytes: 64 << 20,
            hole_wait: Duration::from_millis(500),
            lacked_wait: Duration::from_secs(60),
            acknowledged_wait: Duration::from_millis(50),
            acknowledged_segments: 16,
            window: 1 << 20,
            duplicate_within: Duration::from_millis(10),
            recent_bytes: 1 << 20,
            tunnels: 4,
            extensions: 16,
            fragmented_packets: 1024,
            fragment_bytes: 4 << 20,
            fragment_wait: Duration::from_secs(30),
        }
    }
}
