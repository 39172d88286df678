//! Which interface a packet socket listens on, what state that is in, and how the socket follows one
//! that was made anew (netdevice(7), packet(7)).
//!
//! An interface that goes down and comes up again keeps its sockets: they report `ENETDOWN` once and
//! go on. One that is removed leaves them without any. To open a socket takes a capability, to bind
//! an open one to another interface takes none, so a port whose interface comes back under its name
//! is listened on again although every right was given up. Sockets that share an interface cannot
//! be bound anew (`EINVAL`).

use std::io;
use std::mem::{size_of, zeroed};
use std::os::fd::{AsRawFd as _, BorrowedFd};

use libc::{c_int, c_short, c_ulong, c_void, socklen_t};
use model::PortState;
use rustix::io::Errno;
use rustix::net::netdevice;

/// The interface that a socket listens on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Link {
    /// Its number in the kernel.
    index: u32,
    /// What it is, Ethernet for one (`ARPHRD_ETHER`).
    hardware: u16,
}

impl Link {
    /// The one that this socket is bound to.
    ///
    /// # Errors
    ///
    /// When the socket is none of the packet layer.
    pub(crate) fn of(socket: BorrowedFd<'_>) -> io::Result<Self> {
        let address = bound(socket)?;
        Ok(Self {
            index: u32::try_from(address.sll_ifindex).unwrap_or(ALL),
            hardware: address.sll_hatype,
        })
    }

    /// None yet, of this kind.
    pub(crate) const fn nowhere(self) -> Self {
        Self {
            index: NOWHERE,
            ..self
        }
    }

    /// Whether the interface that has this name can bring frames. Where that is another than before, the socket listens to
    /// it from now on.
    ///
    /// # Errors
    ///
    /// When the kernel does not tell, and when the socket cannot be bound to the other one ([`Error::Bind`]).
    pub(crate) fn look(
        &mut self,
        socket: BorrowedFd<'_>,
        name: &str,
        promiscuous: bool,
    ) -> Result<Looked, Error> {
        let mut looked = Looked {
            state: PortState::Gone,
            is_another: false,
        };
        let Some(index) = index(socket, name)? else {
            return Ok(looked);
        };
        if !self.is(index) {
            self.follow(socket, index, promiscuous)
                .map_err(|error| Error::Bind(explained(error)))?;
            looked.is_another = true;
        }
        looked.state = state(socket, name)?;
        Ok(looked)
    }

    /// Whether no interface has this name, or another than the socket listens to.
    pub(crate) fn is_gone(self, socket: BorrowedFd<'_>, name: &str) -> bool {
        index(socket, name).is_ok_and(|index| !index.is_some_and(|index| self.is(index)))
    }

    const fn is(self, index: u32) -> bool {
        self.index == index || self.index == ALL
    }

    fn follow(&mut self, socket: BorrowedFd<'_>, index: u32, promiscuous: bool) -> io::Result<()> {
        bind(socket, index)?;
        let now = Self::of(socket)?;
        if now.hardware != self.hardware {
            return Err(io::Error::other("it is of another kind now"));
        }
        if promiscuous {
            hear_all(socket, index)?;
        }
        *self = now;
        Ok(())
    }
}

/// What a look at an interface tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Looked {
    pub(crate) state: PortState,
    /// Whether it is another interface than when it was looked at last.
    pub(crate) is_another: bool,
}

/// Why an interface cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The kernel does not tell.
    #[error(transparent)]
    Ask(#[from] io::Error),
    /// It is another one, and the socket cannot be bound to it.
    #[error(
        "it was removed and is there anew, which takes the right to open it: start again ({0})"
    )]
    Bind(io::Error),
}

/// The kernel's word for a socket of a group is the one for everything that makes no sense.
fn explained(error: io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(libc::EINVAL) => io::Error::other("sockets that shared it cannot be bound to another"),
        _ => error,
    }
}

/// The number of the interface with this name.
fn index(socket: BorrowedFd<'_>, name: &str) -> io::Result<Option<u32>> {
    match netdevice::name_to_index(socket, name) {
        Ok(index) => Ok(Some(index)),
        Err(Errno::NODEV | Errno::NXIO) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn state(socket: BorrowedFd<'_>, name: &str) -> io::Result<PortState> {
    match flags(socket, name) {
        Ok(flags) if flags & libc::IFF_UP == 0 => Ok(PortState::Off),
        Ok(flags) if flags & libc::IFF_RUNNING == 0 => Ok(PortState::NoCarrier),
        Ok(_) => Ok(PortState::Up),
        Err(error) if is_missing(&error) => Ok(PortState::Gone),
        Err(error) => Err(error),
    }
}

fn is_missing(error: &io::Error) -> bool {
    let missing = [Errno::NODEV, Errno::NXIO].map(Errno::raw_os_error);
    error
        .raw_os_error()
        .is_some_and(|code| missing.contains(&code))
}

#[expect(
    unsafe_code,
    reason = "getsockname(2) writes at most `len` bytes, which is the size of what it is given; all \
              zeroes are a valid `sockaddr_ll`"
)]
fn bound(socket: BorrowedFd<'_>) -> io::Result<libc::sockaddr_ll> {
    let mut address: libc::sockaddr_ll = unsafe { zeroed() };
    let mut len = size_of::<libc::sockaddr_ll>() as socklen_t;
    let result = unsafe {
        libc::getsockname(
            socket.as_raw_fd(),
            std::ptr::from_mut(&mut address).cast::<libc::sockaddr>(),
            &raw mut len,
        )
    };
    checked(result).map(|()| address)
}

#[expect(
    unsafe_code,
    reason = "bind(2) reads `size_of::<sockaddr_ll>()` bytes at a reference that outlives the call; \
              all zeroes are a valid `sockaddr_ll`"
)]
fn bind(socket: BorrowedFd<'_>, index: u32) -> io::Result<()> {
    let mut address: libc::sockaddr_ll = unsafe { zeroed() };
    address.sll_family = libc::AF_PACKET as u16;
    address.sll_protocol = (libc::ETH_P_ALL as u16).to_be();
    address.sll_ifindex = c_int::try_from(index).map_err(io::Error::other)?;
    let result = unsafe {
        libc::bind(
            socket.as_raw_fd(),
            std::ptr::from_ref(&address).cast::<libc::sockaddr>(),
            size_of::<libc::sockaddr_ll>() as socklen_t,
        )
    };
    checked(result)
}

/// Asks for frames to other stations, too, as long as the socket is open.
#[expect(
    unsafe_code,
    reason = "setsockopt(2) reads `size_of::<packet_mreq>()` bytes at a reference that outlives the \
              call; all zeroes are a valid `packet_mreq`"
)]
fn hear_all(socket: BorrowedFd<'_>, index: u32) -> io::Result<()> {
    let mut wish: libc::packet_mreq = unsafe { zeroed() };
    wish.mr_ifindex = c_int::try_from(index).map_err(io::Error::other)?;
    wish.mr_type = libc::PACKET_MR_PROMISC as u16;
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_PACKET,
            libc::PACKET_ADD_MEMBERSHIP,
            std::ptr::from_ref(&wish).cast::<c_void>(),
            size_of::<libc::packet_mreq>() as socklen_t,
        )
    };
    checked(result)
}

/// The flags of the interface with this name.
#[expect(
    unsafe_code,
    reason = "`SIOCGIFFLAGS` reads a name that ends with a zero and writes a short, both within the \
              `ifreq` that it is given; all zeroes are a valid `ifreq`, and a short is all bits"
)]
fn flags(socket: BorrowedFd<'_>, name: &str) -> io::Result<c_int> {
    let mut request: libc::ifreq = unsafe { zeroed() };
    let room = request.ifr_name.len() - 1;
    for (to, from) in request.ifr_name.iter_mut().take(room).zip(name.bytes()) {
        *to = from as libc::c_char;
    }
    let asked = libc::SIOCGIFFLAGS as c_ulong;
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), asked, &raw mut request) };
    checked(result)?;
    let flags: c_short = unsafe { request.ifr_ifru.ifru_flags };
    Ok(c_int::from(flags))
}

fn checked(result: c_int) -> io::Result<()> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// The number that stands for all interfaces together.
const ALL: u32 = 0;
/// A number that no interface has: the kernel's are positive as `int`.
const NOWHERE: u32 = u32::MAX;
