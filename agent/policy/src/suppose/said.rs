//! What single words of an operation mean: its function, unit and stage, what its session shows, and what it writes.

use model::{Function, Stage, Target, Unit, Verb, Vocabulary, closest};

use super::raw_value::encode;
use super::words::{Aim, Asked};
use super::{Put, Shown};
use crate::node::Word;
use crate::problems::{Problems, Spot};
use crate::reach::Units;
use crate::words::truth;

/// The function: as it is said, or one that means the verb and fits the first target.
pub(super) fn function(
    asked: &Asked,
    of: &'static Vocabulary,
    targets: &[Aim<'_>],
    first: Spot,
    problems: &mut Problems,
) -> Option<Function> {
    let verb = asked.word("verb");
    let known = verb.map(|word| (word, word.text.parse::<Verb>().ok()));
    if let Some((word, None)) = known {
        let what = format!("no verb `{}`", word.text);
        problems.unknown(word.at, what, &word.text, Verb::ALL.map(Verb::name));
    }
    if let Some(word) = asked.word("function") {
        let found = of.functions.iter().find(|it| it.name == word.text);
        let names = of.functions.iter().map(|it| it.name);
        match (found, known) {
            (None, _) => {
                let what = format!("`{}` has no function `{}`", of.name, word.text);
                problems.unknown(word.at, what, &word.text, names);
            }
            (Some(found), Some((said, Some(verb)))) if verb != found.verb => {
                let what = format!("function `{}` is a `{}`", found.name, found.verb);
                problems.error_with(said.at, what, "leave `verb` out");
            }
            _ => {}
        }
        return found.copied();
    }
    let Some((word, verb)) = known else {
        problems.error_with(
            first,
            "the operation does nothing",
            "say its `function`, or its `verb`",
        );
        return None;
    };
    let found = for_verb(verb?, of, targets);
    if found.is_none() {
        let mut verbs: Vec<_> = of.functions.iter().map(|it| it.verb).collect();
        verbs.sort_unstable();
        verbs.dedup();
        let verbs: Vec<_> = verbs.into_iter().map(Verb::name).collect();
        let what = format!("`{}` has no function that is a `{}`", of.name, word.text);
        problems.error_with(word.at, what, format!("it has {}", verbs.join(", ")));
    }
    found
}

/// A function that means a verb: the one whose name speaks of the target's area, or of no other, or the first.
fn for_verb(verb: Verb, of: &'static Vocabulary, targets: &[Aim<'_>]) -> Option<Function> {
    let area = match targets.first().map(|aim| aim.thing.target()) {
        Some(Target::Cells { area, .. }) => area,
        _ => "",
    };
    let speaks = |name: &str, area: &str| area.len() > 2 && name.contains(area);
    let rank = |it: &&Function| {
        let of_others = of.areas.iter().any(|other| speaks(it.name, other.name));
        (!speaks(it.name, area), of_others)
    };
    let means = of.functions.iter().filter(|it| it.verb == verb);
    means.min_by_key(rank).copied()
}

/// The one unit that a text names.
pub(super) fn unit(word: &Word, problems: &mut Problems) -> Option<Unit> {
    let before = problems.is_fatal();
    let units = Units::read(std::slice::from_ref(word), problems);
    let mut single = units.iter();
    let found = single.next();
    if single.next().is_some() {
        let what = format!("`{}` is more than one unit", word.text);
        problems.error_with(word.at, what, "a message is for one");
    }
    found.filter(|_| before || !problems.is_fatal())
}

/// The stage of that name.
pub(super) fn stage(word: &Word, problems: &mut Problems) -> Option<Stage> {
    let stages = [Stage::Request, Stage::Response, Stage::Other];
    let found = stages.into_iter().find(|stage| stage.name() == word.text);
    if found.is_none() {
        let what = format!("no stage `{}`", word.text);
        problems.unknown(word.at, what, &word.text, stages.map(Stage::name));
    }
    found
}

/// What is shown of the session, by the names of fields.
pub(super) fn session(
    asked: &Asked,
    of: &'static Vocabulary,
    problems: &mut Problems,
) -> Vec<(&'static str, Shown)> {
    let mut shown = Vec::new();
    for (key, field) in FIELDS {
        let Some(word) = asked.word(key) else {
            continue;
        };
        let choices = of.choices.iter().find(|(known, _)| *known == field);
        let is_known = choices.is_some() || of.fields.contains(&field);
        if !is_known {
            let what = format!(
                "messages of `{}` show no {}",
                of.name,
                key.replace('_', " ")
            );
            problems.error_with(word.at, what, format!("leave `{key}` out"));
        } else if key == "encrypted" {
            shown.push((field, Shown::Truth(truth(word, key, problems))));
        } else if let Some((_, choices)) = choices.filter(|(_, all)| !all.contains(&&*word.text)) {
            let what = format!("no {} `{}`", key.replace('_', " "), word.text);
            let help = closest(&word.text, choices.iter().copied()).map_or_else(
                || format!("it is one of {}", choices.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            problems.error_with(word.at, what, help);
        } else if key == "certificate" {
            let bare = word.text.replace([':', ' '], "").to_ascii_lowercase();
            shown.push((field, Shown::Text(bare)));
        } else {
            shown.push((field, Shown::Text(word.text.clone())));
        }
    }
    shown
}

/// What is put into each target.
pub(super) fn puts(
    asked: &Asked,
    function: Function,
    targets: &[Aim<'_>],
    problems: &mut Problems,
) -> Vec<Put> {
    let values: Vec<_> = asked.words("values").collect();
    let Some(first) = values.first() else {
        return Vec::new();
    };
    let (help, what) = if !matches!(function.verb, Verb::Write | Verb::Call) {
        let what = format!(
            "a `{}` such as `{}` writes nothing",
            function.verb, function.name
        );
        ("leave `value` out", what)
    } else if targets.is_empty() {
        (
            "say the `target` that gets it",
            "the value goes nowhere".to_owned(),
        )
    } else if values.len() != 1 && values.len() != targets.len() {
        let what = format!("{} values for {} target(s)", values.len(), targets.len());
        ("give one for each target, or one for all", what)
    } else {
        let each = targets.iter().zip(values.iter().cycle());
        return each
            .filter_map(|(aim, word)| match encode(aim, &word.text) {
                Ok(put) => Some(put),
                Err(refused) => {
                    problems.refuse(word.at, refused.what, refused.help);
                    None
                }
            })
            .collect();
    };
    problems.error_with(first.at, what, help);
    Vec::new()
}

/// Keys about the session, and the fields that show them.
const FIELDS: [(&str, &str); 7] = [
    ("encrypted", "encrypted"),
    ("security_mode", "security_mode"),
    ("security_policy", "security_policy"),
    ("identity", "identity"),
    ("user", "user"),
    ("certificate", "certificate_thumbprint"),
    ("application", "application_uri"),
];
