//! What a packet filter holds is exact: it admits the first packet of a conversation if and only if
//! some operation on its port between its hosts could conform.

use std::collections::HashMap;
use std::net::IpAddr;

use model::{Service, Side, Target, Timestamp, Transport, Unit, Unseen, Verb, Verdict, Written};
use proptest::prelude::*;
use proptest::sample::select;

use super::services;
use crate::enforce::{Format, Mode, Permits, Ruleset};
use crate::tests::plan::{IPS, NETS, Plan, a_plan};
use crate::tests::vocabulary::{Message, cells, db, host, load, node};
use crate::{Placed, Policy, Standing};

/// The policy's answers, by judging one operation after the other; each is found once.
struct Oracle<'a> {
    policy: &'a Policy,
    /// What may be said by each service.
    said: Vec<(Service, Vec<Message>)>,
    now: Timestamp,
    known: HashMap<(Placed, Placed, usize), bool>,
}

impl<'a> Oracle<'a> {
    fn new(policy: &'a Policy, now: Timestamp) -> Self {
        let said = services().into_iter().map(|it| (it, messages(&it)));
        Self {
            policy,
            said: said.collect(),
            now,
            known: HashMap::new(),
        }
    }

    /// Whether some operation by the service at a place conforms.
    fn could_conform(&mut self, from: IpAddr, to: IpAddr, place: usize) -> bool {
        let (service, messages) = &self.said[place];
        let (client, server) = match service.opener {
            Side::Client => (from, to),
            Side::Server => (to, from),
        };
        let policy = self.policy;
        let [client, server] = [client, server].map(|ip| policy.place(&host(&ip.to_string())));
        let known = self.known.entry((client, server, place));
        *known.or_insert_with(|| {
            let edge = policy.edge(client, server, service.vocabulary.name);
            messages.iter().any(|message| {
                let mut standing = Standing::default();
                let operation = message.operation();
                let verdict = policy.judge(&edge, &mut standing, &operation, self.now);
                let unseen = Verdict::Unknown {
                    why: Unseen::Target,
                };
                matches!(verdict, Verdict::Conforms { .. }) || verdict == unseen
            })
        })
    }
}

/// Every function on every kind of target and unit that plans name, with a value and a session that
/// every statement allows.
fn messages(service: &Service) -> Vec<Message> {
    let protocol = service.vocabulary.name;
    let (targets, units) = reach(protocol);
    let mut all = Vec::new();
    for function in service.functions {
        let mut plain = Message::new(function.name).showing("security_mode", "sign_and_encrypt");
        plain.encrypted = false;
        for unit in &units {
            let message = plain.clone().for_unit(*unit);
            all.extend(targets.iter().map(|target| match function.verb {
                Verb::Write => message.clone().put(*target, Written::Int(5)),
                _ => message.clone().on(*target),
            }));
            all.push(message);
        }
    }
    all
}

fn reach(protocol: &str) -> (Vec<Target<'static>>, Vec<Option<Unit>>) {
    let holding = |cell| cells("holding", cell, cell);
    let slot = |rack, slot| Some(Unit::Slot { rack, slot });
    match protocol {
        "modbus" => {
            let coils = [3, 9].map(|cell| cells("coil", cell, cell));
            let targets = [0, 15, 25].map(holding).into_iter().chain(coils);
            (
                targets.collect(),
                [1, 2, 3, 7].map(Unit::Id).map(Some).into(),
            )
        }
        "s7" => {
            let targets = [(1, 5), (1, 0), (1, 20), (2, 0), (3, 0)];
            let targets = targets.map(|(block, byte)| db(block, byte, byte));
            (targets.into(), vec![slot(0, 2), slot(1, 3), slot(0, 1)])
        }
        _ => (["Pump", "Pump.Speed", "Tank"].map(node).into(), vec![None]),
    }
}

/// A plan whose statements ask for more than plans do, and a work order.
#[derive(Clone, Debug)]
struct Asking {
    plan: Plan,
    /// What each statement asks for, in turns.
    asks: Vec<&'static str>,
    order: (usize, usize, Option<usize>),
}

impl Asking {
    fn text(&self) -> String {
        let mut asks = self.asks.iter().cycle();
        let ask = |line: &str| match line.strip_prefix(STATEMENT) {
            None => line.to_owned(),
            Some(rest) => match *asks.next().unwrap() {
                VALUES if !rest.contains("write") => line.to_owned(),
                ask => format!("{STATEMENT}{ask}{rest}"),
            },
        };
        let text = self.plan.text();
        let lines: Vec<_> = text.lines().map(ask).collect();
        let (from, to, role) = self.order;
        let role = role.map_or_else(String::new, |role| format!("role: r{role}, "));
        let order = format!(
            "  wo: {{from: {{zone: z{from}}}, to: {{zone: z{to}}}, {role}{PERIOD}, allow: [{WORK}]}}"
        );
        format!("{}\n{SCHEDULES}\npermits:\n{order}\n", lines.join("\n"))
    }
}

fn an_asking() -> impl Strategy<Value = Asking> {
    let asks = prop::collection::vec(prop_oneof![1 => Just(""), 2 => select(ASKS.to_vec())], 7);
    let order = (0..2_usize, 0..2_usize, prop::option::of(0..2_usize));
    (a_plan(), asks, order).prop_map(|(plan, asks, order)| Asking { plan, asks, order })
}

/// Whether a statement for OPC UA, which has no units, asks for one.
fn asks_units(text: &str, protocol: &str) -> bool {
    let carries = |line: &str| line.contains("opcua") || line.contains("any");
    protocol == "opcua"
        && text
            .lines()
            .any(|line| carries(line) && line.contains("units:"))
}

/// How each statement of a plan begins.
const STATEMENT: &str = "      - {";
const VALUES: &str = "values: [0..9], ";
const ASKS: [&str; 7] = [
    VALUES,
    "when: early, ",
    "valid_until: 2026-03-31, ",
    "rate: 1/1d, ",
    "shadow: true, ",
    "encryption: required, ",
    "when: early, valid_from: 2026-01-01, ",
];
const SCHEDULES: &str = "schedules: {early: {days: mon-fri, hours: 06:00-14:00, time_zone: UTC}}";
const PERIOD: &str = "valid_from: 2026-03-01, valid_until: 2026-03-31";
const WORK: &str =
    "{protocol: modbus, verbs: [read, write], targets: [holding:0-9]}, {protocol: s7, verbs: mode}";

/// 07:00 UTC on a Monday in February: everything holds but the work order.
const BEFORE: Timestamp = Timestamp::from_nanos(1_770_015_600 * 1_000_000_000);
/// The same, four weeks later: it holds, too.
const DURING: Timestamp = Timestamp::from_nanos(1_772_434_800 * 1_000_000_000);

/// Both ends of every prefix and the addresses beside them.
fn edges() -> Vec<IpAddr> {
    let mut ips: Vec<u32> = Vec::new();
    for (_, first, length) in NETS {
        let first = u32::from_be_bytes(first);
        let last = first | u32::MAX >> length;
        ips.extend([first - 1, first, last, last + 1]);
    }
    let assets = IPS.iter().map(|ip| ip.parse().unwrap());
    ips.into_iter()
        .map(|ip| IpAddr::V4(ip.into()))
        .chain(assets)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_filter_admits_what_could_conform_and_nothing_else(
        asking in an_asking(),
        pairs in prop::collection::vec((select(edges()), select(edges())), 150),
    ) {
        let text = asking.text();
        let policy = load(&text).policy;
        let services = services();
        for (permits, now) in [(Permits::LeftOut, BEFORE), (Permits::Included, DURING)] {
            let ruleset = Ruleset::of(&policy, &services, permits);
            let mut oracle = Oracle::new(&policy, now);
            for (from, to) in &pairs {
                for (place, service) in services.iter().enumerate() {
                    let admits = ruleset.admits(*from, *to, service.transport, service.port);
                    let could = oracle.could_conform(*from, *to, place);
                    let name = service.vocabulary.name;
                    // nobody knows the unit of a message that has none: the judge does not say no, the filter may
                    let agree = admits == could || could && asks_units(&text, name);
                    prop_assert!(agree, "{} {} {} {:?} {} {}\n{}", from, to, name, permits, admits, could, text);
                }
                prop_assert!(!ruleset.admits(*from, *to, Transport::Tcp, 80));
                prop_assert!(!ruleset.admits(*from, *to, Transport::Udp, 502));
            }
        }
    }

    #[test]
    fn the_same_policy_makes_the_same_bytes(asking in an_asking()) {
        let text = |format| {
            let policy = load(&asking.text()).policy;
            let ruleset = Ruleset::of(&policy, &services(), Permits::Included);
            ruleset.text(format, Mode::Enforce)
        };
        for format in [Format::Nftables, Format::Iptables, Format::Cisco, Format::Csv] {
            prop_assert_eq!(text(format), text(format));
        }
    }
}
