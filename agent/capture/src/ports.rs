//! Several live ports as one timeline, so that a conversation whose directions come on two of them is heard in order;
//! and so are several sockets that share one interface.
//!
//! One port costs nothing extra. Of several, the next frame of each is copied out of its ring and the
//! earliest is shown first. A port that is quiet may still have an earlier frame in a block that
//! the kernel has not handed over: a frame is held until it is older than 50 ms, then it is shown. A
//! frame whose time is far from the present is not held, for then the clock was set; and what came before it was set goes first,
//! as far as [looks at the rings](Ports::fill_percent) tell of it.

use std::sync::Arc;
use std::time::Duration;

use model::{Frame, Timestamp};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::heads::{Head, Heads, is_due};
use crate::{Batch, Clocks, Gather, Port, PortError};

/// Open ports that are listened to together.
#[derive(Debug)]
pub struct Ports {
    ports: Vec<Port>,
    // INVARIANT: of as many ports.
    heads: Heads,
}

impl Ports {
    /// Listens to these ports.
    pub fn new(ports: Vec<Port>) -> Self {
        Self {
            heads: Heads::new(ports.len()),
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
        let Self { ports, heads } = self;
        let mut take = |place: usize, head: &mut Head| {
            ports
                .get_mut(place)
                .map_or(Ok(false), |port| port.take(head))
        };
        heads.merge(&mut take, is_due, see)
    }

    /// Waits until a port of which no frame is held has some, or the time is over.
    fn wait(&self, wait: Duration) -> Result<(), PortError> {
        let mut ports: Vec<_> = self
            .ports
            .iter()
            .zip(self.heads.held())
            .filter(|(_, is_held)| !is_held)
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

/// How soon a held frame is looked after.
const HELD_WAIT: Duration = Duration::from_millis(5);
