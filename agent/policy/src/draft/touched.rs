//! What one behaviour touched: runs of cells and names, by area, within bounds.
//!
//! Only what the language can state is kept as a target: of each new one it is tried whether its text, read back, covers it. A name
//! that cannot be written (empty, control characters, blanks at its end) becomes the longest prefix that can be, else its whole area.

use std::collections::{BTreeMap, BTreeSet};

use model::{Target, Vocabulary};

use super::traffic::Bounds;
use crate::pattern::{Blocks, Name, Pattern};
use crate::reach::Targets;
use crate::words;

/// Everything that one behaviour touched.
#[derive(Clone, Debug, Default)]
pub(crate) struct Touched {
    pub(crate) groups: BTreeMap<Group, Extent>,
    /// Whether more areas were touched than are kept.
    pub(crate) anything: bool,
    /// How many targets no statement could name.
    pub(crate) unstatable: u64,
}

/// Targets of a kind, one of which is rarely meant without the others.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Group {
    /// An area without blocks, or one block of an area.
    Cells(&'static str, Option<u32>),
    /// Blocks as a whole, of one kind.
    Blocks(&'static str),
    /// Nodes of a namespace.
    Nodes(u16),
    /// What has names of its own.
    Named(&'static str),
}

/// What was touched of a group.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extent {
    // INVARIANT: no two runs overlap or touch.
    pub(crate) runs: BTreeMap<u64, u64>,
    /// Patterns of single things.
    pub(crate) names: BTreeSet<Box<str>>,
    /// Whether more was touched than is kept, so that runs are one and names are none.
    pub(crate) widened: bool,
}

impl Group {
    /// The pattern of all of it.
    pub(crate) fn whole(self) -> String {
        match self {
            Self::Nodes(namespace) => format!("ns={namespace};*"),
            Self::Blocks(kind) => format!("block:{kind}*"),
            group => format!("{}:*", group.word()),
        }
    }

    /// What stands before the colon.
    pub(crate) fn word(self) -> String {
        match self {
            Self::Cells(area, Some(block)) => format!("{area}{block}"),
            Self::Cells(word, None) | Self::Named(word) => word.to_owned(),
            Self::Blocks(_) => "block".to_owned(),
            Self::Nodes(namespace) => format!("ns={namespace}"),
        }
    }
}

impl Touched {
    /// Adds a target. Answers whether a statement can name it.
    pub(crate) fn see(
        &mut self,
        target: &Target<'_>,
        words: &[&'static Vocabulary],
        bounds: &Bounds,
    ) -> bool {
        let stated = self.state(target, words, bounds).is_some();
        self.unstatable += u64::from(!stated);
        stated
    }

    fn state(
        &mut self,
        target: &Target<'_>,
        words: &[&'static Vocabulary],
        bounds: &Bounds,
    ) -> Option<()> {
        match *target {
            Target::Cells {
                area,
                block,
                first,
                last,
            } => {
                let area = words::area(area, words)?;
                if first > last || last > area.last || area.blocks != block.is_some() {
                    return None;
                }
                let extent = self.extent(Group::Cells(area.name, block), bounds);
                extent
                    .map(|extent| extent.run(first, last, bounds))
                    .or(Some(()))
            }
            Target::Block { kind, .. } => self.name(
                Group::Blocks(words::kind(kind, words)?),
                target,
                words,
                bounds,
            ),
            Target::Node { namespace, .. } => {
                self.name(Group::Nodes(namespace), target, words, bounds)
            }
            Target::Named { kind, .. } => self.name(
                Group::Named(words::kind(kind, words)?),
                target,
                words,
                bounds,
            ),
        }
    }

    fn name(
        &mut self,
        group: Group,
        target: &Target<'_>,
        words: &[&'static Vocabulary],
        bounds: &Bounds,
    ) -> Option<()> {
        let text = target.to_string();
        let known = |extent: &Extent| extent.widened || extent.names.contains(text.as_str());
        if self.anything || self.groups.get(&group).is_some_and(known) {
            return Some(());
        }
        let pattern = statable(&text, group, target, words)?;
        if let Some(extent) = self.extent(group, bounds) {
            if pattern == group.whole() || extent.names.len() >= bounds.targets {
                extent.widen();
            } else {
                extent.names.insert(pattern.into());
            }
        }
        Some(())
    }

    /// Adds a target by its text, as baselines keep it.
    pub(crate) fn read(&mut self, text: &str, words: &[&'static Vocabulary], bounds: &Bounds) {
        let namespace = text
            .strip_suffix(":*")
            .and_then(|text| text.strip_prefix("ns="));
        if let Some(namespace) = namespace.and_then(|number| number.parse().ok()) {
            self.extent(Group::Nodes(namespace), bounds)
                .map(Extent::widen);
            return;
        }
        match Pattern::read(text, words) {
            Ok(Pattern::Cells {
                area,
                block,
                first,
                last,
            }) => {
                let block = match block {
                    Blocks::Undivided => None,
                    Blocks::One(number) => Some(number),
                    Blocks::All => return self.anything = true,
                };
                if let Some(extent) = self.extent(Group::Cells(area, block), bounds) {
                    extent.run(first, last, bounds);
                }
            }
            Ok(Pattern::Block { kind: None, .. }) => self.anything = true,
            Ok(Pattern::Block {
                kind: Some(kind),
                number,
            }) => {
                self.written(Group::Blocks(kind), text, number.is_none(), bounds);
            }
            Ok(Pattern::Node { namespace, key }) => {
                self.written(
                    Group::Nodes(namespace),
                    text,
                    matches!(key, Name::All),
                    bounds,
                );
            }
            Ok(Pattern::Named { kind, name }) => {
                self.written(Group::Named(kind), text, matches!(name, Name::All), bounds);
            }
            Err(_) => self.unstatable += 1,
        }
    }

    fn written(&mut self, group: Group, text: &str, whole: bool, bounds: &Bounds) {
        if !is_written(text) {
            self.unstatable += 1;
            return;
        }
        if let Some(extent) = self.extent(group, bounds) {
            if whole || extent.names.len() >= bounds.targets {
                extent.widen();
            } else if !extent.widened {
                extent.names.insert(text.into());
            }
        }
    }

    /// Adds what else was touched by the same.
    pub(crate) fn join(&mut self, other: &Self, bounds: &Bounds) {
        self.anything |= other.anything;
        self.unstatable += other.unstatable;
        for (group, more) in &other.groups {
            let Some(extent) = self.extent(*group, bounds) else {
                return;
            };
            for (first, last) in &more.runs {
                extent.run(*first, *last, bounds);
            }
            extent.names.extend(more.names.iter().cloned());
            if more.widened || extent.widened || extent.names.len() > bounds.targets {
                extent.widen();
            }
        }
    }

    /// The extent of a group; none where more groups were touched than are kept.
    fn extent(&mut self, group: Group, bounds: &Bounds) -> Option<&mut Extent> {
        if self.groups.len() >= bounds.groups && !self.groups.contains_key(&group) {
            self.anything = true;
        }
        (!self.anything).then(|| self.groups.entry(group).or_default())
    }
}

impl Extent {
    fn run(&mut self, first: u64, last: u64, bounds: &Bounds) {
        let before = self.runs.range(..=first).next_back();
        if before.is_some_and(|(_, end)| last <= *end) {
            return;
        }
        let reach = last.saturating_add(1);
        let touching = self.runs.range(..=reach).rev();
        let touching = touching.take_while(|(_, end)| end.saturating_add(1) >= first);
        let old: Vec<(u64, u64)> = touching.map(|(start, end)| (*start, *end)).collect();
        let (mut first, mut last) = (first, last);
        for (start, end) in old {
            self.runs.remove(&start);
            (first, last) = (first.min(start), last.max(end));
        }
        self.runs.insert(first, last);
        if self.widened || self.runs.len() > bounds.targets {
            self.widen();
        }
    }

    fn widen(&mut self) {
        self.widened = true;
        self.names.clear();
        let (first, last) = (self.runs.keys().next(), self.runs.values().next_back());
        if let (Some(first), Some(last)) = (first.copied(), last.copied()) {
            self.runs = BTreeMap::from([(first, last)]);
        }
    }
}

/// The narrowest pattern that covers a target and can be written.
fn statable(
    text: &str,
    group: Group,
    target: &Target<'_>,
    words: &[&'static Vocabulary],
) -> Option<String> {
    let end = text.find(|c: char| c.is_control() && c != '\n');
    let start = end
        .and_then(|end| text.get(..end))
        .unwrap_or(text)
        .trim_end();
    let prefix = || format!("{start}*");
    let covers = |pattern: &String| {
        let read = Pattern::read(pattern, words);
        is_written(pattern) && read.is_ok_and(|read| Targets::of(vec![read]).cover(target))
    };
    let exact = Some(text.to_owned()).filter(covers);
    exact
        .or_else(|| Some(prefix()).filter(covers))
        .or_else(|| Some(group.whole()).filter(covers))
}

/// Whether a text comes back from YAML as it is.
fn is_written(text: &str) -> bool {
    text.trim() == text && !text.chars().any(|c| c.is_control() && c != '\n')
}
