//! What statements mean, short: two with the same print allow the same, whatever they are called and wherever they
//! stand. Two that mean the same may have different prints; that costs time and nothing else.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};

use crate::policy::{Grant, Placed, Policy, Role};
use crate::space::AssetId;
use crate::tags::Tag;
use crate::words::Protocols;

/// A meaning.
pub(crate) type Print = u64;

/// The prints of all statements, by their identifiers.
pub(crate) fn of_grants(policy: &Policy) -> Vec<Print> {
    policy
        .grants
        .iter()
        .map(|grant| of_grant(policy, grant))
        .collect()
}

fn of_grant(policy: &Policy, grant: &Grant) -> Print {
    let protocols = match &grant.protocols {
        Protocols::Any => None,
        Protocols::These(names) => Some(sorted(names)),
    };
    let functions = grant.functions.as_deref().map(sorted);
    let when = grant.when.map(|when| {
        let schedule = when.schedule.and_then(|id| policy.calendar.get(id));
        (schedule.map(|schedule| schedule.weekly()), when.period)
    });
    let permit = policy.permit_of(grant).map(|permit| {
        let role = permit.role.and_then(|id| policy.role_at(id));
        role.map(|role| (role.verbs, &role.protocols))
    });
    let tags = grant.tags.iter().filter_map(|id| policy.tags.tag(*id));
    let tags: Vec<String> = match grant.values {
        Some(_) => tags
            .map(|tag| format!("{:?} {}", asset(policy, tag), tag.meaning()))
            .collect(),
        None => Vec::new(),
    };
    let scope = (
        protocols,
        grant.verbs,
        functions,
        &grant.units,
        &grant.targets,
    );
    let rest = (
        tags,
        &grant.values,
        &grant.session,
        when,
        grant.rate,
        grant.shadow,
        permit,
    );
    print(&format!("{scope:?} {rest:?}"))
}

fn asset<'a>(policy: &'a Policy, tag: &Tag) -> Option<&'a str> {
    let asset = crate::policy::at(&policy.assets, tag.asset.0)?;
    Some(&asset.name)
}

/// What a role may do.
pub(crate) fn of_role(role: Option<&Role>) -> Print {
    let of = role.map(|role| {
        let mut protocols = role.protocols.clone();
        protocols.sort_by_key(|(name, _)| *name);
        (role.verbs, protocols, role.shadow)
    });
    print(&format!("{of:?}"))
}

/// Of each asset the tags that limit what is written to it, and those that statements may name.
pub(crate) struct TagPrints(HashMap<AssetId, Print>);

impl TagPrints {
    pub(crate) fn of(policy: &Policy) -> Self {
        let mut tags: HashMap<AssetId, Vec<String>> = HashMap::new();
        for tag in policy.tags.iter() {
            tags.entry(tag.asset).or_default().push(tag.meaning());
        }
        let print = |mut meanings: Vec<String>| {
            meanings.sort_unstable();
            print(&meanings.join("\n"))
        };
        Self(
            tags.into_iter()
                .map(|(asset, of)| (asset, print(of)))
                .collect(),
        )
    }

    /// Those of a server.
    pub(crate) fn on(&self, server: Placed) -> Print {
        let of = server.asset.and_then(|asset| self.0.get(&asset));
        of.copied().unwrap_or_default()
    }
}

fn sorted<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names
}

fn print(text: &str) -> Print {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
