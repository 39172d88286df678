//! The Debian package and its unit: installed, started, upgraded, removed, purged on a Debian of its own.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::{root, stderr, stdout};

#[test]
fn the_package_installs_starts_upgrades_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    if !is_there("dpkg-deb") || !is_there("unshare") {
        println!("skipped: no packages can be made here");
        return;
    }
    let [first, second] = ["1", "2"].map(|revision| make(folder.path(), revision));
    let output = Command::new("unshare")
        .args(["--mount", "--net", "--pid", "--fork", "bash"])
        .arg(root().join("tests/package/life.sh"))
        .args([first, second])
        .output()
        .unwrap();
    let said = stdout(&output) + &stderr(&output);
    if output.status.code() == Some(77) || said.contains("Operation not permitted\n") {
        println!("skipped: no Debian can be overlaid here: {said}");
        return;
    }
    assert!(
        output.status.success() && said.contains("step: done"),
        "{said}"
    );
}

#[test]
fn the_unit_is_right_and_exposes_little() {
    if !is_there("systemd-analyze") {
        println!("skipped: there is no systemd-analyze");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("bulkhead.service");
    let text = std::fs::read_to_string(root().join("agent/app/package/bulkhead.service")).unwrap();
    let text = text.replace("/usr/bin/bulkhead", env!("CARGO_BIN_EXE_bulkhead"));
    std::fs::write(&unit, text).unwrap();
    let verified = analyze(&["verify", "--man=no"], &unit);
    assert!(verified.status.success(), "{}", stderr(&verified));
    assert!(
        !stderr(&verified).contains("Unknown"),
        "{}",
        stderr(&verified)
    );
    let rated = analyze(
        &["security", "--offline=true", "--threshold=25", "--no-pager"],
        &unit,
    );
    assert!(
        rated.status.success(),
        "{}{}",
        stdout(&rated),
        stderr(&rated)
    );
}

fn analyze(words: &[&str], unit: &Path) -> Output {
    Command::new("systemd-analyze")
        .args(words)
        .arg(unit)
        .output()
        .unwrap()
}

/// Makes the package of the binary under test.
fn make(folder: &Path, revision: &str) -> std::path::PathBuf {
    let package = folder.join(format!("bulkhead-{revision}.deb"));
    let output = Command::new(root().join(".ci/package"))
        .arg(env!("CARGO_BIN_EXE_bulkhead"))
        .arg(&package)
        .arg(revision)
        .env("DPKG_DEB_COMPRESSOR_TYPE", "none")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    package
}

fn is_there(program: &str) -> bool {
    let asked = Command::new(program).arg("--version").output();
    asked.is_ok_and(|output| output.status.success())
}
