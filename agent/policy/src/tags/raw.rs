//! A tag as it is written, in YAML or in a line of a table: every word in its place, nothing looked up yet.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::node::{Node, Word};
use crate::problems::{Problems, Spot};
use crate::shapes::TAG;

/// One tag.
#[derive(Clone, Debug)]
pub(crate) struct Tag {
    pub(crate) name: Word,
    pub(crate) asset: Option<Word>,
    pub(crate) protocol: Option<Word>,
    pub(crate) target: Option<Word>,
    pub(crate) kind: Option<Word>,
    pub(crate) order: Option<Word>,
    pub(crate) unit: Option<Word>,
    pub(crate) scale: Option<Word>,
    pub(crate) offset: Option<Word>,
    pub(crate) low: Option<Word>,
    pub(crate) high: Option<Word>,
    pub(crate) text: Option<Word>,
}

impl Tag {
    /// Reads an entry of `tags`.
    pub(crate) fn read(name: &Word, node: &Node, problems: &mut Problems) -> Self {
        let fields = TAG.read(node, problems);
        for key in NEEDED {
            if fields.lacks(key) {
                missing(name, key, problems);
            }
        }
        Self::of(named(name, problems), &mut |key| fields.word(key, problems))
    }

    /// The tag whose words are those of the keys.
    pub(super) fn of(name: Word, word: &mut dyn FnMut(&'static str) -> Option<Word>) -> Self {
        Self {
            name,
            asset: word("asset"),
            protocol: word("protocol"),
            target: word("target"),
            kind: word("type"),
            order: word("order"),
            unit: word("unit"),
            scale: word("scale"),
            offset: word("offset"),
            low: word("low"),
            high: word("high"),
            text: word("text"),
        }
    }
}

/// Says which names stand twice, in one file or in several, YAML or not.
pub(crate) fn check_names(tags: &[Tag], problems: &mut Problems) {
    let mut first: HashMap<&str, Spot> = HashMap::with_capacity(tags.len());
    for Tag { name, .. } in tags.iter().filter(|tag| !tag.name.text.is_empty()) {
        match first.entry(&name.text) {
            Entry::Occupied(seen) => {
                problems.twice(name.at, &format!("tag `{}`", name.text), *seen.get())
            }
            Entry::Vacant(place) => {
                place.insert(name.at);
            }
        }
    }
}

pub(super) fn missing(name: &Word, key: &str, problems: &mut Problems) {
    problems.error(name.at, format!("tag `{}` has no `{key}`", name.text));
}

/// A name that sentences can carry.
pub(super) fn named(name: &Word, problems: &mut Problems) -> Word {
    let text = name.text.trim();
    let fits = (1..=MAX_NAME).contains(&text.chars().count());
    if !fits || text.chars().any(char::is_control) {
        let what = format!("the name of a tag must be 1 to {MAX_NAME} printable characters");
        problems.error(name.at, what);
    }
    Word {
        at: name.at,
        text: text.to_owned(),
    }
}

/// What every tag has.
pub(super) const NEEDED: [&str; 2] = ["asset", "target"];

/// The most characters of a name, as of every name.
const MAX_NAME: usize = 64;
