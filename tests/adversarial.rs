//! Attacks on the sensor itself: messages that lie about their length, that nest or never end, that
//! hide another, and streams that say two things at once.
//!
//! Each is written as frames and goes the whole way, from the capture to incidents. What the sensor
//! holds meanwhile is bounded, what it says is in proportion to what was sent, and it tells of it.

mod modbus;
mod opcua;
mod s7;
mod siege;

use serde_json::Value;

use self::siege::siege;
use crate::records::{self, Conversation, End};
use crate::support::{bulkhead, json_lines, stderr};

/// What the sensor made of an attack.
struct Outcome {
    /// One line for each record: frame, stage and function, or what else it is.
    records: Vec<String>,
    /// The rules of all incidents, in the order of their names.
    rules: Vec<String>,
}

/// Plays an attack; checks that it stayed within bounds.
fn suffer(attack: &Conversation) -> Outcome {
    siege(attack);
    let folder = tempfile::tempdir().unwrap();
    let [capture, operations, incidents] =
        ["attack.pcap", "operations", "incidents"].map(|name| folder.path().join(name));
    records::write(&capture, &attack.records);
    let words = [
        "replay".as_ref(),
        capture.as_os_str(),
        "--operations".as_ref(),
        operations.as_os_str(),
        "--incidents".as_ref(),
        incidents.as_os_str(),
    ];
    let output = bulkhead(words);
    assert!(output.status.success(), "{}", stderr(&output));
    let read = |path| json_lines(&std::fs::read_to_string(path).unwrap());
    let incidents = read(&incidents);
    let rules = incidents.iter().filter_map(|it| it["rule"].as_str());
    let mut rules: Vec<String> = rules.map(str::to_owned).collect();
    rules.sort();
    rules.dedup();
    Outcome {
        records: read(&operations).iter().map(line).collect(),
        rules,
    }
}

impl Outcome {
    #[track_caller]
    fn says(&self, wanted: &[&str]) -> &Self {
        assert_eq!(self.records, wanted);
        self
    }

    #[track_caller]
    fn raises(&self, wanted: &[&str]) -> &Self {
        assert_eq!(self.rules, wanted);
        self
    }
}

fn line(record: &Value) -> String {
    let frame = &record["frame"];
    if let Some(malformed) = record.get("malformed") {
        return format!("{frame} malformed {}", malformed["field"].as_str().unwrap());
    }
    if let Some(gap) = record.get("gap") {
        return format!("{frame} gap {}", gap["bytes"]);
    }
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (stage, function) = (word(&record["stage"]), word(&record["function"]["name"]));
    format!("{frame} {stage} {function}")
}

/// An intruder's connection to a device.
fn connection(port: u16) -> Conversation {
    let client = End {
        mac: [0x3c, 0x97, 0x0e, 0x0a, 0x10, 0x99],
        ip: [10, 10, 10, 99],
        port: 40_001,
    };
    let server = End {
        mac: [0x00, 0x80, 0xf4, 0x0a, 0x10, 0x21],
        ip: [10, 10, 10, 21],
        port,
    };
    Conversation::open(client, server)
}
