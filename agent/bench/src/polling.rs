//! Modbus polling: pairs of a client and a server on persistent connections, each turn a request,
//! an answer and an acknowledgement. The mix is that of a plant: mostly reads, few writes.

use model::{Frame, LinkType, Timestamp};

/// Frames of polling, one after the other in one block of memory.
#[derive(Debug)]
pub struct Polling {
    bytes: Vec<u8>,
    // End of each frame in `bytes`.
    ends: Vec<usize>,
}

/// One pair's place in its two streams.
struct Pair {
    number: u16,
    client_sequence: u32,
    server_sequence: u32,
}

/// Which end of a pair sends.
#[derive(Clone, Copy, Eq, PartialEq)]
enum From {
    Client,
    Server,
}

const SYN: u8 = 0x02;
const PUSH: u8 = 0x08;
const ACK: u8 = 0x10;

impl Polling {
    /// `pairs` handshakes, then `turns` turns of every pair.
    pub fn new(pairs: u16, turns: u16) -> Self {
        Self::of(pairs, turns, exchange)
    }

    /// The same of pairs that only read, and something else in every turn.
    pub fn varied(pairs: u16, turns: u16) -> Self {
        Self::of(pairs, turns, |_, turn| {
            let [high, low] = (turn % 251 * 16).to_be_bytes();
            let quantity = u8::try_from(1 + turn % 13).unwrap_or(1);
            let values = vec![7; 2 * usize::from(quantity)];
            let answer = [&[3, 2 * quantity][..], &values].concat();
            let request = message(turn, 1, &[3, high, low, 0, quantity]);
            (request, message(turn, 1, &answer))
        })
    }

    /// The pairs' turns; a turn's request and answer come from its kind and number.
    fn of(pairs: u16, turns: u16, exchange: impl Fn(u16, u16) -> (Vec<u8>, Vec<u8>)) -> Self {
        let mut polling = Self {
            bytes: Vec::new(),
            ends: Vec::new(),
        };
        let mut all: Vec<_> = (0..pairs).map(Pair::new).collect();
        for pair in &mut all {
            polling.segment(pair, From::Client, SYN, &[]);
            polling.segment(pair, From::Server, SYN | ACK, &[]);
            polling.segment(pair, From::Client, ACK, &[]);
        }
        for turn in 0..turns {
            for pair in &mut all {
                let (request, answer) = exchange(turn.wrapping_add(pair.number), turn);
                polling.segment(pair, From::Client, PUSH | ACK, &request);
                polling.segment(pair, From::Server, PUSH | ACK, &answer);
                polling.segment(pair, From::Client, ACK, &[]);
            }
        }
        polling
    }

    /// How many frames there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The frames, seven microseconds apart.
    pub fn frames(&self) -> impl Iterator<Item = Frame<'_>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .zip(1..)
            .map(|((start, end), number)| {
                let bytes = self.bytes.get(start..*end).unwrap_or_default();
                Frame {
                    number,
                    time: Timestamp::from_nanos(1_700_000_000_000_000_000 + number as i64 * 7_000),
                    link: LinkType::Ethernet,
                    bytes,
                    wire_len: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
                    source: 0,
                }
            })
    }

    fn segment(&mut self, pair: &mut Pair, from: From, flags: u8, payload: &[u8]) {
        let start = self.bytes.len();
        let identification = u16::try_from(self.ends.len() & 0xffff).unwrap_or(0);
        self.bytes.extend(ethernet(pair.number, from));
        self.bytes
            .extend(ipv4(pair.number, from, identification, payload.len()));
        let segment = [&tcp(pair, from, flags)[..], payload].concat();
        self.bytes.extend(checked(pair.number, segment));
        self.bytes.resize(self.bytes.len().max(start + 60), 0);
        self.ends.push(self.bytes.len());
        let grown = u32::try_from(payload.len()).unwrap_or(0) + u32::from(flags & SYN != 0);
        let sequence = match from {
            From::Client => &mut pair.client_sequence,
            From::Server => &mut pair.server_sequence,
        };
        *sequence = sequence.wrapping_add(grown);
    }
}

impl Pair {
    fn new(number: u16) -> Self {
        let seed = u32::from(number).wrapping_mul(2_654_435_761);
        Self {
            number,
            client_sequence: seed,
            server_sequence: !seed,
        }
    }
}

fn ethernet(pair: u16, from: From) -> [u8; 14] {
    let [high, low] = pair.to_be_bytes();
    let (client, server) = ([2, 0, 0, 0, high, low], [2, 1, 0, 0, high, low]);
    let (to, sender) = if from == From::Client {
        (server, client)
    } else {
        (client, server)
    };
    let mut header = [0; 14];
    for (place, byte) in header
        .iter_mut()
        .zip(to.into_iter().chain(sender).chain([8, 0]))
    {
        *place = byte;
    }
    header
}

/// Clients are 10.1.x.y and servers 10.2.x.y, as the policy of `race/` has them.
fn ipv4(pair: u16, from: From, identification: u16, payload: usize) -> Vec<u8> {
    let [high, low] = pair.to_be_bytes();
    let (client, server) = ([10, 1, high, low], [10, 2, high, low]);
    let (source, target) = if from == From::Client {
        (client, server)
    } else {
        (server, client)
    };
    let total = u16::try_from(40 + payload).unwrap_or(u16::MAX);
    let fixed = [0x40, 0, 64, 6, 0, 0];
    [0x45, 0]
        .into_iter()
        .chain(total.to_be_bytes())
        .chain(identification.to_be_bytes())
        .chain(fixed)
        .chain(source)
        .chain(target)
        .collect()
}

fn tcp(pair: &Pair, from: From, flags: u8) -> Vec<u8> {
    let client_port = 40_000 + pair.number % 20_000;
    let (ports, sequence, acknowledged) = match from {
        From::Client => (
            [client_port, 502],
            pair.client_sequence,
            pair.server_sequence,
        ),
        From::Server => (
            [502, client_port],
            pair.server_sequence,
            pair.client_sequence,
        ),
    };
    ports
        .into_iter()
        .flat_map(u16::to_be_bytes)
        .chain(sequence.to_be_bytes())
        .chain(acknowledged.to_be_bytes())
        .chain([0x50, flags, 0x20, 0, 0, 0, 0, 0])
        .collect()
}

/// A segment with its checksum (RFC 9293, 3.1), which is what the wire shows.
fn checked(pair: u16, mut segment: Vec<u8>) -> Vec<u8> {
    let [high, low] = pair.to_be_bytes();
    let length = u16::try_from(segment.len()).unwrap_or(u16::MAX);
    let addresses = [10, 1, high, low, 10, 2, high, low, 0, 6];
    let mut sum: u32 = addresses
        .chunks(2)
        .chain(segment.chunks(2))
        .map(word_of)
        .sum();
    sum += u32::from(length);
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    let checksum = !u16::try_from(sum).unwrap_or(0);
    if let Some(place) = segment.get_mut(16..18) {
        place.copy_from_slice(&checksum.to_be_bytes());
    }
    segment
}

fn word_of(bytes: &[u8]) -> u32 {
    let [high, low] = [0, 1].map(|at| bytes.get(at).copied().unwrap_or(0));
    u16::from_be_bytes([high, low]).into()
}

/// A request and its answer: of ten, six read registers, two coils, one inputs, one writes.
fn exchange(kind: u16, turn: u16) -> (Vec<u8>, Vec<u8>) {
    let unit = u8::try_from(1 + kind % 4).unwrap_or(1);
    match kind % 10 {
        0..6 => {
            let [high, low] = ((kind % 8) * 100).to_be_bytes();
            let answer = [&[3, 20][..], &[7; 20]].concat();
            (
                message(turn, unit, &[3, high, low, 0, 10]),
                message(turn, unit, &answer),
            )
        }
        6..8 => {
            let answer = message(turn, unit, &[1, 4, 0xff, 0, 0xff, 0]);
            (message(turn, unit, &[1, 0, 64, 0, 32]), answer)
        }
        8 => {
            let answer = message(turn, unit, &[4, 8, 0, 1, 0, 2, 0, 3, 0, 4]);
            (message(turn, unit, &[4, 0, 0, 0, 4]), answer)
        }
        _ => {
            let [high, low] = turn.to_be_bytes();
            let write = message(turn, unit, &[6, 0, 40, high, low]);
            (write.clone(), write)
        }
    }
}

/// A Modbus/TCP message around a protocol data unit.
fn message(transaction: u16, unit: u8, pdu: &[u8]) -> Vec<u8> {
    let length = u16::try_from(pdu.len() + 1).unwrap_or(0);
    let header = [transaction, 0, length]
        .into_iter()
        .flat_map(u16::to_be_bytes);
    header.chain([unit]).chain(pdu.iter().copied()).collect()
}
