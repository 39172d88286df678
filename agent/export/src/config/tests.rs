//! What configurations are taken, and what is said of the others.

use serde_json::json;

use super::*;

/// What is wrong with one sink, given as JSON, which YAML contains.
fn check(sink: serde_json::Value, wanted: &[&str]) {
    let sink: SinkConfig = serde_json::from_value(sink).unwrap();
    let problems = super::check(&[sink], None);
    let found: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(found, wanted);
}

#[test]
fn a_plain_sink_is_right() {
    check(
        json!({"name": "archive", "file": {"path": "incidents.jsonl"}}),
        &[],
    );
    check(json!({"name": "out", "file": {"path": "-"}}), &[]);
    for address in ["soc:514", "10.0.0.1:514", "[fd00::1]:514"] {
        let syslog = json!({"transport": "tcp", "address": address, "facility": "authpriv"});
        check(json!({"name": "soc", "syslog": syslog}), &[]);
    }
}

#[test]
fn every_mistake_is_told_with_its_field() {
    let syslog = json!({"transport": "udp", "address": "soc", "max_bytes": 12});
    check(
        json!({"name": "The SOC", "retry_cap_secs": 0, "syslog": syslog}),
        &[
            "sinks[0].name: `The SOC` is no name for a sink; use 1 to 64 of a-z, 0-9, `_` and `-`",
            "sinks[0].retry_cap_secs: `0` is not within 1 to 3600",
            "sinks[0].syslog.address: `soc` is not `host:port`",
            "sinks[0].syslog.max_bytes: `12` is not within 1024 to 65000",
        ],
    );
}

#[test]
fn a_sink_goes_to_one_place() {
    let wanted = ["sinks[0]: sink `soc` needs exactly one of `file` and `syslog`"];
    check(json!({"name": "soc"}), &wanted);
    let both = json!({"name": "soc", "file": {"path": "x"},
        "syslog": {"transport": "udp", "address": "soc:514"}});
    check(both, &wanted);
}

#[test]
fn certificates_belong_to_tls() {
    let tls = |transport: &str, tls: serde_json::Value| {
        let syslog = json!({"transport": transport, "address": "soc:6514", "tls": tls});
        json!({"name": "soc", "syslog": syslog})
    };
    check(
        tls("tls", json!(null)),
        &["sinks[0].syslog: transport `tls` needs certificates; add `tls: { ca: FILE }`"],
    );
    check(
        tls("tcp", json!({"ca": "ca.pem"})),
        &[
            "sinks[0].syslog.tls: certificates are given, but the transport does not use them; \
           set `transport: tls`, or remove them",
        ],
    );
    check(
        tls("tls", json!({"ca": "/nowhere/ca.pem"})),
        &[
            "sinks[0].syslog.tls.ca: cannot read `/nowhere/ca.pem`: No such file or directory (os error 2)",
        ],
    );
    check(
        tls("tls", json!({"ca": "Cargo.toml"})),
        &["sinks[0].syslog.tls.ca: `Cargo.toml` holds no certificate in PEM"],
    );
}

#[test]
fn two_sinks_have_two_names() {
    let sink = json!({"name": "soc", "file": {"path": "-"}});
    let sink: SinkConfig = serde_json::from_value(sink).unwrap();
    let problems = super::check(&[sink.clone(), sink], None);
    assert_eq!(problems.len(), 1);
    assert_eq!(
        problems[0].to_string(),
        "sinks[1].name: a second sink is named `soc`"
    );
}

#[test]
fn an_unknown_field_is_refused() {
    let sink = json!({"name": "soc", "file": {"path": "-", "pth": ""}});
    let error = serde_json::from_value::<SinkConfig>(sink).unwrap_err();
    assert!(error.to_string().contains("unknown field `pth`"), "{error}");
}

#[test]
fn the_server_listens_where_it_can() {
    let check = |http: serde_json::Value, wanted: &[&str]| {
        let http: HttpConfig = serde_json::from_value(http).unwrap();
        let problems = super::check(&[], Some(&http));
        let found: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(found, wanted);
    };
    check(json!({}), &[]);
    check(
        json!({"listen": "everywhere", "max_connections": 0,
            "tls": {"certificate": "/nowhere/c.pem", "key": "/nowhere/k.pem"}}),
        &[
            "http.listen: `everywhere` is not `address:port`; write an IP address, such as \
             `127.0.0.1:9464` or `[::]:9464`",
            "http.max_connections: `0` is not within 1 to 1024",
            "http.tls.certificate: cannot read `/nowhere/c.pem`: No such file or directory (os error 2)",
        ],
    );
}
