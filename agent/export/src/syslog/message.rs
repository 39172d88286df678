//! One incident as one RFC 5424 message: header, one structured-data element, one sentence.
//!
//! - PRI from the severity (6.2.1), TIMESTAMP the incident's last message in UTC with microseconds
//!   (6.2.3), HOSTNAME the sensor, APP-NAME `bulkhead`, MSGID the rule, as far as 32 characters go.
//! - SD-ID `bulkhead@32473`, the number that RFC 5612 sets aside for documentation; names of the
//!   parameters are those of the incident record, those of a party with `client_` or `server_`.
//! - MSG is the sentence in UTF-8 behind a byte order mark (6.4).
//!
//! Control characters become spaces, so that one message is one line at any receiver. A message
//! never exceeds its bound: parameters stand in order of importance and the last are left out, the
//! sentence is cut between characters, and `cut="true"` says so.

use std::fmt::Write;

use model::{Incident, IncidentParty, Severity};

use crate::Facility;

/// The longest value of a parameter, in bytes before escaping.
const VALUE_BYTES: usize = 256;

/// Room that the sentence keeps, whatever the parameters need.
const SENTENCE_BYTES: usize = 300;

const CUT: &str = " cut=\"true\"";
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The message, at most `max_bytes` long where that is 1024 or more.
pub(crate) fn message(incident: &Incident, facility: Facility, max_bytes: usize) -> String {
    let mut text = header(incident, facility);
    let sentence = printable(&incident.sentence);
    let kept = sentence.len().min(SENTENCE_BYTES) + BYTE_ORDER_MARK.len() + 2 + CUT.len();
    let mut cut = !parameters(incident, max_bytes.saturating_sub(kept), &mut text);
    let rest = max_bytes.saturating_sub(text.len() + BYTE_ORDER_MARK.len() + 2 + CUT.len());
    let shown = cut_to(&sentence, rest);
    cut |= shown.len() < sentence.len();
    if cut {
        text.push_str(CUT);
    }
    text.push_str("] ");
    text.push_str(BYTE_ORDER_MARK);
    text.push_str(shown);
    text
}

fn header(incident: &Incident, facility: Facility) -> String {
    let priority = facility as u16 * 8 + level(incident.severity);
    let last = incident.last.to_string();
    // RFC 5424 allows six decimals where capture time has nine.
    let time = last
        .get(..26)
        .map_or_else(|| "-".into(), |time| format!("{time}Z"));
    let sensor = name(&incident.sensor, 255);
    let rule = name(&incident.rule, 32);
    format!("<{priority}>1 {time} {sensor} bulkhead - {rule} [bulkhead@32473")
}

/// The numerical severity (RFC 5424, table 2).
const fn level(severity: Severity) -> u16 {
    match severity {
        Severity::Critical => 2,
        Severity::High => 3,
        Severity::Medium => 4,
        Severity::Low => 5,
        Severity::Informational => 6,
    }
}

/// Appends the parameters that fit, and says whether all did, whole.
fn parameters(incident: &Incident, max_bytes: usize, text: &mut String) -> bool {
    let mut whole = true;
    for (name, value) in fields(incident) {
        let shown = cut_to(&value, VALUE_BYTES);
        let parameter = format!(" {name}=\"{}\"", escaped(shown));
        let fits = text.len() + parameter.len() <= max_bytes;
        whole &= fits && shown.len() == value.len();
        if fits {
            text.push_str(&parameter);
        }
    }
    whole
}

/// What is known of the incident, the most important first.
fn fields(incident: &Incident) -> Vec<(String, String)> {
    let own = |name: &str, value: String| Some((name.to_owned(), value));
    let known = |name: &str, value: &Option<String>| own(name, value.clone()?);
    let because = &incident.because;
    let mut fields = vec![
        own("id", incident.id.clone()),
        own("kind", incident.kind.name().into()),
        own("rule", incident.rule.clone()),
        own("severity", incident.severity.to_string()),
        own("priority", incident.priority.to_string()),
        own("confidence", incident.confidence.to_string()),
        own("outcome", incident.outcome.to_string()),
        own("count", incident.count.to_string()),
        own("first", incident.first.to_string()),
        own("last", incident.last.to_string()),
    ];
    fields.extend(party("client", incident.client.as_ref()));
    fields.extend(party("server", incident.server.as_ref()));
    fields.extend([
        known("protocol", &incident.protocol),
        known("verb", &incident.verb),
        known("target", &incident.target),
        known("technique", &incident.technique),
        own("owner", incident.owner.clone()),
        own("respond_within", incident.respond_within.clone()),
        own("title", incident.title.clone()),
        own("action", incident.action.clone()),
        own("consequence", incident.consequence.clone()),
        own("reason", because.reason.clone()),
        known("file", &because.file),
        because.line.and_then(|line| own("line", line.to_string())),
        known("would_be_allowed_if", &because.would_be_allowed_if),
        own("site", incident.site.clone()),
        own("sensor", incident.sensor.clone()),
    ]);
    fields.into_iter().flatten().collect()
}

fn party(side: &str, party: Option<&IncidentParty>) -> Vec<Option<(String, String)>> {
    let Some(party) = party else {
        return Vec::new();
    };
    let ip = party.ip.map(|ip| ip.to_string());
    let fields = [
        ("ip", &ip),
        ("asset", &party.asset),
        ("zone", &party.zone),
        ("role", &party.role),
        ("mac", &party.mac),
        ("location", &party.location),
        ("unit", &party.unit),
    ];
    let named =
        |(name, value): (&str, &Option<String>)| Some((format!("{side}_{name}"), value.clone()?));
    fields.into_iter().map(named).collect()
}

/// A value within quotes (RFC 5424, 6.3.3).
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for character in value.chars() {
        if matches!(character, '"' | '\\' | ']') {
            text.push('\\');
        }
        text.push(if character.is_control() {
            ' '
        } else {
            character
        });
    }
    text
}

fn printable(text: &str) -> String {
    text.chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect()
}

/// A field of the header: printable ASCII without spaces, `-` where nothing is left.
fn name(text: &str, max_bytes: usize) -> String {
    let mut name = String::new();
    for character in text.chars().take(max_bytes) {
        let shown = if character.is_ascii_graphic() {
            character
        } else {
            '_'
        };
        // Writing to a string cannot fail.
        let _ = name.write_char(shown);
    }
    if name.is_empty() { "-".into() } else { name }
}

fn cut_to(text: &str, max_bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(max_bytes))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests;
