//! Export against real receivers: rsyslog, Prometheus, and peers that misbehave.
//!
//! A test whose program is not installed says so and passes.

#![cfg(test)]

mod files;
mod http;
mod metrics_page;
mod peers;
mod prometheus;
mod renewal;
mod rig;
mod rsyslog;
