//! One segment or datagram, as it is sent and as it comes out.

use std::net::IpAddr;

use etherparse::{NetSlice, PacketBuilder, SlicedPacket, TransportSlice};

/// What makes packets different.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Packet {
    pub(super) from: Option<IpAddr>,
    pub(super) to: Option<IpAddr>,
    /// Whether it is a datagram.
    pub(super) is_datagram: bool,
    pub(super) ports: (u16, u16),
    pub(super) flags: Flags,
}

/// Its place in a conversation; datagrams do not tell.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Flags {
    #[default]
    Opens,
    Answers,
    More,
    /// Once it is open, from the other side.
    Back,
}

impl Packet {
    pub(super) fn answer(&self) -> Self {
        Self {
            from: self.to,
            to: self.from,
            ports: (self.ports.1, self.ports.0),
            flags: Flags::Answers,
            ..self.clone()
        }
        .plain()
    }

    pub(super) fn more(&self) -> Self {
        Self {
            flags: Flags::More,
            ..self.clone()
        }
        .plain()
    }

    /// As it is read: a datagram has no flags.
    fn plain(mut self) -> Self {
        if self.is_datagram {
            self.flags = Flags::Opens;
        }
        self
    }

    pub(super) fn frame(&self, router: [u8; 6]) -> Vec<u8> {
        let link = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 0x10], router);
        let net = match (self.from.unwrap(), self.to.unwrap()) {
            (IpAddr::V4(from), IpAddr::V4(to)) => link.ipv4(from.octets(), to.octets(), 64),
            (IpAddr::V6(from), IpAddr::V6(to)) => link.ipv6(from.octets(), to.octets(), 64),
            _ => panic!("two families"),
        };
        let mut frame = Vec::new();
        let (from, to) = self.ports;
        if self.is_datagram {
            net.udp(from, to).write(&mut frame, b"data").unwrap();
            return frame;
        }
        match self.flags {
            Flags::Opens => net.tcp(from, to, 1000, 8192).syn().write(&mut frame, b""),
            Flags::Answers => net
                .tcp(from, to, 5000, 8192)
                .syn()
                .ack(1001)
                .write(&mut frame, b""),
            Flags::Back => net
                .tcp(from, to, 5001, 8192)
                .ack(1001)
                .write(&mut frame, b"data"),
            Flags::More => net
                .tcp(from, to, 1001, 8192)
                .ack(5001)
                .write(&mut frame, b"data"),
        }
        .unwrap();
        frame
    }

    /// A segment or datagram.
    pub(super) fn read(frame: &[u8]) -> Option<Self> {
        let packet = SlicedPacket::from_ethernet(frame).unwrap();
        let (from, to) = match packet.net.as_ref() {
            Some(NetSlice::Ipv4(ip)) => {
                let header = ip.header();
                (
                    header.source_addr().into(),
                    header.destination_addr().into(),
                )
            }
            Some(NetSlice::Ipv6(ip)) => {
                let header = ip.header();
                (
                    header.source_addr().into(),
                    header.destination_addr().into(),
                )
            }
            _ => return None,
        };
        let (is_datagram, ports, flags) = match packet.transport.as_ref() {
            Some(TransportSlice::Tcp(tcp)) => {
                let flags = match (tcp.syn(), tcp.ack()) {
                    (true, false) => Flags::Opens,
                    (true, true) => Flags::Answers,
                    _ => Flags::More,
                };
                (false, (tcp.source_port(), tcp.destination_port()), flags)
            }
            Some(TransportSlice::Udp(udp)) => (
                true,
                (udp.source_port(), udp.destination_port()),
                Flags::Opens,
            ),
            _ => return None,
        };
        Some(Self {
            from: Some(from),
            to: Some(to),
            is_datagram,
            ports,
            flags,
        })
    }
}
