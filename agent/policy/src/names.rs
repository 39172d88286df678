//! What the policy's names stand for: zones, assets and roles by their places in the policy.

use std::collections::HashMap;

use crate::index::Key;
use crate::node::Word;
use crate::problems::{Problems, Spot};
use crate::raw::{self, Raw};
use crate::space::{AssetId, RoleId, ZoneId};

/// What the policy's names stand for.
pub(crate) struct Names {
    zones: HashMap<String, u32>,
    assets: HashMap<String, u32>,
    roles: HashMap<String, u32>,
}

impl Names {
    pub(crate) fn of(raw: &Raw) -> Self {
        Self {
            zones: numbered(raw.zones.iter().map(|it| &it.name)),
            assets: numbered(raw.assets.iter().map(|it| &it.name)),
            roles: numbered(raw.roles.iter().map(|it| &it.name)),
        }
    }

    pub(crate) fn zone(&self, word: &Word, problems: &mut Problems) -> Option<ZoneId> {
        look_up("zone", &self.zones, word, problems).map(ZoneId)
    }

    pub(crate) fn asset(&self, word: &Word, problems: &mut Problems) -> Option<AssetId> {
        look_up("asset", &self.assets, word, problems).map(AssetId)
    }

    /// The asset of a name, whether or not somebody is told that there is none.
    pub(crate) fn find_asset(&self, name: &str) -> Option<AssetId> {
        self.assets.get(name).copied().map(AssetId)
    }

    pub(crate) fn role(&self, word: &Word, problems: &mut Problems) -> Option<RoleId> {
        look_up("role", &self.roles, word, problems).map(RoleId)
    }

    /// The zone that lists each asset by name.
    pub(crate) fn members(
        &self,
        zones: &[raw::Zone],
        problems: &mut Problems,
    ) -> HashMap<usize, ZoneId> {
        let mut first: HashMap<usize, (ZoneId, Spot)> = HashMap::new();
        for (zone, word) in zones
            .iter()
            .enumerate()
            .flat_map(|(id, zone)| zone.members.assets.iter().map(move |word| (id, word)))
        {
            let Some(asset) = self.asset(word, problems) else {
                continue;
            };
            let asset = usize::try_from(asset.0).unwrap_or(usize::MAX);
            match first.get(&asset) {
                Some((_, at)) => {
                    problems.twice(word.at, &format!("member `{}`", word.text), *at);
                }
                None => {
                    first.insert(asset, (ZoneId(id(zone)), word.at));
                }
            }
        }
        first
            .into_iter()
            .map(|(asset, (zone, _))| (asset, zone))
            .collect()
    }

    /// The keys of one end of a conduit.
    pub(crate) fn keys(&self, selectors: &[raw::Selector], problems: &mut Problems) -> Vec<Key> {
        let mut keys = Vec::new();
        for selector in selectors {
            self.add_keys(selector, &mut keys, problems);
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn add_keys(&self, selector: &raw::Selector, keys: &mut Vec<Key>, problems: &mut Problems) {
        let assets = selector.assets.iter();
        keys.extend(
            assets
                .filter_map(|word| self.asset(word, problems))
                .map(Key::Asset),
        );
        let zones = selector.zones.iter();
        let zones: Vec<_> = zones.filter_map(|word| self.zone(word, problems)).collect();
        let roles = selector.roles.iter();
        let roles: Vec<_> = roles.filter_map(|word| self.role(word, problems)).collect();
        if selector.roles.is_empty() {
            keys.extend(zones.into_iter().map(Key::Zone));
        } else if selector.zones.is_empty() {
            keys.extend(roles.into_iter().map(Key::Role));
        } else {
            let both = |role: RoleId| zones.iter().map(move |zone| Key::RoleInZone(role, *zone));
            keys.extend(roles.into_iter().flat_map(both));
        }
    }
}

fn numbered<'a>(names: impl Iterator<Item = &'a Word>) -> HashMap<String, u32> {
    names
        .enumerate()
        .map(|(place, name)| (name.text.clone(), id(place)))
        .collect()
}

fn look_up(
    noun: &str,
    names: &HashMap<String, u32>,
    word: &Word,
    problems: &mut Problems,
) -> Option<u32> {
    let found = names.get(&word.text).copied();
    if found.is_none() {
        let what = format!("no {noun} `{}`", word.text);
        problems.unknown(word.at, what, &word.text, names.keys().map(String::as_str));
    }
    found
}

/// The identifier of a place in a list.
pub(crate) fn id(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
