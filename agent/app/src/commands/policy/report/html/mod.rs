//! A report as one HTML page: no scripts, nothing from elsewhere, everything escaped.

mod picture;
mod sheets;
mod write;

use self::write::{escape, facts, moment, table};
use super::document::{Document, Observed, State};

/// The page.
pub(crate) fn page(document: &Document) -> String {
    let policy = &document.policy;
    let site = escape(&policy.site);
    let parts = [
        front(document),
        overview(document),
        sheets::conduits(document),
        sheets::zones(document),
        sheets::assets(document),
        incidents(document),
    ];
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Policy report: {site}</title>\n<style>\n{STYLE}</style></head>\n<body>\n<main>\n{}</main>\n</body></html>\n",
        parts.concat()
    )
}

fn front(document: &Document) -> String {
    let policy = &document.policy;
    let observed = document.observed.as_ref();
    let statements: usize = policy.conduits.iter().map(|it| it.statements.len()).sum();
    let permits = policy.conduits.iter().filter(|it| it.permit).count();
    let mut text = format!("<h1>Policy report: {}</h1>\n", escape(&policy.site));
    text += &facts(&[
        ("Policy version", policy.version.clone()),
        ("Files", policy.files.join(", ")),
        ("Owner", policy.owner.clone()),
        ("Criticality", policy.criticality.to_owned()),
        (
            "States",
            format!(
                "{} zones, {} assets, {} roles, {} conduits, {permits} permits, {statements} statements",
                policy.zones.len(),
                policy.assets.len(),
                policy.roles.len(),
                policy.conduits.len() - permits,
            ),
        ),
        ("Must stay true", policy.invariants.join("; ")),
        ("Validity as of", moment(document.as_of)),
    ]);
    text += &observed.map_or_else(
        || {
            "<p><strong>No captures were given: this report shows the policy alone.</strong></p>\n"
                .to_owned()
        },
        seen,
    );
    let states = State::ALL.iter().map(|state| {
        let count = document
            .conduits
            .iter()
            .filter(|it| it.state == *state)
            .count();
        (state, count)
    });
    let states = states.filter(|(_, count)| *count > 0);
    let rows: Vec<_> = states
        .map(|(state, count)| vec![badge(state.name()), count.to_string()])
        .collect();
    text + &table("Conduits by state", &["State", "Conduits"], &rows)
}

fn seen(observed: &Observed) -> String {
    let summary = &observed.summary;
    let period = summary.first.zip(summary.last);
    let verdicts = summary
        .verdicts
        .iter()
        .map(|(name, count)| format!("{count} {name}"));
    let mut text = facts(&[
        ("Captures", observed.captures.join(", ")),
        (
            "Period",
            period
                .map(|(first, last)| format!("{} to {}", moment(Some(first)), moment(Some(last))))
                .unwrap_or_default(),
        ),
        ("Operations", verdicts.collect::<Vec<_>>().join(", ")),
        ("Incidents", observed.incidents.len().to_string()),
        ("Encrypted", percent(observed.percent_encrypted)),
        ("Damaged", observed.damages.join("; ")),
    ]);
    let rows = observed
        .unseen
        .iter()
        .map(|(what, count)| vec![escape(what), count.to_string()]);
    text += &table(
        "What was not seen",
        &["What", "How often"],
        &rows.collect::<Vec<_>>(),
    );
    let rows = observed
        .unzoned_hosts
        .iter()
        .map(|(host, count)| vec![escape(host), count.to_string()]);
    text += &table(
        "Hosts in no zone",
        &["Host", "Operations"],
        &rows.collect::<Vec<_>>(),
    );
    let rows = observed.strays.iter();
    let rows = rows.map(|(from, to, count)| vec![escape(from), escape(to), count.to_string()]);
    text + &table(
        "Violations without any conduit",
        &["From zone", "To zone", "Operations"],
        &rows.collect::<Vec<_>>(),
    )
}

fn overview(document: &Document) -> String {
    let states = State::ALL.iter();
    let used = states.filter(|state| document.conduits.iter().any(|it| it.state == **state));
    let legend: String = used
        .map(|state| format!("<li>{}</li>", badge(state.name())))
        .collect();
    format!(
        "<h2>Zones and conduits</h2>
{}<ul class=\"legend\">{legend}</ul>
\
         <p>Numbers are those of the conduits below; ↻ stays inside the zone; ✗ are violations that no conduit is near to.</p>
",
        picture::draw(document)
    )
}

fn incidents(document: &Document) -> String {
    let Some(observed) = &document.observed else {
        return String::new();
    };
    let rows = observed.incidents.iter().map(|it| {
        let place = it.because.file.as_ref().zip(it.because.line);
        let place = place
            .map(|(file, line)| format!("{file}:{line}"))
            .unwrap_or_default();
        vec![
            escape(&it.title),
            escape(&it.sentence),
            it.count.to_string(),
            escape(&place),
            escape(&it.owner),
        ]
    });
    let header = [
        "Incident",
        "What happened",
        "Operations",
        "Decided at",
        "Owner",
    ];
    let rows: Vec<_> = rows.collect();
    format!(
        "<h2>Incidents</h2>\n{}",
        table("Incidents, most urgent first", &header, &rows)
    )
}

/// A state as a word in its colour.
fn badge(state: &str) -> String {
    format!(
        "<span class=\"state {}\">{state}</span>",
        state.replace(' ', "-")
    )
}

fn percent(share: Option<u64>) -> String {
    share.map(|share| format!("{share} %")).unwrap_or_default()
}

const STYLE: &str = include_str!("style.css");
