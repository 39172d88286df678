//! Where a direction begins of which no SYN was seen.
//!
//! The first data that are seen need not be the first that come: what is before them may be on its
//! way again, or have been overtaken. The receiver tells: it has everything before what it
//! acknowledges. So the first data are held until the peer acknowledges up to them or beyond, which
//! its next segment usually does, and then nothing before them is to come. Where it acknowledges
//! less it lacks what is before, and they wait for that as they wait for any hole that the receiver
//! has too; where it says nothing they wait as long as for any hole. While they wait nothing was
//! delivered, so whatever comes from before them is simply an earlier start.
//!
//! Once the first bytes were delivered the start is fixed: what comes from before it counts as
//! repeated, for the receiver had it before. What is still missing before the first bytes is no gap: a
//! late start does not know what it missed. So no byte is delivered twice, none out of its order, and
//! none that a sender did not send there.

use model::Stamp;

use super::{Stream, ahead};
use crate::Listener;
use crate::limits::Limits;
use crate::outlet::Outlet;

/// What is known of where a direction begins that has data already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beginning {
    /// How far the receiver acknowledged, where it did.
    told: Option<u32>,
}

impl Stream {
    /// Whether it is open where the stream begins: there are no data, or they may not be the first.
    #[inline]
    pub(crate) fn is_beginning(&self) -> bool {
        !self.started || self.begins()
    }

    /// Whether its first data are held because earlier ones may come.
    pub(super) fn begins(&self) -> bool {
        let backlog = self.backlog.as_ref();
        backlog.is_some_and(|backlog| backlog.beginning.is_some())
    }

    /// Whether the first data are held up to `seq`, with nothing missing.
    pub(super) fn begins_before(&self, seq: u32) -> bool {
        let backlog = self.backlog.as_ref();
        self.begins() && backlog.is_some_and(|backlog| backlog.run_end(self.next) == seq)
    }

    /// Starts at the first data that are seen; they are delivered at once where the receiver told that
    /// it has all before them.
    pub(crate) fn start_late(&mut self, seq: u32, stamp: Stamp, limits: &Limits) {
        let near = |told: &u32| ahead(*told, seq).unsigned_abs() <= limits.window;
        let told = self.told.then_some(self.next).filter(near);
        self.start(seq);
        if told.is_none_or(|told| ahead(told, seq) < 0) {
            self.waiting(stamp).beginning = Some(Beginning { told });
        }
    }

    /// Hears that the receiver has everything before `seq`, while it is open where the stream begins.
    pub(crate) fn acknowledge_beginning<L: Listener>(
        &mut self,
        seq: u32,
        stamp: Stamp,
        out: &mut Outlet<'_, L::State, L>,
    ) {
        if !self.started {
            return self.foretell(seq);
        }
        if !self.is_near(seq, &out.shared.limits) {
            return;
        }
        if ahead(seq, self.next) >= 0 {
            self.begin(out);
            self.acknowledge(seq, stamp, &out.shared.limits);
        } else if let Some(backlog) = &mut self.backlog {
            backlog.beginning = Some(Beginning { told: Some(seq) });
            backlog.lack(stamp.time);
        }
    }

    /// Whether data are held that a SYN before `seq` may have begun.
    pub(crate) fn may_begin_at(&self, seq: u32, limits: &Limits) -> bool {
        self.begins() && ahead(seq, self.next) <= 0 && self.is_near(seq, limits)
    }

    /// Begins at `seq`, as the SYN tells that was shown after data.
    pub(crate) fn begin_at<L: Listener>(&mut self, seq: u32, out: &mut Outlet<'_, L::State, L>) {
        self.go_back(seq);
        self.begin(out);
    }

    /// Begins with the first bytes that are held.
    pub(super) fn begin<L: Listener>(&mut self, out: &mut Outlet<'_, L::State, L>) {
        if let Some(backlog) = &mut self.backlog {
            backlog.beginning = None;
        }
        self.drain(out);
        self.settle();
    }

    /// Takes the place of data from before the first ones as the start, while nothing was delivered.
    pub(super) fn go_back(&mut self, seq: u32) {
        if !self.begins() || ahead(seq, self.next) >= 0 {
            return;
        }
        (self.next, self.base) = (seq, seq);
        if let Some(backlog) = &mut self.backlog {
            backlog.start_at(seq);
        }
    }

    /// Begins where the receiver told before that it has everything before the first bytes.
    pub(super) fn begin_if_told<L: Listener>(&mut self, out: &mut Outlet<'_, L::State, L>) {
        let beginning = self.backlog.as_ref().and_then(|backlog| backlog.beginning);
        let Some(Beginning { told: Some(told) }) = beginning else {
            return;
        };
        if ahead(told, self.next) >= 0 {
            self.begin(out);
        }
    }

    fn foretell(&mut self, seq: u32) {
        if !self.told || ahead(seq, self.next) > 0 {
            (self.next, self.told) = (seq, true);
        }
    }
}
