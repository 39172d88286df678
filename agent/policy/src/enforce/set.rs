//! Sets of addresses, as runs that neither overlap nor touch.

use std::net::IpAddr;

use ipnet::{IpNet, IpSubnets, Ipv4Subnets, Ipv6Subnets};

/// IPv4 or IPv6: a packet filter has rules for each.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Family {
    /// RFC 791.
    V4,
    /// RFC 8200.
    V6,
}

impl Family {
    /// Both.
    pub const ALL: [Self; 2] = [Self::V4, Self::V6];

    /// The family of an address.
    pub const fn of(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }
}

/// Some addresses of both families.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AddressSet {
    // INVARIANT: sorted, of one family each, and no two overlap or touch.
    v4: Vec<(IpAddr, IpAddr)>,
    v6: Vec<(IpAddr, IpAddr)>,
}

impl AddressSet {
    /// No address.
    pub(super) const EMPTY: Self = Self {
        v4: Vec::new(),
        v6: Vec::new(),
    };

    /// All addresses of some runs, each from its first to its last.
    pub fn of(runs: impl IntoIterator<Item = (IpAddr, IpAddr)>) -> Self {
        let (mut v4, mut v6): (Vec<_>, Vec<_>) =
            runs.into_iter().partition(|(first, _)| first.is_ipv4());
        join(&mut v4);
        join(&mut v6);
        Self { v4, v6 }
    }

    /// The runs of one family, in order.
    pub fn runs(&self, family: Family) -> &[(IpAddr, IpAddr)] {
        match family {
            Family::V4 => &self.v4,
            Family::V6 => &self.v6,
        }
    }

    /// All runs, IPv4 first.
    pub fn all(&self) -> impl Iterator<Item = (IpAddr, IpAddr)> {
        self.v4.iter().chain(&self.v6).copied()
    }

    /// The fewest prefixes that hold one family's addresses and no other, in order.
    pub fn prefixes(&self, family: Family) -> Vec<IpNet> {
        let runs = self.runs(family).iter();
        runs.flat_map(|(first, last)| subnets(*first, *last))
            .collect()
    }

    /// Whether an address is in the set.
    pub fn contains(&self, ip: IpAddr) -> bool {
        let runs = self.runs(Family::of(ip));
        let after = runs.partition_point(|(first, _)| *first <= ip);
        let run = after.checked_sub(1).and_then(|at| runs.get(at));
        run.is_some_and(|(_, last)| ip <= *last)
    }

    /// Whether there is no address.
    pub const fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether packets can go from one set to the other: there is a family that both have.
    pub fn meets(&self, other: &Self) -> bool {
        let has = |set: &Self, family| !set.runs(family).is_empty();
        let mut families = Family::ALL.into_iter();
        families.any(|family| has(self, family) && has(other, family))
    }
}

/// The fewest prefixes from one address to another of its family.
pub(super) fn subnets(first: IpAddr, last: IpAddr) -> IpSubnets {
    match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => Ipv4Subnets::new(first, last, 0).into(),
        (IpAddr::V6(first), IpAddr::V6(last)) => Ipv6Subnets::new(first, last, 0).into(),
        // INVARIANT: a run is of one family. One that is not holds nothing.
        _ => Ipv4Subnets::new([0, 0, 0, 1].into(), [0, 0, 0, 0].into(), 32).into(),
    }
}

/// The address behind another one; none behind the last.
pub(super) fn next(ip: IpAddr) -> Option<IpAddr> {
    match ip {
        IpAddr::V4(ip) => u32::from(ip)
            .checked_add(1)
            .map(|next| IpAddr::V4(next.into())),
        IpAddr::V6(ip) => u128::from(ip)
            .checked_add(1)
            .map(|next| IpAddr::V6(next.into())),
    }
}

/// The address before another one; none before the first.
pub(super) fn previous(ip: IpAddr) -> Option<IpAddr> {
    match ip {
        IpAddr::V4(ip) => u32::from(ip)
            .checked_sub(1)
            .map(|next| IpAddr::V4(next.into())),
        IpAddr::V6(ip) => u128::from(ip)
            .checked_sub(1)
            .map(|next| IpAddr::V6(next.into())),
    }
}

/// Sorts runs and joins those that overlap or touch.
fn join(runs: &mut Vec<(IpAddr, IpAddr)>) {
    runs.sort_unstable();
    let mut joined: Vec<(IpAddr, IpAddr)> = Vec::new();
    for (first, last) in runs.drain(..) {
        match joined.last_mut() {
            Some((_, end)) if next(*end).is_none_or(|next| first <= next) => *end = last.max(*end),
            _ => joined.push((first, last)),
        }
    }
    *runs = joined;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(runs: &[(&str, &str)]) -> AddressSet {
        let runs = runs.iter();
        AddressSet::of(runs.map(|(first, last)| (first.parse().unwrap(), last.parse().unwrap())))
    }

    /// The prefixes of both families, in words.
    fn check(runs: &[(&str, &str)], expected: &str) {
        let set = set(runs);
        let prefixes = Family::ALL
            .into_iter()
            .flat_map(|family| set.prefixes(family));
        let words: Vec<_> = prefixes.map(|prefix| prefix.to_string()).collect();
        assert_eq!(words.join(" "), expected);
    }

    #[test]
    fn runs_that_touch_are_one() {
        check(
            &[("10.0.0.128", "10.0.0.255"), ("10.0.0.0", "10.0.0.127")],
            "10.0.0.0/24",
        );
        check(
            &[("10.0.0.0", "10.0.0.255"), ("10.0.0.9", "10.0.0.9")],
            "10.0.0.0/24",
        );
        check(
            &[("fd00::1", "fd00::1"), ("fd00::", "fd00::")],
            "fd00::/127",
        );
    }

    #[test]
    fn the_ends_of_all_addresses_are_no_trap() {
        check(&[("0.0.0.0", "255.255.255.255")], "0.0.0.0/0");
        check(
            &[("255.255.255.255", "255.255.255.255"), ("::", "::")],
            "255.255.255.255/32 ::/128",
        );
        let all = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
        check(&[("::", all), (all, all)], "::/0");
    }

    #[test]
    fn a_run_is_cut_into_the_fewest_prefixes() {
        check(
            &[("10.0.0.1", "10.0.0.6")],
            "10.0.0.1/32 10.0.0.2/31 10.0.0.4/31 10.0.0.6/32",
        );
    }

    #[test]
    fn a_set_contains_its_ends_and_nothing_beyond() {
        let set = set(&[("10.0.0.5", "10.0.0.9"), ("10.0.0.20", "10.0.0.20")]);
        let held = (0..=255).filter(|last| set.contains(IpAddr::from([10, 0, 0, *last])));
        assert_eq!(held.collect::<Vec<_>>(), [5, 6, 7, 8, 9, 20]);
        assert!(!set.contains("::1".parse().unwrap()));
    }
}
