//! The server, asked over plain sockets.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use export::{HttpConfig, Probes, Server};
use model::{Counter, Tally};
use tokio::task::spawn_blocking;

/// Probes of a sensor that has read 42 frames and is well and ready.
pub(crate) fn probes() -> Probes {
    Probes {
        samples: Arc::new(|| {
            let mut tally = Tally::default();
            tally.add(Counter::Frames, 42);
            tally.samples().collect()
        }),
        healthy: Arc::new(|| Ok(())),
        ready: Arc::new(|| Ok(())),
    }
}

fn config() -> HttpConfig {
    HttpConfig {
        listen: "127.0.0.1:0".into(),
        max_connections: 4,
        tls: None,
    }
}

/// Asks with HTTP/1.0 and gives the whole answer.
pub(crate) async fn ask(address: SocketAddr, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.0\r\nHost: test\r\n\r\n");
    let asked = spawn_blocking(move || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok::<_, std::io::Error>(answer)
    });
    asked.await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_served_and_counters_begin_at_zero() {
    let server = Server::start(&config(), probes()).await.unwrap();
    let answer = ask(server.address(), "/metrics").await;
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
    assert!(answer.contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    for wanted in [
        "# HELP bulkhead_capture_frames_total Frames read from captures and mirror ports\n\
         # TYPE bulkhead_capture_frames_total counter\nbulkhead_capture_frames_total 42\n",
        "\nbulkhead_capture_dropped_frames_total{by=\"kernel\"} 0\n",
        "\nbulkhead_engine_incidents_total{kind=\"policy\",severity=\"critical\"} 0\n",
        "\nbulkhead_export_evicted_incidents_total 0\n",
    ] {
        assert!(answer.contains(wanted), "{wanted} in {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_readiness_follow_their_probes() {
    let well = Arc::new(AtomicBool::new(true));
    let shared = Arc::clone(&well);
    let say = move || match shared.load(Ordering::Relaxed) {
        true => Ok(()),
        false => Err("no heartbeat of capture thread 0 for 31 s".to_owned()),
    };
    let probes = Probes {
        healthy: Arc::new(say),
        ..probes()
    };
    let server = Server::start(&config(), probes).await.unwrap();
    assert!(
        ask(server.address(), "/healthz")
            .await
            .ends_with("\r\n\r\nok\n")
    );
    well.store(false, Ordering::Relaxed);
    let answer = ask(server.address(), "/healthz").await;
    assert!(answer.starts_with("HTTP/1.0 503 "), "{answer}");
    assert!(
        answer.ends_with("\r\n\r\nno heartbeat of capture thread 0 for 31 s\n"),
        "{answer}"
    );
    assert!(
        ask(server.address(), "/readyz")
            .await
            .starts_with("HTTP/1.0 200 ")
    );
    assert!(
        ask(server.address(), "/")
            .await
            .starts_with("HTTP/1.0 404 ")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn dawdlers_keep_nobody_out() {
    let server = Server::start(&config(), probes()).await.unwrap();
    let mut dawdlers = Vec::new();
    for _ in 0..20 {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nX: ").unwrap();
        dawdlers.push(stream);
    }
    assert!(ask(server.address(), "/healthz").await.contains(" 200 OK"));
    // The bound is 4, so the first ones were closed.
    let mut first = dawdlers.swap_remove(0);
    first
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let ended = spawn_blocking(move || first.read(&mut [0; 64]).map(|bytes| bytes == 0)).await;
    assert!(ended.unwrap().unwrap_or(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_is_told_in_words() {
    let server = Server::start(&config(), probes()).await.unwrap();
    let check = async |listen: String, wanted: &str| {
        let config = HttpConfig {
            listen: listen.clone(),
            ..config()
        };
        let error = Server::start(&config, probes())
            .await
            .unwrap_err()
            .to_string();
        assert_eq!(error, format!("cannot listen on `{listen}`: {wanted}"));
    };
    check(
        server.address().to_string(),
        "another program listens there already",
    )
    .await;
    check(
        "192.0.2.1:9464".into(),
        "no interface of this machine has that address",
    )
    .await;
}
