//! Everything that is wrong in one file, collected so that all of it is shown at once.

use model::{Problem, closest};
use serde_saphyr::Location;

use crate::yaml::{self, Map, Node};

/// The problems of one file so far.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    pub(crate) file: &'a str,
    pub(crate) problems: Vec<Problem>,
}

impl<'a> Report<'a> {
    pub(crate) const fn new(file: &'a str) -> Self {
        Self {
            file,
            problems: Vec::new(),
        }
    }

    /// Adds a problem.
    pub(crate) fn say(&mut self, at: Location, what: impl Into<String>, help: Option<String>) {
        self.problems.push(Problem {
            at: yaml::place(self.file, at),
            width: u32::try_from(at.span().len()).unwrap_or_default(),
            what: what.into(),
            help,
        });
    }

    /// Adds that `word` is none of `known`, with the nearest of them.
    pub(crate) fn unknown(&mut self, at: Location, kind: &str, word: &str, known: &[&str]) {
        let help = closest(word, known.iter().copied())
            .map(|near| format!("did you mean `{near}`?"))
            .unwrap_or_else(|| format!("known are {}", listed(known)));
        self.say(at, format!("no {kind} `{word}`"), Some(help));
    }

    /// The text under `key`, which has to be there and to say something.
    pub(crate) fn text<'n>(
        &mut self,
        map: &'n Map,
        of: Location,
        key: &str,
        why: &str,
    ) -> Option<(&'n str, Location)> {
        let Some(node) = map.value(key) else {
            self.say(of, format!("`{key}` is missing"), Some(why.to_owned()));
            return None;
        };
        let said = node
            .value
            .text()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        if said.is_none() {
            let what = format!("`{key}` has to be a text that says something");
            self.say(node.referenced, what, Some(why.to_owned()));
        }
        said.map(|text| (text, node.referenced))
    }

    /// Adds every key of `map` that is none of `known`.
    pub(crate) fn keys(&mut self, map: &Map, known: &[&str]) {
        for (key, _) in map.iter() {
            if !known.contains(&key.value.as_str()) {
                self.unknown(key.referenced, "key", &key.value, known);
            }
        }
    }

    /// The map that `node` has to be.
    pub(crate) fn map<'n>(&mut self, node: &'n Node, name: &str) -> Option<&'n Map> {
        let map = node.value.map();
        if map.is_none() {
            let what = format!("`{name}` has to be keys with values");
            self.say(node.referenced, what, None);
        }
        map
    }
}

/// Words in backticks, a few of them.
fn listed(words: &[&str]) -> String {
    let mut shown: Vec<_> = words
        .iter()
        .take(SHOWN)
        .map(|word| format!("`{word}`"))
        .collect();
    if words.len() > SHOWN {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}

/// A message of the parser as a clause of ours: its first line, beginning small.
pub(crate) fn clause(message: &str) -> String {
    let line = message
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end_matches('.');
    let mut letters = line.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

const SHOWN: usize = 8;
