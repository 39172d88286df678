//! How full the ring between kernel and sensor is: the only sign of frames that will be lost before any is.
//!
//! Two things fill it. Frames: the kernel counts those that it put in, and what was read is known. And blocks: the
//! kernel closes one that has a frame after 20 ms, full or not, so that a slow reader of a slow port runs out
//! of blocks before it runs out of bytes; the age of what was read last tells of those. The larger counts.

use std::time::Duration;

use model::Timestamp;

/// What went through a ring.
#[derive(Debug)]
pub(crate) struct Ring {
    len_bytes: u64,
    /// Frames that the kernel put in or had no room for.
    received: u64,
    /// The kernel's count as it was read last; it starts over after 32 bits.
    received_last: u32,
    read: u64,
    read_bytes: u64,
    /// When the newest frame that was read had come, or the ring was empty after that.
    newest: Timestamp,
    /// What had come and been read when either changed last, and when that was seen.
    stirred: ([u64; 2], Timestamp),
}

impl Ring {
    /// An empty ring.
    pub(crate) fn new(len_bytes: u32) -> Self {
        Self {
            len_bytes: u64::from(len_bytes).max(BLOCK_BYTES),
            received: 0,
            received_last: 0,
            read: 0,
            read_bytes: 0,
            newest: Timestamp::default(),
            stirred: ([0; 2], Timestamp::default()),
        }
    }

    /// A frame was taken out.
    #[inline]
    pub(crate) fn take(&mut self, time: Timestamp, captured: usize) {
        self.read += 1;
        self.read_bytes += captured as u64;
        self.newest = time;
    }

    /// How many frames are in it, now that the kernel counts so many, of which it lost `dropped`.
    pub(crate) fn waiting(&mut self, received: u32, dropped: u64) -> u64 {
        self.received += u64::from(received.wrapping_sub(self.received_last));
        self.received_last = received;
        self.received.saturating_sub(dropped + self.read)
    }

    /// How full it is with so many frames, in per cent.
    pub(crate) fn fill_percent(&mut self, waiting: u64, now: Timestamp) -> u8 {
        if self.is_still(now) || waiting == 0 {
            self.read += waiting;
            self.newest = now;
            return 0;
        }
        let each = self.read_bytes / self.read.max(1) + OVERHEAD;
        let bytes = waiting.saturating_mul(each).saturating_mul(100) / self.len_bytes;
        let percent = bytes.max(self.blocks_percent(now));
        u8::try_from(percent.min(100)).unwrap_or(100)
    }

    /// Whether nothing came and nothing could be read for so long that nothing can be in it. What the kernel counts more is not
    /// shown to anybody: it came before a filter was set.
    fn is_still(&mut self, now: Timestamp) -> bool {
        let counts = [self.received, self.read];
        if self.stirred.0 != counts {
            self.stirred = (counts, now);
        }
        now.since(self.stirred.1) > STILL
    }

    /// The same by blocks. A lag that no ring can hold is a clock that was set.
    fn blocks_percent(&self, now: Timestamp) -> u64 {
        let lag = now.since(self.newest);
        if lag > LONGEST {
            return 0;
        }
        let holds = BLOCK_AGE.as_millis() as u64 * (self.len_bytes / BLOCK_BYTES);
        lag.saturating_sub(BLOCK_AGE * 2).as_millis() as u64 * 100 / holds
    }
}

/// How old a block grows in the ring before it is handed over.
pub(crate) const BLOCK_AGE: Duration = Duration::from_millis(20);
/// The size of a block, as libpcap asks for it.
const BLOCK_BYTES: u64 = 1 << 18;
/// What the kernel adds to each frame (`TPACKET3_HDRLEN`, room for a tag, alignment).
const OVERHEAD: u64 = 96;
/// Longer than a frame stays in a block that nobody can read yet, also on a busy machine.
const STILL: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u32 = 1 << 20;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_nanos(1_000_000_000_000 + millis * 1_000_000)
    }

    /// A ring of 16 MiB that showed 1 000 frames of 64 bytes, the last of them at 0 ms.
    fn ring() -> Ring {
        let mut ring = Ring::new(16 * MIB);
        for _ in 0..1_000 {
            ring.take(at(0), 64);
        }
        ring
    }

    #[test]
    fn frames_that_wait_are_those_that_came_and_were_neither_lost_nor_read() {
        let mut ring = ring();
        assert_eq!(ring.waiting(1_000, 0), 0);
        assert_eq!(ring.waiting(5_300, 300), 4_000);
        ring.received_last = u32::MAX;
        ring.waiting(9, 300);
        assert_eq!(
            ring.waiting(9, 300),
            4_010,
            "the kernel started its count over"
        );
    }

    #[test]
    fn a_ring_fills_with_frames() {
        for (waiting, percent) in [(0, 0), (1, 0), (52_429, 50), (104_858, 100), (1 << 40, 100)] {
            assert_eq!(ring().fill_percent(waiting, at(0)), percent, "{waiting}");
        }
    }

    #[test]
    fn a_ring_fills_with_time_where_frames_are_few() {
        // 64 blocks of 20 ms
        for (lag, percent) in [
            (0, 0),
            (40, 0),
            (680, 50),
            (1_320, 100),
            (59_000, 100),
            (61_000, 0),
        ] {
            assert_eq!(ring().fill_percent(1, at(lag)), percent, "{lag}");
        }
        assert_eq!(ring().fill_percent(0, at(680)), 0, "nothing waits");
        assert_eq!(ring().fill_percent(1, at(-5_000)), 0, "the clock was set");
    }

    #[test]
    fn a_pause_is_no_lag() {
        let mut ring = ring();
        assert_eq!(ring.fill_percent(0, at(10_000)), 0);
        assert_eq!(ring.fill_percent(1, at(10_010)), 0);
        ring.waiting(1_002, 0);
        assert_eq!(ring.fill_percent(2, at(10_680)), 50);
    }

    #[test]
    fn what_nobody_is_shown_fills_nothing() {
        let mut ring = ring();
        // 50 frames came before a filter was set, and match it as little as what comes after
        assert_eq!(ring.waiting(1_050, 0), 50);
        assert_eq!(ring.fill_percent(50, at(20)), 0);
        assert!(ring.fill_percent(50, at(200)) > 0, "they may be there");
        assert_eq!(ring.fill_percent(50, at(250)), 0);
        assert_eq!(ring.waiting(1_050, 0), 0, "they are not");
        assert_eq!(ring.waiting(1_051, 0), 1);
    }
}
