//! Units that complete no message, for those who log unit by unit: empty data units, parts of a message, units of other
//! kinds and of foreign protocols.

use model::{Part, Said};
use serde::Serialize;

use super::plus;
use super::talk::Say;

/// What such a unit says, by the names of the operation record.
#[derive(Serialize)]
pub(super) struct Unfinished {
    cotp: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opcode: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plus_function: Option<u16>,
}

impl Unfinished {
    /// A unit of a kind.
    pub(super) const fn of(cotp: &'static str) -> Self {
        Self {
            cotp,
            version: None,
            opcode: None,
            plus_function: None,
        }
    }

    /// A part of an S7comm-plus message: only the first has the message's head.
    pub(super) fn of_plus(part: &plus::Part<'_>, first: bool) -> Self {
        let head = first.then(|| part.head());
        Self {
            version: Some(part.version),
            opcode: head.and_then(|head| head.opcode),
            plus_function: head.and_then(|head| head.function),
            ..Self::of(super::frame::DATA)
        }
    }
}

/// Says that such a unit came.
pub(super) fn part(unit: Unfinished, say: Say<'_>) {
    say(Said::Part(Part { fields: &unit }));
}
