//! A loaded set of rules: immutable, shared by every thread that judges.

use std::hash::RandomState;
use std::path::Path;

use model::{Because, Event, Finding, Kind, Problem, Response, Severity, Verdict, Vocabulary};
use serde::Serialize;

use crate::correlation::Correlation;
use crate::detection::Check;
use crate::example::Example;
use crate::fields::View;
use crate::gate::{Gates, Traits};
use crate::load;
use crate::words::Words;

/// A set of rules that cannot be wrong: everything in it was checked at loading.
#[derive(Debug, Default)]
pub struct Rules {
    pub(crate) rules: Vec<Rule>,
    pub(crate) checks: Vec<Check>,
    // INVARIANT: those of `checks`, in the same places.
    pub(crate) gates: Gates,
    pub(crate) correlations: Vec<Correlation>,
    /// What groups and values of correlations are hashed with.
    pub(crate) seed: RandomState,
}

/// What a person reads of a rule.
#[derive(Clone, Debug, Serialize)]
pub struct Rule {
    /// Its stable word, Sigma's `name`, such as `s7.plc_stop`.
    pub id: String,
    /// A few words, without addresses.
    pub title: String,
    /// What happened and why that matters; the first sentence is the reason that findings give.
    pub description: String,
    /// How bad it is if it is what it looks like.
    pub level: Severity,
    /// The technique of ATT&CK for ICS that it shows, such as `T0858`.
    pub technique: String,
    /// Every technique that its tags name, that one first.
    pub techniques: Vec<String>,
    /// When it fires although nothing is wrong.
    pub falsepositives: Vec<String>,
    /// How sure it is, in percent.
    pub confidence: u8,
    /// Who does what by when.
    pub response: Response,
    /// Its file, as it was named at loading.
    pub file: String,
    /// Its line there.
    pub line: u32,
    /// Examples that must fire.
    #[serde(skip)]
    pub fire: Vec<Example>,
    /// Examples that must stay quiet.
    #[serde(skip)]
    pub quiet: Vec<Example>,
}

/// A rule of one loaded set.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RuleIndex(pub(crate) u32);

/// The rules that one event matches. Empty for nearly every event, and then it owns no memory.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Matches {
    pub(crate) alerts: Box<[RuleIndex]>,
    pub(crate) feeds: Box<[u32]>,
}

impl Matches {
    /// The rules that a person is told of.
    pub fn alerts(&self) -> impl Iterator<Item = RuleIndex> + '_ {
        self.alerts.iter().copied()
    }

    /// Whether correlations count the event, each time it happens ([`Rules::feeds`]).
    pub fn feeds_correlations(&self) -> bool {
        !self.feeds.is_empty()
    }

    /// Whether nothing matched at all.
    pub fn is_empty(&self) -> bool {
        self.alerts.is_empty() && self.feeds.is_empty()
    }
}

impl Rules {
    /// The rules that come with the agent, checked against the protocols' words.
    ///
    /// # Errors
    /// Everything that is wrong with them; a test sees to it that nothing is.
    pub fn shipped(words: &[&'static Vocabulary]) -> Result<Self, Vec<Problem>> {
        load::shipped(Words(words))
    }

    /// Every `*.yml` and `*.yaml` of a folder, checked against the protocols' words.
    ///
    /// # Errors
    /// Everything that is wrong in any of them.
    pub fn load(folder: &Path, words: &[&'static Vocabulary]) -> Result<Self, Vec<Problem>> {
        load::folder(folder, Words(words))
    }

    /// How many rules a person can be told of.
    pub const fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Every rule, by file.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// The rule of an index that this set gave.
    pub fn rule(&self, index: RuleIndex) -> Option<&Rule> {
        self.rules.get(usize::try_from(index.0).ok()?)
    }

    /// Whether any rule reads a field that signatures do not cover: if so, two events of one
    /// signature may match differently, and [`Rules::varying`] tells them apart.
    pub fn reads_volatile(&self) -> bool {
        self.checks.iter().any(|check| check.volatile)
    }

    /// The rules that an event matches. Depends on the event and the verdict alone.
    pub fn matching(&self, event: &Event<'_>, verdict: Option<&Verdict>) -> Matches {
        let view = View::new(event, verdict);
        self.judge(view.traits(), &view)
    }

    /// Of the rules that an event matches, those that read a field that signatures do not cover.
    pub fn varying(&self, event: &Event<'_>, verdict: Option<&Verdict>) -> Matches {
        let view = View::new(event, verdict);
        self.judge_by(|check| check.volatile, view.traits(), &view)
    }

    /// What to tell of a match by a message of that function.
    pub fn finding(&self, rule: RuleIndex, function: &str) -> Finding {
        self.rule(rule)
            .map_or_else(stale, |rule| rule.finding(function))
    }

    pub(crate) fn judge(&self, traits: Traits<'_>, event: &impl rsigma_eval::Event) -> Matches {
        self.judge_by(|_| true, traits, event)
    }

    fn judge_by(
        &self,
        asks: impl Fn(&Check) -> bool,
        traits: Traits<'_>,
        event: &impl rsigma_eval::Event,
    ) -> Matches {
        let mut alerts = Vec::new();
        let mut feeds = Vec::new();
        for place in self.gates.open(traits) {
            let check = self.checks.get(place as usize);
            if let Some(check) = check.filter(|check| asks(check))
                && check.matches(traits.protocol, event)
            {
                alerts.extend(check.alerts);
                feeds.extend(check.feeds.then_some(place));
            }
        }
        Matches {
            alerts: alerts.into_boxed_slice(),
            feeds: feeds.into_boxed_slice(),
        }
    }
}

impl Rule {
    fn finding(&self, function: &str) -> Finding {
        Finding {
            kind: Kind::Rule,
            rule: self.id.clone(),
            title: self.title.clone(),
            severity: self.level,
            confidence: self.confidence,
            because: Because {
                reason: format!("{} (`{function}`)", self.reason()),
                file: Some(self.file.clone()),
                line: Some(self.line),
                ..Because::default()
            },
            technique: Some(self.technique.clone()),
            response: self.response.clone(),
        }
    }

    /// The first sentence of the description, on one line.
    fn reason(&self) -> String {
        let line = self
            .description
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let sentence = line
            .split_once(". ")
            .map_or(line.as_str(), |(first, _)| first);
        sentence.trim_end_matches('.').to_owned()
    }
}

/// A match that was remembered longer than its rules: shown rather than lost or guessed.
fn stale() -> Finding {
    Finding {
        kind: Kind::Sensor,
        rule: "sensor.stale_rule".to_owned(),
        title: "A rule matched that is no longer loaded".to_owned(),
        severity: Severity::Informational,
        confidence: 100,
        because: Because {
            reason: "the rules were changed after this event was judged".to_owned(),
            ..Because::default()
        },
        technique: None,
        response: Response {
            owner: "sensor operator".to_owned(),
            action: "replay the capture with the rules that are loaded now".to_owned(),
            consequence: "one detection is not told".to_owned(),
            respond_within: "2d".to_owned(),
        },
    }
}
