//! The headers below TCP and UDP: link, VLAN tags and IP.
//!
//! Every header is sliced by itself (etherparse's header slices), which never looks at how much
//! payload follows, so a frame that was captured short goes the same way as a whole one. Payload
//! ends where the IP header says (RFC 791, RFC 8200), not where the frame ends: Ethernet's padding
//! is not payload, and what was cut off is told as missing. A total length of 0, as segmentation
//! offload leaves it, means up to the frame's end.
//!
//! Left out: MPLS, PPPoE, MACsec, LLC/SNAP (802.3 length frames): counted as other ethertypes.

use std::net::{IpAddr, Ipv4Addr};

use etherparse::{
    Ethernet2HeaderSlice, IpAuthHeaderSlice, Ipv4HeaderSlice, Ipv6FragmentHeaderSlice,
    Ipv6HeaderSlice, Ipv6RawExtHeaderSlice, SingleVlanHeaderSlice,
};
use model::{Mac, Vlans};

/// A header that is cut short or contradicts itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Unreadable;

/// Who sent a frame to whom on the link.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Envelope {
    /// Source and destination.
    pub(crate) macs: [Mac; 2],
    pub(crate) vlans: Vlans,
}

impl Envelope {
    /// The envelope of an answer.
    pub(crate) const fn turned(&self) -> Self {
        let [source, destination] = self.macs;
        Self {
            macs: [destination, source],
            vlans: self.vlans,
        }
    }
}

/// What a link header leaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Content<'a> {
    pub(crate) ethertype: u16,
    pub(crate) bytes: &'a [u8],
}

/// An IP packet, less its header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet<'a> {
    /// Source and destination.
    pub(crate) ips: [IpAddr; 2],
    /// Time to live or hop limit.
    pub(crate) hops: u8,
    /// The identification of an IPv4 packet; 0 where there is none.
    pub(crate) id: u16,
    /// The number of the protocol that the payload is of.
    pub(crate) protocol: u8,
    pub(crate) payload: &'a [u8],
    /// Bytes at the payload's end that were not captured.
    pub(crate) missing: u32,
    pub(crate) fragment: Option<Piece>,
    /// Whether it was put together from fragments that contradict each other.
    pub(crate) disputed: bool,
}

/// Which part of a packet a fragment is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Piece {
    pub(crate) id: u32,
    /// Where its bytes belong.
    pub(crate) offset: u32,
    /// Whether others follow.
    pub(crate) more: bool,
}

/// Reads an Ethernet header with its tags.
#[inline(always)]
pub(crate) fn ethernet(bytes: &[u8]) -> Result<(Envelope, Content<'_>), Unreadable> {
    let header = Ethernet2HeaderSlice::from_slice(bytes).map_err(|_| Unreadable)?;
    let mut envelope = Envelope {
        macs: [Mac(header.source()), Mac(header.destination())],
        vlans: Vlans::default(),
    };
    let content = Content {
        ethertype: header.ether_type().0,
        bytes: rest(bytes, header.slice().len()),
    };
    let content = content.untagged(&mut envelope)?;
    Ok((envelope, content))
}

/// Reads a Linux cooked header, version 1.
pub(crate) fn cooked(bytes: &[u8]) -> Result<(Envelope, Content<'_>), Unreadable> {
    let (header, bytes) = bytes.split_first_chunk::<16>().ok_or(Unreadable)?;
    let [_, _, _, _, _, _, mac @ .., _, _, high, low] = *header;
    let ethertype = u16::from_be_bytes([high, low]);
    sent_by(Mac(mac), Content { ethertype, bytes })
}

/// Reads a Linux cooked header, version 2.
pub(crate) fn cooked_v2(bytes: &[u8]) -> Result<(Envelope, Content<'_>), Unreadable> {
    let (header, bytes) = bytes.split_first_chunk::<20>().ok_or(Unreadable)?;
    let [high, low, _, _, _, _, _, _, _, _, _, _, mac @ .., _, _] = *header;
    let ethertype = u16::from_be_bytes([high, low]);
    sent_by(Mac(mac), Content { ethertype, bytes })
}

fn sent_by(mac: Mac, content: Content<'_>) -> Result<(Envelope, Content<'_>), Unreadable> {
    let mut envelope = Envelope {
        macs: [mac, Mac::default()],
        vlans: Vlans::default(),
    };
    let content = content.untagged(&mut envelope)?;
    Ok((envelope, content))
}

/// Reads the address family before a packet of a BSD loopback, in either byte order.
pub(crate) fn loopback(bytes: &[u8]) -> Result<Content<'_>, Unreadable> {
    let (family, bytes) = bytes.split_first_chunk::<4>().ok_or(Unreadable)?;
    let family = u32::from_be_bytes(*family);
    let ethertype = match family.min(family.swap_bytes()) {
        2 => IPV4,
        10 | 24 | 28 | 30 => IPV6,
        _ => 0,
    };
    Ok(Content { ethertype, bytes })
}

/// Tells the version of an IP packet that nothing stands before.
pub(crate) fn raw(bytes: &[u8]) -> Result<Content<'_>, Unreadable> {
    let ethertype = match bytes.first().map(|byte| byte >> 4) {
        Some(4) => IPV4,
        Some(6) => IPV6,
        _ => return Err(Unreadable),
    };
    Ok(Content { ethertype, bytes })
}

impl<'a> Content<'a> {
    /// Takes off the VLAN tags and an HSR tag. A tag that only carries a priority names no VLAN.
    #[inline(always)]
    fn untagged(mut self, envelope: &mut Envelope) -> Result<Self, Unreadable> {
        loop {
            match self.ethertype {
                VLAN | VLAN_SERVICE | VLAN_DOUBLE => {
                    let tag =
                        SingleVlanHeaderSlice::from_slice(self.bytes).map_err(|_| Unreadable)?;
                    let id = tag.vlan_identifier().value();
                    if id != 0 {
                        envelope.vlans.push(id);
                    }
                    self.ethertype = tag.ether_type().0;
                    self.bytes = rest(self.bytes, tag.slice().len());
                }
                HSR => {
                    let (tag, bytes) = self.bytes.split_first_chunk::<6>().ok_or(Unreadable)?;
                    let [.., high, low] = *tag;
                    self.ethertype = u16::from_be_bytes([high, low]);
                    self.bytes = bytes;
                }
                _ => return Ok(self),
            }
        }
    }
}

/// Reads an IPv4 header. `cut` bytes of the frame were not captured.
#[inline(always)]
pub(crate) fn ipv4(bytes: &[u8], cut: u32) -> Result<Packet<'_>, Unreadable> {
    let header = Ipv4HeaderSlice::from_slice(bytes).map_err(|_| Unreadable)?;
    let header_len = header.slice().len();
    let told = match usize::from(header.total_len()) {
        0 => None,
        total => Some(total.checked_sub(header_len).ok_or(Unreadable)?),
    };
    let (payload, missing) = trim(rest(bytes, header_len), told, cut);
    let offset = u32::from(header.fragments_offset().byte_offset());
    let more = header.more_fragments();
    Ok(Packet {
        ips: [
            header.source_addr().into(),
            header.destination_addr().into(),
        ],
        hops: header.ttl(),
        id: header.identification(),
        protocol: header.protocol().0,
        payload,
        missing,
        fragment: (offset != 0 || more).then(|| Piece {
            id: header.identification().into(),
            offset,
            more,
        }),
        disputed: false,
    })
}

/// Reads an IPv6 header; its extensions are left to [`extension`].
#[inline]
pub(crate) fn ipv6(bytes: &[u8], cut: u32) -> Result<Packet<'_>, Unreadable> {
    let header = Ipv6HeaderSlice::from_slice(bytes).map_err(|_| Unreadable)?;
    let told = Some(usize::from(header.payload_length())).filter(|len| *len != 0);
    let (payload, missing) = trim(rest(bytes, header.slice().len()), told, cut);
    Ok(Packet {
        ips: [
            header.source_addr().into(),
            header.destination_addr().into(),
        ],
        hops: header.hop_limit(),
        id: 0,
        protocol: header.next_header().0,
        payload,
        missing,
        fragment: None,
        disputed: false,
    })
}

/// What a frame without a network layer has in place of a packet. `cut` bytes of it were not captured.
pub(crate) const fn unrouted(payload: &[u8], cut: u32) -> Packet<'_> {
    Packet {
        ips: [IpAddr::V4(Ipv4Addr::UNSPECIFIED); 2],
        hops: 0,
        id: 0,
        protocol: 0,
        payload,
        missing: cut,
        fragment: None,
        disputed: false,
    }
}

/// Whether a protocol number is that of an extension header that can be passed over.
pub(crate) const fn is_extension(protocol: u8) -> bool {
    // Hop by hop, routing, fragment, authentication, destination, mobility, HIP, shim6.
    matches!(
        protocol,
        0 | 43 | FRAGMENT | AUTHENTICATION | 60 | 135 | 139 | 140
    )
}

/// Takes one extension header off a packet whose protocol is one (RFC 8200, 4; RFC 4302).
pub(crate) fn extension<'a>(packet: &Packet<'a>) -> Result<Packet<'a>, Unreadable> {
    let mut packet = *packet;
    let len = match packet.protocol {
        FRAGMENT => {
            let header =
                Ipv6FragmentHeaderSlice::from_slice(packet.payload).map_err(|_| Unreadable)?;
            let piece = Piece {
                id: header.identification(),
                offset: header.fragment_offset().byte_offset().into(),
                more: header.more_fragments(),
            };
            packet.protocol = header.next_header().0;
            packet.fragment = (piece.offset != 0 || piece.more).then_some(piece);
            header.slice().len()
        }
        AUTHENTICATION => {
            let header = IpAuthHeaderSlice::from_slice(packet.payload).map_err(|_| Unreadable)?;
            packet.protocol = header.next_header().0;
            header.slice().len()
        }
        _ => {
            let header =
                Ipv6RawExtHeaderSlice::from_slice(packet.payload).map_err(|_| Unreadable)?;
            packet.protocol = header.next_header().0;
            header.slice().len()
        }
    };
    packet.payload = rest(packet.payload, len);
    Ok(packet)
}

/// The payload that `told` bounds, and how many of its bytes were not captured.
#[inline(always)]
pub(crate) fn trim(bytes: &[u8], told: Option<usize>, cut: u32) -> (&[u8], u32) {
    match told {
        None => (bytes, cut),
        Some(told) => match bytes.get(..told) {
            Some(payload) => (payload, 0),
            None => (bytes, (told - bytes.len()) as u32),
        },
    }
}

#[inline(always)]
pub(crate) fn rest(bytes: &[u8], from: usize) -> &[u8] {
    bytes.get(from..).unwrap_or(&[])
}

pub(crate) const IPV4: u16 = 0x0800;
pub(crate) const ARP: u16 = 0x0806;
pub(crate) const IPV6: u16 = 0x86dd;
/// OPC UA `PubSub` (OPC 10000-14, 7.3.3).
pub(crate) const UADP: u16 = 0xb62c;
const VLAN: u16 = 0x8100;
const VLAN_SERVICE: u16 = 0x88a8;
const VLAN_DOUBLE: u16 = 0x9100;
const HSR: u16 = 0x892f;

const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
