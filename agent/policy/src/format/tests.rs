//! Formatting keeps what is said and every comment, and has nothing to do the second time.

use proptest::prelude::*;

use super::format;
use crate::load::Text;
use crate::tests::{repository, yaml_files};

fn text(text: &str) -> Text {
    Text {
        name: "any.yaml".into(),
        text: text.into(),
    }
}

/// The formatted text, of which is sure that formatting leaves it as it is.
fn formatted(before: &str) -> String {
    let after = format(&text(before)).unwrap_or_else(|problems| panic!("{problems:?}\n{before}"));
    let again = format(&text(&after)).unwrap_or_else(|problems| panic!("{problems:?}\n{after}"));
    assert_eq!(after, again, "formatted twice, from\n{before}");
    after
}

fn check(before: &str, after: &str) {
    assert_eq!(formatted(before), after, "from\n{before}");
}

#[test]
fn keys_stand_in_the_order_of_the_language_with_their_comments() {
    check(
        "# the head stays\nconduits:\n  b:\n    # what\n    allow:\n    - verbs: any # all\n      \
         # of which\n      protocol: modbus\n    to: {asset: y}\n\n    # who\n    from: {asset: x}\n\
         \n# the language\nversion: 1\n",
        "# the head stays\n\n# the language\nversion: 1\n\nconduits:\n  b:\n    # who\n    \
         from: {asset: x}\n    to: {asset: y}\n\n    # what\n    allow:\n      # of which\n      \
         - protocol: modbus\n        verbs: any  # all\n",
    );
}

#[test]
fn a_first_key_that_stays_first_stays_with_the_head() {
    check(
        "# head\nversion: 1\n\nroles: {}\n\nzones: {}\n",
        "# head\nversion: 1\n\nzones: {}\n\nroles: {}\n",
    );
}

#[test]
fn a_mapping_with_an_unknown_key_keeps_its_order() {
    check(
        "site: {owner: o, nmae: s}\nversion: 1",
        "version: 1\nsite: {owner: o, nmae: s}\n",
    );
}

#[test]
fn a_list_has_its_key_in_the_plural() {
    check(
        "conduits: {c: {from: {zones: a}, to: {zone: [a]}, allow: [{protocols: any, verb: [read, \
         write], unit: 1-5}]}}\nroles:\n  r: {verbs: nothing}\n  s: {verbs: read}\n",
        "roles:\n  r: {verbs: nothing}\n  s: {verbs: read}\nconduits: {c: {from: {zones: a}, \
         to: {zones: [a]}, allow: [{protocols: any, verbs: [read, write], unit: 1-5}]}}\n",
    );
}

#[test]
fn lists_in_brackets_stand_on_one_line_where_they_fit() {
    let words = "verbs: [connect, identify, browse, read, subscribe, write, diagnose, upload, download, \
                 mode, alarm]";
    check(
        &format!("roles:\n  r:\n    {words}\n"),
        &format!("roles:\n  r:\n    {}\n", words.replace(": ", ":\n      ")),
    );
    let row = format!("zones:\n  a: {{owner: {}}}\n", "x".repeat(100));
    check(&row, &row);
    let many: Vec<_> = (10..30).map(|n| format!("10.0.0.{n}")).collect();
    check(
        &format!("assets:\n  a: {{ips: [{}]}}", many.join(",\n")),
        &format!(
            "assets:\n  a:\n    ips:\n      - {}\n",
            many.join("\n      - ")
        ),
    );
    check(
        "roles:\n  r:\n    verbs: [ read,\n      write   # both\n    ]\n",
        "roles:\n  r:\n    verbs:\n      - read\n      - write # both\n",
    );
    check(
        "zones:\n  a: {}\n  b: []\n  c:\n  d: ~\n",
        "zones:\n  a: {}\n  b: []\n  c:\n  d: ~\n",
    );
}

#[test]
fn comments_stay_with_what_they_are_about() {
    let same = "\
# The plant.
# Two lines.

# about the version
version: 1 # one
zones:     # every
           # one of them
  # above a
  a:
    level: 1

    # the end of a
  # above b, whose value is nothing
  b:       # beside b
  c: [x]   # beside c
  d: >-    # beside the head
    folded
    text
  # the end of the zones

  # and more of it
# the end of the file
";
    check(same, same);
    check(
        "zones:\n      a:\n            level: 1\n      # of zones\n            # of zones, too\n",
        "zones:\n  a:\n    level: 1\n  # of zones\n  # of zones, too\n",
    );
    check(
        "conduits:\n  c:\n    allow:\n    - # first\n      verb: read\n    # second\n    - verb: write\n    \
         # not of the list\n    owner: o\n",
        "conduits:\n  c:\n    # not of the list\n    owner: o\n    allow:\n      # first\n      \
         - verb: read\n      # second\n      - verb: write\n",
    );
    check("zones: { # none\n}\n", "# none\nzones: {}\n");
    check(
        "zones: # beside\n\n       # above a, though in the same column\n  a: {level: 1}\n",
        "zones: # beside\n  # above a, though in the same column\n  a: {level: 1}\n",
    );
    check(
        "site:\n  name: 'a\n\n    b' # where it ends\n       # and on\n  # above\n  owner: o\n",
        "site:\n  name: \"a\\nb\"  # where it ends\n                # and on\n  # above\n  owner: o\n",
    );
    check(
        "site:\n  name:\n    # why\n    s\n  owner: # who\n    o # o\n",
        "site:\n  # why\n  name: s\n  # who\n  owner: o  # o\n",
    );
}

#[test]
fn groups_stay_parted_by_one_empty_line() {
    check(
        "\n\nversion: 1\n\n\n\nzones:\n\n  a:\n    level: 1\n\n\n  b: {level: 2}\n  c: {level: 3}\n\n\n",
        "version: 1\n\nzones:\n  a:\n    level: 1\n\n  b: {level: 2}\n  c: {level: 3}\n",
    );
}

#[test]
fn quotes_stand_where_they_say_something() {
    check(
        "zones:\n  'hmi-1': {owner: \"a b\", level: '1', consequence: 'no', members: {asset: 'it''s', \
         macs: [\"DI:*\", \"x\\\"y\", \"\\u00e9\"]}}\n",
        "zones:\n  hmi-1: {level: \"1\", owner: a b, consequence: \"no\", \
         members: {macs: [\"DI:*\", \"x\\\"y\", \"\\u00e9\"], asset: \"it's\"}}\n",
    );
}

#[test]
fn block_texts_keep_their_lines_and_broken_ones_are_put_together() {
    check(
        "site:\n      name: |+\n          a\n            b\n\n\n      owner: >\n          one\n          two\n\n          \
         three\n      criticality: |2\n          x\n        y\n",
        "site:\n  name: |+\n    a\n      b\n\n\n  owner: >\n    one\n    two\n\n    three\n  criticality: \
         |2\n      x\n    y\n",
    );
    check(
        "site:\n  name: a\n    b\n  owner: \"c\n    d\"\n",
        "site:\n  name: a b\n  owner: c d\n",
    );
    let word = "word ".repeat(30);
    let long = format!("site:\n  name: {}\n", word.trim_end());
    check(&long, &long);
}

#[test]
fn a_broken_text_that_is_too_long_is_folded() {
    let words = ["word "; 30].concat();
    let text = formatted(&format!("site:\n  name: {words}\n    end\n"));
    assert!(
        text.starts_with("site:\n  name: >-\n    word word"),
        "{text}"
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 100),
        "{text}"
    );
}

#[test]
fn anchors_stay_before_their_aliases() {
    let same = "zones:\n  a: &a {owner: o, level: 1}\n  b: *a\n  c: &c\n    owner: o\n    level: 1\nversion: 1\n";
    check(same, same);
}

#[test]
fn line_ends_stay_and_a_byte_order_mark_goes() {
    check(
        "\u{feff}version:   1\r\n# end\r\n",
        "version: 1\r\n# end\r\n",
    );
    check(
        "# head\n--- # of the text\nversion: 1\n",
        "# head\n---\n# of the text\nversion: 1\n",
    );
    check("", "");
    check(
        "# nothing\n\n\n# but comments",
        "# nothing\n\n# but comments\n",
    );
}

#[test]
fn what_cannot_be_formatted_is_refused_with_its_place() {
    let refused = |before: &str, expected: &str| {
        let problems = format(&text(before)).unwrap_err();
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(lines.join("\n"), expected, "{before}");
    };
    refused(
        "site: [",
        "any.yaml:1:7: not readable as YAML: unclosed bracket '['",
    );
    refused("? [a]\n: b\n", "any.yaml:1:3: a key must be one word");
    refused(
        "site: !!str x\n",
        "any.yaml:1:13: a tag (`!…`) is not part of the language; the file is left as it is",
    );
}

/// Every policy that comes with the project, and every bad one that is YAML.
#[test]
fn every_policy_of_the_project_is_formatted_and_stays_what_it_was() {
    let mut count = 0;
    for folder in ["policies", "agent/policy/src/testdata"] {
        for file in yaml_files(&repository(folder)) {
            let before = std::fs::read_to_string(&file).unwrap();
            if format(&text(&before)).is_ok() {
                formatted(&before);
                count += 1;
            }
        }
    }
    assert!(count >= 12, "{count}");
}

#[test]
fn shipped_policies_are_formatted() {
    let (files, problems) = Text::all(&repository("policies"));
    assert_eq!(problems, []);
    assert!(files.len() >= 40, "{}", files.len());
    for file in files {
        assert_eq!(formatted(&file.text), file.text, "{}", file.name);
    }
}

/// Pieces that are strewn over a policy; comments among them, so that those land everywhere.
const SEEDS: [&str; 27] = [
    " # c\n",
    "\n# d\n",
    "\n",
    "\n\n",
    "  ",
    "    # e\n",
    ",",
    "[",
    "]",
    "{",
    "}",
    "- ",
    ": ",
    "'",
    ">-\n",
    "&a ",
    "*a",
    "? ",
    "|+2\n",
    "\t",
    "\r\n",
    "\r",
    "!t ",
    "---\n",
    "...\n",
    "\"",
    "é\u{85}\u{2028}",
];

static GOOD: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(|| {
    let mut all = yaml_files(&repository("policies"));
    all.extend(yaml_files(&repository("agent/policy/src/testdata")));
    all.iter()
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect()
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// The guard is the judge: whatever is YAML is formatted without loss, and once is enough.
    #[test]
    fn a_bent_policy_is_formatted_or_is_no_yaml(
        which in any::<prop::sample::Index>(),
        bends in prop::collection::vec((any::<prop::sample::Index>(), 0..3usize, 0..SEEDS.len()), 1..6),
    ) {
        let mut chars: Vec<char> = which.get(&GOOD).chars().collect();
        for (at, remove, seed) in bends {
            let at = at.index(chars.len() + 1);
            let end = (at + remove).min(chars.len());
            chars.splice(at..end, SEEDS[seed].chars());
        }
        let before: String = chars.into_iter().collect();
        match format(&text(&before)) {
            Ok(_) => { formatted(&before); }
            Err(problems) => prop_assert!(
                problems.iter().all(|problem| !problem.what.contains("would change")),
                "{problems:?}\n{before}"
            ),
        }
    }
}
