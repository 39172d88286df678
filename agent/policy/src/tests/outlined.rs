//! What a policy states, as data: everything is there, in its words, and means what judging means.

use super::vocabulary::load;
use crate::report::{Conduit, Outline};

const POLICY: &str = "
version: 1
site: {name: mill, owner: it, time_zone: Europe/Berlin}
zones:
  line: {owner: shift, level: 2, security_level: 3, members: {zones: [cell]}}
  cell: {level: 1, criticality: high, members: {cidr: 10.0.1.0/24}, within: [read]}
assets:
  hmi: {ip: 10.0.1.5, role: hmi}
  gateway: {ip: 10.0.1.9, role: plc}
  meter: {behind: gateway, unit: 3}
roles:
  hmi: {verbs: any}
  plc: {verbs: nothing}
conduits:
  looking:
    from: {asset: hmi}
    to: [{role: plc, zone: line}, {asset: meter}]
    both_directions: true
    severity: high
    allow:
      - {protocol: modbus, verbs: [read], rate: 10/1m}
      - {protocol: modbus, verbs: [write], targets: [holding:1-9], values: [\"1..5\"], shadow: true}
permits:
  WO-7:
    from: {asset: hmi}
    to: {asset: gateway}
    role: hmi
    valid_from: 2026-03-01
    valid_until: 2026-03-02
    allow: [{protocol: modbus, verbs: [write]}]
";

fn conduit(name: &str) -> Conduit {
    let outline = Outline::of(&load(POLICY));
    let found = outline.conduits.into_iter().find(|it| it.name == name);
    found.unwrap()
}

#[test]
fn ends_say_who_is_meant_and_where_those_are() {
    let Conduit { from, to, .. } = conduit("looking");
    assert_eq!(from.words, ["asset hmi"]);
    assert_eq!(from.zones, ["cell"]);
    assert_eq!(to.words, ["role plc in zone line", "asset meter"]);
    assert_eq!(to.zones, ["cell"]);
}

#[test]
fn statements_have_the_numbers_that_verdicts_name() {
    let loaded = load(POLICY);
    let outline = Outline::of(&loaded);
    let within = outline.zones.iter().filter_map(|zone| zone.within.as_ref());
    let of_conduits = outline.conduits.iter().flat_map(|it| &it.statements);
    let mut count = 0;
    for statement in within.chain(of_conduits) {
        let named = loaded.policy.statement(model::StatementId(statement.id));
        assert_eq!(
            (statement.file.as_str(), statement.line),
            (named.file, named.line)
        );
        count += 1;
    }
    assert_eq!(count, 4);
}

#[test]
fn what_is_asked_for_stands_in_the_words_of_the_policy() {
    let looking = conduit("looking");
    assert!(looking.both_directions);
    let [read, write] = looking.statements.as_slice() else {
        panic!("two statements");
    };
    assert_eq!(read.terms, [("rate", "at most 10/1m".to_owned())]);
    let terms = [
        ("targets", "holding:1-9".to_owned()),
        ("values", "1..5".to_owned()),
    ];
    assert_eq!(write.terms, terms);
    assert!(write.shadow && write.bounds_values && !read.shadow);
    let permit = conduit("WO-7");
    assert!(permit.permit && permit.role.as_deref() == Some("hmi"));
    let [of_permit] = permit.statements.as_slice() else {
        panic!("one statement");
    };
    assert!(of_permit.valid_until > of_permit.valid_from);
}

#[test]
fn zones_have_their_owners_their_assets_and_what_they_lie_in() {
    let outline = Outline::of(&load(POLICY));
    let [line, cell] = outline.zones.as_slice() else {
        panic!("two zones");
    };
    assert_eq!((line.owner.as_str(), cell.owner.as_str()), ("shift", "it"));
    assert_eq!(cell.inside, ["line"]);
    assert_eq!(cell.assets, ["hmi", "gateway", "meter"]);
    assert_eq!(line.security_level, Some(3));
    assert_eq!(line.members, ["zone cell"]);
    assert_eq!(outline.assets[2].addresses, ["unit 3 behind gateway"]);
}
