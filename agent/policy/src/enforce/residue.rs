//! What a packet filter cannot hold of a policy, and which detection covers it.
//!
//! There are two kinds. What the filter **lets pass** although the policy does not allow it: there the
//! sensor stays the only one who sees it. What it **stops** although the policy allows it: that has to be
//! settled before the filter is loaded.

use std::collections::BTreeSet;

use model::{Place, StatementId, Transport};

use super::limits::{beyond, limits};
use super::rules::{Rule, Ruleset, place};
use super::{Family, Format, Permits};
use crate::policy::{Policy, Role};
use crate::space::{AssetId, ZoneId};
use crate::verbs::VerbSet;
use crate::words::Protocols;

/// One thing that the filter does not hold as the policy says it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Residue {
    /// In which direction the filter is wrong.
    pub effect: Effect,
    /// What it is about: a key of the policy, or a property of the filter.
    pub about: &'static str,
    /// Whose it is: a conduit, a role, a zone, an asset; empty for the whole filter.
    pub of: String,
    /// The place in the policy, where there is one.
    pub at: Option<Place>,
    /// What the policy says and what the filter makes of it.
    pub says: String,
    /// The findings and metrics that show it; none where the sensor cannot see it either, or where
    /// nothing needs to be seen.
    pub covered_by: Vec<&'static str>,
    /// The protocols that it is about; none for all.
    pub protocols: Vec<&'static str>,
    /// The techniques of ATT&CK for ICS that pass: rules that detect them cover it, too.
    pub techniques: Vec<&'static str>,
}

/// In which direction a filter differs from its policy.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Effect {
    /// It stops what the policy allows.
    Stops,
    /// It lets pass what the policy does not allow.
    Passes,
    /// Both, one for some hosts and one for others.
    Both,
}

impl Effect {
    /// The word that tables show.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stops => "stops",
            Self::Passes => "passes",
            Self::Both => "both",
        }
    }
}

impl Residue {
    fn new(effect: Effect, about: &'static str, of: &str, at: Option<Place>, says: String) -> Self {
        Self {
            effect,
            about,
            of: of.to_owned(),
            at,
            says,
            covered_by: Vec::new(),
            protocols: Vec::new(),
            techniques: Vec::new(),
        }
    }

    fn covered(mut self, by: &[&'static str]) -> Self {
        self.covered_by.extend(by);
        self
    }
}

impl Ruleset {
    /// What a filter of a format does not hold: first what is true of all of it, then by zone,
    /// statement, host and role.
    pub fn residue(&self, format: Format) -> Vec<Residue> {
        let mut all = of_filters(self);
        all.extend(of_format(self, format));
        all.extend(self.residue.iter().cloned());
        all
    }
}

/// The limits of a statement; one in shadow has no rule.
pub(super) fn of_statement(policy: &Policy, id: u32) -> Vec<Residue> {
    let Some(grant) = policy.grant(StatementId(id)) else {
        return Vec::new();
    };
    let protocols = match &grant.protocols {
        Protocols::Any => Vec::new(),
        Protocols::These(names) => names.to_vec(),
    };
    if grant.shadow {
        let says = "is in shadow and allows nothing yet; the filter stops what it would allow";
        let at = Some(place(policy, id));
        let says = says.to_owned();
        return vec![Residue::new(
            Effect::Stops,
            "shadow",
            &grant.title,
            at,
            says,
        )];
    }
    let limits = limits(policy, grant).into_iter();
    limits
        .map(|limit| Residue {
            covered_by: vec![limit.finding],
            protocols: protocols.clone(),
            techniques: limit.techniques,
            ..Residue::new(
                Effect::Passes,
                limit.word,
                &grant.title,
                Some(place(policy, id)),
                limit.says,
            )
        })
        .collect()
}

/// A conduit of which one end has no address.
pub(super) fn of_nobody(policy: &Policy, title: &str, first: u32) -> Residue {
    let says = "one end has no network address; the filter lets nothing of it pass".to_owned();
    Residue::new(
        Effect::Stops,
        "address",
        title,
        Some(place(policy, first)),
        says,
    )
}

/// A conduit whose ends have no kind of address in common.
pub(super) fn of_families(policy: &Policy, title: &str, first: u32) -> Residue {
    let says = "one end has IPv4 addresses, the other IPv6; no packet can go from one to the other";
    let at = Some(place(policy, first));
    Residue::new(Effect::Stops, "address", title, at, says.to_owned())
}

/// What roles forbid clients that some rule lets pass.
pub(super) fn of_roles(policy: &Policy, rules: &[Rule]) -> Vec<Residue> {
    let carried: BTreeSet<&str> = rules
        .iter()
        .flat_map(|rule| rule.protocols.iter().copied())
        .collect();
    let roles = policy.roles.iter();
    roles
        .flat_map(|role| [in_shadow(policy, role), of_role(policy, role, &carried)])
        .flatten()
        .collect()
}

/// A role that is tried only: a filter cannot try a part of itself.
fn in_shadow(policy: &Policy, role: &Role) -> Option<Residue> {
    let says = "is in shadow; the filter stops what it leaves its clients nothing to do with";
    let at = Some(policy.files.place(role.at));
    let residue = Residue::new(Effect::Stops, "shadow", &role.title, at, says.to_owned());
    role.shadow.then_some(residue)
}

/// Work orders that the filter has no rule for.
pub(super) fn of_permits(policy: &Policy, permits: Permits) -> Vec<Residue> {
    if permits == Permits::Included {
        return Vec::new();
    }
    let zone = policy.calendar.time_zone();
    let left_out = policy.permits.iter().map(|permit| {
        let says = format!(
            "is a work order, {}; the filter has no rule for it: write one with `--permits` for as long as it lasts",
            permit.period.words(zone)
        );
        let at = Some(policy.files.place(permit.at));
        Residue::new(Effect::Stops, "permits", &permit.name, at, says)
    });
    left_out.collect()
}

/// Assets whose tags say what may be written to them at all.
pub(super) fn of_tags(policy: &Policy) -> Vec<Residue> {
    let assets = (0..).map(AssetId).zip(&policy.assets);
    let limited = assets.filter(|(id, _)| policy.tags.has_limits(*id));
    limited
        .map(|(_, asset)| {
            let says = "has tags with limits; the filter lets every value pass".to_owned();
            let of = format!("asset {}", asset.name);
            Residue::new(Effect::Passes, "tags", &of, None, says).covered(&["policy.value"])
        })
        .collect()
}

fn of_role(policy: &Policy, role: &Role, carried: &BTreeSet<&str>) -> Option<Residue> {
    // A role that may do nothing on a protocol is held: no rule for it has such a client.
    let limits = carried.iter().map(|protocol| role.verbs(protocol));
    let mut limits = limits.filter(|verbs| *verbs != VerbSet::ALL && !verbs.is_empty());
    let allowed = limits.next()?;
    let says =
        format!("its clients may {allowed}; the filter lets every verb pass that has a port");
    let at = Some(policy.files.place(role.at));
    Some(Residue {
        techniques: beyond(allowed),
        ..Residue::new(Effect::Passes, "verbs", &role.title, at, says).covered(&["policy.role"])
    })
}

/// Hosts that no network address tells apart.
pub(super) fn of_hosts(policy: &Policy) -> Vec<Residue> {
    let by_mac = "has members by hardware address; the filter takes them for what their network address says, and stops those in no zone by it";
    let by_oui = "has members by who made their network card; the filter stops whoever is in no zone by its network address";
    let by_vlan =
        "has members by VLAN; the filter stops whoever is in no zone by its network address";
    let mut all = of_zones(
        policy,
        "macs",
        by_mac,
        Effect::Both,
        policy.space.zones_by_mac(),
    );
    all.extend(of_zones(
        policy,
        "ouis",
        by_oui,
        Effect::Stops,
        policy.space.zones_by_oui(),
    ));
    all.extend(of_zones(
        policy,
        "vlans",
        by_vlan,
        Effect::Stops,
        policy.space.zones_by_vlan(),
    ));
    all.extend(of_assets(policy));
    all
}

/// Assets without an address of their own, and those that have others behind theirs.
fn of_assets(policy: &Policy) -> Vec<Residue> {
    let addressed: BTreeSet<AssetId> = policy.space.addressed().collect();
    let by_mac = "is known by its hardware address; the filter takes it for what its network address says, and stops it in no zone";
    let behind = "has assets behind it, told by their units; the filter lets pass what is for any unit at this address";
    let assets = (0..).map(AssetId).zip(&policy.assets);
    let told = assets.filter_map(|(id, asset)| {
        let of = format!("asset {}", asset.name);
        let new = |effect, about, says: &str| Residue::new(effect, about, &of, None, says.into());
        if policy.behind.gateway(id).is_some() {
            None
        } else if !addressed.contains(&id) {
            Some(new(Effect::Both, "macs", by_mac).covered(&HOSTS))
        } else if !policy.behind.of(id).is_empty() {
            let residue = new(Effect::Passes, "behind", behind);
            Some(residue.covered(&["policy.unit", "policy.no_conduit"]))
        } else {
            None
        }
    });
    told.collect()
}

fn of_zones(
    policy: &Policy,
    about: &'static str,
    says: &str,
    effect: Effect,
    zones: impl Iterator<Item = ZoneId>,
) -> Vec<Residue> {
    let zones: BTreeSet<_> = zones.collect();
    let zones = zones
        .into_iter()
        .filter_map(|zone| crate::policy::at(&policy.zones, zone.0));
    let covered: &[_] = if effect == Effect::Stops { &[] } else { &HOSTS };
    zones
        .map(|zone| {
            let at = Some(policy.files.place(zone.at));
            let of = format!("zone {}", zone.name);
            Residue::new(effect, about, &of, at, says.to_owned()).covered(covered)
        })
        .collect()
}

/// What is true of any packet filter.
fn of_filters(ruleset: &Ruleset) -> Vec<Residue> {
    let whole = |effect, about, says: &str| Residue::new(effect, about, "", None, says.to_owned());
    let mut all = vec![
        whole(
            Effect::Stops,
            "ports",
            "protocols are told by port; conversations on other ports than the filter's are stopped, also where the policy allows them: name theirs (`--port`)",
        ),
        whole(
            Effect::Passes,
            "ports",
            "whatever else speaks on a protocol's port passes",
        )
        .covered(&["bulkhead_decode_streams_total{protocol=\"foreign\"}"]),
        whole(
            Effect::Passes,
            "within",
            "what does not cross the filter is not stopped: hosts on one switch reach each other",
        )
        .covered(&HOSTS),
        whole(
            Effect::Passes,
            "address",
            "who takes another host's address is taken for it; pin addresses at the switches",
        ),
        whole(
            Effect::Passes,
            "answers",
            "once a conversation is open, its server may send what it likes in it",
        )
        .covered(&["sensor.unsolicited_answer"]),
    ];
    let mut services = ruleset.services.iter();
    if services.any(|service| service.transport == Transport::Ethernet) {
        let says = "what travels without a network layer crosses no packet filter";
        all.push(whole(Effect::Passes, "ports", says).covered(&HOSTS));
    }
    all
}

/// What one format cannot say that others can.
fn of_format(ruleset: &Ruleset, format: Format) -> Vec<Residue> {
    let whole = |about, says: &str| Residue::new(Effect::Passes, about, "", None, says.to_owned());
    let udp = ruleset
        .rules
        .iter()
        .any(|rule| rule.ports.contains_key(&Transport::Udp));
    let v6 = Family::ALL.into_iter().skip(1);
    let v6 = v6.flat_map(|family| {
        ruleset
            .sets
            .iter()
            .map(move |set| set.addresses.runs(family))
    });
    let mut all = Vec::new();
    match format {
        Format::Nftables | Format::Iptables | Format::Csv => {}
        Format::Cisco => {
            all.push(whole(
                "state",
                "access lists keep no state: a TCP segment from a server's port that does not open a conversation passes to its clients",
            ).covered(&["sensor.unsolicited_answer"]));
            if udp {
                all.push(whole(
                    "state",
                    "access lists keep no state: any datagram from a server's port passes to its clients",
                ).covered(&HOSTS));
            }
            if v6.flatten().next().is_some() {
                all.push(whole(
                    "icmp",
                    "neighbour discovery and the errors of IPv6 pass",
                ));
            }
            all.push(whole(
                "icmp",
                "errors of IPv4 (unreachable, time exceeded) pass, whomever they are about",
            ));
        }
    }
    all
}

/// What the sensor says about hosts that do what no statement lets them.
const HOSTS: [&str; 3] = ["policy.no_conduit", "policy.protocol", "policy.unzoned"];
