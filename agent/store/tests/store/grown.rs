//! Incidents that grew since sinks were told: kept as they are, owed when somebody records them, or after a kill.

use store::{Bounds, Filter, Store, StoreError};
use tempfile::tempdir;

use super::{incident, owed};

/// A store with a sink that took both incidents as they were told, of which one grew.
fn grown() -> Store {
    let mut store = Store::in_memory().unwrap();
    store.register_sink("soc").unwrap();
    store
        .record(&[incident("a", 1, 3), incident("b", 2, 3)])
        .unwrap();
    take_all(&mut store);
    assert_eq!(store.refresh(&[incident("a", 1, 29)]).unwrap(), 1);
    store
}

fn take_all(store: &mut Store) {
    let newest = store.pending("soc", 9).unwrap().pop().unwrap().0;
    store.acknowledge("soc", newest).unwrap();
}

fn count(store: &Store) -> u64 {
    store.incident("a").unwrap().unwrap().count
}

#[test]
fn what_grew_is_kept_and_owed_to_nobody() {
    let mut store = grown();
    assert_eq!(count(&store), 29);
    assert_eq!(owed(&store, "soc"), []);
    assert_eq!(store.refresh(&[incident("a", 1, 29)]).unwrap(), 0);
    let newest = store.incidents(&Filter::default()).unwrap();
    assert_eq!(newest[0], incident("a", 1, 29), "it is the newest");
}

#[test]
fn what_grew_is_owed_once_it_is_recorded_also_where_it_did_not_grow_further() {
    let mut store = grown();
    let recorded = store.record(&[incident("a", 1, 29)]).unwrap();
    assert_eq!((recorded.changed, recorded.unchanged), (1, 0));
    assert_eq!(owed(&store, "soc"), [("a".into(), 29)]);
    let recorded = store.record(&[incident("a", 1, 29)]).unwrap();
    assert_eq!((recorded.changed, recorded.unchanged), (0, 1));
    assert_eq!(store.record_refreshed().unwrap(), 0);
}

#[test]
fn what_grew_before_a_kill_is_owed_by_the_next_start_once() {
    let mut store = grown();
    assert_eq!(store.record_refreshed().unwrap(), 1);
    assert_eq!(owed(&store, "soc"), [("a".into(), 29)]);
    take_all(&mut store);
    assert_eq!(store.record_refreshed().unwrap(), 0);
    assert_eq!(owed(&store, "soc"), []);
}

#[test]
fn a_record_that_still_waits_is_as_it_was_told_until_the_next_start() {
    let mut store = Store::in_memory().unwrap();
    store.register_sink("soc").unwrap();
    store.record(&[incident("a", 1, 3)]).unwrap();
    store.refresh(&[incident("a", 1, 29)]).unwrap();
    assert_eq!(owed(&store, "soc"), [("a".into(), 3)]);
    store.record_refreshed().unwrap();
    assert_eq!(owed(&store, "soc"), [("a".into(), 29)]);
}

#[test]
fn without_sinks_nothing_is_owed_and_nothing_forgotten() {
    let mut store = Store::in_memory().unwrap();
    store.record(&[incident("a", 1, 3)]).unwrap();
    store.refresh(&[incident("a", 1, 29)]).unwrap();
    assert_eq!(store.record_refreshed().unwrap(), 1);
    store.register_sink("soc").unwrap();
    assert_eq!(store.record_refreshed().unwrap(), 0);
    assert_eq!((count(&store), owed(&store, "soc")), (29, vec![]));
}

#[test]
fn no_more_are_kept_than_the_bound_where_some_grew_that_were_forgotten() {
    let bounds = Bounds {
        incidents: 2,
        ..Bounds::default()
    };
    let mut store = Store::in_memory().unwrap().with_bounds(bounds);
    store
        .record(&[("a", 3), ("b", 4), ("c", 5)].map(|(id, count)| incident(id, 3, count)))
        .unwrap();
    assert_eq!(store.incident("a").unwrap(), None);
    store.refresh(&[incident("a", 3, 9)]).unwrap();
    let kept = store.incidents(&Filter::default()).unwrap();
    let ids: Vec<_> = kept.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["a", "c"]);
}

#[test]
fn a_file_of_the_schema_before_knows_nothing_that_grew() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = Store::open(&path).unwrap();
    store.register_sink("soc").unwrap();
    store.record(&[incident("a", 1, 3)]).unwrap();
    drop(store);
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("DROP INDEX incidents_grown; ALTER TABLE incidents DROP COLUMN grown; PRAGMA user_version = 2;")
        .unwrap();
    drop(db);
    let mut store = Store::open(&path).unwrap();
    assert_eq!(store.record_refreshed().unwrap(), 0);
    assert_eq!(store.refresh(&[incident("a", 1, 29)]).unwrap(), 1);
    assert_eq!((count(&store), store.record_refreshed().unwrap()), (29, 1));
    store.check().unwrap();
}

#[test]
fn a_full_disk_takes_nothing_of_what_grew_and_all_of_it_when_there_is_room() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = Store::open(&path).unwrap();
    store.register_sink("soc").unwrap();
    store
        .record(&[incident("a", 1, 3), incident("b", 2, 3)])
        .unwrap();
    take_all(&mut store);
    let mut grown = [incident("a", 1, 29), incident("b", 2, 9)];
    grown[1].sentence = "and again ".repeat(10_000);

    let mut full = Store::open(&path).unwrap().with_page_limit(1).unwrap();
    for _ in 0..3 {
        let error = full.refresh(&grown).unwrap_err();
        assert!(matches!(error, StoreError::Full { .. }), "{error}");
    }
    assert_eq!((count(&full), full.record_refreshed().unwrap()), (3, 0));
    assert_eq!(owed(&full, "soc"), []);

    assert_eq!(store.refresh(&grown).unwrap(), 2);
    assert_eq!((count(&store), owed(&store, "soc")), (29, vec![]));
    assert_eq!(store.record_refreshed().unwrap(), 2);
    store.check().unwrap();
}
