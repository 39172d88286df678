//! JSON Lines: whole, in order, through rotation and crashes.

use std::fs;
use std::path::Path;

use model::{Incident, Metric};
use serde_json::json;
use tempfile::tempdir;

use crate::rig::{Rig, SINK, incident, incidents, until};

fn read(path: &Path) -> Vec<Incident> {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_incident_is_one_line() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("incidents.jsonl");
    let rig = Rig::start("file", json!({"path": path})).await;
    rig.record(&incidents(0..1000));
    rig.until_taken().await;
    assert_eq!(read(&path), incidents(0..1000));
    rig.until_counted(1000.0).await;
    assert_eq!(rig.stop().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_file_is_left_and_a_new_one_begun() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("incidents.jsonl");
    let rotated = folder.path().join("incidents.jsonl.1");
    let rig = Rig::start("file", json!({"path": path})).await;
    rig.record(&incidents(0..3));
    rig.until_taken().await;
    fs::rename(&path, &rotated).unwrap();
    rig.exporter.reopen();
    rig.record(&incidents(3..5));
    rig.until_taken().await;
    assert_eq!(read(&rotated), incidents(0..3));
    assert_eq!(read(&path), incidents(3..5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_a_crash_cut_short_spoils_no_other() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("incidents.jsonl");
    fs::write(&path, "{\"id\":\"incid").unwrap();
    let rig = Rig::start("file", json!({"path": path})).await;
    rig.record(&incidents(0..2));
    rig.until_taken().await;
    let text = fs::read_to_string(&path).unwrap();
    let (cut, rest) = text.split_once('\n').unwrap();
    assert_eq!(cut, "{\"id\":\"incid");
    assert_eq!(rest.lines().count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_written_is_tried_again() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("logs").join("incidents.jsonl");
    fs::create_dir(path.parent().unwrap()).unwrap();
    let rig = Rig::start("file", json!({"path": path})).await;
    fs::remove_dir(path.parent().unwrap()).unwrap();
    rig.record(&[incident(0)]);
    until("the failure was counted", || {
        rig.value(Metric::SendErrors) >= 1.0
    })
    .await;
    assert_eq!(rig.value(Metric::Outbox), 1.0);
    fs::create_dir(path.parent().unwrap()).unwrap();
    rig.until_taken().await;
    assert_eq!(read(&path), [incident(0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_that_is_no_longer_configured_is_forgotten() {
    let folder = tempdir().unwrap();
    let rig = Rig::start("file", json!({"path": folder.path().join("a")})).await;
    rig.stop().await;
    rig.store.lock().unwrap().register_sink("old").unwrap();
    let again = Rig::resume(rig.store.clone(), "file", json!({"path": "-"})).await;
    assert_eq!(again.store.lock().unwrap().sinks().unwrap(), [SINK]);
}
