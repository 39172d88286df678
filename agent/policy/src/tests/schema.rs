//! The JSON Schema says of a file's form what the reader says.

use jsonschema::Validator;
use serde_json::Value;

use super::docs;
use super::vocabulary::{WORDS, repository};
use crate::{Policy, Text};

fn schema() -> Validator {
    jsonschema::draft202012::options()
        .build(&crate::schema(&WORDS))
        .unwrap()
}

fn errors(schema: &Validator, text: &str) -> Vec<String> {
    let instance: Value = serde_saphyr::from_str(text).unwrap();
    let errors = schema.iter_errors(&instance);
    errors.map(|error| error.to_string()).collect()
}

#[test]
fn it_is_a_schema_and_every_key_is_described() {
    let schema = crate::schema(&WORDS);
    assert!(jsonschema::meta::is_valid(&schema));
    let shapes = schema["$defs"].as_object().unwrap().iter();
    let shapes: Vec<_> = shapes.filter(|(_, it)| it["type"] == "object").collect();
    assert_eq!(shapes.len(), crate::shapes::SHAPES.len());
    for (name, shape) in shapes {
        for (key, about) in shape["properties"].as_object().unwrap() {
            let about = about["description"].as_str().unwrap();
            assert!(
                about.len() > 3 && about.lines().count() == 1,
                "{name}.{key}: {about}"
            );
        }
    }
}

#[test]
fn it_takes_what_loads() {
    let schema = schema();
    let check = |name: &str, text: &str| assert_eq!(errors(&schema, text), [""; 0], "{name}");
    let (files, _) = Text::all(&repository("policies"));
    assert!(files.len() >= 40, "{}", files.len());
    files.iter().for_each(|file| check(&file.name, &file.text));
    for (number, text) in docs::all().iter().enumerate() {
        check(&format!("example {number}"), text);
    }
    let warned = "agent/policy/src/testdata/bad/warnings.yaml";
    check(
        warned,
        &std::fs::read_to_string(repository(warned)).unwrap(),
    );
}

/// Files that are wrong in their form: both the schema and the reader refuse them.
#[test]
fn it_refuses_what_has_the_wrong_form() {
    let schema = schema();
    let whole = |text: &str| format!("{{version: 1, site: {{name: s, owner: o}}, {text}}}");
    let zone = |text: &str| whole(&format!("zones: {{a: {{owner: o, {text}}}}}"));
    let conduit = |text: &str| {
        let rest = "zones: {z: {owner: o, members: {vlan: 1}}}";
        whole(&format!(
            "{rest}, conduits: {{c: {{from: {{zone: z}}, to: {{zone: z}}, {text}}}}}"
        ))
    };
    let statement = |text: &str| conduit(&format!("allow: {{{text}}}"));
    let good = [
        zone("members: {vlan: 1}, level: 3, within: any"),
        zone("members: {oui: 00-1b-1b}, level: 3.5, security_level: 4, shadow: true"),
        zone("members: {vlans: [1, 4094], cidr: 10.0.0.0/8}, within: [read, write]"),
        statement("protocol: any, verbs: any"),
        statement("protocols: [modbus, s7], verb: read, units: [1, 3-5, rack 0 slot 2]"),
        conduit(
            "allow: [{protocol: modbus, function: read_coils}], severity: high, respond_within: 15m",
        ),
    ];
    let terms =
        "when: s, valid_from: 2026-03-01, valid_until: 2026-03-01T06:00+01:00, shadow: false";
    let more = [
        format!("protocol: any, verbs: any, rate: 10/1m, encryption: required, {terms}"),
        "protocol: opcua, verbs: write, values: [20..380, 5], security_modes: [sign], \
         identity: username, user: u, application: urn:a"
            .to_owned(),
        format!(
            "protocol: any, verbs: any, certificates: [{}]",
            "aB".repeat(20)
        ),
    ];
    let schedules = "schedules: {s: {days: 'mon-wed,fri', hours: [6:00-14:00, 22:00-06:00], holidays: \
                     [h, 2026-05-06]}}, holidays: {h: 2026-12-25}";
    let more = more.iter().map(|text| {
        let text = statement(text);
        text.replace("conduits:", &format!("{schedules}, conduits:"))
    });
    let bad = [
        zone("members: {vlan: 1}, security_level: 5"),
        zone("members: {vlan: 1}, level: 2.5"),
        zone("members: {vlan: 1}, within: any, shadow: maybe"),
        zone("members: {oui: 00-1b}"),
        whole("assets: {a: {ip: 10.0.0.1}, b: {behind: a, unit: 256}}"),
        whole("schedules: {s: {time_zone: UTC}}"),
        whole("schedules: {s: {days: funday}}"),
        whole("schedules: {s: {hours: 6-14}}"),
        whole("holidays: {h: christmas}"),
        whole("assets: {a: {ip: 10.0.0.1}}, tags: {t: {asset: a}}"),
        whole(
            "zones: {z: {owner: o, members: {vlan: 1}}}, permits: {WO-1: {from: {zone: z}, to: {zone: z}, \
               allow: {protocol: any, verbs: any}, valid_from: 2026-03-01}}",
        ),
        conduit("allow: {protocol: any, verbs: any}, both_directions: maybe"),
        statement("protocol: any, verbs: any, rate: often"),
        statement("protocol: any, verbs: any, encryption: wanted"),
        statement("protocol: opcua, verbs: any, security_modes: [sgin]"),
        statement("protocol: opcua, verbs: any, certificates: [ab]"),
        statement("protocol: any, verbs: any, valid_from: tomorrow"),
        "version: 2\nsite: {name: s, owner: o}".to_owned(),
        "version: 1\nsite: {name: s}".to_owned(),
        "version: 1\nsite: {name: s, owner: o, onwer: p}".to_owned(),
        "version: 1\nsite: plant".to_owned(),
        whole("zone: {}"),
        whole("zones: [a]"),
        whole("assets: {a: 10.0.0.1}"),
        whole("assets: {a: {role: r}}"),
        whole("responses: {wriet: {owner: o}}"),
        whole("roles: {r: {}}"),
        zone("level: 1"),
        zone("level: 6, members: {vlan: 1}"),
        zone("members: {}"),
        zone("members: {vlan: 4095}"),
        zone("members: {cidr: 10.0.0.1}"),
        zone("members: {mac: 00-11}"),
        zone("members: {vlan: 1, vlans: [2]}"),
        zone("members: {vlan: 1}, within: [any, read]"),
        zone("members: {vlan: 1}, criticality: hihg"),
        conduit("allow: any"),
        conduit("allow: []"),
        conduit("owner: o"),
        conduit("allow: {protocol: any, verbs: any}, severity: urgent"),
        conduit("allow: {protocol: any, verbs: any}, respond_within: soon"),
        statement("verbs: any"),
        statement("protocol: any"),
        statement("protocol: modbsu, verbs: any"),
        statement("protocol: any, verbs: raed"),
        statement("protocol: any, verbs: []"),
        statement("protocol: modbus, function: read_coil"),
        statement("protocol: any, verbs: any, unit: rack 0"),
    ];
    let loads = |text: &str| {
        let name = "any.yaml".to_owned();
        Policy::read(
            &[Text {
                name,
                text: text.into(),
            }],
            &WORDS,
        )
        .is_ok()
    };
    for text in good.into_iter().chain(more) {
        assert_eq!(
            (errors(&schema, &text), loads(&text)),
            (vec![], true),
            "{text}"
        );
    }
    for text in bad {
        assert!(
            !errors(&schema, &text).is_empty() && !loads(&text),
            "{text}"
        );
    }
    let template = zone("members: {cidr: '${net}.0/24', vlan: '${vlan}'}, criticality: '${how}'");
    assert_eq!(errors(&schema, &template), [""; 0]);
    let shape = std::fs::read_to_string(repository("agent/policy/src/testdata/bad/shape.yaml"));
    assert!(!errors(&schema, &shape.unwrap()).is_empty());
}
