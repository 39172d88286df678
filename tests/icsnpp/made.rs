//! Logs of which no copy of theirs is at hand: captures made here, and the rows that ICSNPP's scripts
//! write of the same bytes.
//!
//! The Modbus transactions are those of ICSNPP's own example, as its published baseline
//! `modbus_detailed.log` shows them (cisagov/icsnpp-modbus, BSD-3-Clause); what differs is said.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::records::{self, Conversation, End};
use crate::support::logs_of;

const CLIENT: End = End {
    mac: [2, 0, 0, 0, 0, 1],
    ip: [192, 168, 1, 10],
    port: 47785,
};
const SERVER: End = End {
    mac: [2, 0, 0, 0, 0, 2],
    ip: [192, 168, 1, 200],
    port: 502,
};

/// Transactions: identifier, unit, the request's function and body, the answer's.
const TRANSACTIONS: [(u16, u8, &[u8], &[u8]); 23] = [
    (1, 4, &[1, 0, 1, 0, 1], &[1, 1, 0x01]),
    (2, 5, &[1, 0, 1, 0, 8], &[1, 1, 0xe9]),
    (3, 4, &[2, 0, 1, 0, 1], &[2, 1, 0x00]),
    (4, 5, &[2, 0, 1, 0, 8], &[2, 1, 0x2c]),
    (5, 4, &[3, 0, 1, 0, 1], &[3, 2, 0, 170]),
    (7, 4, &[4, 0, 1, 0, 1], &[4, 2, 0x8e, 0x2b]),
    (9, 6, &[5, 0, 1, 0xff, 0], &[5, 0, 1, 0xff, 0]),
    (10, 7, &[6, 0, 1, 0xab, 0xcd], &[6, 0, 1, 0xab, 0xcd]),
    (11, 2, &[7], &[7, 0x6d]),
    (12, 2, &[8, 0, 2, 0, 0], &[8, 0, 2, 0, 0]),
    (13, 7, &[15, 0, 1, 0, 4, 1, 0x09], &[15, 0, 1, 0, 4]),
    (
        14,
        7,
        &[16, 0, 1, 0, 4, 8, 0, 170, 0, 187, 0, 204, 0, 221],
        &[16, 0, 1, 0, 4],
    ),
    (15, 2, &[17], &[17, 2, 0x0a, 0xff]),
    (
        16,
        8,
        &[20, 7, 6, 0, 4, 0, 1, 0, 2],
        &[20, 6, 5, 6, 0x0d, 0xfe, 0x00, 0x20],
    ),
    (
        17,
        8,
        &[21, 9, 6, 0, 4, 0, 7, 0, 1, 0x06, 0xaf],
        &[21, 9, 6, 0, 4, 0, 7, 0, 1, 0x06, 0xaf],
    ),
    (
        18,
        4,
        &[22, 0, 10, 0, 0xf2, 0, 0x25],
        &[22, 0, 10, 0, 0xf2, 0, 0x25],
    ),
    (
        20,
        6,
        &[23, 0, 3, 0, 2, 0, 14, 0, 1, 2, 0, 255],
        &[23, 4, 0, 254, 10, 205],
    ),
    (22, 10, &[24, 0, 0], &[24, 0, 2, 0, 0]),
    (24, 10, &[24, 0, 5], &[24, 0, 6, 0, 2, 1, 0xb8, 0x12, 0x84]),
    (
        23,
        1,
        &[43, 14, 4, 0],
        &[
            43, 14, 4, 0x83, 0, 0, 2, 0, 3, b'I', b'N', b'L', 1, 2, b'P', b'1',
        ],
    ),
    (25, 1, &[43, 13, 1, 2], &[43, 13, 3, 4]),
    (26, 0, &[3, 2, 88, 0, 10], &[0x83, 2]),
    (27, 2, &[17], &[0x91, 4]),
];

#[test]
fn every_modbus_transaction_is_one_detailed_row() {
    let logs = modbus();
    let rows = bare(&logs["modbus_detailed"]);
    let row = |tid: u16, unit: u8, func: &str, more: Value| {
        let mut row = json!({"tid": tid, "unit": unit, "func": func});
        let object = row.as_object_mut().unwrap();
        object.extend(more.as_object().unwrap().clone());
        row
    };
    let read = |values: Value| {
        json!({"address": 1, "quantity": values.as_array().unwrap().len(),
        "response_values": values, "matched": true})
    };
    let padded = |value: u8| {
        json!({"address": 1, "quantity": 1, "response_values": [value],
        "response_data": "0,0,0,0,0,0,0", "matched": true})
    };
    let written = |values: Value| {
        json!({"address": 1, "quantity": values.as_array().unwrap().len(),
        "request_values": values, "matched": true})
    };
    let echoed = |value: u16| {
        json!({"address": 1, "quantity": 1, "request_values": [value],
        "response_values": [value], "matched": true})
    };
    let diagnostics = json!({
        "request_subfunction_code": "Return Diagnostic Register", "request_data": "\\x00\\x00",
        "response_subfunction_code": "Return Diagnostic Register", "response_data": "\\x00\\x00",
        "matched": true,
    });
    let expected = [
        row(1, 4, "READ_COILS", padded(1)),
        row(2, 5, "READ_COILS", read(json!([1, 0, 0, 1, 0, 1, 1, 1]))),
        row(3, 4, "READ_DISCRETE_INPUTS", padded(0)),
        row(
            4,
            5,
            "READ_DISCRETE_INPUTS",
            read(json!([0, 0, 1, 1, 0, 1, 0, 0])),
        ),
        row(5, 4, "READ_HOLDING_REGISTERS", read(json!([170]))),
        row(7, 4, "READ_INPUT_REGISTERS", read(json!([36395]))),
        row(9, 6, "WRITE_SINGLE_COIL", echoed(1)),
        row(10, 7, "WRITE_SINGLE_REGISTER", echoed(43981)),
        row(11, 2, "READ_EXCEPTION_STATUS", json!({})),
        row(11, 2, "READ_EXCEPTION_STATUS", json!({})),
        row(12, 2, "DIAGNOSTICS", diagnostics),
        row(13, 7, "WRITE_MULTIPLE_COILS", written(json!([1, 0, 0, 1]))),
        row(
            14,
            7,
            "WRITE_MULTIPLE_REGISTERS",
            written(json!([170, 187, 204, 221])),
        ),
        row(15, 2, "REPORT_SLAVE_ID", json!({})),
        row(15, 2, "REPORT_SLAVE_ID", json!({})),
        row(
            16,
            8,
            "READ_FILE_RECORD",
            json!({"quantity": 1, "matched": true,
            "response_data": "[file_len=5, ref_type=6, record_data=\\x0d\\xfe\\x00 ]"}),
        ),
        row(
            17,
            8,
            "WRITE_FILE_RECORD",
            json!({"quantity": 1, "matched": true,
            "response_data": "[ref_type=6, file_num=4, record_num=7, word_count=1, record_data=\\x06\\xaf]"}),
        ),
        row(
            18,
            4,
            "MASK_WRITE_REGISTER",
            json!({"address": 10, "matched": true}),
        ),
        row(
            20,
            6,
            "READ_WRITE_MULTIPLE_REGISTERS",
            json!({"matched": true}),
        ),
        row(
            22,
            10,
            "READ_FIFO_QUEUE",
            json!({"address": 0, "quantity": 0, "matched": true}),
        ),
        row(
            24,
            10,
            "READ_FIFO_QUEUE",
            json!({"address": 5, "quantity": 2,
            "response_values": [440, 4740], "matched": true}),
        ),
        row(
            23,
            1,
            "ENCAP_INTERFACE_TRANSPORT",
            json!({"matched": true,
            "mei_type": "Read Device Identification"}),
        ),
        row(
            25,
            1,
            "ENCAP_INTERFACE_TRANSPORT",
            json!({"matched": true, "mei_type": "CANopen"}),
        ),
        row(
            26,
            0,
            "READ_HOLDING_REGISTERS",
            json!({"address": 600, "quantity": 10, "matched": true,
            "exception_code": "ILLEGAL_DATA_ADDRESS"}),
        ),
        row(27, 2, "REPORT_SLAVE_ID", json!({})),
        row(
            27,
            2,
            "REPORT_SLAVE_ID_EXCEPTION",
            json!({"exception_code": "SLAVE_DEVICE_FAILURE"}),
        ),
    ];
    same(&rows, &expected);
    assert_eq!(logs["modbus"].len(), TRANSACTIONS.len() * 2);
}

#[test]
fn both_halves_of_a_mask_write_have_a_row() {
    let logs = modbus();
    let rows = &logs["modbus_mask_write_register"];
    let row = |half: &str| {
        json!({"tid": 18, "unit": 4, "func": "MASK_WRITE_REGISTER",
        "request_response": half, "address": 10, "and_mask": 242, "or_mask": 37})
    };
    same(&bare(rows), &[row("REQUEST"), row("RESPONSE")]);
    sides(rows);
    linked(&logs, rows, 18);
}

#[test]
fn both_halves_of_a_read_that_also_writes_have_a_row() {
    let logs = modbus();
    let rows = &logs["modbus_read_write_multiple_registers"];
    let row = |half: &str, more: Value| {
        let mut row = json!({"tid": 20, "unit": 6, "func": "READ_WRITE_MULTIPLE_REGISTERS",
            "request_response": half});
        let object = row.as_object_mut().unwrap();
        object.extend(more.as_object().unwrap().clone());
        row
    };
    let asked = json!({"write_start_address": 14, "write_registers": [255],
        "read_start_address": 3, "read_quantity": 2});
    let answered = json!({"read_registers": [254, 2765]});
    same(
        &bare(rows),
        &[row("REQUEST", asked), row("RESPONSE", answered)],
    );
    sides(rows);
    linked(&logs, rows, 20);
}

/// ICSNPP names the object of a request from the table of device identification codes, and has 4 for
/// the conformity level 3; here object 0 is the vendor's name and level 0x83 as they say.
#[test]
fn every_object_of_an_identification_has_a_row() {
    let logs = modbus();
    let rows = &logs["modbus_read_device_identification"];
    let head = json!({"tid": 23, "unit": 1, "func": "ENCAP_INTERFACE_TRANSPORT",
        "mei_type": "READ-DEVICE-IDENTIFICATION", "device_id_code": 4});
    let row = |half: &str, code: &str, object: &str, value: Option<&str>| {
        let mut row = head.clone();
        row["request_response"] = half.into();
        row["object_id_code"] = code.into();
        row["object_id"] = object.into();
        if let Some(value) = value {
            row["object_value"] = value.into();
            row["conformity_level_code"] = "0x83".into();
            row["conformity_level"] = "Extended Identification (Stream, Individual)".into();
        }
        row
    };
    let expected = [
        row("REQUEST", "0x00", "VendorName", None),
        row("RESPONSE", "0x00", "VendorName", Some("INL")),
        row("RESPONSE", "0x01", "ProductCode", Some("P1")),
    ];
    same(&bare(rows), &expected);
    linked(&logs, rows, 23);
}

#[test]
fn what_has_no_other_half_is_unmatched() {
    let mut conversation = Conversation::open(CLIENT, SERVER);
    conversation.exchange(
        &adu(1, 1, &[3, 0, 5, 0, 2]),
        &adu(9, 1, &[4, 4, 0, 1, 0, 2]),
    );
    conversation.exchange(&adu(2, 1, &[3, 0, 5, 0, 1]), &adu(2, 1, &[3, 2, 0, 7]));
    let rows = &logs(&conversation)["modbus_detailed"];
    let mut rows = bare(rows);
    rows.sort_by_key(|row| row["tid"].as_u64());
    let expected = [
        json!({"tid": 1, "unit": 1, "func": "READ_HOLDING_REGISTERS", "address": 5, "quantity": 2,
            "matched": false}),
        json!({"tid": 2, "unit": 1, "func": "READ_HOLDING_REGISTERS", "address": 5, "quantity": 1,
            "response_values": [7], "matched": true}),
        json!({"tid": 9, "unit": 1, "func": "READ_INPUT_REGISTERS", "quantity": 2,
            "response_values": [1, 2], "matched": false}),
    ];
    same(&rows, &expected);
}

/// The texts are those of ICSNPP's baseline `s7comm_known_devices.log` (cisagov/icsnpp-s7comm).
#[test]
fn a_device_that_says_who_it_is_has_a_row_when_its_flow_ends() {
    let mut conversation = Conversation::open(
        CLIENT,
        End {
            port: 102,
            ..SERVER
        },
    );
    let connect = |code: u8| {
        let selectors = [0xc1, 2, 1, 0, 0xc2, 2, 1, 2];
        tpkt(&[&[14, code, 0, 0, 0, 1, 0][..], &selectors].concat())
    };
    conversation.exchange(&connect(0xe0), &connect(0xd0));
    let texts = [
        (1, "SNAP7-SERVER"),
        (2, "CPU 315-2 PN/DP"),
        (3, ""),
        (4, "Original Siemens Equipment"),
        (5, "S C-C2UR28922012"),
    ];
    let records = texts.map(|(number, text)| {
        let mut record = [&[0, number], text.as_bytes()].concat();
        record.resize(34, 0);
        record
    });
    let list = [&[0, 0x1c, 0, 0, 0, 34, 0, 5][..], &records.concat()].concat();
    let asked = [0, 1, 0x12, 4, 0x11, 0x44, 1, 0];
    let answered = [0, 1, 0x12, 8, 0x12, 0x84, 1, 1, 0, 0, 0, 0];
    let asked = userdata(&asked, &[0, 0x1c, 0, 0]);
    conversation.exchange(&asked, &userdata(&answered, &list));
    let logs = logs(&conversation);
    let expected = json!({"automation_system_name": "SNAP7-SERVER", "module_name": "CPU 315-2 PN/DP",
        "plant_name": "", "module_serial": "S C-C2UR28922012"});
    same(&bare(&logs["s7comm_known_devices"]), &[expected]);
    let row = |half: &str| {
        json!({"pdu_reference": 256, "method": half, "szl_id": "0x001c",
        "szl_id_name": "Component Identification", "szl_index": "0x0000", "return_code": "0xff",
        "return_code_name": "Success"})
    };
    same(
        &bare(&logs["s7comm_read_szl"]),
        &[row("Request"), row("Response")],
    );
    let units: Vec<_> = logs["cotp"].iter().map(|row| &row["pdu_name"]).collect();
    let names = [
        "CR Connection Request",
        "CC Connection Confirm",
        "DT Data",
        "DT Data",
    ];
    assert_eq!(units, names);
}

/// ICSNPP reads each unit by itself: an empty one, each part of a message and the last have a row of `cotp.log`.
#[test]
fn every_data_unit_has_a_row() {
    let conversation = s7(&[
        &tpkt(&[2, 0xf0, 0x80]),
        &tpkt(&[&[2, 0xf0, 0][..], &SETUP[..8]].concat()),
        &tpkt(&[2, 0xf0, 0]),
        &tpkt(&[&[2, 0xf0, 0x80][..], &SETUP[8..]].concat()),
        &tpkt(&[&[2, 0xf0, 0x80][..], b"\xa0MMS"].concat()),
        &tpkt(&[4, 0x60, 0, 1, 5]),
    ]);
    let logs = logs(&conversation);
    let names: Vec<_> = logs["cotp"].iter().map(|row| &row["pdu_name"]).collect();
    let data = "DT Data";
    assert_eq!(
        names,
        [data, data, data, data, data, "AK Data Acknowledgement"]
    );
    assert_eq!(logs["s7comm"].len(), 1);
}

/// Their opcode of a later part is a byte of the message's body: here it is absent.
#[test]
fn every_part_of_an_s7comm_plus_message_has_a_row() {
    let part = |content: &[u8], trailer: &[u8]| {
        let len = (content.len() as u16).to_be_bytes();
        tpkt(&[&[2, 0xf0, 0x80, 0x72, 2][..], &len, content, trailer].concat())
    };
    let explore = [0x31, 0, 0, 4, 0xbb, 0, 0, 0, 7, 0, 0, 0, 1, 0x34, 0, 0];
    let last = [0x72, 2, 0, 0];
    let conversation = s7(&[
        &part(&explore, &last),
        &part(&explore[..14], &[]),
        &part(&[0], &[]),
        &part(&[0], &last),
    ]);
    let logs = logs(&conversation);
    let begins = json!({"version": 2, "opcode": "0x31", "opcode_name": "Request",
        "function_code": "0x04bb", "function_name": "Explore"});
    let goes_on = json!({"version": 2});
    same(
        &bare(&logs["s7comm_plus"]),
        &[begins.clone(), begins, goes_on.clone(), goes_on],
    );
    assert_eq!(logs["cotp"].len(), 4);
}

/// The setup of a connection: one S7comm message.
const SETUP: [u8; 18] = [
    0x32, 1, 0, 0, 0, 1, 0, 8, 0, 0, 0xf0, 0, 0, 1, 0, 1, 0x01, 0xe0,
];

/// A conversation of which the client's units were seen.
fn s7(units: &[&[u8]]) -> Conversation {
    let server = End {
        port: 102,
        ..SERVER
    };
    let mut conversation = Conversation::open(CLIENT, server);
    for unit in units {
        conversation.exchange(unit, &[]);
    }
    conversation
}

/// The logs of the example.
fn modbus() -> BTreeMap<String, Vec<Value>> {
    let mut conversation = Conversation::open(CLIENT, SERVER);
    for (transaction, unit, request, answer) in TRANSACTIONS {
        conversation.exchange(
            &adu(transaction, unit, request),
            &adu(transaction, unit, answer),
        );
    }
    logs(&conversation)
}

fn logs(conversation: &Conversation) -> BTreeMap<String, Vec<Value>> {
    let folder = tempfile::tempdir().unwrap();
    let capture: PathBuf = folder.path().join("made.pcap");
    records::write(&capture, &conversation.records);
    logs_of(&capture)
}

fn adu(transaction: u16, unit: u8, pdu: &[u8]) -> Vec<u8> {
    let length = (pdu.len() as u16 + 1).to_be_bytes();
    let header = [&transaction.to_be_bytes()[..], &[0, 0], &length, &[unit]];
    [&header.concat(), pdu].concat()
}

fn tpkt(tpdu: &[u8]) -> Vec<u8> {
    let length = (tpdu.len() as u16 + 4).to_be_bytes();
    [&[3, 0], &length[..], tpdu].concat()
}

/// A message whose data begin with success.
fn userdata(parameters: &[u8], content: &[u8]) -> Vec<u8> {
    let word = |number: usize| (number as u16).to_be_bytes();
    let data = [&[0xff, 9][..], &word(content.len()), content].concat();
    let header = [
        &[0x32, 7, 0, 0, 0, 1][..],
        &word(parameters.len()),
        &word(data.len()),
    ]
    .concat();
    tpkt(&[&[2, 0xf0, 0x80][..], &header, parameters, &data].concat())
}

/// Rows without what every row has, and without links.
fn bare(rows: &[Value]) -> Vec<Value> {
    let everywhere = [
        "ts",
        "uid",
        "id.orig_h",
        "id.orig_p",
        "id.resp_h",
        "id.resp_p",
        "is_orig",
        "source_h",
        "source_p",
        "destination_h",
        "destination_p",
        "modbus_detailed_link_id",
    ];
    let bare = |row: &Value| {
        let mut row = row.as_object().unwrap().clone();
        everywhere.iter().for_each(|field| _ = row.remove(*field));
        Value::Object(row)
    };
    rows.iter().map(bare).collect()
}

#[track_caller]
fn same(rows: &[Value], expected: &[Value]) {
    for (row, expected) in rows.iter().zip(expected) {
        assert_eq!(row, expected);
    }
    assert_eq!(rows.len(), expected.len());
}

/// Requests are from the originator, answers from the responder.
#[track_caller]
fn sides(rows: &[Value]) {
    for row in rows {
        let asks = row["request_response"] == "REQUEST";
        let (source, port) = if asks {
            ("192.168.1.10", 47785)
        } else {
            ("192.168.1.200", 502)
        };
        assert_eq!(row["is_orig"], asks);
        assert_eq!(
            (&row["source_h"], &row["source_p"]),
            (&json!(source), &json!(port))
        );
        assert_eq!(row["id.orig_h"], "192.168.1.10");
    }
}

/// Rows are tied to the detailed row of their transaction, and to no other.
#[track_caller]
fn linked(logs: &BTreeMap<String, Vec<Value>>, rows: &[Value], transaction: u64) {
    let of = |row: &&Value| row["modbus_detailed_link_id"] == rows[0]["modbus_detailed_link_id"];
    assert_eq!(rows.iter().filter(of).count(), rows.len());
    let tied: Vec<_> = logs["modbus_detailed"].iter().filter(of).collect();
    assert_eq!(tied.len(), 1);
    assert_eq!(tied[0]["tid"], transaction);
}
