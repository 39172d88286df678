//! Which fields and words exist: those of every event, and those of the protocols' vocabularies.
//!
//! Without vocabularies (the shipped rules at start, whose words a test checked) the fields and
//! functions of protocols are taken as given.

use model::{Stage, Verb, Vocabulary};
use serde_saphyr::Location;

use crate::fields::FIELDS;
use crate::report::Report;
use crate::yaml::Node;

/// The words that rules are checked against.
#[derive(Clone, Copy)]
pub(crate) struct Words<'w> {
    pub(crate) vocabularies: Option<&'w [&'static Vocabulary]>,
}

impl Words<'_> {
    /// Checks a field's name; says whether signatures do not cover it.
    pub(crate) fn field(&self, report: &mut Report<'_>, at: Location, name: &str) -> bool {
        if FIELDS.iter().any(|(known, _)| *known == name) {
            return false;
        }
        match (self.vocabularies, name.split_once('.')) {
            (None, Some((protocol, _))) if !OURS.contains(&protocol) => false,
            (Some(vocabularies), Some((protocol, field))) => vocabularies
                .iter()
                .find(|vocabulary| vocabulary.name == protocol)
                .and_then(|vocabulary| covered(vocabulary, field))
                .unwrap_or_else(|| self.unknown_field(report, at, name)),
            _ => self.unknown_field(report, at, name),
        }
    }

    fn unknown_field(&self, report: &mut Report<'_>, at: Location, name: &str) -> bool {
        let mut known: Vec<String> = FIELDS
            .iter()
            .map(|(field, _)| (*field).to_owned())
            .collect();
        for vocabulary in self.vocabularies.unwrap_or_default() {
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
            "verdict" => &["conforms", "violates", "unzoned", "unknown"],
            "protocol" => &self.protocols(),
            "function" => &self.functions(service),
            _ => return,
        };
        if !known.is_empty() && !known.contains(&word) {
            report.unknown(node.referenced, field, word, known);
        }
    }

    /// Checks the service that a rule is for.
    pub(crate) fn service(&self, report: &mut Report<'_>, at: Location, name: &str) {
        let mut known = self.protocols();
        known.push(ANY);
        if self.vocabularies.is_some() && !known.contains(&name) {
            report.unknown(at, "service", name, &known);
        }
    }

    fn protocols(&self) -> Vec<&'static str> {
        let all = self.vocabularies.unwrap_or_default();
        all.iter().map(|vocabulary| vocabulary.name).collect()
    }

    fn functions(&self, service: &str) -> Vec<&'static str> {
        let all = self.vocabularies.unwrap_or_default().iter();
        all.filter(|vocabulary| service == ANY || vocabulary.name == service)
            .flat_map(|vocabulary| vocabulary.functions)
            .map(|function| function.name)
            .collect()
    }
}

/// The service of a rule that is for every protocol.
pub(crate) const ANY: &str = "any";

/// The heads of dotted fields that are no protocol's.
const OURS: [&str; 4] = ["client", "server", "function", "outcome"];

/// Whether signatures do not cover a field; `None` where there is no such field.
fn covered(vocabulary: &Vocabulary, field: &str) -> Option<bool> {
    let volatile = vocabulary.volatile_fields.contains(&field);
    (volatile || vocabulary.fields.contains(&field)).then_some(volatile)
}
