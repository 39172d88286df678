//! Templates: what many sites have in common, and what each of them changes.

use std::fmt::Write as _;
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
    match policy.judge(&edge, &message.operation()) {
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
fn what_is_wrong_with_a_site_is_said_with_both_places() {
    let check = |site: &str, expected: &str| {
        let said = load(site).map(|loaded| loaded.warnings).unwrap_err();
        assert_eq!(said, expected, "{site}");
    };
    let more = |more: &str| format!("{SITE_07}{more}");
    check(
        "extends: ../_water\nvariables: {site: \"07\", nett: 10.7}\n",
        "sites/07/site.yaml:1:10: parameter `net` (the first two bytes of its addresses) has no value; give it one under `variables`; it is declared at sites/_water/base.yaml:4:3\n\
         sites/07/site.yaml:2:25: the template has no parameter `nett`; did you mean `net`?",
    );
    check(
        "extends: ../_water\nvariables: {site: \"07\", net: 10.777}\n",
        "sites/_water/base.yaml:12:13: `10.777.10.0/24` is no CIDR prefix; such as `10.0.1.0/24` or `fd00::/64`; `${net}` is `10.777` by sites/07/site.yaml:2:30\n\
         sites/_water/base.yaml:15:23: `10.777.40.0/24` is no CIDR prefix; such as `10.0.1.0/24` or `fd00::/64`; `${net}` is `10.777` by sites/07/site.yaml:2:30\n\
         sites/_water/more.yaml:4:9: `10.777.10.5` is no IP address; `${net}` is `10.777` by sites/07/site.yaml:2:30\n\
         sites/_water/more.yaml:7:9: `10.777.10.21` is no IP address; `${net}` is `10.777` by sites/07/site.yaml:2:30",
    );
    check(
        &more("overlay: {assets: {plc-7: {role: hmi}}, zone: {}, permits: {}, version: 1}\n"),
        "sites/07/site.yaml:3:20: the template states no `plc-7` among its `assets`; did you mean `plc-07`?\n\
         sites/07/site.yaml:3:41: an overlay has no key `zone`; did you mean `zones`?\n\
         sites/07/site.yaml:3:51: an overlay has no key `permits`\n\
         sites/07/site.yaml:3:64: an overlay cannot change `version`",
    );
    check(
        &more(
            "overlay: {responses: {write: {owner: me}}, zones: {cell: {levl: 3, consequence: remove}, cell: {}}}\n",
        ),
        "sites/07/site.yaml:3:11: the template states no `responses` to change; what the template does not state stands outside `overlay`\n\
         sites/07/site.yaml:3:59: a zone has no key `levl`; did you mean `level`?\n\
         sites/07/site.yaml:3:68: the template states no `consequence` here to remove\n\
         sites/07/site.yaml:3:90: `cell` is stated twice; it stands at sites/07/site.yaml:3:52 already",
    );
    check(
        &more("overlay: {conduits: {hmi to plc: {to: remove}}}\n"),
        "sites/_water/more.yaml:11:5: conduit `hmi to plc` has no `to`; `to` is removed by sites/07/site.yaml:3:35",
    );
    check(
        &more(
            "site: {name: x, owner: o}\nzones: {cell: {members: {vlan: 3}}}\nassets:\n  plc-07: {ip: 10.7.10.22}\n",
        ),
        "sites/07/site.yaml:3:1: `site` is stated by the template too; it stands at sites/_water/base.yaml:6:1; to change it, write it under `overlay`\n\
         sites/07/site.yaml:4:9: `cell` of the `zones` is stated by the template too; it stands at sites/_water/base.yaml:8:3; to change it, write it under `overlay`\n\
         sites/07/site.yaml:6:3: `plc-07` of the `assets` is stated by the template too; it stands at sites/_water/more.yaml:6:3; to change it, write it under `overlay`",
    );
    check(
        "version: 1\nsite: {name: s, owner: o}\noverlay: {zones: {}}\nvariables: {x: 1}\n",
        "sites/07/site.yaml:3:10: `overlay` without `extends`; write `extends:` with a template\n\
         sites/07/site.yaml:4:12: `variables` without `extends`; write `extends:` with a template",
    );
    check(
        "extends: ../_watre\nversion: 1\n",
        "sites/07/site.yaml:1:10: template `sites/_watre`: the file cannot be read: there is no such file",
    );
    check(
        "extends: /etc/water\n",
        "sites/07/site.yaml:1:10: `/etc/water` is not relative; name the template relative to this file, so that both can be moved together",
    );
    check(
        "extends: ../07\n",
        "sites/07/site.yaml:1:10: `sites/07` would extend itself",
    );
}

#[test]
fn what_is_wrong_with_a_template_is_said_at_its_own_line() {
    let check = |template: &str, expected: &str| {
        let files = [
            (
                "s.yaml",
                "extends: t.yaml\nvariables: {x: v, list: [a, b]}\n",
            ),
            ("t.yaml", template),
        ];
        let said = match load_from(&files, "s.yaml") {
            Ok(loaded) => loaded.warnings.iter().map(|it| format!("{it}\n")).collect(),
            Err(problems) => problems,
        };
        assert_eq!(said, expected, "{template}");
    };
    let head = "version: 1\nparameters: {x: text, list: list}\n";
    let site = "site: {name: '${x}', owner: '${x}'}\n";
    check(
        &format!("{head}{site}"),
        "t.yaml:2:23: parameter `list` is used nowhere; write `${list}` where it belongs, or remove it\n",
    );
    check(
        &format!("{head}site: {{name: 'a${{list}}', owner: '${{lst}}'}}\n"),
        "t.yaml:3:14: variable `list` is a list; it can only stand alone, where a list may stand; `${list}` is a list of 2 by s.yaml:2:25\n\
         t.yaml:3:33: no variable `lst` is declared; did you mean `list`?",
    );
    check(
        &format!("{head}site: {{name: $5, owner: '${{x'}}\nroles: {{'${{a b}}': {{}}}}\n"),
        "t.yaml:3:14: `$5` has a lone `$`; write `${name}` for a variable, or `$$` for a dollar\n\
         t.yaml:3:25: `${x` has a lone `$`; write `${name}` for a variable, or `$$` for a dollar\n\
         t.yaml:4:9: `${a b}` has a lone `$`; write `${name}` for a variable, or `$$` for a dollar",
    );
    check(
        "parameters: {x: , x: , a b: , list: {defalt: 1}}\nversion: 1\nsite: {name: '${x}', owner: '${x}'}\n",
        "t.yaml:1:19: variable `x` is stated twice; it stands at t.yaml:1:14 already\n\
         t.yaml:1:24: `a b` is no name for a variable; letters, digits, `_` and `-` make one\n\
         t.yaml:1:38: a parameter has no key `defalt`; did you mean `default`?",
    );
    check(
        "extends: s.yaml\nparameters: {x: , list: }\n",
        "t.yaml:1:10: `s.yaml` would extend itself; it is extended by way of `t.yaml`",
    );
}

#[test]
fn a_template_alone_loads_by_its_defaults() {
    let template =
        "version: 1\nparameters: {who: {default: me}}\nsite: {name: s, owner: '${who}'}\n";
    let load = |template: &str| load_from(&[("t/t.yaml", template)], "t");
    assert_eq!(load(template).unwrap().policy.site(), "s");
    let said = load(&template.replace("{default: me}", "who acts")).unwrap_err();
    assert_eq!(
        said,
        "t/t.yaml:2:14: parameter `who` (who acts) has no value; this is a template: check it through a file that extends it, or give its parameters defaults"
    );
    let plain = "version: 1\nsite: {name: s, owner: '5 $ and ${x}'}\n";
    assert!(
        load(plain).is_ok(),
        "what has nothing to do with templates is taken as it is"
    );
}

#[test]
fn what_templates_make_is_bounded() {
    let doubled = (1..40).fold(
        "parameters:\n  p0: {default: xxxxxxxx}\n".to_owned(),
        |mut text, number| {
            let earlier = number - 1;
            writeln!(
                text,
                "  p{number}: {{default: '${{p{earlier}}}${{p{earlier}}}'}}"
            )
            .unwrap();
            text
        },
    );
    let said = load_from(&[("t.yaml", &doubled)], "t.yaml").unwrap_err();
    assert!(
        said.contains("variables make the policy too large"),
        "{said}"
    );
    let tower: Vec<_> = (0..12)
        .map(|level| {
            (
                format!("{level}.yaml"),
                format!("extends: {}.yaml\n", level + 1),
            )
        })
        .collect();
    let tower: Vec<_> = tower
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let said = load_from(&tower, "0.yaml").unwrap_err();
    assert_eq!(
        said,
        "8.yaml:1:10: templates extend each other more than 8 deep"
    );
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
