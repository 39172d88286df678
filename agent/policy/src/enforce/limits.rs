//! What a statement limits that no packet filter can see.
//!
//! One arm for each field of a statement, so that whoever gives it a new one has to say here what a
//! filter makes of it.

use model::Verb;

use crate::policy::Grant;
use crate::verbs::{VerbSet, technique};

/// A limit that the sensor watches and the filter does not hold.
pub(super) struct Limit {
    /// The key of the policy that states it.
    pub(super) word: &'static str,
    /// What the filter does in its place.
    pub(super) says: String,
    /// The finding of whoever goes beyond it.
    pub(super) finding: &'static str,
    /// The techniques that it keeps out.
    pub(super) techniques: Vec<&'static str>,
}

/// Every limit of a statement that a filter lets pass.
pub(super) fn limits(grant: &Grant) -> Vec<Limit> {
    let Grant {
        title: _,
        of: _,
        at: _,
        // Ports tell protocols.
        protocols: _,
        verbs: allowed,
        functions: named,
        units: seats,
        targets: reached,
    } = grant;
    let limits = [
        (*allowed != VerbSet::ALL).then(|| verbs(*allowed)),
        named.as_deref().map(functions),
        seats.as_ref().map(|_| units()),
        reached.as_ref().map(|_| targets()),
    ];
    limits.into_iter().flatten().collect()
}

fn verbs(allowed: VerbSet) -> Limit {
    Limit {
        word: "verbs",
        says: format!("allows {allowed}; the filter lets every verb pass"),
        finding: "policy.verb",
        techniques: beyond(allowed),
    }
}

fn functions(names: &[&str]) -> Limit {
    let says = format!(
        "allows {}; the filter lets every function pass",
        names.join(", ")
    );
    Limit::plain("functions", says, "policy.function")
}

fn units() -> Limit {
    let says = "is for some units; the filter lets pass what is for any unit at this address";
    Limit::plain("units", says.to_owned(), "policy.unit")
}

fn targets() -> Limit {
    let says = "lists targets; the filter lets every target pass";
    Limit::plain("targets", says.to_owned(), "policy.target")
}

impl Limit {
    const fn plain(word: &'static str, says: String, finding: &'static str) -> Self {
        Self {
            word,
            says,
            finding,
            techniques: Vec::new(),
        }
    }
}

/// The techniques that verbs outside a set look like.
pub(super) fn beyond(allowed: VerbSet) -> Vec<&'static str> {
    let others = Verb::ALL
        .into_iter()
        .filter(|verb| !allowed.contains(*verb));
    let mut techniques: Vec<_> = others.filter_map(technique).collect();
    techniques.sort_unstable();
    techniques.dedup();
    techniques
}
