//! Peers that misbehave: what they did not take is owed to them still.

use std::time::Duration;

use model::Metric;
use serde_json::{Value, json};
use store::Store;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream, UdpSocket};

use crate::rig::{Rig, ids, incidents, until};

async fn listen() -> (TcpListener, Value) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, json!({"transport": "tcp", "address": address}))
}

/// The messages of a stream of `length SP message` (RFC 6587, 3.4.1), as far as they are whole.
fn messages(mut bytes: &[u8]) -> Vec<String> {
    let mut messages = Vec::new();
    while let Some(space) = bytes.iter().position(|byte| *byte == b' ') {
        let length: usize = std::str::from_utf8(&bytes[..space])
            .unwrap()
            .parse()
            .unwrap();
        let Some(message) = bytes.get(space + 1..space + 1 + length) else {
            break;
        };
        messages.push(String::from_utf8(message.to_vec()).unwrap());
        bytes = &bytes[space + 1 + length..];
    }
    messages
}

fn id(message: &str) -> String {
    let (_, rest) = message.split_once(" id=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

async fn read_all(mut stream: TcpStream) -> Vec<String> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    messages(&bytes).iter().map(|message| id(message)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_peer_did_not_read_before_it_closed_is_sent_again() {
    let (listener, sink) = listen().await;
    let rig = Rig::start("syslog", sink).await;
    rig.record(&incidents(0..20));
    for _ in 0..2 {
        // Bytes that nobody read turn this close into a reset.
        let (stream, _) = listener.accept().await.unwrap();
        stream.readable().await.unwrap();
    }
    let (stream, _) = listener.accept().await.unwrap();
    let reading = tokio::spawn(read_all(stream));
    rig.until_taken().await;
    assert_eq!(rig.value(Metric::SendErrors), 2.0);
    assert_eq!(rig.stop().await, 0);
    assert_eq!(reading.await.unwrap(), ids(0..20));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_closes_in_order_but_too_early_is_served_again() {
    let (listener, sink) = listen().await;
    let rig = Rig::start("syslog", sink).await;
    rig.record(&incidents(0..5));
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut some = [0; 65_536];
    assert!(stream.read(&mut some).await.unwrap() > 0);
    drop(stream);
    let (stream, _) = listener.accept().await.unwrap();
    let reading = tokio::spawn(read_all(stream));
    rig.until_taken().await;
    assert_eq!(rig.stop().await, 0);
    assert_eq!(reading.await.unwrap(), ids(0..5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_dies_during_our_close_has_taken_nothing() {
    let (listener, sink) = listen().await;
    let rig = Rig::start("syslog", sink).await;
    rig.record(&incidents(0..10));
    let (stream, _) = listener.accept().await.unwrap();
    stream.readable().await.unwrap();
    drop(listener);
    let exporter = rig.exporter.clone();
    let stopped = tokio::spawn(async move { exporter.stop(Duration::from_secs(1)).await });
    // The reset may come before our end is shut or after; neither may count as taken.
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(stream);
    assert_eq!(stopped.await.unwrap()[0].records, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_leaves_its_end_open_does_not_hold_up_a_stop() {
    let (listener, sink) = listen().await;
    let rig = Rig::start("syslog", sink).await;
    rig.record(&incidents(0..10));
    let (stream, _) = listener.accept().await.unwrap();
    assert_eq!(rig.stop().await, 0);
    assert_eq!(rig.value(Metric::SendErrors), 0.0);
    drop(stream);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_does_not_read_takes_nothing() {
    let (listener, sink) = listen().await;
    let rig = Rig::start("syslog", sink).await;
    // More than both kernels hold for a reader that does not read.
    rig.record(&incidents(0..20_000));
    let (stream, _) = listener.accept().await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(rig.owed(), 20_000);
    let reading = tokio::spawn(read_all(stream));
    rig.until_taken().await;
    assert_eq!(rig.stop().await, 0);
    assert_eq!(reading.await.unwrap(), ids(0..20_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orderly_close_needs_no_waiting() {
    let (listener, sink) = listen().await;
    let rig = Rig::start("syslog", sink).await;
    rig.record(&incidents(0..300));
    let (stream, _) = listener.accept().await.unwrap();
    let reading = tokio::spawn(read_all(stream));
    let start = std::time::Instant::now();
    assert_eq!(rig.stop().await, 0);
    assert!(
        start.elapsed() < Duration::from_millis(1900),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(reading.await.unwrap(), ids(0..300));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_with_nobody_there_leaves_everything_for_the_next_start() {
    let (listener, sink) = listen().await;
    drop(listener);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = std::sync::Arc::new(std::sync::Mutex::new(Store::open(&path).unwrap()));
    let rig = Rig::resume(store, "syslog", sink.clone()).await;
    rig.record(&incidents(0..7));
    let left = rig.exporter.stop(Duration::from_millis(300)).await;
    assert_eq!(left[0].records, 7);
    drop(rig);
    let address = sink["address"].as_str().unwrap();
    let listener = TcpListener::bind(address).await.unwrap();
    let store = std::sync::Arc::new(std::sync::Mutex::new(Store::open(&path).unwrap()));
    let rig = Rig::resume(store, "syslog", sink).await;
    let (stream, _) = listener.accept().await.unwrap();
    let reading = tokio::spawn(read_all(stream));
    assert_eq!(rig.stop().await, 0);
    assert_eq!(reading.await.unwrap(), ids(0..7));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_datagram_that_nobody_took_is_sent_again() {
    let gone = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = gone.local_addr().unwrap();
    drop(gone);
    let rig = Rig::start(
        "syslog",
        json!({"transport": "udp", "address": address.to_string()}),
    )
    .await;
    rig.record(&incidents(0..1));
    until("ICMP said that nobody is there", || {
        rig.value(Metric::SendErrors) >= 1.0
    })
    .await;
    assert_eq!(rig.owed(), 1);
    let socket = UdpSocket::bind(address).await.unwrap();
    let mut datagram = [0; 4096];
    let read = socket.recv(&mut datagram).await.unwrap();
    assert_eq!(
        id(std::str::from_utf8(&datagram[..read]).unwrap()),
        ids(0..1)[0]
    );
    rig.until_taken().await;
}
