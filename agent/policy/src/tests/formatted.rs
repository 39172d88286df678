//! A formatted policy judges as the one that it was made from.

use model::Verdict;
use proptest::prelude::*;

use super::plan::{a_host, a_message, a_plan};
use super::vocabulary::{WORDS, judge_hosts};
use crate::{Policy, Text};

fn text(text: String) -> Text {
    Text {
        name: "plan.yaml".into(),
        text,
    }
}

/// What is judged, without the places of statements.
fn said(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Violates { because, .. } => because.name().to_owned(),
        Verdict::Conforms { .. } => "conforms".to_owned(),
        other => format!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn formatting_changes_no_verdict(
        plan in a_plan(),
        asked in prop::collection::vec((a_host(), a_host(), a_message()), 30),
    ) {
        let before = text(plan.text());
        let after = text(crate::format(&before).unwrap());
        prop_assert_eq!(&crate::format(&after).unwrap(), &after.text);
        prop_assert!(after.text.lines().all(|line| line.chars().count() <= 140), "{}", after.text);
        let [before, after] = [before, after].map(|text| Policy::read(&[text], &WORDS).unwrap().policy);
        for (client, server, message) in asked {
            let verdict = |policy| judge_hosts(policy, [client.host(), server.host()], &message);
            let (before, after) = (verdict(&before), verdict(&after));
            prop_assert_eq!(said(&before), said(&after), "{:?}\n{}", message, plan.text());
        }
    }
}
