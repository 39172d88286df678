//! The copies that a mirror port shows: what tells them from what hosts repeat.
//!
//! Each direction of a flow remembers a print of its last frames: a seeded hash of everything that
//! routing leaves alone (IP identification, the transport's header and checksum, length). A frame
//! with the print of one that was seen within the window is a copy where the sender numbers its
//! packets (an IP identification other than 0); where it does not (IPv6, or 0), the copy must
//! also have come another way, by MAC address, VLAN or hop limit, for a host may well send the
//! same datagram twice but has no reason to change its way. See `docs/decisions/0003-duplicates.md`.

use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use foldhash::quality::RandomState;
use model::Timestamp;

use crate::layers::{Envelope, Packet};

/// What is remembered of one frame.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Print {
    what: u32,
    // The way, where it is asked for, in the upper 8 bits, the time in the lower 24, in units of 8.192 us.
    when: u32,
}

/// The prints of the last frames of one direction.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Prints {
    last: [Print; 4],
    oldest: u8,
}

impl Print {
    /// The print of a frame; `words` is what the transport adds.
    #[inline]
    pub(crate) fn of(
        seed: &RandomState,
        envelope: &Envelope,
        packet: &Packet<'_>,
        words: [u64; 2],
        time: Timestamp,
    ) -> Self {
        let way = match packet.id {
            0 => way(envelope, packet),
            _ => 0,
        };
        let mut print = Self::numbered(seed, words, packet.id, time);
        print.when |= way << 24;
        print
    }

    /// The print of a frame whose IP identification is not 0.
    #[inline]
    fn numbered(seed: &RandomState, words: [u64; 2], id: u16, time: Timestamp) -> Self {
        Self::told(Self::what(seed, words, id), time)
    }

    /// What tells such a frame from others, whenever it came.
    #[inline]
    pub(crate) fn what(seed: &RandomState, words: [u64; 2], id: u16) -> u32 {
        let mut what = seed.build_hasher();
        what.write_u64(words[0]);
        what.write_u64(words[1] ^ u64::from(id).rotate_left(40));
        what.finish() as u32
    }

    /// The print of a frame that came then, of which the rest was told.
    #[inline]
    pub(crate) const fn told(what: u32, time: Timestamp) -> Self {
        Self {
            what,
            when: ticks(time),
        }
    }

    fn is_copy_of(self, earlier: Self, numbered: bool, within: u32) -> bool {
        self.what == earlier.what
            && (self.when.wrapping_sub(earlier.when) & TICKS) <= within
            && (numbered || self.when >> 24 != earlier.when >> 24)
    }
}

impl Prints {
    /// Whether a frame that was seen within so many [ticks](ticks_of) has this print. `numbered` tells whether the
    /// sender numbers its packets.
    #[inline]
    pub(crate) fn hold_copy(&self, print: Print, numbered: bool, within: u32) -> bool {
        self.last
            .iter()
            .any(|earlier| print.is_copy_of(*earlier, numbered, within))
    }

    /// Whether no frame was seen yet.
    pub(crate) fn are_none(&self) -> bool {
        self.last
            .iter()
            .all(|print| (print.what, print.when) == (0, 0))
    }

    #[inline]
    pub(crate) fn remember(&mut self, print: Print) {
        if let Some(place) = self.last.get_mut(usize::from(self.oldest & 3)) {
            *place = print;
        }
        self.oldest = self.oldest.wrapping_add(1);
    }
}

/// A window in the units that prints keep their time in, at most half of what these can tell apart.
pub(crate) fn ticks_of(window: Duration) -> u32 {
    (window.as_nanos() >> TICK_BITS).min(u128::from(TICKS / 2)) as u32
}

#[inline]
const fn ticks(time: Timestamp) -> u32 {
    (time.as_nanos() >> TICK_BITS) as u32 & TICKS
}

/// A small mix of what routing changes.
#[inline]
fn way(envelope: &Envelope, packet: &Packet<'_>) -> u32 {
    let [from, to] = envelope.macs.map(|mac| {
        let [a, b, c, d, e, f] = mac.0;
        u64::from_le_bytes([a, b, c, d, e, f, 0, 0])
    });
    let vlan = u64::from(envelope.vlans.innermost().map_or(0, |id| id + 1));
    let mixed = (from ^ to.rotate_left(24) ^ (vlan << 48) ^ (u64::from(packet.hops) << 40))
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 56) as u32
}

const TICK_BITS: u32 = 13;
const TICKS: u32 = 0x00ff_ffff;
