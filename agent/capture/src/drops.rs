//! How many frames a port lost: in the kernel's ring, and in the interface before it.
//!
//! The interface's `rx_dropped` is left out: it also counts frames that the kernel had no use for
//! after the port had seen them, as it has none for most of what a plant says. What is lost for
//! want of room counts as missed or as a FIFO error (Linux, Interface statistics, `struct
//! rtnl_link_stats64`).
//!
//! What the switch drops because its mirror port is slower than what it mirrors shows in none of
//! these.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Frames that a port lost since it was opened.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Drops {
    /// Lost because the ring was full.
    pub kernel: u64,
    /// Lost by the interface or its driver.
    pub interface: u64,
}

/// What a port counts its losses from.
#[derive(Debug)]
pub(crate) struct Counters {
    /// The interface's own counters. They stay open, so that they can be read without privileges.
    files: Vec<File>,
    interface: u64,
    /// The interface's count as it was read last; one that is gone tells none, one that is made anew starts over.
    interface_last: u64,
    kernel: u64,
    /// The kernel's count as it was read last; it starts over after 32 bits.
    kernel_last: u32,
}

impl Counters {
    /// Starts to count the losses of an interface. A counter that the system does not have stays 0.
    pub(crate) fn of(interface: &str) -> Self {
        let folder = Path::new("/sys/class/net")
            .join(interface)
            .join("statistics");
        let files = COUNTERS.iter().map(|name| File::open(folder.join(name)));
        let files: Vec<_> = files.filter_map(Result::ok).collect();
        Self {
            interface: 0,
            interface_last: sum(&files).unwrap_or(0),
            files,
            kernel: 0,
            kernel_last: 0,
        }
    }

    /// Goes on with an interface of the same name that was made anew. Where its counters may not be opened any more,
    /// its losses are not counted.
    pub(crate) fn follow(&mut self, interface: &str) {
        let new = Self::of(interface);
        (self.files, self.interface_last) = (new.files, new.interface_last);
    }

    /// The losses, now that the kernel counts so many.
    pub(crate) fn drops(&mut self, kernel: u32) -> Drops {
        if let Some(interface) = sum(&self.files) {
            self.interface += interface.saturating_sub(self.interface_last);
            self.interface_last = interface;
        }
        Drops {
            kernel: self.kernel(kernel),
            interface: self.interface,
        }
    }

    /// The losses in the kernel's ring alone, now that it counts so many.
    pub(crate) fn kernel(&mut self, count: u32) -> u64 {
        self.kernel += u64::from(count.wrapping_sub(self.kernel_last));
        self.kernel_last = count;
        self.kernel
    }
}

/// `None` where one of them cannot be read.
fn sum(files: &[File]) -> Option<u64> {
    files.iter().map(number).sum()
}

/// The number that a file of the system holds.
fn number(file: &File) -> Option<u64> {
    let mut text = [0; 32];
    let len = file.read_at(&mut text, 0).ok()?;
    let text = std::str::from_utf8(text.get(..len)?).ok()?;
    text.trim().parse().ok()
}

/// Frames that an interface had no room for.
const COUNTERS: [&str; 2] = ["rx_missed_errors", "rx_fifo_errors"];

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn losses_count_from_the_opening_of_the_port() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rx_missed_errors");
        fs::write(&path, "40\n").unwrap();
        let files = vec![File::open(&path).unwrap()];
        let mut counters = Counters {
            interface: 0,
            interface_last: sum(&files).unwrap(),
            files,
            kernel: 0,
            kernel_last: 0,
        };
        assert_eq!(counters.drops(0), Drops::default());
        fs::write(&path, "42\n").unwrap();
        let drops = Drops {
            kernel: 7,
            interface: 2,
        };
        assert_eq!(counters.drops(7), drops);

        // an interface that is gone tells nothing, one that was made anew starts over
        fs::write(&path, "").unwrap();
        assert_eq!(counters.drops(7), drops);
        fs::write(&path, "0\n").unwrap();
        assert_eq!(counters.drops(7), drops);
        fs::write(&path, "1\n").unwrap();
        assert_eq!(counters.drops(7).interface, 3);
    }

    #[test]
    fn the_kernel_may_start_its_count_over() {
        let mut counters = Counters::of("no such interface");
        assert_eq!(counters.drops(u32::MAX).kernel, u64::from(u32::MAX));
        assert_eq!(counters.drops(4).kernel, u64::from(u32::MAX) + 5);
    }
}
