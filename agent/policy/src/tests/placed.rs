//! Which zone, asset and role a host has.

use model::{Host, Mac};

use super::vocabulary::{host, load};
use crate::{Criticality, Level, Policy};

const POLICY: &str = r#"
version: 1
site: {name: s, owner: o, criticality: low}
zones:
  wide: {owner: o, members: {cidr: 10.0.0.0/8}}
  narrow: {owner: o, criticality: high, consequence: it stops, level: 1, members: {cidr: 10.1.0.0/16}}
  run: {owner: o, members: {range: 10.1.2.250-10.1.3.5}}
  one: {owner: o, members: {cidrs: [10.1.3.4/32, "fd00::/64"]}}
  cards: {owner: o, members: {macs: ["00:00:00:00:00:0a"]}}
  made: {owner: o, level: 3.5, security_level: 3, members: {ouis: ["00:1b:1b", 00-50-C2]}}
  tagged: {owner: o, members: {vlans: [110]}}
  listed: {owner: o, members: {assets: [guest]}}
  rest: {owner: o, members: {cidr: 0.0.0.0/0}}
assets:
  guest: {ip: 10.1.0.7, role: visitor, criticality: critical, consequence: it burns, location: =A1+H2-K3}
  plain: {ips: [10.1.0.8, 10.200.0.8]}
  card: {mac: "00:00:00:00:00:0b"}
  both: {ip: 10.1.0.9, mac: "00:00:00:00:00:0c"}
roles:
  visitor: {verbs: nothing}
"#;

fn check(host: &Host, zone: Option<&str>, asset: Option<&str>) {
    let policy = load(POLICY).policy;
    let party = policy.party(*host, policy.place(host));
    assert_eq!((party.zone, party.asset), (zone, asset), "{host}");
}

fn with_mac(mut host: Host, last: u8) -> Host {
    host.mac = Some(Mac([0, 0, 0, 0, 0, last]));
    host
}

#[test]
fn the_narrowest_member_wins() {
    check(&host("10.2.0.1"), Some("wide"), None);
    check(&host("10.1.0.1"), Some("narrow"), None);
    check(&host("10.1.2.249"), Some("narrow"), None);
    check(&host("10.1.2.250"), Some("run"), None);
    check(&host("10.1.3.4"), Some("one"), None);
    check(&host("10.1.3.5"), Some("run"), None);
    check(&host("10.1.3.6"), Some("narrow"), None);
    check(&host("9.255.255.255"), Some("rest"), None);
    check(&host("255.255.255.255"), Some("rest"), None);
    check(&host("fd00::1"), Some("one"), None);
    check(&host("fd01::1"), None, None);
    check(&host("::ffff:10.1.0.1"), Some("narrow"), None);
}

#[test]
fn an_asset_wins_over_its_address() {
    check(&host("10.1.0.7"), Some("listed"), Some("guest"));
    check(&host("10.1.0.8"), Some("narrow"), Some("plain"));
    check(&host("10.200.0.8"), Some("wide"), Some("plain"));
}

#[test]
fn a_hardware_address_wins_over_a_prefix_and_a_prefix_over_a_vlan() {
    check(&with_mac(host("10.1.0.1"), 0x0a), Some("cards"), None);
    let mut tagged = Host {
        vlan: Some(110),
        ..Host::default()
    };
    check(&tagged, Some("tagged"), None);
    tagged.ip = Some("10.1.0.1".parse().unwrap());
    check(&tagged, Some("narrow"), None);
    tagged.ip = Some("fd01::1".parse().unwrap());
    check(&tagged, Some("tagged"), None);
}

#[test]
fn who_made_a_network_card_counts_where_no_prefix_holds_the_address_and_before_the_vlan() {
    let made_by = |mut host: Host, maker: [u8; 3]| {
        let [a, b, c] = maker;
        host.mac = Some(Mac([a, b, c, 1, 2, 3]));
        host.vlan = Some(110);
        host
    };
    let siemens = [0, 0x1b, 0x1b];
    check(&made_by(host("10.1.0.1"), siemens), Some("narrow"), None);
    check(&made_by(host("fd01::1"), siemens), Some("made"), None);
    check(&made_by(Host::default(), siemens), Some("made"), None);
    check(
        &made_by(Host::default(), [0, 0x50, 0xc2]),
        Some("made"),
        None,
    );
    check(
        &made_by(Host::default(), [0, 0x1b, 0x1c]),
        Some("tagged"),
        None,
    );
}

#[test]
fn a_routers_hardware_address_makes_nobody_an_asset_that_has_its_own() {
    check(
        &with_mac(host("10.2.0.1"), 0x0b),
        Some("wide"),
        Some("card"),
    );
    check(&with_mac(host("10.2.0.1"), 0x0c), Some("wide"), None);
    check(&with_mac(Host::default(), 0x0c), None, Some("both"));
    check(&Host::default(), None, None);
}

#[test]
fn criticality_and_consequence_come_from_the_nearest() {
    let policy = load(POLICY).policy;
    let check = |ip: &str, criticality, consequence: Option<&str>| {
        let placed = policy.place(&host(ip));
        assert_eq!(policy.criticality(placed), criticality, "{ip}");
        assert_eq!(policy.consequence(placed), consequence, "{ip}");
    };
    check("10.1.0.7", Criticality::Critical, Some("it burns"));
    check("10.1.0.1", Criticality::High, Some("it stops"));
    check("10.2.0.1", Criticality::Low, None);
    let level = policy.level(policy.place(&host("10.1.0.1")));
    assert_eq!(level.map(Level::tenths), Some(10));
    assert_eq!(policy.security_level(policy.place(&host("10.1.0.1"))), None);
    let made = policy.place(&Host {
        mac: Some(Mac([0, 0x1b, 0x1b, 0, 0, 0])),
        ..Host::default()
    });
    assert_eq!(
        policy.level(made).map(|level| level.to_string()).as_deref(),
        Some("3.5")
    );
    assert_eq!(policy.security_level(made), Some(3));
    let location = |ip| policy.location(policy.place(&host(ip)));
    assert_eq!(location("10.1.0.7"), Some("=A1+H2-K3"));
    assert_eq!(location("10.1.0.8"), None);
}

#[test]
fn a_policy_is_shared_by_threads() {
    const fn check<T: Send + Sync + 'static>() {}
    check::<Policy>();
    check::<crate::Edge>();
    assert!(Criticality::Low < Criticality::Critical);
    assert_eq!(load(POLICY).policy.version().len(), 12);
}
