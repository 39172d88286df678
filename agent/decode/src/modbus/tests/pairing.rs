//! Requests and their answers, and what does not pair.

use model::Transport;

use super::{check, midway, opened};
use crate::Limits;
use crate::modbus::session::Session;

#[test]
fn answers_find_their_requests_in_any_order() {
    check(
        opened(),
        &[
            "> 0001 0000 0006 11 03 006b 0001 0002 0000 0006 11 03 0001 0002",
            "< 0002 0000 0007 11 03 04 0007 0008",
            "< 0001 0000 0005 11 03 02 0009",
        ],
        &[
            "request read_holding_registers holding:107 address=107 quantity=1",
            "request read_holding_registers holding:1-2 address=1 quantity=2",
            "response read_holding_registers holding:1-2 answers:1 values=[7,8]",
            "response read_holding_registers holding:107 answers:1 values=[9]",
        ],
    );
}

#[test]
fn a_client_that_never_changes_the_identifier_and_asks_again_is_answered_once() {
    check(
        opened(),
        &[
            "> 0000 0000 0006 11 03 006b 0001",
            "> 0000 0000 0006 11 03 0001 0001",
            "< 0000 0000 0005 11 03 02 0009",
            "> 0000 0000 0006 11 03 0002 0001",
            "< 0000 0000 0005 11 03 02 000a",
        ],
        &[
            "request read_holding_registers holding:107 address=107 quantity=1",
            "duplicate_request expected:0 found:0",
            "unanswered read_holding_registers of 1",
            "request read_holding_registers holding:1 address=1 quantity=1",
            "response read_holding_registers holding:1 answers:2 values=[9]",
            "request read_holding_registers holding:2 address=2 quantity=1",
            "response read_holding_registers holding:2 answers:4 values=[10]",
        ],
    );
}

#[test]
fn writes_with_one_identifier_are_told_apart_by_what_their_answers_repeat() {
    check(
        opened(),
        &[
            "> 0000 0000 0006 11 06 0004 0001",
            "> 0000 0000 0006 11 06 0005 0001",
            "< 0000 0000 0006 11 06 0005 0001",
            "< 0000 0000 0006 11 06 0004 0001",
        ],
        &[
            "request write_single_register holding:4 address=4 values=[1]",
            "duplicate_request expected:0 found:0",
            "request write_single_register holding:5 address=5 values=[1]",
            "response write_single_register holding:5 answers:2 address=5 values=[1]",
            "response write_single_register holding:4 answers:1 address=4 values=[1]",
        ],
    );
}

#[test]
fn an_answer_without_a_request_is_an_anomaly_only_where_everything_was_seen() {
    let answer = "< 0001 0000 0005 11 03 02 0009";
    let said = "response read_holding_registers values=[9]";
    check(
        opened(),
        &[answer],
        &[said, "unsolicited_answer expected:0 found:1"],
    );
    check(midway(), &[answer], &[said]);
    check(opened(), &["> gap 12", answer], &[said]);
}

#[test]
fn an_answer_that_does_not_fit_its_request_is_an_anomaly() {
    let check = |request: &str, answer: &str, wanted: [&str; 3]| {
        check(opened(), &[request, answer], &wanted);
    };
    check(
        "> 0001 0000 0006 11 03 006b 0002",
        "< 0001 0000 0005 11 03 02 0009",
        [
            "request read_holding_registers holding:107-108 address=107 quantity=2",
            "response read_holding_registers holding:107-108 answers:1 values=[9]",
            "mismatched_answer expected:4 found:2",
        ],
    );
    check(
        "> 0001 0000 0006 11 06 0001 0003",
        "< 0001 0000 0006 11 06 0001 0004",
        [
            "request write_single_register holding:1 address=1 values=[3]",
            "response write_single_register holding:1 answers:1 address=1 values=[4]",
            "mismatched_answer expected:65539 found:65540",
        ],
    );
    check(
        "> 0001 0000 0006 11 06 0001 0003",
        "< 0001 0000 0006 12 06 0001 0003",
        [
            "request write_single_register holding:1 address=1 values=[3]",
            "response write_single_register holding:1 answers:1 address=1 values=[3]",
            "mismatched_answer expected:17 found:18",
        ],
    );
    check(
        "> 0001 0000 0006 11 06 0001 0003",
        "< 0001 0000 0005 11 03 02 0009",
        [
            "request write_single_register holding:1 address=1 values=[3]",
            "response read_holding_registers values=[9]",
            "mismatched_answer expected:6 found:3",
        ],
    );
}

#[test]
fn a_request_counts_as_unanswered_once_sixteen_later_ones_were_answered() {
    let mut lines = vec!["> 0100 0000 0006 11 03 006b 0001".to_owned()];
    for id in 1..=16 {
        lines.push(format!("> 00{id:02x} 0000 0002 11 07"));
        lines.push(format!("< 00{id:02x} 0000 0003 11 07 00"));
    }
    let mut wanted = vec!["request read_holding_registers holding:107 address=107 quantity=1"];
    let answers: Vec<String> = (1..=16)
        .map(|id| {
            format!(
                "response read_exception_status answers:{} exception_status=0",
                2 * id
            )
        })
        .collect();
    for answer in &answers {
        wanted.extend(["request read_exception_status", answer]);
    }
    wanted.push("unanswered read_holding_registers of 1");
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    check(opened(), &lines, &wanted);
}

#[test]
fn the_end_of_the_flow_says_what_was_never_answered() {
    check(
        opened(),
        &[
            "> 0001 0000 0002 11 07",
            "> 0002 0000 0002 11 0b",
            "< 0002 0000 0006 11 0b 0000 0001",
            "close",
        ],
        &[
            "request read_exception_status",
            "request get_comm_event_counter",
            "response get_comm_event_counter answers:2 event_count=1 status=0",
            "unanswered read_exception_status of 1",
        ],
    );
}

#[test]
fn a_request_whose_answer_may_be_what_was_lost_is_not_called_unanswered() {
    check(
        opened(),
        &[
            "> 0001 0000 0002 11 07",
            "< gap 9",
            "> 0002 0000 0002 11 07",
            "close",
        ],
        &[
            "request read_exception_status",
            "request read_exception_status",
            "unanswered read_exception_status of 3",
        ],
    );
}

#[test]
fn no_more_requests_are_remembered_than_the_limit_allows() {
    let limits = Limits {
        pending_requests: 2,
        ..Limits::default()
    };
    check(
        Session::new(&limits, Transport::Tcp),
        &[
            "> 0001 0000 0002 11 07",
            "> 0002 0000 0002 11 07",
            "> 0003 0000 0002 11 07",
            "> 0004 0000 0002 11 07",
            "< 0001 0000 0003 11 07 00",
        ],
        &[
            "request read_exception_status",
            "request read_exception_status",
            "pending_overflow expected:2 found:3",
            "unanswered read_exception_status of 1",
            "request read_exception_status",
            "unanswered read_exception_status of 2",
            "request read_exception_status",
            "response read_exception_status exception_status=0",
            "unsolicited_answer expected:0 found:1",
        ],
    );
}
