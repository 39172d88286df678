//! A live mirror port, through libpcap's ring that the kernel fills (`TPACKET_V3`).
//!
//! A port only listens. Linux has no packet socket that cannot send (packet(7); shutdown(2) is not
//! supported), so the promise rests on this:
//! the handle never leaves the room, nothing here calls a function that sends, and the roof may
//! forbid sending on [`Port::as_fd`] altogether. An interface without an address does the rest
//! ([`crate::Interface::suitability`]).
//!
//! The kernel hands over a block of frames when it is full or 20 ms old (immediate mode would give
//! each frame at once, for twenty times the work, and lose some). Waiting is done by poll(2) with a limit, because
//! reading a quiet port would block for ever. Frames are lent from the ring itself.

mod late;

use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use model::{Frame, LinkType, PortState, Timestamp};
use pcap::{Active, Capture, Packet, PacketHeader, Precision};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use self::late::Late;
use crate::drops::{Counters, Drops};
use crate::fanout::Group;
use crate::filter;
use crate::heads::Head;
use crate::interface::interfaces;
use crate::link::Link;
use crate::ring::{BLOCK_AGE, Clocks, Ring};

/// How to open a port.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PortConfig {
    /// The interface's name.
    pub interface: String,
    /// How much the kernel holds for us while we are busy, in bytes (default 64 MiB).
    pub ring_bytes: u32,
    /// The most that is captured of a frame, in bytes (default 65,535).
    pub snap_len: u32,
    /// What to listen to, in libpcap's words; everything where there is none (the default).
    /// Frames with one VLAN tag or two are matched like those without.
    pub filter: Option<String>,
    /// Whether frames for other stations are taken too, as a mirror port needs it (default).
    pub promiscuous: bool,
    /// The [`Frame::source`] of its frames (default 0).
    pub source: u16,
}

impl PortConfig {
    /// The defaults for one interface.
    pub fn new(interface: impl Into<String>) -> Self {
        Self {
            interface: interface.into(),
            ring_bytes: 64 << 20,
            snap_len: 65_535,
            filter: None,
            promiscuous: true,
            source: 0,
        }
    }

    /// The same for one of several sockets that share the bytes of its ring.
    fn parted(&self, sockets: u32) -> Self {
        Self {
            ring_bytes: self.ring_bytes / sockets.max(1),
            ..self.clone()
        }
    }

    fn failed(&self, why: std::io::Error) -> PortError {
        PortError::Open {
            interface: self.interface.clone(),
            why: format!("its frames cannot be shared out: {why}"),
        }
    }

    /// What libpcap says, and whether it may change by itself.
    fn refused(&self, error: pcap::Error) -> PortError {
        let (interface, why) = (self.interface.clone(), advised(text(error)));
        let all = interfaces();
        match all.iter().find(|it| it.name == self.interface) {
            None => PortError::Absent {
                interface,
                state: PortState::Gone,
                why,
            },
            Some(it) if !it.up => PortError::Absent {
                interface,
                state: PortState::Off,
                why,
            },
            Some(_) => PortError::Open { interface, why },
        }
    }
}

/// An open port.
pub struct Port {
    interface: String,
    handle: Capture<Active>,
    link: LinkType,
    source: u16,
    frames: u64,
    /// How many frames are to be passed over: they came before the port shared them with others.
    surplus: u64,
    counters: Counters,
    ring: Ring,
    promiscuous: bool,
    listens_on: Link,
    late: Late,
    /// [`Self::frames`] when the interface was looked at last.
    frames_before: u64,
}

impl Port {
    /// Starts to listen.
    ///
    /// # Errors
    ///
    /// When the interface is not there or not up, may not be listened to, or the filter is wrong.
    pub fn open(config: &PortConfig) -> Result<Self, PortError> {
        let failed = |error| config.refused(error);
        let counters = Counters::of(&config.interface);
        let mut handle = activate(config).map_err(failed)?;
        let link = LinkType::from(handle.get_datalink().0.unsigned_abs());
        if let Some(filter) = &config.filter {
            listen_to(&mut handle, link, filter)?;
        }
        let listens_on = Link::of(handle.as_fd()).map_err(|error| PortError::Open {
            interface: config.interface.clone(),
            why: error.to_string(),
        })?;
        Ok(Self {
            interface: config.interface.clone(),
            handle,
            link,
            source: config.source,
            frames: 0,
            surplus: 0,
            counters,
            ring: Ring::new(config.ring_bytes),
            promiscuous: config.promiscuous,
            listens_on,
            late: Late::default(),
            frames_before: 0,
        })
    }

    /// Starts to listen with several sockets that share the interface's frames, and the bytes of its ring, so that both
    /// directions and all fragments of two hosts come to the same one. One alone is [`open`](Self::open).
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and when the kernel cannot share frames out.
    pub fn open_shared(config: &PortConfig, sockets: u32) -> Result<Vec<Self>, PortError> {
        let config = config.parted(sockets);
        let mut ports = vec![Self::open(&config)?];
        if let [first] = ports.as_slice()
            && sockets > 1
        {
            let group = Group::found(first.as_fd()).map_err(|why| config.failed(why))?;
            let more = (1..sockets).map(|_| Self::open_to_join(&config));
            let mut more = more.collect::<Result<Vec<_>, _>>()?;
            late::settle(&config, &mut more)?;
            for port in &mut more {
                port.join(&group)?;
            }
            ports.append(&mut more);
        }
        Ok(ports)
    }

    /// Opens one that is to join others. With a filter it is deaf until then, for of what came before one was set not all that is counted is shown.
    fn open_to_join(config: &PortConfig) -> Result<Self, PortError> {
        match config.filter {
            Some(_) => Self::open_deaf(config),
            None => Self::open(config),
        }
    }

    /// Waits until there are frames, for `wait` at most, and shows some of them. Returns how many;
    /// 0 where none came or a signal did, or where the interface is gone ([`look`](Self::look)).
    ///
    /// # Errors
    ///
    /// When the interface is there but cannot be read.
    pub fn dispatch(
        &mut self,
        wait: Duration,
        see: &mut dyn FnMut(Frame<'_>),
    ) -> Result<usize, PortError> {
        self.wait(wait)?;
        let (link, source, frames) = (self.link, self.source, &mut self.frames);
        let (surplus, ring) = (&mut self.surplus, &mut self.ring);
        let shown = self.handle.dispatch(Some(BATCH), |packet| {
            ring.take(time(packet.header), packet.data.len());
            if *surplus > 0 {
                *surplus -= 1;
                return;
            }
            *frames += 1;
            see(frame(&packet, *frames, link, source));
        });
        match shown {
            Err(_) if self.is_gone() => Ok(0),
            shown => shown.map_err(|error| self.failed(text(error))),
        }
    }

    /// Looks whether the interface can bring frames, and listens again on one that was removed and is
    /// there anew. To be asked now and then.
    ///
    /// # Errors
    ///
    /// When the kernel does not tell, or when the port has to be opened anew, which takes the right to do so.
    pub fn look(&mut self) -> Result<PortState, PortError> {
        let is_heard = self.frames != std::mem::replace(&mut self.frames_before, self.frames);
        let socket = self.handle.as_fd();
        let looked = self
            .listens_on
            .look(socket, &self.interface, self.promiscuous)
            .map_err(|error| self.failed(error.to_string()))?;
        if looked.is_another {
            self.counters.follow(&self.interface);
        }
        let state = match looked.state {
            // whatever a driver says of a carrier
            PortState::NoCarrier if is_heard => PortState::Up,
            state => state,
        };
        self.catch_up(looked.is_another, state)?;
        Ok(state)
    }

    fn is_gone(&self) -> bool {
        self.listens_on
            .is_gone(self.handle.as_fd(), &self.interface)
    }

    /// Takes the next frame into `head`, if there is one.
    pub(crate) fn take(&mut self, head: &mut Head) -> Result<bool, PortError> {
        loop {
            let (link, source, number) = (self.link, self.source, self.frames + 1);
            let packet = match self.handle.next_packet() {
                Ok(packet) => packet,
                Err(pcap::Error::TimeoutExpired | pcap::Error::NoMorePackets) => return Ok(false),
                Err(error) => {
                    let why = text(error);
                    return match self.is_gone() {
                        true => Ok(false),
                        false => Err(self.failed(why)),
                    };
                }
            };
            self.ring.take(time(packet.header), packet.data.len());
            if self.surplus == 0 {
                head.keep(&frame(&packet, number, link, source), self.ring.era());
                self.frames = number;
                return Ok(true);
            }
            self.surplus -= 1;
        }
    }

    /// How many frames were read since the port was opened.
    pub const fn frames(&self) -> u64 {
        self.frames
    }

    /// How many frames were lost since the port was opened. To be asked now and then: the kernel
    /// counts to four billion only.
    ///
    /// # Errors
    ///
    /// When the kernel does not tell.
    pub fn drops(&mut self) -> Result<Drops, PortError> {
        match self.handle.stats() {
            Ok(stat) => Ok(self.counters.drops(stat.dropped)),
            Err(error) => Err(self.failed(text(error))),
        }
    }

    /// How full its ring is, in per cent: frames will be lost when it is full. To be asked whenever it was read.
    ///
    /// # Errors
    ///
    /// When the kernel does not tell.
    pub fn fill_percent(&mut self, clocks: Clocks) -> Result<u8, PortError> {
        let waiting = self.waiting()?;
        Ok(self.ring.fill_percent(waiting, clocks))
    }

    /// How many frames are in its ring.
    pub(crate) fn waiting(&mut self) -> Result<u64, PortError> {
        match self.handle.stats() {
            Ok(stat) => {
                let dropped = self.counters.kernel(stat.dropped);
                Ok(self.ring.waiting(stat.received, dropped))
            }
            Err(error) => Err(self.failed(text(error))),
        }
    }

    /// How to read the first bytes of its frames.
    pub fn link(&self) -> LinkType {
        self.link
    }

    /// The interface's name.
    pub fn interface(&self) -> &str {
        &self.interface
    }

    /// Waits until the ring has a block, or something is wrong, or the time is over.
    fn wait(&self, wait: Duration) -> Result<(), PortError> {
        let limit = Timespec::try_from(wait).ok();
        let mut ports = [PollFd::new(&self.handle, PollFlags::IN)];
        match poll(&mut ports, limit.as_ref()) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(self.failed(error.to_string())),
        }
    }

    fn failed(&self, why: String) -> PortError {
        PortError::Read {
            interface: self.interface.clone(),
            why,
        }
    }
}

/// The socket, for the roof to forbid everything but listening.
impl AsFd for Port {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.handle.as_fd()
    }
}

impl std::fmt::Debug for Port {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Port")
            .field("interface", &self.interface)
            .field("link", &self.link)
            .field("frames", &self.frames)
            .finish_non_exhaustive()
    }
}

/// Why a port cannot be listened to.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PortError {
    /// It cannot be opened.
    #[error("cannot listen on `{interface}`: {why}")]
    Open {
        /// The interface.
        interface: String,
        /// What libpcap says.
        why: String,
    },
    /// It cannot be opened now: it is missing, or switched off.
    #[error("cannot listen on `{interface}`: {why}")]
    Absent {
        /// The interface.
        interface: String,
        /// What it lacks.
        state: PortState,
        /// What libpcap says.
        why: String,
    },
    /// The filter cannot be understood.
    #[error("the filter `{filter}` is wrong: {why}")]
    Filter {
        /// The filter as it was written.
        filter: String,
        /// What libpcap says.
        why: String,
    },
    /// It was open, and fails.
    #[error("`{interface}` cannot be listened to any more: {why}")]
    Read {
        /// The interface.
        interface: String,
        /// What the system says.
        why: String,
    },
}

fn activate(config: &PortConfig) -> Result<Capture<Active>, pcap::Error> {
    let limited = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    Capture::from_device(config.interface.as_str())?
        .promisc(config.promiscuous)
        .snaplen(limited(config.snap_len))
        .buffer_size(limited(config.ring_bytes))
        .timeout(i32::try_from(BLOCK_AGE.as_millis()).unwrap_or(i32::MAX))
        .precision(Precision::Nano)
        .open()?
        .setnonblock()
}

/// Sets the filter; what is wrong with it is told in the words that the user wrote.
fn listen_to(handle: &mut Capture<Active>, link: LinkType, written: &str) -> Result<(), PortError> {
    let whole = program(handle, link, written)?;
    handle
        .filter(&whole, true)
        .map_err(|error| wrong(written, error))
}

/// The filter as it is set, if it is none that cannot be understood.
fn program(handle: &Capture<Active>, link: LinkType, written: &str) -> Result<String, PortError> {
    handle
        .compile(written, true)
        .map_err(|error| wrong(written, error))?;
    Ok(match link {
        LinkType::Ethernet => filter::vlan_aware(written),
        _ => written.to_owned(),
    })
}

fn wrong(written: &str, error: pcap::Error) -> PortError {
    PortError::Filter {
        filter: written.to_owned(),
        why: text(error),
    }
}

fn frame<'p>(packet: &Packet<'p>, number: u64, link: LinkType, source: u16) -> Frame<'p> {
    Frame {
        number,
        time: time(packet.header),
        link,
        bytes: packet.data,
        wire_len: packet.header.len,
        source,
    }
}

/// The time of a frame. With nanosecond precision the field for microseconds holds nanoseconds.
fn time(header: &PacketHeader) -> Timestamp {
    let seconds = header.ts.tv_sec.saturating_mul(1_000_000_000);
    Timestamp::from_nanos(seconds.saturating_add(header.ts.tv_usec))
}

/// What libpcap says, without the name that the crate puts before it.
fn text(error: pcap::Error) -> String {
    match error {
        pcap::Error::PcapError(why) => why,
        other => other.to_string(),
    }
}

/// What libpcap says of a port that it cannot open, with what to do where it leaves that out.
fn advised(why: String) -> String {
    if why.ends_with("Operation not permitted") {
        return format!("{why}; it takes the capability CAP_NET_RAW");
    }
    why
}

/// A filter that no frame matches, in libpcap's words.
const NOTHING: &str = "less 0";
/// How many frames are shown at once at most, so that a flood leaves time for other things.
const BATCH: usize = 1_024;
