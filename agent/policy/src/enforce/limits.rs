//! What a statement limits that no packet filter can see.
//!
//! One arm for each field of a statement, so that whoever gives it a new one has to say here what a
//! filter makes of it.

use model::{StatementId, Verb};

use crate::policy::{Grant, Policy};
use crate::rate::Rate;
use crate::session::Session;
use crate::values::Ranges;
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
pub(super) fn limits(policy: &Policy, grant: &Grant) -> Vec<Limit> {
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
        tags,
        values: written,
        session: asked,
        when: held,
        rate: often,
        // It has no rule, so nothing passes.
        shadow: _,
        permit: order,
    } = grant;
    let words = held.as_ref().map(|when| when.words(&policy.calendar));
    let time = words.map(|words| match order {
        Some(_) => permit(&words),
        None => when(&words),
    });
    let limits = [
        (*allowed != VerbSet::ALL).then(|| verbs(*allowed)),
        named.as_deref().map(functions),
        seats.as_ref().map(|_| units()),
        reached.as_ref().map(|_| targets(!tags.is_empty())),
        written.as_ref().map(values),
        time,
        often.map(rate),
    ];
    let sessions = asked.iter().flat_map(session);
    limits.into_iter().flatten().chain(sessions).collect()
}

/// From when until when a statement of a work order holds.
pub(super) fn period(policy: &Policy, id: u32) -> Option<String> {
    let grant = policy.grant(StatementId(id))?;
    let when = grant.when.as_ref().filter(|_| grant.permit.is_some());
    when.map(|when| when.words(&policy.calendar))
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

fn targets(by_tags: bool) -> Limit {
    let word = if by_tags { "tags" } else { "targets" };
    let says = format!("lists {word}; the filter lets every target pass");
    Limit::plain(word, says, "policy.target")
}

fn values(ranges: &Ranges) -> Limit {
    let says = format!("allows values {ranges}; the filter lets every value pass");
    Limit::plain("values", says, "policy.value")
}

fn when(words: &str) -> Limit {
    let says = format!("holds {words}; the filter lets it pass at any time");
    Limit::plain("when", says, "policy.time")
}

fn permit(words: &str) -> Limit {
    let says = format!(
        "is a work order, {words}; the filter does not end it by itself: write the filter anew when it is over"
    );
    Limit::plain("permits", says, "policy.time")
}

fn rate(rate: Rate) -> Limit {
    let says = format!("allows {rate}; the filter lets it pass however often");
    Limit::plain("rate", says, "policy.rate")
}

/// What a statement asks of sessions, each by its key.
fn session(asked: &Session) -> Vec<Limit> {
    let Session {
        encrypted,
        modes,
        policies,
        identities,
        users,
        certificates,
        applications,
    } = asked;
    let asks = [
        ("encryption", *encrypted, "policy.encryption"),
        ("security_modes", modes.is_some(), "policy.security"),
        ("security_policies", policies.is_some(), "policy.security"),
        ("identities", identities.is_some(), "policy.identity"),
        ("users", users.is_some(), "policy.identity"),
        ("certificates", certificates.is_some(), "policy.identity"),
        ("applications", applications.is_some(), "policy.identity"),
    ];
    let asks = asks.into_iter().filter(|(_, is_asked, _)| *is_asked);
    asks.map(|(word, _, finding)| {
        let says = "is for some sessions; the filter lets every session pass";
        Limit::plain(word, says.to_owned(), finding)
    })
    .collect()
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
