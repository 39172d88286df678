//! The bounds of the flow table.

use model::Counter::{FlowsEvicted, FlowsIdle, FlowsOpened, SegmentsInOrder};

use super::stage::Stage;
use super::wire::{c, s};
use crate::Limits;

#[test]
fn the_flow_that_was_silent_longest_makes_room() {
    let mut stage = Stage::new(Limits {
        flows: 2,
        ..Limits::default()
    });
    stage.play_all(&[
        c(99, "a").flags("S").port(1),
        c(99, "b").flags("S").port(2).at_ms(2_000),
        c(101, "A").port(1).at_ms(4_000),
        c(99, "c").flags("S").port(3).at_ms(5_000),
    ]);
    assert_eq!(stage.flows.len(), 2);
    stage.finish();
    assert!(stage.flows.is_empty());
    stage.check(
        &[
            "1 open 1 502",
            "1 > a",
            "2 open 2 502",
            "2 > b",
            "3 > A",
            "2 close",
            "4 open 3 502",
            "4 > c",
            "3 close",
            "4 close",
        ],
        &[(FlowsOpened, 3), (FlowsEvicted, 1), (SegmentsInOrder, 4)],
    );
}

#[test]
fn a_scan_does_not_push_out_what_is_in_use() {
    let mut stage = Stage::new(Limits {
        flows: 8,
        ..Limits::default()
    });
    stage.play_all(&[c(100, "a").port(1), s(500, "b").port(1)]);
    for port in 100..200 {
        let syn = c(7, "").flags("S").port(port).at_ms(1_000);
        stage.play_all(&[syn]);
    }
    stage.script.lines.clear();
    stage.play_all(&[c(101, "c").port(1).at_ms(1_001)]);
    stage.check(
        &["103 > c"],
        &[(FlowsOpened, 101), (FlowsEvicted, 93), (SegmentsInOrder, 3)],
    );
}

#[test]
fn a_clock_that_is_set_back_forgets_nothing_and_goes_on() {
    let mut stage = Stage::new(Limits::default());
    stage.play_all(&[
        c(99, "a").flags("S").at_ms(90_000_000),
        c(101, "b").at_ms(1_000),
        s(499, "c").flags("S").port(2).at_ms(1_001),
    ]);
    stage.advance_ms(3_700_000);
    assert_eq!(stage.flows.len(), 0);
    stage.check(
        &[
            "1 open 1000 502",
            "1 > a",
            "2 > b",
            "3 open 502 2",
            "3 > c",
            "2 close",
            "3 close",
        ],
        &[(FlowsOpened, 2), (FlowsIdle, 2), (SegmentsInOrder, 3)],
    );
}

#[test]
fn a_flow_that_was_over_when_the_clock_was_set_back_is_forgotten_and_holds_nobody_up() {
    let mut stage = Stage::new(Limits::default());
    stage.play_all(&[
        c(99, "a").flags("S").port(1).at_ms(90_000_000),
        c(99, "b").flags("S").port(2).at_ms(1_000),
    ]);
    stage.advance_ms(3_500_000);
    assert_eq!(stage.flows.len(), 2);
    stage.advance_ms(3_700_000);
    assert_eq!(stage.flows.len(), 0);
    stage.check(
        &[
            "1 open 1 502",
            "1 > a",
            "2 open 2 502",
            "2 > b",
            "1 close",
            "2 close",
        ],
        &[(FlowsOpened, 2), (FlowsIdle, 2), (SegmentsInOrder, 2)],
    );
}

#[test]
fn a_flow_that_keeps_its_place_for_a_while_is_idle_from_its_last_frame_on() {
    let mut stage = Stage::new(Limits::default());
    stage.play_all(&[
        c(99, "a").flags("S").port(1),
        c(101, "b").port(1).at_ms(9_000),
    ]);
    stage.advance_ms(3_608_900);
    assert_eq!(stage.flows.len(), 1);
    stage.advance_ms(3_609_200);
    assert_eq!(stage.flows.len(), 0);
}
