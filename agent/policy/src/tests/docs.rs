//! docs/POLICIES.md keeps its word: its examples are one policy that loads, and every key that the
//! language has is on the page.

use std::path::Path;

use model::{Unit, Verdict};

use super::vocabulary::{Message, NO_TIME, WORDS, cells, db, host, judge, node, repository};
use crate::{Level, Policy, Standing, Text};

fn page() -> String {
    std::fs::read_to_string(repository("docs/POLICIES.md")).unwrap()
}

/// The examples that are files of their own: each one's name stands beside the word `yaml`.
fn files() -> Vec<Text> {
    let page = page();
    let blocks = page.split("\n```yaml ").skip(1);
    let file = |block: &str| {
        let (name, rest) = block.split_once('\n').unwrap();
        let text = rest.split("```").next().unwrap();
        Text {
            name: name.into(),
            text: text.into(),
        }
    };
    blocks.map(file).collect()
}

#[test]
fn the_examples_of_templates_do_what_the_page_says() {
    let files = files();
    let policy = |site: &str| {
        let loaded = Policy::load_texts(&files, Path::new(site), &WORDS).unwrap();
        assert_eq!(loaded.warnings, []);
        loaded.policy
    };
    let check = |policy: &Policy, net: &str, message: Message, expected| {
        let place = |last| policy.place(&host(&format!("{net}.10.{last}")));
        let edge = policy.edge(place(5), place(21), message.protocol);
        let said = match policy.judge(
            &edge,
            &mut Standing::default(),
            &message.operation(),
            NO_TIME,
        ) {
            Verdict::Violates { because, .. } => because.name(),
            other => other.name(),
        };
        assert_eq!(said, expected, "{message:?}");
    };
    let write = || Message::new("write_single_register").on(cells("holding", 100, 100));
    let (seven, eight) = (policy("sites/07"), policy("sites/08"));
    assert_eq!((seven.site(), eight.site()), ("water-07", "water-08"));
    check(&seven, "10.7", write(), "conforms");
    check(&eight, "10.8", write(), "verb");
    check(&eight, "10.8", Message::new("read_coils"), "conforms");
    check(&seven, "10.8", write(), "unzoned");
    let level = |policy: &Policy| policy.level(policy.place(&host("192.0.2.9")));
    let vendor = |policy| level(policy).map(Level::tenths);
    assert_eq!((vendor(&seven), vendor(&eight)), (None, Some(30)));

    let mut broken = files.clone();
    broken[2].text = broken[2].text.replace("net: 10.7", "net: 10.777");
    let problems = Policy::load_texts(&broken, Path::new("sites/07"), &WORDS).unwrap_err();
    let line = problems[0].to_string();
    assert!(
        page().contains(&format!("\n{line}\n")),
        "not on the page: {line}"
    );
}

/// The page's examples of one growing policy, in their order.
fn examples() -> Vec<String> {
    let page = page();
    let blocks = page.split("```yaml\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap().to_owned());
    blocks.collect()
}

/// Every example of the page.
pub(super) fn all() -> Vec<String> {
    let files = files().into_iter().map(|file| file.text);
    examples().into_iter().chain(files).collect()
}

#[test]
fn the_examples_are_formatted() {
    for text in all() {
        let file = Text {
            name: "example".into(),
            text,
        };
        assert_eq!(crate::format(&file).unwrap(), file.text);
    }
}

fn policy() -> Policy {
    let texts: Vec<_> = examples()
        .into_iter()
        .enumerate()
        .map(|(number, text)| Text {
            name: format!("example {number}"),
            text,
        })
        .collect();
    assert!(texts.len() >= 6);
    let loaded = Policy::read(&texts, &WORDS).unwrap();
    assert_eq!(loaded.warnings, []);
    loaded.policy
}

#[test]
fn the_examples_are_one_policy_that_does_what_the_page_says() {
    let policy = policy();
    let check = |client: &str, server: &str, message: Message, expected| {
        let said = match judge(&policy, client, server, &message) {
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
fn every_word_of_the_language_is_on_the_page() {
    let page = page();
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

#[test]
fn the_invariants_of_the_examples_are_kept() {
    let policy = policy();
    assert!(policy.invariant_count() > 0);
    let kept = policy.invariants(&WORDS, NO_TIME);
    assert_eq!((kept.broken, kept.gaps), (vec![], vec![]));
}

/// With `BLESS` in the environment the table is written anew.
#[test]
fn the_table_of_keys_is_the_one_that_the_reader_uses() {
    let page = page();
    let (head, rest) = page.split_once(HEAD).unwrap();
    let (table, rest) = rest.split_once("\n\n").unwrap();
    let expected = table_of_keys();
    if std::env::var_os("BLESS").is_some() {
        let page = format!("{head}{HEAD}{expected}\n\n{rest}");
        std::fs::write(repository("docs/POLICIES.md"), page).unwrap();
    }
    assert_eq!(table, expected);
}

fn table_of_keys() -> String {
    let mut rows = Vec::new();
    for shape in crate::shapes::SHAPES {
        let mut place = shape.place;
        for key in shape.keys {
            let spellings: Vec<_> = key.spellings().map(|key| format!("`{key}`")).collect();
            let needed = if key.needed { "needed: " } else { "" };
            rows.push(format!(
                "| {place} | {} | {needed}{} |",
                spellings.join(", "),
                key.about
            ));
            place = "";
        }
    }
    rows.join("\n").replace("|  |", "| |")
}

const HEAD: &str = "| where | key | value |\n|---|---|---|\n";
