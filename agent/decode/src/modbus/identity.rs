//! What a device says of itself, as printable text.
//!
//! Device identification has numbered objects (MODBUS Application Protocol V1.1b3, 6.21); Report
//! Server ID (6.13) and the answer to UMAS's Read ID are device-specific, so only their longest text
//! is taken.

use std::borrow::Cow;

use model::Fact;

/// What an object of a device identification states. The vendor's address on the web says nothing
/// of the device, and the model name, where there is one, says the product code again in words.
pub(super) const fn fact(object: u8) -> Option<Fact> {
    match object {
        0 => Some(Fact::Vendor),
        1 => Some(Fact::Model),
        2 => Some(Fact::Version),
        4 => Some(Fact::Product),
        6 => Some(Fact::Name),
        _ => None,
    }
}

/// Bytes as text; what cannot be printed becomes a full stop.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(char::is_control) => Cow::Borrowed(text),
        _ => Cow::Owned(bytes.iter().map(|byte| printable(*byte)).collect()),
    }
}

const fn printable(byte: u8) -> char {
    match byte {
        b' '..=b'~' => byte as char,
        _ => '.',
    }
}

/// The longest run of printable bytes, or none where it is too short to be a text.
pub(super) fn longest_text(bytes: &[u8]) -> &[u8] {
    bytes
        .split(|byte| !matches!(byte, b' '..=b'~'))
        .max_by_key(|run| run.len())
        .filter(|run| run.len() >= SHORTEST_TEXT)
        .unwrap_or(&[])
}

/// Shorter runs of printable bytes are taken for chance.
const SHORTEST_TEXT: usize = 4;
