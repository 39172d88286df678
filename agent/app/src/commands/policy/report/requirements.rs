//! Requirements of IEC 62443-3-3, held against what was observed in a zone. Which observation speaks for or against which
//! requirement is data: `62443-3-3.yaml`.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

/// One requirement, as the map has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Requirement {
    sr: String,
    from: u8,
    title: String,
    #[serde(default)]
    evidenced_by: Vec<String>,
    #[serde(default)]
    contradicted_by: Vec<String>,
    #[serde(rename = "else")]
    otherwise: String,
}

/// What a requirement comes to in one zone.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Finding {
    pub(crate) sr: String,
    pub(crate) title: String,
    /// The lowest security level that asks for it.
    pub(crate) from: u8,
    /// Whether the zone's target security level asks for it; not known where it has none.
    pub(crate) asked: Option<bool>,
    pub(crate) state: &'static str,
    pub(crate) reason: String,
}

/// The map that is shipped.
///
/// # Errors
///
/// When it does not read, which a test rules out.
pub(crate) fn shipped() -> Result<Vec<Requirement>> {
    serde_saphyr::from_str(MAP).context("the map of requirements")
}

impl Requirement {
    /// Holds it against how often each observation was made.
    pub(crate) fn judge(&self, seen: &BTreeMap<&'static str, u64>, target: Option<u8>) -> Finding {
        let against = told(&self.contradicted_by, seen);
        let speaks = told(&self.evidenced_by, seen);
        let (state, reason) = match (against, speaks) {
            (Some(against), _) => ("contradicted", against),
            (None, Some(speaks)) => ("evidenced", speaks),
            (None, None) => ("not observable", self.otherwise.clone()),
        };
        Finding {
            sr: self.sr.clone(),
            title: self.title.clone(),
            from: self.from,
            asked: target.map(|target| target >= self.from),
            state,
            reason,
        }
    }
}

/// The observations of a list that were made, in words.
fn told(names: &[String], seen: &BTreeMap<&'static str, u64>) -> Option<String> {
    let each = names.iter().filter_map(|name| {
        let count = seen.get(name.as_str()).filter(|count| **count > 0)?;
        Some(format!("{count} {}", name.replace('_', " ")))
    });
    let each: Vec<_> = each.collect();
    (!each.is_empty()).then(|| each.join(", "))
}

const MAP: &str = include_str!("62443-3-3.yaml");

#[cfg(test)]
mod tests {
    use super::*;

    fn state(sr: &str, seen: &[(&'static str, u64)]) -> &'static str {
        let map = shipped().unwrap();
        let requirement = map.iter().find(|it| it.sr == sr).unwrap();
        requirement
            .judge(&seen.iter().copied().collect(), None)
            .state
    }

    #[test]
    fn one_observation_against_it_outweighs_all_that_speak_for_it() {
        let both = [("conforming_operations", 900), ("violations", 1)];
        assert_eq!(state("SR 2.1", &both), "contradicted");
        assert_eq!(state("SR 2.1", &both[..1]), "evidenced");
    }

    #[test]
    fn what_nothing_speaks_of_is_not_observable() {
        assert_eq!(state("SR 2.1", &[("violations", 0)]), "not observable");
    }

    #[test]
    fn every_observation_of_the_map_is_one_that_is_made() {
        let made = [include_str!("seen.rs"), include_str!("document.rs")].concat();
        for it in shipped().unwrap() {
            for name in it.evidenced_by.iter().chain(&it.contradicted_by) {
                assert!(made.contains(&format!("\"{name}\"")), "{}: {name}", it.sr);
            }
        }
    }
}
