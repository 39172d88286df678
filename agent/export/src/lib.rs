//! Incidents out to the SOC, figures out to Prometheus.
//!
//! **Incidents.** [`Exporter`] runs one task per sink. Each drains the store's outbox at its own
//! pace: it hands records over in order, and moves its cursor only when the sink is known to have
//! taken them. What fails is tried again with growing, jittered pauses; a record may arrive twice
//! but then carries the same `id`. A dead sink holds nothing else up.
//!
//! **Figures.** [`Server`] answers `/metrics` (Prometheus text format 0.0.4), `/healthz` and
//! `/readyz` over HTTP or HTTPS, to a bounded number of clients.
//!
//! **Logs.** [`icsnpp::Logs`] writes what decoders say in the form of another sensor.
//!
//! **Seam.** A new kind of sink implements [`Sink`] and gets its configuration beside
//! [`FileConfig`] and [`SyslogConfig`].
//!
//! **Left out.** Nothing here reads a frame or judges; nothing here blocks the runtime: the store
//! and files are touched from blocking threads only. TLS is rustls with ring, 1.2 and 1.3.

mod backoff;
mod config;
mod drain;
mod exporter;
mod exposition;
mod file;
mod http;
pub mod icsnpp;
mod problem;
mod reach;
mod sink;
mod syslog;
mod tls;

pub use config::{
    Facility, FileConfig, HttpConfig, SinkConfig, SyslogConfig, TlsClientConfig, TlsServerConfig,
    Transport, check,
};
pub use exporter::{Exporter, Left};
pub use exposition::{Samples, text};
pub use http::{Probe, Probes, Server};
pub use problem::{ConfigProblem, StartError};
pub use reach::reach;
pub use sink::{Record, Sink, SinkError};
