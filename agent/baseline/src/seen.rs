//! How often a fact was seen, when, and whether it counts as normal.

use std::fmt;

use model::Timestamp;

/// What is known of one fact.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Seen {
    pub(crate) state: State,
    pub(crate) count: u64,
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
}

impl Seen {
    /// Adds what was seen elsewhere of the same fact; the state stays.
    pub(crate) fn add(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

/// Whether a fact counts as normal.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum State {
    /// Normal because a person said so.
    Approved {
        /// Who.
        by: Box<str>,
    },
    /// Normal because it was seen in learning.
    Learned,
    /// Seen in learning, but too dangerous to be normal for that.
    Pending,
}

impl State {
    /// What a person of that name approved.
    pub(crate) fn approved(by: &str) -> Self {
        let plain = |letter: char| !letter.is_control() && letter != '|';
        let by: String = by.chars().filter(|letter| plain(*letter)).collect();
        Self::Approved {
            by: by.trim().into(),
        }
    }

    /// Reads the text form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "learned" => Some(Self::Learned),
            "pending" => Some(Self::Pending),
            _ => text.strip_prefix(APPROVED).map(Self::approved),
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Approved { by } => write!(f, "{APPROVED}{by}"),
            Self::Learned => f.write_str("learned"),
            Self::Pending => f.write_str("pending"),
        }
    }
}

const APPROVED: &str = "approved by ";
