//! The running sensor in its sandbox: every thread has given up everything, and what a sensor does
//! still works. What a process in there cannot do is tried by `tests/sandbox.rs`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::live::copy;
use crate::mirror::{Mirror, Running, value, wait_until};
use crate::support::root;

#[test]
fn every_thread_has_given_up_everything_and_nothing_was_sent() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    let mut sensor = mirror.watch(&root().join("policies/plant"));
    let frames = mirror.play(&[root().join("pcaps/plc-stop.pcap")]);
    sensor.wait_for_metric("bulkhead_capture_frames_total", frames);
    let threads = statuses(sensor.running.process());
    assert!(threads.len() > 2, "{threads:#?}");
    for status in &threads {
        for (field, value) in [
            ("CapInh", "0000000000000000"),
            ("CapPrm", "0000000000000000"),
            ("CapEff", "0000000000000000"),
            ("CapBnd", "0000000000000000"),
            ("CapAmb", "0000000000000000"),
            ("NoNewPrivs", "1"),
            ("Seccomp", "2"),
        ] {
            assert_eq!(line(status, field), value, "{field} of {status}");
        }
    }
    assert_eq!(
        sensor.metric("bulkhead_app_sandbox_holds{part=\"calls\"}"),
        1
    );
    assert_eq!(
        sensor.metric("bulkhead_app_sandbox_holds{part=\"rights\"}"),
        1
    );
    assert_eq!(
        sensor.metric("bulkhead_app_sandbox_holds{part=\"user\"}"),
        0
    );
    assert_eq!(mirror.sent(), 0, "frames sent on the mirror port");
    sensor.ends_well();
}

#[test]
fn started_as_root_the_sensor_becomes_its_user_and_still_reloads_what_was_replaced() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    let folder = mirror.folder.path();
    let policy = folder.join("plant");
    copy(&root().join("policies/plant"), &policy);
    give(folder, "daemon");
    let mut sensor = mirror.watch_with(&policy, "sandbox: {user: daemon}\n");
    for status in statuses(sensor.running.process()) {
        assert_eq!(line(&status, "Uid"), "1 1 1 1");
        assert_eq!(line(&status, "Gid"), "1 1 1 1");
        assert_eq!(line(&status, "CapPrm"), "0000000000000000");
    }
    assert_eq!(
        sensor.metric("bulkhead_app_sandbox_holds{part=\"user\"}"),
        1
    );
    replace(&policy.join("conduits.yaml"));
    sensor.running.signal("HUP");
    sensor.wait_for_metric("bulkhead_app_reloads_total{result=\"done\"}", 1);
    let frames = mirror.play(&[root().join("pcaps/plc-stop.pcap")]);
    sensor.wait_for_metric("bulkhead_capture_frames_total", frames);
    sensor.ends_well();
    let written = std::fs::read_to_string(folder.join("incidents.jsonl")).unwrap();
    assert!(written.contains("\"mode\""), "{written}");
}

#[test]
fn certificates_that_were_renewed_are_shown_after_a_reload_and_wrong_ones_are_not() {
    let Some(mut mirror) = Mirror::build() else {
        return;
    };
    mirror.serve_secured();
    let folder = mirror.folder.path().to_owned();
    let policy = root().join("policies/plant");
    let first = certify(&folder);
    give(&folder, "daemon");
    let sensor = mirror.watch_with(&policy, "sandbox: {user: daemon}\n");
    let shown_once = |series: &str, count| {
        wait_until(&format!("{series} {count}"), || {
            let (shown, page) = secured(&mirror, sensor.port());
            (value(&page, series) == Some(count)).then_some(shown)
        })
    };
    assert_eq!(secured(&mirror, sensor.port()).0, first);
    let second = certify(&folder);
    give(&folder, "daemon");
    sensor.running.signal("HUP");
    let renewed = "bulkhead_app_certificate_reloads_total{result=\"done\"}";
    assert_eq!(shown_once(renewed, 1), second);
    std::fs::write(folder.join("server.key"), "no key").unwrap();
    sensor.running.signal("HUP");
    let refused = "bulkhead_app_certificate_reloads_total{result=\"refused\"}";
    assert_eq!(shown_once(refused, 1), second);
    assert_eq!(shown_once(renewed, 1), second);
    let said = sensor.running.wait_until_it_says("the old ones stay");
    assert!(said.contains("server.key` holds no key in PEM"), "{said}");
    // policy and rules are reloaded all the same
    shown_once("bulkhead_app_reloads_total{result=\"done\"}", 2);
}

#[test]
fn the_watchdog_is_fed_from_within_until_the_packet_thread_hangs() {
    let Some(mut mirror) = Mirror::build() else {
        return;
    };
    let manager = mirror.manage();
    let hear = || {
        let mut text = [0; 256];
        let len = manager.recv(&mut text).unwrap();
        String::from_utf8_lossy(&text[..len]).into_owned()
    };
    let until = |wanted: &dyn Fn(&str) -> bool| loop {
        let said = hear();
        if wanted(&said) {
            return said;
        }
    };
    let mut sensor = mirror.watch(&root().join("policies/plant"));
    assert_eq!(hear(), "READY=1\nSTATUS=watching\nWATCHDOG=1");
    assert_eq!(hear(), "STATUS=watching\nWATCHDOG=1");
    // the first thread is the one that reads the ports
    let process = sensor.running.process().to_string();
    let holder = mirror.run("python3", &["-u", "-c", HOLD, &process]);
    holder.wait_until_it_says("held");
    let said = until(&|said| !said.contains("WATCHDOG=1"));
    assert!(said.starts_with("STATUS=capture was silent for "), "{said}");
    for _ in 0..3 {
        assert!(!hear().contains("WATCHDOG=1"));
    }
    drop(holder);
    until(&|said| said == "STATUS=watching\nWATCHDOG=1");
    sensor.ends_well();
}

/// Stops one thread of a process until it is gone (ptrace(2), `PTRACE_SEIZE` and `PTRACE_INTERRUPT`).
const HOLD: &str = r#"
import ctypes, sys, time
libc = ctypes.CDLL(None, use_errno=True)
for request in (0x4206, 0x4207):
    assert libc.ptrace(request, int(sys.argv[1]), None, None) == 0, ctypes.get_errno()
print("held", file=sys.stderr)
time.sleep(600)
"#;

/// Writes `server.pem` and `server.key`, made anew; the certificate in hexadecimal.
fn certify(folder: &Path) -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    // as renewals do it: a new file in the place of the old one
    for (name, text) in [
        ("server.pem", certificate.pem()),
        ("server.key", key.serialize_pem()),
    ] {
        std::fs::write(folder.join("new"), text).unwrap();
        std::fs::rename(folder.join("new"), folder.join(name)).unwrap();
    }
    certificate
        .der()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The certificate that the sensor shows, in hexadecimal, and its metrics.
fn secured(mirror: &Mirror, port: &str) -> (String, String) {
    let said = mirror.ask("python3", &["-c", SECURED, port]);
    let (certificate, page) = said.split_once('\n').unwrap();
    (certificate.to_owned(), page.to_owned())
}

/// A client that trusts everybody and tells whom it met.
const SECURED: &str = r#"
import socket, ssl, sys
context = ssl._create_unverified_context()
with context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1])))) as peer:
    print(peer.getpeercert(binary_form=True).hex())
    peer.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
    while part := peer.recv(65536):
        sys.stdout.write(part.decode())
"#;

#[test]
fn a_sink_is_found_by_its_name_from_within() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    let Some(soc) = Soc::open(&mirror) else {
        return;
    };
    let sinks = format!(
        "[{{name: soc, syslog: {{transport: tcp, address: \"soc.test:{}\"}}}}]",
        soc.port
    );
    let mut sensor = mirror.watch_with_sinks(&root().join("policies/plant"), &sinks, "");
    let frames = mirror.play(&[root().join("pcaps/plc-stop.pcap")]);
    sensor.wait_for_metric("bulkhead_capture_frames_total", frames);
    sensor.ends_well();
    soc.running.wait_until_it_says("asked for soc.test");
    soc.running.wait_until_it_says("bulkhead");
}

#[test]
fn a_sandbox_that_was_switched_off_is_told() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    let more = "sandbox: {enabled: false}\n";
    let sensor = mirror.watch_with(&root().join("policies/plant"), more);
    let said = sensor.running.said();
    assert!(said.contains("the sandbox is switched off"), "{said}");
    assert_eq!(
        sensor.metric("bulkhead_app_sandbox_holds{part=\"rights\"}"),
        0
    );
    assert_eq!(
        sensor.metric("bulkhead_app_sandbox_holds{part=\"calls\"}"),
        0
    );
}

#[test]
fn what_is_required_and_missing_keeps_the_sensor_from_running() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    let policy = root().join("policies/plant");
    for (more, why) in [
        ("sandbox: {require: true}\n", "the sensor runs as root"),
        (
            "sandbox: {user: no-such-user}\n",
            "there is no user `no-such-user`",
        ),
    ] {
        let mut sensor: Running = mirror.start(&policy, more);
        assert_eq!(sensor.end(), Some(2));
        let said = sensor.wait_until_it_says("error");
        assert!(said.contains(why), "{said}");
    }
}

/// A receiver for incidents, and a server that knows its name, within the namespace of the sensor.
struct Soc {
    running: Running,
    port: u16,
    resolver: PathBuf,
}

impl Soc {
    fn open(mirror: &Mirror) -> Option<Self> {
        let resolver = Path::new("/etc/netns").join(mirror.namespace());
        if let Err(why) = std::fs::create_dir_all(&resolver) {
            println!("skipped: no names can be served: {why}");
            return None;
        }
        std::fs::write(resolver.join("resolv.conf"), "nameserver 127.0.0.1\n").unwrap();
        std::fs::write(resolver.join("nsswitch.conf"), "hosts: files dns\n").unwrap();
        let running = mirror.run("python3", &["-u", "-c", SOC]);
        let said = running.wait_until_it_says("port ");
        let port = said.trim().rsplit_once(' ').unwrap().1.parse().unwrap();
        Some(Self {
            running,
            port,
            resolver,
        })
    }
}

impl Drop for Soc {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.resolver);
        let _ = std::fs::remove_dir("/etc/netns");
    }
}

/// The status of every thread of a process (proc_pid_status(5)).
fn statuses(process: u32) -> Vec<String> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let status = |thread: std::fs::DirEntry| std::fs::read_to_string(thread.path().join("status"));
    threads
        .filter_map(|thread| status(thread.unwrap()).ok())
        .collect()
}

fn line(status: &str, field: &str) -> String {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    line.unwrap()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Gives a folder and everything in it to a user of this machine.
fn give(folder: &Path, user: &str) {
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    let given = std::process::Command::new("chown")
        .args(["-R", user])
        .arg(folder)
        .status();
    assert!(given.unwrap().success());
    let given = std::process::Command::new("chgrp")
        .args(["-R", user])
        .arg(folder)
        .status();
    assert!(given.unwrap().success());
}

/// Puts a new file in the place of an old one, as editors and version control do.
fn replace(file: &Path) {
    let new = file.with_extension("new");
    std::fs::copy(file, &new).unwrap();
    std::fs::rename(&new, file).unwrap();
}

/// Answers every question for an address with 127.0.0.1, and prints what is sent to it.
const SOC: &str = r#"
import socket, sys, threading
names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
names.bind(("127.0.0.1", 53))
def answer():
    while True:
        asked, who = names.recvfrom(512)
        at, labels = 12, []
        while asked[at]:
            labels.append(asked[at + 1:at + 1 + asked[at]].decode())
            at += 1 + asked[at]
        print("asked for " + ".".join(labels), file=sys.stderr)
        question = asked[12:at + 5]
        is_v4 = asked[at + 1:at + 3] == b"\0\1"
        head = asked[:2] + b"\x81\x80\0\1" + (b"\0\1" if is_v4 else b"\0\0") + b"\0\0\0\0"
        record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1" if is_v4 else b""
        names.sendto(head + question + record, who)
threading.Thread(target=answer, daemon=True).start()
soc = socket.socket()
soc.bind(("127.0.0.1", 0))
soc.listen()
print("port %d" % soc.getsockname()[1], file=sys.stderr)
while True:
    came, _ = soc.accept()
    while True:
        text = came.recv(4096)
        if not text:
            break
        print(text.decode(errors="replace"), file=sys.stderr)
"#;
