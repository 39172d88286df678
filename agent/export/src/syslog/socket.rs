//! What the kernel knows of a connection: how much of it the peer has not acknowledged, and
//! whether it still stands.

use std::io;
use std::net::TcpStream;
use std::os::fd::AsRawFd;

use libc::c_int;

/// A second handle of a connection's socket, to ask and never to read or write.
#[derive(Debug)]
pub(crate) struct Socket(TcpStream);

impl Socket {
    /// Asks about `stream`, which is and stays non-blocking.
    pub(crate) fn of(stream: &TcpStream) -> io::Result<Self> {
        stream.try_clone().map(Self)
    }

    /// Bytes that were written and that the peer's kernel has not acknowledged (SIOCOUTQ, tcp(7)).
    pub(crate) fn unacknowledged_bytes(&self) -> io::Result<u64> {
        let mut bytes: c_int = 0;
        #[expect(
            unsafe_code,
            reason = "no safe crate of ours offers SIOCOUTQ; tcp(7) says it writes one int"
        )]
        // SAFETY: the descriptor is open while `self` lives, and the pointer is to a live `c_int`.
        let result = unsafe { libc::ioctl(self.0.as_raw_fd(), libc::TIOCOUTQ, &mut bytes) };
        if result < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(u64::from(bytes.unsigned_abs()))
    }

    /// Whether neither side has ended the connection, as far as this kernel was told.
    pub(crate) fn stands(&self) -> bool {
        match self.0.peek(&mut [0]) {
            Ok(bytes) => bytes > 0,
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        }
    }
}
