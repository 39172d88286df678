//! What is wrong with sites and templates is said, and where.

use std::fmt::Write as _;

use super::{SITE_07, load, load_from};

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
         sites/07/site.yaml:3:51: the template states no `permits` to change; what the template does not state stands outside `overlay`\n\
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
