//! From names back to addresses: a host that an asset is, and hosts that a zone has.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use model::{Host, Mac};

use super::{AssetId, Interval, Space, ZoneId};

impl Space {
    /// A host that is an asset: by its lowest address.
    pub(crate) fn host_of(&self, asset: AssetId) -> Option<Host> {
        let ips = self.assets_by_ip.iter().filter(|(_, of)| **of == asset);
        let macs = self
            .assets_by_mac
            .iter()
            .filter(|(_, of)| of.asset == asset);
        let ip = ips.map(|(ip, _)| *ip).min();
        let mac = macs.map(|(mac, _)| *mac).min().filter(|_| ip.is_none());
        (ip.is_some() || mac.is_some()).then_some(Host {
            ip,
            mac,
            vlan: None,
        })
    }

    /// A host that each asset with an address is, all at once.
    pub(crate) fn hosts_of_all(&self) -> HashMap<AssetId, Host> {
        let mut hosts: HashMap<AssetId, Host> = HashMap::new();
        for (ip, asset) in &self.assets_by_ip {
            let host = hosts.entry(*asset).or_default();
            host.ip = Some(host.ip.map_or(*ip, |known| known.min(*ip)));
        }
        for (mac, of) in &self.assets_by_mac {
            let host = hosts.entry(of.asset).or_default();
            if host.ip.is_none() {
                host.mac = Some(host.mac.map_or(*mac, |known| known.min(*mac)));
            }
        }
        hosts
    }

    /// Hosts that are no asset and that some address of theirs may place in a zone, the likeliest first.
    pub(crate) fn strangers(&self, zone: ZoneId) -> Vec<Host> {
        let v4 = self
            .v4
            .0
            .iter()
            .map(|interval| (interval, v4 as fn(u128) -> Option<IpAddr>));
        let v6 = self
            .v6
            .0
            .iter()
            .map(|interval| (interval, v6 as fn(u128) -> Option<IpAddr>));
        let by_ip = v4
            .chain(v6)
            .filter(|(interval, _)| interval.zone == zone)
            .filter_map(|(interval, ip)| self.free(interval, ip))
            .map(|ip| Host {
                ip: Some(ip),
                ..Host::default()
            });
        let macs = self.zones_by_mac.iter().filter(|(_, of)| **of == zone);
        let macs = macs.map(|(mac, _)| *mac);
        let mac = macs
            .filter(|mac| !self.assets_by_mac.contains_key(mac))
            .min();
        let ouis = self.zones_by_oui.iter().filter(|(_, of)| **of == zone);
        let oui = ouis.map(|(oui, _)| *oui).min();
        let card = oui.map(|[a, b, c]| Mac([a, b, c, 0xff, 0xff, 0xfe]));
        let vlans = self.zones_by_vlan.iter().filter(|(_, of)| **of == zone);
        let vlan = vlans.map(|(vlan, _)| *vlan).min();
        let by_mac = [mac, card].into_iter().flatten().map(|mac| Host {
            mac: Some(mac),
            ..Host::default()
        });
        let by_vlan = vlan.map(|vlan| Host {
            mac: Some(ANYBODY),
            vlan: Some(vlan),
            ip: None,
        });
        by_ip.chain(by_mac).chain(by_vlan).collect()
    }

    /// The first address of a run that no asset has; not the very first, which names the network.
    fn free(&self, run: &Interval, ip: fn(u128) -> Option<IpAddr>) -> Option<IpAddr> {
        let first = if run.last - run.first > 1 {
            run.first + 1
        } else {
            run.first
        };
        let mut run = (first..=run.last).take(self.assets_by_ip.len().saturating_add(1));
        run.find_map(|number| ip(number).filter(|ip| !self.assets_by_ip.contains_key(ip)))
    }
}

fn v4(number: u128) -> Option<IpAddr> {
    let number = u32::try_from(number).ok()?;
    Some(Ipv4Addr::from(number).into())
}

fn v6(number: u128) -> Option<IpAddr> {
    Some(Ipv6Addr::from(number).into())
}

/// A card that no maker sells: locally administered (IEEE 802-2014, 8.4).
const ANYBODY: Mac = Mac([2, 0, 0, 0, 0, 1]);
