//! A frame as it was captured.

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
        Stamp {
            frame: self.number,
            time: self.time,
            source: self.source,
        }
    }
}

/// Which frame something was seen in, and when.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Stamp {
    /// The frame's number.
    pub frame: u64,
    /// Its capture time.
    pub time: Timestamp,
    /// The interface or capture file that the number counts in.
    pub source: u16,
}

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
