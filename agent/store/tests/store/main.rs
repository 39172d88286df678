//! The store as the other rooms use it.

#![cfg(test)]

mod grown;
mod keeping;
mod killed;
mod model_of_outbox;
mod outbox;
mod policies;
mod trouble;

use model::{Because, Incident, IncidentOutcome, Kind, Severity, Timestamp};

/// An incident with the fields that the store looks at.
fn incident(id: &str, priority: u8, count: u64) -> Incident {
    Incident {
        id: id.into(),
        kind: Kind::Policy,
        rule: "policy.no_conduit".into(),
        also: Vec::new(),
        title: "write without conduit".into(),
        sentence: "office-pc wrote to plc-1, and no conduit joins their zones".into(),
        severity: Severity::High,
        priority,
        confidence: 90,
        outcome: IncidentOutcome::Succeeded,
        count,
        first: Timestamp::from_nanos(1_000),
        last: Timestamp::from_nanos(1_000 + i64::try_from(count).unwrap()),
        frames: vec![1, 2],
        client: None,
        server: None,
        protocol: Some("modbus".into()),
        verb: Some("write".into()),
        target: None,
        because: Because::default(),
        technique: None,
        owner: "controls".into(),
        action: "ask".into(),
        consequence: "a setpoint is wrong".into(),
        respond_within: "15m".into(),
        site: "north".into(),
        sensor: "n1".into(),
    }
}

/// Identifier and count of what a sink still has to take.
fn owed(store: &store::Store, sink: &str) -> Vec<(String, u64)> {
    let pending = store.pending(sink, usize::MAX).unwrap();
    pending
        .into_iter()
        .map(|(_, incident)| (incident.id, incident.count))
        .collect()
}
