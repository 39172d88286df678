//! The facts, and how they are learned.

use std::collections::BTreeMap;

use model::{Event, Stage, Timestamp, Unit, Verb};

use crate::key::{self, Pair};
use crate::seen::{Seen, State};
use crate::targets::{Room, Targets};

/// The most pairs of client and server that are learned.
const PAIRS: usize = 65_536;

/// The most functions, over all protocols and units, that are learned of one pair.
const BEHAVIOURS: usize = 512;

/// What is normal: who asks whom, on which unit, for what, of what.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Baseline {
    pub(crate) peers: BTreeMap<Pair, Peer>,
    pub(crate) dropped: u64,
}

/// What one client asks of one server, by protocol.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Peer {
    pub(crate) protocols: BTreeMap<Box<str>, Service>,
    behaviours: usize,
}

/// What is asked over one protocol, by unit.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Service {
    pub(crate) units: BTreeMap<Option<Unit>, Device>,
}

/// What is asked of one unit, by function.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Device {
    pub(crate) functions: BTreeMap<Box<str>, Behaviour>,
}

/// What one function means and touches.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Behaviour {
    pub(crate) verb: Verb,
    pub(crate) targets: Targets,
}

impl Baseline {
    /// A baseline that knows nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Learns an operation that was seen `count` times. Responses teach nothing.
    ///
    /// An operation with a dangerous verb becomes a fact that awaits approval.
    pub fn learn(&mut self, event: &Event<'_>, count: u64, first: Timestamp, last: Timestamp) {
        let operation = event.operation;
        if operation.stage == Stage::Response {
            return;
        }
        let verb = operation.function.verb;
        let state = if verb.is_dangerous() {
            State::Pending
        } else {
            State::Learned
        };
        let seen = Seen {
            state,
            count,
            first,
            last,
        };
        let function = key::function(operation.function);
        let place = (operation.protocol, operation.unit, function.as_str());
        let room = self
            .behaviour(pair(event), place, verb)
            .map_or(Room::None, |behaviour| {
                behaviour.targets.learn(operation, &seen)
            });
        self.dropped += u64::from(room == Room::None);
    }

    /// How many operations were not learned because a bound was reached.
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The behaviour of that place, made where there is none; `None` where there is no room.
    pub(crate) fn behaviour(
        &mut self,
        pair: Pair,
        (protocol, unit, function): (&str, Option<Unit>, &str),
        verb: Verb,
    ) -> Option<&mut Behaviour> {
        if self.peers.len() >= PAIRS && !self.peers.contains_key(&pair) {
            return None;
        }
        let peer = self.peers.entry(pair).or_default();
        if !peer.knows(protocol, unit, function) {
            if peer.behaviours >= BEHAVIOURS {
                return None;
            }
            peer.behaviours += 1;
            peer.make(protocol, unit, function, verb);
        }
        let service = peer.protocols.get_mut(protocol)?;
        service.units.get_mut(&unit)?.functions.get_mut(function)
    }
}

impl Peer {
    fn knows(&self, protocol: &str, unit: Option<Unit>, function: &str) -> bool {
        let device = self
            .protocols
            .get(protocol)
            .and_then(|service| service.units.get(&unit));
        device.is_some_and(|device| device.functions.contains_key(function))
    }

    fn make(&mut self, protocol: &str, unit: Option<Unit>, function: &str, verb: Verb) {
        let service = self.protocols.entry(protocol.into()).or_default();
        let device = service.units.entry(unit).or_default();
        let targets = Targets::default();
        device
            .functions
            .insert(function.into(), Behaviour { verb, targets });
    }
}

/// Who asks whom in an event.
pub(crate) fn pair(event: &Event<'_>) -> Pair {
    Pair {
        client: event.client.host.into(),
        server: event.server.host.into(),
    }
}
