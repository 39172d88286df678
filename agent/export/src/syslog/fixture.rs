//! An incident for the tests of this folder.

use model::{Because, Incident, IncidentOutcome, IncidentParty, Kind, Severity, Timestamp};

pub(super) fn incident() -> Incident {
    Incident {
        id: "i-1".into(),
        kind: Kind::Policy,
        rule: "policy.no_conduit".into(),
        also: Vec::new(),
        title: "write without conduit".into(),
        sentence: "office-pc wrote to plc-1".into(),
        severity: Severity::High,
        priority: 1,
        confidence: 90,
        outcome: IncidentOutcome::Succeeded,
        count: 3,
        first: Timestamp::from_nanos(1_767_323_045_000_000_000),
        last: Timestamp::from_nanos(1_767_323_045_123_456_789),
        frames: vec![7],
        client: Some(IncidentParty {
            ip: Some([10, 0, 0, 5].into()),
            zone: Some("office".into()),
            ..IncidentParty::default()
        }),
        server: None,
        protocol: Some("modbus".into()),
        verb: Some("write".into()),
        target: None,
        because: Because::default(),
        technique: None,
        owner: "controls".into(),
        action: "ask".into(),
        consequence: "none".into(),
        respond_within: "15m".into(),
        site: "north".into(),
        sensor: "n1".into(),
    }
}
