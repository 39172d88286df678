//! Random sites.

use jiff::civil::{Date, date};
use model::{Mac, Target, Unit, Verb};

use super::super::dice::Dice;
use super::super::number::Fixed;
use super::super::site::{
    Asset, Conduit, End, Moment, Place, Role, Schedule, Site, Statement, Tag, Terms, Zone,
};
use crate::tests::vocabulary::{WORDS, cells, db, node};

pub(super) const NETS: [&str; 5] = [
    "10.0.0.0/8",
    "10.0.0.0/16",
    "10.0.1.0/24",
    "10.0.2.0/24",
    "10.0.2.0/30",
];
const RANGES: [&str; 2] = ["10.0.3.1-10.0.3.9", "10.0.1.1-10.0.1.2"];
pub(super) const IPS: [&str; 7] = [
    "10.0.1.1",
    "10.0.1.2",
    "10.0.2.1",
    "10.0.2.9",
    "10.0.3.1",
    "10.9.9.9",
    "192.0.2.1",
];
pub(super) const MACS: [Mac; 3] = [
    Mac([0, 0x1b, 0x1b, 0, 0, 1]),
    Mac([0, 0x1b, 0x1b, 0, 0, 2]),
    Mac([2, 0, 0, 0, 0, 3]),
];
pub(super) const UNITS: [Unit; 5] = [
    Unit::Id(1),
    Unit::Id(2),
    Unit::Id(3),
    Unit::Slot { rack: 0, slot: 2 },
    Unit::Slot { rack: 1, slot: 3 },
];
pub(super) const PROTOCOLS: [&str; 3] = ["modbus", "s7", "opcua"];
const VERBS: [Verb; 9] = [
    Verb::Connect,
    Verb::Read,
    Verb::Write,
    Verb::Diagnose,
    Verb::Mode,
    Verb::Call,
    Verb::Browse,
    Verb::Delete,
    Verb::Other,
];
const ZONES: [&str; 4] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
];
pub(super) const MODES: [&str; 3] = ["none", "sign", "sign_and_encrypt"];
pub(super) const POLICIES: [&str; 3] = ["None", "Basic256Sha256", "Aes256_Sha256_RsaPss"];
pub(super) const IDENTITIES: [&str; 4] = ["anonymous", "username", "certificate", "issued"];
pub(super) const USERS: [&str; 3] = ["anna", "ben", "eve"];
pub(super) const CERTIFICATES: [&str; 2] = [
    "0123456789abcdef0123456789abcdef01234567",
    "ffffffffffffffffffffffffffffffffffffffff",
];
pub(super) const APPLICATIONS: [&str; 2] = ["urn:hmi", "urn:eng"];

/// Texts of targets, with the protocol that has them.
pub(super) const TARGETS: [(&str, &str); 18] = [
    ("holding:0-9", "modbus"),
    ("holding:10-19", "modbus"),
    ("holding:15-30", "modbus"),
    ("holding:12", "modbus"),
    ("coil:3", "modbus"),
    ("coil:*", "modbus"),
    ("DB1:0-9", "s7"),
    ("DB1:5-20", "s7"),
    ("DB2:*", "s7"),
    ("DB:*", "s7"),
    ("M:0-3", "s7"),
    ("block:OB1", "s7"),
    ("block:OB*", "s7"),
    ("pi:P_*", "s7"),
    ("ns=2;s=Pump", "opcua"),
    ("ns=2;s=Pump.*", "opcua"),
    ("ns=2;*", "opcua"),
    ("i=2258", "opcua"),
];

/// Where tags can be, and what they are there.
pub(super) const PLACES: [Place; 10] = [
    place(
        "modbus",
        "holding:10-11",
        cells("holding", 10, 11),
        None,
        "float32",
    ),
    place(
        "modbus",
        "holding:12",
        cells("holding", 12, 12),
        None,
        "int16",
    ),
    place(
        "modbus",
        "holding:14-15",
        cells("holding", 14, 15),
        None,
        "uint32",
    ),
    place(
        "modbus",
        "holding:18",
        cells("holding", 18, 18),
        None,
        "bcd16",
    ),
    place(
        "modbus",
        "holding:20.3",
        cells("holding", 20, 20),
        Some(3),
        "bool",
    ),
    place("modbus", "coil:5", cells("coil", 5, 5), Some(0), "bool"),
    place("s7", "DB1:4-7", db(1, 4, 7), None, "float32"),
    place("s7", "DB1:8.2", db(1, 8, 8), Some(2), "bool"),
    place("s7", "DB1:10-11", db(1, 10, 11), None, "uint16"),
    place("opcua", "ns=2;s=Pump.Speed", node("Pump.Speed"), None, ""),
];

const fn place(
    protocol: &'static str,
    text: &'static str,
    target: Target<'static>,
    bit: Option<u8>,
    kind: &'static str,
) -> Place {
    Place {
        protocol,
        text,
        target,
        bit,
        kind,
    }
}

/// A site that loads.
pub(in super::super) fn a_site(dice: &mut Dice) -> Site {
    let mut site = Site {
        time_zone: dice.word(&ZONES),
        zones: Vec::new(),
        assets: Vec::new(),
        roles: (0..2 + dice.below(2)).map(|_| a_role(dice)).collect(),
        schedules: (0..1 + dice.below(2)).map(|_| a_schedule(dice)).collect(),
        tags: Vec::new(),
        conduits: Vec::new(),
        permits: Vec::new(),
    };
    some_assets(&mut site, dice);
    some_zones(&mut site, dice);
    if dice.chance(70) {
        for place in dice.some(1, 5, &PLACES) {
            let tag = a_tag(&site, place, dice);
            site.tags.push(tag);
        }
    }
    for _ in 0..1 + dice.below(4) {
        let conduit = a_conduit(&site, dice, false);
        site.conduits.push(conduit);
    }
    for _ in 0..dice.below(3) {
        let permit = a_conduit(&site, dice, true);
        site.permits.push(permit);
    }
    site
}

fn a_role(dice: &mut Dice) -> Role {
    let verbs = |dice: &mut Dice| match dice.below(5) {
        0 => Verb::ALL.to_vec(),
        1 => Vec::new(),
        _ => dice.some(3, 9, &VERBS),
    };
    let own = verbs(dice);
    let protocols = dice
        .some(0, 1, &PROTOCOLS)
        .into_iter()
        .map(|name| (name, verbs(dice)))
        .collect();
    Role {
        line: 0,
        verbs: own,
        protocols,
        shadow: dice.chance(15),
    }
}

fn a_schedule(dice: &mut Dice) -> Schedule {
    let windows = [
        (360, 840),
        (1320, 360),
        (60, 150),
        (150, 180),
        (0, 1440),
        (845, 900),
    ];
    let days = [
        date(2026, 3, 29),
        date(2026, 10, 25),
        date(2026, 3, 8),
        date(2026, 12, 25),
    ];
    Schedule {
        days: if dice.chance(50) {
            dice.some(1, 6, &[0, 1, 2, 3, 4, 5, 6])
        } else {
            Vec::new()
        },
        hours: dice.some(1, 2, &windows),
        time_zone: dice.maybe(40, &ZONES),
        holidays: dice.some(0, 2, &days),
    }
}

fn some_assets(site: &mut Site, dice: &mut Dice) {
    let role = |dice: &mut Dice, roles: usize| dice.chance(60).then(|| dice.below(roles));
    let roles = site.roles.len();
    let mut macs = MACS.to_vec();
    for ip in dice.some(2, 5, &IPS) {
        let macs = if dice.chance(25) {
            macs.pop().into_iter().collect()
        } else {
            Vec::new()
        };
        let role = role(dice, roles);
        site.assets.push(Asset {
            ips: vec![ip],
            macs,
            behind: None,
            role,
        });
    }
    if let Some(mac) = macs.pop().filter(|_| dice.chance(25)) {
        let role = role(dice, roles);
        site.assets.push(Asset {
            ips: Vec::new(),
            macs: vec![mac],
            behind: None,
            role,
        });
    }
    let seats: Vec<_> = (0..2)
        .flat_map(|gateway| UNITS.map(|unit| (gateway, unit)))
        .collect();
    for seat in dice.some(0, 3, &seats) {
        let role = role(dice, roles);
        site.assets.push(Asset {
            ips: Vec::new(),
            macs: Vec::new(),
            behind: Some(seat),
            role,
        });
    }
}

fn some_zones(site: &mut Site, dice: &mut Dice) {
    let nets = dice.some(2, 5, &NETS);
    let many = nets.len();
    for (id, net) in nets.into_iter().enumerate() {
        let within = if dice.chance(35) {
            dice.some(1, 4, &VERBS)
        } else {
            Vec::new()
        };
        let later: Vec<usize> = (id + 1..many).collect();
        site.zones.push(Zone {
            cidrs: vec![net],
            zones: if dice.chance(40) {
                dice.some(0, 2, &later)
            } else {
                Vec::new()
            },
            within,
            shadow: dice.chance(10),
            ..Zone::default()
        });
    }
    let mut to_one = |add: &mut dyn FnMut(&mut Zone)| {
        if dice.chance(35) {
            add(&mut site.zones[dice.below(many)]);
        }
    };
    to_one(&mut |zone| zone.ranges.push(RANGES[0]));
    to_one(&mut |zone| zone.ranges.push(RANGES[1]));
    to_one(&mut |zone| zone.macs.push(MACS[1]));
    to_one(&mut |zone| zone.ouis.push([0, 0x1b, 0x1b]));
    to_one(&mut |zone| zone.vlans.push(7));
    for asset in 0..site.assets.len() {
        if dice.chance(20) {
            site.zones[dice.below(many)].assets.push(asset);
        }
    }
}

fn a_tag(site: &Site, place: Place, dice: &mut Dice) -> Tag {
    // what can be no number below 0 has limits and a scale above that
    let signed = matches!(place.kind, "int16" | "float32" | "");
    let some = if signed { 6 } else { 5 };
    let numbers = ["5", "20", "380", "100.5", "0.5", "-3"].map(Fixed::read);
    let numbers = &numbers[..some];
    let (one, two) = (*dice.pick(numbers), *dice.pick(numbers));
    let limited = place.bit.is_none() && dice.chance(60);
    Tag {
        asset: dice.below(site.assets.len()),
        place,
        order: dice.word(&["ABCD", "CDAB", "BADC", "DCBA"]),
        scale: Fixed::read(match (place.bit, signed) {
            (Some(_), _) => "1",
            (None, true) => dice.word(&["1", "1", "0.1", "2", "-0.5"]),
            (None, false) => dice.word(&["1", "1", "0.1", "2"]),
        }),
        offset: Fixed::read(if place.bit.is_none() {
            dice.word(&["0", "0", "-10", "0.5"])
        } else {
            "0"
        }),
        low: Some(one.min(two)).filter(|_| limited && dice.chance(80)),
        high: Some(one.max(two)).filter(|_| limited && dice.chance(80)),
    }
}

fn a_conduit(site: &Site, dice: &mut Dice, permit: bool) -> Conduit {
    let mut terms = some_terms(site, dice, 12);
    if permit {
        let (from, until) = a_period(dice);
        (terms.from, terms.until) = (Some(from), Some(until));
    }
    Conduit {
        from: some_ends(site, dice),
        to: some_ends(site, dice),
        both_directions: !permit && dice.chance(20),
        role: (permit && dice.chance(60)).then(|| dice.below(site.roles.len())),
        terms,
        allow: (0..1 + dice.below(3))
            .map(|_| a_statement(site, dice))
            .collect(),
    }
}

fn some_ends(site: &Site, dice: &mut Dice) -> Vec<End> {
    let all = |many: usize| (0..many).collect::<Vec<_>>();
    let (zones, assets, roles) = (
        all(site.zones.len()),
        all(site.assets.len()),
        all(site.roles.len()),
    );
    let mut end = || match dice.below(8) {
        0..=2 => End::Hosts {
            roles: Vec::new(),
            zones: dice.some(1, 2, &zones),
        },
        3..=5 => End::Assets(dice.some(1, 2, &assets)),
        6 => End::Hosts {
            roles: dice.some(1, 2, &roles),
            zones: Vec::new(),
        },
        _ => End::Hosts {
            roles: dice.some(1, 1, &roles),
            zones: dice.some(1, 1, &zones),
        },
    };
    let one = end();
    let two = end();
    if one != two && dice.chance(30) {
        vec![one, two]
    } else {
        vec![one]
    }
}

fn a_period(dice: &mut Dice) -> (Moment, Moment) {
    let day =
        |dice: &mut Dice, month| date(2026, month, i8::try_from(dice.between(1, 28)).unwrap());
    let mut moment = |month| {
        let day: Date = day(dice, month);
        if dice.chance(50) {
            Moment::Day(day)
        } else {
            Moment::At(day.at(6 + i8::try_from(dice.below(9)).unwrap(), 30, 0, 0))
        }
    };
    (moment(3), moment(10))
}

fn some_terms(site: &Site, dice: &mut Dice, percent: usize) -> Terms {
    let schedules: Vec<usize> = (0..site.schedules.len()).collect();
    let (from, until) = a_period(dice);
    Terms {
        when: dice.maybe(percent, &schedules),
        from: dice.maybe(percent / 2, &[from]),
        until: dice.maybe(percent / 2, &[until]),
        shadow: dice.maybe(percent, &[true, true, false]),
    }
}

/// A statement of a conduit or a permit.
pub(super) fn a_statement(site: &Site, dice: &mut Dice) -> Statement {
    let protocols = match dice.below(10) {
        0 => Vec::new(),
        1..=6 => dice.some(1, 1, &PROTOCOLS),
        _ => dice.some(2, 2, &PROTOCOLS),
    };
    let speaks = |name: &str| protocols.is_empty() || protocols.contains(&name);
    let mut statement = Statement {
        verbs: if dice.chance(12) {
            Verb::ALL.to_vec()
        } else {
            dice.some(1, 4, &VERBS)
        },
        terms: some_terms(site, dice, 15),
        rate: dice.maybe(12, &[(1, 10), (2, 60), (3, 60)]),
        ..Statement::default()
    };
    if dice.chance(15) {
        let all = WORDS
            .iter()
            .filter(|words| speaks(words.name))
            .flat_map(|words| words.functions);
        let implied = dice.chance(50);
        let fitting: Vec<_> = all
            .filter(|function| implied || statement.verbs.contains(&function.verb))
            .map(|function| function.name)
            .collect();
        statement.functions = dice.some(1, 3, &fitting);
        if implied && !statement.functions.is_empty() {
            statement.verbs = Vec::new();
        }
    }
    if dice.chance(20) && speaks("modbus") {
        statement.units =
            vec![*dice.pick(&[(Unit::Id(1), Unit::Id(1)), (Unit::Id(2), Unit::Id(7))])];
    }
    if dice.chance(15) && speaks("s7") {
        statement.units.push((UNITS[3], UNITS[3]));
    }
    if dice.chance(50) {
        let fitting: Vec<_> = TARGETS
            .iter()
            .filter(|(_, of)| speaks(of))
            .map(|(text, _)| *text)
            .collect();
        statement.targets = dice.some(1, 3, &fitting);
    }
    if dice.chance(25) {
        let tags = site
            .tags
            .iter()
            .enumerate()
            .filter(|(_, tag)| speaks(tag.place.protocol));
        statement.tags = dice.some(1, 2, &tags.map(|(id, _)| id).collect::<Vec<_>>());
    }
    if dice.chance(30) {
        statement.values = some_values(dice);
    }
    if speaks("opcua") && dice.chance(30) {
        some_session(&mut statement, dice);
    }
    statement.encryption = dice.chance(8);
    statement.protocols = protocols;
    statement
}

fn some_values(dice: &mut Dice) -> Vec<(Option<Fixed>, Option<Fixed>)> {
    let of = |low: &str, high: &str| {
        let end = |text: &str| (!text.is_empty()).then(|| Fixed::read(text));
        (end(low), end(high))
    };
    let all = [
        of("0", "9"),
        of("5", "60"),
        of("", "380"),
        of("20", ""),
        of("1000", "1000"),
        of("-3", "0.5"),
        of("0", "1"),
    ];
    dice.some(1, 2, &all)
}

fn some_session(statement: &mut Statement, dice: &mut Dice) {
    let mut list = |all: &[&'static str]| {
        if dice.chance(30) {
            dice.some(1, 2, all)
        } else {
            Vec::new()
        }
    };
    statement.security_modes = list(&MODES);
    statement.security_policies = list(&POLICIES);
    statement.identities = list(&IDENTITIES);
    statement.users = list(&USERS);
    statement.certificates = list(&CERTIFICATES);
    statement.applications = list(&APPLICATIONS);
}
