//! Who asked whom for what: what a draft is made of, remembered within bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use model::{
    Event, Host, Mac, Operation, Outcome, Stage, Timestamp, Unit, Value, Verb, Vocabulary,
};

use super::behaviour::{Behaviour, Key};
use super::evidence::Seen;
use crate::words::governing;

/// How much is remembered.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Hosts that ask or answer.
    pub hosts: usize,
    /// Functions of one client with one unit of one server.
    pub behaviours: usize,
    /// Runs of cells, or names, of one area in one behaviour; more become one range, or the whole area.
    pub targets: usize,
    /// Areas, blocks and namespaces of one behaviour; more become everything.
    pub groups: usize,
    /// Facts, hardware addresses and VLANs of one host.
    pub facts: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            hosts: 16_384,
            behaviours: 131_072,
            targets: 1_024,
            groups: 256,
            facts: 16,
        }
    }
}

/// A host by its network address, or by its hardware address where it has none.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Station {
    /// A network address.
    Ip(IpAddr),
    /// A hardware address.
    Mac(Mac),
}

impl Station {
    /// The station that a host is; none where neither address was seen.
    pub fn of(host: &Host) -> Option<Self> {
        let ip = host.ip.map(|ip| Self::Ip(ip.to_canonical()));
        ip.or_else(|| host.mac.map(Self::Mac))
    }

    /// Whether it is the address of many.
    pub(super) const fn is_group(self) -> bool {
        match self {
            Self::Ip(ip) => ip.is_multicast(),
            Self::Mac(mac) => mac.is_group(),
        }
    }

    /// The host that has this address.
    pub const fn host(self) -> Host {
        let (ip, mac) = match self {
            Self::Ip(ip) => (Some(ip), None),
            Self::Mac(mac) => (None, Some(mac)),
        };
        Host {
            ip,
            mac,
            vlan: None,
        }
    }
}

/// What a host, or one unit of it, says of itself.
#[derive(Clone, Copy, Debug)]
pub struct Fact<'a> {
    /// Whose it is.
    pub of: Station,
    /// Of which unit.
    pub unit: Option<Unit>,
    /// What kind of fact, such as `model`.
    pub kind: &'a str,
    /// The fact.
    pub value: &'a str,
}

/// A behaviour that was remembered elsewhere, such as a fact of a baseline.
#[derive(Clone, Copy, Debug)]
pub struct Observed<'a> {
    /// Who asks.
    pub client: Station,
    /// Who answers.
    pub server: Station,
    /// Which part of the server.
    pub unit: Option<Unit>,
    /// The protocol's word.
    pub protocol: &'a str,
    /// The function's word.
    pub function: &'a str,
    /// What the function means.
    pub verb: Verb,
    /// The target as policies write it; none where there was none.
    pub target: Option<&'a str>,
    /// How often.
    pub count: u64,
    /// The first and the last time.
    pub between: [Timestamp; 2],
}

/// Everything that is known of the traffic.
#[derive(Debug)]
pub struct Traffic {
    pub(super) words: Vec<&'static Vocabulary>,
    pub(super) bounds: Bounds,
    /// Functions whose meaning nobody knows, whatever they are called.
    nameless: Vec<&'static str>,
    pub(super) observed: Seen,
    first_hour: Option<i64>,
    pub(super) hosts: BTreeMap<Station, Known>,
    pub(super) behaviours: BTreeMap<Key, Behaviour>,
    dropped: u64,
}

/// What is known of a host.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) macs: BTreeSet<Mac>,
    pub(super) vlans: BTreeSet<u16>,
    /// Units that answered for themselves.
    pub(super) units: BTreeSet<Unit>,
    /// Kind and value of facts, by unit.
    pub(super) facts: BTreeMap<Option<Unit>, BTreeSet<(String, String)>>,
}

impl Traffic {
    /// Nothing yet. `nameless` are functions whose meaning nobody knows although they have a word.
    pub fn new(
        words: Vec<&'static Vocabulary>,
        nameless: Vec<&'static str>,
        bounds: Bounds,
    ) -> Self {
        Self {
            words,
            bounds,
            nameless,
            observed: Seen::default(),
            first_hour: None,
            hosts: BTreeMap::new(),
            behaviours: BTreeMap::new(),
            dropped: 0,
        }
    }

    /// How many operations were not remembered because a bound was reached, or because a party has no address.
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Remembers an operation, as judges would judge it. Of an answer to a request that was seen only a refusal counts.
    pub fn see(&mut self, event: &Event<'_>) {
        let operation = event.operation;
        let ends = Station::of(&event.client.host).zip(Station::of(&event.server.host));
        let Some((client, server)) = ends else {
            self.dropped += 1;
            return;
        };
        let mut key = Key {
            client,
            server,
            unit: operation.unit,
            protocol: governing(operation.protocol),
            verb: operation.function.verb,
            function: operation.function.name,
        };
        if is_hidden(operation) {
            // it must have been opened by somebody; what is in it nobody can judge
            key.verb = Verb::Connect;
        }
        if operation.stage == Stage::Response && operation.answers.is_some() {
            self.answer(&key, operation);
            return;
        }
        let at = event.stamp.time;
        let hour = Some(self.hour(at));
        self.observed.add(1, [at, at], hour);
        if !self.sight(client, &event.client.host) || !self.sight(server, &event.server.host) {
            self.dropped += 1;
            return;
        }
        let (words, bounds) = (self.vocabulary(key.protocol), self.bounds);
        match self.behaviour(key) {
            Some(behaviour) => behaviour.see(operation, (at, hour), words.as_slice(), &bounds),
            None => self.dropped += 1,
        }
    }

    /// The words of a protocol: what its statements can name.
    fn vocabulary(&self, protocol: &str) -> Option<&'static Vocabulary> {
        self.words
            .iter()
            .copied()
            .find(|known| known.name == protocol)
    }

    fn answer(&mut self, key: &Key, operation: &Operation<'_>) {
        if matches!(operation.outcome, Some(Outcome::Refused { .. }))
            && let Some(behaviour) = self.behaviours.get_mut(key)
        {
            behaviour.seen.refused += 1;
        }
    }

    /// Adds a behaviour that was remembered elsewhere. Answers whether it could be.
    pub fn add(&mut self, observed: &Observed<'_>) -> bool {
        let bounds = self.bounds;
        let words = self.vocabulary(governing(observed.protocol));
        let Some(vocabulary) = words else {
            self.dropped += observed.count;
            return false;
        };
        let mut functions = vocabulary.functions.iter();
        let function = functions.find(|function| function.name == observed.function);
        self.observed.add(observed.count, observed.between, None);
        let key = Key {
            client: observed.client,
            server: observed.server,
            unit: observed.unit,
            protocol: vocabulary.name,
            verb: observed.verb,
            function: function.map_or(UNKNOWN, |function| function.name),
        };
        let seen = [observed.client, observed.server].map(|of| self.sight(of, &of.host()));
        let Some(behaviour) = self.behaviour(key).filter(|_| seen == [true, true]) else {
            self.dropped += observed.count;
            return false;
        };
        behaviour.seen.add(observed.count, observed.between, None);
        match observed.target {
            Some("*") => behaviour.touched.anything = true,
            Some(target) => behaviour.touched.read(target, words.as_slice(), &bounds),
            None => {}
        }
        true
    }

    /// Adds what a host says of itself, if the host asked or answered anything.
    pub fn identify(&mut self, fact: &Fact<'_>) {
        let limit = self.bounds.facts;
        let Some(host) = self.hosts.get_mut(&fact.of) else {
            return;
        };
        let facts = host.facts.entry(fact.unit).or_default();
        if facts.len() < limit {
            facts.insert((fact.kind.to_owned(), fact.value.to_owned()));
        }
    }

    /// Adds that a unit of a host answered for itself.
    pub fn answered(&mut self, of: Station, unit: Unit) {
        if let Some(host) = self.hosts.get_mut(&of) {
            host.units.insert(unit);
        }
    }

    /// Whether nobody knows what a function means.
    pub(super) fn is_nameless(&self, key: &Key) -> bool {
        let mut words = self.words.iter().filter(|known| known.name == key.protocol);
        let known = words.any(|known| known.functions.iter().any(|it| it.name == key.function));
        key.function == UNKNOWN || !known || self.nameless.contains(&key.function)
    }

    /// Remembers an address of a host; answers whether there is room for the host.
    fn sight(&mut self, station: Station, host: &Host) -> bool {
        let limit = self.bounds.facts;
        if self.hosts.len() >= self.bounds.hosts && !self.hosts.contains_key(&station) {
            return false;
        }
        let known = self.hosts.entry(station).or_default();
        known
            .macs
            .extend(host.mac.filter(|_| known.macs.len() < limit));
        known
            .vlans
            .extend(host.vlan.filter(|_| known.vlans.len() < limit));
        true
    }

    fn behaviour(&mut self, key: Key) -> Option<&mut Behaviour> {
        let full = self.behaviours.len() >= self.bounds.behaviours;
        if full && !self.behaviours.contains_key(&key) {
            return None;
        }
        Some(self.behaviours.entry(key).or_default())
    }

    /// The hour of a moment, counted from the day before the first.
    fn hour(&mut self, at: Timestamp) -> usize {
        let hour = at.as_nanos().div_euclid(HOUR_NANOS);
        let first = *self.first_hour.get_or_insert(hour - 24);
        usize::try_from(hour - first).unwrap_or(0)
    }
}

/// Whether a message is encrypted, so that not even its verb was seen.
fn is_hidden(operation: &Operation<'_>) -> bool {
    operation.function.verb == Verb::Other
        && operation.detail.field("encrypted") == Some(Value::Bool(true))
}

/// The word of functions that no table names.
const UNKNOWN: &str = "unknown";

const HOUR_NANOS: i64 = 3_600_000_000_000;
