//! A network namespace with a virtual cable: `mirror` at one end, `plant` at the other.
//!
//! A test runs itself again within the namespace, so that all of the machine looks like it. Where
//! namespaces may not be made, the test says so and passes.

use std::env;
use std::fs;
use std::process::Command;

use pcap::{Active, Capture};

/// Runs `body` in a namespace of its own; `test` is the name of the test that asks.
pub(super) fn in_namespace(test: &str, body: fn()) {
    in_namespace_of("live", test, body);
}

/// The same for a test of another file.
pub(super) fn in_namespace_of(module: &str, test: &str, body: fn()) {
    if env::var_os(WITHIN).is_some() {
        lay_cable().unwrap();
        return body();
    }
    let name = format!("bulkhead-test-{}-{test}", std::process::id());
    if let Err(why) = ip(&format!("netns add {name}")) {
        println!("skipped: no network namespace can be made: {why}");
        return;
    }
    let namespace = Namespace(name);
    let mut itself = Command::new("ip");
    itself
        .args(["netns", "exec", &namespace.0])
        .arg(env::current_exe().unwrap());
    itself.args([
        "--exact",
        &format!("tests::{module}::{test}"),
        "--nocapture",
    ]);
    let output = itself.env(WITHIN, "1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

/// The plant's end of the cable, to send from.
pub(super) fn plant() -> Capture<Active> {
    Capture::from_device("plant").unwrap().open().unwrap()
}

/// Runs ip(8) with words that are parted by spaces.
pub(super) fn ip(words: &str) -> Result<(), String> {
    let output = Command::new("ip").args(words.split(' ')).output();
    let output = output.map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    output.status.success().then_some(()).ok_or(text)
}

/// Lays the cable. Without IPv6 nothing but the test speaks on it.
fn lay_cable() -> Result<(), String> {
    for which in ["all", "default"] {
        let path = format!("/proc/sys/net/ipv6/conf/{which}/disable_ipv6");
        fs::write(path, "1").unwrap_or_default();
    }
    ip("link add mirror type veth peer name plant")?;
    ip("link set mirror up")?;
    ip("link set plant up")
}

/// A namespace that goes with its owner.
struct Namespace(String);

impl Drop for Namespace {
    fn drop(&mut self) {
        ip(&format!("netns del {}", self.0)).unwrap_or_default();
    }
}

/// Set where a test runs within its namespace.
const WITHIN: &str = "BULKHEAD_TEST_WITHIN";
