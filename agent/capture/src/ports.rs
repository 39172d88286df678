//! Several live ports as one timeline, so that a conversation whose directions come on two of them is heard in order;
//! and so are several sockets that share one interface.
//!
//! One port costs nothing extra. Of several, the next frame of each is copied out of its ring and the
//! earliest is shown first. A port that is quiet may still have an earlier frame in a block that
//! the kernel has not handed over: a frame is held until it is older than [`HOLD`], then it is shown. A
//! frame whose time is far from the present is not held, for then the clock was set.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use model::{Frame, LinkType, Timestamp};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::{Batch, Clocks, Gather, Port, PortError};

/// Open ports that are listened to together.
#[derive(Debug)]
pub struct Ports {
    ports: Vec<Port>,
    // INVARIANT: one for each port.
    heads: Vec<Head>,
    /// How many frames of each source were shown.
    shown: BTreeMap<u16, u64>,
}

/// The next frame of a port.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) bytes: Vec<u8>,
    pub(crate) number: u64,
    pub(crate) time: Timestamp,
    pub(crate) link: LinkType,
    pub(crate) wire_len: u32,
    pub(crate) source: u16,
    is_there: bool,
    /// Whether the port had nothing more when it was asked last.
    is_dry: bool,
}

impl Ports {
    /// Listens to these ports.
    pub fn new(ports: Vec<Port>) -> Self {
        Self {
            heads: ports.iter().map(|_| Head::none()).collect(),
            shown: BTreeMap::new(),
            ports,
        }
    }

    /// Waits until there are frames, for `wait` at most, and shows some of them in the order of their
    /// times; `now` tells the time that frames are stamped by. Returns how many; 0 where none
    /// came, a signal did, or what came is held.
    ///
    /// # Errors
    ///
    /// When an interface is gone.
    pub fn dispatch(
        &mut self,
        wait: Duration,
        now: &dyn Fn() -> Timestamp,
        see: &mut dyn FnMut(Frame<'_>),
    ) -> Result<usize, PortError> {
        if let [port] = self.ports.as_mut_slice() {
            return port.dispatch(wait, see);
        }
        self.wait(wait)?;
        let now = now();
        self.merge(|time| is_due(time, now), see)
    }

    /// The same, as a batch of all that is there, or as much as makes a large one; none where nothing is.
    ///
    /// # Errors
    ///
    /// When an interface is gone.
    pub fn gather(
        &mut self,
        mut wait: Duration,
        now: &dyn Fn() -> Timestamp,
        gather: &mut Gather,
    ) -> Result<Option<Arc<Batch>>, PortError> {
        while !gather.is_full() && self.dispatch(wait, now, &mut |frame| gather.add(&frame))? > 0 {
            wait = Duration::ZERO;
        }
        Ok(gather.take())
    }

    /// Shows what is held and still in the rings, up to a bound; 0 where there is nothing more.
    ///
    /// # Errors
    ///
    /// When an interface is gone.
    pub fn drain(&mut self, see: &mut dyn FnMut(Frame<'_>)) -> Result<usize, PortError> {
        if let [port] = self.ports.as_mut_slice() {
            return port.dispatch(Duration::ZERO, see);
        }
        self.merge(|_| true, see)
    }

    /// How full the fullest of their rings is, in per cent. To be asked whenever they were read.
    ///
    /// # Errors
    ///
    /// When the kernel does not tell.
    pub fn fill_percent(&mut self, clocks: Clocks) -> Result<u8, PortError> {
        let mut fullest = 0;
        for port in &mut self.ports {
            fullest = fullest.max(port.fill_percent(clocks)?);
        }
        Ok(fullest)
    }

    /// The ports, in the order that they were given.
    pub fn ports(&self) -> &[Port] {
        &self.ports
    }

    /// The same, to ask what they lost.
    pub fn ports_mut(&mut self) -> &mut [Port] {
        &mut self.ports
    }

    fn merge(
        &mut self,
        is_due: impl Fn(Timestamp) -> bool,
        see: &mut dyn FnMut(Frame<'_>),
    ) -> Result<usize, PortError> {
        for head in &mut self.heads {
            head.is_dry = false;
        }
        for shown in 0..BATCH {
            self.fill()?;
            let all = self.heads.iter().all(|head| head.is_there);
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
            see(Frame {
                number: *number,
                ..first.frame()
            });
            first.is_there = false;
        }
        Ok(BATCH)
    }

    /// Takes the next frame of every port that has one and of which none is held.
    fn fill(&mut self) -> Result<(), PortError> {
        for (port, head) in self.ports.iter_mut().zip(&mut self.heads) {
            if !head.is_there && !head.is_dry {
                head.is_there = port.take(head)?;
                head.is_dry = !head.is_there;
            }
        }
        Ok(())
    }

    /// Waits until a port of which no frame is held has some, or the time is over.
    fn wait(&self, wait: Duration) -> Result<(), PortError> {
        let quiet = || self.heads.iter().map(|head| !head.is_there);
        let mut ports: Vec<_> = self
            .ports
            .iter()
            .zip(quiet())
            .filter(|(_, is_quiet)| *is_quiet)
            .map(|(port, _)| PollFd::new(port, PollFlags::IN))
            .collect();
        let is_held = ports.len() < self.ports.len();
        let limit = if is_held { wait.min(HELD_WAIT) } else { wait };
        match poll(&mut ports, Timespec::try_from(limit).ok().as_ref()) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(PortError::Read {
                interface: self.names(),
                why: error.to_string(),
            }),
        }
    }

    fn names(&self) -> String {
        let names: Vec<_> = self.ports.iter().map(Port::interface).collect();
        names.join("`, `")
    }
}

impl Head {
    fn none() -> Self {
        Self {
            bytes: Vec::new(),
            number: 0,
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
        (self.number, self.time, self.link) = (frame.number, frame.time, frame.link);
        (self.wire_len, self.source) = (frame.wire_len, frame.source);
    }

    fn frame(&self) -> Frame<'_> {
        Frame {
            number: self.number,
            time: self.time,
            link: self.link,
            bytes: &self.bytes,
            wire_len: self.wire_len,
            source: self.source,
        }
    }
}

/// Whether a frame need not be held any more.
fn is_due(time: Timestamp, now: Timestamp) -> bool {
    let age = now.as_nanos().saturating_sub(time.as_nanos());
    age >= HOLD.as_nanos() as i64 || age < -(HOLD.as_nanos() as i64)
}

/// How long a frame may be behind one of another port: a block is handed over after 20 ms, and a busy machine takes its time.
const HOLD: Duration = Duration::from_millis(50);
/// How soon a held frame is looked after.
const HELD_WAIT: Duration = Duration::from_millis(5);
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
