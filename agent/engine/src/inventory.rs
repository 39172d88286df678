//! Who was seen: addresses, roles, units and what devices say of themselves.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::quality::RandomState;
use hashbrown::HashMap;
use model::{
    Counter, Fact, Host, Identity, Mac, Operation, Outcome, Side, Stage, Tally, Timestamp, Unit,
};
use serde::{Serialize, Serializer};

/// A host and everything that was learnt of it.
#[derive(Clone, Debug, Serialize)]
pub struct Device {
    /// Network address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<std::net::IpAddr>,
    /// Hardware addresses that its frames came from.
    pub macs: BTreeSet<Mac>,
    /// VLANs that it was seen in.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub vlans: BTreeSet<u16>,
    /// Capture time of the first frame.
    pub first: Timestamp,
    /// Capture time of the last frame that taught something new.
    pub last: Timestamp,
    /// What it was seen to be, on which protocol.
    pub roles: BTreeSet<(&'static str, Side)>,
    /// The ports that it answers on, for protocols that are decoded.
    pub ports: BTreeSet<u16>,
    /// What is behind it: the units of a gateway, the modules of a rack.
    #[serde(serialize_with = "listed")]
    pub units: BTreeMap<Unit, Part>,
    /// What it says of itself as a whole.
    pub identities: Vec<Identified>,
}

/// One unit of a device: an asset of its own.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// Its number, as policies write it.
    pub unit: String,
    /// What it was addressed by.
    pub protocols: BTreeSet<&'static str>,
    /// Whether it ever answered for itself: one that only scans asked for may not exist.
    pub answered: bool,
    /// Capture time of the first message for it.
    pub first: Timestamp,
    /// Capture time of the last message that taught something new of it.
    pub last: Timestamp,
    /// What it says of itself.
    pub identities: Vec<Identified>,
}

/// One fact that a device states of itself.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Identified {
    /// What kind of fact.
    pub fact: Fact,
    /// The fact.
    pub value: String,
}

/// Every host that was seen, up to a limit.
pub(crate) struct Inventory {
    devices: HashMap<Key, Device, RandomState>,
    limit: usize,
}

/// A host is its network address; without one, its hardware address.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Key {
    Ip(std::net::IpAddr),
    Mac(Mac),
}

/// What one operation teaches of its two parties, client and server.
pub(crate) struct Lesson {
    parties: [Host; 2],
    at: Timestamp,
    /// What they are to each other, where that may be new.
    roles: Option<Roles>,
    stated: Vec<Stated>,
}

/// What two parties are to each other.
struct Roles {
    protocol: &'static str,
    port: u16,
    unit: Option<Unit>,
    has_answered: bool,
}

/// What a party states of itself or of a unit.
struct Stated {
    of: Side,
    unit: Option<Unit>,
    identified: Identified,
}

impl Lesson {
    /// Everything that an operation of a kind that was not seen before teaches; `port` is the server's.
    pub(crate) fn whole(
        parties: [Host; 2],
        port: u16,
        operation: &Operation<'_>,
        at: Timestamp,
    ) -> Self {
        Self {
            parties,
            at,
            roles: Some(Roles {
                protocol: operation.protocol,
                port,
                unit: operation.unit,
                has_answered: speaks_for_itself(operation),
            }),
            stated: stated(operation),
        }
    }

    /// What an operation says of a device; `None` where it says nothing.
    pub(crate) fn of_identity(
        parties: [Host; 2],
        operation: &Operation<'_>,
        at: Timestamp,
    ) -> Option<Self> {
        let stated = stated(operation);
        (!stated.is_empty()).then_some(Self {
            parties,
            at,
            roles: None,
            stated,
        })
    }
}

fn stated(operation: &Operation<'_>) -> Vec<Stated> {
    let mut stated = Vec::new();
    operation.detail.identity(&mut |identity| {
        let Identity {
            of,
            unit,
            fact,
            value,
        } = identity;
        let value = value.into_owned();
        let identified = Identified { fact, value };
        stated.push(Stated {
            of,
            unit,
            identified,
        });
    });
    stated
}

/// Bounds on what one host can make the inventory hold.
const SET_LIMIT: usize = 256;

impl Inventory {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            devices: HashMap::default(),
            limit,
        }
    }

    /// Notes that a host showed itself.
    pub(crate) fn sight(&mut self, host: Host, at: Timestamp, tally: &mut Tally) {
        self.with(host, at, tally, |_| {});
    }

    /// Notes what an operation taught of its two parties.
    pub(crate) fn learn(&mut self, lesson: Lesson, tally: &mut Tally) {
        let Lesson {
            parties: [client, server],
            at,
            roles,
            stated,
        } = lesson;
        if let Some(roles) = roles {
            self.with(client, at, tally, |device| {
                device.roles.insert((roles.protocol, Side::Client));
            });
            self.with(server, at, tally, |device| {
                device.roles.insert((roles.protocol, Side::Server));
                device.ports.insert(roles.port);
                if let Some(part) = roles.unit.and_then(|unit| device.part(unit, at)) {
                    part.protocols.insert(roles.protocol);
                    part.answered |= roles.has_answered;
                }
            });
        }
        for Stated {
            of,
            unit,
            identified,
        } in stated
        {
            let host = if of == Side::Client { client } else { server };
            self.with(host, at, tally, |device| device.state(unit, identified, at));
        }
    }

    /// Every device, by address.
    pub(crate) fn devices(&self) -> Vec<Device> {
        let by_key: BTreeMap<Key, &Device> = self.devices.iter().map(|(k, v)| (*k, v)).collect();
        by_key.into_values().cloned().collect()
    }

    fn with(
        &mut self,
        host: Host,
        at: Timestamp,
        tally: &mut Tally,
        change: impl FnOnce(&mut Device),
    ) {
        let Some(key) = host.ip.map(Key::Ip).or_else(|| host.mac.map(Key::Mac)) else {
            return;
        };
        let is_group = host.ip.is_some_and(|ip| ip.is_multicast())
            || host.mac.is_some_and(|mac| mac.is_group());
        if is_group {
            return;
        }
        if self.devices.len() >= self.limit && !self.devices.contains_key(&key) {
            tally.add(Counter::LimitHosts, 1);
            return;
        }
        let device = self
            .devices
            .entry(key)
            .or_insert_with(|| Device::new(host, at));
        device.last = device.last.max(at);
        device
            .macs
            .extend(host.mac.filter(|_| device.macs.len() < SET_LIMIT));
        device
            .vlans
            .extend(host.vlan.filter(|_| device.vlans.len() < SET_LIMIT));
        change(device);
    }
}

impl Device {
    fn new(host: Host, at: Timestamp) -> Self {
        Self {
            ip: host.ip,
            macs: BTreeSet::new(),
            vlans: BTreeSet::new(),
            first: at,
            last: at,
            roles: BTreeSet::new(),
            ports: BTreeSet::new(),
            units: BTreeMap::new(),
            identities: Vec::new(),
        }
    }

    /// The unit, as new where it is; `None` where there are too many.
    fn part(&mut self, unit: Unit, at: Timestamp) -> Option<&mut Part> {
        if self.units.len() >= SET_LIMIT && !self.units.contains_key(&unit) {
            return None;
        }
        let part = self
            .units
            .entry(unit)
            .or_insert_with(|| Part::new(unit, at));
        part.last = part.last.max(at);
        Some(part)
    }

    fn state(&mut self, unit: Option<Unit>, identified: Identified, at: Timestamp) {
        match unit {
            None => state(&mut self.identities, identified),
            Some(unit) => {
                if let Some(part) = self.part(unit, at) {
                    state(&mut part.identities, identified);
                }
            }
        }
    }
}

impl Part {
    fn new(unit: Unit, at: Timestamp) -> Self {
        Self {
            unit: unit.to_string(),
            protocols: BTreeSet::new(),
            answered: false,
            first: at,
            last: at,
            identities: Vec::new(),
        }
    }
}

fn state(identities: &mut Vec<Identified>, identified: Identified) {
    if identities.len() < SET_LIMIT && !identities.contains(&identified) {
        identities.push(identified);
        identities.sort();
    }
}

/// Whether a unit itself answered, and no gateway in its place.
fn speaks_for_itself(operation: &Operation<'_>) -> bool {
    let by_gateway = |name: &str| name.starts_with("gateway_");
    operation.stage == Stage::Response
        && !matches!(operation.outcome, Some(Outcome::Refused { name, .. }) if by_gateway(name))
}

fn listed<S: Serializer>(units: &BTreeMap<Unit, Part>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(units.values())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use model::{Detail, Function, Target, Value, Verb};

    use super::*;

    #[derive(Serialize)]
    struct Bare;

    impl Detail for Bare {
        fn targets(&self, _: &mut dyn FnMut(Target<'_>)) {}

        fn field(&self, _: &str) -> Option<Value<'_>> {
            None
        }

        fn identity(&self, see: &mut dyn FnMut(Identity<'_>)) {
            see(Identity {
                of: Side::Server,
                unit: Some(Unit::Id(3)),
                fact: Fact::Product,
                value: "valve".into(),
            });
        }
    }

    fn said(unit: u8, stage: Stage, outcome: Option<Outcome>) -> Operation<'static> {
        Operation {
            protocol: "modbus",
            stage,
            function: Function {
                code: 3,
                name: "read_holding_registers",
                verb: Verb::Read,
            },
            unit: Some(Unit::Id(unit)),
            outcome,
            signature: 0,
            answers: None,
            detail: &Bare,
        }
    }

    #[test]
    fn each_unit_behind_a_gateway_is_an_asset_of_its_own() {
        let host = |last| Host {
            ip: Some(Ipv4Addr::new(10, 0, 0, last).into()),
            mac: None,
            vlan: None,
        };
        let (mut inventory, mut tally) = (Inventory::new(8), Tally::default());
        let nobody = Outcome::Refused {
            code: 11,
            name: "gateway_target_failed_to_respond",
        };
        for operation in [
            said(3, Stage::Request, None),
            said(3, Stage::Response, Some(Outcome::Done)),
            said(4, Stage::Request, None),
            said(4, Stage::Response, Some(nobody)),
        ] {
            let at = Timestamp::default();
            let lesson = Lesson::whole([host(1), host(2)], 502, &operation, at);
            inventory.learn(lesson, &mut tally);
        }
        let devices = inventory.devices();
        let gateway = &devices[1];
        assert!(gateway.units[&Unit::Id(3)].answered);
        assert!(!gateway.units[&Unit::Id(4)].answered);
        assert_eq!(gateway.units[&Unit::Id(3)].identities[0].value, "valve");
        assert!(gateway.identities.is_empty());
        assert!(devices[0].units.is_empty());
    }
}
