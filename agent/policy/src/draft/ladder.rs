//! From what was touched to the targets of a statement: a ladder from exact to whole areas, one rung of which holds.

use model::Vocabulary;

use super::Exactness;
use super::touched::{Extent, Group, Touched};
use super::yaml;
use crate::words;

/// The targets of a statement.
pub(super) struct Rung {
    /// What it lists; none where it covers everything.
    pub(super) targets: Option<Vec<String>>,
    /// Why it is wider than was asked for.
    pub(super) why: Option<&'static str>,
}

/// The narrowest rung that was asked for and is not too long to be read.
pub(super) fn rung(touched: &Touched, exactness: Exactness, words: &[&'static Vocabulary]) -> Rung {
    if touched.anything {
        let why = Some("more areas than are kept; all targets are allowed");
        return Rung { targets: None, why };
    }
    if touched.groups.is_empty() {
        return Rung {
            targets: None,
            why: None,
        };
    }
    let widened = touched.groups.values().any(|extent| extent.widened);
    let long = is_shortened(touched, exactness);
    for (step, rung) in STEPS.into_iter().enumerate().skip(exactness as usize) {
        let targets = list(touched, rung, words);
        if targets.len() <= TARGETS {
            let why = if step > exactness as usize {
                Some(LONG)
            } else if long {
                Some(LONG_AREA)
            } else {
                widened.then_some(WIDENED)
            };
            return Rung {
                targets: Some(targets),
                why,
            };
        }
    }
    let mut wholes: Vec<String> = touched.groups.keys().map(|group| merged(*group)).collect();
    wholes.dedup();
    let fits = wholes.len() <= TARGETS;
    let why = Some(LONG);
    Rung {
        targets: fits.then_some(wholes),
        why,
    }
}

/// The rungs of the ladder as comments, the one that holds left out.
pub(super) fn comments(
    touched: &Touched,
    active: &Rung,
    words: &[&'static Vocabulary],
) -> Vec<String> {
    let mut lines = Vec::new();
    if touched.groups.is_empty() {
        return lines;
    }
    let rungs = [
        (
            "seen",
            seen(touched),
            list(touched, Exactness::Exact, words),
        ),
        (
            "range",
            joined(&list(touched, Exactness::Range, words)),
            list(touched, Exactness::Range, words),
        ),
        (
            "area",
            joined(&list(touched, Exactness::Area, words)),
            list(touched, Exactness::Area, words),
        ),
    ];
    let mut shown: Vec<Vec<String>> = Vec::new();
    for (name, text, targets) in rungs {
        let known = shown.contains(&targets);
        let holds = active.targets.as_ref() == Some(&targets);
        if name == "seen" || !known && !holds {
            lines.push(format!("{name}: {text}"));
        }
        shown.push(targets);
    }
    if let Some(why) = active.why {
        lines.push(format!("wider than seen: {why}"));
    }
    lines
}

/// The targets of one rung.
fn list(touched: &Touched, exactness: Exactness, words: &[&'static Vocabulary]) -> Vec<String> {
    let groups = touched.groups.iter();
    groups
        .flat_map(|(group, extent)| of_group(*group, extent, exactness, words))
        .collect()
}

fn of_group(
    group: Group,
    extent: &Extent,
    exactness: Exactness,
    words: &[&'static Vocabulary],
) -> Vec<String> {
    match exactness {
        Exactness::Area => vec![group.whole()],
        Exactness::Exact if !extent.widened && extent.len() <= PER_GROUP => {
            exact(group, extent, words)
        }
        Exactness::Exact | Exactness::Range => vec![range(group, extent, words)],
    }
}

fn exact(group: Group, extent: &Extent, words: &[&'static Vocabulary]) -> Vec<String> {
    let runs = extent.runs.iter();
    let runs = runs.map(|(first, last)| run(group, *first, *last, words));
    runs.chain(extent.names.iter().map(|name| name.to_string()))
        .collect()
}

fn range(group: Group, extent: &Extent, words: &[&'static Vocabulary]) -> String {
    let ends = extent
        .runs
        .keys()
        .next()
        .zip(extent.runs.values().next_back());
    match ends {
        Some((first, last)) => run(group, *first, *last, words),
        None => alike(group, extent).unwrap_or_else(|| group.whole()),
    }
}

fn run(group: Group, first: u64, last: u64, words: &[&'static Vocabulary]) -> String {
    let word = group.word();
    let end = match group {
        Group::Cells(area, _) => words::area(area, words).map_or(u64::MAX, |area| area.last),
        _ => u64::MAX,
    };
    match (first, last) {
        (0, last) if last == end => group.whole(),
        (first, last) if first == last => format!("{word}:{first}"),
        (first, last) => format!("{word}:{first}-{last}"),
    }
}

/// The pattern of all names that begin as those do that were seen.
fn alike(group: Group, extent: &Extent) -> Option<String> {
    let start = match group {
        Group::Nodes(0) => "s=".to_owned(),
        Group::Nodes(namespace) => format!("ns={namespace};s="),
        Group::Named(kind) => format!("{kind}:"),
        Group::Cells(..) | Group::Blocks(_) => return None,
    };
    let mut names = extent.names.iter();
    let only = names.clone().count() == 1;
    let first = names.next()?;
    if only {
        return Some(first.to_string());
    }
    let shared = names.fold(first.trim_end_matches('*'), |shared, name| {
        common(shared, name)
    });
    let tail = shared.strip_prefix(&start)?;
    (!tail.trim().is_empty()).then(|| format!("{shared}*"))
}

/// What two texts begin with.
fn common<'t>(one: &'t str, other: &str) -> &'t str {
    let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b);
    let bytes = same.map(|(c, _)| c.len_utf8()).sum();
    one.get(..bytes).unwrap_or_default()
}

impl Extent {
    fn len(&self) -> usize {
        self.runs.len() + self.names.len()
    }
}

/// Whether a group has more than a list of it may hold.
fn is_shortened(touched: &Touched, exactness: Exactness) -> bool {
    let mut extents = touched.groups.values();
    exactness == Exactness::Exact && extents.any(|extent| extent.len() > PER_GROUP)
}

/// All blocks of an area, all namespaces one by one.
fn merged(group: Group) -> String {
    match group {
        Group::Cells(area, Some(_)) => format!("{area}:*"),
        group => group.whole(),
    }
}

/// What was seen, area by area, without the area's word each time.
fn seen(touched: &Touched) -> String {
    let mut parts = Vec::new();
    for (group, extent) in &touched.groups {
        let runs = extent.runs.iter().map(|(first, last)| match first == last {
            true => first.to_string(),
            false => format!("{first}-{last}"),
        });
        let runs: Vec<String> = shortened(runs.collect());
        if !runs.is_empty() {
            parts.push(format!("{}:{}", group.word(), runs.join(", ")));
        }
        let names = extent.names.iter().map(|name| yaml::comment(name));
        parts.extend(shortened(names.collect()));
        if extent.widened && runs.is_empty() {
            parts.push(format!("more of {} than is kept", group.word()));
        }
    }
    shortened(parts).join("; ")
}

fn joined(targets: &[String]) -> String {
    let all = targets.iter().map(|target| yaml::comment(target)).collect();
    shortened(all).join(", ")
}

/// A list that somebody reads: its start, and how much more there is.
fn shortened(mut all: Vec<String>) -> Vec<String> {
    let more = all.len().saturating_sub(SHOWN);
    if more > 0 {
        all.truncate(SHOWN);
        all.push(format!("and {more} more"));
    }
    all
}

const LONG: &str = "a list would have more than 64 items";
const LONG_AREA: &str = "an area would have more than 32 items";
const WIDENED: &str = "more was touched than is kept, or a name cannot be written";

const STEPS: [Exactness; 3] = [Exactness::Exact, Exactness::Range, Exactness::Area];

/// The most items of one area that a statement lists; more become one range.
const PER_GROUP: usize = 32;

/// The most items that a statement lists; more become areas.
const TARGETS: usize = 64;

/// How many items a comment shows.
const SHOWN: usize = 12;
