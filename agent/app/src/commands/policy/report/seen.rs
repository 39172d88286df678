//! What captures show of a policy: of each statement, of each zone, and between zones.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use engine::{Context, Watch};
use model::{Event, Said, Timestamp, Value, Verb, Verdict};
use serde::Serialize;

use super::slots::Slots;

/// What was seen.
#[derive(Default)]
pub(crate) struct Seen {
    /// By statement.
    pub(crate) statements: BTreeMap<u32, Used>,
    /// Names of observations with how often each was made, by the zone that answers or asks.
    pub(crate) zones: BTreeMap<String, BTreeMap<&'static str, u64>>,
    /// Violations that are near no statement, from zone to zone.
    pub(crate) strays: BTreeMap<(String, String), u64>,
    /// Hosts in no zone, with how many messages each sent or got.
    pub(crate) unzoned: BTreeMap<String, u64>,
    /// Everything that was judged.
    pub(crate) all: Used,
    start: Option<Timestamp>,
}

/// How a statement was used.
#[derive(Clone, Debug, Default)]
pub(crate) struct Used {
    pub(crate) count: u64,
    pub(crate) first: Option<Timestamp>,
    pub(crate) last: Option<Timestamp>,
    pub(crate) encrypted: u64,
    pub(crate) violations: BTreeMap<&'static str, u64>,
    pub(crate) shadow: u64,
    pub(crate) slots: Slots,
}

/// The same in a report.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Use {
    pub(crate) count: u64,
    pub(crate) first: Option<Timestamp>,
    pub(crate) last: Option<Timestamp>,
    pub(crate) percent_encrypted: Option<u64>,
    pub(crate) percent_of_observed_time: u64,
    pub(crate) violations: BTreeMap<&'static str, u64>,
    pub(crate) shadow: u64,
}

impl Used {
    fn add(&mut self, at: Timestamp, second: u64, encrypted: bool) {
        self.count += 1;
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = self.last.max(Some(at));
        self.encrypted += u64::from(encrypted);
        self.slots.add(second);
    }

    /// As a report has it; `all` is the observed time.
    pub(crate) fn told(&self, all: &Slots) -> Use {
        Use {
            count: self.count,
            first: self.first,
            last: self.last,
            percent_encrypted: (self.encrypted * 100).checked_div(self.count),
            percent_of_observed_time: self.slots.percent_of(all),
            violations: self.violations.clone(),
            shadow: self.shadow,
        }
    }
}

/// Hears what is judged.
#[derive(Clone, Default)]
pub(crate) struct Witness(Arc<Mutex<Seen>>);

impl Witness {
    /// What it heard.
    pub(crate) fn into_seen(self) -> Seen {
        self.0
            .lock()
            .map(|mut seen| std::mem::take(&mut *seen))
            .unwrap_or_default()
    }
}

impl Watch for Witness {
    fn said(&mut self, _: &Context<'_>, _: &Said<'_>) {}

    fn judged(&mut self, event: &Event<'_>, verdict: Option<Verdict>) {
        if let (Ok(mut seen), Some(verdict)) = (self.0.lock(), verdict) {
            seen.judged(event, verdict);
        }
    }

    fn gap(&mut self, _: &Context<'_>, _: u64) {}

    fn finish(&mut self) {}
}

impl Seen {
    fn judged(&mut self, event: &Event<'_>, verdict: Verdict) {
        let at = event.stamp.time;
        let start = *self.start.get_or_insert(at);
        let second = at.since(start).as_secs();
        let encrypted = is_encrypted(event);
        self.all.add(at, second, encrypted);
        match verdict {
            Verdict::Conforms { to } => self.of(to.0).add(at, second, encrypted),
            Verdict::Violates {
                because,
                of: Some(near),
            } => {
                *self
                    .of(near.0)
                    .violations
                    .entry(because.name())
                    .or_default() += 1;
            }
            Verdict::Shadow { of: near } => self.of(near.0).shadow += 1,
            Verdict::Violates { of: None, .. } => {
                let zone = |name: Option<&str>| name.unwrap_or_default().to_owned();
                let ends = (zone(event.client.zone), zone(event.server.zone));
                *self.strays.entry(ends).or_default() += 1;
            }
            Verdict::Unzoned { .. } | Verdict::Unknown { .. } => {}
        }
        self.note_zones(event, verdict, encrypted);
    }

    fn of(&mut self, statement: u32) -> &mut Used {
        self.statements.entry(statement).or_default()
    }

    fn note_zones(&mut self, event: &Event<'_>, verdict: Verdict, encrypted: bool) {
        for party in [&event.client, &event.server] {
            if party.zone.is_none() && self.unzoned.len() < HOSTS {
                let host = party.host;
                let ip = host.ip.map(|ip| ip.to_string());
                let name = ip.or_else(|| host.mac.map(|mac| mac.to_string()));
                *self.unzoned.entry(name.unwrap_or_default()).or_default() += 1;
            }
        }
        let crosses = event.client.zone != event.server.zone;
        for party in [&event.client, &event.server] {
            if let (Some(zone), None) = (party.zone, party.asset) {
                let zone = self.zones.entry(zone.to_owned()).or_default();
                *zone
                    .entry("operations_of_hosts_that_are_no_asset")
                    .or_default() += 1;
            }
        }
        let mut notes = notes(event, verdict, encrypted);
        if crosses {
            notes.push("operations_across_boundary");
            if matches!(verdict, Verdict::Violates { .. } | Verdict::Unzoned { .. }) {
                notes.push("boundary_violations");
            }
        }
        let ends = [event.client.zone, event.server.zone];
        let ends = ends.into_iter().take(if crosses { 2 } else { 1 }).flatten();
        for zone in ends {
            let zone = self.zones.entry(zone.to_owned()).or_default();
            for note in &notes {
                *zone.entry(note).or_default() += 1;
            }
        }
    }
}

/// What an operation shows, by the names that the map of requirements has for it.
fn notes(event: &Event<'_>, verdict: Verdict, encrypted: bool) -> Vec<&'static str> {
    let operation = event.operation;
    let verb = operation.function.verb;
    let text = |name| match operation.detail.field(name) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    };
    let mut notes = vec!["operations"];
    notes.push(if encrypted {
        "encrypted_operations"
    } else {
        "clear_operations"
    });
    match text("security_mode").as_deref() {
        Some("sign" | "sign_and_encrypt") => notes.push("signed_operations"),
        _ if encrypted => notes.push("signed_operations"),
        _ => notes.push("unsigned_operations"),
    }
    match text("identity").as_deref() {
        Some("anonymous") => notes.push("anonymous_sessions"),
        Some(_) => notes.push("identified_sessions"),
        None => {}
    }
    match verdict {
        Verdict::Conforms { .. } => {
            notes.push("conforming_operations");
            if changes_programs(verb) {
                notes.push("authorised_program_changes");
            }
        }
        Verdict::Violates { because, .. } => {
            notes.push("violations");
            notes.push(match because.name() {
                "role" => "role_violations",
                "value" => "value_violations",
                "rate" => "rate_violations",
                "identity" => "identity_violations",
                "security" | "encryption" => "violations_of_asked_protection",
                _ => "other_violations",
            });
            if changes_programs(verb) {
                notes.push("unauthorised_program_changes");
            }
        }
        Verdict::Unzoned { .. } => notes.extend(["violations", "unknown_hosts"]),
        Verdict::Unknown { .. } => notes.push("undecided_operations"),
        Verdict::Shadow { .. } => {}
    }
    notes
}

const fn changes_programs(verb: Verb) -> bool {
    matches!(
        verb,
        Verb::Download | Verb::Firmware | Verb::Delete | Verb::Mode
    )
}

/// Whether nobody on the way can read it.
fn is_encrypted(event: &Event<'_>) -> bool {
    let field = |name| event.operation.detail.field(name);
    let mode = field("security_mode");
    field("encrypted") == Some(Value::Bool(true))
        || matches!(mode, Some(Value::Text(mode)) if mode == "sign_and_encrypt")
}

/// The most hosts in no zone that are named.
const HOSTS: usize = 200;
