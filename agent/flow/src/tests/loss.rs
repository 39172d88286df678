//! Holes: when they are given up, and when not.

use model::Counter::{
    FlowsClosed, FlowsOpened, GapBytes, Gaps, LimitAllBuffers, LimitFlowBuffer, PacketsShort,
    SegmentsEarly, SegmentsInOrder, SegmentsRepeated,
};

use super::stage::{Stage, check};
use super::wire::{Seg, c, s};
use crate::Limits;

#[test]
fn a_hole_that_the_receiver_acknowledged_is_given_up_soon() {
    check(
        &[
            c(100, "one").ack(500),
            s(500, "two").ack(106).at_ms(10),
            s(503, "six").ack(106).at_ms(59),
            s(506, "ten").ack(106).at_ms(60),
        ],
        &[
            "1 open 1000 502 midway",
            "1 > one",
            "2 < two",
            "3 < six",
            "2 > gap 3",
            "4 < ten",
            "4 close",
        ],
        &[
            (FlowsOpened, 1),
            (SegmentsInOrder, 4),
            (Gaps, 1),
            (GapBytes, 3),
        ],
    );
}

#[test]
fn an_acknowledgement_that_was_shown_before_its_data_loses_nothing() {
    check(
        &[
            c(100, "one"),
            s(500, "two").ack(106),
            c(103, "new").ack(503),
            s(503, "six").ack(109),
            c(106, "far").ack(506),
        ],
        &[
            "1 open 1000 502 midway",
            "1 > one",
            "2 < two",
            "3 > new",
            "4 < six",
            "5 > far",
            "5 close",
        ],
        &[(FlowsOpened, 1), (SegmentsInOrder, 5)],
    );
}

#[test]
fn a_hole_behind_which_much_is_held_is_given_up_when_it_is_acknowledged() {
    let mut segments = vec![c(100, "one").ack(500), s(500, "!").ack(200)];
    segments.extend((0..16).map(|n| c(110 + n, "x")));
    let mut stage = Stage::new(Limits::default());
    stage.play_all(&segments[..17]);
    assert_eq!(stage.script.lines.len(), 3);
    stage.play_all(&segments[17..]);
    assert_eq!(stage.script.lines[3..5], ["3 > gap 7", "3 > x"]);
    assert_eq!(stage.script.lines.len(), 20);
}

#[test]
fn a_hole_on_a_quiet_port_is_given_up_by_the_clock() {
    let mut stage = Stage::new(Limits::default());
    stage.play_all(&[c(99, "one").flags("S"), c(106, "six").at_ms(10)]);
    stage.advance_ms(400);
    assert_eq!(stage.script.lines.len(), 2);
    stage.advance_ms(520);
    stage.check(
        &["1 open 1000 502", "1 > one", "2 > gap 3", "2 > six"],
        &[
            (FlowsOpened, 1),
            (SegmentsInOrder, 1),
            (SegmentsEarly, 1),
            (Gaps, 1),
            (GapBytes, 3),
        ],
    );
}

#[test]
fn what_comes_after_its_hole_was_given_up_is_repeated() {
    check(
        &[c(100, "one"), c(106, "six"), c(103, "two").at_ms(600)],
        &[
            "1 open 1000 502 midway",
            "1 > one",
            "2 > gap 3",
            "2 > six",
            "3 close",
        ],
        &[
            (FlowsOpened, 1),
            (SegmentsInOrder, 1),
            (SegmentsEarly, 1),
            (SegmentsRepeated, 1),
            (Gaps, 1),
            (GapBytes, 3),
        ],
    );
}

#[test]
fn a_late_retransmission_of_what_the_receiver_lacks_fills_the_hole() {
    check(
        &[
            c(100, "one").ack(500),
            c(106, "six").ack(500).at_ms(10),
            s(500, "").ack(103).at_ms(11),
            c(103, "two").ack(500).at_ms(3011),
            c(109, "ten").ack(500).at_ms(3012),
        ],
        &[
            "1 open 1000 502 midway",
            "1 > one",
            "4 > two",
            "2 > six",
            "5 > ten",
            "5 close",
        ],
        &[(FlowsOpened, 1), (SegmentsInOrder, 3), (SegmentsEarly, 1)],
    );
}

#[test]
fn what_the_receiver_lacked_and_then_acknowledged_is_given_up_soon() {
    check(
        &[
            c(100, "one").ack(500),
            c(106, "six").ack(500).at_ms(10),
            s(500, "").ack(103).at_ms(11),
            s(500, "yes").ack(109).at_ms(12),
            s(503, "end").ack(109).at_ms(62),
        ],
        &[
            "1 open 1000 502 midway",
            "1 > one",
            "4 < yes",
            "2 > gap 3",
            "2 > six",
            "5 < end",
            "5 close",
        ],
        &[
            (FlowsOpened, 1),
            (SegmentsInOrder, 3),
            (SegmentsEarly, 1),
            (Gaps, 1),
            (GapBytes, 3),
        ],
    );
}

#[test]
fn a_hole_that_the_receiver_lacks_and_nobody_fills_is_given_up_after_a_minute() {
    let mut stage = Stage::new(Limits::default());
    stage.play_all(&[
        c(100, "one").ack(500),
        c(106, "six").ack(500).at_ms(10),
        s(500, "").ack(103).at_ms(20),
    ]);
    stage.advance_ms(59_900);
    assert_eq!(stage.script.lines.len(), 2);
    stage.advance_ms(60_200);
    assert_eq!(stage.script.lines[2..], ["2 > gap 3", "2 > six"]);
}

#[test]
fn bytes_that_were_not_captured_are_a_gap() {
    check(
        &[
            c(100, "abcdefgh").cut(3),
            c(108, "ijkl"),
            c(112, "mn").at_ms(600),
            c(114, "opqr").cut(4).at_ms(601),
        ],
        &[
            "1 open 1000 502 midway",
            "1 > abcde",
            "2 > gap 3",
            "2 > ijkl",
            "3 > mn",
            "4 > gap 4",
            "4 close",
        ],
        &[
            (FlowsOpened, 1),
            (SegmentsInOrder, 3),
            (SegmentsEarly, 1),
            (Gaps, 2),
            (GapBytes, 7),
            (PacketsShort, 2),
        ],
    );
}

#[test]
fn a_repeated_segment_fills_what_was_not_captured() {
    check(
        &[c(100, "abcdefgh").cut(3), c(100, "abcdefgh")],
        &["1 open 1000 502 midway", "1 > abcde", "2 > fgh", "2 close"],
        &[(FlowsOpened, 1), (SegmentsInOrder, 2), (PacketsShort, 1)],
    );
}

#[test]
fn the_acknowledgement_of_a_fin_that_was_not_seen_is_no_gap() {
    let ends = &[
        c(100, "one"),
        s(500, "two").ack(104),
        s(503, "").ack(104).at_ms(800),
    ];
    check(
        ends,
        &["1 open 1000 502 midway", "1 > one", "2 < two", "3 close"],
        &[(FlowsOpened, 1), (SegmentsInOrder, 2)],
    );
    let mut goes_on = ends.to_vec();
    goes_on.extend([c(104, "five").at_ms(801), c(108, "!").at_ms(1400)]);
    check(
        &goes_on,
        &[
            "1 open 1000 502 midway",
            "1 > one",
            "2 < two",
            "4 > gap 1",
            "4 > five",
            "5 > !",
            "5 close",
        ],
        &[
            (FlowsOpened, 1),
            (SegmentsInOrder, 3),
            (SegmentsEarly, 1),
            (Gaps, 1),
            (GapBytes, 1),
        ],
    );
}

#[test]
fn a_fin_tells_how_much_is_missing_before_it() {
    check(
        &[
            c(100, "one").ack(500),
            s(500, "two").flags("F").ack(103),
            c(110, "").flags("F").at_ms(5),
        ],
        &[
            "1 open 1000 502 midway",
            "1 > one",
            "2 < two",
            "3 > gap 7",
            "3 close",
        ],
        &[
            (FlowsOpened, 1),
            (FlowsClosed, 1),
            (SegmentsInOrder, 2),
            (Gaps, 1),
            (GapBytes, 7),
        ],
    );
}

#[test]
fn keep_alives_are_nothing() {
    check(
        &[
            c(100, "one").ack(500),
            c(102, "").ack(500).at_ms(30),
            c(102, "\0").ack(500).at_ms(60),
            s(500, "two").ack(103).at_ms(90),
            c(103, "six").ack(503).at_ms(91),
        ],
        &[
            "1 open 1000 502 midway",
            "1 > one",
            "4 < two",
            "5 > six",
            "5 close",
        ],
        &[
            (FlowsOpened, 1),
            (SegmentsInOrder, 3),
            (SegmentsRepeated, 1),
        ],
    );
}

fn check_bound(limits: Limits, segments: &[Seg<'_>], lines: &[&str], bound: model::Counter) {
    let mut stage = Stage::new(limits);
    stage.play_all(segments);
    assert_eq!(stage.script.lines, lines);
    assert_eq!(stage.flows.tally().count(bound), 1);
    stage.finish();
    assert_eq!(stage.flows.shared.held, 0);
}

#[test]
fn a_bound_that_bites_gives_the_first_hole_up() {
    let segments = [
        c(99, "one").flags("S"),
        c(110, "aa"),
        c(120, "bb"),
        c(130, "cc"),
    ];
    let lines = ["1 open 1000 502", "1 > one", "2 > gap 7", "2 > aa"];
    let by_segments = Limits {
        flow_segments: 2,
        ..Limits::default()
    };
    check_bound(by_segments, &segments, &lines, LimitFlowBuffer);
    let by_bytes = Limits {
        flow_bytes: 5,
        ..Limits::default()
    };
    check_bound(by_bytes, &segments, &lines, LimitFlowBuffer);
    let together = Limits {
        all_bytes: 200,
        ..Limits::default()
    };
    check_bound(together, &segments, &lines, LimitAllBuffers);
}

#[test]
fn without_any_room_a_stream_does_not_wait() {
    let none = Limits {
        all_bytes: 0,
        ..Limits::default()
    };
    let lines = ["1 open 1000 502", "1 > one", "2 > gap 7", "2 > aa"];
    check_bound(
        none,
        &[c(99, "one").flags("S"), c(110, "aa")],
        &lines,
        LimitAllBuffers,
    );
}
