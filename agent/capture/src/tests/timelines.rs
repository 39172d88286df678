//! Several files as one timeline.

use super::built::{LITTLE, written};
use crate::Timeline;

/// A pcap with a frame at each of these seconds, and then this.
fn pcap(seconds: &[u32], rest: &[u8]) -> Vec<u8> {
    let frames = seconds.iter();
    let frames = frames.flat_map(|second| LITTLE.record([*second, 0], 0, b"frame", 5));
    [LITTLE.pcap(0xa1b2_c3d4, 1), frames.collect(), rest.to_vec()].concat()
}

/// The files must give frames of these sources, numbers and seconds, and so many damages.
fn check(files: &[Vec<u8>], expected: &[(u16, u64, i64)], damages: usize) {
    let files: Vec<_> = files.iter().map(|bytes| written(bytes)).collect();
    let mut timeline = Timeline::open(files.iter().map(|file| file.path())).unwrap();
    let mut seen = Vec::new();
    while let Some(frame) = timeline.next() {
        assert_eq!(frame.bytes, b"frame");
        let seconds = frame.time.as_nanos() / 1_000_000_000;
        seen.push((frame.source, frame.number, seconds));
    }
    assert_eq!(seen, expected);
    assert!(timeline.next().is_none(), "over is over");
    assert_eq!(timeline.damages().len(), damages);
    if damages == 0 {
        assert_eq!(timeline.position_bytes(), timeline.len_bytes());
    }
}

#[test]
fn frames_come_in_the_order_of_capture_time() {
    check(
        &[pcap(&[1, 4, 5], b""), pcap(&[2, 3, 6], b"")],
        &[
            (0, 1, 1),
            (1, 1, 2),
            (1, 2, 3),
            (0, 2, 4),
            (0, 3, 5),
            (1, 3, 6),
        ],
        0,
    );
}

#[test]
fn of_two_frames_at_one_time_that_of_the_earlier_file_comes_first() {
    check(
        &[pcap(&[2, 2], b""), pcap(&[1, 2], b""), pcap(&[2], b"")],
        &[(1, 1, 1), (0, 1, 2), (0, 2, 2), (1, 2, 2), (2, 1, 2)],
        0,
    );
}

#[test]
fn a_clock_that_steps_back_keeps_the_order_of_its_file() {
    check(
        &[pcap(&[5, 1], b""), pcap(&[4, 6], b"")],
        &[(1, 1, 4), (0, 1, 5), (0, 2, 1), (1, 2, 6)],
        0,
    );
}

#[test]
fn one_file_or_none_is_a_timeline_too() {
    check(&[pcap(&[1, 2], b"")], &[(0, 1, 1), (0, 2, 2)], 0);
    check(&[], &[], 0);
    check(&[pcap(&[], b""), pcap(&[], b"")], &[], 0);
}

#[test]
fn a_damaged_file_ends_and_the_others_go_on() {
    check(&[pcap(&[1], b"x")], &[(0, 1, 1)], 1);
    check(
        &[pcap(&[1], b"x"), pcap(&[2, 3], b""), pcap(&[], b"xyz")],
        &[(0, 1, 1), (1, 1, 2), (1, 2, 3)],
        2,
    );
}
