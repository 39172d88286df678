//! What requests show of what they write, and of what methods are given.

use super::*;

/// Checks every target of a client's message with what is put there.
#[track_caller]
fn check(body: &[u8], wanted: &[&str]) {
    let mut decoder = Session::new(&Limits::default());
    for (from, bytes) in greeting() {
        decoder.feed(Stamp::default(), from, &bytes, &mut |_| {});
    }
    let mut lines = Vec::new();
    let request = message("MSGF", 2, body);
    decoder.feed(Stamp::default(), Forward, &request, &mut |said| {
        if let Said::Operation(operation) = said {
            let mut see = |target: model::Target<'_>, value: model::Written<'_>| {
                lines.push(format!("{target} {value:?}"));
            };
            operation.detail.written(&mut see);
        }
    });
    assert_eq!(lines, wanted);
}

/// A `DataValue` of a built-in type.
fn value(kind: u8, bytes: &[u8]) -> Vec<u8> {
    [&[1, kind], bytes].concat()
}

#[test]
fn every_node_that_is_written_shows_its_value() {
    let items = [
        (named("Pump.Speed"), int(-50)),
        (node(2, 1), value(1, &[1])),
        (node(2, 2), value(3, &[200])),
        (node(2, 3), value(9, &u64::MAX.to_le_bytes())),
        (node(2, 4), value(10, &1.5f32.to_le_bytes())),
        (node(2, 5), value(11, &(-0.25f64).to_le_bytes())),
        (node(2, 6), text("auto")),
    ];
    check(
        &write(&items),
        &[
            "ns=2;s=Pump.Speed Int(-50)",
            "ns=2;i=1 Bool(true)",
            "ns=2;i=2 UInt(200)",
            "ns=2;i=3 UInt(18446744073709551615)",
            "ns=2;i=4 Number(1.5)",
            "ns=2;i=5 Number(-0.25)",
            "ns=2;i=6 Text(\"auto\")",
        ],
    );
}

#[test]
fn of_an_array_each_element_is_shown() {
    let array = value(0x84, &[2, 0, 0, 0, 1, 0, 0xff, 0xff]);
    let empty = value(0x84, &[0; 4]);
    let within = value(0x98, &[2, 0, 0, 0, 3, 7, 1, 0]);
    check(
        &write(&[
            (node(2, 1), array),
            (node(2, 2), empty),
            (node(2, 3), within),
        ]),
        &[
            "ns=2;i=1 Int(1)",
            "ns=2;i=1 Int(-1)",
            "ns=2;i=2 Other",
            "ns=2;i=3 UInt(7)",
            "ns=2;i=3 Bool(false)",
        ],
    );
}

#[test]
fn what_is_no_number_or_no_value_is_shown_as_other() {
    let write_attribute = |attribute: u8, value: Vec<u8>| {
        let item = [node(2, 1), vec![attribute, 0, 0, 0], null(), value].concat();
        request(673, &SESSION, &array(&[item]))
    };
    check(
        &write_attribute(13, value(13, &[0; 8])),
        &["ns=2;i=1 Other"],
    );
    check(&write_attribute(13, value(0, &[])), &["ns=2;i=1 Other"]);
    check(&write_attribute(13, vec![0]), &["ns=2;i=1 Other"]);
    check(&write_attribute(17, value(3, &[3])), &["ns=2;i=1 Other"]);
}

#[test]
fn a_method_shows_what_it_is_given_but_for_secrets() {
    check(&call(node(2, 1), node(2, 9)), &["ns=2;i=9 Bool(true)"]);
    check(&call(node(2, 1), node(0, 24269)), &["i=24269 Unseen"]);
}

#[test]
fn what_reads_shows_nothing() {
    check(&read(&[node(2, 1)]), &[]);
    check(&written(&[GOOD]), &[]);
}
