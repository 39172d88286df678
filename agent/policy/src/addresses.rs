//! The addresses that zones and assets state: CIDR, ranges, hardware addresses, VLANs.

use std::net::IpAddr;

use ipnet::IpNet;
use model::Mac;
use std::collections::HashMap;

use crate::node::Word;
use crate::problems::Problems;
use crate::raw::{self, Raw};
use crate::space::{AssetId, Claim, Oui, Space, Survey, ZoneId};
use crate::words;

/// Collects all addresses of the policy.
pub(crate) fn survey(raw: &Raw, problems: &mut Problems) -> Space {
    let mut survey = Survey::default();
    for (zone, id) in raw.zones.iter().zip(0..) {
        add_members(&zone.members, ZoneId(id), &mut survey, problems);
    }
    for (asset, id) in raw.assets.iter().zip(0..) {
        add_asset(asset, AssetId(id), &mut survey, problems);
    }
    survey.finish(problems)
}

/// Says which assets are in no zone; those behind another are where it is.
pub(crate) fn check_assets(
    assets: &[raw::Asset],
    listed: &HashMap<usize, ZoneId>,
    space: &Space,
    problems: &mut Problems,
) {
    for (place, asset) in assets.iter().enumerate() {
        let name = &asset.name;
        let placed = listed.contains_key(&place) || asset.seat.behind.is_some();
        if !placed && !has_zone(asset, space) {
            let what = format!("asset `{}` is in no zone", name.text);
            problems.warn(
                name.at,
                what,
                "list it or its address among the members of one",
            );
        }
    }
}

/// Says which zones no host can be in: narrower members of other zones have all their addresses.
pub(crate) fn check_zones(zones: &[raw::Zone], space: &Space, problems: &mut Problems) {
    let reached = space.zones();
    for (zone, id) in zones.iter().zip(0..) {
        let members = &zone.members;
        let named = members.assets.is_empty() && members.zones.is_empty();
        if named && !reached.contains(&ZoneId(id)) {
            let what = format!("no host can be in zone `{}`", zone.name.text);
            let help = "narrower members of other zones have all its addresses";
            problems.warn(zone.name.at, what, help);
        }
    }
}

fn has_zone(asset: &raw::Asset, space: &Space) -> bool {
    let ips = asset.ips.iter().filter_map(|word| word.text.parse().ok());
    let macs = asset.macs.iter().filter_map(|word| word.text.parse().ok());
    let hosts = ips
        .map(|ip| (Some(ip), None))
        .chain(macs.map(|mac| (None, Some(mac))));
    hosts
        .map(|(ip, mac)| model::Host {
            ip,
            mac,
            vlan: None,
        })
        .any(|host| space.zone(&host).is_some())
}

fn add_members(raw: &raw::Members, zone: ZoneId, survey: &mut Survey, problems: &mut Problems) {
    for word in &raw.cidrs {
        if let Some((first, last)) = cidr(word, problems) {
            survey.zone_claim(claim(first, last, zone, word));
        }
    }
    for word in &raw.ranges {
        if let Some((first, last)) = range(word, problems) {
            survey.zone_claim(claim(first, last, zone, word));
        }
    }
    for word in &raw.macs {
        if let Some(mac) = mac(word, problems) {
            survey.zone_mac(mac, zone, word.at, problems);
        }
    }
    for word in &raw.ouis {
        if let Some(oui) = oui(word, problems) {
            survey.zone_oui(oui, zone, word, problems);
        }
    }
    for word in &raw.vlans {
        let vlan = words::number(&word.text, 1..=4094, "VLAN", word.at, problems);
        if let Some(vlan) = vlan.and_then(|vlan| u16::try_from(vlan).ok()) {
            survey.zone_vlan(vlan, zone, word.at, problems);
        }
    }
}

fn add_asset(raw: &raw::Asset, asset: AssetId, survey: &mut Survey, problems: &mut Problems) {
    for word in &raw.ips {
        if let Some(ip) = ip(word, problems) {
            survey.asset_ip(ip, asset, word.at, problems);
        }
    }
    for word in &raw.macs {
        if let Some(mac) = mac(word, problems) {
            survey.asset_mac(mac, (asset, raw.ips.is_empty()), word.at, problems);
        }
    }
}

fn claim(first: IpAddr, last: IpAddr, zone: ZoneId, word: &Word) -> Claim {
    Claim {
        first,
        last,
        zone,
        at: word.at,
        text: word.text.clone(),
    }
}

fn cidr(word: &Word, problems: &mut Problems) -> Option<(IpAddr, IpAddr)> {
    let Ok(net) = word.text.parse::<IpNet>() else {
        let what = format!("`{}` is no CIDR prefix", word.text);
        problems.error_with(word.at, what, "such as `10.0.1.0/24` or `fd00::/64`");
        return None;
    };
    if net.addr() != net.network() {
        let what = format!("`{}` has bits beyond its prefix", word.text);
        problems.error_with(word.at, what, format!("did you mean `{}`?", net.trunc()));
    }
    Some((net.network(), net.broadcast()))
}

fn range(word: &Word, problems: &mut Problems) -> Option<(IpAddr, IpAddr)> {
    let ends = word.text.split_once('-');
    let ends = ends.and_then(|(first, last)| {
        let first = first.trim().parse::<IpAddr>().ok()?;
        Some((first, last.trim().parse::<IpAddr>().ok()?))
    });
    let Some((first, last)) = ends.filter(|(first, last)| first.is_ipv4() == last.is_ipv4()) else {
        let what = format!("`{}` is no range of addresses", word.text);
        problems.error_with(word.at, what, "such as `10.0.1.10-10.0.1.19`");
        return None;
    };
    if first > last {
        let what = format!("range `{}` runs backwards", word.text);
        problems.error_with(word.at, what, format!("write `{last}-{first}`"));
        return None;
    }
    Some((first, last))
}

fn ip(word: &Word, problems: &mut Problems) -> Option<IpAddr> {
    let ip = word.text.parse().ok();
    if ip.is_none() {
        problems.error(word.at, format!("`{}` is no IP address", word.text));
    }
    ip
}

fn oui(word: &Word, problems: &mut Problems) -> Option<Oui> {
    // The first half of an address is read as a whole one's.
    let whole = format!("{}:00:00:00", word.text);
    let oui = whole.parse().ok().map(Mac::oui);
    if oui.is_none() {
        let what = format!("`{}` is no OUI", word.text);
        let help = "it is the first half of a MAC address, such as `00:1b:1b`";
        problems.error_with(word.at, what, help);
    }
    oui
}

fn mac(word: &Word, problems: &mut Problems) -> Option<Mac> {
    let mac = word.text.parse().ok();
    if mac.is_none() {
        let what = format!("`{}` is no MAC address", word.text);
        problems.error_with(word.at, what, "such as `00:1b:1b:0a:ff:02`");
    }
    mac
}
