//! Modbus messages that say one thing to a sensor and another to a device.

use super::{connection, suffer};

/// Reads one register.
const READ: [u8; 12] = [0, 1, 0, 0, 0, 6, 1, 3, 0, 9, 0, 1];
/// Writes one register.
const WRITE: [u8; 12] = [0, 2, 0, 0, 0, 6, 1, 6, 0, 40, 3, 231];

#[test]
fn a_write_hidden_behind_a_read_by_a_length_that_covers_both_is_told() {
    let mut attack = connection(502);
    let mut both = [READ, WRITE].concat();
    both[5] = 18;
    attack.client([&READ[..], &both[..]]);
    suffer(&attack)
        .says(&[
            "4 request read_holding_registers",
            "5 request read_holding_registers",
        ])
        .raises(&["sensor.length_mismatch"]);
}

#[test]
fn a_write_behind_the_first_message_that_covers_it_is_found() {
    let mut attack = connection(502);
    let mut both = [READ, WRITE].concat();
    both[5] = 18;
    attack.client([&both[..]]);
    suffer(&attack).says(&["4 request write_single_register"]);
}

#[test]
fn a_length_that_ends_within_its_function_hides_nothing_that_follows() {
    let mut attack = connection(502);
    attack.client([&READ[..]]);
    let mut short = WRITE;
    short[5] = 3;
    attack.client([&short[..], &WRITE[..], &WRITE[..]]);
    let outcome = suffer(&attack);
    let writes = outcome.records.iter();
    let writes = writes.filter(|it| it.ends_with("request write_single_register"));
    assert_eq!(writes.count(), 3, "{:?}", outcome.records);
    outcome.raises(&["sensor.length_mismatch", "sensor.malformed"]);
}

#[test]
fn a_byte_count_that_lies_is_told() {
    let mut attack = connection(502);
    attack.client([&[0, 1, 0, 0, 0, 9, 1, 16, 0, 40, 0, 1, 200, 3, 231][..]]);
    suffer(&attack)
        .says(&["4 request write_multiple_registers"])
        .raises(&["sensor.length_mismatch"]);
}

#[test]
fn a_write_byte_by_byte_is_a_write() {
    let mut attack = connection(502);
    attack.client([&READ[..]]);
    attack.client(WRITE.chunks(1));
    suffer(&attack)
        .says(&[
            "4 request read_holding_registers",
            "16 request write_single_register",
        ])
        .raises(&[]);
}

#[test]
fn a_write_after_nonsense_for_hours_is_a_write() {
    let mut attack = connection(502);
    attack.client([&[0x55; 1400][..]; 200]);
    attack.client([&WRITE[..], &WRITE[..]]);
    suffer(&attack).says(&[
        "204 request write_single_register",
        "205 request write_single_register",
    ]);
}

#[test]
fn requests_without_end_and_without_answer_are_forgotten_one_by_one() {
    let mut attack = connection(502);
    for transaction in 0..20_000_u16 {
        let mut request = READ;
        request[..2].copy_from_slice(&transaction.to_be_bytes());
        attack.client([&request[..]]);
    }
    let outcome = suffer(&attack);
    assert_eq!(outcome.records.len(), 20_000);
    outcome.raises(&[]);
}

#[test]
fn two_versions_of_the_same_bytes_are_told_and_the_first_one_counts() {
    let mut attack = connection(502);
    attack.client([&READ[..]]);
    attack.client_again(&WRITE);
    suffer(&attack)
        .says(&["4 request read_holding_registers"])
        .raises(&["sensor.overlap_conflict"]);
}

#[test]
fn a_stream_that_is_all_holes_is_bounded() {
    let mut attack = connection(502);
    attack.client([&READ[..]]);
    for _ in 0..5_000 {
        attack.skip(1);
        attack.client([&[0; 1400][..]]);
    }
    let outcome = suffer(&attack);
    assert_eq!(outcome.records[0], "4 request read_holding_registers");
    let gaps = outcome.records.iter().filter(|it| it.contains(" gap "));
    assert_eq!(gaps.count(), 5_000);
}
