//! The last look before a file is written: the new text says what the old one said.

use serde_saphyr::granit_parser::{Event, Parser};

use crate::node::{self, Node};
use crate::shape::{self, Shape};

/// A tree without places, its keys as the language knows them.
#[derive(Debug, Eq, PartialEq)]
enum Said<'n> {
    Nothing,
    Text(&'n str),
    List(Vec<Self>),
    Map(Vec<(&'n str, Self)>),
}

/// Whether two trees of that shape say the same: every value equal, names and lists in the same order,
/// keys that the language knows in any order and number.
pub(super) fn same(before: &Node, after: &Node, shape: &'static Shape) -> bool {
    let root = shape::Value::Mapping(shape);
    said(before, Some(root)) == said(after, Some(root))
}

/// Whether two texts have the same comments.
pub(super) fn same_comments(before: &str, after: &str) -> bool {
    comments(before) == comments(after)
}

fn said(node: &Node, value: Option<shape::Value>) -> Said<'_> {
    match &node.kind {
        node::Kind::Nothing => Said::Nothing,
        node::Kind::Text(text) => Said::Text(text),
        node::Kind::List(list) => Said::List(list.iter().map(|item| said(item, value)).collect()),
        node::Kind::Map(entries) => match value {
            Some(
                shape::Value::Mapping(shape)
                | shape::Value::Mappings(shape)
                | shape::Value::Changes(shape),
            ) => mapping(entries, shape),
            Some(shape::Value::Named(_, shape) | shape::Value::NamedTexts(_, shape)) => {
                names(entries, Some(shape::Value::Mapping(shape)))
            }
            _ => names(entries, None),
        },
    }
}

fn names(entries: &[(node::Word, Node)], value: Option<shape::Value>) -> Said<'_> {
    let entries = entries.iter();
    Said::Map(
        entries
            .map(|(key, node)| (&*key.text, said(node, value)))
            .collect(),
    )
}

fn mapping<'n>(entries: &'n [(node::Word, Node)], shape: &'static Shape) -> Said<'n> {
    let entry = |(key, node): &'n (node::Word, Node)| match shape.key(&key.text) {
        Some(known) => (known.name, said(node, Some(known.value))),
        None => (&*key.text, said(node, None)),
    };
    let mut entries: Vec<_> = entries.iter().map(entry).collect();
    entries.sort_by_key(|(key, _)| *key);
    Said::Map(entries)
}

/// Every comment, blanks at its end left out; none where the text cannot be read.
fn comments(text: &str) -> Option<Vec<String>> {
    let mut comments = Vec::new();
    for event in Parser::new_from_str(text) {
        if let (Event::Comment(text, _), _) = event.ok()? {
            comments.push(text.trim_end().to_owned());
        }
    }
    comments.sort();
    Some(comments)
}
