//! Where frames come from: capture files and live mirror ports.
//!
//! [`CaptureFile`] reads one pcap or pcapng file, plain or gzipped; [`Timeline`] reads several as
//! one, ordered by capture time; [`Port`] listens on a live interface, [`Ports`] on several as one, and [`interfaces`] tells
//! which of them suit. Every source lends [`model::Frame`]s whose bytes lie in the reader's window
//! or in the kernel's ring: no frame is copied but for those of several ports, none allocates. A file
//! that is longer than one window is read ahead, and unpacked, by a thread of its own, which also finds the frames: they can be taken
//! by the [`Batch`], and a [`model::Tagger`] can be let see them there.
//!
//! The one place with `unsafe` is `fanout`, where options of a socket are set. Nothing here sends. A file that is damaged is read up to the damage, and the damage is told
//! once; frames that the kernel or the interface lost are counted by [`Port::drops`].

mod ahead;
mod batch;
mod drops;
mod fanout;
mod file;
mod filter;
mod gather;
mod heads;
mod input;
mod interface;
mod link;
mod pcap_format;
mod pcapng_format;
mod port;
mod ports;
mod record;
mod ring;
mod timeline;
mod walk;
mod window;

#[cfg(test)]
mod tests;

pub use batch::Batch;
pub use drops::Drops;
pub use file::{CaptureFile, Damage, More, OpenError};
pub use gather::Gather;
pub use interface::{Interface, Objection, Suitability, interfaces};
pub use port::{Port, PortConfig, PortError};
pub use ports::Ports;
pub use ring::Clocks;
pub use timeline::Timeline;
