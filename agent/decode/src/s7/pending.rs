//! Requests that wait for an answer, and what is remembered of them.
//!
//! An answer names no targets, so a request's parameters are kept until it comes, in buffers that
//! are used again. A request is found by who sent it and by the reference that its answer repeats.

use std::collections::VecDeque;

use model::{Direction, Function, Request, Stamp, Step, fetch_list};

use super::message::{self, Body, Rosctr};
use super::program::Block;
use super::userdata::Szl;

/// The most bytes that are remembered of one request: a usual message is 240 to 960 bytes long.
const REMEMBERED: usize = 2 << 10;

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
#[derive(Debug)]
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
    // INVARIANT: parameters up to `split`, then data; `REMEMBERED` bytes at most.
    bytes: Vec<u8>,
    split: usize,
}

impl Asked {
    /// A request without parameters of its own.
    pub(super) fn new(
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
            bytes: Vec::new(),
            split: 0,
        }
    }

    /// Whether an answer was due, and would have been seen.
    pub(super) const fn is_due(&self) -> bool {
        !self.optional && matches!(self.lost, [false, false])
    }

    /// What is remembered of it.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What it said.
    pub(super) fn body(&self) -> Option<Body<'_>> {
        let (parameters, data) = self.bytes.split_at_checked(self.split)?;
        let rosctr = match self.family {
            Family::Job => Rosctr::Job,
            Family::Userdata => Rosctr::Userdata,
            Family::Plus => return None,
        };
        Some(message::asked(rosctr, parameters, data))
    }
}

/// The requests of one flow.
#[derive(Debug)]
pub(super) struct Pending {
    // INVARIANT: oldest first, `limit` at most.
    open: VecDeque<Asked>,
    spare: Vec<Vec<u8>>,
    limit: usize,
}

impl Pending {
    /// Remembers at most `limit` requests.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            open: VecDeque::new(),
            spare: Vec::new(),
            limit: limit.max(1),
        }
    }

    /// The most requests that are remembered.
    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    /// Remembers a request with its parameters and data; gives back the oldest where there is no
    /// room for both.
    pub(super) fn ask(
        &mut self,
        mut asked: Asked,
        parameters: &[u8],
        data: &[u8],
    ) -> Option<Asked> {
        let oldest = if self.open.len() >= self.limit {
            self.open.pop_front()
        } else {
            None
        };
        let mut bytes = self.spare.pop().unwrap_or_default();
        bytes.extend(parameters.iter().chain(data).take(REMEMBERED));
        asked.split = parameters.len().min(bytes.len());
        asked.bytes = bytes;
        self.open.push_back(asked);
        oldest
    }

    /// Takes out the request that `from` sent under this reference.
    pub(super) fn take(
        &mut self,
        from: Direction,
        family: Family,
        reference: u16,
    ) -> Option<Asked> {
        let place = self.open.iter().position(|asked| {
            asked.reference == reference && asked.family == family && asked.from == from
        })?;
        let asked = self.open.remove(place);
        if self.open.is_empty() {
            // the next one goes where this one was
            self.open.clear();
        }
        asked
    }

    /// Takes back what a request no longer needs.
    pub(super) fn recycle(&mut self, asked: Asked) {
        let mut bytes = asked.bytes;
        if bytes.capacity() > 0 && self.spare.len() < self.limit {
            bytes.clear();
            self.spare.push(bytes);
        }
    }

    /// Fetches what the next request and its answer need.
    pub(super) fn approach(&self, step: Step) {
        match step {
            Step::First => {}
            Step::Second => {
                let (open, _) = self.open.as_slices();
                fetch_list(open);
                fetch_list(&self.spare);
            }
            Step::Third => {
                let asked = self.open.front().map(|asked| &asked.bytes);
                let bytes = asked.or_else(|| self.spare.last());
                bytes.into_iter().for_each(|bytes| fetch_list(bytes));
            }
        }
    }

    /// Learns that bytes of `from` were lost. A request after which both sides lost bytes is
    /// forgotten: the next answer under its reference may be to a request that was not seen.
    pub(super) fn lose(&mut self, from: Direction) {
        for asked in &mut self.open {
            *from.of_mut(&mut asked.lost) = true;
        }
        self.open.retain(|asked| asked.lost != [true; 2]);
    }

    /// Takes out the oldest.
    pub(super) fn pop(&mut self) -> Option<Asked> {
        self.open.pop_front()
    }

    /// How many bytes are held on the heap.
    pub(super) fn held_bytes(&self) -> usize {
        let asked = self.open.iter().map(|asked| asked.bytes.capacity());
        let spare = self.spare.iter().map(Vec::capacity);
        let tables = self.open.capacity() * size_of::<Asked>()
            + self.spare.capacity() * size_of::<Vec<u8>>();
        asked.chain(spare).sum::<usize>() + tables
    }
}
