//! A real Prometheus scrapes us, over HTTP and HTTPS; promtool reads our text.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use export::{HttpConfig, Server, TlsServerConfig};
use model::{Metric, MetricKind, Sample};
use serde_json::Value;
use tempfile::tempdir;

use crate::http::{ask, probes};
use crate::rig::{PATIENCE, Process, certificates, free_port, program, until_listening};

fn config(folder: &Path, target: SocketAddr, tls: bool) -> String {
    let folder = folder.display();
    let scheme = if tls { "https" } else { "http" };
    let certificates = if tls {
        format!(
            "    tls_config:\n      ca_file: {folder}/ca.pem\n      \
             cert_file: {folder}/sensor.pem\n      key_file: {folder}/sensor.key\n"
        )
    } else {
        String::new()
    };
    format!(
        "global:\n  scrape_interval: 200ms\n  scrape_timeout: 200ms\nscrape_configs:\n  \
         - job_name: bulkhead\n    scheme: {scheme}\n{certificates}    \
         static_configs:\n      - targets: ['{target}']\n"
    )
}

/// The value of a query at Prometheus, once there is one.
async fn query(prometheus: SocketAddr, query: &str) -> String {
    let start = Instant::now();
    loop {
        let answer = ask(prometheus, &format!("/api/v1/query?query={query}")).await;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let json: Value = serde_json::from_str(body).unwrap_or_default();
        if let Some(value) = json["data"]["result"][0]["value"][1].as_str() {
            return value.to_owned();
        }
        assert!(start.elapsed() < PATIENCE, "{query}: {answer}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn prometheus_reads_us(tls: bool) {
    let Some(program) = program("prometheus") else {
        return;
    };
    let folder = tempdir().unwrap();
    certificates(folder.path());
    let path = |name: &str| folder.path().join(name);
    let tls_files = TlsServerConfig {
        certificate: path("server.pem"),
        key: path("server.key"),
        client_ca: Some(path("ca.pem")),
    };
    let http = HttpConfig {
        listen: "127.0.0.1:0".into(),
        tls: tls.then_some(tls_files),
        ..HttpConfig::default()
    };
    let server = Server::start(&http, probes()).await.unwrap();
    fs::write(
        path("prometheus.yml"),
        config(folder.path(), server.address(), tls),
    )
    .unwrap();
    let port = free_port();
    let _prometheus = Process::start(
        Command::new(program)
            .arg(format!(
                "--config.file={}",
                path("prometheus.yml").display()
            ))
            .arg(format!("--storage.tsdb.path={}", path("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--log.level=error"),
    );
    until_listening(port).await;
    let prometheus = SocketAddr::from(([127, 0, 0, 1], port));
    assert_eq!(
        query(prometheus, "bulkhead_capture_frames_total").await,
        "42"
    );
    assert_eq!(query(prometheus, "up").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_reads_us_over_http() {
    prometheus_reads_us(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_reads_us_over_https_with_a_client_certificate() {
    prometheus_reads_us(true).await;
}

/// One sample of every metric, with label values that need escaping.
fn everything() -> Vec<Sample> {
    let sample = |metric: &Metric| {
        let labels = metric.description().labels;
        Sample {
            metric: *metric,
            labels: labels
                .iter()
                .map(|label| format!("{label} \"\\\nü"))
                .collect(),
            value: 1.5,
        }
    };
    Metric::ALL.iter().map(sample).collect()
}

#[test]
fn promtool_finds_nothing_wrong() {
    let Some(program) = program("promtool") else {
        return;
    };
    let text = export::text(&(Arc::new(everything) as export::Samples)).unwrap();
    let mut promtool = Command::new(program);
    let promtool = promtool.args(["check", "metrics"]);
    let promtool = promtool
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut promtool = promtool.spawn().unwrap();
    promtool
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = promtool.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && said.is_empty(), "{said}");
}

#[test]
fn every_metric_is_exported_under_its_name_and_kind() {
    let text = export::text(&(Arc::new(everything) as export::Samples)).unwrap();
    for metric in Metric::ALL {
        let description = metric.description();
        let kind = match description.kind {
            MetricKind::Counter => "counter",
            MetricKind::Gauge => "gauge",
        };
        let wanted = format!("# TYPE {} {kind}\n", description.name);
        assert!(text.contains(&wanted), "{wanted}");
    }
}
