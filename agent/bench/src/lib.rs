//! Traffic to measure on: deterministic, with real shapes, made in memory or read from captures.
//!
//! `benches/ladder.rs` measures the rooms one upon the other; `benches/decoders.rs` the decoders
//! alone, on captures; `benches/policy.rs` a policy as large as they get, beside one of ten statements; `tests/steady.rs` and
//! `tests/judged.rs` prove that what is steady allocates nothing, `tests/shed.rs` what is left out under pressure. What is timed is reported, never asserted: machines differ,
//! counts of allocations do not.

mod asked;
mod frames;
mod held;
mod plant;
mod ran;
mod rules;
mod setup;
mod soak;
mod statements;
mod streams;
mod traffic;
mod wire;

pub use asked::{ASKED_AT, Asked};
pub use frames::{Batch, Frames};
pub use held::Held;
pub use plant::{large_policy, large_policy_address};
pub use ran::Ran;
pub use rules::sixty_rules;
pub use setup::{engine, judges, read_policy, words};
pub use soak::{Day, Soak, soak_captures};
pub use statements::{Memory, own_conduits, reading_alone, ten_statements};
pub use streams::{Stream, streams};
pub use traffic::{Kind, Plant, traffic};
