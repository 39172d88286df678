//! The policy as it is written: every key in its place, no name looked up yet.
//!
//! `read` fills this from YAML; `resolve` gives it meaning. docs/POLICIES.md describes each key.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::node::Word;
use crate::problems::{Problems, Spot};
use crate::tags;
use crate::when::raw::{Holidays, Schedule};

/// All files together.
#[derive(Default)]
pub(crate) struct Raw {
    pub(crate) version: Option<Word>,
    pub(crate) site: Option<Site>,
    pub(crate) responses: Vec<Response>,
    pub(crate) zones: Vec<Zone>,
    pub(crate) assets: Vec<Asset>,
    pub(crate) roles: Vec<Role>,
    pub(crate) conduits: Vec<Conduit>,
    pub(crate) permits: Vec<Permit>,
    pub(crate) schedules: Vec<Schedule>,
    pub(crate) holidays: Vec<Holidays>,
    pub(crate) tags: Vec<tags::raw::Tag>,
    pub(crate) tag_files: Vec<Word>,
    pub(crate) invariants: Vec<Word>,
}

pub(crate) struct Site {
    pub(crate) at: Spot,
    pub(crate) name: Word,
    pub(crate) owner: Word,
    pub(crate) criticality: Option<Word>,
    pub(crate) time_zone: Option<Word>,
}

pub(crate) struct Response {
    pub(crate) of: Word,
    pub(crate) duty: Duty,
    pub(crate) consequence: Option<Word>,
}

/// Who does what by when about a violation, and how bad it is.
pub(crate) struct Duty {
    pub(crate) owner: Option<Word>,
    pub(crate) action: Option<Word>,
    pub(crate) severity: Option<Word>,
    pub(crate) respond_within: Option<Word>,
}

pub(crate) struct Zone {
    pub(crate) name: Word,
    pub(crate) level: Option<Word>,
    pub(crate) owner: Option<Word>,
    pub(crate) criticality: Option<Word>,
    pub(crate) consequence: Option<Word>,
    pub(crate) security_level: Option<Word>,
    pub(crate) members: Members,
    pub(crate) within: Option<Vec<Word>>,
    pub(crate) shadow: Option<Word>,
}

#[derive(Default)]
pub(crate) struct Members {
    pub(crate) cidrs: Vec<Word>,
    pub(crate) ranges: Vec<Word>,
    pub(crate) macs: Vec<Word>,
    pub(crate) ouis: Vec<Word>,
    pub(crate) vlans: Vec<Word>,
    pub(crate) assets: Vec<Word>,
    pub(crate) zones: Vec<Word>,
}

pub(crate) struct Asset {
    pub(crate) name: Word,
    pub(crate) ips: Vec<Word>,
    pub(crate) macs: Vec<Word>,
    pub(crate) role: Option<Word>,
    pub(crate) criticality: Option<Word>,
    pub(crate) owner: Option<Word>,
    pub(crate) consequence: Option<Word>,
    pub(crate) location: Option<Word>,
    pub(crate) seat: Seat,
}

/// Where an asset without an address of its own is behind another.
#[derive(Default)]
pub(crate) struct Seat {
    pub(crate) behind: Option<Word>,
    pub(crate) unit: Option<Word>,
    pub(crate) rack: Option<Word>,
    pub(crate) slot: Option<Word>,
}

pub(crate) struct Role {
    pub(crate) name: Word,
    pub(crate) verbs: Vec<Word>,
    pub(crate) protocols: Vec<(Word, Vec<Word>)>,
    pub(crate) shadow: Option<Word>,
}

pub(crate) struct Conduit {
    pub(crate) name: Word,
    pub(crate) from: Vec<Selector>,
    pub(crate) to: Vec<Selector>,
    pub(crate) both_directions: Option<Word>,
    pub(crate) allow: Vec<Statement>,
    pub(crate) terms: Terms,
    pub(crate) duty: Duty,
}

/// A conduit for as long as a work order lasts.
pub(crate) struct Permit {
    pub(crate) conduit: Conduit,
    pub(crate) role: Option<Word>,
}

/// When something holds, and whether it is only tried.
#[derive(Clone)]
pub(crate) struct Terms {
    pub(crate) when: Option<Word>,
    pub(crate) valid_from: Option<Word>,
    pub(crate) valid_until: Option<Word>,
    pub(crate) shadow: Option<Word>,
}

pub(crate) struct Selector {
    pub(crate) zones: Vec<Word>,
    pub(crate) assets: Vec<Word>,
    pub(crate) roles: Vec<Word>,
}

pub(crate) struct Statement {
    pub(crate) at: Spot,
    pub(crate) protocols: Vec<Word>,
    pub(crate) verbs: Vec<Word>,
    pub(crate) functions: Vec<Word>,
    pub(crate) units: Vec<Word>,
    pub(crate) targets: Vec<Word>,
    pub(crate) tags: Vec<Word>,
    pub(crate) values: Vec<Word>,
    pub(crate) session: Session,
    pub(crate) encryption: Option<Word>,
    pub(crate) rate: Option<Word>,
    pub(crate) terms: Terms,
}

/// Which sessions a statement is for.
pub(crate) struct Session {
    pub(crate) security_modes: Vec<Word>,
    pub(crate) security_policies: Vec<Word>,
    pub(crate) identities: Vec<Word>,
    pub(crate) users: Vec<Word>,
    pub(crate) certificates: Vec<Word>,
    pub(crate) applications: Vec<Word>,
}

impl Selector {
    /// Where its first name stands.
    pub(crate) fn at(&self) -> Option<Spot> {
        let all = self.assets.iter().chain(&self.roles).chain(&self.zones);
        all.map(|word| word.at).min()
    }
}

impl Raw {
    /// Says which names stand twice, in one file or in several.
    pub(crate) fn check_names(&self, problems: &mut Problems) {
        once(
            "response for",
            self.responses.iter().map(|it| &it.of),
            problems,
        );
        once("zone", self.zones.iter().map(|it| &it.name), problems);
        once("asset", self.assets.iter().map(|it| &it.name), problems);
        once("role", self.roles.iter().map(|it| &it.name), problems);
        let permits = self.permits.iter().map(|it| &it.conduit.name);
        let conduits = self.conduits.iter().map(|it| &it.name).chain(permits);
        once("conduit or permit", conduits, problems);
    }
}

fn once<'a>(noun: &str, names: impl Iterator<Item = &'a Word>, problems: &mut Problems) {
    let mut first: HashMap<&str, Spot> = HashMap::new();
    for name in names {
        match first.entry(&name.text) {
            Entry::Occupied(seen) => {
                problems.twice(name.at, &format!("{noun} `{}`", name.text), *seen.get());
            }
            Entry::Vacant(place) => {
                place.insert(name.at);
            }
        }
    }
}
