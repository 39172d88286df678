//! What makes two messages the same to a judge, and what does not.

use std::collections::BTreeSet;

use model::Direction::{Backward, Forward};
use model::{Said, Stamp};

use super::{bytes, opened};
use crate::modbus::session::Session;
use crate::{Decoder, Limits};

/// The signature of the last operation of a client's and a server's message.
fn signature(limits: &Limits, request: &str, answer: &str) -> u64 {
    let mut session = Session::new(limits, model::Transport::Tcp);
    let mut last = 0;
    for (from, text) in [(Forward, request), (Backward, answer)] {
        session.feed(Stamp::default(), from, &bytes(text), &mut |said| {
            if let Said::Operation(operation) = said {
                last = operation.signature;
            }
        });
    }
    last
}

#[test]
fn transactions_and_values_do_not_matter() {
    let limits = Limits::default();
    let check = |a: [&str; 2], b: [&str; 2]| {
        let [first, second] = [a, b].map(|[request, answer]| signature(&limits, request, answer));
        assert_eq!(first, second, "{a:?} {b:?}");
    };
    check(
        ["0001 0000 0006 11 06 0001 0003", ""],
        ["0002 0000 0006 11 06 0001 0004", ""],
    );
    check(
        [
            "0001 0000 0006 11 03 0001 0001",
            "0001 0000 0005 11 03 02 0009",
        ],
        [
            "0002 0000 0006 11 03 0001 0001",
            "0002 0000 0005 11 03 02 000a",
        ],
    );
}

#[test]
fn everything_else_does() {
    let limits = Limits::default();
    let different = [
        ["0001 0000 0006 11 06 0001 0003", ""],
        ["0001 0000 0006 12 06 0001 0003", ""],
        ["0001 0000 0006 11 06 0002 0003", ""],
        ["0001 0000 0006 11 03 0001 0003", ""],
        ["0001 0000 0006 11 03 0001 0004", ""],
        ["0001 0000 0006 11 04 0001 0004", ""],
        [
            "0001 0000 0006 11 03 0001 0001",
            "0001 0000 0005 11 03 02 0009",
        ],
        [
            "0001 0000 0006 11 03 0002 0001",
            "0001 0000 0005 11 03 02 0009",
        ],
        ["0001 0000 0006 11 03 0001 0001", "0001 0000 0003 11 83 02"],
        ["0001 0000 0006 11 03 0001 0001", "0001 0000 0003 11 83 04"],
        ["", "0001 0000 0005 11 03 02 0009"],
        ["0001 0000 0006 11 08 0000 0000", ""],
        ["0001 0000 0006 11 08 0004 0000", ""],
        ["0001 0000 0004 11 5a 00 02", ""],
        ["0001 0000 0004 11 5a 00 41", ""],
        ["0001 0000 0004 11 5a 00 41", "0001 0000 0004 11 5a 00 fe"],
        ["0001 0000 0004 11 5a 00 41", "0001 0000 0004 11 5a 00 fd"],
        ["0001 0000 000a 11 14 07 06 0004 0001 0002", ""],
        ["0001 0000 000a 11 14 07 06 0005 0001 0002", ""],
    ];
    let signatures: BTreeSet<u64> = different
        .iter()
        .map(|[request, answer]| signature(&limits, request, answer))
        .collect();
    assert_eq!(signatures.len(), different.len());
}

#[test]
fn an_answer_names_the_signature_of_its_request() {
    let mut session = opened();
    let mut seen = Vec::new();
    for (from, text) in [
        (Forward, "0001 0000 0006 11 03 0001 0001"),
        (Backward, "0001 0000 0005 11 03 02 0009"),
    ] {
        session.feed(Stamp::default(), from, &bytes(text), &mut |said| {
            if let Said::Operation(operation) = said {
                seen.push((operation.signature, operation.answers));
            }
        });
    }
    let [(asked, None), (_, Some(request))] = seen[..] else {
        panic!("{seen:?}");
    };
    assert_eq!(request.signature, asked);
}
