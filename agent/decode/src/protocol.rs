//! The face that every protocol room shows to the rest of the agent.

use model::{Direction, End, Said, Stamp, Step, Transport, Vocabulary};

use crate::{Limits, Servers};

/// One protocol. A room exports exactly one of these.
#[derive(Debug)]
pub struct Protocol {
    /// Everything that it can name.
    pub vocabulary: &'static Vocabulary,
    /// Looks at bytes that may start a message of this protocol, in either direction.
    pub probe: fn(Transport, &[u8]) -> Probe,
    /// Whether that opinion of a stream, once it is not [`Probe::Unsure`], is that of every longer part of it: then
    /// no shorter part need be asked about.
    pub steady: bool,
    /// Makes the decoder of one flow.
    pub open: fn(&Limits, Transport) -> Box<dyn Decoder>,
}

/// What a probe thinks of the bytes that it was shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Probe {
    /// This protocol; no other would look like it.
    Sure,
    /// It may be; show more bytes, or the next message.
    Unsure,
    /// Not this protocol.
    Never,
}

/// The decoder of one flow.
///
/// Holds at most what its [`Limits`] allow, whatever the peers send, and never panics.
pub trait Decoder: Send {
    /// Takes the next bytes of one direction: of a stream, continuing where the last ended; or
    /// one whole datagram. Says everything that they complete, in order.
    ///
    /// `stamp` is the frame that brought these bytes. A message belongs to the frame that brought
    /// its last byte.
    fn feed(&mut self, stamp: Stamp, from: Direction, bytes: &[u8], say: &mut dyn FnMut(Said<'_>));

    /// Learns that `missing_bytes` of one direction will never come; the next bytes of that
    /// direction follow the hole. The decoder resynchronises on a boundary that it can validate.
    fn gap(
        &mut self,
        stamp: Stamp,
        from: Direction,
        missing_bytes: u64,
        say: &mut dyn FnMut(Said<'_>),
    );

    /// Learns that the flow is over; says which requests were never answered.
    fn close(&mut self, stamp: Stamp, say: &mut dyn FnMut(Said<'_>));

    /// Learns that the flow was first seen in the middle: answers to unseen requests are no
    /// anomaly. Called before the first `feed`, if at all.
    fn joined_midway(&mut self) {}

    /// Learns who is taken for the client of a flow that was joined midway, until its messages
    /// show otherwise: who opened it or, where that was missed, who is not on the protocol's own
    /// port. Called after `joined_midway`, if at all.
    fn suppose_client(&mut self, _client: Direction) {}

    /// Learns which connection it follows, and what is known of its server from others. Called once
    /// the protocol is known, if at all.
    fn join(&mut self, _servers: &Servers, _ends: [End; 2]) {}

    /// How many bytes the decoder holds on the heap, near enough for the contract's bound.
    fn held_bytes(&self) -> usize;

    /// Fetches what the next message needs, so that it is in the cache when that comes. It changes nothing but the time that
    /// this takes.
    fn approach(&self, _step: Step) {}
}
