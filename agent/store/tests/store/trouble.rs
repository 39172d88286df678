//! What is wrong with the file is said in words.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use store::{Store, StoreError};
use tempfile::tempdir;

use super::{incident, owed};

fn check(spoil: impl FnOnce(&Path), wanted: &str) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("store.db");
    spoil(&path);
    let error = Store::open(&path)
        .and_then(|store| store.check())
        .unwrap_err()
        .to_string();
    assert!(error.contains(wanted), "{error}");
    assert!(error.contains("store.db"), "{error}");
}

fn fill(path: &Path) {
    let mut store = Store::open(path).unwrap();
    store.register_sink("soc").unwrap();
    let many: Vec<_> = (0..500)
        .map(|n| incident(&format!("incident-{n}"), 3, 1))
        .collect();
    store.record(&many).unwrap();
}

#[test]
fn text_is_no_database() {
    check(
        |path| fs::write(path, "plant notes ".repeat(400)).unwrap(),
        "is not a database",
    );
}

#[test]
fn a_damaged_page_is_found() {
    let spoil = |path: &Path| {
        fill(path);
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 20_000].fill(0x5a);
        fs::write(path, bytes).unwrap();
    };
    check(spoil, "is damaged");
}

#[test]
fn a_file_that_was_cut_short_is_found() {
    let spoil = |path: &Path| {
        fill(path);
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 3]).unwrap();
    };
    check(spoil, "is damaged");
}

#[test]
fn a_newer_schema_is_refused() {
    let spoil = |path: &Path| {
        fill(path);
        Connection::open(path)
            .unwrap()
            .pragma_update(None, "user_version", 99)
            .unwrap();
    };
    check(spoil, "has schema 99 and this program knows up to 3");
}

#[test]
fn another_programs_database_is_refused_and_left_as_it_is() {
    let spoil = |path: &Path| {
        Connection::open(path)
            .unwrap()
            .execute_batch("CREATE TABLE recipes (x)")
            .unwrap();
    };
    check(spoil, "is the database of another program");
}

#[test]
fn a_missing_folder_is_said() {
    let error = Store::open("/nowhere/at/all/store.db")
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "cannot open `/nowhere/at/all/store.db` for writing: No such file or directory (os error 2)"
    );
}

#[test]
fn a_full_disk_keeps_nothing_of_the_write_and_loses_nothing_before_it() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = Store::open(&path).unwrap();
    store.register_sink("soc").unwrap();
    store.record(&[incident("a", 3, 1)]).unwrap();
    drop(store);
    // A schema page count that cannot grow is the same to SQLite as a disk that cannot.
    let mut store = Store::open(&path).unwrap().with_page_limit(1).unwrap();
    let many: Vec<_> = (0..500)
        .map(|n| incident(&format!("incident-{n}"), 3, 1))
        .collect();
    let error = store.record(&many).unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error}");
    assert_eq!(owed(&store, "soc"), [("a".into(), 1)]);
}

#[test]
fn a_second_writer_is_told_that_the_file_is_locked() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = Store::open(&path)
        .unwrap()
        .with_patience(std::time::Duration::ZERO)
        .unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.record(&[incident("a", 3, 1)]).unwrap_err();
    assert!(matches!(error, StoreError::Locked { .. }), "{error}");
    other.execute_batch("COMMIT").unwrap();
    store.record(&[incident("a", 3, 1)]).unwrap();
}

#[test]
fn a_record_that_cannot_be_read_is_named_and_can_be_given_up() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = Store::open(&path).unwrap();
    store.register_sink("soc").unwrap();
    store
        .record(&["a", "b", "c"].map(|id| incident(id, 3, 1)))
        .unwrap();
    let spoil = "UPDATE outbox SET json = '{' WHERE incident = 'b'";
    Connection::open(&path)
        .unwrap()
        .execute_batch(spoil)
        .unwrap();
    let first = store.pending("soc", 9).unwrap();
    assert_eq!(first.len(), 1, "what comes before it is given");
    let Err(StoreError::Unreadable { seq, .. }) = store.pending_after("soc", first[0].0, 9) else {
        panic!("the bad record is said");
    };
    store.discard(seq).unwrap();
    assert_eq!(owed(&store, "soc"), [("a".into(), 1), ("c".into(), 1)]);
    assert_eq!(store.evicted().unwrap(), 1);
}
