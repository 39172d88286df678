//! Vectors from the specification, and the conversation that the contract suite replays.

use model::Direction::{self, Backward, Forward};

/// A client that asks one server for most of what Modbus can do.
pub(crate) fn samples() -> Vec<(Direction, Vec<u8>)> {
    let hex = |from, text: &str| (from, bytes(text));
    vec![
        hex(Forward, "0001 0000 0006 11 03 006b 0003"),
        hex(Backward, "0001 0000 0009 11 03 06 022b 0000 0064"),
        hex(Forward, "0002 0000 0006 11 01 0013 0013"),
        hex(Backward, "0002 0000 0006 11 01 03 cd6b 05"),
    ]
}

/// The bytes that hexadecimal digits and spaces spell.
pub(super) fn bytes(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .collect();
    digits
        .chunks(2)
        .map(|pair| (pair[0] << 4 | pair[1]) as u8)
        .collect()
}
