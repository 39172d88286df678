//! What a mirror port's interface can do.

use std::fmt;

/// Whether a mirror port can bring frames.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum PortState {
    /// It can.
    #[default]
    Up,
    /// It is on, but hears nobody: no cable, or nothing at its other end.
    NoCarrier,
    /// It is switched off.
    Off,
    /// There is no such interface any more.
    Gone,
}

impl fmt::Display for PortState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Up => "is up",
            Self::NoCarrier => "has no carrier",
            Self::Off => "is switched off",
            Self::Gone => "is gone",
        })
    }
}
