//! Where frames come from: capture files and live mirror ports.
//!
//! [`CaptureFile`] reads one pcap or pcapng file, plain or gzipped; [`Timeline`] reads several as
//! one, ordered by capture time. Both lend [`model::Frame`]s whose bytes lie in the reader's
//! window: no frame is copied, none allocates. A file that is damaged is read up to the damage,
//! and the damage is told once.

#![forbid(unsafe_code)]

mod file;
mod input;
mod pcap_format;
mod pcapng_format;
mod record;
mod timeline;
mod window;

#[cfg(test)]
mod tests;

pub use file::{CaptureFile, Damage, OpenError};
pub use timeline::Timeline;
