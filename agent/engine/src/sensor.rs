//! What the sensor finds by itself: broken conversations and the bounds of its own sight.

use model::{Anomaly, AnomalyKind, Because, Finding, Kind, Malformed, Response, Severity};

/// The finding for two copies of stream bytes that differ.
pub(crate) fn overlap_conflict() -> Finding {
    finding(Words {
        rule: "sensor.overlap_conflict",
        title: "Two versions of the same bytes in one conversation",
        severity: Severity::High,
        confidence: 70,
        technique: Some("T0830"),
        reason: "a second copy of the same stream bytes differs from the first, as when somebody \
                 injects packets"
            .to_owned(),
        action: "Find out which host sent the second copy (its MAC address is in the frames named \
                 as evidence) and whether a device between the two rewrites packets.",
        consequence: "Commands or values could be forged between two trusted devices.",
        respond_within: "1h",
    })
}

/// The finding for a message that cannot be read.
pub(crate) fn malformed(what: &Malformed) -> Finding {
    finding(Words {
        rule: "sensor.malformed",
        title: "Message that breaks its protocol",
        severity: Severity::Low,
        confidence: 60,
        technique: Some("T0866"),
        reason: format!(
            "field `{}` at byte {}: {}",
            what.field, what.offset, what.why
        ),
        action: "Compare with the device's vendor documentation; if the sender is no known device, \
                 take it off the network.",
        consequence: "Malformed messages crash controllers that do not check them.",
        respond_within: "1d",
    })
}

/// The finding for a message that is readable but against the rules, where a person should know.
pub(crate) fn anomaly(what: &Anomaly) -> Option<Finding> {
    let Anomaly {
        expected, found, ..
    } = what;
    let (rule, title, severity, technique, reason) = match what.kind {
        AnomalyKind::LengthMismatch => (
            "sensor.length_mismatch",
            "Length field that contradicts its message",
            Severity::Medium,
            "T0866",
            format!("the function needs {expected} bytes and {found} are said"),
        ),
        AnomalyKind::MismatchedAnswer => (
            "sensor.mismatched_answer",
            "Answer that does not fit its request",
            Severity::Medium,
            "T0856",
            format!("the request calls for {expected} and the answer has {found}"),
        ),
        AnomalyKind::UnsolicitedAnswer => (
            "sensor.unsolicited_answer",
            "Answer without a request",
            Severity::Medium,
            "T0856",
            "the conversation was seen from its start without loss, and nobody asked".to_owned(),
        ),
        AnomalyKind::TooLarge => (
            "sensor.too_large",
            "Message larger than any device needs",
            Severity::Medium,
            "T0866",
            format!("at most {expected} bytes are read and it has {found}"),
        ),
        AnomalyKind::ChunkFlood => (
            "sensor.chunk_flood",
            "Flood of chunks that never end",
            Severity::High,
            "T0814",
            format!("at most {expected} are kept and {found} came"),
        ),
        AnomalyKind::BadChecksum => (
            "sensor.bad_checksum",
            "Checksum that contradicts its message",
            Severity::Low,
            "T0866",
            format!("the bytes give {expected:#06x} and {found:#06x} is said"),
        ),
        AnomalyKind::SecurityDowngrade => (
            "sensor.security_downgrade",
            "Channel with less protection than it could have",
            Severity::Medium,
            "T0830",
            format!(
                "protection of rank {expected} is offered or was used, and rank {found} is used"
            ),
        ),
        AnomalyKind::TooDeep => (
            "sensor.too_deep",
            "Value that nests without end",
            Severity::High,
            "T0814",
            format!("at most {expected} levels are read and it has {found} or more"),
        ),
        AnomalyKind::TooMany => (
            "sensor.too_many",
            "List of more items than its message can hold",
            Severity::Medium,
            "T0814",
            format!("there is room for {expected} items at most and {found} are claimed"),
        ),
        AnomalyKind::Nested => (
            "sensor.nested",
            "Message hidden within another of its kind",
            Severity::High,
            "T0866",
            "the payload of a transport unit is another whole transport unit".to_owned(),
        ),
        AnomalyKind::SequenceBreak => (
            "sensor.sequence_break",
            "Sequence number or token that is not the next one",
            Severity::Medium,
            "T0830",
            format!("{expected} was to come and {found} came, though no byte was lost"),
        ),
        AnomalyKind::EndlessTransfer => (
            "sensor.endless_transfer",
            "Copy of a program block that never ended",
            Severity::Medium,
            "T0843",
            match expected {
                0 => format!("{found} bytes came, and the end did not"),
                _ => format!("{expected} bytes were announced, {found} came, and the end did not"),
            },
        ),
        AnomalyKind::DuplicateRequest
        | AnomalyKind::OverlapConflict
        | AnomalyKind::PendingOverflow => return None,
    };
    Some(finding(Words {
        rule,
        title,
        severity,
        confidence: 60,
        technique: Some(technique),
        reason,
        action: "Look at the frames named as evidence: a gateway with a fault sends such messages, \
                 and so does somebody who forges answers.",
        consequence: "Operators may see values that no device reported.",
        respond_within: "1d",
    }))
}

/// The finding for more causes than incidents can be open.
pub(crate) fn too_many_incidents() -> Finding {
    finding(Words {
        rule: "sensor.incident_overflow",
        title: "More kinds of violations than can be told apart",
        severity: Severity::High,
        confidence: 100,
        technique: None,
        reason: "the limit of open incidents is reached; further findings are only counted"
            .to_owned(),
        action: "Look at the first incidents: a scan, or a policy that does not fit this network.",
        consequence: "Single violations beyond the limit have no incident of their own.",
        respond_within: "4h",
    })
}

struct Words {
    rule: &'static str,
    title: &'static str,
    severity: Severity,
    confidence: u8,
    technique: Option<&'static str>,
    reason: String,
    action: &'static str,
    consequence: &'static str,
    respond_within: &'static str,
}

fn finding(words: Words) -> Finding {
    Finding {
        kind: Kind::Sensor,
        rule: words.rule.to_owned(),
        title: words.title.to_owned(),
        severity: words.severity,
        confidence: words.confidence,
        because: Because {
            reason: words.reason,
            ..Because::default()
        },
        technique: words.technique.map(str::to_owned),
        response: Response {
            owner: "OT security".to_owned(),
            action: words.action.to_owned(),
            consequence: words.consequence.to_owned(),
            respond_within: words.respond_within.to_owned(),
        },
    }
}
