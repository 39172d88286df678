//! What the engine may hold.

use std::time::Duration;

/// The bounds of the engine and of the rooms below it.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bounds of the flow layer.
    pub flow: flow::Limits,
    /// Bounds of each decoder.
    pub decode: decode::Limits,
    /// The most judgements that are remembered (default 2 097 152, of 32 bytes while they are quiet).
    /// When they are full all are forgotten and made again as traffic needs them.
    pub judgements: usize,
    /// The most edges that are remembered, and the most that is remembered of what is not quiet: what has an incident
    /// in common, and each judgement that is correlated (default 262 144). When they are full all judgements are forgotten.
    pub edges: usize,
    /// The most incidents that are open (default 4 096). Findings beyond are folded into one
    /// incident that says so.
    pub incidents: usize,
    /// The most hosts in the inventory (default 16 384).
    pub hosts: usize,
    /// How much the engine remembers of what messages look like, to tell those apart that may be left out when
    /// frames come too fast, in bytes (default 64 MiB). Beyond, fewer are left out by that.
    pub template_bytes: usize,
    /// How long an incident is silent, in capture time, before the next finding of its kind
    /// opens another (default 1 h).
    pub incident_silence: Duration,
}

impl Limits {
    /// What each of so many shards may hold of it.
    pub(crate) fn share(&self, shards: usize) -> Self {
        let shards = shards.max(1);
        Self {
            flow: self.flow.share(shards),
            judgements: self.judgements.div_ceil(shards),
            edges: self.edges.div_ceil(shards),
            ..self.clone()
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            flow: flow::Limits::default(),
            decode: decode::Limits::default(),
            judgements: 1 << 21,
            edges: 1 << 18,
            incidents: 1 << 12,
            hosts: 1 << 14,
            template_bytes: 64 << 20,
            incident_silence: Duration::from_secs(3600),
        }
    }
}
