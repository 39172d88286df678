//! What may pass between two parties over one protocol: resolved once, then judged against.

use std::sync::Arc;

use model::{StatementId, Unit, Verb};

use crate::policy::{Grant, Placed, Policy};
use crate::verbs::VerbSet;
use crate::words::{addresses, governing};

/// All statements of a policy about one client, one server and one protocol. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Edge(pub(crate) Arc<Lane>);

#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) client: Placed,
    pub(crate) server: Placed,
    /// The statements that carry the protocol, in the policy's order.
    pub(crate) grants: Box<[StatementId]>,
    /// The first statement that joins the two, but carries other protocols: of those that are not in shadow, and of all.
    others: [Option<StatementId>; 2],
    /// Whether some statement is not in shadow.
    has_plain: bool,
    /// What the client's role may do at all, and the statement that says so.
    pub(crate) role: Option<(VerbSet, StatementId)>,
    /// Whether some statement holds at times only.
    pub(crate) is_timed: bool,
    /// Whether some statement has a rate.
    pub(crate) is_rated: bool,
    /// Whether the server has a tag with limits.
    pub(crate) has_limits: bool,
    /// Whether some statement, or the role, is in shadow.
    pub(crate) has_shadow: bool,
    /// The verbs of which two messages of one signature may be judged differently: by time, value or rate.
    changing: VerbSet,
    /// The parts of the server that are assets of their own, by unit.
    // INVARIANT: sorted by unit.
    pub(crate) parts: Box<[(Unit, Edge)]>,
    /// By verb: the first statement that allows all of it, role included.
    free: [Option<StatementId>; Verb::ALL.len()],
}

impl Edge {
    /// What the policy calls the part of the server that a message is for: an asset behind it, or
    /// the server itself.
    pub fn server(&self, unit: Option<Unit>) -> Placed {
        self.to(unit).0.server
    }

    /// The unit, where it is an asset of its own.
    pub fn part(&self, unit: Option<Unit>) -> Option<Unit> {
        unit.filter(|unit| self.0.seat(*unit).is_some())
    }

    /// The place of a unit's lane in a [`Standing`](crate::Standing).
    pub(crate) fn place(&self, unit: Option<Unit>) -> usize {
        let parts = &self.0.parts;
        let place = unit.and_then(|unit| parts.binary_search_by_key(&unit, |(at, _)| *at).ok());
        place.map_or(0, |place| place + 1)
    }

    /// The edge to the part of the server that a message is for.
    pub(crate) fn to(&self, unit: Option<Unit>) -> &Self {
        unit.and_then(|unit| self.0.seat(unit)).unwrap_or(self)
    }
}

impl Lane {
    fn seat(&self, unit: Unit) -> Option<&Edge> {
        let place = self.parts.binary_search_by_key(&unit, |(unit, _)| *unit);
        self.parts.get(place.ok()?).map(|(_, edge)| edge)
    }

    /// The statement that allows a verb whatever function, unit and targets a message has.
    pub(crate) fn free(&self, verb: Verb) -> Option<StatementId> {
        self.free.get(verb as usize).copied().flatten()
    }

    /// The statement to name where none carries the protocol, with or without those in shadow.
    pub(crate) fn other(&self, shadow: bool) -> Option<StatementId> {
        let [plain, all] = self.others;
        if shadow { all } else { plain }
    }

    /// Whether no statement carries the protocol, with or without those in shadow.
    pub(crate) fn is_silent(&self, shadow: bool) -> bool {
        self.grants.is_empty() || !shadow && !self.has_plain
    }

    /// Whether the client's role may do the verb.
    pub(crate) fn role_allows(&self, verb: Verb) -> bool {
        self.role.is_none_or(|(verbs, _)| verbs.contains(verb))
    }
}

impl Edge {
    /// Whether two messages of one signature and this verb may be judged differently: by time, value or rate.
    /// Where they may not, a verdict once given holds.
    pub fn is_changing(&self, verb: Verb) -> bool {
        let mut parts = self.0.parts.iter();
        self.0.changing.contains(verb) || parts.any(|(_, part)| part.0.changing.contains(verb))
    }
}

impl Policy {
    /// What may pass from a client to a server over a protocol. Statements for `s7` cover the
    /// connects of its transport, `cotp`.
    pub fn edge(&self, client: Placed, server: Placed, protocol: &str) -> Edge {
        let protocol = governing(protocol);
        Edge(Arc::new(Lane {
            parts: self.parts(client, server, protocol),
            ..self.lane(client, server, protocol)
        }))
    }

    /// The edges to the assets behind a server.
    fn parts(&self, client: Placed, server: Placed, protocol: &str) -> Box<[(Unit, Edge)]> {
        let seats = server.asset.map_or(&[][..], |asset| self.behind.of(asset));
        let seats = seats.iter().filter(|seat| addresses(protocol, seat.unit));
        seats
            .map(|seat| {
                let server = self.place_behind(server, seat.asset);
                (
                    seat.unit,
                    Edge(Arc::new(self.lane(client, server, protocol))),
                )
            })
            .collect()
    }

    fn lane(&self, client: Placed, server: Placed, protocol: &str) -> Lane {
        let (grants, others): (Vec<_>, Vec<_>) = self
            .joining(client, server)
            .partition(|id| self.carries(*id, protocol));
        let role = client.role.zip(self.role(client));
        let role = role.map(|(id, role)| (role.verbs(protocol), self.role_statement(id)));
        let any =
            |has: fn(&Grant) -> bool| grants.iter().any(|id| self.grant(*id).is_some_and(has));
        let plain = |ids: &[StatementId]| {
            let mut ids = ids.iter().copied();
            ids.find(|id| self.grant(*id).is_some_and(|grant| !grant.shadow))
        };
        let shadow_role = self.role(client).is_some_and(|role| role.shadow);
        let mut lane = Lane {
            client,
            server,
            others: [plain(&others), others.first().copied()],
            has_plain: plain(&grants).is_some(),
            is_timed: any(|grant| grant.when.is_some()),
            is_rated: any(|grant| grant.rate.is_some()),
            has_limits: server
                .asset
                .is_some_and(|asset| self.tags.has_limits(asset)),
            has_shadow: shadow_role
                || any(|grant| grant.shadow)
                || plain(&others) != others.first().copied(),
            grants: grants.into(),
            role,
            parts: Box::default(),
            changing: VerbSet::NONE,
            free: [None; Verb::ALL.len()],
        };
        lane.free = Verb::ALL.map(|verb| self.first_free(&lane, verb));
        lane.changing = self.changing(&lane);
        lane
    }

    /// A work order decides, while it is on, why not, even where it does not carry the verb.
    fn changing(&self, lane: &Lane) -> VerbSet {
        let grants = lane.grants.iter().filter_map(|id| self.grant(*id));
        let of_grants = grants.fold(VerbSet::NONE, |set, grant| {
            let timed = grant.when.is_some() || grant.rate.is_some();
            let writes = VerbSet::NONE.with(Verb::Write);
            match timed {
                true if grant.permit.is_some() => VerbSet::ALL,
                true => set.union(grant.verbs),
                false if self.limits_values(lane, grant) => {
                    set.union(grant.verbs.intersection(writes))
                }
                false => set,
            }
        });
        let free = |set: VerbSet, verb| {
            if lane.free(verb).is_some() {
                set.with(verb)
            } else {
                set
            }
        };
        of_grants.without(Verb::ALL.into_iter().fold(VerbSet::NONE, free))
    }

    /// Every statement that joins two parties: of the zones that both count to, the narrowest first,
    /// and of the conduits between them.
    pub(crate) fn joining(
        &self,
        client: Placed,
        server: Placed,
    ) -> impl Iterator<Item = StatementId> {
        let (around_client, around_server) = (self.around(client), self.around(server));
        let shared = around_client
            .iter()
            .filter(|zone| around_server.contains(zone));
        let within = shared.filter_map(|zone| crate::policy::at(&self.zones, zone.0)?.within);
        let conduits = self
            .index
            .between((client, around_client), (server, around_server));
        let of_conduits = conduits
            .into_iter()
            .filter_map(|id| crate::policy::at(&self.conduits, id.0))
            .flat_map(|conduit| (conduit.grants.0..conduit.grants.1).map(StatementId));
        let all = within.chain(of_conduits);
        all.filter(|id| !self.grant(*id).is_some_and(Grant::is_dropped))
    }

    fn carries(&self, id: StatementId, protocol: &str) -> bool {
        self.grant(id)
            .is_some_and(|grant| grant.protocols.contain(protocol))
    }

    fn first_free(&self, lane: &Lane, verb: Verb) -> Option<StatementId> {
        let is_free = |grant: &Grant| {
            let any_value = verb != Verb::Write || !self.limits_values(lane, grant);
            grant.verbs.contains(verb) && any_value && grant.is_unlimited()
        };
        let mut grants = lane.grants.iter().copied();
        grants.find(|id| lane.role_allows(verb) && self.grant(*id).is_some_and(is_free))
    }
}

impl Grant {
    /// Whether its verbs are all that it asks for, values aside.
    pub(crate) const fn is_unlimited(&self) -> bool {
        let Self {
            title: _,
            of: _,
            at: _,
            protocols: _,
            verbs: _,
            values: _,
            tags: _,
            functions,
            units,
            targets,
            session,
            when,
            rate,
            shadow,
            permit,
        } = self;
        functions.is_none()
            && units.is_none()
            && targets.is_none()
            && session.is_none()
            && when.is_none()
            && rate.is_none()
            && !*shadow
            && permit.is_none()
    }
}
