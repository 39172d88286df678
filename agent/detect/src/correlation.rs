//! Correlation rules: how many events, how many different values, or which rules together, within
//! a sliding span of capture time, per group.

use std::time::Duration;

use rsigma_parser::WindowMode;
use rsigma_parser::{ConditionOperator, CorrelationCondition, CorrelationRule, CorrelationType};
use serde_saphyr::Location;

use crate::report::Report;
use crate::rules::RuleIndex;
use crate::words::Words;
use crate::yaml::{Map, Node};

/// A correlation whose checks are known.
#[derive(Debug)]
pub(crate) struct Correlation {
    /// What a person is told of.
    pub(crate) rule: RuleIndex,
    /// The places of the checks whose matches it counts.
    pub(crate) checks: Vec<u32>,
    pub(crate) counts: Counts,
}

/// What is counted, and how much of it is too much.
#[derive(Clone, Debug)]
pub(crate) struct Counts {
    pub(crate) what: What,
    /// The fields whose values make a group of their own.
    pub(crate) group_by: Vec<String>,
    pub(crate) span: Duration,
    /// It fires at this many within the span; for rules together, their number.
    pub(crate) threshold: usize,
}

/// What is counted.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// Events.
    Events,
    /// Different values of these fields.
    Values(Vec<String>),
    /// Different rules.
    Rules,
}

/// The most that a correlation counts to: what it has to remember of a group.
pub(crate) const MOST_COUNTED: u64 = 1024;

/// Reads what is counted; `None` where something is wrong, which the report tells.
pub(crate) fn read(
    report: &mut Report<'_>,
    root: &Map,
    sigma: Option<&CorrelationRule>,
    words: Words<'_>,
) -> Option<Counts> {
    let (key, node) = root.entry("correlation")?;
    let map = report.map(node, "correlation")?;
    report.keys(map, KEYS);
    let before = report.problems.len();
    named_fields(report, map, words);
    let sigma = sigma?;
    if sigma.window != WindowMode::Sliding {
        report.say(key.referenced, "only sliding windows are read", None);
    }
    let what = what(report, key.referenced, sigma)?;
    let threshold = match what {
        What::Rules => Some(sigma.rules.len()),
        _ => threshold(report, map, key.referenced, &sigma.condition),
    };
    (report.problems.len() == before).then_some(Counts {
        what,
        group_by: sigma.group_by.clone(),
        span: Duration::from_secs(sigma.timespan.seconds),
        threshold: threshold?,
    })
}

/// The places and names of the rules that a correlation refers to.
pub(crate) fn references(root: &Map) -> Vec<(&str, Location)> {
    let rules = root.value("correlation").and_then(|node| node.value.map());
    let rules = rules.and_then(|map| map.value("rules"));
    let each = rules.map(|node| node.value.each(node)).unwrap_or_default();
    let each = each.iter();
    each.filter_map(|node| Some((node.value.text()?, node.referenced)))
        .collect()
}

fn what(report: &mut Report<'_>, at: Location, sigma: &CorrelationRule) -> Option<What> {
    match (sigma.correlation_type, &sigma.condition) {
        (CorrelationType::EventCount, _) => Some(What::Events),
        (
            CorrelationType::ValueCount,
            CorrelationCondition::Threshold {
                field: Some(fields),
                ..
            },
        ) => Some(What::Values(fields.clone())),
        (CorrelationType::ValueCount, _) => {
            let help = "`condition` names it as `field`".to_owned();
            report.say(at, "`value_count` needs the field to count", Some(help));
            None
        }
        (CorrelationType::Temporal, CorrelationCondition::Threshold { .. }) => Some(What::Rules),
        (other, _) => {
            let help =
                "`event_count`, `value_count` and `temporal` are, the last without a condition";
            let what = format!("a correlation of type `{}` is not read so", other.as_str());
            report.say(at, what, Some(help.to_owned()));
            None
        }
    }
}

/// The count from which on a correlation fires.
fn threshold(
    report: &mut Report<'_>,
    map: &Map,
    of: Location,
    condition: &CorrelationCondition,
) -> Option<usize> {
    let at = map.value("condition").map_or(of, |node| node.referenced);
    let least = match condition {
        CorrelationCondition::Threshold { predicates, .. } => match predicates.as_slice() {
            [(ConditionOperator::Gte, least)] => Some(*least),
            [(ConditionOperator::Gt, most)] => Some(most.saturating_add(1)),
            _ => None,
        },
        CorrelationCondition::Extended(_) => None,
    };
    let least = least.filter(|least| (2..=MOST_COUNTED).contains(least));
    if least.is_none() {
        let what = format!("a correlation counts with `gte` or `gt` up to 2 to {MOST_COUNTED}");
        report.say(at, what, None);
    }
    usize::try_from(least?).ok()
}

fn named_fields(report: &mut Report<'_>, map: &Map, words: Words<'_>) {
    let condition = map.value("condition").and_then(|node| node.value.map());
    let counted = condition.and_then(|map| map.value("field"));
    for node in [map.value("group-by"), counted].into_iter().flatten() {
        for node in node.value.each(node) {
            field(report, node, words);
        }
    }
}

fn field(report: &mut Report<'_>, node: &Node, words: Words<'_>) {
    match node.value.text() {
        Some("verdict") => report.say(
            node.referenced,
            "a correlation does not know the verdict",
            None,
        ),
        Some(name) => {
            words.field(report, node.referenced, name);
        }
        None => report.say(node.referenced, "this has to be the name of a field", None),
    }
}

const KEYS: &[&str] = &[
    "type",
    "rules",
    "group-by",
    "timespan",
    "timeframe",
    "condition",
    "generate",
];
