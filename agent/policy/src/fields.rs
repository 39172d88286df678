//! Reading a mapping whose keys are known: every key once, no other key, every value of its kind.
//!
//! Which keys those are stands in `shapes`.

use model::closest;

use crate::node::{Kind, Node, Word};
use crate::problems::{Problems, Spot};
use crate::shape::Shape;

/// The entries of a mapping that was checked against its shape.
pub(crate) struct Fields<'n> {
    pub(crate) at: Spot,
    /// Whether it is a mapping at all; if not, that was said and nothing is missing in it.
    sound: bool,
    entries: Vec<(&'static str, &'n Node)>,
}

impl Shape {
    /// Checks the keys of `node`; `name` says which one it is, such as `zone cell-1`.
    pub(crate) fn read<'n>(&self, node: &'n Node, problems: &mut Problems) -> Fields<'n> {
        let mut fields = Fields {
            at: node.at,
            sound: matches!(node.kind, Kind::Map(_) | Kind::Nothing),
            entries: Vec::new(),
        };
        let mut first: Vec<(&'static str, Spot)> = Vec::new();
        for (key, value) in entries(node, self.noun, problems) {
            let Some(known) = self.key(&key.text).map(|known| known.name) else {
                self.refuse(key, problems);
                continue;
            };
            match first.iter().find(|(seen, _)| *seen == known) {
                Some((_, at)) => problems.twice(key.at, &format!("`{}`", key.text), *at),
                None => {
                    first.push((known, key.at));
                    fields.entries.push((known, value));
                }
            }
        }
        fields
    }

    fn refuse(&self, key: &Word, problems: &mut Problems) {
        let what = format!("{} has no key `{}`", self.noun, key.text);
        let help = closest(&key.text, self.spellings()).map_or_else(
            || format!("its keys are {}", self.names()),
            |near| format!("did you mean `{near}`?"),
        );
        problems.error_with(key.at, what, help);
    }

    fn names(&self) -> String {
        let names: Vec<_> = self.keys.iter().map(|key| key.name).collect();
        names.join(", ")
    }
}

impl<'n> Fields<'n> {
    pub(crate) fn node(&self, key: &str) -> Option<&'n Node> {
        let entry = self.entries.iter().find(|(known, _)| *known == key);
        entry.map(|(_, node)| *node)
    }

    /// Whether a key is missing.
    pub(crate) fn lacks(&self, key: &str) -> bool {
        self.sound && self.node(key).is_none()
    }

    /// Whether all keys are missing.
    pub(crate) const fn is_empty(&self) -> bool {
        self.sound && self.entries.is_empty()
    }

    /// The one text of a key.
    pub(crate) fn word(&self, key: &'static str, problems: &mut Problems) -> Option<Word> {
        self.node(key)
            .and_then(|node| one_word(node, key, problems))
    }

    /// The one text of a key that must be there.
    pub(crate) fn needed(&self, key: &'static str, noun: &str, problems: &mut Problems) -> Word {
        if self.lacks(key) {
            problems.error(self.at, format!("{noun} has no `{key}`"));
        }
        self.word(key, problems).unwrap_or(Word {
            at: self.at,
            text: String::new(),
        })
    }

    /// The texts of a key, by its plural; empty where the key does not stand.
    pub(crate) fn words(&self, plural: &'static str, problems: &mut Problems) -> Vec<Word> {
        self.node(plural)
            .map_or_else(Vec::new, |node| words(node, plural, problems))
    }
}

/// The entries of a mapping; anything else is said to be wrong.
pub(crate) fn entries<'n>(
    node: &'n Node,
    noun: &str,
    problems: &mut Problems,
) -> &'n [(Word, Node)] {
    match &node.kind {
        Kind::Map(entries) => entries,
        Kind::Nothing => &[],
        Kind::Text(_) | Kind::List(_) => {
            problems.error(
                node.at,
                format!("{noun} must be a mapping of keys to values"),
            );
            &[]
        }
    }
}

/// The texts of a list, or one text that stands for a list of one.
pub(crate) fn words(node: &Node, key: &str, problems: &mut Problems) -> Vec<Word> {
    match &node.kind {
        Kind::List(list) if !list.is_empty() => list
            .iter()
            .filter_map(|item| one_word(item, key, problems))
            .collect(),
        Kind::List(_) | Kind::Nothing => {
            problems.error(node.at, format!("`{key}` lists nothing"));
            Vec::new()
        }
        Kind::Text(_) | Kind::Map(_) => one_word(node, key, problems).into_iter().collect(),
    }
}

/// The one text that a key needs.
pub(crate) fn one_word(node: &Node, key: &str, problems: &mut Problems) -> Option<Word> {
    match &node.kind {
        Kind::Text(text) if is_printable(text) => Some(Word {
            at: node.at,
            text: text.trim().to_owned(),
        }),
        Kind::Text(_) => {
            problems.error(node.at, format!("`{key}` must be printable text"));
            None
        }
        Kind::Nothing | Kind::List(_) | Kind::Map(_) => {
            problems.error(node.at, format!("`{key}` needs a text here"));
            None
        }
    }
}

fn is_printable(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && !text.chars().any(|c| c.is_control() && c != '\n')
}
