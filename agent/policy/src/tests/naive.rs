//! A naive evaluator, written from docs/POLICIES.md, agrees with the policy on random policies and
//! random messages. It walks everything every time and shares no code with what it checks.

use model::{Reason, Side, Stage, Target, Unit, Unseen, Verb, Verdict};
use proptest::prelude::*;

use super::plan::{
    Address, Asset, End, NETS, Plan, Statement, Who, Zone, a_host, a_message, a_plan,
};
use super::vocabulary::{Message, load};

/// What a host, or an asset behind one, is.
#[derive(Clone, Copy, Debug)]
struct Party {
    zone: Option<usize>,
    asset: Option<usize>,
    role: Option<usize>,
}

impl Plan {
    fn place(&self, who: Who) -> Party {
        let known = |asset: &Asset| asset.address == Address::Ip(who.ip);
        let asset = self.assets.iter().position(known);
        let listed = asset.and_then(|asset| self.assets[asset].listed_in);
        Party {
            zone: listed.or_else(|| self.zone(who)),
            asset,
            role: asset.and_then(|asset| self.assets[asset].role),
        }
    }

    /// The zone with the narrowest prefix, else that of the card's maker, else that of the VLAN.
    fn zone(&self, who: Who) -> Option<usize> {
        let holding = |zone: &(usize, &Zone)| prefix(zone.1.net, who.ip).is_some();
        let zones = self.zones.iter().enumerate().filter(holding);
        let narrowest = zones.max_by_key(|zone| prefix(zone.1.net, who.ip));
        let of = |is: fn(&Zone) -> bool| self.zones.iter().position(is);
        let by_maker = of(|zone| zone.oui).filter(|_| who.made);
        let by_vlan = of(|zone| zone.vlan).filter(|_| who.tagged);
        narrowest.map(|(id, _)| id).or(by_maker).or(by_vlan)
    }

    /// Whether hosts of a zone count to another: it is the same, or lists the zone, or lists one
    /// to which they count.
    fn counts(&self, zone: usize, to: usize) -> bool {
        let inner = &self.zones[to].inner;
        zone == to || inner.iter().any(|inner| self.counts(zone, *inner))
    }

    fn is(&self, party: Party, end: &End) -> bool {
        let in_zone = |zone| party.zone.is_some_and(|own| self.counts(own, zone));
        match *end {
            End::Zone(zone) => in_zone(zone),
            End::Asset(asset) => party.asset == Some(asset),
            End::Role(role) => party.role == Some(role),
            End::RoleInZone(role, zone) => party.role == Some(role) && in_zone(zone),
        }
    }

    /// Every statement between two parties.
    fn statements(&self, client: Party, server: Party) -> Vec<Statement> {
        let mut statements = Vec::new();
        for (id, zone) in self.zones.iter().enumerate() {
            let inside = self.is(client, &End::Zone(id)) && self.is(server, &End::Zone(id));
            let verbs = zone.within.clone().filter(|verbs| !verbs.is_empty());
            if let (true, Some(verbs)) = (inside, verbs) {
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
        }
        for conduit in &self.conduits {
            let any = |ends: &[End], party| ends.iter().any(|end| self.is(party, end));
            let there = any(&conduit.from, client) && any(&conduit.to, server);
            let back = any(&conduit.to, client) && any(&conduit.from, server);
            if there || conduit.both_directions && back {
                statements.extend(conduit.allow.iter().cloned());
            }
        }
        statements
    }

    /// The verdict, for the asset that a message's unit is where there is one.
    pub(super) fn judge(&self, client: Who, server: Who, message: &Message) -> Said {
        let (client, server) = (self.place(client), self.place(server));
        let mut behind = Vec::new();
        for (id, asset) in self.assets.iter().enumerate() {
            if let Address::Behind(gateway, unit) = asset.address
                && server.asset == Some(gateway)
            {
                let zone = asset.listed_in.or(server.zone);
                let (asset, role) = (Some(id), asset.role);
                behind.push((unit, Party { zone, asset, role }));
            }
        }
        if message.unit.is_some() {
            let part = behind.iter().find(|(unit, _)| message.unit == Some(*unit));
            let server = part.map_or(server, |(_, part)| *part);
            return self.judge_between(client, server, message);
        }
        let said = self.judge_between(client, server, message);
        let speaks = |unit: &Unit| match message.protocol {
            "modbus" => matches!(unit, Unit::Id(_)),
            "s7" | "cotp" => matches!(unit, Unit::Slot { .. }),
            _ => false,
        };
        let mut parts = behind.iter().filter(|(unit, _)| speaks(unit));
        let kind = |said| match said {
            Said::Conforms => "allowed",
            Said::Violates(_) | Said::Unzoned(_) => "not allowed",
            Said::Unknown(_) => "unknown",
        };
        let known = !matches!(said, Said::Unknown(_));
        if !known
            || parts.all(|(_, part)| kind(self.judge_between(client, *part, message)) == kind(said))
        {
            said
        } else {
            Said::Unknown(Unseen::Target)
        }
    }

    fn judge_between(&self, client: Party, server: Party, message: &Message) -> Said {
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
            return match (client.zone, server.zone) {
                (None, _) => Said::Unzoned(Side::Client),
                (_, None) => Said::Unzoned(Side::Server),
                _ => Said::Violates(Reason::NoConduit),
            };
        }
        if carrying.is_empty() {
            return Said::Violates(Reason::Protocol);
        }
        let verb = message.function.verb;
        let able = client
            .role
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
pub(super) enum Said {
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
            Verdict::Shadow { .. } => panic!("no plan has shadow"),
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
        asked in prop::collection::vec((a_host(), a_host(), a_message()), 60),
    ) {
        let policy = load(&plan.text()).policy;
        for (client, server, message) in asked {
            let verdict = super::vocabulary::judge_hosts(
                &policy,
                [client.host(), server.host()],
                &message,
            );
            let verdict = Said::from(verdict);
            let naive = plan.judge(client, server, &message);
            prop_assert_eq!(verdict, naive, "{:?} {:?} {:?}\n{}", client, server, message, plan.text());
        }
    }
}
