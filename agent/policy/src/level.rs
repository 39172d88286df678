//! Purdue levels.

use std::fmt;
use std::str::FromStr;

/// A level of the Purdue model: 0 (process) to 5 (enterprise), and 3.5 for the zone between
/// operations and the office, the DMZ.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Level {
    // INVARIANT: one of `TENTHS`.
    tenths: u8,
}

impl Level {
    /// Ten times the level, a whole number: 35 for the DMZ.
    pub const fn tenths(self) -> u8 {
        self.tenths
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.tenths / 10, self.tenths % 10) {
            (whole, 0) => write!(f, "{whole}"),
            (whole, rest) => write!(f, "{whole}.{rest}"),
        }
    }
}

impl FromStr for Level {
    type Err = ();

    /// Reads `0` to `5` and `3.5`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut levels = TENTHS.into_iter().map(|tenths| Self { tenths });
        levels.find(|level| level.to_string() == text).ok_or(())
    }
}

/// Ten times each level that there is.
const TENTHS: [u8; 7] = [0, 10, 20, 30, 35, 40, 50];
