//! Messages cut by segments, lost bytes, and bytes that are no message.

use model::Transport;

use super::{check, opened};
use crate::Limits;
use crate::modbus::session::Session;

#[test]
fn messages_share_a_segment_and_span_segments() {
    check(
        opened(),
        &[
            "> 0001 0000 0006 11 03 006b 0001 0002 0000 0006 11 06 0001 0003 0003 00",
            "> 00 0006 11",
            "> 05 0002 0000",
        ],
        &[
            "request read_holding_registers holding:107 address=107 quantity=1",
            "request write_single_register holding:1 address=1 values=[3]",
            "request write_single_coil coil:2 address=2 values=[0]",
        ],
    );
}

#[test]
fn a_message_belongs_to_the_frame_that_completes_it() {
    check(
        opened(),
        &[
            "> 0001 0000 0006 11 03",
            "> 006b 0001",
            "< 0001 0000 0005 11 03 02 0007",
        ],
        &[
            "request read_holding_registers holding:107 address=107 quantity=1",
            "response read_holding_registers holding:107 answers:2 values=[7]",
        ],
    );
}

#[test]
fn after_a_gap_the_next_segment_that_messages_fill_is_a_boundary() {
    check(
        opened(),
        &[
            "> 0001 0000 0006 11 03",
            "> gap 4",
            "> 0002 0000 0006 11 64 006b 0001",
            "> 0003 0000 0006 11 03 006b 0001",
        ],
        &[
            "resynchronised 8",
            "request unknown",
            "request read_holding_registers holding:107 address=107 quantity=1",
        ],
    );
}

#[test]
fn after_a_gap_the_next_message_may_be_followed_by_the_start_of_another() {
    check(
        opened(),
        &[
            "> gap 48",
            "> 0000 0000 0004 01 21 00 00 0000",
            "> 0000 0000 0006 01 22 0000 0000",
        ],
        &[
            "resynchronised 0",
            "request unknown",
            "malformed length at 4",
            "resynchronised 2",
            "request unknown",
        ],
    );
}

#[test]
fn after_a_gap_the_rest_of_a_message_is_passed_over() {
    check(
        opened(),
        &[
            "> gap 20",
            "> 0004 0005 0001 0000 0006 11 03 006b 0001 0002 0000 0006 11 06 0001 0003",
        ],
        &[
            "resynchronised 4",
            "request read_holding_registers holding:107 address=107 quantity=1",
            "request write_single_register holding:1 address=1 values=[3]",
        ],
    );
}

#[test]
fn both_directions_are_found_again() {
    check(
        opened(),
        &[
            "> 0001 0000 0006 11 03 006b 0002",
            "< gap 5",
            "< 0203 0000 0005",
            "> 0002 0000 0006 11 03 006b 0001",
            "< 0002 0000 0005 11 03 02 0007",
        ],
        &[
            "request read_holding_registers holding:107-108 address=107 quantity=2",
            "request read_holding_registers holding:107 address=107 quantity=1",
            "resynchronised 6",
            "response read_holding_registers holding:107 answers:4 values=[7]",
        ],
    );
}

#[test]
fn what_is_no_message_is_said_and_passed_over() {
    check(
        opened(),
        &[
            "> 0001 0000 0006 11 03 006b 0001 0001 0007 0006 11",
            "> 0002 0000 0006 11 06 0001 0003",
            "> 0003 0000 0000 0004 0000 0006 11 06 0001 0004",
            "> 0005 0000 0400 11 03",
        ],
        &[
            "request read_holding_registers holding:107 address=107 quantity=1",
            "malformed protocol_id at 2",
            "resynchronised 7",
            "request write_single_register holding:1 address=1 values=[3]",
            "malformed length at 4",
            "resynchronised 6",
            "request write_single_register holding:1 address=1 values=[4]",
            "malformed length at 4",
        ],
    );
}

#[test]
fn bytes_that_never_became_a_message_are_said_at_the_end() {
    check(
        opened(),
        &["> 'GET / HTTP/1.1'", "close"],
        &[
            "malformed protocol_id at 2",
            "malformed transaction_id at 0",
        ],
    );
}

#[test]
fn umas_may_be_longer_than_the_specification_allows() {
    let block = "00 ".repeat(1022);
    check(
        opened(),
        &[
            &format!("> 0001 0000 0405 11 5a 01 31 00 01 {block} 00"),
            "> 0002 0000 0004 11 5a 01 12",
        ],
        &[
            "request umas_program_block_to_plc umas=49 umas_block=0 umas_key=1 umas_length=0 umas_needs_reservation=true",
            "request umas_keep_alive umas=18 umas_key=1 umas_needs_reservation=true",
        ],
    );
}

#[test]
fn a_datagram_holds_whole_messages_and_nothing_goes_on_to_the_next() {
    check(
        Session::new(&Limits::default(), Transport::Udp),
        &[
            "> 0001 0000 0006 11 03 006b 0001 0002 0000 0006 11 06 0001 0003",
            "> 0003 0000 0006 11 03",
            "> 0004 0000 0006 11 03 006b 0001",
            "> 0005 0001 0006 11 03 006b 0001",
        ],
        &[
            "request read_holding_registers holding:107 address=107 quantity=1",
            "request write_single_register holding:1 address=1 values=[3]",
            "malformed length at 4",
            "request read_holding_registers holding:107 address=107 quantity=1",
            "malformed protocol_id at 2",
        ],
    );
}
