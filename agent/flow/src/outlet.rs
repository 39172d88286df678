//! Where one direction of a flow says what it has: the listener, the counters, and the memory
//! that all flows share.

use foldhash::quality::RandomState;
use model::{Counter, Direction, Stamp, Tally};

use crate::duplicate::ticks_of;
use crate::limits::Limits;
use crate::recent::Recent;
use crate::table::Class;
use crate::{Flow, Listener};

/// What all flows share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    pub(crate) tally: Tally,
    pub(crate) recent: Recent,
    /// Bytes that all flows hold out of order, with their bookkeeping.
    pub(crate) held: usize,
    pub(crate) seed: RandomState,
    /// How long an established flow keeps its place in its list.
    pub(crate) relisted_nanos: u64,
    /// Within how many ticks of each other two frames may be copies.
    pub(crate) copy_ticks: u32,
}

/// One direction of one flow, on its way to the listener.
pub(crate) struct Outlet<'a, S, L> {
    pub(crate) flow: &'a mut Flow<S>,
    pub(crate) listener: &'a mut L,
    pub(crate) shared: &'a mut Shared,
    pub(crate) from: Direction,
}

impl Shared {
    pub(crate) fn new(limits: Limits, seed: RandomState) -> Self {
        Self {
            recent: Recent::new(limits.recent_bytes),
            relisted_nanos: Class::Established.relisted_nanos(&limits),
            copy_ticks: ticks_of(limits.duplicate_within),
            limits,
            tally: Tally::default(),
            held: 0,
            seed,
        }
    }

    #[inline]
    pub(crate) fn count(&mut self, counter: Counter) {
        self.tally.add(counter, 1);
    }
}

impl<L: Listener> Outlet<'_, L::State, L> {
    #[inline]
    pub(crate) fn bytes(&mut self, stamp: Stamp, bytes: &[u8]) {
        self.listener.bytes(self.flow, stamp, self.from, bytes);
    }

    pub(crate) fn gap(&mut self, stamp: Stamp, missing_bytes: u64) {
        self.shared.count(Counter::Gaps);
        self.shared.tally.add(Counter::GapBytes, missing_bytes);
        self.listener
            .gap(self.flow, stamp, self.from, missing_bytes);
    }

    pub(crate) fn conflict(&mut self, stamp: Stamp) {
        self.listener.conflict(self.flow, stamp, self.from);
    }
}
