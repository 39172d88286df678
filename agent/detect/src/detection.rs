//! The detection of a rule: what an event has to look like.
//!
//! Every key and condition is checked where it stands; then `rsigma` compiles the whole. A check
//! keeps nothing of the rule but what evaluation needs, so that a match copies no text.

use std::collections::HashMap;

use rsigma_eval::{CompiledRule, compile_rule, evaluate_rule};
use rsigma_parser::{Detection, DetectionItem, Modifier, SigmaRule, SigmaValue};
use rsigma_parser::{parse_condition, parse_field_spec};
use serde_saphyr::Location;

use crate::gate::Gate;
use crate::report::{Report, clause};
use crate::rules::RuleIndex;
use crate::words::{ANY, Words};
use crate::yaml::{Map, Node, Shape};

/// A compiled detection.
#[derive(Debug)]
pub(crate) struct Check {
    /// The protocol whose events it looks at; every protocol's where there is none.
    pub(crate) service: Option<String>,
    /// The rule that a person is told of, unless it only feeds correlations.
    pub(crate) alerts: Option<RuleIndex>,
    /// Whether a correlation counts its matches.
    pub(crate) feeds: bool,
    /// Whether it reads a field that signatures do not cover.
    pub(crate) volatile: bool,
    /// Which events it can match at all.
    pub(crate) gate: Gate,
    compiled: CompiledRule,
}

impl Check {
    /// Whether an event of that protocol matches.
    pub(crate) fn matches(&self, protocol: &str, event: &impl rsigma_eval::Event) -> bool {
        let service = self.service.as_deref();
        service.is_none_or(|service| service == protocol)
            && evaluate_rule(&self.compiled, event).is_some()
    }
}

/// The protocol that a rule's `logsource` names, or `any`.
pub(crate) fn service<'n>(
    report: &mut Report<'_>,
    root: &'n Map,
    of: Location,
    words: Words<'_>,
) -> Option<&'n str> {
    let help = "such as `product: bulkhead` with `service: modbus`".to_owned();
    let Some(node) = root.value("logsource") else {
        report.say(of, "`logsource` is missing", Some(help));
        return None;
    };
    let map = report.map(node, "logsource")?;
    report.keys(map, &["product", "service", "definition"]);
    let (product, at) = report.text(map, node.referenced, "product", &help)?;
    if product != "bulkhead" {
        report.unknown(at, "product", product, &["bulkhead"]);
    }
    let (service, at) = report.text(map, node.referenced, "service", &help)?;
    words.service(report, at, service);
    Some(service)
}

/// Checks and compiles the detection; `None` where something is wrong, which the report tells.
pub(crate) fn read(
    report: &mut Report<'_>,
    root: &Map,
    of: Location,
    service: &str,
    sigma: Option<&SigmaRule>,
    words: Words<'_>,
) -> Option<Check> {
    let Some((key, node)) = root.entry("detection") else {
        report.say(of, "`detection` is missing", None);
        return None;
    };
    let map = report.map(node, "detection")?;
    let before = report.problems.len();
    let mut reading = Reading {
        words,
        service,
        volatile: false,
    };
    for (name, node) in map.iter() {
        match name.value.as_str() {
            "condition" => condition(report, node),
            "timeframe" => report.say(
                name.referenced,
                "`timeframe` is not read",
                Some(COUNT.into()),
            ),
            _ => reading.selection(report, node),
        }
    }
    if report.problems.len() > before {
        return None;
    }
    let sigma = sigma?;
    match compile_rule(&bare(sigma.clone())) {
        Ok(compiled) => Some(Check {
            service: (service != ANY).then(|| service.to_owned()),
            alerts: None,
            feeds: false,
            volatile: reading.volatile,
            gate: Gate::of(sigma),
            compiled,
        }),
        Err(error) => {
            report.say(key.referenced, error.to_string(), None);
            None
        }
    }
}

struct Reading<'r> {
    words: Words<'r>,
    service: &'r str,
    volatile: bool,
}

impl Reading<'_> {
    /// A selection is fields that all have to fit, or a list of such.
    fn selection(&mut self, report: &mut Report<'_>, node: &Node) {
        match &node.value {
            Shape::Map(map) => map.iter().for_each(|(key, value)| {
                self.item(report, key.referenced, &key.value, value);
            }),
            Shape::List(list) => list.iter().for_each(|node| self.selection(report, node)),
            _ => report.say(
                node.referenced,
                "a search without a field is not read",
                Some(NAME_ONE.into()),
            ),
        }
    }

    fn item(&mut self, report: &mut Report<'_>, at: Location, key: &str, value: &Node) {
        let spec = match parse_field_spec(key) {
            Ok(spec) => spec,
            Err(error) => return report.say(at, clause(&error.to_string()), None),
        };
        let Some(field) = spec.name else {
            return report.say(
                at,
                "a search without a field is not read",
                Some(NAME_ONE.into()),
            );
        };
        self.volatile |= self.words.field(report, at, &field);
        for node in value.value.each(value) {
            if spec.modifiers.contains(&Modifier::FieldRef) {
                let other = node.value.text().unwrap_or_default();
                self.volatile |= self.words.field(report, node.referenced, other);
            } else if spec.modifiers.is_empty() && !wild(node) {
                self.words.value(report, self.service, &field, node);
            }
        }
    }
}

fn condition(report: &mut Report<'_>, node: &Node) {
    for node in node.value.each(node) {
        let Some(text) = node.value.text() else {
            report.say(node.referenced, "`condition` has to be a text", None);
            continue;
        };
        if let Err(error) = parse_condition(text) {
            let what = error.location().map_or_else(
                || clause(&error.to_string()),
                |at| format!("this condition goes wrong at its character {}", at.col),
            );
            report.say(node.referenced, what, None);
        }
    }
}

/// The rule without all that evaluation does not need, and without folding of letters where both
/// sides are known to be small: folding would copy each value for each rule.
fn bare(mut sigma: SigmaRule) -> SigmaRule {
    sigma.custom_attributes = HashMap::new();
    sigma.tags = Vec::new();
    sigma.description = None;
    sigma.falsepositives = Vec::new();
    sigma.detection.named.values_mut().for_each(exact);
    sigma
}

fn exact(detection: &mut Detection) {
    match detection {
        Detection::AllOf(items) => items.iter_mut().for_each(exact_item),
        Detection::AnyOf(parts) | Detection::And(parts) => parts.iter_mut().for_each(exact),
        Detection::Keywords(_) | Detection::ArrayMatch { .. } | Detection::Conditional { .. } => {}
    }
}

fn exact_item(item: &mut DetectionItem) {
    let closed = item
        .field
        .name
        .as_deref()
        .is_some_and(|name| CLOSED.contains(&name));
    let small = |value: &SigmaValue| match value {
        SigmaValue::String(text) => !text.original.contains(char::is_uppercase),
        _ => true,
    };
    if closed && item.field.modifiers.is_empty() && item.values.iter().all(small) {
        item.field.modifiers.push(Modifier::Cased);
    }
}

fn wild(node: &Node) -> bool {
    node.value
        .text()
        .is_some_and(|text| text.contains(['*', '?']))
}

/// The fields whose values are always words of small letters.
const CLOSED: &[&str] = &[
    "protocol", "function", "verb", "stage", "outcome", "verdict",
];

const NAME_ONE: &str = "name the field to look into";
const COUNT: &str = "count with a correlation";
