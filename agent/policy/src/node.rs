//! YAML text as a tree of plain texts, each with its place.
//!
//! YAML 1.2 by serde-saphyr. Scalars are kept as they were written (`010`, `1.10`, `no` stay what
//! they are), because which of them is a number is for the language to say, not for YAML. Repeated
//! keys are kept too, so that the reader can name both places. Anchors and aliases work; what an
//! alias brings has the place of the alias. The parser's budget bounds depth, nodes and aliases.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Options, Spanned, UserMessageFormatter, budget, options};

use crate::problems::{Problems, Spot};

/// A piece of YAML and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) at: Spot,
    pub(crate) kind: Kind,
}

/// What a piece of YAML can be.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Nothing,
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Word, Node)>),
}

/// A text and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    pub(crate) at: Spot,
    pub(crate) text: String,
}

/// Reads one file; what is no YAML is said to `problems`.
pub(crate) fn read(name: &str, text: &str, problems: &mut Problems) -> Option<Node> {
    let file = problems.files.add(name);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match serde_saphyr::from_str_with_options::<Spanned<Bare>>(text, reading()) {
        Ok(bare) => Some(Source { file, text }.node(bare, problems)),
        Err(error) => {
            refuse(file, &error, problems);
            None
        }
    }
}

fn reading() -> Options {
    options! {
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        with_snippet: false,
        budget: budget! {
            max_nodes: MAX_NODES,
            max_events: 2 * MAX_NODES,
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
        },
    }
}

fn refuse(file: u32, error: &serde_saphyr::Error, problems: &mut Problems) {
    let whole = error.render_with_formatter(&UserMessageFormatter);
    let what = whole
        .rsplit_once(" at line ")
        .map_or(whole.as_str(), |(what, _)| what);
    let at = error
        .location()
        .map_or_else(|| Spot::top(file), |location| spot(file, location));
    problems.error(at, format!("not readable as YAML: {what}"));
}

fn spot(file: u32, location: serde_saphyr::Location) -> Spot {
    let number = |wide: u64| u32::try_from(wide.max(1)).unwrap_or(u32::MAX);
    Spot {
        file,
        line: number(location.line()),
        column: number(location.column()),
        width: 0,
    }
}

/// One file while its tree is built.
struct Source<'t> {
    file: u32,
    text: &'t str,
}

impl Source<'_> {
    fn node(&self, bare: Spanned<Bare>, problems: &mut Problems) -> Node {
        let at = self.spot(bare.referenced);
        let kind = match bare.value {
            Bare::Nothing => Kind::Nothing,
            Bare::Plain => Kind::Text(self.written(bare.defined).to_owned()),
            Bare::Text(text) => Kind::Text(text),
            Bare::List(list) => Kind::List(
                list.into_iter()
                    .map(|item| self.node(item, problems))
                    .collect(),
            ),
            Bare::Map(entries) => Kind::Map(
                entries
                    .into_iter()
                    .filter_map(|(key, value)| self.entry(key, value, problems))
                    .collect(),
            ),
        };
        Node { at, kind }
    }

    fn entry(
        &self,
        key: Spanned<Bare>,
        value: Spanned<Bare>,
        problems: &mut Problems,
    ) -> Option<(Word, Node)> {
        let key = self.node(key, problems);
        let Kind::Text(text) = key.kind else {
            problems.error(key.at, "a key must be one word");
            return None;
        };
        Some((Word { at: key.at, text }, self.node(value, problems)))
    }

    fn spot(&self, location: serde_saphyr::Location) -> Spot {
        let line = self.written(location).lines().next().unwrap_or_default();
        Spot {
            width: u32::try_from(line.chars().count()).unwrap_or(u32::MAX),
            ..spot(self.file, location)
        }
    }

    /// What stands there, as it was written: of a scalar all of it.
    fn written(&self, location: serde_saphyr::Location) -> &str {
        let span = location.span();
        let bytes = span
            .byte_offset()
            .zip(span.byte_len())
            .and_then(|(offset, len)| {
                let first = usize::try_from(offset).ok()?;
                let end = first.checked_add(usize::try_from(len).ok()?)?;
                self.text.get(first..end)
            });
        bytes.unwrap_or_default()
    }
}

/// YAML without places; serde-saphyr adds them around it.
enum Bare {
    Nothing,
    Plain,
    Text(String),
    List(Vec<Spanned<Self>>),
    Map(Vec<(Spanned<Self>, Spanned<Self>)>),
}

impl<'de> Deserialize<'de> for Bare {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyYaml)
    }
}

struct AnyYaml;

impl<'de> Visitor<'de> for AnyYaml {
    type Value = Bare;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("YAML")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Bare, E> {
        Ok(Bare::Plain)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Bare, E> {
        Ok(Bare::Plain)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Bare, E> {
        Ok(Bare::Plain)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Bare, E> {
        Ok(Bare::Plain)
    }

    fn visit_unit<E>(self) -> Result<Bare, E> {
        Ok(Bare::Nothing)
    }

    fn visit_str<E>(self, text: &str) -> Result<Bare, E> {
        Ok(Bare::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Bare, E> {
        Ok(Bare::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Bare, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = access.next_element()? {
            list.push(item);
        }
        Ok(Bare::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Bare, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Bare::Map(entries))
    }
}

/// The most pieces of YAML in one file.
const MAX_NODES: usize = 4_000_000;

/// The deepest nesting in one file; the language needs seven. Reading uses the stack for each.
const MAX_DEPTH: usize = 16;
