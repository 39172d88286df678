//! What the policy says of an event.

use crate::Side;

/// The policy's answer. Identifiers are resolved to text by the policy that gave them.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Verdict {
    /// A statement allows it.
    Conforms {
        /// The statement that allows it.
        to: StatementId,
    },
    /// No statement allows it.
    Violates {
        /// What is missing.
        because: Reason,
        /// The statement that came closest, or that denies it.
        of: Option<StatementId>,
    },
    /// A party is in no zone.
    Unzoned {
        /// Which one; the client where both are.
        side: Side,
    },
    /// Only a statement in shadow decides it: it is counted, never an incident.
    Shadow {
        /// The statement that would allow it, or that came closest.
        of: StatementId,
    },
    /// Not enough was seen to say.
    Unknown {
        /// What was not seen.
        why: Unseen,
    },
}

impl Verdict {
    /// Every verdict's word.
    pub const NAMES: [&'static str; 5] = ["conforms", "violates", "unzoned", "shadow", "unknown"];

    /// The word that metrics, records and rules use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Conforms { .. } => "conforms",
            Self::Violates { .. } => "violates",
            Self::Unzoned { .. } => "unzoned",
            Self::Shadow { .. } => "shadow",
            Self::Unknown { .. } => "unknown",
        }
    }
}

/// A statement of one loaded policy.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct StatementId(pub u32);

/// Why a policy does not allow an event, from the widest to the narrowest miss.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Reason {
    /// No conduit joins the two zones.
    NoConduit,
    /// The conduits between them do not carry this protocol.
    Protocol,
    /// The client's role may not do this verb.
    Role,
    /// The conduit does not carry this verb.
    Verb,
    /// The conduit does not carry this function.
    Function,
    /// The conduit does not reach this unit.
    Unit,
    /// The statement does not hold at this time.
    Time,
    /// The statement asks for encryption.
    Encryption,
    /// The statement asks for another security mode or policy.
    Security,
    /// The statement is for another user, certificate or application.
    Identity,
    /// The conduit does not reach this target.
    Target,
    /// The statement does not allow this value.
    Value,
    /// The statement was used up for now.
    Rate,
}

impl Reason {
    /// Every reason, the widest miss first.
    pub const ALL: [Self; 13] = [
        Self::NoConduit,
        Self::Protocol,
        Self::Role,
        Self::Verb,
        Self::Function,
        Self::Unit,
        Self::Time,
        Self::Encryption,
        Self::Security,
        Self::Identity,
        Self::Target,
        Self::Value,
        Self::Rate,
    ];

    /// The word that incidents and metrics use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoConduit => "no_conduit",
            Self::Protocol => "protocol",
            Self::Role => "role",
            Self::Verb => "verb",
            Self::Function => "function",
            Self::Unit => "unit",
            Self::Time => "time",
            Self::Encryption => "encryption",
            Self::Security => "security",
            Self::Identity => "identity",
            Self::Target => "target",
            Self::Value => "value",
            Self::Rate => "rate",
        }
    }
}

/// What was not seen.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Unseen {
    /// The body is encrypted, and the statements that could decide need it.
    Encrypted,
    /// The role of the two ends cannot be told.
    Roles,
    /// What it touches: the request, or the start of the conversation, was not seen.
    Target,
    /// Who is behind it, or how it is protected: the start of the conversation was not seen.
    Session,
    /// The value that it writes.
    Value,
}
