//! Inputs written: the other side of what the targets read.

use model::{Direction, Frame, LinkType, Transport};

use crate::{ETHERNET, LINKS, MIDWAY, PORTS, UDP};

/// An input of the target `frames`, with none yet.
#[derive(Clone, Debug, Default)]
pub struct Frames {
    bytes: Vec<u8>,
    nanos: Option<i64>,
}

impl Frames {
    /// Adds a frame; the time since the last one is kept as nearly as a square of milliseconds is.
    pub fn push(&mut self, frame: &Frame<'_>) {
        let nanos = frame.time.as_nanos();
        let millis = (nanos - self.nanos.unwrap_or(nanos)).max(0) / 1_000_000;
        self.nanos = Some(nanos);
        let more = (frame.wire_len as usize).saturating_sub(frame.bytes.len());
        self.bytes.push(link(frame.link) | (more.min(31) as u8) << 3);
        self.bytes.push((millis as f64).sqrt().min(255.0) as u8);
        run(&mut self.bytes, frame.bytes);
    }

    /// The input so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// An input of a decoder's target or of `conversation`.
#[derive(Clone, Debug)]
pub struct Steps(Vec<u8>);

impl Steps {
    /// Nothing has happened yet; decoders do not look at the port.
    pub fn new(transport: Transport, midway: bool, port: u16) -> Self {
        let transport = match transport {
            Transport::Tcp => 0,
            Transport::Udp => UDP,
            Transport::Ethernet => UDP | ETHERNET,
        };
        let hint = PORTS.iter().position(|it| *it == port).unwrap_or(0) as u8;
        Self(vec![transport | MIDWAY * u8::from(midway) | hint << 2])
    }

    /// Bytes come.
    pub fn feed(&mut self, from: Direction, bytes: &[u8]) {
        self.0.push(32 | from.index() as u8);
        run(&mut self.0, bytes);
    }

    /// Bytes are lost.
    pub fn gap(&mut self, from: Direction) {
        self.0.push(4 | from.index() as u8);
    }

    /// The input so far.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

fn link(link: LinkType) -> u8 {
    let same = |number: &u32| LinkType::from(*number) == link;
    LINKS.iter().position(same).unwrap_or(7) as u8
}

fn run(input: &mut Vec<u8>, bytes: &[u8]) {
    let bytes = bytes.get(..usize::from(u16::MAX)).unwrap_or(bytes);
    input.extend((bytes.len() as u16).to_be_bytes());
    input.extend(bytes);
}
