//! What may pass between two parties over one protocol: resolved once, then judged against.

use std::sync::Arc;

use model::{StatementId, Verb};

use crate::policy::{Grant, Placed, Policy};
use crate::verbs::VerbSet;
use crate::words::governing;

/// All statements of a policy about one client, one server and one protocol. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Edge(pub(crate) Arc<Lane>);

#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) client: Placed,
    pub(crate) server: Placed,
    /// The statements that carry the protocol, in the policy's order.
    pub(crate) grants: Box<[StatementId]>,
    /// A statement that joins the two, but carries other protocols.
    pub(crate) other: Option<StatementId>,
    /// What the client's role may do at all, and the statement that says so.
    pub(crate) role: Option<(VerbSet, StatementId)>,
    /// By verb: the first statement that allows all of it, role included.
    free: [Option<StatementId>; Verb::ALL.len()],
}

impl Lane {
    /// The statement that allows a verb whatever function, unit and targets a message has.
    pub(crate) fn free(&self, verb: Verb) -> Option<StatementId> {
        self.free.get(verb as usize).copied().flatten()
    }

    /// Whether the client's role may do the verb.
    pub(crate) fn role_allows(&self, verb: Verb) -> bool {
        self.role.is_none_or(|(verbs, _)| verbs.contains(verb))
    }
}

impl Policy {
    /// What may pass from a client to a server over a protocol. Statements for `s7` cover the
    /// connects of its transport, `cotp`.
    pub fn edge(&self, client: Placed, server: Placed, protocol: &str) -> Edge {
        let protocol = governing(protocol);
        let (grants, others): (Vec<_>, Vec<_>) = self
            .joining(client, server)
            .partition(|id| self.carries(*id, protocol));
        let role = client.role.zip(self.role(client));
        let role = role.map(|(id, role)| (role.verbs(protocol), self.role_statement(id)));
        let mut lane = Lane {
            client,
            server,
            other: others.first().copied(),
            grants: grants.into(),
            role,
            free: [None; Verb::ALL.len()],
        };
        lane.free = Verb::ALL.map(|verb| self.first_free(&lane, verb));
        Edge(Arc::new(lane))
    }

    /// Every statement that joins two parties: of their zone, where they share one, and of the
    /// conduits between them.
    fn joining(&self, client: Placed, server: Placed) -> impl Iterator<Item = StatementId> {
        let shared = client.zone.is_some() && client.zone == server.zone;
        let within = self
            .zone(client)
            .filter(|_| shared)
            .and_then(|zone| zone.within);
        let conduits = self.index.between(client, server).into_iter();
        let of_conduits = conduits
            .filter_map(|id| crate::policy::at(&self.conduits, id.0))
            .flat_map(|conduit| (conduit.grants.0..conduit.grants.1).map(StatementId));
        within.into_iter().chain(of_conduits)
    }

    fn carries(&self, id: StatementId, protocol: &str) -> bool {
        self.grant(id)
            .is_some_and(|grant| grant.protocols.contain(protocol))
    }

    fn first_free(&self, lane: &Lane, verb: Verb) -> Option<StatementId> {
        let is_free = |grant: &Grant| grant.verbs.contains(verb) && grant.is_unlimited();
        let mut grants = lane.grants.iter().copied();
        grants.find(|id| lane.role_allows(verb) && self.grant(*id).is_some_and(is_free))
    }
}

impl Grant {
    const fn is_unlimited(&self) -> bool {
        self.functions.is_none() && self.units.is_none() && self.targets.is_none()
    }
}
