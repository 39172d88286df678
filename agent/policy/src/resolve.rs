//! From what was read to a policy that cannot be wrong: names are looked up, texts get meaning.
//!
//! What is wrong is said and left out, and the rest is still checked, so that one run finds all.

use std::collections::HashSet;

use model::StatementId;

use crate::addresses;
use crate::behind::Behind;
use crate::index::{ConduitId, Index};
use crate::invariant;
use crate::level::Level;
use crate::limits::Limits;
use crate::names::{Names, id};
use crate::node::Word;
use crate::policy::{Asset, Conduit, Grant, Permit, PermitId, Policy, Role, Site, Zone};
use crate::problems::{Problems, Spot};
use crate::rate::Rate;
use crate::raw::{self, Raw};
use crate::reach::Units;
use crate::response::{Criticality, Duty, Responses, criticality};
use crate::session::Session;
use crate::space::ZoneId;
use crate::tags::{self, Known, TagMap};
use crate::verbs::VerbSet;
use crate::when::{Calendar, Period, When};
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
    let time_zone = raw.site.as_ref().and_then(|site| site.time_zone.as_ref());
    let calendar = Calendar::resolve(time_zone, &raw.schedules, &raw.holidays, problems);
    let known = Known {
        words,
        asset: &|word, problems| names.asset(word, problems),
    };
    let tags = tags::resolve(&raw.tags, &known, problems);
    let scene = Scene {
        names: &names,
        words,
        calendar: &calendar,
        tags: &tags,
    };
    let conduits = raw.conduits.into_iter();
    let mut conduits: Vec<_> = conduits
        .map(|conduit| {
            behind.check(&conduit, &raw.assets, &names, problems);
            made.conduit(conduit, None, scene, problems)
        })
        .collect();
    let permits = raw.permits.into_iter();
    let (permits, of_permits): (Vec<_>, Vec<_>) = permits
        .map(|permit| made.permit(permit, scene, problems))
        .unzip();
    conduits.extend(of_permits);
    let invariants = invariant::read(&raw.invariants, &names, words, problems);
    Policy {
        site: site_of(raw.site, problems),
        version,
        files: problems.files.clone(),
        zones,
        assets,
        roles,
        conduits,
        permits,
        calendar,
        tags,
        grants: made.grants,
        index: made.index,
        space,
        behind,
        responses: Responses::read(raw.responses, problems),
        invariants,
        schedules: raw.schedules.iter().map(|it| it.name.at).collect(),
    }
}

/// What grows while zones and conduits are resolved.
#[derive(Default)]
struct Made {
    grants: Vec<Grant>,
    index: Index,
    conduits: u32,
    permits: u32,
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
        // read in any case: what is no word must not load silently
        let shadow = in_shadow(raw.shadow.as_ref(), problems);
        if let (true, None, Some(word)) = (shadow, &raw.within, &raw.shadow) {
            let what = format!(
                "zone `{}` has nothing that could be in shadow",
                raw.name.text
            );
            problems.warn(word.at, what, "state `within`, or leave `shadow` out");
        }
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
            tags: Box::default(),
            values: None,
            session: None,
            when: None,
            rate: None,
            shadow,
            permit: None,
        });
        Some(statement)
    }

    fn conduit(
        &mut self,
        raw: raw::Conduit,
        permit: Option<PermitId>,
        scene: Scene<'_>,
        problems: &mut Problems,
    ) -> Conduit {
        let (from, to) = (
            scene.names.keys(&raw.from, problems),
            scene.names.keys(&raw.to, problems),
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
            let mut grant = Grant {
                title: raw.name.text.clone(),
                of: Some(conduit),
                permit,
                ..scene.grant(statement, &raw.terms, problems)
            };
            if permit.is_some() {
                grant.end_with(scene.period(&raw.terms, &mut Problems::default()));
            }
            self.grants.push(grant);
        }
        let end = |selectors: &[raw::Selector]| {
            let first = selectors.iter().find_map(raw::Selector::at);
            first.unwrap_or(raw.name.at)
        };
        Conduit {
            name: raw.name.text.clone(),
            ends: [end(&raw.from), end(&raw.to)],
            duty: Duty::read(raw.duty, problems),
            grants: (first, id(self.grants.len())),
        }
    }

    /// A permit, and the conduit that it is meanwhile.
    fn permit(
        &mut self,
        raw: raw::Permit,
        scene: Scene<'_>,
        problems: &mut Problems,
    ) -> (Permit, Conduit) {
        let raw::Permit { conduit, role } = raw;
        let terms = &conduit.terms;
        let permit = Permit {
            name: conduit.name.text.clone(),
            at: conduit.name.at,
            role: role.and_then(|word| scene.names.role(&word, problems)),
            period: scene.period(terms, problems),
            owner: text(conduit.duty.owner.as_ref()),
        };
        let id = PermitId(self.permits);
        self.permits += 1;
        (permit, self.conduit(conduit, Some(id), scene, problems))
    }
}

/// What statements are resolved against.
#[derive(Clone, Copy)]
struct Scene<'a> {
    names: &'a Names,
    words: Words<'a>,
    calendar: &'a Calendar,
    tags: &'a TagMap,
}

impl Scene<'_> {
    fn grant(
        self,
        raw: &raw::Statement,
        of_conduit: &raw::Terms,
        problems: &mut Problems,
    ) -> Grant {
        let (protocols, known) = words::protocols(&raw.protocols, self.words, problems);
        let verbs = (!raw.verbs.is_empty()).then(|| VerbSet::read(&raw.verbs, problems));
        let functions = words::functions(&raw.functions, &known, verbs, problems);
        let implied = functions
            .iter()
            .fold(VerbSet::NONE, |set, (_, verb)| set.with(*verb));
        let names = || functions.iter().map(|(name, _)| *name).collect();
        let terms = raw.terms.or(of_conduit);
        let limits = Limits::read(raw, self.tags, &known, problems);
        Grant {
            title: String::new(),
            of: None,
            at: raw.at,
            protocols,
            verbs: verbs.unwrap_or(implied),
            functions: (!raw.functions.is_empty()).then(names),
            units: (!raw.units.is_empty()).then(|| Units::read(&raw.units, problems)),
            targets: limits.targets,
            tags: limits.tags,
            values: limits.values,
            session: Session::read(raw, &known, problems),
            when: self.when(&terms, problems),
            rate: raw
                .rate
                .as_ref()
                .and_then(|word| Rate::read(word, problems)),
            shadow: in_shadow(terms.shadow.as_ref(), problems),
            permit: None,
        }
    }

    fn when(self, terms: &raw::Terms, problems: &mut Problems) -> Option<When> {
        let (from, until) = (terms.valid_from.as_ref(), terms.valid_until.as_ref());
        let when = When::read(terms.when.as_ref(), from, until, self.calendar, problems);
        (!when.is_always()).then_some(when)
    }

    fn period(self, terms: &raw::Terms, problems: &mut Problems) -> Period {
        let (from, until) = (terms.valid_from.as_ref(), terms.valid_until.as_ref());
        Period::read(from, until, self.calendar.time_zone(), problems)
    }
}

impl Grant {
    /// It holds within this period at most.
    fn end_with(&mut self, order: Period) {
        let own = self.when.unwrap_or_default();
        let period = own.period.and(&order);
        self.when = Some(When { period, ..own });
    }
}

/// Whether something is only tried.
fn in_shadow(word: Option<&Word>, problems: &mut Problems) -> bool {
    word.is_some_and(|word| words::truth(word, "shadow", problems))
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
        shadow: in_shadow(raw.shadow.as_ref(), problems),
    }
}

fn site_of(raw: Option<raw::Site>, problems: &mut Problems) -> Site {
    let Some(raw) = raw else {
        problems.error_with(
            Spot::top(0),
            "the policy has no `site`",
            "write `site:` with `name` and `owner`",
        );
        return Site {
            name: String::new(),
            owner: String::new(),
            criticality: Criticality::default(),
            at: Spot::top(0),
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
    let of_permits = raw.permits.iter().filter_map(|permit| permit.role.as_ref());
    let played: HashSet<&str> = raw
        .assets
        .iter()
        .filter_map(|asset| asset.role.as_ref())
        .chain(of_permits)
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
