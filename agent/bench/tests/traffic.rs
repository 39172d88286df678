//! The traffic that figures rest on is what it is said to be.

#![cfg(test)]

use bench::{Frames, Kind, Memory, Plant, traffic};
use engine::{Judges, Mode};
use model::Counter;

#[test]
fn it_is_the_same_each_time() {
    for kind in Kind::ALL {
        let [first, second] = [(); 2].map(|()| pcap(&traffic(kind, 20, 40)));
        assert!(first == second, "{}", kind.name());
    }
}

fn pcap(frames: &Frames) -> Vec<u8> {
    let mut bytes = Frames::PCAP_HEADER.to_vec();
    frames.write_pcap(frames.len(), &mut bytes).unwrap();
    bytes
}

#[test]
fn of_the_frames_of_a_mix_three_of_ten_are_foreign() {
    let mut plant = Plant::new(Kind::Mix, 40);
    let mut frames = Frames::default();
    (0..Plant::ROUND).for_each(|_| plant.turn(&mut frames));
    // the second half of a source's hardware address says what network it is in
    let is_foreign = |bytes: &[u8]| matches!(bytes.get(7), Some(2 | 3));
    let foreign = frames.frames().filter(|frame| is_foreign(frame.bytes));
    assert_eq!(foreign.count() * 10, frames.len() * 3);
}

#[test]
fn every_message_is_read_and_nothing_else() {
    for (kind, pairs) in [
        (Kind::Modbus, [40, 0, 0]),
        (Kind::S7, [0, 40, 0]),
        (Kind::OpcUa, [0, 0, 40]),
        (Kind::Mix, [12, 8, 8]),
    ] {
        let mut engine = bench::engine(Judges::default(), Mode::Judge);
        for frame in traffic(kind, 40, TURNS).frames() {
            engine.frame(&frame);
        }
        engine.finish();
        let summary = engine.summary();
        // a connection of S7 begins with two exchanges, one of OPC UA with six
        for (name, pairs, opening) in [
            ("modbus", pairs[0], 0),
            ("s7", pairs[1], 4),
            ("opcua", pairs[2], 12),
        ] {
            let counted = summary.protocols.iter().find(|it| it.protocol == name);
            let messages = counted.map_or(0, |it| it.messages);
            let expected = pairs * (opening + 2 * u64::from(TURNS));
            assert_eq!(messages, expected, "{} {name}", kind.name());
        }
        for counter in [
            Counter::SegmentsRefused,
            Counter::Duplicates,
            Counter::FramesTruncated,
        ] {
            assert_eq!(summary.tally.count(counter), 0, "{counter:?}");
        }
    }
}

#[test]
fn what_it_is_judged_by_loads() {
    for memory in [Memory::Kept, Memory::Anew] {
        bench::read_policy(bench::ten_statements(memory)).unwrap();
        bench::read_policy(bench::own_conduits(10, memory)).unwrap();
    }
    bench::read_policy(bench::reading_alone()).unwrap();
    let rules = bench::sixty_rules().unwrap();
    assert_eq!(rules.len() + COUNTED, 60);
    assert!(rules.examine().is_empty());
}

const TURNS: u32 = 41;
/// How many of the rules reach no person.
const COUNTED: usize = 6;
