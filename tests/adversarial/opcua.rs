//! OPC UA messages that never end, nest without end, or claim more than they hold.

use super::{Outcome, connection, suffer};
use crate::records::Conversation;

const CHANNEL: u32 = 7;
const NO_POLICY: &str = "http://opcfoundation.org/UA/SecurityPolicy#None";
/// A null string, byte string or array.
const NULL: [u8; 4] = [0xff; 4];

fn chunk(letters: &str, body: &[u8]) -> Vec<u8> {
    let size = (body.len() as u32 + 8).to_le_bytes();
    [letters.as_bytes(), &size, body].concat()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn opened(request_id: u32, body: &[u8]) -> Vec<u8> {
    let policy = [&words(&[NO_POLICY.len() as u32])[..], NO_POLICY.as_bytes()].concat();
    let head = [words(&[CHANNEL]), policy, [NULL, NULL].concat()].concat();
    chunk(
        "OPNF",
        &[head, words(&[1, request_id]), body.to_vec()].concat(),
    )
}

fn message(letters: &str, sequence: u32, request_id: u32, body: &[u8]) -> Vec<u8> {
    let head = words(&[CHANNEL, 1, sequence, request_id]);
    chunk(letters, &[&head[..], body].concat())
}

/// A type identifier and the header of a request.
fn request(kind: u16, body: &[u8]) -> Vec<u8> {
    let [low, high] = kind.to_le_bytes();
    let header = [
        &[1, 0, low, high, 0, 0][..],
        &[0; 8],
        &words(&[1, 0]),
        &NULL,
    ]
    .concat();
    [&header[..], &[0; 4], &[0, 0, 0], body].concat()
}

/// A type identifier and the header of an answer, which has this to say about errors.
fn response(kind: u16, diagnostics: &[u8], body: &[u8]) -> Vec<u8> {
    let [low, high] = kind.to_le_bytes();
    let header = [
        &[1, 0, low, high][..],
        &[0; 8],
        &words(&[1, 0]),
        diagnostics,
    ]
    .concat();
    [&header[..], &NULL, &[0, 0, 0], body].concat()
}

fn greeted() -> Conversation {
    let mut attack = connection(4840);
    let sizes = words(&[0, 65_536, 65_536, 0, 0]);
    attack.exchange(
        &chunk("HELF", &[&sizes[..], &NULL].concat()),
        &chunk("ACKF", &sizes),
    );
    let ask = request(
        446,
        &[words(&[0, 0, 1]), NULL.to_vec(), words(&[60_000])].concat(),
    );
    let token = [
        words(&[0, CHANNEL, 1]),
        vec![0; 8],
        words(&[60_000]),
        NULL.to_vec(),
    ]
    .concat();
    attack.exchange(&opened(1, &ask), &opened(1, &response(449, &[0], &token)));
    attack
}

/// What becomes of one request that a single chunk carries.
fn asked(body: &[u8]) -> Outcome {
    let mut attack = greeted();
    for piece in message("MSGF", 2, 2, body).chunks(1400) {
        attack.client([piece]);
    }
    suffer(&attack)
}

#[track_caller]
fn is_told(outcome: &Outcome, wanted: &[&str]) {
    let told = outcome
        .rules
        .iter()
        .any(|rule| wanted.contains(&rule.as_str()));
    let last = outcome.records.last();
    assert!(told, "{:?}, at last {last:?}", outcome.rules);
}

#[test]
fn chunks_without_a_final_one_are_told_and_forgotten() {
    let mut attack = greeted();
    for number in 0..3_000 {
        attack.client([&message("MSGC", 2 + number, 2, &[0; 1000])[..]]);
    }
    is_told(&suffer(&attack), &["sensor.chunk_flood"]);
}

#[test]
fn messages_that_all_begin_and_never_end_are_told_and_forgotten() {
    let mut attack = greeted();
    for number in 0..3_000 {
        attack.client([&message("MSGC", 2 + number, 2 + number, &[0; 1000])[..]]);
    }
    is_told(&suffer(&attack), &["sensor.chunk_flood"]);
}

#[test]
fn a_chunk_that_claims_64_mebibytes_is_told_and_passed_over() {
    let mut attack = greeted();
    let mut claim = message("MSGF", 2, 2, &[0; 1000]);
    claim[4..8].copy_from_slice(&(64_u32 << 20).to_le_bytes());
    attack.client([&claim[..]]);
    attack.client([&[0; 1400][..]; 3_000]);
    is_told(&suffer(&attack), &["sensor.too_large"]);
}

#[test]
fn diagnostics_within_diagnostics_are_told() {
    let mut attack = greeted();
    let ask = request(631, &[vec![0; 8], words(&[3, 0])].concat());
    attack.client([&message("MSGF", 2, 2, &ask)[..]]);
    for piece in message("MSGF", 2, 2, &response(634, &[0x40; 60_000], &[])).chunks(1400) {
        attack.server(piece);
    }
    is_told(&suffer(&attack), &["sensor.malformed", "sensor.too_deep"]);
}

#[test]
fn values_within_values_are_told() {
    // an array of one value, which is an array of one value, …
    let nested = [0x80 | 24, 1, 0, 0, 0].repeat(10_000);
    let node = [&[0, 85][..], &words(&[13]), &NULL, &[1]].concat();
    let write = request(673, &[&words(&[1])[..], &node, &nested].concat());
    is_told(&asked(&write), &["sensor.malformed", "sensor.too_deep"]);
}

#[test]
fn structures_within_structures_are_bounded() {
    // a structure whose bytes are a structure, …
    let mut nested = Vec::new();
    for _ in 0..4_000 {
        let len = words(&[nested.len() as u32]);
        nested = [&[0, 1, 1][..], &len, &nested].concat();
    }
    let node = [&[0, 85][..], &words(&[13]), &NULL, &[1, 22]].concat();
    let write = request(673, &[&words(&[1])[..], &node, &nested].concat());
    let outcome = asked(&write);
    assert!(outcome.records.len() >= 5, "{:?}", outcome.records);
}

#[test]
fn lists_of_more_than_they_hold_are_told() {
    for claimed in [65_535, i32::MAX as u32] {
        let ids: [(u16, &[u8]); 2] = [(631, &[0; 12]), (673, &[])];
        for (kind, before) in ids {
            let list = [before, &words(&[claimed]), &[0, 85]].concat();
            let outcome = asked(&request(kind, &list));
            is_told(&outcome, &["sensor.malformed", "sensor.too_many"]);
        }
    }
}

#[test]
fn a_list_of_65535_nodes_that_is_true_is_bounded_and_told() {
    let node = [&[0, 85][..], &words(&[13]), &NULL, &[0, 0], &NULL].concat();
    let read = [&[0; 12][..], &words(&[65_535]), &node.repeat(65_535)].concat();
    let register = [&words(&[65_535])[..], &[0, 85].repeat(65_535)].concat();
    for (kind, list, rule) in [
        (631, read, "sensor.too_large"),
        (560, register, "sensor.too_many"),
    ] {
        let outcome = asked(&request(kind, &list));
        assert!(outcome.records.len() <= 6, "{:?}", outcome.records);
        is_told(&outcome, &[rule]);
    }
}

#[test]
fn a_sequence_number_that_is_not_the_next_one_is_told() {
    let read = request(631, &[&[0; 12][..], &words(&[0]), &NULL].concat());
    let mut attack = greeted();
    attack.client([&message("MSGF", 2, 2, &read)[..]]);
    suffer(&attack).raises(&[]);
    attack.client([&message("MSGF", 9, 3, &read)[..]]);
    is_told(&suffer(&attack), &["sensor.sequence_break"]);
}

#[test]
fn a_token_that_nobody_issued_is_told() {
    let read = request(631, &[&[0; 12][..], &words(&[0]), &NULL].concat());
    let forged = [&words(&[CHANNEL, 77, 2, 2])[..], &read].concat();
    let mut attack = greeted();
    attack.client([&chunk("MSGF", &forged)[..]]);
    is_told(&suffer(&attack), &["sensor.sequence_break"]);
}
