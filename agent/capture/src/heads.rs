//! The next frame of each of several ports, and which of them is shown first.
//!
//! It is the earliest. But a frame that came before the clock was set back may seem later than all that comes, and would wait for
//! as long as another port is never without any. So an [era](crate::ring::Ring::era) begins when the clock is found set, and of two eras the
//! first comes first. What is in a ring when one begins is of the era before, so nothing waits for more than that.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{Frame, LinkType, Timestamp};

use crate::PortError;

/// The next frames of ports that are listened to together.
#[derive(Debug)]
pub(crate) struct Heads {
    heads: Vec<Head>,
    /// How many frames of each source were shown.
    shown: BTreeMap<u16, u64>,
}

/// The next frame of a port.
#[derive(Debug)]
pub(crate) struct Head {
    bytes: Vec<u8>,
    /// How often the clock was found set before it came.
    era: u64,
    time: Timestamp,
    link: LinkType,
    wire_len: u32,
    source: u16,
    is_there: bool,
    /// Whether the port had nothing more when it was asked last.
    is_dry: bool,
}

impl Heads {
    /// Of so many ports, none yet.
    pub(crate) fn new(ports: usize) -> Self {
        Self {
            heads: (0..ports).map(|_| Head::none()).collect(),
            shown: BTreeMap::new(),
        }
    }

    /// Whether a frame of each port is held.
    pub(crate) fn held(&self) -> impl Iterator<Item = bool> {
        self.heads.iter().map(|head| head.is_there)
    }

    /// Shows frames in the order of their eras and times, up to a bound; returns how many. `take` takes the next frame of the port at a
    /// place, and says whether there was one. Where a port has none, only frames that are due are shown.
    ///
    /// # Errors
    ///
    /// Those of `take`.
    pub(crate) fn merge(
        &mut self,
        take: &mut impl FnMut(usize, &mut Head) -> Result<bool, PortError>,
        is_due: impl Fn(Timestamp) -> bool,
        see: &mut dyn FnMut(Frame<'_>),
    ) -> Result<usize, PortError> {
        for head in &mut self.heads {
            head.is_dry = false;
        }
        for shown in 0..BATCH {
            self.fill(take)?;
            let all = self.held().all(|is_held| is_held);
            let there = self.heads.iter_mut().filter(|head| head.is_there);
            let Some(first) = there.min_by_key(|head| (head.era, head.time)) else {
                return Ok(shown);
            };
            if !all && !is_due(first.time) {
                return Ok(shown);
            }
            // sockets that share an interface count its frames together
            let number = self.shown.entry(first.source).or_default();
            *number += 1;
            see(first.frame(*number));
            first.is_there = false;
        }
        Ok(BATCH)
    }

    /// Takes the next frame of every port that has one and of which none is held.
    fn fill(
        &mut self,
        take: &mut impl FnMut(usize, &mut Head) -> Result<bool, PortError>,
    ) -> Result<(), PortError> {
        for (place, head) in self.heads.iter_mut().enumerate() {
            if !head.is_there && !head.is_dry {
                head.is_there = take(place, head)?;
                head.is_dry = !head.is_there;
            }
        }
        Ok(())
    }
}

impl Head {
    fn none() -> Self {
        Self {
            bytes: Vec::new(),
            era: 0,
            time: Timestamp::default(),
            link: LinkType::Ethernet,
            wire_len: 0,
            source: 0,
            is_there: false,
            is_dry: false,
        }
    }

    /// Keeps a frame of an era.
    pub(crate) fn keep(&mut self, frame: &Frame<'_>, era: u64) {
        self.bytes.clear();
        self.bytes.extend_from_slice(frame.bytes);
        self.era = era;
        (self.time, self.link) = (frame.time, frame.link);
        (self.wire_len, self.source) = (frame.wire_len, frame.source);
    }

    fn frame(&self, number: u64) -> Frame<'_> {
        Frame {
            number,
            time: self.time,
            link: self.link,
            bytes: &self.bytes,
            wire_len: self.wire_len,
            source: self.source,
        }
    }
}

/// Whether a frame need not be held any more.
pub(crate) fn is_due(time: Timestamp, now: Timestamp) -> bool {
    let age = now.as_nanos().saturating_sub(time.as_nanos());
    age >= HOLD.as_nanos() as i64 || age < -(HOLD.as_nanos() as i64)
}

/// How long a frame may be behind one of another port: a block is handed over after 20 ms, and a busy machine takes its time.
const HOLD: Duration = Duration::from_millis(50);
/// How many frames are shown at once at most.
const BATCH: usize = 1_024;

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;
    use crate::Clocks;
    use crate::ring::Ring;

    const NOW_MILLIS: i64 = 1_000_000;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_nanos((NOW_MILLIS + millis) * 1_000_000)
    }

    fn check(age_ms: i64, due: bool) {
        assert_eq!(is_due(at(-age_ms), at(0)), due, "{age_ms}");
    }

    #[test]
    fn a_frame_is_held_while_another_port_may_bring_an_earlier_one() {
        check(0, false);
        check(49, false);
        check(50, true);
        check(-10, false);
    }

    #[test]
    fn a_frame_is_not_held_for_a_clock_that_was_set() {
        check(-3_600_000, true);
        check(3_600_000, true);
    }

    /// A port as its ring shows it.
    struct Queue {
        ring: Ring,
        /// When frames that wait were stamped, in milliseconds.
        stamps: VecDeque<i64>,
        came: u32,
        source: u16,
    }

    impl Queue {
        fn new(source: u16) -> Self {
            Self {
                ring: Ring::new(64 << 20),
                stamps: VecDeque::new(),
                came: 0,
                source,
            }
        }

        fn come(&mut self, stamps: impl IntoIterator<Item = i64>) {
            let before = self.stamps.len();
            self.stamps.extend(stamps);
            self.came += (self.stamps.len() - before) as u32;
        }

        fn look(&mut self, clocks: Clocks) {
            let waiting = self.ring.waiting(self.came, 0);
            assert_eq!(waiting, self.stamps.len() as u64);
            self.ring.fill_percent(waiting, clocks);
        }

        fn take(&mut self, head: &mut Head) -> bool {
            let Some(stamp) = self.stamps.pop_front() else {
                return false;
            };
            self.ring.take(at(stamp), 64);
            let frame = Frame {
                number: 0,
                time: at(stamp),
                link: LinkType::Ethernet,
                bytes: &[],
                wire_len: 64,
                source: self.source,
            };
            head.keep(&frame, self.ring.era());
            true
        }
    }

    /// Two ports, and what was shown of them.
    struct Watch {
        ports: [Queue; 2],
        heads: Heads,
        shown: Vec<(u16, i64)>,
        is_dry: bool,
    }

    impl Watch {
        fn begin() -> Self {
            Self {
                ports: [0, 1].map(Queue::new),
                heads: Heads::new(2),
                shown: Vec::new(),
                is_dry: false,
            }
        }

        /// Shows some at a time that no frame is due at but for a clock that was set, then looks at the clocks.
        fn go(&mut self, steady_millis: i64, set_by: i64) {
            let now = at(steady_millis + set_by);
            let Self {
                ports,
                heads,
                shown,
                is_dry,
            } = self;
            let mut take = |place: usize, head: &mut Head| {
                let is_there = ports[place].take(head);
                *is_dry |= !is_there && place == 1;
                Ok(is_there)
            };
            let mut see = |frame: Frame<'_>| {
                let millis = frame.time.as_nanos() / 1_000_000 - NOW_MILLIS;
                shown.push((frame.source, millis));
            };
            heads
                .merge(&mut take, |time| is_due(time, now), &mut see)
                .unwrap();
            for port in ports {
                port.look(Clocks {
                    now,
                    steady: Duration::from_millis(steady_millis as u64),
                });
            }
        }

        /// After how many frames of the second port the first of the other was shown.
        fn place_of_first(&self) -> Option<usize> {
            self.shown.iter().position(|(source, _)| *source == 0)
        }
    }

    /// A frame comes on one port, and without an end more on the other, which is a second behind; after 5 s the clock is set.
    fn watch_a_flood(set_by: i64, seconds: i64) -> Watch {
        let mut watch = Watch::begin();
        watch.ports[1].come(0..4_000);
        watch.go(4_000, 0);
        watch.ports[0].come([5_000]);
        watch.ports[1].come(4_000..5_000);
        watch.go(5_000, 0);
        for second in 5..seconds {
            let millis = second * 1_000..(second + 1) * 1_000;
            watch.ports[1].come(millis.map(|it| it + set_by));
            watch.go((second + 1) * 1_000, set_by);
        }
        assert!(!watch.is_dry, "the port that is busy is never without any");
        watch
    }

    #[test]
    fn a_frame_waits_for_what_came_before_it_on_a_port_that_is_behind() {
        let watch = watch_a_flood(0, 20);
        assert_eq!(watch.place_of_first(), Some(5_000));
        assert!(watch.shown.is_sorted_by_key(|(_, millis)| *millis));
    }

    #[test]
    fn a_frame_of_before_the_clock_was_set_back_waits_for_what_was_in_the_rings_then_at_most() {
        for set_by in [-2_000, -60_000, -800_000] {
            let watch = watch_a_flood(set_by, 100);
            // 6 000 frames had come when the step was seen, the last 1 000 of them after it
            assert_eq!(watch.place_of_first(), Some(6_000), "{set_by}");
            let of_flood = watch.shown.iter().filter(|(source, _)| *source == 1);
            let expected = (0..5_000).chain((5_000..).map(|it| it + set_by));
            assert!(
                of_flood
                    .map(|(_, millis)| *millis)
                    .eq(expected.take(watch.shown.len() - 1)),
                "a port keeps its order"
            );
        }
    }

    #[test]
    fn a_clock_that_is_set_forward_changes_no_order() {
        let watch = watch_a_flood(60_000, 20);
        assert_eq!(watch.place_of_first(), Some(5_000));
        assert!(watch.shown.is_sorted_by_key(|(_, millis)| *millis));
    }
}
