//! From what was read to a policy that cannot be wrong: names are looked up, texts get meaning.
//!
//! What is wrong is said and left out, and the rest is still checked, so that one run finds all.

use std::collections::HashSet;

use model::StatementId;

use crate::addresses;
use crate::behind::Behind;
use crate::index::{ConduitId, Index};
use crate::level::Level;
use crate::names::{Names, id};
use crate::node::Word;
use crate::policy::{Asset, Conduit, Grant, Policy, Role, Site, Zone};
use crate::problems::{Problems, Spot};
use crate::raw::{self, Raw};
use crate::reach::{Targets, Units};
use crate::response::{Criticality, Duty, Responses, criticality};
use crate::space::ZoneId;
use crate::verbs::VerbSet;
use crate::words::{self, Protocols, Words};
use crate::zones;

/// Resolves a policy; it is whole only where nothing fatal was said.
pub(crate) fn resolve(
    raw: Raw,
    version: String,
    words: Words<'_>,
    problems: &mut Problems,
) -> Policy {
    let names = Names::of(&raw);
    let members = names.members(&raw.zones, problems);
    let space = addresses::survey(&raw, problems);
    let behind = Behind::read(&raw.assets, &names, problems);
    addresses::check_assets(&raw.assets, &members, &space, problems);
    addresses::check_zones(&raw.zones, &space, problems);
    let around = zones::nest(&raw.zones, &names, problems);
    check_roles(&raw, problems);

    let mut made = Made::default();
    let zones = raw.zones.iter().zip(around);
    let zones = zones
        .map(|(zone, around)| made.zone(zone, around, problems))
        .collect();
    let assets = raw.assets.iter().enumerate();
    let assets = assets
        .map(|(id, asset)| asset_of(asset, members.get(&id).copied(), &names, problems))
        .collect();
    let roles = raw
        .roles
        .iter()
        .map(|role| role_of(role, words, problems))
        .collect();
    let conduits = raw.conduits.into_iter();
    let conduits = conduits
        .map(|conduit| {
            behind.check(&conduit, &raw.assets, &names, problems);
            made.conduit(conduit, &names, words, problems)
        })
        .collect();
    Policy {
        site: site_of(raw.site, problems),
        version,
        files: problems.files.clone(),
        zones,
        assets,
        roles,
        conduits,
        grants: made.grants,
        index: made.index,
        space,
        behind,
        responses: Responses::read(raw.responses, problems),
    }
}

/// What grows while zones and conduits are resolved.
#[derive(Default)]
struct Made {
    grants: Vec<Grant>,
    index: Index,
    conduits: u32,
}

impl Made {
    fn zone(&mut self, raw: &raw::Zone, around: Box<[ZoneId]>, problems: &mut Problems) -> Zone {
        if raw.owner.is_none() {
            let what = format!("zone `{}` has no owner", raw.name.text);
            problems.warn(raw.name.at, what, "the site's owner answers for it");
        }
        Zone {
            name: raw.name.text.clone(),
            at: raw.name.at,
            around,
            level: raw.level.as_ref().and_then(|word| level(word, problems)),
            security_level: raw
                .security_level
                .as_ref()
                .and_then(|word| security_level(word, problems)),
            owner: text(raw.owner.as_ref()),
            criticality: raw
                .criticality
                .as_ref()
                .and_then(|word| criticality(word, problems)),
            consequence: text(raw.consequence.as_ref()),
            within: self.within(raw, problems),
        }
    }

    fn within(&mut self, raw: &raw::Zone, problems: &mut Problems) -> Option<StatementId> {
        let words = raw.within.as_deref()?;
        let verbs = VerbSet::read(words, problems);
        if verbs.is_empty() {
            return None;
        }
        let statement = StatementId(id(self.grants.len()));
        self.grants.push(Grant {
            title: format!("within {}", raw.name.text),
            of: None,
            at: words.first().map_or(raw.name.at, |word| word.at),
            protocols: Protocols::Any,
            verbs,
            functions: None,
            units: None,
            targets: None,
        });
        Some(statement)
    }

    fn conduit(
        &mut self,
        raw: raw::Conduit,
        names: &Names,
        words: Words<'_>,
        problems: &mut Problems,
    ) -> Conduit {
        let (from, to) = (
            names.keys(&raw.from, problems),
            names.keys(&raw.to, problems),
        );
        let conduit = ConduitId(self.conduits);
        self.conduits += 1;
        self.index.add(conduit, &from, &to);
        let both = raw.both_directions.as_ref();
        if both.is_some_and(|word| words::truth(word, "both_directions", problems)) {
            self.index.add_back(conduit, &from, &to);
        }
        let first = id(self.grants.len());
        for statement in &raw.allow {
            let grant = grant_of(statement, conduit, &raw.name.text, words, problems);
            self.grants.push(grant);
        }
        Conduit {
            duty: Duty::read(raw.duty, problems),
            grants: (first, id(self.grants.len())),
        }
    }
}

fn grant_of(
    raw: &raw::Statement,
    conduit: ConduitId,
    title: &str,
    words: Words<'_>,
    problems: &mut Problems,
) -> Grant {
    let (protocols, known) = words::protocols(&raw.protocols, words, problems);
    let verbs = (!raw.verbs.is_empty()).then(|| VerbSet::read(&raw.verbs, problems));
    let functions = words::functions(&raw.functions, &known, verbs, problems);
    let implied = functions
        .iter()
        .fold(VerbSet::NONE, |set, (_, verb)| set.with(*verb));
    let names = || functions.iter().map(|(name, _)| *name).collect();
    Grant {
        title: title.to_owned(),
        of: Some(conduit),
        at: raw.at,
        protocols,
        verbs: verbs.unwrap_or(implied),
        functions: (!raw.functions.is_empty()).then(names),
        units: (!raw.units.is_empty()).then(|| Units::read(&raw.units, problems)),
        targets: (!raw.targets.is_empty()).then(|| Targets::read(&raw.targets, &known, problems)),
    }
}

fn asset_of(
    raw: &raw::Asset,
    zone: Option<ZoneId>,
    names: &Names,
    problems: &mut Problems,
) -> Asset {
    Asset {
        name: raw.name.text.clone(),
        zone,
        role: raw
            .role
            .as_ref()
            .and_then(|word| names.role(word, problems)),
        criticality: raw
            .criticality
            .as_ref()
            .and_then(|word| criticality(word, problems)),
        owner: text(raw.owner.as_ref()),
        consequence: text(raw.consequence.as_ref()),
        location: text(raw.location.as_ref()),
    }
}

fn role_of(raw: &raw::Role, words: Words<'_>, problems: &mut Problems) -> Role {
    let mut protocols = Vec::new();
    for (name, verbs) in &raw.protocols {
        let verbs = VerbSet::read(verbs, problems);
        if let Some(vocabulary) = words::protocol(name, words, problems) {
            protocols.push((vocabulary.name, verbs));
        }
    }
    Role {
        name: raw.name.text.clone(),
        title: format!("role {}", raw.name.text),
        at: raw.name.at,
        verbs: VerbSet::read(&raw.verbs, problems),
        protocols,
    }
}

fn site_of(raw: Option<raw::Site>, problems: &mut Problems) -> Site {
    let Some(raw) = raw else {
        let first = Spot {
            line: 1,
            column: 1,
            file: 0,
        };
        problems.error_with(
            first,
            "the policy has no `site`",
            "write `site:` with `name` and `owner`",
        );
        return Site {
            name: String::new(),
            owner: String::new(),
            criticality: Criticality::default(),
            at: first,
        };
    };
    let stated = raw
        .criticality
        .and_then(|word| criticality(&word, problems));
    Site {
        name: raw.name.text,
        owner: raw.owner.text,
        criticality: stated.unwrap_or_default(),
        at: raw.at,
    }
}

/// Says which roles nobody plays.
fn check_roles(raw: &Raw, problems: &mut Problems) {
    let played: HashSet<&str> = raw
        .assets
        .iter()
        .filter_map(|asset| asset.role.as_ref())
        .map(|role| role.text.as_str())
        .collect();
    for role in &raw.roles {
        if !played.contains(role.name.text.as_str()) {
            let what = format!("no asset plays role `{}`", role.name.text);
            problems.warn(role.name.at, what, "give it to an asset, or remove it");
        }
    }
}

fn level(word: &Word, problems: &mut Problems) -> Option<Level> {
    let level = word.text.parse().ok();
    if level.is_none() {
        let what = format!("`{}` is no level", word.text);
        let help = "a level is a number from 0 to 5, or 3.5 for the DMZ";
        problems.error_with(word.at, what, help);
    }
    level
}

fn security_level(word: &Word, problems: &mut Problems) -> Option<u8> {
    let level = words::number(&word.text, 1..=4, "security level", word.at, problems);
    level.and_then(|level| u8::try_from(level).ok())
}

fn text(word: Option<&Word>) -> Option<String> {
    word.map(|word| word.text.clone())
}
