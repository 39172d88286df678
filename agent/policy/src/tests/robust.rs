//! Loading never panics, whatever the text, and says places that are in the text.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::vocabulary::{WORDS, repository};
use crate::{Policy, Text};

/// Policies that load, to be bent and broken.
static GOOD: LazyLock<Vec<String>> = LazyLock::new(|| {
    let plant = ["zones", "assets", "roles", "conduits", "tags", "permits"];
    let read = |path: String| std::fs::read_to_string(repository(&path)).unwrap();
    let plant: Vec<_> = plant
        .map(|name| read(format!("policies/plant/{name}.yaml")))
        .into();
    let bad = [
        "names",
        "keys",
        "addresses",
        "targets",
        "shape",
        "words",
        "twice",
    ];
    let bad = bad.map(|name| read(format!("agent/policy/src/testdata/bad/{name}.yaml")));
    plant
        .iter()
        .cloned()
        .chain([plant.join("\n")])
        .chain(bad)
        .chain([TEMPLATE.to_owned()])
        .collect()
});

const TEMPLATE: &str = "version: 1
parameters: {net: {default: 10.7}, nets: {default: [10.0.0.0/16, '${net}.1.0/24']}}
site: {name: 'net ${net}', owner: $$5}
zones:
  ${net}:
    owner: o
    members: {cidrs: ['${nets}', '${net}.2.0/24']}
";

fn check(text: &str) {
    let lines = text.lines().count().max(1);
    let file = Text {
        name: "any.yaml".into(),
        text: text.into(),
    };
    let problems = match Policy::read(&[file], &WORDS) {
        Ok(loaded) => loaded.warnings,
        Err(problems) => {
            assert!(!problems.is_empty());
            problems
        }
    };
    for problem in problems {
        let line = usize::try_from(problem.at.line).unwrap();
        assert!(
            (1..=lines + 1).contains(&line) && problem.at.column >= 1,
            "{problem}\n{text}"
        );
    }
}

/// Words that mean something, to be strewn over a text.
const SEEDS: [&str; 20] = [
    ":",
    "- ",
    "\n  ",
    "*",
    "&a ",
    "*a",
    "<<: ",
    "{",
    "]",
    "any",
    "~",
    "'",
    "|\n",
    "999999999999999999999",
    "10.0.0.0/8",
    "DB1:0-",
    "ns=2;s=",
    "\u{feff}é\u{0}",
    "${net}",
    "$",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        check(&text);
    }

    #[test]
    fn any_lines_are_read_or_refused(text in "[a-z0-9:\\- {}\\[\\],\n\t\"'|>&*!%#.~=;/]{0,300}") {
        check(&text);
    }

    #[test]
    fn a_bent_policy_is_read_or_refused(
        which in any::<prop::sample::Index>(),
        bends in prop::collection::vec((any::<prop::sample::Index>(), 0..12usize, 0..SEEDS.len()), 1..6),
    ) {
        let mut text: Vec<char> = which.get(&GOOD).chars().collect();
        for (at, remove, seed) in bends {
            let at = at.index(text.len() + 1);
            let end = (at + remove).min(text.len());
            text.splice(at..end, SEEDS[seed].chars());
        }
        check(&text.into_iter().collect::<String>());
    }
}

#[test]
fn nesting_and_aliases_are_bounded() {
    check(&"[".repeat(100_000));
    check(&"a: ".repeat(50_000));
    check(&format!("zones: {}", "{a: ".repeat(5_000)));
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (one, next) in ('a'..'j').zip('b'..'k') {
        let list = format!("*{one}, ").repeat(9);
        bomb += &format!("{next}: &{next} [{list}]\n");
    }
    check(&bomb);
}

#[test]
fn anchors_may_be_used_and_keep_the_place_of_their_use() {
    let text = "version: 1\nsite: {name: s, owner: &me o}\nzones:\n  a: {owner: *me, \
                members: {cidr: &net 10.0.0.0/8}}\n  b: {owner: *me, members: {cidr: *net}}\n";
    let file = Text {
        name: "any.yaml".into(),
        text: text.into(),
    };
    let problems = Policy::read(&[file], &WORDS).unwrap_err();
    assert_eq!(
        (problems.len(), problems[0].at.line),
        (1, 5),
        "{problems:?}"
    );
}
