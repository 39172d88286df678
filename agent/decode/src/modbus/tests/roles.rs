//! Who asks and who answers, where the start of the flow was missed and where it was not.

use super::{check, midway, opened};

#[test]
fn a_flow_met_midway_shows_its_roles_whichever_end_is_seen_first() {
    let request = "0001 0000 0006 11 03 006b 0001";
    let answer = "0001 0000 0005 11 03 02 0009";
    let asked = "request read_holding_registers holding:107 address=107 quantity=1";
    let answered = "response read_holding_registers holding:107 answers:1 values=[9]";
    for (client, server) in [('>', '<'), ('<', '>')] {
        check(
            midway(),
            &[
                &format!("{client} {request}"),
                &format!("{server} {answer}"),
            ],
            &[asked, answered],
        );
        check(
            midway(),
            &[
                &format!("{server} {answer}"),
                &format!("{client} {request}"),
            ],
            &["response read_holding_registers values=[9]", asked],
        );
    }
}

#[test]
fn an_exception_comes_from_the_server() {
    check(
        midway(),
        &[
            "> 0001 0000 0003 11 85 02",
            "< 0002 0000 0006 11 05 0001 ff00",
            "> 0002 0000 0006 11 05 0001 ff00",
        ],
        &[
            "response write_single_coil refused:illegal_data_address exception=2",
            "request write_single_coil coil:1 address=1 values=[1]",
            "response write_single_coil coil:1 answers:2 address=1 values=[1]",
        ],
    );
}

#[test]
fn a_message_that_both_ends_could_send_has_no_role_until_one_repeats_it() {
    check(
        midway(),
        &[
            "> 0001 0000 0006 11 05 0001 ff00",
            "< 0002 0000 0006 11 05 0003 ff00",
            "> 0002 0000 0006 11 05 0003 ff00",
            "< 0003 0000 0006 11 05 0001 0000",
        ],
        &[
            "other write_single_coil coil:1 address=1 values=[1]",
            "other write_single_coil coil:3 address=3 values=[1]",
            "response write_single_coil coil:3 answers:2 address=3 values=[1]",
            "request write_single_coil coil:1 address=1 values=[0]",
        ],
    );
}

#[test]
fn a_read_of_coils_that_looks_like_an_answer_has_no_role_either() {
    check(
        midway(),
        &[
            "> 0001 0000 0006 11 01 0320 0004",
            "< 0001 0000 0004 11 01 01 05",
        ],
        &[
            "other read_coils coil:800-803 address=800 quantity=4",
            "response read_coils coil:800-803 answers:1 values=[1,0,1,0]",
        ],
    );
}

#[test]
fn a_client_cannot_pass_its_writes_off_as_answers() {
    check(
        opened(),
        &[
            "> 0001 0000 0005 11 03 02 0009",
            "> 0002 0000 0005 11 03 02 0009",
            "> 0003 0000 0006 11 05 0001 ff00",
        ],
        &[
            "request read_holding_registers holding:512 address=512",
            "length_mismatch expected:6 found:5",
            "request read_holding_registers holding:512 address=512",
            "length_mismatch expected:6 found:5",
            "request write_single_coil coil:1 address=1 values=[1]",
        ],
    );
}

#[test]
fn a_device_that_dials_out_is_still_the_server() {
    check(
        opened(),
        &[
            "< 0001 0000 0006 11 03 006b 0001",
            "> 0001 0000 0005 11 03 02 0009",
            "< 0002 0000 0006 11 03 006b 0001",
            "> 0002 0000 0005 11 03 02 0009",
            "< 0003 0000 0006 11 05 0001 ff00",
            "> 0003 0000 0006 11 05 0001 ff00",
        ],
        &[
            "request read_holding_registers holding:107 address=107 quantity=1",
            "response read_holding_registers holding:107 answers:1 values=[9]",
            "request read_holding_registers holding:107 address=107 quantity=1",
            "response read_holding_registers holding:107 answers:3 values=[9]",
            "request write_single_coil coil:1 address=1 values=[1]",
            "response write_single_coil coil:1 answers:5 address=1 values=[1]",
        ],
    );
}
