//! One plain sentence per incident: who did what to whom, why that is wrong, and how it ended.

use std::fmt::Write as _;

use model::{Because, IncidentOutcome, IncidentParty, Verb};

/// What a sentence is made of.
pub(crate) struct Scene<'a> {
    pub(crate) client: Option<&'a IncidentParty>,
    pub(crate) server: Option<&'a IncidentParty>,
    pub(crate) protocol: Option<&'a str>,
    pub(crate) verb: Option<Verb>,
    pub(crate) target: Option<&'a str>,
    pub(crate) title: &'a str,
    pub(crate) because: &'a Because,
    pub(crate) outcome: IncidentOutcome,
    pub(crate) count: u64,
}

/// The sentence.
pub(crate) fn sentence(scene: &Scene<'_>) -> String {
    let mut text = match (scene.client, scene.server, scene.verb) {
        (Some(client), Some(server), Some(verb)) => deed(scene, client, server, verb),
        _ => scene.title.to_owned(),
    };
    if !scene.because.reason.is_empty() {
        let _ = write!(text, ": {}", scene.because.reason);
    }
    text.push('.');
    text
}

fn deed(scene: &Scene<'_>, client: &IncidentParty, server: &IncidentParty, verb: Verb) -> String {
    let succeeded = scene.outcome == IncidentOutcome::Succeeded;
    let (past, infinitive) = phrases(verb);
    let mut text = name(client);
    if succeeded {
        let _ = write!(text, " {past} ");
    } else {
        let _ = write!(text, " tried to {infinitive} ");
    }
    text.push_str(&name(server));
    if let Some(target) = scene.target {
        let _ = write!(text, " at {target}");
    }
    if let Some(protocol) = scene.protocol {
        let _ = write!(text, " over {protocol}");
    }
    if scene.count > 1 {
        let _ = write!(text, ", {} times", scene.count);
    }
    text.push_str(match scene.outcome {
        IncidentOutcome::Succeeded => ", and it was done",
        IncidentOutcome::Refused => ", and was refused",
        IncidentOutcome::Unanswered => ", and got no answer",
        IncidentOutcome::Attempted => ", and the answer was not seen",
    });
    text
}

/// A party by the best name that there is, with its address and role or zone.
fn name(party: &IncidentParty) -> String {
    let address = party
        .ip
        .map(|ip| ip.to_string())
        .or_else(|| party.mac.clone())
        .unwrap_or_else(|| "an unknown host".to_owned());
    let address = match &party.unit {
        Some(unit) => format!("{unit} of {address}"),
        None => address,
    };
    match (&party.asset, &party.role, &party.zone) {
        (Some(asset), ..) => format!("{asset} ({address})"),
        (None, Some(role), _) => format!("{address} ({role})"),
        (None, None, Some(zone)) => format!("{address} (no known asset of {zone})"),
        (None, None, None) => address,
    }
}

/// What a verb does to a server: done, and to be done.
const fn phrases(verb: Verb) -> (&'static str, &'static str) {
    match verb {
        Verb::Connect => ("opened a session with", "open a session with"),
        Verb::Identify => ("asked the identity of", "learn the identity of"),
        Verb::Browse => ("walked the contents of", "walk the contents of"),
        Verb::Read => ("read from", "read from"),
        Verb::Subscribe => ("subscribed to values of", "subscribe to values of"),
        Verb::Write => ("wrote to", "write to"),
        Verb::Call => ("called a method of", "call a method of"),
        Verb::Diagnose => ("ran diagnostics on", "run diagnostics on"),
        Verb::Upload => ("copied the program out of", "copy the program out of"),
        Verb::Download => ("loaded a program into", "load a program into"),
        Verb::Mode => (
            "changed the operating mode of",
            "change the operating mode of",
        ),
        Verb::Configure => (
            "changed the configuration of",
            "change the configuration of",
        ),
        Verb::Time => ("set the clock of", "set the clock of"),
        Verb::Credential => ("used a credential on", "use a credential on"),
        Verb::Firmware => ("changed the firmware of", "change the firmware of"),
        Verb::Delete => ("deleted from", "delete from"),
        Verb::Alarm => ("handled alarms of", "handle alarms of"),
        Verb::Other => ("sent a command of unknown meaning to", "command"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(ip: &str, asset: Option<&str>, zone: Option<&str>) -> IncidentParty {
        IncidentParty {
            ip: ip.parse().ok(),
            asset: asset.map(str::to_owned),
            zone: zone.map(str::to_owned),
            ..IncidentParty::default()
        }
    }

    fn check(outcome: IncidentOutcome, count: u64, want: &str) {
        let client = party("10.10.10.99", None, Some("cell-1"));
        let server = party("10.10.10.21", Some("plc-mixer"), Some("cell-1"));
        let because = Because {
            reason: "no role allows it".into(),
            ..Because::default()
        };
        let scene = Scene {
            client: Some(&client),
            server: Some(&server),
            protocol: Some("modbus"),
            verb: Some(Verb::Write),
            target: Some("holding:40"),
            title: "",
            because: &because,
            outcome,
            count,
        };
        assert_eq!(sentence(&scene), want);
    }

    #[test]
    fn a_sentence_says_who_did_what_to_whom_and_how_it_ended() {
        check(
            IncidentOutcome::Succeeded,
            12,
            "10.10.10.99 (no known asset of cell-1) wrote to plc-mixer (10.10.10.21) \
             at holding:40 over modbus, 12 times, and it was done: no role allows it.",
        );
        check(
            IncidentOutcome::Refused,
            1,
            "10.10.10.99 (no known asset of cell-1) tried to write to plc-mixer \
             (10.10.10.21) at holding:40 over modbus, and was refused: no role allows it.",
        );
    }
}
