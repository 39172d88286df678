//! S7comm-plus (protocol 0x72), and TLS inside of COTP, which is recognised and not read.
//!
//! [`part`] joins the parts of a message, [`head`] reads what all messages begin with, [`body`] what their function
//! carries: addresses of variables ([`address`]), object trees ([`tree`]), typed values ([`value`]), all made of
//! quantities of variable length ([`vlq`]). [`meaning`] says which function a [`message`] is, [`targets`] what it touches;
//! [`record`] shows it; [`facts`] tells who its sender is. From some firmware on, everything after the first exchange is TLS.
//!
//! Follows no public specification: the layouts are those that independent decoders and drivers agree on, and each was
//! checked against captures. What is not understood is passed over; the head is told in any case.

mod address;
mod body;
mod entries;
mod facts;
mod fault;
mod head;
mod ids;
mod meaning;
mod message;
mod part;
mod record;
mod targets;
mod tree;
mod value;
mod vlq;
mod written;

pub(super) use self::message::Message;
pub(super) use self::part::{Joint, Part};
pub(super) use self::record::Record;

use super::frame::Likeness;

/// The first byte of every part.
pub(super) const PROTOCOL_ID: u8 = 0x72;

/// How much a message of `len` bytes, of which some are shown, looks like S7comm-plus: its length
/// must leave room for a trailer or for nothing.
pub(super) fn likeness(shown: &[u8], len: usize) -> Likeness {
    match shown {
        [_, 1..=3 | 0xfe | 0xff, high, low, ..] => {
            let content = usize::from(u16::from_be_bytes([*high, *low]));
            if content + 4 == len || content + 8 == len {
                Likeness::Full
            } else {
                Likeness::Foreign
            }
        }
        [_] | [_, 1..=3 | 0xfe | 0xff] | [_, 1..=3 | 0xfe | 0xff, _] if len >= 4 => Likeness::Short,
        _ => Likeness::Foreign,
    }
}

/// Whether bytes begin a TLS record (RFC 8446, 5.1).
pub(super) const fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [0x14..=0x17, 3, 0..=4, _, _, ..])
}

/// The handshake message that a TLS record begins with: 1 is the client's hello, 2 the server's.
pub(super) const fn handshake(bytes: &[u8]) -> Option<u8> {
    match bytes {
        [0x16, 3, 0..=4, _, _, kind, ..] => Some(*kind),
        _ => None,
    }
}
