//! Why a host is where it is: the address or member that claims it, and where that is written.

use model::{Host, Mac};
use std::net::IpAddr;

use super::{Claim, Oui, Space, Table, number};
use crate::problems::Spot;

/// Where everything that claims addresses is written.
#[derive(Debug, Default)]
pub(super) struct Sources {
    pub(super) ips: Table<IpAddr, Spot>,
    pub(super) macs: Table<Mac, Spot>,
    pub(super) zone_macs: Table<Mac, Spot>,
    pub(super) ouis: Table<Oui, Spot>,
    pub(super) vlans: Table<u16, Spot>,
    pub(super) claims: Vec<Claim>,
}

impl Space {
    /// The address by which a host is an asset.
    pub(crate) fn why_asset(&self, host: &Host) -> Option<(String, Spot)> {
        self.asset(host)?;
        let by_ip = host.ip.map(|ip| ip.to_canonical()).and_then(|ip| {
            let spot = self.sources.ips.get(&ip)?;
            Some((format!("address `{ip}`"), *spot))
        });
        by_ip.or_else(|| {
            let mac = host.mac?;
            let spot = self.sources.macs.get(&mac)?;
            Some((format!("address `{mac}`"), *spot))
        })
    }

    /// The member by which a host is in a zone.
    pub(crate) fn why_zone(&self, host: &Host) -> Option<(String, Spot)> {
        let zone = self.zone(host)?;
        let sources = &self.sources;
        let mac = host
            .mac
            .filter(|mac| self.zones_by_mac.get(mac) == Some(&zone));
        if let Some((mac, spot)) = mac.and_then(|mac| Some((mac, sources.zone_macs.get(&mac)?))) {
            return Some((format!("member `{mac}`"), *spot));
        }
        if let Some(ip) = host.ip.filter(|ip| self.zone_of(*ip).is_some()) {
            let ip = ip.to_canonical();
            let holds = |claim: &&Claim| {
                claim.first.is_ipv4() == ip.is_ipv4()
                    && (number(claim.first)..=number(claim.last)).contains(&number(ip))
            };
            let claims = sources.claims.iter().filter(holds);
            let claim = claims.min_by_key(|claim| (claim.width(), claim.at))?;
            return Some((format!("member `{}`", claim.text), claim.at));
        }
        let oui = host.mac.map(Mac::oui);
        if let Some(spot) = oui.and_then(|oui| sources.ouis.get(&oui)) {
            return Some(("member of `ouis`, who made its card".to_owned(), *spot));
        }
        let vlan = host.vlan?;
        let spot = sources.vlans.get(&vlan)?;
        Some((format!("member VLAN `{vlan}`"), *spot))
    }
}
