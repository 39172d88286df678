//! Traffic that only looks like a plant's: no protocol of ours is found in it, however its bytes
//! are cut, on whatever port, and also as datagrams. A connection over COTP is what it is; what it
//! carries is not ours.

use std::path::Path;

use model::{Direction, Stamp, Transport};

use super::chance::Chance;
use super::each;
use super::hearing::{Heard, Line, hear, shots, told};
use super::recut::{CUTS, operations, runs, segments};
use crate::captures::captures;
use crate::support::shared;

#[test]
fn nothing_of_ours_is_found_in_what_only_looks_like_it() {
    let Some(folder) = shared("captures/negative") else {
        return;
    };
    let (tried, wrong): (Vec<usize>, Vec<Vec<String>>) =
        each(&captures(&folder), |path| look(path))
            .into_iter()
            .unzip();
    println!("{} runs", tried.iter().sum::<usize>());
    let wrong = wrong.concat();
    assert_eq!(&wrong[..wrong.len().min(SHOWN)], &[] as &[String]);
}

/// How many runs there were over a capture's flows, and what was found in them.
fn look(path: &Path) -> (usize, Vec<String>) {
    let mut tried = 0;
    let mut wrong = Vec::new();
    for heard in hear(&shots(path, usize::MAX)).flows {
        let mut note = |how: &str, lines: &[Line]| {
            tried += 1;
            let place = || format!("{how} {} {:?}", path.display(), heard.ends);
            wrong.extend(ours(lines).map(|operation| format!("{}: {operation}", place())));
        };
        note("as it was", &heard.lines);
        for port in PORTS {
            let ports = heard.ends.map(|end| end.port);
            let ports = port.map_or(ports, |port| [50_000, port]);
            disguise(&heard, ports, &mut note);
        }
    }
    (tried, wrong)
}

/// The bytes of a flow in other segments and as datagrams.
fn disguise(heard: &Heard, ports: [u16; 2], note: &mut dyn FnMut(&str, &[Line])) {
    let pieces = || heard.pieces.iter();
    let as_it_was = pieces().map(|piece| (piece.stamp, piece.from, piece.bytes()));
    let as_it_was: Vec<(Stamp, Direction, &[u8])> = as_it_was.collect();
    for midway in [false, true] {
        for transport in [Transport::Tcp, Transport::Udp] {
            let lines = told(transport, ports, midway, as_it_was.iter().copied());
            note(&format!("{transport:?} to {ports:?}"), &lines);
        }
    }
    let runs = runs(&heard.pieces);
    for seed in 1..=SEEDS {
        for (name, cut) in CUTS {
            let mut chance = Chance::seeded(seed);
            let segments = segments(&runs, cut, &mut chance);
            let lines = told(Transport::Tcp, ports, heard.midway, segments);
            note(&format!("{name} to {ports:?}"), &lines);
        }
    }
}

/// Operations of a protocol of ours.
fn ours(lines: &[Line]) -> impl Iterator<Item = String> + use<> {
    let operations = operations(lines).into_iter();
    operations.filter(|operation| !operation.starts_with("cotp "))
}

/// The ports that flows are moved to: none, each of ours, and one of nobody's.
const PORTS: [Option<u16>; 5] = [None, Some(502), Some(102), Some(4840), Some(40_000)];
/// How many mistakes are shown.
const SHOWN: usize = 12;
/// How often every flow is cut.
const SEEDS: u64 = 2;
