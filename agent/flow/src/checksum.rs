//! TCP checksums (RFC 9293, 3.1; RFC 8200, 8.1): whether the receiver would take a segment.
//!
//! A wrong checksum is not always what was on the wire: hosts leave it to their network card, so that a capture on the
//! sender holds none (0) or the pseudo-header's sum alone, and cards that merge segments leave that of the first. Such
//! segments, and those that were not captured whole, tell nothing. See `docs/decisions/0009-checksums.md`.

use std::net::IpAddr;

use crate::layers::Packet;

/// What a segment's checksum tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Checksum {
    /// It is that of the segment.
    Right,
    /// It is that of other bytes: the receiver drops the segment.
    Wrong,
    /// Nothing.
    Untold,
}

/// Judges the checksum `told` of a TCP segment.
#[inline]
pub(crate) fn judge(packet: &Packet<'_>, told: u16) -> Checksum {
    if packet.missing > 0 || packet.payload.len() > LONGEST {
        return Checksum::Untold;
    }
    let addresses = addresses(packet) + u64::from(TCP);
    let pseudo = addresses + packet.payload.len() as u64;
    if folded(pseudo + u64::from(sum(packet.payload))) == u16::MAX {
        return Checksum::Right;
    }
    let left = [folded(pseudo), folded(addresses)];
    let is_left = told == 0 || left.iter().any(|&sum| told == sum || told == !sum);
    if is_left {
        Checksum::Untold
    } else {
        Checksum::Wrong
    }
}

fn addresses(packet: &Packet<'_>) -> u64 {
    let sum = |ip: &IpAddr| match ip {
        IpAddr::V4(ip) => u64::from(ip.to_bits()),
        IpAddr::V6(ip) => ip.segments().into_iter().map(u64::from).sum(),
    };
    packet.ips.iter().map(sum).sum()
}

/// The sum of 16-bit words, which is the same in either byte order but for its own (RFC 1071, 2).
#[inline]
fn sum(bytes: &[u8]) -> u16 {
    let (words, rest) = bytes.as_chunks::<4>();
    let sum: u64 = words
        .iter()
        .map(|word| u64::from(u32::from_ne_bytes(*word)))
        .sum();
    let mut last = [0; 4];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    u16::from_be(folded(sum + u64::from(u32::from_ne_bytes(last))))
}

const fn folded(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

const TCP: u8 = 6;
/// The longest segment that Ethernet carries; what is longer was put together by a card.
const LONGEST: usize = 1480;
