//! Connections in, each bounded in what it may hold and for how long.
//!
//! A connection serves one request and lives 10 seconds at most, its TLS handshake included; a head
//! is at most 8 KiB. When one more than the bound comes, the oldest gives way: a scrape takes
//! milliseconds, so the oldest is the one that dawdles, and dawdlers cannot keep Prometheus out.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

/// How long a connection may live.
const LIFE: Duration = Duration::from_secs(10);
/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(5);
/// The longest head, in bytes; hyper takes no less.
const HEAD_BYTES: usize = 8192;
/// How long to wait when the machine has no descriptor left.
const BREATH: Duration = Duration::from_millis(100);

/// Serves until the task is ended, each connection with the newest certificates.
pub(super) async fn serve(
    listener: TcpListener,
    mut connections: Connections,
    certificates: watch::Receiver<Option<Arc<ServerConfig>>>,
    router: Router,
) {
    loop {
        match listener.accept().await {
            Ok((tcp, _)) => {
                let tls = certificates.borrow().clone();
                let one = answer(tcp, tls, router.clone());
                connections.add(tokio::spawn(one).abort_handle());
            }
            Err(error) => {
                tracing::warn!("cannot accept a connection: {error}");
                sleep(BREATH).await;
            }
        }
    }
}

/// The connections that live, oldest first.
pub(super) struct Connections {
    // INVARIANT: at most `most`.
    alive: VecDeque<AbortHandle>,
    most: usize,
}

impl Connections {
    pub(super) fn new(most: usize) -> Self {
        Self {
            alive: VecDeque::with_capacity(most),
            most,
        }
    }

    fn add(&mut self, connection: AbortHandle) {
        self.alive.retain(|connection| !connection.is_finished());
        while self.alive.len() >= self.most {
            self.alive.pop_front().iter().for_each(AbortHandle::abort);
        }
        self.alive.push_back(connection);
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        self.alive.iter().for_each(AbortHandle::abort);
    }
}

async fn answer(tcp: TcpStream, tls: Option<Arc<ServerConfig>>, router: Router) {
    if let Ok(Err(error)) = timeout(LIFE, converse(tcp, tls, router)).await {
        tracing::debug!("a connection failed: {error}");
    }
}

async fn converse(
    tcp: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    router: Router,
) -> io::Result<()> {
    match tls {
        None => http(tcp, router).await,
        Some(config) => http(TlsAcceptor::from(config).accept(tcp).await?, router).await,
    }
}

async fn http<S>(stream: S, router: Router) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .keep_alive(false)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
        .await
        .map_err(io::Error::other)
}
