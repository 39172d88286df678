//! A naive evaluator, written from docs/POLICIES.md, agrees with the policy on random policies and
//! random messages. It walks everything every time and shares no code with what it checks.

use model::{Reason, Side, Stage, Target, Unit, Unseen, Verb, Verdict};
use proptest::prelude::*;
use proptest::sample::select;

use super::plan::{End, IPS, NETS, Plan, Statement, Zone, a_message, a_plan};
use super::vocabulary::{Message, host, load};

impl Plan {
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
        listed.or_else(|| narrowest.map(|(id, _)| *id))
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

impl Statement {
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

/// The length of a prefix, if it holds the address.
fn prefix(net: &str, ip: &str) -> Option<u32> {
    let (_, bytes, length) = NETS.into_iter().find(|(text, ..)| *text == net).unwrap();
    let ip: std::net::Ipv4Addr = ip.parse().unwrap();
    let shift = 32 - length;
    (u32::from(ip) >> shift == u32::from_be_bytes(bytes) >> shift).then_some(length)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

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
