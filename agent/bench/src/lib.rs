//! Traffic to measure on: deterministic, with real shapes, made in memory.
//!
//! `benches/ladder.rs` measures the rooms one upon the other; `tests/steady.rs` proves that steady
//! polling allocates nothing. What is timed is reported, never asserted: machines differ, counts of
//! allocations do not.

mod polling;
mod setup;

pub use polling::Polling;
pub use setup::{engine, judges};
