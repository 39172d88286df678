//! Packets put together from fragments (RFC 791, 3.2; RFC 8200, 4.5), within bounds of packets,
//! bytes and time.
//!
//! Where fragments overlap the first bytes win; if the others differ the packet is disputed, which
//! is counted and told to the listener of its flow. A packet that was put together is remembered
//! for the mirror's copies of its fragments. A fragment that was captured short leaves its packet
//! incomplete: it is dropped when its time is over.

use std::collections::VecDeque;
use std::net::IpAddr;

use foldhash::quality::RandomState;
use hashbrown::HashMap;
use model::{Counter, Tally, Timestamp};

use crate::layers::{Packet, Piece};
use crate::limits::Limits;

/// Every packet that waits for fragments.
#[derive(Debug, Default)]
pub(crate) struct Fragments {
    packets: HashMap<Key, Partial, RandomState>,
    // Oldest first; a serial that its packet no longer has is passed over.
    order: VecDeque<(Key, u64)>,
    serial: u64,
    bytes: usize,
}

/// A packet whose fragments have all come.
#[derive(Debug)]
pub(crate) struct Joined {
    pub(crate) bytes: Vec<u8>,
    pub(crate) disputed: bool,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Key {
    ips: [IpAddr; 2],
    id: u32,
    protocol: u8,
}

/// What has come of one packet.
#[derive(Debug)]
struct Partial {
    serial: u64,
    since: Timestamp,
    bytes: Vec<u8>,
    // INVARIANT: sorted, apart from each other, each within `bytes`.
    known: Vec<(u32, u32)>,
    end: Option<u32>,
    pieces: u64,
    disputed: bool,
    joined: Option<Timestamp>,
}

impl Fragments {
    /// Takes one fragment; the whole packet's payload if it was the last to come.
    pub(crate) fn add(
        &mut self,
        packet: &Packet<'_>,
        piece: Piece,
        time: Timestamp,
        limits: &Limits,
        tally: &mut Tally,
    ) -> Option<Joined> {
        let key = Key {
            ips: packet.ips,
            id: piece.id,
            protocol: packet.protocol,
        };
        let end = piece.offset + packet.payload.len() as u32;
        if end > LARGEST || (piece.more && packet.payload.is_empty()) {
            tally.add(Counter::UnreadableHeader, 1);
            return None;
        }
        self.forget_joined(key, time, limits);
        self.make_room(key, end, limits, tally);
        let partial = self.open(key, time);
        if partial.joined.is_some() {
            tally.add(Counter::Duplicates, 1);
            return None;
        }
        let before = partial.bytes.len();
        partial.put(piece, packet.payload, tally);
        let grown = partial.bytes.len() - before;
        let joined = partial.join(time);
        self.bytes += grown;
        if let Some(joined) = &joined {
            self.bytes -= joined.bytes.len();
            tally.add(Counter::FragmentsJoined, 1);
        }
        joined
    }

    /// Drops the packets whose time is over.
    pub(crate) fn expire(&mut self, now: Timestamp, limits: &Limits, tally: &mut Tally) {
        while let Some((key, serial)) = self.order.front().copied() {
            let waits = self
                .packets
                .get(&key)
                .filter(|partial| partial.serial == serial)
                .is_some_and(|partial| now.since(partial.since) <= limits.fragment_wait);
            if waits {
                return;
            }
            self.drop_oldest(Counter::FragmentsLate, tally);
        }
    }

    /// Drops everything: the capture is over.
    pub(crate) fn clear(&mut self, tally: &mut Tally) {
        while !self.order.is_empty() {
            self.drop_oldest(Counter::FragmentsLate, tally);
        }
    }

    /// Lets an identification be used again once no copy of its last packet can come.
    fn forget_joined(&mut self, key: Key, time: Timestamp, limits: &Limits) {
        let over = self
            .packets
            .get(&key)
            .and_then(|partial| partial.joined)
            .is_some_and(|joined| time.since(joined) > limits.duplicate_within);
        if over {
            self.packets.remove(&key);
        }
    }

    fn make_room(&mut self, key: Key, end: u32, limits: &Limits, tally: &mut Tally) {
        loop {
            let known = self.packets.get(&key);
            let grows = (end as usize).saturating_sub(known.map_or(0, |known| known.bytes.len()));
            let packets = self.packets.len() + usize::from(known.is_none());
            let fits =
                packets <= limits.fragmented_packets && self.bytes + grows <= limits.fragment_bytes;
            if fits || self.order.is_empty() {
                return;
            }
            self.drop_oldest(Counter::FragmentsOverLimit, tally);
        }
    }

    fn open(&mut self, key: Key, time: Timestamp) -> &mut Partial {
        self.packets.entry(key).or_insert_with(|| {
            self.serial += 1;
            self.order.push_back((key, self.serial));
            Partial {
                serial: self.serial,
                since: time,
                bytes: Vec::new(),
                known: Vec::new(),
                end: None,
                pieces: 0,
                disputed: false,
                joined: None,
            }
        })
    }

    fn drop_oldest(&mut self, why: Counter, tally: &mut Tally) {
        let Some((key, serial)) = self.order.pop_front() else {
            return;
        };
        let current = |partial: &Partial| partial.serial == serial;
        if self.packets.get(&key).is_some_and(current)
            && let Some(partial) = self.packets.remove(&key)
        {
            self.bytes -= partial.bytes.len();
            if partial.joined.is_none() {
                tally.add(why, partial.pieces);
            }
        }
    }
}

impl Partial {
    /// Puts the bytes in their place, less those that are known.
    fn put(&mut self, piece: Piece, bytes: &[u8], tally: &mut Tally) {
        let (start, end) = (piece.offset, piece.offset + bytes.len() as u32);
        if !piece.more && self.end.is_none() {
            self.end = Some(end);
        }
        if self.bytes.len() < end as usize {
            self.bytes.resize(end as usize, 0);
        }
        let (mut at, mut fresh, mut differs) = (start, false, false);
        for (from, to) in self.known.iter().copied() {
            let (from, to) = (from.clamp(at, end), to.clamp(at, end));
            fresh |= copy(&mut self.bytes, start, bytes, at, from);
            differs |= part(&self.bytes, from, to) != part(bytes, from - start, to - start);
            at = to;
        }
        fresh |= copy(&mut self.bytes, start, bytes, at, end);
        self.disputed |= differs;
        if fresh {
            self.pieces += 1;
            self.learn(start, end);
        }
        tally.add(
            match (differs, fresh) {
                (true, _) => Counter::FragmentsConflicting,
                (false, true) => Counter::FragmentsHeld,
                (false, false) => Counter::Duplicates,
            },
            1,
        );
    }

    /// Adds a range to the known ones and joins those that touch.
    fn learn(&mut self, mut start: u32, mut end: u32) {
        self.known.retain(|(from, to)| {
            let apart = *to < start || end < *from;
            if !apart {
                start = start.min(*from);
                end = end.max(*to);
            }
            apart
        });
        let place = self.known.partition_point(|(from, _)| *from < start);
        self.known.insert(place, (start, end));
    }

    fn join(&mut self, time: Timestamp) -> Option<Joined> {
        let end = self.end?;
        let [(0, known)] = *self.known.as_slice() else {
            return None;
        };
        (known >= end).then(|| {
            self.joined = Some(time);
            self.known = Vec::new();
            Joined {
                bytes: std::mem::take(&mut self.bytes),
                disputed: self.disputed,
            }
        })
    }
}

/// Copies what belongs at `from..to` out of `bytes`, which begin at `start`.
fn copy(whole: &mut [u8], start: u32, bytes: &[u8], from: u32, to: u32) -> bool {
    let ours = whole.get_mut(from as usize..to as usize);
    let (Some(ours), Some(theirs)) = (ours, part(bytes, from - start, to - start)) else {
        return false;
    };
    ours.copy_from_slice(theirs);
    from < to
}

fn part(bytes: &[u8], from: u32, to: u32) -> Option<&[u8]> {
    bytes.get(from as usize..to as usize)
}

/// No packet is longer (RFC 791, 3.1).
const LARGEST: u32 = 65_535;
