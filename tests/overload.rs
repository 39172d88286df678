//! A sensor that frames come to faster than it can judge them: what it leaves out is counted to the frame, said, and over when
//! the load is; what is new is found all the same, and nothing is found that is not there.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::mirror::{Mirror, Sensor, wait_until};
use crate::records::{self, Conversation, End, Record};
use crate::support::{field, json_lines, root, says};

#[test]
fn a_burst_at_full_speed_is_judged_to_the_frame() {
    let Some(mut mirror) = Mirror::build() else {
        return;
    };
    mirror.listen("{name: mirror, ring_mib: 256}");
    let burst = mirror.folder.path().join("burst.pcap");
    let mut frames = polling(0..PAIRS, TURNS / 4, None);
    for record in &mut frames {
        // every second connection is tagged
        let ports = [record.bytes[35], record.bytes[37]];
        if ports.iter().all(|port| port % 2 == 0) {
            record.bytes.splice(12..12, [0x81, 0, 0, 110]);
        }
    }
    let payloads = frames
        .iter()
        .filter(|record| record.bytes.len() > 58)
        .count() as u64;
    let sent = write(&burst, &frames);
    let mut sensor = mirror.watch(&root().join("policies/plant"));
    mirror.play_at_once(&burst);
    assert_eq!(all_read(&sensor, sent.frames), [sent.frames, 0]);
    assert_eq!(messages(&sensor), payloads);
    assert_eq!(shed(&sensor), [0, 0]);
    let tagged = sensor.metric("bulkhead_flow_tagged_frames_total");
    assert!(tagged > sent.frames / 3 && tagged < sent.frames, "{tagged}");
    sensor.ends_well();
    assert_eq!(stored(&mirror), Vec::<Value>::new());
}

#[test]
fn a_paused_sensor_catches_up_and_counts_every_frame() {
    let Some(mut mirror) = Mirror::build() else {
        return;
    };
    mirror.listen("{name: mirror, ring_mib: 64}");
    let flood = mirror.folder.path().join("flood.pcap");
    let sent = write(&flood, &polling(0..PAIRS, TURNS, Some(TURNS / 2)));
    let normal = mirror.folder.path().join("normal.pcap");
    write(&normal, &polling(0..PAIRS, TURNS / 10, None));
    let baseline = mirror.folder.path().join("normal.txt");
    says(&format!(
        "learn {} -o {}",
        normal.display(),
        baseline.display()
    ));

    let more = format!("baseline: {}\n", baseline.display());
    let mut sensor = mirror.watch_with(&root().join("policies/plant"), &more);
    sensor.running.signal("STOP");
    mirror.play_at_once(&flood);
    sensor.running.signal("CONT");
    let read = all_read(&sensor, sent.frames);
    assert_eq!(
        read,
        [sent.frames, 0],
        "nothing was lost before it was read"
    );
    let [alike, quiet] = shed(&sensor);
    assert!(alike > sent.payloads / 2, "{alike} of {sent:?}");
    assert_eq!(quiet, 0, "every conversation is new");
    assert_eq!(
        messages(&sensor) + alike,
        sent.payloads,
        "each message is judged or left out"
    );
    let conduit = "bulkhead_engine_shed_payloads_total{conduit=\"hmi-1 to mixer\"}";
    assert_eq!(sensor.metric(conduit), alike);

    // it has recovered: now everything is judged
    wait_until("the end of pressure", || {
        (sensor.metric("bulkhead_engine_pressure") == 0).then_some(())
    });
    let after = mirror.folder.path().join("after.pcap");
    let more = write(&after, &polling(100..101, 50, None));
    mirror.play(&[after]);
    all_read(&sensor, sent.frames + more.frames);
    assert_eq!(shed(&sensor), [alike, quiet]);
    assert_eq!(messages(&sensor) + alike, sent.payloads + more.payloads);

    wait_until("the end of the fault", || {
        (sensor.metric("bulkhead_mirror_fault{fault=\"overload\"}") == 0).then_some(())
    });
    sensor.ends_well();
    let stored = stored(&mirror);
    let rules: Vec<_> = stored
        .iter()
        .map(|incident| field(incident, "rule"))
        .collect();
    assert_eq!(rules, ["policy.target", "sensor.overload"], "{stored:#?}");
    assert_eq!(field(&stored[0], "count"), "1");
    let sentence = field(&stored[1], "sentence");
    assert!(
        sentence.contains(&format!("of {alike} frames the payload was left out")),
        "{sentence}"
    );
    assert!(
        sentence.contains("not fully seen: hmi-1 to plc-mixer (modbus)"),
        "{sentence}"
    );
}

#[test]
fn what_a_slow_sensor_lost_judged_and_left_out_adds_up() {
    let Some(mut mirror) = Mirror::build() else {
        return;
    };
    mirror.listen("{name: mirror, ring_mib: 4, shards: 2}");
    let flood = mirror.folder.path().join("flood.pcap");
    let sent = write(&flood, &polling(0..PAIRS, TURNS, None));
    let mut sensor = mirror.watch(&root().join("policies/plant"));
    std::thread::scope(|scope| {
        let player = scope.spawn(|| mirror.play_at_once(&flood));
        // a machine that is a tenth as fast
        while !player.is_finished() {
            sensor.running.signal("STOP");
            std::thread::sleep(Duration::from_millis(45));
            sensor.running.signal("CONT");
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    let [read, lost] = all_read(&sensor, sent.frames);
    assert_eq!(read + lost, sent.frames);
    let left_out: u64 = shed(&sensor).iter().sum();
    assert!(left_out > 0 && left_out < read, "{left_out} of {read}");
    sensor.ends_well();
    for incident in stored(&mirror) {
        assert_eq!(field(&incident, "kind"), "sensor", "{incident:#?}");
    }
}

/// What a capture holds.
#[derive(Debug)]
struct Sent {
    frames: u64,
    payloads: u64,
}

/// The HMI asks the mixer, in many connections, always the same; in one of them it once writes where it may not.
fn polling(connections: std::ops::Range<u16>, turns: u16, wrong: Option<u16>) -> Vec<Record> {
    let mut all: Vec<_> = connections.clone().map(open).collect();
    for turn in 0..turns {
        for (conversation, connection) in all.iter_mut().zip(connections.clone()) {
            let [high, low] = turn.to_be_bytes();
            let value = [high, low, 0, 0, 0, 7, 1, 3, 4, 0, 7, 0, low & 7];
            conversation.exchange(&[high, low, 0, 0, 0, 6, 1, 3, 0, 100, 0, 2], &value);
            if wrong == Some(turn) && connection == 3 {
                let write = [high, low, 0, 0, 0, 6, 1, 6, 0, 200, 0, 2];
                conversation.exchange(&write, &write);
            }
        }
    }
    // side by side
    let mut frames: Vec<_> = all
        .into_iter()
        .flat_map(|conversation| conversation.records.into_iter().enumerate())
        .collect();
    frames.sort_by_key(|(place, _)| *place);
    let frames = (0..).zip(frames);
    frames
        .map(|(number, (_, record))| Record {
            micros: START + number * 10,
            ..record
        })
        .collect()
}

fn open(connection: u16) -> Conversation {
    let hmi = End {
        mac: [0x00, 0x0c, 0x29, 0x1a, 0x10, 0x10],
        ip: [10, 10, 10, 10],
        port: 41_000 + connection,
    };
    let mixer = End {
        mac: [0x00, 0x80, 0xf4, 0x0a, 0x10, 0x21],
        ip: [10, 10, 10, 21],
        port: 502,
    };
    Conversation::open(hmi, mixer)
}

fn write(path: &Path, records: &[Record]) -> Sent {
    records::write(path, records);
    let payloads = records.iter().filter(|record| record.bytes.len() > 54);
    Sent {
        frames: records.len() as u64,
        payloads: payloads.count() as u64,
    }
}

/// Frames that were read and those that the kernel lost, once they are so many together.
fn all_read(sensor: &Sensor, frames: u64) -> [u64; 2] {
    wait_until("every frame", || {
        let read = sensor.metric("bulkhead_capture_frames_total");
        let lost = sensor.metric("bulkhead_capture_dropped_frames_total{by=\"kernel\"}");
        (read + lost >= frames).then_some([read, lost])
    })
}

fn shed(sensor: &Sensor) -> [u64; 2] {
    ["alike", "quiet"].map(|class| {
        sensor.metric(&format!(
            "bulkhead_engine_shed_frames_total{{class=\"{class}\"}}"
        ))
    })
}

fn messages(sensor: &Sensor) -> u64 {
    let (_, page) = sensor.ask("/metrics");
    let operations = page
        .lines()
        .filter(|line| line.starts_with("bulkhead_decode_operations_total{"));
    operations
        .map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap())
        .sum()
}

fn stored(mirror: &Mirror) -> Vec<Value> {
    let store = mirror.folder.path().join("sensor.db");
    let mut all = json_lines(&says(&format!(
        "incidents list --json --store {}",
        store.display()
    )));
    all.sort_by_key(|incident| field(incident, "rule"));
    all
}

const START: u64 = 1_767_225_600_000_000;
const PAIRS: u16 = 20;
const TURNS: u16 = 4_000;
