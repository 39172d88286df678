//! Captures as tests read and write them: classic pcap, a frame and its time at once.
//!
//! It knows nothing of the reader under test. [`Conversation`] writes TCP as a mirror port shows
//! it; TCP checksums are left empty, as where network cards fill them in.

use std::path::Path;

/// A frame with its capture time in microseconds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Record {
    pub(crate) micros: u64,
    pub(crate) bytes: Vec<u8>,
}

/// The frames of a little-endian microsecond pcap file of Ethernet.
pub(crate) fn read(path: &Path) -> Vec<Record> {
    let file = std::fs::read(path).unwrap();
    assert_eq!(
        file[..4],
        0xa1b2_c3d4_u32.to_le_bytes(),
        "{}",
        path.display()
    );
    let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
    let (mut records, mut at) = (Vec::new(), FILE_HEADER);
    while at < file.len() {
        let (body, len) = (at + RECORD_HEADER, word(at + 8) as usize);
        let micros = u64::from(word(at)) * 1_000_000 + u64::from(word(at + 4));
        let bytes = file[body..body + len].to_vec();
        records.push(Record { micros, bytes });
        at = body + len;
    }
    records
}

/// Writes such a file.
pub(crate) fn write<'r>(path: &Path, records: impl IntoIterator<Item = &'r Record>) {
    let words = |words: &[u32]| -> Vec<u8> { words.iter().flat_map(|w| w.to_le_bytes()).collect() };
    let mut file = words(&[0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 1]);
    for Record { micros, bytes } in records {
        let time = [(micros / 1_000_000) as u32, (micros % 1_000_000) as u32];
        let len = bytes.len() as u32;
        file.extend(words(&[time[0], time[1], len, len]));
        file.extend(bytes);
    }
    std::fs::write(path, file).unwrap();
}

/// A host's end of a conversation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub(crate) mac: [u8; 6],
    pub(crate) ip: [u8; 4],
    pub(crate) port: u16,
}

/// A TCP conversation, a millisecond between any two frames.
pub(crate) struct Conversation {
    ends: [End; 2],
    sequence: [u32; 2],
    micros: u64,
    pub(crate) records: Vec<Record>,
}

impl Conversation {
    /// Opens a connection with the usual three frames.
    pub(crate) fn open(client: End, server: End) -> Self {
        let mut conversation = Self {
            ends: [client, server],
            sequence: [1_000, 5_000],
            micros: 1_767_225_600_000_000, // 2026-01-01
            records: Vec::new(),
        };
        conversation.send(0, SYN, &[]);
        conversation.send(1, SYN | ACK, &[]);
        conversation.send(0, ACK, &[]);
        conversation
    }

    /// The client asks and the server answers, a frame each.
    pub(crate) fn exchange(&mut self, request: &[u8], answer: &[u8]) {
        self.send(0, PUSH | ACK, request);
        self.send(1, PUSH | ACK, answer);
    }

    /// The client sends bytes, a frame for each piece.
    pub(crate) fn client<'p>(&mut self, pieces: impl IntoIterator<Item = &'p [u8]>) {
        for piece in pieces {
            self.send(0, PUSH | ACK, piece);
        }
    }

    /// The server sends bytes in one frame.
    pub(crate) fn server(&mut self, payload: &[u8]) {
        self.send(1, PUSH | ACK, payload);
    }

    /// The client sends bytes in the place of those that it sent last.
    pub(crate) fn client_again(&mut self, payload: &[u8]) {
        self.sequence[0] -= payload.len() as u32;
        self.send(0, PUSH | ACK, payload);
    }

    /// The client's next bytes never come.
    pub(crate) fn skip(&mut self, bytes: u32) {
        self.sequence[0] += bytes;
    }

    fn send(&mut self, from: usize, flags: u8, payload: &[u8]) {
        let bytes = self.frame(from, flags, payload);
        self.records.push(Record {
            micros: self.micros,
            bytes,
        });
        self.micros += 1_000;
        let control = u32::from(flags & SYN != 0);
        self.sequence[from] += payload.len() as u32 + control;
    }

    fn frame(&self, from: usize, flags: u8, payload: &[u8]) -> Vec<u8> {
        let (sender, receiver) = (self.ends[from], self.ends[1 - from]);
        let acknowledged = if flags & ACK == 0 {
            0
        } else {
            self.sequence[1 - from]
        };
        let total = (40 + payload.len() as u16).to_be_bytes();
        let mut header = [0x45, 0, total[0], total[1], 0, 0, 0x40, 0, 64, 6, 0, 0].to_vec();
        header.extend([sender.ip, receiver.ip].concat());
        let checksum = checksum(&header);
        header[10..12].copy_from_slice(&checksum);
        let mut frame = [&receiver.mac[..], &sender.mac, &[8, 0], &header].concat();
        frame.extend([sender.port.to_be_bytes(), receiver.port.to_be_bytes()].concat());
        frame.extend(
            [
                self.sequence[from].to_be_bytes(),
                acknowledged.to_be_bytes(),
            ]
            .concat(),
        );
        frame.extend([0x50, flags, 0x20, 0, 0, 0, 0, 0]);
        frame.extend(payload);
        frame
    }
}

/// The checksum of an IPv4 header whose own is zero (RFC 791, 3.1).
pub(crate) fn checksum(header: &[u8]) -> [u8; 2] {
    let words = header
        .chunks_exact(2)
        .map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]])));
    let sum: u32 = words.sum();
    (!((sum & 0xffff) + (sum >> 16)) as u16).to_be_bytes()
}

const SYN: u8 = 0x02;
const PUSH: u8 = 0x08;
const ACK: u8 = 0x10;
const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;
