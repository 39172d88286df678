//! The sheets of conduits, zones, assets and roles.

use policy::report::{Conduit, End, Statement, Zone};

use super::write::{escape, facts, moment, table};
use super::{badge, percent};
use crate::commands::policy::report::document::{Document, Sheet, ZoneSheet};
use crate::commands::policy::report::seen::Use;

/// All conduits.
pub(super) fn conduits(document: &Document) -> String {
    let conduits = document.policy.conduits.iter().zip(&document.conduits);
    let each = conduits.enumerate();
    let each: String = each
        .map(|(number, (it, sheet))| conduit(document, number, it, sheet))
        .collect();
    format!("<h2>Conduits</h2>\n{each}")
}

fn conduit(document: &Document, number: usize, conduit: &Conduit, sheet: &Sheet) -> String {
    let noun = if conduit.permit { "permit " } else { "" };
    let arrow = if conduit.both_directions {
        "and, both ways,"
    } else {
        "to"
    };
    let mut text = format!(
        "<section id=\"conduit-{}\"><h3>{}. {noun}{} {}</h3>\n",
        number + 1,
        number + 1,
        escape(&conduit.name),
        badge(sheet.state.name()),
    );
    text += &facts(&[
        (
            "Between",
            format!("{} {arrow} {}", end(&conduit.from), end(&conduit.to)),
        ),
        ("Plays role", conduit.role.clone().unwrap_or_default()),
        ("Owner", conduit.owner.clone().unwrap_or_default()),
        ("Action", conduit.action.clone().unwrap_or_default()),
        (
            "Severity",
            conduit
                .severity
                .map(|it| it.to_string())
                .unwrap_or_default(),
        ),
        (
            "Respond within",
            conduit.respond_within.clone().unwrap_or_default(),
        ),
    ]);
    let rows = conduit.statements.iter().zip(&sheet.uses);
    let rows: Vec<_> = rows.map(|(it, used)| row(document, it, used)).collect();
    text + &table("What it allows, and what was seen", &HEADER, &rows) + "</section>\n"
}

fn row(document: &Document, statement: &Statement, used: &Use) -> Vec<String> {
    let is_seen = document.observed.is_some();
    let ends = statement
        .valid_until
        .map_or_else(|| "never".to_owned(), |it| moment(Some(it)));
    let expired = statement
        .valid_until
        .zip(document.as_of)
        .is_some_and(|(end, now)| now >= end);
    let mut cells = vec![
        words(statement),
        escape(&format!("{}:{}", statement.file, statement.line)),
    ];
    if is_seen {
        let violations = used
            .violations
            .iter()
            .map(|(because, count)| format!("{count} {because}"));
        cells.extend([
            used.count.to_string(),
            nowrap(&moment(used.first)),
            nowrap(&moment(used.last)),
            percent(used.percent_encrypted),
            format!("{} %", used.percent_of_observed_time),
            escape(&violations.collect::<Vec<_>>().join(", ")),
        ]);
    } else {
        cells.extend(std::iter::repeat_n("no captures".to_owned(), 6));
    }
    let mark = if expired { " (expired)" } else { "" };
    cells.push(nowrap(&format!("{ends}{mark}")));
    cells
}

/// What stays in one line.
fn nowrap(text: &str) -> String {
    format!("<span class=\"nowrap\">{}</span>", escape(text))
}

/// What a statement allows, in words, as HTML.
fn words(statement: &Statement) -> String {
    let protocols = if statement.protocols.is_empty() {
        "any protocol".to_owned()
    } else {
        statement.protocols.join(", ")
    };
    let terms = statement
        .terms
        .iter()
        .map(|(noun, words)| format!("; {noun}: {words}"));
    let terms: String = terms.collect();
    let shadow = if statement.shadow {
        " (in shadow: counted only)"
    } else {
        ""
    };
    escape(&format!("{protocols}: {}{terms}{shadow}", statement.verbs))
}

fn end(end: &End) -> String {
    let zones = if end.zones.is_empty() {
        String::new()
    } else {
        format!(" (in {})", end.zones.join(", "))
    };
    format!("{}{zones}", end.words.join(", "))
}

/// A sheet for each zone.
pub(super) fn zones(document: &Document) -> String {
    let zones = document.policy.zones.iter().zip(&document.zones);
    zones.map(|(it, sheet)| zone(document, it, sheet)).collect()
}

fn zone(document: &Document, zone: &Zone, sheet: &ZoneSheet) -> String {
    let within = zone
        .within
        .as_ref()
        .map_or_else(|| "nothing".to_owned(), |it| it.verbs.clone());
    let shadow = if zone.shadow {
        " (in shadow: counted only)"
    } else {
        ""
    };
    let used = sheet
        .within
        .as_ref()
        .filter(|_| document.observed.is_some());
    let roles = document
        .policy
        .assets
        .iter()
        .filter(|it| zone.assets.contains(&it.name));
    let mut roles: Vec<_> = roles.filter_map(|it| it.role.clone()).collect();
    roles.sort();
    roles.dedup();
    let mut text = format!(
        "<section class=\"sheet\"><h2>Zone {}</h2>\n",
        escape(&zone.name)
    );
    text += &facts(&[
        ("Owner", zone.owner.clone()),
        ("Criticality", zone.criticality.to_owned()),
        (
            "Level",
            zone.level
                .clone()
                .unwrap_or_else(|| "not stated".to_owned()),
        ),
        (
            "SL-T",
            zone.security_level
                .map_or_else(|| "not stated".to_owned(), |it| it.to_string()),
        ),
        ("Consequence", zone.consequence.clone().unwrap_or_default()),
        ("Lies in", zone.inside.join(", ")),
        ("Members", zone.members.join(", ")),
        ("Assets", zone.assets.join(", ")),
        ("Roles", roles.join(", ")),
        ("Inside it", format!("{within}{shadow}")),
        (
            "Seen inside",
            used.map(|it| it.count.to_string()).unwrap_or_default(),
        ),
        ("Conduits in", sheet.conduits_in.join(", ")),
        ("Conduits out", sheet.conduits_out.join(", ")),
    ]);
    if document.observed.is_none() {
        text += "<p class=\"none\">No captures were given: requirements are held against the policy alone.</p>\n";
    } else {
        let rows: Vec<_> = sheet.incidents.iter().map(|it| vec![escape(it)]).collect();
        text += &table("Incidents", &["What happened"], &rows);
    }
    let rows = sheet.requirements.iter().map(|it| {
        let asked = match it.asked {
            Some(true) => "yes",
            Some(false) => "no",
            None => "no SL-T stated",
        };
        vec![
            escape(&it.sr),
            escape(&it.title),
            format!("SL {}", it.from),
            asked.to_owned(),
            badge(it.state),
            escape(&it.reason),
        ]
    });
    let header = [
        "Requirement",
        "In short",
        "From",
        "Asked for here",
        "State",
        "Reason",
    ];
    text + &table("IEC 62443-3-3", &header, &rows.collect::<Vec<_>>()) + "</section>\n"
}

/// Assets and roles.
pub(super) fn assets(document: &Document) -> String {
    let policy = &document.policy;
    let text = |it: &Option<String>| escape(it.as_deref().unwrap_or_default());
    let assets = policy.assets.iter().map(|it| {
        vec![
            escape(&it.name),
            escape(&it.addresses.join(", ")),
            text(&it.zone),
            text(&it.role),
            it.criticality.unwrap_or_default().to_owned(),
            text(&it.owner),
            text(&it.location),
            text(&it.consequence),
        ]
    });
    let header = [
        "Asset",
        "Addresses",
        "Zone",
        "Role",
        "Criticality",
        "Owner",
        "Location",
        "Consequence",
    ];
    let assets = table("Assets", &header, &assets.collect::<Vec<_>>());
    let roles = policy.roles.iter().map(|it| {
        let of = it
            .protocols
            .iter()
            .map(|(protocol, verbs)| format!("; {protocol}: {verbs}"));
        let of: String = of.collect();
        let shadow = if it.shadow { " (in shadow)" } else { "" };
        vec![
            escape(&it.name),
            escape(&format!("{}{of}{shadow}", it.verbs)),
            escape(&it.assets.join(", ")),
        ]
    });
    let roles = table(
        "Roles",
        &["Role", "May do at all", "Played by"],
        &roles.collect::<Vec<_>>(),
    );
    format!("<h2>Assets and roles</h2>\n{assets}{roles}")
}

const HEADER: [&str; 9] = [
    "Allows",
    "Stated at",
    "Seen",
    "First",
    "Last",
    "Encrypted",
    "Of observed time",
    "Violations nearest to it",
    "Ends",
];
