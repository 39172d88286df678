//! From what people write to an operation: every word is looked up, and all that is wrong is said at once.
//!
//! The keys are those of [`KEYS`], on the command line as options and in `cases.yaml` as keys of a case. A person need not write all:
//! a function tells its verb, a verb stands for one of its functions, a tag tells its protocol, an asset behind another its unit. What
//! is not said of a session was not seen.

use model::{Function, Problem, Stage, Timestamp, Vocabulary, closest};

use super::said;
use super::{Supposed, Thing};
use crate::node::Word;
use crate::pattern::Pattern;
use crate::policy::Policy;
use crate::problems::{Problems, Spot};
use crate::tags::Tag;
use crate::when::moment;
use crate::words::{Words, number};

/// What a person wrote of an operation: keys with their words, in any order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked(pub(crate) Vec<(&'static str, Word)>);

/// What can be said of an operation; `targets` and `values` several times.
pub(crate) const KEYS: [&str; 18] = [
    "from",
    "to",
    "protocol",
    "function",
    "verb",
    "unit",
    "targets",
    "values",
    "user",
    "identity",
    "security_mode",
    "security_policy",
    "certificate",
    "application",
    "encrypted",
    "at",
    "stage",
    "after",
];

impl Policy {
    /// An operation in words: pairs of a key and what is said for it, such as `("from", "hmi-1")`. `now` is when it is where no
    /// `at` is said. The keys are `from to protocol function verb unit target value user identity security_mode security_policy
    /// certificate application encrypted at stage after`; `target` and `value` may come several times.
    ///
    /// # Errors
    ///
    /// Everything that is wrong; the file of each is its key, or `operation` for what is missing, and the line is 0.
    pub fn suppose(
        &self,
        said: &[(&str, &str)],
        words: &[&'static Vocabulary],
        now: Timestamp,
    ) -> Result<Supposed, Vec<Problem>> {
        let mut problems = Problems::default();
        let mut asked = Asked::default();
        for (key, text) in said {
            let file = problems.files.add(key);
            let at = Spot {
                file,
                ..Spot::default()
            };
            let plural = format!("{key}s");
            let known = KEYS.iter().find(|it| **it == *key || **it == plural);
            match known {
                Some(known) => asked.0.push((
                    known,
                    Word {
                        at,
                        text: text.trim().to_owned(),
                    },
                )),
                None => problems.unknown(at, format!("no key `{key}`"), key, KEYS),
            }
        }
        let home = Spot {
            file: problems.files.add(OPERATION),
            ..Spot::default()
        };
        let supposed = self.supposed(&asked, home, (words, now), &mut problems);
        match supposed {
            Some(supposed) if !problems.is_fatal() => Ok(supposed),
            _ => Err(problems.into_sorted().0),
        }
    }

    /// The operation that was asked about at a place; what is wrong is said.
    pub(crate) fn supposed(
        &self,
        asked: &Asked,
        first: Spot,
        (words, now): (Words<'_>, Timestamp),
        problems: &mut Problems,
    ) -> Option<Supposed> {
        let mut party = |key| match asked.word(key) {
            Some(word) => self.find(word, problems),
            None => {
                problems.error(first, format!("the operation has no `{key}`"));
                None
            }
        };
        let (from, to) = (party("from"), party("to"));
        let protocol = self.protocol(asked, words, first, problems);
        let targets = protocol.map_or_else(Vec::new, |of| self.targets(asked, of, problems));
        let function = protocol.and_then(|of| said::function(asked, of, &targets, first, problems));
        let unit = asked.word("unit");
        let unit = unit.and_then(|word| said::unit(word, problems));
        let at = asked.word("at").and_then(|word| self.at(word, problems));
        let stage = asked
            .word("stage")
            .map_or(Some(Stage::Request), |word| said::stage(word, problems));
        let after = asked.word("after").and_then(|word| {
            let after = number(&word.text, 0..=MAX_AFTER, "count", word.at, problems);
            u32::try_from(after?).ok()
        });
        let shown = protocol.map_or_else(Vec::new, |of| said::session(asked, of, problems));
        // what is written to a target that nobody knows cannot be checked
        let known = targets.len() == asked.words("targets").count();
        let puts = function.filter(|_| known);
        let puts = puts.map_or_else(Vec::new, |it| said::puts(asked, it, &targets, problems));
        let (from, to) = (from?, to?);
        let ends = [from.host, to.host];
        let mut supposed = Supposed::new(ends, protocol?.name, function?, at.unwrap_or(now));
        supposed = supposed.for_unit(unit.or(to.unit));
        supposed.stage = stage?;
        supposed.after = after.unwrap_or(0);
        for (field, value) in shown {
            supposed = supposed.showing(field, value);
        }
        self.check_tags(&targets, &supposed, problems);
        let mut puts = puts.into_iter();
        for aim in targets {
            supposed = match puts.next() {
                Some(put) => supposed.put(aim.thing, put),
                None => supposed.on(aim.thing),
            };
        }
        supposed.notes = from.note.into_iter().chain(to.note).collect();
        if asked.word("function").is_none() && asked.word("verb").is_some() {
            let Function { name, verb, .. } = supposed.function;
            let note = format!("`{name}` stands for the functions that are a `{verb}`");
            supposed.notes.push(note);
        }
        Some(supposed)
    }

    /// The protocol: as it is said, or else as the function or a tag tells it.
    fn protocol(
        &self,
        asked: &Asked,
        words: Words<'_>,
        first: Spot,
        problems: &mut Problems,
    ) -> Option<&'static Vocabulary> {
        if let Some(word) = asked.word("protocol") {
            return crate::words::protocol(word, words, problems);
        }
        let of_tag = asked.words("targets").find_map(|word| self.tag(word));
        let function = asked.word("function").map(|word| word.text.as_str());
        let named = |of: &&&'static Vocabulary| {
            of_tag.is_some_and(|tag| tag.protocol == of.name)
                || of.functions.iter().any(|it| Some(it.name) == function)
        };
        let mut known = words.iter().filter(named);
        let found = known.next().filter(|_| known.next().is_none());
        if found.is_none() {
            let names: Vec<_> = words.iter().map(|of| of.name).collect();
            let help = format!("it is one of {}", names.join(", "));
            problems.error_with(first, "the operation has no `protocol`", help);
        }
        found.copied()
    }

    fn tag(&self, word: &Word) -> Option<&Tag> {
        self.tags.named(&word.text).and_then(|id| self.tags.tag(id))
    }

    fn targets<'p>(
        &'p self,
        asked: &Asked,
        of: &'static Vocabulary,
        problems: &mut Problems,
    ) -> Vec<Aim<'p>> {
        let mut targets = Vec::new();
        for word in asked.words("targets") {
            let tag = self.tag(word);
            let pattern = match tag {
                Some(tag) => Ok(tag.exact.pattern()),
                None => Pattern::read(&word.text, &[of]),
            };
            match pattern.map(|pattern| Thing::of(&pattern)) {
                Ok(Some(thing)) if !word.text.ends_with('*') => targets.push(Aim {
                    thing,
                    tag,
                    at: word.at,
                }),
                Ok(_) => {
                    let what = format!("`{}` is more than one target", word.text);
                    problems.error_with(
                        word.at,
                        what,
                        "an operation touches one; write it without `*`",
                    );
                }
                Err(refused) => {
                    let tags = self.tags.iter().map(|tag| tag.name.as_str());
                    let near = closest(&word.text, tags);
                    let help = near.map(|near| format!("did you mean `{near}`?"));
                    problems.refuse(word.at, refused.what, help.or(refused.help));
                }
            }
        }
        targets
    }

    /// Says which tags are of other assets or protocols than the operation.
    fn check_tags(&self, targets: &[Aim<'_>], of: &Supposed, problems: &mut Problems) {
        let server = self.place(&of.server);
        let server = self.edge(self.place(&of.client), server, of.protocol);
        let asset = server.server(of.unit).asset;
        for aim in targets {
            let Some(tag) = aim.tag else { continue };
            let owner = crate::policy::at(&self.assets, tag.asset.0);
            let owner = owner.map_or("", |asset| asset.name.as_str());
            if Some(tag.asset) != asset {
                let what = format!(
                    "tag `{}` is of asset `{owner}`, not of this server",
                    tag.name
                );
                problems.error_with(aim.at, what, format!("write `{owner}` for `to`"));
            } else if tag.protocol != of.protocol {
                let what = format!("tag `{}` is of `{}`", tag.name, tag.protocol);
                let help = format!("write `{}` for `protocol`", tag.protocol);
                problems.error_with(aim.at, what, help);
            }
        }
    }

    /// A moment as statements write it, or as incidents show it.
    pub(crate) fn at(&self, word: &Word, problems: &mut Problems) -> Option<Timestamp> {
        if let Ok(moment) = word.text.parse::<jiff::Timestamp>() {
            let nanos = i64::try_from(moment.as_nanosecond()).ok()?;
            return Some(Timestamp::from_nanos(nanos));
        }
        moment(word, &self.calendar, problems)
    }
}

impl Asked {
    pub(super) fn word(&self, key: &str) -> Option<&Word> {
        self.words(key).next()
    }

    pub(crate) fn words(&self, key: &str) -> impl Iterator<Item = &Word> {
        let all = self.0.iter().filter(move |(known, _)| *known == key);
        all.map(|(_, word)| word)
    }
}

/// A target, and the tag by whose name it was called.
pub(super) struct Aim<'p> {
    pub(super) thing: Thing,
    pub(super) tag: Option<&'p Tag>,
    pub(super) at: Spot,
}

/// Where what is missing is said, where there is no file.
const OPERATION: &str = "operation";

/// The most messages that may go before.
const MAX_AFTER: u64 = 1_000_000;
