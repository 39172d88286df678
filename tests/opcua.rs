//! OPC UA from the outside: who is who with a reverse hello, `PubSub` over Ethernet, subscriptions that change their connection,
//! passwords.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::records::{self, Conversation, End, Record};
use crate::support::{field, json_lines, says, shared};

const TANK: End = End {
    mac: [0x00, 0x01, 0x05, 0x0a, 0x20, 0x41],
    ip: [10, 10, 20, 41],
    port: 50_123,
};
const OFFICE: End = End {
    port: 50_001,
    ..HMI
};
const HMI: End = End {
    mac: [0x00, 0x0c, 0x29, 0x1a, 0x20, 0x10],
    ip: [10, 10, 20, 10],
    port: 4840,
};

#[test]
fn with_a_reverse_hello_the_one_who_connects_is_the_server_in_every_incident_and_role() {
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("reverse.pcap");
    let mut conversation = Conversation::open(TANK, HMI);
    let reverse = chunk(
        "RHEF",
        &[string("urn:tank"), string("opc.tcp://tank")].concat(),
    );
    let hello = chunk("HELF", &[vec![0; 20], string("opc.tcp://tank")].concat());
    conversation.exchange(&reverse, &hello);
    conversation.exchange(&chunk("ACKF", &[0; 20]), &read_request());
    records::write(&capture, &conversation.records);
    let capture = capture.to_str().unwrap();

    let devices: Value =
        serde_json::from_str(&says(&format!("inventory {capture} --json"))).unwrap();
    let devices = devices
        .as_array()
        .or_else(|| devices["devices"].as_array())
        .unwrap()
        .clone();
    let roles = |ip: &str| {
        let device = devices.iter().find(|device| device["ip"] == ip);
        device.map(|device| device["roles"].clone())
    };
    assert_eq!(roles("10.10.20.41"), Some(json!([["opcua", "server"]])));
    assert_eq!(roles("10.10.20.10"), Some(json!([["opcua", "client"]])));

    let replay = format!("replay {capture} --policy policies/plant --incidents -");
    let wrong: Vec<_> = json_lines(&says(&replay))
        .into_iter()
        .filter(|incident| field(incident, "client.ip") != "10.10.20.10")
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn pubsub_is_read_from_ethernet_frames_with_and_without_a_tag() {
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("uadp.pcap");
    let message = [0x51, 9, 1, 1, 0, 0x01, 1, 0, 6, 42, 0, 0, 0];
    let group = [0x01, 0x1b, 0x19, 0, 0, 1];
    let frame = |tag: &[u8]| {
        let head = [&group[..], &TANK.mac, tag, &[0xb6, 0x2c]].concat();
        [&head[..], &message, &[0; 33]].concat()
    };
    let frames = [frame(&[]), frame(&[0x81, 0, 0, 7])];
    let frames: Vec<_> = (1u64..)
        .zip(frames)
        .map(|(second, bytes)| Record {
            micros: second * 1_000_000,
            bytes,
        })
        .collect();
    records::write(&capture, &frames);
    let replay = format!("replay {} --operations -", capture.to_str().unwrap());
    let said: Vec<_> = says(&replay)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .collect();
    assert_eq!(said.len(), 2, "{said:#?}");
    for record in &said {
        assert_eq!(record["src"], json!({"mac": "00:01:05:0a:20:41"}));
        assert_eq!(record["dst"], json!({"mac": "01:1b:19:00:00:01"}));
        assert_eq!(record["function"]["name"], "pubsub_data");
        assert_eq!(record["opcua"]["pubsub"]["publisher_id"], "9");
        let values = &record["opcua"]["pubsub"]["datasets"][0]["values"];
        assert_eq!(values, &json!([42]));
    }
}

#[test]
fn a_transferred_subscription_tells_its_nodes_on_the_other_connection() {
    let item = [
        &[1, 2, 8, 0, 13, 0, 0, 0][..], // ns=2;i=8, its value
        &[0xff, 0xff, 0xff, 0xff, 0, 0, 0xff, 0xff, 0xff, 0xff],
        &[2, 0, 0, 0],          // reporting
        &[5, 0, 0, 0, 0, 0, 0], // the client's number for it
        &[0; 12],
        &[1],
    ];
    let item = [&[9, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0], &item.concat()[..]].concat();
    let made = [&[1, 0, 0, 0, 0, 0, 0, 0, 31][..], &[0; 18], &[0xff; 4]].concat();
    let mut first = Conversation::open(OFFICE, TANK);
    first.exchange(&request(1, 751, &item), &response(1, 754, &made));

    let transfer = [&[1, 0, 0, 0, 9, 0, 0, 0, 0][..]].concat();
    let given = [&[1, 0, 0, 0, 0, 0, 0, 0][..], &[0xff; 8]].concat();
    let value = [&[1, 0, 0, 0, 5, 0, 0, 0, 1, 6, 50, 0, 0, 0][..], &[0xff; 4]].concat();
    let news = [
        &[9, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 1, 0, 0, 0][..],
        &[0; 8],
        &[1, 0, 0, 0, 1, 0, 0x2b, 3, 1, 18, 0, 0, 0],
        &value,
        &[0xff; 8],
    ];
    let mut second = Conversation::open(
        End {
            port: OFFICE.port + 1,
            ..OFFICE
        },
        TANK,
    );
    second.exchange(&request(1, 841, &transfer), &response(1, 844, &given));
    second.exchange(
        &request(2, 826, &[0xff; 4]),
        &response(2, 829, &news.concat()),
    );

    let told = |conversations: &[&Conversation]| {
        let folder = tempfile::tempdir().unwrap();
        let capture = folder.path().join("transfer.pcap");
        records::write(&capture, conversations.iter().flat_map(|it| &it.records));
        let replay = format!("replay {} --operations -", capture.to_str().unwrap());
        let said = says(&replay);
        let mut records = said
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let last = records.next_back().unwrap();
        assert_eq!(last["opcua"]["service"], "PublishResponse", "{last}");
        last["opcua"]["nodes"][0].clone()
    };
    let named = told(&[&first, &second]);
    assert_eq!(named["id"], "ns=2;i=8", "{named}");
    let unnamed = told(&[&second]);
    assert_eq!(unnamed["id"], Value::Null, "{unnamed}");
    assert_eq!(unnamed["client_handle"], 5, "{unnamed}");
}

#[test]
fn no_password_of_a_capture_leaves_in_any_output() {
    let Some(folder) = shared("captures/opcua") else {
        return;
    };
    let passwords = ["password1", "password"];
    let mut logins = 0;
    for path in captures(&folder) {
        let name = path.to_str().unwrap();
        let outputs = ["--operations -", "--incidents -", "--json"];
        let mut everything = says(&format!("inventory {name} --json"));
        for output in outputs {
            everything += &says(&format!("replay {name} {output}"));
        }
        logins += everything.matches("\"clear_password\":true").count();
        for line in everything.lines() {
            for password in passwords {
                assert!(!as_value(line, password), "{name}: {line}");
            }
        }
    }
    assert!(logins > 0, "no capture had a password in clear");
}

/// Whether a text stands as a whole JSON string, or as its bytes in hexadecimal.
fn as_value(line: &str, text: &str) -> bool {
    let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    line.contains(&format!("\"{text}\"")) || line.contains(&digits)
}

fn captures(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let kind = path.extension().and_then(|kind| kind.to_str());
            path.is_file() && matches!(kind, Some("pcap" | "pcapng"))
        })
        .collect();
    found.sort();
    found
}

/// A read of one node.
fn read_request() -> Vec<u8> {
    let parameters = [
        &[0; 12][..],                           // age, timestamps
        &[1, 0, 0, 0, 1, 0, 8, 0, 13, 0, 0, 0], // one node, its value
        &[0xff, 0xff, 0xff, 0xff, 0, 0, 0xff, 0xff, 0xff, 0xff],
    ];
    request(1, 631, &parameters.concat())
}

/// A request of channel 7 with this number and type.
fn request(number: u32, id: u16, parameters: &[u8]) -> Vec<u8> {
    let header = [
        &[0, 0][..],               // no session
        &[0; 8],                   // time
        &[1, 0, 0, 0, 0, 0, 0, 0], // handle, diagnostics
        &[0xff; 4],                // audit
        &[0; 7],                   // timeout, additional header
    ];
    message(number, id, &[&header.concat(), parameters].concat())
}

/// The answer to it, which is good.
fn response(number: u32, id: u16, parameters: &[u8]) -> Vec<u8> {
    let header = [
        &[0; 8][..],               // time
        &[1, 0, 0, 0, 0, 0, 0, 0], // handle, result
        &[0],                      // diagnostics
        &[0xff; 4],                // strings
        &[0; 3],                   // additional header
    ];
    message(number, id, &[&header.concat(), parameters].concat())
}

fn message(number: u32, id: u16, rest: &[u8]) -> Vec<u8> {
    let numbers = [7u32, 1, number, number].map(u32::to_le_bytes);
    let [low, high] = id.to_le_bytes();
    let parts = [numbers.as_flattened(), &[1, 0, low, high], rest];
    chunk("MSGF", &parts.concat())
}

fn string(text: &str) -> Vec<u8> {
    [&(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat()
}

fn chunk(letters: &str, body: &[u8]) -> Vec<u8> {
    let size = 8 + body.len() as u32;
    [letters.as_bytes(), &size.to_le_bytes(), body].concat()
}
