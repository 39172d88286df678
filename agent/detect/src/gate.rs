//! The cheapest question that a rule asks: which stages, verbs and outcomes it can match at all.
//!
//! Nearly every rule is about a few verbs and one stage, or about what was refused, and nearly every event is another. Three bit
//! sets tell so before the rule is evaluated; a rule whose condition does not let that be known has
//! all bits set. A gate never decides for a match, only against.

use model::{Stage, Verb};
use rsigma_parser::{ConditionExpr, Detection, DetectionItem, SigmaRule, SigmaValue};

/// What of an event the gate looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traits<'e> {
    pub(crate) protocol: &'e str,
    pub(crate) stage: Option<Stage>,
    pub(crate) verb: Option<Verb>,
    /// Whether it was refused, where it has an outcome.
    pub(crate) refused: Option<bool>,
}

/// The stages, verbs and outcomes that a rule can match, a bit each; the bit after the last stands for none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Gate {
    stages: u32,
    verbs: u32,
    outcomes: u32,
}

impl Gate {
    /// The gate of a rule.
    pub(crate) fn of(rule: &SigmaRule) -> Self {
        let mut gate = Self {
            stages: u32::MAX,
            verbs: u32::MAX,
            outcomes: u32::MAX,
        };
        if let [condition] = rule.detection.conditions.as_slice() {
            let mut names = Vec::new();
            required(condition, &mut names);
            let selections = names
                .iter()
                .filter_map(|name| rule.detection.named.get(*name));
            selections.for_each(|selection| gate.narrow(selection));
        }
        gate
    }

    /// Whether an event may match.
    pub(crate) const fn lets(self, event: Traits<'_>) -> bool {
        self.stages & stage_bit(event.stage) != 0
            && self.verbs & verb_bit(event.verb) != 0
            && self.outcomes & outcome_bit(event.refused) != 0
    }

    fn narrow(&mut self, selection: &Detection) {
        let Detection::AllOf(items) = selection else {
            return;
        };
        for item in items.iter().filter(|item| item.field.modifiers.is_empty()) {
            match item.field.name.as_deref() {
                Some("stage") => self.stages &= bits(item, stage_named),
                Some("verb") => self.verbs &= bits(item, verb_named),
                Some("outcome") => self.outcomes &= bits(item, outcome_named),
                _ => {}
            }
        }
    }
}

/// The selections without which the condition is not met.
fn required<'c>(condition: &'c ConditionExpr, names: &mut Vec<&'c str>) {
    match condition {
        ConditionExpr::Identifier(name) => names.push(name),
        ConditionExpr::And(parts) => parts.iter().for_each(|part| required(part, names)),
        ConditionExpr::Or(_) | ConditionExpr::Not(_) | ConditionExpr::Selector { .. } => {}
    }
}

/// The bits of an item's values; all where one of them is more than a word.
fn bits(item: &DetectionItem, named: fn(&str) -> Option<u32>) -> u32 {
    let bit = |value: &SigmaValue| match value {
        SigmaValue::String(text) => named(&text.original).unwrap_or(u32::MAX),
        _ => u32::MAX,
    };
    item.values.iter().map(bit).fold(0, |all, bit| all | bit)
}

fn stage_named(name: &str) -> Option<u32> {
    stage(name).map(|stage| stage_bit(Some(stage)))
}

fn verb_named(name: &str) -> Option<u32> {
    name.parse().ok().map(|verb| verb_bit(Some(verb)))
}

fn outcome_named(name: &str) -> Option<u32> {
    refused(name).map(|refused| outcome_bit(Some(refused)))
}

/// The stage of that name.
pub(crate) fn stage(name: &str) -> Option<Stage> {
    let all = [Stage::Request, Stage::Response, Stage::Other];
    all.into_iter().find(|stage| stage.name() == name)
}

const fn stage_bit(stage: Option<Stage>) -> u32 {
    match stage {
        Some(stage) => 1 << stage as u32,
        None => 1 << 31,
    }
}

const fn verb_bit(verb: Option<Verb>) -> u32 {
    match verb {
        Some(verb) => 1 << verb as u32,
        None => 1 << 31,
    }
}

/// Whether an outcome of that name is a refusal.
pub(crate) fn refused(name: &str) -> Option<bool> {
    match name {
        "done" => Some(false),
        "refused" => Some(true),
        _ => None,
    }
}

const fn outcome_bit(refused: Option<bool>) -> u32 {
    match refused {
        Some(refused) => 1 << refused as u32,
        None => 1 << 31,
    }
}

#[cfg(test)]
mod tests {
    use rsigma_parser::parse_sigma_yaml;

    use super::*;

    #[test]
    fn a_gate_is_shut_only_where_the_condition_needs_it() {
        let check = |detection: &str, lets: bool| {
            let text = format!("title: A\nlogsource: {{}}\ndetection: {detection}\n");
            let rule = &parse_sigma_yaml(&text).unwrap().rules[0];
            let event = Traits {
                protocol: "toy",
                stage: Some(Stage::Request),
                verb: Some(Verb::Read),
                refused: Some(false),
            };
            assert_eq!(Gate::of(rule).lets(event), lets, "{detection}");
        };
        check("{a: {verb: read}, condition: a}", true);
        check("{a: {verb: write}, condition: a}", false);
        check("{a: {verb: [write, read]}, condition: a}", true);
        check(
            "{a: {verb: [write, call]}, b: {stage: request}, condition: a and b}",
            false,
        );
        check("{a: {verb: 'r*'}, condition: a}", true);
        check("{a: {outcome: done}, condition: a}", true);
        check("{a: {outcome: [done, refused]}, condition: a}", true);
        check("{a: {outcome: refused}, condition: a}", false);
        check("{a: {outcome: refused}, condition: not a}", true);
        check("{a: {outcome: null}, condition: a}", true);
        check("{a: {verb|startswith: w}, condition: a}", true);
        check(
            "{a: {stage: response}, b: {verb: read}, condition: b and not a}",
            true,
        );
        check(
            "{a: {stage: response}, b: {verb: read}, condition: a or b}",
            true,
        );
        check("{a: [{stage: response}, {verb: read}], condition: a}", true);
        check("{a: {stage: response}, condition: [a, not a]}", true);
        check(
            "{a1: {stage: response}, a2: {verb: read}, condition: 1 of a*}",
            true,
        );
    }

    #[test]
    fn an_event_without_a_verb_meets_no_rule_that_names_one() {
        let text = "title: A\nlogsource: {}\ndetection: {a: {verb: [read, write]}, condition: a}\n";
        let rule = &parse_sigma_yaml(text).unwrap().rules[0];
        let event = Traits {
            protocol: "toy",
            stage: None,
            verb: None,
            refused: None,
        };
        assert!(!Gate::of(rule).lets(event));
    }
}
