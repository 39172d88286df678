//! What S7comm-plus messages mean, and what their records show. The layouts are those of `docs/protocols/s7.md`; values and
//! numbers are made up.

use model::Direction::Forward;

use super::vectors::*;
use super::{Listener, record};
use crate::Limits;

#[test]
fn a_session_tells_who_client_and_server_are() {
    let mut listener = Listener::new();
    listener.client(&opening(1));
    listener.server(&opened(1));
    listener.said(&[
        "request plus_create_session Name=ES-7 Application=TIA",
        "response plus_create_session done of 1 Vendor=Siemens Model=6ES7 215-1AG40-0XB0 Version=V4.3",
    ]);
    let told = record(&opening(1));
    let client = r#"{"application":"TIA","host":"ES-7_1234567","role":1}"#;
    assert_eq!(told["plus"]["client"].to_string(), client);
    assert_eq!(told["plus"]["class"], 287);
}

#[test]
fn writing_the_operating_state_starts_and_stops_the_controller() {
    let mut listener = Listener::new();
    listener.client(&set(1, 52, STATE, 1));
    listener.client(&set(2, 52, STATE, 3));
    listener.client(&set(3, 52, STATE, 2));
    listener.client(&set(4, 53, STATE, 1));
    listener.client(&set(5, 0x8a0e_0003, [0x93, 0x76], 1));
    listener.server(&plus_with(&tells(0x04f2, 1), &[0]));
    let refusal = [0xc0, 0x88, 0x95, 0xb0, 0x80, 0xe7, 0xb3, 0xff, 0xf4];
    listener.server(&plus_with(&tells(0x04f2, 2), &refusal));
    listener.said(&[
        "request plus_stop_plc object:CPUexecUnit",
        "request plus_start_plc object:CPUexecUnit",
        "request plus_change_mode object:CPUexecUnit",
        "request plus_set_variable object:WebServer",
        "request plus_set_variable DB3:0-2097151",
        "response plus_stop_plc object:CPUexecUnit done of 1",
        "response plus_start_plc object:CPUexecUnit refused 0xfff4 object not found of 2",
    ]);
    let told = record(&plus_with(&tells(0x04f2, 2), &refusal));
    assert_eq!(told["plus"]["return_code"], "8020ab0019d9fff4");
}

#[test]
fn a_stop_among_other_writes_is_a_stop() {
    // SetMultiVariables of a flag and of the operating state, addressed as variables.
    let body = [
        &[0, 0, 0, 0, 2, 9][..],
        &[0, 0x52, 2, 0x9d, 0x18, 9],
        &[0, 52, 1, 0x90, 0x77],
        &[1, 0, 7, 0, 5],
        &[2, 0, 8, 1],
        &[0],
    ]
    .concat();
    let mut listener = Listener::new();
    listener.client(&plus_with(&asks(0x0542, 1), &body));
    listener.said(&["request plus_stop_plc M:0-2097151 object:CPUexecUnit"]);
}

#[test]
fn variables_are_told_by_area_and_block() {
    let mut listener = Listener::new();
    listener.client(&symbols(1));
    let answer = [0, 1, 0, 7, 0, 9, 0, 2, 0x73, 0];
    listener.server(&plus_with(&tells(0x054c, 1), &answer));
    listener.said(&[
        "request plus_get_multi_variables DB3:0-2097151 M:100-101",
        "response plus_get_multi_variables DB3:0-2097151 M:100-101 done of 1",
    ]);
    let items = concat!(
        r#"[{"area":"DB","db":3,"attribute":2550,"symbol_crc":128,"lids":[14,0,256]},"#,
        r#"{"area":"M","byte":100,"count":2,"attribute":3736,"lids":[3,100,2]}]"#
    );
    let want: serde_json::Value = serde_json::from_str(items).unwrap();
    assert_eq!(record(&symbols(1))["plus"]["items"], want);
    let told = record(&plus_with(&tells(0x054c, 1), &answer));
    let items = r#"[{"number":1,"value":9},{"number":2,"return_code":"73"}]"#;
    let want: serde_json::Value = serde_json::from_str(items).unwrap();
    assert_eq!(told["plus"]["items"], want);
}

#[test]
fn an_item_that_failed_refuses_the_answer() {
    let mut listener = Listener::new();
    listener.client(&symbols(1));
    let error = [
        0x13, 0, 2, 0xc0, 0x88, 0x95, 0xb0, 0x80, 0xe7, 0xb3, 0xff, 0xef, 0,
    ];
    listener.server(&plus_with(&tells(0x054c, 1), &error));
    let mut second = error;
    second[0] = 0;
    listener.client(&symbols(2));
    listener.server(&plus_with(&tells(0x054c, 2), &second));
    listener.said(&[
        "request plus_get_multi_variables DB3:0-2097151 M:100-101",
        "response plus_get_multi_variables DB3:0-2097151 M:100-101 refused 0x13 executed in part of 1",
        "request plus_get_multi_variables DB3:0-2097151 M:100-101",
        "response plus_get_multi_variables DB3:0-2097151 M:100-101 refused 0xffef invalid CRC of 3",
    ]);
}

#[test]
fn an_object_that_the_client_numbers_is_a_download() {
    let mut listener = Listener::new();
    listener.client(&creation(1, 0x8a32_0001, [0x94, 0x57]));
    listener.client(&creation(2, 2, [0x93, 0x40]));
    listener.client(&creation(3, 0x7fff_c001, [0x87, 0x69]));
    listener.client(&creation(4, 0x7fff_c001, [0x95, 0x15]));
    listener.said(&[
        "request plus_download block:OB1",
        "request plus_download object:HWConfiguration",
        "request plus_create_subscription object:passing",
        "request plus_create_object object:passing",
    ]);
    let told = record(&creation(1, 0x8a32_0001, [0x94, 0x57]));
    assert_eq!(told["plus"]["name"], "Main");
    assert_eq!(told["plus"]["class"], 2647);
}

#[test]
fn deleting_tells_sessions_passing_objects_and_blocks_apart() {
    let delete = |object: u32| plus_with(&asks(0x04d4, 1), &object.to_be_bytes());
    let mut listener = Listener::new();
    for object in [0x394, 0x7040_0006, 0x1000_006a, 0x8a12_0007, 2] {
        listener.client(&delete(object));
    }
    listener.close();
    listener.lines.retain(|line| line.starts_with("request"));
    listener.said(&[
        "request plus_delete_session",
        "request plus_release_object object:passing",
        "request plus_release_object object:passing",
        "request plus_delete_object block:FB7",
        "request plus_delete_object object:HWConfiguration",
    ]);
}

#[test]
fn a_subscription_names_what_it_reports() {
    let object = [
        &[0, 0, 3, 0x95, 0, 4, 0, 0, 0, 0, 0, 9][..],
        &[0xa1, 0x7f, 0xff, 0xc0, 1, 0x87, 0x69, 0, 0],
        &[
            0xa3, 0x88, 0x18, 0x20, 4, 10, 0x88, 0x80, 0x84, 0x80, 0, 0, 1,
        ],
        &[
            0x88, 0x80, 0x90, 0x80, 2, 7, 0, 0x52, 0x81, 0, 0x9d, 0x18, 9,
        ],
        &[0xa2],
    ]
    .concat();
    let bytes = plus_with(&asks(0x04ca, 1), &object);
    let mut listener = Listener::new();
    listener.client(&bytes);
    listener.said(&["request plus_create_subscription object:passing M:0-2097151"]);
    let items = &record(&bytes)["plus"]["items"];
    assert_eq!(items[0]["symbol_crc"], 128);
}

#[test]
fn a_session_is_settled_and_a_password_is_never_shown() {
    let secret = |attribute: [u8; 2]| {
        let value = b"\0\x15\x06secret";
        let body = [&[0, 0, 3, 0x94, 1][..], &attribute, value].concat();
        plus_with(&asks(0x04f2, 1), &body)
    };
    let mut listener = Listener::new();
    listener.client(&secret([0x8e, 0x36]));
    listener.said(&["request plus_legitimate"]);
    assert!(!record(&secret([0x8e, 0x36])).to_string().contains("secret"));
    assert!(record(&secret([0x82, 0x32])).to_string().contains("secret"));
    let mut listener = Listener::new();
    listener.client(&secret([0x82, 0x32]));
    listener.said(&["request plus_set_session"]);
}

#[test]
fn notifications_tell_values_by_reference() {
    let value =
        b"\x33\x70\0\x0c\x9b\x04\0\0\0\0\0\0\x86\x20\x02\x92\0\0\0\x04\0\x07\0\x2a\x13\0\0\0\x05\0";
    let told = record(&plus(3, value));
    let items = r#"[{"number":4,"value":42},{"number":5,"return_code":"13"}]"#;
    let want: serde_json::Value = serde_json::from_str(items).unwrap();
    assert_eq!(told["plus"]["items"], want);
    assert!(told["plus"].get("unread").is_none());
    let alarm = b"\x33\x70\x40\0\x7d\x04\0\0\0\0\0\x14\x13\x01\0\x70\x40\0\x7e\0\0\x81\
        \xa1\x70\x10\x04\x42\x94\x79\0\0\xa2\0\0\0\0";
    let mut listener = Listener::new();
    listener.server(&plus(3, alarm));
    listener.said(&["other plus_alarm"]);
}

#[test]
fn who_the_controller_is_stands_in_its_identification() {
    let read = [&[0, 0, 0, 49, 0x20, 4, 1, 0x9d, 0x29][..]].concat();
    let record = [
        &[0, 0, 0, 0x14, 0, 60, 0, 0x20, 0, 0x38, 1, 0, 0, 0x2a][..],
        b"6ES7 214-1AG40-0XB0 S C-ABCD12345   \0\x07V\x04\x02\x01\0\0\0\0\0\x01\x01\x01\0\x0e",
    ]
    .concat();
    let mut listener = Listener::new();
    listener.client(&plus_with(&asks(0x0586, 1), &read));
    listener.server(&plus_with(&tells(0x0586, 1), &record));
    listener.said(&[
        "request plus_identify object:CPUProxy",
        "response plus_identify object:CPUProxy done of 1 Vendor=Siemens Model=6ES7 214-1AG40-0XB0 \
         Serial=S C-ABCD12345 Version=V4.2.1",
    ]);
}

#[test]
fn reading_the_code_of_blocks_is_an_upload() {
    let explore = |object: u32, attributes: &[u8]| {
        let body = [&object.to_be_bytes()[..], &[0, 1, 0, 1, 0], attributes].concat();
        plus_with(&asks(0x04bb, 1), &body)
    };
    let filter = [
        1, 0, 0x17, 0, 0, 4, 0xde, 0x89, 0x5f, 0, 8, 8, 0, 0, 1, 0x94, 0x14,
    ];
    let mut listener = Listener::new();
    listener.client(&explore(3, &[2, 0x93, 0x15, 0x93, 0x6f]));
    listener.client(&explore(3, &[2, 0x93, 0x15, 0x94, 0x14]));
    listener.client(&explore(3, &filter));
    listener.client(&explore(0x8a13_0004, &[0]));
    listener.client(&explore(0x8a0e_0004, &[0]));
    listener.lines.retain(|line| line.starts_with("request"));
    listener.said(&[
        "request plus_explore object:PLCProgram",
        "request plus_upload object:PLCProgram",
        "request plus_upload object:PLCProgram",
        "request plus_upload block:FC4",
        "request plus_explore block:DB4",
    ]);
}

#[test]
fn an_answer_to_another_function_answers_nothing() {
    let mut listener = Listener::new();
    listener.client(&set(1, 52, STATE, 1));
    listener.server(&plus_with(&tells(0x054c, 1), &[0, 0, 0]));
    listener.server(&plus_with(&tells(0x04f2, 1), &[0]));
    listener.said(&[
        "request plus_stop_plc object:CPUexecUnit",
        "anomaly mismatched_answer 1266 1356",
        "response plus_get_multi_variables done",
        "anomaly unsolicited_answer 0 1",
        "response plus_set_variable done",
    ]);
}

#[test]
fn a_message_in_parts_is_read_as_one() {
    let whole = [
        &asks(0x04ca, 1)[..],
        &creation(1, 0x8a32_0001, [0x94, 0x57])[25..],
    ]
    .concat();
    let (first, second) = whole.split_at(40);
    let digest = |content: &[u8]| [&[0x20][..], &[7; 32], content].concat();
    let mut listener = Listener::new();
    listener.client(&data(&part(3, &digest(first))));
    listener.said(&[]);
    listener.client(&plus(3, &digest(second)));
    listener.said(&["request plus_download block:OB1"]);
}

#[test]
fn a_message_longer_than_the_limit_is_told_by_its_beginning() {
    let mut listener = Listener::with(&Limits {
        message_bytes: 2_000,
        ..Limits::default()
    });
    let body = [
        &asks(0x04ca, 1)[..],
        &creation(1, 0x8a32_0001, [0x94, 0x57])[25..],
    ]
    .concat();
    listener.client(&data(&part(2, &body[..body.len() - 1])));
    for _ in 0..4 {
        listener.client(&data(&part(2, &[0xa3; 900])));
    }
    listener.client(&plus(2, &[0xa2]));
    listener.said(&[
        &format!("anomaly too_large 2000 {}", body.len() - 1 + 3 * 900),
        "request plus_download block:OB1",
    ]);
}

#[test]
fn towers_and_false_counts_are_anomalies_and_the_head_is_told() {
    let tower = [
        &[0, 0, 0, 52, 1, 0x90, 0x77][..],
        &[0, 0x17, 0, 0, 0, 1, 1].repeat(2_000),
    ]
    .concat();
    let mut listener = Listener::new();
    listener.client(&plus_with(&asks(0x04f2, 1), &tower));
    listener.client(&plus_with(&asks(0x054c, 2), &[0, 0, 0, 0, 0xff, 0x7f, 1]));
    listener.said(&[
        "anomaly too_deep 32 33",
        "request plus_change_mode object:CPUexecUnit",
        "anomaly too_many 1 16383",
        "request plus_get_multi_variables",
    ]);
    let told = record(&plus_with(&asks(0x054c, 2), &[0, 0, 0, 0, 0xff, 0x7f, 1]));
    assert_eq!(told["plus"]["unread"], true);
}

#[test]
fn signatures_do_not_change_with_sessions_sequences_and_values() {
    let signature = |bytes: &[u8]| {
        let mut signature = None;
        (crate::s7::PROTOCOL.open)(&LIMITS, model::Transport::Tcp).feed(
            model::Stamp::default(),
            Forward,
            bytes,
            &mut |said| {
                if let model::Said::Operation(it) = said {
                    signature = Some(it.signature);
                }
            },
        );
        signature.unwrap()
    };
    let delete = |object: u32| plus_with(&asks(0x04d4, 1), &object.to_be_bytes());
    assert_eq!(signature(&symbols(1)), signature(&symbols(2)));
    assert_eq!(
        signature(&delete(0x7040_0001)),
        signature(&delete(0x7040_0002))
    );
    assert_ne!(
        signature(&delete(0x8a12_0001)),
        signature(&delete(0x8a12_0002))
    );
    assert_eq!(
        signature(&set(1, 53, [0x82, 1], 1)),
        signature(&set(1, 53, [0x82, 1], 2))
    );
    assert_ne!(
        signature(&set(1, 53, [0x82, 1], 1)),
        signature(&set(1, 53, [0x82, 2], 1))
    );
}

static LIMITS: std::sync::LazyLock<Limits> = std::sync::LazyLock::new(Limits::default);
