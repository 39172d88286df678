//! A frame as it was captured.

use std::fmt;

use crate::{Timestamp, address};

/// How a frame's first bytes are to be read (the `LINKTYPE_` numbers of the pcap formats).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum LinkType {
    /// IEEE 802.3 Ethernet, 1.
    Ethernet,
    /// Linux cooked capture version 1, 113.
    LinuxSll,
    /// Linux cooked capture version 2, 276.
    LinuxSll2,
    /// An IP header at once, 101 (also 12 and 14, and 228 and 229 for one version).
    RawIp,
    /// BSD loopback, 0: the address family in the byte order of the machine that captured.
    Null,
    /// OpenBSD loopback, 108: the address family in network byte order.
    Loop,
    /// Anything else: counted, not read.
    Other(u32),
}

impl From<u32> for LinkType {
    fn from(number: u32) -> Self {
        match number {
            0 => Self::Null,
            1 => Self::Ethernet,
            12 | 14 | 101 | 228 | 229 => Self::RawIp,
            108 => Self::Loop,
            113 => Self::LinuxSll,
            276 => Self::LinuxSll2,
            other => Self::Other(other),
        }
    }
}

/// A captured frame; its bytes are borrowed from the reader or the ring.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The 1-based number within its capture file, or since the start on a live port.
    pub number: u64,
    /// When it was captured.
    pub time: Timestamp,
    /// How to read its first bytes.
    pub link: LinkType,
    /// What was captured of it.
    pub bytes: &'a [u8],
    /// How long it was on the wire, in bytes; at least `bytes.len()` in an honest capture.
    pub wire_len: u32,
    /// Which interface or capture file it came from, counted from 0.
    pub source: u16,
}

impl Frame<'_> {
    /// Which frame this is, and when.
    pub const fn stamp(&self) -> Stamp {
        Stamp::new(self.number, self.time, self.source)
    }
}

/// Which frame something was seen in, and when.
///
/// It is two numbers, so that it goes from hand to hand in registers: it comes with every message, and through many.
#[derive(Clone, Copy, Default, Eq, PartialEq)]
pub struct Stamp {
    /// The source above the lower 48 bits, which are the frame's number.
    place: u64,
    /// Its capture time.
    pub time: Timestamp,
}

impl Stamp {
    /// That of a frame with this number, of which 48 bits are kept, at this time, in this [source](Self::source).
    #[inline]
    pub const fn new(frame: u64, time: Timestamp, source: u16) -> Self {
        let place = (source as u64) << NUMBER_BITS | frame & NUMBERS;
        Self { place, time }
    }

    /// That of a moment in which no frame is meant.
    pub const fn at(time: Timestamp) -> Self {
        Self { place: 0, time }
    }

    /// The frame's number; 0 where none is meant.
    #[inline]
    pub const fn frame(self) -> u64 {
        self.place & NUMBERS
    }

    /// The interface or capture file that the number counts in.
    #[inline]
    pub const fn source(self) -> u16 {
        (self.place >> NUMBER_BITS) as u16
    }
}

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stamp")
            .field("frame", &self.frame())
            .field("time", &self.time)
            .field("source", &self.source())
            .finish()
    }
}

/// A port that ten million frames come to in a second takes most of a year to count them all.
const NUMBER_BITS: u32 = 48;
const NUMBERS: u64 = (1 << NUMBER_BITS) - 1;

/// Which way bytes go within a flow: the flow's ends are in the order that they were first seen.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Direction {
    /// From the flow's first end to its second.
    Forward,
    /// From the flow's second end to its first.
    Backward,
}

impl Direction {
    /// The other way.
    pub const fn reverse(self) -> Self {
        match self {
            Self::Forward => Self::Backward,
            Self::Backward => Self::Forward,
        }
    }

    /// 0 for forward, 1 for backward: where arrays of two keep this direction's half.
    pub const fn index(self) -> usize {
        match self {
            Self::Forward => 0,
            Self::Backward => 1,
        }
    }

    /// This direction's half of a pair.
    pub const fn of<T>(self, pair: &[T; 2]) -> &T {
        let [forward, backward] = pair;
        match self {
            Self::Forward => forward,
            Self::Backward => backward,
        }
    }

    /// This direction's half of a pair, to change.
    pub const fn of_mut<T>(self, pair: &mut [T; 2]) -> &mut T {
        let [forward, backward] = pair;
        match self {
            Self::Forward => forward,
            Self::Backward => backward,
        }
    }
}

impl From<address::Transport> for &'static str {
    fn from(transport: address::Transport) -> Self {
        match transport {
            address::Transport::Tcp => "tcp",
            address::Transport::Udp => "udp",
            address::Transport::Ethernet => "ethernet",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_keeps_what_it_is_made_of() {
        let time = Timestamp::from_nanos(7);
        for (frame, source) in [(0, 0), (1, 0), (NUMBERS, u16::MAX), (9, 3)] {
            let stamp = Stamp::new(frame, time, source);
            let kept = (stamp.frame(), stamp.time, stamp.source());
            assert_eq!(kept, (frame, time, source));
        }
        assert_eq!(Stamp::new(1 << NUMBER_BITS | 5, time, 1).frame(), 5);
        assert_eq!(Stamp::at(time), Stamp::new(0, time, 0));
        let shown = format!("{:?}", Stamp::new(9, time, 3));
        assert!(shown.starts_with("Stamp { frame: 9, time: "), "{shown}");
        assert!(shown.ends_with(", source: 3 }"), "{shown}");
        assert_eq!(size_of::<Stamp>(), 16);
    }
}
