//! Traffic to measure on: deterministic, with real shapes, made in memory or read from captures.
//!
//! `benches/ladder.rs` measures the rooms one upon the other; `benches/decoders.rs` the decoders
//! alone, on captures; `benches/policy.rs` loading a policy; `tests/steady.rs` proves that steady polling allocates nothing. What is timed
//! is reported, never asserted: machines differ, counts of allocations do not.

mod plant;
mod polling;
mod setup;
mod streams;

pub use plant::{large_policy, large_policy_address};
pub use polling::Polling;
pub use setup::{engine, judges};
pub use streams::{Stream, streams};
