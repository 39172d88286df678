//! Everything that joins two parties, by the classes of addresses at its ends.
//!
//! A server may be asked for more than itself: the assets behind it have its address. So the servers of
//! what joins are parted by what is reached at them.

use std::collections::BTreeMap;
use std::ops::Range;

use model::{StatementId, Unit};

use super::Permits;
use super::places::Class;
use crate::index::{ConduitId, Way};
use crate::policy::{Conduit, Grant, Placed, Policy};
use crate::space::{AssetId, ZoneId};
use crate::words::addresses;

/// Statements that join the same clients with the same servers.
pub(super) struct Join {
    /// The conduit, or `within` and the zone's name.
    pub(super) title: String,
    pub(super) owner: String,
    /// Places in the list of classes.
    pub(super) clients: Vec<usize>,
    pub(super) servers: BTreeMap<Reach, Vec<usize>>,
    pub(super) grants: Range<u32>,
}

/// What is reached at a server's address.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Reach {
    /// All of it: nothing is behind it.
    Whole,
    /// What is for none of the assets behind this one.
    Itself(AssetId),
    /// The asset behind it at a unit.
    Behind(Unit),
}

impl Join {
    /// Whether one of its ends has no network address.
    pub(super) fn is_open_ended(&self) -> bool {
        self.clients.is_empty() || self.servers.is_empty()
    }
}

impl Reach {
    /// Whether a statement lets anything be reached over a protocol.
    pub(super) fn is_within(self, grant: &Grant, protocol: &str, policy: &Policy) -> bool {
        let asks = |unit| grant.units.as_ref().is_none_or(|units| units.contain(unit));
        let seats = match self {
            Self::Behind(unit) => return addresses(protocol, unit) && asks(unit),
            Self::Itself(gateway) => policy.behind.of(gateway),
            Self::Whole if grant.units.is_none() => return true,
            Self::Whole => &[],
        };
        let is_taken = |unit| seats.iter().any(|seat| seat.unit == unit);
        let mut units = units(protocol).peekable();
        units.peek().is_none() || units.any(|unit| asks(unit) && !is_taken(unit))
    }
}

/// Every unit that messages of a protocol can be for.
fn units(protocol: &str) -> impl Iterator<Item = Unit> {
    let ids = (0..=u8::MAX).map(Unit::Id);
    let slots = (0..8).flat_map(|rack| (0..32).map(move |slot| Unit::Slot { rack, slot }));
    ids.chain(slots).filter(|unit| addresses(protocol, *unit))
}

/// Everything that joins two parties: zones inside, then conduits.
pub(super) fn joins(policy: &Policy, classes: &[Class], permits: Permits) -> Vec<Join> {
    let mut all: Vec<_> = (0..)
        .zip(&policy.zones)
        .filter_map(|(id, zone)| {
            let within = zone.within?;
            let (clients, servers) = members(policy, classes, ZoneId(id));
            Some(Join {
                title: format!("within {}", zone.name),
                owner: zone.owner.as_ref().unwrap_or(&policy.site.owner).clone(),
                clients,
                servers,
                grants: within.0..within.0 + 1,
            })
        })
        .collect();
    let mut ends = Ends::of(policy, classes);
    let conduits = (0..).map(ConduitId).zip(&policy.conduits);
    let conduits =
        conduits.filter(|(_, conduit)| permits == Permits::Included || !is_permit(policy, conduit));
    all.extend(conduits.flat_map(|(id, conduit)| both_ways(policy, id, conduit, &mut ends)));
    all
}

/// Whether a conduit is a work order.
pub(super) fn is_permit(policy: &Policy, conduit: &Conduit) -> bool {
    let first = policy.grant(StatementId(conduit.grants.0));
    first.is_some_and(|grant| grant.permit.is_some())
}

/// A conduit in each direction in which it leads from anybody to anybody; if there is none, as it stands.
fn both_ways(policy: &Policy, id: ConduitId, conduit: &Conduit, ends: &mut Ends) -> Vec<Join> {
    let first = policy.grant(StatementId(conduit.grants.0));
    let owner = conduit.duty.owner.as_ref();
    let mut join = |back| {
        let way = Way { conduit: id, back };
        Join {
            title: first.map_or_else(String::new, |grant| grant.title.clone()),
            owner: owner.unwrap_or(&policy.site.owner).clone(),
            clients: ends.clients.remove(&way).unwrap_or_default(),
            servers: ends.servers.remove(&way).unwrap_or_default(),
            grants: conduit.grants.0..conduit.grants.1,
        }
    };
    let (there, back) = (join(false), join(true));
    match (there.is_open_ended(), back.is_open_ended()) {
        (false, false) => vec![there, back],
        (true, false) => vec![back],
        (_, true) => vec![there],
    }
}

/// Who is at the ends of each way.
#[derive(Default)]
struct Ends {
    clients: BTreeMap<Way, Vec<usize>>,
    servers: BTreeMap<Way, BTreeMap<Reach, Vec<usize>>>,
}

impl Ends {
    fn of(policy: &Policy, classes: &[Class]) -> Self {
        let mut ends = Self::default();
        for (place, class) in classes.iter().enumerate() {
            let client = (class.placed, policy.around(class.placed));
            for way in policy.index.leaving(client) {
                ends.clients.entry(way).or_default().push(place);
            }
            for (placed, reach) in personas(policy, class.placed) {
                for way in policy.index.entering((placed, policy.around(placed))) {
                    let servers = ends.servers.entry(way).or_default();
                    servers.entry(reach).or_default().push(place);
                }
            }
        }
        ends
    }
}

/// Who counts to a zone, as a client and as a server.
fn members(
    policy: &Policy,
    classes: &[Class],
    zone: ZoneId,
) -> (Vec<usize>, BTreeMap<Reach, Vec<usize>>) {
    let (mut clients, mut servers) = (Vec::new(), BTreeMap::<_, Vec<_>>::new());
    for (place, class) in classes.iter().enumerate() {
        if policy.around(class.placed).contains(&zone) {
            clients.push(place);
        }
        for (placed, reach) in personas(policy, class.placed) {
            if policy.around(placed).contains(&zone) {
                servers.entry(reach).or_default().push(place);
            }
        }
    }
    (clients, servers)
}

/// Everything that the policy calls a host when it is asked: itself, and each asset behind it.
fn personas(policy: &Policy, placed: Placed) -> Vec<(Placed, Reach)> {
    let seats = placed.asset.map_or(&[][..], |id| policy.behind.of(id));
    let itself = match placed.asset {
        Some(id) if !seats.is_empty() => Reach::Itself(id),
        _ => Reach::Whole,
    };
    let behind = seats.iter().map(|seat| {
        let asset = policy.place_behind(placed, seat.asset);
        (asset, Reach::Behind(seat.unit))
    });
    std::iter::once((placed, itself)).chain(behind).collect()
}
