//! Object trees: what an object is, its attributes, its relations, and the objects inside of it.
//!
//! A tree is a run of marked nodes. 0xa1 starts an object: relation id of 32 bits, then class, flags and the
//! attribute that holds it, as quantities; an attribute other than 0 has flags of its own. 0xa2 ends it. 0xa3
//! is an attribute (id, value), 0xa4 a relation (id, object of 32 bits). The descriptions of tags (0xa7,
//! 0xab, 0xac) are not known well enough to be passed over: a tree is read up to the first.

use super::fault::{DEPTH, Fault};
use super::value::Value;
use super::vlq;
use crate::reader::Reader;

/// A mark in a tree.
#[derive(Clone, Copy, Debug)]
pub(super) enum Node<'a> {
    /// An object begins.
    Start(Object),
    /// An object ends.
    End,
    /// What an object says of itself.
    Attribute(u32, Value<'a>),
    /// Another object that it refers to.
    Relation,
}

/// What an object is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Object {
    /// Its relation id.
    pub(super) id: u32,
    /// Its class.
    pub(super) class: u32,
}

/// Whether bytes start an object.
pub(super) fn is_tree(bytes: &[u8]) -> bool {
    bytes.first() == Some(&0xa1)
}

/// Walks a tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tree<'a> {
    reader: Reader<'a>,
    depth: usize,
}

impl<'a> Tree<'a> {
    /// A tree, or several in a row, that bytes start with.
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            reader: Reader::new(bytes),
            depth: 0,
        }
    }

    /// Takes a tree off a message.
    ///
    /// # Errors
    ///
    /// Where it cannot be followed to its end; what comes before that is given in any case.
    pub(super) fn read(reader: &mut Reader<'a>) -> (&'a [u8], Result<(), Fault>) {
        let bytes = reader.peek();
        let mut tree = Self::new(bytes);
        let result = loop {
            match tree.step() {
                Ok(Some(_)) => {}
                Ok(None) => break Ok(()),
                Err(fault) => break Err(fault),
            }
        };
        let read = bytes.len() - tree.reader.left();
        _ = reader.take("plus_object", read);
        (bytes.get(..read).unwrap_or_default(), result)
    }

    /// The first object.
    pub(super) fn object(mut self) -> Option<Object> {
        match self.step() {
            Ok(Some(Node::Start(object))) => Some(object),
            _ => None,
        }
    }

    /// The attributes of the first object itself.
    pub(super) fn attributes(mut self) -> impl Iterator<Item = (u32, Value<'a>)> {
        std::iter::from_fn(move || {
            loop {
                match self.step().ok()?? {
                    Node::Attribute(id, value) if self.depth == 1 => return Some((id, value)),
                    Node::End if self.depth == 0 => return None,
                    _ => {}
                }
            }
        })
    }

    /// An attribute of the first object.
    pub(super) fn attribute(self, id: u32) -> Option<Value<'a>> {
        self.attributes()
            .find(|(it, _)| *it == id)
            .map(|(_, it)| it)
    }

    fn step(&mut self) -> Result<Option<Node<'a>>, Fault> {
        if self.depth == 0 && !is_tree(self.reader.peek()) {
            return Ok(None);
        }
        let mut reader = self.reader;
        let node = self.node(&mut reader)?;
        self.reader = reader;
        Ok(Some(node))
    }

    fn node(&mut self, reader: &mut Reader<'a>) -> Result<Node<'a>, Fault> {
        match reader.u8("plus_node")? {
            0xa1 if self.depth >= DEPTH => Err(Fault::TooDeep),
            0xa1 => {
                let object = start(reader)?;
                self.depth += 1;
                Ok(Node::Start(object))
            }
            0xa2 => {
                self.depth = self.depth.saturating_sub(1);
                Ok(Node::End)
            }
            0xa3 => {
                let id = vlq::u32(reader, "plus_attribute")?;
                Ok(Node::Attribute(id, Value::read(reader)?))
            }
            0xa4 => {
                vlq::u32(reader, "plus_relation")?;
                reader.u32("plus_related")?;
                Ok(Node::Relation)
            }
            _ => Err(Fault::Unknown),
        }
    }
}

fn start(reader: &mut Reader<'_>) -> Result<Object, Fault> {
    let id = reader.u32("plus_object")?;
    let class = vlq::u32(reader, "plus_class")?;
    vlq::u32(reader, "plus_class_flags")?;
    if vlq::u32(reader, "plus_holder")? != 0 {
        vlq::u32(reader, "plus_holder_flags")?;
    }
    Ok(Object { id, class })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: &[u8] = b"\xa1\0\0\0\xd3\x82\x1f\0\0\xa3\x81\x69\0\x15\x01S\
        \xa1\0\0\0\xd3\x81\x7f\0\0\xa3\x81\x69\0\x15\x01C\xa2\xa3\x82\x2b\0\x04\x01\xa2";

    #[test]
    fn a_tree_gives_its_first_objects_own_attributes() {
        let bytes = [SESSION, &[0, 0, 0, 0]].concat();
        let mut reader = Reader::new(&bytes);
        let (tree, result) = Tree::read(&mut reader);
        assert_eq!((result, reader.left()), (Ok(()), 4));
        let tree = Tree::new(tree);
        assert_eq!(
            tree.object(),
            Some(Object {
                id: 211,
                class: 287
            })
        );
        let name = tree.attribute(233).and_then(|it| it.text());
        assert_eq!(name, Some("S"), "not the one of the object inside");
        assert_eq!(tree.attribute(299).and_then(|it| it.int()), Some(1));
        assert_eq!(tree.attributes().count(), 2);
    }

    #[test]
    fn a_tree_is_climbed_only_so_far() {
        let level = b"\xa1\0\0\0\xd3\x82\x1f\0\0";
        let bytes = level.repeat(DEPTH + 1);
        let (tree, result) = Tree::read(&mut Reader::new(&bytes));
        assert_eq!(result, Err(Fault::TooDeep));
        assert_eq!(tree.len(), level.len() * DEPTH);
    }

    #[test]
    fn what_is_not_known_ends_a_tree() {
        let bytes = b"\xa1\0\0\0\xd3\x82\x1f\x20\x8d\x52\x01\xa3\x81\x69\0\x15\x01S\xa7\x04";
        let (tree, result) = Tree::read(&mut Reader::new(bytes));
        assert_eq!(result, Err(Fault::Unknown));
        assert!(Tree::new(tree).attribute(233).is_some());
    }
}
