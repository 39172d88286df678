//! What a sensor learnt, as traffic: each fact of a baseline is one behaviour.

use baseline::{Baseline, Row};
use model::Unit;
use policy::draft::{Observed, Station, Traffic};

/// What a baseline does not hold.
pub(super) const UNTOLD: [&str; 3] = [
    "A baseline does not hold hours, refusals, values, hardware addresses of hosts behind IP, VLANs, or what devices say of",
    "themselves: shares of time are missing, units that never answered are not told from others, and answers whose request was",
    "missed are not there. Draft from captures to have these.",
];

/// Adds every fact.
pub(super) fn gather(baseline: &Baseline, traffic: &mut Traffic) {
    let rows: Vec<Row> = baseline.rows().collect();
    let mut units = Vec::new();
    for row in &rows {
        let Some((server, unit)) = add(row, traffic) else {
            continue;
        };
        units.extend(unit.map(|unit| (server, unit)));
    }
    for (server, unit) in units {
        traffic.answered(server, unit);
    }
}

/// Adds a fact; answers whose unit it is about.
fn add(row: &Row, traffic: &mut Traffic) -> Option<(Station, Option<Unit>)> {
    let mut words = row.key.splitn(7, ' ');
    let (client, server) = (station(words.next()?)?, station(words.next()?)?);
    let protocol = words.next()?;
    let unit = unit(words.next()?);
    let verb = words.next()?.parse().ok()?;
    let function = words.next()?;
    let target = words.next()?;
    let observed = Observed {
        client,
        server,
        unit,
        protocol,
        function: function.split(':').next().unwrap_or(function),
        verb,
        target: match target {
            "-" => None,
            named => Some(named.strip_prefix('=').unwrap_or(named)),
        },
        count: row.count,
        between: [row.first, row.last],
    };
    traffic.add(&observed).then_some((server, unit))
}

fn station(text: &str) -> Option<Station> {
    let ip = text.parse().ok().map(Station::Ip);
    ip.or_else(|| text.parse().ok().map(Station::Mac))
}

/// `unit:1`, `slot:0/2`, or `-` where there is none.
fn unit(text: &str) -> Option<Unit> {
    match text.split_once(':')? {
        ("unit", id) => id.parse().ok().map(Unit::Id),
        ("slot", place) => {
            let (rack, slot) = place.split_once('/')?;
            Some(Unit::Slot {
                rack: rack.parse().ok()?,
                slot: slot.parse().ok()?,
            })
        }
        _ => None,
    }
}
