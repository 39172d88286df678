//! Where a direction begins of which no SYN was seen.

use model::Counter::{
    FlowsOpened, GapBytes, Gaps, LimitFlowBuffer, SegmentsEarly, SegmentsInOrder, SegmentsRepeated,
};

use super::stage::{Stage, check};
use super::wire::{c, s};
use crate::Limits;

#[test]
fn the_first_data_wait_for_what_the_receiver_lacks_before_them() {
    check(
        &[
            s(512, "late").ack(103),
            c(103, "").ack(500).at_ms(1),
            c(103, "").ack(500).at_ms(900),
            s(500, "early words:").ack(103).at_ms(1_900),
            c(103, "ok").ack(516).at_ms(1_901),
        ],
        &[
            "1 open 502 1000 midway",
            "4 > early words:",
            "1 > late",
            "5 < ok",
            "5 close",
        ],
        &[(FlowsOpened, 1), (SegmentsInOrder, 3)],
    );
}

#[test]
fn a_silent_direction_begins_where_its_peer_acknowledged() {
    check(
        &[
            c(103, "ask").ack(500),
            s(506, "second").ack(106).at_ms(1),
            c(106, "").ack(500).at_ms(2),
            s(500, "first,second").ack(106).at_ms(900),
        ],
        &[
            "1 open 1000 502 midway",
            "1 > ask",
            "4 < first,",
            "2 < second",
            "4 close",
        ],
        &[(FlowsOpened, 1), (SegmentsInOrder, 3)],
    );
}

#[test]
fn an_answer_tells_that_the_first_data_were_the_first() {
    check(
        &[
            c(103, "ask").ack(500),
            s(500, "answer").ack(106),
            c(100, "oldask").ack(506),
            c(106, "more").ack(506),
        ],
        &[
            "1 open 1000 502 midway",
            "1 > ask",
            "2 < answer",
            "4 > more",
            "4 close",
        ],
        &[
            (FlowsOpened, 1),
            (SegmentsInOrder, 3),
            (SegmentsRepeated, 1),
        ],
    );
}

#[test]
fn what_comes_from_before_the_first_data_while_they_wait_is_an_earlier_start() {
    check(
        &[
            c(106, "three").ack(500),
            c(100, "one").ack(500),
            c(103, "two").ack(500),
            s(500, "answer").ack(111),
        ],
        &[
            "1 open 1000 502 midway",
            "2 > one",
            "3 > two",
            "1 > three",
            "4 < answer",
            "4 close",
        ],
        &[(FlowsOpened, 1), (SegmentsInOrder, 4)],
    );
}

#[test]
fn a_segment_that_reaches_back_brings_what_is_before_and_after_the_first_data() {
    check(
        &[
            c(103, "two").ack(500),
            c(100, "onetwosix").ack(500),
            s(500, "answer").ack(109),
        ],
        &[
            "1 open 1000 502 midway",
            "2 > one",
            "1 > two",
            "2 > six",
            "3 < answer",
            "3 close",
        ],
        &[(FlowsOpened, 1), (SegmentsInOrder, 3)],
    );
    check(
        &[
            c(103, "two").ack(500),
            s(500, "answer").ack(106),
            c(100, "onetwosix").ack(506),
        ],
        &[
            "1 open 1000 502 midway",
            "1 > two",
            "2 < answer",
            "3 > six",
            "3 close",
        ],
        &[(FlowsOpened, 1), (SegmentsInOrder, 3)],
    );
}

#[test]
fn what_stays_missing_before_the_first_data_is_no_gap() {
    check(
        &[
            c(103, "two").ack(500),
            s(500, "old").ack(90).at_ms(1),
            s(503, "new").ack(106).at_ms(30),
        ],
        &[
            "1 open 1000 502 midway",
            "2 < old",
            "1 > two",
            "3 < new",
            "3 close",
        ],
        &[(FlowsOpened, 1), (SegmentsInOrder, 3)],
    );
    check(
        &[
            c(100, "one").ack(500),
            s(600, "far").ack(103).at_ms(1),
            c(103, "two").ack(603).at_ms(30),
        ],
        &[
            "1 open 1000 502 midway",
            "1 > one",
            "2 < far",
            "3 > two",
            "3 close",
        ],
        &[(FlowsOpened, 1), (SegmentsInOrder, 3)],
    );
}

#[test]
fn a_hole_behind_the_first_data_is_a_gap() {
    check(
        &[
            c(100, "one").ack(500),
            c(106, "six").ack(500).at_ms(1),
            s(500, "answer").ack(103).at_ms(2),
        ],
        &[
            "1 open 1000 502 midway",
            "1 > one",
            "3 < answer",
            "2 > gap 3",
            "2 > six",
            "3 close",
        ],
        &[
            (FlowsOpened, 1),
            (SegmentsInOrder, 2),
            (SegmentsEarly, 1),
            (Gaps, 1),
            (GapBytes, 3),
        ],
    );
}

#[test]
fn where_nobody_answers_the_first_data_wait_as_long_as_for_a_hole() {
    let mut stage = Stage::new(Limits::default());
    stage.play_all(&[c(100, "one"), c(103, "two").at_ms(10)]);
    stage.advance_ms(400);
    assert_eq!(stage.script.lines.len(), 1);
    stage.advance_ms(520);
    stage.check(
        &["1 open 1000 502 midway", "1 > one", "2 > two"],
        &[(FlowsOpened, 1), (SegmentsInOrder, 2)],
    );
}

#[test]
fn what_a_bound_leaves_no_room_for_ends_the_wait_for_the_start() {
    let mut stage = Stage::new(Limits {
        flow_segments: 2,
        ..Limits::default()
    });
    stage.play_all(&[c(100, "one"), c(103, "two"), c(106, "six")]);
    let lines = ["1 open 1000 502 midway", "1 > one", "2 > two", "3 > six"];
    let counted = [(FlowsOpened, 1), (SegmentsInOrder, 3), (LimitFlowBuffer, 1)];
    stage.check(&lines, &counted);
    assert_eq!(stage.flows.shared.held, 0);
}

#[test]
fn a_syn_that_is_shown_after_data_tells_where_they_begin() {
    check(
        &[
            c(103, "two").ack(500),
            c(99, "").flags("S"),
            c(100, "one").ack(500),
        ],
        &["1 open 1000 502 midway", "3 > one", "1 > two", "3 close"],
        &[(FlowsOpened, 1), (SegmentsInOrder, 2)],
    );
}
