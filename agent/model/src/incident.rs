//! What a person reads: findings with one cause, folded.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{Because, Kind, Severity, Timestamp};

/// Findings with one cause, ranked and worded.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Incident {
    /// Stable: the same capture and policy give the same identifier.
    pub id: String,
    /// Which judge.
    pub kind: Kind,
    /// Stable identifier of the rule, statement or check.
    pub rule: String,
    /// What other judges found in the same messages: their rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// A few words.
    pub title: String,
    /// One plain sentence: who did what to whom, and why that is wrong.
    pub sentence: String,
    /// How bad it would be if it is what it looks like.
    pub severity: Severity,
    /// 1 (now) to 4 (when there is time).
    pub priority: u8,
    /// How sure, in percent.
    pub confidence: u8,
    /// Whether it worked.
    pub outcome: IncidentOutcome,
    /// How many messages were folded.
    pub count: u64,
    /// When the first was seen.
    pub first: Timestamp,
    /// When the last was seen.
    pub last: Timestamp,
    /// Evidence: the first frames, and the last.
    pub frames: Vec<u64>,
    /// Who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<IncidentParty>,
    /// Who was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<IncidentParty>,
    /// The protocol's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// What was meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verb: Option<String>,
    /// What was touched, several in few words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Why, with the place that decided.
    pub because: Because,
    /// ATT&CK for ICS technique.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub technique: Option<String>,
    /// Who does something about it.
    pub owner: String,
    /// What they do.
    pub action: String,
    /// What happens to the process if nobody does.
    pub consequence: String,
    /// By when.
    pub respond_within: String,
    /// The plant.
    pub site: String,
    /// The sensor.
    pub sensor: String,
}

/// Whether what an incident tells of worked: the worst of its messages counts.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum IncidentOutcome {
    /// The server said no.
    Refused,
    /// Nobody answered.
    Unanswered,
    /// Asked; the answer was not seen.
    Attempted,
    /// Done.
    Succeeded,
}

impl fmt::Display for IncidentOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Refused => "refused",
            Self::Unanswered => "unanswered",
            Self::Attempted => "attempted",
            Self::Succeeded => "succeeded",
        })
    }
}

/// A host in an incident.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct IncidentParty {
    /// Network address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// Hardware address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
    /// The asset's name in the policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    /// Its zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Its role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Its functional location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The unit behind the address that the asset is, such as `unit 3` or `rack 0 slot 2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}
