//! The requests that wait for their answers.
//!
//! Answers carry their request's identifier (OPC 10000-6, 6.7.2.4). For as long as it waits, a request's
//! parameters are kept where its answer is told by them (which nodes it named, which session it made):
//! at most [`KEPT_EACH`] bytes of one and [`KEPT_IN_ALL`] of all, in buffers that are used again. Of requests that
//! change what a subscription watches more is kept, up to the limit of a message for all of them. An
//! activation's, with its password, are never kept. `Publish` requests wait by design and are never
//! called unanswered.

use model::{Direction, Said, Stamp, fetch_list};

use super::login::LoginId;
use super::services::{self, Service};

/// The most bytes that are kept of one request.
const KEPT_EACH: usize = 4 << 10;
/// The most bytes that are kept of all requests together.
const KEPT_IN_ALL: usize = 32 << 10;
/// A buffer of this size is not worth giving back.
const SMALL: usize = 512;

/// A request that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) from: Direction,
    pub(super) request_id: u32,
    pub(super) service: &'static Service,
    pub(super) signature: u64,
    pub(super) asked: Stamp,
    pub(super) login: Option<LoginId>,
    /// Whether its answer may have been lost.
    pub(super) uncertain: bool,
}

#[derive(Debug)]
struct Slot {
    waiting: Waiting,
    parameters: Vec<u8>,
    /// Whether they are more than other requests may keep.
    wide: bool,
    order: u64,
}

/// The requests of one connection.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Pending {
    open: usize,
    kept: usize,
    made: u64,
    // INVARIANT: the first `open` of them wait, at most `limit`; the others are buffers to use again.
    slots: Slots,
    limit: usize,
    /// How many bytes are kept of wide requests, and may be.
    wide: usize,
    wide_limit: usize,
}

/// Slots in a row. The first lies in place, for many clients wait for one answer at a time.
#[derive(Debug, Default)]
#[repr(C)]
struct Slots {
    // INVARIANT: where there is no first, there is no other.
    first: Option<Slot>,
    others: Vec<Slot>,
}

impl Slots {
    fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.others.len()
    }

    fn get(&self, place: usize) -> Option<&Slot> {
        match place.checked_sub(1) {
            None => self.first.as_ref(),
            Some(place) => self.others.get(place),
        }
    }

    fn get_mut(&mut self, place: usize) -> Option<&mut Slot> {
        match place.checked_sub(1) {
            None => self.first.as_mut(),
            Some(place) => self.others.get_mut(place),
        }
    }

    fn iter(&self) -> impl Iterator<Item = &Slot> {
        self.first.iter().chain(&self.others)
    }

    fn iter_mut(&mut self) -> impl Iterator<Item = &mut Slot> {
        self.first.iter_mut().chain(&mut self.others)
    }

    fn push(&mut self, slot: Slot) {
        match &self.first {
            None => self.first = Some(slot),
            Some(_) => self.others.push(slot),
        }
    }

    fn swap(&mut self, place: usize, other: usize) {
        let (low, high) = (place.min(other), place.max(other));
        match (low.checked_sub(1), high.checked_sub(1)) {
            (Some(low), Some(high)) if high < self.others.len() => self.others.swap(low, high),
            (None, Some(high)) => {
                if let (Some(first), Some(other)) = (&mut self.first, self.others.get_mut(high)) {
                    std::mem::swap(first, other);
                }
            }
            _ => {}
        }
    }

    /// Takes out the one at a place, which the last one takes.
    fn swap_remove(&mut self, place: usize) -> Option<Slot> {
        let last = self.len().checked_sub(1).filter(|last| place <= *last)?;
        self.swap(place, last);
        self.others.pop().or_else(|| self.first.take())
    }
}

/// What became of a request that was added.
#[derive(Debug)]
pub(super) enum Added {
    /// It waits.
    Well,
    /// It waits in place of one with its identifier.
    Twice,
    /// It waits, and the oldest was forgotten for it.
    Instead(Waiting),
}

impl Pending {
    pub(super) const fn new(limit: usize, wide_limit: usize) -> Self {
        Self {
            open: 0,
            kept: 0,
            made: 0,
            slots: Slots {
                first: None,
                others: Vec::new(),
            },
            limit,
            wide: 0,
            wide_limit,
        }
    }

    /// How many requests may wait.
    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    /// Adds a request.
    pub(super) fn add(&mut self, waiting: Waiting, parameters: &[u8]) -> Added {
        let mut added = Added::Well;
        if self.close(waiting.from, waiting.request_id) {
            added = Added::Twice;
        } else if self.open >= self.limit.max(1) {
            added = self.forget_oldest().map_or(Added::Well, Added::Instead);
        }
        let (kept, wide) = self.worth_keeping(waiting.service, parameters);
        *self.budget(wide) += kept.len();
        self.made += 1;
        let order = self.made;
        match self.slots.get_mut(self.open) {
            Some(slot) => slot.reuse(waiting, kept, wide, order),
            None => self.slots.push(Slot {
                waiting,
                parameters: kept.to_vec(),
                wide,
                order,
            }),
        }
        self.open += 1;
        added
    }

    /// Takes the request that this answer is for, with its parameters.
    pub(super) fn take(&mut self, from: Direction, request_id: u32) -> Option<(&Waiting, &[u8])> {
        if !self.close(from, request_id) {
            return None;
        }
        let slot = self.slots.get(self.open)?;
        Some((&slot.waiting, &slot.parameters))
    }

    /// Learns that answers to requests of this direction may have been lost.
    pub(super) fn doubt(&mut self, from: Direction) {
        let waiting = self.slots.iter_mut().take(self.open);
        for slot in waiting.filter(|slot| slot.waiting.from == from) {
            slot.waiting.uncertain = true;
        }
    }

    /// Says which requests were never answered.
    pub(super) fn end(&mut self, say: &mut dyn FnMut(Said<'_>)) {
        let Slots { first, others } = std::mem::take(&mut self.slots);
        let waiting = first.into_iter().chain(others).take(self.open);
        let mut waiting: Vec<_> = waiting.collect();
        waiting.sort_unstable_by_key(|slot| slot.order);
        for slot in waiting {
            unanswered(&slot.waiting, say);
        }
        (self.open, self.kept, self.wide) = (0, 0, 0);
    }

    /// How many bytes of the heap it uses.
    pub(super) fn held_bytes(&self) -> usize {
        let kept: usize = self
            .slots
            .iter()
            .map(|slot| slot.parameters.capacity())
            .sum();
        kept + self.slots.others.capacity() * size_of::<Slot>()
    }

    /// Fetches where what the next request names is kept for its answer, most likely.
    pub(super) fn fetch(&self) {
        if let Some(first) = self.slots.get(0) {
            fetch_list(&first.parameters);
        }
    }

    /// Moves a request that waits out of those that do, to `slots[open]`.
    fn close(&mut self, from: Direction, request_id: u32) -> bool {
        let waits =
            |slot: &Slot| slot.waiting.request_id == request_id && slot.waiting.from == from;
        let place = self.slots.iter().take(self.open).position(waits);
        place.is_some_and(|place| self.retire(place))
    }

    fn forget_oldest(&mut self) -> Option<Waiting> {
        let slots = self.slots.iter().take(self.open).enumerate();
        let (place, _) = slots.min_by_key(|(_, slot)| slot.order)?;
        self.retire(place);
        // The slot gives up its place in the row, so that its request can be handed out.
        let retired = self.slots.swap_remove(self.open);
        retired.map(|slot| slot.waiting)
    }

    fn retire(&mut self, place: usize) -> bool {
        let Some(last) = self.open.checked_sub(1) else {
            return false;
        };
        // INVARIANT: of the buffers to use again only the first may be wide.
        if let Some(slot) = self.slots.get_mut(self.open).filter(|slot| slot.wide) {
            (slot.parameters, slot.wide) = (Vec::new(), false);
        }
        self.slots.swap(place, last);
        self.open = last;
        let freed = self.slots.get(last);
        let (len, wide) = freed.map_or((0, false), |slot| (slot.parameters.len(), slot.wide));
        let budget = self.budget(wide);
        *budget = budget.saturating_sub(len);
        true
    }

    /// What is kept of a request, and whether that is more than other requests may keep.
    fn worth_keeping<'a>(&self, service: &Service, parameters: &'a [u8]) -> (&'a [u8], bool) {
        let len = parameters.len();
        if !service.tells_its_answer() {
            (&[], false)
        } else if len <= KEPT_EACH && self.kept + len <= KEPT_IN_ALL {
            (parameters, false)
        } else if service.watches() && self.wide + len <= self.wide_limit {
            (parameters, true)
        } else {
            (&[], false)
        }
    }

    const fn budget(&mut self, wide: bool) -> &mut usize {
        if wide { &mut self.wide } else { &mut self.kept }
    }
}

impl Slot {
    fn reuse(&mut self, waiting: Waiting, parameters: &[u8], wide: bool, order: u64) {
        if self.parameters.capacity() > SMALL.max(2 * parameters.len()) {
            self.parameters = Vec::new();
        }
        self.parameters.clear();
        self.parameters.extend_from_slice(parameters);
        self.waiting = waiting;
        self.wide = wide;
        self.order = order;
    }
}

/// Says that a request was never answered, unless its answer was lost or it waits by design.
pub(super) fn unanswered(waiting: &Waiting, say: &mut dyn FnMut(Said<'_>)) {
    if !waiting.uncertain && !waiting.service.is(services::PUBLISH) {
        say(Said::Unanswered {
            signature: waiting.signature,
            function: waiting.service.function,
            asked: waiting.asked,
        });
    }
}
