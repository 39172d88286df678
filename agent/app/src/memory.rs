//! How much memory this machine has, in what pages, and how much of it a ring takes where nobody says.

use std::fs;

/// What `/proc/meminfo` says under a name (proc_meminfo(5)), in MiB.
pub(crate) fn mib(name: &str) -> Option<u64> {
    of(&fs::read_to_string("/proc/meminfo").ok()?, name)
}

/// The ring of each of so many interfaces, in MiB: together an eighth of what memory is
/// free, and as much as bursts of a fast port need at the most.
pub(crate) fn default_ring_mib(interfaces: usize) -> u32 {
    share(mib("MemAvailable"), interfaces)
}

/// To whom the kernel gives pages of 2 MiB instead of 4 KiB
/// (`Documentation/admin-guide/mm/transhuge.rst`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LargePages {
    Always,
    /// To memory that asks for them.
    Asked,
    Never,
}

/// To whom this kernel gives large pages; one that does not tell has none.
pub(crate) fn large_pages() -> LargePages {
    let path = "/sys/kernel/mm/transparent_hugepage/enabled";
    given(&fs::read_to_string(path).unwrap_or_default())
}

fn given(enabled: &str) -> LargePages {
    let chosen = |word: &&str| word.starts_with('[');
    match enabled.split_whitespace().find(chosen) {
        Some("[always]") => LargePages::Always,
        Some("[madvise]") => LargePages::Asked,
        _ => LargePages::Never,
    }
}

fn share(available_mib: Option<u64>, interfaces: usize) -> u32 {
    let Some(available_mib) = available_mib else {
        return UNTOLD;
    };
    let share = available_mib / SHARE / interfaces.max(1) as u64;
    u32::try_from(share).unwrap_or(MOST).clamp(LEAST, MOST)
}

fn of(meminfo: &str, name: &str) -> Option<u64> {
    let mut lines = meminfo.lines();
    let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024)
}

/// The rings together take one part in so many.
const SHARE: u64 = 8;
const LEAST: u32 = 16;
/// A second and more of a full link of 1 Gbit/s.
const MOST: u32 = 256;
/// Where the machine does not tell.
const UNTOLD: u32 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_memory_are_read() {
        let text = "MemTotal:       24689316 kB\nMemFree:         1000 kB\n";
        assert_eq!(of(text, "MemTotal"), Some(24_110));
        assert_eq!(of(text, "Mem"), None);
        assert_eq!(of("", "MemTotal"), None);
    }

    #[test]
    fn to_whom_large_pages_are_given_is_read() {
        for (enabled, given_to) in [
            ("[always] madvise never\n", LargePages::Always),
            ("always [madvise] never\n", LargePages::Asked),
            ("always madvise [never]\n", LargePages::Never),
            ("", LargePages::Never),
        ] {
            assert_eq!(given(enabled), given_to, "{enabled}");
        }
    }

    #[test]
    fn rings_are_an_eighth_of_what_is_free_within_bounds() {
        for (available, interfaces, ring) in [
            (Some(100), 1, 16),
            (Some(1_000), 1, 125),
            (Some(1_000), 2, 62),
            (Some(1_000), 100, 16),
            (Some(64_000), 1, 256),
            (Some(u64::MAX), 1, 256),
            (None, 1, 64),
        ] {
            assert_eq!(share(available, interfaces), ring, "{available:?}");
        }
    }
}
