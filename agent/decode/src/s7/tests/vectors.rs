//! Messages built by hand after the layouts that `docs/protocols/s7.md` describes.

use model::Direction::{self, Backward, Forward};

/// A TPKT around a TPDU.
pub(super) fn tpkt(tpdu: &[u8]) -> Vec<u8> {
    let len = u16::try_from(tpdu.len() + 4).unwrap().to_be_bytes();
    [&[3, 0], &len[..], tpdu].concat()
}

/// A data unit; the last of its message.
pub(super) fn data(payload: &[u8]) -> Vec<u8> {
    tpkt(&[&[2, 0xf0, 0x80], payload].concat())
}

/// A message in two data units.
pub(super) fn cut(message: &[u8], at: usize) -> Vec<u8> {
    let (head, tail) = message.split_at(at);
    [tpkt(&[&[2, 0xf0, 0], head].concat()), data(tail)].concat()
}

/// A connect request (0xe0) or confirm (0xd0) with two selectors.
pub(super) fn connect(code: u8, src: &[u8], dst: &[u8]) -> Vec<u8> {
    let selector = |code: u8, value: &[u8]| [&[code, value.len() as u8], value].concat();
    let header = [
        &[code, 0, 0, 0, 1, 0, 0xc0, 1, 0x0a],
        &selector(0xc1, src)[..],
        &selector(0xc2, dst)[..],
    ]
    .concat();
    tpkt(&[&[header.len() as u8], &header[..]].concat())
}

/// A message without its TPKT.
pub(super) fn message(rosctr: u8, reference: u16, parameters: &[u8], body: &[u8]) -> Vec<u8> {
    let error: &[u8] = if matches!(rosctr, 2 | 3) {
        &[0, 0]
    } else {
        &[]
    };
    [
        &[0x32, rosctr, 0, 0],
        &reference.to_be_bytes()[..],
        &(parameters.len() as u16).to_be_bytes(),
        &(body.len() as u16).to_be_bytes(),
        error,
        parameters,
        body,
    ]
    .concat()
}

pub(super) fn job(reference: u16, parameters: &[u8], body: &[u8]) -> Vec<u8> {
    data(&message(1, reference, parameters, body))
}

pub(super) fn answer(reference: u16, parameters: &[u8], body: &[u8]) -> Vec<u8> {
    data(&message(3, reference, parameters, body))
}

/// An acknowledgement without data that says no.
pub(super) fn refusal(reference: u16, class: u8, code: u8) -> Vec<u8> {
    let mut message = message(2, reference, &[], &[]);
    message[10..].copy_from_slice(&[class, code]);
    data(&message)
}

/// A userdata request: group and subfunction in one number, then the body behind its head.
pub(super) fn ask(reference: u16, function: u16, sequence: u8, content: &[u8]) -> Vec<u8> {
    let [group, subfunction] = function.to_be_bytes();
    let parameters = [0, 1, 0x12, 4, 0x11, 0x40 | group, subfunction, sequence];
    data(&message(7, reference, &parameters, &body(content)))
}

/// A userdata answer (`kind` 8) or notification (0); `fragment` is its number and whether more come.
pub(super) fn tell(
    kind: u8,
    reference: u16,
    function: u16,
    sequence: u8,
    fragment: (u8, u8),
    content: &[u8],
) -> Vec<u8> {
    let [group, subfunction] = function.to_be_bytes();
    let (number, more) = fragment;
    let half = kind << 4 | group;
    let parameters = [
        0,
        1,
        0x12,
        8,
        0x12,
        half,
        subfunction,
        sequence,
        number,
        more,
        0,
        0,
    ];
    data(&message(7, reference, &parameters, &body(content)))
}

fn body(content: &[u8]) -> Vec<u8> {
    if content.is_empty() {
        return vec![0x0a, 0, 0, 0];
    }
    let len = (content.len() as u16).to_be_bytes();
    [&[0xff, 9], &len[..], content].concat()
}

/// An item of syntax 0x10.
pub(super) fn item(size: u8, count: u16, db: u16, area: u8, address: u32) -> Vec<u8> {
    let [_, address @ ..] = address.to_be_bytes();
    [
        &[0x12, 0x0a, 0x10, size],
        &count.to_be_bytes()[..],
        &db.to_be_bytes(),
        &[area],
        &address,
    ]
    .concat()
}

/// The parameters of a read (4) or write (5).
pub(super) fn variables(function: u8, items: &[Vec<u8>]) -> Vec<u8> {
    [&[function, items.len() as u8], &items.concat()[..]].concat()
}

/// The parameters of a block transfer's step that names its block.
pub(super) fn transfer(function: u8, name: &str) -> Vec<u8> {
    let len = [name.len() as u8];
    [&[function, 0, 0, 0, 0, 0, 0, 0], &len[..], name.as_bytes()].concat()
}

/// The parameters of a program invocation.
pub(super) fn service(name: &str, argument: &[u8]) -> Vec<u8> {
    [
        &[0x28, 0, 0, 0, 0, 0, 0, 0xfd],
        &(argument.len() as u16).to_be_bytes()[..],
        argument,
        &[name.len() as u8],
        name.as_bytes(),
    ]
    .concat()
}

/// The argument of a program invocation about blocks.
pub(super) fn blocks(names: &[&str]) -> Vec<u8> {
    [&[names.len() as u8, 0], names.concat().as_bytes()].concat()
}

pub(super) const SETUP: [u8; 8] = [0xf0, 0, 0, 1, 0, 1, 1, 0xe0];
pub(super) const STOP: &[u8] = b"\x29\0\0\0\0\0\x09P_PROGRAM";

/// A record of system status list 0x001c.
pub(super) fn component(entry: u8, text: &str) -> Vec<u8> {
    let mut record = vec![0, entry];
    record.extend(text.as_bytes());
    record.resize(34, 0);
    record
}

/// A whole list of such records.
pub(super) fn components(records: &[Vec<u8>]) -> Vec<u8> {
    let head = [0, 0x1c, 0, 0, 0, 34, 0, records.len() as u8];
    [&head[..], &records.concat()].concat()
}

/// An S7comm-plus message in one part.
pub(super) fn plus(version: u8, content: &[u8]) -> Vec<u8> {
    data(&[&part(version, content)[..], &[0x72, version, 0, 0]].concat())
}

/// A part of an S7comm-plus message.
pub(super) fn part(version: u8, content: &[u8]) -> Vec<u8> {
    let len = (content.len() as u16).to_be_bytes();
    [&[0x72, version], &len[..], content].concat()
}

/// An S7comm-plus request of no flags.
pub(super) fn plus_request(function: u16, sequence: u16, session: u32, object: u32) -> Vec<u8> {
    [
        &[0x31, 0, 0],
        &function.to_be_bytes()[..],
        &[0, 0],
        &sequence.to_be_bytes(),
        &session.to_be_bytes(),
        &[0x36],
        &object.to_be_bytes(),
    ]
    .concat()
}

/// The answer to it.
pub(super) fn plus_response(function: u16, sequence: u16) -> Vec<u8> {
    [
        &[0x32, 0, 0],
        &function.to_be_bytes()[..],
        &[0, 0],
        &sequence.to_be_bytes(),
        &[0x36, 0],
    ]
    .concat()
}

/// A body behind the head of an S7comm-plus request or answer, in one part of version 2.
pub(super) fn plus_with(head: &[u8], body: &[u8]) -> Vec<u8> {
    plus(2, &[head, body].concat())
}

/// The head of an S7comm-plus request of session 0x394.
pub(super) fn asks(function: u16, sequence: u16) -> Vec<u8> {
    let mut head = plus_request(function, sequence, 0x394, 0);
    head.truncate(14);
    head
}

/// The head of an S7comm-plus answer, without its result.
pub(super) fn tells(function: u16, sequence: u16) -> Vec<u8> {
    let mut head = plus_response(function, sequence);
    head.truncate(10);
    head
}

/// Creates an object of that number and class in the program.
pub(super) fn creation(sequence: u16, id: u32, class: [u8; 2]) -> Vec<u8> {
    let object = [&[0xa1][..], &id.to_be_bytes(), &class, &[0x20, 0]].concat();
    let named = b"\xa3\x81\x69\0\x15\x04Main\xa2";
    let body = [&[0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0, 9], &object[..], named].concat();
    plus_with(&asks(0x04ca, sequence), &body)
}

/// A session's opening, as an engineering station sends it.
pub(super) fn opening(sequence: u16) -> Vec<u8> {
    let mut head = plus_request(0x04ca, sequence, 0x120, 0);
    head.truncate(14);
    let object = b"\0\0\x01\x1d\0\x04\0\0\0\0\0\xa1\0\0\0\xd3\x82\x1f\0\0\
        \xa3\x82\x29\0\x15\x03TIA\xa3\x82\x2a\0\x15\x0cES-7_1234567\xa3\x82\x2b\0\x04\x01\xa2";
    plus(1, &[&head[..], object].concat())
}

/// The answer to it: the ids that were made, and the session with the server's versions.
pub(super) fn opened(sequence: u16) -> Vec<u8> {
    let object = b"\0\x02\x87\x14\x87\x15\xa1\0\0\x01\x20\x82\x1f\0\0\
        \xa3\x82\x32\0\x17\0\0\x01\x3a\x82\x3b\0\x04\x84\0\x82\x3f\0\x15\x1c\
        1;6ES7 215-1AG40-0XB0 ;V4.3 \0\xa2";
    plus(1, &[&tells(0x04ca, sequence)[..], object].concat())
}

/// Writes a number of 32 bits to an attribute of an object.
pub(super) fn set(sequence: u16, object: u32, attribute: [u8; 2], value: u8) -> Vec<u8> {
    let body = [&object.to_be_bytes()[..], &[1], &attribute, &[0, 8, value]].concat();
    plus_with(&asks(0x04f2, sequence), &body)
}

/// The attribute of the operating state that is asked for.
pub(super) const STATE: [u8; 2] = [0x90, 0x77];

/// Reads a variable of DB3 and the byte at 100 of the flags.
pub(super) fn symbols(sequence: u16) -> Vec<u8> {
    let body = [
        &[0, 0, 0, 0, 2, 12][..],
        &[
            0x81, 0, 0x88, 0xd0, 0xb8, 0x80, 3, 4, 0x93, 0x76, 14, 0, 0x82, 0,
        ],
        &[0, 0x52, 4, 0x9d, 0x18, 3, 100, 2],
    ]
    .concat();
    plus_with(&asks(0x054c, sequence), &body)
}

/// A conversation that says something of everything.
pub(crate) fn samples() -> Vec<(Direction, Vec<u8>)> {
    let read = variables(4, &[item(2, 4, 1, 0x84, 16), item(0x1d, 2, 0, 0x1d, 5)]);
    let write = variables(5, &[item(4, 1, 0, 0x83, 80)]);
    let list = components(&[component(1, "Plant 1"), component(5, "S C-1")]);
    let (first, second) = list.split_at(50);
    vec![
        (Forward, connect(0xe0, &[1, 0], &[1, 2])),
        (Backward, connect(0xd0, &[1, 0], &[1, 2])),
        (Forward, job(1, &SETUP, &[])),
        (Backward, answer(1, &SETUP, &[])),
        (Forward, job(2, &read, &[])),
        (
            Backward,
            answer(2, &[4, 2], b"\xff\x04\0\x20\x01\x02\x03\x04\x0a\0\0\0"),
        ),
        (
            Forward,
            cut(&message(1, 3, &write, &[0, 4, 0, 16, 7, 8]), 9),
        ),
        (Backward, answer(3, &[5, 1], &[0xff])),
        (Forward, ask(4, 0x0401, 0, &[0, 0x1c, 0, 0])),
        (Backward, tell(8, 4, 0x0401, 9, (0xd1, 1), first)),
        (Forward, ask(5, 0x0401, 9, &[])),
        (Backward, tell(8, 5, 0x0401, 9, (0xd1, 0), second)),
        (Forward, job(6, &transfer(0x1a, "_0800001P"), &[])),
        (Backward, answer(6, &[0x1a], &[])),
        (Backward, job(7, &transfer(0x1b, "_0800001P"), &[])),
        (Forward, answer(7, &[0x1b, 0], &[0, 2, 0, 0xfb, 1, 2])),
        (Backward, job(8, &transfer(0x1c, "_0800001P"), &[])),
        (Forward, answer(8, &[0x1c], &[])),
        (
            Forward,
            job(9, &service("_INSE", &blocks(&["0800001P"])), &[]),
        ),
        (Backward, answer(9, &[0x28], &[])),
        (Forward, job(10, STOP, &[])),
        (Backward, refusal(10, 0x80, 1)),
        (Backward, tell(0, 0, 0x0000, 0, (0, 0), &[1])),
        (Forward, job(11, &transfer(0x1d, "_0A00003A"), &[])),
        (
            Backward,
            answer(11, b"\x1d\0\x01\0\0\0\0\x07\x070000002", &[]),
        ),
        (Forward, job(12, &[0x1e, 0, 0, 0, 0, 0, 0, 7], &[])),
        (Backward, answer(12, &[0x1e, 0], &[0, 2, 0, 0xfb, 1, 2])),
        (Forward, job(13, &[0x1f, 0, 0, 0, 0, 0, 0, 7], &[])),
        (Backward, answer(13, &[0x1f], &[])),
        (
            Forward,
            ask(14, 0x0702, 0, b"\0\x19\x16\x02\x08\x23\x08\x10\x00\x02"),
        ),
        (Backward, tell(8, 14, 0x0702, 1, (0, 0), &[])),
        (Forward, plus(1, &plus_request(0x04ca, 1, 0x120, 0))),
        (Backward, plus(1, &plus_response(0x04ca, 1))),
        (Backward, plus(2, &[0x33, 0, 0, 0, 1])),
        (Forward, opening(2)),
        (Backward, opened(2)),
        (Forward, symbols(3)),
        (
            Backward,
            plus_with(&tells(0x054c, 3), &[0, 1, 0, 7, 0, 9, 0, 2, 0x73, 0]),
        ),
        (Forward, set(4, 52, STATE, 1)),
        (Backward, plus_with(&tells(0x04f2, 4), &[0])),
        (Forward, creation(5, 0x8a32_0001, [0x94, 0x57])),
        (Backward, plus_with(&tells(0x04ca, 5), &[0, 0])),
        (
            Backward,
            plus(
                3,
                b"\x33\x70\0\x0c\x9b\x04\0\0\0\0\0\0\x20\x02\x92\0\0\0\x04\0\x07\0\x2a\0",
            ),
        ),
    ]
}
