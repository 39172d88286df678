//! Statements that allow nothing which another statement does not allow already.
//!
//! Found are statements that one other covers by itself, whose ends have at least the same names or zones around
//! them. What only several others cover together is not found.

use std::collections::{HashMap, HashSet};

use crate::index::{ConduitId, Key};
use crate::pattern::Blocks;
use crate::policy::{Grant, Policy, at};
use crate::problems::Problems;
use crate::reach::Targets;
use crate::session::{Names, Session};
use crate::space::ZoneId;
use crate::words::Protocols;

/// A conduit in one direction.
type Way = (ConduitId, Vec<Key>, Vec<Key>);

/// Says which statements another one covers.
pub(super) fn advise(policy: &Policy, problems: &mut Problems) {
    let ways = policy.index.ways();
    let search = Search {
        policy,
        out: by_key(&ways, |(_, from, _)| from),
        into: by_key(&ways, |(_, _, to)| to),
        ways: &ways,
        limited: policy.tags.iter().any(crate::tags::Tag::is_limited),
    };
    // a statement is of no use where it is of none in each direction
    let mut useless: HashMap<u32, Option<u32>> = HashMap::new();
    for (place, way) in ways.iter().enumerate() {
        let Some(conduit) = at(&policy.conduits, way.0.0) else {
            continue;
        };
        let around = search.around(place);
        for id in conduit.grants.0..conduit.grants.1 {
            let found = search.cover(id, way, &around);
            let entry = useless.entry(id).or_insert(found);
            *entry = entry.and(found);
        }
    }
    let mut all: Vec<_> = useless.into_iter().collect();
    all.sort_unstable();
    for (id, by) in all {
        if let Some((grant, by)) =
            at(&policy.grants, id).zip(by.and_then(|by| at(&policy.grants, by)))
        {
            let noun = if grant.permit.is_some() {
                "permit"
            } else {
                "conduit"
            };
            let what = format!(
                "this statement of {noun} `{}` allows nothing that `{}` does not allow",
                grant.title, by.title
            );
            let place = problems.place(by.at);
            let help =
                format!("the other stands at {place}; remove this one, or make the other narrower");
            problems.warn(grant.at, what, help);
        }
    }
    within(policy, problems);
}

/// Zones whose `within` says nothing that the zones around them do not say.
fn within(policy: &Policy, problems: &mut Problems) {
    for zone in &policy.zones {
        let Some(own) = zone.within.and_then(|id| policy.grant(id)) else {
            continue;
        };
        let outer = zone.around.iter().skip(1);
        let outer = outer.filter_map(|id| policy.grant(at(&policy.zones, id.0)?.within?));
        let covers =
            |it: &&Grant| own.verbs.without(it.verbs).is_empty() && (own.shadow || !it.shadow);
        if let Some(by) = outer.into_iter().find(covers) {
            let what = format!(
                "`{}` allows nothing that `{}` does not allow",
                own.title, by.title
            );
            let help = format!(
                "the other stands at {}; remove this one",
                problems.place(by.at)
            );
            problems.warn(own.at, what, help);
        }
    }
}

fn by_key<'w>(ways: &'w [Way], keys: impl Fn(&'w Way) -> &'w Vec<Key>) -> HashMap<Key, Vec<usize>> {
    let mut all: HashMap<Key, Vec<usize>> = HashMap::new();
    for (place, way) in ways.iter().enumerate() {
        for key in keys(way) {
            all.entry(*key).or_default().push(place);
        }
    }
    all
}

struct Search<'a> {
    policy: &'a Policy,
    out: HashMap<Key, Vec<usize>>,
    into: HashMap<Key, Vec<usize>>,
    ways: &'a [Way],
    /// Whether some tag has limits, which statements without values have too.
    limited: bool,
}

impl Search<'_> {
    /// The ways whose ends hold those of one.
    fn around(&self, place: usize) -> Vec<usize> {
        let Some((_, from, to)) = self.ways.get(place) else {
            return Vec::new();
        };
        let (Some(first_from), Some(first_to)) = (from.first(), to.first()) else {
            return Vec::new();
        };
        let lists = |of: &HashMap<Key, Vec<usize>>, key: Key| -> Vec<usize> {
            let wider = self.wider(key).into_iter();
            wider
                .filter_map(|key| of.get(&key))
                .flatten()
                .copied()
                .collect()
        };
        let (mut few, many) = (lists(&self.out, *first_from), lists(&self.into, *first_to));
        if many.len() < few.len() {
            few = many;
        }
        few.sort_unstable();
        few.dedup();
        few.retain(|other| {
            let Some((_, of_from, of_to)) = self.ways.get(*other) else {
                return false;
            };
            self.holds(of_from, from) && self.holds(of_to, to)
        });
        few
    }

    /// Whether each key of an end is in another end.
    fn holds(&self, wide: &[Key], narrow: &[Key]) -> bool {
        let within = |key: &Key| self.wider(*key).iter().any(|key| wide.contains(key));
        narrow.iter().all(within)
    }

    /// A key, and all that mean at least the same hosts.
    fn wider(&self, key: Key) -> Vec<Key> {
        let around = |zone: ZoneId| {
            let zone = at(&self.policy.zones, zone.0);
            zone.map_or(&[][..], |zone| &*zone.around).iter().copied()
        };
        match key {
            Key::Role(_) => vec![key],
            Key::Zone(zone) => around(zone).map(Key::Zone).collect(),
            Key::RoleInZone(role, zone) => {
                let zones =
                    around(zone).flat_map(|zone| [Key::Zone(zone), Key::RoleInZone(role, zone)]);
                zones.chain([Key::Role(role)]).collect()
            }
            Key::Asset(id) => {
                let asset = at(&self.policy.assets, id.0);
                let role = asset.and_then(|asset| asset.role);
                // an asset that no zone lists is where its address is, and may have several
                let zones = asset
                    .and_then(|asset| asset.zone)
                    .into_iter()
                    .flat_map(around);
                let zones: Vec<ZoneId> = zones.collect();
                let both = |zone: &ZoneId| role.map(|role| Key::RoleInZone(role, *zone));
                let mut keys = vec![key];
                keys.extend(role.map(Key::Role));
                keys.extend(zones.iter().map(|zone| Key::Zone(*zone)));
                keys.extend(zones.iter().filter_map(both));
                keys
            }
        }
    }

    /// Another statement that allows all that one allows between the ends of its way.
    fn cover(&self, id: u32, way: &Way, around: &[usize]) -> Option<u32> {
        let grant = at(&self.policy.grants, id)?;
        for place in around {
            let (conduit, from, to) = self.ways.get(*place)?;
            let conduit = at(&self.policy.conduits, conduit.0)?;
            for other in conduit.grants.0..conduit.grants.1 {
                let by = at(&self.policy.grants, other)?;
                // of two that mean the same the later one is of no use
                let alike = || self.covers(grant, by) && (from, to) == (&way.1, &way.2);
                if other != id && self.covers(by, grant) && (other < id || !alike()) {
                    return Some(other);
                }
            }
        }
        None
    }

    fn covers(&self, wide: &Grant, narrow: &Grant) -> bool {
        let protocols = match (&wide.protocols, &narrow.protocols) {
            (Protocols::Any, _) => true,
            (Protocols::These(_), Protocols::Any) => false,
            (Protocols::These(wide), Protocols::These(narrow)) => {
                narrow.iter().all(|name| wide.contains(name))
            }
        };
        let functions = match (&wide.functions, &narrow.functions) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(wide), Some(narrow)) => narrow.iter().all(|name| wide.contains(name)),
        };
        let units = match (&wide.units, &narrow.units) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(wide), Some(narrow)) => wide.cover(narrow),
        };
        let targets = match (&wide.targets, &narrow.targets) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(wide), Some(narrow)) => reach(wide, narrow),
        };
        let session = match (&wide.session, &narrow.session) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(wide), Some(narrow)) => accepts(wide, narrow),
        };
        let when = match (&wide.when, &narrow.when) {
            (None, _) => true,
            (Some(wide), narrow) => {
                let calendar = &self.policy.calendar;
                narrow
                    .unwrap_or_default()
                    .is_within(calendar, wide, calendar)
            }
        };
        let verbs = narrow.verbs.without(wide.verbs).is_empty() && !narrow.verbs.is_empty();
        let rate = wide.rate.is_none();
        let shadow = !wide.shadow || narrow.shadow;
        let permit = wide.permit.is_none() || wide.permit == narrow.permit;
        protocols
            && verbs
            && functions
            && units
            && targets
            && self.allows_values(wide, narrow)
            && session
            && when
            && rate
            && shadow
            && permit
            && (narrow.permit.is_none() || self.role_is_no_matter(narrow))
    }

    /// Whether a permit gives its client no role that it would not have.
    fn role_is_no_matter(&self, narrow: &Grant) -> bool {
        let permit = self.policy.permit_of(narrow);
        permit.is_some_and(|permit| permit.role.is_none()) && self.policy.roles.is_empty()
    }

    fn allows_values(&self, wide: &Grant, narrow: &Grant) -> bool {
        match (&wide.values, &narrow.values) {
            (None, None) => true,
            (None, Some(_)) => !self.limited,
            (Some(_), None) => false,
            (Some(values), Some(of)) => {
                let tags = |grant: &Grant| grant.tags.iter().copied().collect::<HashSet<_>>();
                tags(wide) == tags(narrow) && values.cover(of)
            }
        }
    }
}

/// Whether a set of targets holds all of another, on every asset.
fn reach(wide: &Targets, narrow: &Targets) -> bool {
    match (&wide.by_asset, &narrow.by_asset) {
        (None, _) => holds(wide, narrow),
        (Some(wide), None) => holds(&wide.bare, narrow),
        (Some(wide), Some(narrow)) => {
            let mut of = narrow.of.iter();
            let on_assets = of.all(|(asset, narrow)| holds(wide.on(Some(*asset)), narrow));
            holds(&wide.bare, &narrow.bare) && on_assets
        }
    }
}

fn holds(wide: &Targets, narrow: &Targets) -> bool {
    let cells = narrow.cells.iter().all(|run| {
        run.cells.iter().all(|(first, last)| {
            let mut runs = wide.cells.iter();
            runs.any(|of| {
                let blocks = of.blocks == run.blocks || of.blocks == Blocks::All;
                let mut cells = of.cells.iter();
                of.area == run.area && blocks && cells.any(|(f, l)| f <= first && last <= l)
            })
        })
    });
    let blocks = narrow.blocks.iter().all(|(kind, number)| {
        let mut blocks = wide.blocks.iter();
        blocks.any(|(kinds, numbers)| {
            (kinds.is_none() || kinds == kind) && (numbers.is_none() || numbers == number)
        })
    });
    let nodes = narrow.nodes.iter().all(|(namespace, key)| {
        wide.cover(&model::Target::Node {
            namespace: *namespace,
            key: key.as_model(),
        })
    });
    let names = narrow.node_names.iter().all(|(namespace, prefix)| {
        let mut names = wide.node_names.iter();
        wide.namespaces.contains(namespace)
            || names.any(|(of, wider)| of == namespace && prefix.starts_with(&**wider))
    });
    let mut namespaces = narrow.namespaces.iter();
    let named = narrow.named.iter().all(|name| wide.named.contains(name));
    cells && blocks && nodes && names && namespaces.all(|it| wide.namespaces.contains(it)) && named
}

/// Whether all sessions that one accepts the other accepts, too.
fn accepts(wide: &Session, narrow: &Session) -> bool {
    let within = |wide: &Option<Names>, narrow: &Option<Names>| match (wide, narrow) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(wide), Some(narrow)) => narrow.iter().all(|name| wide.contains(name)),
    };
    (!wide.encrypted || narrow.encrypted)
        && within(&wide.modes, &narrow.modes)
        && within(&wide.policies, &narrow.policies)
        && within(&wide.identities, &narrow.identities)
        && within(&wide.users, &narrow.users)
        && within(&wide.certificates, &narrow.certificates)
        && within(&wide.applications, &narrow.applications)
}
