//! Bodies beyond one example a function: counters, several objects, files cut short, and UMAS.

use super::{check, opened};

#[track_caller]
fn exchange(request: &str, answer: &str, wanted: [&str; 2]) {
    let line = |arrow: &str, pdu: &str| {
        let length = 1 + super::bytes(pdu).len();
        format!("{arrow} 0001 0000 {length:04x} 11 {pdu}")
    };
    let (request, answer) = (line(">", request), line("<", answer));
    check(opened(), &[&request, &answer], &wanted);
}

#[test]
fn a_counter_of_diagnostics_is_read() {
    exchange(
        "08 000b 0000",
        "08 000b 0102",
        [
            "request return_bus_message_count diagnostic_data=[0] subfunction=11",
            "response return_bus_message_count answers:1 diagnostic_data=[258] subfunction=11",
        ],
    );
}

#[test]
fn query_data_may_be_as_long_as_they_like() {
    exchange(
        "08 0000 a537 0001 0002",
        "08 0000 a537 0001 0002",
        [
            "request return_query_data diagnostic_data=[42295,1,2] subfunction=0",
            "response return_query_data answers:1 diagnostic_data=[42295,1,2] subfunction=0",
        ],
    );
}

#[test]
fn an_identification_says_whether_objects_can_be_asked_for_and_more_follow() {
    exchange(
        "2b 0e 04 02",
        "2b 0e 04 83 00 00 01 02 03 '2.0'",
        [
            "request read_device_identification mei=14 object_id=2 read_device_id_code=4",
            "response read_device_identification answers:1 conformity_level=131 individual_access=true mei=14 \
             more_follows=false next_object_id=0 object_count=1 objects={\"2\":\"2.0\"} read_device_id_code=4",
        ],
    );
}

#[test]
fn a_server_without_a_run_indicator_shows_none() {
    exchange(
        "11",
        "11 02 01 17",
        [
            "request report_server_id",
            "response report_server_id answers:1 server_id=\"0117\"",
        ],
    );
    exchange(
        "11",
        "11 02 01 00",
        [
            "request report_server_id",
            "response report_server_id answers:1 run_indicator=false server_id=\"0100\"",
        ],
    );
}

#[test]
fn a_file_record_that_is_cut_short_shows_what_is_there() {
    check(
        opened(),
        &[
            "> 0001 0000 000a 11 14 07 06 0004 0001 0002",
            "< 0001 0000 0007 11 14 06 05 06 0dfe",
        ],
        &[
            "request read_file_record file:4 file_records=[{\"file\":4,\"length\":2,\"record\":1}]",
            "response read_file_record file:4 answers:1 file_records=[{\"data\":[3582],\"length\":2}]",
            "length_mismatch expected:9 found:7",
        ],
    );
}

#[test]
fn codes_that_vendors_took_have_their_public_names() {
    for (code, name) in [
        ("09", "program_484"),
        ("28", "program_concept"),
        ("5b", "object_messaging"),
        ("7d", "firmware_replacement"),
        ("7f", "report_local_address"),
    ] {
        exchange(
            &format!("{code} 01"),
            &format!("{code} 02"),
            [
                &format!("request {name}"),
                &format!("response {name} answers:1"),
            ],
        );
    }
}

#[test]
fn who_reserved_the_controller_is_named_until_it_is_given_back() {
    check(
        opened(),
        &[
            "> 0001 0000 000d 00 5a 00 10 434c0000 04 'ENG1'",
            "< 0001 0000 0005 00 5a 00 fe 01",
            "> 0002 0000 0006 00 5a 01 41 ff00",
            "> 0003 0000 0006 00 5a 02 41 ff00",
            "> 0004 0000 0004 00 5a 01 11",
            "< 0004 0000 0004 00 5a 01 fe",
            "> 0005 0000 0004 00 5a 01 12",
        ],
        &[
            "request umas_take_plc_reservation umas=16 umas_key=0 umas_owner=\"ENG1\"",
            "response umas_take_plc_reservation answers:1 umas=16 umas_key=0 umas_reservation=1",
            "request umas_stop_plc umas=65 umas_key=1 umas_needs_reservation=true umas_owner=\"ENG1\"",
            "request umas_stop_plc umas=65 umas_key=2 umas_needs_reservation=true",
            "request umas_release_plc_reservation umas=17 umas_key=1 umas_needs_reservation=true umas_owner=\"ENG1\"",
            "response umas_release_plc_reservation answers:5 umas=17 umas_key=1 umas_needs_reservation=true umas_owner=\"ENG1\"",
            "request umas_keep_alive umas=18 umas_key=1 umas_needs_reservation=true",
        ],
    );
}

#[test]
fn the_blocks_of_a_program_have_number_and_length() {
    exchange(
        "5a 01 31 0001 0300 0400 01020304",
        "5a 01 fe",
        [
            "request umas_program_block_to_plc umas=49 umas_block=3 umas_key=1 umas_length=4 umas_needs_reservation=true",
            "response umas_program_block_to_plc answers:1 umas=49 umas_key=1 umas_needs_reservation=true",
        ],
    );
    exchange(
        "5a 01 34 0001 3500",
        "5a 01 fe 01 00 0200 aabb",
        [
            "request umas_program_block_from_plc umas=52 umas_block=53 umas_key=1 umas_needs_reservation=true",
            "response umas_program_block_from_plc answers:1 umas=52 umas_key=1 umas_last=true umas_length=2 umas_needs_reservation=true",
        ],
    );
    exchange(
        "5a 01 35 0001 3500",
        "5a 01 fe",
        [
            "request umas_end_program_from_plc umas=53 umas_blocks=53 umas_key=1 umas_needs_reservation=true",
            "response umas_end_program_from_plc answers:1 umas=53 umas_key=1 umas_needs_reservation=true",
        ],
    );
}

#[test]
fn umas_reads_of_memory_say_which_and_how_much() {
    exchange(
        "5a 00 20 00 1300 6400 0000 9c00",
        "5a 00 fe 00 0200 0100",
        [
            "request umas_read_memory_block umas=32 umas_block=19 umas_key=0 umas_length=156 umas_offset=100",
            "response umas_read_memory_block answers:1 umas=32 umas_key=0 umas_length=2",
        ],
    );
    exchange(
        "5a 00 01 00",
        "5a 00 fe fd00 0104",
        [
            "request umas_init_comm umas=1 umas_key=0",
            "response umas_init_comm answers:1 umas=1 umas_key=0 umas_max_frame=253",
        ],
    );
}
