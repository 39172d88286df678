//! Captures that tests build byte by byte, and what reading them gives.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use model::{Frame, LinkType};
use tempfile::NamedTempFile;

use crate::{CaptureFile, Damage};

/// How the numbers of a built file are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Writer {
    pub(super) big: bool,
}

impl Writer {
    pub(super) fn u16(self, value: u16) -> [u8; 2] {
        if self.big {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    }

    pub(super) fn u32(self, value: u32) -> [u8; 4] {
        if self.big {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    }

    fn words(self, words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| self.u32(*word)).collect()
    }

    /// A pcap file header.
    pub(super) fn pcap(self, magic: u32, link: u32) -> Vec<u8> {
        let version = [self.u16(2), self.u16(4)].concat();
        let rest = self.words(&[0, 0, 65_535, link]);
        [self.u32(magic).to_vec(), version, rest].concat()
    }

    /// A pcap record whose header has `extra` bytes more than the usual sixteen.
    pub(super) fn record(self, time: [u32; 2], extra: usize, frame: &[u8], wire: u32) -> Vec<u8> {
        let [seconds, fraction] = time;
        let head = self.words(&[seconds, fraction, frame.len() as u32, wire]);
        [&head, &vec![0xee; extra], frame].concat()
    }

    /// A pcapng block around `body`, padded.
    pub(super) fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let padding = vec![0; body.len().next_multiple_of(4) - body.len()];
        let len = self.u32((12 + body.len() + padding.len()) as u32);
        [&self.u32(kind), &len, body, &padding, &len].concat()
    }

    /// A pcapng section header.
    pub(super) fn section(self) -> Vec<u8> {
        let version = [self.u16(1), self.u16(0)].concat();
        let body = [&self.u32(0x1a2b_3c4d), &version[..], &[0xff; 8]].concat();
        self.block(0x0a0d_0d0a, &body)
    }

    /// A pcapng interface.
    pub(super) fn interface(self, link: u16, snap_len: u32, options: &[u8]) -> Vec<u8> {
        let link = [self.u16(link), [0, 0]].concat();
        self.block(1, &[&link, &self.u32(snap_len)[..], options].concat())
    }

    /// A pcapng enhanced packet, with a comment after the frame.
    pub(super) fn enhanced(self, interface: u32, ticks: u64, frame: &[u8], wire: u32) -> Vec<u8> {
        let (high, low) = ((ticks >> 32) as u32, ticks as u32);
        let head = self.words(&[interface, high, low, frame.len() as u32, wire]);
        let padding = vec![0; frame.len().next_multiple_of(4) - frame.len()];
        let comment = [&self.u16(1)[..], &self.u16(2), b"ok\0\0", &[0; 4]].concat();
        self.block(6, &[&head, frame, &padding, &comment].concat())
    }

    /// A pcapng obsolete packet.
    pub(super) fn obsolete(self, interface: u16, ticks: u64, frame: &[u8]) -> Vec<u8> {
        let source = [self.u16(interface), self.u16(9)].concat();
        let len = frame.len() as u32;
        let rest = self.words(&[(ticks >> 32) as u32, ticks as u32, len, len]);
        self.block(2, &[&source, &rest, frame].concat())
    }

    /// A pcapng simple packet.
    pub(super) fn simple(self, frame: &[u8], wire: u32) -> Vec<u8> {
        self.block(3, &[&self.u32(wire), frame].concat())
    }
}

/// Numbers with the least significant byte first.
pub(super) const LITTLE: Writer = Writer { big: false };

/// Numbers with the most significant byte first.
pub(super) const BIG: Writer = Writer { big: true };

/// A frame that does not borrow.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Seen {
    pub(super) number: u64,
    pub(super) nanos: i64,
    pub(super) link: LinkType,
    pub(super) bytes: Vec<u8>,
    pub(super) wire_len: u32,
    pub(super) source: u16,
}

impl From<Frame<'_>> for Seen {
    fn from(frame: Frame<'_>) -> Self {
        Self {
            number: frame.number,
            nanos: frame.time.as_nanos(),
            link: frame.link,
            bytes: frame.bytes.to_vec(),
            wire_len: frame.wire_len,
            source: frame.source,
        }
    }
}

/// A file with these bytes.
pub(super) fn written(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// The bytes in gzip, as one member.
pub(super) fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Every frame of a file, and how it ended. After that there must be nothing more.
pub(super) fn read(bytes: &[u8]) -> (Vec<Seen>, Result<(), Damage>) {
    let file = written(bytes);
    drain(&mut CaptureFile::open(file.path()).unwrap())
}

/// The same, of a file that is open.
pub(super) fn drain(capture: &mut CaptureFile) -> (Vec<Seen>, Result<(), Damage>) {
    let mut frames = Vec::new();
    let end = loop {
        match capture.next() {
            Ok(Some(frame)) => frames.push(frame.into()),
            Ok(None) => break Ok(()),
            Err(damage) => break Err(damage),
        }
    };
    assert!(matches!(capture.next(), Ok(None)), "over is over");
    (frames, end)
}
