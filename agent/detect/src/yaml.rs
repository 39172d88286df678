//! YAML as a tree that remembers where each key and value stands, so that a problem can be shown
//! at its line and column. Anchors are resolved; a key that is given twice is an error.

use std::fmt;

use model::{Place, Problem};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

/// A value with its place.
pub(crate) type Node = Spanned<Shape>;

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Nothing,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Map),
}

impl Shape {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) const fn map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The members of a list, or the value itself as a list of one.
    pub(crate) fn each<'a>(&'a self, whole: &'a Node) -> &'a [Node] {
        match self {
            Self::List(list) => list,
            _ => std::slice::from_ref(whole),
        }
    }
}

/// Keys and values in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Map(pub(crate) Vec<(Spanned<String>, Node)>);

impl Map {
    pub(crate) fn value(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, value)| value)
    }

    pub(crate) fn entry(&self, key: &str) -> Option<(&Spanned<String>, &Node)> {
        self.iter().find(|(name, _)| name.value == key)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Spanned<String>, &Node)> {
        self.0.iter().map(|(key, value)| (key, value))
    }
}

/// Reads every document of a file.
///
/// # Errors
/// The first place at which the text is no YAML.
pub(crate) fn read(file: &str, text: &str) -> Result<Vec<Node>, Box<Problem>> {
    serde_saphyr::from_multiple::<Node>(text).map_err(|error| {
        let at = place(file, error.location().unwrap_or(Location::UNKNOWN));
        let what = clause(&error.without_snippet().to_string());
        Box::new(Problem {
            at,
            width: 0,
            what,
            help: None,
        })
    })
}

/// Where a location is, counted from 1 also where the parser could not tell.
pub(crate) fn place(file: &str, at: Location) -> Place {
    let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX).max(1);
    Place {
        file: file.to_owned(),
        line: number(at.line()),
        column: number(at.column()),
    }
}

/// The parser's message without its own place and without advice to programmers.
fn clause(message: &str) -> String {
    let message = message
        .rsplit_once(" at line ")
        .map_or(message, |(head, _)| head);
    let message = message
        .split_once(", set ")
        .map_or(message, |(head, _)| head);
    message.to_owned()
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Nothing)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Shape, E> {
        Ok(Shape::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Shape, E> {
        Ok(Shape::Int(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Shape, E> {
        Ok(i64::try_from(number).map_or_else(|_| Shape::Text(number.to_string()), Shape::Int))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Shape, E> {
        Ok(Shape::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Shape, E> {
        Ok(Shape::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Shape::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Shape, A::Error> {
        let mut map = Map::default();
        while let Some(entry) = entries.next_entry()? {
            map.0.push(entry);
        }
        Ok(Shape::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_keep_their_places_across_documents() {
        let documents = read("a.yml", "a: 1\n---\n# note\nb:\n  - c|d: x\n").unwrap();
        let map = documents[1].value.map().unwrap();
        let (key, value) = map.entry("b").unwrap();
        assert_eq!((key.referenced.line(), key.referenced.column()), (4, 1));
        let Shape::List(list) = &value.value else {
            panic!("{value:?}")
        };
        let (key, value) = list[0].value.map().unwrap().entry("c|d").unwrap();
        assert_eq!((key.referenced.line(), key.referenced.column()), (5, 5));
        assert_eq!(
            (value.referenced.line(), value.referenced.column()),
            (5, 10)
        );
        assert_eq!(value.value.text(), Some("x"));
    }

    #[test]
    fn text_that_is_no_yaml_is_shown_where_it_breaks() {
        for (text, shown) in [
            ("a: 1\na: 2\n", "a.yml:2:1: duplicate mapping key: a"),
            (
                "a: x\n  b: y\n",
                "a.yml:2:4: mapping values are not allowed in this context",
            ),
        ] {
            assert_eq!(read("a.yml", text).unwrap_err().to_string(), shown);
        }
    }
}
