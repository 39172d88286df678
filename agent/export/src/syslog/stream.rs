//! Syslog over TCP (RFC 6587, 3.4.1: octet counting) and TLS (RFC 5425).
//!
//! Neither has an acknowledgement, and a write that succeeds proves nothing: bytes may wait in
//! either kernel when the peer dies, and a peer that rejects our certificate says so only after the
//! first writes went well. A record is therefore taken when one of these is true:
//!
//! - it was written 2 seconds ago or longer, the peer's kernel has acknowledged every byte, and the
//!   connection still stands; or
//! - the connection was closed in order: our end shut (with `close_notify` under TLS), and the
//!   peer's end read to its end.
//!
//! Everything else is sent again on the next connection. A task reads all the while: it sees the
//! peer's end, and takes in TLS 1.3 session tickets, which unread would turn our close into a reset
//! that destroys what the peer has not read yet.
//!
//! What this cannot see is a receiver that lets bytes lie in its kernel for more than 2 seconds and
//! then dies; only a protocol with acknowledgements can.

use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use store::Seq;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::message::message;
use super::socket::Socket;
use crate::config::{Receiver, TlsPlan};
use crate::{Record, Sink, SinkError};

/// How long a connection must stand after a record for it to count as taken.
const SETTLING: Duration = Duration::from_secs(2);
/// How long to wait for a connection, its handshake included.
const CONNECTING: Duration = Duration::from_secs(10);
/// How long a peer may take nothing.
const STALL: Duration = Duration::from_secs(30);
/// How long an orderly close may take.
const CLOSING: Duration = Duration::from_secs(5);

/// A receiver at the other end of a byte stream.
#[derive(Debug)]
pub(crate) struct StreamSink {
    receiver: Receiver,
    /// The newest certificates.
    tls: Option<watch::Receiver<TlsPlan>>,
    connection: Option<Connection>,
}

#[derive(Debug)]
struct Connection {
    writer: WriteHalf<Box<dyn Stream>>,
    reader: JoinHandle<io::Result<()>>,
    socket: Socket,
    // INVARIANT: in the order of writing.
    window: VecDeque<(Seq, Instant)>,
}

trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin + std::fmt::Debug {}

impl<S: AsyncRead + AsyncWrite + Send + Sync + Unpin + std::fmt::Debug> Stream for S {}

impl StreamSink {
    /// The sink that connects with its first batch, under TLS where certificates are planned.
    pub(crate) fn new(receiver: Receiver, tls: Option<watch::Receiver<TlsPlan>>) -> Self {
        Self {
            receiver,
            tls,
            connection: None,
        }
    }

    fn frames(&self, records: &[Record]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (_, incident) in records {
            let text = message(incident, self.receiver.facility, self.receiver.max_bytes);
            bytes.extend_from_slice(format!("{} ", text.len()).as_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes
    }

    fn closed(&self, why: &str, unsettled: usize) -> SinkError {
        SinkError::Closed {
            address: self.receiver.address.clone(),
            why: why.into(),
            unsettled,
        }
    }

    fn stalled(&self, time: Duration) -> SinkError {
        SinkError::Stalled {
            address: self.receiver.address.clone(),
            secs: time.as_secs(),
        }
    }

    /// The connection, if there is one that stands. One that ended with records in its window is
    /// an error: a new one must not begin as if they were taken.
    fn standing(&mut self) -> Result<Option<Connection>, SinkError> {
        match self.connection.take() {
            Some(connection) if connection.stands() => Ok(Some(connection)),
            Some(connection) if !connection.window.is_empty() => {
                Err(self.closed("", connection.window.len()))
            }
            _ => Ok(None),
        }
    }

    async fn connect(&self) -> Result<Connection, SinkError> {
        let tls = self.tls.as_ref().map(|tls| tls.borrow().clone());
        let opened = timeout(CONNECTING, open(&self.receiver.address, tls)).await;
        let late = |_| Err(io::Error::from(io::ErrorKind::TimedOut));
        opened
            .unwrap_or_else(late)
            .map_err(|error| SinkError::Connect {
                address: self.receiver.address.clone(),
                why: error.to_string(),
            })
    }
}

impl Sink for StreamSink {
    async fn send(&mut self, records: &[Record]) -> Result<(), SinkError> {
        let frames = self.frames(records);
        let mut connection = match self.standing()? {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let unsettled = connection.window.len() + records.len();
        match timeout(STALL, connection.write(&frames)).await {
            Err(_) => return Err(self.stalled(STALL)),
            Ok(Err(error)) => return Err(self.closed(&error.to_string(), unsettled)),
            Ok(Ok(())) => {}
        }
        let written = Instant::now();
        let window = records.iter().map(|(seq, _)| (*seq, written));
        connection.window.extend(window);
        self.connection = Some(connection);
        Ok(())
    }

    async fn taken(&mut self) -> Result<Option<Seq>, SinkError> {
        let Some(connection) = &mut self.connection else {
            return Ok(None);
        };
        match connection.settle(Instant::now()) {
            Settled::Upto(seq) => Ok(seq),
            Settled::Stalled(time) => Err(self.stalled(time)),
            Settled::Ended => self.standing().map(|_| None),
        }
    }

    async fn close(&mut self) -> Result<Option<Seq>, SinkError> {
        let Some(connection) = self.connection.take() else {
            return Ok(None);
        };
        let unsettled = connection.window.len();
        let ended = timeout(CLOSING, connection.end()).await;
        let late = |_| Err(io::Error::from(io::ErrorKind::TimedOut));
        let ended = ended.unwrap_or_else(late);
        ended.map_err(|error| self.closed(&error.to_string(), unsettled))
    }

    fn abandon(&mut self) {
        self.connection = None;
    }

    fn window(&self) -> usize {
        4096
    }
}

enum Settled {
    Upto(Option<Seq>),
    Stalled(Duration),
    Ended,
}

impl Connection {
    fn stands(&self) -> bool {
        !self.reader.is_finished() && self.socket.stands()
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer.write_all(bytes).await?;
        self.writer.flush().await
    }

    /// What can be said now of the records in the window.
    fn settle(&mut self, now: Instant) -> Settled {
        let unacknowledged = self.socket.unacknowledged_bytes();
        // Asked after the queue: a reset could have emptied it in between.
        if !self.stands() {
            return Settled::Ended;
        }
        let Ok(unacknowledged) = unacknowledged else {
            return Settled::Ended;
        };
        let age = |at: &Instant| now.saturating_duration_since(*at);
        let oldest = self
            .window
            .front()
            .map(|(_, at)| age(at))
            .unwrap_or_default();
        if unacknowledged > 0 {
            return if oldest > STALL {
                Settled::Stalled(oldest)
            } else {
                Settled::Upto(None)
            };
        }
        let settled = self.window.partition_point(|(_, at)| age(at) >= SETTLING);
        Settled::Upto(self.window.drain(..settled).next_back().map(|(seq, _)| seq))
    }

    /// Shuts our end, and reads the peer's to its end: then it has read everything. A peer that
    /// leaves its end open is given the time that any record is given.
    async fn end(mut self) -> io::Result<Option<Seq>> {
        self.writer.shutdown().await?;
        let last = self.window.back().copied();
        let Ok(ended) = timeout(SETTLING, &mut self.reader).await else {
            return self.left_open(last.map(|(seq, _)| seq));
        };
        match ended.map_err(io::Error::other)? {
            // Some receivers end TLS without `close_notify`; the end of their stream says enough.
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(error),
            _ => Ok(last.map(|(seq, _)| seq)),
        }
    }

    fn left_open(&self, last: Option<Seq>) -> io::Result<Option<Seq>> {
        if self.socket.unacknowledged_bytes()? == 0 && self.stands() {
            return Ok(last);
        }
        Err(io::ErrorKind::TimedOut.into())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn open(address: &str, tls: Option<TlsPlan>) -> io::Result<Connection> {
    let tcp = TcpStream::connect(address).await?;
    tcp.set_nodelay(true)?;
    let tcp = tcp.into_std()?;
    let socket = Socket::of(&tcp)?;
    let tcp = TcpStream::from_std(tcp)?;
    let stream: Box<dyn Stream> = match tls {
        None => Box::new(tcp),
        Some(TlsPlan { config, server }) => {
            let connector = TlsConnector::from(config);
            Box::new(connector.connect(server, tcp).await?)
        }
    };
    let (reader, writer) = split(stream);
    Ok(Connection {
        writer,
        reader: tokio::spawn(read_to_end(reader)),
        socket,
        window: VecDeque::new(),
    })
}

async fn read_to_end(mut reader: ReadHalf<Box<dyn Stream>>) -> io::Result<()> {
    let mut ignored = [0; 1024];
    while reader.read(&mut ignored).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests;
