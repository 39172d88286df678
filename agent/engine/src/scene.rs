//! Where and between whom something was found.

use model::{Host, IncidentParty, Party, Unit, Verb};
use policy::Criticality;

/// Where and between whom something was found.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) parties: Option<Parties>,
    /// The unit of the server, where it is an asset of its own.
    pub(crate) part: Option<Unit>,
    /// What it is about, where no parties tell, such as a work order.
    pub(crate) subject: Option<String>,
    pub(crate) protocol: Option<&'static str>,
    pub(crate) verb: Option<Verb>,
    pub(crate) targets: Vec<String>,
    pub(crate) criticality: Criticality,
    pub(crate) consequence: Option<String>,
}

/// A client and a server.
#[derive(Clone, Debug)]
pub(crate) struct Parties {
    /// As causes know them.
    pub(crate) hosts: [Host; 2],
    /// As incidents show them.
    pub(crate) shown: [IncidentParty; 2],
}

impl Scene {
    /// Something about the sensor itself.
    pub(crate) const fn of_sensor() -> Self {
        Self {
            parties: None,
            part: None,
            subject: None,
            protocol: None,
            verb: None,
            targets: Vec::new(),
            criticality: Criticality::Medium,
            consequence: None,
        }
    }

    /// Something about one thing of many that the sensor watches; about the sensor itself where there is none.
    pub(crate) fn of_subject(subject: Option<&str>) -> Self {
        Self {
            subject: subject.map(str::to_owned),
            ..Self::of_sensor()
        }
    }
}

impl Parties {
    /// Both parties; `part` is the unit of the server, where it is an asset of its own.
    pub(crate) fn new([client, server]: [Party<'_>; 2], part: Option<Unit>) -> Self {
        let unit = part.map(|unit| unit.to_string());
        Self {
            hosts: [client, server].map(|party| identity(party.host)),
            shown: [
                shown(client),
                IncidentParty {
                    unit,
                    ..shown(server)
                },
            ],
        }
    }
}

/// A host as causes know it: by its network address where it has one.
fn identity(host: Host) -> Host {
    match host.ip {
        Some(_) => Host {
            mac: None,
            vlan: None,
            ..host
        },
        None => Host { vlan: None, ..host },
    }
}

fn shown(party: Party<'_>) -> IncidentParty {
    IncidentParty {
        ip: party.host.ip,
        mac: party.host.mac.map(|mac| mac.to_string()),
        asset: party.asset.map(str::to_owned),
        zone: party.zone.map(str::to_owned),
        role: party.role.map(str::to_owned),
        location: party.location.map(str::to_owned),
        unit: None,
    }
}
