//! Tests of the room.
use model::Direction;
/// x
pub(crate) fn samples() -> Vec<(Direction, Vec<u8>)> { vec![] }
