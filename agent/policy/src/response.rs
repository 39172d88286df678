//! Who does what, by when, about a violation.
//!
//! The nearest statement wins, piece by piece: the conduit's, then the server's (its asset's
//! owner and consequence, its zone's owner), then the site's for the verb, then the site's for the
//! verb's class, then what is shipped. The site's owner answers where nobody else is named, so
//! every violation has an owner.

use std::fmt;
use std::str::FromStr;

use model::{Severity, Verb};

use crate::node::Word;
use crate::problems::Problems;
use crate::raw;
use crate::verbs::{self, Class};

/// How much the process depends on an asset or zone, least first.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Criticality {
    /// The process does not need it.
    Low,
    /// The process runs worse without it.
    #[default]
    Medium,
    /// The process stops without it.
    High,
    /// People or the plant are in danger without it.
    Critical,
}

impl Criticality {
    /// Every criticality, least first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word that policies write.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Criticality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What one place of the policy says about violations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Duty {
    pub(crate) owner: Option<String>,
    pub(crate) action: Option<String>,
    pub(crate) consequence: Option<String>,
    pub(crate) severity: Option<Severity>,
    pub(crate) respond_within: Option<String>,
}

impl Duty {
    pub(crate) fn read(raw: raw::Duty, problems: &mut Problems) -> Self {
        Self {
            owner: text(raw.owner),
            action: text(raw.action),
            consequence: None,
            severity: raw.severity.and_then(|word| severity(&word, problems)),
            respond_within: raw.respond_within.and_then(|word| delay(word, problems)),
        }
    }
}

/// What the site says about violations, by verb and by class of verbs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Responses {
    verbs: Vec<(Verb, Duty)>,
    classes: Vec<(Class, Duty)>,
}

impl Responses {
    pub(crate) fn read(raw: Vec<raw::Response>, problems: &mut Problems) -> Self {
        let mut responses = Self::default();
        for response in raw {
            let mut duty = Duty::read(response.duty, problems);
            duty.consequence = text(response.consequence);
            responses.add(&response.of, duty, problems);
        }
        responses
    }

    fn add(&mut self, of: &Word, duty: Duty, problems: &mut Problems) {
        let class = Class::ALL.into_iter().find(|class| class.name() == of.text);
        if let Some(class) = class {
            self.classes.push((class, duty));
        } else if let Ok(verb) = of.text.parse() {
            self.verbs.push((verb, duty));
        } else {
            let what = format!("no verb or class of verbs `{}`", of.text);
            let words = Class::ALL.map(Class::name).into_iter();
            let words = words.chain(Verb::ALL.map(Verb::name));
            problems.unknown(of.at, what, &of.text, words);
        }
    }

    /// The piece that the site states for a verb, or else for its class.
    pub(crate) fn of<'a, T>(
        &'a self,
        verb: Verb,
        piece: impl Fn(&'a Duty) -> Option<T>,
    ) -> Option<T> {
        let of_verb = self.verbs.iter().filter(|(of, _)| *of == verb);
        let of_class = self.classes.iter().filter(|(of, _)| *of == Class::of(verb));
        let mut duties = of_verb
            .map(|(_, duty)| duty)
            .chain(of_class.map(|(_, duty)| duty));
        duties.find_map(piece)
    }
}

/// What is shipped for a verb.
pub(crate) fn shipped(verb: Verb) -> Duty {
    let class = Class::of(verb);
    Duty {
        owner: None,
        action: Some(class.action().to_owned()),
        consequence: Some(class.consequence().to_owned()),
        severity: Some(verbs::severity(verb)),
        respond_within: Some(class.respond_within().to_owned()),
    }
}

/// Reads a word of criticality.
pub(crate) fn criticality(word: &Word, problems: &mut Problems) -> Option<Criticality> {
    let found = Criticality::ALL
        .into_iter()
        .find(|known| known.name() == word.text);
    if found.is_none() {
        let what = format!("no criticality `{}`", word.text);
        refuse_word(
            word,
            what,
            Criticality::ALL.map(Criticality::name),
            problems,
        );
    }
    found
}

fn severity(word: &Word, problems: &mut Problems) -> Option<Severity> {
    let found = Severity::from_str(&word.text).ok();
    if found.is_none() {
        let what = format!("no severity `{}`", word.text);
        refuse_word(word, what, Severity::ALL.map(Severity::name), problems);
    }
    found
}

/// Says that a word is none of a few; offers the nearest, or else all.
fn refuse_word<const N: usize>(
    word: &Word,
    what: String,
    known: [&'static str; N],
    problems: &mut Problems,
) {
    let help = model::closest(&word.text, known).map_or_else(
        || format!("it is one of {}", known.join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    problems.error_with(word.at, what, help);
}

/// Reads a span of time such as `15m`.
fn delay(word: Word, problems: &mut Problems) -> Option<String> {
    let number = word
        .text
        .strip_suffix(['s', 'm', 'h', 'd', 'w'])
        .unwrap_or_default();
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || number.bytes().all(|byte| byte == b'0') {
        let what = format!("`{}` is no span of time", word.text);
        problems.error_with(word.at, what, "such as `15m`, `4h` or `2d`");
        return None;
    }
    Some(word.text)
}

fn text(word: Option<Word>) -> Option<String> {
    word.map(|word| word.text)
}
