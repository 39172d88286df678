//! The shipped rules against the words that the decoders really have, and against their page.

use detect::{FIELDS, Rules};
use model::{Problem, Vocabulary};

use crate::support::root;

#[test]
fn the_shipped_rules_name_only_what_decoders_can_say() {
    let rules = shipped().unwrap_or_else(|problems| panic!("{}", lines(&problems)));
    let folder = Rules::load(&root().join("rules"), &words()).unwrap();
    assert_eq!(rules.len(), folder.len());
}

#[test]
fn the_shipped_rules_read_no_field_that_signatures_do_not_cover() {
    assert!(!shipped().unwrap().reads_volatile());
}

#[test]
fn the_shipped_rules_do_what_their_examples_say() {
    assert_eq!(lines(&shipped().unwrap().examine()), "");
}

#[test]
fn a_rule_stands_in_the_file_of_its_name() {
    for rule in shipped().unwrap().iter() {
        assert_eq!(
            rule.file,
            format!("rules/{}.yml", rule.id.replace('.', "_"))
        );
    }
}

#[test]
fn the_rules_page_names_every_field_and_every_shipped_rule() {
    let page = std::fs::read_to_string(root().join("docs/RULES.md")).unwrap();
    for (field, meaning) in FIELDS {
        let row = format!("| `{field}` | {meaning} |");
        assert!(page.contains(&row), "{row}");
    }
    for rule in shipped().unwrap().iter() {
        let techniques = rule.techniques.join(", ");
        let row = format!(
            "| `{}` | {} | {techniques} | {} |",
            rule.id, rule.level, rule.title
        );
        assert!(page.contains(&row), "{row}");
    }
}

fn shipped() -> Result<Rules, Vec<Problem>> {
    Rules::shipped(&words())
}

fn words() -> Vec<&'static Vocabulary> {
    decode::PROTOCOLS
        .iter()
        .map(|protocol| protocol.vocabulary)
        .collect()
}

fn lines(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(|problem| format!("{problem}\n"))
        .collect()
}
