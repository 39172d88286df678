//! What flows, channels and hosts cost in memory, counted, and whether it stays the same.
//!
//! `cargo bench -p bench --bench memory` prints bytes on the heap of an engine that judges by policy and rules. Counts do not depend
//! on the machine.

use bench::{Held, Kind, Plant};
use engine::Judges;

fn main() {
    println!("{FLOWS} flows among {HOSTS} clients and as many servers");
    println!(
        "{:<8} {:>12} {:>12} {:>12} {:>12} {:>10} {:>8} {:>9}",
        "", "opened", "8 turns", "16", "32", "bytes/flow", "evicted", "forgotten"
    );
    Kind::ALL.into_iter().for_each(flows);
    println!("\n{:<8} {:>14}", "", "bytes/host");
    hosts();
}

/// Prints what all flows take once they are open, and after so many turns of each.
fn flows(kind: Kind) {
    let mut held = Held::open(judges(), Plant::among(kind, FLOWS, HOSTS));
    let mut columns = vec![held.bytes()];
    for turns in [8, 8, 16] {
        held.turns(turns);
        columns.push(held.bytes());
    }
    let tally = held.engine().tally();
    print!("{:<8}", kind.name());
    columns.iter().for_each(|bytes| print!(" {bytes:>12}"));
    let opened = columns.first().copied().unwrap_or(0);
    println!(
        " {:>10} {:>8} {:>9}",
        opened / u64::from(FLOWS),
        tally.count(model::Counter::FlowsEvicted),
        tally.count(model::Counter::LimitJudgements),
    );
}

/// Prints what a host takes: as many flows among few hosts and among many.
fn hosts() {
    let opened = |hosts| Held::open(judges(), Plant::among(Kind::Modbus, 10_000, hosts)).bytes();
    let (few, many) = (opened(100), opened(5_000));
    println!(
        "{:<8} {:>14}",
        "modbus",
        many.saturating_sub(few) / (2 * (5_000 - 100))
    );
}

fn judges() -> Judges {
    let mut judges = bench::judges(Kind::Modbus, 1).unwrap_or_default();
    judges.baseline = None;
    judges
}

const FLOWS: u32 = 100_000;
const HOSTS: u16 = 500;
