//! Drafts keep their promise: they load without warnings, allow what was seen but for dangerous verbs, say why, and nothing
//! that strangers name breaks out of a text or a comment.

use model::{Event, Host, NodeKey, Party, Stamp, Target, Timestamp, Unit, Verdict, Written};
use proptest::prelude::*;

use super::vocabulary::{Message, WORDS, cells, db, host, judge_hosts, node};
use crate::draft::{Bounds, Draft, Exactness, Fact, Options, Station, Traffic, draft};
use crate::{Loaded, Policy, Text};

const HMI: &str = "10.0.10.5";
const HISTORIAN: &str = "10.0.30.20";
const PLC: &str = "10.0.10.21";
const PLC_2: &str = "10.0.10.22";
const TANK: &str = "10.0.20.41";

type Seen = (Host, Host, Message);

fn seen(client: &str, server: &str, message: Message) -> Seen {
    (host(client), host(server), message)
}

/// A message an hour.
fn traffic(all: &[Seen], bounds: Bounds) -> Traffic {
    let mut traffic = Traffic::new(WORDS.to_vec(), vec!["unknown"], bounds);
    for ((client, server, message), hour) in all.iter().zip(0..) {
        let party = |host: &Host| Party {
            host: *host,
            asset: None,
            zone: None,
            role: None,
            location: None,
        };
        let time = Timestamp::from_nanos(hour * 3_600_000_000_000);
        traffic.see(&Event {
            stamp: Stamp::new(1, time, 0),
            client: party(client),
            server: party(server),
            server_port: 502,
            operation: &message.operation(),
        });
        if let (Some(of), Some(unit)) = (Station::of(server), message.unit) {
            traffic.answered(of, unit);
        }
    }
    traffic
}

fn options(exactness: Exactness) -> Options {
    Options {
        site: "north".to_owned(),
        owner: Some("controls".to_owned()),
        exactness,
        source: "a capture".to_owned(),
        untold: Vec::new(),
    }
}

fn drafted(all: &[Seen]) -> Draft {
    draft(
        &traffic(all, Bounds::default()),
        &options(Exactness::Exact),
        None,
    )
}

fn drafted_within(all: &[Seen], bounds: Bounds) -> Draft {
    draft(&traffic(all, bounds), &options(Exactness::Exact), None)
}

fn loaded(files: &[Text]) -> Loaded {
    let loaded = Policy::read(files, &WORDS).unwrap_or_else(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{}\n{}", lines.join("\n"), whole(files));
    });
    assert_eq!(loaded.warnings, [], "{}", whole(files));
    loaded
}

fn whole(files: &[Text]) -> String {
    files
        .iter()
        .map(|file| format!("--- {}\n{}", file.name, file.text))
        .collect()
}

fn file<'d>(draft: &'d Draft, name: &str) -> &'d str {
    &draft
        .files
        .iter()
        .find(|file| file.name == name)
        .unwrap()
        .text
}

/// The draft of some messages allows all of them but those with dangerous verbs, which violate.
fn keeps_its_promise(all: &[Seen]) -> Draft {
    for exactness in [Exactness::Area, Exactness::Range, Exactness::Exact] {
        let draft = draft(&traffic(all, Bounds::default()), &options(exactness), None);
        let policy = loaded(&draft.files).policy;
        for (client, server, message) in all {
            let verdict = judge_hosts(&policy, [*client, *server], message);
            let expected = if message.function.verb.is_dangerous() {
                "violates"
            } else {
                "conforms"
            };
            assert_eq!(
                verdict.name(),
                expected,
                "{message:?}\n{}",
                whole(&draft.files)
            );
        }
    }
    drafted(all)
}

fn plant() -> Vec<Seen> {
    let unit = |message: Message, id| message.for_unit(Some(Unit::Id(id)));
    let read =
        |first, last| Message::new("read_holding_registers").on(cells("holding", first, last));
    let write = |value: &'static [u8]| {
        let target = cells("holding", 100, 100);
        Message::new("write_single_register").put(target, Written::Words(value))
    };
    vec![
        seen(HMI, PLC, read(40, 41)),
        seen(HMI, PLC, read(44, 47)),
        seen(HMI, PLC, read(42, 42)),
        seen(HMI, PLC_2, read(0, 9)),
        seen(HISTORIAN, PLC, read(0, 9)),
        seen(HISTORIAN, PLC_2, read(0, 9)),
        seen(HMI, PLC, write(&[0, 20])),
        seen(HMI, PLC, write(&[3, 232])),
        seen(HMI, TANK, Message::new("create_session")),
        seen(HMI, TANK, Message::new("read").on(node("Pump.Speed"))),
        seen(HMI, TANK, Message::new("read").on(node("Pump.Level"))),
        seen("10.0.10.9", PLC, unit(Message::new("diagnostics"), 1)),
        seen(HMI, "10.0.10.40", unit(read(0, 3), 3)),
        seen(HMI, "10.0.10.40", unit(read(0, 3), 4)),
        seen(HMI, "10.0.10.40", unit(read(8, 9), 255)),
        seen("10.0.10.6", "10.0.50.7", Message::new("connect_request")),
        seen(
            "10.0.10.6",
            "10.0.50.7",
            Message::new("read_var").on(db(10, 0, 19)),
        ),
        seen("10.0.10.6", "10.0.50.7", Message::new("plc_stop")),
    ]
}

#[test]
fn a_draft_allows_what_was_seen_but_for_dangerous_verbs() {
    let draft = keeps_its_promise(&plant());
    let conduits = file(&draft, "conduits.yaml");
    for said in [
        "targets: [holding:40-42, holding:44-47]",
        "# seen: holding:40-42, 44-47",
        "# range: holding:40-47",
        "# area: holding:*",
        "# values seen: 20..1000",
        "#         values: [20..1000]",
        "# to approve: the owner of zone `cell-10.0.10.0/24` (controls)",
        "targets: [\"ns=2;s=Pump.Level\", \"ns=2;s=Pump.Speed\"]",
        "# range: ns=2;s=Pump.*",
        "# seen once, 1970-01-01T08:00:00Z, in 1 of 18 observed hours (6 %)",
        "to: {role: unit}",
        "units: [255]",
    ] {
        assert!(conduits.contains(said), "{said}\n{conduits}");
    }
    let roles = file(&draft, "roles.yaml");
    for role in [
        "historian",
        "operator-station",
        "controller",
        "gateway",
        "unit",
        "engineering",
        "data-server",
        "inspector",
    ] {
        assert!(roles.contains(&format!("\n  {role}:\n")), "{role}\n{roles}");
    }
    assert_eq!((draft.counts.proposals, draft.counts.proposed), (2, 3));
    assert_eq!((draft.counts.unstated, draft.counts.dropped), (0, 0));
}

#[test]
fn equal_behaviour_makes_one_conduit() {
    let read = || Message::new("read_coils").on(cells("coil", 0, 7));
    let clients = ["10.0.1.1", "10.0.1.2"];
    let servers = ["10.0.2.1", "10.0.2.2", "10.0.2.3"];
    let pairs = clients
        .iter()
        .flat_map(|client| servers.iter().map(move |server| (client, server)));
    let all: Vec<Seen> = pairs
        .map(|(client, server)| seen(client, server, read()))
        .collect();
    let draft = keeps_its_promise(&all);
    assert_eq!(draft.counts.conduits, 1);
    let conduits = file(&draft, "conduits.yaml");
    assert!(
        conduits.contains("from: {role: historian}\n    to: {role: controller}"),
        "{conduits}"
    );
    assert!(conduits.contains("seen 6 times"), "{conduits}");
}

#[test]
fn a_proposal_that_is_taken_over_is_policy() {
    let all = plant();
    let draft = drafted(&all);
    let taken = |text: &str| -> String {
        let (granted, proposals) = text.split_once("#\n").unwrap();
        let lines = proposals.lines().filter_map(|line| line.strip_prefix("# "));
        lines.fold(granted.to_owned(), |text, line| format!("{text}{line}\n"))
    };
    let unlimited = |text: &str| -> String {
        let lines = text.lines().filter(|line| !line.starts_with("      "));
        let lines = lines.map(|line| match line.trim() {
            "protocols:" | "verbs: nothing" => "    verbs: any",
            _ => line,
        });
        lines.fold(String::new(), |text, line| format!("{text}{line}\n"))
    };
    let files: Vec<Text> = draft
        .files
        .iter()
        .map(|file| Text {
            name: file.name.clone(),
            text: match file.name.as_str() {
                "conduits.yaml" => taken(&file.text),
                "roles.yaml" => unlimited(&file.text),
                _ => file.text.clone(),
            },
        })
        .collect();
    let policy = loaded(&files).policy;
    for (client, server, message) in &all {
        let verdict = judge_hosts(&policy, [*client, *server], message);
        assert!(
            matches!(verdict, Verdict::Conforms { .. }),
            "{message:?} {verdict:?}"
        );
    }
}

#[test]
fn what_strangers_name_stays_inside_its_text() {
    let hostile = "a\n# b\n  evil: {from: any}\r\n\"'\\ \u{2028}\u{202e}\u{7f}#: - x\ty";
    let name = |name: &'static str| Target::Node {
        namespace: 2,
        key: NodeKey::Text(name),
    };
    let names = [
        "x\ninjected: yes",
        "'\"\\",
        "# no",
        "- a: b",
        "${owner}",
        "ends ",
        " ",
        "\t",
        "tab\there",
        "*",
        "null",
        "päon",
        hostile,
    ];
    let all: Vec<Seen> = names
        .into_iter()
        .flat_map(|text| {
            let read = Message::new("read").on(name(text));
            [
                seen(HMI, TANK, read),
                seen(
                    HMI,
                    TANK,
                    Message::new("write").put(name(text), Written::Text(text)),
                ),
            ]
        })
        .collect();
    let mut traffic = traffic(&all, Bounds::default());
    let of = Station::of(&host(TANK)).unwrap();
    traffic.identify(&Fact {
        of,
        unit: None,
        kind: "product",
        value: hostile,
    });
    let draft = draft(
        &traffic,
        &Options {
            site: "a: {b\n# c".to_owned(),
            owner: Some("\"; #\nroles: any".to_owned()),
            source: hostile.to_owned(),
            ..Options::default()
        },
        None,
    );
    let policy = loaded(&draft.files).policy;
    for (client, server, message) in &all {
        let conforms = matches!(
            judge_hosts(&policy, [*client, *server], message),
            Verdict::Conforms { .. }
        );
        assert_eq!(
            conforms,
            !message.function.verb.is_dangerous(),
            "{message:?}\n{}",
            whole(&draft.files)
        );
    }
    for text in draft.files.iter().flat_map(|file| file.text.lines()) {
        assert!(!text.trim_start().starts_with("evil"), "{text}");
        assert!(!text.trim_start().starts_with("injected"), "{text}");
        assert!(
            !text
                .chars()
                .any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{202e}')),
            "{text:?}"
        );
    }
}

#[test]
fn what_no_statement_can_name_is_said_and_not_allowed() {
    let beyond = Message::new("read_coils").on(cells("coil", 65_530, 65_540));
    let nameless = Message::new("unknown");
    let draft = drafted(&[seen(HMI, PLC, beyond.clone()), seen(HMI, PLC, nameless)]);
    let policy = loaded(&draft.files).policy;
    assert!(matches!(
        judge_hosts(&policy, [host(HMI), host(PLC)], &beyond),
        Verdict::Violates { .. }
    ));
    assert_eq!(draft.counts.unstated, 2);
    let conduits = file(&draft, "conduits.yaml");
    assert!(
        conduits.contains("nobody knows what it means"),
        "{conduits}"
    );
    assert!(
        conduits.contains("no statement can name what it touches"),
        "{conduits}"
    );
}

#[test]
fn long_lists_become_ranges_and_bounds_are_said() {
    let read =
        |first: u64| Message::new("read_holding_registers").on(cells("holding", first, first));
    let all: Vec<Seen> = (0..40)
        .map(|place| seen(HMI, PLC, read(place * 2)))
        .collect();
    let draft = keeps_its_promise(&all);
    let conduits = file(&draft, "conduits.yaml");
    assert!(conduits.contains("targets: [holding:0-78]"), "{conduits}");
    assert!(conduits.contains("and 28 more"), "{conduits}");
    assert!(
        conduits.contains("wider than seen: an area would have more than 32 items"),
        "{conduits}"
    );

    let few = Bounds {
        hosts: 2,
        ..Bounds::default()
    };
    let mut more = all;
    more.push(seen(HISTORIAN, PLC, read(0)));
    let draft = drafted_within(&more, few);
    assert_eq!(draft.counts.dropped, 1);
    let site = file(&draft, "site.yaml");
    assert!(
        site.contains("A limit was reached: 1 operations were not remembered"),
        "{site}"
    );
}

#[test]
fn hidden_conversations_are_not_judged_and_not_allowed_more() {
    let draft = drafted(&[seen(HMI, TANK, Message::new("encrypted"))]);
    let policy = loaded(&draft.files).policy;
    let judged = |name| judge_hosts(&policy, [host(HMI), host(TANK)], &Message::new(name)).name();
    assert_eq!(judged("encrypted"), "unknown");
    assert_eq!(judged("create_session"), "conforms");
    assert_eq!(judged("read"), "violates");
}

#[test]
fn a_known_policy_lends_its_names_roles_and_zones() {
    let known = super::vocabulary::load(
        "version: 1
site: {name: works, owner: security}
zones:
  filters: {level: 1, owner: filter-team, criticality: high, members: {cidrs: [10.0.10.0/24], ranges: [10.0.50.1-10.0.50.9]}}
  lab: {level: 2, owner: lab, members: {cidr: 10.0.10.128/25, vlan: 7}}
assets:
  hmi: {ip: 10.0.10.5, role: station}
  bus: {ip: 10.0.10.40}
  meter: {behind: bus, unit: 3, role: meter}
roles:
  station: {verbs: any}
  meter: {verbs: nothing}
",
    );
    let all = plant();
    let draft = draft(
        &traffic(&all, Bounds::default()),
        &options(Exactness::Exact),
        Some(&known.policy),
    );
    let policy = loaded(&draft.files).policy;
    let party = |ip: &str| {
        let host = host(ip);
        let party = policy.party(host, policy.place(&host));
        (
            party.asset.unwrap_or_default().to_owned(),
            party.zone.unwrap_or_default().to_owned(),
            party.role.unwrap_or_default().to_owned(),
        )
    };
    let of = |texts: [&str; 3]| {
        (
            texts[0].to_owned(),
            texts[1].to_owned(),
            texts[2].to_owned(),
        )
    };
    assert_eq!(party(HMI), of(["hmi", "filters", "station"]));
    assert_eq!(
        party(PLC),
        of(["controller-10.0.10.21", "filters", "controller"])
    );
    assert_eq!(
        party("10.0.50.7"),
        of(["controller-10.0.50.7", "filters", "controller"])
    );
    assert_eq!(party("10.0.10.200").1, "");
    assert_eq!(
        party(HISTORIAN),
        of(["historian-10.0.30.20", "site-10.0.30.0/24", "historian"])
    );
    assert!(file(&draft, "zones.yaml").contains("owner: filter-team"));
    assert!(file(&draft, "conduits.yaml").contains("to: {asset: meter}"));
}

#[test]
fn one_prefix_with_two_vlans_makes_two_zones() {
    let on = |ip: &str, vlan| Host {
        vlan: Some(vlan),
        ..host(ip)
    };
    let read = || Message::new("read_coils").on(cells("coil", 0, 7));
    let all = [
        (on("10.0.1.1", 10), on("10.0.1.2", 10), read()),
        (on("10.0.1.200", 20), on("10.0.1.201", 20), read()),
    ];
    let draft = keeps_its_promise(&all);
    let zones = file(&draft, "zones.yaml");
    assert!(zones.contains("cidrs: [10.0.1.0/28]"), "{zones}");
    assert!(zones.contains("cidrs: [10.0.1.192/28]"), "{zones}");
    assert!(zones.contains("# seen in VLAN 20"), "{zones}");
}

#[test]
fn a_host_without_an_address_of_the_network_is_known_by_its_card() {
    let card = |last| Host {
        ip: None,
        mac: Some(model::Mac([2, 0, 0, 0, 0, last])),
        vlan: Some(9),
    };
    let routed = |ip: &str| Host {
        mac: Some(model::Mac([2, 0, 0, 0, 0, 7])),
        ..host(ip)
    };
    let read = || Message::new("read_coils").on(cells("coil", 0, 7));
    let all = [
        (card(1), card(2), read()),
        (routed("10.0.1.1"), routed("10.0.1.2"), read()),
    ];
    let draft = keeps_its_promise(&all);
    let assets = file(&draft, "assets.yaml");
    assert!(assets.contains("mac: \"02:00:00:00:00:01\""), "{assets}");
    assert!(
        assets.contains("# seen with 02:00:00:00:00:07, as 1 other host: perhaps a router's"),
        "{assets}"
    );
}

fn any_target() -> impl Strategy<Value = Target<'static>> {
    let cells = (0..5_usize, 0..70_000_u64, 0..40_u64);
    let cells = cells.prop_map(|(area, first, more)| {
        let area = ["coil", "holding", "M", "nowhere", "input"][area];
        Target::Cells {
            area,
            block: None,
            first,
            last: first + more,
        }
    });
    let blocks = (0..3_u32, 0..9_u64).prop_map(|(block, first)| db(block, first, first + 3));
    let text = prop_oneof![any::<String>(), "[ -~]{0,6}", "Pump\\.[a-z]{1,3}\\*?"];
    let nodes = (0..3_u16, text).prop_map(|(namespace, text)| Target::Node {
        namespace,
        key: NodeKey::Text(Box::leak(text.into_boxed_str())),
    });
    let numbers = any::<u32>().prop_map(|id| Target::Node {
        namespace: 1,
        key: NodeKey::Numeric(id),
    });
    let named = any::<String>().prop_map(|name| Target::Named {
        kind: "pi",
        name: Box::leak(name.into_boxed_str()),
    });
    prop_oneof![cells, blocks, nodes, numbers, named]
}

fn any_seen() -> impl Strategy<Value = Seen> {
    let names = [
        "read_holding_registers",
        "write_single_register",
        "diagnostics",
        "read_var",
        "plc_stop",
        "start_upload",
        "connect_request",
        "browse",
        "read",
        "create_subscription",
        "call",
    ];
    let ends = (0..4_u8, 0..4_u8);
    let targets = prop::collection::vec(any_target(), 0..4);
    (ends, 0..names.len(), prop::option::of(0..4_u8), targets).prop_map(
        move |((client, server), name, unit, targets)| {
            let mut message = Message::new(names[name]);
            if message.protocol == "modbus" {
                message.unit = unit.map(Unit::Id).or(message.unit);
            }
            message.targets = targets;
            (
                host(&format!("10.0.{client}.1")),
                host(&format!("10.0.{server}.2")),
                message,
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_traffic_makes_a_policy_that_allows_it(all in prop::collection::vec(any_seen(), 0..40)) {
        let draft = drafted(&all);
        let policy = loaded(&draft.files).policy;
        let mut refused = 0;
        for (client, server, message) in &all {
            let verdict = judge_hosts(&policy, [*client, *server], message);
            let dangerous = message.function.verb.is_dangerous();
            prop_assert!(!dangerous || !matches!(verdict, Verdict::Conforms { .. }), "{message:?}");
            refused += u64::from(!dangerous && !matches!(verdict, Verdict::Conforms { .. }));
        }
        prop_assert!(refused <= draft.counts.unstated, "{}", whole(&draft.files));
        prop_assert_eq!(&draft.files, &drafted(&all).files);
    }
}
