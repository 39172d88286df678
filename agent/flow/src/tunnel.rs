//! What tunnels carry: GRE (RFC 2784, RFC 2890), ERSPAN types I, II and III in it, VXLAN
//! (RFC 7348) and IP in IP (RFC 2003, RFC 2473).
//!
//! Only the wrapping is read here; what was inside goes the way of a frame again. Left out:
//! enhanced GRE (PPTP), GTP, Geneve, and the VLAN that an ERSPAN header repeats.

use model::Counter;

use crate::layers::{Content, IPV4, IPV6, raw};

/// What a tunnel carries.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Inside<'a> {
    /// An Ethernet frame.
    Frame(&'a [u8]),
    /// An IP packet.
    Packet(Content<'a>),
}

/// Opens GRE; the counter tells what kind of tunnel it was. Nothing where the wrapping cannot be
/// read or carries neither Ethernet nor IP.
pub(crate) fn gre(bytes: &[u8]) -> Option<(Counter, Inside<'_>)> {
    let (header, bytes) = bytes.split_first_chunk::<4>()?;
    let [flags, version, high, low] = *header;
    if version & 7 != 0 {
        return None;
    }
    let checksum_or_routing = usize::from(flags & 0xc0 != 0);
    let key = usize::from(flags & 0x20 != 0);
    let sequence = usize::from(flags & 0x10 != 0);
    let bytes = bytes.get(4 * (checksum_or_routing + key + sequence)..)?;
    Some(match u16::from_be_bytes([high, low]) {
        ethertype @ (IPV4 | IPV6) => (
            Counter::TunnelGre,
            Inside::Packet(Content { ethertype, bytes }),
        ),
        TRANSPARENT_ETHERNET => (Counter::TunnelGre, Inside::Frame(bytes)),
        ERSPAN if sequence == 0 => (Counter::TunnelErspan, Inside::Frame(bytes)),
        ERSPAN => (Counter::TunnelErspan, Inside::Frame(bytes.get(8..)?)),
        ERSPAN_III => (Counter::TunnelErspan, erspan_iii(bytes)?),
        _ => return None,
    })
}

/// Opens ERSPAN type III: 12 bytes, 8 more where the last bit says so.
fn erspan_iii(bytes: &[u8]) -> Option<Inside<'_>> {
    let (header, bytes) = bytes.split_first_chunk::<12>()?;
    let [.., kind, options] = *header;
    let bytes = bytes.get(usize::from(options & 1) * 8..)?;
    match (kind >> 2) & 0x1f {
        0 => Some(Inside::Frame(bytes)),
        2 => raw(bytes).ok().map(Inside::Packet),
        _ => None,
    }
}

/// Opens VXLAN; nothing where the network identifier is not marked as valid.
pub(crate) fn vxlan(bytes: &[u8]) -> Option<Inside<'_>> {
    let (header, bytes) = bytes.split_first_chunk::<8>()?;
    (header[0] & 0x08 != 0).then_some(Inside::Frame(bytes))
}

/// The UDP port of VXLAN.
pub(crate) const VXLAN_PORT: u16 = 4789;

const TRANSPARENT_ETHERNET: u16 = 0x6558;
const ERSPAN: u16 = 0x88be;
const ERSPAN_III: u16 = 0x22eb;
