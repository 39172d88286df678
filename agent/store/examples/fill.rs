//! Fills a store as a long dead link leaves it: `fill STORE INCIDENTS SINK…` records so many incidents that none of the
//! sinks has taken.

use std::error::Error;

use model::{Because, Incident, IncidentOutcome, IncidentParty, Kind, Severity, Timestamp};
use store::Store;

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let path = words.next().ok_or(USAGE)?;
    let incidents: i64 = words.next().ok_or(USAGE)?.parse()?;
    let mut store = Store::open(path)?;
    let sinks: Vec<_> = words.collect();
    for sink in &sinks {
        store.register_sink(sink)?;
    }
    for first in (0..incidents).step_by(AT_ONCE) {
        let last = incidents.min(first + AT_ONCE as i64);
        let some: Vec<_> = (first..last).map(incident).collect();
        store.record(&some)?;
    }
    for sink in &sinks {
        println!("{} records wait for {sink}", store.outbox_len(sink)?);
    }
    Ok(())
}

/// One that says about as much as those of a plant.
fn incident(number: i64) -> Incident {
    let seen = Timestamp::from_nanos(1_767_323_045_000_000_000 + number * 1_000_000);
    let party = |last| IncidentParty {
        ip: Some([10, 1, (number / 250 % 250) as u8, last].into()),
        mac: Some("00:0c:29:1a:10:10".into()),
        asset: Some(format!("asset-{last}")),
        zone: Some("cell-1".into()),
        ..IncidentParty::default()
    };
    Incident {
        id: format!("{number:016x}"),
        kind: Kind::Policy,
        rule: "policy.no_conduit".into(),
        also: Vec::new(),
        title: "write without conduit".into(),
        sentence: "an office computer wrote holding registers 40 to 43 of the mixer's controller, and it did so".into(),
        severity: Severity::High,
        priority: 1,
        confidence: 90,
        outcome: IncidentOutcome::Succeeded,
        count: 1,
        first: seen,
        last: seen,
        frames: vec![number.unsigned_abs()],
        client: Some(party(1)),
        server: Some(party(2)),
        protocol: Some("modbus".into()),
        verb: Some("write".into()),
        target: Some("unit 1 holding:40-43".into()),
        because: Because::default(),
        technique: Some("T0855".into()),
        owner: "controls".into(),
        action: "ask the shift whether that was planned, and stop the computer where it was not".into(),
        consequence: "the mixer runs with another recipe".into(),
        respond_within: "15m".into(),
        site: "north".into(),
        sensor: "sensor-1".into(),
    }
}

/// How many are written in one transaction.
const AT_ONCE: usize = 1_000;
const USAGE: &str = "usage: fill STORE INCIDENTS SINK…";
