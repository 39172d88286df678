//! Targets and values that outlive the words that they were read from.

use std::fmt;

use model::{Bits, Element, Target, Written};

use crate::pattern::{Blocks, Key, Name, Pattern};

/// One target of an operation, owned.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Thing {
    Cells {
        area: &'static str,
        block: Option<u32>,
        first: u64,
        last: u64,
    },
    Block {
        kind: &'static str,
        number: u32,
    },
    Node {
        namespace: u16,
        key: Key,
    },
    Named {
        kind: &'static str,
        name: Box<str>,
    },
}

/// What is put into a target, owned.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Put {
    /// Truths, packed, and how many there are.
    Bits(Vec<u8>, usize),
    /// One bit of the target's one cell.
    Bit {
        place: u8,
        on: bool,
    },
    /// Some bits of the target's one register: those that are not in `and` become those of `or`.
    Masked {
        and: u16,
        or: u16,
    },
    Words(Vec<u8>),
    Bytes(Vec<u8>, Element),
    Bool(bool),
    Int(i64),
    UInt(u64),
    Number(f64),
    Text(String),
}

impl Thing {
    /// The one thing that a pattern covers, if it covers no more than one.
    pub(crate) fn of(pattern: &Pattern) -> Option<Self> {
        Some(match pattern {
            Pattern::Cells {
                area,
                block,
                first,
                last,
            } => Self::Cells {
                area,
                block: match block {
                    Blocks::Undivided => None,
                    Blocks::One(number) => Some(*number),
                    Blocks::All => return None,
                },
                first: *first,
                last: *last,
            },
            Pattern::Block {
                kind: Some(kind),
                number: Some(number),
            } => Self::Block {
                kind,
                number: *number,
            },
            Pattern::Node {
                namespace,
                key: Name::Exact(key),
            } => Self::Node {
                namespace: *namespace,
                key: key.clone(),
            },
            Pattern::Named {
                kind,
                name: Name::Exact(name),
            } => Self::Named {
                kind,
                name: name.clone(),
            },
            Pattern::Block { .. } | Pattern::Node { .. } | Pattern::Named { .. } => return None,
        })
    }

    /// As judges see it.
    pub(crate) fn target(&self) -> Target<'_> {
        match self {
            Self::Cells {
                area,
                block,
                first,
                last,
            } => Target::Cells {
                area,
                block: *block,
                first: *first,
                last: *last,
            },
            Self::Block { kind, number } => Target::Block {
                kind,
                number: *number,
            },
            Self::Node { namespace, key } => Target::Node {
                namespace: *namespace,
                key: key.as_model(),
            },
            Self::Named { kind, name } => Target::Named { kind, name },
        }
    }
}

impl Put {
    /// As judges see it.
    pub(crate) fn written(&self) -> Written<'_> {
        match self {
            Self::Bits(bytes, count) => Written::Bits(Bits::new(bytes, *count)),
            Self::Bit { place, on } => Written::Bit {
                place: *place,
                on: *on,
            },
            Self::Masked { and, or } => Written::Masked { and: *and, or: *or },
            Self::Words(bytes) => Written::Words(bytes),
            Self::Bytes(bytes, element) => Written::Bytes {
                bytes,
                element: *element,
            },
            Self::Bool(on) => Written::Bool(*on),
            Self::Int(number) => Written::Int(*number),
            Self::UInt(number) => Written::UInt(*number),
            Self::Number(number) => Written::Number(*number),
            Self::Text(text) => Written::Text(text),
        }
    }
}

/// Reads as the raw numbers that are written: `900`, or `1, 0, 1`.
impl fmt::Display for Put {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Text(text) = self {
            return write!(f, "`{text}`");
        }
        let mut numbers = Vec::new();
        crate::tags::numbers(&self.written(), &mut |number| {
            numbers.push(number.map_or_else(|| "?".to_owned(), |number| number.to_string()));
        });
        f.write_str(&numbers.join(", "))
    }
}
