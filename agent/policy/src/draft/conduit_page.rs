//! `conduits.yaml`: what is allowed, then as comments what somebody has to approve, then what could not be stated.

use std::fmt::Write;

use model::Verb;

use super::conduits::{Conduit, End};
use super::ladder;
use super::manner;
use super::pages::{Pages, line_of};
use super::places::Zone;
use super::shapes::{Evidence, Shape};
use super::yaml;
use crate::number::Number;
use crate::verbs::Class;

/// The whole file.
pub(super) fn page(pages: &Pages<'_>) -> String {
    let mut page = String::new();
    for line in HEADING {
        line_of(&mut page, 0, line);
    }
    let granted = &pages.plan.granted;
    page.push_str(if granted.is_empty() {
        "conduits: {}\n"
    } else {
        "conduits:\n"
    });
    for conduit in granted {
        page.push_str(&text(conduit, pages, false));
    }
    if !pages.plan.proposed.is_empty() {
        page.push('\n');
        for line in PROPOSALS {
            line_of(&mut page, 0, line);
        }
        page.push_str("#\n");
        for conduit in &pages.plan.proposed {
            for line in text(conduit, pages, true).lines() {
                let _ = writeln!(page, "# {line}");
            }
        }
    }
    if !pages.unstated.is_empty() {
        page.push('\n');
        line_of(&mut page, 0, "Not allowed, and not to be stated:");
        for line in pages.unstated.iter().take(UNSTATED) {
            line_of(&mut page, 0, line);
        }
        if pages.unstated.len() > UNSTATED {
            let more = pages.unstated.len() - UNSTATED;
            line_of(
                &mut page,
                0,
                &format!("and {more} more; {UNSTATED} are shown"),
            );
        }
    }
    page
}

fn text(conduit: &Conduit, pages: &Pages<'_>, proposed: bool) -> String {
    let mut text = format!("  {}:\n", yaml::text(&conduit.name));
    for (key, end) in [("from", &conduit.from), ("to", &conduit.to)] {
        let _ = writeln!(text, "    {key}:{}", selector(end));
    }
    text.push_str("    allow:\n");
    for (shape, evidence) in &conduit.statements {
        for line in comments(shape, evidence, pages) {
            line_of(&mut text, 6, &line);
        }
        if proposed {
            line_of(&mut text, 6, &approval(conduit, shape, pages));
        }
        statement(shape, evidence, proposed, &mut text);
    }
    text
}

fn selector(end: &End) -> String {
    match end {
        End::Role(role) => format!(" {{role: {}}}", yaml::text(role)),
        End::Assets(names) => {
            let names: Vec<String> = names.iter().map(|name| yaml::text(name)).collect();
            match names.as_slice() {
                [only] => format!(" {{asset: {only}}}"),
                several => {
                    let list = yaml::list(several, 6);
                    format!("\n      assets:{list}")
                }
            }
        }
    }
}

/// The evidence of a statement, and the ladder from exact to wide.
fn comments(shape: &Shape, evidence: &Evidence, pages: &Pages<'_>) -> Vec<String> {
    let mut lines = vec![evidence.seen.words(&pages.traffic.observed)];
    if shape.functions.is_empty() {
        let functions: Vec<&str> = evidence.functions.iter().copied().collect();
        lines.push(format!("by {}", functions.join(", ")));
    }
    let words = &pages.traffic.words;
    let rung = ladder::Rung {
        targets: shape.targets.clone(),
        why: ladder::rung(&evidence.touched, pages.options.exactness, words).why,
    };
    lines.extend(ladder::comments(&evidence.touched, &rung, words));
    let touches = [
        Verb::Read,
        Verb::Browse,
        Verb::Subscribe,
        Verb::Write,
        Verb::Call,
        Verb::Delete,
    ];
    if shape.targets.is_none() && touches.iter().any(|verb| shape.verbs.contains(verb)) {
        lines.push("what it touches was not seen or is too much to list: any target".to_owned());
    }
    if evidence.touched.unstatable > 0 {
        lines.push(format!(
            "{} targets cannot be stated and stay a violation",
            evidence.touched.unstatable
        ));
    }
    lines.extend(evidence.sessions.words(&shape.session));
    lines.extend(evidence.pace.words());
    let values = &evidence.values;
    if let Some((low, high)) = values.range {
        lines.push(format!("values seen: {}", between(low, high)));
    }
    if values.other {
        lines.push("values that are no numbers were written, too".to_owned());
    }
    if values.unseen {
        lines.push("values that could not be read were written, too".to_owned());
    }
    lines
}

/// A range of values as statements write it.
fn between(low: Number, high: Number) -> String {
    if low == high {
        low.to_string()
    } else {
        format!("{low}..{high}")
    }
}

/// Who would have to approve a statement.
fn approval(conduit: &Conduit, shape: &Shape, pages: &Pages<'_>) -> String {
    let zones = conduit.ends.to.iter();
    let zones = zones.filter_map(|id| pages.places.zone_of(*id, pages.cast));
    let named = |zone: &Zone| {
        let owner = zone.owner.as_deref().unwrap_or_else(|| pages.owner());
        format!("`{}` ({})", yaml::comment(&zone.name), yaml::comment(owner))
    };
    let mut zones: Vec<String> = zones.map(named).collect();
    zones.sort();
    zones.dedup();
    let engineers = shape
        .verbs
        .iter()
        .any(|verb| Class::of(*verb) == Class::Engineer);
    let who = if engineers {
        "; better as a permit for the work order that needs it"
    } else {
        ", who knows which values the process bears"
    };
    let plural = if zones.len() == 1 { "zone" } else { "zones" };
    format!(
        "to approve: the owner of {plural} {}{who}",
        zones.join(", ")
    )
}

fn statement(shape: &Shape, evidence: &Evidence, proposed: bool, text: &mut String) {
    let _ = writeln!(text, "      - protocol: {}", shape.protocol);
    let mut key = |key: &str, items: Vec<String>| {
        if !items.is_empty() {
            let _ = writeln!(text, "        {key}:{}", yaml::list(&items, 8));
        }
    };
    key(
        "verbs",
        shape
            .verbs
            .iter()
            .map(|verb| verb.name().to_owned())
            .collect(),
    );
    key(
        "functions",
        shape
            .functions
            .iter()
            .map(|name| yaml::text(name))
            .collect(),
    );
    let units = shape.units.iter().map(|unit| match unit {
        model::Unit::Id(id) => id.to_string(),
        slot => slot.to_string(),
    });
    key("units", units.collect());
    key(
        "targets",
        shape
            .targets
            .iter()
            .flatten()
            .map(|target| yaml::text(target))
            .collect(),
    );
    let values = &evidence.values;
    if let (true, Some((low, high)), false, false) =
        (proposed, values.range, values.other, values.unseen)
    {
        key("values", vec![yaml::text(&between(low, high))]);
    }
    for ((_, name), words) in manner::FIELDS.iter().zip(&shape.session) {
        key(name, words.iter().map(|word| yaml::text(word)).collect());
    }
}

const HEADING: [&str; 3] = [
    "Who may ask whom for what. Each statement says how often and when it was seen, and lists what was seen;",
    "`range` and `area` are wider rungs to take in its place. What stands here was seen, not approved: a scan that was",
    "under way when this was learnt stands here too.",
];

const PROPOSALS: [&str; 4] = [
    "Proposals. These verbs change the process or a controller, and are never allowed by learning: until somebody takes",
    "them over they violate. To take one over, remove the first two characters of its lines (put it below `conduits:`), give",
    "the client's role its verbs in roles.yaml, and keep only the targets and values that the process needs.",
    "Where work was done once, rather write a permit for the next work order.",
];

/// How many lines say what could not be stated.
const UNSTATED: usize = 50;
