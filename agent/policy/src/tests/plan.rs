//! Random policies in the shape of their documentation, as text, and random messages.

use std::fmt::Write;

use model::{Stage, Target, Unit, Verb};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::vocabulary::{Message, WORDS, cells, db, node};

/// A policy in the shape of its documentation.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// Zones by their members: prefixes of 10.0.0.0/8, by third byte and length.
    pub(super) zones: Vec<Zone>,
    pub(super) assets: Vec<Asset>,
    pub(super) roles: Vec<Vec<Verb>>,
    pub(super) conduits: Vec<Conduit>,
}

#[derive(Clone, Debug)]
pub(super) struct Zone {
    pub(super) net: &'static str,
    /// The zones that it lists as members.
    pub(super) inner: Vec<usize>,
    pub(super) oui: bool,
    pub(super) vlan: bool,
    pub(super) within: Option<Vec<Verb>>,
}

#[derive(Clone, Debug)]
pub(super) struct Asset {
    pub(super) address: Address,
    pub(super) role: Option<usize>,
    pub(super) listed_in: Option<usize>,
}

/// What an asset is known by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Address {
    Ip(&'static str),
    Behind(usize, Unit),
}

/// A host that talks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Who {
    pub(super) ip: &'static str,
    /// Whether its card is of the one maker that plans know.
    pub(super) made: bool,
    /// Whether it is in the one VLAN that plans know.
    pub(super) tagged: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Conduit {
    pub(super) from: Vec<End>,
    pub(super) to: Vec<End>,
    pub(super) both_directions: bool,
    pub(super) allow: Vec<Statement>,
}

#[derive(Clone, Debug)]
pub(super) enum End {
    Zone(usize),
    Asset(usize),
    Role(usize),
    RoleInZone(usize, usize),
}

#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) protocols: Vec<&'static str>,
    pub(super) verbs: Vec<Verb>,
    pub(super) functions: Vec<&'static str>,
    pub(super) units: Vec<u8>,
    pub(super) targets: Vec<&'static str>,
}

pub(super) const NETS: [(&str, [u8; 4], u32); 5] = [
    ("10.0.0.0/8", [10, 0, 0, 0], 8),
    ("10.0.0.0/16", [10, 0, 0, 0], 16),
    ("10.0.1.0/24", [10, 0, 1, 0], 24),
    ("10.0.2.0/24", [10, 0, 2, 0], 24),
    ("10.0.2.0/30", [10, 0, 2, 0], 30),
];
pub(super) const IPS: [&str; 7] = [
    "10.0.1.1",
    "10.0.1.2",
    "10.0.2.1",
    "10.0.2.9",
    "10.0.3.1",
    "10.9.9.9",
    "192.0.2.1",
];
/// Three units of Modbus, two modules of S7.
pub(super) const UNITS: [Unit; 5] = [
    Unit::Id(1),
    Unit::Id(2),
    Unit::Id(3),
    Unit::Slot { rack: 0, slot: 2 },
    Unit::Slot { rack: 1, slot: 3 },
];
pub(super) const VERBS: [Verb; 6] = [
    Verb::Connect,
    Verb::Read,
    Verb::Write,
    Verb::Diagnose,
    Verb::Mode,
    Verb::Other,
];
pub(super) const FUNCTIONS: [&str; 11] = [
    "read_holding_registers",
    "read_coils",
    "write_single_coil",
    "write_single_register",
    "diagnostics",
    "read_var",
    "write_var",
    "plc_stop",
    "connect_request",
    "write",
    "encrypted",
];

/// What each text of a target covers.
pub(super) const TARGETS: [(&str, &str); 12] = [
    ("holding:0-9", "modbus"),
    ("holding:10-19", "modbus"),
    ("holding:15-30", "modbus"),
    ("coil:3", "modbus"),
    ("coil:*", "modbus"),
    ("DB1:0-9", "s7"),
    ("DB1:5-20", "s7"),
    ("DB2:*", "s7"),
    ("DB:*", "s7"),
    ("ns=2;s=Pump", "opcua"),
    ("ns=2;s=Pump.*", "opcua"),
    ("ns=2;*", "opcua"),
];

impl Plan {
    pub(super) fn text(&self) -> String {
        let mut text = "version: 1\nsite: {name: s, owner: o}\nzones:\n".to_owned();
        let line = &mut text;
        for (id, zone) in self.zones.iter().enumerate() {
            let listed = self.assets.iter().enumerate();
            let listed = listed.filter(|(_, asset)| asset.listed_in == Some(id));
            let listed: Vec<_> = listed.map(|(asset, _)| format!("a{asset}")).collect();
            let inner: Vec<_> = zone.inner.iter().map(|zone| format!("z{zone}")).collect();
            write!(line, "  z{id}: {{owner: o, members: {{cidr: {}", zone.net).unwrap();
            for (key, names) in [("assets", listed), ("zones", inner)] {
                if !names.is_empty() {
                    write!(line, ", {key}: [{}]", names.join(", ")).unwrap();
                }
            }
            if zone.oui {
                write!(line, ", oui: 00-1B-1b").unwrap();
            }
            if zone.vlan {
                write!(line, ", vlan: 7").unwrap();
            }
            let within = zone
                .within
                .as_deref()
                .map_or_else(|| "nothing".to_owned(), verbs);
            writeln!(line, "}}, within: {within}}}").unwrap();
        }
        writeln!(line, "assets:").unwrap();
        for (id, asset) in self.assets.iter().enumerate() {
            let role = asset
                .role
                .map_or(String::new(), |role| format!(", role: r{role}"));
            writeln!(line, "  a{id}: {{{}{role}}}", asset.address.text()).unwrap();
        }
        writeln!(line, "roles:").unwrap();
        for (id, role) in self.roles.iter().enumerate() {
            writeln!(line, "  r{id}: {{verbs: {}}}", verbs(role)).unwrap();
        }
        writeln!(line, "conduits:").unwrap();
        for (id, conduit) in self.conduits.iter().enumerate() {
            let ends = |ends: &[End]| ends.iter().map(End::text).collect::<Vec<_>>().join(", ");
            let (from, to) = (ends(&conduit.from), ends(&conduit.to));
            writeln!(
                line,
                "  c{id}:\n    from: [{from}]\n    to: [{to}]\n    both_directions: {}\n    allow:",
                conduit.both_directions
            )
            .unwrap();
            for statement in &conduit.allow {
                writeln!(line, "      - {}", statement.text()).unwrap();
            }
        }
        text
    }
}

impl Address {
    fn text(self) -> String {
        match self {
            Self::Ip(ip) => format!("ip: {ip}"),
            Self::Behind(gateway, Unit::Id(unit)) => format!("behind: a{gateway}, unit: {unit}"),
            Self::Behind(gateway, Unit::Slot { rack, slot }) => {
                format!("behind: a{gateway}, rack: {rack}, slot: {slot}")
            }
        }
    }
}

impl Who {
    pub(super) fn host(self) -> model::Host {
        model::Host {
            ip: self.ip.parse().ok(),
            mac: self.made.then_some(model::Mac([0, 0x1b, 0x1b, 1, 2, 3])),
            vlan: self.tagged.then_some(7),
        }
    }
}

impl End {
    fn text(&self) -> String {
        match self {
            Self::Zone(zone) => format!("{{zone: z{zone}}}"),
            Self::Asset(asset) => format!("{{assets: [a{asset}]}}"),
            Self::Role(role) => format!("{{role: r{role}}}"),
            Self::RoleInZone(role, zone) => format!("{{roles: [r{role}], zones: z{zone}}}"),
        }
    }
}

impl Statement {
    fn text(&self) -> String {
        let mut text = format!("{{protocols: [{}]", self.protocols.join(", "));
        write!(text, ", verbs: {}", verbs(&self.verbs)).unwrap();
        if !self.functions.is_empty() {
            write!(text, ", functions: [{}]", self.functions.join(", ")).unwrap();
        }
        if !self.units.is_empty() {
            write!(text, ", units: {:?}", self.units).unwrap();
        }
        if !self.targets.is_empty() {
            write!(text, ", targets: {:?}", self.targets).unwrap();
        }
        text + "}"
    }
}

fn verbs(list: &[Verb]) -> String {
    let words: Vec<_> = list.iter().map(|verb| verb.name()).collect();
    if words.is_empty() {
        "nothing".into()
    } else {
        format!("[{}]", words.join(", "))
    }
}

prop_compose! {
    pub(super) fn a_statement()(
        protocols in subsequence(vec!["modbus", "s7", "opcua"], 1..=2),
        some_verbs in subsequence(VERBS.to_vec(), 1..=4),
        named in prop::bool::weighted(0.2),
        units in prop_oneof![3 => Just(vec![]), 1 => Just(vec![1]), 1 => Just(vec![2, 7])],
        wanted in subsequence(TARGETS.to_vec(), 0..=4),
        limited in any::<bool>(),
    ) -> Statement {
        let functions: Vec<_> = WORDS
            .iter()
            .filter(|words| protocols.contains(&words.name))
            .flat_map(|words| words.functions)
            .filter(|function| named && some_verbs.contains(&function.verb))
            .map(|function| function.name)
            .take(2)
            .collect();
        let targets = wanted
            .into_iter()
            .filter(|(_, of)| limited && protocols.contains(of))
            .map(|(text, _)| text)
            .collect();
        Statement { protocols, verbs: some_verbs, functions, units, targets }
    }
}

fn ends(zones: usize, assets: usize, roles: usize) -> impl Strategy<Value = Vec<End>> {
    let end = prop_oneof![
        3 => (0..zones).prop_map(End::Zone),
        2 => (0..assets).prop_map(End::Asset),
        2 => (0..roles).prop_map(End::Role),
        1 => (0..roles, 0..zones).prop_map(|(role, zone)| End::RoleInZone(role, zone)),
    ];
    prop::collection::vec(end, 1..=3)
}

/// A few seats behind `gateways` assets, no two at the same unit.
fn seats(gateways: usize) -> impl Strategy<Value = Vec<Address>> {
    let all = (0..gateways).flat_map(|gateway| UNITS.map(|unit| Address::Behind(gateway, unit)));
    subsequence(all.collect::<Vec<_>>(), 0..=4)
}

/// For each zone the zones that it lists: only later ones, so that there is no way round.
fn nesting(zones: usize) -> impl Strategy<Value = Vec<Vec<usize>>> {
    let inner = |zone| prop::collection::btree_set(zone + 1..zones, 0..=2);
    let inner = move |zone| match zone + 1 {
        last if last >= zones => Just(vec![]).boxed(),
        _ => prop_oneof![
            2 => Just(vec![]),
            1 => inner(zone).prop_map(|inner| inner.into_iter().collect()),
        ]
        .boxed(),
    };
    (0..zones).map(inner).collect::<Vec<_>>()
}

pub(super) fn a_host() -> impl Strategy<Value = Who> {
    let rarely = || prop::bool::weighted(0.3);
    (select(IPS.to_vec()), rarely(), rarely()).prop_map(|(ip, made, tagged)| Who {
        ip,
        made,
        tagged,
    })
}

prop_compose! {
    pub(super) fn a_plan()(
        nets in subsequence(NETS.map(|(net, ..)| net).to_vec(), 2..=5),
        ips in subsequence(IPS.to_vec(), 2..=6),
        roles in prop::collection::vec(subsequence(VERBS.to_vec(), 0..=6), 2..=3),
        // of the assets with an address there are two at least
        seats in seats(2),
    )(
        inner in nesting(nets.len()),
        maker in prop::option::of(0..nets.len()),
        vlan in prop::option::of(0..nets.len()),
        zones in nets.iter().map(|net| (
            Just(*net),
            prop::option::weighted(0.3, subsequence(VERBS.to_vec(), 0..=3)),
        )).collect::<Vec<_>>(),
        assets in ips.iter().map(|ip| Address::Ip(ip)).chain(seats.iter().copied()).map(|address| (
            Just(address),
            prop::option::weighted(0.6, 0..roles.len()),
            prop::option::weighted(0.2, 0..nets.len()),
        )).collect::<Vec<_>>(),
        conduits in prop::collection::vec((
            ends(nets.len(), ips.len() + seats.len(), roles.len()),
            ends(nets.len(), ips.len() + seats.len(), roles.len()),
            prop::bool::weighted(0.3),
            prop::collection::vec(a_statement(), 1..=3),
        ), 0..=5),
        roles in Just(roles),
    ) -> Plan {
        let zone = |(id, ((net, within), inner))| Zone {
            net,
            inner,
            oui: maker == Some(id),
            vlan: vlan == Some(id),
            within,
        };
        let asset = |(address, role, listed_in)| Asset { address, role, listed_in };
        let conduit = |(from, to, both_directions, allow)| Conduit { from, to, both_directions, allow };
        Plan {
            zones: zones.into_iter().zip(inner).enumerate().map(zone).collect(),
            assets: assets.into_iter().map(asset).collect(),
            conduits: conduits.into_iter().map(conduit).collect(),
            roles,
        }
    }
}

fn a_target(protocol: &str) -> BoxedStrategy<Target<'static>> {
    match protocol {
        "modbus" => (select(vec!["holding", "coil"]), 0..25u64, 0..8u64)
            .prop_map(|(area, first, more)| cells(area, first, first + more))
            .boxed(),
        "s7" => (1..4u32, 0..20u64, 0..6u64)
            .prop_map(|(block, first, more)| db(block, first, first + more))
            .boxed(),
        _ => select(vec!["Pump", "Pump.Speed", "Tank"])
            .prop_map(node)
            .boxed(),
    }
}

pub(super) fn a_message() -> impl Strategy<Value = Message> {
    let base = select(FUNCTIONS.to_vec()).prop_map(Message::new);
    base.prop_flat_map(|message| {
        let targets = prop::collection::vec(a_target(message.protocol), 0..=2);
        let addressed: &[_] = match message.protocol {
            "modbus" => &UNITS[..3],
            "s7" => &UNITS[3..],
            _ => &[Unit::Id(0)],
        };
        let unit = prop::option::weighted(0.8, select(addressed));
        (
            Just(message),
            targets,
            unit,
            select(vec![Stage::Request, Stage::Response]),
            any::<bool>(),
        )
    })
    .prop_map(|(mut message, targets, unit, stage, answers)| {
        message.targets = targets;
        message.unit = unit.filter(|_| message.protocol != "opcua");
        message.stage = stage;
        message.answers = answers && stage == Stage::Response;
        if message.function.name == "connect_request" {
            message.protocol = "cotp";
        }
        message
    })
}
