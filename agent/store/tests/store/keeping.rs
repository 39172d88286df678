//! Incidents, baseline, inventory and approvals come back as they were given.

use model::Timestamp;
use serde_json::json;
use store::{Approval, BaselineRow, Bounds, Decision, Filter, HostRow, Store};

use super::incident;

#[test]
fn incidents_are_listed_newest_first_and_filtered() {
    let mut store = Store::in_memory().unwrap();
    let all = [("a", 1, 5), ("b", 4, 9), ("c", 2, 7)];
    store
        .record(&all.map(|(id, priority, count)| incident(id, priority, count)))
        .unwrap();
    let since = Some(Timestamp::from_nanos(1_006));
    let check = |filter: Filter, wanted: &[&str]| {
        let found = store.incidents(&filter).unwrap();
        let ids: Vec<_> = found.iter().map(|incident| incident.id.as_str()).collect();
        assert_eq!(ids, wanted, "{filter:?}");
    };
    check(Filter::default(), &["b", "c", "a"]);
    check(
        Filter {
            since,
            ..Filter::default()
        },
        &["b", "c"],
    );
    check(
        Filter {
            priority: Some(2),
            ..Filter::default()
        },
        &["c", "a"],
    );
    check(
        Filter {
            limit: Some(1),
            ..Filter::default()
        },
        &["b"],
    );
}

#[test]
fn only_the_newest_incidents_are_kept() {
    let bounds = Bounds {
        incidents: 2,
        ..Bounds::default()
    };
    let mut store = Store::in_memory().unwrap().with_bounds(bounds);
    let all = [("a", 5), ("b", 9), ("c", 7)];
    let recorded = store
        .record(&all.map(|(id, count)| incident(id, 3, count)))
        .unwrap();
    assert_eq!(recorded.forgotten, 1);
    assert_eq!(store.incident("a").unwrap(), None);
    for count in 10..20 {
        assert_eq!(
            store.record(&[incident("b", 3, count)]).unwrap().forgotten,
            0
        );
    }
    assert_eq!(store.incidents(&Filter::default()).unwrap().len(), 2);
}

#[test]
fn the_baseline_comes_back_and_keeps_its_approval() {
    let mut store = Store::in_memory().unwrap();
    let row = |key: &str, count| BaselineRow {
        key: key.into(),
        state: "{}".into(),
        count,
        first: Timestamp::from_nanos(1),
        last: Timestamp::from_nanos(2),
        approved_by: None,
    };
    store.save_baseline(&[row("b", 1), row("a", 1)]).unwrap();
    let approval = |decision| Approval {
        subject: "a".into(),
        decision,
        by: "kim".into(),
        at: Timestamp::from_nanos(3),
        note: "commissioning".into(),
    };
    store.approve(&approval(Decision::Approved)).unwrap();
    store.save_baseline(&[row("a", 8)]).unwrap();
    let approved = BaselineRow {
        approved_by: Some("kim".into()),
        ..row("a", 8)
    };
    assert_eq!(store.load_baseline().unwrap(), [approved, row("b", 1)]);
    store.approve(&approval(Decision::Rejected)).unwrap();
    store.forget_baseline(&["b"]).unwrap();
    assert_eq!(store.load_baseline().unwrap(), [row("a", 8)]);
    let journal = [Decision::Approved, Decision::Rejected].map(approval);
    assert_eq!(store.approvals(Some("a")).unwrap(), journal);
    assert_eq!(store.approvals(None).unwrap(), journal);
    assert_eq!(store.approvals(Some("b")).unwrap(), []);
}

#[test]
fn the_inventory_comes_back() {
    let mut store = Store::in_memory().unwrap();
    let host = |host: &str, vendor: &str| HostRow {
        host: host.into(),
        facts: json!({"vendor": vendor, "protocols": ["s7"]}),
    };
    store
        .save_inventory(&[host("10.0.0.9", "?"), host("10.0.0.5", "?")])
        .unwrap();
    store
        .save_inventory(&[host("10.0.0.9", "Siemens")])
        .unwrap();
    let wanted = [host("10.0.0.5", "?"), host("10.0.0.9", "Siemens")];
    assert_eq!(store.load_inventory().unwrap(), wanted);
}
