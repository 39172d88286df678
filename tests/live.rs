//! The sensor on a mirror port: what it finds is what replay finds in a recording of that port,
//! and signals do what they promise.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::mirror::{Mirror, Sensor, wait_until};
use crate::records::{self, Conversation, End};
use crate::support::{field, json_lines, own_captures, root, says, stderr, stdout};

#[test]
fn live_equals_replay() {
    check_live("{name: mirror, ring_mib: 16}");
}

/// A sensor that listens as `ports` says finds what replay finds in a recording. Returns what it counted of conversations, by
/// name; `None` where no mirror can be built.
pub(crate) fn check_live(ports: &str) -> Option<BTreeMap<String, String>> {
    let mut mirror = Mirror::build()?;
    mirror.listen(ports);
    let policy = root().join("policies/plant");
    let recording = mirror.folder.path().join("recording.pcap");
    let mut recorder = mirror.record(&recording);
    let mut sensor = mirror.watch(&policy);
    let frames = mirror.play(&own_captures());
    sensor.wait_for_metric("bulkhead_capture_frames_total", frames);
    let counted = counted(&sensor);
    assert_eq!(
        sensor.metric("bulkhead_capture_dropped_frames_total{by=\"kernel\"}"),
        0
    );
    sensor.ends_well();
    let whole: u64 = own_captures().iter().map(|path| frame_bytes(path)).sum();
    wait_until("the recorder", || {
        (frame_bytes(&recording) >= whole).then_some(())
    });
    recorder.stop();

    let words = format!(
        "replay {} --policy {}",
        recording.display(),
        policy.display()
    );
    let replayed = latest(&says(&format!("{words} --incidents -")));
    assert!(replayed.len() > 10);
    let said = sensor.running.said();
    assert_eq!(archived(&mirror), replayed, "in the sink; {said}");
    assert_eq!(stored(&mirror), replayed, "in the store; {said}");
    Some(counted)
}

/// What a sensor counted of flows, messages and verdicts.
fn counted(sensor: &Sensor) -> BTreeMap<String, String> {
    let (_, page) = sensor.ask("/metrics");
    let series = page.lines().filter_map(|line| line.rsplit_once(' '));
    let rooms = ["bulkhead_flow_", "bulkhead_decode_", "bulkhead_policy_"];
    series
        .filter(|(name, _)| rooms.iter().any(|room| name.starts_with(room)))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[test]
fn a_quiet_sensor_answers_and_stops_at_once() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    let mut sensor = mirror.watch(&root().join("policies/plant"));
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(sensor.ask(path).0, "HTTP/1.0 200 OK", "{path}");
    }
    lint(&sensor.ask("/metrics").1);
    let (code, took) = sensor.running.stop();
    assert_eq!(code, Some(0), "{}", sensor.running.said());
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn what_was_just_seen_is_on_disk_when_the_sensor_was_told_to_stop() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    let mut sensor = mirror.watch(&root().join("policies/plant"));
    mirror.play(&[root().join("pcaps/plc-stop.pcap")]);
    let (code, took) = sensor.running.stop();
    assert_eq!(code, Some(0), "{}", sensor.running.said());
    assert!(took < Duration::from_secs(5), "{took:?}");
    let stored = stored(&mirror);
    assert!(
        stored.values().any(|incident| incident["verb"] == "mode"),
        "{stored:#?}"
    );
    assert_eq!(archived(&mirror), stored);
}

#[test]
fn a_flood_does_not_keep_the_sensor_from_stopping() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    let mut sensor = mirror.watch(&root().join("policies/plant"));
    let flood = mirror.flood(&root().join("pcaps/normal.pcap"));
    sensor.wait_for_more("bulkhead_capture_frames_total", 10_000);
    let (code, took) = sensor.running.stop();
    drop(flood);
    assert_eq!(code, Some(0), "{}", sensor.running.said());
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[test]
fn a_changed_policy_takes_effect_and_a_bad_one_is_refused() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    let policy = mirror.folder.path().join("plant");
    copy(&root().join("policies/plant"), &policy);
    let conduits = policy.join("conduits.yaml");
    let shipped = std::fs::read_to_string(&conduits).unwrap();
    let mut sensor = mirror.watch(&policy);
    let mut frames = 0;
    let mut write = |sensor: &Sensor| {
        frames += mirror.play(&[setpoint(&mirror, frames)]);
        sensor.wait_for_metric("bulkhead_capture_frames_total", frames);
    };
    write(&sensor);

    let strict = shipped.replacen("holding:100-119", "holding:110-119", 1);
    assert_ne!(strict, shipped);
    std::fs::write(&conduits, &strict).unwrap();
    sensor.running.signal("HUP");
    sensor
        .running
        .wait_until_it_says("judging by the new policy");
    sensor.wait_for_metric("bulkhead_app_reloads_total{result=\"done\"}", 1);
    write(&sensor);

    let bad = shipped.replacen("asset: hmi-1", "asset: hmi-l", 1);
    std::fs::write(&conduits, bad).unwrap();
    sensor.running.signal("HUP");
    let said = sensor
        .running
        .wait_until_it_says("reload refused, 1 problem(s)");
    assert!(said.contains("conduits.yaml:5:"), "{said}");
    assert!(
        said.contains("no asset `hmi-l`; did you mean `hmi-1`?"),
        "{said}"
    );
    sensor.wait_for_metric("bulkhead_app_reloads_total{result=\"refused\"}", 1);
    write(&sensor);
    let (code, _) = sensor.running.stop();
    assert_eq!(code, Some(0), "{}", sensor.running.said());

    let stored: Vec<_> = stored(&mirror).into_values().collect();
    assert_eq!(stored.len(), 1, "{stored:#?}");
    for (name, value) in [
        ("rule", "policy.target"),
        ("client.asset", "hmi-1"),
        ("server.asset", "plc-mixer"),
        ("verb", "write"),
        ("count", "2"), // of three: the first was allowed, the last is judged as the second
    ] {
        assert_eq!(field(&stored[0], name), value, "{name} of {:#?}", stored[0]);
    }
}

#[test]
fn policies_that_change_under_load_find_what_they_name() {
    let Some(mut mirror) = Mirror::build() else {
        return;
    };
    // a ring of 16 MiB holds little more than a second of slow traffic, and a busy machine lets the sensor wait longer
    mirror.listen("{name: mirror, ring_mib: 128}");
    let policy = mirror.folder.path().join("plant");
    copy(&root().join("policies/plant"), &policy);
    let conduits = policy.join("conduits.yaml");
    let shipped = std::fs::read_to_string(&conduits).unwrap();
    let strict = shipped.replacen("holding:100-119", "holding:110-119", 1);
    let mut sensor = mirror.watch(&policy);
    let reloads = 6;
    let done = AtomicBool::new(false);
    let frames = std::thread::scope(|scope| {
        let ending = Ending(&done);
        let player = scope.spawn(|| {
            let mut played = 0;
            for number in 0.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                played += mirror.play(&[setpoints(&mirror, number, 300)]);
            }
            played
        });
        for reload in 1..=reloads {
            let text = if reload % 2 == 1 { &strict } else { &shipped };
            std::fs::write(&conduits, format!("{text}# {reload}\n")).unwrap();
            sensor.running.signal("HUP");
            wait_until("the new policy", || {
                let said = sensor.running.said();
                (said.matches("judging by the new policy").count() == reload).then_some(())
            });
            wait_for_frames(&sensor, 2_000);
        }
        drop(ending);
        player.join().unwrap()
    });
    sensor.wait_for_metric("bulkhead_capture_frames_total", frames);
    sensor.ends_well();

    let said = sensor.running.said();
    let versions = said.lines().filter_map(|line| {
        let (_, version) = line.split_once("reloaded: policy version ")?;
        Some(version.trim().to_owned())
    });
    let mut strict: Vec<_> = versions.step_by(2).collect();
    strict.sort();
    let stored = stored(&mirror).into_values();
    let mut named: Vec<_> = stored
        .map(|incident| {
            assert_eq!(field(&incident, "rule"), "policy.target");
            field(&incident, "because.policy_version")
        })
        .collect();
    named.sort();
    assert_eq!(named, strict, "{said}");
}

/// Waits until so many more frames were judged from now on. What is shown can be a second old: only what is shown anew tells.
fn wait_for_frames(sensor: &Sensor, frames: u64) {
    let series = "bulkhead_capture_frames_total";
    sensor.wait_for_more(series, sensor.metric(series) + 1);
    sensor.wait_for_more(series, sensor.metric(series) + frames);
}

/// Ends what runs beside a test, also where the test fails.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A capture of the HMI that moves a setpoint of the mixer, in a connection of its own.
fn setpoint(mirror: &Mirror, number: u64) -> PathBuf {
    setpoints(mirror, number, 1)
}

/// The same so many times.
fn setpoints(mirror: &Mirror, number: u64, times: u16) -> PathBuf {
    let port = 40_000 + number as u16;
    let hmi = End {
        mac: [0x00, 0x0c, 0x29, 0x1a, 0x10, 0x10],
        ip: [10, 10, 10, 10],
        port,
    };
    let mixer = End {
        mac: [0x00, 0x80, 0xf4, 0x0a, 0x10, 0x21],
        ip: [10, 10, 10, 21],
        port: 502,
    };
    let mut conversation = Conversation::open(hmi, mixer);
    for time in 1..=times {
        let [high, low] = time.to_be_bytes();
        let message = [high, low, 0, 0, 0, 6, 1, 6, 0, 100, 0, 43];
        conversation.exchange(&message, &message);
    }
    let path = mirror.folder.path().join(format!("setpoint-{port}.pcap"));
    records::write(&path, &conversation.records);
    path
}

/// How many bytes a capture has beside its own header.
fn frame_bytes(capture: &Path) -> u64 {
    std::fs::metadata(capture).unwrap().len().saturating_sub(24)
}

/// Holds a scrape against Prometheus' own opinion of it, where that is installed.
fn lint(metrics: &str) {
    let promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut promtool) = promtool else {
        println!("skipped: there is no promtool");
        return;
    };
    let mut stdin = promtool.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, metrics.as_bytes()).unwrap();
    drop(stdin);
    let output = promtool.wait_with_output().unwrap();
    let said = stdout(&output) + &stderr(&output);
    assert!(output.status.success() && said.is_empty(), "{said}");
}

/// The incidents in the sensor's store, by their identifiers.
fn stored(mirror: &Mirror) -> BTreeMap<String, Value> {
    let store: PathBuf = mirror.folder.path().join("sensor.db");
    latest(&says(&format!(
        "incidents list --json --store {}",
        store.display()
    )))
}

/// The incidents that the sink was told, as it was told last.
fn archived(mirror: &Mirror) -> BTreeMap<String, Value> {
    latest(&std::fs::read_to_string(mirror.folder.path().join("incidents.jsonl")).unwrap())
}

/// The last record of each incident, but for the name of the sensor.
fn latest(lines: &str) -> BTreeMap<String, Value> {
    let mut latest = BTreeMap::new();
    for mut incident in json_lines(lines) {
        incident.as_object_mut().unwrap().remove("sensor").unwrap();
        latest.insert(field(&incident, "id"), incident);
    }
    latest
}

/// Copies the files of a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}
