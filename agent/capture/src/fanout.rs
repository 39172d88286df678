//! Several sockets on one interface that share its frames (packet(7), `PACKET_FANOUT`).
//!
//! Which socket gets a frame is decided in the kernel by a program that looks at who talks with whom
//! ([`program`]): both directions, and every fragment, of two hosts go to the same one. It is fixed by
//! docs/decisions/0023-fanout.md what that program reaches.

mod program;

use std::io;
use std::mem::size_of;
use std::os::fd::{AsRawFd as _, BorrowedFd};

use libc::{c_int, c_void, socklen_t};

/// The number of a group of sockets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Group(u16);

impl Group {
    /// A new group with this socket as its first.
    ///
    /// # Errors
    ///
    /// When the kernel has no such groups, or no program for them.
    pub(crate) fn found(socket: BorrowedFd<'_>) -> io::Result<Self> {
        set(socket, libc::PACKET_FANOUT, &(BY_PROGRAM | UNIQUE))?;
        let group = Self((get(socket, libc::PACKET_FANOUT)? & 0xffff) as u16);
        group.share(socket)?;
        Ok(group)
    }

    /// Takes one more socket in: its number is that of those before it.
    ///
    /// # Errors
    ///
    /// When the socket listens to something else than the others.
    pub(crate) fn join(self, socket: BorrowedFd<'_>) -> io::Result<()> {
        set(
            socket,
            libc::PACKET_FANOUT,
            &(BY_PROGRAM | u32::from(self.0)),
        )
    }

    /// Sets the program that shares frames out.
    fn share(self, socket: BorrowedFd<'_>) -> io::Result<()> {
        let mut steps = program::by_pair();
        let program = libc::sock_fprog {
            len: u16::try_from(steps.len()).map_err(io::Error::other)?,
            filter: steps.as_mut_ptr(),
        };
        set(socket, libc::PACKET_FANOUT_DATA, &program)
    }
}

#[expect(
    unsafe_code,
    reason = "setsockopt(2) reads `size_of::<T>()` bytes at a pointer that is a reference for the \
              whole call; of `sock_fprog` the kernel reads the `len` steps that `filter` points at, \
              which the caller holds, and keeps nothing"
)]
fn set<T>(socket: BorrowedFd<'_>, option: c_int, value: &T) -> io::Result<()> {
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_PACKET,
            option,
            std::ptr::from_ref(value).cast::<c_void>(),
            size_of::<T>() as socklen_t,
        )
    };
    checked(result)
}

#[expect(
    unsafe_code,
    reason = "getsockopt(2) writes at most `len` bytes, which is the size of what it is given"
)]
fn get(socket: BorrowedFd<'_>, option: c_int) -> io::Result<u32> {
    let mut value = 0_u32;
    let mut len = size_of::<u32>() as socklen_t;
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_PACKET,
            option,
            std::ptr::from_mut(&mut value).cast::<c_void>(),
            &raw mut len,
        )
    };
    checked(result).map(|()| value)
}

fn checked(result: c_int) -> io::Result<()> {
    match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// `PACKET_FANOUT_CBPF`, where the kernel wants it.
const BY_PROGRAM: u32 = 6 << 16;
/// `PACKET_FANOUT_FLAG_UNIQUEID`: the kernel chooses a number that no other group has.
const UNIQUE: u32 = 0x2000 << 16;
