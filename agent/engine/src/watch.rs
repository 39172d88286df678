//! Seeing everything that decoders say.

use model::{Direction, End, Event, Mac, Said, Stamp, Transport, Verdict, Vlans};

/// Somebody who wants to see everything that decoders say, such as the writer of records.
pub trait Watch: Send {
    /// A decoder said something.
    fn said(&mut self, context: &Context<'_>, said: &Said<'_>);

    /// An operation was judged: who asks and who answers is told now, and the policy's verdict, where there is a policy
    /// and the verdict is not its request's.
    fn judged(&mut self, event: &Event<'_>, verdict: Option<Verdict>) {
        let _ = (event, verdict);
    }

    /// The judges were changed between two frames: what is judged from now on, that version of the policy
    /// judges.
    fn replaced(&mut self, policy_version: Option<&str>) {
        let _ = policy_version;
    }

    /// Bytes of a conversation will never come.
    fn gap(&mut self, context: &Context<'_>, missing_bytes: u64);

    /// A conversation is over; nothing more will be said in it.
    fn closed(&mut self, context: &Context<'_>) {
        let _ = context;
    }

    /// The run is over; nothing more will be said.
    fn finish(&mut self);
}

/// Where something was said.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The frame that completed it.
    pub stamp: Stamp,
    /// Which end it is from.
    pub from: Direction,
    /// The flow's ends.
    pub ends: &'a [End; 2],
    /// The hardware addresses of the ends.
    pub macs: &'a [Mac; 2],
    /// The flow's VLAN tags.
    pub vlans: &'a Vlans,
    /// What carries the flow.
    pub transport: Transport,
    /// Whether the flow's start was missed, so that nobody knows who opened it.
    pub midway: bool,
    /// The protocol's name, once it is known.
    pub protocol: Option<&'static str>,
}
