//! Which of several shards a frame belongs to.
//!
//! Frames of the same two hosts belong to the same shard, whichever way they go and whichever connection they are of; hosts are
//! told by their network addresses, without these by their hardware addresses. Inside tunnels the innermost two hosts count.
//! What cannot be read belongs to the first shard.
//!
//! Fragments name no ports and need none here. A tunnel whose own packets are fragmented is told by its two ends, for only the
//! first fragment shows what is inside; see `docs/decisions/0025-shards.md`.

use std::net::IpAddr;

use model::{Frame, LinkType, Mac};

use crate::layers::{self, Content, Envelope, Packet};
use crate::tunnel::{self, Inside};
use crate::walk::{GRE, IP_IN_IP, IPV6_IN_IP, UDP};

/// The shard of a frame, counted from 0, where there are `lanes` of them.
#[inline]
pub fn lane(frame: &Frame<'_>, lanes: u8) -> u8 {
    match lanes {
        0 | 1 => 0,
        lanes => share(spread(frame), lanes),
    }
}

/// Parts all numbers into as many ranges of the same length as there are shards.
#[inline]
const fn share(number: u32, lanes: u8) -> u8 {
    ((number as u64 * lanes as u64) >> 32) as u8
}

/// A number that is the same for all frames of two hosts.
#[inline]
fn spread(frame: &Frame<'_>) -> u32 {
    let hosts = usual(frame).or_else(|| rare(frame)).unwrap_or_default();
    (hosts.wrapping_mul(SPREAD) >> 32) as u32
}

/// What an IPv4 packet in untagged Ethernet says at fixed places, unless it may be a tunnel.
#[inline]
fn usual(frame: &Frame<'_>) -> Option<u64> {
    let head = frame.bytes.first_chunk::<34>()?;
    let [.., protocol, _, _, a, b, c, d, e, f, g, h] = *head;
    let is_usual = frame.link == LinkType::Ethernet
        && head.get(12..15) == Some(&[0x08, 0x00, 0x45])
        && protocol == TCP;
    let ends = [[a, b, c, d], [e, f, g, h]].map(u32::from_be_bytes);
    is_usual.then(|| short(ends))
}

/// Every other frame is read as it is when it is followed.
#[cold]
fn rare(frame: &Frame<'_>) -> Option<u64> {
    let unaddressed = |content| (Envelope::default(), content);
    let read = match frame.link {
        LinkType::Ethernet => layers::ethernet(frame.bytes),
        LinkType::LinuxSll => layers::cooked(frame.bytes),
        LinkType::LinuxSll2 => layers::cooked_v2(frame.bytes),
        LinkType::RawIp => layers::raw(frame.bytes).map(unaddressed),
        LinkType::Null | LinkType::Loop => layers::loopback(frame.bytes).map(unaddressed),
        LinkType::Other(_) => return None,
    };
    let (mut envelope, mut content) = read.ok()?;
    let mut told = None;
    for _ in 0..LAYERS {
        let Some(packet) = packet(&content) else {
            return told.or_else(|| Some(hardware(&envelope)));
        };
        told = Some(network(&packet));
        match inside(&packet) {
            Some(Inside::Frame(bytes)) => match layers::ethernet(bytes) {
                Ok(read) => (envelope, content) = read,
                Err(_) => return told,
            },
            Some(Inside::Packet(inner)) => content = inner,
            None => return told,
        }
        told = None;
    }
    told
}

/// The IP packet of what stands behind a link header, its extension headers taken off.
fn packet<'a>(content: &Content<'a>) -> Option<Packet<'a>> {
    let mut packet = match content.ethertype {
        layers::IPV4 => layers::ipv4(content.bytes, 0).ok()?,
        layers::IPV6 => layers::ipv6(content.bytes, 0).ok()?,
        _ => return None,
    };
    for _ in 0..LAYERS {
        if packet.fragment.is_some() || !layers::is_extension(packet.protocol) {
            break;
        }
        let Ok(inner) = layers::extension(&packet) else {
            break;
        };
        packet = inner;
    }
    Some(packet)
}

/// What a packet carries, where it is a tunnel's and whole.
fn inside<'a>(packet: &Packet<'a>) -> Option<Inside<'a>> {
    let bytes = packet.payload;
    let inner = |ethertype| Some(Inside::Packet(Content { ethertype, bytes }));
    if packet.fragment.is_some() {
        return None;
    }
    match packet.protocol {
        GRE => tunnel::gre(bytes).map(|(_, inside)| inside),
        IP_IN_IP => inner(layers::IPV4),
        IPV6_IN_IP => inner(layers::IPV6),
        UDP => {
            let (header, bytes) = bytes.split_first_chunk::<8>()?;
            let [_, _, high, low, ..] = *header;
            let is_vxlan = u16::from_be_bytes([high, low]) == tunnel::VXLAN_PORT;
            is_vxlan.then(|| tunnel::vxlan(bytes)).flatten()
        }
        _ => None,
    }
}

fn network(packet: &Packet<'_>) -> u64 {
    match packet.ips {
        [IpAddr::V4(from), IpAddr::V4(to)] => short([from, to].map(|ip| ip.to_bits())),
        ips => both(ips.map(|ip| match ip {
            IpAddr::V4(ip) => ip.to_bits().into(),
            IpAddr::V6(ip) => fold(ip.to_bits()),
        })),
    }
}

fn hardware(envelope: &Envelope) -> u64 {
    both(
        envelope
            .macs
            .map(|Mac([a, b, c, d, e, f])| u64::from_be_bytes([0, 0, a, b, c, d, e, f])),
    )
}

/// Two IPv4 addresses, whichever comes first.
#[inline]
fn short([from, to]: [u32; 2]) -> u64 {
    both([from, to].map(u64::from))
}

/// The same whichever comes first, and different for pairs whose sums are the same.
#[inline]
const fn both([from, to]: [u64; 2]) -> u64 {
    let (low, high) = if from < to { (from, to) } else { (to, from) };
    low.wrapping_mul(SPREAD).rotate_left(32) ^ high
}

const fn fold(bits: u128) -> u64 {
    (bits >> 64) as u64 ^ bits as u64
}

const TCP: u8 = 6;
/// Tunnels within tunnels and extension headers that are looked through: as many as frames that are followed may have by default.
const LAYERS: usize = 16;
/// An odd number whose bits are spread evenly (the golden ratio).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::*;

    /// A UDP datagram between two hosts, the last bytes of their addresses given.
    fn ipv4(from: u8, to: u8, protocol: u8, payload: &[u8]) -> Vec<u8> {
        let total = u16::try_from(20 + payload.len()).unwrap().to_be_bytes();
        let mut packet = vec![0x45, 0, total[0], total[1], 0, 7, 0, 0, 64, protocol, 0, 0];
        packet.extend([10, 0, 0, from, 10, 0, 0, to]);
        packet.extend(payload);
        packet
    }

    fn ethernet(tags: &[u16], ethertype: u16, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
        for tag in tags {
            frame.extend([0x81, 0x00]);
            frame.extend(tag.to_be_bytes());
        }
        frame.extend(ethertype.to_be_bytes());
        frame.extend(payload);
        frame
    }

    fn told(bytes: &[u8]) -> u32 {
        spread(&Frame {
            number: 1,
            time: Timestamp::default(),
            link: LinkType::Ethernet,
            bytes,
            wire_len: bytes.len() as u32,
            source: 0,
        })
    }

    #[test]
    fn both_ways_tags_fragments_and_tunnels_of_two_hosts_are_one_lane() {
        let tcp = |from, to| ipv4(from, to, 6, &[0; 20]);
        let plain = told(&ethernet(&[], layers::IPV4, &tcp(1, 2)));
        let mut fragment = tcp(1, 2);
        fragment[6] = 0x20;
        let mut options = ipv4(1, 2, 6, &[0; 24]);
        options[0] = 0x46;
        let gre = [&[0, 0, 0x08, 0][..], &tcp(2, 1)].concat();
        let vxlan = [
            &[0, 9, 0x12, 0xb5, 0, 0, 0, 0][..],
            &[8, 0, 0, 0, 0, 0, 7, 0],
            &ethernet(&[5], layers::IPV4, &tcp(1, 2)),
        ]
        .concat();
        for (name, frame) in [
            ("back", ethernet(&[], layers::IPV4, &tcp(2, 1))),
            ("tagged", ethernet(&[5, 6], layers::IPV4, &tcp(1, 2))),
            ("fragment", ethernet(&[], layers::IPV4, &fragment)),
            ("options", ethernet(&[], layers::IPV4, &options)),
            (
                "udp",
                ethernet(&[], layers::IPV4, &ipv4(2, 1, UDP, &[0; 8])),
            ),
            ("gre", ethernet(&[], layers::IPV4, &ipv4(8, 9, GRE, &gre))),
            (
                "ip",
                ethernet(&[], layers::IPV4, &ipv4(8, 9, IP_IN_IP, &tcp(1, 2))),
            ),
            (
                "vxlan",
                ethernet(&[], layers::IPV4, &ipv4(8, 9, UDP, &vxlan)),
            ),
        ] {
            assert_eq!(told(&frame), plain, "{name}");
        }
        assert_ne!(told(&ethernet(&[], layers::IPV4, &tcp(1, 3))), plain);
    }

    #[test]
    fn pairs_are_spread_evenly() {
        let mut lanes = [0_u32; 4];
        for (from, to) in (0..64).flat_map(|from| (100..164).map(move |to| (from, to))) {
            let bytes = ethernet(&[], layers::IPV4, &ipv4(from, to, 6, &[0; 20]));
            lanes[usize::from(share(told(&bytes), 4))] += 1;
        }
        assert!(
            lanes.iter().all(|lane| (900..1150).contains(lane)),
            "{lanes:?}"
        );
    }

    #[test]
    fn what_has_no_network_address_goes_by_its_hardware_and_nothing_by_nothing() {
        let arp = ethernet(&[], layers::ARP, &[0; 28]);
        let mut back = arp.clone();
        back.rotate_left(6);
        back[..12].copy_from_slice(&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1]);
        back[12..].copy_from_slice(&arp[12..]);
        assert_eq!(told(&arp), told(&back));
        assert_ne!(told(&arp), 0);
        assert_eq!(told(&[1, 2, 3]), 0);
    }
}
