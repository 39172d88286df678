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
    /// Its number in the kernel; 0 stands for all interfaces together.
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
            index: u32::try_from(address.sll_ifindex).unwrap_or(0),
            hardware: address.sll_hatype,
        })
    }

    /// Whether it can bring frames. One that was renamed is still the same.
    ///
    /// # Errors
    ///
    /// When the kernel does not tell.
    pub(crate) fn state(self, socket: BorrowedFd<'_>) -> io::Result<PortState> {
        if self.index == 0 {
            return Ok(PortState::Up);
        }
        let flags = netdevice::index_to_name(socket, self.index)
            .map_err(io::Error::from)
            .and_then(|name| flags(socket, &name));
        match flags {
            Ok(flags) if flags & libc::IFF_UP == 0 => Ok(PortState::Off),
            Ok(flags) if flags & libc::IFF_RUNNING == 0 => Ok(PortState::NoCarrier),
            Ok(_) => Ok(PortState::Up),
            Err(error) if is_missing(&error) => Ok(PortState::Gone),
            Err(error) => Err(error),
        }
    }

    /// Listens on the interface that has this name now, if one has: [`PortState::Gone`] where none has.
    ///
    /// # Errors
    ///
    /// When the socket cannot be bound to it, or it is of another kind than the one before.
    pub(crate) fn follow(
        &mut self,
        socket: BorrowedFd<'_>,
        name: &str,
        promiscuous: bool,
    ) -> io::Result<PortState> {
        let index = match netdevice::name_to_index(socket, name) {
            Ok(index) => index,
            Err(Errno::NODEV | Errno::NXIO) => return Ok(PortState::Gone),
            Err(error) => return Err(error.into()),
        };
        bind(socket, index)?;
        let now = Self::of(socket)?;
        if now.hardware != self.hardware {
            return Err(io::Error::other("it is of another kind now"));
        }
        if promiscuous {
            hear_all(socket, index)?;
        }
        *self = now;
        self.state(socket)
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
