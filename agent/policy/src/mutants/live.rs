//! Which verbs of a statement can decide anything: what a change of the others provably does not change.

use std::collections::{BTreeSet, HashMap, HashSet};

use model::{Verb, Vocabulary};

use crate::index::{ConduitId, Key};
use crate::names::id;
use crate::policy::{Conduit, Grant, Placed, Policy, at};
use crate::space::{AssetId, RoleId};
use crate::tags::Tag;
use crate::verbs::VerbSet;
use crate::words::Words;

/// What clients and protocols leave of statements.
pub(super) struct Live<'p> {
    policy: &'p Policy,
    words: Words<'p>,
    /// What the clients of each conduit are called.
    clients: HashMap<ConduitId, Vec<Key>>,
    /// The names at both ends of each conduit, and whether it leads back.
    ends: HashMap<ConduitId, (Keys, Keys, bool)>,
    /// What the policy calls each asset.
    placed: Vec<Placed>,
}

/// The names at one end of a conduit.
pub(super) type Keys = BTreeSet<Key>;

impl<'p> Live<'p> {
    pub(super) fn of(policy: &'p Policy, words: Words<'p>) -> Self {
        Self {
            policy,
            words,
            clients: policy.index.clients(),
            ends: policy.index.ends(),
            placed: placed(policy),
        }
    }

    /// The names at both ends of a conduit, and whether it leads back.
    pub(super) fn ends(&self, conduit: ConduitId) -> Option<(&Keys, &Keys, bool)> {
        let ends = self.ends.get(&conduit);
        ends.map(|(from, to, both)| (from, to, *both))
    }

    /// What the policy calls an asset.
    pub(super) fn placed(&self, asset: AssetId) -> Placed {
        at(&self.placed, asset.0).copied().unwrap_or_default()
    }

    pub(super) const fn policy(&self) -> &'p Policy {
        self.policy
    }

    /// All protocols.
    pub(super) fn all(&self) -> impl Iterator<Item = &'static Vocabulary> {
        self.words.iter().copied()
    }

    /// The verbs that a statement allows and that could be missed if it did not.
    pub(super) fn verbs(&self, grant: &Grant) -> VerbSet {
        self.open(grant).intersection(grant.verbs)
    }

    /// The verbs that a statement decides or could decide, over some of its protocols.
    pub(super) fn open(&self, grant: &Grant) -> VerbSet {
        let protocols = self.all().filter(|of| grant.protocols.contain(of.name));
        protocols.fold(VerbSet::NONE, |set, of| {
            set.union(self.open_over(grant, of))
        })
    }

    /// The verbs that a statement could decide over a protocol, whether or not it carries it: which functions have, which no client's
    /// role rules out, and which no other statement of the conduit allows anyway.
    pub(super) fn open_over(&self, grant: &Grant, of: &Vocabulary) -> VerbSet {
        let able = verbs_of(of).intersection(self.able(grant, of.name));
        able.without(self.allowed_anyway(grant, of.name))
    }

    /// What the clients of a statement may do by their roles.
    fn able(&self, grant: &Grant, protocol: &str) -> VerbSet {
        let policy = self.policy;
        if let Some(permit) = policy.permit_of(grant) {
            let role = permit.role.and_then(|role| policy.role_at(role));
            return role.map_or(VerbSet::ALL, |role| role.verbs(protocol));
        }
        let keys = grant.of.and_then(|conduit| self.clients.get(&conduit));
        keys.map_or(VerbSet::ALL, |keys| self.able_of(keys, protocol))
    }

    /// What hosts may do by their roles.
    fn able_of(&self, keys: &[Key], protocol: &str) -> VerbSet {
        let policy = self.policy;
        let able = |role: Option<RoleId>| {
            let role = role.and_then(|role| policy.role_at(role));
            role.map_or(VerbSet::ALL, |role| role.verbs(protocol))
        };
        keys.iter().fold(VerbSet::NONE, |set, key| {
            set.union(match *key {
                Key::Zone(_) => VerbSet::ALL,
                Key::Role(role) | Key::RoleInZone(role, _) => able(Some(role)),
                Key::Asset(asset) => able(at(&policy.assets, asset.0).and_then(|it| it.role)),
            })
        })
    }

    /// Whether some statement of a conduit allows clients with these names anything that functions have.
    pub(super) fn carries(&self, conduit: &Conduit, clients: &[Key]) -> bool {
        let ids = conduit.grants.0..conduit.grants.1;
        let mut grants = ids.filter_map(|id| at(&self.policy.grants, id));
        grants.any(|grant| {
            let mut own = self.all().filter(|of| grant.protocols.contain(of.name));
            own.any(|of| {
                let able = match grant.permit {
                    Some(_) => self.able(grant, of.name),
                    None => self.able_of(clients, of.name),
                };
                let verbs = verbs_of(of).intersection(able);
                !verbs.intersection(grant.verbs).is_empty()
            })
        })
    }

    /// Whether some statement lets somebody write to a tag, and leaves it to the tag with what.
    pub(super) fn leaves_to(&self, tag: &Tag) -> bool {
        let policy = self.policy;
        let words = self.all().find(|of| of.name == tag.protocol);
        let Some(words) = words else { return false };
        let writes = |grant: &&Grant| {
            let verbs = verbs_of(words).intersection(self.able(grant, words.name));
            grant.values.is_none()
                && grant.protocols.contain(words.name)
                && verbs.intersection(grant.verbs).contains(Verb::Write)
        };
        // INVARIANT: targets that are not even near cannot reach it
        let reaches = |grant: &&Grant| {
            let mut targets = grant.targets.iter();
            targets.all(|it| it.may_meet(&tag.exact.target()))
        };
        let mut grants = policy.grants.iter();
        grants.any(|grant| writes(&grant) && reaches(&grant) && self.leads_to(grant, tag.asset))
    }

    /// Whether a statement is of a conduit that leads to an asset, or of a zone that it is in.
    fn leads_to(&self, grant: &Grant, asset: AssetId) -> bool {
        let policy = self.policy;
        self.placings(asset).into_iter().any(|placed| {
            let around = policy.around(placed);
            let Some(conduit) = grant.of else {
                let mut within = around
                    .iter()
                    .filter_map(|zone| at(&policy.zones, zone.0)?.within);
                return within.any(|id| policy.grant(id).is_some_and(|it| std::ptr::eq(it, grant)));
            };
            let mut ways = policy.index.entering((placed, around)).into_iter();
            ways.any(|way| way.conduit == conduit)
        })
    }

    /// The verbs that another statement of the same conduit allows over a protocol, whatever the message is.
    fn allowed_anyway(&self, grant: &Grant, protocol: &str) -> VerbSet {
        let policy = self.policy;
        let Some(conduit) = policy.conduit_of(grant).filter(|_| grant.permit.is_none()) else {
            return VerbSet::NONE;
        };
        let others = (conduit.grants.0..conduit.grants.1).filter_map(|id| at(&policy.grants, id));
        let wider = others.filter(|other| {
            !std::ptr::eq(*other, grant)
                && other.is_unlimited()
                && other.values.is_none()
                && other.protocols.contain(protocol)
        });
        let all = wider.fold(VerbSet::NONE, |set, other| set.union(other.verbs));
        // limits of tags may bind what it writes
        all.without(VerbSet::NONE.with(Verb::Write))
    }

    /// Everything that an asset may be called: where no zone lists it, its host's card or VLAN may place it elsewhere.
    pub(super) fn placings(&self, asset: AssetId) -> Vec<Placed> {
        let placed = self.placed(asset);
        let space = &self.policy.space;
        let listed = at(&self.policy.assets, asset.0).is_some_and(|it| it.zone.is_some());
        let host = space.host_of(asset).filter(|_| !listed);
        let beside = host.map_or_else(HashSet::new, |host| space.zones_beside(&host));
        let beside = beside.into_iter().map(|zone| Placed {
            zone: Some(zone),
            ..placed
        });
        [placed].into_iter().chain(beside).collect()
    }

    /// The verbs that statements would allow to clients with a role, for each protocol.
    pub(super) fn wanted(&self, role: RoleId) -> Vec<(&'static str, VerbSet)> {
        let mut grants: Vec<&Grant> = Vec::new();
        let policy = self.policy;
        for (place, asset) in policy.assets.iter().enumerate() {
            if asset.role != Some(role) {
                continue;
            }
            for placed in self.placings(AssetId(id(place))) {
                let around = policy.around(placed);
                let within = around
                    .iter()
                    .filter_map(|zone| at(&policy.zones, zone.0)?.within);
                grants.extend(within.filter_map(|id| policy.grant(id)));
                let conduits = policy.index.out_of((placed, around)).into_iter();
                let conduits = conduits.filter_map(|id| at(&policy.conduits, id.0));
                let ids = conduits.flat_map(|conduit| conduit.grants.0..conduit.grants.1);
                grants.extend(ids.filter_map(|id| at(&policy.grants, id)));
            }
        }
        grants.retain(|grant| grant.permit.is_none());
        let of_permits = policy.grants.iter().filter(|grant| {
            let permit = policy.permit_of(grant);
            permit.is_some_and(|permit| permit.role == Some(role))
        });
        grants.extend(of_permits);
        let of = |of: &&'static Vocabulary| {
            let carrying = grants
                .iter()
                .filter(|grant| grant.protocols.contain(of.name));
            let all = carrying.fold(VerbSet::NONE, |set, grant| set.union(grant.verbs));
            (of.name, all.intersection(verbs_of(of)))
        };
        self.words.iter().map(of).collect()
    }
}

/// What the policy calls each asset; one behind another is in its zone.
fn placed(policy: &Policy) -> Vec<Placed> {
    let hosts = policy.space.hosts_of_all();
    let place = |asset: AssetId| {
        let base = policy.behind.gateway(asset);
        let host = hosts.get(&base.unwrap_or(asset));
        let placed = host.map(|host| policy.place(host)).unwrap_or_default();
        base.map_or(placed, |_| policy.place_behind(placed, asset))
    };
    let all = 0..policy.assets.len();
    all.map(|asset| place(AssetId(id(asset)))).collect()
}

/// The verbs that a protocol has functions for.
pub(super) fn verbs_of(of: &Vocabulary) -> VerbSet {
    let functions = of.functions.iter();
    functions.fold(VerbSet::NONE, |set, function| set.with(function.verb))
}
