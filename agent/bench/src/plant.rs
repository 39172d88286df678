//! A policy as large as they get, as text.

use std::fmt::Write as _;

/// The text of a policy with `zones` zones of ten assets each, ten zones to a line, ten lines to an
/// area, all in the plant; a conduit to each asset, half of them both ways.
pub fn large_policy(zones: usize) -> String {
    let mut text = "version: 1\nsite: {name: s, owner: o}\n".to_owned();
    write_zones(&mut text, zones);
    text.push_str("assets:\n");
    for asset in 0..zones * 10 {
        let ip = large_policy_address(asset);
        let role = if asset % 10 == 0 { "hmi" } else { "plc" };
        let _ = writeln!(text, "  a{asset}: {{ip: {ip}, role: {role}}}");
    }
    text.push_str("roles: {hmi: {verbs: any}, plc: {verbs: nothing}}\nconduits:\n");
    for asset in 0..zones * 10 {
        let from = client(asset);
        let both = asset % 2 == 0;
        let _ = writeln!(
            text,
            "  c{asset}: {{from: {from}, to: {{asset: a{asset}}}, both_directions: {both}, allow: \
             {{protocol: modbus, verbs: read, units: [1-9], targets: [holding:0-99]}}}}"
        );
    }
    text
}

/// The address of one of its assets.
pub fn large_policy_address(asset: usize) -> String {
    let zone = asset / 10;
    format!("10.{}.{}.{}", zone / 250, zone % 250, asset % 10 + 1)
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
fn client(asset: usize) -> String {
    match asset % 4 {
        0 => format!("{{asset: a{}}}", asset / 10 * 10),
        1 => format!("{{zone: line-{}}}", asset / 100),
        2 => format!("{{role: hmi, zone: area-{}}}", asset / 1_000),
        _ => "{zone: plant}".to_owned(),
    }
}
