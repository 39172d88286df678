//! What a filter allows, whatever it is written in: sets of (from, to, transport, port), compared as sets.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use model::Transport;
use policy::enforce::{AddressSet, Family, Ruleset};

/// A run of addresses.
pub(super) type Run = (IpAddr, IpAddr);

/// Everything from one run to another on a port.
pub(super) type Box = (Run, Run, Transport, u16);

/// What is allowed, in the one way to write it: by port, then by runs of senders, to whom they may send.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Allowed(BTreeMap<(Transport, u16, Family), Vec<(Run, AddressSet)>>);

impl Allowed {
    pub(super) fn of(boxes: impl IntoIterator<Item = Box>) -> Self {
        let mut by_port: BTreeMap<_, Vec<(Run, Run)>> = BTreeMap::new();
        for (from, to, transport, port) in boxes {
            let family = Family::of(from.0);
            if family == Family::of(to.0) {
                let key = (transport, port, family);
                by_port.entry(key).or_default().push((from, to));
            }
        }
        let by_port = by_port.into_iter();
        Self(by_port.map(|(key, pairs)| (key, slices(&pairs))).collect())
    }

    pub(super) fn of_ruleset(ruleset: &Ruleset) -> Self {
        let set = |place: usize| ruleset.sets[place].addresses.all().collect::<Vec<_>>();
        let boxes = ruleset.rules.iter().flat_map(|rule| {
            let (from, to) = (set(rule.from), set(rule.to));
            let ports = rule.ports.iter();
            let ports =
                ports.flat_map(|(transport, ports)| ports.iter().map(|port| (*transport, *port)));
            product(&from, &to, &ports.collect::<Vec<_>>())
        });
        Self::of(boxes.collect::<Vec<_>>())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Every box of two sets and some ports.
pub(super) fn product(from: &[Run], to: &[Run], ports: &[(Transport, u16)]) -> Vec<Box> {
    let pairs = from
        .iter()
        .flat_map(|from| to.iter().map(move |to| (*from, *to)));
    pairs
        .flat_map(|(from, to)| {
            ports
                .iter()
                .map(move |(carrier, port)| (from, to, *carrier, *port))
        })
        .collect()
}

/// The runs of senders within which nothing begins or ends, each with all that it may send to; those
/// that may send to the same are one.
fn slices(pairs: &[(Run, Run)]) -> Vec<(Run, AddressSet)> {
    let mut cuts = BTreeSet::new();
    for ((first, last), _) in pairs {
        cuts.insert(number(*first));
        cuts.insert(number(*last).wrapping_add(1));
    }
    let cuts: Vec<u128> = cuts.into_iter().collect();
    let mut slices: Vec<(Run, AddressSet)> = Vec::new();
    for (at, first) in cuts.iter().enumerate() {
        let v4 = pairs[0].0.0.is_ipv4();
        let end = cuts.get(at + 1).map_or(u128::MAX, |next| next - 1);
        let within = |run: &Run| number(run.0) <= *first && *first <= number(run.1);
        let to = pairs.iter().filter(|(from, _)| within(from));
        let to = AddressSet::of(to.map(|(_, to)| *to));
        match slices.last_mut() {
            _ if to.is_empty() => {}
            Some(((_, last), same)) if number(*last).wrapping_add(1) == *first && *same == to => {
                *last = address(v4, end);
            }
            _ => slices.push(((address(v4, *first), address(v4, end)), to)),
        }
    }
    slices
}

fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u32::from(ip).into(),
        IpAddr::V6(ip) => ip.into(),
    }
}

fn address(v4: bool, number: u128) -> IpAddr {
    if v4 {
        IpAddr::V4(u32::try_from(number).unwrap_or(u32::MAX).into())
    } else {
        IpAddr::V6(number.into())
    }
}

/// An address, a prefix or a range as a run.
pub(super) fn run(text: &str) -> Run {
    if let Some((first, last)) = text.split_once('-') {
        return (first.parse().unwrap(), last.parse().unwrap());
    }
    let (first, length) = text.split_once('/').unwrap_or((text, ""));
    let first: IpAddr = first.parse().unwrap();
    let bits = if first.is_ipv4() { 32 } else { 128 };
    let length = length.parse().unwrap_or(bits);
    let rest = 1_u128
        .checked_shl(bits - length)
        .map_or(u128::MAX, |size| size - 1);
    (first, address(first.is_ipv4(), number(first) | rest))
}

mod tests {
    use super::*;

    fn allowed(boxes: &[(&str, &str, u16)]) -> Allowed {
        let boxes = boxes.iter();
        Allowed::of(boxes.map(|(from, to, port)| (run(from), run(to), Transport::Tcp, *port)))
    }

    #[test]
    fn the_same_boxes_cut_otherwise_are_the_same() {
        let whole = allowed(&[("10.0.0.0/24", "10.1.0.0/24", 502)]);
        let halves = allowed(&[
            ("10.0.0.128/25", "10.1.0.0/24", 502),
            ("10.0.0.0/25", "10.1.0.0/25", 502),
            ("10.0.0.0/25", "10.1.0.64-10.1.0.255", 502),
        ]);
        assert_eq!(whole, halves);
    }

    #[test]
    fn one_address_more_or_less_is_another_thing() {
        let whole = allowed(&[("10.0.0.0/24", "10.1.0.0/24", 502)]);
        for (from, to, port) in [
            ("10.0.0.0-10.0.0.254", "10.1.0.0/24", 502),
            ("10.0.0.0/24", "10.1.0.0-10.1.1.0", 502),
            ("10.0.0.0/24", "10.1.0.0/24", 503),
        ] {
            assert_ne!(whole, allowed(&[(from, to, port)]), "{from} {to} {port}");
        }
    }
}
