//! A real rsyslogd takes what we send, over UDP, TCP and TLS, and dies in the middle.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use model::Metric;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::rig::{
    Process, Rig, certificates, free_port, ids, in_order, incident, incidents, program, until,
    until_listening,
};

/// A receiver that writes one line per message: structured data, a tab, the message.
struct Receiver {
    folder: TempDir,
    port: u16,
    process: Process,
}

impl Receiver {
    async fn start(transport: &str) -> Option<Self> {
        program("rsyslogd")?;
        let folder = tempdir().unwrap();
        certificates(folder.path());
        let port = free_port();
        fs::write(
            folder.path().join("rsyslog.conf"),
            config(folder.path(), transport, port),
        )
        .unwrap();
        let receiver = Self {
            process: run(folder.path()),
            folder,
            port,
        };
        receiver.until_ready(transport).await;
        Some(receiver)
    }

    async fn until_ready(&self, transport: &str) {
        if transport != "udp" {
            return until_listening(self.port).await;
        }
        let socket = format!(":{:04X} ", self.port);
        until("rsyslogd has its socket", || {
            fs::read_to_string("/proc/net/udp")
                .unwrap()
                .contains(&socket)
        })
        .await;
    }

    fn lines(&self) -> Vec<String> {
        let written = fs::read(self.folder.path().join("received")).unwrap_or_default();
        let text = String::from_utf8(written).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    fn ids(&self) -> Vec<String> {
        let id = |line: String| {
            let (_, rest) = line.split_once(" id=\"")?;
            Some(rest.split_once('"')?.0.to_owned())
        };
        self.lines()
            .into_iter()
            .map(|line| id(line).unwrap())
            .collect()
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn sink(&self, transport: &str) -> Value {
        let address = format!("127.0.0.1:{}", self.port);
        let tls = (transport == "tls").then(|| {
            json!({"ca": self.file("ca.pem"), "certificate": self.file("sensor.pem"),
                "key": self.file("sensor.key"), "server_name": "server"})
        });
        json!({"transport": transport, "address": address, "tls": tls})
    }
}

fn run(folder: &Path) -> Process {
    let config = folder.join("rsyslog.conf");
    let pid = folder.join("pid");
    let _ = fs::remove_file(&pid);
    let program = program("rsyslogd").unwrap();
    let mut command = Command::new(program);
    Process::start(command.arg("-n").arg("-f").arg(config).arg("-i").arg(pid))
}

fn config(folder: &Path, transport: &str, port: u16) -> String {
    let folder = folder.display();
    let module = match transport {
        "udp" => "module(load=\"imudp\")\n",
        "tcp" => "module(load=\"imtcp\")\n",
        _ => {
            "module(load=\"imtcp\" StreamDriver.Name=\"ossl\" StreamDriver.Mode=\"1\" \
              StreamDriver.AuthMode=\"x509/name\" PermittedPeer=[\"sensor\"])\n"
        }
    };
    let input = if transport == "udp" { "imudp" } else { "imtcp" };
    format!(
        "global(workDirectory=\"{folder}\" defaultNetstreamDriverCAFile=\"{folder}/ca.pem\" \
         defaultNetstreamDriverCertFile=\"{folder}/server.pem\" \
         defaultNetstreamDriverKeyFile=\"{folder}/server.key\")\n\
         {module}\
         template(name=\"line\" type=\"string\" string=\"%structured-data%\\t%msg%\\n\")\n\
         input(type=\"{input}\" address=\"127.0.0.1\" port=\"{port}\")\n\
         action(type=\"omfile\" file=\"{folder}/received\" template=\"line\")\n"
    )
}

async fn everything_arrives_in_order(transport: &str) {
    let Some(receiver) = Receiver::start(transport).await else {
        return;
    };
    let rig = Rig::start("syslog", receiver.sink(transport)).await;
    rig.record(&incidents(0..500));
    rig.record(&incidents(500..1000));
    until("rsyslogd wrote everything", || {
        receiver.lines().len() >= 1000
    })
    .await;
    rig.until_taken().await;
    assert_eq!(receiver.ids(), ids(0..1000));
    rig.until_counted(1000.0).await;
    assert_eq!(rig.value(Metric::SendErrors), 0.0);
    let first = &receiver.lines()[0];
    assert!(first.contains(" client_ip=\"10.0.0.5\" "), "{first}");
    assert!(first.ends_with(&incident(0).sentence), "{first}");
    assert_eq!(rig.stop().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_arrives_over_udp() {
    everything_arrives_in_order("udp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_arrives_over_tcp() {
    everything_arrives_in_order("tcp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_arrives_over_tls_with_a_client_certificate() {
    everything_arrives_in_order("tls").await;
}

/// Feeds while the receiver is killed and started again: every incident arrives, the first copy of
/// each in order, and copies are equal.
async fn nothing_is_lost_when_the_receiver_dies(transport: &str) {
    let Some(mut receiver) = Receiver::start(transport).await else {
        return;
    };
    let rig = Rig::start("syslog", receiver.sink(transport)).await;
    let batches = (0..60).map(|batch| incidents(batch * 50..(batch + 1) * 50));
    for (number, batch) in batches.enumerate() {
        rig.record(&batch);
        tokio::time::sleep(Duration::from_millis(50)).await;
        if number == 25 || number == 45 {
            receiver.process.kill();
        }
        if number == 35 || number == 55 {
            receiver.process = run(receiver.folder.path());
        }
    }
    until("every incident arrived", || {
        in_order(&receiver.ids()).len() == 3000
    })
    .await;
    rig.until_taken().await;
    assert_eq!(in_order(&receiver.ids()), ids(0..3000));
    let (mut copies, all) = (receiver.lines(), receiver.ids().len());
    copies.sort_unstable();
    copies.dedup();
    assert_eq!(copies.len(), 3000, "a copy is the same line");
    assert!(rig.value(Metric::SendErrors) >= 1.0);
    rig.until_counted(3000.0).await;
    println!("{transport}: {} of {all} lines were copies", all - 3000);
    assert_eq!(rig.stop().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_over_tcp_when_the_receiver_dies() {
    nothing_is_lost_when_the_receiver_dies("tcp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_over_tls_when_the_receiver_dies() {
    nothing_is_lost_when_the_receiver_dies("tls").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_right_after_a_burst_loses_nothing_over_tls() {
    let Some(receiver) = Receiver::start("tls").await else {
        return;
    };
    let rig = Rig::start("syslog", receiver.sink("tls")).await;
    rig.record(&incidents(0..3000));
    assert_eq!(rig.stop().await, 0);
    until("rsyslogd wrote everything", || {
        receiver.lines().len() >= 3000
    })
    .await;
    assert_eq!(receiver.ids(), ids(0..3000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_does_not_know_us_takes_nothing() {
    let Some(receiver) = Receiver::start("tls").await else {
        return;
    };
    let mut sink = receiver.sink("tls");
    sink["tls"] = json!({"ca": receiver.file("ca.pem"), "server_name": "server"});
    let rig = Rig::start("syslog", sink).await;
    rig.record(&incidents(0..10));
    until("the refusals were seen", || {
        rig.value(Metric::SendErrors) >= 3.0
    })
    .await;
    assert_eq!(rig.owed(), 10, "nothing counts as taken");
    assert_eq!(receiver.lines().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_we_do_not_know_is_not_told_anything() {
    let Some(receiver) = Receiver::start("tls").await else {
        return;
    };
    let mut sink = receiver.sink("tls");
    sink["tls"]["server_name"] = json!("elsewhere");
    let rig = Rig::start("syslog", sink).await;
    rig.record(&incidents(0..10));
    until("the refusals were seen", || {
        rig.value(Metric::SendErrors) >= 2.0
    })
    .await;
    assert_eq!((rig.owed(), receiver.lines().len()), (10, 0));
}
