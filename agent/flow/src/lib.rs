//! From frames to the bytes of conversations.
//!
//! [`Flows`] slices a frame (Ethernet to TCP or UDP), takes it out of its tunnels, puts fragments
//! together, drops what a mirror port shows twice, finds the flow and restores the order of its
//! stream. A [`Listener`] hears the bytes of each direction in order, each run with the stamp of
//! the frame that brought it; bytes that will never come are a gap, never silence.

mod approach;
mod checksum;
mod conversation;
mod duplicate;
mod flows;
mod fragment;
mod glance;
mod index;
mod lane;
mod layers;
mod limits;
mod outlet;
mod reassembly;
mod recent;
mod stream;
mod survey;
mod table;
#[cfg(test)]
mod tests;
mod tunnel;
mod walk;

use model::{Direction, End, Host, Mac, Stamp, Step, Transport, Vlans};

pub use approach::Approach;
pub use flows::Flows;
pub use lane::lane;
pub use limits::Limits;
pub use survey::Survey;

/// A conversation between two ends, and what the listener remembers of it.
// What every frame needs comes first, close together.
#[derive(Debug)]
#[repr(C)]
pub struct Flow<S> {
    /// The hardware addresses that frames of each end came from last.
    pub macs: [Mac; 2],
    /// What carries it.
    pub transport: Transport,
    /// Whether its start was missed: no SYN was seen.
    pub midway: bool,
    /// What the listener remembers of it.
    pub state: S,
    /// The VLAN tags of the flow's first frame.
    pub vlans: Vlans,
    /// The two ends; the first is the one that opened the flow where that was seen, else the one
    /// whose frame was seen first. [`Direction::Forward`] goes from the first to the second.
    pub ends: [End; 2],
}

/// Who hears what flows carry.
pub trait Listener {
    /// What it remembers of each flow.
    type State: Default;

    /// A flow was seen for the first time.
    fn opened(&mut self, flow: &mut Flow<Self::State>, stamp: Stamp);

    /// The next bytes of one direction, in order; a whole datagram where the flow is UDP.
    fn bytes(&mut self, flow: &mut Flow<Self::State>, stamp: Stamp, from: Direction, bytes: &[u8]);

    /// Bytes of one direction will never come; the next bytes follow the hole.
    fn gap(
        &mut self,
        flow: &mut Flow<Self::State>,
        stamp: Stamp,
        from: Direction,
        missing_bytes: u64,
    );

    /// A frame's bytes differ from those that were already seen in their place of the stream; the
    /// first ones were kept.
    fn conflict(&mut self, flow: &mut Flow<Self::State>, stamp: Stamp, from: Direction);

    /// The flow is over: ended by its hosts, idle, or evicted.
    fn closed(&mut self, flow: &mut Flow<Self::State>, stamp: Stamp);

    /// A frame of a flow comes soon: what will be needed for it is fetched, so that it is in the cache by then. The state is near.
    fn approach(&self, state: &Self::State, step: Step) {
        let _ = (state, step);
    }

    /// A host showed itself outside of any flow, by ARP for one.
    fn sighted(&mut self, host: Host, stamp: Stamp);
}
