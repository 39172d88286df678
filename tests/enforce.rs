//! `bulkhead policy enforce`: the filter that it writes and the policy agree.
//!
//! Two proofs. Packets: the filter is loaded into a network namespace, real packets go through it, and
//! each passes if and only if some operation on its port between its hosts could conform to the policy.
//! Symbols: each format is read back, from the kernel where it can be loaded, and allows the same as
//! the ruleset that it was written from.

mod boxes;
mod cable;
mod listing;
mod packet;
mod packets;
mod said;
mod sites;
mod tables;
mod texts;
mod verdict;
