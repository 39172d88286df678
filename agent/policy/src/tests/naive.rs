//! A naive evaluator, written from docs/POLICIES.md, agrees with the policy on random policies and
//! random messages. It walks everything every time and shares no code with what it checks.

use std::fmt::Write;

use model::{Reason, Side, Stage, Target, Unit, Unseen, Verb, Verdict};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::vocabulary::{Message, WORDS, cells, db, host, load, node};

/// A policy in the shape of its documentation.
#[derive(Clone, Debug)]
struct Plan {
    /// Zones by their members: prefixes of 10.0.0.0/8, by third byte and length.
    zones: Vec<Zone>,
    assets: Vec<Asset>,
    roles: Vec<Vec<Verb>>,
    conduits: Vec<Conduit>,
}

#[derive(Clone, Debug)]
struct Zone {
    net: &'static str,
    within: Option<Vec<Verb>>,
}

#[derive(Clone, Debug)]
struct Asset {
    ip: &'static str,
    role: Option<usize>,
    listed_in: Option<usize>,
}

#[derive(Clone, Debug)]
struct Conduit {
    from: Vec<End>,
    to: Vec<End>,
    allow: Vec<Statement>,
}

#[derive(Clone, Debug)]
enum End {
    Zone(usize),
    Asset(usize),
    Role(usize),
    RoleInZone(usize, usize),
}

#[derive(Clone, Debug)]
struct Statement {
    protocols: Vec<&'static str>,
    verbs: Vec<Verb>,
    functions: Vec<&'static str>,
    units: Vec<u8>,
    targets: Vec<&'static str>,
}

const NETS: [(&str, [u8; 4], u32); 5] = [
    ("10.0.0.0/8", [10, 0, 0, 0], 8),
    ("10.0.0.0/16", [10, 0, 0, 0], 16),
    ("10.0.1.0/24", [10, 0, 1, 0], 24),
    ("10.0.2.0/24", [10, 0, 2, 0], 24),
    ("10.0.2.0/30", [10, 0, 2, 0], 30),
];
const IPS: [&str; 7] = [
    "10.0.1.1",
    "10.0.1.2",
    "10.0.2.1",
    "10.0.2.9",
    "10.0.3.1",
    "10.9.9.9",
    "192.0.2.1",
];
const VERBS: [Verb; 6] = [
    Verb::Connect,
    Verb::Read,
    Verb::Write,
    Verb::Diagnose,
    Verb::Mode,
    Verb::Other,
];
const FUNCTIONS: [&str; 11] = [
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
const TARGETS: [(&str, &str); 12] = [
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
    fn text(&self) -> String {
        let mut text = "version: 1\nsite: {name: s, owner: o}\nzones:\n".to_owned();
        let line = &mut text;
        for (id, zone) in self.zones.iter().enumerate() {
            let listed = self.assets.iter().enumerate();
            let listed = listed.filter(|(_, asset)| asset.listed_in == Some(id));
            let listed: Vec<_> = listed.map(|(asset, _)| format!("a{asset}")).collect();
            write!(line, "  z{id}: {{owner: o, members: {{cidr: {}", zone.net).unwrap();
            if !listed.is_empty() {
                write!(line, ", assets: [{}]", listed.join(", ")).unwrap();
            }
            let within = zone.within.as_deref().map_or("nothing".to_owned(), verbs);
            writeln!(line, "}}, within: {within}}}").unwrap();
        }
        write!(line, "assets:\n").unwrap();
        for (id, asset) in self.assets.iter().enumerate() {
            let role = asset
                .role
                .map_or(String::new(), |role| format!(", role: r{role}"));
            writeln!(line, "  a{id}: {{ip: {}{role}}}", asset.ip).unwrap();
        }
        write!(line, "roles:\n").unwrap();
        for (id, role) in self.roles.iter().enumerate() {
            writeln!(line, "  r{id}: {{verbs: {}}}", verbs(role)).unwrap();
        }
        write!(line, "conduits:\n").unwrap();
        for (id, conduit) in self.conduits.iter().enumerate() {
            let ends = |ends: &[End]| ends.iter().map(End::text).collect::<Vec<_>>().join(", ");
            let (from, to) = (ends(&conduit.from), ends(&conduit.to));
            writeln!(
                line,
                "  c{id}:\n    from: [{from}]\n    to: [{to}]\n    allow:"
            )
            .unwrap();
            for statement in &conduit.allow {
                writeln!(line, "      - {}", statement.text()).unwrap();
            }
        }
        text
    }

    /// The narrowest zone of an address, unless a zone lists its asset.
    fn zone(&self, ip: &str) -> Option<usize> {
        let listed = self
            .asset(ip)
            .and_then(|asset| self.assets[asset].listed_in);
        let holding = |zone: &&(usize, &Zone)| prefix(zone.1.net, ip).is_some();
        let zones: Vec<_> = self.zones.iter().enumerate().collect();
        let narrowest = zones
            .iter()
            .filter(holding)
            .max_by_key(|zone| prefix(zone.1.net, ip));
        listed.or(narrowest.map(|(id, _)| *id))
    }

    fn asset(&self, ip: &str) -> Option<usize> {
        self.assets.iter().position(|asset| asset.ip == ip)
    }

    fn role(&self, ip: &str) -> Option<usize> {
        self.assets[self.asset(ip)?].role
    }

    fn is(&self, ip: &str, end: &End) -> bool {
        match *end {
            End::Zone(zone) => self.zone(ip) == Some(zone),
            End::Asset(asset) => self.asset(ip) == Some(asset),
            End::Role(role) => self.role(ip) == Some(role),
            End::RoleInZone(role, zone) => {
                self.role(ip) == Some(role) && self.zone(ip) == Some(zone)
            }
        }
    }

    /// Every statement between two hosts.
    fn statements(&self, client: &str, server: &str) -> Vec<Statement> {
        let mut statements = Vec::new();
        if let (Some(zone), true) = (self.zone(client), self.zone(client) == self.zone(server))
            && let Some(verbs) = self.zones[zone]
                .within
                .clone()
                .filter(|verbs| !verbs.is_empty())
        {
            let protocols = vec!["modbus", "s7", "opcua"];
            let (functions, units, targets) = (vec![], vec![], vec![]);
            statements.push(Statement {
                protocols,
                verbs,
                functions,
                units,
                targets,
            });
        }
        for conduit in &self.conduits {
            let from = conduit.from.iter().any(|end| self.is(client, end));
            let to = conduit.to.iter().any(|end| self.is(server, end));
            if from && to {
                statements.extend(conduit.allow.iter().cloned());
            }
        }
        statements
    }

    fn judge(&self, client: &str, server: &str, message: &Message) -> Said {
        let all = self.statements(client, server);
        let protocol = if message.protocol == "cotp" {
            "s7"
        } else {
            message.protocol
        };
        let carrying: Vec<_> = all
            .iter()
            .filter(|it| it.protocols.contains(&protocol))
            .collect();
        if all.is_empty() {
            return match (self.zone(client), self.zone(server)) {
                (None, _) => Said::Unzoned(Side::Client),
                (_, None) => Said::Unzoned(Side::Server),
                _ => Said::Violates(Reason::NoConduit),
            };
        }
        if carrying.is_empty() {
            return Said::Violates(Reason::Protocol);
        }
        let verb = message.function.verb;
        let able = self
            .role(client)
            .is_none_or(|role| self.roles[role].contains(&verb));
        let whole = |it: &&&Statement| {
            it.verbs.contains(&verb)
                && it.functions.is_empty()
                && it.units.is_empty()
                && it.targets.is_empty()
        };
        if able && carrying.iter().any(|it| whole(&it)) {
            return Said::Conforms;
        }
        if message.encrypted && verb == Verb::Other {
            return Said::Unknown(Unseen::Encrypted);
        }
        if !able {
            return Said::Violates(Reason::Role);
        }
        search(&carrying, message)
    }
}

/// The statements that carry the protocol, for a client whose role is no obstacle.
fn search(statements: &[&Statement], message: &Message) -> Said {
    let unit_seen = |it: &Statement| it.units.is_empty() || message.unit.is_some();
    let with_verb: Vec<_> = statements
        .iter()
        .filter(|it| it.verbs.contains(&message.function.verb))
        .collect();
    let with_function: Vec<_> = with_verb
        .iter()
        .filter(|it| it.functions.is_empty() || it.functions.contains(&message.function.name))
        .collect();
    let unseen = with_function.iter().any(|it| !unit_seen(it));
    let with_unit: Vec<_> = with_function
        .iter()
        .filter(|it| {
            it.units.is_empty() || unit_of(message).is_some_and(|unit| it.units.contains(&unit))
        })
        .collect();
    let deny = |reason| {
        if unseen {
            Said::Unknown(Unseen::Target)
        } else {
            Said::Violates(reason)
        }
    };
    if with_verb.is_empty() {
        return deny(Reason::Verb);
    }
    if with_function.is_empty() {
        return deny(Reason::Function);
    }
    if with_unit.is_empty() {
        return deny(Reason::Unit);
    }
    if with_unit.iter().any(|it| it.targets.is_empty()) {
        return Said::Conforms;
    }
    if message.targets.is_empty() {
        if message.stage == Stage::Response && !message.answers {
            return Said::Unknown(Unseen::Target);
        }
        return match message.function.verb {
            Verb::Write | Verb::Call | Verb::Delete => deny(Reason::Target),
            _ => Said::Conforms,
        };
    }
    let covered = |target: &Target<'_>| with_unit.iter().any(|it| it.covers(target));
    if message.targets.iter().all(covered) {
        Said::Conforms
    } else {
        deny(Reason::Target)
    }
}

const fn unit_of(message: &Message) -> Option<u8> {
    match message.unit {
        Some(Unit::Id(id)) => Some(id),
        _ => None,
    }
}

/// A verdict without the statement that decided.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Said {
    Conforms,
    Violates(Reason),
    Unzoned(Side),
    Unknown(Unseen),
}

impl From<Verdict> for Said {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Conforms { .. } => Self::Conforms,
            Verdict::Violates { because, .. } => Self::Violates(because),
            Verdict::Unzoned { side } => Self::Unzoned(side),
            Verdict::Unknown { why } => Self::Unknown(why),
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

    /// Whether every cell of a target is in some text of this statement.
    fn covers(&self, target: &Target<'_>) -> bool {
        match *target {
            Target::Cells {
                area,
                block,
                first,
                last,
            } => (first..=last).all(|cell| {
                self.targets
                    .iter()
                    .any(|text| covers_cell(text, area, block, cell))
            }),
            Target::Node {
                key: model::NodeKey::Text(name),
                ..
            } => self.targets.iter().any(|text| match *text {
                "ns=2;*" => true,
                "ns=2;s=Pump.*" => name.starts_with("Pump."),
                text => text == format!("ns=2;s={name}"),
            }),
            _ => false,
        }
    }
}

fn covers_cell(text: &str, area: &str, block: Option<u32>, cell: u64) -> bool {
    let Some((head, tail)) = text.split_once(':') else {
        return false;
    };
    let named = block.map_or_else(|| area.to_owned(), |block| format!("{area}{block}"));
    if tail == "*" {
        return head == named || head == area;
    }
    let (first, last) = tail.split_once('-').unwrap_or((tail, tail));
    let within = first.parse::<u64>().unwrap() <= cell && cell <= last.parse::<u64>().unwrap();
    head == named && within
}

fn verbs(list: &[Verb]) -> String {
    let words: Vec<_> = list.iter().map(|verb| verb.name()).collect();
    if words.is_empty() {
        "nothing".into()
    } else {
        format!("[{}]", words.join(", "))
    }
}

/// The length of a prefix, if it holds the address.
fn prefix(net: &str, ip: &str) -> Option<u32> {
    let (_, bytes, length) = NETS.into_iter().find(|(text, ..)| *text == net).unwrap();
    let ip: std::net::Ipv4Addr = ip.parse().unwrap();
    let shift = 32 - length;
    (u32::from(ip) >> shift == u32::from_be_bytes(bytes) >> shift).then_some(length)
}

prop_compose! {
    fn a_statement()(
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

prop_compose! {
    fn a_plan()(
        nets in subsequence(NETS.map(|(net, ..)| net).to_vec(), 2..=5),
        ips in subsequence(IPS.to_vec(), 2..=6),
        roles in prop::collection::vec(subsequence(VERBS.to_vec(), 0..=6), 2..=3),
    )(
        zones in nets.iter().map(|net| (
            Just(*net),
            prop::option::weighted(0.3, subsequence(VERBS.to_vec(), 0..=3)),
        )).collect::<Vec<_>>(),
        assets in ips.iter().map(|ip| (
            Just(*ip),
            prop::option::weighted(0.6, 0..roles.len()),
            prop::option::weighted(0.2, 0..nets.len()),
        )).collect::<Vec<_>>(),
        conduits in prop::collection::vec((
            ends(nets.len(), ips.len(), roles.len()),
            ends(nets.len(), ips.len(), roles.len()),
            prop::collection::vec(a_statement(), 1..=3),
        ), 0..=5),
        roles in Just(roles),
    ) -> Plan {
        let zone = |(net, within)| Zone { net, within };
        let asset = |(ip, role, listed_in)| Asset { ip, role, listed_in };
        let conduit = |(from, to, allow)| Conduit { from, to, allow };
        Plan {
            zones: zones.into_iter().map(zone).collect(),
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

fn a_message() -> impl Strategy<Value = Message> {
    let base = select(FUNCTIONS.to_vec()).prop_map(Message::new);
    base.prop_flat_map(|message| {
        let targets = prop::collection::vec(a_target(message.protocol), 0..=2);
        let unit = prop::option::weighted(0.9, select(vec![1u8, 2, 3]));
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
        message.unit = unit.map(Unit::Id).filter(|_| message.protocol == "modbus");
        message.stage = stage;
        message.answers = answers && stage == Stage::Response;
        if message.function.name == "connect_request" {
            message.protocol = "cotp";
        }
        message
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn judging_agrees_with_the_naive_evaluator(
        plan in a_plan(),
        asked in prop::collection::vec((select(IPS.to_vec()), select(IPS.to_vec()), a_message()), 60),
    ) {
        let policy = load(&plan.text()).policy;
        for (client, server, message) in asked {
            let (from, to) = (policy.place(&host(client)), policy.place(&host(server)));
            let edge = policy.edge(from, to, message.protocol);
            let verdict = Said::from(policy.judge(&edge, &message.operation()));
            let naive = plan.judge(client, server, &message);
            prop_assert_eq!(verdict, naive, "{} {} {:?}\n{}", client, server, message, plan.text());
        }
    }
}
