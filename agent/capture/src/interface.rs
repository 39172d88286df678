//! The interfaces of this machine, and which of them suit as a mirror port.
//!
//! A mirror port must be up, must be a real port, and must have no address: an interface with an
//! address answers ARP and neighbour discovery, and so it sends.

use std::net::IpAddr;
use std::path::Path;
use std::{fmt, fs};

use model::Mac;
use pnet::datalink::{self, NetworkInterface};

/// An interface of this machine.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Interface {
    /// Its name, such as `eth1`.
    pub name: String,
    /// Its number in the kernel.
    pub index: u32,
    /// Its hardware address, where it has one.
    pub mac: Option<Mac>,
    /// Its network addresses.
    pub addresses: Vec<IpAddr>,
    /// Whether it is switched on.
    pub up: bool,
    /// Whether it has a carrier: a cable, and something at the other end.
    pub carrier: bool,
    /// Whether it takes frames for other stations: somebody listens to it already.
    pub promiscuous: bool,
    /// Whether it is the machine's own loop.
    pub loopback: bool,
}

/// Whether an interface suits as a mirror port.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Suitability {
    /// It does.
    Suitable,
    /// It does not, for these reasons.
    Unsuitable(Vec<Objection>),
}

/// What speaks against an interface as a mirror port.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Objection {
    /// It is the machine's own loop.
    Loopback,
    /// It is switched off.
    Down,
    /// It is on, but hears nobody.
    NoCarrier,
    /// It has no hardware address, so no switch can be behind it.
    NoMac,
    /// It has an address, and so it sends.
    Address(IpAddr),
}

impl Interface {
    /// Whether it suits as a mirror port, with everything that speaks against it.
    pub fn suitability(&self) -> Suitability {
        let objections = self.objections();
        if objections.is_empty() {
            Suitability::Suitable
        } else {
            Suitability::Unsuitable(objections)
        }
    }

    fn objections(&self) -> Vec<Objection> {
        if self.loopback {
            return vec![Objection::Loopback];
        }
        let state = match (self.up, self.carrier) {
            (false, _) => Some(Objection::Down),
            (true, false) => Some(Objection::NoCarrier),
            (true, true) => None,
        };
        let mac = self.mac.is_none().then_some(Objection::NoMac);
        let addresses = self.addresses.iter().copied().map(Objection::Address);
        state.into_iter().chain(mac).chain(addresses).collect()
    }
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loopback => f.write_str("it is the machine's own loop"),
            Self::Down => f.write_str("it is down: switch it on"),
            Self::NoCarrier => f.write_str("it has no carrier: check the cable"),
            Self::NoMac => f.write_str("it has no hardware address"),
            Self::Address(ip) => write!(f, "it has the address {ip}, and so it sends: remove it"),
        }
    }
}

/// The interfaces of this machine, by index.
pub fn interfaces() -> Vec<Interface> {
    let mut interfaces: Vec<_> = datalink::interfaces().iter().map(Interface::from).collect();
    interfaces.sort_by_key(|interface| interface.index);
    interfaces
}

impl From<&NetworkInterface> for Interface {
    fn from(interface: &NetworkInterface) -> Self {
        let mac = interface.mac.map(|mac| Mac(mac.octets()));
        Self {
            name: interface.name.clone(),
            index: interface.index,
            mac: mac.filter(|mac| mac.0 != [0; 6]),
            addresses: interface.ips.iter().map(|network| network.ip()).collect(),
            up: interface.is_up(),
            carrier: interface.is_lower_up(),
            promiscuous: flags(interface) & PROMISCUOUS != 0,
            loopback: interface.is_loopback(),
        }
    }
}

/// The flags as the kernel has them. Those that getifaddrs(3) gives leave out promiscuous mode
/// where a listener, not a person, asked for it.
fn flags(interface: &NetworkInterface) -> u32 {
    let path = Path::new("/sys/class/net")
        .join(&interface.name)
        .join("flags");
    let text = fs::read_to_string(path).unwrap_or_default();
    let digits = text.trim().trim_start_matches("0x");
    u32::from_str_radix(digits, 16).unwrap_or(interface.flags)
}

/// `IFF_PROMISC` of netdevice(7).
const PROMISCUOUS: u32 = 0x100;

#[cfg(test)]
mod tests {
    use super::*;

    /// A mirror port as it should be, changed, must raise these objections.
    fn check(change: impl FnOnce(&mut Interface), objections: &[Objection]) {
        let mut interface = Interface {
            name: "eth1".into(),
            index: 2,
            mac: Some(Mac([2, 0, 0, 0, 0, 1])),
            addresses: Vec::new(),
            up: true,
            carrier: true,
            promiscuous: false,
            loopback: false,
        };
        change(&mut interface);
        let expected = match objections {
            [] => Suitability::Suitable,
            some => Suitability::Unsuitable(some.to_vec()),
        };
        assert_eq!(interface.suitability(), expected);
    }

    #[test]
    fn an_interface_that_is_up_and_silent_suits() {
        check(|_| (), &[]);
        check(|it| it.promiscuous = true, &[]);
    }

    #[test]
    fn everything_that_speaks_against_an_interface_is_told() {
        let ip = IpAddr::from([10, 0, 0, 1]);
        check(|it| it.loopback = true, &[Objection::Loopback]);
        check(|it| it.carrier = false, &[Objection::NoCarrier]);
        check(|it| it.mac = None, &[Objection::NoMac]);
        check(
            |it| (it.up, it.addresses) = (false, vec![ip]),
            &[Objection::Down, Objection::Address(ip)],
        );
        let text = Objection::Address(ip).to_string();
        assert_eq!(
            text,
            "it has the address 10.0.0.1, and so it sends: remove it"
        );
    }

    #[test]
    fn this_machine_has_a_loop_that_does_not_suit() {
        let all = interfaces();
        let own = all.iter().find(|interface| interface.loopback).unwrap();
        assert_eq!(
            own.suitability(),
            Suitability::Unsuitable(vec![Objection::Loopback])
        );
    }
}
