//! What the protocols can name, as the loader was handed it.

use model::{Area, Unit, Vocabulary};

use crate::node::Word;
use crate::problems::{Problems, Spot};

/// The vocabularies of all protocols that the sensor decodes.
pub(crate) type Words<'w> = &'w [&'static Vocabulary];

/// Which protocols a statement is about.
#[derive(Clone, Debug)]
pub(crate) enum Protocols {
    Any,
    These(Box<[&'static str]>),
}

impl Protocols {
    pub(crate) fn contain(&self, protocol: &str) -> bool {
        match self {
            Self::Any => true,
            Self::These(names) => names.contains(&protocol),
        }
    }
}

/// The protocol whose statements cover `protocol`: an S7 conversation opens with a connect of its
/// transport, which is decoded before it is known what will follow.
pub(crate) fn governing(protocol: &str) -> &str {
    CARRIED
        .iter()
        .find(|(carrier, _)| *carrier == protocol)
        .map_or(protocol, |(_, carried)| carried)
}

/// Whether messages of a protocol are for units such as this one.
pub(crate) fn addresses(protocol: &str, unit: Unit) -> bool {
    match unit {
        Unit::Id(_) => protocol == "modbus",
        Unit::Slot { .. } => protocol == "s7",
    }
}

/// The vocabularies that a statement's protocols name.
pub(crate) fn protocols(
    names: &[Word],
    words: Words<'_>,
    problems: &mut Problems,
) -> (Protocols, Vec<&'static Vocabulary>) {
    if let [only] = names
        && only.text == "any"
    {
        return (Protocols::Any, words.to_vec());
    }
    let known: Vec<_> = names
        .iter()
        .filter_map(|name| protocol(name, words, problems))
        .collect();
    let these = known.iter().map(|vocabulary| vocabulary.name).collect();
    (Protocols::These(these), known)
}

/// The vocabulary of one protocol.
pub(crate) fn protocol(
    name: &Word,
    words: Words<'_>,
    problems: &mut Problems,
) -> Option<&'static Vocabulary> {
    let found = words.iter().find(|known| known.name == name.text).copied();
    if found.is_none() {
        refuse(name, words, problems);
    }
    found
}

fn refuse(name: &Word, words: Words<'_>, problems: &mut Problems) {
    let what = format!("no protocol `{}`", name.text);
    let carried = governing(&name.text);
    if carried == name.text {
        let known = words.iter().map(|known| known.name);
        problems.unknown(name.at, what, &name.text, known);
    } else {
        let help = format!("statements for `{carried}` cover its connects");
        problems.error_with(name.at, what, help);
    }
}

/// The names of functions, each known to one of the statement's protocols and granted by its verbs.
pub(crate) fn functions(
    names: &[Word],
    vocabularies: &[&'static Vocabulary],
    verbs: Option<crate::verbs::VerbSet>,
    problems: &mut Problems,
) -> Vec<(&'static str, model::Verb)> {
    let all = || vocabularies.iter().flat_map(|known| known.functions);
    let mut found = Vec::new();
    for name in names {
        let mut same = all()
            .filter(|function| function.name == name.text)
            .peekable();
        if same.peek().is_none() && !vocabularies.is_empty() {
            let what = format!("no function `{}`", name.text);
            problems.unknown(
                name.at,
                what,
                &name.text,
                all().map(|function| function.name),
            );
        }
        for function in same {
            if verbs.is_some_and(|verbs| !verbs.contains(function.verb)) {
                let what = format!("function `{}` is a `{}`", name.text, function.verb);
                let help = format!("add `{}` to this statement's `verbs`", function.verb);
                problems.error_with(name.at, what, help);
            }
            found.push((function.name, function.verb));
        }
    }
    found
}

/// Reads `true` or `false`.
pub(crate) fn truth(word: &Word, key: &str, problems: &mut Problems) -> bool {
    if word.text != "true" && word.text != "false" {
        let what = format!("`{}` is no value of `{key}`", word.text);
        problems.error_with(word.at, what, "write `true` or `false`");
    }
    word.text == "true"
}

/// An area of that word in any of the vocabularies.
pub(crate) fn area(word: &str, vocabularies: &[&'static Vocabulary]) -> Option<&'static Area> {
    let mut areas = vocabularies.iter().flat_map(|known| known.areas);
    areas.find(|area| area.name == word)
}

/// A kind of block or named thing of that word in any of the vocabularies.
pub(crate) fn kind(word: &str, vocabularies: &[&'static Vocabulary]) -> Option<&'static str> {
    let mut kinds = vocabularies.iter().flat_map(|known| known.kinds);
    kinds.find(|kind| **kind == word).copied()
}

/// Reads a whole number from `range`; what it should be is said otherwise.
pub(crate) fn number(
    text: &str,
    range: std::ops::RangeInclusive<u64>,
    noun: &str,
    at: Spot,
    problems: &mut Problems,
) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| text.parse().ok()).flatten();
    let fit = number.filter(|number| range.contains(number));
    if fit.is_none() {
        let what = format!("`{text}` is no {noun}");
        let help = format!(
            "a {noun} is a number from {} to {}",
            range.start(),
            range.end()
        );
        problems.error_with(at, what, help);
    }
    fit
}

/// Transports whose connects are covered by the statements of the protocol that they carry.
const CARRIED: &[(&str, &str)] = &[("cotp", "s7")];
