//! Serial framing: messages without header, told apart by function and checksum.

use model::Direction::{Backward, Forward};
use model::Transport::{self, Tcp, Udp};
use model::{Said, Stamp, Timestamp};

use super::{bytes, check as check_lines, summed};
use crate::Probe::{self, Never, Sure, Unsure};
use crate::modbus::{PROTOCOL, rtu};
use crate::{Decoder, Limits};

/// Lines as in [`super::check`]; each `|` ends a message, to which its checksum is put.
#[track_caller]
fn check(transport: Transport, lines: &[&str], wanted: &[&str]) {
    let lines: Vec<String> = lines.iter().map(|line| spelt(line)).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    check_lines(opened(transport), &lines, wanted);
}

fn spelt(line: &str) -> String {
    let Some((arrow, rest)) = line.split_at_checked(1).filter(|_| line.contains('|')) else {
        return line.to_owned();
    };
    let (whole, tail) = rest.rsplit_once('|').unwrap();
    let hex = |bytes: Vec<u8>| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let messages: String = whole.split('|').map(|text| hex(summed(text))).collect();
    format!("{arrow} {messages} {tail}")
}

fn opened(transport: Transport) -> rtu::Session {
    rtu::Session::new(&Limits::default(), transport)
}

#[track_caller]
fn check_probe(transport: Transport, line: &str, wanted: Probe) {
    let line = spelt(&format!("> {line}"));
    let probed = (PROTOCOL.probe)(transport, &bytes(line.trim_start_matches('>')));
    assert_eq!(probed, wanted, "{line}");
}

#[test]
fn an_answer_pairs_by_unit_and_function() {
    for transport in [Tcp, Udp] {
        check(
            transport,
            &[
                "> 11 03 006b 0003 |",
                "< 11 03 06 022b 0000 0064 |",
                "> 12 06 0001 0003 |",
                "< 12 06 0001 0003 |",
                "> 11 01 0000 0001 |",
                "< 11 81 02 |",
            ],
            &[
                "request read_holding_registers holding:107-109 address=107 quantity=3",
                "response read_holding_registers holding:107-109 answers:1 values=[555,0,100]",
                "request write_single_register holding:1 address=1 values=[3]",
                "response write_single_register holding:1 answers:3 address=1 values=[3]",
                "request read_coils coil:0 address=0 quantity=1",
                "response read_coils refused:illegal_data_address coil:0 answers:5 exception=2",
            ],
        );
    }
}

#[test]
fn the_frame_of_the_specification_has_the_checksum_that_it_prints() {
    // MODBUS over Serial Line V1.02, appendix B.
    check_lines(
        opened(Tcp),
        &["> 02 07 41 12"],
        &["request read_exception_status"],
    );
}

#[test]
fn a_record_says_serial_framing_and_has_no_transaction() {
    let mut records = Vec::new();
    opened(Tcp).feed(Stamp::default(), Forward, &summed("11 07"), &mut |said| {
        if let Said::Operation(operation) = said {
            records.push(serde_json::to_value(operation.detail).unwrap());
            assert_eq!(operation.detail.field("transaction_id"), None);
            assert_eq!(operation.detail.field("framing"), Some("rtu".into()));
        }
    });
    let wanted = serde_json::json!({"unit_id": 17, "function": 7, "framing": "rtu"});
    assert_eq!(records, [wanted]);
}

#[test]
fn messages_share_a_segment_and_span_segments() {
    check(
        Tcp,
        &[
            "> 11 03 006b 0001 | 11 06 0001 0003 | 11 10",
            "> 0001 0001 02",
            "> 0007 2b 83",
        ],
        &[
            "request read_holding_registers holding:107 address=107 quantity=1",
            "request write_single_register holding:1 address=1 values=[3]",
            "request write_multiple_registers holding:1 address=1 quantity=1 values=[7]",
        ],
    );
}

#[test]
fn a_wrong_checksum_is_said_and_its_message_is_no_operation() {
    check(
        Tcp,
        &[
            "> 11 06 0001 0003 0000",
            "> 11 03 006b 0001 |",
            "< 11 03 02 0007 |",
        ],
        &[
            "bad_checksum expected:39834 found:0",
            "resynchronised 8",
            "request read_holding_registers holding:107 address=107 quantity=1",
            "response read_holding_registers holding:107 answers:2 values=[7]",
        ],
    );
    check(
        Udp,
        &["> 11 06 0001 0003 0000", "> 11 06 0001 0003 |"],
        &[
            "bad_checksum expected:39834 found:0",
            "request write_single_register holding:1 address=1 values=[3]",
        ],
    );
}

#[test]
fn after_a_gap_the_next_right_checksum_is_a_boundary() {
    check(
        Tcp,
        &[
            "> 11 03 006b 0003 |",
            "< gap 5",
            "< 0000 0064 c8ba",
            "> 11 03 006b 0001 |",
            "< 03 00 11 03 02 0007 3845",
        ],
        &[
            "request read_holding_registers holding:107-109 address=107 quantity=3",
            "request read_holding_registers holding:107 address=107 quantity=1",
            "resynchronised 8",
            "response read_holding_registers holding:107 answers:4 values=[7]",
        ],
    );
}

#[test]
fn what_nothing_but_its_segment_ends_is_read_to_the_end_of_it() {
    check(
        Tcp,
        &["> 11 5a 00 02 |", "< 11 5a 00 fe 1234 |", "> 11 64 0102 |"],
        &[
            "request umas_read_id umas=2 umas_key=0",
            "response umas_read_id answers:1 umas=2 umas_key=0",
            "request unknown",
        ],
    );
}

#[test]
fn nobody_answers_what_goes_to_all() {
    check(
        Tcp,
        &["> 00 06 0001 0003 |", "> 11 06 0001 0003 |", "close"],
        &[
            "request write_single_register holding:1 address=1 values=[3]",
            "request write_single_register holding:1 address=1 values=[3]",
            "unanswered write_single_register of 2",
        ],
    );
}

#[test]
fn a_second_request_of_a_kind_leaves_the_first_unanswered() {
    check(
        Tcp,
        &[
            "> 11 03 006b 0001 |",
            "> 11 03 006b 0001 |",
            "< 11 03 02 0007 |",
        ],
        &[
            "request read_holding_registers holding:107 address=107 quantity=1",
            "duplicate_request expected:0 found:0",
            "unanswered read_holding_registers of 1",
            "request read_holding_registers holding:107 address=107 quantity=1",
            "response read_holding_registers holding:107 answers:2 values=[7]",
        ],
    );
}

#[test]
fn one_short_message_is_doubtful_and_two_or_a_long_one_are_not() {
    check_probe(Tcp, "11 03 006b 0001 |", Unsure);
    check_probe(Tcp, "11 03 006b 0001 | 11 03 006b 0001 |", Sure);
    check_probe(Tcp, "11 03 006b 0001 | 11 03 006b", Unsure);
    check_probe(Tcp, "11 03 0c 000000000000000000000000 |", Sure);
    check_probe(Tcp, "11 83 02 |", Unsure);
    check_probe(Tcp, "11 03 006b 0001 0000", Never);
    check_probe(Tcp, "f8 03 006b 0001 |", Never);
    check_probe(Tcp, "11 03 006b 0000 |", Never);
    check_probe(Tcp, "11 03 006b 0001 | 'junk'", Never);
    check_probe(Tcp, "11 07 |", Unsure);
}

#[test]
fn a_datagram_is_judged_alone() {
    check_probe(Udp, "11 03 006b 0001 |", Sure);
    check_probe(Udp, "11 06 006b 0001 |", Unsure);
    check_probe(Udp, "11 83 02 |", Unsure);
    check_probe(Udp, "11 03 006b 0001 | 11 03 006b", Never);
    check_probe(Udp, "11 03 006b 0001", Never);
}

#[test]
fn a_header_is_told_from_serial_framing_that_looks_like_one() {
    let framing = |pieces: &[Vec<u8>]| {
        let mut decoder = (PROTOCOL.open)(&Limits::default(), Tcp);
        let mut framing = Vec::new();
        for piece in pieces {
            decoder.feed(Stamp::default(), Forward, piece, &mut |said| {
                if let Said::Operation(operation) = said {
                    framing.push(format!("{:?}", operation.detail.field("framing").unwrap()));
                }
            });
        }
        framing.join(" ")
    };
    let serial = summed("01 03 0000 000a");
    let header = bytes("0103 0000 0006 11 03 006b 0001");
    assert_eq!(framing(std::slice::from_ref(&serial)), "Text(\"rtu\")");
    assert_eq!(framing(std::slice::from_ref(&header)), "Text(\"tcp\")");
    let bytewise = |message: &[u8]| message.iter().map(|byte| vec![*byte]).collect::<Vec<_>>();
    assert_eq!(framing(&bytewise(&serial)), "Text(\"rtu\")");
    assert_eq!(framing(&bytewise(&header)), "Text(\"tcp\")");
    let like_tls = summed("16 03 0101 0064");
    assert_eq!(framing(&bytewise(&like_tls)), "Text(\"rtu\")");
}

#[test]
fn what_came_before_the_framing_was_known_is_not_lost() {
    let mut decoder = (PROTOCOL.open)(&Limits::default(), Tcp);
    let mut frames = Vec::new();
    let answer = summed("11 03 02 0007");
    let request = summed("11 03 006b 0001");
    let pieces = [
        (Forward, &request[..3]),
        (Backward, &answer[..2]),
        (Forward, &request[3..]),
        (Backward, &answer[2..]),
    ];
    for ((from, piece), frame) in pieces.into_iter().zip(1..) {
        let stamp = Stamp::new(frame, Timestamp::default(), 0);
        decoder.feed(stamp, from, piece, &mut |said| {
            frames.push((frame, super::shown(&said)))
        });
    }
    let wanted = [
        (
            3,
            "request read_holding_registers holding:107 address=107 quantity=1".to_owned(),
        ),
        (
            4,
            "response read_holding_registers holding:107 answers:3 values=[7]".to_owned(),
        ),
    ];
    assert_eq!(frames, wanted);
}

#[test]
fn rubbish_byte_by_byte_hides_nothing_behind_it() {
    let mut session = opened(Tcp);
    let mut said = Vec::new();
    let rubbish = [0x17, 0x10, 0x14, 0x03].repeat(300);
    let message = summed("11 06 0001 0003");
    session.gap(Stamp::default(), Forward, 1, &mut |_| {});
    for byte in rubbish.iter().chain(&message) {
        session.feed(Stamp::default(), Forward, &[*byte], &mut |heard| {
            said.push(super::shown(&heard));
        });
        assert!(session.held_bytes() <= 8 << 10);
    }
    let wanted = [
        "resynchronised 1200",
        "request write_single_register holding:1 address=1 values=[3]",
    ];
    assert_eq!(said, wanted);
}

#[test]
fn a_lost_stream_goes_on_where_a_list_of_objects_has_no_end_within_a_message() {
    let mut session = opened(Tcp);
    session.gap(Stamp::default(), Backward, 1, &mut |_| {});
    let objects = [0, 1, b'x'].repeat(1000);
    let answer = [&[1, 0x2b, 0x0e, 1, 1, 0, 0, 255][..], &objects].concat();
    session.feed(Stamp::default(), Backward, &answer, &mut |_| {});
    assert!(session.held_bytes() <= 4 << 10);
}
