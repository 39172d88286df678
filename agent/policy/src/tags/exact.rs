//! The one place that a tag names: cells, one bit of a cell, or a node.
//!
//! A `model::Target` ends at the cell: at a register, a coil, or a byte of S7 memory. A bit within a register or byte is the tag's own
//! knowledge, written behind the cell: `DB10:4.2`, `holding:40.15`, counted from the lowest bit.

use std::fmt;

use model::{Target, Vocabulary};

use super::kind::Type;
use super::notation;
use crate::pattern::{Blocks, Key, Name, Pattern, Refused};

/// A target without a `*`, and the bit within its cell.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Exact {
    Cells {
        area: &'static str,
        block: Option<u32>,
        first: u64,
        last: u64,
        /// Which bit of the one cell.
        bit: Option<u8>,
    },
    Node {
        namespace: u16,
        key: Key,
    },
}

/// What one cell of an area is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Width {
    Bit,
    Byte,
    /// Two bytes.
    Word,
}

impl Exact {
    /// Reads a target of one of the protocols; the one that can name it is told.
    pub(super) fn read(
        text: &str,
        known: &[&'static Vocabulary],
    ) -> Result<(&'static str, Self), Refused> {
        let (cell, bit) = split_bit(text);
        let mut found = known
            .iter()
            .filter_map(|of| Some((of.name, Pattern::read(cell, &[*of]).ok()?)));
        let Some((protocol, pattern)) = found.next() else {
            return Err(unreadable(text, cell, known));
        };
        if let Some((other, _)) = found.next() {
            let help = format!("write `protocol:` with `{protocol}` or `{other}`");
            return Err(refused(
                format!("several protocols have a target `{text}`"),
                help,
            ));
        }
        drop(found);
        Self::of(text, pattern, bit).map(|exact| (protocol, exact))
    }

    fn of(text: &str, pattern: Pattern, bit: Option<&str>) -> Result<Self, Refused> {
        match pattern {
            Pattern::Cells {
                area,
                block,
                first,
                last,
            } if !text.ends_with('*') => {
                let bit = bit.map(|bit| read_bit(text, area, bit)).transpose()?;
                let block = match block {
                    Blocks::One(number) => Some(number),
                    Blocks::Undivided | Blocks::All => None,
                };
                if bit.is_some() && first != last {
                    let help = format!(
                        "write it behind one cell, such as `{}.0`",
                        cell(area, block, first)
                    );
                    return Err(refused(
                        format!("`{text}` names one bit of several cells"),
                        help,
                    ));
                }
                Ok(Self::Cells {
                    area,
                    block,
                    first,
                    last,
                    bit,
                })
            }
            Pattern::Node {
                namespace,
                key: Name::Exact(key),
            } => Ok(Self::Node { namespace, key }),
            _ => Err(refused(
                format!("`{text}` is not one place"),
                "a tag names cells, such as `holding:40-41` or `DB10:4-7`, or one node",
            )),
        }
    }

    /// As operations and statements know it.
    pub(crate) fn target(&self) -> Target<'_> {
        match self {
            Self::Cells {
                area,
                block,
                first,
                last,
                ..
            } => Target::Cells {
                area,
                block: *block,
                first: *first,
                last: *last,
            },
            Self::Node { namespace, key } => Target::Node {
                namespace: *namespace,
                key: key.as_model(),
            },
        }
    }

    /// As statements reach it: the whole cell of a bit.
    pub(crate) fn pattern(&self) -> Pattern {
        match self {
            Self::Cells {
                area,
                block,
                first,
                last,
                ..
            } => Pattern::Cells {
                area,
                block: block.map_or(Blocks::Undivided, Blocks::One),
                first: *first,
                last: *last,
            },
            Self::Node { namespace, key } => Pattern::Node {
                namespace: *namespace,
                key: Name::Exact(key.clone()),
            },
        }
    }

    /// The bit that the tag is: of a coil its only one.
    pub(super) fn bit(&self) -> Option<u8> {
        match self {
            Self::Cells { area, bit, .. } => bit.or((width(area) == Width::Bit).then_some(0)),
            Self::Node { .. } => None,
        }
    }

    /// The type that the place alone tells.
    pub(super) fn kind(&self) -> Option<Type> {
        self.bit().map(|_| Type::Bool)
    }

    /// Whether the cells are as many as a type takes.
    pub(super) fn fits(&self, kind: Type) -> Result<(), Refused> {
        let Self::Cells {
            area,
            block,
            first,
            last,
            bit,
        } = self
        else {
            return Err(refused(
                "the target is a node, which knows its type".into(),
                "leave `type` and `order` out",
            ));
        };
        let one = cell(area, *block, *first);
        if bit.is_some() && kind != Type::Bool {
            let help = format!(
                "write `type: bool`, or the target without `.{}`",
                bit.unwrap_or(0)
            );
            return Err(refused(
                format!("`{self}` is one bit, no `{}`", kind.name()),
                help,
            ));
        }
        if kind == Type::Bool && self.bit().is_none() {
            let what = format!("a `bool` is one bit, and `{self}` does not say which");
            return Err(refused(what, format!("write `{one}.0` for the lowest")));
        }
        let cells = match (kind, kind.bytes(), width(area)) {
            (Type::Bool, _, _) => 1,
            (_, _, Width::Bit) => {
                let what = format!("`{self}` holds bits, no `{}`", kind.name());
                return Err(refused(what, "write `type: bool`"));
            }
            (_, None, _) => return Ok(()),
            (_, Some(bytes), Width::Byte) => bytes,
            (_, Some(1), Width::Word) => {
                let what = format!("`{self}` has two bytes, and a `{}` one", kind.name());
                return Err(refused(what, "write `type: uint16` or `type: int16`"));
            }
            (_, Some(bytes), Width::Word) => bytes / 2,
        };
        if last - first + 1 == cells {
            return Ok(());
        }
        let has = last - first + 1;
        let what = format!(
            "a `{}` takes {}, and `{self}` has {has}",
            kind.name(),
            counted(cells, area)
        );
        let meant = Self::Cells {
            area,
            block: *block,
            first: *first,
            last: first + cells - 1,
            bit: None,
        };
        Err(refused(what, format!("write `{meant}`")))
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.target().fmt(f)?;
        match self {
            Self::Cells { bit: Some(bit), .. } => write!(f, ".{bit}"),
            _ => Ok(()),
        }
    }
}

fn cell(area: &str, block: Option<u32>, first: u64) -> Target<'_> {
    Target::Cells {
        area,
        block,
        first,
        last: first,
    }
}

fn counted(cells: u64, area: &str) -> String {
    let noun = if width(area) == Width::Byte {
        "byte"
    } else {
        "cell"
    };
    format!("{cells} {noun}{}", if cells == 1 { "" } else { "s" })
}

/// A cell and the bit behind it.
fn split_bit(text: &str) -> (&str, Option<&str>) {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.rsplit_once('.') {
        Some((cell, bit)) if is_number(bit) && cell.contains(':') && !cell.contains('=') => {
            (cell, Some(bit))
        }
        _ => (text, None),
    }
}

fn read_bit(text: &str, area: &str, bit: &str) -> Result<u8, Refused> {
    let last = match width(area) {
        Width::Bit => {
            let help = format!("write `{}`", split_bit(text).0);
            return Err(refused(format!("area `{area}` has bits already"), help));
        }
        Width::Byte => 7,
        Width::Word => 15,
    };
    let bit = bit.parse().ok().filter(|bit| *bit <= last);
    bit.ok_or_else(|| {
        let help = format!("its bits are 0, the lowest, to {last}");
        refused(format!("`{text}` has no such bit"), help)
    })
}

fn unreadable(text: &str, cell: &str, known: &[&'static Vocabulary]) -> Refused {
    let said = Pattern::read(cell, known).err();
    let mut said = said.unwrap_or_else(|| refused(format!("`{text}` is no target"), ""));
    if let Some(meant) = notation::meant(text) {
        said = refused(format!("`{text}` is no target"), meant);
    }
    said
}

fn refused(what: String, help: impl Into<String>) -> Refused {
    Refused {
        what,
        help: Some(help.into()).filter(|help| !help.is_empty()),
    }
}

/// How many bytes a cell of an area has; none where it is a bit.
pub(crate) fn cell_bytes(area: &str) -> Option<usize> {
    match width(area) {
        Width::Bit => None,
        Width::Byte => Some(1),
        Width::Word => Some(2),
    }
}

/// What a cell of an area is; the vocabularies do not say.
pub(super) fn width(area: &str) -> Width {
    WIDTHS
        .iter()
        .find(|(name, _)| *name == area)
        .map_or(Width::Byte, |(_, width)| *width)
}

/// The areas whose cells are not bytes: Modbus tables, S7 counters and timers.
const WIDTHS: &[(&str, Width)] = &[
    ("coil", Width::Bit),
    ("discrete", Width::Bit),
    ("holding", Width::Word),
    ("input", Width::Word),
    ("C", Width::Word),
    ("T", Width::Word),
];
