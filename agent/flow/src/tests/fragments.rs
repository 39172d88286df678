//! Packets put together from fragments.

use model::Counter::{
    Duplicates, FlowsOpened, FragmentsConflicting, FragmentsHeld, FragmentsJoined, FragmentsLate,
    FragmentsOverLimit,
};
use model::{Counter, LinkType};

use super::stage::Stage;
use super::wire::{Shot, udp};
use crate::Limits;

/// One fragment of a datagram that carries `abcdefghijklmnop`, of its bytes from 8 times `first`
/// to 8 times `last`; its header is the first 8 of 24.
fn piece(id: u16, first: u16, last: u16) -> Shot {
    let data = b"abcdefghijklmnop";
    let whole = udp(([10, 0, 0, 1], 1000), ([10, 0, 0, 2], 502), id, data).split_off(14);
    let payload = &whole[20..][usize::from(first) * 8..usize::from(last) * 8];
    let mut bytes = [&whole[..20], payload].concat();
    let more = if last < 3 { 0x2000 } else { 0 };
    let length = bytes.len() as u16;
    bytes[2..4].copy_from_slice(&length.to_be_bytes());
    bytes[6..8].copy_from_slice(&(first | more).to_be_bytes());
    Shot::new(LinkType::RawIp, bytes)
}

/// The same as an IPv6 packet with a fragment header.
fn piece_v6(id: u16, first: u16, last: u16) -> Shot {
    let v4 = piece(id, first, last).bytes;
    let more = u16::from(last < 3);
    let length = (v4.len() - 20 + 8) as u8;
    let mut bytes = vec![0x60, 0, 0, 0, 0, length, 44, 64];
    bytes.extend([7; 32]);
    bytes.extend([17, 0]);
    bytes.extend(((first << 3) | more).to_be_bytes());
    bytes.extend([0, 0, 0, id as u8]);
    bytes.extend(&v4[20..]);
    Shot::new(LinkType::RawIp, bytes)
}

fn check(frames: &[Shot], lines: &[&str], counted: &[(Counter, u64)]) {
    check_within(Limits::default(), frames, lines, counted);
}

fn check_within(limits: Limits, frames: &[Shot], lines: &[&str], counted: &[(Counter, u64)]) {
    let mut stage = Stage::new(limits);
    frames.iter().for_each(|frame| stage.play(frame));
    stage.flows.finish(&mut stage.script);
    stage.check(lines, counted);
}

fn heard(frame: u8) -> [String; 3] {
    let text = "abcdefghijklmnop";
    [
        format!("{frame} open 1000 502"),
        format!("{frame} > {text}"),
        format!("{frame} close"),
    ]
}

#[test]
fn fragments_in_any_order_make_their_packet() {
    let lines = heard(3);
    let lines = lines.each_ref().map(String::as_str);
    let counted = [(FragmentsHeld, 3), (FragmentsJoined, 1), (FlowsOpened, 1)];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
        check(&order.map(|n| piece(1, n, n + 1)), &lines, &counted);
        check(&order.map(|n| piece_v6(1, n, n + 1)), &lines, &counted);
    }
}

#[test]
fn copies_of_fragments_are_duplicates() {
    let lines = heard(4);
    let [a, b, c] = [0, 1, 2].map(|n| piece(1, n, n + 1));
    check(
        &[a.clone(), a.clone(), b.clone(), c.clone(), c, b, a],
        &lines.each_ref().map(String::as_str),
        &[
            (FragmentsHeld, 3),
            (FragmentsJoined, 1),
            (Duplicates, 4),
            (FlowsOpened, 1),
        ],
    );
}

#[test]
fn an_identification_may_be_used_again() {
    let lines = [
        "2 open 1000 502",
        "2 > abcdefghijklmnop",
        "4 > abcdefghijklmnop",
        "4 close",
    ];
    let later = |shot: Shot| shot.at_ms(500);
    check(
        &[
            piece(1, 0, 1),
            piece(1, 1, 3),
            later(piece(1, 0, 1)),
            later(piece(1, 1, 3)),
        ],
        &lines,
        &[(FragmentsHeld, 4), (FragmentsJoined, 2), (FlowsOpened, 1)],
    );
}

#[test]
fn of_fragments_that_overlap_the_first_bytes_win() {
    let mut forged = piece(1, 1, 3);
    forged.bytes[20..].fill(b'X');
    check(
        &[piece(1, 1, 2), forged, piece(1, 0, 1)],
        &[
            "3 open 1000 502",
            "3 > abcdefghXXXXXXXX",
            "3 > conflict",
            "3 close",
        ],
        &[
            (FragmentsHeld, 2),
            (FragmentsConflicting, 1),
            (FragmentsJoined, 1),
            (FlowsOpened, 1),
        ],
    );
}

#[test]
fn fragments_whose_rest_never_comes_are_late() {
    check(
        &[piece(1, 0, 1), piece(1, 1, 2), piece(2, 0, 1).at_ms(31_000)],
        &[],
        &[(FragmentsHeld, 3), (FragmentsLate, 3)],
    );
}

#[test]
fn the_oldest_fragments_make_room() {
    let frames = [
        piece(1, 0, 1),
        piece(2, 0, 1),
        piece(3, 0, 2),
        piece(3, 2, 3),
    ];
    let lines = heard(4);
    let lines = lines.each_ref().map(String::as_str);
    let counted = |dropped| {
        [
            (FragmentsHeld, 4),
            (FragmentsOverLimit, dropped),
            (FragmentsLate, 2 - dropped),
            (FragmentsJoined, 1),
            (FlowsOpened, 1),
        ]
    };
    let packets = Limits {
        fragmented_packets: 2,
        ..Limits::default()
    };
    check_within(packets, &frames, &lines, &counted(1));
    let bytes = Limits {
        fragment_bytes: 33,
        ..Limits::default()
    };
    check_within(bytes, &frames, &lines, &counted(1));
}
