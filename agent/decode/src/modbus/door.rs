//! Which framing a flow has: its first bytes tell, never its port.
//!
//! An MBAP header has two zero bytes, serial framing a checksum. What came until that is known is held, at most [`LIMIT`] bytes, and then decoded as if it had
//! just come. What stays doubtful is read as having MBAP headers.

use model::{Direction, Said, Stamp, Step, Transport, fetch};

use super::frame::{self, Measure};
use super::rtu;
use super::session::Session;
use crate::{Decoder, Limits, Probe};

/// The decoder of one flow. Which it is stands at its start, so that no other line is read to learn what to fetch.
#[repr(u8)]
pub(super) enum Door {
    /// Not enough was seen.
    Waiting(Waiting),
    /// MBAP headers.
    Plain(Session),
    /// Serial framing.
    Serial(Box<rtu::Session>),
}

/// What came while the framing was not known.
pub(super) struct Waiting {
    limits: Limits,
    transport: Transport,
    midway: bool,
    client: Option<Direction>,
    // INVARIANT: the bytes of all happenings are fewer than `LIMIT`, the happenings at most `PATIENCE`.
    happenings: Vec<Happening>,
}

struct Happening {
    stamp: Stamp,
    from: Direction,
    what: What,
}

enum What {
    Bytes(Vec<u8>),
    Gap(u64),
}

/// Hears what a decoder says.
type Say<'s> = &'s mut dyn FnMut(Said<'_>);

/// The decoders to choose from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Plain,
    Serial,
}

impl Door {
    /// A flow of which nothing was seen.
    pub(super) fn new(limits: &Limits, transport: Transport) -> Self {
        Self::Waiting(Waiting {
            limits: limits.clone(),
            transport,
            midway: false,
            client: None,
            happenings: Vec::new(),
        })
    }

    #[cold]
    fn wait(&mut self, stamp: Stamp, from: Direction, bytes: &[u8], say: Say<'_>) {
        let Self::Waiting(waiting) = self else {
            return;
        };
        match waiting.kind(from, bytes) {
            Some(kind) => {
                self.choose(kind, say);
                self.feed(stamp, from, bytes, say);
            }
            None => {
                let what = What::Bytes(bytes.to_vec());
                waiting.happenings.push(Happening { stamp, from, what });
            }
        }
    }

    /// Opens a decoder and feeds it what was held.
    fn choose(&mut self, kind: Kind, say: Say<'_>) {
        let Self::Waiting(waiting) = self else {
            return;
        };
        let (limits, transport) = (&waiting.limits, waiting.transport);
        let mut chosen = match kind {
            Kind::Plain => Self::Plain(Session::new(limits, transport)),
            Kind::Serial => Self::Serial(Box::new(rtu::Session::new(limits, transport))),
        };
        if waiting.midway {
            chosen.joined_midway();
        }
        if let Some(client) = waiting.client {
            chosen.suppose_client(client);
        }
        for Happening { stamp, from, what } in &waiting.happenings {
            match what {
                What::Bytes(bytes) => chosen.feed(*stamp, *from, bytes, say),
                What::Gap(missing_bytes) => chosen.gap(*stamp, *from, *missing_bytes, say),
            }
        }
        *self = chosen;
    }
}

impl Waiting {
    /// What the bytes, after those held of the same direction, show the framing to be.
    fn kind(&self, from: Direction, bytes: &[u8]) -> Option<Kind> {
        if self.transport == Transport::Udp {
            return Some(datagram(bytes));
        }
        let held = self.held(from);
        let kind = match held.is_empty() {
            true => stream(bytes),
            false => stream(&[&held, bytes].concat()),
        };
        let is_full = self.held_bytes() + bytes.len() >= LIMIT || self.happenings.len() >= PATIENCE;
        kind.or_else(|| is_full.then_some(Kind::Plain))
    }

    /// The bytes held of one direction, behind its last hole.
    fn held(&self, from: Direction) -> Vec<u8> {
        let mut held = Vec::new();
        for happening in self.happenings.iter().filter(|it| it.from == from) {
            match &happening.what {
                What::Bytes(bytes) => held.extend_from_slice(bytes),
                What::Gap(_) => held.clear(),
            }
        }
        held
    }

    fn held_bytes(&self) -> usize {
        let bytes = |happening: &Happening| match &happening.what {
            What::Bytes(bytes) => bytes.capacity(),
            What::Gap(_) => 0,
        };
        self.happenings.iter().map(bytes).sum()
    }
}

fn stream(bytes: &[u8]) -> Option<Kind> {
    if frame::probe(Transport::Tcp, bytes) == Probe::Sure {
        return Some(Kind::Plain);
    }
    match (rtu::is_message(bytes), frame::measure(bytes)) {
        (true, _) => Some(Kind::Serial),
        (false, Measure::Whole(_)) => Some(Kind::Plain),
        _ => None,
    }
}

fn datagram(bytes: &[u8]) -> Kind {
    let is_plain = matches!(frame::measure(bytes), Measure::Whole(_));
    match !is_plain && rtu::is_message(bytes) {
        true => Kind::Serial,
        false => Kind::Plain,
    }
}

impl Decoder for Door {
    fn feed(&mut self, stamp: Stamp, from: Direction, bytes: &[u8], say: Say<'_>) {
        match self {
            Self::Plain(session) => session.feed(stamp, from, bytes, say),
            Self::Serial(session) => session.feed(stamp, from, bytes, say),
            Self::Waiting(_) if bytes.is_empty() => {}
            Self::Waiting(_) => self.wait(stamp, from, bytes, say),
        }
    }

    fn gap(&mut self, stamp: Stamp, from: Direction, missing_bytes: u64, say: Say<'_>) {
        match self {
            Self::Plain(session) => session.gap(stamp, from, missing_bytes, say),
            Self::Serial(session) => session.gap(stamp, from, missing_bytes, say),
            Self::Waiting(waiting) => {
                let what = What::Gap(missing_bytes);
                waiting.happenings.push(Happening { stamp, from, what });
                if waiting.happenings.len() > PATIENCE {
                    self.choose(Kind::Plain, say);
                }
            }
        }
    }

    fn close(&mut self, stamp: Stamp, say: Say<'_>) {
        match self {
            Self::Plain(session) => session.close(stamp, say),
            Self::Serial(session) => session.close(stamp, say),
            Self::Waiting(_) => {
                self.choose(Kind::Plain, say);
                self.close(stamp, say);
            }
        }
    }

    fn joined_midway(&mut self) {
        match self {
            Self::Plain(session) => session.joined_midway(),
            Self::Serial(session) => session.joined_midway(),
            Self::Waiting(waiting) => waiting.midway = true,
        }
    }

    fn suppose_client(&mut self, client: Direction) {
        match self {
            Self::Plain(session) => session.suppose_client(client),
            Self::Serial(session) => session.suppose_client(client),
            Self::Waiting(waiting) => waiting.client = Some(client),
        }
    }

    fn held_bytes(&self) -> usize {
        match self {
            Self::Plain(session) => session.held_bytes(),
            Self::Serial(session) => session.held_bytes(),
            Self::Waiting(waiting) => {
                waiting.held_bytes() + waiting.happenings.capacity() * size_of::<Happening>()
            }
        }
    }

    fn approach(&self, step: Step) {
        match (step, self) {
            (Step::First, _) => fetch(self),
            (_, Self::Plain(session)) => session.approach(step),
            (_, Self::Serial(_) | Self::Waiting(_)) => {}
        }
    }
}

/// More bytes than these are not held: one message of any framing fits in.
const LIMIT: usize = 2 << 10;
/// More pieces than these are not held.
const PATIENCE: usize = 512;
