//! What a policy states, as data for people who read no YAML: a report, a drawing, another program.
//!
//! Everything is in the order of the policy's files, and in its own words. It is made from the texts that were loaded, so that
//! a policy that judges does not carry them.

mod ends;
mod statements;
mod zones;

use model::{Severity, Timestamp};
use serde::Serialize;

use crate::load::Loaded;
use crate::raw;
use statements::Clerk;

/// All that a policy states.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Outline {
    /// The site's name.
    pub site: String,
    /// Who answers where nobody nearer is named.
    pub owner: String,
    /// How much the site depends on what states nothing of its own.
    pub criticality: &'static str,
    /// The policy's version.
    pub version: String,
    /// Its files.
    pub files: Vec<String>,
    /// Its zones.
    pub zones: Vec<Zone>,
    /// Its assets.
    pub assets: Vec<Asset>,
    /// Its roles.
    pub roles: Vec<Role>,
    /// Its conduits, and after them its permits.
    pub conduits: Vec<Conduit>,
    /// Sentences that must stay true.
    pub invariants: Vec<String>,
}

/// A zone.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Zone {
    /// Its name.
    pub name: String,
    /// Its Purdue level.
    pub level: Option<String>,
    /// The security level that it is to reach, 1 to 4.
    pub security_level: Option<u8>,
    /// Who answers for it; the site's owner where nobody is named.
    pub owner: String,
    /// How much the process depends on it.
    pub criticality: &'static str,
    /// What happens to the process when it fails or is misused.
    pub consequence: Option<String>,
    /// The zones that it lies in, nearest first.
    pub inside: Vec<String>,
    /// Its members as they are written, each with its kind.
    pub members: Vec<String>,
    /// The assets in it.
    pub assets: Vec<String>,
    /// What its hosts may do to each other; nothing where there is none.
    pub within: Option<Statement>,
    /// Whether what its `within` decides is counted only.
    pub shadow: bool,
}

/// An asset.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Asset {
    /// Its name.
    pub name: String,
    /// Its addresses, or where it is behind another.
    pub addresses: Vec<String>,
    /// The zone that it is in.
    pub zone: Option<String>,
    /// Its role.
    pub role: Option<String>,
    /// How much the process depends on it.
    pub criticality: Option<&'static str>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What happens to the process when it fails or is misused.
    pub consequence: Option<String>,
    /// Where in the plant it is.
    pub location: Option<String>,
}

/// A role.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// What it may do at all.
    pub verbs: String,
    /// What it may do over single protocols.
    pub protocols: Vec<(String, String)>,
    /// Who plays it.
    pub assets: Vec<String>,
    /// Whether what it forbids is counted only.
    pub shadow: bool,
}

/// A conduit or a permit.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Conduit {
    /// Its name; of a permit the work order.
    pub name: String,
    /// Whether it is a permit.
    pub permit: bool,
    /// Who asks.
    pub from: End,
    /// Who answers.
    pub to: End,
    /// Whether each of both may ask.
    pub both_directions: bool,
    /// The role that a permit's client plays meanwhile.
    pub role: Option<String>,
    /// Who answers for what violates it.
    pub owner: Option<String>,
    /// What they do.
    pub action: Option<String>,
    /// How bad it is.
    pub severity: Option<Severity>,
    /// By when they do it.
    pub respond_within: Option<String>,
    /// What it allows.
    pub statements: Vec<Statement>,
}

/// One end of a conduit.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct End {
    /// Who is meant, such as `role plc in zone cell-1`.
    pub words: Vec<String>,
    /// The zones in which those are that are meant, by name.
    pub zones: Vec<String>,
}

/// One thing that is allowed.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Statement {
    /// What verdicts call it, as a number.
    pub id: u32,
    /// The file that states it.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The protocols; all where there is none.
    pub protocols: Vec<String>,
    /// The verbs.
    pub verbs: String,
    /// What it asks for beside protocols and verbs: a noun and the words, such as `targets` and `holding:100-119`.
    pub terms: Vec<(&'static str, String)>,
    /// The first moment at which it holds.
    pub valid_from: Option<Timestamp>,
    /// The first moment at which it holds no longer.
    pub valid_until: Option<Timestamp>,
    /// Whether it asks for encryption.
    pub encryption: bool,
    /// Whether it bounds the values of writes.
    pub bounds_values: bool,
    /// Whether it is for certain users, certificates or applications alone.
    pub names_identities: bool,
    /// Whether what it decides is counted only.
    pub shadow: bool,
}

impl Outline {
    /// What a policy states.
    pub fn of(loaded: &Loaded) -> Self {
        let (raw, policy) = (loaded.raw(), &loaded.policy);
        let clerk = Clerk { policy, raw: &raw };
        Self {
            site: policy.site.name.clone(),
            owner: policy.site.owner.clone(),
            criticality: policy.site.criticality.name(),
            version: policy.version.clone(),
            files: loaded.texts.iter().map(|text| text.name.clone()).collect(),
            zones: clerk.zones(),
            assets: clerk.assets(),
            roles: clerk.roles(),
            conduits: clerk.conduits(),
            invariants: texts(&raw.invariants),
        }
    }
}

/// The words of a list.
fn texts(words: &[crate::node::Word]) -> Vec<String> {
    words.iter().map(|word| word.text.clone()).collect()
}

/// The words of a list, in one text.
fn joined(words: &[crate::node::Word]) -> String {
    texts(words).join(", ")
}

/// A word that may not be there.
fn text(word: Option<&crate::node::Word>) -> Option<String> {
    word.map(|word| word.text.clone())
}

/// Where an asset is behind another, in words.
fn seat(seat: &raw::Seat) -> Option<String> {
    let behind = &seat.behind.as_ref()?.text;
    Some(match (&seat.unit, &seat.rack, &seat.slot) {
        (Some(unit), ..) => format!("unit {} behind {behind}", unit.text),
        (None, Some(rack), Some(slot)) => {
            format!("rack {} slot {} behind {behind}", rack.text, slot.text)
        }
        _ => format!("behind {behind}"),
    })
}
