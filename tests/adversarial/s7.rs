//! S7 messages that hide a stop, lie about their items, or never end.

use super::{connection, suffer};
use crate::records::Conversation;

const CONNECT: &[u8] = &[
    3, 0, 0, 22, 17, 0xe0, 0, 0, 0, 1, 0, 0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, 2,
];
const CONFIRM: &[u8] = &[
    3, 0, 0, 22, 17, 0xd0, 0, 1, 0, 2, 0, 0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, 2,
];

/// A transport unit that carries a part of a message.
fn unit(last: bool, payload: &[u8]) -> Vec<u8> {
    let len = (payload.len() as u16 + 7).to_be_bytes();
    let number = u8::from(last) << 7;
    [&[3, 0, len[0], len[1], 2, 0xf0, number], payload].concat()
}

/// A job with its parameters and no data.
fn job(reference: u8, parameters: &[u8]) -> Vec<u8> {
    let len = (parameters.len() as u16).to_be_bytes();
    let header = [0x32, 1, 0, 0, 0, reference, len[0], len[1], 0, 0];
    [&header[..], parameters].concat()
}

fn stop() -> Vec<u8> {
    job(7, b"\x29\0\0\0\0\0\x09P_PROGRAM")
}

fn connected() -> Conversation {
    let mut attack = connection(102);
    attack.exchange(CONNECT, CONFIRM);
    attack
}

#[test]
fn a_stop_byte_by_byte_is_a_stop() {
    let mut attack = connected();
    attack.client(unit(true, &stop()).chunks(1));
    let outcome = suffer(&attack);
    assert_eq!(outcome.records.last().unwrap(), "38 request plc_stop");
    outcome.raises(&["s7.plc_stop"]);
}

#[test]
fn a_stop_in_many_transport_units_is_a_stop() {
    let mut attack = connected();
    let stop = stop();
    let (last, parts) = stop.split_last().unwrap();
    for part in parts {
        attack.client([&unit(false, &[*part])[..]]);
    }
    attack.client([&unit(true, &[*last])[..]]);
    let outcome = suffer(&attack);
    assert_eq!(outcome.records.last().unwrap(), "31 request plc_stop");
    outcome.raises(&["s7.plc_stop"]);
}

#[test]
fn a_message_that_never_ends_is_passed_over_and_told() {
    let mut attack = connected();
    let part = unit(false, &[[0x32, 1, 0, 0].as_slice(), &[0; 1300]].concat());
    for _ in 0..2_000 {
        attack.client([&part[..]]);
    }
    let outcome = suffer(&attack);
    assert!(outcome.records.len() < 16, "{:?}", &outcome.records[..16]);
    outcome.raises(&["sensor.too_large"]);
}

#[test]
fn a_read_of_65535_elements_is_told_and_costs_no_more_than_another() {
    let item = [0x12, 10, 0x10, 2, 0xff, 0xff, 0, 1, 0x84, 0, 0, 0];
    let mut attack = connected();
    let read = [&[4, 1], &item[..]].concat();
    attack.client([&unit(true, &job(8, &read))[..]]);
    let outcome = suffer(&attack);
    assert_eq!(outcome.records.last().unwrap(), "6 request read_var");
    outcome.raises(&["sensor.too_many"]);
}

/// 480 bytes are agreed on: more than that fits into no answer, that much does.
#[test]
fn a_read_of_more_than_an_answer_holds_is_told() {
    let setup = |kind: u8| {
        let parameters = [0xf0, 0, 0, 1, 0, 1, 0x01, 0xe0];
        let error: &[u8] = if kind == 3 { &[0, 0] } else { &[] };
        let header = [0x32, kind, 0, 0, 0, 1, 0, 8, 0, 0];
        unit(true, &[&header[..], error, &parameters].concat())
    };
    for (count, rules) in [(460_u16, &[][..]), (481, &["sensor.too_many"][..])] {
        let [high, low] = count.to_be_bytes();
        let read = [4, 1, 0x12, 10, 0x10, 2, high, low, 0, 1, 0x84, 0, 0, 0];
        let mut attack = connected();
        attack.exchange(&setup(1), &setup(3));
        attack.client([&unit(true, &job(8, &read))[..]]);
        suffer(&attack).raises(rules);
    }
}

#[test]
fn a_download_that_never_ends_is_told() {
    let mut attack = connected();
    let request = job(9, b"\x1a\0\0\0\0\0\0\0\x09_0800001P\x0d1000120000100");
    attack.exchange(
        &unit(true, &request),
        &unit(true, &acknowledged(9, &[0x1a], &[])),
    );
    let asked = job(10, b"\x1b\0\0\0\0\0\0\0\x09_0800001P");
    let data = [&[0, 200, 0, 0xfb][..], &[0; 200]].concat();
    for _ in 0..3 {
        attack.server(&unit(true, &asked));
        attack.client([&unit(true, &acknowledged(10, &[0x1b, 1], &data))[..]]);
    }
    let outcome = suffer(&attack);
    outcome.raises(&["s7.task_changed", "sensor.endless_transfer"]);
}

/// The answer to a job.
fn acknowledged(reference: u8, parameters: &[u8], data: &[u8]) -> Vec<u8> {
    let [parameter_len, data_len] = [parameters, data].map(|it| (it.len() as u16).to_be_bytes());
    let header = [
        &[0x32, 3, 0, 0, 0, reference][..],
        &parameter_len,
        &data_len,
        &[0, 0],
    ];
    [&header.concat(), parameters, data].concat()
}

#[test]
fn a_list_of_more_items_than_its_message_holds_is_told() {
    let item = [0x12, 10, 0x10, 2, 0, 1, 0, 1, 0x84, 0, 0, 0];
    for function in [4, 5] {
        let mut attack = connected();
        let access = [&[function, 255], &item[..]].concat();
        attack.client([&unit(true, &job(8, &access))[..]]);
        let outcome = suffer(&attack);
        assert!(
            outcome
                .rules
                .iter()
                .any(|rule| rule == "sensor.malformed" || rule == "sensor.too_many"),
            "{:?} {:?}",
            outcome.records,
            outcome.rules
        );
    }
}

#[test]
fn a_unit_within_a_unit_is_told_and_is_no_message_of_its_own() {
    let mut attack = connected();
    attack.client([&unit(true, &unit(true, &stop()))[..]]);
    attack.client([&unit(true, &stop())[..]]);
    let outcome = suffer(&attack);
    let stops = outcome.records.iter().filter(|it| it.ends_with("plc_stop"));
    assert_eq!(stops.count(), 1, "{:?}", outcome.records);
    outcome.raises(&["s7.plc_stop", "sensor.nested"]);
}
