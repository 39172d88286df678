//! What Zeek says of captures in other forms than ICSNPP's logs.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::{read, zeek};
use crate::records;
use crate::support::{logs_of, shared};

/// Zeek's events of a capture, each with its values.
#[test]
fn every_modbus_event_of_zeek_is_half_a_transaction() {
    let Some(folder) = shared("captures/modbus") else {
        return;
    };
    let events = folder.join("zeek__modbusSmall.pcap.expected/zeek/output");
    let events = std::fs::read_to_string(events).unwrap();
    let events = events.lines().filter(|line| !line.starts_with('#'));
    let mut theirs: BTreeSet<_> = events.map(Event::read).collect();
    assert_eq!(theirs.len(), 64);
    let ours = logs_of(&folder.join("zeek__modbusSmall.pcap"));
    let halves = ours["modbus_detailed"].iter().flat_map(Event::halves);
    for event in ours["modbus"].iter().map(Event::message).chain(halves) {
        assert!(theirs.remove(&event), "{event:?} is none of theirs");
    }
    assert_eq!(theirs, BTreeSet::new());
}

/// An event: its name, the client's port, its values as Zeek prints them.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Event {
    name: String,
    port: String,
    values: String,
}

impl Event {
    fn read(line: &str) -> Self {
        let (name, rest) = line.strip_prefix("1 ").unwrap().split_once(", ").unwrap();
        let (_, port) = rest.split_once("orig_p=").unwrap();
        let (_, headers) = rest.split_once("[tid=").unwrap();
        Self {
            name: name.to_owned(),
            port: port.split_once('/').unwrap().0.to_owned(),
            values: headers.split_once("], ").unwrap().1.to_owned(),
        }
    }

    fn of(row: &Value, name: String, values: String) -> Self {
        let port = row["id.orig_p"].to_string();
        Self { name, port, values }
    }

    fn message(row: &Value) -> Self {
        let is_orig = if row["pdu_type"] == "REQ" { "T" } else { "F" };
        Self::of(row, "modbus_message".to_owned(), is_orig.to_owned())
    }

    fn halves(row: &Value) -> [Self; 2] {
        let function = row["func"].as_str().unwrap().to_lowercase();
        let (address, quantity) = (&row["address"], &row["quantity"]);
        let place = format!("{address}, {quantity}");
        let [asked, answered] = match function.as_str() {
            "read_coils" => [place, coils(&row["response_values"], &row["response_data"])],
            _ => [
                format!("{address}, {}", coils(&row["request_values"], &Value::Null)),
                place,
            ],
        };
        [
            Self::of(row, format!("modbus_{function}_request"), asked),
            Self::of(row, format!("modbus_{function}_response"), answered),
        ]
    }
}

/// Coils as Zeek prints them, those that fill the last byte included.
fn coils(values: &Value, padding: &Value) -> String {
    let values = values.as_array().unwrap().iter().map(Value::to_string);
    let padding = padding.as_str().into_iter().flat_map(|it| it.split(','));
    let bits = values.chain(padding.map(str::to_owned));
    let bits: Vec<_> = bits.map(|bit| if bit == "1" { "T" } else { "F" }).collect();
    format!("[{}]", bits.join(", "))
}

/// Another analyser of COTP for Zeek counts the units of each connection, those apart that are empty.
#[test]
fn an_independent_count_of_cotp_agrees() {
    let Some(folder) = shared("captures/s7comm") else {
        return;
    };
    let name = "wireshark-wiki__s7comm_downloading_block_db1.pcap";
    let theirs = read(&folder.join(format!("{name}.expected/zeek-cotp/cotp3.log")));
    let ours = &logs_of(&folder.join(name))["cotp"];
    let column = |name: &str| theirs.fields.iter().position(|it| it == name).unwrap();
    assert_eq!(theirs.rows.len(), 3);
    for row in &theirs.rows {
        let is_end = |it: &Value, end: &str| zeek(&it[end], end) == row[column(end)];
        let ends = ["id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p"];
        let flow = ours
            .iter()
            .filter(|it| ends.iter().all(|end| is_end(it, end)));
        let count = |name: &str| flow.clone().filter(|it| it["pdu_name"] == name).count();
        let says = |name: &str| row[column(name)] == "T";
        let port: u16 = row[column("id.orig_p")].parse().unwrap();
        let full = count("DT Data") - empty_units(&folder.join(name), port);
        assert_eq!(full.to_string(), row[column("data_pkts")]);
        assert_eq!(count("CR Connection Request") > 0, says("has_connect"));
        assert_eq!(count("DR Disconnect Request") > 0, says("has_disconnect"));
        assert_eq!(count("ER TPDU Error") > 0, says("error"));
    }
}

/// How many frames to or from a port carry a data unit that holds nothing.
fn empty_units(capture: &Path, port: u16) -> usize {
    let empty = [3, 0, 0, 7, 2, 0xf0];
    let records = records::read(capture);
    let of_port = records.iter().filter(|it| {
        let (source, destination) = (&it.bytes[34..36], &it.bytes[36..38]);
        source == port.to_be_bytes() || destination == port.to_be_bytes()
    });
    of_port
        .filter(|it| it.bytes[54..].starts_with(&empty))
        .count()
}
