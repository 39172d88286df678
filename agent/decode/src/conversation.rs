//! One flow's way to its decoder: probe first, then one decoder for good.
//!
//! A port is a hint that orders the probes, never a proof. Bytes that no probe is sure of yet are
//! held up to [`Limits::probe_bytes`] per direction and then decoded as if they had just come,
//! each run with the stamp of its own frame. How the bytes are cut into segments decides as little
//! as can be: every probe sees them as if they came one by one.
//!
//! A flow in which too much was nothing of ours is foreign and is counted. It is not probed any
//! more, only looked at: whole messages at the start of its segments bring it back.

mod foreign;
mod probing;
#[cfg(test)]
mod tests;

use model::{Direction, Said, Stamp, Step, Transport};

use self::foreign::{Foreign, Promise};
use self::probing::{Outlook, Piece, Probing, What};
use crate::{Decoder, Limits, Protocol};

/// Who hears what a conversation says: of which frame, from which end, what.
pub type Say<'a> = &'a mut dyn FnMut(Stamp, Direction, Said<'_>);

/// The decoding state of one flow.
pub struct Conversation {
    state: State,
    transport: Transport,
    /// No SYN was seen: who opened the flow is not known.
    unopened: bool,
    /// The first bytes that the decoder gets may not be the first of the flow.
    midway: bool,
}

enum State {
    Probing(Box<Probing>),
    Decoding(&'static Protocol, Box<dyn Decoder>),
    Foreign(Foreign),
}

impl Conversation {
    /// A conversation of which nothing was seen yet. `midway` says that the flow's start was missed.
    pub fn new(transport: Transport, midway: bool) -> Self {
        Self {
            state: State::Probing(Box::default()),
            transport,
            unopened: midway,
            midway,
        }
    }

    /// The protocol, once it is known.
    #[inline]
    pub fn protocol(&self) -> Option<&'static Protocol> {
        match &self.state {
            State::Decoding(protocol, _) => Some(protocol),
            State::Probing(_) | State::Foreign(_) => None,
        }
    }

    /// The decoder, once the protocol is known: what it is fed need not go through [`feed`](Self::feed).
    #[inline]
    pub fn decoder(&mut self) -> Option<&mut dyn Decoder> {
        match &mut self.state {
            State::Decoding(_, decoder) => Some(&mut **decoder),
            State::Probing(_) | State::Foreign(_) => None,
        }
    }

    /// How many bytes it holds on the heap, near enough for tests of its bounds.
    pub fn held_bytes(&self) -> usize {
        match &self.state {
            State::Probing(probing) => probing.held_bytes(),
            State::Decoding(_, decoder) => decoder.held_bytes(),
            State::Foreign(foreign) => foreign.held_bytes(),
        }
    }

    /// Fetches what the next message needs, so that it is in the cache when that comes.
    #[inline]
    pub fn approach(&self, step: Step) {
        if let State::Decoding(_, decoder) = &self.state {
            decoder.approach(step);
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
            _ if bytes.is_empty() => {}
            State::Foreign(_) => self.reconsider(limits, ports, stamp, from, bytes, say),
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
                probing.lose(stamp, from, missing_bytes);
            }
            State::Foreign(_) => {}
        }
    }

    /// Learns that the flow is over. A flow that is still in doubt, but on the port of a protocol
    /// that its bytes may be, is decoded as that one.
    pub fn close(&mut self, limits: &Limits, ports: [u16; 2], stamp: Stamp, say: Say<'_>) {
        match &mut self.state {
            State::Probing(probing) => {
                if let Some(protocol) = probing.likely(self.transport, ports) {
                    self.decide(limits, ports, protocol, (stamp, Direction::Forward), say);
                }
            }
            State::Foreign(foreign) => {
                if let Some(promise) = foreign.last(ports) {
                    self.reclaim(limits, ports, &promise, say);
                }
            }
            State::Decoding(..) => {}
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
        let outlook = match self.transport {
            Transport::Tcp => probing.stream(ports, from, bytes),
            Transport::Udp | Transport::Ethernet => probing.datagram(self.transport, ports, bytes),
        };
        let is_held = match outlook {
            Outlook::Sure(protocol, start) => {
                self.midway |= start > 0;
                let bytes = probing.pass_over(from, start, bytes);
                self.decide(limits, ports, protocol, (stamp, from), say);
                return self.feed(limits, ports, stamp, from, bytes, say);
            }
            Outlook::Unsure(protocol, start) => {
                self.midway |= start > 0;
                let bytes = probing.pass_over(from, start, bytes);
                let is_held = probing.hold(limits, stamp, from, bytes);
                if !is_held && probing.is_unspoilt(protocol, ports) {
                    self.decide(limits, ports, protocol, (stamp, from), say);
                    return self.feed(limits, ports, stamp, from, bytes, say);
                }
                is_held
            }
            Outlook::Nothing => false,
        };
        if !is_held {
            self.midway = true;
            probing.fail(from);
        }
        if probing.is_given_up(limits, self.transport, ports) {
            self.state = State::Foreign(Foreign::default());
            self.reconsider(limits, ports, stamp, from, bytes, say);
        }
    }

    #[inline(never)]
    fn reconsider(
        &mut self,
        limits: &Limits,
        ports: [u16; 2],
        stamp: Stamp,
        from: Direction,
        bytes: &[u8],
        say: Say<'_>,
    ) {
        let State::Foreign(foreign) = &mut self.state else {
            return;
        };
        let segment = (stamp, from, bytes);
        if let Some(promise) = foreign.look(limits, self.transport, ports, segment) {
            self.reclaim(limits, ports, &promise, say);
            self.feed(limits, ports, stamp, from, bytes, say);
        }
    }

    /// Takes a flow back that was foreign, from its last segment on.
    fn reclaim(&mut self, limits: &Limits, ports: [u16; 2], promise: &Promise, say: Say<'_>) {
        self.midway = true;
        let at = (promise.stamp, promise.from);
        self.decide(limits, ports, promise.protocol, at, say);
        if let State::Decoding(_, decoder) = &mut self.state {
            let (stamp, from) = (promise.stamp, promise.from);
            decoder.feed(stamp, from, &promise.bytes, &mut |said| {
                say(stamp, from, said);
            });
        }
    }

    /// Who opened the flow or, where that was missed, who is not on the protocol's own port.
    fn client(&self, protocol: &Protocol, ports: [u16; 2]) -> Option<Direction> {
        let [first, second] = ports.map(|port| protocol.vocabulary.ports.contains(&port));
        match (self.unopened, first, second) {
            (false, ..) | (true, false, true) => Some(Direction::Forward),
            (true, true, false) => Some(Direction::Backward),
            _ => None,
        }
    }

    /// Opens the decoder, says so, and feeds it what was held.
    fn decide(
        &mut self,
        limits: &Limits,
        ports: [u16; 2],
        protocol: &'static Protocol,
        (stamp, from): (Stamp, Direction),
        say: Say<'_>,
    ) {
        let name = protocol.vocabulary.name;
        say(stamp, from, Said::Recognised { protocol: name });
        let mut decoder = (protocol.open)(limits, self.transport);
        if self.midway {
            decoder.joined_midway();
            if let Some(client) = self.client(protocol, ports) {
                decoder.suppose_client(client);
            }
        }
        if let State::Probing(probing) = &self.state {
            for Piece { stamp, from, what } in probing.held() {
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
