//! Why a body could not be read to its end.

use model::{Anomaly, AnomalyKind, Malformed};

/// The most objects and structures that are followed into each other. A hardware configuration, the
/// deepest tree that engineering tools send, has fewer than ten levels.
pub(super) const DEPTH: usize = 32;

/// Why a body could not be read to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in super::super) enum Fault {
    /// It ends early, or holds what nobody has described.
    Unknown,
    /// It nests deeper than [`DEPTH`].
    TooDeep,
    /// A list claims more than the message can hold.
    TooMany {
        /// How many bytes were left for it.
        left: usize,
        /// How many entries it claims.
        claimed: u32,
    },
}

impl Fault {
    /// The anomaly to say, if it is one.
    pub(in super::super) const fn anomaly(self) -> Option<Anomaly> {
        match self {
            Self::Unknown => None,
            Self::TooDeep => Some(Anomaly {
                kind: AnomalyKind::TooDeep,
                expected: DEPTH as u64,
                found: DEPTH as u64 + 1,
            }),
            Self::TooMany { left, claimed } => Some(Anomaly {
                kind: AnomalyKind::TooMany,
                expected: left as u64,
                found: claimed as u64,
            }),
        }
    }
}

impl From<Malformed> for Fault {
    fn from(_: Malformed) -> Self {
        Self::Unknown
    }
}
