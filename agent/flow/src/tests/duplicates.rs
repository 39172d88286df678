//! What the mirror shows twice, and what hosts repeat.

use model::Counter::{
    Duplicates, FlowsOpened, SegmentsConflicting, SegmentsInOrder, SegmentsRepeated,
};
use model::LinkType;

use super::stage::{Stage, check};
use super::wire::{Shot, c, udp};
use crate::Limits;

#[test]
fn a_copy_of_a_segment_is_a_duplicate_whatever_way_it_came() {
    check(
        &[
            c(100, "one").id(7),
            c(100, "one").id(7),
            c(100, "one").id(7).vlan(12).ttl(63),
            c(103, "").ack(500).id(8),
            c(103, "").ack(500).id(8),
        ],
        &["1 open 1000 502 midway", "1 > one", "4 close"],
        &[(FlowsOpened, 1), (SegmentsInOrder, 1), (Duplicates, 3)],
    );
}

#[test]
fn copies_may_come_after_other_frames_of_their_flow() {
    check(
        &[
            c(100, "one").id(7),
            c(103, "two").id(8),
            c(100, "one").id(7),
            c(103, "two").id(8),
        ],
        &["1 open 1000 502 midway", "1 > one", "2 > two", "2 close"],
        &[(FlowsOpened, 1), (SegmentsInOrder, 2), (Duplicates, 2)],
    );
}

#[test]
fn what_the_host_sends_again_is_a_repetition() {
    check(
        &[
            c(100, "one").id(7),
            c(100, "one").id(8),
            c(100, "one").id(7).at_ms(50),
            c(103, "two").id(0),
            c(103, "two").id(0),
            c(103, "two").id(0).ttl(63),
        ],
        &["1 open 1000 502 midway", "1 > one", "4 > two", "5 close"],
        &[
            (FlowsOpened, 1),
            (SegmentsInOrder, 2),
            (SegmentsRepeated, 3),
            (Duplicates, 1),
        ],
    );
}

#[test]
fn a_copy_with_other_bytes_is_a_conflict() {
    check(
        &[
            c(99, "one").flags("S").id(7),
            c(100, "two").id(7),
            c(100, "onetwo").id(8),
        ],
        &[
            "1 open 1000 502",
            "1 > one",
            "2 > conflict",
            "3 > two",
            "3 close",
        ],
        &[
            (FlowsOpened, 1),
            (SegmentsInOrder, 2),
            (SegmentsConflicting, 1),
        ],
    );
}

fn play_datagrams(frames: &[Shot]) -> Stage {
    let mut stage = Stage::new(Limits::default());
    frames.iter().for_each(|frame| stage.play(frame));
    stage
}

#[test]
fn datagrams_that_only_look_alike_are_all_heard() {
    let datagram = |id, ttl: u8, data: &[u8]| {
        let mut bytes = udp(([10, 0, 0, 1], 1000), ([10, 0, 0, 2], 502), id, data);
        bytes[14 + 8] = ttl;
        Shot::new(LinkType::Ethernet, bytes)
    };
    let stage = play_datagrams(&[
        datagram(7, 64, b"a"),
        datagram(7, 64, b"a"),
        datagram(8, 64, b"a"),
        datagram(7, 64, b"a").at_ms(60),
        datagram(0, 64, b"b").at_ms(60),
        datagram(0, 64, b"b").at_ms(60),
        datagram(0, 63, b"b").at_ms(60),
        datagram(0, 64, b"c").at_ms(60),
    ]);
    stage.check(
        &[
            "1 open 1000 502",
            "1 > a",
            "3 > a",
            "4 > a",
            "5 > b",
            "6 > b",
            "8 > c",
        ],
        &[(FlowsOpened, 1), (Duplicates, 2)],
    );
}
