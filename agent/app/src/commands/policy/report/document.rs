//! A report as data: what the policy states, joined with what was seen.

use std::collections::BTreeMap;

use engine::Summary;
use model::{Counter, Incident, Timestamp};
use policy::report::{Conduit, Outline, Statement, Zone};
use serde::Serialize;

use super::requirements::{Finding, Requirement};
use super::seen::{Seen, Use};

/// A report.
#[derive(Serialize)]
pub(crate) struct Document {
    /// What the policy states.
    pub(crate) policy: Outline,
    /// The moment for which validity is told.
    pub(crate) as_of: Option<Timestamp>,
    /// What the captures show; nothing without captures.
    pub(crate) observed: Option<Observed>,
    /// For each conduit of the policy its state and use, in the policy's order.
    pub(crate) conduits: Vec<Sheet>,
    /// For each zone of the policy what it comes to.
    pub(crate) zones: Vec<ZoneSheet>,
}

/// What captures show.
#[derive(Serialize)]
pub(crate) struct Observed {
    pub(crate) captures: Vec<String>,
    pub(crate) damages: Vec<String>,
    pub(crate) summary: Summary,
    pub(crate) percent_encrypted: Option<u64>,
    /// What was not seen, each with how often.
    pub(crate) unseen: Vec<(&'static str, u64)>,
    pub(crate) unzoned_hosts: BTreeMap<String, u64>,
    /// Violations near no statement: from zone, to zone, how many.
    pub(crate) strays: Vec<(String, String, u64)>,
    pub(crate) incidents: Vec<Incident>,
}

/// A conduit's state, and the use of each of its statements.
#[derive(Serialize)]
pub(crate) struct Sheet {
    pub(crate) state: State,
    pub(crate) uses: Vec<Use>,
}

/// What a conduit comes to: the first that applies.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Violated,
    Expired,
    Shadow,
    Seen,
    NotSeen,
    Stated,
}

/// What a zone comes to.
#[derive(Serialize)]
pub(crate) struct ZoneSheet {
    pub(crate) within: Option<Use>,
    pub(crate) conduits_in: Vec<String>,
    pub(crate) conduits_out: Vec<String>,
    pub(crate) incidents: Vec<String>,
    pub(crate) requirements: Vec<Finding>,
}

impl State {
    pub(crate) const ALL: [Self; 6] = [
        Self::Violated,
        Self::Expired,
        Self::Shadow,
        Self::Seen,
        Self::NotSeen,
        Self::Stated,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Violated => "violated",
            Self::Expired => "expired",
            Self::Shadow => "shadow",
            Self::Seen => "seen",
            Self::NotSeen => "not seen",
            Self::Stated => "stated",
        }
    }
}

/// What a report is made of.
pub(crate) struct Parts<'a> {
    pub(crate) policy: Outline,
    pub(crate) as_of: Option<Timestamp>,
    pub(crate) seen: Option<(Seen, Summary, Vec<Incident>)>,
    pub(crate) captures: Vec<String>,
    pub(crate) damages: Vec<String>,
    pub(crate) requirements: &'a [Requirement],
}

impl Document {
    pub(crate) fn of(parts: Parts<'_>) -> Self {
        let Parts {
            policy,
            as_of,
            seen,
            captures,
            damages,
            requirements,
        } = parts;
        let nothing = Seen::default();
        let (known, incidents) = seen
            .as_ref()
            .map_or((&nothing, &[][..]), |(seen, _, incidents)| {
                (seen, incidents)
            });
        let is_seen = seen.is_some();
        let conduits = policy.conduits.iter();
        let conduits = conduits
            .map(|conduit| sheet(conduit, known, is_seen, as_of))
            .collect();
        let zones = policy.zones.iter();
        let zones = zones
            .map(|zone| zone_sheet(zone, &policy, known, incidents, requirements))
            .collect();
        let observed = seen.map(|(seen, summary, incidents)| Observed {
            captures,
            damages,
            percent_encrypted: (seen.all.encrypted * 100).checked_div(seen.all.count),
            unseen: unseen(&summary),
            summary,
            unzoned_hosts: seen.unzoned,
            strays: seen
                .strays
                .into_iter()
                .map(|((from, to), n)| (from, to, n))
                .collect(),
            incidents,
        });
        Self {
            policy,
            as_of,
            observed,
            conduits,
            zones,
        }
    }
}

fn used(statement: &Statement, seen: &Seen) -> Use {
    let used = seen.statements.get(&statement.id);
    used.map(|used| used.told(&seen.all.slots))
        .unwrap_or_default()
}

fn sheet(conduit: &Conduit, seen: &Seen, is_seen: bool, as_of: Option<Timestamp>) -> Sheet {
    let statements = &conduit.statements;
    let uses: Vec<_> = statements.iter().map(|it| used(it, seen)).collect();
    let is_expired = |it: &Statement| {
        it.valid_until
            .zip(as_of)
            .is_some_and(|(end, now)| now >= end)
    };
    let any = !statements.is_empty();
    let state = if uses.iter().any(|it| !it.violations.is_empty()) {
        State::Violated
    } else if any && statements.iter().all(is_expired) {
        State::Expired
    } else if any && statements.iter().all(|it| it.shadow) {
        State::Shadow
    } else if !is_seen {
        State::Stated
    } else if uses.iter().any(|it| it.count > 0) {
        State::Seen
    } else {
        State::NotSeen
    };
    Sheet { state, uses }
}

fn zone_sheet(
    zone: &Zone,
    policy: &Outline,
    seen: &Seen,
    incidents: &[Incident],
    requirements: &[Requirement],
) -> ZoneSheet {
    let name = &zone.name;
    let into: Vec<_> = ends(policy, |it| &it.to.zones, |it| &it.from.zones, name);
    let out: Vec<_> = ends(policy, |it| &it.from.zones, |it| &it.to.zones, name);
    let mut notes = seen.zones.get(name).cloned().unwrap_or_default();
    notes.insert("assets_stated", zone.assets.len() as u64);
    if !notes.contains_key("clear_operations") {
        let encrypted = notes.get("encrypted_operations").copied();
        notes.insert(
            "encrypted_operations_and_no_clear_one",
            encrypted.unwrap_or(0),
        );
    }
    let is_here = |incident: &&Incident| {
        let parties = [&incident.client, &incident.server];
        let mut zones = parties
            .into_iter()
            .flatten()
            .filter_map(|it| it.zone.as_ref());
        zones.any(|of| of == name)
    };
    ZoneSheet {
        within: zone.within.as_ref().map(|within| used(within, seen)),
        conduits_in: into.iter().map(|it| it.name.clone()).collect(),
        conduits_out: out.iter().map(|it| it.name.clone()).collect(),
        incidents: incidents
            .iter()
            .filter(is_here)
            .map(|it| it.sentence.clone())
            .collect(),
        requirements: requirements
            .iter()
            .map(|it| it.judge(&notes, zone.security_level))
            .collect(),
    }
}

/// The conduits one end of which is in a zone; of those of both directions either end.
fn ends<'a>(
    policy: &'a Outline,
    end: fn(&Conduit) -> &Vec<String>,
    other: fn(&Conduit) -> &Vec<String>,
    zone: &String,
) -> Vec<&'a Conduit> {
    let conduits = policy.conduits.iter();
    let is =
        |it: &&Conduit| end(it).contains(zone) || it.both_directions && other(it).contains(zone);
    conduits.filter(is).collect()
}

/// What was not seen, each with how often; what never happened is left out.
fn unseen(summary: &Summary) -> Vec<(&'static str, u64)> {
    let count = |counter| summary.tally.count(counter);
    let malformed = summary.protocols.iter().map(|it| it.malformed).sum();
    let unanswered = summary.protocols.iter().map(|it| it.unanswered).sum();
    let of = |verdict| summary.verdicts.get(verdict).copied().unwrap_or(0);
    let all = [
        ("stream bytes lost", count(Counter::GapBytes)),
        ("frames cut short", count(Counter::FramesTruncated)),
        ("messages malformed", malformed),
        ("requests without an answer", unanswered),
        ("flows of other protocols", summary.foreign_flows),
        (
            "operations undecided: encrypted, or their start was not seen",
            of("unknown"),
        ),
        ("operations of hosts in no zone", of("unzoned")),
    ];
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}
