//! `/metrics`, `/healthz` and `/readyz`.
//!
//! `/healthz` says that the process does its work, `/readyz` that it has begun to; both answer 200,
//! or 503 with the reason. Everything is GET (and HEAD), nothing is written. What a client may hold
//! is bounded in `connections`.

mod connections;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::{ConfigProblem, HttpConfig, Samples, StartError, exposition};

/// Says that all is well, or why not. Called on the runtime: it must not block.
pub type Probe = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// Who answers.
#[derive(Clone)]
pub struct Probes {
    /// The figures of `/metrics`.
    pub samples: Samples,
    /// Whether the process does its work: the capture threads' heartbeats are fresh.
    pub healthy: Probe,
    /// Whether it has begun to: policy and rules are loaded, capture is open.
    pub ready: Probe,
}

/// The running server; dropping it ends it.
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
    certificates: watch::Sender<Option<Arc<ServerConfig>>>,
}

impl Server {
    /// Listens and answers on the current runtime.
    ///
    /// # Errors
    /// When the configuration is wrong or the address cannot be listened on.
    pub async fn start(config: &HttpConfig, probes: Probes) -> Result<Self, StartError> {
        Self::start_on(Self::bind(config)?, config, probes).await
    }

    /// Listens, and answers nobody yet: for a process that gives up its rights in between.
    ///
    /// # Errors
    /// When the configuration is wrong or the address cannot be listened on.
    pub fn bind(config: &HttpConfig) -> Result<std::net::TcpListener, StartError> {
        let plan = config.plan("http").map_err(StartError::Config)?;
        let words = |source| StartError::Bind {
            address: config.listen.clone(),
            source,
        };
        let listener = std::net::TcpListener::bind(plan.listen).map_err(words)?;
        listener.set_nonblocking(true).map_err(words)?;
        Ok(listener)
    }

    /// Answers on the current runtime whoever comes to `listener`.
    ///
    /// # Errors
    /// When the configuration is wrong.
    pub async fn start_on(
        listener: std::net::TcpListener,
        config: &HttpConfig,
        probes: Probes,
    ) -> Result<Self, StartError> {
        let plan = config.plan("http").map_err(StartError::Config)?;
        let words = |source| StartError::Bind {
            address: config.listen.clone(),
            source,
        };
        let address = listener.local_addr().map_err(words)?;
        let listener = TcpListener::from_std(listener).map_err(words)?;
        let (certificates, newest) = watch::channel(plan.tls);
        let connections = connections::Connections::new(plan.max_connections);
        let task = tokio::spawn(connections::serve(
            listener,
            connections,
            newest,
            router(probes),
        ));
        Ok(Self {
            address,
            task,
            certificates,
        })
    }

    /// Reads the certificates of `config` again, by which it was started. Whoever connects from now on is shown them.
    /// Whether there are any.
    ///
    /// # Errors
    /// Everything that is wrong with them. The old ones stay.
    pub fn renew(&self, config: &HttpConfig) -> Result<bool, Vec<ConfigProblem>> {
        let read = config.certificates("http")?;
        let is_secured = read.is_some();
        if is_secured {
            self.certificates.send_replace(read);
        }
        Ok(is_secured)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Server").field(&self.address).finish()
    }
}

fn router(probes: Probes) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .with_state(probes)
}

async fn metrics(State(probes): State<Probes>) -> Response {
    let text = spawn_blocking(move || exposition::text(&probes.samples)).await;
    let kind = (
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    );
    match text {
        Ok(Ok(text)) => ([kind], text).into_response(),
        Ok(Err(error)) => failed(&error.to_string()),
        Err(_) => failed("the figures could not be read"),
    }
}

async fn healthz(State(probes): State<Probes>) -> Response {
    answer((probes.healthy)())
}

async fn readyz(State(probes): State<Probes>) -> Response {
    answer((probes.ready)())
}

fn answer(state: Result<(), String>) -> Response {
    match state {
        Ok(()) => "ok\n".into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

fn failed(why: &str) -> Response {
    tracing::error!("/metrics failed: {why}");
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{why}\n")).into_response()
}
