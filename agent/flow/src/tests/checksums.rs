//! Segments that their receiver drops, and those of which only the capture lacks the checksum.

use model::Counter::{
    FlowsOpened, GapBytes, Gaps, SegmentsEarly, SegmentsInOrder, SegmentsRefused,
};

use super::stage::check;
use super::wire::{Seg, c};

/// A checksum that belongs to none of these segments.
const WRONG: u16 = 0x1bad;

#[test]
fn what_the_receiver_drops_is_not_heard() {
    check(
        &[
            c(9, "").flags("S"),
            c(10, "abcd"),
            c(14, "EVIL").checksum(WRONG),
            c(14, "good"),
            c(9_000, "").flags("S").checksum(WRONG),
            c(18, "last"),
        ],
        &[
            "1 open 1000 502",
            "2 > abcd",
            "4 > good",
            "6 > last",
            "6 close",
        ],
        &[(FlowsOpened, 1), (SegmentsInOrder, 3), (SegmentsRefused, 2)],
    );
}

#[test]
fn what_is_dropped_and_never_comes_again_is_a_gap() {
    check(
        &[c(10, "ab"), c(12, "cd").checksum(WRONG), c(14, "ef")],
        &[
            "1 open 1000 502 midway",
            "1 > ab",
            "3 > gap 2",
            "3 > ef",
            "3 close",
        ],
        &[
            (FlowsOpened, 1),
            (SegmentsInOrder, 1),
            (SegmentsEarly, 1),
            (SegmentsRefused, 1),
            (Gaps, 1),
            (GapBytes, 2),
        ],
    );
}

/// The sender's network card writes the checksum after the capture saw the segment.
#[test]
fn a_checksum_that_is_left_to_the_card_tells_nothing() {
    let pseudo = 0x0a00 + 1 + 0x0a00 + 2 + 6;
    let heard = |second: Seg<'_>| {
        check(
            &[c(10, "abcd"), second],
            &["1 open 1000 502 midway", "1 > abcd", "2 > efgh", "2 close"],
            &[(FlowsOpened, 1), (SegmentsInOrder, 2)],
        );
    };
    for left in [0, pseudo, pseudo + 24, !(pseudo + 24)] {
        heard(c(14, "efgh").checksum(left));
    }
}

#[test]
fn where_no_checksum_was_right_all_are_heard() {
    check(
        &[
            c(10, "abcd").checksum(WRONG),
            c(14, "efgh").checksum(WRONG + 1),
        ],
        &["1 open 1000 502 midway", "1 > abcd", "2 > efgh", "2 close"],
        &[(FlowsOpened, 1), (SegmentsInOrder, 2)],
    );
}
