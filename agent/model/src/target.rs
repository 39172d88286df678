//! What an operation touches.

use std::fmt;

/// The part of a device that answers: behind a gateway or a backplane there are many.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Unit {
    /// A Modbus unit identifier.
    Id(u8),
    /// An S7 rack (0 to 7) and slot (0 to 31).
    Slot {
        /// Rack number.
        rack: u8,
        /// Slot number.
        slot: u8,
    },
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "unit {id}"),
            Self::Slot { rack, slot } => write!(f, "rack {rack} slot {slot}"),
        }
    }
}

/// One thing that an operation touches. An operation has none, one or many.
///
/// The text form is what policies and baselines write: `holding:40-49`, `DB10:0-3`, `block:OB1`,
/// `ns=2;s=Pump.Speed`, `pi:P_PROGRAM`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Target<'a> {
    /// A run of cells in an area: registers, coils, or bytes of S7 memory; both ends included.
    Cells {
        /// The area's word from the protocol's vocabulary, such as `holding` or `DB`.
        area: &'a str,
        /// The block within the area, such as a data block's number.
        block: Option<u32>,
        /// First cell, counted from 0.
        first: u64,
        /// Last cell.
        last: u64,
    },
    /// A program or data block as a whole.
    Block {
        /// Its kind, such as `OB` or `DB`.
        kind: &'a str,
        /// Its number.
        number: u32,
    },
    /// An OPC UA node.
    Node {
        /// Namespace index.
        namespace: u16,
        /// Identifier within the namespace.
        key: NodeKey<'a>,
    },
    /// Anything that has a name of its own: a program invocation, a file, a list.
    Named {
        /// What kind of thing, such as `pi` or `file`.
        kind: &'a str,
        /// Its name.
        name: &'a str,
    },
}

/// An OPC UA node identifier within its namespace (OPC 10000-3, 8.2).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum NodeKey<'a> {
    /// `i=`
    Numeric(u32),
    /// `s=`
    Text(&'a str),
    /// `g=`, in wire order.
    Guid([u8; 16]),
    /// `b=`
    Opaque(&'a [u8]),
}

impl fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cells {
                area,
                block,
                first,
                last,
            } => {
                f.write_str(area)?;
                if let Some(block) = block {
                    write!(f, "{block}")?;
                }
                if first == last {
                    write!(f, ":{first}")
                } else {
                    write!(f, ":{first}-{last}")
                }
            }
            Self::Block { kind, number } => write!(f, "block:{kind}{number}"),
            Self::Node { namespace: 0, key } => write!(f, "{key}"),
            Self::Node { namespace, key } => write!(f, "ns={namespace};{key}"),
            Self::Named { kind, name } => write!(f, "{kind}:{name}"),
        }
    }
}

impl fmt::Display for NodeKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Numeric(number) => write!(f, "i={number}"),
            Self::Text(text) => write!(f, "s={text}"),
            Self::Guid(guid) => {
                let [a, b, c, d, e, g, h, i, rest @ ..] = guid;
                let one = u32::from_le_bytes([*a, *b, *c, *d]);
                let (two, three) = (u16::from_le_bytes([*e, *g]), u16::from_le_bytes([*h, *i]));
                write!(f, "g={one:08x}-{two:04x}-{three:04x}-")?;
                for (place, byte) in rest.iter().enumerate() {
                    if place == 2 {
                        f.write_str("-")?;
                    }
                    write!(f, "{byte:02x}")?;
                }
                Ok(())
            }
            Self::Opaque(bytes) => {
                f.write_str("b=")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_read_as_policies_write_them() {
        let check = |target: Target<'_>, text: &str| assert_eq!(target.to_string(), text);
        check(
            Target::Cells {
                area: "holding",
                block: None,
                first: 40,
                last: 49,
            },
            "holding:40-49",
        );
        check(
            Target::Cells {
                area: "DB",
                block: Some(10),
                first: 4,
                last: 4,
            },
            "DB10:4",
        );
        check(
            Target::Block {
                kind: "OB",
                number: 1,
            },
            "block:OB1",
        );
        check(
            Target::Node {
                namespace: 0,
                key: NodeKey::Numeric(2258),
            },
            "i=2258",
        );
        check(
            Target::Node {
                namespace: 2,
                key: NodeKey::Text("Pump"),
            },
            "ns=2;s=Pump",
        );
        check(
            Target::Named {
                kind: "pi",
                name: "P_PROGRAM",
            },
            "pi:P_PROGRAM",
        );
        let guid = *b"\x04\x03\x02\x01\x06\x05\x08\x07\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10";
        check(
            Target::Node {
                namespace: 1,
                key: NodeKey::Guid(guid),
            },
            "ns=1;g=01020304-0506-0708-090a-0b0c0d0e0f10",
        );
    }
}
