//! Frames for tests, written as shortly as they are thought of.

use etherparse::PacketBuilder;
use model::{Frame, LinkType, Timestamp};

/// A frame with when and how it was captured.
#[derive(Clone, Debug)]
pub(super) struct Shot {
    pub(super) bytes: Vec<u8>,
    pub(super) at_us: i64,
    pub(super) link: LinkType,
    pub(super) cut: u32,
}

impl Shot {
    /// A frame that was captured whole.
    pub(super) fn new(link: LinkType, bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            at_us: 0,
            link,
            cut: 0,
        }
    }

    /// The frame as the reader hands it over.
    pub(super) fn frame(&self, number: u64) -> Frame<'_> {
        let captured = self.bytes.len() - self.cut as usize;
        Frame {
            number,
            time: Timestamp::from_nanos(self.at_us * 1000),
            link: self.link,
            bytes: &self.bytes[..captured],
            wire_len: self.bytes.len() as u32,
            source: 0,
        }
    }

    /// Captured at this time, in ms.
    pub(super) fn at_ms(mut self, ms: i64) -> Self {
        self.at_us = ms * 1000;
        self
    }
}

/// A TCP segment between the client 10.0.0.1:1000 and the server 10.0.0.2:502.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seg<'a> {
    pub(super) client: bool,
    pub(super) seq: u32,
    pub(super) data: &'a [u8],
    ack: Option<u32>,
    flags: &'static str,
    id: Option<u16>,
    vlan: Option<u16>,
    ttl: u8,
    at_ms: Option<i64>,
    cut: u32,
    port: u16,
    checksum: Option<u16>,
}

/// A segment from the client.
pub(super) fn c<'a>(seq: u32, data: &'a str) -> Seg<'a> {
    bytes(true, seq, data.as_bytes())
}

/// A segment from the server.
pub(super) fn s<'a>(seq: u32, data: &'a str) -> Seg<'a> {
    bytes(false, seq, data.as_bytes())
}

/// A segment of any bytes.
pub(super) fn bytes(client: bool, seq: u32, data: &[u8]) -> Seg<'_> {
    Seg {
        client,
        seq,
        data,
        ack: None,
        flags: "",
        id: None,
        vlan: None,
        ttl: 64,
        at_ms: None,
        cut: 0,
        port: 1000,
        checksum: None,
    }
}

impl Seg<'_> {
    pub(super) fn ack(mut self, ack: u32) -> Self {
        self.ack = Some(ack);
        self
    }

    /// `S`, `F` and `R`.
    pub(super) fn flags(mut self, flags: &'static str) -> Self {
        self.flags = flags;
        self
    }

    pub(super) fn id(mut self, id: u16) -> Self {
        self.id = Some(id);
        self
    }

    pub(super) fn vlan(mut self, vlan: u16) -> Self {
        self.vlan = Some(vlan);
        self
    }

    /// The segment with a tag that names no VLAN, unless it has one.
    pub(super) fn tagged(self) -> Self {
        Self {
            vlan: self.vlan.or(Some(0)),
            ..self
        }
    }

    pub(super) fn ttl(mut self, ttl: u8) -> Self {
        self.ttl = ttl;
        self
    }

    pub(super) fn at_ms(mut self, ms: i64) -> Self {
        self.at_ms = Some(ms);
        self
    }

    pub(super) fn cut(mut self, bytes: u32) -> Self {
        self.cut = bytes;
        self
    }

    /// From or to another port of the client.
    pub(super) fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// With this TCP checksum instead of the right one.
    pub(super) fn checksum(mut self, checksum: u16) -> Self {
        self.checksum = Some(checksum);
        self
    }

    /// The frame; its IP identification and its time in ms are `number` unless they were set.
    pub(super) fn shot(self, number: u16) -> Shot {
        let mut shot = Shot::new(LinkType::Ethernet, self.ethernet(number));
        shot.cut = self.cut;
        shot.at_ms(self.at_ms.unwrap_or_else(|| number.into()))
    }

    fn ethernet(self, number: u16) -> Vec<u8> {
        let (from, to) = if self.client { (1, 2) } else { (2, 1) };
        let ports = |client| if client { self.port } else { 502 };
        let link = PacketBuilder::ethernet2([2, 0, 0, 0, 0, from], [2, 0, 0, 0, 0, to]);
        let mut ip =
            etherparse::Ipv4Header::new(0, self.ttl, 6.into(), [10, 0, 0, from], [10, 0, 0, to])
                .unwrap();
        ip.identification = self.id.unwrap_or(number);
        let ip = etherparse::IpHeaders::Ipv4(ip, Default::default());
        let step = match self.vlan {
            Some(vlan) => link.single_vlan(vlan.try_into().unwrap()).ip(ip),
            None => link.ip(ip),
        };
        let mut tcp = step.tcp(ports(self.client), ports(!self.client), self.seq, 8192);
        if let Some(ack) = self.ack {
            tcp = tcp.ack(ack);
        }
        for flag in self.flags.chars() {
            tcp = match flag {
                'S' => tcp.syn(),
                'F' => tcp.fin(),
                _ => tcp.rst(),
            };
        }
        let mut bytes = Vec::new();
        tcp.write(&mut bytes, self.data).unwrap();
        if let Some(checksum) = self.checksum {
            let at = bytes.len() - self.data.len() - 4;
            bytes[at..at + 2].copy_from_slice(&checksum.to_be_bytes());
        }
        bytes
    }
}

/// A UDP datagram as an Ethernet frame.
pub(super) fn udp(from: ([u8; 4], u16), to: ([u8; 4], u16), id: u16, data: &[u8]) -> Vec<u8> {
    let mut ip = etherparse::Ipv4Header::new(0, 64, 17.into(), from.0, to.0).unwrap();
    ip.identification = id;
    let step = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
        .ip(etherparse::IpHeaders::Ipv4(ip, Default::default()))
        .udp(from.1, to.1);
    let mut bytes = Vec::new();
    step.write(&mut bytes, data).unwrap();
    bytes
}
