//! The cheapest question that a rule asks: which stages, verbs and outcomes it can match at all.
//!
//! Nearly every rule is about one protocol, a few verbs and one stage, or about what was refused, and nearly every event is another. Four
//! bit sets tell so before the rule is touched; a rule whose condition does not let that be known has
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
    services: u32,
    stages: u32,
    verbs: u32,
    outcomes: u32,
}

impl Gate {
    /// The gate of a rule for every protocol.
    pub(crate) fn of(rule: &SigmaRule) -> Self {
        let mut gate = Self {
            services: u32::MAX,
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

/// The gates of all rules, side by side: nearly all are shut, and then nothing else of a rule is read.
#[derive(Debug, Default)]
pub(crate) struct Gates {
    /// The protocols that rules name, a bit each.
    services: Vec<String>,
    gates: Vec<Gate>,
}

impl Gates {
    /// The gates of rules, each with the protocol that it is for; every protocol where there is none.
    pub(crate) fn of<'r>(rules: impl Iterator<Item = (Option<&'r str>, Gate)>) -> Self {
        let mut gates = Self::default();
        for (service, gate) in rules {
            let services = service.map_or(u32::MAX, |service| gates.named(service));
            gates.gates.push(Gate { services, ..gate });
        }
        gates
    }

    /// The places of the rules that an event may match.
    pub(crate) fn open(&self, event: Traits<'_>) -> impl Iterator<Item = u32> + use<'_> {
        let service = self.service_bit(event.protocol);
        let (stage, verb) = (stage_bit(event.stage), verb_bit(event.verb));
        let outcome = outcome_bit(event.refused);
        let gates = self.gates.iter().zip(0..);
        gates.filter_map(move |(gate, place)| {
            let lets = gate.services & service != 0
                && gate.stages & stage != 0
                && gate.verbs & verb != 0
                && gate.outcomes & outcome != 0;
            lets.then_some(place)
        })
    }

    /// The bit of a protocol, which rules name from now on.
    fn named(&mut self, service: &str) -> u32 {
        if !self.services.iter().any(|known| known == service) {
            self.services.push(service.to_owned());
        }
        self.service_bit(service)
    }

    /// The bit of a protocol. Those that no rule names share one, and so do those for which there is none left: rules look again.
    fn service_bit(&self, name: &str) -> u32 {
        let place = self.services.iter().position(|service| service == name);
        1 << place.unwrap_or(LAST_BIT).min(LAST_BIT)
    }
}

const LAST_BIT: usize = 31;

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
            let gates = Gates::of([(None, Gate::of(rule))].into_iter());
            assert_eq!(gates.open(event).count() == 1, lets, "{detection}");
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
        let gates = Gates::of([(None, Gate::of(rule))].into_iter());
        assert_eq!(gates.open(event).count(), 0);
    }

    #[test]
    fn a_rule_is_open_to_its_protocol_and_one_for_all_to_all() {
        let text = "title: A\nlogsource: {}\ndetection: {a: {unit: 1}, condition: a}\n";
        let gate = Gate::of(&parse_sigma_yaml(text).unwrap().rules[0]);
        let open = |services: &[Option<&str>], protocol| {
            let event = Traits {
                protocol,
                stage: None,
                verb: None,
                refused: None,
            };
            let gates = Gates::of(services.iter().map(|service| (*service, gate)));
            gates.open(event).collect::<Vec<_>>()
        };
        let services = [Some("toy"), None, Some("play"), Some("toy")];
        assert_eq!(open(&services, "toy"), [0, 1, 3]);
        assert_eq!(open(&services, "play"), [1, 2]);
        assert_eq!(open(&services, "none"), [1]);
        // more than there are bits: those without one are let through, never kept out
        let names: Vec<_> = (0..40).map(|number| format!("toy{number}")).collect();
        let services: Vec<_> = names.iter().map(|name| Some(name.as_str())).collect();
        assert_eq!(open(&services, "toy7"), [7]);
        assert_eq!(open(&services, "toy35"), Vec::from_iter(31..40));
    }
}
