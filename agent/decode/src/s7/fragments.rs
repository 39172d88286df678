//! Userdata that spans messages, put together: lists, block lists, blocks sent between controllers.
//!
//! A message that says that more comes is a part; the message without that mark ends what its parts
//! began. Parts belong together by who sends them, group, subfunction and the numbers of exchange and
//! data unit; in block-oriented sending by the partners' identifier instead, in programming of
//! numerical controls by the number of the exchange alone. Where a part was lost or did not fit, the
//! end is not read as if it were whole.
//!
//! **Limits:** [`JOINED`] bytes of each, [`OPEN`] at a time.

use model::Direction;

use super::userdata::{Szl, Userdata};

/// The most bytes that are joined: a block sent between controllers has 64 KiB at most.
pub(super) const JOINED: usize = 64 << 10;
/// The most that are joined at a time.
pub(super) const OPEN: usize = 4;

/// What a message is of a longer body.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Joined {
    /// All of it.
    Whole,
    /// A part that is not the last.
    Part,
    /// The last part; all of the body.
    Last(Vec<u8>),
    /// The last part of a body of which something is missing.
    Lost,
}

/// What was dropped to stay within the limits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Dropped {
    /// A body that grew beyond its limit, to so many bytes.
    TooLarge(usize),
    /// The oldest of too many bodies that never ended.
    TooMany,
}

/// What belongs together.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Key {
    from: Direction,
    group: u8,
    subfunction: u8,
    number: u32,
}

#[derive(Debug)]
struct Open {
    key: Key,
    sequence: u8,
    /// The list that it is.
    szl: Option<Szl>,
    bytes: Vec<u8>,
    intact: bool,
}

/// The unfinished bodies of one flow.
#[derive(Debug)]
pub(super) struct Fragments {
    // INVARIANT: oldest first, `OPEN` at most, `limit` bytes at most of each.
    open: Vec<Open>,
    limit: usize,
}

impl Fragments {
    /// Joins at most `limit` bytes of a body, and never more than [`JOINED`].
    pub(super) fn new(limit: usize) -> Self {
        Self {
            open: Vec::new(),
            limit: limit.min(JOINED),
        }
    }

    /// The most bytes that are joined.
    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    /// Takes a message; gives what it is, which list it is a part of, and what had to be dropped.
    pub(super) fn take(
        &mut self,
        from: Direction,
        it: &Userdata<'_>,
    ) -> (Joined, Option<Szl>, Option<Dropped>) {
        if self.open.is_empty() && !it.continues {
            return alone(it);
        }
        let key = key(from, it);
        let place = self.open.iter().position(|open| open.key == key);
        match (place, it.continues) {
            (None, false) => alone(it),
            (None, true) => {
                let dropped = self.begin(key, it);
                (Joined::Part, it.szl(), dropped)
            }
            (Some(place), true) => {
                let (szl, dropped) = self.extend(place, it.piece());
                (Joined::Part, szl, dropped)
            }
            (Some(place), false) => {
                let (szl, dropped) = self.extend(place, it.piece());
                let open = self.open.remove(place);
                let joined = if open.intact {
                    Joined::Last(open.bytes)
                } else {
                    Joined::Lost
                };
                (joined, szl, dropped)
            }
        }
    }

    /// The list that goes on under this number of an exchange: a request for more names none.
    pub(super) fn continued(&self, sequence: u8) -> Option<Szl> {
        let mut open = self.open.iter().rev();
        open.find(|open| open.sequence == sequence)?.szl
    }

    /// Bytes of one side were lost: what it began is no longer whole.
    pub(super) fn lose(&mut self, from: Direction) {
        for open in self.open.iter_mut().filter(|open| open.key.from == from) {
            open.intact = false;
            open.bytes = Vec::new();
        }
    }

    /// A new connection begins.
    pub(super) fn clear(&mut self) {
        self.open.clear();
    }

    /// How many bytes are held on the heap.
    pub(super) fn held_bytes(&self) -> usize {
        let bytes: usize = self.open.iter().map(|open| open.bytes.capacity()).sum();
        bytes + self.open.capacity() * size_of::<Open>()
    }

    fn begin(&mut self, key: Key, it: &Userdata<'_>) -> Option<Dropped> {
        let full = self.open.len() >= OPEN;
        if full {
            self.open.remove(0);
        }
        self.open.push(Open {
            key,
            sequence: it.sequence,
            szl: it.szl(),
            bytes: Vec::new(),
            intact: true,
        });
        let (_, dropped) = self.extend(self.open.len() - 1, it.piece());
        dropped.or_else(|| full.then_some(Dropped::TooMany))
    }

    fn extend(&mut self, place: usize, piece: &[u8]) -> (Option<Szl>, Option<Dropped>) {
        let limit = self.limit;
        let Some(open) = self.open.get_mut(place) else {
            return (None, None);
        };
        let len = open.bytes.len() + piece.len();
        let fits = len <= limit;
        let dropped = (open.intact && !fits).then_some(Dropped::TooLarge(len));
        if open.intact && fits {
            open.bytes.extend_from_slice(piece);
        } else {
            open.intact = false;
            open.bytes = Vec::new();
        }
        (open.szl, dropped)
    }
}

/// A message that ends what nobody began: all of it, or the end of a body of which the beginning was not seen.
fn alone(it: &Userdata<'_>) -> (Joined, Option<Szl>, Option<Dropped>) {
    match it.fragment != 0 && !it.is_nc() {
        true => (Joined::Lost, None, None),
        false => (Joined::Whole, it.szl(), None),
    }
}

fn key(from: Direction, it: &Userdata<'_>) -> Key {
    let number = match it.r_id() {
        Some(r_id) => r_id,
        None if it.is_nc() => it.sequence.into(),
        None => u32::from(it.sequence) << 8 | u32::from(it.fragment),
    };
    Key {
        from,
        group: it.group,
        subfunction: it.subfunction,
        number,
    }
}
