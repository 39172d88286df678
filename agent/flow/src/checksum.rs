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
    if is_whole(folded(pseudo).to_be().into(), packet.payload) {
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

/// Whether the checksum of a whole TCP segment between two IPv4 addresses is right. One that is too long to tell is not.
#[inline(always)]
pub(crate) fn is_right(ips: [u32; 2], segment: &[u8]) -> bool {
    let [from, to] = ips.map(|ip| u64::from(ip.to_be()));
    let rest = u16::from(TCP).wrapping_add(segment.len() as u16).to_be();
    let pseudo = from + to + u64::from(rest);
    segment.len() <= LONGEST && is_whole(pseudo, segment)
}

fn addresses(packet: &Packet<'_>) -> u64 {
    let sum = |ip: &IpAddr| match ip {
        IpAddr::V4(ip) => u64::from(ip.to_bits()),
        IpAddr::V6(ip) => ip.segments().into_iter().map(u64::from).sum(),
    };
    packet.ips.iter().map(sum).sum()
}

/// Whether the words of a segment and those of its pseudo-header add up to all ones. All are taken in the machine's byte
/// order, which only turns the sum round, and that is the same both ways (RFC 1071, 2).
#[inline]
fn is_whole(pseudo: u64, bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut sum = pseudo;
    let mut add = |word| {
        let (added, carries) = sum.overflowing_add(word);
        sum = added.wrapping_add(u64::from(carries));
    };
    for word in words {
        add(u64::from_ne_bytes(*word));
    }
    match bytes.last_chunk() {
        _ if rest.is_empty() => {}
        Some(last) => add(end_of(*last, rest.len())),
        None => {
            let mut last = [0; 8];
            last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            add(u64::from_ne_bytes(last));
        }
    }
    folded(sum) == u16::MAX
}

/// The last `len` of eight bytes, as if zeros followed them; `len` is 1 to 7.
#[inline]
const fn end_of(last: [u8; 8], len: usize) -> u64 {
    let passed = 8 - (len & 7);
    (u64::from_le_bytes(last) >> (8 * (passed & 7))).to_le()
}

/// The sum of a number's four words, with the carries that come back in (RFC 1071, 1).
#[inline]
const fn folded(sum: u64) -> u16 {
    let sum = (sum & 0xffff_ffff) + (sum >> 32);
    let sum = (sum & 0xffff) + (sum >> 16);
    let sum = (sum & 0xffff) + (sum >> 16);
    let sum = (sum & 0xffff) + (sum >> 16);
    sum as u16
}

const TCP: u8 = 6;
/// The longest segment that Ethernet carries; what is longer was put together by a card.
const LONGEST: usize = 1480;

#[cfg(test)]
mod tests {
    use super::*;

    /// The sum as RFC 1071 has it: word by word.
    fn sum(bytes: &[u8]) -> u16 {
        let words = bytes.chunks(2).map(|word| {
            let [high, low] = [0, 1].map(|at| word.get(at).copied().unwrap_or(0));
            u32::from(u16::from_be_bytes([high, low]))
        });
        let mut sum: u32 = words.sum();
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        sum as u16
    }

    #[test]
    fn segments_of_every_length_add_up_as_they_do_word_by_word() {
        for len in 2..100 {
            let mut bytes: Vec<u8> = (0..len).map(|at: u32| (at * 151 + 200) as u8).collect();
            bytes[..2].fill(0);
            let right = !sum(&bytes);
            bytes[..2].copy_from_slice(&right.to_be_bytes());
            assert!(is_whole(0, &bytes), "{len} bytes");
            for at in 0..bytes.len() {
                bytes[at] ^= 0x10;
                assert!(!is_whole(0, &bytes), "byte {at} of {len}");
                bytes[at] ^= 0x10;
            }
        }
    }
}
