//! The baseline room.
