//! The header of a rule: what it is about, how bad, and who does what by when.
//!
//! Sigma's own keys tell what was found; the key `bulkhead` holds what Sigma has no word for. No
//! rule loads without all of it, so that no finding reaches a person who cannot act on it.

use model::{Response, Severity};
use serde_saphyr::Location;

use crate::report::Report;
use crate::rules::Rule;
use crate::technique::Technique;
use crate::words::Words;
use crate::yaml::{Map, Node, Shape};
use crate::{duration, example};

/// Where a rule stands and whom it is for.
pub(crate) struct Context<'c> {
    pub(crate) words: Words<'c>,
    /// The protocol whose examples these are, or `any`.
    pub(crate) service: &'c str,
    /// The place of the document.
    pub(crate) at: Location,
}

/// Reads the header; `None` where something is missing, which the report tells.
pub(crate) fn read(report: &mut Report<'_>, root: &Map, context: &Context<'_>) -> Option<Rule> {
    report.keys(root, KEYS);
    let title = report.text(root, context.at, "title", "a few words, without addresses");
    let id = report.text(root, context.at, "name", NAME);
    let description = report.text(root, context.at, "description", DESCRIPTION);
    let level = level(report, root, context.at);
    let techniques = techniques(report, root, context.at);
    let falsepositives = falsepositives(report, root, context.at);
    let ours = ours(report, root, context);
    let (id, at) = id?;
    let techniques = techniques?;
    let ours = ours?;
    Some(Rule {
        id: name(report, id, at)?,
        title: title?.0.to_owned(),
        description: description?.0.to_owned(),
        level: level?,
        technique: techniques.first()?.id.to_owned(),
        techniques: techniques
            .iter()
            .map(|technique| technique.id.to_owned())
            .collect(),
        falsepositives: falsepositives?,
        confidence: ours.confidence,
        response: ours.response,
        file: report.file.to_owned(),
        line: u32::try_from(context.at.line()).unwrap_or(1),
        fire: ours.fire,
        quiet: ours.quiet,
    })
}

fn level(report: &mut Report<'_>, root: &Map, of: Location) -> Option<Severity> {
    let (word, at) = report.text(
        root,
        of,
        "level",
        "how bad it is if it is what it looks like",
    )?;
    let level = word.parse().ok();
    if level.is_none() {
        report.unknown(at, "level", word, &Severity::ALL.map(Severity::name));
    }
    level
}

/// Every technique that the tags name: at least one. Tags that are no technique are passed over.
fn techniques(
    report: &mut Report<'_>,
    root: &Map,
    of: Location,
) -> Option<Vec<&'static Technique>> {
    let help = || Some("such as `attack.t0858`, of ATT&CK for ICS".to_owned());
    let tags = root
        .value("tags")
        .map(|node| node.value.each(node))
        .unwrap_or_default();
    let mut found = Vec::new();
    for node in tags {
        let tag = node.value.text().unwrap_or_default();
        match Technique::tagged(tag) {
            Some(technique) => found.push(technique),
            None if tag.to_ascii_lowercase().starts_with("attack.t0") => {
                report.say(node.referenced, format!("no technique `{tag}`"), help());
            }
            None => {}
        }
    }
    if found.is_empty() {
        let at = root.value("tags").map_or(of, |node| node.referenced);
        report.say(at, "`tags` names no technique", help());
    }
    (!found.is_empty()).then_some(found)
}

fn falsepositives(report: &mut Report<'_>, root: &Map, of: Location) -> Option<Vec<String>> {
    let why = "when it fires although nothing is wrong".to_owned();
    let Some(node) = root.value("falsepositives") else {
        report.say(of, "`falsepositives` is missing", Some(why));
        return None;
    };
    let all: Vec<_> = node
        .value
        .each(node)
        .iter()
        .filter_map(|item| item.value.text())
        .collect();
    if all.is_empty() {
        report.say(node.referenced, "`falsepositives` is empty", Some(why));
        return None;
    }
    Some(all.into_iter().map(str::to_owned).collect())
}

/// What stands under the key `bulkhead`.
struct Ours {
    response: Response,
    confidence: u8,
    fire: Vec<example::Example>,
    quiet: Vec<example::Example>,
}

fn ours(report: &mut Report<'_>, root: &Map, context: &Context<'_>) -> Option<Ours> {
    let Some((key, node)) = root.entry("bulkhead") else {
        let help = "it holds owner, action, consequence, respond_within and examples".to_owned();
        report.say(context.at, "`bulkhead` is missing", Some(help));
        return None;
    };
    let map = report.map(node, "bulkhead")?;
    report.keys(map, OUR_KEYS);
    let response = response(report, map, key.referenced);
    let confidence = confidence(report, map.value("confidence"));
    let (fire, quiet) = examples(report, map, key.referenced, context);
    Some(Ours {
        response: response?,
        confidence: confidence?,
        fire: fire?,
        quiet: quiet?,
    })
}

fn response(report: &mut Report<'_>, map: &Map, of: Location) -> Option<Response> {
    let owner = report.text(map, of, "owner", "who acts on it");
    let action = report.text(map, of, "action", "what to do first");
    let consequence = report.text(map, of, "consequence", "what happens if nobody does");
    let within = report.text(map, of, "respond_within", "by when, such as `15m`");
    let (within, at) = within?;
    if duration::parse(within).is_none() {
        let help = "a number and a unit, such as `15m`, `4h` or `2d`".to_owned();
        report.say(at, format!("`{within}` is no span of time"), Some(help));
        return None;
    }
    Some(Response {
        owner: owner?.0.to_owned(),
        action: action?.0.to_owned(),
        consequence: consequence?.0.to_owned(),
        respond_within: within.to_owned(),
    })
}

fn confidence(report: &mut Report<'_>, node: Option<&Node>) -> Option<u8> {
    let Some(node) = node else {
        return Some(USUAL_CONFIDENCE);
    };
    let percent = match node.value {
        Shape::Int(percent) => u8::try_from(percent).ok().filter(|percent| *percent <= 100),
        _ => None,
    };
    if percent.is_none() {
        report.say(
            node.referenced,
            "`confidence` is a percentage, 0 to 100",
            None,
        );
    }
    percent
}

type Examples = Option<Vec<example::Example>>;

fn examples(
    report: &mut Report<'_>,
    map: &Map,
    of: Location,
    context: &Context<'_>,
) -> (Examples, Examples) {
    let why = || Some("events that must `fire` and events that must stay `quiet`".to_owned());
    let Some((key, node)) = map.entry("examples") else {
        report.say(of, "`examples` is missing", why());
        return (None, None);
    };
    let Some(lists) = report.map(node, "examples") else {
        return (None, None);
    };
    report.keys(lists, &["fire", "quiet"]);
    let mut list = |name: &str| {
        let all = lists
            .value(name)
            .map(|node| example::read(report, node, context));
        if all.as_ref().is_none_or(Vec::is_empty) {
            report.say(
                key.referenced,
                format!("`examples` has nothing under `{name}`"),
                why(),
            );
        }
        all
    };
    (list("fire"), list("quiet"))
}

/// A rule's word: what incidents, metrics and correlations call it.
fn name(report: &mut Report<'_>, word: &str, at: Location) -> Option<String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._".contains(c);
    let good = word.starts_with(|c: char| c.is_ascii_lowercase()) && word.chars().all(fits);
    if !good {
        report.say(
            at,
            format!("`{word}` is no name for a rule"),
            Some(NAME.to_owned()),
        );
    }
    good.then(|| word.to_owned())
}

const NAME: &str = "a stable word of small letters, digits, `_` and `.`, such as `s7.plc_stop`";
const DESCRIPTION: &str =
    "what happened and why that matters; its first sentence is the reason given";
const USUAL_CONFIDENCE: u8 = 80;

const KEYS: &[&str] = &[
    "title",
    "id",
    "name",
    "related",
    "taxonomy",
    "status",
    "description",
    "license",
    "author",
    "references",
    "date",
    "modified",
    "logsource",
    "detection",
    "correlation",
    "generate",
    "fields",
    "falsepositives",
    "level",
    "tags",
    "scope",
    "bulkhead",
];

const OUR_KEYS: &[&str] = &[
    "owner",
    "action",
    "consequence",
    "respond_within",
    "confidence",
    "examples",
];
