//! Targets of every kind: one for each set of statements that reach it.
//!
//! Cells are cut where a statement's runs or a tag begin and end. Because a message's target must be in one statement
//! as a whole, runs over several pieces are asked, too: two statements side by side are not one that covers both.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use model::{Target, Vocabulary};

use super::witness::{NodeName, Place};
use crate::pattern::{Blocks, Name};
use crate::reach::Targets;

/// Some targets that no statement tells apart, and one of them.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) atom: Atom,
    pub(crate) place: Option<Place>,
}

/// How a piece reads.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Atom {
    /// All targets there are, and none.
    Any,
    Cells {
        area: &'static str,
        block: Option<u32>,
        first: u64,
        last: u64,
        /// The last cell of the area, so that a whole area reads as one.
        end: u64,
    },
    /// Runs that begin and end in different pieces.
    Across {
        area: &'static str,
        block: Option<u32>,
        first: u64,
        last: u64,
    },
    Named(String),
    /// What no statement names.
    Other(String),
    /// No target at all.
    Nothing,
}

/// Every piece that the sets of targets, and the cells of tags, cut all targets of a protocol into.
pub(crate) fn pieces(
    words: &'static Vocabulary,
    sets: &[&Targets],
    tags: &[Target<'_>],
) -> Vec<Piece> {
    let mut pieces = Pieces {
        sets,
        tags,
        found: Vec::new(),
    };
    for area in words.areas {
        pieces.area(area);
    }
    if words.areas.is_empty() {
        pieces.nodes();
    } else {
        pieces.blocks(words.kinds);
        pieces.named(words.kinds);
    }
    pieces.found.push(Piece {
        atom: Atom::Nothing,
        place: None,
    });
    pieces.found
}

struct Pieces<'a> {
    sets: &'a [&'a Targets],
    tags: &'a [Target<'a>],
    found: Vec<Piece>,
}

impl Pieces<'_> {
    fn add(&mut self, atom: Atom, place: Place) {
        self.found.push(Piece {
            atom,
            place: Some(place),
        });
    }

    fn area(&mut self, area: &'static model::Area) {
        let runs = self.sets.iter().flat_map(|set| &set.cells);
        let runs = runs.filter(|run| run.area == area.name);
        let mut blocks: BTreeSet<Option<u32>> = runs
            .filter_map(|run| match run.blocks {
                Blocks::One(number) => Some(Some(number)),
                Blocks::Undivided | Blocks::All => None,
            })
            .collect();
        blocks.extend(self.tags.iter().filter_map(|tag| match tag {
            Target::Cells {
                area: of, block, ..
            } if *of == area.name => Some(*block),
            _ => None,
        }));
        if !area.blocks {
            self.cells(area, None);
            return;
        }
        for block in blocks.iter().filter(|block| block.is_some()) {
            self.cells(area, *block);
        }
        let free = (1..=u32::MAX).find(|number| !blocks.contains(&Some(*number)));
        self.add(
            Atom::Other(format!("{}:*", area.name)),
            Place::Cells {
                area: area.name,
                block: free,
                first: 0,
                last: 0,
            },
        );
    }

    fn cells(&mut self, area: &'static model::Area, block: Option<u32>) {
        let (name, end) = (area.name, area.last);
        let mut starts: BTreeSet<u64> = BTreeSet::from([0]);
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for run in self.sets.iter().flat_map(|set| &set.cells) {
            let fits = match run.blocks {
                Blocks::Undivided => block.is_none(),
                Blocks::One(number) => block == Some(number),
                Blocks::All => true,
            };
            if fits && run.area == name {
                runs.extend(&run.cells);
            }
        }
        let tags: Vec<(u64, u64)> = self
            .tags
            .iter()
            .filter_map(|tag| match *tag {
                Target::Cells {
                    area,
                    block: of,
                    first,
                    last,
                } if (area, of) == (name, block) => Some((first, last)),
                _ => None,
            })
            .collect();
        for (first, last) in runs.iter().chain(&tags) {
            starts.extend([*first, last.saturating_add(1)]);
        }
        let starts: Vec<u64> = starts.into_iter().filter(|start| *start <= end).collect();
        let ends = starts.iter().skip(1).map(|start| start - 1).chain([end]);
        let atoms: Vec<(u64, u64)> = starts.iter().copied().zip(ends).collect();
        for (first, last) in &atoms {
            self.add(
                Atom::Cells {
                    area: name,
                    block,
                    first: *first,
                    last: *last,
                    end,
                },
                cells(name, block, *first, *first),
            );
        }
        let across = |first: u64, last: u64| Atom::Across {
            area: name,
            block,
            first,
            last,
        };
        for (first, last) in tags.iter().filter(|(first, last)| first != last) {
            self.add(across(*first, *last), cells(name, block, *first, *last));
        }
        for (place, (_, start)) in atoms.iter().enumerate() {
            for (last, _) in atoms.iter().skip(place + 1).take(MAX_ACROSS) {
                let target = cells(name, block, *start, *last);
                if !self.sets.iter().any(|set| set.cover(&target.target())) {
                    break;
                }
                self.add(across(*start, *last), target);
            }
        }
    }

    fn blocks(&mut self, kinds: &'static [&'static str]) {
        let all = self.sets.iter().flat_map(|set| &set.blocks);
        let mut named: BTreeMap<&'static str, BTreeSet<u32>> = BTreeMap::new();
        for (kind, number) in all {
            if let Some(kind) = kind {
                named.entry(kind).or_default().extend(number);
            }
        }
        let free = |numbers: &BTreeSet<u32>| (1..=u32::MAX).find(|it| !numbers.contains(it));
        for (kind, numbers) in &named {
            for number in numbers {
                let place = Place::Block {
                    kind,
                    number: *number,
                };
                self.add(Atom::Named(place.target().to_string()), place);
            }
            let number = free(numbers).unwrap_or(u32::MAX);
            self.add(
                Atom::Named(format!("block:{kind}*")),
                Place::Block { kind, number },
            );
        }
        if let Some(kind) = kinds.iter().find(|kind| !named.contains_key(**kind)) {
            self.add(
                Atom::Other("block:*".to_owned()),
                Place::Block { kind, number: 1 },
            );
        }
    }

    fn named(&mut self, kinds: &'static [&'static str]) {
        let all = self.sets.iter().flat_map(|set| &set.named);
        let mut of: BTreeMap<&'static str, Vec<&Name<Box<str>>>> = BTreeMap::new();
        for (kind, name) in all {
            of.entry(kind).or_default().push(name);
        }
        let mut found = Vec::new();
        for (kind, names) in &of {
            let names = names.iter().map(|name| match name {
                Name::Exact(name) => (Some(&**name), false),
                Name::Prefix(prefix) => (Some(&**prefix), true),
                Name::All => (None, true),
            });
            for (text, name) in self::names(names.collect()) {
                let atom = match text {
                    Some(text) => Atom::Named(format!("{kind}:{text}")),
                    None => Atom::Other(format!("{kind}:*")),
                };
                found.push((atom, Place::Named { kind, name }));
            }
        }
        if let Some(kind) = kinds.iter().find(|kind| !of.contains_key(**kind)) {
            let name = "OTHER".to_owned();
            found.push((
                Atom::Other(format!("{kind}:*")),
                Place::Named { kind, name },
            ));
        }
        found
            .into_iter()
            .for_each(|(atom, place)| self.add(atom, place));
    }

    fn nodes(&mut self) {
        let mut texts: BTreeMap<u16, Vec<(Option<&str>, bool)>> = BTreeMap::new();
        let mut found = Vec::new();
        for set in self.sets {
            for (namespace, key) in &set.nodes {
                let list = texts.entry(*namespace).or_default();
                match key {
                    crate::pattern::Key::Text(text) => list.push((Some(text), false)),
                    key => found.push((*namespace, NodeName::from(key))),
                }
            }
            for (namespace, prefix) in &set.node_names {
                texts
                    .entry(*namespace)
                    .or_default()
                    .push((Some(prefix), true));
            }
            for namespace in &set.namespaces {
                texts.entry(*namespace).or_default().push((None, true));
            }
        }
        for tag in self.tags {
            if let Target::Node { namespace, key } = *tag {
                let list = texts.entry(namespace).or_default();
                match key {
                    model::NodeKey::Text(text) => list.push((Some(text), false)),
                    model::NodeKey::Numeric(number) => {
                        found.push((namespace, NodeName::Numeric(number)));
                    }
                    model::NodeKey::Guid(guid) => found.push((namespace, NodeName::Guid(guid))),
                    model::NodeKey::Opaque(bytes) => {
                        found.push((namespace, NodeName::Opaque(bytes.to_vec())));
                    }
                }
            }
        }
        let mut all: Vec<(Atom, Place)> = found
            .into_iter()
            .map(|(namespace, key)| {
                let place = Place::Node { namespace, key };
                (Atom::Named(place.target().to_string()), place)
            })
            .collect();
        let node = |namespace, name| Place::Node {
            namespace,
            key: NodeName::Text(name),
        };
        for (namespace, names) in &texts {
            for (text, name) in self::names(names.clone()) {
                let atom = match text {
                    Some(text) => Atom::Named(format!("ns={namespace};s={text}")),
                    None => Atom::Other(format!("ns={namespace};*")),
                };
                all.push((atom, node(*namespace, name)));
            }
        }
        let free = (1..=u16::MAX)
            .find(|it| !texts.contains_key(it))
            .unwrap_or(0);
        all.push((
            Atom::Other("ns=*".to_owned()),
            node(free, "Other".to_owned()),
        ));
        all.into_iter()
            .for_each(|(atom, place)| self.add(atom, place));
    }
}

/// A name for each piece that names and prefixes cut all names into, with how the piece reads.
fn names(mut list: Vec<(Option<&str>, bool)>) -> Vec<(Option<String>, String)> {
    list.sort_unstable();
    list.dedup();
    let taken = |name: &str, but: &str| {
        list.iter().any(|(text, is_prefix)| match text {
            Some(text) if *is_prefix => text.len() > but.len() && name.starts_with(text),
            Some(text) => *text == name,
            None => false,
        })
    };
    let under = |prefix: &str| {
        let mut name = format!("{prefix}Other");
        while taken(&name, prefix) {
            name.push('~');
        }
        name
    };
    let mut found: Vec<(Option<String>, String)> = Vec::new();
    for (text, is_prefix) in &list {
        match text {
            Some(text) if *is_prefix => found.push((Some(format!("{text}*")), under(text))),
            Some(text) => found.push((Some((*text).to_owned()), (*text).to_owned())),
            None => {}
        }
    }
    found.push((None, under("")));
    found
}

fn cells(area: &'static str, block: Option<u32>, first: u64, last: u64) -> Place {
    Place::Cells {
        area,
        block,
        first,
        last,
    }
}

/// Pieces in one text: runs that touch are one, and longer requests that touch them are left out.
pub(crate) struct Listed<'a>(pub(crate) &'a [Atom]);

impl Listed<'_> {
    /// The texts, in order.
    pub(crate) fn texts(&self) -> Vec<String> {
        let mut atoms = self.0.to_vec();
        atoms.sort();
        atoms.dedup();
        if atoms.contains(&Atom::Any) {
            return vec![Atom::Any.to_string()];
        }
        let mut merged: Vec<Atom> = Vec::new();
        for atom in &atoms {
            match (merged.last_mut(), atom) {
                (
                    Some(Atom::Cells {
                        area, block, last, ..
                    }),
                    Atom::Cells {
                        area: next_area,
                        block: next_block,
                        first,
                        last: next_last,
                        ..
                    },
                ) if (*area, *block) == (*next_area, *next_block) && *first == *last + 1 => {
                    *last = *next_last;
                }
                _ => merged.push(atom.clone()),
            }
        }
        // what touches a piece that is named anyway is no news
        let within = |atom: &Atom| match atom {
            Atom::Across {
                area,
                block,
                first,
                last,
            } => merged.iter().any(|of| {
                matches!(of, Atom::Cells { area: a, block: b, first: f, last: l, .. }
                    if (a, b) == (area, block) && f <= last && first <= l)
            }),
            Atom::Nothing => atoms.len() > 1,
            _ => false,
        };
        merged
            .iter()
            .filter(|atom| !within(atom))
            .map(Atom::to_string)
            .collect()
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any target"),
            Self::Cells {
                area,
                block,
                first,
                last,
                end,
            } => {
                let block = block.map(|block| block.to_string()).unwrap_or_default();
                match (*first, *last) {
                    (0, last) if last == *end => write!(f, "{area}{block}:*"),
                    (first, last) if first == last => write!(f, "{area}{block}:{first}"),
                    (first, last) => write!(f, "{area}{block}:{first}-{last}"),
                }
            }
            Self::Across {
                area,
                block,
                first,
                last,
            } => {
                let block = block.map(|block| block.to_string()).unwrap_or_default();
                write!(f, "{area}{block}:{first}-{last} in one request")
            }
            Self::Named(text) => f.write_str(text),
            Self::Other(text) => write!(f, "others of {text}"),
            Self::Nothing => f.write_str("no target"),
        }
    }
}

/// Over how many pieces a run is asked.
const MAX_ACROSS: usize = 64;
