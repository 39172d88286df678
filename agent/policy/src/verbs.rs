//! Sets of verbs, the three classes of verbs, and what is shipped for each.

use std::fmt;

use model::{Severity, Verb};

use crate::node::Word;
use crate::problems::Problems;

/// A set of verbs.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct VerbSet(u32);

impl VerbSet {
    pub(crate) const ALL: Self = Self((1 << Verb::ALL.len()) - 1);
    pub(crate) const NONE: Self = Self(0);

    pub(crate) const fn with(self, verb: Verb) -> Self {
        Self(self.0 | 1 << verb as u32)
    }

    pub(crate) const fn contains(self, verb: Verb) -> bool {
        self.0 & 1 << verb as u32 != 0
    }

    pub(crate) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Every verb, in the order of all verbs.
    pub(crate) fn iter(self) -> impl Iterator<Item = Verb> {
        Verb::ALL
            .into_iter()
            .filter(move |verb| self.contains(*verb))
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Reads `any`, `nothing`, or words of verbs.
    pub(crate) fn read(words: &[Word], problems: &mut Problems) -> Self {
        match words {
            [only] if only.text == "any" => Self::ALL,
            [only] if only.text == "nothing" => Self::NONE,
            list => list
                .iter()
                .fold(Self::NONE, |set, word| set.read_one(word, problems)),
        }
    }

    fn read_one(self, word: &Word, problems: &mut Problems) -> Self {
        if let Ok(verb) = word.text.parse() {
            return self.with(verb);
        }
        let what = format!("no verb `{}`", word.text);
        match word.text.as_str() {
            "any" | "nothing" => {
                problems.error_with(word.at, what, "`any` and `nothing` stand alone");
            }
            text => problems.unknown(word.at, what, text, Verb::ALL.map(Verb::name)),
        }
        self
    }
}

impl fmt::Display for VerbSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut verbs = Verb::ALL.into_iter().filter(|verb| self.contains(*verb));
        let Some(first) = verbs.next() else {
            return f.write_str("nothing");
        };
        f.write_str(first.name())?;
        verbs.try_for_each(|verb| write!(f, ", {verb}"))
    }
}

/// What a verb does to the process: the grain at which a site states its responses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Class {
    /// Looks.
    Observe,
    /// Runs the process.
    Operate,
    /// Changes the controller.
    Engineer,
}

impl Class {
    pub(crate) const ALL: [Self; 3] = [Self::Observe, Self::Operate, Self::Engineer];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Operate => "operate",
            Self::Engineer => "engineer",
        }
    }

    pub(crate) const fn of(verb: Verb) -> Self {
        match verb {
            Verb::Connect
            | Verb::Identify
            | Verb::Browse
            | Verb::Read
            | Verb::Subscribe
            | Verb::Diagnose => Self::Observe,
            Verb::Write | Verb::Call | Verb::Alarm | Verb::Other => Self::Operate,
            Verb::Upload
            | Verb::Download
            | Verb::Mode
            | Verb::Configure
            | Verb::Time
            | Verb::Credential
            | Verb::Firmware
            | Verb::Delete => Self::Engineer,
        }
    }

    /// What to do where the policy says nothing.
    pub(crate) const fn action(self) -> &'static str {
        match self {
            Self::Observe => {
                "find out who runs the client and what it is for; then allow it in the policy or \
                 have it stopped"
            }
            Self::Operate => {
                "call the control room, compare the values with what the process needs, restore \
                 them if they are wrong, then find out who runs the client"
            }
            Self::Engineer => {
                "call the control room and controls engineering; if nobody planned it, isolate \
                 the client and compare the controller's program with its backup"
            }
        }
    }

    /// What happens where the policy says nothing.
    pub(crate) const fn consequence(self) -> &'static str {
        match self {
            Self::Observe => "somebody unknown learns how the process works",
            Self::Operate => "the process runs on values that nobody approved",
            Self::Engineer => "the controller runs a program or mode that nobody approved",
        }
    }

    /// By when, where the policy says nothing.
    pub(crate) const fn respond_within(self) -> &'static str {
        match self {
            Self::Observe => "1d",
            Self::Operate => "1h",
            Self::Engineer => "15m",
        }
    }
}

/// How bad a violation with this verb is, where the policy says nothing.
pub(crate) const fn severity(verb: Verb) -> Severity {
    match verb {
        Verb::Connect => Severity::Low,
        Verb::Identify
        | Verb::Browse
        | Verb::Read
        | Verb::Subscribe
        | Verb::Diagnose
        | Verb::Other => Severity::Medium,
        Verb::Write
        | Verb::Call
        | Verb::Upload
        | Verb::Configure
        | Verb::Time
        | Verb::Credential
        | Verb::Alarm => Severity::High,
        Verb::Download | Verb::Mode | Verb::Firmware | Verb::Delete => Severity::Critical,
    }
}

/// The technique of ATT&CK for ICS that a forbidden verb looks like; `other` looks like none.
pub(crate) const fn technique(verb: Verb) -> Option<&'static str> {
    Some(match verb {
        Verb::Connect => "T0886",
        Verb::Identify | Verb::Diagnose => "T0888",
        Verb::Browse => "T0861",
        Verb::Read | Verb::Subscribe => "T0801",
        Verb::Write | Verb::Configure => "T0836",
        Verb::Call | Verb::Time => "T0855",
        Verb::Upload => "T0845",
        Verb::Download => "T0843",
        Verb::Mode => "T0858",
        Verb::Credential => "T0859",
        Verb::Firmware => "T0857",
        Verb::Delete => "T0809",
        Verb::Alarm => "T0878",
        Verb::Other => return None,
    })
}
