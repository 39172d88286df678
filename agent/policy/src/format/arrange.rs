//! Keys in the order of the language, each in the number of its value.
//!
//! A mapping with a key that the language does not know keeps its order, and so does a whole file in which
//! something is named by an anchor: what an alias stands for must come before it.

use std::borrow::Cow;

use super::tree::{Collection, Document, Item, Kind, Scalar, Style, Value};
use crate::shape::{self, Shape};

/// Arranges a file that is written in that shape.
pub(super) fn arrange(document: &mut Document<'_>, shape: &'static Shape) {
    let ordered = !document.has_anchors;
    mappings(&mut document.root.value, shape, ordered);
}

/// A mapping of that shape, or a list of such.
fn mappings(value: &mut Value<'_>, shape: &'static Shape, ordered: bool) {
    let Value::Collection(collection) = value else {
        return;
    };
    match collection.kind {
        Kind::Map => mapping(collection, shape, ordered),
        Kind::List => {
            for item in &mut collection.items {
                mappings(&mut item.value, shape, ordered);
            }
        }
    }
}

fn mapping(collection: &mut Collection<'_>, shape: &'static Shape, ordered: bool) {
    for item in &mut collection.items {
        let Some(known) = item.key.as_ref().and_then(|key| shape.key(&key.text)) else {
            continue;
        };
        match known.value {
            shape::Value::Mapping(inner)
            | shape::Value::Mappings(inner)
            | shape::Value::Changes(inner) => mappings(&mut item.value, inner, ordered),
            shape::Value::Named(_, inner) | shape::Value::NamedTexts(_, inner) => {
                named(&mut item.value, inner, ordered);
            }
            shape::Value::Word(_) | shape::Value::Words(_) | shape::Value::NamedWords(..) => {}
        }
        number(item, known);
    }
    if ordered {
        order(collection, shape);
    }
}

fn named(value: &mut Value<'_>, shape: &'static Shape, ordered: bool) {
    if let Value::Collection(names) = value
        && names.kind == Kind::Map
    {
        for item in &mut names.items {
            mappings(&mut item.value, shape, ordered);
        }
    }
}

/// A list has its key in the plural; one text goes with either.
fn number(item: &mut Item<'_>, known: &shape::Key) {
    let is_list = matches!(&item.value, Value::Collection(list) if list.kind == Kind::List);
    let is_singular = |key: &Scalar<'_>| known.singular == Some(&*key.text);
    if is_list && item.key.as_ref().is_some_and(is_singular) {
        item.key = Some(Scalar {
            text: Cow::Borrowed(known.name),
            style: Style::Plain,
            source: known.name,
        });
    }
}

fn order(collection: &mut Collection<'_>, shape: &Shape) {
    let rank = |item: &Item<'_>| item.key.as_ref().and_then(|key| shape.rank(&key.text));
    let items = &mut collection.items;
    if items.iter().any(|item| rank(item).is_none()) || items.is_sorted_by_key(rank) {
        return;
    }
    let has_groups = items.iter().skip(1).any(Item::is_parted);
    if has_groups && let Some((first, others)) = items.split_first_mut() {
        let moves = others.iter().any(|item| rank(item) < rank(first));
        first.part(moves);
    }
    items.sort_by_key(rank);
}

impl Item<'_> {
    /// Whether an empty line stands above it and its comments.
    fn is_parted(&self) -> bool {
        self.above.first().map_or(self.parted, |first| first.parted)
    }

    fn part(&mut self, parted: bool) {
        match self.above.first_mut() {
            Some(first) => first.parted = parted,
            None => self.parted = parted,
        }
    }
}
