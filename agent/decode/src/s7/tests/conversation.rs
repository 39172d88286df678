//! What a conversation says: verbs, targets, pairing, loss and nonsense.

use model::AnomalyKind;
use model::Direction::{Backward, Forward};

use super::vectors::*;
use super::{Listener, record};
use crate::{Limits, Probe};

/// Feeds messages of the client and checks what each says.
#[track_caller]
fn check(messages: &[(Vec<u8>, &str)]) {
    let mut listener = Listener::new();
    for (bytes, want) in messages {
        listener.client(bytes);
        listener.said(&[want]);
    }
}

#[test]
fn a_connection_tells_rack_and_slot() {
    let mut listener = Listener::new();
    listener.client(&connect(0xe0, &[1, 0], &[3, 0x43]));
    listener.server(&connect(0xd0, &[1, 0], &[3, 0x43]));
    listener.said(&["request cotp_connect", "response cotp_connect done of 1"]);
    let told = record(&connect(0xe0, &[1, 0], &[3, 0x43]));
    let want = r#"{"cotp":"connect_request","src_tsap":"0100","dst_tsap":"0343","connection_kind":"basic","tpdu_size":1024,"tpdu_class":0,"rack":2,"slot":3}"#;
    assert_eq!(
        told,
        serde_json::from_str::<serde_json::Value>(want).unwrap()
    );
}

#[test]
fn a_selector_that_is_a_name_tells_no_slot() {
    let told = record(&connect(0xe0, &[6, 0], b"SIMATIC-ROOT-ES"));
    assert_eq!(told.get("slot"), None);
    assert_eq!(record(&connect(0xe0, &[0, 1], &[0, 1])).get("rack"), None);
}

#[test]
fn a_refused_connection_answers_its_request() {
    let mut listener = Listener::new();
    listener.client(&connect(0xe0, &[1, 0], &[1, 2]));
    listener.server(&tpkt(&[6, 0x80, 0, 1, 0, 0, 3]));
    let refused = "response cotp_connect refused 0x3 address_unknown of 1";
    listener.said(&["request cotp_connect", refused]);
}

#[test]
fn every_item_tells_what_it_touches() {
    let read = |items: &[Vec<u8>]| job(1, &variables(4, items), &[]);
    let runs = b"\x12\x0c\xb0\x02\x04\0\x07\0\x0a\x01\0\x08\0\0".to_vec();
    let symbol = b"\x12\x0e\xb2\xff\x8a\x0e\0\x03\0\0\0\0\x10\0\0\x01".to_vec();
    let control = b"\x12\x08\x82\x41\0\x01\0\x02\x7f\x01".to_vec();
    for (items, want) in [
        (vec![item(1, 1, 9, 0x84, 15)], "request read_var DB9:1"),
        (vec![item(1, 10, 0, 0x83, 15)], "request read_var M:1-3"),
        (vec![item(8, 2, 0, 0x81, 32)], "request read_var I:4-11"),
        (vec![item(0x1c, 3, 0, 0x1c, 7)], "request read_var C:7-9"),
        (vec![item(2, 1, 0, 0x06, 8)], "request read_var other:1"),
        (vec![item(0xee, 1, 0, 0x82, 0)], "request read_var Q:0-7"),
        (vec![runs], "request read_var DB7:10-13 DB8:0"),
        (vec![symbol], "request read_var DB3:0-2097151"),
        (vec![control], "request read_var nck:channel"),
        (
            vec![vec![0x12, 2, 0x99, 0]],
            "request read_var item:unknown",
        ),
        (
            // An item of odd length is filled up, so that the next begins on an even byte.
            vec![vec![0x12, 1, 0x99, 0], item(2, 1, 1, 0x85, 8)],
            "request read_var item:unknown DI1:1",
        ),
    ] {
        check(&[(read(&items), want)]);
    }
}

#[test]
fn items_beyond_the_parameters_are_malformed_and_the_next_message_is_read() {
    let mut lie = variables(4, &[item(2, 1, 1, 0x84, 0)]);
    lie[1] = 200;
    let good = job(2, &variables(4, &[item(2, 1, 1, 0x84, 0)]), &[]);
    check(&[
        (job(1, &lie, &[]), "malformed item_specification 24"),
        (good, "request read_var DB1:0"),
    ]);
}

#[test]
fn an_answer_shows_the_targets_of_its_request_and_the_first_code_that_says_no() {
    let mut listener = Listener::new();
    let items = [item(2, 1, 1, 0x84, 0), item(2, 1, 2, 0x84, 0)];
    listener.client(&job(
        7,
        &variables(5, &items),
        &[0, 4, 0, 8, 1, 0, 0, 4, 0, 8, 1],
    ));
    listener.server(&answer(7, &[5, 2], &[0xff, 5]));
    listener.said(&[
        "request write_var DB1:0 DB2:0",
        "response write_var DB1:0 DB2:0 refused 0x5 address_out_of_range of 1",
    ]);
}

#[test]
fn values_and_codes_stand_in_the_record() {
    let write = variables(5, &[item(4, 1, 3, 0x84, 83)]);
    let told = record(&job(0x0102, &write, &[0, 4, 0, 16, 7, 8]));
    assert_eq!(told["pdu_ref"], 0x0102);
    let want = r#"[{"syntax":16,"area":"DB","db":3,"byte":10,"bit":3,"transport_size":4,"count":1,"value":"0708","syntax_name":"s7any","type":"word","typed":1800}]"#;
    assert_eq!(told["items"].to_string(), sorted(want));
    let told = record(&answer(1, &[4, 2], b"\xff\x03\0\x01\x01\0\x0a\0\0\0"));
    let want = r#"[{"return_code":255,"result":"success","value":"01"},{"return_code":10,"result":"object_does_not_exist"}]"#;
    assert_eq!(told["items"].to_string(), sorted(want));
}

fn sorted(json: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json).unwrap();
    value.to_string()
}

#[test]
fn functions_mean_what_they_do() {
    let named = |name: &str, argument: &[u8]| job(1, &service(name, argument), &[]);
    check(&[
        (job(2, STOP, &[]), "request plc_stop pi:P_PROGRAM"),
        (named("P_PROGRAM", &[]), "request pi_p_program pi:P_PROGRAM"),
    ]);
    for (message, want) in [
        (named("_MODU", b"EP"), "request pi_modu pi:_MODU"),
        (
            named("_DELE", &blocks(&["0A00010B", "0E00002B"])),
            "request pi_dele pi:_DELE block:DB10 block:FB2",
        ),
        (named("_MYOWN", &[]), "request pi_service pi:_MYOWN"),
        (ask(1, 0x0702, 0, &[0; 10]), "request set_clock"),
        (ask(1, 0x0501, 0, &[0; 8]), "request password"),
        (
            ask(1, 0x0303, 0, b"0800001A"),
            "request block_info block:OB1",
        ),
        (
            ask(1, 0x0401, 0, &[0x04, 0x24, 0, 0]),
            "request szl_read szl:0424",
        ),
        (ask(1, 0x09ff, 0, &[]), "request unknown"),
        (job(1, &[0x77], &[]), "request unknown"),
    ] {
        check(&[(message, want)]);
    }
}

#[test]
fn a_cyclic_request_shows_its_variables() {
    let items = [item(2, 2, 5, 0x84, 0), item(2, 1, 0, 0x83, 8)].concat();
    let content = [&[0, 2, 1, 1], &items[..]].concat();
    check(&[(
        ask(1, 0x0201, 0, &content),
        "request cyclic_memory DB5:0-1 M:1",
    )]);
}

#[test]
fn a_variable_table_shows_its_rows() {
    let mut content = vec![0, 20, 0, 14];
    content.extend([0; 20]);
    content.extend([0, 2, 0x02, 2, 0, 0, 0, 4, 0x71, 3, 0, 9, 0, 6]);
    check(&[(
        ask(1, 0x0108, 0, &content),
        "request modify_variable M:4-7 DB9:6-8",
    )]);
}

#[test]
fn the_station_that_programs_is_the_client_of_a_download() {
    let mut listener = Listener::new();
    let name = "_0E00012P";
    listener.client(&job(1, &transfer(0x1a, name), &[]));
    listener.server(&answer(1, &[0x1a], &[]));
    listener.server(&job(0x501, &transfer(0x1b, name), &[]));
    listener.client(&answer(0x501, &[0x1b, 0], &[0, 1, 0, 0xfb, 1]));
    listener.server(&job(0x502, &transfer(0x1c, name), &[]));
    listener.close();
    listener.said(&[
        "request request_download block:FB12",
        "response request_download block:FB12 done of 1",
        "response download_block block:FB12 of 1",
        "request download_block block:FB12",
        "response download_ended block:FB12 of 1",
    ]);
}

#[test]
fn later_steps_of_an_upload_know_their_block() {
    let mut listener = Listener::new();
    listener.client(&job(1, &transfer(0x1d, "_0A00003A"), &[]));
    listener.server(&answer(1, &[0x1d, 0, 1, 0, 0, 0, 0, 7], &[]));
    listener.client(&job(2, &[0x1e, 0, 0, 0, 0, 0, 0, 7], &[]));
    listener.client(&job(3, &[0x1e, 0, 0, 0, 0, 0, 0, 8], &[]));
    listener.said(&[
        "request start_upload block:DB3",
        "response start_upload block:DB3 done of 1",
        "request upload block:DB3",
        "request upload",
    ]);
}

#[test]
fn a_list_in_two_fragments_tells_who_the_device_is() {
    let mut listener = Listener::new();
    let list = components(&[
        component(1, "Plant 1"),
        component(7, "CPU 315-2 PN/DP"),
        component(5, "S C-B1"),
    ]);
    listener.client(&ask(1, 0x0401, 0, &[0, 0x1c, 0, 0]));
    listener.server(&tell(8, 1, 0x0401, 3, (0xd4, 1), &list[..60]));
    listener.client(&ask(2, 0x0401, 3, &[]));
    listener.server(&tell(8, 2, 0x0401, 3, (0xd4, 0), &list[60..]));
    listener.said(&[
        "request szl_identify szl:001c",
        "response szl_identify szl:001c done of 1",
        "request szl_identify szl:001c",
        "response szl_identify szl:001c done of 3 Name=Plant 1 Product=CPU 315-2 PN/DP Serial=S C-B1",
    ]);
}

#[test]
fn module_identification_tells_order_number_and_firmware() {
    let record = |entry: u8, version: [u8; 4]| {
        [&[0, entry], &b"6ES7 315-2EH14-0AB0 \0\xc0"[..], &version].concat()
    };
    let list = [
        vec![0, 0x11, 0, 0, 0, 28, 0, 2],
        record(1, [0, 4, 0, 1]),
        record(7, *b"V\x03\x02\x07"),
    ]
    .concat();
    let mut listener = Listener::new();
    listener.server(&tell(8, 1, 0x0401, 1, (0, 0), &list));
    listener.said(&[
        "anomaly unsolicited_answer 0 1",
        "response szl_identify szl:0011 done Vendor=Siemens Model=6ES7 315-2EH14-0AB0 Version=V3.2.7",
    ]);
}

#[test]
fn requests_without_answers_are_said_once_and_answers_without_requests_too() {
    let read = |reference| job(reference, &variables(4, &[item(2, 1, 1, 0x84, 0)]), &[]);
    let mut listener = Listener::new();
    listener.client(&read(1));
    listener.server(&answer(2, &[4, 0], &[]));
    listener.client(&read(1));
    listener.close();
    listener.said(&[
        "request read_var DB1:0",
        "anomaly unsolicited_answer 0 2",
        "response read_var done",
        "request read_var DB1:0",
        "anomaly duplicate_request 1 1",
        "unanswered read_var 1",
        "unanswered read_var 3",
    ]);
}

#[test]
fn an_answer_to_another_function_is_no_answer() {
    let mut listener = Listener::new();
    listener.client(&job(1, &variables(4, &[item(2, 1, 1, 0x84, 0)]), &[]));
    listener.server(&answer(1, &[5, 1], &[0xff]));
    listener.said(&[
        "request read_var DB1:0",
        "anomaly mismatched_answer 4 5",
        "response write_var done",
    ]);
}

#[test]
fn the_oldest_of_too_many_requests_is_forgotten() {
    let limits = Limits {
        pending_requests: 2,
        ..Limits::default()
    };
    let mut listener = Listener::with(&limits);
    for reference in 1..4 {
        listener.client(&job(reference, STOP, &[]));
    }
    let stop = "request plc_stop pi:P_PROGRAM";
    let overflow = format!("anomaly {} 2 3", AnomalyKind::PendingOverflow.name());
    listener.said(&[stop, stop, stop, &overflow, "unanswered plc_stop 1"]);
}

#[test]
fn after_a_gap_the_next_boundary_is_found_and_nothing_is_blamed() {
    let mut listener = Listener::new();
    listener.client(&job(1, STOP, &[]));
    listener.gap(Backward);
    let tail = [&[3, 0, 0, 9, 0x32, 3][..], &answer(1, &[0x29], &[])].concat();
    listener.server(&tail);
    listener.client(&job(2, STOP, &[]));
    listener.gap(Backward);
    listener.close();
    listener.said(&[
        "request plc_stop pi:P_PROGRAM",
        "resynchronised 6",
        "response plc_stop pi:P_PROGRAM done of 1",
        "request plc_stop pi:P_PROGRAM",
    ]);
}

#[test]
fn a_request_is_forgotten_when_both_sides_lost_bytes() {
    let mut listener = Listener::new();
    listener.client(&job(1, STOP, &[]));
    listener.gap(Backward);
    listener.gap(Forward);
    listener.server(&answer(1, &[0x29], &[]));
    listener.said(&[
        "request plc_stop pi:P_PROGRAM",
        "resynchronised 0",
        "response plc_stop done",
    ]);
}

#[test]
fn nonsense_is_passed_over_and_said() {
    for (nonsense, malformed) in [
        (&b"GET / HTTP/1.1\r\n\r\n"[..], "malformed tpkt_version 0"),
        (&[3, 0, 0, 5, 9], "malformed tpkt_length 2"),
        (&[3, 0, 0, 0, 3, 0, 0], "malformed tpkt_length 2"),
    ] {
        let mut listener = Listener::new();
        listener.client(&job(1, STOP, &[]));
        listener.client(&[nonsense, &job(2, STOP, &[])].concat());
        let stop = "request plc_stop pi:P_PROGRAM";
        let resynchronised = format!("resynchronised {}", nonsense.len());
        listener.said(&[stop, malformed, &resynchronised, stop]);
    }
}

#[test]
fn a_broken_unit_costs_itself_alone() {
    let stop = "request plc_stop pi:P_PROGRAM";
    for (unit, malformed) in [
        (tpkt(&[9, 0xf0, 0x80]), "malformed cotp_header 5"),
        (data(&[0x33, 1, 0, 0]), "malformed protocol_id 0"),
        (
            data(&[0x32, 5, 0, 0, 0, 1, 0, 0, 0, 0]),
            "malformed rosctr 1",
        ),
        (data(&[0x32, 1, 0, 0]), "malformed pdu_ref 4"),
    ] {
        let mut listener = Listener::new();
        listener.client(&job(1, STOP, &[]));
        listener.client(&[unit, job(2, STOP, &[])].concat());
        listener.said(&[stop, malformed, stop]);
    }
}

#[test]
fn a_lying_data_length_does_not_hide_a_message() {
    let mut lie = message(1, 1, STOP, &[]);
    lie[9] = 77;
    let mut listener = Listener::new();
    listener.client(&data(&lie));
    listener.said(&[
        "anomaly length_mismatch 103 26",
        "request plc_stop pi:P_PROGRAM",
    ]);
}

#[test]
fn a_message_larger_than_the_limit_is_passed_over() {
    let limits = Limits {
        message_bytes: 64,
        ..Limits::default()
    };
    let large = job(1, &[0x77], &[0; 80]);
    let mut parts = tpkt(&[&[2, 0xf0, 0, 0x32, 1], &[0; 50][..]].concat());
    parts.extend(data(&[0; 50]));
    let found = large.len();
    for (bytes, found) in [(large, found), (parts, 102)] {
        let mut listener = Listener::with(&limits);
        listener.client(&job(1, STOP, &[]));
        listener.client(&[bytes, job(2, STOP, &[])].concat());
        let stop = "request plc_stop pi:P_PROGRAM";
        listener.said(&[stop, &format!("anomaly too_large 0 {found}"), stop]);
    }
}

#[test]
fn another_protocol_over_the_same_transport_is_followed_and_not_claimed() {
    let mut listener = Listener::new();
    let mms = data(&[1, 0, 1, 0, 0x61, 4, 0x32, 1, 0, 0]);
    listener.client(&connect(0xe0, &[0, 1], &[0, 1]));
    listener.server(&connect(0xd0, &[0, 1], &[0, 1]));
    listener.client(&[&mms[..], &mms].concat());
    listener.client(&cut(&[0x61; 40], 20));
    listener.client(&data(&[0x32, 1, 0, 0, 0xff]));
    listener.client(b"not even a unit");
    listener.close();
    listener.said(&["request cotp_connect", "response cotp_connect done of 1"]);
    listener.client(&job(1, STOP, &[]));
    listener.said(&["request plc_stop pi:P_PROGRAM"]);
}

#[test]
fn plus_is_told_by_opcode_and_function() {
    let mut listener = Listener::new();
    let digest = [&[0x20][..], &[7; 32], &plus_request(0x0542, 5, 9, 3)].concat();
    listener.client(&plus(1, &plus_request(0x04ca, 1, 0x120, 0)));
    listener.server(&plus(1, &plus_response(0x04ca, 1)));
    listener.client(&plus(3, &digest));
    listener.client(&plus(2, &plus_request(0x04d4, 6, 9, 9)));
    listener.server(&plus(2, &[0x33, 0, 0, 0, 1]));
    listener.server(&data(&part(0xfe, &[1, 2])));
    listener.said(&[
        "request plus_create_session",
        "response plus_create_session done of 1",
        "request plus_set_multi_variables object:PLCProgram",
        "request plus_delete_session",
        "other plus_notification",
        "other plus_system_event",
    ]);
}

#[test]
fn plus_in_several_parts_is_one_message() {
    let mut listener = Listener::new();
    listener.client(&data(&part(2, &plus_request(0x04ca, 1, 9, 0))));
    listener.client(&data(&part(2, &[0x55; 30])));
    listener.said(&[]);
    listener.client(&plus(2, &[0x66; 10]));
    listener.said(&["request plus_create_object"]);
}

#[test]
fn tls_inside_of_the_transport_is_encrypted() {
    let mut listener = Listener::new();
    listener.client(&connect(0xe0, &[6, 0], b"SIMATIC-ROOT-ES"));
    listener.client(&data(&[0x16, 3, 1, 0, 2, 1, 0]));
    listener.server(&data(&[0x16, 3, 3, 0, 2, 2, 0]));
    listener.client(&data(&[0x17, 3, 3, 0, 90, 1, 2]));
    listener.client(&data(&[0x32, 0x99, 1]));
    listener.said(&[
        "request cotp_connect",
        "request tls_handshake",
        "response tls_handshake",
        "other tls_data",
        "other tls_data",
    ]);
    assert_eq!(record(&data(&[0x17, 3, 3, 0, 1, 1]))["encrypted"], true);
}

#[test]
fn a_probe_is_sure_only_where_every_header_agrees() {
    use model::Transport::{Tcp, Udp};
    let probe = crate::s7::PROTOCOL.probe;
    let desktop = tpkt(b"\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x0b\0\0\0");
    let stop = job(1, STOP, &[]);
    for (bytes, want) in [
        (&stop[..], Probe::Sure),
        (&connect(0xe0, &[1, 0], &[1, 2]), Probe::Sure),
        (&plus(2, &[0x33, 0]), Probe::Sure),
        (&tpkt(&[2, 0xf0, 0]), Probe::Sure),
        (&stop[..12], Probe::Unsure),
        (&data(&[1, 0, 1, 0]), Probe::Unsure),
        (&desktop, Probe::Never),
        (b"\x03\0\0\x06\x02\xf0", Probe::Never),
        (b"\0\x01\0\0\0\x06\x01", Probe::Never),
    ] {
        assert_eq!(probe(Tcp, bytes), want, "{bytes:02x?}");
    }
    assert_eq!(probe(Udp, &stop), Probe::Never);
}

#[test]
fn signatures_cover_what_judges_see_and_nothing_else() {
    let write = |reference, db, value| {
        let items = variables(5, &[item(2, 1, db, 0x84, 0)]);
        signature(&job(reference, &items, &[0, 4, 0, 8, value]))
    };
    assert_eq!(write(1, 5, 1), write(2, 5, 9));
    assert_ne!(write(1, 5, 1), write(1, 6, 1));
    let codes = |code| signature(&answer(1, &[5, 1], &[code]));
    assert_ne!(codes(0xff), codes(5));
    let list = |id| signature(&ask(1, 0x0401, 0, &[0, id, 0, 0]));
    assert_ne!(list(0x11), list(0x1c));
}

fn signature(bytes: &[u8]) -> u64 {
    static LIMITS: std::sync::LazyLock<Limits> = std::sync::LazyLock::new(Limits::default);
    let mut signature = None;
    (crate::s7::PROTOCOL.open)(&LIMITS, model::Transport::Tcp).feed(
        model::Stamp::default(),
        Forward,
        bytes,
        &mut |said| {
            if let model::Said::Operation(operation) = said {
                signature = Some(operation.signature);
            }
        },
    );
    signature.unwrap()
}
