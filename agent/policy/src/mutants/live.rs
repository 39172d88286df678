//! Which verbs of a statement can decide anything: what a change of the others provably does not change.

use std::collections::{HashMap, HashSet};

use model::{Host, Verb, Vocabulary};

use crate::index::{ConduitId, Key};
use crate::names::id;
use crate::policy::{Grant, Placed, Policy, at};
use crate::space::{AssetId, RoleId};
use crate::verbs::VerbSet;
use crate::words::Words;

/// What clients and protocols leave of statements.
pub(super) struct Live<'p> {
    policy: &'p Policy,
    words: Words<'p>,
    /// What the clients of each conduit are called.
    clients: HashMap<ConduitId, Vec<Key>>,
}

impl<'p> Live<'p> {
    pub(super) fn of(policy: &'p Policy, words: Words<'p>) -> Self {
        Self {
            policy,
            words,
            clients: policy.index.clients(),
        }
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
        let Some(keys) = keys else {
            return VerbSet::ALL;
        };
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

    /// Everything that an asset's host may be called: where no zone lists it, its card or its VLAN may place it elsewhere.
    fn placings(&self, host: &Host, placed: Placed, listed: bool) -> Vec<Placed> {
        let beside = match listed {
            true => HashSet::new(),
            false => self.policy.space.zones_beside(host),
        };
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
            let host = policy.space.host_of(AssetId(id(place)));
            if let (Some(host), true) = (host, asset.role == Some(role)) {
                let placed = policy.place(&host);
                for placed in self.placings(&host, placed, asset.zone.is_some()) {
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

/// The verbs that a protocol has functions for.
fn verbs_of(of: &Vocabulary) -> VerbSet {
    let functions = of.functions.iter();
    functions.fold(VerbSet::NONE, |set, function| set.with(function.verb))
}
