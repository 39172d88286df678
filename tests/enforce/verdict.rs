//! What the policy says: whether any operation on a port between two hosts could conform, found by
//! judging one after the other. Shares no code with the filter but the list of ports.

use std::collections::HashMap;
use std::net::IpAddr;

use model::{
    Detail, Function, Host, NodeKey, Operation, Service, Side, Stage, Target, Timestamp, Transport,
    Unit, Unseen, Value, Verb, Verdict, Written,
};
use policy::{Placed, Policy, Standing};
use serde::{Serialize, Serializer};

/// The policy's answers, each found once.
pub(super) struct Oracle<'a> {
    policy: &'a Policy,
    services: Vec<Service>,
    known: HashMap<(Placed, Placed, Transport, u16), bool>,
}

impl<'a> Oracle<'a> {
    pub(super) fn new(policy: &'a Policy) -> Self {
        Self {
            policy,
            services: decode::services(),
            known: HashMap::new(),
        }
    }

    /// Whether the first packet of a conversation may pass.
    pub(super) fn admits(
        &mut self,
        from: IpAddr,
        to: IpAddr,
        carrier: Transport,
        port: u16,
    ) -> bool {
        let place = |ip| {
            let ip = Some(ip);
            self.policy.place(&Host {
                ip,
                ..Host::default()
            })
        };
        let (from, to) = (place(from), place(to));
        let (policy, services) = (self.policy, &self.services);
        let known = self.known.entry((from, to, carrier, port));
        *known.or_insert_with(|| {
            let mut services = services.iter();
            services.any(|service| {
                (service.transport, service.port) == (carrier, port)
                    && could_conform(policy, from, to, service)
            })
        })
    }
}

fn could_conform(policy: &Policy, from: Placed, to: Placed, service: &Service) -> bool {
    let (client, server) = match service.opener {
        Side::Client => (from, to),
        Side::Server => (to, from),
    };
    let edge = policy.edge(client, server, service.vocabulary.name);
    let (targets, units) = reach(service.vocabulary.name);
    let mut functions = service.functions.iter();
    functions.any(|function| {
        let none = std::iter::once(None);
        let mut touched = none.chain(targets.iter().copied().map(Some));
        touched.any(|target| {
            let mut units = units.iter();
            units.any(|unit| {
                let touch = Touch {
                    target,
                    writes: function.verb == Verb::Write,
                };
                let operation = operation(service.vocabulary.name, *function, *unit, &touch);
                match policy.judge(&edge, &mut Standing::default(), &operation, NOW) {
                    Verdict::Conforms { .. } => true,
                    Verdict::Unknown { why } => why == Unseen::Target,
                    _ => false,
                }
            })
        })
    })
}

/// One of every kind of target and unit that the policies under test name, and one that they do not.
fn reach(protocol: &str) -> (Vec<Target<'static>>, Vec<Option<Unit>>) {
    let cell = |area, block, cell| Target::Cells {
        area,
        block,
        first: cell,
        last: cell,
    };
    match protocol {
        "modbus" => {
            let cells = [("holding", 100), ("holding", 9), ("coil", 0), ("coil", 99)];
            let cells = cells.map(|(area, number)| cell(area, None, number));
            let units = [1, 3, 200].map(|unit| Some(Unit::Id(unit)));
            (cells.to_vec(), units.to_vec())
        }
        "s7" => (
            vec![cell("DB", Some(1), 0), cell("DB", Some(9), 0)],
            [1, 2].map(|slot| Some(Unit::Slot { rack: 0, slot })).into(),
        ),
        _ => {
            let node = |name| Target::Node {
                namespace: 2,
                key: NodeKey::Text(name),
            };
            (["Tank.Setpoint", "Other"].map(node).to_vec(), vec![None])
        }
    }
}

fn operation<'a>(
    protocol: &'static str,
    function: Function,
    unit: Option<Unit>,
    detail: &'a Touch,
) -> Operation<'a> {
    Operation {
        protocol,
        stage: Stage::Request,
        function,
        unit,
        outcome: None,
        signature: 0,
        answers: None,
        detail,
    }
}

/// A message that touches one target, or none, with a value that every statement allows.
struct Touch {
    target: Option<Target<'static>>,
    writes: bool,
}

impl Detail for Touch {
    fn targets(&self, see: &mut dyn FnMut(Target<'_>)) {
        self.target.iter().for_each(|target| see(*target));
    }

    fn written(&self, see: &mut dyn FnMut(Target<'_>, Written<'_>)) {
        let target = self.target.iter().filter(|_| self.writes);
        target.for_each(|target| see(*target, Written::Int(5)));
    }

    fn field(&self, _: &str) -> Option<Value<'_>> {
        None
    }
}

impl Serialize for Touch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

/// Monday, 2 March 2026, 07:00 UTC: every schedule of the policies under test is open.
const NOW: Timestamp = Timestamp::from_nanos(1_772_434_800 * 1_000_000_000);
