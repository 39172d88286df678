//! S7 polling: a connection is set up, then of ten jobs nine read variables, one to eight at a time, and one writes.

/// A variable: its area, data block and bytes.
#[derive(Clone, Copy)]
struct Variable {
    area: u8,
    block: u16,
    byte: u32,
    count: u16,
}

/// How a connection begins: COTP to rack 0, slot 2, then the size of messages.
pub(super) fn opening() -> Vec<(Vec<u8>, Vec<u8>)> {
    let tail = [0, 0xc1, 2, 1, 0, 0xc2, 2, 1, 2, 0xc0, 1, 10];
    let connect = [&[0x11, 0xe0, 0, 0, 0, 1][..], &tail].concat();
    let confirm = [&[0x11, 0xd0, 0, 1, 0, 9][..], &tail].concat();
    let setup = [0xf0, 0, 0, 1, 0, 1, 1, 0xe0];
    vec![
        (tpkt(&connect), tpkt(&confirm)),
        (job(0, &setup, &[]), answer(0, &setup, &[])),
    ]
}

/// A job and its answer.
pub(super) fn exchange(kind: u32, turn: u32) -> (Vec<u8>, Vec<u8>) {
    let reference = (turn.wrapping_add(1) & 0xffff) as u16;
    let data = |byte, count| Variable {
        area: DB,
        block: 1 + (kind % 4) as u16,
        byte,
        count,
    };
    let place = |area| Variable {
        area,
        block: 0,
        byte: kind % 5 * 4,
        count: 4,
    };
    match kind % 10 {
        0..4 => read(reference, turn, &[data(kind % 5 * 20, 20)]),
        4..6 => read(
            reference,
            turn,
            &[data(0, 4), data(16, 2), place(MEMORY), place(INPUTS)],
        ),
        6 => read(reference, turn, &[place(MEMORY)]),
        7 => read(reference, turn, &[place(INPUTS), place(OUTPUTS)]),
        8 => read(
            reference,
            turn,
            &[0, 8, 20, 24, 40, 44, 60, 64].map(|byte| data(byte, 4)),
        ),
        _ => write(reference, turn),
    }
}

fn read(reference: u16, turn: u32, variables: &[Variable]) -> (Vec<u8>, Vec<u8>) {
    let count = variables.len() as u8;
    let items = variables.iter().flat_map(|it| it.item());
    let asked: Vec<u8> = [READ, count].into_iter().chain(items).collect();
    let values: Vec<u8> = variables.iter().flat_map(|it| it.value(turn)).collect();
    (
        job(reference, &asked, &[]),
        answer(reference, &[READ, count], &values),
    )
}

/// Writes four bytes of data block 10, from byte 4.
fn write(reference: u16, turn: u32) -> (Vec<u8>, Vec<u8>) {
    let set = Variable {
        area: DB,
        block: 10,
        byte: 4,
        count: 4,
    };
    let asked: Vec<u8> = [WRITE, 1].into_iter().chain(set.item()).collect();
    let value = [&[0, BYTES, 0, 32][..], &turn.to_be_bytes()].concat();
    (
        job(reference, &asked, &value),
        answer(reference, &[WRITE, 1], &[GOOD]),
    )
}

impl Variable {
    /// Its address, as a request has it.
    fn item(self) -> [u8; 12] {
        let [count, block] = [self.count, self.block].map(u16::to_be_bytes);
        let [_, address @ ..] = (self.byte * 8).to_be_bytes();
        let mut item = [0x12, 10, 0x10, 2, 0, 0, 0, 0, self.area, 0, 0, 0];
        let fields = count.into_iter().chain(block);
        item.iter_mut()
            .skip(4)
            .zip(fields)
            .for_each(|(to, it)| *to = it);
        item.iter_mut()
            .skip(9)
            .zip(address)
            .for_each(|(to, it)| *to = it);
        item
    }

    /// What an answer says that it is.
    fn value(self, turn: u32) -> impl Iterator<Item = u8> {
        let [high, low] = (self.count * 8).to_be_bytes();
        let bytes = (0..self.count).map(move |at| (turn as u16).wrapping_add(at) as u8);
        [GOOD, BYTES, high, low].into_iter().chain(bytes)
    }
}

fn job(reference: u16, parameters: &[u8], data: &[u8]) -> Vec<u8> {
    message(1, reference, &[], parameters, data)
}

fn answer(reference: u16, parameters: &[u8], data: &[u8]) -> Vec<u8> {
    message(3, reference, &[0, 0], parameters, data)
}

/// An S7 message in a COTP data unit.
fn message(rosctr: u8, reference: u16, error: &[u8], parameters: &[u8], data: &[u8]) -> Vec<u8> {
    let lengths = [parameters, data].map(|it| u16::try_from(it.len()).unwrap_or(0));
    let [parameters_len, data_len] = lengths.map(u16::to_be_bytes);
    let reference = reference.to_be_bytes();
    let cotp = [2, 0xf0, 0x80];
    let head = [0x32, rosctr, 0, 0];
    let parts: [&[u8]; 8] = [
        &cotp,
        &head,
        &reference,
        &parameters_len,
        &data_len,
        error,
        parameters,
        data,
    ];
    tpkt(&parts.concat())
}

/// A TPKT (RFC 1006, 6) around a COTP data unit.
fn tpkt(unit: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(unit.len() + 4).unwrap_or(0).to_be_bytes();
    [&[3, 0, high, low], unit].concat()
}

const READ: u8 = 4;
const WRITE: u8 = 5;
const GOOD: u8 = 0xff;
/// The transport size of bytes in answers, whose length counts bits.
const BYTES: u8 = 4;
const INPUTS: u8 = 0x81;
const OUTPUTS: u8 = 0x82;
const MEMORY: u8 = 0x83;
const DB: u8 = 0x84;
