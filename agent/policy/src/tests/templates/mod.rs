//! Templates: what many sites have in common, and what each of them changes.

mod wrong;

use std::path::Path;

use model::Verdict;

use super::vocabulary::{Message, WORDS, cells, host};
use crate::{Loaded, Policy, Sources, Text};

const TEMPLATE: &str = r"version: 1
parameters:
  site: two digits, as on the door
  net: {description: the first two bytes of its addresses}
  owner: {default: controls}
site: {name: 'water-${site}', owner: ot-security}
zones:
  cell:
    level: 1
    owner: ${owner}
    members:
      cidr: ${net}.10.0/24
  office:
    owner: it
    members: {cidrs: ['${net}.40.0/24']}
roles:
  hmi: {verbs: any}
";

const TEMPLATE_ASSETS: &str = r"
assets:
  hmi-${site}:
    ip: ${net}.10.5
    role: hmi
  plc-${site}:
    ip: ${net}.10.21
    criticality: high
conduits:
  hmi to plc:
    from: {asset: 'hmi-${site}'}
    to: {asset: 'plc-${site}'}
    severity: low
    allow:
      - protocol: modbus
        verbs: [read]
      - protocol: modbus
        verbs: [write]
        targets: [holding:0-9]
";

fn texts(files: &[(&str, &str)]) -> Vec<Text> {
    let text = |(name, text): &(&str, &str)| Text {
        name: (*name).to_owned(),
        text: (*text).to_owned(),
    };
    files.iter().map(text).collect()
}

/// Loads the file `site.yaml` of a folder `07` beside the template.
fn load(site: &str) -> Result<Loaded, String> {
    let files = [
        ("sites/07/site.yaml", site),
        ("sites/_water/base.yaml", TEMPLATE),
        ("sites/_water/more.yaml", TEMPLATE_ASSETS),
    ];
    load_from(&files, "sites/07")
}

fn load_from(files: &[(&str, &str)], path: &str) -> Result<Loaded, String> {
    let loaded = Policy::load_texts(&texts(files), Path::new(path), &WORDS);
    loaded.map_err(|problems| {
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })
}

fn judge(policy: &Policy, client: &str, server: &str, message: Message) -> &'static str {
    let (client, server) = (policy.place(&host(client)), policy.place(&host(server)));
    let edge = policy.edge(client, server, message.protocol);
    match policy.judge(
        &edge,
        &mut crate::Standing::default(),
        &message.operation(),
        super::vocabulary::NO_TIME,
    ) {
        Verdict::Violates { because, .. } => because.name(),
        other => other.name(),
    }
}

/// What a policy means, without the places where it is written.
fn meaning(policy: &Policy) -> String {
    let Policy {
        site,
        zones,
        assets,
        roles,
        conduits,
        grants,
        ..
    } = policy;
    let whole =
        format!("{site:?}\n{zones:#?}\n{assets:#?}\n{roles:#?}\n{conduits:#?}\n{grants:#?}");
    let mut places = whole.split("Spot {");
    let mut meaning = places.next().unwrap().to_owned();
    for rest in places {
        meaning += rest.split_once('}').unwrap().1;
    }
    meaning
}

const SITE_07: &str = "extends: ../_water\nvariables: {site: \"07\", net: 10.7}\n";

#[test]
fn fifty_sites_of_one_template_differ_only_where_they_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("_water/base.yaml", TEMPLATE);
    write("_water/more.yaml", TEMPLATE_ASSETS);
    for number in 1..=50 {
        let mut site =
            format!("extends: ../_water\nvariables: {{site: \"{number:02}\", net: 10.{number}}}\n");
        let mut plain = [TEMPLATE, TEMPLATE_ASSETS].map(|text| {
            text.replace("${site}", &format!("{number:02}"))
                .replace("${net}", &format!("10.{number}"))
                .replace("${owner}", "controls")
        });
        let (_, rest) = plain[0].split_once("site: {name").unwrap();
        plain[0] = format!("version: 1\nsite: {{name{rest}");
        if number == 17 {
            site += "overlay: {conduits: {hmi to plc: {severity: high}}}\n";
            plain[1] = plain[1].replace("severity: low", "severity: high");
        }
        if number == 42 {
            site += "zones: {lab: {owner: lab, members: {vlan: 42}}}\n";
            plain[0] += "zones_of_this_site: {}\n";
            plain[0] = plain[0].replace(
                "roles:\n",
                "  lab: {owner: lab, members: {vlan: 42}}\nroles:\n",
            );
            plain[0] = plain[0].replace("zones_of_this_site: {}\n", "");
        }
        write(&format!("{number:02}/site.yaml"), &site);
        write(&format!("plain/{number:02}/base.yaml"), &plain[0]);
        write(&format!("plain/{number:02}/more.yaml"), &plain[1]);
    }
    let load = |name: String| Policy::load(&folder.path().join(name), &WORDS).unwrap();
    let mut versions = std::collections::BTreeSet::new();
    for number in 1..=50 {
        let made = load(format!("{number:02}"));
        let written = load(format!("plain/{number:02}"));
        assert_eq!(meaning(&made.policy), meaning(&written.policy));
        assert_eq!(made.warnings.len(), written.warnings.len());
        assert_eq!(made.policy.site(), format!("water-{number:02}"));
        let (hmi, plc) = (format!("10.{number}.10.5"), format!("10.{number}.10.21"));
        let write =
            |first| Message::new("write_single_register").on(cells("holding", first, first));
        assert_eq!(judge(&made.policy, &hmi, &plc, write(9)), "conforms");
        assert_eq!(judge(&made.policy, &hmi, &plc, write(10)), "target");
        assert_eq!(judge(&made.policy, "10.99.10.5", &plc, write(9)), "unzoned");
        versions.insert(made.policy.version().to_owned());
    }
    assert_eq!(versions.len(), 50);
}

#[test]
fn an_overlay_merges_replaces_adds_and_removes() {
    let overlay = "overlay:
  site: {owner: water}
  zones:
    cell: {level: 2, criticality: critical, members: {cidrs: [10.7.10.0/25, 10.7.10.128/25]}}
    office: remove
  assets:
    plc-07: {criticality: , consequence: no water}
  conduits:
    hmi to plc:
      allow: {protocol: modbus, verbs: any}
";
    let made = load(&format!("{SITE_07}{overlay}")).unwrap().policy;
    let plain = "version: 1
site: {name: water-07, owner: water}
zones:
  cell:
    level: 2
    owner: controls
    criticality: critical
    members: {cidrs: [10.7.10.0/25, 10.7.10.128/25]}
roles: {hmi: {verbs: any}}
assets:
  hmi-07: {ip: 10.7.10.5, role: hmi}
  plc-07: {ip: 10.7.10.21, consequence: no water}
conduits:
  hmi to plc:
    from: {asset: hmi-07}
    to: {asset: plc-07}
    severity: low
    allow: {protocol: modbus, verbs: any}
";
    let plain = Policy::read(&texts(&[("plain.yaml", plain)]), &WORDS).unwrap();
    assert_eq!(meaning(&made), meaning(&plain.policy));
}

#[test]
fn verdicts_name_the_line_of_the_template_or_of_the_overlay_that_decided() {
    let check = |site: &str, file: &str, line: u32| {
        let policy = load(site).unwrap().policy;
        let statement = policy.statement(model::StatementId(1));
        assert_eq!((statement.file, statement.line), (file, line));
    };
    check(SITE_07, "sites/_water/more.yaml", 17);
    let changed = "overlay:\n  conduits:\n    hmi to plc:\n      allow:\n        - {protocol: s7, verbs: any}\n        - {protocol: modbus, verbs: any}\n";
    check(&format!("{SITE_07}{changed}"), "sites/07/site.yaml", 8);
}

#[test]
fn templates_extend_templates_and_hand_values_on() {
    let files = [
        (
            "s/site.yaml",
            "extends: ../a.yaml\nvariables: {nets: [10.1.0.0/16, 10.2.0.0/16], who: me}\n",
        ),
        (
            "a.yaml",
            "extends: t/b\nparameters: {nets: networks, who: , unit: {default: 'of ${who}'}}\nvariables: {cidrs: ['${nets}', 10.9.0.0/16], owner: '${who} $$ ${unit}'}\noverlay: {zones: {z: {level: 3}}}\n",
        ),
        (
            "t/b/one.yml",
            "parameters: {cidrs: , owner: }\nversion: 1\nsite: {name: s, owner: o}\nzones: {z: {owner: '${owner}', members: {cidrs: '${cidrs}'}}}\n",
        ),
    ];
    let made = load_from(&files, "s/site.yaml").unwrap().policy;
    let plain = "version: 1\nsite: {name: s, owner: o}\nzones: {z: {level: 3, owner: me $ of me, members: {cidrs: [10.1.0.0/16, 10.2.0.0/16, 10.9.0.0/16]}}}\n";
    let plain = Policy::read(&texts(&[("plain.yaml", plain)]), &WORDS).unwrap();
    assert_eq!(meaning(&made), meaning(&plain.policy));
    assert!(made.place(&host("10.2.0.1")) != made.place(&host("10.3.0.1")));
}

#[test]
fn the_version_hangs_on_every_file_and_on_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let write = |name: &str, text: &str| std::fs::write(path(name), text).unwrap();
    std::fs::create_dir(path("07")).unwrap();
    std::fs::create_dir(path("_water")).unwrap();
    write("07/site.yaml", SITE_07);
    write("07/cases.yaml", "not: [policy");
    write("_water/base.yaml", TEMPLATE);
    write("_water/more.yaml", TEMPLATE_ASSETS);
    let version = || {
        Policy::load(&path("07"), &WORDS)
            .unwrap()
            .policy
            .version()
            .to_owned()
    };
    let first = version();
    write("07/cases.yaml", "other");
    assert_eq!(version(), first);
    let sources = Sources::of(&path("07"));
    let files = ["07/site.yaml", "_water/base.yaml", "_water/more.yaml"];
    assert_eq!(sources.files, files.map(path));
    assert_eq!(sources.folders, ["07", "_water"].map(path));
    write(
        "_water/more.yaml",
        &TEMPLATE_ASSETS.replace("severity: low", "severity: high"),
    );
    assert_ne!(version(), first);
    write("_water/more.yaml", "not: [yaml");
    assert_eq!(
        Sources::of(&path("07")),
        sources,
        "also where it does not load"
    );
}
