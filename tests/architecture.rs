//! The walls of the house: which room may import which, and what every room must have.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support::root;

/// Who may import whom. Whoever is not named here may import nobody.
const ALLOWED: [(&str, &[&str]); 13] = [
    (
        "app",
        &[
            "baseline", "capture", "decode", "detect", "engine", "export", "flow", "model",
            "policy", "sandbox", "store",
        ],
    ),
    ("baseline", &["model"]),
    (
        "bench",
        &[
            "baseline", "capture", "decode", "detect", "engine", "flow", "model", "policy",
        ],
    ),
    ("capture", &["model"]),
    ("decode", &["model"]),
    ("detect", &["model"]),
    (
        "engine",
        &["baseline", "decode", "detect", "flow", "model", "policy"],
    ),
    ("export", &["model", "store"]),
    ("flow", &["model"]),
    ("model", &[]),
    ("policy", &["model"]),
    ("sandbox", &[]),
    ("store", &["model"]),
];

#[test]
fn no_room_imports_what_the_design_forbids() {
    let rooms = rooms();
    let names: BTreeSet<_> = rooms.keys().cloned().collect();
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.into_iter().collect();
    let mut forbidden = Vec::new();
    for (room, manifest) in &rooms {
        let Some(may) = allowed.get(room.as_str()) else {
            forbidden.push(format!("{room} is no room of the design"));
            continue;
        };
        for dependency in dependencies(manifest).filter(|name| names.contains(name)) {
            if !may.contains(&dependency.as_str()) {
                forbidden.push(format!("{room} -> {dependency}"));
            }
        }
    }
    assert_eq!(forbidden, Vec::<String>::new());
}

#[test]
fn one_protocol_room_does_not_know_another() {
    let decoders = root().join("agent/decode/src");
    let protocols = ["modbus", "opcua", "s7"];
    for room in protocols {
        for file in rust_files(&decoders.join(room)) {
            let text = std::fs::read_to_string(&file).unwrap();
            for other in protocols.iter().filter(|other| **other != room) {
                let arrow = format!("crate::{other}");
                assert!(!text.contains(&arrow), "{} names `{arrow}`", file.display());
            }
        }
    }
}

#[test]
fn only_capture_may_hold_unsafe_code() {
    for (room, _) in rooms().into_iter().filter(|(room, _)| room != "capture") {
        for file in rust_files(&root().join("agent").join(&room)) {
            let text = std::fs::read_to_string(&file).unwrap();
            let holds = text.lines().any(|line| {
                let code = line.split("//").next().unwrap_or_default();
                code.contains("unsafe {") || code.contains("unsafe fn")
            });
            assert!(!holds, "{} holds unsafe code", file.display());
        }
    }
}

#[test]
fn every_file_opens_with_its_page() {
    for file in rust_files(&root().join("agent")).chain(rust_files(&root().join("tests"))) {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//!"), "{} has no page", file.display());
    }
}

#[test]
fn every_room_inherits_the_lints() {
    for (room, manifest) in rooms() {
        let inherits = manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace"));
        assert_eq!(
            inherits.and_then(toml::Value::as_bool),
            Some(true),
            "{room}"
        );
    }
}

fn rooms() -> BTreeMap<String, toml::Table> {
    let entries = std::fs::read_dir(root().join("agent")).unwrap();
    let manifests = entries.filter_map(|entry| {
        let folder = entry.unwrap().path();
        let text = std::fs::read_to_string(folder.join("Cargo.toml")).ok()?;
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        Some((name, text.parse().unwrap()))
    });
    manifests.filter(|(name, _)| name != "fuzz").collect()
}

fn dependencies(manifest: &toml::Table) -> impl Iterator<Item = String> + '_ {
    ["dependencies", "dev-dependencies", "build-dependencies"]
        .into_iter()
        .filter_map(|table| manifest.get(table)?.as_table())
        .flat_map(|table| table.keys().cloned())
}

fn rust_files(folder: &Path) -> impl Iterator<Item = std::path::PathBuf> + use<> {
    let mut folders = vec![folder.to_path_buf()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files.into_iter()
}
