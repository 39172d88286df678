//! Requests that wait for an answer, and what is remembered of them.
//!
//! An answer names no targets, so a request's parameters are kept until it comes: of a usual read in
//! place, of what is longer in buffers that are used again. A request is found by who sent it and by
//! the reference that its answer repeats.

use model::{Direction, Function, Request, Stamp, Step, fetch_list};

use super::message::{self, Body, Rosctr};
use super::program::Block;
use super::userdata::Szl;
use crate::queue::Queue;

/// The most bytes that are remembered of one request: a usual message is 240 to 960 bytes long.
const REMEMBERED: usize = 2 << 10;
/// As many lie beside what else is remembered of a request: those of a read of eight variables.
const IN_PLACE: usize = 98;

/// Which numbering a reference belongs to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Family {
    /// Jobs and their acknowledgements.
    Job,
    /// Userdata.
    Userdata,
    /// S7comm-plus.
    Plus,
}

/// A request that waits.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// Who sent it.
    pub(super) from: Direction,
    /// The numbering of its reference.
    pub(super) family: Family,
    /// The reference that its answer repeats.
    pub(super) reference: u16,
    /// What it asks.
    pub(super) function: Function,
    /// Its signature and frame.
    pub(super) request: Request,
    /// The block that it is about.
    pub(super) block: Option<Block>,
    /// The list that it is about.
    pub(super) szl: Option<Szl>,
    /// Whether a controller sent it to the station that programs it.
    pub(super) pulled: bool,
    /// Whether it may stay without an answer.
    pub(super) optional: bool,
    /// Whether bytes were lost since, of the side that asked and of the side that answers.
    lost: [bool; 2],
}

impl Asked {
    /// A request without parameters of its own.
    pub(super) const fn new(
        from: Direction,
        (family, reference): (Family, u16),
        function: Function,
        (signature, asked): (u64, Stamp),
    ) -> Self {
        Self {
            from,
            family,
            reference,
            function,
            request: Request { signature, asked },
            block: None,
            szl: None,
            pulled: false,
            optional: false,
            lost: [false; 2],
        }
    }

    /// Whether an answer was due, and would have been seen.
    pub(super) const fn is_due(&self) -> bool {
        !self.optional && matches!(self.lost, [false, false])
    }
}

/// A request that waits, with what it said.
#[derive(Clone, Debug)]
#[repr(C)]
pub(super) struct Open {
    /// What is known of it.
    pub(super) asked: Asked,
    // INVARIANT: `split <= len <= REMEMBERED`; parameters up to `split`, then data.
    split: u16,
    len: u16,
    /// The bytes, where no more fit here.
    short: [u8; IN_PLACE],
    /// All of them, where more do.
    long: Vec<u8>,
}

impl Open {
    fn new(asked: Asked, parameters: &[u8], data: &[u8], spare: &mut Vec<Vec<u8>>) -> Self {
        let (parameters, data) = (first(parameters, 0), first(data, parameters.len()));
        let len = parameters.len() + data.len();
        let (mut short, mut long) = ([0; IN_PLACE], Vec::new());
        match short.get_mut(..len) {
            Some(short) => {
                let (before, behind) = short.split_at_mut(parameters.len());
                before.copy_from_slice(parameters);
                behind.copy_from_slice(data);
            }
            None => {
                long = spare.pop().unwrap_or_default();
                long.extend_from_slice(parameters);
                long.extend_from_slice(data);
            }
        }
        Self {
            asked,
            split: parameters.len() as u16,
            len: len as u16,
            short,
            long,
        }
    }

    /// What is remembered of it.
    pub(super) fn bytes(&self) -> &[u8] {
        let short = self.short.get(..usize::from(self.len));
        short.unwrap_or(&self.long)
    }

    /// What it said.
    pub(super) fn body(&self) -> Option<Body<'_>> {
        let (parameters, data) = self.bytes().split_at_checked(self.split.into())?;
        let rosctr = match self.asked.family {
            Family::Job => Rosctr::Job,
            Family::Userdata => Rosctr::Userdata,
            Family::Plus => return None,
        };
        Some(message::asked(rosctr, parameters, data))
    }
}

/// As many of the bytes as are remembered behind others.
fn first(bytes: &[u8], others: usize) -> &[u8] {
    let room = REMEMBERED.saturating_sub(others);
    bytes.get(..room).unwrap_or(bytes)
}

/// The requests of one flow. The one that most have open lies in place.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Pending {
    limit: usize,
    // INVARIANT: oldest first, `limit` at most.
    open: Queue<Open>,
    /// Buffers to use again.
    spare: Vec<Vec<u8>>,
}

impl Pending {
    /// Remembers at most `limit` requests.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit: limit.max(1),
            open: Queue::default(),
            spare: Vec::new(),
        }
    }

    /// The most requests that are remembered.
    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    /// Remembers a request with its parameters and data; gives back the oldest where there is no
    /// room for both.
    pub(super) fn ask(&mut self, asked: Asked, parameters: &[u8], data: &[u8]) -> Option<Asked> {
        let oldest = if self.open.len() >= self.limit {
            self.take(0)
        } else {
            None
        };
        let open = Open::new(asked, parameters, data, &mut self.spare);
        self.open.push(open);
        oldest
    }

    /// Where the request is that `from` sent under this reference.
    pub(super) fn find(&self, from: Direction, family: Family, reference: u16) -> Option<usize> {
        self.open.position(|Open { asked, .. }| {
            asked.reference == reference && asked.family == family && asked.from == from
        })
    }

    /// The request at a place.
    pub(super) fn at(&self, place: usize) -> Option<&Open> {
        self.open.get(place)
    }

    /// Forgets the request at a place.
    pub(super) fn close(&mut self, place: usize) {
        self.recycle(place);
        self.open.close(place);
    }

    /// Takes out the request at a place.
    pub(super) fn take(&mut self, place: usize) -> Option<Asked> {
        self.recycle(place);
        self.open.remove(place).map(|open| open.asked)
    }

    /// Takes back the buffer of a request that no longer needs it.
    fn recycle(&mut self, place: usize) {
        let used = self.open.get_mut(place).map(|open| &mut open.long);
        if let Some(used) = used.filter(|used| used.capacity() > 0)
            && self.spare.len() < self.limit
        {
            let mut bytes = std::mem::take(used);
            bytes.clear();
            self.spare.push(bytes);
        }
    }

    /// Fetches what the next request and its answer need beyond what lies in place.
    pub(super) fn approach(&self, step: Step) {
        match step {
            Step::First | Step::Second => {}
            Step::Third => {
                let long = self.open.first().map_or(&[][..], |open| &open.long);
                if !long.is_empty() {
                    fetch_list(long);
                }
                fetch_list(&self.spare);
            }
        }
    }

    /// Learns that bytes of `from` were lost. A request after which both sides lost bytes is
    /// forgotten: the next answer under its reference may be to a request that was not seen.
    pub(super) fn lose(&mut self, from: Direction) {
        for open in self.open.iter_mut() {
            *from.of_mut(&mut open.asked.lost) = true;
        }
        while let Some(place) = self.open.position(|open| open.asked.lost == [true; 2]) {
            self.close(place);
        }
    }

    /// Takes out the oldest.
    pub(super) fn pop(&mut self) -> Option<Asked> {
        self.take(0)
    }

    /// How many bytes are held on the heap.
    pub(super) fn held_bytes(&self) -> usize {
        let asked = self.open.iter().map(|open| open.long.capacity());
        let spare = self.spare.iter().map(Vec::capacity);
        let tables = self.open.held_bytes() + self.spare.capacity() * size_of::<Vec<u8>>();
        asked.chain(spare).sum::<usize>() + tables
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(pending: &mut Pending, reference: u16, parameters: usize, data: usize) -> Option<u16> {
        let key = (Family::Userdata, reference);
        let asked = (0, Stamp::default());
        let asked = Asked::new(
            Direction::Forward,
            key,
            super::super::functions::CONNECT,
            asked,
        );
        let oldest = pending.ask(asked, &vec![1; parameters], &vec![2; data]);
        oldest.map(|asked| asked.reference)
    }

    /// How many bytes are remembered of the first request, and how many of them are parameters.
    fn remembered(pending: &Pending) -> (usize, usize) {
        let bytes = pending.at(0).unwrap().bytes();
        let parameters = bytes.iter().take_while(|byte| **byte == 1).count();
        assert!(bytes.iter().skip(parameters).all(|byte| *byte == 2));
        (bytes.len(), parameters)
    }

    #[test]
    fn what_a_request_said_is_remembered_whole_up_to_its_bound() {
        for (said, want) in [
            ((0, 0), (0, 0)),
            ((14, 0), (14, 14)),
            ((8, IN_PLACE - 8), (IN_PLACE, 8)),
            ((8, IN_PLACE - 7), (IN_PLACE + 1, 8)),
            ((8, REMEMBERED), (REMEMBERED, 8)),
            ((REMEMBERED + 9, 9), (REMEMBERED, REMEMBERED)),
        ] {
            let mut pending = Pending::new(4);
            assert_eq!(ask(&mut pending, 1, said.0, said.1), None);
            assert_eq!(remembered(&pending), want);
            assert_eq!(pending.at(0).unwrap().split, want.1 as u16);
        }
    }

    #[test]
    fn buffers_are_used_again_and_the_oldest_makes_room() {
        let mut pending = Pending::new(2);
        assert_eq!(
            [1, 2, 3].map(|it| ask(&mut pending, it, 200, 0)),
            [None, None, Some(1)]
        );
        let held = pending.held_bytes();
        for reference in 4..40 {
            assert_eq!(ask(&mut pending, reference, 200, 0), Some(reference - 2));
        }
        assert_eq!(pending.held_bytes(), held);
        pending.lose(Direction::Forward);
        assert_eq!(
            pending.find(Direction::Forward, Family::Userdata, 39),
            Some(1)
        );
        pending.lose(Direction::Backward);
        assert!(pending.pop().is_none());
    }
}
