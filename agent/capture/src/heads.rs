//! The next frame of each of several ports, and which of them is shown first.

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

    /// Shows frames in the order of their times, up to a bound; returns how many. `take` takes the next frame of the port at a
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
            let Some(first) = there.min_by_key(|head| head.time) else {
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
            time: Timestamp::default(),
            link: LinkType::Ethernet,
            wire_len: 0,
            source: 0,
            is_there: false,
            is_dry: false,
        }
    }

    /// Keeps a frame.
    pub(crate) fn keep(&mut self, frame: &Frame<'_>) {
        self.bytes.clear();
        self.bytes.extend_from_slice(frame.bytes);
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
    use super::*;

    fn check(age_ms: i64, due: bool) {
        let now = 1_000_000_000_000;
        let time = Timestamp::from_nanos(now - age_ms * 1_000_000);
        assert_eq!(is_due(time, Timestamp::from_nanos(now)), due, "{age_ms}");
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
}
