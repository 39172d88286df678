//! One flow's way to its decoder: probe first, then one decoder for good.
//!
//! A port is a hint that orders the probes, never a proof. Bytes that no probe is sure of yet are
//! held up to [`Limits::probe_bytes`] per direction and then decoded as if they had just come,
//! each run with the stamp of its own frame. A flow that nobody wants after
//! [`Limits::probe_segments`] segments is foreign, costs nothing from then on, and is counted.

use model::{Direction, Said, Stamp, Transport};

use crate::{Decoder, Limits, PROBED as PROTOCOLS, Probe, Protocol};

/// Who hears what a conversation says: of which frame, from which end, what.
pub type Say<'a> = &'a mut dyn FnMut(Stamp, Direction, Said<'_>);

/// The decoding state of one flow.
pub struct Conversation {
    state: State,
    transport: Transport,
    midway: bool,
}

enum State {
    Probing(Box<Probing>),
    Decoding(&'static Protocol, Box<dyn Decoder>),
    Foreign,
}

#[derive(Default)]
struct Probing {
    segments: u32,
    likely: u32,
    // INVARIANT: the pieces of one direction hold at most `Limits::probe_bytes`; there are at most
    // as many as segments and holes that came while probing.
    held: Vec<Piece>,
}

struct Piece {
    stamp: Stamp,
    from: Direction,
    what: What,
}

enum What {
    Bytes(Vec<u8>),
    Gap(u64),
}

impl Piece {
    fn bytes(&self) -> &[u8] {
        match &self.what {
            What::Bytes(bytes) => bytes,
            What::Gap(_) => &[],
        }
    }
}

/// How often a protocol's shape must fit on its own port before a doubtful probe is believed.
const LIKELY_ENOUGH: u32 = 2;

impl Conversation {
    /// A conversation of which nothing was seen yet. `midway` says that the flow's start was missed.
    pub fn new(transport: Transport, midway: bool) -> Self {
        Self {
            state: State::Probing(Box::default()),
            transport,
            midway,
        }
    }

    /// The protocol, once it is known.
    #[inline]
    pub fn protocol(&self) -> Option<&'static Protocol> {
        match &self.state {
            State::Decoding(protocol, _) => Some(protocol),
            State::Probing(_) | State::Foreign => None,
        }
    }

    /// Whether the flow is known to be none of ours.
    #[inline]
    pub fn is_foreign(&self) -> bool {
        matches!(self.state, State::Foreign)
    }

    /// How many bytes it holds on the heap, near enough for tests of its bounds.
    pub fn held_bytes(&self) -> usize {
        match &self.state {
            State::Probing(probing) => probing.held_bytes(),
            State::Decoding(_, decoder) => decoder.held_bytes(),
            State::Foreign => 0,
        }
    }

    /// Takes the next bytes of one direction; `ports` orders the probes.
    #[inline]
    pub fn feed(
        &mut self,
        limits: &Limits,
        ports: [u16; 2],
        stamp: Stamp,
        from: Direction,
        bytes: &[u8],
        say: Say<'_>,
    ) {
        match &mut self.state {
            State::Decoding(_, decoder) => {
                decoder.feed(stamp, from, bytes, &mut |said| say(stamp, from, said));
            }
            State::Foreign => {}
            State::Probing(_) if bytes.is_empty() => {}
            State::Probing(_) => self.probe(limits, ports, stamp, from, bytes, say),
        }
    }

    /// Learns that bytes of one direction will never come.
    pub fn gap(&mut self, stamp: Stamp, from: Direction, missing_bytes: u64, say: Say<'_>) {
        match &mut self.state {
            State::Decoding(_, decoder) => {
                decoder.gap(stamp, from, missing_bytes, &mut |said| {
                    say(stamp, from, said)
                });
            }
            State::Probing(probing) => {
                self.midway = true;
                let what = What::Gap(missing_bytes);
                probing.held.push(Piece { stamp, from, what });
            }
            State::Foreign => {}
        }
    }

    /// Learns that the flow is over. A flow that is still in doubt, but on the port of a protocol
    /// that its bytes may be, is decoded as that one.
    pub fn close(&mut self, limits: &Limits, ports: [u16; 2], stamp: Stamp, say: Say<'_>) {
        if let State::Probing(probing) = &self.state
            && let Some(protocol) = probing.likely(self.transport, ports)
        {
            self.decide(limits, protocol, say);
        }
        if let State::Decoding(_, decoder) = &mut self.state {
            decoder.close(stamp, &mut |said| say(stamp, Direction::Forward, said));
        }
    }

    #[cold]
    fn probe(
        &mut self,
        limits: &Limits,
        ports: [u16; 2],
        stamp: Stamp,
        from: Direction,
        bytes: &[u8],
        say: Say<'_>,
    ) {
        let State::Probing(probing) = &mut self.state else {
            return;
        };
        probing.segments += 1;
        let guess = probing.guess(self.transport, ports, from, bytes);
        match guess {
            Some(Guess {
                protocol,
                sure: true,
            }) => {
                self.decide(limits, protocol, say);
                self.feed(limits, ports, stamp, from, bytes, say);
            }
            Some(_) if probing.segments < limits.probe_segments => {
                probing.hold(limits, stamp, from, bytes);
            }
            _ => {
                probing.held.retain(|piece| piece.from != from);
                self.midway = true;
                if probing.segments >= limits.probe_segments {
                    self.state = State::Foreign;
                }
            }
        }
    }

    /// Opens the decoder and feeds it what was held.
    fn decide(&mut self, limits: &Limits, protocol: &'static Protocol, say: Say<'_>) {
        let mut decoder = (protocol.open)(limits, self.transport);
        if self.midway {
            decoder.joined_midway();
        }
        if let State::Probing(probing) = &self.state {
            for Piece { stamp, from, what } in &probing.held {
                let say = &mut |said: Said<'_>| say(*stamp, *from, said);
                match what {
                    What::Bytes(bytes) => decoder.feed(*stamp, *from, bytes, say),
                    What::Gap(missing_bytes) => decoder.gap(*stamp, *from, *missing_bytes, say),
                }
            }
        }
        self.state = State::Decoding(protocol, decoder);
    }
}

struct Guess {
    protocol: &'static Protocol,
    sure: bool,
}

impl Probing {
    /// What these bytes, after those held of the same direction, look like most.
    fn guess(
        &mut self,
        transport: Transport,
        ports: [u16; 2],
        from: Direction,
        bytes: &[u8],
    ) -> Option<Guess> {
        let joined: Vec<u8>;
        let whole = if transport != Transport::Tcp || !self.holds(from) {
            bytes
        } else {
            joined = [&self.held(from), bytes].concat();
            &joined
        };
        let (protocol, probe, hinted) = best(transport, ports, whole)?;
        self.likely += u32::from(hinted);
        let sure = probe == Probe::Sure || (hinted && self.likely > LIKELY_ENOUGH);
        Some(Guess { protocol, sure })
    }

    /// The protocol whose port and whose shape fit what is held.
    fn likely(&self, transport: Transport, ports: [u16; 2]) -> Option<&'static Protocol> {
        [Direction::Forward, Direction::Backward]
            .into_iter()
            .filter(|from| self.holds(*from))
            .filter_map(|from| best(transport, ports, &self.held(from)))
            .find_map(|(protocol, _, hinted)| hinted.then_some(protocol))
    }

    fn held_bytes(&self) -> usize {
        let bytes: usize = self.held.iter().map(|piece| piece.bytes().len()).sum();
        bytes + self.held.capacity() * size_of::<Piece>()
    }

    fn holds(&self, from: Direction) -> bool {
        self.held.iter().any(|piece| piece.from == from)
    }

    /// The bytes held of one direction, behind its last hole.
    fn held(&self, from: Direction) -> Vec<u8> {
        let of_this = || self.held.iter().filter(|piece| piece.from == from);
        let is_hole = |piece: &&Piece| matches!(piece.what, What::Gap(_));
        let behind =
            of_this().count() - of_this().rev().take_while(|piece| !is_hole(piece)).count();
        of_this()
            .skip(behind)
            .flat_map(Piece::bytes)
            .copied()
            .collect()
    }

    fn hold(&mut self, limits: &Limits, stamp: Stamp, from: Direction, bytes: &[u8]) {
        let of_this = self.held.iter().filter(|piece| piece.from == from);
        let held: usize = of_this.map(|piece| piece.bytes().len()).sum();
        let room = limits.probe_bytes.saturating_sub(held);
        let bytes = bytes.get(..room).unwrap_or(bytes).to_vec();
        self.held.push(Piece {
            stamp,
            from,
            what: What::Bytes(bytes),
        });
    }
}

/// The protocol that wants these bytes most, and whether a port hints at it: a sure one before an
/// unsure one, a hinted one before the others.
fn best(
    transport: Transport,
    ports: [u16; 2],
    bytes: &[u8],
) -> Option<(&'static Protocol, Probe, bool)> {
    let hinted = |protocol: &Protocol| {
        protocol
            .vocabulary
            .ports
            .iter()
            .any(|port| ports.contains(port))
    };
    let first = PROTOCOLS.iter().filter(|protocol| hinted(protocol));
    let second = PROTOCOLS.iter().filter(|protocol| !hinted(protocol));
    let mut unsure = None;
    for protocol in first.chain(second) {
        match (protocol.probe)(transport, bytes) {
            Probe::Sure => return Some((*protocol, Probe::Sure, hinted(protocol))),
            Probe::Unsure if unsure.is_none() => {
                unsure = Some((*protocol, Probe::Unsure, hinted(protocol)));
            }
            Probe::Unsure | Probe::Never => {}
        }
    }
    unsure
}
