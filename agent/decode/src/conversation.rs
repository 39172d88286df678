//! One flow's way to its decoder: probe first, then one decoder for good.
//!
//! A port is a hint that orders the probes, never a proof. Bytes that no probe is sure of yet are
//! held up to [`Limits::probe_bytes`] per direction; a flow that nobody wants after
//! [`Limits::probe_segments`] segments is foreign, costs nothing from then on, and is counted.

use model::{Direction, Said, Stamp, Transport};

use crate::{Decoder, Limits, PROTOCOLS, Probe, Protocol};

/// The decoding state of one flow.
pub struct Conversation {
    state: State,
    transport: Transport,
    midway: bool,
}

enum State {
    Probing(Probing),
    Decoding(&'static Protocol, Box<dyn Decoder>),
    Foreign,
}

#[derive(Default)]
struct Probing {
    segments: u32,
    // INVARIANT: each holds at most `Limits::probe_bytes`.
    held: [Vec<u8>; 2],
    stamps: [Stamp; 2],
}

impl Conversation {
    /// A conversation of which nothing was seen yet. `midway` says that the flow's start was missed.
    pub fn new(transport: Transport, midway: bool) -> Self {
        Self {
            state: State::Probing(Probing::default()),
            transport,
            midway,
        }
    }

    /// The protocol, once it is known.
    pub fn protocol(&self) -> Option<&'static Protocol> {
        match &self.state {
            State::Decoding(protocol, _) => Some(protocol),
            State::Probing(_) | State::Foreign => None,
        }
    }

    /// Whether the flow is known to be none of ours.
    pub fn is_foreign(&self) -> bool {
        matches!(self.state, State::Foreign)
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
        say: &mut dyn FnMut(Said<'_>),
    ) {
        match &mut self.state {
            State::Decoding(_, decoder) => decoder.feed(stamp, from, bytes, say),
            State::Foreign => {}
            State::Probing(_) => self.probe(limits, ports, stamp, from, bytes, say),
        }
    }

    /// Learns that bytes of one direction will never come.
    pub fn gap(
        &mut self,
        stamp: Stamp,
        from: Direction,
        missing_bytes: u64,
        say: &mut dyn FnMut(Said<'_>),
    ) {
        self.midway = true;
        match &mut self.state {
            State::Decoding(_, decoder) => decoder.gap(stamp, from, missing_bytes, say),
            State::Probing(probing) => from.of_mut(&mut probing.held).clear(),
            State::Foreign => {}
        }
    }

    /// Learns that the flow is over.
    pub fn close(&mut self, stamp: Stamp, say: &mut dyn FnMut(Said<'_>)) {
        if let State::Decoding(_, decoder) = &mut self.state {
            decoder.close(stamp, say);
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
        say: &mut dyn FnMut(Said<'_>),
    ) {
        let State::Probing(probing) = &mut self.state else {
            return;
        };
        if bytes.is_empty() {
            return;
        }
        probing.segments += 1;
        let held = from.of_mut(&mut probing.held);
        let whole: &[u8] = if held.is_empty() {
            bytes
        } else {
            let room = limits.probe_bytes.saturating_sub(held.len());
            held.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
            held
        };
        match best(self.transport, ports, whole) {
            Some((protocol, Probe::Sure)) => {
                let mut decoder = (protocol.open)(limits, self.transport);
                if self.midway {
                    decoder.joined_midway();
                }
                let State::Probing(probing) =
                    std::mem::replace(&mut self.state, State::Decoding(protocol, decoder))
                else {
                    return;
                };
                let State::Decoding(_, decoder) = &mut self.state else {
                    return;
                };
                replay(decoder.as_mut(), probing, stamp, from, bytes, say);
            }
            Some(_) if probing.segments <= limits.probe_segments => {
                if held.is_empty() && self.transport == Transport::Tcp {
                    let kept = bytes.get(..limits.probe_bytes).unwrap_or(bytes);
                    held.extend_from_slice(kept);
                }
                *from.of_mut(&mut probing.stamps) = stamp;
            }
            _ => {
                held.clear();
                self.midway = true;
                if probing.segments >= limits.probe_segments {
                    self.state = State::Foreign;
                }
            }
        }
    }
}

/// Feeds what probing held back: first the other direction, then this one, the newest bytes with
/// the stamp of their own frame.
fn replay(
    decoder: &mut dyn Decoder,
    probing: Probing,
    stamp: Stamp,
    from: Direction,
    bytes: &[u8],
    say: &mut dyn FnMut(Said<'_>),
) {
    let other = from.reverse();
    let earlier = other.of(&probing.held);
    if !earlier.is_empty() {
        decoder.feed(*other.of(&probing.stamps), other, earlier, say);
    }
    let held = from.of(&probing.held);
    let before = held.len().saturating_sub(bytes.len());
    if let Some(before) = held.get(..before).filter(|before| !before.is_empty()) {
        decoder.feed(*from.of(&probing.stamps), from, before, say);
    }
    decoder.feed(stamp, from, bytes, say);
}

/// The protocol that wants these bytes most: a sure one before an unsure one, one with a fitting
/// port before the others.
fn best(transport: Transport, ports: [u16; 2], bytes: &[u8]) -> Option<(&'static Protocol, Probe)> {
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
            Probe::Sure => return Some((*protocol, Probe::Sure)),
            Probe::Unsure if unsure.is_none() => unsure = Some((*protocol, Probe::Unsure)),
            Probe::Unsure | Probe::Never => {}
        }
    }
    unsure
}
