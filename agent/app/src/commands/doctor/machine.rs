//! The machine: memory for the rings, its pages, the clock, and what the kernel has for the sandbox.

use std::path::Path;
use std::process::Command;

use sandbox::Landlock;

use super::Finding;
use crate::config::Config;
use crate::memory::{self, LargePages};

/// Whether all rings together leave room for the rest.
pub(super) fn memory(config: &Config) -> Finding {
    let about = "memory";
    let rings: u64 = config
        .interfaces
        .iter()
        .map(|port| u64::from(config.ring_mib(port)))
        .sum();
    let Some(all) = memory::mib("MemTotal") else {
        let what = "cannot be told: /proc/meminfo is not there";
        return Finding::doubtful(about, what, "mount /proc");
    };
    let what = format!("rings take {rings} MiB of {all} MiB");
    let advice = "make `ring_mib` smaller, or give the machine more memory";
    match rings.saturating_mul(100) / all.max(1) {
        0..=25 => Finding::fine(about, what),
        26..=60 => Finding::doubtful(about, what, advice),
        _ => Finding::wrong(about, what, advice),
    }
}

/// Whether the kernel gives large pages to who asks for them, as the allocator does.
pub(super) fn large_pages() -> Finding {
    let about = "large pages";
    match memory::large_pages() {
        LargePages::Always | LargePages::Asked => Finding::fine(about, "given to the sensor"),
        LargePages::Never => Finding::doubtful(
            about,
            "not given: tens of thousands of pairs cost a frame several times as much",
            "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
        ),
    }
}

/// Whether the clock is held right by somebody; times of incidents are compared with others' logs.
pub(super) fn clock() -> Finding {
    let about = "clock";
    let asked = Command::new("timedatectl")
        .args(["show", "--property=NTPSynchronized", "--value"])
        .output();
    let said = asked.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let is_synchronized = Path::new("/run/systemd/timesync/synchronized").exists();
    match said.as_deref() {
        _ if is_synchronized => Finding::fine(about, "synchronized"),
        Ok("yes") => Finding::fine(about, "synchronized"),
        Ok("no") => Finding::doubtful(
            about,
            "not synchronized: times of incidents cannot be compared with other logs",
            "timedatectl set-ntp true",
        ),
        _ => Finding::doubtful(
            about,
            "nobody can tell whether it is synchronized",
            "chronyc tracking, or apt-get install systemd-timesyncd",
        ),
    }
}

/// What the kernel has for the sandbox.
pub(super) fn kernel() -> Vec<Finding> {
    let files = match sandbox::landlock() {
        Landlock::Full => Finding::fine("kernel", "limits files and ports (Landlock)"),
        Landlock::Partial => Finding::doubtful(
            "kernel",
            "limits files, but not everything else that is asked of Landlock",
            "use Linux 6.12 or newer",
        ),
        Landlock::Missing => Finding::doubtful(
            "kernel",
            "does not limit files: Landlock is missing",
            "start it with `lsm=landlock,…`; cat /sys/kernel/security/lsm shows what is there",
        ),
    };
    let calls = if sandbox::filters_calls() {
        Finding::fine("kernel", "limits calls (seccomp)")
    } else {
        Finding::doubtful(
            "kernel",
            "does not limit calls: seccomp is missing",
            "use a kernel that has it",
        )
    };
    vec![files, calls]
}
