//! The contract that every room keeps, tested over [`PROTOCOLS`](crate::PROTOCOLS).
