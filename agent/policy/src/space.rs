//! Where a host is: addresses to assets and zones.
//!
//! The zones' prefixes and ranges are flattened once into intervals that do not overlap, each with
//! the zone whose member is narrowest there, so that placing is one binary search. IPv4 and IPv6
//! have a table each; an IPv4 address that is written as IPv6 counts as IPv4.

mod why;
mod witness;

use std::collections::BTreeMap;
use std::net::IpAddr;

use foldhash::fast::RandomState;
use model::{Host, Mac};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use crate::node::Word;
use crate::problems::{Problems, Spot};
use why::Sources;

/// A table that is built once from the policy and never grows.
pub(crate) type Table<K, V> = HashMap<K, V, RandomState>;

/// An asset, by its place in the policy.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct AssetId(pub(crate) u32);

/// A zone, by its place in the policy.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct ZoneId(pub(crate) u32);

/// A role, by its place in the policy.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct RoleId(pub(crate) u32);

/// A run of addresses that a zone claims.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) first: IpAddr,
    pub(crate) last: IpAddr,
    pub(crate) zone: ZoneId,
    pub(crate) at: Spot,
    pub(crate) text: String,
}

/// Who made a network card: the first half of its hardware address.
pub(crate) type Oui = [u8; 3];

/// All addresses that the policy names.
#[derive(Debug, Default)]
pub(crate) struct Space {
    assets_by_ip: Table<IpAddr, AssetId>,
    assets_by_mac: Table<Mac, MacOf>,
    zones_by_mac: Table<Mac, ZoneId>,
    zones_by_oui: Table<Oui, ZoneId>,
    zones_by_vlan: Table<u16, ZoneId>,
    v4: Intervals,
    v6: Intervals,
    sources: Sources,
}

/// The asset with a hardware address.
#[derive(Clone, Copy, Debug)]
struct MacOf {
    asset: AssetId,
    /// Whether the asset has no network address, so that the hardware address is all there is.
    alone: bool,
}

impl Space {
    /// The asset that a host is. A hardware address counts only where there is no network address
    /// to go by: behind a router all hosts have the router's.
    pub(crate) fn asset(&self, host: &Host) -> Option<AssetId> {
        let ip = host.ip.map(|ip| ip.to_canonical());
        if let Some(asset) = ip.and_then(|ip| self.assets_by_ip.get(&ip)) {
            return Some(*asset);
        }
        let of = host.mac.and_then(|mac| self.assets_by_mac.get(&mac))?;
        (of.alone || ip.is_none()).then_some(of.asset)
    }

    /// The zone that a host is in by its addresses: hardware, then network, then who made it, then
    /// VLAN. A maker is a weak hint: behind a router all hosts have the router's, so it must not
    /// overrule a network address.
    pub(crate) fn zone(&self, host: &Host) -> Option<ZoneId> {
        let by_mac = || {
            host.mac
                .and_then(|mac| self.zones_by_mac.get(&mac).copied())
        };
        let by_oui = || {
            host.mac
                .and_then(|mac| self.zones_by_oui.get(&mac.oui()).copied())
        };
        let by_vlan = || {
            host.vlan
                .and_then(|vlan| self.zones_by_vlan.get(&vlan).copied())
        };
        by_mac()
            .or_else(|| self.zone_of(host.ip?))
            .or_else(by_oui)
            .or_else(by_vlan)
    }

    /// Every zone in which some address places hosts.
    pub(crate) fn zones(&self) -> HashSet<ZoneId> {
        let intervals = self.v4.0.iter().chain(&self.v6.0);
        let by_ip = intervals.map(|interval| interval.zone);
        let by_mac = self.zones_by_mac.values().chain(self.zones_by_oui.values());
        by_ip
            .chain(by_mac.chain(self.zones_by_vlan.values()).copied())
            .collect()
    }

    /// Every zone in which a host with this address may be by what else it shows: another hardware address, maker or VLAN, or
    /// where it has no network address, any.
    pub(crate) fn zones_beside(&self, host: &Host) -> HashSet<ZoneId> {
        let Some(ip) = host.ip else {
            return self.zones();
        };
        let mut zones: HashSet<ZoneId> = self.zones_by_mac.values().copied().collect();
        match self.zone_of(ip) {
            Some(zone) => {
                zones.insert(zone);
            }
            None => {
                zones.extend(self.zones_by_oui.values());
                zones.extend(self.zones_by_vlan.values());
            }
        }
        zones
    }

    /// The addresses by which hosts are in a zone, as the keys of `members` with their texts: what narrower zones have of
    /// its prefixes is left out.
    pub(crate) fn members(&self, zone: ZoneId) -> Vec<(&'static str, Vec<String>)> {
        let intervals = self.v4.0.iter().map(|it| (it, true));
        let intervals = intervals.chain(self.v6.0.iter().map(|it| (it, false)));
        let intervals = intervals.filter(|(interval, _)| interval.zone == zone);
        let ranges = intervals
            .map(|(interval, is_v4)| interval.range(is_v4))
            .collect();
        let of = |(key, all): (&'static str, Vec<String>)| {
            let mut all = all;
            all.sort();
            (key, all)
        };
        let macs = owned(&self.zones_by_mac, zone).map(ToString::to_string);
        let ouis =
            owned(&self.zones_by_oui, zone).map(|[a, b, c]| format!("{a:02x}:{b:02x}:{c:02x}"));
        let mut vlans: Vec<u16> = owned(&self.zones_by_vlan, zone).copied().collect();
        vlans.sort_unstable();
        let vlans = vlans.into_iter().map(|vlan| vlan.to_string()).collect();
        let all = [
            ("ranges", ranges),
            of(("macs", macs.collect())),
            of(("ouis", ouis.collect())),
            ("vlans", vlans),
        ];
        all.into_iter()
            .filter(|(_, texts)| !texts.is_empty())
            .collect()
    }

    /// Every run of network addresses that a zone or an asset has; those of assets lie within others.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (IpAddr, IpAddr)> {
        let v4 = self.v4.0.iter().map(|run| (v4(run.first), v4(run.last)));
        let v6 = self.v6.0.iter().map(|run| (v6(run.first), v6(run.last)));
        v4.chain(v6)
            .chain(self.assets_by_ip.keys().map(|ip| (*ip, *ip)))
    }

    /// The assets that have a network address.
    pub(crate) fn addressed(&self) -> impl Iterator<Item = AssetId> {
        self.assets_by_ip.values().copied()
    }

    /// The zones that some hosts are in by their hardware address.
    pub(crate) fn zones_by_mac(&self) -> impl Iterator<Item = ZoneId> {
        self.zones_by_mac.values().copied()
    }

    /// The zones that some hosts are in by who made their network card.
    pub(crate) fn zones_by_oui(&self) -> impl Iterator<Item = ZoneId> {
        self.zones_by_oui.values().copied()
    }

    /// The zones that some hosts are in by their VLAN.
    pub(crate) fn zones_by_vlan(&self) -> impl Iterator<Item = ZoneId> {
        self.zones_by_vlan.values().copied()
    }

    /// Every address that something is said of, for whoever asks hosts of every kind.
    pub(crate) fn marks(&self) -> Marks {
        let mut marks = Marks {
            ips: self.assets_by_ip.keys().copied().collect(),
            runs: Vec::new(),
            macs: self.assets_by_mac.keys().copied().collect(),
            ouis: self.zones_by_oui.keys().copied().collect(),
            vlans: self.zones_by_vlan.keys().copied().collect(),
        };
        marks.macs.extend(self.zones_by_mac.keys());
        let v4 = |number: u128| IpAddr::V4(u32::try_from(number).unwrap_or(u32::MAX).into());
        let v6 = |number: u128| IpAddr::V6(number.into());
        let of = |it: &Interval, ip: &dyn Fn(u128) -> IpAddr| (ip(it.first), ip(it.last));
        marks.runs.extend(self.v4.0.iter().map(|it| of(it, &v4)));
        marks.runs.extend(self.v6.0.iter().map(|it| of(it, &v6)));
        marks
    }

    /// The zone that a network address is in.
    pub(crate) fn zone_of(&self, ip: IpAddr) -> Option<ZoneId> {
        let ip = ip.to_canonical();
        let table = if ip.is_ipv4() { &self.v4 } else { &self.v6 };
        table.zone(number(ip))
    }
}

fn owned<K>(table: &Table<K, ZoneId>, zone: ZoneId) -> impl Iterator<Item = &K> {
    table
        .iter()
        .filter(move |(_, of)| **of == zone)
        .map(|(key, _)| key)
}

/// Addresses that a policy says something of.
pub(crate) struct Marks {
    pub(crate) ips: Vec<IpAddr>,
    /// First and last of the runs that are in one zone each.
    pub(crate) runs: Vec<(IpAddr, IpAddr)>,
    pub(crate) macs: Vec<Mac>,
    pub(crate) ouis: Vec<Oui>,
    pub(crate) vlans: Vec<u16>,
}

/// The space while it is built; overlaps of equal specificity are said with both places.
#[derive(Default)]
pub(crate) struct Survey {
    space: Space,
    ips: Table<IpAddr, Spot>,
    macs: Table<Mac, Spot>,
    zone_macs: Table<Mac, Spot>,
    ouis: Table<Oui, Spot>,
    vlans: Table<u16, Spot>,
    claims: Vec<Claim>,
}

impl Survey {
    pub(crate) fn asset_ip(
        &mut self,
        ip: IpAddr,
        asset: AssetId,
        at: Spot,
        problems: &mut Problems,
    ) {
        let ip = ip.to_canonical();
        if claim(&mut self.ips, ip, at, &format!("address `{ip}`"), problems) {
            self.space.assets_by_ip.insert(ip, asset);
        }
    }

    pub(crate) fn asset_mac(
        &mut self,
        mac: Mac,
        (asset, alone): (AssetId, bool),
        at: Spot,
        problems: &mut Problems,
    ) {
        if claim(
            &mut self.macs,
            mac,
            at,
            &format!("address `{mac}`"),
            problems,
        ) {
            self.space.assets_by_mac.insert(mac, MacOf { asset, alone });
        }
    }

    pub(crate) fn zone_mac(&mut self, mac: Mac, zone: ZoneId, at: Spot, problems: &mut Problems) {
        if claim(
            &mut self.zone_macs,
            mac,
            at,
            &format!("member `{mac}`"),
            problems,
        ) {
            self.space.zones_by_mac.insert(mac, zone);
        }
    }

    pub(crate) fn zone_oui(
        &mut self,
        oui: Oui,
        zone: ZoneId,
        word: &Word,
        problems: &mut Problems,
    ) {
        let what = format!("member `{}`", word.text);
        if claim(&mut self.ouis, oui, word.at, &what, problems) {
            self.space.zones_by_oui.insert(oui, zone);
        }
    }

    pub(crate) fn zone_vlan(&mut self, vlan: u16, zone: ZoneId, at: Spot, problems: &mut Problems) {
        if claim(
            &mut self.vlans,
            vlan,
            at,
            &format!("VLAN `{vlan}`"),
            problems,
        ) {
            self.space.zones_by_vlan.insert(vlan, zone);
        }
    }

    pub(crate) fn zone_claim(&mut self, claim: Claim) {
        self.claims.push(claim);
    }

    /// The finished space.
    pub(crate) fn finish(mut self, problems: &mut Problems) -> Space {
        let (mut v4, mut v6): (Vec<_>, Vec<_>) = self
            .claims
            .into_iter()
            .partition(|claim| claim.first.is_ipv4());
        self.space.v4 = Intervals::flatten(&mut v4, problems);
        self.space.v6 = Intervals::flatten(&mut v6, problems);
        self.space.sources = Sources {
            ips: self.ips,
            macs: self.macs,
            zone_macs: self.zone_macs,
            ouis: self.ouis,
            vlans: self.vlans,
            claims: v4.into_iter().chain(v6).collect(),
        };
        self.space
    }
}

/// Whether `key` is claimed here for the first time.
fn claim<K: std::hash::Hash + Eq>(
    seen: &mut Table<K, Spot>,
    key: K,
    at: Spot,
    what: &str,
    problems: &mut Problems,
) -> bool {
    match seen.entry(key) {
        Entry::Occupied(first) => {
            problems.twice(at, what, *first.get());
            false
        }
        Entry::Vacant(place) => {
            place.insert(at);
            true
        }
    }
}

/// Runs of addresses that do not overlap, in order.
#[derive(Debug, Default)]
struct Intervals(Box<[Interval]>);

#[derive(Clone, Copy, Debug)]
struct Interval {
    first: u128,
    last: u128,
    zone: ZoneId,
}

impl Interval {
    /// Its first and last address, as `ranges` has them.
    fn range(&self, is_v4: bool) -> String {
        let address = |number: u128| match u32::try_from(number) {
            Ok(number) if is_v4 => IpAddr::from(number.to_be_bytes()),
            _ => IpAddr::from(number.to_be_bytes()),
        };
        format!("{}-{}", address(self.first), address(self.last))
    }
}

impl Intervals {
    fn zone(&self, address: u128) -> Option<ZoneId> {
        let after = self.0.partition_point(|interval| interval.first <= address);
        let interval = self.0.get(after.checked_sub(1)?)?;
        (address <= interval.last).then_some(interval.zone)
    }

    /// Paints the claims over one another, widest first.
    fn flatten(claims: &mut [Claim], problems: &mut Problems) -> Self {
        claims.sort_by_key(|claim| {
            (
                std::cmp::Reverse(claim.width()),
                number(claim.first),
                claim.at,
            )
        });
        dispute(claims, problems);
        let mut painted = BTreeMap::new();
        for claim in claims {
            paint(
                &mut painted,
                number(claim.first),
                number(claim.last),
                claim.zone,
            );
        }
        let interval = |(first, (last, zone))| Interval { first, last, zone };
        Self(painted.into_iter().map(interval).collect())
    }
}

impl Claim {
    fn width(&self) -> u128 {
        number(self.last) - number(self.first)
    }
}

/// Says where claims of one width overlap, so that neither is the narrower one.
fn dispute(claims: &[Claim], problems: &mut Problems) {
    for pair in claims.windows(2) {
        let [one, other] = pair else { continue };
        let overlap = one.width() == other.width() && number(other.first) <= number(one.last);
        if overlap && one.zone != other.zone {
            let place = problems.place(one.at);
            problems.error_with(
                other.at,
                format!("`{}` and `{}` overlap in two zones", other.text, one.text),
                format!("the other stands at {place}; make one of them narrower"),
            );
        }
    }
}

/// Gives `first` to `last` to `zone`, whoever had it before.
fn paint(painted: &mut BTreeMap<u128, (u128, ZoneId)>, first: u128, last: u128, zone: ZoneId) {
    split(painted, first);
    if let Some(next) = last.checked_add(1) {
        split(painted, next);
    }
    let covered: Vec<u128> = painted
        .range(first..=last)
        .map(|(start, _)| *start)
        .collect();
    for start in covered {
        painted.remove(&start);
    }
    painted.insert(first, (last, zone));
}

/// Cuts the interval that `at` lies inside of in two, so that one starts there.
fn split(painted: &mut BTreeMap<u128, (u128, ZoneId)>, at: u128) {
    let Some((_, (last, zone))) = painted.range_mut(..at).next_back() else {
        return;
    };
    if *last >= at {
        let rest = (*last, *zone);
        *last = at - 1;
        painted.insert(at, rest);
    }
}

fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u32::from(ip).into(),
        IpAddr::V6(ip) => ip.into(),
    }
}

fn v4(number: u128) -> IpAddr {
    IpAddr::V4(u32::try_from(number).unwrap_or(u32::MAX).into())
}

fn v6(number: u128) -> IpAddr {
    IpAddr::V6(number.into())
}
