//! Signatures: one number for all that judges may look at in a message.

use std::hash::{BuildHasher, Hash};

use foldhash::quality::RandomState;

/// The signature of anything that hashes: give it the fields that the vocabulary does not call
/// volatile, and nothing else.
pub(crate) fn signature(seed: &RandomState, fields: impl Hash) -> u64 {
    seed.hash_one(fields)
}
