//! How full the ring between kernel and sensor is: the only sign of frames that will be lost before any is.
//!
//! Two things fill it. Frames: the kernel counts those that it put in, and what was read is known. And blocks: the
//! kernel closes one that has a frame after 20 ms, full or not, so that a slow reader of a slow port runs out
//! of blocks before it runs out of bytes; the age of what was read last tells of those, of no more than frames wait, for the kernel closes none without
//! one. The larger counts. Ages are told by the clock that stamps frames; where that one was set they tell nothing until the frames that were stamped before are read.

use std::time::Duration;

use model::Timestamp;

/// What two clocks show at a moment.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Clocks {
    /// The one that frames are stamped by.
    pub now: Timestamp,
    /// One that nobody sets, from any beginning on.
    pub steady: Duration,
}

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
    stirred: ([u64; 2], Duration),
    /// What the clocks showed when it was looked at last.
    looked: Option<Clocks>,
    /// How often the clock that stamps frames was found set.
    era: u64,
    /// Up to which frame times may be of a clock that was set since.
    outdated: u64,
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
            stirred: ([0; 2], Duration::ZERO),
            looked: None,
            era: 0,
            outdated: 0,
        }
    }

    /// A frame was taken out.
    #[inline]
    pub(crate) fn take(&mut self, time: Timestamp, captured: usize) {
        self.read += 1;
        self.read_bytes += captured as u64;
        self.newest = time;
    }

    /// How often the clock was found set before the frame that was taken out last came; rings that are looked at together agree.
    pub(crate) fn era(&self) -> u64 {
        self.era - u64::from(self.is_outdated())
    }

    /// Whether the time of what was read last may be of a clock that was set since.
    const fn is_outdated(&self) -> bool {
        self.outdated > 0 && self.read <= self.outdated
    }

    /// How many frames are in it, now that the kernel counts so many, of which it lost `dropped`.
    pub(crate) fn waiting(&mut self, received: u32, dropped: u64) -> u64 {
        self.received += u64::from(received.wrapping_sub(self.received_last));
        self.received_last = received;
        self.received.saturating_sub(dropped + self.read)
    }

    /// How full it is with so many frames, in per cent.
    pub(crate) fn fill_percent(&mut self, waiting: u64, clocks: Clocks) -> u8 {
        let last = self.looked.replace(clocks);
        let is_set = last.is_some_and(|last| clocks.are_apart(last));
        self.era += u64::from(is_set);
        if self.is_still(clocks.steady) || waiting == 0 {
            self.read += waiting;
            self.newest = clocks.now;
            self.outdated = 0;
            return 0;
        }
        if is_set {
            self.outdated = self.read + waiting;
        }
        let each = self.read_bytes / self.read.max(1) + OVERHEAD;
        let bytes = waiting.saturating_mul(each).saturating_mul(100) / self.len_bytes;
        let percent = bytes.max(self.blocks_percent(waiting, clocks.now));
        u8::try_from(percent.min(100)).unwrap_or(100)
    }

    /// Whether nothing came and nothing could be read for so long that nothing can be in it. What the kernel counts more is not
    /// shown to anybody: it came before a filter was set.
    fn is_still(&mut self, steady: Duration) -> bool {
        let counts = [self.received, self.read];
        if self.stirred.0 != counts {
            self.stirred = (counts, steady);
        }
        steady.saturating_sub(self.stirred.1) > STILL
    }

    /// The same by blocks, of which each holds one of the frames at least. A lag that no ring can hold is a clock that was set.
    fn blocks_percent(&self, waiting: u64, now: Timestamp) -> u64 {
        let lag = now.since(self.newest);
        if lag > LONGEST || self.is_outdated() {
            return 0;
        }
        let blocks = self.len_bytes / BLOCK_BYTES;
        let lasts = BLOCK_AGE.as_millis() as u64 * blocks;
        let by_age = lag.saturating_sub(BLOCK_AGE * 2).as_millis() as u64 * 100 / lasts;
        by_age.min(waiting.saturating_mul(100) / blocks)
    }
}

impl Clocks {
    /// Whether one was set since they were like this.
    fn are_apart(self, before: Self) -> bool {
        let shown = self.now.as_nanos().saturating_sub(before.now.as_nanos());
        let passed = self.steady.saturating_sub(before.steady).as_nanos();
        let passed = i64::try_from(passed).unwrap_or(i64::MAX);
        shown.abs_diff(passed) >= SET.as_nanos() as u64
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
/// By how much a clock is set; what is less is a correction, or a look that was interrupted between the clocks.
const SET: Duration = Duration::from_millis(200);

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u32 = 1 << 20;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_nanos(1_000_000_000_000 + millis * 1_000_000)
    }

    /// A look when both clocks go on together.
    fn look(millis: i64) -> Clocks {
        set(millis, 0)
    }

    /// A look when the clock that stamps frames was set by so much.
    fn set(millis: i64, by_millis: i64) -> Clocks {
        Clocks {
            now: at(millis + by_millis),
            steady: Duration::from_millis((100_000 + millis) as u64),
        }
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
            assert_eq!(ring().fill_percent(waiting, look(0)), percent, "{waiting}");
        }
    }

    #[test]
    fn a_ring_fills_with_time_where_frames_are_few() {
        // 64 blocks of 20 ms, with a frame each
        for (lag, percent) in [
            (0, 0),
            (40, 0),
            (680, 50),
            (1_320, 100),
            (59_000, 100),
            (61_000, 0),
        ] {
            assert_eq!(ring().fill_percent(64, look(lag)), percent, "{lag}");
        }
        assert_eq!(ring().fill_percent(0, look(680)), 0, "nothing waits");
    }

    #[test]
    fn a_frame_fills_one_block_at_most_however_long_it_waits() {
        for (waiting, percent) in [(1, 1), (2, 3), (16, 25), (32, 50), (63, 98), (64, 100)] {
            let fill = ring().fill_percent(waiting, look(59_000));
            assert_eq!(fill, percent, "{waiting}");
        }
    }

    #[test]
    fn a_port_that_is_slow_and_not_read_fills_its_ring_block_by_block() {
        // a frame every 20 ms, each in a block that is handed over 20 ms later
        for blocks in 3..=64 {
            let fill = ring().fill_percent(blocks, look(20 * blocks as i64 + 40));
            assert_eq!(u64::from(fill), blocks * 100 / 64);
        }
    }

    #[test]
    fn a_ring_that_nothing_was_read_of_yet_fills_with_time_too() {
        let mut ring = Ring::new(16 * MIB);
        ring.fill_percent(0, look(0));
        ring.waiting(64, 0);
        assert_eq!(ring.fill_percent(64, look(680)), 50);
    }

    #[test]
    fn a_pause_is_no_lag() {
        let mut ring = ring();
        assert_eq!(ring.fill_percent(0, look(10_000)), 0);
        assert_eq!(ring.fill_percent(1, look(10_010)), 0);
        ring.waiting(1_064, 0);
        assert_eq!(ring.fill_percent(64, look(10_680)), 50);
    }

    #[test]
    fn what_nobody_is_shown_fills_nothing() {
        let mut ring = ring();
        // 50 frames came before a filter was set, and match it as little as what comes after
        assert_eq!(ring.waiting(1_050, 0), 50);
        assert_eq!(ring.fill_percent(50, look(20)), 0);
        assert!(ring.fill_percent(50, look(200)) > 0, "they may be there");
        assert_eq!(ring.fill_percent(50, look(250)), 0);
        assert_eq!(ring.waiting(1_050, 0), 0, "they are not");
        assert_eq!(ring.waiting(1_051, 0), 1);
    }

    #[test]
    fn frames_that_wait_while_the_clock_is_set_are_not_old_by_it() {
        for step in [-86_400_000, -22_400, -300, 300, 22_400, 50_000, 86_400_000] {
            let mut ring = ring();
            ring.waiting(41_000, 0);
            assert_eq!(ring.fill_percent(40_000, look(10)), 38);
            assert_eq!(ring.fill_percent(40_000, set(20, step)), 38, "{step}");
            // those before the step are read, one after the other
            for read in 1..=40 {
                let waiting = 40_000 - read * 1_000;
                (0..1_000).for_each(|_| ring.take(at(15), 64));
                let percent = ring.fill_percent(waiting, set(20 + read as i64, step));
                assert_eq!(percent, (waiting * 160 * 100 / (16 << 20)) as u8, "{step}");
            }
        }
    }

    #[test]
    fn frames_that_come_after_the_clock_was_set_grow_old_by_it() {
        for step in [-22_400, 22_400] {
            let mut ring = ring();
            ring.waiting(1_010, 0);
            ring.fill_percent(10, look(10));
            ring.waiting(1_020, 0);
            assert_eq!(ring.fill_percent(20, set(20, step)), 0);
            (0..21).for_each(|_| ring.take(at(30 + step), 64));
            ring.waiting(1_085, 0);
            assert_eq!(ring.fill_percent(64, set(710, step)), 50, "{step}");
        }
    }

    #[test]
    fn a_clock_that_was_set_and_a_ring_that_was_empty_then_tell_of_age_at_once() {
        let mut ring = ring();
        ring.waiting(1_000, 0);
        assert_eq!(ring.fill_percent(0, look(10)), 0);
        assert_eq!(ring.fill_percent(0, set(20, 22_400)), 0);
        ring.waiting(1_064, 0);
        assert_eq!(ring.fill_percent(64, set(700, 22_400)), 50);
    }

    #[test]
    fn nothing_that_stands_still_is_taken_for_waiting_while_the_clock_is_set_back() {
        let mut ring = ring();
        assert_eq!(ring.waiting(1_050, 0), 50);
        ring.fill_percent(50, look(0));
        assert_eq!(ring.fill_percent(50, set(250, -22_400)), 0);
        assert_eq!(ring.waiting(1_050, 0), 0);
    }
}
