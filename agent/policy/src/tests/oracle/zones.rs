//! Who is who: zones, assets and roles, and which statements join two of them (docs/POLICIES.md, "Which zone is this host
//! in?", "The whole line, whatever cells it has", "There are five meters behind this gateway").

use std::borrow::Cow;
use std::net::IpAddr;

use model::{Host, Mac, Unit};

use super::asked::Asked;
use super::site::{Conduit, End, Site, Statement, Terms};

/// What the policy calls a host, or an asset behind one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Party {
    pub(super) zone: Option<usize>,
    pub(super) asset: Option<usize>,
    pub(super) role: Option<usize>,
}

/// A statement that joins two parties, with what stands around it.
#[derive(Clone, Debug)]
pub(super) struct Joined<'a> {
    pub(super) statement: Cow<'a, Statement>,
    /// What its conduit or permit says for all its statements.
    pub(super) around: Cow<'a, Terms>,
    /// The permit that it belongs to.
    pub(super) permit: Option<&'a Conduit>,
    pub(super) shadow: bool,
}

impl Site {
    pub(super) fn place(&self, host: &Host) -> Party {
        let asset = self.asset_of(host);
        let listed = asset.and_then(|asset| self.listing(asset));
        Party {
            zone: listed.or_else(|| self.zone_of(host)),
            asset,
            role: asset.and_then(|asset| self.assets[asset].role),
        }
    }

    /// The asset with the IP address, else with the hardware address: where the asset has an IP address too, that counts for
    /// frames that carry none.
    fn asset_of(&self, host: &Host) -> Option<usize> {
        let has = |ip: &IpAddr, list: &[&str]| {
            list.iter()
                .any(|text| text.parse::<IpAddr>().unwrap() == *ip)
        };
        let by_ip = host
            .ip
            .and_then(|ip| self.assets.iter().position(|asset| has(&ip, &asset.ips)));
        let mac = |mac: Mac| {
            self.assets.iter().position(|asset| {
                asset.macs.contains(&mac) && (asset.ips.is_empty() || host.ip.is_none())
            })
        };
        by_ip.or_else(|| host.mac.and_then(mac))
    }

    /// The zone that lists an asset by name.
    fn listing(&self, asset: usize) -> Option<usize> {
        self.zones
            .iter()
            .position(|zone| zone.assets.contains(&asset))
    }

    /// Hardware address, narrowest prefix or range, maker, VLAN.
    fn zone_of(&self, host: &Host) -> Option<usize> {
        let by_mac = host
            .mac
            .and_then(|mac| self.zones.iter().position(|zone| zone.macs.contains(&mac)));
        let sizes = self.zones.iter().enumerate().flat_map(|(id, zone)| {
            let nets = zone
                .cidrs
                .iter()
                .map(|text| cidr(text))
                .chain(zone.ranges.iter().map(|text| range(text)));
            let ip = host.ip.map(number);
            nets.filter(move |(first, last)| ip.is_some_and(|ip| *first <= ip && ip <= *last))
                .map(move |(first, last)| (last - first, id))
        });
        let by_ip = sizes.min().map(|(_, id)| id);
        let oui = host.mac.map(|Mac([a, b, c, ..])| [a, b, c]);
        let by_oui =
            oui.and_then(|oui| self.zones.iter().position(|zone| zone.ouis.contains(&oui)));
        let by_vlan = host.vlan.and_then(|vlan| {
            self.zones
                .iter()
                .position(|zone| zone.vlans.contains(&vlan))
        });
        by_mac.or(by_ip).or(by_oui).or(by_vlan)
    }

    /// Itself and the zones that a zone lies in, the nearest first.
    fn around(&self, zone: usize) -> Vec<usize> {
        let mut around = vec![zone];
        let mut next = 0;
        while next < around.len() {
            for (outer, of) in self.zones.iter().enumerate() {
                if of.zones.contains(&around[next]) && !around.contains(&outer) {
                    around.push(outer);
                }
            }
            next += 1;
        }
        around
    }

    fn counts(&self, party: Party, zone: usize) -> bool {
        party
            .zone
            .is_some_and(|own| self.around(own).contains(&zone))
    }

    pub(super) fn fits(&self, party: Party, ends: &[End]) -> bool {
        ends.iter().any(|end| match end {
            End::Assets(assets) => party.asset.is_some_and(|asset| assets.contains(&asset)),
            End::Hosts { roles, zones } => {
                let role = roles.is_empty() || party.role.is_some_and(|role| roles.contains(&role));
                let zone = zones.is_empty() || zones.iter().any(|zone| self.counts(party, *zone));
                role && zone
            }
        })
    }

    /// Every statement that joins two parties: of the zones that both are in, then of conduits, then of permits.
    pub(super) fn joining(&self, client: Party, server: Party) -> Vec<Joined<'_>> {
        let mut all = Vec::new();
        for id in client
            .zone
            .map(|zone| self.around(zone))
            .unwrap_or_default()
        {
            let zone = &self.zones[id];
            if self.counts(server, id) && !zone.within.is_empty() {
                let verbs = zone.within.clone();
                let statement = Statement {
                    line: zone.line,
                    verbs,
                    ..Statement::default()
                };
                let around = Cow::Owned(Terms::default());
                let statement = Cow::Owned(statement);
                all.push(Joined {
                    statement,
                    around,
                    permit: None,
                    shadow: zone.shadow,
                });
            }
        }
        let conduits = self.conduits.iter().map(|conduit| (conduit, None));
        let permits = self.permits.iter().map(|permit| (permit, Some(permit)));
        for (conduit, permit) in conduits.chain(permits) {
            let there = self.fits(client, &conduit.from) && self.fits(server, &conduit.to);
            let back = self.fits(client, &conduit.to) && self.fits(server, &conduit.from);
            if there || conduit.both_directions && back {
                all.extend(conduit.allow.iter().map(|statement| {
                    Joined {
                        statement: Cow::Borrowed(statement),
                        around: Cow::Borrowed(&conduit.terms),
                        permit,
                        shadow: statement
                            .terms
                            .shadow
                            .or(conduit.terms.shadow)
                            .unwrap_or(false),
                    }
                }));
            }
        }
        all
    }

    /// Every asset behind a server, with its unit, to which messages of a protocol can go.
    pub(super) fn parts(&self, server: Party, protocol: &str) -> Vec<(Unit, Party)> {
        let all = self.assets.iter().enumerate().filter_map(|(id, asset)| {
            let (gateway, unit) = asset.behind?;
            let speaks = match unit {
                Unit::Id(_) => protocol == "modbus",
                Unit::Slot { .. } => protocol == "s7",
            };
            let zone = self.listing(id).or(server.zone);
            (server.asset == Some(gateway) && speaks).then_some((
                unit,
                Party {
                    zone,
                    asset: Some(id),
                    role: asset.role,
                },
            ))
        });
        all.collect()
    }

    /// Both parties of a message; the server is the asset behind it that the unit is, where there is one.
    pub(super) fn parties(&self, asked: &Asked) -> [Party; 2] {
        let (client, server) = (self.place(&asked.client), self.place(&asked.server));
        let parts = self.parts(server, asked.governing());
        let part = parts.iter().find(|(unit, _)| asked.unit == Some(*unit));
        [client, part.map_or(server, |(_, part)| *part)]
    }
}

fn number(ip: IpAddr) -> u32 {
    match ip {
        IpAddr::V4(ip) => ip.into(),
        IpAddr::V6(_) => panic!("these sites have IPv4 alone"),
    }
}

/// First and last address.
fn cidr(text: &str) -> (u32, u32) {
    let (first, length) = text.split_once('/').unwrap();
    let first = number(first.parse().unwrap());
    let hosts = u32::MAX.checked_shr(length.parse().unwrap()).unwrap_or(0);
    (first & !hosts, first | hosts)
}

fn range(text: &str) -> (u32, u32) {
    let (first, last) = text.split_once('-').unwrap();
    (
        number(first.parse().unwrap()),
        number(last.parse().unwrap()),
    )
}
