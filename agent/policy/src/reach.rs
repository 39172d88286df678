//! What a statement reaches behind a server: units, and targets compiled for lookup.

mod pieces;

use std::collections::BTreeMap;

use model::{NodeKey, Target, Unit, Vocabulary};

use crate::node::Word;
use crate::pattern::{Blocks, Key, Name, Pattern};
use crate::problems::Problems;
use crate::space::AssetId;
use crate::tags::Tag;
use crate::words;

/// A set of units: one bit for each Modbus unit identifier, one for each S7 rack and slot.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Units {
    ids: Bits,
    slots: Bits,
}

type Bits = [u64; 4];

impl Units {
    /// Reads `1`, `1-9` and `rack 0 slot 2`.
    pub(crate) fn read(list: &[Word], problems: &mut Problems) -> Self {
        let mut units = Self::default();
        for word in list {
            units.add(word, problems);
        }
        units
    }

    fn add(&mut self, word: &Word, problems: &mut Problems) {
        if let Some(slot) = word.text.strip_prefix("rack ") {
            self.add_slot(slot, word, problems);
            return;
        }
        let (first, last) = word
            .text
            .split_once('-')
            .unwrap_or((&word.text, &word.text));
        let mut id = |text| words::number(text, 0..=255, "unit", word.at, problems);
        let (Some(first), Some(last)) = (id(first), id(last)) else {
            return;
        };
        if first > last {
            problems.error_with(
                word.at,
                format!("range `{}` runs backwards", word.text),
                format!("write `{last}-{first}`"),
            );
        }
        (first..=last).for_each(|id| set(&mut self.ids, id));
    }

    fn add_slot(&mut self, text: &str, word: &Word, problems: &mut Problems) {
        let Some((rack, slot)) = text.split_once(" slot ") else {
            let what = format!("`{}` is no unit", word.text);
            problems.error_with(word.at, what, "such as `rack 0 slot 2`");
            return;
        };
        let rack = words::number(rack, 0..=7, "rack", word.at, problems);
        let slot = words::number(slot, 0..=31, "slot", word.at, problems);
        if let (Some(rack), Some(slot)) = (rack, slot) {
            set(&mut self.slots, rack * 32 + slot);
        }
    }

    /// Whether all of `other` is in the set.
    pub(crate) fn cover(&self, other: &Self) -> bool {
        let within = |wide: &Bits, narrow: &Bits| {
            let mut pairs = wide.iter().zip(narrow);
            pairs.all(|(wide, narrow)| narrow & !wide == 0)
        };
        within(&self.ids, &other.ids) && within(&self.slots, &other.slots)
    }

    /// These units.
    pub(crate) fn of(all: impl Iterator<Item = Unit>) -> Self {
        let mut units = Self::default();
        for unit in all {
            match unit {
                Unit::Id(id) => set(&mut units.ids, id.into()),
                Unit::Slot { rack, slot } => {
                    set(&mut units.slots, u64::from(rack) * 32 + u64::from(slot));
                }
            }
        }
        units
    }

    /// Every unit, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Unit> {
        let ids = (0..=u8::MAX).map(Unit::Id);
        let slots = (0..8).flat_map(|rack| (0..32).map(move |slot| Unit::Slot { rack, slot }));
        ids.chain(slots).filter(|unit| self.contain(*unit))
    }

    pub(crate) fn contain(&self, unit: Unit) -> bool {
        match unit {
            Unit::Id(id) => has(&self.ids, id.into()),
            Unit::Slot { rack, slot } => {
                rack < 8 && slot < 32 && has(&self.slots, u64::from(rack) * 32 + u64::from(slot))
            }
        }
    }
}

/// A unit as policies write it.
pub(crate) fn shown(unit: Unit) -> String {
    match unit {
        Unit::Id(id) => format!("unit `{id}`"),
        Unit::Slot { .. } => format!("`{unit}`"),
    }
}

fn set(bits: &mut Bits, number: u64) {
    if let Some(word) = usize::try_from(number / 64)
        .ok()
        .and_then(|at| bits.get_mut(at))
    {
        *word |= 1 << (number % 64);
    }
}

fn has(bits: &Bits, number: u64) -> bool {
    let word = usize::try_from(number / 64)
        .ok()
        .and_then(|at| bits.get(at));
    word.is_some_and(|word| word & 1 << (number % 64) != 0)
}

/// A set of targets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Targets {
    pub(crate) cells: Vec<Run>,
    pub(crate) blocks: Vec<(Option<&'static str>, Option<u32>)>,
    // INVARIANT: sorted by namespace and key.
    pub(crate) nodes: Vec<(u16, Key)>,
    pub(crate) node_names: Vec<(u16, Box<str>)>,
    pub(crate) namespaces: Vec<u16>,
    pub(crate) named: Vec<(&'static str, Name<Box<str>>)>,
    /// What of it is reached where, as far as tags are among it.
    pub(crate) by_asset: Option<Box<ByAsset>>,
}

/// A set of targets with tags among them, which are places of the assets that have them and of no others.
#[derive(Clone, Debug, Default)]
pub(crate) struct ByAsset {
    pub(crate) bare: Targets,
    pub(crate) of: Vec<(AssetId, Targets)>,
}

impl ByAsset {
    /// What is reached on an asset.
    pub(crate) fn on(&self, asset: Option<AssetId>) -> &Targets {
        let mut of = self.of.iter();
        let of = of.find(|(of, _)| Some(*of) == asset);
        of.map_or(&self.bare, |(_, targets)| targets)
    }
}

/// The cells of one area or block.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) area: &'static str,
    pub(crate) blocks: Blocks,
    // INVARIANT: sorted, and no two touch.
    pub(crate) cells: Vec<(u64, u64)>,
}

impl Targets {
    /// Reads the text forms of targets; what tags name is reached on their assets, too.
    pub(crate) fn read<'t>(
        list: &[Word],
        tags: impl Iterator<Item = &'t Tag>,
        known: &[&'static Vocabulary],
        problems: &mut Problems,
    ) -> Self {
        let mut patterns: Vec<Pattern> = Vec::new();
        for word in list {
            match Pattern::read(&word.text, known) {
                Ok(pattern) => patterns.push(pattern),
                // A statement whose protocols are all unknown has no words; that was said already.
                Err(_) if known.is_empty() => {}
                Err(refused) => problems.refuse(word.at, refused.what, refused.help),
            }
        }
        let mut of_assets: BTreeMap<AssetId, Vec<Pattern>> = BTreeMap::new();
        for tag in tags {
            let of = of_assets.entry(tag.asset).or_default();
            of.push(tag.exact.pattern());
        }
        if of_assets.is_empty() {
            return Self::of(patterns);
        }
        let all = patterns.iter().chain(of_assets.values().flatten());
        let all = Self::of(all.cloned().collect());
        let with = |tags: &[Pattern]| Self::of(patterns.iter().chain(tags).cloned().collect());
        let of = of_assets.iter().map(|(asset, tags)| (*asset, with(tags)));
        let by_asset = ByAsset {
            of: of.collect(),
            bare: with(&[]),
        };
        Self {
            by_asset: Some(Box::new(by_asset)),
            ..all
        }
    }

    /// The set of what patterns name.
    pub(crate) fn of(patterns: Vec<Pattern>) -> Self {
        let mut cells: Vec<(&'static str, Blocks, u64, u64)> = Vec::new();
        let mut targets = Self::default();
        for pattern in patterns {
            match pattern {
                Pattern::Cells {
                    area,
                    block,
                    first,
                    last,
                } => cells.push((area, block, first, last)),
                pattern => targets.add(pattern),
            }
        }
        cells.sort_unstable();
        for (area, block, first, last) in cells {
            targets.add_cells(area, block, first, last);
        }
        targets
            .nodes
            .sort_by(|a, b| node_order(a).cmp(&node_order(b)));
        targets
    }

    fn add(&mut self, pattern: Pattern) {
        match pattern {
            Pattern::Cells {
                area,
                block,
                first,
                last,
            } => self.add_cells(area, block, first, last),
            Pattern::Block { kind, number } => self.blocks.push((kind, number)),
            Pattern::Node { namespace, key } => match key {
                Name::Exact(key) => self.nodes.push((namespace, key)),
                Name::Prefix(prefix) => self.node_names.push((namespace, prefix)),
                Name::All => self.namespaces.push(namespace),
            },
            Pattern::Named { kind, name } => self.named.push((kind, name)),
        }
    }

    /// Adds a run of cells; runs of one block come in order.
    fn add_cells(&mut self, area: &'static str, blocks: Blocks, first: u64, last: u64) {
        let same = |run: &&mut Run| run.area == area && run.blocks == blocks;
        let Some(run) = self.cells.last_mut().filter(same) else {
            let cells = vec![(first, last)];
            self.cells.push(Run {
                area,
                blocks,
                cells,
            });
            return;
        };
        match run.cells.last_mut() {
            Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
            _ => run.cells.push((first, last)),
        }
    }

    /// Whether all of `target` is reached on an asset, or on what is none.
    pub(crate) fn cover_on(&self, target: &Target<'_>, asset: Option<AssetId>) -> bool {
        let here = self.by_asset.as_ref();
        self.cover(target) && here.is_none_or(|by| by.on(asset).cover(target))
    }

    /// The same of [`Targets::are_near`].
    pub(crate) fn are_near_on(&self, target: &Target<'_>, asset: Option<AssetId>) -> bool {
        let here = self.by_asset.as_ref();
        self.are_near(target) && here.is_none_or(|by| by.on(asset).are_near(target))
    }

    /// Whether all of `target` is in the set.
    pub(crate) fn cover(&self, target: &Target<'_>) -> bool {
        match *target {
            Target::Cells {
                area,
                block,
                first,
                last,
            } => self
                .cells
                .iter()
                .any(|run| run.is_of(area, block) && run.covers(first, last)),
            Target::Block { kind, number } => self.blocks.iter().any(|(kinds, numbers)| {
                kinds.is_none_or(|known| known == kind) && numbers.is_none_or(|it| it == number)
            }),
            Target::Node { namespace, key } => self.cover_node(namespace, key),
            Target::Named { kind, name } => self
                .named
                .iter()
                .any(|(known, names)| *known == kind && fits(names, name)),
        }
    }

    fn cover_node(&self, namespace: u16, key: NodeKey<'_>) -> bool {
        let exact = self
            .nodes
            .binary_search_by(|node| node_order(node).cmp(&(namespace, key)));
        exact.is_ok()
            || self.namespaces.contains(&namespace)
            || matches!(key, NodeKey::Text(text) if self.covers_name(namespace, text))
    }

    fn covers_name(&self, namespace: u16, text: &str) -> bool {
        let mut names = self.node_names.iter();
        names.any(|(of, prefix)| *of == namespace && text.starts_with(&**prefix))
    }

    /// Whether anything in the set can be a target of a protocol. One that names no areas names nodes.
    pub(crate) fn reach(&self, protocol: &Vocabulary) -> bool {
        let area = |name| protocol.areas.iter().any(|area| area.name == name);
        let kind = |name| protocol.kinds.contains(&name);
        let nodes = self.nodes.len() + self.node_names.len() + self.namespaces.len();
        self.cells.iter().any(|run| area(run.area))
            || self.named.iter().any(|(name, _)| kind(name))
            || self
                .blocks
                .iter()
                .any(|(name, _)| name.map_or(!protocol.kinds.is_empty(), kind))
            || (nodes > 0 && protocol.areas.is_empty())
    }

    /// Whether anything in the set can have to do with `target`; `false` is proven.
    pub(crate) fn may_meet(&self, target: &Target<'_>) -> bool {
        self.are_near(target) || self.cover(target)
    }

    /// Whether anything in the set is of the same area, block, namespace or kind as `target`: the
    /// statement that was probably meant.
    pub(crate) fn are_near(&self, target: &Target<'_>) -> bool {
        match *target {
            Target::Cells { area, block, .. } => {
                self.cells.iter().any(|run| run.is_of(area, block))
            }
            Target::Block { .. } => !self.blocks.is_empty(),
            Target::Node { namespace, .. } => {
                self.nodes.iter().any(|(of, _)| *of == namespace)
                    || self.node_names.iter().any(|(of, _)| *of == namespace)
            }
            Target::Named { kind, .. } => self.named.iter().any(|(known, _)| *known == kind),
        }
    }
}

impl Run {
    fn is_of(&self, area: &str, block: Option<u32>) -> bool {
        let fits = match self.blocks {
            Blocks::Undivided => block.is_none(),
            Blocks::One(number) => block == Some(number),
            Blocks::All => true,
        };
        fits && self.area == area
    }

    fn covers(&self, first: u64, last: u64) -> bool {
        let after = self.cells.partition_point(|(start, _)| *start <= first);
        let run = after.checked_sub(1).and_then(|at| self.cells.get(at));
        run.is_some_and(|(_, end)| last <= *end) && first <= last
    }
}

fn node_order((namespace, key): &(u16, Key)) -> (u16, NodeKey<'_>) {
    (*namespace, key.as_model())
}

fn fits(names: &Name<Box<str>>, name: &str) -> bool {
    match names {
        Name::Exact(exact) => **exact == *name,
        Name::Prefix(prefix) => name.starts_with(&**prefix),
        Name::All => true,
    }
}
