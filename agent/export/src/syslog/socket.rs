//! What the kernel knows of a connection: how much of it the peer has not acknowledged, and
//! whether it still stands.
//!
//! The figure is that of SIOCOUTQ (tcp(7)), read from the process's own table of connections, so
//! that no unsafe call is needed.

use std::io;
use std::net::TcpStream;

use rustix::fs::fstat;

/// A second handle of a connection's socket, to ask and never to read or write.
#[derive(Debug)]
pub(crate) struct Socket(TcpStream);

/// Where the kernel lists the connections of this network namespace (proc_pid_net(5)).
const TABLES: [&str; 2] = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];

impl Socket {
    /// Asks about `stream`, which is and stays non-blocking.
    pub(crate) fn of(stream: &TcpStream) -> io::Result<Self> {
        stream.try_clone().map(Self)
    }

    /// Bytes that were written and that the peer's kernel has not acknowledged; [`u64::MAX`] where
    /// the kernel lists the connection no more, for then nobody can say.
    ///
    /// # Errors
    ///
    /// When the tables cannot be read.
    pub(crate) fn unacknowledged_bytes(&self) -> io::Result<u64> {
        let inode = fstat(&self.0)?.st_ino;
        for table in TABLES {
            if let Some(bytes) = queued_bytes(&std::fs::read_to_string(table)?, inode) {
                return Ok(bytes);
            }
        }
        Ok(u64::MAX)
    }

    /// Whether neither side has ended the connection, as far as this kernel was told.
    pub(crate) fn stands(&self) -> bool {
        match self.0.peek(&mut [0]) {
            Ok(bytes) => bytes > 0,
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        }
    }
}

/// What the send queue of the socket with this inode holds, as the table's text has it.
fn queued_bytes(table: &str, inode: u64) -> Option<u64> {
    let inode = inode.to_string();
    let mut rows = table
        .lines()
        .skip(1)
        .map(|row| row.split_ascii_whitespace());
    rows.find_map(|mut cells| {
        let queues = cells.nth(QUEUES)?;
        (cells.nth(INODE - QUEUES - 1)? == inode).then_some(queues)
    })
    .and_then(|queues| u64::from_str_radix(queues.split(':').next()?, 16).ok())
}

/// The column of `tx_queue:rx_queue`, in hexadecimal.
const QUEUES: usize = 4;
/// The column of the inode.
const INODE: usize = 9;

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::TcpListener;
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn the_table_is_read_by_column() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode\n\
             0: 0100007F:1F90 0100007F:C350 01 0000002A:00000000 00:00000000 00000000 0 0 777 1 0\n";
        assert_eq!(queued_bytes(table, 777), Some(42));
        assert_eq!(queued_bytes(table, 778), None);
        assert_eq!(queued_bytes("", 777), None);
    }

    #[test]
    fn what_a_peer_does_not_take_is_counted_and_what_it_takes_is_not() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (_peer, _) = listener.accept().unwrap();
        let socket = Socket::of(&ours).unwrap();
        ours.write_all(b"few").unwrap();
        let end = Instant::now() + Duration::from_secs(5);
        while socket.unacknowledged_bytes().unwrap() > 0 {
            assert!(Instant::now() < end, "loopback acknowledges at once");
        }
        ours.set_nonblocking(true).unwrap();
        while ours.write(&[0; 1 << 16]).is_ok() {}
        assert!(socket.unacknowledged_bytes().unwrap() > 0);
    }
}
