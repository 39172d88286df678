//! A policy as large as they get, as text, with every kind of condition that a statement can have.

use std::fmt::Write as _;

/// The text of a policy with `zones` zones of ten assets each, ten zones to a line, ten lines to an
/// area, all in the plant. Of the ten conduits to the assets of a zone each has a condition of its own:
/// targets, values, tags with limits, sessions, schedules, rates, periods, shadow; beside them stands
/// a work order for each zone. One zone makes a policy of ten conduits with the same conditions.
pub fn large_policy(zones: usize) -> String {
    let mut text = HEAD.to_owned();
    write_zones(&mut text, zones);
    text.push_str("assets:\n");
    for asset in 0..zones * 10 {
        let ip = large_policy_address(asset);
        let role = if asset % 10 < 2 { "hmi" } else { "plc" };
        let _ = writeln!(text, "  a{asset}: {{ip: {ip}, role: {role}}}");
    }
    text.push_str("tags:\n");
    for asset in (TAGGED..zones * 10).step_by(10) {
        let _ = writeln!(text, "  T{asset}: {{asset: a{asset}, {TAG}}}");
    }
    text.push_str("conduits:\n");
    for asset in 0..zones * 10 {
        let (from, both) = (clients(asset), asset % 2 == 0);
        let allowed = ALLOWED.get(asset % 10).copied().unwrap_or_default();
        let allowed = allowed.replace("TAG", &format!("T{asset}"));
        let _ = writeln!(
            text,
            "  c{asset}: {{from: {from}, to: {{asset: a{asset}}}, both_directions: {both}, allow: {{{allowed}}}}}"
        );
    }
    text.push_str("permits:\n");
    for asset in (PERMITTED..zones * 10).step_by(10) {
        let client = large_policy_client(asset);
        let _ = writeln!(
            text,
            "  WO-{asset}: {{from: {{asset: a{client}}}, to: {{asset: a{asset}}}, {PERMIT}}}"
        );
    }
    text
}

/// The address of one of its assets.
pub fn large_policy_address(asset: usize) -> String {
    let zone = asset / 10;
    format!("10.{}.{}.{}", zone / 250, zone % 250, asset % 10 + 1)
}

/// The asset that asks another one, whoever else may.
pub(crate) const fn large_policy_client(asset: usize) -> usize {
    let first = asset / 10 * 10;
    if asset == first { first + 1 } else { first }
}

fn write_zones(text: &mut String, zones: usize) {
    text.push_str("zones:\n");
    for zone in 0..zones {
        let net = format!("10.{}.{}.0/24", zone / 250, zone % 250);
        let _ = writeln!(
            text,
            "  cell-{zone}: {{owner: o, members: {{cidr: {net}}}}}"
        );
    }
    let mut inner = ("cell", zones);
    for outer in ["line", "area"] {
        let count = inner.1.div_ceil(10);
        for place in 0..count {
            let range = place * 10..(place * 10 + 10).min(inner.1);
            write_outer(text, &format!("{outer}-{place}"), inner.0, range);
        }
        inner = (outer, count);
    }
    write_outer(text, "plant", inner.0, 0..inner.1);
}

fn write_outer(text: &mut String, name: &str, of: &str, range: std::ops::Range<usize>) {
    let inner: Vec<_> = range.map(|place| format!("{of}-{place}")).collect();
    let inner = inner.join(", ");
    let _ = writeln!(
        text,
        "  {name}: {{owner: o, members: {{zones: [{inner}]}}}}"
    );
}

/// Who may ask an asset.
fn clients(asset: usize) -> String {
    match asset % 4 {
        0 => format!("{{asset: a{}}}", large_policy_client(asset)),
        1 => format!("{{zone: line-{}}}", asset / 100),
        2 => format!("{{role: hmi, zone: area-{}}}", asset / 1_000),
        _ => "{zone: plant}".to_owned(),
    }
}

const HEAD: &str = "version: 1
site: {name: s, owner: o}
schedules:
  day-shift: {days: mon-fri, hours: 06:00-22:00, time_zone: Europe/Berlin, holidays: closed}
holidays: {closed: [2026-12-25, 2026-12-26]}
roles: {hmi: {verbs: any}, plc: {verbs: nothing}, fitter: {verbs: [connect, read, write]}}
";

/// What is allowed to the assets of a zone, one after the other.
const ALLOWED: [&str; 10] = [
    "protocol: modbus, verbs: read, units: [1-9], targets: [holding:0-99]",
    "protocol: modbus, verbs: write, targets: [holding:100-119], values: [0..900, 1000]",
    "protocol: modbus, verbs: write, tags: [TAG]",
    "protocol: opcua, verbs: [browse, read], encryption: required, identities: [certificate]",
    "protocol: opcua, verbs: write, users: [operator], security_modes: [sign, sign_and_encrypt], \
     targets: ['ns=2;s=Pump.*'], values: 0..100",
    "protocol: s7, verbs: [read, write], targets: [DB1:0-31], when: day-shift",
    "protocol: modbus, verbs: read, rate: 1000000/1s",
    "protocol: s7, verbs: upload, valid_from: 2026-01-01, valid_until: 2027-03-31",
    "protocol: modbus, verbs: write, targets: [holding:0-9], shadow: true",
    "protocol: modbus, functions: [read_holding_registers], units: [1]",
];

/// Which asset of a zone has the tag, and what it is.
const TAGGED: usize = 2;
const TAG: &str =
    "target: holding:200-201, type: float32, order: CDAB, unit: degC, low: 20, high: 380";

/// Which asset of a zone there is a work order for, and what it allows.
const PERMITTED: usize = 9;
const PERMIT: &str = "role: fitter, valid_from: 2026-06-01, valid_until: 2026-06-30, owner: o, \
                      allow: {protocol: modbus, verbs: [read, write], targets: [holding:5]}";
