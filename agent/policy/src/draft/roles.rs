//! The roles of a draft: what those who play one may do at all is what its conduits allow them.

use std::collections::{BTreeMap, BTreeSet};

use model::Verb;

use super::cast::Cast;
use super::conduits::{Conduit, Plan};

/// Every role, by name.
pub(super) struct Roles(pub(super) BTreeMap<String, Role>);

/// What a role may do, by protocol.
#[derive(Debug, Default)]
pub(super) struct Role {
    pub(super) protocols: BTreeMap<&'static str, BTreeSet<Verb>>,
    /// What it could do if all proposals were taken over.
    pub(super) proposed: BTreeMap<&'static str, BTreeSet<Verb>>,
    pub(super) players: usize,
}

impl Roles {
    pub(super) fn of(plan: &Plan, cast: &Cast) -> Self {
        let mut roles: BTreeMap<String, Role> = BTreeMap::new();
        for asset in &cast.assets {
            roles.entry(asset.role.clone()).or_default().players += 1;
        }
        let mut add = |conduit: &Conduit, proposed: bool| {
            for id in &conduit.ends.from {
                let role = cast.at(*id).and_then(|asset| roles.get_mut(&asset.role));
                let Some(role) = role else { continue };
                for (shape, _) in &conduit.statements {
                    let may = role.proposed.entry(shape.protocol).or_default();
                    may.extend(&shape.verbs);
                    if !proposed {
                        role.protocols
                            .entry(shape.protocol)
                            .or_default()
                            .extend(&shape.verbs);
                    }
                }
            }
        };
        plan.granted.iter().for_each(|conduit| add(conduit, false));
        plan.proposed.iter().for_each(|conduit| add(conduit, true));
        Self(roles)
    }
}
