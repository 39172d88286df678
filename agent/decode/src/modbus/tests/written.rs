//! What requests show of what they write: the examples of MODBUS Application Protocol V1.1b3, 6, and what is odd.

use model::{Direction, Said, Stamp, Transport};

use crate::modbus::PROTOCOL;
use crate::{Decoder, Limits};

/// Every target of a message with what is put there.
fn written(decoder: &mut dyn Decoder, from: Direction, message: &[u8]) -> Vec<String> {
    let mut lines = Vec::new();
    decoder.feed(Stamp::default(), from, message, &mut |said| {
        if let Said::Operation(operation) = said {
            operation.detail.written(&mut |target, value| {
                let mut numbers = Vec::new();
                value.numbers(&mut |number| numbers.push(number.unwrap_or(f64::NAN)));
                lines.push(match value {
                    model::Written::Masked { and, or } => format!("{target} {and:x} {or:x}"),
                    model::Written::Unseen => format!("{target} unseen"),
                    model::Written::Other => format!("{target} other"),
                    _ => format!("{target} {numbers:?}"),
                });
            });
            assert_eq!(
                operation.shows_value(),
                lines.iter().any(|line| !line.ends_with("unseen"))
            );
        }
    });
    lines
}

#[track_caller]
fn check(request: &str, wanted: &[&str]) {
    for transport in [Transport::Tcp, Transport::Udp] {
        let mut decoder = (PROTOCOL.open)(&Limits::default(), transport);
        let message = super::framed(1, request);
        assert_eq!(
            written(&mut *decoder, Direction::Forward, &message),
            wanted,
            "{request}"
        );
    }
    let mut decoder = (PROTOCOL.open)(&Limits::default(), Transport::Udp);
    let message = super::serial(request);
    assert_eq!(
        written(&mut *decoder, Direction::Forward, &message),
        wanted,
        "{request} with serial framing"
    );
}

#[test]
fn every_function_that_writes_shows_what_it_writes() {
    check("05 00ac ff00", &["coil:172 [1.0]"]);
    check("05 00ac 0000", &["coil:172 [0.0]"]);
    check("06 0001 0003", &["holding:1 [3.0]"]);
    check(
        "0f 0013 000a 02 cd01",
        &["coil:19-28 [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0]"],
    );
    check("10 0001 0002 04 000a 0102", &["holding:1-2 [10.0, 258.0]"]);
    check("16 0004 00f2 0025", &["holding:4 f2 25"]);
    check(
        "17 0003 0006 000e 0003 06 00ff 00ff 00ff",
        &["holding:14-16 [255.0, 255.0, 255.0]"],
    );
    check("15 0d 06 0004 0007 0003 06af 04be 100d", &["file:4 other"]);
}

#[test]
fn what_reads_shows_nothing() {
    check("03 006b 0003", &[]);
    check("01 0013 0013", &[]);
    check("14 07 06 0004 0001 0002", &[]);
    check("5a 00 02", &[]);
}

#[test]
fn values_that_do_not_fit_their_cells_are_unseen() {
    let check = |request: &str, wanted: &str| {
        let mut decoder = (PROTOCOL.open)(&Limits::default(), Transport::Tcp);
        let message = super::framed(1, request);
        let lines = written(&mut *decoder, Direction::Forward, &message);
        assert_eq!(lines, [wanted], "{request}");
    };
    check("05 00ac 1234", "coil:172 unseen");
    check("10 0001 0002 02 000a", "holding:1-2 unseen");
    check("10 0001 0001 04 000a 0102", "holding:1 unseen");
    check("10 0001 0000 00", "holding:1 unseen");
    check("10 ffff 0002 04 000a 0102", "holding:65535 unseen");
    check("0f 0013 000a 01 cd", "coil:19-28 unseen");
    check(
        "17 0003 0006 000e 0003 04 00ff 00ff",
        "holding:14-16 unseen",
    );
}

#[test]
fn an_answer_shows_nothing() {
    let mut decoder = (PROTOCOL.open)(&Limits::default(), Transport::Tcp);
    let message = super::framed(1, "06 0001 0003");
    let request = written(&mut *decoder, Direction::Forward, &message);
    assert_eq!(request, ["holding:1 [3.0]"]);
    let answer = written(&mut *decoder, Direction::Backward, &message);
    assert_eq!(answer, [""; 0]);
}

#[test]
fn a_tag_of_two_registers_is_cut_out_of_a_longer_write() {
    let mut decoder = (PROTOCOL.open)(&Limits::default(), Transport::Tcp);
    let message = super::framed(1, "10 0064 0004 08 0001 42f6 e979 0002");
    let mut cuts = Vec::new();
    decoder.feed(
        Stamp::default(),
        Direction::Forward,
        &message,
        &mut |said| {
            if let Said::Operation(operation) = said {
                operation.detail.written(&mut |target, value| {
                    cuts.extend(value.cut(target, 101, 102).map(<[u8]>::to_vec));
                });
            }
        },
    );
    assert_eq!(cuts, [123.456_f32.to_be_bytes()]);
}
