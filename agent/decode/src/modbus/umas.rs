//! The bodies of UMAS, function 90: a pairing key, UMAS's own function, and its data, least significant
//! byte first.
//!
//! There is no public document. What is read here is what reverse-engineered sources (the public format
//! description of Apache PLC4X, and articles on Unity) agree on and captures confirm. The pairing key is 0
//! until the controller has granted a reservation, which has one owner at a time; the functions that need
//! one are those that the sources only show with its key.

use model::Stage;

use super::body::{Item, See, number, tail};
use super::functions::{UMAS, UMAS_RELEASE, UMAS_RESERVE};
use super::identity::text;
use super::layout::{Half, UMAS_DONE, UMAS_ERROR};
use super::message::Message;
use crate::reader::Reader;

/// Shows the fields of a body.
pub(super) fn walk<'a>(half: Half, function: Option<u16>, body: &'a [u8], see: See<'_, 'a>) {
    let [key, second, data @ ..] = body else {
        return;
    };
    number(see, "umas_key", Some(*key));
    if function.is_some_and(needs_reservation) {
        see("umas_needs_reservation", Item::Flag(true));
    }
    match (half, function, *second) {
        (Half::Answer, _, UMAS_ERROR) => see("umas_error", Item::Hex(data)),
        (Half::Answer, Some(function), UMAS_DONE) => answer(function, data, see),
        (Half::Request, Some(function), _) => request(function, data, see),
        _ => {}
    }
}

/// Whether the sources show the function only with a reservation's key.
const fn needs_reservation(function: u16) -> bool {
    matches!(function, UMAS_RELEASE | 0x12 | 0x30..=0x35 | 0x40 | 0x41)
}

fn request<'a>(function: u16, data: &'a [u8], see: See<'_, 'a>) {
    let at = |place| word(data, place);
    match function {
        UMAS_RESERVE => {
            if let Some(owner) = owner(data) {
                see("umas_owner", Item::Text(text(owner)));
            }
        }
        0x20 => {
            number(see, "umas_block", at(1));
            number(see, "umas_offset", at(3));
            number(see, "umas_length", at(7));
        }
        0x22 | 0x23 => number(see, "umas_variables", data.get(4).copied()),
        0x26 => number(see, "umas_block", at(7)),
        0x31 => {
            number(see, "umas_block", at(2));
            number(see, "umas_length", at(4));
        }
        0x34 => number(see, "umas_block", at(2)),
        0x32 | 0x35 => number(see, "umas_blocks", at(2)),
        _ => {}
    }
}

fn answer<'a>(function: u16, data: &'a [u8], see: See<'_, 'a>) {
    match function {
        0x01 => number(see, "umas_max_frame", word(data, 0)),
        UMAS_RESERVE => number(see, "umas_reservation", data.first().copied()),
        0x20 => number(see, "umas_length", word(data, 1)),
        0x34 => {
            if let Some(last) = data.first() {
                see("umas_last", Item::Flag(*last != 0));
            }
            number(see, "umas_length", word(data, 2));
        }
        _ => {}
    }
}

/// Who wants the reservation: four bytes of its own, then a text that is preceded by its length.
fn owner(data: &[u8]) -> Option<&[u8]> {
    let [_, _, _, _, len, name @ ..] = data else {
        return None;
    };
    Some(name.get(..usize::from(*len)).unwrap_or(name))
}

fn word(data: &[u8], at: usize) -> Option<u16> {
    Reader::new(tail(data, at)).u16_le("word").ok()
}

/// Who holds the controller's reservation, as far as this flow shows it; at most one.
#[derive(Debug, Default)]
pub(super) struct Reservation {
    unit_id: u8,
    /// At most 255 characters: a length byte counts them.
    owner: String,
    /// What the controller granted; none while it is only asked for.
    key: Option<u8>,
}

impl Reservation {
    /// The owner of the reservation whose key a message carries.
    #[inline]
    pub(super) fn owner(&self, message: &Message<'_>) -> Option<&str> {
        match (message.frame.code, message.frame.body) {
            (UMAS, [key, ..]) if self.is_held(message.frame.unit_id, *key) => Some(&self.owner),
            _ => None,
        }
    }

    fn is_held(&self, unit_id: u8, key: u8) -> bool {
        unit_id == self.unit_id && self.key == Some(key)
    }

    /// Notes what a message of function 90 does to the reservation. `function` is UMAS's own.
    pub(super) fn notice(&mut self, message: &Message<'_>, function: Option<u16>) {
        match (message.stage, function, message.frame.body) {
            (Stage::Request, Some(UMAS_RESERVE), [_, _, data @ ..]) => {
                self.unit_id = message.frame.unit_id;
                self.owner = owner(data)
                    .map(|owner| text(owner).into_owned())
                    .unwrap_or_default();
                self.key = None;
            }
            (Stage::Response, Some(UMAS_RESERVE), [_, UMAS_DONE, key, ..]) => self.key = Some(*key),
            (Stage::Response, Some(UMAS_RELEASE), [_, UMAS_DONE, ..]) => *self = Self::default(),
            _ => {}
        }
    }

    /// How many bytes it holds on the heap.
    pub(super) fn held_bytes(&self) -> usize {
        self.owner.capacity()
    }
}
