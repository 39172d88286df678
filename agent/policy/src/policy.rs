//! A resolved policy: every name looked up, every text given its meaning; it cannot be wrong.
//!
//! It is made by `resolve` from what was read, never changes, and is shared by all threads. The
//! identifiers that it gives out ([`Placed`], [`Edge`](crate::Edge), statement identifiers) mean
//! something to this policy alone: after a reload hosts are placed again.

use model::{Host, Party, StatementId};

use crate::behind::Behind;
use crate::index::{ConduitId, Index};
use crate::invariant::Invariant;
use crate::level::Level;
use crate::problems::{Files, Spot};
use crate::rate::Rate;
use crate::reach::{Targets, Units};
use crate::response::{Criticality, Duty, Responses};
use crate::session::Session;
use crate::space::{AssetId, RoleId, Space, ZoneId};
use crate::tags::{TagId, TagMap};
use crate::values::Ranges;
use crate::verbs::VerbSet;
use crate::when::{Calendar, Period, When};
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
    pub(crate) permits: Vec<Permit>,
    pub(crate) calendar: Calendar,
    pub(crate) tags: TagMap,
    // INVARIANT: a grant's index is its statement identifier; roles have those that follow.
    pub(crate) grants: Vec<Grant>,
    pub(crate) index: Index,
    pub(crate) space: Space,
    pub(crate) behind: Behind,
    pub(crate) responses: Responses,
    pub(crate) invariants: Vec<Invariant>,
    /// Where each schedule stands.
    pub(crate) schedules: Vec<Spot>,
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
    /// Itself, then the zones that it lies in, nearest first.
    pub(crate) around: Box<[ZoneId]>,
    pub(crate) level: Option<Level>,
    pub(crate) security_level: Option<u8>,
    pub(crate) owner: Option<String>,
    pub(crate) criticality: Option<Criticality>,
    pub(crate) consequence: Option<String>,
    /// The statement about traffic inside the zone.
    pub(crate) within: Option<StatementId>,
}

/// A conduit for as long as a work order lasts.
#[derive(Debug)]
pub(crate) struct Permit {
    pub(crate) name: String,
    pub(crate) at: Spot,
    /// The role that its client plays meanwhile, whatever its own may do.
    pub(crate) role: Option<RoleId>,
    pub(crate) period: Period,
    pub(crate) owner: Option<String>,
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
    pub(crate) location: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) at: Spot,
    pub(crate) verbs: VerbSet,
    pub(crate) protocols: Vec<(&'static str, VerbSet)>,
    /// What it forbids is counted only.
    pub(crate) shadow: bool,
}

#[derive(Debug)]
pub(crate) struct Conduit {
    pub(crate) name: String,
    /// Where its ends are named.
    pub(crate) ends: [Spot; 2],
    pub(crate) duty: Duty,
    /// Its first statement, and the one after its last.
    pub(crate) grants: (u32, u32),
}

/// One statement that allows something.
#[derive(Clone, Debug)]
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
    /// The tags that it names; their targets are among `targets`.
    pub(crate) tags: Box<[TagId]>,
    /// What a write may carry: of tags in engineering units, else raw.
    pub(crate) values: Option<Ranges>,
    pub(crate) session: Option<Session>,
    /// When it holds, where it does not always.
    pub(crate) when: Option<When>,
    pub(crate) rate: Option<Rate>,
    /// What it decides is counted only.
    pub(crate) shadow: bool,
    /// The work order that it belongs to.
    pub(crate) permit: Option<PermitId>,
}

/// A permit, by its place in the policy.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct PermitId(pub(crate) u32);

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

    /// Whether some zone has its hosts by their VLAN.
    pub fn names_vlans(&self) -> bool {
        self.space.zones_by_vlan().next().is_some()
    }

    /// What the policy calls a host. The most specific name wins: a named asset, a hardware
    /// address, the narrowest prefix or range, who made its network card, a VLAN.
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

    /// What the policy calls an asset behind a server: it is in the server's zone, unless a zone
    /// lists it.
    pub(crate) fn place_behind(&self, server: Placed, id: AssetId) -> Placed {
        let asset = at(&self.assets, id.0);
        Placed {
            zone: asset.and_then(|asset| asset.zone).or(server.zone),
            asset: Some(id),
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
            location: self.location(placed),
        }
    }

    /// Where in the plant a host's asset is, in the plant's own words.
    pub fn location(&self, placed: Placed) -> Option<&str> {
        self.asset(placed)?.location.as_deref()
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

    /// The Purdue level of a host's zone.
    pub fn level(&self, placed: Placed) -> Option<Level> {
        self.zone(placed).and_then(|zone| zone.level)
    }

    /// The security level that a host's zone is to reach, 1 to 4 (IEC 62443-3-3, SL-T).
    pub fn security_level(&self, placed: Placed) -> Option<u8> {
        self.zone(placed).and_then(|zone| zone.security_level)
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

    /// The zones that a host counts to: its own, then those that it lies in, nearest first.
    pub(crate) fn around(&self, placed: Placed) -> &[ZoneId] {
        self.zone(placed).map_or(&[], |zone| &zone.around)
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

    pub(crate) fn role_at(&self, id: RoleId) -> Option<&Role> {
        at(&self.roles, id.0)
    }

    pub(crate) fn permit_of(&self, grant: &Grant) -> Option<&Permit> {
        at(&self.permits, grant.permit?.0)
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
