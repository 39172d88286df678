//! The baseline: what is normal per client and server, and what deviates from it.
//!
//! Version 1 knows exact facts: who asks whom, over which protocol, which unit, with which function,
//! for which targets. A conversation that is daily work has few of them, and each deviation can be
//! told in one clause. Times, orders and values are not learned yet.
//!
//! - Reading is learned. What changes something (`Verb::is_dangerous`) is kept as a fact that awaits
//!   approval, and deviates until a person approves it.
//! - Targets that adjoin become one run; every table is bounded.
//! - [`Baseline::judge`] costs four look-ups and no memory where all is normal.
//! - As text a baseline is one fact per line, sorted: it can be reviewed, compared and kept in git.

mod baseline;
mod facts;
mod judge;
mod key;
mod record;
mod runs;
mod seen;
mod targets;
#[cfg(test)]
mod tests;
mod text;

pub use baseline::Baseline;
pub use record::Row;
