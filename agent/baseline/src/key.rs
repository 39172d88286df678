//! Who, and which part of it: the words that facts begin with.

use std::fmt;
use std::net::IpAddr;

use model::{Function, Host, Mac, Unit};

use crate::text::Text;

/// A host as the baseline knows it: by its network address, or by its hardware address where it
/// has none. A host that moves to another VLAN or behind another router stays the same.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Station {
    Ip(IpAddr),
    Mac(Mac),
    Unknown,
}

impl From<Host> for Station {
    fn from(host: Host) -> Self {
        match (host.ip, host.mac) {
            (Some(ip), _) => Self::Ip(ip),
            (None, Some(mac)) => Self::Mac(mac),
            (None, None) => Self::Unknown,
        }
    }
}

impl fmt::Display for Station {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => write!(f, "{ip}"),
            Self::Mac(mac) => write!(f, "{mac}"),
            Self::Unknown => f.write_str(UNKNOWN),
        }
    }
}

impl Station {
    /// Reads the text form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text == UNKNOWN {
            return Some(Self::Unknown);
        }
        let ip = text.parse().ok().map(Self::Ip);
        ip.or_else(|| text.parse().ok().map(Self::Mac))
    }
}

/// Who asks whom.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Pair {
    pub(crate) client: Station,
    pub(crate) server: Station,
}

/// A unit as facts write it: `unit:1`, `slot:0/2`, or `-` where there is none.
pub(crate) struct Part(pub(crate) Option<Unit>);

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("-"),
            Some(Unit::Id(id)) => write!(f, "unit:{id}"),
            Some(Unit::Slot { rack, slot }) => write!(f, "slot:{rack}/{slot}"),
        }
    }
}

impl Part {
    /// Reads the text form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let unit = match text.split_once(':') {
            None if text == "-" => None,
            Some(("unit", id)) => Some(Unit::Id(id.parse().ok()?)),
            Some(("slot", place)) => {
                let (rack, slot) = place.split_once('/')?;
                let (rack, slot) = (rack.parse().ok()?, slot.parse().ok()?);
                Some(Unit::Slot { rack, slot })
            }
            _ => return None,
        };
        Some(Self(unit))
    }
}

/// A function's word; one that no table names keeps its number, so that two of them stay two.
pub(crate) fn function(function: Function) -> Text {
    match function.name {
        "unknown" => Text::of(format_args!("unknown:{}", function.code)),
        name => Text::of(name),
    }
}

const UNKNOWN: &str = "unknown";
