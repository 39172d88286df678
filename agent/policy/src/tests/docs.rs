//! docs/POLICIES.md keeps its word: its examples are one policy that loads, and every key that the
//! language has is on the page.

use model::{Unit, Verdict};

use super::vocabulary::{Message, WORDS, cells, db, host, node, repository};
use crate::{Policy, Text};

fn page() -> String {
    std::fs::read_to_string(repository("docs/POLICIES.md")).unwrap()
}

fn examples() -> Policy {
    let page = page();
    let blocks = page
        .split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap());
    let texts: Vec<_> = blocks
        .enumerate()
        .map(|(number, text)| Text {
            name: format!("example {number}"),
            text: text.into(),
        })
        .collect();
    assert!(texts.len() >= 6);
    let loaded = Policy::read(&texts, &WORDS).unwrap();
    assert_eq!(loaded.warnings, []);
    loaded.policy
}

#[test]
fn the_examples_are_one_policy_that_does_what_the_page_says() {
    let policy = examples();
    let check = |client: &str, server: &str, message: Message, expected| {
        let (client, server) = (policy.place(&host(client)), policy.place(&host(server)));
        let edge = policy.edge(client, server, message.protocol);
        let said = match policy.judge(&edge, &message.operation()) {
            Verdict::Violates { because, .. } => because.name(),
            other => other.name(),
        };
        assert_eq!(said, expected, "{message:?}");
    };
    let ask = Message::new;
    let write = |first| ask("write_single_register").on(cells("holding", first, first));
    check("10.0.10.5", "10.0.10.21", write(100), "conforms");
    check("10.0.10.5", "10.0.10.21", write(99), "target");
    check("10.0.10.66", "10.0.10.21", ask("read_coils"), "no_conduit");
    check("10.0.40.2", "10.0.40.3", ask("read_coils"), "no_conduit");
    check("10.0.50.10", "10.0.50.59", ask("read_coils"), "conforms");
    check("10.0.50.10", "10.0.50.60", ask("read_coils"), "unzoned");
    check("10.0.30.20", "10.0.10.21", ask("read_coils"), "conforms");
    check("10.0.30.20", "10.0.10.21", write(100), "role");
    check("10.0.30.10", "10.0.10.31", ask("request_download"), "role");
    check("10.0.30.10", "10.0.10.31", ask("start_upload"), "conforms");
    check("10.0.10.5", "10.0.10.40", write(0), "conforms");
    check(
        "10.0.10.5",
        "10.0.10.40",
        ask("write_single_coil"),
        "function",
    );
    check(
        "10.0.10.5",
        "10.0.10.31",
        ask("write_var").on(db(1, 0, 31)),
        "conforms",
    );
    check(
        "10.0.10.5",
        "10.0.10.41",
        ask("write").on(node("Pump.Speed")),
        "conforms",
    );
    check("10.0.10.21", "10.0.10.5", ask("read_coils"), "no_conduit");
    let identify = || ask("read_device_identification");
    check("10.0.61.1", "10.0.61.2", ask("read_coils"), "conforms");
    check("10.0.61.1", "10.0.62.1", ask("read_coils"), "verb");
    check("10.0.61.1", "10.0.62.1", identify(), "conforms");
    check("10.0.62.1", "10.0.62.2", identify(), "conforms");
    check("10.0.35.1", "10.0.62.1", ask("browse"), "conforms");
    check("10.0.62.1", "10.0.35.1", ask("browse"), "no_conduit");
    let subscribe = || ask("create_subscription");
    check("10.0.61.1", "10.0.62.1", subscribe(), "conforms");
    check("10.0.62.1", "10.0.61.1", subscribe(), "conforms");
    check("10.0.62.1", "10.0.62.2", subscribe(), "verb");
    let of_unit = |name, id| ask(name).for_unit(Some(Unit::Id(id)));
    check(
        "10.0.10.5",
        "10.0.10.42",
        of_unit("read_coils", 3),
        "conforms",
    );
    check(
        "10.0.10.5",
        "10.0.10.42",
        of_unit("read_coils", 4),
        "no_conduit",
    );
    check(
        "10.0.30.10",
        "10.0.10.42",
        of_unit("diagnostics", 0),
        "conforms",
    );
    check(
        "10.0.30.10",
        "10.0.10.42",
        of_unit("diagnostics", 3),
        "no_conduit",
    );
    let slot = |slot| ask("start_upload").for_unit(Some(Unit::Slot { rack: 0, slot }));
    check("10.0.30.10", "10.0.10.45", slot(2), "conforms");
    check("10.0.30.10", "10.0.10.45", slot(3), "no_conduit");
}

#[test]
fn every_key_and_word_of_the_language_is_on_the_page() {
    let page = page();
    for key in crate::shapes::keys() {
        assert!(page.contains(&format!("`{key}`")), "no `{key}` on the page");
    }
    for verb in model::Verb::ALL {
        assert!(page.contains(verb.name()), "no {verb} on the page");
    }
    let rules = [
        "no_conduit",
        "protocol",
        "role",
        "verb",
        "function",
        "unit",
        "target",
        "unzoned",
    ];
    for rule in rules {
        assert!(
            page.contains(&format!("`policy.{rule}`")),
            "no {rule} on the page"
        );
    }
}
