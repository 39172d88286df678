//! Transport selectors (TSAP): what kind of connection they ask for, and their text.
//!
//! A selector of two bytes names the kind of connection or the resource of a configured one in the
//! first, rack and slot in the second. Selectors of S7-1200 and S7-1500 are names that begin with
//! `SIMATIC-ROOT-`. Nothing public defines either; controllers and their tools agree on both.

/// What a connection is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Kind {
    /// A programming device, or an engineering station.
    Pg,
    /// An operator panel.
    Op,
    /// Any other client.
    Basic,
    /// A connection that the controller's configuration names.
    Configured,
}

impl Kind {
    /// The kind that a selector names.
    pub(super) fn of(selector: &[u8]) -> Option<Self> {
        match selector {
            [1, _] => Some(Self::Pg),
            [2, _] => Some(Self::Op),
            [3, _] => Some(Self::Basic),
            [0x10..=0xdf, _] => Some(Self::Configured),
            b"SIMATIC-ROOT-ES" => Some(Self::Pg),
            b"SIMATIC-ROOT-HMI" => Some(Self::Op),
            b"SIMATIC-ROOT-OTHER" => Some(Self::Basic),
            _ => None,
        }
    }

    /// The word that records and rules use.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Pg => "pg",
            Self::Op => "op",
            Self::Basic => "basic",
            Self::Configured => "configured",
        }
    }
}

/// A selector that is a name.
pub(super) fn text(selector: &[u8]) -> Option<&str> {
    let plain = selector.len() > 2 && selector.iter().all(|byte| (0x20..0x7f).contains(byte));
    std::str::from_utf8(selector).ok().filter(|_| plain)
}
