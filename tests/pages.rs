//! What the sensor remembers lies on large pages where the kernel gives them.

use std::fs::OpenOptions;
use std::process::{Command, Stdio};

use crate::support::command;

#[test]
fn what_is_remembered_lies_on_large_pages() {
    let given = std::fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled");
    if !given.is_ok_and(|given| given.contains("[madvise]")) {
        println!("skipped: large pages are not given to who asks for them");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("capture.pcap");
    assert!(
        Command::new("mkfifo")
            .arg(&capture)
            .status()
            .unwrap()
            .success()
    );
    let mut replay = command(["replay".as_ref(), capture.as_os_str()]);
    let mut replay = replay
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It opens when the replay opens its end, and the replay waits for what comes through it.
    let end = OpenOptions::new().write(true).open(&capture).unwrap();
    let maps = std::fs::read_to_string(format!("/proc/{}/smaps", replay.id())).unwrap();
    drop(end);
    replay.wait().unwrap();
    // `hg`, by proc_pid_smaps(5): the memory asked for large pages.
    let flags = maps
        .lines()
        .filter_map(|line| line.strip_prefix("VmFlags:"));
    assert!(
        flags
            .flat_map(str::split_whitespace)
            .any(|flag| flag == "hg"),
        "{maps}"
    );
}
