//! Incidents ranked for a person, and one screen of what was seen and what was not.

use std::fmt::Write as _;

use engine::{ProtocolSummary, Summary};
use model::{Counter, Incident};

use crate::output::{BOLD, DIM, GREEN, RED, YELLOW, grouped, severity_style};

/// The most incidents that are shown in full; the rest is counted by priority.
const SHOWN: usize = 25;

/// The whole report as text.
pub(crate) fn text(summary: &Summary, incidents: &[Incident]) -> String {
    let mut text = String::new();
    for incident in incidents.iter().take(SHOWN) {
        write_incident(&mut text, incident);
    }
    if let Some(rest) = incidents.len().checked_sub(SHOWN).filter(|rest| *rest > 0) {
        let _ = writeln!(
            text,
            "{DIM}and {rest} less urgent ones (--incidents FILE writes all){DIM:#}\n"
        );
    }
    write_summary(&mut text, summary, incidents);
    text
}

/// One incident as a person reads it.
pub(crate) fn write_incident(text: &mut String, incident: &Incident) {
    let style = severity_style(incident.severity);
    let Incident {
        priority,
        severity,
        title,
        sentence,
        ..
    } = incident;
    let _ = writeln!(
        text,
        "{style}P{priority} {severity}{style:#}  {BOLD}{title}{BOLD:#}"
    );
    let _ = writeln!(text, "    {sentence}");
    if let Some(allowed_if) = &incident.because.would_be_allowed_if {
        let _ = writeln!(text, "    {DIM}would be allowed if{DIM:#} {allowed_if}");
    }
    let _ = writeln!(text, "    {DIM}decided by{DIM:#} {}", decider(incident));
    let Incident {
        owner,
        action,
        respond_within,
        consequence,
        ..
    } = incident;
    let _ = writeln!(
        text,
        "    {DIM}owner{DIM:#} {owner}, within {respond_within}: {action}"
    );
    let _ = writeln!(text, "    {DIM}at stake{DIM:#} {consequence}");
    let technique = incident.technique.as_deref().unwrap_or("none");
    let Incident {
        first, count, id, ..
    } = incident;
    let frames: Vec<_> = incident.frames.iter().take(5).map(u64::to_string).collect();
    let _ = writeln!(
        text,
        "    {DIM}{count} message(s) since {first}, frames {}, ATT&CK {technique}, id {id}{DIM:#}\n",
        frames.join(" "),
    );
}

fn decider(incident: &Incident) -> String {
    let mut text = match (&incident.because.file, incident.because.line) {
        (Some(file), Some(line)) => format!("{file}:{line} ({})", incident.rule),
        _ => incident.rule.clone(),
    };
    if !incident.also.is_empty() {
        let _ = write!(text, "; also {}", incident.also.join(", "));
    }
    text
}

fn write_summary(text: &mut String, summary: &Summary, incidents: &[Incident]) {
    let count = |counter| grouped(summary.tally.count(counter));
    let _ = writeln!(text, "{BOLD}Summary{BOLD:#}");
    line(text, "time", &time(summary));
    line(
        text,
        "frames",
        &format!(
            "{} ({} bytes)",
            count(Counter::Frames),
            count(Counter::FrameBytes)
        ),
    );
    line(
        text,
        "flows",
        &format!(
            "{} ({} carry none of the protocols)",
            count(Counter::FlowsOpened),
            grouped(summary.foreign_flows)
        ),
    );
    for protocol in summary
        .protocols
        .iter()
        .filter(|protocol| protocol.messages > 0)
    {
        line(text, protocol.protocol, &operations(protocol));
    }
    line(text, "verdicts", &verdicts(summary));
    line(text, "not seen", &unseen(summary));
    line(text, "incidents", &by_priority(incidents));
}

fn line(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "  {DIM}{name:<10}{DIM:#} {value}");
}

fn time(summary: &Summary) -> String {
    match (summary.first, summary.last) {
        (Some(first), Some(last)) => {
            format!(
                "{first} to {last} ({:.1} s)",
                last.since(first).as_secs_f64()
            )
        }
        _ => "no frames".to_owned(),
    }
}

fn operations(protocol: &ProtocolSummary) -> String {
    let verbs: Vec<_> = protocol
        .verbs
        .iter()
        .map(|(verb, count)| format!("{verb} {}", grouped(*count)))
        .collect();
    format!(
        "{} messages: {}",
        grouped(protocol.messages),
        verbs.join(", ")
    )
}

fn verdicts(summary: &Summary) -> String {
    if !summary.judged {
        return format!("{YELLOW}no policy was given: nothing was judged against one{YELLOW:#}");
    }
    let of = |verdict: &str| summary.verdicts.get(verdict).copied().unwrap_or(0);
    let shown = |verdict: &str, style: anstyle::Style| {
        format!("{style}{} {verdict}{style:#}", grouped(of(verdict)))
    };
    [
        shown("conforms", GREEN),
        shown("violates", RED),
        shown("unzoned", YELLOW),
        shown("shadow", DIM),
        shown("unknown", YELLOW),
    ]
    .join(", ")
}

/// What the sensor could not see, in words; "nothing" is said too.
fn unseen(summary: &Summary) -> String {
    let tally = &summary.tally;
    let malformed = summary
        .protocols
        .iter()
        .map(|protocol| protocol.malformed)
        .sum();
    let unanswered = summary
        .protocols
        .iter()
        .map(|protocol| protocol.unanswered)
        .sum();
    let anomalies = summary
        .protocols
        .iter()
        .flat_map(|protocol| protocol.anomalies.values())
        .sum();
    let unreadable = [
        Counter::UnreadableLink,
        Counter::UnreadableHeader,
        Counter::UnreadableDepth,
    ];
    let unreadable = unreadable
        .into_iter()
        .map(|counter| tally.count(counter))
        .sum();
    let drops = tally.count(Counter::KernelDrops) + tally.count(Counter::InterfaceDrops);
    let parts = [
        (drops, "frames dropped before they were read"),
        (tally.count(Counter::GapBytes), "stream bytes lost"),
        (tally.count(Counter::FramesTruncated), "frames cut short"),
        (unreadable, "frames unreadable"),
        (tally.count(Counter::Duplicates), "duplicate frames dropped"),
        (
            tally.count(Counter::SegmentsRefused),
            "segments with a wrong checksum",
        ),
        (malformed, "messages malformed"),
        (anomalies, "messages against the rules of their protocol"),
        (unanswered, "requests without an answer"),
    ];
    let said: Vec<_> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", grouped(count)))
        .collect();
    if said.is_empty() {
        "nothing is known to be missing".to_owned()
    } else {
        said.join(", ")
    }
}

fn by_priority(incidents: &[Incident]) -> String {
    if incidents.is_empty() {
        return format!("{GREEN}none{GREEN:#}");
    }
    let parts: Vec<_> = (1..=4)
        .map(|priority| {
            (
                priority,
                incidents.iter().filter(|i| i.priority == priority).count(),
            )
        })
        .filter(|(_, count)| *count > 0)
        .map(|(priority, count)| format!("{count} of priority {priority}"))
        .collect();
    parts.join(", ")
}

/// The summary as JSON, counters included by the names that `/metrics` gives them.
pub(crate) fn json(summary: &Summary) -> serde_json::Value {
    let counters: serde_json::Map<_, _> = summary
        .tally
        .samples()
        .map(|sample| {
            let name = sample.metric.description().name;
            let key = match sample.labels.first() {
                Some(label) => format!("{name}/{label}"),
                None => name.to_owned(),
            };
            (key, serde_json::json!(sample.value as u64))
        })
        .collect();
    let mut value = serde_json::to_value(summary).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        object.insert("counters".to_owned(), counters.into());
    }
    value
}
