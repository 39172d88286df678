//! What a decoder says of the bytes it was fed.

use std::fmt;

use crate::{Function, Operation, Stamp};

/// One thing that a decoder has to say.
#[derive(Debug)]
pub enum Said<'a> {
    /// The flow's protocol is known: nothing was said in the flow before.
    Recognised {
        /// Its name, one of the vocabularies'.
        protocol: &'static str,
    },
    /// A whole message was decoded.
    Operation(Operation<'a>),
    /// A transport unit came that completes no message.
    Part(Part<'a>),
    /// A message could not be read.
    Malformed(Malformed),
    /// Something is not as the protocol wants it, though it could be read.
    Anomaly(Anomaly),
    /// A request was never answered while its conversation went on, or until it ended.
    Unanswered {
        /// The request's signature.
        signature: u64,
        /// What it asked.
        function: Function,
        /// When.
        asked: Stamp,
    },
    /// The decoder found a message boundary again after it had lost it.
    Resynchronised {
        /// How many bytes were passed over.
        skipped_bytes: u64,
    },
}

/// A transport unit that completes no message: it is empty, carries a part of one that is longer, or something foreign.
///
/// Only writers of logs by unit hear it; judges hear the message.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    /// What the unit itself says, by the names of the protocol's record.
    pub fields: &'a dyn erased_serde::Serialize,
}

impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").finish_non_exhaustive()
    }
}

/// Bytes that do not form a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Malformed {
    /// The field that could not be read.
    pub field: &'static str,
    /// Its place within the message, in bytes.
    pub offset: usize,
    /// What is wrong with it.
    pub why: &'static str,
}

/// A readable message that breaks its protocol's rules.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Anomaly {
    /// Which rule.
    pub kind: AnomalyKind,
    /// What the rule wants, where it is a number.
    pub expected: u64,
    /// What was found.
    pub found: u64,
}

/// The rules of conversation that decoders and the flow layer check.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum AnomalyKind {
    /// A second request with the identifier of one that is still open.
    DuplicateRequest,
    /// Two copies of the same stream bytes differ: one of them was injected.
    OverlapConflict,
    /// More requests are open than the decoder remembers; the oldest was forgotten.
    PendingOverflow,
    /// An answer's function, unit or size does not fit its request.
    MismatchedAnswer,
    /// A length field disagrees with what the function needs.
    LengthMismatch,
    /// A sequence or token is not the next one.
    SequenceBreak,
    /// An answer without a request, although the stream was seen from its start without a gap.
    UnsolicitedAnswer,
    /// A message is larger than the limit.
    TooLarge,
    /// Chunks of a message never ended.
    ChunkFlood,
    /// A checksum disagrees with the bytes that it protects.
    BadChecksum,
    /// A channel was opened with less protection than its server offers or than it had before.
    SecurityDowngrade,
    /// A value nests deeper than anybody reads.
    TooDeep,
    /// A list claims more items than its message can hold or than anybody reads.
    TooMany,
    /// A message is wrapped in another of its own kind, as nobody does but to hide it.
    Nested,
    /// A block or file began to be copied, and the end never came.
    EndlessTransfer,
}

impl AnomalyKind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::DuplicateRequest,
        Self::OverlapConflict,
        Self::PendingOverflow,
        Self::MismatchedAnswer,
        Self::LengthMismatch,
        Self::SequenceBreak,
        Self::UnsolicitedAnswer,
        Self::TooLarge,
        Self::ChunkFlood,
        Self::BadChecksum,
        Self::SecurityDowngrade,
        Self::TooDeep,
        Self::TooMany,
        Self::Nested,
        Self::EndlessTransfer,
    ];

    /// The word that metrics and incidents use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DuplicateRequest => "duplicate_request",
            Self::OverlapConflict => "overlap_conflict",
            Self::PendingOverflow => "pending_overflow",
            Self::MismatchedAnswer => "mismatched_answer",
            Self::LengthMismatch => "length_mismatch",
            Self::SequenceBreak => "sequence_break",
            Self::UnsolicitedAnswer => "unsolicited_answer",
            Self::TooLarge => "too_large",
            Self::ChunkFlood => "chunk_flood",
            Self::BadChecksum => "bad_checksum",
            Self::SecurityDowngrade => "security_downgrade",
            Self::TooDeep => "too_deep",
            Self::TooMany => "too_many",
            Self::Nested => "nested",
            Self::EndlessTransfer => "endless_transfer",
        }
    }
}
