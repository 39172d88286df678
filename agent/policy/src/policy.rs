//! A resolved policy: every name looked up, every text given its meaning; it cannot be wrong.
//!
//! It is made by `resolve` from what was read, never changes, and is shared by all threads. The
//! identifiers that it gives out ([`Placed`], [`Edge`](crate::Edge), statement identifiers) mean
//! something to this policy alone: after a reload hosts are placed again.

use model::{Host, Party, StatementId};

use crate::index::{ConduitId, Index};
use crate::problems::{Files, Spot};
use crate::reach::{Targets, Units};
use crate::response::{Criticality, Duty, Responses};
use crate::space::{AssetId, RoleId, Space, ZoneId};
use crate::verbs::VerbSet;
use crate::words::Protocols;

/// Who may do what to which controller, for one site.
#[derive(Debug)]
pub struct Policy {
    pub(crate) site: Site,
    pub(crate) version: String,
    pub(crate) files: Files,
    pub(crate) zones: Vec<Zone>,
    pub(crate) assets: Vec<Asset>,
    pub(crate) roles: Vec<Role>,
    pub(crate) conduits: Vec<Conduit>,
    // INVARIANT: a grant's index is its statement identifier; roles have those that follow.
    pub(crate) grants: Vec<Grant>,
    pub(crate) index: Index,
    pub(crate) space: Space,
    pub(crate) responses: Responses,
}

/// What the policy calls a host: its zone, its asset and its role, each where it has one.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Placed {
    pub(crate) zone: Option<ZoneId>,
    pub(crate) asset: Option<AssetId>,
    pub(crate) role: Option<RoleId>,
}

/// The part of the policy that decided something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Statement<'a> {
    /// The conduit's name; `within` and the zone's, or `role` and the role's, for theirs.
    pub conduit: &'a str,
    /// The file, as it was named at loading.
    pub file: &'a str,
    /// The line, counted from 1.
    pub line: u32,
}

#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) name: String,
    pub(crate) owner: String,
    pub(crate) criticality: Criticality,
    pub(crate) at: Spot,
}

#[derive(Debug)]
pub(crate) struct Zone {
    pub(crate) name: String,
    pub(crate) at: Spot,
    pub(crate) level: Option<u8>,
    pub(crate) owner: Option<String>,
    pub(crate) criticality: Option<Criticality>,
    pub(crate) consequence: Option<String>,
    /// The statement about traffic inside the zone.
    pub(crate) within: Option<StatementId>,
}

#[derive(Debug)]
pub(crate) struct Asset {
    pub(crate) name: String,
    /// The zone that lists it; otherwise its addresses say.
    pub(crate) zone: Option<ZoneId>,
    pub(crate) role: Option<RoleId>,
    pub(crate) criticality: Option<Criticality>,
    pub(crate) owner: Option<String>,
    pub(crate) consequence: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) at: Spot,
    pub(crate) verbs: VerbSet,
    pub(crate) protocols: Vec<(&'static str, VerbSet)>,
}

#[derive(Debug)]
pub(crate) struct Conduit {
    pub(crate) duty: Duty,
    /// Its first statement, and the one after its last.
    pub(crate) grants: (u32, u32),
}

/// One statement that allows something.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) title: String,
    pub(crate) of: Option<ConduitId>,
    pub(crate) at: Spot,
    pub(crate) protocols: Protocols,
    pub(crate) verbs: VerbSet,
    /// The names of functions, where not all are allowed.
    pub(crate) functions: Option<Box<[&'static str]>>,
    pub(crate) units: Option<Units>,
    pub(crate) targets: Option<Targets>,
}

impl Role {
    /// What a client with this role may do at all.
    pub(crate) fn verbs(&self, protocol: &str) -> VerbSet {
        let of = self.protocols.iter().find(|(name, _)| *name == protocol);
        of.map_or(self.verbs, |(_, verbs)| *verbs)
    }
}

impl Policy {
    /// The site's name.
    pub fn site(&self) -> &str {
        &self.site.name
    }

    /// A short hash over the names and contents of the policy's files.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What the policy calls a host. The most specific name wins: a named asset, a hardware
    /// address, the narrowest prefix or range, a VLAN.
    pub fn place(&self, host: &Host) -> Placed {
        let id = self.space.asset(host);
        let asset = id.and_then(|id| at(&self.assets, id.0));
        let listed = asset.and_then(|asset| asset.zone);
        Placed {
            zone: listed.or_else(|| self.space.zone(host)),
            asset: id,
            role: asset.and_then(|asset| asset.role),
        }
    }

    /// A host with the names that the policy has for it.
    pub fn party<'a>(&'a self, host: Host, placed: Placed) -> Party<'a> {
        Party {
            host,
            asset: self.asset(placed).map(|asset| asset.name.as_str()),
            zone: self.zone(placed).map(|zone| zone.name.as_str()),
            role: self.role(placed).map(|role| role.name.as_str()),
        }
    }

    /// How much the process depends on a host: its asset's word, else its zone's, else the site's.
    pub fn criticality(&self, placed: Placed) -> Criticality {
        let of_asset = self.asset(placed).and_then(|asset| asset.criticality);
        let of_zone = || self.zone(placed).and_then(|zone| zone.criticality);
        of_asset.or_else(of_zone).unwrap_or(self.site.criticality)
    }

    /// What happens to the process if a host fails or is misused: its asset's words, else its zone's.
    pub fn consequence(&self, placed: Placed) -> Option<&str> {
        let of_asset = self
            .asset(placed)
            .and_then(|asset| asset.consequence.as_deref());
        let of_zone = || {
            self.zone(placed)
                .and_then(|zone| zone.consequence.as_deref())
        };
        of_asset.or_else(of_zone)
    }

    /// The Purdue level of a host's zone, 0 to 5.
    pub fn level(&self, placed: Placed) -> Option<u8> {
        self.zone(placed).and_then(|zone| zone.level)
    }

    /// The statement that a verdict of this policy names.
    pub fn statement(&self, id: StatementId) -> Statement<'_> {
        let (conduit, spot) = self.deciding(id).unwrap_or(("", self.site.at));
        Statement {
            conduit,
            file: self.files.name(spot),
            line: spot.line,
        }
    }

    fn deciding(&self, id: StatementId) -> Option<(&str, Spot)> {
        if let Some(grant) = self.grant(id) {
            return Some((&grant.title, grant.at));
        }
        let role = self.role_of(id)?;
        Some((&role.title, role.at))
    }

    pub(crate) fn zone(&self, placed: Placed) -> Option<&Zone> {
        at(&self.zones, placed.zone?.0)
    }

    pub(crate) fn asset(&self, placed: Placed) -> Option<&Asset> {
        at(&self.assets, placed.asset?.0)
    }

    pub(crate) fn role(&self, placed: Placed) -> Option<&Role> {
        at(&self.roles, placed.role?.0)
    }

    pub(crate) fn grant(&self, id: StatementId) -> Option<&Grant> {
        at(&self.grants, id.0)
    }

    /// The role whose limit a statement identifier names.
    pub(crate) fn role_of(&self, id: StatementId) -> Option<&Role> {
        let index = usize::try_from(id.0).ok()?;
        self.roles.get(index.checked_sub(self.grants.len())?)
    }

    /// The identifier of a role's limit.
    pub(crate) fn role_statement(&self, role: RoleId) -> StatementId {
        let grants = u32::try_from(self.grants.len()).unwrap_or(u32::MAX);
        StatementId(grants.saturating_add(role.0))
    }

    pub(crate) fn conduit_of(&self, grant: &Grant) -> Option<&Conduit> {
        at(&self.conduits, grant.of?.0)
    }
}

/// The item of an identifier.
pub(crate) fn at<T>(list: &[T], index: u32) -> Option<&T> {
    usize::try_from(index)
        .ok()
        .and_then(|index| list.get(index))
}
