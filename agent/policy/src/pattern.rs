//! One target of a statement: its text form, as `model::Target` shows it, with `*` for "all that
//! starts so".
//!
//! | text | covers |
//! |---|---|
//! | `holding:40-49`, `coil:0`, `DB10:0-19` | cells of an area, or of one of its blocks |
//! | `holding:*`, `DB10:*`, `DB:*` | the whole area, one whole block, all blocks |
//! | `block:OB1`, `block:OB*`, `block:*` | a block as a whole, all of a kind, all |
//! | `ns=2;s=Pump.Speed`, `ns=2;s=Pump.*`, `ns=2;*` | a node, nodes by name, a namespace |
//! | `pi:P_PROGRAM`, `pi:P_*` | what has a name of its own |

use std::ops::RangeInclusive;

use model::{Area, NodeKey, Vocabulary, closest};

use crate::words;

/// A target as a statement writes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Pattern {
    Cells {
        area: &'static str,
        block: Blocks,
        first: u64,
        last: u64,
    },
    Block {
        kind: Option<&'static str>,
        number: Option<u32>,
    },
    Node {
        namespace: u16,
        key: Name<Key>,
    },
    Named {
        kind: &'static str,
        name: Name<Box<str>>,
    },
}

/// Which blocks of an area.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Blocks {
    /// The area has none.
    Undivided,
    One(u32),
    All,
}

/// A name, or all names that start alike.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Name<T> {
    Exact(T),
    Prefix(Box<str>),
    All,
}

/// A node's key that outlives the text that it was read from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Key {
    Numeric(u32),
    Text(Box<str>),
    Guid([u8; 16]),
    Opaque(Box<[u8]>),
}

impl Key {
    pub(crate) fn as_model(&self) -> NodeKey<'_> {
        match self {
            Self::Numeric(number) => NodeKey::Numeric(*number),
            Self::Text(text) => NodeKey::Text(text),
            Self::Guid(guid) => NodeKey::Guid(*guid),
            Self::Opaque(bytes) => NodeKey::Opaque(bytes),
        }
    }
}

/// Why a text is no target, and what to do about it.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) what: String,
    pub(crate) help: Option<String>,
}

impl Pattern {
    /// Reads a target that one of the vocabularies can name.
    pub(crate) fn read(text: &str, known: &[&'static Vocabulary]) -> Result<Self, Refused> {
        if let Some(node) = node_text(text) {
            return read_node(text, node, known);
        }
        let Some((head, tail)) = text.split_once(':') else {
            return Err(refused(
                format!("`{text}` is no target"),
                "write it as `area:first-last`, such as `holding:40-49`",
            ));
        };
        let (word, number) = split_number(head);
        if head == "block" {
            read_block(tail, known)
        } else if let Some(area) = words::area(head, known) {
            read_cells(area, "", tail)
        } else if let Some(area) = words::area(word, known).filter(|area| area.blocks) {
            read_cells(area, number, tail)
        } else if words::area(word, known).is_some() {
            let help = format!("write `{word}:{tail}`");
            Err(refused(format!("area `{word}` has no blocks"), help))
        } else if let Some(kind) = words::kind(head, known) {
            let name = read_name(tail, |name| Some(name.into()));
            let name = name.ok_or_else(|| refused(format!("`{text}` names nothing"), ""))?;
            Ok(Self::Named { kind, name })
        } else {
            Err(no_area(word, known))
        }
    }
}

fn no_area(word: &str, known: &[&'static Vocabulary]) -> Refused {
    let areas = known.iter().flat_map(|of| of.areas).map(|area| area.name);
    let kinds = known.iter().flat_map(|of| of.kinds).copied();
    let near = closest(word, areas.chain(kinds).chain(["block"]));
    Refused {
        what: format!("no area `{word}`"),
        help: near.map(|near| format!("did you mean `{near}`?")),
    }
}

fn read_cells(area: &'static Area, number: &str, tail: &str) -> Result<Pattern, Refused> {
    let name = area.name;
    let block = match (area.blocks, number.is_empty()) {
        (false, _) => Blocks::Undivided,
        (true, true) if tail == "*" => Blocks::All,
        (true, true) => {
            let help = format!("such as `{name}1:{tail}`, or `{name}:*` for all");
            return Err(refused(format!("area `{name}` needs a block number"), help));
        }
        (true, false) => Blocks::One(
            number
                .parse()
                .map_err(|_| refused(format!("`{number}` is no block number"), ""))?,
        ),
    };
    let (first, last) = if tail == "*" {
        (0, area.last)
    } else {
        read_range(tail, area)?.into_inner()
    };
    Ok(Pattern::Cells {
        area: name,
        block,
        first,
        last,
    })
}

fn read_range(text: &str, area: &Area) -> Result<RangeInclusive<u64>, Refused> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let cell = |text: &str| {
        text.parse::<u64>()
            .map_err(|_| refused(format!("`{text}` is no cell address"), "cells count from 0"))
    };
    let (first, last) = (cell(first)?, cell(last)?);
    if first > last {
        let help = format!("write `{last}-{first}`");
        return Err(refused(format!("range `{text}` runs backwards"), help));
    }
    if last > area.last {
        let what = format!("`{last}` is beyond area `{}`", area.name);
        return Err(refused(what, format!("its last cell is {}", area.last)));
    }
    Ok(first..=last)
}

fn read_block(tail: &str, known: &[&'static Vocabulary]) -> Result<Pattern, Refused> {
    if tail == "*" {
        return Ok(Pattern::Block {
            kind: None,
            number: None,
        });
    }
    let (word, number) = match tail.strip_suffix('*') {
        Some(word) => (word, None),
        None => {
            let (word, number) = split_number(tail);
            let number = number.parse().map_err(|_| {
                refused(
                    format!("block `{tail}` has no number"),
                    "such as `block:OB1`",
                )
            })?;
            (word, Some(number))
        }
    };
    if word.is_empty() {
        return Err(refused(
            format!("block `{tail}` has no kind"),
            "such as `block:OB1`",
        ));
    }
    let Some(kind) = words::kind(word, known) else {
        let kinds = known.iter().flat_map(|of| of.kinds).copied();
        return Err(Refused {
            what: format!("no kind of block `{word}`"),
            help: closest(word, kinds).map(|near| format!("did you mean `{near}`?")),
        });
    };
    Ok(Pattern::Block {
        kind: Some(kind),
        number,
    })
}

/// The namespace and the rest of a text that has the form of a node identifier.
fn node_text(text: &str) -> Option<(&str, &str)> {
    match text.strip_prefix("ns=") {
        Some(rest) => Some(rest.split_once(';').unwrap_or((rest, ""))),
        None => text
            .get(1..2)
            .filter(|mark| *mark == "=")
            .map(|_| ("0", text)),
    }
}

fn read_node(
    text: &str,
    (namespace, rest): (&str, &str),
    known: &[&'static Vocabulary],
) -> Result<Pattern, Refused> {
    if let Some(first) = known.first()
        && known.iter().all(|of| !of.areas.is_empty())
    {
        return Err(refused(
            format!("`{}` has no nodes such as `{text}`", first.name),
            "",
        ));
    }
    let namespace = namespace.parse().map_err(|_| {
        refused(
            format!("`{namespace}` is no namespace"),
            "such as `ns=2;s=Pump`",
        )
    })?;
    let key = read_key(rest).ok_or_else(|| {
        let help = "an identifier is `i=` number, `s=` text, `g=` GUID or `b=` hexadecimal bytes";
        refused(format!("`{text}` is no node"), help)
    })?;
    Ok(Pattern::Node { namespace, key })
}

fn read_key(rest: &str) -> Option<Name<Key>> {
    if rest == "*" {
        return Some(Name::All);
    }
    let (form, key) = rest.split_once('=')?;
    match form {
        "s" => read_name(key, |text| Some(Key::Text(text.into()))),
        "i" => key.parse().ok().map(Key::Numeric).map(Name::Exact),
        "g" => guid(key).map(Key::Guid).map(Name::Exact),
        "b" => hex(key).map(|bytes| Name::Exact(Key::Opaque(bytes.into()))),
        _ => None,
    }
}

fn read_name<T>(text: &str, exact: impl Fn(&str) -> Option<T>) -> Option<Name<T>> {
    match text.strip_suffix('*') {
        Some("") => Some(Name::All).filter(|_| text == "*"),
        Some(prefix) => Some(Name::Prefix(prefix.into())),
        None if text.is_empty() => None,
        None => exact(text).map(Name::Exact),
    }
}

/// A GUID in wire order: its first three groups are little-endian numbers (OPC 10000-6, 5.2.2.6).
fn guid(text: &str) -> Option<[u8; 16]> {
    let lengths = text.split('-').map(str::len);
    if !lengths.eq([8, 4, 4, 4, 12]) {
        return None;
    }
    let mut guid = <[u8; 16]>::try_from(hex(&text.replace('-', ""))?).ok()?;
    if let Some(one) = guid.get_mut(0..4) {
        one.reverse();
    }
    if let Some(two) = guid.get_mut(4..6) {
        two.reverse();
    }
    if let Some(three) = guid.get_mut(6..8) {
        three.reverse();
    }
    Some(guid)
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| high << 4 | low);
    rest.is_empty().then(|| bytes.collect())
}

fn split_number(text: &str) -> (&str, &str) {
    let word = text.trim_end_matches(|c: char| c.is_ascii_digit());
    (word, text.strip_prefix(word).unwrap_or_default())
}

fn refused(what: impl Into<String>, help: impl Into<String>) -> Refused {
    Refused {
        what: what.into(),
        help: Some(help.into()).filter(|help| !help.is_empty()),
    }
}
