//! Messages as publishers put them on the wire, and what they are read as.

use model::{Direction, Said, Stamp, Transport};
use serde_json::{Value, json};

use super::{Messages, probe};
use crate::{Decoder, Limits, Probe};

/// A publisher with a 16-bit identifier, group 100 and two writers.
fn two_sets() -> Vec<u8> {
    let head = [
        0xf1,
        0x01, // version 1; publisher, group, payload header, more flags; 16-bit publisher
        0xb9, 0x22, // publisher 8889
        0x0f, 100, 0, 1, 0, 0, 0, 7, 0, 0x39,
        0x30, // group, version 1, number 7, sequence 12345
        2, 0x0a, 0xf2, 0x0b, 0xf2, // writers 61962 and 61963
    ];
    let first = [0x09, 5, 0, 1, 0, 6, 42, 0, 0, 0]; // key frame, sequence 5, one Int32
    let second = [0x81, 0x03]; // keep alive
    let sizes = [first.len() as u8, 0, second.len() as u8, 0];
    [&head[..], &sizes, &first, &second].concat()
}

/// One key frame of two fields, as data values.
fn one_set() -> Vec<u8> {
    let mut bytes = vec![0x51, 9, 1, 1, 0, 0x05, 2, 0];
    bytes.extend([0x01, 0x01, 1, 0x01, 0x0b]);
    bytes.extend(1.5f64.to_le_bytes());
    bytes
}

/// Signed and encrypted, with token 3 and a nonce of eight bytes.
fn secured(flags: u8) -> Vec<u8> {
    let mut bytes = vec![
        0xf1, 0x11, 1, 0, 0x01, 100, 0, 1, 1, 0, flags, 3, 0, 0, 0, 8,
    ];
    bytes.extend([0xaa; 8]);
    bytes.extend([0x5c; 40]);
    bytes
}

/// A probe for the metadata of writer 1, from publisher 2.
fn question() -> Vec<u8> {
    vec![0x91, 0x80, 0x04, 2, 1, 2, 1, 0, 0, 0, 1, 0]
}

fn record(bytes: &[u8]) -> Value {
    let mut decoder = Messages::new(&Limits::default());
    let mut heard = Value::Null;
    decoder.feed(
        Stamp::default(),
        Direction::Forward,
        bytes,
        &mut |said| match said {
            Said::Operation(operation) => {
                heard = serde_json::to_value(operation.detail).unwrap();
                heard["function"] = json!(operation.function.name);
                heard["verb"] = json!(operation.function.verb);
            }
            other => heard = json!(format!("{other:?}")),
        },
    );
    heard
}

#[test]
fn a_message_names_publisher_group_and_writers_and_shows_its_data_sets() {
    let record = record(&two_sets());
    let want = json!({
        "message": "UADP", "sequence": 12345, "security_mode": "none", "function": "pubsub_data", "verb": "subscribe",
        "pubsub": {
            "publisher_id": "8889", "writer_group_id": 100, "group_version": 1, "network_message_number": 7,
            "sequence": 12345, "writers": [61962, 61963], "signed": false, "encrypted": false,
            "datasets": [
                {"writer": 61962, "kind": "key_frame", "sequence": 5, "fields": 1, "values": [42]},
                {"writer": 61963, "kind": "keep_alive"}
            ]
        }
    });
    assert_eq!(record, want);
}

#[test]
fn fields_may_be_data_values_and_changes_have_their_places() {
    let sets = |bytes: &[u8]| record(bytes)["pubsub"]["datasets"].clone();
    assert_eq!(
        sets(&one_set()),
        json!([{"writer": 1, "kind": "key_frame", "fields": 2, "values": [true, 1.5]}])
    );
    let delta = [0x51, 9, 1, 1, 0, 0x81, 0x01, 1, 0, 4, 0, 7, 8, 0, 0, 0];
    assert_eq!(
        sets(&delta),
        json!([{"writer": 1, "kind": "delta_frame", "fields": 1, "values": [8]}])
    );
}

/// OPC 10000-14, 7.2.4.5.4 to 7.2.4.5.6.
#[test]
fn raw_fields_are_counted_in_changes_alone_and_what_is_not_valid_is_not_read() {
    let sets = |bytes: &[u8]| record(bytes)["pubsub"]["datasets"].clone();
    let delta = [0x51, 9, 1, 1, 0, 0x83, 0x01, 2, 0, 4, 0, 8, 5, 0, 9];
    let key = [0x51, 9, 1, 1, 0, 0x03, 2, 0, 4, 0];
    let invalid = [0x51, 9, 1, 1, 0, 0x80, 0x00, 1, 0, 4, 7, 0, 0, 0];
    let set = |kind: &str| json!({"writer": 1, "kind": kind});
    let mut counted = set("delta_frame");
    counted["fields"] = json!(2);
    counted["values"] = json!([]);
    assert_eq!(sets(&delta), json!([counted]));
    assert_eq!(sets(&key), json!([set("key_frame")]));
    assert_eq!(sets(&invalid), json!([set("key_frame")]));
}

#[test]
fn what_is_encrypted_is_said_to_be_and_not_read() {
    let both = record(&secured(3));
    assert_eq!(both["encrypted"], true);
    assert_eq!(both["security_mode"], "sign_and_encrypt");
    assert_eq!(both["token_id"], 3);
    assert_eq!(both["pubsub"]["writers"], json!([1]));
    assert_eq!(both["pubsub"]["datasets"], Value::Null);
    let signed = record(&secured(1));
    assert_eq!(signed["security_mode"], "sign");
    assert_eq!(signed["pubsub"]["signed"], true);
    assert!(record(&secured(2)).to_string().contains("not signed"));
}

#[test]
fn every_type_of_publisher_is_read() {
    let message = |kind: u8, id: &[u8]| {
        let bytes = [&[0xb1, kind][..], id, &[0x01, 5, 0, 0x02]].concat();
        record(&bytes)["pubsub"]["publisher_id"].clone()
    };
    assert_eq!(message(0, &[200]), "200");
    assert_eq!(message(1, &[0, 1]), "256");
    assert_eq!(message(2, &[0, 0, 1, 0]), "65536");
    assert_eq!(message(3, &[0, 0, 0, 0, 1, 0, 0, 0]), "4294967296");
    assert_eq!(message(4, &[3, 0, 0, 0, b'p', b'l', b'c']), "plc");
    let unknown = [0xb1, 6, 1, 0x01, 5, 0, 0x02];
    assert!(record(&unknown).to_string().contains("publisher_id"));
}

#[test]
fn chunks_and_discovery_say_which_they_are() {
    let mut chunk = vec![0xd1, 0x80, 0x01, 9, 1, 0];
    chunk.extend([4, 0, 0, 0, 0, 0, 0x10, 0x27, 0, 0, 1, 2, 3]);
    let part = record(&chunk);
    let want = json!({"sequence": 4, "offset": 0, "total": 10_000});
    assert_eq!(part["pubsub"]["chunk"], want);
    assert_eq!(part["pubsub"]["writers"], json!([1]));
    let probe = record(&question());
    assert_eq!(probe["function"], "pubsub_probe");
    assert_eq!(probe["verb"], "identify");
    let told = record(&[0x91, 0x80, 0x08, 2, 2, 1, 0, 9, 0]);
    assert_eq!(told["function"], "pubsub_announcement");
    assert_eq!(told["pubsub"]["discovery_type"], 2);
}

#[test]
fn a_class_identifier_is_shown_as_text() {
    let mut bytes = vec![0xb1, 0x08, 9];
    bytes.extend(0..16u8);
    bytes.extend([0x01, 5, 0, 0x02]);
    let class = &record(&bytes)["pubsub"]["dataset_class_id"];
    assert_eq!(class, "03020100-0504-0706-0809-0a0b0c0d0e0f");
}

#[test]
fn a_datagram_is_taken_for_one_where_every_byte_fits_and_else_in_doubt() {
    let check = |bytes: &[u8], want| {
        assert_eq!(probe(Transport::Udp, bytes), want, "{bytes:02x?}");
    };
    check(&two_sets(), Probe::Sure);
    check(&one_set(), Probe::Sure);
    check(&question(), Probe::Sure);
    check(&[two_sets(), vec![0]].concat(), Probe::Unsure);
    check(&one_set()[..12], Probe::Unsure);
    check(&secured(3), Probe::Unsure);
    // No publisher; no writer; a writer 0; another version; reserved bits.
    check(&[0x41, 1, 1, 0, 0x05, 0, 0], Probe::Never);
    check(&[0x11, 9, 0x05, 0, 0], Probe::Never);
    check(&[0x51, 9, 1, 0, 0, 0x05, 0, 0], Probe::Never);
    check(&[0x52, 9, 1, 1, 0, 0x05, 0, 0], Probe::Never);
    check(&[0x31, 9, 0xf1, 1, 0], Probe::Never);
    for (transport, want) in [
        (Transport::Ethernet, Probe::Sure),
        (Transport::Tcp, Probe::Never),
    ] {
        assert_eq!(probe(transport, &secured(3)), want);
    }
}

#[test]
fn a_message_that_is_cut_anywhere_is_read_or_said_to_be_malformed() {
    for whole in [two_sets(), one_set(), secured(3), question()] {
        for len in 0..whole.len() {
            assert!(!record(&whole[..len]).is_null());
        }
    }
}

#[test]
fn padding_behind_a_message_is_passed_over() {
    let padded = [one_set(), vec![0; 24]].concat();
    assert_eq!(record(&padded), record(&one_set()));
}
