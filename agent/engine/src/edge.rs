//! Edges: who talks to whom over which protocol, resolved once.

use foldhash::quality::RandomState;
use hashbrown::HashMap;
use model::{Event, Host, Operation, Party, Stamp, Timestamp, Unit, Verb, Verdict};
use policy::{Criticality, Placed, Policy};

/// An edge's place in [`Edges`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct EdgeId(u32);

impl EdgeId {
    /// The place as a number.
    pub(crate) const fn number(self) -> u64 {
        self.0 as u64
    }
}

/// A client, a server, a protocol, and what the policy says of the three.
pub(crate) struct Edge {
    pub(crate) client: Host,
    pub(crate) server: Host,
    pub(crate) server_port: u16,
    pub(crate) protocol: &'static str,
    pub(crate) judged: Option<Judged>,
    /// Whether some incident is about this edge, so that answers are worth a look.
    pub(crate) flagged: bool,
    /// Whether anything dangerous was ever asked on this edge.
    pub(crate) writes: bool,
}

/// What the policy says of an edge.
pub(crate) struct Judged {
    pub(crate) client: Placed,
    pub(crate) edge: policy::Edge,
    pub(crate) standing: policy::Standing,
}

impl Edge {
    /// Both parties by the names that the policy has for them; the server's are those of the unit
    /// that a message is for, where it is an asset of its own.
    pub(crate) fn parties<'a>(
        &self,
        policy: Option<&'a Policy>,
        unit: Option<Unit>,
    ) -> [Party<'a>; 2] {
        match (policy, &self.judged) {
            (Some(policy), Some(judged)) => [
                policy.party(self.client, judged.client),
                policy.party(self.server, judged.edge.server(unit)),
            ],
            _ => [stranger(self.client), stranger(self.server)],
        }
    }
}

impl Edge {
    /// An operation on this edge, as judges see it.
    pub(crate) fn event<'a>(
        &'a self,
        policy: Option<&'a Policy>,
        stamp: Stamp,
        operation: &'a Operation<'a>,
    ) -> Event<'a> {
        let [client, server] = self.parties(policy, operation.unit);
        Event {
            stamp,
            client,
            server,
            server_port: self.server_port,
            operation,
        }
    }

    /// What the policy says of an operation; `None` without a policy.
    #[inline]
    pub(crate) fn judge(
        &mut self,
        policy: Option<&Policy>,
        now: Timestamp,
        operation: &Operation<'_>,
    ) -> Option<Verdict> {
        let judged = self.judged.as_mut()?;
        Some(policy?.judge(&judged.edge, &mut judged.standing, operation, now))
    }

    /// Whether two operations of one signature may be judged differently.
    #[inline]
    pub(crate) fn is_changing(&self, operation: &Operation<'_>) -> bool {
        self.is_changing_for(operation.function.verb)
    }

    /// The same of all operations with a verb.
    #[inline]
    pub(crate) fn is_changing_for(&self, verb: Verb) -> bool {
        let judged = self.judged.as_ref();
        judged.is_some_and(|judged| judged.edge.is_changing(verb))
    }

    /// Whether nothing that it says is missed before anything else: nobody writes, and no incident is about it.
    pub(crate) const fn is_quiet(&self) -> bool {
        !self.flagged && !self.writes
    }

    /// How much the server, or the asset that a unit of it is, matters.
    pub(crate) fn criticality(&self, policy: Option<&Policy>, unit: Option<Unit>) -> Criticality {
        match (policy, &self.judged) {
            (Some(policy), Some(judged)) => policy.criticality(judged.edge.server(unit)),
            _ => Criticality::Medium,
        }
    }

    /// What happens to the process when the server, or the asset that a unit of it is, does wrong.
    pub(crate) fn consequence<'a>(
        &self,
        policy: Option<&'a Policy>,
        unit: Option<Unit>,
    ) -> Option<&'a str> {
        policy?.consequence(self.judged.as_ref()?.edge.server(unit))
    }

    /// The unit that a message is for, where it is an asset of its own.
    pub(crate) fn part(&self, unit: Option<Unit>) -> Option<Unit> {
        self.judged.as_ref()?.edge.part(unit)
    }
}

/// A host that no policy names.
pub(crate) const fn stranger(host: Host) -> Party<'static> {
    Party {
        host,
        asset: None,
        zone: None,
        role: None,
        location: None,
    }
}

/// Every edge since the judges were last changed.
#[derive(Default)]
pub(crate) struct Edges {
    known: HashMap<(Host, Host, u16, &'static str), EdgeId, RandomState>,
    all: Vec<Edge>,
    /// What the policy says between two of its own, which many hosts share: a scan through made-up
    /// addresses resolves it once.
    joined: HashMap<(Placed, Placed, &'static str), policy::Edge, RandomState>,
}

impl Edges {
    /// The edge of a client, a server and a protocol; resolved against the policy when new.
    pub(crate) fn resolve(
        &mut self,
        policy: Option<&Policy>,
        client: Host,
        server: Host,
        server_port: u16,
        protocol: &'static str,
    ) -> EdgeId {
        *self
            .known
            .entry((client, server, server_port, protocol))
            .or_insert_with(|| {
                let id = EdgeId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
                let judged = policy.map(|policy| {
                    let (client, server) = (policy.place(&client), policy.place(&server));
                    let resolved = || policy.edge(client, server, protocol);
                    let joined = self.joined.entry((client, server, protocol));
                    Judged {
                        client,
                        edge: joined.or_insert_with(resolved).clone(),
                        standing: policy::Standing::default(),
                    }
                });
                self.all.push(Edge {
                    client,
                    server,
                    server_port,
                    protocol,
                    judged,
                    flagged: false,
                    writes: false,
                });
                id
            })
    }

    pub(crate) fn of(&self, id: EdgeId) -> Option<&Edge> {
        self.all.get(id.0 as usize)
    }

    pub(crate) fn of_mut(&mut self, id: EdgeId) -> Option<&mut Edge> {
        self.all.get_mut(id.0 as usize)
    }

    pub(crate) fn flag(&mut self, id: EdgeId) {
        if let Some(edge) = self.all.get_mut(id.0 as usize) {
            edge.flagged = true;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn clear(&mut self) {
        self.known.clear();
        self.all.clear();
        self.joined.clear();
    }
}
