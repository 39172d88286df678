//! Classes that differ in one thing only become one row, until none do: what a person can read.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use model::Unit;

use super::tree::Texts;
use super::witness::Witness;
use super::{Change, Said};

/// Classes that are alike but for what is listed.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) like: Like,
    pub(crate) witness: Witness,
    /// How many classes it was made of.
    pub(crate) count: usize,
}

/// What tells rows apart.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Like {
    pub(crate) change: Change,
    pub(crate) was: Said,
    pub(crate) now: Said,
    pub(crate) clients: Vec<u32>,
    pub(crate) servers: Vec<u32>,
    pub(crate) texts: Texts,
}

/// Merges rows thing by thing.
pub(crate) fn merged(mut rows: Vec<Row>) -> Vec<Row> {
    for _ in 0..2 {
        rows = along(rows, |like| &mut like.texts.targets);
        rows = along(rows, |like| &mut like.texts.values);
        rows = along(rows, |like| &mut like.texts.units);
        rows = along(rows, |like| &mut like.texts.functions);
        rows = along(rows, |like| &mut like.texts.verbs);
        rows = along(rows, |like| &mut like.texts.session);
        rows = along(rows, |like| &mut like.texts.times);
        rows = along(rows, |like| &mut like.texts.rate);
        rows = along(rows, |like| &mut like.servers);
        rows = along(rows, |like| &mut like.clients);
    }
    rows
}

fn along<T: Clone + Ord>(rows: Vec<Row>, of: impl Fn(&mut Like) -> &mut Vec<T>) -> Vec<Row> {
    let mut found: BTreeMap<(bool, Like), (BTreeSet<T>, Witness, usize)> = BTreeMap::new();
    for mut row in rows {
        let list = std::mem::take(of(&mut row.like));
        let entry = found.entry((list.is_empty(), row.like));
        let (all, _, count) = entry.or_insert_with(|| (BTreeSet::new(), row.witness, 0));
        all.extend(list);
        *count += row.count;
    }
    let row =
        |((_, mut like), (list, witness, count)): ((bool, Like), (BTreeSet<T>, Witness, usize))| {
            *of(&mut like) = list.into_iter().collect();
            Row {
                like,
                witness,
                count,
            }
        };
    found.into_iter().map(row).collect()
}

/// Units as policies write them; nothing where all are meant.
pub(crate) fn units(units: &[Unit]) -> Vec<String> {
    if units.is_empty() || units.len() == ALL_UNITS {
        return Vec::new();
    }
    let mut texts = Vec::new();
    let mut run: Option<(u8, u8)> = None;
    let close = |run: Option<(u8, u8)>, texts: &mut Vec<String>| match run {
        Some((first, last)) if first == last => texts.push(first.to_string()),
        Some((first, last)) => texts.push(format!("{first}-{last}")),
        None => {}
    };
    for unit in units {
        match (unit, run) {
            (Unit::Id(id), Some((first, last))) if last.checked_add(1) == Some(*id) => {
                run = Some((first, *id));
            }
            (Unit::Id(id), _) => {
                close(run, &mut texts);
                run = Some((*id, *id));
            }
            (Unit::Slot { .. }, _) => texts.push(unit.to_string()),
        }
    }
    close(run, &mut texts);
    texts
}

/// Unit identifiers of Modbus; S7 has as many racks and slots.
const ALL_UNITS: usize = 256;
