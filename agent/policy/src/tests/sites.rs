//! The policies of realistic size that are shipped: each loads without a warning, is as large as it says, and judges what its
//! comments promise. Their own cases, which every protocol's real words judge, are in the `cases.yaml` beside them.

use model::{Element, Target, Timestamp, Unit, Verdict, Written};

use super::vocabulary::{Message, WORDS, cells, db, host, repository};
use crate::{Policy, Standing};

/// 2 December 2026, a Wednesday, at ten in the morning, UTC.
const WORKING: Timestamp = Timestamp::from_nanos(1_796_205_600_000_000_000);
/// The same day at ten in the evening.
const EVENING: Timestamp = Timestamp::from_nanos(1_796_248_800_000_000_000);
/// Saturday of that week at noon.
const SATURDAY: Timestamp = Timestamp::from_nanos(1_796_472_000_000_000_000);

fn load(site: &str) -> Policy {
    let path = repository("policies").join(site);
    let loaded = Policy::load(&path, &WORDS).unwrap_or_else(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{site}: {}", lines.join("\n"))
    });
    assert_eq!(loaded.warnings, [], "{site}");
    loaded.policy
}

/// A client, a server, what is asked, when, and the verdict's word or the reason of a violation.
type Case = (&'static str, &'static str, Message, Timestamp, &'static str);

fn check(site: &str, cases: Vec<Case>) {
    let policy = load(site);
    for (client, server, message, at, expected) in cases {
        let [from, to] = [client, server].map(|ip| policy.place(&host(ip)));
        let edge = policy.edge(from, to, message.protocol);
        let operation = message.operation();
        let said = match policy.judge(&edge, &mut Standing::default(), &operation, at) {
            Verdict::Violates { because, .. } => because.name(),
            other => other.name(),
        };
        assert_eq!(said, expected, "{site}: {client} to {server}: {message:?}");
    }
}

#[test]
fn each_site_is_as_large_as_it_says() {
    let check = |site: &str, zones, assets, statements, tags| {
        let policy = load(site);
        let sizes = (
            policy.zones.len(),
            policy.assets.len(),
            policy.grants.len(),
            policy.tags.iter().count(),
        );
        assert_eq!(sizes, (zones, assets, statements, tags), "{site}");
    };
    check("plant", 5, 7, 13, 3);
    check("packaging-line", 12, 222, 48, 86);
    check("water-utility", 20, 53, 21, 24);
    check("water-utility/wtp-north", 8, 103, 12, 26);
    check("water-utility/wtp-south", 8, 99, 11, 26);
    check("water-utility/ps-01", 5, 23, 13, 5);
    check("water-utility/ps-03", 5, 24, 14, 5);
    check("water-utility/ps-12", 5, 21, 13, 3);
}

#[test]
fn every_pumping_station_is_a_site_of_its_own() {
    for number in 1..=12 {
        let policy = load(&format!("water-utility/ps-{number:02}"));
        assert_eq!(policy.site(), format!("arrow-valley-ps-{number:02}"));
        let gateway = host(&format!("10.60.{number}.10"));
        let placed = policy.party(gateway, policy.place(&gateway));
        assert!(placed.asset.is_some(), "{number}");
    }
}

#[test]
fn a_pumping_station_takes_setpoints_within_its_limits() {
    let (scada, gateway) = ("10.60.250.11", "10.60.1.10");
    let (eng, controller) = ("10.60.250.131", "10.60.1.20");
    let of = |name, unit| ask(name).for_unit(Some(Unit::Id(unit)));
    let pressure = |bytes| {
        of("write_multiple_registers", 1).put(cells("holding", 100, 101), Written::Words(bytes))
    };
    let drive = |bytes| {
        let speed = of("write_single_register", 12);
        speed.put(cells("holding", 1, 1), Written::Words(bytes))
    };
    let cpu = |name| ask(name).for_unit(Some(Unit::Slot { rack: 0, slot: 2 }));
    check(
        "water-utility/ps-01",
        vec![
            (
                scada,
                gateway,
                of("read_holding_registers", 21),
                WORKING,
                "conforms",
            ),
            (
                scada,
                gateway,
                of("read_holding_registers", 11),
                WORKING,
                "no_conduit",
            ),
            // 6.5 and 7.0 bar, words swapped
            (
                scada,
                gateway,
                pressure(&[0, 0, 0x40, 0xd0]),
                WORKING,
                "conforms",
            ),
            (
                scada,
                gateway,
                pressure(&[0, 0, 0x40, 0xe0]),
                WORKING,
                "value",
            ),
            (
                scada,
                gateway,
                of("write_single_coil", 1).on(cells("coil", 6, 6)),
                WORKING,
                "conforms",
            ),
            (
                scada,
                gateway,
                of("write_single_coil", 1).on(cells("coil", 7, 7)),
                WORKING,
                "target",
            ),
            (controller, gateway, drive(&[1, 0xf4]), WORKING, "conforms"),
            (controller, gateway, drive(&[1, 0xf5]), WORKING, "value"),
            (eng, controller, cpu("start_upload"), WORKING, "conforms"),
            (eng, controller, cpu("start_upload"), EVENING, "time"),
            (eng, controller, cpu("request_download"), WORKING, "role"),
            (
                eng,
                gateway,
                of("read_holding_registers", 11),
                WORKING,
                "shadow",
            ),
            (
                "10.60.1.99",
                gateway,
                of("read_coils", 1),
                WORKING,
                "no_conduit",
            ),
            (
                "10.60.251.10",
                controller,
                cpu("read_var"),
                WORKING,
                "no_conduit",
            ),
        ],
    );
}

#[test]
fn a_site_differs_from_its_template_where_it_says_so() {
    let scada = "10.60.250.12";
    // 4.5 bar, words swapped
    let pressure = || {
        let write = ask("write_multiple_registers").for_unit(Some(Unit::Id(1)));
        write.put(
            cells("holding", 100, 101),
            Written::Words(&[0, 0, 0x40, 0x90]),
        )
    };
    let pump_3 = || ask("read_holding_registers").for_unit(Some(Unit::Id(13)));
    check(
        "water-utility/ps-02",
        vec![(scada, "10.60.2.10", pressure(), WORKING, "conforms")],
    );
    check(
        "water-utility/ps-07",
        vec![(scada, "10.60.7.10", pressure(), WORKING, "value")],
    );
    check(
        "water-utility/ps-02",
        vec![("10.60.2.20", "10.60.2.10", pump_3(), WORKING, "conforms")],
    );
    check(
        "water-utility/ps-12",
        vec![(
            "10.60.12.20",
            "10.60.12.10",
            pump_3(),
            WORKING,
            "no_conduit",
        )],
    );
}

#[test]
fn a_treatment_works_doses_within_its_limits_and_only_reads_outwards() {
    let (server, console, scada) = ("10.61.10.11", "10.61.10.21", "10.60.250.11");
    let rack = "10.61.13.10";
    let cpu = |name| ask(name).for_unit(Some(Unit::Slot { rack: 0, slot: 3 }));
    let chlorine = |bytes| cpu("write_var").put(db(20, 256, 259), real(bytes));
    let look = |mode| ask("read").showing("security_mode", mode);
    let signed_in = || look("sign_and_encrypt").showing("identity", "username");
    let uv = || ask("read_holding_registers");
    check(
        "water-utility/wtp-north",
        vec![
            // 0.5 and 1.0 mg/l
            (
                server,
                rack,
                chlorine(&[0x3f, 0, 0, 0]),
                WORKING,
                "conforms",
            ),
            (
                server,
                rack,
                chlorine(&[0x3f, 0x80, 0, 0]),
                WORKING,
                "value",
            ),
            (
                server,
                rack,
                cpu("read_var").on(db(20, 0, 511)),
                WORKING,
                "conforms",
            ),
            (server, rack, cpu("plc_stop"), WORKING, "role"),
            (
                server,
                rack,
                cpu("write_var").put(db(20, 300, 303), real(&[0; 4])),
                WORKING,
                "target",
            ),
            (console, server, signed_in(), WORKING, "conforms"),
            (
                console,
                server,
                look("sign").showing("identity", "username"),
                WORKING,
                "security",
            ),
            (
                console,
                server,
                look("sign_and_encrypt").showing("identity", "anonymous"),
                WORKING,
                "identity",
            ),
            (console, rack, cpu("read_var"), WORKING, "no_conduit"),
            (
                scada,
                server,
                ask("write").on(node(2, "Setpoints.QIC-301")),
                WORKING,
                "verb",
            ),
            (scada, rack, cpu("read_var"), WORKING, "no_conduit"),
            ("10.60.251.10", "10.61.13.31", uv(), WORKING, "role"),
            (server, "10.61.13.31", uv(), WORKING, "conforms"),
        ],
    );
}

#[test]
fn a_control_centre_steers_the_stations_and_looks_at_the_works() {
    let (scada, console, aggregation) = ("10.60.250.11", "10.60.250.41", "10.60.250.20");
    let (eng, replica) = ("10.60.250.130", "10.60.251.20");
    let of = |name, unit| ask(name).for_unit(Some(Unit::Id(unit)));
    let dosing = |bytes| {
        let write = of("write_single_register", 41);
        write.put(cells("holding", 10, 10), Written::Words(bytes))
    };
    let mut named = ask("write").put(node(2, "Setpoints.PS07.PIC-01"), Written::Int(5));
    named.session = vec![
        ("identity", "username"),
        ("security_mode", "sign_and_encrypt"),
    ];
    let copy = || ask("start_upload");
    check(
        "water-utility",
        vec![
            (
                scada,
                "10.60.4.10",
                of("read_holding_registers", 21),
                WORKING,
                "conforms",
            ),
            (
                scada,
                "10.60.4.10",
                of("read_holding_registers", 11),
                WORKING,
                "unit",
            ),
            (
                scada,
                "10.60.4.10",
                of("write_single_coil", 1).on(cells("coil", 6, 6)),
                EVENING,
                "conforms",
            ),
            (scada, "10.60.11.10", dosing(&[0, 50]), WORKING, "conforms"),
            (scada, "10.60.11.10", dosing(&[0, 51]), WORKING, "value"),
            (console, scada, named, WORKING, "value"),
            (
                console,
                "10.60.4.10",
                of("read_holding_registers", 1),
                WORKING,
                "no_conduit",
            ),
            (eng, "10.61.14.10", copy(), WORKING, "conforms"),
            (eng, "10.61.14.10", copy(), EVENING, "time"),
            (eng, "10.61.14.10", ask("request_download"), WORKING, "role"),
            ("10.60.250.140", "10.60.12.20", copy(), EVENING, "conforms"),
            (replica, scada, ask("read"), WORKING, "no_conduit"),
            (
                replica,
                aggregation,
                ask("read").showing("security_mode", "sign"),
                WORKING,
                "security",
            ),
            (
                "10.60.5.20",
                "10.60.6.10",
                of("read_coils", 11),
                WORKING,
                "no_conduit",
            ),
            (
                "10.20.1.1",
                "10.60.1.10",
                of("read_coils", 1),
                WORKING,
                "no_conduit",
            ),
            (
                "192.0.2.1",
                "10.60.1.10",
                of("read_coils", 1),
                WORKING,
                "unzoned",
            ),
        ],
    );
}

#[test]
fn a_packaging_hall_keeps_orders_machines_and_the_robot_cell_apart() {
    let (mes, line) = ("10.120.30.11", "10.121.1.10");
    let (panel, blow, filler) = ("10.121.1.31", "10.121.1.11", "10.121.2.12");
    let eng = "10.120.30.43";
    let order = |mode, user| {
        let write = ask("write").put(node(3, "\"MES\".\"Order\".\"Number\""), Written::Int(4711));
        write
            .showing("security_mode", mode)
            .showing("user", user)
            .showing("application_uri", "urn:mes-cluster.hall4:mes:client")
    };
    let oven = |bytes| ask("write_var").put(db(100, 200, 203), real(bytes));
    check(
        "packaging-line",
        vec![
            (
                mes,
                line,
                order("sign_and_encrypt", "mes"),
                WORKING,
                "conforms",
            ),
            (mes, line, order("sign", "mes"), WORKING, "encryption"),
            (
                mes,
                line,
                order("sign_and_encrypt", "admin"),
                WORKING,
                "identity",
            ),
            (
                mes,
                "10.121.8.41",
                ask("write").on(node(2, "Override")),
                WORKING,
                "verb",
            ),
            // 112 and 116 degC
            (panel, blow, oven(&[0x42, 0xe0, 0, 0]), WORKING, "conforms"),
            (panel, blow, oven(&[0x42, 0xe8, 0, 0]), WORKING, "value"),
            (
                panel,
                blow,
                ask("read_var").on(db(8001, 0, 3)),
                WORKING,
                "target",
            ),
            (
                panel,
                filler,
                ask("read_var").on(db(100, 0, 3)),
                WORKING,
                "no_conduit",
            ),
            (
                line,
                "10.121.8.10",
                ask("read_var").on(db(112, 0, 95)),
                WORKING,
                "conforms",
            ),
            (
                blow,
                line,
                ask("read_var").on(db(110, 0, 3)),
                WORKING,
                "no_conduit",
            ),
            (eng, filler, ask("start_upload"), WORKING, "conforms"),
            (eng, filler, ask("start_upload"), EVENING, "time"),
            (eng, filler, ask("plc_stop"), WORKING, "role"),
            (eng, filler, ask("plc_stop"), SATURDAY, "conforms"),
            (
                "10.120.35.10",
                "10.121.8.41",
                ask("read"),
                WORKING,
                "shadow",
            ),
            ("10.120.40.9", line, ask("read"), WORKING, "no_conduit"),
        ],
    );
}

fn ask(name: &str) -> Message {
    Message::new(name)
}

/// Four bytes that the writer calls a number.
fn real(bytes: &'static [u8]) -> Written<'static> {
    Written::Bytes {
        bytes,
        element: Element::Byte,
    }
}

fn node(namespace: u16, name: &'static str) -> Target<'static> {
    Target::Node {
        namespace,
        key: model::NodeKey::Text(name),
    }
}
