//! What the tag map promises: lists in, tags and problems out, and what a write means to them.

mod bad;
mod covered;
mod found;
mod table;

use model::Problem;

use super::vocabulary::WORDS;
use crate::node::{self, Kind, Word};
use crate::problems::Problems;
use crate::space::AssetId;
use crate::tags::{Known, TagMap, raw, read_table, resolve};

/// The tags of a YAML text and of tables, and what is wrong with them.
pub(super) fn read(yaml: &str, tables: &[(&str, &[u8])]) -> (TagMap, Vec<Problem>, Vec<Problem>) {
    let mut problems = Problems::default();
    let mut tags = Vec::new();
    if let Some(node) = node::read("tags.yaml", yaml, &mut problems)
        && let Kind::Map(entries) = &node.kind
    {
        tags.extend(
            entries
                .iter()
                .map(|(name, node)| raw::Tag::read(name, node, &mut problems)),
        );
    }
    for (name, bytes) in tables {
        tags.extend(read_table(name, bytes, &mut problems));
    }
    let known = Known {
        words: &WORDS,
        asset: &asset,
    };
    let map = resolve(&tags, &known, &mut problems);
    let (errors, warnings) = problems.into_sorted();
    (map, errors, warnings)
}

/// Tags that must be right.
pub(super) fn load(yaml: &str) -> TagMap {
    let (map, errors, warnings) = read(yaml, &[]);
    assert_eq!((lines(&errors), lines(&warnings)), (vec![], vec![]));
    map
}

pub(super) fn lines(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

fn asset(word: &Word, problems: &mut Problems) -> Option<AssetId> {
    let place = ASSETS.iter().position(|name| *name == word.text);
    if place.is_none() {
        problems.unknown(
            word.at,
            format!("no asset `{}`", word.text),
            &word.text,
            ASSETS,
        );
    }
    place
        .and_then(|place| u32::try_from(place).ok())
        .map(AssetId)
}

const ASSETS: [&str; 3] = ["plc-1", "plc-2", "scada"];
