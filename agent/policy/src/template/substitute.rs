//! `${name}` in keys and texts; `$$` is a dollar.
//!
//! A text that is nothing but `${name}` may stand for a list: as a value it becomes that list, as an item
//! of a list its items take its place. What is made keeps the place of the text that named the variable.

use crate::node::{Kind, Node, Word};
use crate::problems::{Problems, Spot};

use super::head::is_name;
use super::scope::{Scope, Value, Variable};

/// Substitution with the variables of one scope.
pub(super) struct Substitution<'a> {
    pub(super) scope: &'a mut Scope,
    /// How many bytes and pieces may still be made.
    pub(super) left: &'a mut usize,
    pub(super) problems: &'a mut Problems,
}

impl Substitution<'_> {
    /// A tree with its variables in place.
    pub(super) fn node(&mut self, node: Node) -> Node {
        let Node { at, kind } = node;
        let kind = match kind {
            Kind::Text(text) => self.value(at, text),
            Kind::List(items) => Kind::List(
                items
                    .into_iter()
                    .flat_map(|item| self.items(item))
                    .collect(),
            ),
            Kind::Map(entries) => Kind::Map(
                entries
                    .into_iter()
                    .filter_map(|(key, value)| Some((self.word(key)?, self.node(value))))
                    .collect(),
            ),
            Kind::Nothing => Kind::Nothing,
        };
        Node { at, kind }
    }

    /// A word with its variables in place; none where that cannot be.
    pub(super) fn word(&mut self, word: Word) -> Option<Word> {
        let Word { at, text } = word;
        let text = self.text(at, text);
        if text.is_none() {
            self.scope.fail();
        }
        text.map(|text| Word { at, text })
    }

    /// What an item of a list becomes: several, where it stands for a list.
    fn items(&mut self, item: Node) -> Vec<Node> {
        let is_text = matches!(item.kind, Kind::Text(_));
        match self.node(item) {
            Node {
                kind: Kind::List(items),
                ..
            } if is_text => items,
            node => vec![node],
        }
    }

    fn value(&mut self, at: Spot, text: String) -> Kind {
        if let Some(name) = alone(&text) {
            let Some(variable) = self.look_up(name, at) else {
                self.scope.fail();
                return Kind::Text(text);
            };
            if let Value::List(items) = variable.value {
                let items = items.into_iter().map(|text| Node {
                    at,
                    kind: Kind::Text(text),
                });
                return Kind::List(items.collect());
            }
        }
        // what cannot be made was said; the text as it is written stands in for it
        let made = self.text(at, text.clone());
        if made.is_none() {
            self.scope.fail();
        }
        Kind::Text(made.unwrap_or(text))
    }

    fn text(&mut self, at: Spot, text: String) -> Option<String> {
        if !text.contains('$') {
            return Some(text);
        }
        let mut made = String::new();
        let mut rest = text.as_str();
        let mut whole = true;
        while let Some((before, after)) = rest.split_once('$') {
            made.push_str(before);
            rest = if let Some(after) = after.strip_prefix('$') {
                made.push('$');
                after
            } else if let Some((name, after)) = braced(after) {
                match self.inner(name, at) {
                    Some(value) => made.push_str(&value),
                    None => whole = false,
                }
                after
            } else {
                let help = "write `${name}` for a variable, or `$$` for a dollar";
                self.problems
                    .error_with(at, format!("`{text}` has a lone `$`"), help);
                return None;
            };
        }
        made.push_str(rest);
        whole.then_some(made)
    }

    /// The text of a variable within a longer text.
    fn inner(&mut self, name: &str, at: Spot) -> Option<String> {
        match self.look_up(name, at)?.value {
            Value::Text(text) => Some(text),
            Value::List(_) => {
                let what = format!("variable `{name}` is a list");
                self.problems.error_with(
                    at,
                    what,
                    "it can only stand alone, where a list may stand",
                );
                None
            }
        }
    }

    /// A variable; that its value has a part in whatever is wrong here is noted.
    fn look_up(&mut self, name: &str, at: Spot) -> Option<Variable> {
        let variable = self.scope.look_up(name, at, self.problems)?;
        if !self.spend(&variable.value, at) {
            return None;
        }
        let place = self.problems.place(variable.at);
        let shown = match &variable.value {
            Value::Text(text) => format!("`{text}`"),
            Value::List(items) => format!("a list of {}", items.len()),
        };
        let mut note = format!("`${{{name}}}` is {shown} by {place}");
        if let Some(earlier) = self
            .problems
            .noted(variable.at)
            .filter(|_| at != variable.at)
        {
            note = format!("{note}, where {earlier}");
        }
        self.problems.note(at, &note);
        Some(variable)
    }

    fn spend(&mut self, value: &Value, at: Spot) -> bool {
        let cost = match value {
            Value::Text(text) => text.len() + 1,
            Value::List(items) => items.iter().map(|item| item.len() + PIECE).sum(),
        };
        if let Some(left) = self.left.checked_sub(cost) {
            *self.left = left;
            return true;
        }
        if *self.left > 0 {
            *self.left = 0;
            self.problems
                .error(at, "variables make the policy too large");
        }
        false
    }
}

/// The variable that a text consists of.
fn alone(text: &str) -> Option<&str> {
    let (name, rest) = braced(text.trim().strip_prefix('$')?)?;
    rest.is_empty().then_some(name)
}

/// `{name}` at the start of a text, and what follows.
fn braced(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.strip_prefix('{')?.split_once('}')?;
    is_name(name).then_some((name, rest))
}

/// What an item of a list costs beside its bytes.
const PIECE: usize = 32;
