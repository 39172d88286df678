//! Random messages: between hosts that conduits lead from and to, about what statements list, at the edges of everything.

use jiff::civil::date;
use model::{Element, Function, Host, NodeKey, Stage, Target, Timestamp, Unit, Verb};

use super::super::asked::{Asked, Wrote};
use super::super::dice::Dice;
use super::super::number::Fixed;
use super::super::site::{Moment, Site, Statement, Terms};
use super::sites::{
    APPLICATIONS, CERTIFICATES, IDENTITIES, IPS, MACS, MODES, POLICIES, UNITS, USERS,
};
use crate::suppose::Put;
use crate::tests::vocabulary::{WORDS, cells, db, node};

/// What messages are drawn from.
pub(in super::super) struct Scene<'a> {
    pub(in super::super) site: &'a Site,
    hosts: Vec<Host>,
}

impl<'a> Scene<'a> {
    pub(in super::super) fn of(site: &'a Site, dice: &mut Dice) -> Self {
        let mut hosts: Vec<Host> = IPS
            .iter()
            .map(|ip| Host {
                ip: ip.parse().ok(),
                ..Host::default()
            })
            .collect();
        for mac in MACS {
            let ip = dice.maybe(50, &IPS).and_then(|ip| ip.parse().ok());
            hosts.push(Host {
                ip,
                mac: Some(mac),
                vlan: dice.maybe(30, &[7]),
            });
        }
        hosts.push(Host {
            vlan: Some(7),
            ..Host::default()
        });
        Self { site, hosts }
    }

    /// A message at a moment.
    pub(in super::super) fn message(&self, at: Timestamp, dice: &mut Dice) -> Asked {
        let site = self.site;
        let conduits: Vec<_> = site.conduits.iter().chain(&site.permits).collect();
        let conduit = *dice.pick(&conduits);
        let aim = dice.pick(&conduit.allow);
        let mut end = |ends| {
            let fitting: Vec<Host> = self
                .hosts
                .iter()
                .copied()
                .filter(|host| site.fits(site.place(host), ends))
                .collect();
            if dice.chance(8) || fitting.is_empty() {
                *dice.pick(&self.hosts)
            } else {
                *dice.pick(&fitting)
            }
        };
        let (mut client, mut server) = (end(&conduit.from), end(&conduit.to));
        if dice.chance(10) {
            std::mem::swap(&mut client, &mut server);
        }
        let (protocol, function) = self.function(aim, dice);
        let stage = *dice.pick(&[
            Stage::Request,
            Stage::Request,
            Stage::Request,
            Stage::Request,
            Stage::Response,
            Stage::Other,
        ]);
        let mut asked = Asked {
            client,
            server,
            protocol: if function.name == "connect_request" {
                "cotp"
            } else {
                protocol
            },
            function,
            unit: a_unit(protocol, aim, dice),
            targets: Vec::new(),
            written: Vec::new(),
            shown: Vec::new(),
            encrypted: function.name == "encrypted" || dice.chance(3),
            stage,
            answers: stage == Stage::Response && dice.chance(60),
            at,
        };
        for _ in 0..[0, 1, 1, 1, 1, 2][dice.below(6)] {
            let target = self.target(protocol, aim, dice);
            if !asked.targets.contains(&target) {
                asked.targets.push(target);
            }
        }
        if matches!(function.verb, Verb::Write | Verb::Call) && !dice.chance(8) {
            let of = |target: &Target<'static>, dice: &mut Dice| {
                (*target, self.wrote(target, aim, dice))
            };
            asked.written = asked
                .targets
                .iter()
                .map(|target| of(target, dice))
                .collect();
            if dice.chance(5) {
                asked.written.pop();
            }
        }
        if protocol == "opcua" {
            asked.shown = a_session(aim, dice);
        }
        asked
    }

    fn function(&self, aim: &Statement, dice: &mut Dice) -> (&'static str, Function) {
        let all = WORDS.iter().flat_map(|words| {
            words
                .functions
                .iter()
                .map(|function| (words.name, *function))
        });
        let speaks = |name: &str| aim.protocols.is_empty() || aim.protocols.contains(&name);
        let fits = |(name, function): &(&str, Function)| {
            speaks(name)
                && (aim.verbs.contains(&function.verb) || aim.functions.contains(&function.name))
        };
        let (mut fitting, others): (Vec<_>, Vec<_>) = all.partition(fits);
        if (!aim.values.is_empty() || !aim.tags.is_empty()) && dice.chance(60) {
            fitting.sort_by_key(|(_, function)| function.verb != Verb::Write);
            fitting.truncate(2);
        }
        if fitting.is_empty() || !others.is_empty() && dice.chance(12) {
            *dice.pick(&others)
        } else {
            *dice.pick(&fitting)
        }
    }

    /// What the statement lists, or near that.
    fn target(&self, protocol: &str, aim: &Statement, dice: &mut Dice) -> Target<'static> {
        let tags = aim.tags.iter().map(|id| &self.site.tags[*id]);
        let tags = tags.chain(self.site.tags.iter().filter(|_| dice.chance(20)));
        let tags: Vec<_> = tags
            .filter(|tag| tag.place.protocol == protocol)
            .map(|tag| tag.place.target)
            .collect();
        if let Some(Target::Cells {
            area,
            block,
            first,
            last,
        }) = dice.maybe(60, &tags)
        {
            let (before, behind) = (
                dice.below(8).saturating_sub(6),
                dice.below(8).saturating_sub(6),
            );
            let first = first - u64::try_from(before).unwrap();
            return Target::Cells {
                area,
                block,
                first,
                last: last + u64::try_from(behind).unwrap(),
            };
        }
        let edge = |dice: &mut Dice| {
            u64::try_from(*dice.pick(&[0, 3, 4, 5, 8, 9, 10, 12, 14, 15, 18, 19, 20, 30])).unwrap()
        };
        let more = |dice: &mut Dice| u64::try_from(dice.below(3)).unwrap();
        match (protocol, dice.below(10)) {
            ("modbus", 0..=6) => {
                let first = edge(dice);
                cells("holding", first, first + more(dice))
            }
            ("modbus", 7) => cells("input", 3, 4),
            ("modbus", _) => {
                let first = edge(dice);
                cells("coil", first, first + more(dice))
            }
            ("s7", 0..=5) => {
                let first = edge(dice);
                db(
                    1 + u32::try_from(dice.below(3)).unwrap(),
                    first,
                    first + more(dice),
                )
            }
            ("s7", 6) => cells("M", 2, 3 + more(dice)),
            ("s7", 7 | 8) => Target::Block {
                kind: dice.word(&["OB", "FC"]),
                number: 1,
            },
            ("s7", _) => Target::Named {
                kind: "pi",
                name: dice.word(&["P_PROGRAM", "X"]),
            },
            (_, 0) => Target::Node {
                namespace: 0,
                key: NodeKey::Numeric(2258),
            },
            (_, 1) => Target::Node {
                namespace: 2,
                key: NodeKey::Numeric(7),
            },
            _ => node(dice.word(&["Pump", "Pump.Speed", "Tank"])),
        }
    }

    /// A value at an edge of what the statement or a tag allows, or beside it.
    fn wrote(&self, target: &Target<'static>, aim: &Statement, dice: &mut Dice) -> Wrote {
        if dice.chance(4) {
            return dice.pick(&[Wrote::Other, Wrote::Unseen]).clone();
        }
        let number = self.number(aim, dice);
        let whole = i64::try_from(number.0 / super::super::number::ONE).unwrap();
        let double: f64 = number.to_string().parse().unwrap();
        Wrote::Put(match *target {
            Target::Cells {
                area: "coil",
                first,
                last,
                ..
            } => {
                let count = usize::try_from(last - first + 1).unwrap();
                Put::Bits(vec![u8::try_from(dice.below(256)).unwrap()], count)
            }
            Target::Cells {
                area: "holding" | "input",
                first,
                last,
                ..
            } => {
                if first == last && dice.chance(10) {
                    let masks = [0, 0, 0xff, 0xfff7];
                    return Wrote::Put(Put::Masked {
                        and: *dice.pick(&masks),
                        or: whole as u16,
                    });
                }
                Put::Words(self.bytes(
                    target,
                    usize::try_from(last - first + 1).unwrap() * 2,
                    number,
                    dice,
                ))
            }
            Target::Cells { first, last, .. } => {
                let many = usize::try_from(last - first + 1).unwrap();
                if many == 1 && dice.chance(40) {
                    return Wrote::Put(Put::Bit {
                        place: u8::try_from(dice.below(8)).unwrap(),
                        on: dice.chance(50),
                    });
                }
                let fitting: Vec<_> = [
                    Element::Byte,
                    Element::SInt,
                    Element::Word,
                    Element::Int,
                    Element::Real,
                    Element::DInt,
                ]
                .into_iter()
                .filter(|element| many % element.width() == 0)
                .collect();
                let element = *dice.pick(&fitting);
                Put::Bytes(self.bytes(target, many, number, dice), element)
            }
            _ => match dice.below(6) {
                0 => Put::Bool(dice.chance(50)),
                1 => Put::Int(whole),
                2 => Put::UInt(whole.unsigned_abs()),
                3 => Put::Number(f64::from(double as f32)),
                4 => Put::Text("7".to_owned()),
                _ => Put::Number(double),
            },
        })
    }

    fn number(&self, aim: &Statement, dice: &mut Dice) -> Fixed {
        let own = aim.values.iter().flat_map(|(low, high)| [*low, *high]);
        let tags = self.site.tags.iter().flat_map(|tag| [tag.low, tag.high]);
        let mut all: Vec<Fixed> = own.chain(tags).flatten().collect();
        all.extend(["0", "1", "7", "50"].map(Fixed::read));
        let mut number = *dice.pick(&all);
        let step = ["0", "0", "1", "-1", "0.5", "-0.1"][dice.below(6)];
        number.0 += Fixed::read(step).0;
        number
    }

    /// Bytes in which that number stands as the tags there would have it, or raw.
    fn bytes(
        &self,
        target: &Target<'static>,
        many: usize,
        number: Fixed,
        dice: &mut Dice,
    ) -> Vec<u8> {
        let Target::Cells { area, first, .. } = *target else {
            return vec![0; many];
        };
        let mut bytes: Vec<u8> = (0..many)
            .map(|_| {
                if dice.chance(70) {
                    0
                } else {
                    dice.below(256) as u8
                }
            })
            .collect();
        if let (Some(low), true) = (bytes.last_mut(), dice.chance(70)) {
            *low = (number.0 / super::super::number::ONE) as u8;
        }
        for tag in self.site.tags.iter().filter(|_| dice.chance(80)) {
            let Target::Cells {
                area: of,
                first: at,
                ..
            } = tag.place.target
            else {
                continue;
            };
            let raw = (number.0 - tag.offset.0) as f64 / tag.scale.0 as f64;
            let value = match tag.place.kind {
                "float32" => (raw as f32).to_be_bytes().to_vec(),
                "uint32" => (raw as u32).to_be_bytes().to_vec(),
                "int16" => (raw as i16).to_be_bytes().to_vec(),
                "uint16" => (raw as u16).to_be_bytes().to_vec(),
                "bcd16" => vec![
                    u8::from_str_radix(&format!("{:02}", (raw as u8) / 100), 16).unwrap(),
                    u8::from_str_radix(&format!("{:02}", (raw as u8) % 100), 16).unwrap(),
                ],
                _ => continue,
            };
            let value = in_order(tag.order, value);
            let width = if area == "DB" { 1 } else { 2 };
            if area == of && at >= first {
                let from = usize::try_from((at - first) * width).unwrap();
                if let Some(place) = bytes.get_mut(from..from + value.len()) {
                    place.copy_from_slice(&value);
                }
            }
        }
        bytes
    }
}

fn in_order(order: &str, mut bytes: Vec<u8>) -> Vec<u8> {
    match order {
        "CDAB" => bytes.chunks(2).rev().collect::<Vec<_>>().concat(),
        "BADC" => {
            bytes.chunks_mut(2).for_each(<[u8]>::reverse);
            bytes
        }
        "DCBA" => bytes.into_iter().rev().collect(),
        _ => bytes,
    }
}

fn a_unit(protocol: &str, aim: &Statement, dice: &mut Dice) -> Option<Unit> {
    let addressed: &[Unit] = match protocol {
        "modbus" => &[
            UNITS[0],
            UNITS[1],
            UNITS[2],
            Unit::Id(0),
            Unit::Id(7),
            Unit::Id(8),
        ],
        "s7" => &UNITS[3..],
        _ => return None,
    };
    let listed: Vec<_> = aim
        .units
        .iter()
        .map(|(first, _)| *first)
        .filter(|unit| addressed.contains(unit))
        .collect();
    if dice.chance(12) {
        None
    } else {
        Some(
            dice.maybe(60, &listed)
                .unwrap_or_else(|| *dice.pick(addressed)),
        )
    }
}

fn a_session(aim: &Statement, dice: &mut Dice) -> Vec<(&'static str, &'static str)> {
    let mut shown = Vec::new();
    let mut show = |field: &'static str, list: &[&'static str], all: &[&'static str]| {
        if !dice.chance(25) {
            let word = if list.is_empty() || dice.chance(15) {
                *dice.pick(all)
            } else {
                *dice.pick(list)
            };
            shown.push((field, word));
        }
    };
    show("security_mode", &aim.security_modes, &MODES);
    show("security_policy", &aim.security_policies, &POLICIES);
    show("identity", &aim.identities, &IDENTITIES);
    show("user", &aim.users, &USERS);
    show("certificate_thumbprint", &aim.certificates, &CERTIFICATES);
    show("application_uri", &aim.applications, &APPLICATIONS);
    shown
}

/// Moments at which something begins or ends, one right before and one right behind, in order.
pub(in super::super) fn edges(site: &Site) -> Vec<Timestamp> {
    let mut days = vec![
        date(2026, 3, 8),
        date(2026, 3, 29),
        date(2026, 3, 30),
        date(2026, 10, 25),
        date(2026, 12, 25),
    ];
    let mut all = Vec::new();
    let statements = site
        .conduits
        .iter()
        .chain(&site.permits)
        .flat_map(|conduit| &conduit.allow);
    let terms = site
        .conduits
        .iter()
        .chain(&site.permits)
        .map(|conduit| &conduit.terms);
    for Terms { from, until, .. } in terms.chain(statements.map(|statement| &statement.terms)) {
        for moment in [from, until].into_iter().flatten() {
            match moment {
                Moment::Day(day) => days.extend([*day, day.tomorrow().unwrap()]),
                Moment::At(at) => all.push(site.instant(*at)),
            }
        }
    }
    for schedule in &site.schedules {
        days.extend(&schedule.holidays);
        let zone = schedule.time_zone.unwrap_or(site.time_zone);
        for day in &days {
            for minute in schedule.hours.iter().flat_map(|(from, to)| [*from, *to]) {
                let (hour, minute) = (
                    i8::try_from(minute / 60 % 24).unwrap(),
                    i8::try_from(minute % 60).unwrap(),
                );
                let at = day
                    .at(hour, minute, 0, 0)
                    .in_tz(zone)
                    .unwrap()
                    .timestamp()
                    .as_nanosecond();
                all.push(Timestamp::from_nanos(at.try_into().unwrap()));
            }
        }
    }
    all.extend(days.iter().map(|day| site.instant(day.at(0, 0, 0, 0))));
    let around = all
        .iter()
        .flat_map(|at| [-1, 0].map(|nanos| Timestamp::from_nanos(at.as_nanos() + nanos)));
    let mut all: Vec<_> = around.collect();
    all.sort_unstable();
    all.dedup();
    all
}
