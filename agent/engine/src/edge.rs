//! Edges: who talks to whom over which protocol, resolved once.

use foldhash::quality::RandomState;
use hashbrown::HashMap;
use model::{Event, Host, Operation, Party, Stamp, Timestamp, Unit, Verb, Verdict, fetch};
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

/// What every message asks of its edge. Edges are large, and those of many pairs in no cache; of these sixteen lie in one line of it.
#[derive(Clone, Copy)]
struct Marks(u32);

impl Marks {
    /// Some incident is about the edge.
    const FLAGGED: u32 = 1 << 31;

    /// Those of an edge that no incident is about.
    fn new(judged: Option<&Judged>) -> Self {
        let changing = |verb: &Verb| judged.is_some_and(|judged| judged.edge.is_changing(*verb));
        let verbs = Verb::ALL.into_iter().filter(changing);
        Self(verbs.fold(0, |marks, verb| marks | Self::verb(verb)))
    }

    /// Two operations of one signature with this verb may be judged differently.
    const fn verb(verb: Verb) -> u32 {
        const { assert!(Verb::ALL.len() < 31) };
        1 << verb as u32
    }
}

/// Every edge since the judges were last changed.
#[derive(Default)]
pub(crate) struct Edges {
    known: HashMap<(Host, Host, u16, &'static str), EdgeId, RandomState>,
    // INVARIANT: as many marks as edges.
    all: Vec<Edge>,
    marks: Vec<Marks>,
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
                self.marks.push(Marks::new(judged.as_ref()));
                self.all.push(Edge {
                    client,
                    server,
                    server_port,
                    protocol,
                    judged,
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

    /// Notes that an incident is about an edge, so that answers are worth a look.
    pub(crate) fn flag(&mut self, id: EdgeId) {
        if let Some(Marks(marks)) = self.marks.get_mut(id.0 as usize) {
            *marks |= Marks::FLAGGED;
        }
    }

    /// Fetches what every message asks of its edge.
    #[inline]
    pub(crate) fn fetch(&self, id: EdgeId) {
        self.marks.get(id.0 as usize).into_iter().for_each(fetch);
    }

    /// Whether some incident is about an edge.
    #[inline]
    pub(crate) fn is_flagged(&self, id: EdgeId) -> bool {
        self.is_marked(id, Marks::FLAGGED)
    }

    /// Whether two operations of one signature and with this verb may be judged differently.
    #[inline]
    pub(crate) fn is_changing(&self, id: EdgeId, verb: Verb) -> bool {
        self.is_marked(id, Marks::verb(verb))
    }

    /// Whether nothing that an edge says is missed before anything else: nobody writes, and no incident is about it.
    pub(crate) fn is_quiet(&self, id: EdgeId) -> bool {
        !self.is_flagged(id) && self.of(id).is_some_and(|edge| !edge.writes)
    }

    #[inline]
    fn is_marked(&self, id: EdgeId, mark: u32) -> bool {
        let marks = self.marks.get(id.0 as usize);
        marks.is_some_and(|Marks(marks)| marks & mark != 0)
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn clear(&mut self) {
        self.known.clear();
        self.all.clear();
        self.marks.clear();
        self.joined.clear();
    }
}
