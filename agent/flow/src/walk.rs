//! One frame's way through its headers, tunnels and fragments to its flow.

use std::hash::{BuildHasher, Hasher};
use std::net::{IpAddr, Ipv4Addr};

use etherparse::{ArpPacketSlice, TcpHeaderSlice, UdpHeaderSlice};
use model::{Address, Counter, End, Frame, Host, LinkType, Mac, Stamp, Transport};

use crate::Listener;
use crate::checksum;
use crate::conversation::{Arrival, Mark};
use crate::duplicate::Print;
use crate::flows::{Between, Flows};
use crate::glance;
use crate::layers::{self, Content, Envelope, Packet, Unreadable};
use crate::stream::Segment;
use crate::tunnel::{self, Inside};

/// A frame on its way.
pub(crate) struct Walk<'a, S, L> {
    flows: &'a mut Flows<S>,
    listener: &'a mut L,
    stamp: Stamp,
    /// Tunnels that may still be opened.
    tunnels: u8,
    /// Extension headers that may still be passed over.
    extensions: u8,
}

impl<'a, S: Default, L: Listener<State = S>> Walk<'a, S, L> {
    pub(crate) const fn new(flows: &'a mut Flows<S>, listener: &'a mut L, stamp: Stamp) -> Self {
        Self {
            tunnels: flows.shared.limits.tunnels,
            extensions: flows.shared.limits.extensions,
            flows,
            listener,
            stamp,
        }
    }

    /// Takes the whole frame.
    #[inline(always)]
    pub(crate) fn frame(&mut self, frame: &Frame<'_>) {
        let bytes = frame.bytes;
        let cut = frame.wire_len.saturating_sub(bytes.len() as u32);
        let unaddressed = |content| (Envelope::default(), content);
        let read = match frame.link {
            LinkType::Ethernet => layers::ethernet(bytes),
            LinkType::LinuxSll => layers::cooked(bytes),
            LinkType::LinuxSll2 => layers::cooked_v2(bytes),
            LinkType::RawIp => layers::raw(bytes).map(unaddressed),
            LinkType::Null | LinkType::Loop => layers::loopback(bytes).map(unaddressed),
            LinkType::Other(_) => return self.count(Counter::UnreadableLink),
        };
        self.link(read, cut);
    }

    /// Goes on behind the link header of a frame.
    #[inline(always)]
    fn link(&mut self, read: Result<(Envelope, Content<'_>), Unreadable>, cut: u32) {
        if let Ok((envelope, _)) = &read
            && envelope.vlans.innermost().is_some()
        {
            self.count(Counter::FramesTagged);
        }
        self.content(read, cut);
    }

    #[inline(always)]
    fn content(&mut self, read: Result<(Envelope, Content<'_>), Unreadable>, cut: u32) {
        let Ok((envelope, content)) = read else {
            return self.count(Counter::UnreadableHeader);
        };
        match content.ethertype {
            layers::IPV4 => self.packet(&envelope, layers::ipv4(content.bytes, cut)),
            layers::IPV6 => self.packet(&envelope, layers::ipv6(content.bytes, cut)),
            layers::ARP => self.arp(&envelope, content.bytes),
            layers::UADP => self.bare(&envelope, content.bytes, cut),
            _ => self.count(Counter::OtherEthertype),
        }
    }

    #[inline(always)]
    fn packet(&mut self, envelope: &Envelope, packet: Result<Packet<'_>, Unreadable>) {
        let Ok(packet) = packet else {
            return self.count(Counter::UnreadableHeader);
        };
        if packet.fragment.is_some() {
            return self.fragment(envelope, &packet);
        }
        if packet.missing > 0 {
            self.count(Counter::PacketsShort);
        }
        match packet.protocol {
            TCP => self.tcp(envelope, &packet),
            UDP => self.udp(envelope, &packet),
            _ => self.rare(envelope, &packet),
        }
    }

    /// Everything that is neither TCP nor UDP at once.
    #[cold]
    fn rare(&mut self, envelope: &Envelope, packet: &Packet<'_>) {
        let (bytes, missing) = (packet.payload, packet.missing);
        let inner = |ethertype| Inside::Packet(Content { ethertype, bytes });
        match packet.protocol {
            GRE => match tunnel::gre(bytes) {
                Some((tunnel, inside)) => self.enter(tunnel, inside, envelope, missing),
                None => self.count(Counter::OtherIp),
            },
            IP_IN_IP => self.enter(Counter::TunnelIp, inner(layers::IPV4), envelope, missing),
            IPV6_IN_IP => self.enter(Counter::TunnelIp, inner(layers::IPV6), envelope, missing),
            number if layers::is_extension(number) => self.extension(envelope, packet),
            _ => self.count(Counter::OtherIp),
        }
    }

    #[cold]
    fn enter(&mut self, tunnel: Counter, inside: Inside<'_>, envelope: &Envelope, cut: u32) {
        let Some(tunnels) = self.tunnels.checked_sub(1) else {
            return self.count(Counter::UnreadableDepth);
        };
        self.tunnels = tunnels;
        self.count(tunnel);
        match inside {
            Inside::Frame(bytes) => self.link(layers::ethernet(bytes), cut),
            Inside::Packet(content) => self.content(Ok((*envelope, content)), cut),
        }
    }

    #[cold]
    fn extension(&mut self, envelope: &Envelope, packet: &Packet<'_>) {
        let Some(extensions) = self.extensions.checked_sub(1) else {
            return self.count(Counter::UnreadableDepth);
        };
        self.extensions = extensions;
        self.packet(envelope, layers::extension(packet));
    }

    #[cold]
    fn fragment(&mut self, envelope: &Envelope, packet: &Packet<'_>) {
        let Some(piece) = packet.fragment else {
            return;
        };
        let Flows {
            shared, fragments, ..
        } = &mut *self.flows;
        let (limits, tally) = (&shared.limits, &mut shared.tally);
        let Some(joined) = fragments.add(packet, piece, self.stamp.time, limits, tally) else {
            return;
        };
        let whole = Packet {
            payload: &joined.bytes,
            missing: 0,
            fragment: None,
            disputed: joined.disputed,
            ..*packet
        };
        self.packet(envelope, Ok(whole));
    }

    #[inline(always)]
    fn tcp(&mut self, envelope: &Envelope, packet: &Packet<'_>) {
        let Ok(header) = TcpHeaderSlice::from_slice(packet.payload) else {
            return self.count(Counter::UnreadableHeader);
        };
        let bytes = layers::rest(packet.payload, header.slice().len());
        let flags = header.slice().get(13).copied().unwrap_or(0);
        let (seq, ack) = (header.sequence_number(), header.acknowledgment_number());
        let fields = [header.checksum(), header.window_size()];
        let words = glance::words(seq, ack, fields, flags, packet.payload.len());
        let arrival = Arrival {
            segment: Segment {
                seq,
                bytes,
                missing: packet.missing,
                stamp: self.stamp,
            },
            ack,
            flags,
            checksum: checksum::judge(packet, header.checksum()),
            mark: self.mark(envelope, packet, words),
        };
        let ends = ends(packet, header.source_port(), header.destination_port());
        self.flows.segment(ends, envelope, &arrival, self.listener);
    }

    fn udp(&mut self, envelope: &Envelope, packet: &Packet<'_>) {
        let Ok(header) = UdpHeaderSlice::from_slice(packet.payload) else {
            return self.count(Counter::UnreadableHeader);
        };
        let bytes = layers::rest(packet.payload, header.slice().len());
        if header.destination_port() == tunnel::VXLAN_PORT
            && let Some(inside) = tunnel::vxlan(bytes)
        {
            return self.enter(Counter::TunnelVxlan, inside, envelope, packet.missing);
        }
        let (bytes, missing) = match usize::from(header.length()).checked_sub(8) {
            Some(told) => layers::trim(bytes, Some(told), packet.missing),
            None if header.length() == 0 => (bytes, packet.missing),
            None => return self.count(Counter::UnreadableHeader),
        };
        let mut payload = self.flows.shared.seed.build_hasher();
        payload.write(bytes);
        let words = [
            payload.finish(),
            (u64::from(header.checksum()) << 32) | u64::from(header.length()),
        ];
        let mark = self.mark(envelope, packet, words);
        let ends = ends(packet, header.source_port(), header.destination_port());
        let datagram = match missing {
            0 => Ok(bytes),
            missing => Err(bytes.len() as u64 + u64::from(missing)),
        };
        let between = Between {
            ends,
            transport: Transport::Udp,
        };
        self.flows
            .datagram(between, envelope, mark, self.stamp, datagram, self.listener);
    }

    /// A frame whose payload is a message, without a network layer. Padding is part of it.
    #[cold]
    fn bare(&mut self, envelope: &Envelope, bytes: &[u8], cut: u32) {
        let mut payload = self.flows.shared.seed.build_hasher();
        payload.write(bytes);
        let mark = self.mark(
            envelope,
            &layers::unrouted(bytes, cut),
            [payload.finish(), 0],
        );
        let between = Between {
            ends: envelope.macs.map(|mac| End {
                address: Address::Mac(mac),
                port: 0,
            }),
            transport: Transport::Ethernet,
        };
        let datagram = match cut {
            0 => Ok(bytes),
            cut => Err(bytes.len() as u64 + u64::from(cut)),
        };
        self.flows
            .datagram(between, envelope, mark, self.stamp, datagram, self.listener);
    }

    #[inline(always)]
    fn mark(&self, envelope: &Envelope, packet: &Packet<'_>, words: [u64; 2]) -> Mark {
        let seed = &self.flows.shared.seed;
        Mark {
            print: Print::of(seed, envelope, packet, words, self.stamp.time),
            numbered: packet.id != 0,
            disputed: packet.disputed,
        }
    }

    fn arp(&mut self, envelope: &Envelope, bytes: &[u8]) {
        let Ok(arp) = ArpPacketSlice::from_slice(bytes) else {
            return self.count(Counter::UnreadableHeader);
        };
        self.count(Counter::Arp);
        let ip = <[u8; 4]>::try_from(arp.sender_protocol_addr()).map(Ipv4Addr::from);
        let mac = <[u8; 6]>::try_from(arp.sender_hw_addr()).map(Mac);
        if let Ok(mac) = mac {
            let host = Host {
                ip: ip.ok().filter(|ip| !ip.is_unspecified()).map(IpAddr::from),
                mac: Some(mac),
                vlan: envelope.vlans.innermost(),
            };
            self.listener.sighted(host, self.stamp);
        }
    }

    fn count(&mut self, counter: Counter) {
        self.flows.shared.count(counter);
    }
}

#[inline]
const fn ends(packet: &Packet<'_>, source: u16, destination: u16) -> [End; 2] {
    let [from, to] = packet.ips;
    [
        End {
            address: Address::Ip(from),
            port: source,
        },
        End {
            address: Address::Ip(to),
            port: destination,
        },
    ]
}

pub(crate) const IP_IN_IP: u8 = 4;
const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;
pub(crate) const IPV6_IN_IP: u8 = 41;
pub(crate) const GRE: u8 = 47;
