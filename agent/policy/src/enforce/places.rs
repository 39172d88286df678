//! The whole address space, cut into classes of addresses that the policy places alike.
//!
//! What decides is [`Policy::place`] itself: between two places where any member begins or ends, all
//! addresses are placed as the first one is. A host in a narrow zone is therefore in no wider one.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use model::Host;

use super::set::{AddressSet, next, previous};
use crate::policy::{Placed, Policy};

/// Addresses that the policy places alike. No two classes have an address in common.
#[derive(Debug)]
pub(super) struct Class {
    pub(super) placed: Placed,
    pub(super) addresses: AddressSet,
}

/// Every class that is placed anywhere, in the policy's order.
pub(super) fn classes(policy: &Policy) -> Vec<Class> {
    let mut runs: BTreeMap<Placed, Vec<(IpAddr, IpAddr)>> = BTreeMap::new();
    for (first, last) in elementary(policy) {
        let placed = policy.place(&Host {
            ip: Some(first),
            ..Host::default()
        });
        if placed != Placed::default() {
            runs.entry(placed).or_default().push((first, last));
        }
    }
    let class = |(placed, runs)| Class {
        placed,
        addresses: AddressSet::of(runs),
    };
    runs.into_iter().map(class).collect()
}

/// Runs within which nothing begins or ends, of all that the policy names.
fn elementary(policy: &Policy) -> Vec<(IpAddr, IpAddr)> {
    let mut cuts = BTreeSet::new();
    for (first, last) in policy.space.runs() {
        cuts.insert(first);
        cuts.extend(next(last));
    }
    let cuts: Vec<_> = cuts.into_iter().collect();
    let end = |first: IpAddr, after: Option<&IpAddr>| match after {
        Some(after) if after.is_ipv4() == first.is_ipv4() => previous(*after),
        _ => Some(last_of(first)),
    };
    let after = cuts.iter().skip(1).map(Some).chain([None]);
    let runs = cuts.iter().zip(after);
    runs.filter_map(|(first, after)| Some((*first, end(*first, after)?)))
        .collect()
}

/// The last address of a family.
const fn last_of(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => IpAddr::V4(std::net::Ipv4Addr::BROADCAST),
        IpAddr::V6(_) => IpAddr::V6(std::net::Ipv6Addr::from_bits(u128::MAX)),
    }
}
