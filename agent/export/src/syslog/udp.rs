//! Syslog over UDP (RFC 5426): one message, one datagram.
//!
//! Nothing says whether a datagram came. What can be known is used: a receiver that is down is told
//! of by ICMP, so records count as taken only when a second has passed without such a message, and
//! bursts are paced so that the receiver's socket is not overrun. A site that must lose nothing
//! takes TCP or TLS.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use store::Seq;
use tokio::net::{UdpSocket, lookup_host};
use tokio::time::sleep;

use super::message::message;
use crate::config::Receiver;
use crate::{Record, Sink, SinkError};

/// How long after a datagram an ICMP message may come.
const SETTLING: Duration = Duration::from_secs(1);
/// Datagrams between two pauses.
const BURST: usize = 16;
const PAUSE: Duration = Duration::from_millis(2);

/// A receiver of datagrams.
#[derive(Debug)]
pub(crate) struct UdpSink {
    receiver: Receiver,
    socket: Option<UdpSocket>,
    // INVARIANT: in the order of sending.
    window: VecDeque<(Seq, Instant)>,
}

impl UdpSink {
    /// The sink that resolves its address with the first batch.
    pub(crate) fn new(receiver: Receiver) -> Self {
        Self {
            receiver,
            socket: None,
            window: VecDeque::new(),
        }
    }

    fn unreachable(&self, error: &io::Error) -> SinkError {
        SinkError::Connect {
            address: self.receiver.address.clone(),
            why: error.to_string(),
        }
    }

    /// Says what ICMP said of earlier datagrams, if anything.
    fn check(&self) -> Result<(), SinkError> {
        let told = self
            .socket
            .as_ref()
            .and_then(|socket| socket.take_error().transpose());
        match told {
            None => Ok(()),
            Some(Ok(error) | Err(error)) => Err(self.unreachable(&error)),
        }
    }

    async fn burst(&self, socket: &UdpSocket, records: &[Record]) -> io::Result<()> {
        let Receiver {
            facility,
            max_bytes,
            ..
        } = self.receiver;
        for burst in records.chunks(BURST) {
            for (_, incident) in burst {
                socket
                    .send(message(incident, facility, max_bytes).as_bytes())
                    .await?;
            }
            sleep(PAUSE).await;
        }
        Ok(())
    }
}

impl Sink for UdpSink {
    async fn send(&mut self, records: &[Record]) -> Result<(), SinkError> {
        let socket = match self.socket.take() {
            Some(socket) => Ok(socket),
            None => open(&self.receiver.address).await,
        };
        let socket = socket.map_err(|error| self.unreachable(&error))?;
        let sent = self.burst(&socket, records).await;
        sent.map_err(|error| self.unreachable(&error))?;
        self.socket = Some(socket);
        let now = Instant::now();
        self.window
            .extend(records.iter().map(|(seq, _)| (*seq, now)));
        Ok(())
    }

    async fn taken(&mut self) -> Result<Option<Seq>, SinkError> {
        self.check()?;
        let now = Instant::now();
        let settled = |(_, at): &(Seq, Instant)| now.saturating_duration_since(*at) >= SETTLING;
        let settled = self.window.partition_point(settled);
        Ok(self.window.drain(..settled).next_back().map(|(seq, _)| seq))
    }

    async fn close(&mut self) -> Result<Option<Seq>, SinkError> {
        if let Some((_, last)) = self.window.back() {
            sleep(SETTLING.saturating_sub(last.elapsed())).await;
        }
        self.taken().await
    }

    fn abandon(&mut self) {
        self.socket = None;
        self.window.clear();
    }

    fn window(&self) -> usize {
        4096
    }
}

async fn open(address: &str) -> io::Result<UdpSocket> {
    let found = lookup_host(address).await?.next();
    let remote = found.ok_or_else(|| io::Error::other("the name has no address"))?;
    let local: SocketAddr = match remote {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(local).await?;
    socket.connect(remote).await?;
    Ok(socket)
}
