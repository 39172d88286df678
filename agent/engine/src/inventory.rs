//! Who was seen: addresses, roles, units and what devices say of themselves.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::quality::RandomState;
use hashbrown::HashMap;
use model::{Counter, Fact, Host, Identity, Mac, Operation, Side, Tally, Timestamp, Unit};
use serde::Serialize;

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
    /// Units that it answers for.
    pub units: BTreeSet<String>,
    /// What it says of itself.
    pub identities: Vec<Identified>,
}

/// One fact that a device states of itself.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Identified {
    /// The unit that it is about, where the device has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
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

    /// Notes what an operation teaches of its two parties.
    pub(crate) fn learn(
        &mut self,
        [client, server]: [Host; 2],
        port: u16,
        operation: &Operation<'_>,
        at: Timestamp,
        tally: &mut Tally,
    ) {
        self.with(client, at, tally, |device| {
            device.roles.insert((operation.protocol, Side::Client));
        });
        self.with(server, at, tally, |device| {
            device.roles.insert((operation.protocol, Side::Server));
            device.ports.insert(port);
            if let Some(unit) = operation.unit {
                insert_bounded(&mut device.units, unit.to_string());
            }
        });
        self.identify([client, server], operation, at, tally);
    }

    /// Notes what an operation says of a device.
    pub(crate) fn identify(
        &mut self,
        [client, server]: [Host; 2],
        operation: &Operation<'_>,
        at: Timestamp,
        tally: &mut Tally,
    ) {
        operation.detail.identity(&mut |identity| {
            let host = if identity.of == Side::Client {
                client
            } else {
                server
            };
            self.with(host, at, tally, |device| device.state(&identity));
        });
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
            units: BTreeSet::new(),
            identities: Vec::new(),
        }
    }

    fn state(&mut self, identity: &Identity<'_>) {
        let identified = Identified {
            unit: identity.unit.as_ref().map(Unit::to_string),
            fact: identity.fact,
            value: identity.value.clone().into_owned(),
        };
        if self.identities.len() < SET_LIMIT && !self.identities.contains(&identified) {
            self.identities.push(identified);
            self.identities.sort();
        }
    }
}

fn insert_bounded(set: &mut BTreeSet<String>, value: String) {
    if set.len() < SET_LIMIT {
        set.insert(value);
    }
}
