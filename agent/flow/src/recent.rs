//! The bytes that were delivered last, of all streams together: what a late overlap is compared
//! with.
//!
//! One ring serves every stream, written in the order of delivery, so that remembering costs a
//! short sequential copy and a stream keeps only where its own last run ends. A run is forgotten
//! when the ring comes round, and runs of one stream that other streams' bytes part are not
//! joined: the overlap with a message before the last one is seen as a retransmission only.

use model::fetch_list;

/// A ring of delivered bytes.
#[derive(Debug)]
pub(crate) struct Recent {
    // INVARIANT: the length is a power of two, and 0 <= head - end <= u64::MAX for every tail.
    ring: Box<[u8]>,
    head: u64,
}

/// Where the last run of one stream is in the ring.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tail {
    end: u64,
    len: u32,
}

impl Recent {
    pub(crate) fn new(bytes: usize) -> Self {
        Self {
            ring: vec![0; bytes.max(RUN).next_power_of_two()].into_boxed_slice(),
            head: 0,
        }
    }

    /// Keeps the end of a run that continues the stream of `tail`.
    #[inline]
    pub(crate) fn remember(&mut self, tail: &mut Tail, run: &[u8]) {
        let place = self.place(self.head);
        let room = self.ring.get_mut(place..).unwrap_or_default();
        // whatever is written soon: a store that has to wait for its line has all later ones wait
        fetch_list(room.get(AHEAD..).unwrap_or_default());
        match room.get_mut(..run.len()) {
            Some(room) if run.len() <= RUN => {
                room.copy_from_slice(run);
                let before = if tail.end == self.head { tail.len } else { 0 };
                tail.len = before.saturating_add(run.len() as u32);
                self.head += run.len() as u64;
                tail.end = self.head;
            }
            _ => self.begin(tail, run),
        }
    }

    /// Keeps the end of a run that is long, or that the ring has to come round for: what was before it is not joined.
    #[cold]
    fn begin(&mut self, tail: &mut Tail, run: &[u8]) {
        let kept = run.get(run.len().saturating_sub(RUN)..).unwrap_or(run);
        let place = self.place(self.head);
        if place + kept.len() > self.ring.len() {
            self.head += (self.ring.len() - place) as u64;
        }
        let place = self.place(self.head);
        if let Some(room) = self.ring.get_mut(place..place + kept.len()) {
            room.copy_from_slice(kept);
        }
        self.head += kept.len() as u64;
        (tail.end, tail.len) = (self.head, kept.len() as u32);
    }

    /// Whether `bytes`, which start `back` bytes before the end of the stream of `tail`, differ
    /// from what is remembered of them.
    pub(crate) fn differs(&self, tail: Tail, back: u32, bytes: &[u8]) -> bool {
        let known = self.known(tail);
        let back = back as usize;
        let (skipped, from) = match known.len().checked_sub(back) {
            Some(from) => (0, from),
            None => (back - known.len(), 0),
        };
        let (Some(ours), Some(theirs)) = (known.get(from..), bytes.get(skipped..)) else {
            return false;
        };
        ours.iter().zip(theirs).any(|(our, their)| our != their)
    }

    fn known(&self, tail: Tail) -> &[u8] {
        let len = (tail.len as usize).min(self.ring.len());
        let start = tail.end.saturating_sub(len as u64);
        if self.head - start > self.ring.len() as u64 {
            return &[];
        }
        let place = self.place(start);
        self.ring.get(place..place + len).unwrap_or(&[])
    }

    const fn place(&self, position: u64) -> usize {
        position as usize & (self.ring.len() - 1)
    }
}

/// How many bytes before they are written their memory is fetched.
const AHEAD: usize = 512;

/// The most of one run that is kept.
const RUN: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlap_is_compared_as_far_as_it_is_remembered() {
        let mut recent = Recent::new(RUN);
        let mut tail = Tail::default();
        recent.remember(&mut tail, b"abcd");
        recent.remember(&mut tail, b"efgh");
        assert!(!recent.differs(tail, 8, b"abcdefgh"));
        assert!(!recent.differs(tail, 3, b"fg"));
        assert!(recent.differs(tail, 3, b"fx"));
        assert!(!recent.differs(tail, 10, b"??abcd"));
        assert!(recent.differs(tail, 10, b"??abcx"));
        assert!(!recent.differs(tail, 20, b"unknown"));
    }

    #[test]
    fn a_run_that_others_part_is_remembered_from_the_part() {
        let mut recent = Recent::new(RUN);
        let (mut a, mut b) = (Tail::default(), Tail::default());
        recent.remember(&mut a, b"abcd");
        recent.remember(&mut b, b"1234");
        recent.remember(&mut a, b"efgh");
        assert!(recent.differs(a, 4, b"x"));
        assert!(!recent.differs(a, 5, b"x"));
        assert!(recent.differs(b, 4, b"12x"));
    }

    #[test]
    fn a_run_is_forgotten_when_the_ring_comes_round() {
        let mut recent = Recent::new(RUN);
        let (mut a, mut b) = (Tail::default(), Tail::default());
        recent.remember(&mut a, b"abcd");
        for _ in 0..3 {
            recent.remember(&mut b, &[7; 3000]);
        }
        assert!(!recent.differs(a, 4, b"wxyz"));
        assert!(recent.differs(b, 2, &[8]));
        recent.remember(&mut b, &[9; 70_000]);
        assert!(recent.differs(b, 1, &[8]));
    }
}
