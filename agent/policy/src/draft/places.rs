//! The zones of a draft: hosts by network prefix, narrowed where VLANs or levels show that one prefix holds several.
//!
//! Hosts that a known policy places keep their zone, with all its members. Others are put together by prefix (24 bits of IPv4, 64 of IPv6).
//! One prefix becomes several zones where its VLANs, or else the levels of its hosts, lie in narrower prefixes that do not
//! overlap. Hosts without a network address are listed by name.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;

use super::cast::{Cast, Id, unique};
use super::traffic::{Station, Traffic};
use crate::Policy;
use crate::space::ZoneId;

/// Every zone, in the order of their names' first hosts.
pub(super) struct Places {
    pub(super) zones: Vec<Zone>,
    /// The zone of each host, by its place in `zones`.
    of_host: BTreeMap<Id, usize>,
}

/// One zone.
pub(super) struct Zone {
    pub(super) name: String,
    pub(super) level: Option<String>,
    /// Whether the level is a guess, and what it is guessed from.
    pub(super) why: Option<String>,
    pub(super) owner: Option<String>,
    pub(super) criticality: Option<&'static str>,
    pub(super) security_level: Option<u8>,
    pub(super) consequence: Option<String>,
    /// Keys of `members` with their texts.
    pub(super) members: Vec<(&'static str, Vec<String>)>,
    pub(super) vlans: BTreeSet<u16>,
    pub(super) hosts: Vec<Id>,
}

impl Places {
    pub(super) fn of(cast: &Cast, traffic: &Traffic, known: Option<&Policy>) -> Self {
        let mut kept: BTreeMap<ZoneId, Vec<Id>> = BTreeMap::new();
        let mut by_prefix: BTreeMap<IpNet, Vec<Id>> = BTreeMap::new();
        let mut by_vlan: BTreeMap<Option<u16>, Vec<Id>> = BTreeMap::new();
        for (id, asset) in cast
            .assets
            .iter()
            .enumerate()
            .filter(|(_, it)| it.unit.is_none())
        {
            let placed = known.map(|policy| policy.place(&asset.station.host()));
            match (placed.and_then(|placed| placed.zone), asset.station) {
                (Some(zone), _) => kept.entry(zone).or_default().push(id),
                (None, Station::Ip(ip)) => by_prefix.entry(prefix(ip)).or_default().push(id),
                (None, Station::Mac(_)) => {
                    let vlan = vlans(&[id], cast, traffic).first().copied();
                    by_vlan.entry(vlan).or_default().push(id);
                }
            }
        }
        let mut places = Self {
            zones: Vec::new(),
            of_host: BTreeMap::new(),
        };
        let mut names = BTreeSet::new();
        for (zone, hosts) in kept {
            let zone = known.and_then(|policy| kept_zone(policy, zone, &hosts, cast));
            places.zones.extend(zone);
        }
        names.extend(places.zones.iter().map(|zone| zone.name.clone()));
        for (net, hosts) in by_prefix {
            for (net, hosts) in split(net, hosts, cast, traffic) {
                let members = vec![("cidrs", vec![net.to_string()])];
                places.add(
                    &net.to_string(),
                    members,
                    hosts,
                    &mut names,
                    (cast, traffic),
                );
            }
        }
        for (vlan, hosts) in by_vlan {
            let assets = hosts.iter().map(|id| cast.name(*id).to_owned()).collect();
            let place = vlan.map_or_else(|| "no-ip".to_owned(), |id| format!("no-ip-vlan-{id}"));
            places.add(
                &place,
                vec![("assets", assets)],
                hosts,
                &mut names,
                (cast, traffic),
            );
        }
        for (place, zone) in places.zones.iter().enumerate() {
            places
                .of_host
                .extend(zone.hosts.iter().map(|id| (*id, place)));
        }
        places
    }

    /// The zone that an asset, or what it is behind, is in.
    pub(super) fn zone_of(&self, id: Id, cast: &Cast) -> Option<&Zone> {
        let host = cast.at(id)?.behind.unwrap_or(id);
        self.zones.get(*self.of_host.get(&host)?)
    }

    fn add(
        &mut self,
        place: &str,
        members: Vec<(&'static str, Vec<String>)>,
        hosts: Vec<Id>,
        names: &mut BTreeSet<String>,
        (cast, traffic): (&Cast, &Traffic),
    ) {
        let levels: BTreeSet<u8> = levels(&hosts, cast);
        let level = levels.first().copied().unwrap_or(3);
        let word = match level {
            1 => "cell",
            2 => "operations",
            _ => "site",
        };
        let shown: Vec<String> = levels.iter().map(u8::to_string).collect();
        let why = match levels.len() {
            0 | 1 => "guess, from what its hosts do".to_owned(),
            _ => format!(
                "guess: hosts of levels {} share it; consider to part them",
                shown.join(" and ")
            ),
        };
        self.zones.push(Zone {
            name: unique(format!("{word}-{place}"), names),
            level: Some(level.to_string()),
            why: Some(why),
            owner: None,
            criticality: None,
            security_level: None,
            consequence: None,
            members,
            vlans: vlans(&hosts, cast, traffic),
            hosts,
        });
    }
}

fn levels(hosts: &[Id], cast: &Cast) -> BTreeSet<u8> {
    hosts
        .iter()
        .filter_map(|id| cast.at(*id))
        .map(|asset| asset.level)
        .collect()
}

fn vlans(hosts: &[Id], cast: &Cast, traffic: &Traffic) -> BTreeSet<u16> {
    let stations = hosts
        .iter()
        .filter_map(|id| cast.at(*id))
        .map(|asset| asset.station);
    let known = stations.filter_map(|station| traffic.hosts.get(&station));
    known.flat_map(|host| host.vlans.iter().copied()).collect()
}

/// The prefix that hosts are put together by.
fn prefix(ip: IpAddr) -> IpNet {
    let bits = if ip.is_ipv4() { 24 } else { 64 };
    narrowed(IpNet::from(ip), bits)
}

fn narrowed(net: IpNet, bits: u8) -> IpNet {
    IpNet::new(net.addr(), bits).unwrap_or(net).trunc()
}

/// A prefix as one zone, or as several where its hosts lie apart.
fn split(net: IpNet, hosts: Vec<Id>, cast: &Cast, traffic: &Traffic) -> Vec<(IpNet, Vec<Id>)> {
    let by_vlan = parted(&hosts, |id| {
        vlans(&[id], cast, traffic).into_iter().collect::<Vec<_>>()
    });
    let by_level = || {
        let by_level = parted(&hosts, |id| {
            levels(&[id], cast).into_iter().collect::<Vec<_>>()
        });
        by_level
            .into_values()
            .all(|hosts| hosts.len() >= FEW)
            .then(|| {
                parted(&hosts, |id| {
                    levels(&[id], cast).into_iter().collect::<Vec<_>>()
                })
            })
    };
    apart(net, &by_vlan, cast)
        .or_else(|| apart(net, &by_level()?, cast))
        .unwrap_or_else(|| vec![(net, hosts)])
}

fn parted<K: Ord>(hosts: &[Id], key: impl Fn(Id) -> K) -> BTreeMap<K, Vec<Id>> {
    let mut parts: BTreeMap<K, Vec<Id>> = BTreeMap::new();
    for id in hosts {
        parts.entry(key(*id)).or_default().push(*id);
    }
    parts
}

/// The narrowest prefixes of several parts, where no two overlap.
fn apart<K>(
    net: IpNet,
    parts: &BTreeMap<K, Vec<Id>>,
    cast: &Cast,
) -> Option<Vec<(IpNet, Vec<Id>)>> {
    let cover = |hosts: &Vec<Id>| Some((covering(net, hosts, cast)?, hosts.clone()));
    let mut nets: Vec<(IpNet, Vec<Id>)> = parts.values().map(cover).collect::<Option<_>>()?;
    nets.sort();
    let overlap = |(one, other): (&(IpNet, _), &(IpNet, _))| {
        one.0.contains(&other.0) || other.0.contains(&one.0)
    };
    let disjoint = !nets.iter().zip(nets.iter().skip(1)).any(overlap);
    (nets.len() > 1 && disjoint).then_some(nets)
}

/// The narrowest prefix within `net` that holds some hosts and is not narrower than anybody would plan.
fn covering(net: IpNet, hosts: &[Id], cast: &Cast) -> Option<IpNet> {
    let ips: Vec<IpAddr> = hosts
        .iter()
        .filter_map(|id| match cast.at(*id)?.station {
            Station::Ip(ip) => Some(ip),
            Station::Mac(_) => None,
        })
        .collect();
    let first = IpNet::from(*ips.first()?);
    let narrowest = net.max_prefix_len() - NARROWEST;
    (net.prefix_len()..=narrowest)
        .rev()
        .map(|bits| narrowed(first, bits))
        .find(|net| ips.iter().all(|ip| net.contains(ip)))
}

/// A zone of a known policy, with what the policy says of it.
fn kept_zone(policy: &Policy, id: ZoneId, hosts: &[Id], cast: &Cast) -> Option<Zone> {
    let zone = crate::policy::at(&policy.zones, id.0)?;
    let mut members = policy.space.members(id);
    let own = policy.assets.iter().filter(|asset| asset.zone == Some(id));
    let own: BTreeSet<&str> = own.map(|asset| asset.name.as_str()).collect();
    let listed = cast.assets.iter().map(|asset| asset.name.clone());
    let listed: Vec<String> = listed.filter(|name| own.contains(name.as_str())).collect();
    if !listed.is_empty() {
        members.push(("assets", listed));
    }
    Some(Zone {
        name: zone.name.clone(),
        level: zone.level.map(|level| level.to_string()),
        why: None,
        owner: zone.owner.clone(),
        criticality: zone.criticality.map(|it| it.name()),
        security_level: zone.security_level,
        consequence: zone.consequence.clone(),
        members,
        vlans: BTreeSet::new(),
        hosts: hosts.to_vec(),
    })
}

/// How many hosts of a level make a zone of their own.
const FEW: usize = 2;

/// Bits of an address that the narrowest zone leaves open.
const NARROWEST: u8 = 4;
