//! A router in a network namespace with a cable at each side, and what goes in and out of it.
//!
//! A test runs itself again within the namespace. The far ends of both cables have no addresses:
//! frames are put on them and taken from them as they are. Whatever comes in at one side goes out
//! at the other, unless a filter is in between.

use std::env;
use std::fs;
use std::process::Command;
use std::time::Duration;

use pnet::datalink::{self, Channel, Config, DataLinkReceiver, DataLinkSender};

use crate::support::stderr;

/// Runs `body` in a namespace of its own, on one processor, so that frames come out in the order in which
/// they went in. `test` is the name of the test that asks. Without namespaces or one of `programs` it
/// says so.
pub(super) fn in_namespace(test: &str, programs: &[&str], body: impl FnOnce()) {
    if env::var_os(WITHIN).is_some() {
        return body();
    }
    let is_there = |program: &&&str| Command::new(program).arg("--version").output().is_ok();
    if let Some(missing) = programs.iter().find(|program| !is_there(program)) {
        println!("skipped: there is no {missing}");
        return;
    }
    let name = format!("bulkhead-filter-{}-{}", std::process::id(), test.len());
    if let Err(why) = ip(&format!("netns add {name}")) {
        println!("skipped: no network namespace can be made: {why}");
        return;
    }
    let namespace = Namespace(name);
    let mut itself = Command::new("ip");
    itself
        .args(["netns", "exec", &namespace.0, "taskset", "-c", "0"])
        .arg(env::current_exe().unwrap())
        .args(["--exact", &format!("enforce::{test}"), "--nocapture"]);
    let output = itself.env(WITHIN, "1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

/// Runs ip(8) with words that are parted by spaces.
pub(super) fn ip(words: &str) -> Result<(), String> {
    let output = Command::new("ip").args(words.split(' ')).output();
    let output = output.map_err(|error| error.to_string())?;
    output
        .status
        .success()
        .then_some(())
        .ok_or_else(|| stderr(&output))
}

/// One side of the router, from outside.
pub(super) struct Side {
    pub(super) router: [u8; 6],
    send: Box<dyn DataLinkSender>,
    receive: Box<dyn DataLinkReceiver>,
}

/// Makes the router: what it is sent at one of its sides, it sends out at the other.
pub(super) fn router() -> [Side; 2] {
    for (path, value) in SETTINGS {
        fs::write(format!("/proc/sys/net/{path}"), value).unwrap();
    }
    ip("link set lo up").unwrap();
    for (name, mac) in [("left", LEFT), ("right", RIGHT)] {
        let mac = mac.map(|byte| format!("{byte:02x}")).join(":");
        ip(&format!(
            "link add {name} address {mac} type veth peer name {name}-far"
        ))
        .unwrap();
        ip(&format!("link set {name} up")).unwrap();
        ip(&format!("link set {name}-far up")).unwrap();
    }
    for (number, (from, to)) in [("left", "right"), ("right", "left")].iter().enumerate() {
        let table = 100 + number;
        for (flag, hop) in [("-4", "192.0.2.2"), ("-6", "fe80::2")] {
            for words in [
                format!("{flag} rule add iif {from} lookup {table}"),
                format!("{flag} neigh add {hop} lladdr 02:00:00:00:00:99 dev {to} nud permanent"),
                format!("{flag} route add default via {hop} dev {to} onlink table {table}"),
            ] {
                ip(&words).unwrap();
            }
        }
    }
    [side("left-far", LEFT), side("right-far", RIGHT)]
}

fn side(name: &str, router: [u8; 6]) -> Side {
    let interfaces = datalink::interfaces();
    let interface = interfaces.iter().find(|it| it.name == name).unwrap();
    let config = Config {
        read_timeout: Some(Duration::from_secs(20)),
        ..Config::default()
    };
    let Ok(Channel::Ethernet(send, receive)) = datalink::channel(interface, config) else {
        panic!("no channel on {name}");
    };
    Side {
        router,
        send,
        receive,
    }
}

impl Side {
    pub(super) fn send(&mut self, frame: &[u8]) {
        self.send.send_to(frame, None).unwrap().unwrap();
    }

    /// The next frame that the router sent out here.
    pub(super) fn next(&mut self) -> Vec<u8> {
        loop {
            let frame = self.receive.next().expect("nothing comes out any more");
            if frame[6..12] == self.router {
                return frame.to_vec();
            }
        }
    }
}

/// A namespace that goes with its owner.
struct Namespace(String);

impl Drop for Namespace {
    fn drop(&mut self) {
        ip(&format!("netns del {}", self.0)).unwrap_or_default();
    }
}

/// The router's hardware addresses.
const LEFT: [u8; 6] = [2, 0, 0, 0, 0, 1];
const RIGHT: [u8; 6] = [2, 0, 0, 0, 0, 2];

/// The router forwards, does not mind where packets come from, and says nothing of its own.
const SETTINGS: [(&str, &str); 8] = [
    ("ipv4/ip_forward", "1"),
    ("ipv4/conf/all/rp_filter", "0"),
    ("ipv4/conf/default/rp_filter", "0"),
    ("ipv6/conf/all/forwarding", "1"),
    ("ipv6/conf/default/forwarding", "1"),
    ("ipv6/conf/default/accept_dad", "0"),
    ("ipv6/conf/default/router_solicitations", "0"),
    ("ipv6/conf/default/accept_ra", "0"),
];

/// Set where a test runs within its namespace.
const WITHIN: &str = "BULKHEAD_TEST_WITHIN";
