//! Who is on the wire: MAC addresses, VLAN tags, hosts and ends of a flow.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// An EUI-48 address.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// The organisation part, the first three bytes.
    pub const fn oui(self) -> [u8; 3] {
        let [a, b, c, ..] = self.0;
        [a, b, c]
    }

    /// Whether the address names a group, broadcast included.
    pub const fn is_group(self) -> bool {
        let [first, ..] = self.0;
        first & 1 == 1
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl FromStr for Mac {
    type Err = ();

    /// Reads six pairs of hexadecimal digits parted by `:` or `-`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut bytes = [0; 6];
        let mut parts = text.split([':', '-']);
        for byte in &mut bytes {
            let part = parts.next().filter(|part| part.len() == 2).ok_or(())?;
            *byte = u8::from_str_radix(part, 16).map_err(|_| ())?;
        }
        parts.next().is_none().then_some(Self(bytes)).ok_or(())
    }
}

impl Serialize for Mac {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The VLAN identifiers of a frame, outermost first: at most [`Vlans::LIMIT`].
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Vlans {
    // INVARIANT: tags from `len` on are 0, so that equal stacks are equal values.
    tags: [u16; Self::LIMIT],
    len: u8,
}

impl Vlans {
    /// The most tags that are kept; deeper ones are passed over.
    pub const LIMIT: usize = 3;

    /// Adds the identifier (0 to 4095) of the next tag inwards.
    pub fn push(&mut self, id: u16) {
        if let Some(slot) = self.tags.get_mut(usize::from(self.len)) {
            *slot = id & 0x0fff;
            self.len += 1;
        }
    }

    /// The identifiers, outermost first.
    pub fn as_slice(&self) -> &[u16] {
        self.tags.get(..usize::from(self.len)).unwrap_or(&[])
    }

    /// The innermost identifier: the VLAN that the hosts themselves are in.
    pub fn innermost(&self) -> Option<u16> {
        self.as_slice().last().copied()
    }
}

impl Serialize for Vlans {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.as_slice())
    }
}

/// A host as the mirror port sees it. Without an IP address it is known by its MAC alone.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Host {
    /// Its network address.
    pub ip: Option<IpAddr>,
    /// The hardware address that its frames came from: its own, or the last router's.
    pub mac: Option<Mac>,
    /// The innermost VLAN that it was seen in.
    pub vlan: Option<u16>,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.ip, self.mac) {
            (Some(ip), _) => write!(f, "{ip}"),
            (None, Some(mac)) => write!(f, "{mac}"),
            (None, None) => f.write_str("unknown host"),
        }
    }
}

/// What a flow knows its ends by.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Address {
    /// A network address.
    Ip(IpAddr),
    /// A hardware address, where no network layer is between.
    Mac(Mac),
}

impl Address {
    /// The network address, where it is one.
    pub const fn ip(self) -> Option<IpAddr> {
        match self {
            Self::Ip(ip) => Some(ip),
            Self::Mac(_) => None,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => ip.fmt(f),
            Self::Mac(mac) => mac.fmt(f),
        }
    }
}

/// One end of a flow.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct End {
    /// Who it is.
    pub address: Address,
    /// TCP or UDP port; 0 without a network layer.
    pub port: u16,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            Address::Ip(IpAddr::V4(ip)) => write!(f, "{ip}:{}", self.port),
            Address::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]:{}", self.port),
            Address::Mac(mac) => write!(f, "{mac}"),
        }
    }
}

/// What carries a flow.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// A byte stream (RFC 9293).
    Tcp,
    /// Datagrams (RFC 768).
    Udp,
    /// Frames of an `EtherType` that a protocol has for itself, without a network layer.
    Ethernet,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mac_reads_back_what_it_shows() {
        let mac = Mac([0x00, 0x1b, 0x1b, 0x0a, 0xff, 0x02]);
        assert_eq!(mac.to_string(), "00:1b:1b:0a:ff:02");
        assert_eq!("00-1B-1B-0A-FF-02".parse(), Ok(mac));
        for bad in [
            "",
            "00:1b:1b:0a:ff",
            "00:1b:1b:0a:ff:02:03",
            "0:1b:1b:0a:ff:02",
            "zz:1b:1b:0a:ff:02",
        ] {
            assert_eq!(bad.parse::<Mac>(), Err(()), "{bad}");
        }
    }

    #[test]
    fn vlans_keep_the_outermost_three() {
        let mut vlans = Vlans::default();
        assert_eq!(vlans.innermost(), None);
        for id in [100, 200, 300, 400] {
            vlans.push(id);
        }
        assert_eq!(vlans.as_slice(), [100, 200, 300]);
        assert_eq!(vlans.innermost(), Some(300));
    }
}
