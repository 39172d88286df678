//! A file with its comments: what is written anew.

use std::borrow::Cow;

/// A whole file.
#[derive(Debug, Default)]
pub(super) struct Document<'t> {
    /// Comments above an explicit `---`; none where the file has no such line.
    pub(super) prolog: Option<Vec<Comment<'t>>>,
    /// Comments at the very top, which stay there whatever key comes first.
    pub(super) head: Vec<Comment<'t>>,
    /// What the file says; its comments are those of an item.
    pub(super) root: Item<'t>,
    /// Comments below it.
    pub(super) tail: Vec<Comment<'t>>,
    /// Whether something is named `&here` and used `*there`: order matters then.
    pub(super) has_anchors: bool,
}

/// A comment.
#[derive(Clone, Debug)]
pub(super) struct Comment<'t> {
    /// With its `#`, without blanks at its end.
    pub(super) text: &'t str,
    /// Where it began, counted from 0.
    pub(super) column: usize,
    /// Whether an empty line parts it from what is above.
    pub(super) parted: bool,
}

/// An entry of a mapping, or an item of a list.
#[derive(Debug, Default)]
pub(super) struct Item<'t> {
    /// Comments above it.
    pub(super) above: Vec<Comment<'t>>,
    /// Whether an empty line parts it from what is above.
    pub(super) parted: bool,
    /// Its key; items of lists have none.
    pub(super) key: Option<Scalar<'t>>,
    pub(super) anchor: Option<&'t str>,
    pub(super) value: Value<'t>,
    /// The comment behind it, and its further lines.
    pub(super) beside: Vec<Comment<'t>>,
}

/// What stands under a key, or in a list.
#[derive(Debug, Default)]
pub(super) enum Value<'t> {
    #[default]
    Nothing,
    /// `*name`
    Alias(&'t str),
    Scalar(Scalar<'t>),
    Collection(Collection<'t>),
}

/// A mapping or a list.
#[derive(Debug)]
pub(super) struct Collection<'t> {
    pub(super) kind: Kind,
    /// Whether it is written in brackets.
    pub(super) flow: bool,
    /// Whether it was written on one line.
    pub(super) row: bool,
    pub(super) items: Vec<Item<'t>>,
    /// Comments below the last item.
    pub(super) tail: Vec<Comment<'t>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    List,
    Map,
}

/// A text.
#[derive(Debug)]
pub(super) struct Scalar<'t> {
    /// What it says.
    pub(super) text: Cow<'t, str>,
    pub(super) style: Style,
    /// As it was written; of a block text, its lines without the head.
    pub(super) source: &'t str,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Style {
    Plain,
    Quoted,
    /// `|` or `>`, with the indentation of its lines.
    Block(char, usize),
}

impl Item<'_> {
    /// Whether there are comments within it: its collection cannot stand on one line then.
    pub(super) fn has_comments(&self) -> bool {
        !self.above.is_empty() || !self.beside.is_empty() || self.value.has_comments()
    }
}

impl Value<'_> {
    /// Whether there are comments within it.
    pub(super) fn has_comments(&self) -> bool {
        match self {
            Self::Collection(collection) => {
                !collection.tail.is_empty() || collection.items.iter().any(Item::has_comments)
            }
            Self::Nothing | Self::Alias(_) | Self::Scalar(_) => false,
        }
    }
}
