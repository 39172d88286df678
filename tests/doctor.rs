//! `bulkhead doctor` finds what is set wrong, and says what to do.

use std::fs::Permissions;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::mirror::Mirror;
use crate::support::{bulkhead, field, root, stderr, stdout};

#[test]
fn what_is_wrong_in_the_configuration_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("bad.yaml");
    std::fs::write(&config, "interfaces: []\nstore: sensor.db\n").unwrap();
    let output = bulkhead(["doctor", "--json", "--config", config.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let found = about(&stdout(&output), "configuration");
    assert!(
        found[0].contains("bad.yaml:1:13: no interface to watch"),
        "{found:?}"
    );
}

#[test]
fn a_port_that_would_send_or_see_nothing_is_told_with_the_command_that_mends_it() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    check(
        &mirror,
        "",
        0..=1,
        "interface mirror",
        &["up", "can be listened on, promiscuous"],
    );
    mirror.link("address add 192.0.2.7/24 dev mirror");
    let said = check(
        &mirror,
        "",
        1..=1,
        "interface mirror",
        &["it has the address 192.0.2.7"],
    );
    assert!(said.contains("ip address flush dev mirror"), "{said}");
    mirror.link("link set mirror down");
    let said = check(&mirror, "", 2..=2, "interface mirror", &["it is down"]);
    assert!(said.contains("ip link set mirror up"), "{said}");
    mirror.unplug();
    check(
        &mirror,
        "",
        2..=2,
        "interface mirror",
        &["there is no such interface"],
    );
}

#[test]
fn a_user_and_a_sink_that_are_not_there_are_told() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    let more = "sandbox: {user: no-such-user}\n";
    let said = check(
        &mirror,
        more,
        2..=2,
        "sandbox.user",
        &["there is no user `no-such-user`"],
    );
    assert!(
        said.contains("adduser --system --group no-such-user"),
        "{said}"
    );
    let more = "sandbox: {user: daemon}\n";
    check(
        &mirror,
        more,
        2..=2,
        "file",
        &["may not be written by daemon"],
    );
}

#[test]
fn a_port_that_merges_frames_is_told_with_the_command_that_mends_it() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    for (state, found) in [
        (
            "on",
            "frames are merged before they are seen (generic-receive-offload)",
        ),
        ("off", "frames are shown as they were on the wire"),
    ] {
        mirror.ask("ethtool", &["-K", "mirror", "gro", state]);
        let said = check(&mirror, "", 0..=1, "interface mirror", &[found]);
        let advised = said.contains("ethtool -K mirror gro off");
        assert_eq!(advised, state == "on", "{said}");
    }
}

#[test]
fn rings_that_take_the_memory_of_the_rest_are_told() {
    let all_kib: u64 = {
        let text = std::fs::read_to_string("/proc/meminfo").unwrap();
        let line = text
            .lines()
            .find(|line| line.starts_with("MemTotal"))
            .unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let check = |share: u64, grade: &str| {
        let each = 64;
        let ports = (all_kib / 1024 * share / 100).div_ceil(each);
        let ports = (0..ports).map(|port| format!("{{name: none{port}, ring_mib: {each}}}"));
        let folder = tempfile::tempdir().unwrap();
        let ports = ports.collect::<Vec<_>>().join(", ");
        let said = examined(&folder, &format!("interfaces: [{ports}]\n"));
        let memory = one(&said, "memory");
        assert_eq!(field(&memory, "grade"), grade, "{memory}");
        let advice = field(&memory, "advice");
        assert_eq!(advice.contains("make `ring_mib` smaller"), grade != "fine");
    };
    check(10, "fine");
    check(40, "doubtful");
    check(80, "wrong");
}

#[test]
fn a_clock_that_nobody_holds_right_is_told() {
    if Path::new("/run/systemd/timesync/synchronized").exists() {
        println!("skipped: somebody holds this machine's clock right");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (says, grade, advice) in [
        ("yes", "fine", ""),
        ("no", "doubtful", "timedatectl set-ntp true"),
        ("", "doubtful", "chronyc tracking"),
    ] {
        let fake = folder.path().join("timedatectl");
        std::fs::write(&fake, format!("#!/bin/sh\necho {says}\n")).unwrap();
        std::fs::set_permissions(&fake, Permissions::from_mode(0o755)).unwrap();
        let said = examined(&folder, ONE_PORT);
        let clock = one(&said, "clock");
        assert_eq!(field(&clock, "grade"), grade, "{clock}");
        assert!(field(&clock, "advice").contains(advice), "{clock}");
    }
}

#[test]
fn a_disk_without_room_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "mount -t tmpfs -o size=32m tmpfs {0} && cd {0} && echo '{ONE_PORT}store: sensor.db' > s.yaml && \
         exec {1} doctor --json --config s.yaml",
        folder.path().display(),
        env!("CARGO_BIN_EXE_bulkhead")
    );
    let output = Command::new("unshare")
        .args(["--mount", "bash", "-c", &script])
        .output()
        .unwrap();
    if stdout(&output).is_empty() {
        println!("skipped: nothing can be mounted: {}", stderr(&output));
        return;
    }
    let room = all_of(&stdout(&output), "file");
    let room = room
        .iter()
        .find(|it| field(it, "found").contains("MiB free"));
    let room = room.unwrap();
    assert_eq!(field(room, "grade"), "wrong", "{room}");
    assert!(
        field(room, "advice").starts_with("make room: du -xh"),
        "{room}"
    );
}

#[test]
fn what_the_sensors_user_may_not_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    if std::fs::metadata(folder.path()).unwrap().uid() != 0 {
        println!("skipped: who is not root may read it");
        return;
    }
    let policy = folder.path().join("policy");
    std::fs::create_dir(&policy).unwrap();
    let file = policy.join("zones.yaml");
    std::fs::copy(root().join("policies/plant/zones.yaml"), &file).unwrap();
    let config = format!("{ONE_PORT}policy: policy\nsandbox: {{user: daemon}}\n");
    for (mode, grade) in [(0o644, "fine"), (0o600, "wrong")] {
        std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        let said = examined(&folder, &config);
        let read = one(&said, "files to read");
        assert_eq!(field(&read, "grade"), grade, "{read}");
        let advised = field(&read, "advice").contains("chgrp daemon");
        assert_eq!(advised, grade == "wrong", "{read}");
    }
}

#[test]
fn sinks_that_are_there_and_sinks_that_are_not_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let there = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let [open, closed] = [&there, &gone].map(|it| it.local_addr().unwrap());
    drop(gone);
    let sink = |name: &str, address: SocketAddr| {
        format!("{{name: {name}, syslog: {{transport: tcp, address: \"{address}\"}}}}")
    };
    let sinks = format!(
        "sinks: [{}, {}]\n",
        sink("there", open),
        sink("gone", closed)
    );
    let said = examined(&folder, &format!("{ONE_PORT}{sinks}"));
    let (there, gone) = (one(&said, "sink there"), one(&said, "sink gone"));
    assert_eq!(field(&there, "grade"), "fine", "{there}");
    assert_eq!(field(&gone, "grade"), "doubtful", "{gone}");
    assert!(
        field(&gone, "found").contains("cannot be reached"),
        "{gone}"
    );
    assert!(field(&gone, "advice").contains("firewall"), "{gone}");
}

#[test]
fn a_sink_whose_certificate_nobody_we_trust_has_signed_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["ours", "theirs"] {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let write = |end: &str, text| {
            std::fs::write(folder.path().join(format!("{name}.{end}")), text).unwrap();
        };
        write("pem", certificate.pem());
        write("key", key.serialize_pem());
    }
    let Ok(mut receiver) = Command::new("python3")
        .args(["-u", "-c", RECEIVER])
        .current_dir(&folder)
        .stdout(Stdio::piped())
        .spawn()
    else {
        println!("skipped: there is no python3");
        return;
    };
    let mut port = String::new();
    let mut heard = BufReader::new(receiver.stdout.take().unwrap());
    heard.read_line(&mut port).unwrap();
    let trusting = |ca: &str| {
        let sink = format!(
            "sinks: [{{name: soc, syslog: {{transport: tls, address: \"localhost:{}\", tls: {{ca: {ca}}}}}}}]\n",
            port.trim()
        );
        examined(&folder, &format!("{ONE_PORT}{sink}"))
    };
    let (theirs, ours) = (trusting("theirs.pem"), trusting("ours.pem"));
    receiver.kill().unwrap();
    receiver.wait().unwrap();
    for (said, grade) in [(theirs, "fine"), (ours, "doubtful")] {
        let soc = one(&said, "sink soc");
        assert_eq!(field(&soc, "grade"), grade, "{soc}");
        let advised = field(&soc, "advice").contains("is signed by `tls.ca`");
        assert_eq!(advised, grade == "doubtful", "{soc}");
    }
}

/// Takes connections under TLS by a certificate of its own.
const RECEIVER: &str = r#"
import socket, ssl
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("theirs.pem", "theirs.key")
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1])
while True:
    peer, _ = listener.accept()
    try:
        context.wrap_socket(peer, server_side=True).close()
    except OSError:
        pass
"#;

const ONE_PORT: &str = "interfaces: [{name: none0, ring_mib: 16}]\n";

/// What the doctor says of a configuration in a folder, with the programs of that folder before all others.
fn examined(folder: &tempfile::TempDir, config: &str) -> String {
    let file = folder.path().join("examined.yaml");
    std::fs::write(&file, format!("{config}store: sensor.db\n")).unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new(env!("CARGO_BIN_EXE_bulkhead"))
        .args(["doctor", "--json", "--config"])
        .arg(file)
        .env("PATH", format!("{}:{path}", folder.path().display()))
        .output()
        .unwrap();
    stdout(&output)
}

/// The finding about something of which there is one.
fn one(json: &str, of: &str) -> Value {
    let mut all = all_of(json, of);
    assert_eq!(all.len(), 1, "{of}: {json}");
    all.remove(0)
}

/// The findings about something.
fn all_of(json: &str, of: &str) -> Vec<Value> {
    let all: Vec<Value> = serde_json::from_str(json).unwrap_or_default();
    let ours = |finding: &Value| field(finding, "about").starts_with(of);
    all.into_iter().filter(ours).collect()
}

/// Asks the doctor beside the sensor; what it says about something must hold each of these.
fn check(
    mirror: &Mirror,
    more: &str,
    codes: std::ops::RangeInclusive<i32>,
    of: &str,
    wanted: &[&str],
) -> String {
    let output = mirror.doctor(&root().join("policies/plant"), more);
    let said = stdout(&output);
    assert!(
        codes.contains(&output.status.code().unwrap()),
        "{:?} {said}",
        output.status
    );
    let found = about(&said, of);
    for words in wanted {
        assert!(
            found.iter().any(|found| found.contains(words)),
            "{words}: {found:#?}"
        );
    }
    said
}

/// What was found about something.
fn about(json: &str, of: &str) -> Vec<String> {
    let ours = all_of(json, of);
    ours.iter().map(|finding| field(finding, "found")).collect()
}
