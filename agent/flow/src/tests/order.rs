//! Order, overlap and loss within one conversation.

use model::Counter::{
    FlowsClosed, FlowsOpened, GapBytes, Gaps, SegmentsConflicting, SegmentsEarly, SegmentsInOrder,
    SegmentsRefused, SegmentsRepeated,
};

use super::stage::check;
use super::wire::{c, s};

#[test]
fn a_whole_conversation_is_heard_in_order() {
    check(
        &[
            c(99, "").flags("S"),
            s(499, "").flags("S").ack(100),
            c(100, "").ack(500),
            c(100, "hello").ack(500),
            s(500, "world").ack(105),
            c(105, "").flags("F").ack(505),
            s(505, "").flags("F").ack(106),
            c(106, "").ack(506),
        ],
        &["1 open 1000 502", "4 > hello", "5 < world", "8 close"],
        &[(FlowsOpened, 1), (SegmentsInOrder, 2), (FlowsClosed, 1)],
    );
}

#[test]
fn segments_out_of_order_keep_the_stamp_of_their_arrival() {
    check(
        &[
            c(10, "ab"),
            c(14, "ef"),
            c(16, "gh"),
            c(12, "cd"),
            c(18, "ij"),
        ],
        &[
            "1 open 1000 502 midway",
            "1 > ab",
            "4 > cd",
            "2 > ef",
            "3 > gh",
            "5 > ij",
            "5 close",
        ],
        &[(FlowsOpened, 1), (SegmentsInOrder, 3), (SegmentsEarly, 2)],
    );
}

#[test]
fn sequence_numbers_wrap_around() {
    let start = u32::MAX - 2;
    check(
        &[
            c(start.wrapping_sub(1), "").flags("S"),
            c(start, "ab"),
            c(start.wrapping_add(4), "ef"),
            c(start.wrapping_add(2), "cd"),
            c(start.wrapping_add(6), "gh"),
            c(start.wrapping_add(4), "ef"),
        ],
        &[
            "1 open 1000 502",
            "2 > ab",
            "4 > cd",
            "3 > ef",
            "5 > gh",
            "6 close",
        ],
        &[
            (FlowsOpened, 1),
            (SegmentsInOrder, 3),
            (SegmentsEarly, 1),
            (SegmentsRepeated, 1),
        ],
    );
}

#[test]
fn lost_bytes_are_a_gap_at_the_frame_that_goes_on() {
    check(
        &[
            c(10, "ab"),
            c(17, "hi"),
            c(19, "jk").at_ms(502),
            c(21, "lm").at_ms(503),
        ],
        &[
            "1 open 1000 502 midway",
            "1 > ab",
            "2 > gap 5",
            "2 > hi",
            "3 > jk",
            "4 > lm",
            "4 close",
        ],
        &[
            (FlowsOpened, 1),
            (SegmentsInOrder, 3),
            (SegmentsEarly, 1),
            (Gaps, 1),
            (GapBytes, 5),
        ],
    );
}

#[test]
fn of_bytes_that_overlap_the_first_ones_win() {
    check(
        &[
            c(9, "abcd").flags("S"),
            c(12, "CDef"),
            c(20, "klm"),
            c(14, "efghijKLMn"),
        ],
        &[
            "1 open 1000 502",
            "1 > abcd",
            "2 > ef",
            "2 > conflict",
            "4 > ghij",
            "3 > klm",
            "4 > n",
            "4 > conflict",
            "4 close",
        ],
        &[
            (FlowsOpened, 1),
            (SegmentsInOrder, 1),
            (SegmentsConflicting, 2),
            (SegmentsEarly, 1),
        ],
    );
}

#[test]
fn a_conversation_that_goes_on_is_followed_alike_on_the_short_and_the_long_way() {
    check(
        &[
            c(99, "").flags("S"),
            s(499, "").flags("S").ack(100),
            c(100, "one").ack(500),
            s(500, "two").ack(103),
            c(103, "").ack(503),
            c(103, "new").ack(503),
            c(103, "new").ack(503),
            s(503, "six").ack(106),
            s(503, "sox").ack(106),
            s(509, "far").ack(106),
            s(506, "ten").ack(106),
            c(106, "bad").ack(512).checksum(1),
            c(106, "end").ack(512),
            c(109, "").flags("F").ack(512),
        ],
        &[
            "1 open 1000 502",
            "3 > one",
            "4 < two",
            "6 > new",
            "8 < six",
            "9 < conflict",
            "11 < ten",
            "10 < far",
            "13 > end",
            "14 close",
        ],
        &[
            (FlowsOpened, 1),
            (FlowsClosed, 1),
            (SegmentsInOrder, 6),
            (SegmentsEarly, 1),
            (SegmentsRepeated, 1),
            (SegmentsConflicting, 1),
            (SegmentsRefused, 1),
        ],
    );
}
