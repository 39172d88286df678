//! What is wrong with a mirror port, told within half a minute by an incident of its own and by nothing else.
//!
//! Each test plays the same polling through a mirror with one fault; the policy allows it, and the baseline was learnt from
//! it as a sound mirror shows it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::mirror::{Mirror, Running, Sensor, wait_until};
use crate::records::{self, Conversation, End, Record};
use crate::support::{field, json_lines, root, says};

/// Shows a fault to a sensor; it must say so in time, and every incident is of this rule.
fn check(fault: &str, spoil: impl Fn(Vec<Record>) -> Vec<Record>) {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    let capture = write(&mirror, &spoil(polling(60)));
    let sensor = watch(&mirror);
    let begun = Instant::now();
    let player = mirror.play_in_time(&capture);
    told(&mirror, sensor, player, fault, begun);
}

/// Starts the sensor on the mirror, with a baseline of the same polling.
pub(crate) fn watch(mirror: &Mirror) -> Sensor {
    let folder = mirror.folder.path();
    let (sound, baseline) = (folder.join("sound.pcap"), folder.join("baseline.txt"));
    records::write(&sound, &polling(60));
    says(&format!(
        "learn {} -o {}",
        sound.display(),
        baseline.display()
    ));
    let more = format!("baseline: {}\n", baseline.display());
    mirror.watch_with(&root().join("policies/plant"), &more)
}

/// Waits until a fault is told, and looks at everything that was told.
fn told(mirror: &Mirror, mut sensor: Sensor, player: Running, fault: &str, begun: Instant) {
    sensor.wait_for_more(&format!("bulkhead_mirror_fault{{fault=\"{fault}\"}}"), 1);
    assert!(begun.elapsed() < WITHIN, "{:?}", begun.elapsed());
    sensor.ends_well();
    drop(player);
    let rule = format!("sensor.{fault}");
    let stored = stored(mirror);
    let [incident] = stored.as_slice() else {
        panic!("{stored:#?}");
    };
    for (name, value) in [("kind", "sensor"), ("rule", &rule)] {
        assert_eq!(field(incident, name), value, "{incident:#?}");
    }
    for name in ["owner", "action", "respond_within"] {
        assert!(!field(incident, name).is_empty(), "{name} of {incident:#?}");
    }
}

#[test]
fn one_direction_alone_is_told() {
    check("one_direction", |mut records| {
        records.retain(|record| record.bytes[6..12] == HMI);
        records
    });
}

#[test]
fn frames_that_come_twice_are_told() {
    check("duplicates", |records| {
        let twice = records.into_iter().flat_map(|record| {
            let micros = record.micros + 3;
            [record.clone(), Record { micros, ..record }]
        });
        twice.collect()
    });
}

#[test]
fn tags_that_vanish_are_told() {
    check("vlan_tags_stripped", |mut records| {
        for record in &mut records {
            if record.micros < START + 6_000_000 {
                record.bytes.splice(12..12, [0x81, 0, 0, 110]);
            }
        }
        records
    });
}

#[test]
fn frames_that_are_cut_short_are_told() {
    check("cut_short", |mut records| {
        for record in &mut records {
            record.bytes.truncate(60);
        }
        records
    });
}

#[test]
fn frames_that_are_missing_are_told_as_loss() {
    check("loss", |mut records| {
        let mut number = 0;
        records.retain(|_| {
            number += 1;
            number < 100 || number % 20 != 7
        });
        records
    });
}

#[test]
fn two_directions_on_two_ports_are_joined() {
    let Some(mut mirror) = Mirror::build() else {
        return;
    };
    mirror.add_port();
    let capture = write(&mirror, &polling(60));
    let sensor = watch(&mirror);
    let begun = Instant::now();
    let player = mirror.play_in_two(&capture, "00:0c:29:1a:10:10");
    sensor.wait_for_more("bulkhead_capture_port_frames_total{port=\"mirror\"}", 100);
    sensor.wait_for_more("bulkhead_capture_port_frames_total{port=\"other\"}", 100);
    told(&mirror, sensor, player, "split_directions", begun);
}

#[test]
fn frames_that_the_kernel_drops_are_told_and_counted() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    let capture = write(&mirror, &polling(1));
    let sensor = mirror.watch(&root().join("policies/plant"));
    sensor.running.signal("STOP");
    let begun = Instant::now();
    let before = mirror.received();
    let flood = mirror.flood(&capture);
    wait_until("a full ring", || {
        (mirror.received() > before + 400_000).then_some(())
    });
    drop(flood);
    sensor.running.signal("CONT");
    sensor.wait_for_more("bulkhead_mirror_fault{fault=\"drops\"}", 1);
    assert!(begun.elapsed() < WITHIN, "{:?}", begun.elapsed());
    let dropped = sensor.metric("bulkhead_capture_dropped_frames_total{by=\"kernel\"}");
    let read = sensor.metric("bulkhead_capture_frames_total");
    assert!(dropped > 0 && read > 0, "{dropped} {read}");
}

#[test]
fn a_quiet_port_is_told_forgets_its_flows_and_stops_at_once() {
    let Some(mirror) = Mirror::build() else {
        return;
    };
    let mut sensor = mirror.watch(&root().join("policies/plant"));
    let begun = Instant::now();
    let quiet = "bulkhead_mirror_fault{fault=\"no_traffic\"}";
    sensor.wait_for_more(quiet, 1);
    wait_until("the incident in the store", || {
        (stored(&mirror).len() == 1).then_some(())
    });
    assert!(begun.elapsed() < WITHIN, "{:?}", begun.elapsed());

    mirror.play(&[root().join("pcaps/browse-walk.pcap")]);
    wait_until("the end of silence", || {
        (sensor.metric(quiet) == 0).then_some(())
    });
    wait_until("the end of all flows", || {
        (sensor.metric("bulkhead_flow_open_flows") == 0).then_some(())
    });
    let (code, took) = sensor.running.stop();
    assert_eq!(code, Some(0), "{}", sensor.running.said());
    assert!(took < Duration::from_secs(5), "{took:?}");
    let silence = stored(&mirror);
    let silence = silence
        .iter()
        .find(|incident| incident["rule"] == "sensor.no_traffic");
    let sentence = field(silence.unwrap(), "sentence");
    assert!(sentence.contains("`mirror` showed no frame"), "{sentence}");
    assert!(sentence.contains("this was over"), "{sentence}");
}

#[test]
fn a_clock_that_is_set_during_polling_is_told_and_nothing_of_the_plant() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("policy.yaml"), RATED).unwrap();
    let sound = polling_by(&[41_001, 41_002, 41_003], 40);
    records::write(&path("sound.pcap"), &sound);
    let (capture, baseline) = (path("sound.pcap"), path("baseline.txt"));
    says(&format!(
        "learn {} -o {}",
        capture.display(),
        baseline.display()
    ));
    assert_eq!(
        judged(&folder, &path("policy.yaml"), &baseline, &sound),
        [""; 0]
    );
    for step in [-86_400, -3_600, -60, -3, 60, 600, 3_000] {
        let stepped = stepped(&sound, step);
        let rules = judged(&folder, &path("policy.yaml"), &baseline, &stepped);
        assert_eq!(rules, ["sensor.clock_step"], "by {step} s");
    }
}

#[test]
fn a_clock_that_is_set_under_real_stacks_makes_nothing_of_the_plant_look_new() {
    let folder = tempfile::tempdir().unwrap();
    let (plant, baseline) = (
        root().join("policies/plant"),
        root().join("pcaps/normal.baseline.txt"),
    );
    let sound = records::read(&root().join("pcaps/normal.pcap"));
    for step in [-86_400, -3_600, -60, -3, 60, 600, 3_000, 7_200, 90_000] {
        let mut rules = judged(&folder, &plant, &baseline, &stepped(&sound, step));
        // a step forward during four seconds of traffic looks like a pause
        rules.retain(|rule| rule != "sensor.clock_step");
        assert_eq!(rules, [""; 0], "by {step} s");
    }
}

#[test]
fn a_late_start_makes_nothing_of_the_plant_look_new() {
    let folder = tempfile::tempdir().unwrap();
    let (plant, baseline) = (
        root().join("policies/plant"),
        root().join("pcaps/normal.baseline.txt"),
    );
    let all = records::read(&root().join("pcaps/normal.pcap"));
    for first in (0..all.len()).step_by(20) {
        let rules = judged(&folder, &plant, &baseline, &all[first..]);
        assert_eq!(rules, [""; 0], "from frame {first} on");
    }
}

/// The same with a clock that is set by so many seconds in the middle.
fn stepped(records: &[Record], seconds: i64) -> Vec<Record> {
    let middle = records.len() / 2;
    let moved = records.iter().enumerate().map(|(place, record)| {
        let by = if place < middle {
            0
        } else {
            seconds * 1_000_000
        };
        Record {
            micros: record.micros.saturating_add_signed(by),
            bytes: record.bytes.clone(),
        }
    });
    moved.collect()
}

/// The rules of the incidents that a replay of these frames finds.
fn judged(
    folder: &tempfile::TempDir,
    policy: &Path,
    baseline: &Path,
    records: &[Record],
) -> Vec<String> {
    let capture = folder.path().join("judged.pcap");
    let incidents = folder.path().join("judged.jsonl");
    records::write(&capture, records);
    says(&format!(
        "replay {} --policy {} --baseline {} --incidents {}",
        capture.display(),
        policy.display(),
        baseline.display(),
        incidents.display()
    ));
    let told = json_lines(&std::fs::read_to_string(incidents).unwrap());
    told.iter()
        .map(|incident| field(incident, "rule"))
        .collect()
}

/// The polling conforms, and so closely that a window of the rate that does not end shows.
const RATED: &str = "\
version: 1
site: {name: plant, owner: controls}
zones:
  cell: {owner: controls, members: {cidr: 10.10.10.0/24}}
assets:
  hmi-1: {ip: 10.10.10.10}
  plc-mixer: {ip: 10.10.10.21}
conduits:
  polling:
    from: {asset: hmi-1}
    to: {asset: plc-mixer}
    allow: {protocol: modbus, verbs: read, targets: ['holding:100-101'], rate: 45/1s}
";

/// The HMI asks the mixer in two connections, ten times a second each.
pub(crate) fn polling(seconds: u64) -> Vec<Record> {
    polling_by(&[41_001, 41_002], seconds)
}

/// The same in a connection from each of these ports.
fn polling_by(ports: &[u16], seconds: u64) -> Vec<Record> {
    let mut records = Vec::new();
    for port in ports.iter().copied() {
        let hmi = End {
            mac: HMI,
            ip: [10, 10, 10, 10],
            port,
        };
        let mixer = End {
            mac: [0x00, 0x80, 0xf4, 0x0a, 0x10, 0x21],
            ip: [10, 10, 10, 21],
            port: 502,
        };
        let mut conversation = Conversation::open(hmi, mixer);
        for turn in 0..seconds * 10 {
            let [high, low] = (turn as u16).to_be_bytes();
            let value = [high, low, 0, 0, 0, 7, 1, 3, 4, 0, 7, 0, 8];
            conversation.exchange(&[high, low, 0, 0, 0, 6, 1, 3, 0, 100, 0, 2], &value);
        }
        for (place, mut record) in conversation.records.into_iter().enumerate() {
            record.micros = START + place as u64 * 50_000 + u64::from(port - 41_000) * 2_000;
            number(&mut record.bytes, place as u16 + 1);
            records.push(record);
        }
    }
    records.sort_by_key(|record| record.micros);
    records
}

/// Gives a packet the number that its sender would.
fn number(frame: &mut [u8], id: u16) {
    frame[18..20].copy_from_slice(&id.to_be_bytes());
    frame[24..26].fill(0);
    let checksum = records::checksum(&frame[14..34]);
    frame[24..26].copy_from_slice(&checksum);
}

pub(crate) fn write(mirror: &Mirror, records: &[Record]) -> PathBuf {
    let path = mirror.folder.path().join("polling.pcap");
    records::write(&path, records);
    path
}

/// What is in the sensor's store.
pub(crate) fn stored(mirror: &Mirror) -> Vec<Value> {
    let store = mirror.folder.path().join("sensor.db");
    json_lines(&says(&format!(
        "incidents list --json --store {}",
        store.display()
    )))
}

/// What its sink took so far; it may be in the middle of a line.
pub(crate) fn archived(mirror: &Mirror) -> Vec<Value> {
    let archive = mirror.folder.path().join("incidents.jsonl");
    let text = std::fs::read_to_string(archive).unwrap_or_default();
    json_lines(text.rsplit_once('\n').map_or("", |(whole, _)| whole))
}

const HMI: [u8; 6] = [0x00, 0x0c, 0x29, 0x1a, 0x10, 0x10];
const START: u64 = 1_767_225_600_000_000;
/// How soon a fault is to be told.
const WITHIN: Duration = Duration::from_secs(30);
