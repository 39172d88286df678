//! Crashes: whoever is killed, or finds the disk full, leaves every file whole and says what was not done.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::mirror::{Mirror, wait_until};
use crate::mirror_health::{archived, polling, stored, write};
use crate::signed::Desk;
use crate::support::{bulkhead, field, stderr, stdout};

/// A small disk in memory, which goes with its owner.
struct Disk(tempfile::TempDir);

impl Disk {
    /// None where this machine does not allow it, with the reason printed.
    fn new(kib: u32) -> Option<Self> {
        let disk = Self(tempfile::tempdir().unwrap());
        let size = format!("size={kib}k");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(disk.0.path())
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(disk),
            why => {
                println!("skipped: no disk can be mounted: {why:?}");
                None
            }
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes until nothing fits.
    fn fill(&self) {
        let mut file = std::fs::File::create(self.path("full")).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
    }

    fn empty(&self) {
        std::fs::remove_file(self.path("full")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(self.0.path())
            .output();
    }
}

/// A policy file that is not formatted, and as it is formatted.
fn texts() -> [String; 2] {
    let line = |number| format!("  r{number}: {{verbs:   [read,write]}}\n");
    let lines: String = (0..200).map(line).collect();
    let before = format!("roles:\n{lines}");
    let after = before.replace(":   [read,write]", ": [read, write]");
    [before, after]
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<_> = entries.map(|it| name(it).into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_formatter_that_is_killed_leaves_every_file_old_or_new() {
    let [before, after] = texts();
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<_> = (0..5)
        .map(|it| folder.path().join(format!("{it}.yaml")))
        .collect();
    let is_new = |file: &PathBuf| std::fs::read_to_string(file).unwrap() == after;
    for killed_at in 0..files.len() {
        files
            .iter()
            .for_each(|file| std::fs::write(file, &before).unwrap());
        let mut formatter = Command::new(env!("CARGO_BIN_EXE_bulkhead"))
            .args(["policy", "fmt"])
            .arg(folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // as soon as so many files are new, and one more is on its way
        while !(files[..killed_at].iter().all(is_new)
            && (names(folder.path()).len() > files.len() || is_new(&files[killed_at])))
        {}
        formatter.kill().unwrap();
        formatter.wait().unwrap();
        for file in &files {
            let text = std::fs::read_to_string(file).unwrap();
            assert!(text == before || text == after, "{}", file.display());
        }
        for name in names(folder.path()) {
            let is_ours = files.iter().any(|file| file.ends_with(&name));
            assert!(
                is_ours || name.starts_with('.'),
                "{name} would be read as policy"
            );
        }
        let formatted = bulkhead([Path::new("policy"), "fmt".as_ref(), folder.path()]);
        assert_eq!(formatted.status.code(), Some(0), "{}", stderr(&formatted));
        assert!(files.iter().all(is_new));
    }
}

#[test]
fn a_full_disk_leaves_a_policy_file_as_it_was() {
    let Some(disk) = Disk::new(128) else { return };
    let [before, after] = texts();
    let file = disk.path("site.yaml");
    std::fs::write(&file, &before).unwrap();
    disk.fill();
    let format = || bulkhead([Path::new("policy"), "fmt".as_ref(), &file]);
    let said = format();
    assert_eq!(said.status.code(), Some(2), "{}", stdout(&said));
    let words = format!("cannot write `{}`: No space left on device", file.display());
    assert!(stderr(&said).contains(&words), "{}", stderr(&said));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    assert_eq!(names(disk.0.path()), ["full", "site.yaml"]);
    disk.empty();
    assert_eq!(format().status.code(), Some(0));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), after);
}

#[test]
fn a_sensor_remembers_its_policy_over_a_full_disk_and_a_kill() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    let Some(disk) = Disk::new(1024) else { return };
    let store = mirror.folder.path().join("sensor.db");
    std::os::unix::fs::symlink(disk.path("sensor.db"), store).unwrap();
    let desk = Desk::new();
    let more = format!("policy_keys: [{}]\n", desk.path("it.key.pub"));
    let signed = |number: u32, criticality| {
        desk.write_policy(criticality);
        desk.sign(
            &format!("{number}.bundle"),
            &format!("--version-number {number}"),
        )
    };
    let (old, new) = (signed(7, "medium"), signed(9, "high"));
    let bundle = mirror.folder.path().join("mill.bundle");
    let bring = |from: &PathBuf| {
        std::fs::copy(from, &bundle).unwrap();
    };

    bring(&old);
    let mut sensor = mirror.watch_with(&bundle, &more);
    disk.fill();
    bring(&new);
    sensor.running.signal("HUP");
    sensor.wait_for_metric("bulkhead_app_reloads_total{result=\"refused\"}", 1);
    let said = sensor.running.said();
    assert!(said.contains("no room left on the disk of"), "{said}");
    assert!(said.contains("the old policy and rules stay"), "{said}");
    sensor.running.signal("KILL");
    sensor.running.end();

    let mut refused = mirror.start(&bundle, &more);
    assert_eq!(refused.end(), Some(2), "{}", refused.said());
    assert!(
        refused.said().contains("no room left on the disk of"),
        "{}",
        refused.said()
    );

    disk.empty();
    let mut sensor = mirror.watch_with(&bundle, &more);
    sensor.running.signal("KILL");
    sensor.running.end();
    bring(&old);
    let mut refused = mirror.start(&bundle, &more);
    assert_eq!(refused.end(), Some(2), "{}", refused.said());
    assert!(
        refused.said().contains("is older than version 9"),
        "{}",
        refused.said()
    );
    bring(&new);
    let mut sensor = mirror.watch_with(&bundle, &more);
    wait_until("a healthy sensor", || {
        sensor.ask("/healthz").0.contains("200").then_some(())
    });
    sensor.ends_well();
}

#[test]
fn what_an_incident_came_to_outlives_a_kill_and_is_told_by_the_next_start() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    let policy = mirror.folder.path().join("policy.yaml");
    std::fs::write(&policy, FORBIDDEN).unwrap();
    let capture = write(&mirror, &polling(60));
    let mut sensor = mirror.watch(&policy);
    let player = mirror.play_in_time(&capture);
    let told = wait_until("the store to be ahead of its sink", || {
        let (kept, told) = (counts(&stored(&mirror)), counts(&archived(&mirror)));
        (kept.last() > told.last() && !told.is_empty()).then_some(told)
    });
    sensor.running.signal("KILL");
    sensor.running.end();
    drop(player);
    let kept = counts(&stored(&mirror));
    assert!(kept.len() == 1 && kept > told, "{kept:?} {told:?}");

    let mut sensor = mirror.watch(&policy);
    let told = wait_until("the sink to be told", || {
        let told = counts(&archived(&mirror));
        (told.last() == kept.last()).then_some(told)
    });
    sensor.ends_well();
    assert_eq!(counts(&archived(&mirror)), told, "it is told once");
    // as it is after a stop that everything was told before
    let mut sensor = mirror.watch(&policy);
    sensor.ends_well();
    assert_eq!(counts(&archived(&mirror)), told);
}

#[test]
fn a_full_disk_stops_no_judging_and_counts_are_kept_when_there_is_room() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    let Some(disk) = Disk::new(1024) else { return };
    let store = mirror.folder.path().join("sensor.db");
    std::os::unix::fs::symlink(disk.path("sensor.db"), store).unwrap();
    let policy = mirror.folder.path().join("policy.yaml");
    std::fs::write(&policy, FORBIDDEN).unwrap();
    let seconds = 8;
    let polling = polling(seconds);
    let frames = polling.len() as u64;
    let capture = write(&mirror, &polling);
    let mut sensor = mirror.watch(&policy);
    disk.fill();
    let player = mirror.play_in_time(&capture);
    sensor.wait_for_more(FAILED, 3);
    sensor.wait_for_metric(READ, frames);
    drop(player);
    let said = sensor.running.said();
    assert_eq!(said.matches("no room left on the disk of").count(), 1);
    assert!(said.contains("incidents cannot be stored"), "{said}");
    assert_eq!(counts(&archived(&mirror)), [0; 0]);

    disk.empty();
    sensor
        .running
        .wait_until_it_says("incidents are stored again");
    // what was told first was overtaken while it waited
    let kept = counts(&stored(&mirror));
    let told = wait_until("the sink to be told", || {
        Some(counts(&archived(&mirror))).filter(|told| !told.is_empty())
    });
    assert!(kept.len() == 1 && kept > told, "{kept:?} {told:?}");
    let failed = sensor.metric(FAILED);
    sensor.ends_well();
    let whole = seconds * 10 * 2;
    assert_eq!(counts(&archived(&mirror)).last(), Some(&whole));
    assert_eq!(counts(&stored(&mirror)), [whole]);
    let said = sensor.running.said();
    assert_eq!(said.matches("no room left").count(), 1, "{said}");
    assert!(failed >= 3);
}

/// How often the polling that nobody allowed happened, as each record of it says.
fn counts(incidents: &[serde_json::Value]) -> Vec<u64> {
    let polled = incidents
        .iter()
        .filter(|it| field(it, "rule") == "policy.no_conduit" && field(it, "verb") == "read");
    let counts = polled.map(|it| field(it, "count").parse().unwrap());
    counts.collect()
}

const READ: &str = "bulkhead_capture_frames_total";
const FAILED: &str = "bulkhead_store_errors_total";
const FORBIDDEN: &str = "\
version: 1
site: {name: plant, owner: tests}
zones:
  operators: {members: {cidrs: [10.10.10.10/32]}, level: 2, owner: tests, criticality: medium}
  controllers: {members: {cidrs: [10.10.10.21/32]}, level: 1, owner: tests, criticality: high}
";
