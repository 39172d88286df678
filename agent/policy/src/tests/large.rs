//! A large policy: how much of it is looked at between two hosts. How long it takes is measured in
//! `bench`.

use std::fmt::Write;

use super::vocabulary::{NO_TIME, WORDS, host, load};

/// 100 zones of 10 assets each, ten zones to a line, ten lines to an area, all in the plant; a
/// conduit to each asset, half of them both ways.
fn text() -> String {
    let mut text = "version: 1\nsite: {name: s, owner: o}\nzones:\n".to_owned();
    let list = |name: &str, first: usize, count: usize| {
        let names: Vec<_> = (first..first + count)
            .map(|id| format!("{name}{id}"))
            .collect();
        names.join(", ")
    };
    for zone in 0..ZONES {
        let net = format!("10.{}.{}.0/24", zone / 250, zone % 250);
        writeln!(
            text,
            "  cell-{zone}: {{owner: o, members: {{cidr: {net}}}}}"
        )
        .unwrap();
    }
    for line in 0..ZONES / 10 {
        let cells = list("cell-", line * 10, 10);
        writeln!(
            text,
            "  line-{line}: {{owner: o, members: {{zones: [{cells}]}}}}"
        )
        .unwrap();
    }
    for area in 0..ZONES / 100 {
        let lines = list("line-", area * 10, 10);
        writeln!(
            text,
            "  area-{area}: {{owner: o, members: {{zones: [{lines}]}}}}"
        )
        .unwrap();
    }
    let areas = list("area-", 0, ZONES / 100);
    writeln!(text, "  plant: {{owner: o, members: {{zones: [{areas}]}}}}").unwrap();
    writeln!(text, "assets:").unwrap();
    for asset in 0..ASSETS {
        let zone = asset / 10;
        let ip = format!("10.{}.{}.{}", zone / 250, zone % 250, asset % 10 + 1);
        let role = if asset % 10 == 0 { "hmi" } else { "plc" };
        writeln!(text, "  a{asset}: {{ip: {ip}, role: {role}}}").unwrap();
    }
    writeln!(
        text,
        "roles: {{hmi: {{verbs: any}}, plc: {{verbs: nothing}}}}"
    )
    .unwrap();
    writeln!(text, "conduits:").unwrap();
    for asset in 0..ASSETS {
        let from = match asset % 4 {
            0 => format!("{{asset: a{}}}", asset / 10 * 10),
            1 => format!("{{zone: line-{}}}", asset / 100),
            2 => format!("{{role: hmi, zone: area-{}}}", asset / 1_000),
            _ => "{zone: plant}".to_owned(),
        };
        let both = asset % 2 == 0;
        writeln!(
            text,
            "  c{asset}: {{from: {from}, to: {{asset: a{asset}}}, both_directions: {both}, allow: \
             {{protocol: modbus, verbs: read, units: [1-9], targets: [holding:0-99]}}}}"
        )
        .unwrap();
    }
    text
}

#[test]
fn a_large_policy_loads_and_finds_the_few_conduits_between_two_hosts() {
    let loaded = load(&text());
    assert_eq!(loaded.warnings, []);
    let policy = loaded.policy;
    let check = |client: &str, server: &str, conduits: usize| {
        let (client, server) = (policy.place(&host(client)), policy.place(&host(server)));
        let found = policy.edge(client, server, "modbus").0.grants.len();
        assert_eq!(found, conduits);
    };
    check("10.0.0.1", "10.0.0.5", 1); // both by name
    check("10.0.0.1", "10.0.99.10", 1); // from the whole plant
    check("10.0.0.1", "10.0.99.9", 1); // by role, from the area
    check("10.0.0.3", "10.0.99.9", 0);
    check("10.0.0.1", "10.0.99.8", 0); // from another line
    check("10.0.90.1", "10.0.99.8", 1);
    check("10.0.0.3", "10.0.0.1", 1); // the way back
    check("10.0.0.3", "10.0.0.5", 0);
}

#[test]
fn one_change_to_a_large_policy_is_found_among_all_hosts() {
    let old = text();
    let lines: Vec<String> = old
        .lines()
        .map(|line| match line.starts_with("  c501:") {
            true => line.replace("units: [1-9]", "units: [1-8]"),
            false => line.to_owned(),
        })
        .collect();
    let (old, new) = (load(&old).policy, load(&lines.join("\n")).policy);
    let found = new.difference(&old, &WORDS, NO_TIME);
    assert_eq!(found.gaps, [""; 0]);
    let shown: Vec<_> = found.classes.iter().map(ToString::to_string).collect();
    let [class] = &shown[..] else {
        panic!("{shown:#?}")
    };
    assert!(
        class.starts_with(
            "zone line-5 except role plc -> asset a501: modbus read unit 9 holding:0-99, was conforms to `c501`"
            ),
        "{class}"
    );
}

#[test]
fn a_large_policy_is_advised_on_and_keeps_its_invariants() {
    let invariants = "invariants:\n  - no path from any to verb write\n  - only zone plant has a path to any\n  - no path from zone cell-7 to zone cell-8\n";
    let policy = load(&format!("{}{invariants}", text())).policy;
    let kept = policy.invariants(&WORDS, NO_TIME);
    assert_eq!(kept.gaps, [""; 0]);
    let broken: Vec<_> = kept.broken.iter().map(|it| it.what.as_str()).collect();
    assert_eq!(
        broken,
        ["invariant broken: no path from zone cell-7 to zone cell-8"]
    );
    let advice = policy.advice(NO_TIME);
    let own = advice.iter().filter(|it| it.what.contains("to itself"));
    assert_eq!((own.count(), advice.len()), (ASSETS / 20, ASSETS / 20));
}

const ZONES: usize = 100;
const ASSETS: usize = 1_000;
