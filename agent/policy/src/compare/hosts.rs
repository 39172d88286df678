//! Hosts of every kind: one for each way in which two policies place hosts.
//!
//! The address space is cut where either policy says something; of each piece one host is asked. Hosts that both
//! policies place alike are one. An asset behind another is a point of its own, told by its unit.

use std::collections::{BTreeSet, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use model::{Host, Mac, Unit};

use super::Gaps;
use crate::policy::{Placed, Policy};
use crate::space::{AssetId, Marks, ZoneId};

/// A host, or an asset behind one, and what each policy calls it.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    pub(crate) host: Host,
    /// The unit that is an asset of its own in either policy.
    pub(crate) unit: Option<Unit>,
    /// What the policies call the host.
    pub(crate) base: [Placed; 2],
    /// What they call the point.
    pub(crate) placed: [Placed; 2],
}

/// One point of each kind.
pub(crate) fn points(policies: [&Policy; 2], gaps: &mut Gaps) -> Vec<Point> {
    let marks = policies.map(|policy| policy.space.marks());
    let ips = distinct_ips(policies, addresses(&marks));
    let macs = macs(&marks);
    let vlans: BTreeSet<u16> = marks.iter().flat_map(|of| &of.vlans).copied().collect();
    let mut found = Found {
        policies,
        seen: HashSet::new(),
        points: Vec::new(),
    };
    let some = |ip: &IpAddr| Some(*ip);
    let ips: Vec<_> = ips.iter().map(some).chain([None]).collect();
    for ip in &ips {
        found.add(*ip, None, None);
    }
    let macs: Vec<_> = [None]
        .into_iter()
        .chain(macs.into_iter().map(Some))
        .collect();
    let vlans: Vec<_> = [None]
        .into_iter()
        .chain(vlans.into_iter().map(Some))
        .collect();
    let all = ips
        .len()
        .saturating_mul(macs.len())
        .saturating_mul(vlans.len());
    if all > MAX_HOSTS {
        gaps.add("hosts that two policies know by an IP address and a MAC address or VLAN at once");
        macs.iter().for_each(|mac| found.add(None, *mac, None));
        vlans.iter().for_each(|vlan| found.add(None, None, *vlan));
    } else if all > ips.len() {
        for ip in &ips {
            for mac in &macs {
                vlans.iter().for_each(|vlan| found.add(*ip, *mac, *vlan));
            }
        }
    }
    found.points
}

struct Found<'a> {
    policies: [&'a Policy; 2],
    seen: HashSet<([Placed; 2], Option<Unit>)>,
    points: Vec<Point>,
}

impl Found<'_> {
    fn add(&mut self, ip: Option<IpAddr>, mac: Option<Mac>, vlan: Option<u16>) {
        let host = Host { ip, mac, vlan };
        let base = self.policies.map(|policy| policy.place(&host));
        if !self.seen.insert((base, None)) {
            return;
        }
        self.points.push(Point {
            host,
            unit: None,
            base,
            placed: base,
        });
        let [old, new] = self.policies;
        let [of_old, of_new] = base;
        let seats = [seats(old, of_old), seats(new, of_new)];
        let units: BTreeSet<Unit> = seats.iter().flatten().map(|(unit, _)| *unit).collect();
        for unit in units {
            let place = |policy: &Policy, base: Placed, seats: &[(Unit, AssetId)]| {
                let seat = seats.iter().find(|(of, _)| *of == unit);
                seat.map_or(base, |(_, asset)| policy.place_behind(base, *asset))
            };
            let [in_old, in_new] = &seats;
            self.points.push(Point {
                host,
                unit: Some(unit),
                base,
                placed: [place(old, of_old, in_old), place(new, of_new, in_new)],
            });
        }
    }
}

fn seats(policy: &Policy, base: Placed) -> Vec<(Unit, AssetId)> {
    let seats = base.asset.map_or(&[][..], |asset| policy.behind.of(asset));
    seats.iter().map(|seat| (seat.unit, seat.asset)).collect()
}

/// The units of a host that are assets of their own in either policy.
pub(crate) fn parts(policies: [&Policy; 2], base: [Placed; 2]) -> BTreeSet<Unit> {
    let [old, new] = policies;
    let [of_old, of_new] = base;
    let seats = [seats(old, of_old), seats(new, of_new)];
    seats.iter().flatten().map(|(unit, _)| *unit).collect()
}

/// An address of every piece of the address space, those that read best first.
fn addresses(marks: &[Marks; 2]) -> Vec<IpAddr> {
    let mut all: Vec<IpAddr> = Vec::new();
    let assets: BTreeSet<IpAddr> = marks.iter().flat_map(|of| &of.ips).copied().collect();
    all.extend(&assets);
    all.extend(NOWHERE);
    let mut starts: BTreeSet<IpAddr> = BTreeSet::new();
    starts.insert(Ipv4Addr::UNSPECIFIED.into());
    starts.insert(Ipv6Addr::UNSPECIFIED.into());
    for ip in &assets {
        starts.extend([Some(*ip), next(*ip)].into_iter().flatten());
    }
    for (first, last) in marks.iter().flat_map(|of| &of.runs) {
        starts.extend([Some(*first), next(*last)].into_iter().flatten());
    }
    for start in &starts {
        // the address of a network reads worse than the one behind it
        all.extend(next(*start).filter(|next| !starts.contains(next)));
        all.push(*start);
    }
    all
}

fn next(ip: IpAddr) -> Option<IpAddr> {
    match ip {
        IpAddr::V4(ip) => u32::from(ip)
            .checked_add(1)
            .map(|next| IpAddr::V4(next.into())),
        IpAddr::V6(ip) => u128::from(ip)
            .checked_add(1)
            .map(|next| IpAddr::V6(next.into())),
    }
}

/// The first address of each kind, whatever else a host may have.
fn distinct_ips(policies: [&Policy; 2], mut ips: Vec<IpAddr>) -> Vec<IpAddr> {
    type Kind = [(Option<AssetId>, Option<ZoneId>); 2];
    let mut seen: HashSet<Kind> = HashSet::new();
    ips.retain(|ip| {
        let host = Host {
            ip: Some(*ip),
            ..Host::default()
        };
        seen.insert(policies.map(|policy| (policy.space.asset(&host), policy.space.zone_of(*ip))))
    });
    ips
}

fn macs(marks: &[Marks; 2]) -> BTreeSet<Mac> {
    let mut macs: BTreeSet<Mac> = marks.iter().flat_map(|of| &of.macs).copied().collect();
    for [a, b, c] in marks.iter().flat_map(|of| &of.ouis) {
        let of_maker = (1..=u8::MAX).map(|last| Mac([*a, *b, *c, 0, 0, last]));
        let free = of_maker.into_iter().find(|mac| !macs.contains(mac));
        macs.extend(free);
    }
    macs
}

/// Addresses of documentation (RFC 5737, RFC 3849): hosts in no zone read best so.
const NOWHERE: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1)),
    IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
];

/// How many hosts are asked at most where addresses of several kinds are combined.
const MAX_HOSTS: usize = 200_000;
