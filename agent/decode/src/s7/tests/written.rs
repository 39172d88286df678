//! What requests show of what they write.

use model::{Direction, Said, Stamp, Transport};

use super::vectors::*;
use crate::Limits;

/// Checks every target of a client's message with what is put there.
#[track_caller]
fn check(message: &[u8], wanted: &[&str]) {
    let mut lines = Vec::new();
    let mut decoder = (super::super::PROTOCOL.open)(&Limits::default(), Transport::Tcp);
    decoder.feed(Stamp::default(), Direction::Forward, message, &mut |said| {
        if let Said::Operation(operation) = said {
            let mut see = |target: model::Target<'_>, value: model::Written<'_>| {
                lines.push(format!("{target} {value:?}"));
            };
            operation.detail.written(&mut see);
        }
    });
    assert_eq!(lines, wanted);
}

fn write(items: &[Vec<u8>], values: &[u8]) -> Vec<u8> {
    job(1, &variables(5, items), values)
}

#[test]
fn every_type_shows_its_bytes() {
    let bytes = "DB10:4-7 Bytes { bytes: [1, 2, 3, 4], element: Byte }";
    check(
        &write(&[item(2, 4, 10, 0x84, 32)], &[0, 4, 0, 32, 1, 2, 3, 4]),
        &[bytes],
    );
    let real = "DB10:4-7 Bytes { bytes: [66, 40, 0, 0], element: Real }";
    check(
        &write(&[item(8, 1, 10, 0x84, 32)], &[0, 7, 0, 4, 0x42, 0x28, 0, 0]),
        &[real],
    );
    check(
        &write(&[item(5, 1, 0, 0x82, 16)], &[0, 5, 0, 16, 0xff, 0xfe]),
        &["Q:2-3 Bytes { bytes: [255, 254], element: Int }"],
    );
    check(
        &write(&[item(1, 1, 0, 0x83, 83)], &[0, 3, 0, 1, 1]),
        &["M:10 Bit { place: 3, on: true }"],
    );
    check(
        &write(
            &[item(0x1d, 2, 0, 0x1d, 5)],
            &[0, 9, 0, 4, 0x21, 0x27, 0, 1],
        ),
        &["T:5-6 Words([33, 39, 0, 1])"],
    );
}

#[test]
fn every_item_shows_its_own_value() {
    let items = [item(2, 1, 1, 0x84, 0), item(1, 1, 1, 0x84, 9)];
    check(
        &write(&items, &[0, 4, 0, 8, 7, 0, 0, 3, 0, 1, 0]),
        &[
            "DB1:0 Bytes { bytes: [7], element: Byte }",
            "DB1:1 Bit { place: 1, on: false }",
        ],
    );
}

#[test]
fn values_that_do_not_fit_their_items_are_unseen() {
    check(
        &write(&[item(8, 1, 10, 0x84, 32)], &[0, 4, 0, 16, 0x42, 0x28]),
        &["DB10:4-7 Unseen"],
    );
    check(
        &write(&[item(2, 1, 10, 0x84, 32)], &[0, 4, 0, 16, 1, 2]),
        &["DB10:4 Unseen"],
    );
    check(
        &write(&[item(4, 1, 10, 0x84, 33)], &[0, 4, 0, 16, 1, 2]),
        &["DB10:4-6 Unseen"],
    );
    check(
        &write(&[item(1, 1, 0, 0x83, 83)], &[0, 3, 0, 1, 2]),
        &["M:10 Unseen"],
    );
    check(
        &write(
            &[item(2, 1, 1, 0x84, 0), item(2, 1, 1, 0x84, 8)],
            &[0, 4, 0, 8, 7],
        ),
        &["DB1:0 Bytes { bytes: [7], element: Byte }", "DB1:1 Unseen"],
    );
    let symbol = [
        0x12, 0x0e, 0xb2, 0xff, 0x8a, 0x0e, 0, 3, 0, 0, 0, 0, 0, 0, 0, 9,
    ];
    check(
        &write(&[symbol.to_vec()], &[0, 4, 0, 8, 7]),
        &["DB3:0-2097151 Unseen"],
    );
}

#[test]
fn what_reads_or_answers_shows_nothing() {
    check(&job(1, &variables(4, &[item(2, 4, 1, 0x84, 16)]), &[]), &[]);
    check(&answer(1, &[5, 1], &[0xff]), &[]);
    check(&job(1, STOP, &[]), &[]);
    check(&symbols(1), &[]);
}

#[test]
fn the_newer_protocol_shows_numbers_by_block_and_bytes_where_it_names_them() {
    check(
        &set(1, 0x8a0e_0003, [0x93, 0x76], 1),
        &["DB3:0-2097151 Int(1)"],
    );
    let body = [
        &[0, 0, 0, 0, 3, 16][..],
        &[0, 0x52, 2, 0x9d, 0x18, 9],
        &[0, 0x52, 4, 0x9d, 0x18, 3, 100, 2],
        &[0, 0x52, 2, 0x9d, 0x18, 10],
        &[1, 0, 7, 0, 5],
        &[2, 0, 0x0b, 1, 2],
        &[0],
    ]
    .concat();
    check(
        &plus_with(&asks(0x0542, 1), &body),
        &[
            "M:0-2097151 Int(5)",
            "M:100-101 Bytes { bytes: [1, 2], element: Word }",
            "M:0-2097151 Unseen",
        ],
    );
    let array = [
        0x8a, 0x0e, 0, 3, 1, 0x93, 0x76, 0x10, 0x07, 2, 0, 1, 0xff, 0xff,
    ];
    check(
        &plus_with(&asks(0x04f2, 1), &array),
        &["DB3:0-2097151 Int(1)", "DB3:0-2097151 Int(-1)"],
    );
}

#[test]
fn whether_a_conversation_is_encrypted_is_told_of_every_message_but_its_connects() {
    let told = |message: &[u8]| {
        let mut told = None;
        let mut decoder = (super::super::PROTOCOL.open)(&Limits::default(), Transport::Tcp);
        decoder.feed(Stamp::default(), Direction::Forward, message, &mut |said| {
            if let Said::Operation(operation) = said {
                told = operation
                    .detail
                    .field("encrypted")
                    .map(|value| match value {
                        model::Value::Bool(truth) => truth,
                        other => panic!("{other:?}"),
                    });
            }
        });
        told
    };
    let check = |message: &[u8], encrypted| {
        assert_eq!(told(message), Some(encrypted));
    };
    check(&job(1, &SETUP, &[]), false);
    check(&symbols(1), false);
    check(&data(&[0x17, 3, 3, 0, 2, 1, 0]), true);
    assert_eq!(told(&connect(0xe0, &[1, 0], &[1, 2])), None);
}
