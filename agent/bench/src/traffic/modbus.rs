//! Modbus polling: of ten requests, six read registers, two coils, one inputs, one writes.

/// A request and its answer.
pub(super) fn exchange(kind: u32, turn: u32) -> (Vec<u8>, Vec<u8>) {
    let unit = (1 + kind % 4) as u8;
    let message = |pdu: &[u8]| message((turn & 0xffff) as u16, unit, pdu);
    match kind % 10 {
        0..6 => {
            let [high, low] = ((kind % 8 * 100) as u16).to_be_bytes();
            let answer = [&[3, 20][..], &[7; 20]].concat();
            (message(&[3, high, low, 0, 10]), message(&answer))
        }
        6..8 => (
            message(&[1, 0, 64, 0, 32]),
            message(&[1, 4, 0xff, 0, 0xff, 0]),
        ),
        8 => (
            message(&[4, 0, 0, 0, 4]),
            message(&[4, 8, 0, 1, 0, 2, 0, 3, 0, 4]),
        ),
        _ => {
            let [.., high, low] = turn.to_be_bytes();
            let write = message(&[6, 0, 40, high, low]);
            (write.clone(), write)
        }
    }
}

/// A read of other registers than the turn before, and its answer.
pub(super) fn varied(turn: u32) -> (Vec<u8>, Vec<u8>) {
    let [.., high, low] = (turn % 251 * 16).to_be_bytes();
    let quantity = (1 + turn % 13) as u8;
    let values = vec![7; 2 * usize::from(quantity)];
    let answer = [&[3, 2 * quantity][..], &values].concat();
    let message = |pdu: &[u8]| message((turn & 0xffff) as u16, 1, pdu);
    (message(&[3, high, low, 0, quantity]), message(&answer))
}

/// A Modbus/TCP message around a protocol data unit.
fn message(transaction: u16, unit: u8, pdu: &[u8]) -> Vec<u8> {
    let length = u16::try_from(pdu.len() + 1).unwrap_or(0);
    let header = [transaction, 0, length]
        .into_iter()
        .flat_map(u16::to_be_bytes);
    header.chain([unit]).chain(pdu.iter().copied()).collect()
}
