//! Hosts and their connections: Ethernet, IPv4, TCP and UDP around what is said, with right checksums.

use model::Direction;

use crate::frames::Frames;

/// A host, by the network that it is in and its number there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Station {
    pub(crate) net: u8,
    pub(crate) number: u16,
}

impl Station {
    /// Its address: of the form 10.net.x.y.
    pub(crate) const fn ip(self) -> [u8; 4] {
        let [high, low] = self.number.to_be_bytes();
        [10, self.net, high, low]
    }

    pub(crate) const fn mac(self) -> [u8; 6] {
        let [high, low] = self.number.to_be_bytes();
        [2, self.net.wrapping_sub(1), 0, 0, high, low]
    }
}

/// A TCP connection and its place in both streams.
#[derive(Debug)]
pub(crate) struct Connection {
    stations: [Station; 2],
    ports: [u16; 2],
    sequences: [u32; 2],
}

impl Connection {
    /// Not open yet; `number` tells its sequence numbers from those of others.
    pub(crate) const fn new(stations: [Station; 2], ports: [u16; 2], number: u32) -> Self {
        let seed = number.wrapping_mul(2_654_435_761);
        Self {
            stations,
            ports,
            sequences: [seed, !seed],
        }
    }

    /// Shakes hands.
    pub(crate) fn open(&mut self, frames: &mut Frames) {
        self.segment(frames, Direction::Forward, SYN, &[]);
        self.segment(frames, Direction::Backward, SYN | ACK, &[]);
        self.segment(frames, Direction::Forward, ACK, &[]);
    }

    /// A request, its answer and an acknowledgement.
    pub(crate) fn exchange(&mut self, frames: &mut Frames, request: &[u8], answer: &[u8]) {
        self.segment(frames, Direction::Forward, PUSH | ACK, request);
        self.segment(frames, Direction::Backward, PUSH | ACK, answer);
        self.segment(frames, Direction::Forward, ACK, &[]);
    }

    fn segment(&mut self, frames: &mut Frames, from: Direction, flags: u8, payload: &[u8]) {
        let [source, target] = [from, from.reverse()].map(|end| *end.of(&self.stations));
        let ports = [from, from.reverse()].map(|end| *end.of(&self.ports));
        let sequence = *from.of(&self.sequences);
        let acknowledged = *from.reverse().of(&self.sequences);
        let identification = frames.identification();
        frames.add(|bytes| {
            ethernet(bytes, source.mac(), target.mac(), IPV4);
            let addresses = [source.ip(), target.ip()];
            ipv4(bytes, addresses, TCP, identification, 20 + payload.len());
            let start = bytes.len();
            bytes.extend(ports.into_iter().flat_map(u16::to_be_bytes));
            bytes.extend(sequence.to_be_bytes());
            bytes.extend(acknowledged.to_be_bytes());
            bytes.extend([0x50, flags, 0x20, 0, 0, 0, 0, 0]);
            bytes.extend(payload);
            check(bytes, start, addresses, TCP, 16);
        });
        let grown = u32::try_from(payload.len()).unwrap_or(0) + u32::from(flags & SYN != 0);
        let sequence = from.of_mut(&mut self.sequences);
        *sequence = sequence.wrapping_add(grown);
    }
}

/// A datagram between two ports of two hosts; `target` has its hardware address beside it, which of a group is its own.
pub(crate) fn datagram(
    frames: &mut Frames,
    source: Station,
    (target, target_mac): ([u8; 4], [u8; 6]),
    ports: [u16; 2],
    payload: &[u8],
) {
    let identification = frames.identification();
    let length = u16::try_from(8 + payload.len()).unwrap_or(u16::MAX);
    frames.add(|bytes| {
        ethernet(bytes, source.mac(), target_mac, IPV4);
        let addresses = [source.ip(), target];
        ipv4(bytes, addresses, UDP, identification, 8 + payload.len());
        let start = bytes.len();
        let fields = [ports[0], ports[1], length, 0];
        bytes.extend(fields.into_iter().flat_map(u16::to_be_bytes));
        bytes.extend(payload);
        check(bytes, start, addresses, UDP, 6);
    });
}

/// A question who has an address, to everybody (RFC 826).
pub(crate) fn arp(frames: &mut Frames, source: Station, wanted: Station) {
    frames.add(|bytes| {
        ethernet(bytes, source.mac(), [0xff; 6], ARP);
        bytes.extend([0, 1, 8, 0, 6, 4, 0, 1]);
        bytes.extend(source.mac());
        bytes.extend(source.ip());
        bytes.extend([0; 6]);
        bytes.extend(wanted.ip());
    });
}

fn ethernet(bytes: &mut Vec<u8>, source: [u8; 6], target: [u8; 6], kind: [u8; 2]) {
    bytes.extend(target);
    bytes.extend(source);
    bytes.extend(kind);
}

fn ipv4(
    bytes: &mut Vec<u8>,
    addresses: [[u8; 4]; 2],
    protocol: u8,
    identification: u16,
    payload: usize,
) {
    let total = u16::try_from(20 + payload).unwrap_or(u16::MAX);
    let start = bytes.len();
    bytes.extend([0x45, 0]);
    bytes.extend(total.to_be_bytes());
    bytes.extend(identification.to_be_bytes());
    bytes.extend([0x40, 0, 64, protocol, 0, 0]);
    bytes.extend(addresses.into_iter().flatten());
    let sum = sum(bytes.get(start..).unwrap_or_default());
    put(bytes, start + 10, folded(sum));
}

/// Puts the checksum of what begins at `start` at `place` in it (RFC 9293, 3.1).
fn check(bytes: &mut [u8], start: usize, addresses: [[u8; 4]; 2], protocol: u8, place: usize) {
    let segment = bytes.get(start..).unwrap_or_default();
    let length = u32::try_from(segment.len()).unwrap_or(0);
    let pseudo = sum(addresses.as_flattened()) + u32::from(protocol) + length;
    let checksum = folded(pseudo + sum(segment));
    put(bytes, start + place, checksum);
}

fn put(bytes: &mut [u8], at: usize, checksum: u16) {
    if let Some(place) = bytes.get_mut(at..at + 2) {
        place.copy_from_slice(&checksum.to_be_bytes());
    }
}

fn sum(bytes: &[u8]) -> u32 {
    let word = |bytes: &[u8]| {
        let [high, low] = [0, 1].map(|at| bytes.get(at).copied().unwrap_or(0));
        u32::from(u16::from_be_bytes([high, low]))
    };
    bytes.chunks(2).map(word).sum()
}

fn folded(mut sum: u32) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or(0)
}

const SYN: u8 = 0x02;
const PUSH: u8 = 0x08;
const ACK: u8 = 0x10;
const TCP: u8 = 6;
const UDP: u8 = 17;
const IPV4: [u8; 2] = [8, 0];
const ARP: [u8; 2] = [8, 6];
