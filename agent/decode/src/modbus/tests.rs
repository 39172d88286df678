//! How the tests of this room talk: messages as hexadecimal text, what is said as one line each.
//!
//! The conversation in [`samples`] is also what the contract suite replays.

mod bodies;
mod framing;
mod lengths;
mod messages;
mod pairing;
mod probing;
mod roles;
mod secure;
mod serial;
mod signatures;
mod written;

use model::Direction::{self, Backward, Forward};
use model::{Said, Stamp, Timestamp, Transport};

pub(crate) use secure::samples as secure_samples;

use super::session::Session;
use crate::{Decoder, Limits};

/// A client that asks one server for everything that Modbus can do, and the server that answers.
pub(crate) fn samples() -> Vec<(Direction, Vec<u8>)> {
    messages::EXCHANGES
        .iter()
        .zip(1..)
        .flat_map(|(exchange, number)| {
            [
                (Forward, framed(number, exchange.request)),
                (Backward, framed(number, exchange.answer)),
            ]
        })
        .collect()
}

/// The same with serial framing, but for what only the end of a segment ends.
pub(crate) fn serial_samples() -> Vec<(Direction, Vec<u8>)> {
    let is_open =
        |pdu: &str| pdu.starts_with("5a") || pdu.starts_with("2b 0d") || pdu.starts_with("08 0000");
    messages::EXCHANGES
        .iter()
        .filter(|exchange| !is_open(exchange.request))
        .flat_map(|exchange| {
            [
                (Forward, serial(exchange.request)),
                (Backward, serial(exchange.answer)),
            ]
        })
        .collect()
}

/// A decoder that saw the flow from its start.
fn opened() -> Session {
    Session::new(&Limits::default(), Transport::Tcp)
}

/// A decoder that missed the start of the flow.
fn midway() -> Session {
    let mut session = opened();
    session.joined_midway();
    session
}

/// Checks what a decoder says of some lines.
///
/// `> …` are bytes from the end that is first, `< …` from the other; `> gap 12` are bytes that
/// never came; `close` ends the flow. Lines are frames, numbered from 1.
#[track_caller]
fn check(mut session: impl Decoder, lines: &[&str], wanted: &[&str]) {
    let mut heard = Vec::new();
    for (line, frame) in lines.iter().zip(1..) {
        hear(&mut session, frame, line, &mut heard);
    }
    assert_eq!(heard, wanted);
}

fn hear(session: &mut impl Decoder, frame: u64, line: &str, heard: &mut Vec<String>) {
    let stamp = Stamp::new(frame, Timestamp::default(), 0);
    let say = &mut |said: Said<'_>| heard.push(shown(&said));
    let (from, rest) = match line.split_at_checked(1) {
        Some((">", rest)) => (Forward, rest.trim()),
        Some(("<", rest)) => (Backward, rest.trim()),
        _ => return session.close(stamp, say),
    };
    match rest.strip_prefix("gap ") {
        Some(missing) => session.gap(stamp, from, missing.parse().unwrap(), say),
        None => session.feed(stamp, from, &bytes(rest), say),
    }
}

/// Stage, function, whether it was refused, targets, the frame that it answers, and all fields
/// but those of the header.
fn shown(said: &Said<'_>) -> String {
    match said {
        Said::Operation(operation) => {
            let stage = operation.stage.name();
            let mut line = format!("{stage} {}", operation.function.name);
            if let Some(model::Outcome::Refused { name, .. }) = operation.outcome {
                line += &format!(" refused:{name}");
            }
            operation
                .detail
                .targets(&mut |target| line += &format!(" {target}"));
            if let Some(request) = operation.answers {
                line += &format!(" answers:{}", request.asked.frame());
            }
            let record = serde_json::to_value(operation.detail).unwrap();
            for (name, value) in record.as_object().unwrap() {
                if !HEADER.contains(&name.as_str()) {
                    line += &format!(" {name}={value}");
                }
            }
            line
        }
        Said::Recognised { .. } | Said::Part(_) => String::new(),
        Said::Malformed(malformed) => {
            format!("malformed {} at {}", malformed.field, malformed.offset)
        }
        Said::Anomaly(anomaly) => format!(
            "{} expected:{} found:{}",
            anomaly.kind.name(),
            anomaly.expected,
            anomaly.found
        ),
        Said::Unanswered {
            function, asked, ..
        } => format!("unanswered {} of {}", function.name, asked.frame()),
        Said::Resynchronised { skipped_bytes } => format!("resynchronised {skipped_bytes}"),
    }
}

/// A message to unit 17 with a right header, from its PDU.
fn framed(transaction_id: u16, pdu: &str) -> Vec<u8> {
    let pdu = bytes(pdu);
    let mut message = transaction_id.to_be_bytes().to_vec();
    message.extend([0, 0]);
    message.extend((pdu.len() as u16 + 1).to_be_bytes());
    message.push(17);
    message.extend(pdu);
    message
}

/// A message to unit 17 with serial framing, from its PDU.
fn serial(pdu: &str) -> Vec<u8> {
    summed(&format!("11 {pdu}"))
}

/// Bytes and their checksum.
fn summed(text: &str) -> Vec<u8> {
    let mut message = bytes(text);
    message.extend(super::crc::crc16(&message).to_le_bytes());
    message
}

/// The bytes that hexadecimal digits spell; `'…'` are characters.
fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (place, part) in text.split('\'').enumerate() {
        if place % 2 == 1 {
            bytes.extend(part.bytes());
            continue;
        }
        let digits: Vec<u32> = part
            .chars()
            .filter_map(|digit| digit.to_digit(16))
            .collect();
        assert!(digits.len().is_multiple_of(2), "{part}");
        bytes.extend(digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8));
    }
    bytes
}

const HEADER: [&str; 4] = ["transaction_id", "unit_id", "function", "framing"];
