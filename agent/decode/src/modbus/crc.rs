//! The checksum of serial framing: CRC-16, polynomial 0xa001 from the low bit up, start 0xffff.
//!
//! MODBUS over Serial Line V1.02, 2.5.1.2 and appendix B. It is sent low byte first.

/// The checksum of these bytes.
pub(super) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(START, |crc, byte| {
        let [low, _] = (crc ^ u16::from(*byte)).to_le_bytes();
        (crc >> 8) ^ TABLE.get(usize::from(low)).copied().unwrap_or(0)
    })
}

const START: u16 = 0xffff;

static TABLE: [u16; 256] = table();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated when the table is compiled, within its length"
)]
const fn table() -> [u16; 256] {
    let mut table = [0; 256];
    let mut byte: u16 = 0;
    while byte < 256 {
        let mut crc = byte;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc >> 1) ^ if crc & 1 == 1 { 0xa001 } else { 0 };
            bit += 1;
        }
        table[byte as usize] = crc;
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::crc16;

    #[test]
    fn the_check_value_and_the_example_of_the_specification_come_out() {
        assert_eq!(crc16(b"123456789"), 0x4b37);
        assert_eq!(crc16(&[2, 7]).to_le_bytes(), [0x41, 0x12]);
        assert_eq!(crc16(&[]), 0xffff);
    }
}
