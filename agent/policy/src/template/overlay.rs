//! What a site changes of its template, and that it changes nothing else.
//!
//! In the sections of a policy file (zones, assets, …) an overlay may only name what the template
//! states; inside of what it names, keys may be added. A mapping merges key by key, a list or a text
//! replaces, nothing (`null`) or the word `remove` removes.

use crate::fields::entries;
use crate::node::{Kind, Node, Word};
use crate::problems::{Problems, Spot};
use crate::shapes;

use super::entries_mut;

/// Changes what the files of a template state.
pub(super) fn apply(overlay: Node, base: &mut [Node], problems: &mut Problems) {
    for (section, change) in owned(overlay, "an overlay", problems) {
        if !check_section(&section, problems) {
            continue;
        }
        let mut stated = sections(base, &section.text);
        if stated.is_empty() {
            let what = format!("the template states no `{}` to change", section.text);
            let help = "what the template does not state stands outside `overlay`";
            problems.error_with(section.at, what, help);
            continue;
        }
        match change.kind {
            Kind::Map(_) if section.text != SITE => {
                change_names(&section, change, &mut stated, problems)
            }
            _ => replace(&section, change, &mut stated, problems),
        }
    }
}

/// Changes a section as a whole; what several files state of it becomes one.
fn replace(
    section: &Word,
    change: Node,
    stated: &mut [&mut Vec<(Word, Node)>],
    problems: &mut Problems,
) {
    let Some((first, others)) = stated.split_first_mut() else {
        return;
    };
    settle(section, change, first, shapes::is_same, problems);
    for entries in others {
        entries.retain(|(key, _)| !shapes::is_same(&key.text, &section.text));
    }
}

/// Whether a key of an overlay is a section that can be changed.
fn check_section(section: &Word, problems: &mut Problems) -> bool {
    let fixed = NOT_CHANGED.contains(&section.text.as_str());
    let known = || {
        let sections = shapes::FILE.spellings();
        sections.filter(|key| !NOT_CHANGED.contains(key))
    };
    let fits = known().any(|key| key == section.text);
    if fixed {
        let what = format!("an overlay cannot change `{}`", section.text);
        problems.error(section.at, what);
    } else if !fits {
        let what = format!("an overlay has no key `{}`", section.text);
        problems.unknown(section.at, what, &section.text, known());
    }
    fits
}

/// Changes what a section's names stand for; they may be spread over several files.
fn change_names(
    section: &Word,
    change: Node,
    stated: &mut [&mut Vec<(Word, Node)>],
    problems: &mut Problems,
) {
    let mut names = Vec::new();
    for entries in &mut *stated {
        for (_, node) in entries
            .iter_mut()
            .filter(|(key, _)| key.text == section.text)
        {
            names.extend(entries_mut(node));
        }
    }
    for (name, change) in owned(change, "a set of changes", problems) {
        let holder = names.iter_mut().find(|entries| {
            entries
                .iter()
                .any(|(known, _)| known.text.trim() == name.text.trim())
        });
        if let Some(entries) = holder {
            let is_same = |one: &str, other: &str| one.trim() == other.trim();
            settle(&name, change, entries, is_same, problems);
        } else {
            let what = format!(
                "the template states no `{}` among its `{}`",
                name.text, section.text
            );
            let known = names
                .iter()
                .flat_map(|entries| entries.iter().map(|(key, _)| key.text.trim()));
            problems.unknown(name.at, what, &name.text, known);
        }
    }
}

/// Gives one key of a mapping its new value, or removes it.
fn settle(
    key: &Word,
    change: Node,
    entries: &mut Vec<(Word, Node)>,
    is_same: fn(&str, &str) -> bool,
    problems: &mut Problems,
) {
    let place = entries
        .iter()
        .position(|(known, _)| is_same(&known.text, &key.text));
    let removes = removes(&change);
    let Some(place) = place else {
        if removes {
            let what = format!("the template states no `{}` here to remove", key.text);
            let known = entries.iter().map(|(key, _)| key.text.as_str());
            problems.unknown(key.at, what, &key.text, known);
        } else {
            entries.push((key.clone(), change));
        }
        return;
    };
    if removes {
        entries.remove(place);
    } else if let Some((known, node)) = entries.get_mut(place) {
        merge(known, node, key, change, problems);
    }
}

fn merge(known: &mut Word, node: &mut Node, key: &Word, change: Node, problems: &mut Problems) {
    match (&mut node.kind, change.kind) {
        (Kind::Map(entries), Kind::Map(changes)) => {
            let change = Node {
                at: change.at,
                kind: Kind::Map(changes),
            };
            for (inner, change) in owned(change, "", problems) {
                if removes(&change) {
                    let note = format!(
                        "`{}` is removed by {}",
                        inner.text,
                        problems.place(inner.at)
                    );
                    problems.note(node.at, &note);
                    problems.note(known.at, &note);
                }
                settle(&inner, change, entries, shapes::is_same, problems);
            }
        }
        (_, kind) => {
            // a list's singular and plural are one key; the spelling that fits the new value stays
            known.text.clone_from(&key.text);
            *node = Node {
                at: change.at,
                kind,
            };
        }
    }
}

fn removes(change: &Node) -> bool {
    match &change.kind {
        Kind::Nothing => true,
        Kind::Text(text) => text.trim() == REMOVE,
        Kind::List(_) | Kind::Map(_) => false,
    }
}

/// The entries of a mapping, each key once.
fn owned(node: Node, noun: &str, problems: &mut Problems) -> Vec<(Word, Node)> {
    let mut first: Vec<(String, Spot)> = Vec::new();
    let list = entries(&node, noun, problems).to_vec();
    list.into_iter()
        .filter(|(key, _)| {
            let seen = first
                .iter()
                .find(|(text, _)| *text == key.text)
                .map(|(_, at)| *at);
            match seen {
                Some(at) => problems.twice(key.at, &format!("`{}`", key.text), at),
                None => first.push((key.text.clone(), key.at)),
            }
            seen.is_none()
        })
        .collect()
}

/// The files that have a section.
fn sections<'n>(files: &'n mut [Node], section: &str) -> Vec<&'n mut Vec<(Word, Node)>> {
    let files = files.iter_mut().filter_map(entries_mut);
    files
        .filter(|entries| {
            let mut keys = entries.iter().map(|(key, _)| key.text.as_str());
            keys.any(|key| shapes::is_same(key, section))
        })
        .collect()
}

/// Says what a site states beside its overlay although its template states it too, and leaves it out.
pub(super) fn check_conflicts(base: &[Node], own: &mut [Node], problems: &mut Problems) {
    for (section, node) in own.iter_mut().filter_map(entries_mut).flatten() {
        let stated = || {
            base.iter()
                .flat_map(entries_of)
                .filter(|(key, _)| key.text == section.text)
        };
        if section.text == SITE {
            if let Some((key, _)) = stated().next() {
                conflict(section, "`site`", key.at, problems);
            }
        } else if let Some(entries) = entries_mut(node) {
            let stated: Vec<_> = stated().flat_map(|(_, node)| entries_of(node)).collect();
            entries.retain(|(name, _)| {
                let first = stated
                    .iter()
                    .find(|(known, _)| known.text.trim() == name.text.trim());
                if let Some((known, _)) = first {
                    let what = format!("`{}` of the `{}`", name.text, section.text);
                    conflict(name, &what, known.at, problems);
                }
                first.is_none()
            });
        }
    }
    let has_site = base
        .iter()
        .flat_map(entries_of)
        .any(|(key, _)| key.text == SITE);
    for entries in own.iter_mut().filter_map(entries_mut).filter(|_| has_site) {
        entries.retain(|(key, _)| key.text != SITE);
    }
}

fn conflict(name: &Word, what: &str, first: Spot, problems: &mut Problems) {
    let help = format!(
        "it stands at {}; to change it, write it under `overlay`",
        problems.place(first)
    );
    problems.error_with(
        name.at,
        format!("{what} is stated by the template too"),
        help,
    );
}

fn entries_of(node: &Node) -> &[(Word, Node)] {
    match &node.kind {
        Kind::Map(entries) => entries,
        Kind::Nothing | Kind::Text(_) | Kind::List(_) => &[],
    }
}

/// The section whose keys are not names.
const SITE: &str = "site";

/// The word that removes.
const REMOVE: &str = "remove";

/// What stays as the template has it.
const NOT_CHANGED: [&str; 5] = ["version", "extends", "variables", "overlay", "parameters"];
