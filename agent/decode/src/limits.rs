//! What a decoder may hold, whatever its peers send.

use std::fmt;

use foldhash::quality::RandomState;

/// The bounds of one decoder, and the seed of its signatures.
#[derive(Clone)]
pub struct Limits {
    /// The most requests that wait for an answer per flow (default 64). The oldest is forgotten
    /// and said to be unanswered.
    pub pending_requests: usize,
    /// The most bytes that are held of one unfinished message per direction (default 1 MiB).
    pub message_bytes: usize,
    /// The most monitored items that are remembered per OPC UA connection (default 10 000); what later ones tell is shown by
    /// the client's number alone.
    pub monitored_items: usize,
    /// The most bytes that one direction holds while the protocol is still unknown (default 4 KiB).
    pub probe_bytes: usize,
    /// How many segments of one flow are probed before it is called foreign (default 24).
    pub probe_segments: u32,
    /// Seeds [`model::Operation::signature`]; random in the sensor, fixed in tests.
    pub seed: RandomState,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pending_requests: 64,
            message_bytes: 1 << 20,
            monitored_items: 10_000,
            probe_bytes: 4 << 10,
            probe_segments: 24,
            seed: RandomState::default(),
        }
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits")
            .field("pending_requests", &self.pending_requests)
            .field("message_bytes", &self.message_bytes)
            .field("monitored_items", &self.monitored_items)
            .field("probe_bytes", &self.probe_bytes)
            .field("probe_segments", &self.probe_segments)
            .finish_non_exhaustive()
    }
}
