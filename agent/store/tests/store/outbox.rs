//! The outbox: what is owed to whom, what a crash leaves, what a bound takes.

use store::{Bounds, Recorded, Seq, Store};
use tempfile::tempdir;

use super::{incident, owed};

#[test]
fn what_was_recorded_is_there_after_a_crash() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut store = Store::open(&path).unwrap();
    store.register_sink("soc").unwrap();
    store
        .record(&[incident("a", 1, 1), incident("b", 2, 1)])
        .unwrap();
    // A killed process closes nothing: the files as they are now are what the next one finds.
    let after = folder.path().join("after.db");
    for suffix in ["", "-wal"] {
        let copy = |path: &std::path::Path| format!("{}{suffix}", path.display());
        std::fs::copy(copy(&path), copy(&after)).unwrap();
    }
    let store = Store::open(&after).unwrap();
    assert_eq!(owed(&store, "soc"), [("a".into(), 1), ("b".into(), 1)]);
    assert_eq!(store.incident("a").unwrap(), Some(incident("a", 1, 1)));
    store.check().unwrap();
}

#[test]
fn each_sink_takes_at_its_own_pace() {
    let mut store = Store::in_memory().unwrap();
    store.register_sink("file").unwrap();
    store.register_sink("soc").unwrap();
    store
        .record(&["a", "b", "c"].map(|id| incident(id, 3, 1)))
        .unwrap();
    let (second, _) = store.pending("file", 2).unwrap().pop().unwrap();
    store.acknowledge("file", second).unwrap();
    assert_eq!(store.outbox_len("file").unwrap(), 1);
    assert_eq!(store.outbox_len("soc").unwrap(), 3);
    assert_eq!(store.pending_after("soc", second, 9).unwrap().len(), 1);
    assert_eq!(store.sinks().unwrap(), ["file", "soc"]);
}

#[test]
fn what_was_not_acknowledged_comes_again_with_the_same_identifier() {
    let mut store = Store::in_memory().unwrap();
    store.register_sink("soc").unwrap();
    store.record(&[incident("a", 3, 1)]).unwrap();
    assert_eq!(
        store.pending("soc", 9).unwrap(),
        store.pending("soc", 9).unwrap()
    );
}

#[test]
fn an_unchanged_incident_is_not_sent_again_and_a_changed_one_is() {
    let mut store = Store::in_memory().unwrap();
    store.register_sink("soc").unwrap();
    let a = incident("a", 3, 1);
    let recorded = store.record(&[a.clone(), a.clone()]).unwrap();
    assert_eq!((recorded.changed, recorded.unchanged), (1, 1));
    let newest = store.pending("soc", 9).unwrap().pop().unwrap().0;
    store.acknowledge("soc", newest).unwrap();
    store.record(&[a]).unwrap();
    assert_eq!(owed(&store, "soc"), []);
    store.record(&[incident("a", 3, 2)]).unwrap();
    assert_eq!(owed(&store, "soc"), [("a".into(), 2)]);
}

#[test]
fn a_newer_state_replaces_one_that_still_waits() {
    let mut store = Store::in_memory().unwrap();
    store.register_sink("soc").unwrap();
    for count in 1..=50 {
        store.record(&[incident("a", 3, count)]).unwrap();
    }
    assert_eq!(owed(&store, "soc"), [("a".into(), 50)]);
    assert_eq!(store.evicted().unwrap(), 0);
}

#[test]
fn a_sink_is_owed_what_is_recorded_after_it_was_registered() {
    let mut store = Store::in_memory().unwrap();
    store.record(&[incident("a", 3, 1)]).unwrap();
    store.register_sink("soc").unwrap();
    store.record(&[incident("b", 3, 1)]).unwrap();
    store.register_sink("late").unwrap();
    store.record(&[incident("c", 3, 1)]).unwrap();
    store.register_sink("soc").unwrap();
    assert_eq!(owed(&store, "soc").len(), 2);
    assert_eq!(owed(&store, "late"), [("c".into(), 1)]);
}

#[test]
fn a_forgotten_sink_holds_nothing_back() {
    let mut store = Store::in_memory().unwrap();
    store.register_sink("gone").unwrap();
    store.register_sink("soc").unwrap();
    store
        .record(&["a", "b"].map(|id| incident(id, 3, 1)))
        .unwrap();
    let first = store.pending("soc", 1).unwrap()[0].0;
    store.acknowledge("soc", first).unwrap();
    assert_eq!(store.forget_sink("gone").unwrap(), 2);
    assert_eq!(owed(&store, "soc"), [("b".into(), 1)]);
    assert!(
        store
            .pending("gone", 1)
            .unwrap_err()
            .to_string()
            .contains("no sink `gone`")
    );
}

#[test]
fn a_cursor_never_goes_back_nor_past_the_end() {
    let mut store = Store::in_memory().unwrap();
    store.register_sink("soc").unwrap();
    store
        .record(&["a", "b"].map(|id| incident(id, 3, 1)))
        .unwrap();
    store.acknowledge("soc", Seq(i64::MAX)).unwrap();
    store.acknowledge("soc", Seq(1)).unwrap();
    assert_eq!(store.cursor("soc").unwrap(), Seq(2));
    store.record(&[incident("c", 3, 1)]).unwrap();
    assert_eq!(owed(&store, "soc"), [("c".into(), 1)]);
}

#[test]
fn a_full_outbox_gives_up_the_least_urgent_then_the_oldest_and_counts_them() {
    let bounds = Bounds {
        outbox_rows: 3,
        ..Bounds::default()
    };
    let mut store = Store::in_memory().unwrap().with_bounds(bounds);
    store.register_sink("soc").unwrap();
    let sent = [("a", 4), ("b", 1), ("c", 4), ("d", 2), ("e", 3)];
    let recorded = store
        .record(&sent.map(|(id, priority)| incident(id, priority, 1)))
        .unwrap();
    let wanted = Recorded {
        changed: 5,
        evicted: 2,
        ..Recorded::default()
    };
    assert_eq!(recorded, wanted);
    let left: Vec<_> = owed(&store, "soc").into_iter().map(|(id, _)| id).collect();
    assert_eq!(left, ["b", "d", "e"]);
    assert_eq!(store.evicted().unwrap(), 2);
    assert!(
        store.incident("a").unwrap().is_some(),
        "the incident itself is kept"
    );
}

#[test]
fn the_outbox_is_bounded_in_bytes_too() {
    let one = serde_json::to_string(&incident("a", 3, 1)).unwrap().len() as u64;
    let bounds = Bounds {
        outbox_bytes: 2 * one,
        ..Bounds::default()
    };
    let mut store = Store::in_memory().unwrap().with_bounds(bounds);
    store.register_sink("soc").unwrap();
    for id in ["a", "b", "c", "d"] {
        store.record(&[incident(id, 3, 1)]).unwrap();
    }
    assert_eq!(owed(&store, "soc"), [("c".into(), 1), ("d".into(), 1)]);
    assert_eq!(store.evicted().unwrap(), 2);
}

#[test]
fn evictions_are_remembered_across_a_restart() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("store.db");
    let bounds = Bounds {
        outbox_rows: 1,
        ..Bounds::default()
    };
    let mut store = Store::open(&path).unwrap().with_bounds(bounds);
    store.register_sink("soc").unwrap();
    store
        .record(&["a", "b"].map(|id| incident(id, 3, 1)))
        .unwrap();
    drop(store);
    assert_eq!(Store::open(&path).unwrap().evicted().unwrap(), 1);
}
