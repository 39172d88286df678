//! What a sensor's store tells of two policies: which hosts they place otherwise, and which incidents would be none.
//!
//! A store keeps hosts and incidents, not the operations that were allowed, nor the values that were written: what
//! becomes denied, captures tell.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use model::{Host, Incident, Kind, Unit};
use policy::Policy;
use serde::Serialize;
use store::{Filter, Store};

use crate::judges;
use crate::output::{BOLD, DIM};

/// What a store tells.
#[derive(Serialize)]
pub(super) struct Stored {
    /// Hosts that the policies place otherwise.
    moved: Vec<Moved>,
    hosts: usize,
    /// Incidents of the policy that the new one would not make.
    gone: Vec<Gone>,
    /// How many it would make again.
    stay: usize,
    /// How many cannot be asked about.
    untold: usize,
    /// What the store cannot tell.
    cannot_tell: [&'static str; 2],
}

#[derive(Serialize)]
struct Moved {
    host: String,
    was: String,
    now: String,
}

#[derive(Serialize)]
struct Gone {
    id: String,
    sentence: String,
    count: u64,
    now: policy::Said,
}

/// Looks at a store with two policies.
pub(super) fn look(path: &Path, policies: [&Arc<Policy>; 2]) -> Result<Stored> {
    let name = path.display();
    anyhow::ensure!(path.exists(), "no store `{name}`");
    let store = Store::open(path).with_context(|| format!("cannot open `{name}`"))?;
    let unreadable = || format!("cannot read `{name}`");
    let hosts = store.load_inventory().with_context(unreadable)?;
    let incidents = store
        .incidents(&Filter::default())
        .with_context(unreadable)?;
    let [old, new] = policies;
    let mut stored = Stored {
        moved: Vec::new(),
        hosts: hosts.len(),
        gone: Vec::new(),
        stay: 0,
        untold: 0,
        cannot_tell: [
            "operations that the old policy allows: the store keeps only incidents; use --capture",
            "the values, functions and sessions behind stored incidents",
        ],
    };
    for row in &hosts {
        let Some(host) = host(&row.host) else {
            continue;
        };
        let [was, now] = [old, new].map(|policy| place(policy, &host));
        if was != now {
            stored.moved.push(Moved {
                host: row.host.clone(),
                was,
                now,
            });
        }
    }
    for incident in incidents.iter().filter(|it| it.kind == Kind::Policy) {
        stored.weigh(incident, new);
    }
    Ok(stored)
}

impl Stored {
    fn weigh(&mut self, incident: &Incident, new: &Policy) {
        match ask(incident, new) {
            Some(now) if now.verdict == "conforms" || now.verdict == "shadow" => {
                self.gone.push(Gone {
                    id: incident.id.clone(),
                    sentence: incident.sentence.clone(),
                    count: incident.count,
                    now,
                });
            }
            Some(now) if now.verdict != "unknown" => self.stay += 1,
            _ => self.untold += 1,
        }
    }

    /// In words.
    pub(super) fn write(&self, text: &mut String) {
        let _ = writeln!(
            text,
            "\n{BOLD}in the store{BOLD:#}: {} of {} hosts are placed otherwise",
            self.moved.len(),
            self.hosts
        );
        for moved in self.moved.iter().take(SHOWN) {
            let _ = writeln!(
                text,
                "  {}: was {}, now {}",
                moved.host, moved.was, moved.now
            );
        }
        let _ = writeln!(
            text,
            "incidents of the policy: {} would be none, {} stay, {} cannot be told",
            self.gone.len(),
            self.stay,
            self.untold
        );
        for gone in self.gone.iter().take(SHOWN) {
            let _ = writeln!(text, "+ {} x {}", gone.count, gone.sentence);
            let _ = writeln!(text, "    {DIM}now{DIM:#} {}", gone.now);
        }
        for what in self.cannot_tell {
            let _ = writeln!(text, "{DIM}a store cannot tell{DIM:#} {what}");
        }
    }
}

/// What a policy says of a stored incident's operation, as far as the store knows it.
fn ask(incident: &Incident, policy: &Policy) -> Option<policy::Said> {
    let party = |party: &model::IncidentParty| Host {
        ip: party.ip,
        mac: party.mac.as_ref().and_then(|mac| mac.parse().ok()),
        vlan: None,
    };
    let server = incident.server.as_ref()?;
    let ends = [party(incident.client.as_ref()?), party(server)];
    let verb = incident.verb.as_ref()?.parse().ok()?;
    let unit = server.unit.as_ref().and_then(|unit| read_unit(unit));
    let asked = policy::Asked {
        ends,
        protocol: incident.protocol.as_ref()?,
        verb,
        unit,
        target: incident.target.as_deref(),
        at: incident.last,
    };
    policy.ask(&asked, &judges::vocabularies())
}

fn read_unit(text: &str) -> Option<Unit> {
    if let Some(id) = text.strip_prefix("unit ") {
        return id.parse().ok().map(Unit::Id);
    }
    let (rack, slot) = text.strip_prefix("rack ")?.split_once(" slot ")?;
    Some(Unit::Slot {
        rack: rack.parse().ok()?,
        slot: slot.parse().ok()?,
    })
}

fn host(key: &str) -> Option<Host> {
    let ip = key.parse().ok();
    let mac = key.parse().ok();
    (ip.is_some() || mac.is_some()).then_some(Host {
        ip,
        mac,
        vlan: None,
    })
}

fn place(policy: &Policy, host: &Host) -> String {
    let party = policy.party(*host, policy.place(host));
    let zone = party
        .zone
        .map_or_else(|| "no zone".to_owned(), |zone| format!("zone {zone}"));
    match (party.asset, party.role) {
        (Some(asset), Some(role)) => format!("asset {asset}, role {role}, {zone}"),
        (Some(asset), None) => format!("asset {asset}, {zone}"),
        (None, _) => zone,
    }
}

/// How many of each the text shows.
const SHOWN: usize = 40;
