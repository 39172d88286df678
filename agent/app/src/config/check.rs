//! What is wrong with a configuration file: everything at once, each with its line and column.

use model::{Place, Problem, closest};
use serde_saphyr::Location;

use super::fields::{self, Field, Kind};
use super::tree::{Node, Value};

/// Reads a file against the table of fields.
pub(super) struct Check<'f> {
    file: &'f str,
    pub(super) problems: Vec<Problem>,
}

impl<'f> Check<'f> {
    pub(super) const fn of(file: &'f str) -> Self {
        Self {
            file,
            problems: Vec::new(),
        }
    }

    /// The fields of a group; `path` is the group's, nothing at the top.
    pub(super) fn group(&mut self, path: &str, node: &Node) {
        let Value::Map(entries) = &node.value else {
            let what = format!("`{path}` has fields, and this is {}", node.value.noun());
            return self.say(node.referenced, what, None);
        };
        for (key, value) in entries {
            let found = fields::below(path).find(|(name, _)| *name == key.value);
            match found {
                Some((_, field)) => self.field(field, value),
                None => self.unknown(path, &key.value, key.referenced),
            }
        }
        let is_given = |name: &str| entries.iter().any(|(key, _)| key.value == name);
        for (name, field) in fields::below(path).filter(|(name, _)| !is_given(name)) {
            if field.default.is_none() {
                let what = format!("`{name}` is missing: {}", lower(field.about));
                self.say(node.referenced, what, None);
            }
        }
    }

    fn unknown(&mut self, path: &str, key: &str, at: Location) {
        let near = closest(key, fields::below(path).map(|(name, _)| name));
        let help = near.map(|near| format!("did you mean `{near}`?"));
        let of = if path.is_empty() {
            "a sensor".to_owned()
        } else {
            format!("`{path}`")
        };
        self.say(at, format!("`{key}` is no field of {of}"), help);
    }

    fn field(&mut self, field: &Field, node: &Node) {
        match (field.kind, &node.value) {
            (_, Value::Nothing) if field.default.is_some() => {}
            (Kind::Group, _) => self.group(field.path, node),
            (Kind::List, Value::List(items)) => self.items(field, items),
            (Kind::Number { least, most, .. }, Value::Number(number)) => {
                if !(i128::from(least)..=i128::from(most)).contains(number) {
                    let what = format!("{number} is not {}", field.kind.noun());
                    self.say(node.referenced, what, None);
                }
            }
            (Kind::Word(words), Value::Text(text)) => self.word(words, text, node.referenced),
            (Kind::Flag, Value::Flag) | (Kind::Path, Value::Text(_)) => {}
            // what reads as a number or a flag is a name all the same
            (Kind::Text, Value::Text(_) | Value::Number(_) | Value::Flag) => {}
            (kind, other) => {
                let what = format!(
                    "`{}` is {}, and this is {}",
                    field.path,
                    kind.noun(),
                    other.noun()
                );
                self.say(node.referenced, what, None);
            }
        }
    }

    fn items(&mut self, field: &Field, items: &[Node]) {
        let path = format!("{}[]", field.path);
        let is_group = fields::below(&path).next().is_some();
        for item in items {
            match &item.value {
                _ if is_group => self.group(&path, item),
                Value::Text(_) => {}
                other => {
                    let what =
                        format!("`{}` lists paths, and this is {}", field.path, other.noun());
                    self.say(item.referenced, what, None);
                }
            }
        }
    }

    fn word(&mut self, words: &[&str], text: &str, at: Location) {
        if !words.contains(&text) {
            let help = closest(text, words.iter().copied());
            let help = help.map(|near| format!("did you mean `{near}`?"));
            self.say(
                at,
                format!("`{text}` is none of `{}`", words.join("`, `")),
                help,
            );
        }
    }

    pub(super) fn say(&mut self, at: Location, what: String, help: Option<String>) {
        let number = |wide: u64| u32::try_from(wide.max(1)).unwrap_or(u32::MAX);
        self.problems.push(Problem {
            at: Place {
                file: self.file.to_owned(),
                line: number(at.line()),
                column: number(at.column()),
            },
            width: 0,
            what,
            help,
        });
    }
}

/// Where a field stands, by its path with numbers in it, such as `sinks[1].syslog.address`; of what
/// is not there, where its group stands.
pub(super) fn place(node: &Node, path: &str) -> Location {
    let Some(step) = path.split(['.', '[', ']']).find(|step| !step.is_empty()) else {
        return node.referenced;
    };
    let start = path.find(step).unwrap_or(0) + step.len();
    let rest = path.get(start..).unwrap_or_default();
    let below = match &node.value {
        Value::Map(entries) => entries
            .iter()
            .find(|(key, _)| key.value == step)
            .map(|(_, value)| value),
        Value::List(items) => step
            .parse::<usize>()
            .ok()
            .and_then(|number| items.get(number)),
        _ => None,
    };
    below.map_or(node.referenced, |below| place(below, rest))
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_lowercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
