//! Zones, assets and roles, as they are written.

use model::Host;

use super::statements::Clerk;
use super::{Asset, Role, Zone, seat, text, texts};
use crate::names::id;
use crate::policy::{self, Placed, at};
use crate::raw;
use crate::space::{AssetId, ZoneId};

impl Clerk<'_> {
    pub(super) fn zones(&self) -> Vec<Zone> {
        let of_assets: Vec<_> = (0..self.raw.assets.len())
            .map(|place| self.zone_of(AssetId(id(place))))
            .collect();
        let zones = self.policy.zones.iter().zip(&self.raw.zones).enumerate();
        zones
            .map(|(place, (zone, raw))| {
                let own = Some(ZoneId(id(place)));
                let assets = self.raw.assets.iter().zip(&of_assets);
                let assets = assets.filter(|(_, of)| **of == own);
                self.zone(
                    zone,
                    raw,
                    assets.map(|(it, _)| it.name.text.clone()).collect(),
                )
            })
            .collect()
    }

    fn zone(&self, zone: &policy::Zone, raw: &raw::Zone, assets: Vec<String>) -> Zone {
        let site = &self.policy.site;
        let within = zone.within.map(|id| self.within(id, raw));
        Zone {
            name: zone.name.clone(),
            level: zone.level.map(|level| level.to_string()),
            security_level: zone.security_level,
            owner: zone.owner.as_ref().unwrap_or(&site.owner).clone(),
            criticality: zone.criticality.unwrap_or(site.criticality).name(),
            consequence: zone.consequence.clone(),
            inside: zone
                .around
                .iter()
                .skip(1)
                .map(|id| self.zone_name(*id))
                .collect(),
            members: members(&raw.members),
            assets,
            shadow: within.as_ref().is_some_and(|within| within.shadow),
            within,
        }
    }

    pub(super) fn zone_name(&self, id: ZoneId) -> String {
        at(&self.policy.zones, id.0).map_or_else(String::new, |zone| zone.name.clone())
    }

    /// The zone that an asset is in: the one that lists it, else by its addresses or its gateway's.
    pub(super) fn zone_of(&self, asset: AssetId) -> Option<ZoneId> {
        let listed = at(&self.policy.assets, asset.0)?.zone;
        let gateway = || self.policy.behind.gateway(asset);
        listed
            .or_else(|| self.by_address(asset))
            .or_else(|| self.by_address(gateway()?))
    }

    fn by_address(&self, asset: AssetId) -> Option<ZoneId> {
        let raw = at(&self.raw.assets, asset.0)?;
        let ips = raw.ips.iter().filter_map(|word| word.text.parse().ok());
        let macs = raw.macs.iter().filter_map(|word| word.text.parse().ok());
        let by_ip = ips.map(|ip| Host {
            ip: Some(ip),
            mac: None,
            vlan: None,
        });
        let by_mac = macs.map(|mac| Host {
            ip: None,
            mac: Some(mac),
            vlan: None,
        });
        let listed = at(&self.policy.assets, asset.0)?.zone;
        let place = |host: Host| -> Placed { self.policy.place(&host) };
        listed.or_else(|| by_ip.chain(by_mac).find_map(|host| place(host).zone))
    }

    pub(super) fn assets(&self) -> Vec<Asset> {
        let assets = self.policy.assets.iter().zip(&self.raw.assets).enumerate();
        assets
            .map(|(place, (asset, raw))| {
                let zone = self.zone_of(AssetId(id(place)));
                let addresses = texts(&raw.ips).into_iter().chain(texts(&raw.macs));
                Asset {
                    name: asset.name.clone(),
                    addresses: addresses.chain(seat(&raw.seat)).collect(),
                    zone: zone.map(|zone| self.zone_name(zone)),
                    role: text(raw.role.as_ref()),
                    criticality: asset.criticality.map(|it| it.name()),
                    owner: asset.owner.clone(),
                    consequence: asset.consequence.clone(),
                    location: asset.location.clone(),
                }
            })
            .collect()
    }

    pub(super) fn roles(&self) -> Vec<Role> {
        let roles = self.policy.roles.iter();
        roles
            .map(|role| {
                let own = |asset: &&raw::Asset| {
                    let of = asset.role.as_ref();
                    of.is_some_and(|of| of.text == role.name)
                };
                let protocols = role.protocols.iter();
                Role {
                    name: role.name.clone(),
                    verbs: verbs(role.verbs),
                    protocols: protocols
                        .map(|(protocol, of)| ((*protocol).to_owned(), verbs(*of)))
                        .collect(),
                    assets: self
                        .raw
                        .assets
                        .iter()
                        .filter(own)
                        .map(|asset| asset.name.text.clone())
                        .collect(),
                    shadow: role.shadow,
                }
            })
            .collect()
    }
}

/// A set of verbs in words.
pub(super) fn verbs(set: crate::verbs::VerbSet) -> String {
    match set {
        crate::verbs::VerbSet::ALL => "any verb".to_owned(),
        set => set.to_string(),
    }
}

fn members(raw: &raw::Members) -> Vec<String> {
    let raw::Members {
        cidrs,
        ranges,
        macs,
        ouis,
        vlans,
        assets,
        zones,
    } = raw;
    let kinds = [
        ("", cidrs),
        ("", ranges),
        ("MAC ", macs),
        ("maker ", ouis),
        ("VLAN ", vlans),
        ("asset ", assets),
        ("zone ", zones),
    ];
    let each = kinds.into_iter().flat_map(|(kind, words)| {
        let words = words.iter();
        words.map(move |word| format!("{kind}{}", word.text))
    });
    each.collect()
}
