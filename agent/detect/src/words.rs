//! Which fields and words exist: those of every event, and those of the protocols' vocabularies.

use model::{Stage, Verb, Verdict, Vocabulary};
use serde_saphyr::Location;

use crate::fields::FIELDS;
use crate::report::Report;
use crate::yaml::Node;

/// The words that rules are checked against.
#[derive(Clone, Copy)]
pub(crate) struct Words<'w>(pub(crate) &'w [&'static Vocabulary]);

impl Words<'_> {
    /// Checks a field's name; says whether signatures do not cover it.
    pub(crate) fn field(&self, report: &mut Report<'_>, at: Location, name: &str) -> bool {
        if FIELDS.iter().any(|(known, _)| *known == name) {
            return false;
        }
        let known = name.split_once('.').and_then(|(protocol, field)| {
            let vocabulary = self
                .0
                .iter()
                .find(|vocabulary| vocabulary.name == protocol)?;
            covered(vocabulary, field)
        });
        known.unwrap_or_else(|| self.unknown_field(report, at, name))
    }

    fn unknown_field(&self, report: &mut Report<'_>, at: Location, name: &str) -> bool {
        let mut known: Vec<String> = FIELDS
            .iter()
            .map(|(field, _)| (*field).to_owned())
            .collect();
        for vocabulary in self.0 {
            let all = vocabulary.fields.iter().chain(vocabulary.volatile_fields);
            known.extend(all.map(|field| format!("{}.{field}", vocabulary.name)));
        }
        let known: Vec<_> = known.iter().map(String::as_str).collect();
        report.unknown(at, "field", name, &known);
        false
    }

    /// Checks the value that a rule or an example gives to `field`.
    pub(crate) fn value(&self, report: &mut Report<'_>, service: &str, field: &str, node: &Node) {
        let Some(word) = node.value.text() else {
            return;
        };
        let known: &[&str] = match field {
            "verb" => &Verb::ALL.map(Verb::name),
            "stage" => &[Stage::Request, Stage::Response, Stage::Other].map(Stage::name),
            "outcome" => &["done", "refused"],
            "verdict" => &Verdict::NAMES,
            "protocol" => &self.protocols(),
            "function" => &self.functions(service),
            _ => return,
        };
        if !known.contains(&word) {
            report.unknown(node.referenced, field, word, known);
        }
    }

    /// Checks the service that a rule is for.
    pub(crate) fn service(&self, report: &mut Report<'_>, at: Location, name: &str) {
        let mut known = self.protocols();
        known.push(ANY);
        if !known.contains(&name) {
            report.unknown(at, "service", name, &known);
        }
    }

    fn protocols(&self) -> Vec<&'static str> {
        self.0.iter().map(|vocabulary| vocabulary.name).collect()
    }

    /// Every function of a service; of all, where the service itself does not exist.
    fn functions(&self, service: &str) -> Vec<&'static str> {
        let of = |name: &str| name == service || !self.protocols().contains(&service);
        self.0
            .iter()
            .filter(|vocabulary| of(vocabulary.name))
            .flat_map(|vocabulary| vocabulary.functions)
            .map(|function| function.name)
            .collect()
    }
}

/// The service of a rule that is for every protocol.
pub(crate) const ANY: &str = "any";

/// Whether signatures do not cover a field; `None` where there is no such field.
fn covered(vocabulary: &Vocabulary, field: &str) -> Option<bool> {
    let volatile = vocabulary.volatile_fields.contains(&field);
    (volatile || vocabulary.fields.contains(&field)).then_some(volatile)
}
