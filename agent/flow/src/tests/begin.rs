//! How conversations begin and end.

use model::Counter::{
    FlowsClosed, FlowsIdle, FlowsOpened, GapBytes, Gaps, SegmentsEarly, SegmentsInOrder,
    SegmentsRepeated,
};

use super::stage::{Stage, check};
use super::wire::{c, s};
use crate::Limits;

#[test]
fn the_receiver_of_a_syn_ack_is_the_first_end() {
    check(
        &[s(499, "").flags("S").ack(100), s(500, "hi"), c(100, "ho")],
        &["1 open 1000 502", "2 < hi", "3 > ho", "3 close"],
        &[(FlowsOpened, 1), (SegmentsInOrder, 2)],
    );
}

#[test]
fn without_a_syn_the_sender_of_the_first_data_is_the_first_end() {
    check(
        &[
            c(100, "").ack(500),
            s(500, "hi").ack(100),
            c(100, "ho").ack(502),
        ],
        &["2 open 502 1000 midway", "2 > hi", "3 < ho", "3 close"],
        &[(FlowsOpened, 1), (SegmentsInOrder, 2)],
    );
}

#[test]
fn what_carries_no_data_begins_no_flow() {
    check(
        &[
            c(100, "").ack(500),
            c(100, "").flags("F").ack(500),
            s(500, "").flags("R"),
            c(99, "\0").ack(500),
        ],
        &[],
        &[],
    );
}

#[test]
fn data_in_a_syn_is_data() {
    check(
        &[
            c(99, "hi").flags("S"),
            c(102, "ho"),
            c(99, "hi").flags("S").at_ms(300),
        ],
        &["1 open 1000 502", "1 > hi", "2 > ho", "3 close"],
        &[
            (FlowsOpened, 1),
            (SegmentsInOrder, 2),
            (SegmentsRepeated, 1),
        ],
    );
}

#[test]
fn a_syn_with_another_number_begins_another_conversation() {
    check(
        &[
            c(99, "").flags("S"),
            c(99, "").flags("S").at_ms(900),
            c(100, "one"),
            c(7_000, "").flags("S"),
            c(7_001, "two"),
        ],
        &[
            "1 open 1000 502",
            "3 > one",
            "3 close",
            "4 open 1000 502",
            "5 > two",
            "5 close",
        ],
        &[(FlowsOpened, 2), (FlowsClosed, 1), (SegmentsInOrder, 2)],
    );
}

#[test]
fn stragglers_belong_to_the_conversation_that_is_over() {
    check(
        &[
            c(100, "one"),
            s(500, "two").flags("F").ack(103),
            c(103, "").flags("F").ack(504),
            s(500, "two").ack(103).at_ms(900),
            s(504, "").ack(104).at_ms(901),
        ],
        &["1 open 1000 502 midway", "1 > one", "2 < two", "5 close"],
        &[
            (FlowsOpened, 1),
            (FlowsClosed, 1),
            (SegmentsInOrder, 2),
            (SegmentsRepeated, 1),
        ],
    );
}

#[test]
fn a_flow_that_is_over_is_forgotten_after_a_while() {
    let mut stage = Stage::new(Limits::default());
    stage.play_all(&[c(100, "one"), s(500, "").flags("R")]);
    stage.advance_ms(10_000);
    assert_eq!(stage.flows.len(), 1);
    stage.advance_ms(12_000);
    assert_eq!(stage.flows.len(), 0);
    stage.check(
        &["1 open 1000 502 midway", "1 > one", "2 close"],
        &[(FlowsOpened, 1), (FlowsClosed, 1), (SegmentsInOrder, 1)],
    );
}

#[test]
fn data_after_a_reset_that_the_hosts_refused_are_heard() {
    let mut stage = Stage::new(Limits::default());
    stage.play_all(&[
        c(100, "one"),
        c(103, "").flags("R"),
        c(103, "two"),
        c(9_000_000, "").flags("R"),
        c(106, "three").at_ms(60_000),
    ]);
    stage.check(
        &["1 open 1000 502 midway", "1 > one", "3 > two", "5 > three"],
        &[(FlowsOpened, 1), (SegmentsInOrder, 3)],
    );
}

#[test]
fn data_far_from_a_conversation_that_is_over_begin_another() {
    check(
        &[c(100, "one"), c(103, "").flags("R"), c(9_000_000, "two")],
        &[
            "1 open 1000 502 midway",
            "1 > one",
            "2 close",
            "3 open 1000 502 midway",
            "3 > two",
            "3 close",
        ],
        &[(FlowsOpened, 2), (FlowsClosed, 1), (SegmentsInOrder, 2)],
    );
}

#[test]
fn one_far_segment_is_not_believed() {
    check(
        &[c(100, "one"), c(9_000_000, "bad"), c(103, "two")],
        &["1 open 1000 502 midway", "1 > one", "3 > two", "3 close"],
        &[(FlowsOpened, 1), (SegmentsInOrder, 2), (SegmentsEarly, 1)],
    );
}

#[test]
fn two_far_segments_that_agree_move_the_stream() {
    check(
        &[c(100, "one"), c(9_000_000, "two"), c(9_000_003, "three")],
        &[
            "1 open 1000 502 midway",
            "1 > one",
            "2 > gap 8999897",
            "2 > two",
            "3 > three",
            "3 close",
        ],
        &[
            (FlowsOpened, 1),
            (SegmentsInOrder, 2),
            (SegmentsEarly, 1),
            (Gaps, 1),
            (GapBytes, 8_999_897),
        ],
    );
}

#[test]
fn two_segments_from_far_behind_are_another_conversation() {
    check(
        &[c(9_000_000, "one"), c(100, "two"), c(103, "three")],
        &[
            "1 open 1000 502 midway",
            "1 > one",
            "2 close",
            "3 open 1000 502 midway",
            "2 > two",
            "3 > three",
            "3 close",
        ],
        &[
            (FlowsOpened, 2),
            (FlowsClosed, 1),
            (SegmentsInOrder, 2),
            (SegmentsEarly, 1),
        ],
    );
}

#[test]
fn a_silent_flow_is_forgotten_by_what_it_had_become() {
    let expired = |idle_ms: i64, stage: &mut Stage| {
        stage.advance_ms(idle_ms);
        assert_eq!(stage.flows.len(), 1, "{idle_ms}");
        stage.advance_ms(idle_ms + 2_000);
        assert_eq!(stage.flows.len(), 0, "{idle_ms}");
    };
    let mut stage = Stage::new(Limits::default());
    stage.play_all(&[c(99, "").flags("S")]);
    expired(60_000, &mut stage);
    let mut stage = Stage::new(Limits::default());
    stage.play_all(&[c(99, "").flags("S"), s(499, "").flags("S").ack(100)]);
    expired(3_600_000, &mut stage);
    stage.check(
        &["1 open 1000 502", "2 close"],
        &[(FlowsOpened, 1), (FlowsIdle, 1)],
    );
}

#[test]
fn a_frame_after_the_idle_time_begins_another_flow() {
    check(
        &[c(100, "one"), c(103, "two").at_ms(3_700_000)],
        &[
            "1 open 1000 502 midway",
            "1 > one",
            "1 close",
            "2 open 1000 502 midway",
            "2 > two",
            "2 close",
        ],
        &[(FlowsOpened, 2), (FlowsIdle, 1), (SegmentsInOrder, 2)],
    );
}
