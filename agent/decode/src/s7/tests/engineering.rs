//! Engineering work: blocks copied, services invoked, controllers described, and what is wrapped.

use model::Direction::{Backward, Forward};
use serde_json::{Value, json};

use super::vectors::*;
use super::{Listener, record, records};

/// A request to download a block of so many bytes.
fn request(reference: u16, name: &str, bytes: u32) -> Vec<u8> {
    let lengths = format!("1{bytes:06}{bytes:06}");
    let parameters = [&transfer(0x1a, name), &[13][..], lengths.as_bytes()].concat();
    job(reference, &parameters, &[])
}

fn part(reference: u16, function: u8, more: u8, bytes: &[u8]) -> Vec<u8> {
    let len = (bytes.len() as u16).to_be_bytes();
    answer(
        reference,
        &[function, more],
        &[&len[..], &[0, 0xfb], bytes].concat(),
    )
}

fn started(reference: u16, id: u8, digits: &str) -> Vec<u8> {
    let head = [0x1d, 0, 1, 0, 0, 0, 0, id, digits.len() as u8];
    answer(reference, &[&head[..], digits.as_bytes()].concat(), &[])
}

fn upload(reference: u16, function: u8, id: u8) -> Vec<u8> {
    job(reference, &[function, 0, 0, 0, 0, 0, 0, id], &[])
}

const BLOCK: &str = "_0A00007P";

type Conversation = Vec<(model::Direction, Vec<u8>)>;

/// A download of three bytes in two parts, and its insertion.
fn download() -> Conversation {
    vec![
        (Forward, request(1, BLOCK, 3)),
        (Backward, answer(1, &[0x1a], &[])),
        (Backward, job(51, &transfer(0x1b, BLOCK), &[])),
        (Forward, part(51, 0x1b, 1, b"ab")),
        (Backward, job(52, &transfer(0x1b, BLOCK), &[])),
        (Forward, part(52, 0x1b, 0, b"c")),
        (Backward, job(53, &transfer(0x1c, BLOCK), &[])),
        (Forward, answer(53, &[0x1c], &[])),
        (
            Forward,
            job(2, &service("_INSE", &blocks(&["0A00007P"])), &[]),
        ),
        (Backward, answer(2, &[0x28], &[])),
    ]
}

/// SHA-256 of `abc` (FIPS 180-4, the example of one block).
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[track_caller]
fn summary(conversation: &Conversation, place: usize) -> Value {
    records(conversation)[place]["transfer"].clone()
}

#[test]
fn a_download_is_told_once_with_size_digest_and_whether_it_is_complete() {
    let told = records(&download());
    let ends: Vec<_> = told.iter().map(|it| it.get("transfer").is_some()).collect();
    assert_eq!(ends.iter().filter(|it| **it).count(), 2);
    let want = json!({
        "kind": "download", "block": {"type": "DB", "number": 7, "filesystem": "P"},
        "size_bytes": 3, "stated_bytes": 3, "sha256": ABC, "complete": true, "inserted": false,
    });
    assert_eq!(told[7]["transfer"], want);
    assert_eq!(told[0]["stated_bytes"], 3);
    assert_eq!(told[3]["part_bytes"], 2);
}

#[test]
fn the_answer_to_an_insertion_tells_whether_the_block_is_in() {
    let mut conversation = download();
    let told = records(&conversation);
    assert_eq!(told[8]["pi_blocks"][0]["sha256"], ABC);
    assert_eq!(told[8]["pi_blocks"][0]["inserted"], false);
    assert_eq!(told[9]["transfer"]["inserted"], true);
    conversation[9].1 = refusal(2, 0xd2, 0x41);
    let refused = &records(&conversation)[9];
    assert_eq!(refused["transfer"]["inserted"], false);
    assert_eq!(refused["error_name"], "operation_not_permitted");
}

#[test]
fn a_download_of_which_anything_is_missing_is_incomplete_and_has_no_digest() {
    let without = |lost: usize| {
        let mut conversation = download();
        conversation.remove(lost);
        summary(&conversation, 6)
    };
    let refused = |place: usize, bytes| {
        let mut conversation = download();
        conversation[place].1 = bytes;
        summary(&conversation, 7)
    };
    let mut gave_up = transfer(0x1c, BLOCK);
    gave_up[2] = 0xd2;
    for incomplete in [
        without(0),
        without(3),
        without(5),
        refused(0, request(1, BLOCK, 4)),
        refused(3, refusal(51, 0x81, 4)),
        refused(5, part(52, 0x1b, 1, b"c")),
        refused(6, job(53, &gave_up, &[])),
    ] {
        assert_eq!(incomplete["complete"], false, "{incomplete}");
        assert_eq!(incomplete.get("sha256"), None);
    }
}

#[test]
fn bytes_that_are_lost_cost_what_they_can_hide() {
    let after = |missing: u64, place: usize| {
        let mut listener = Listener::new();
        let mut told = Vec::new();
        for (at, (from, bytes)) in download().iter().enumerate() {
            if at == place {
                listener.lose(*from, missing);
            }
            told.extend(listener.tell(*from, bytes));
        }
        told
    };
    assert_eq!(after(7, 5)[7]["transfer"]["complete"], true);
    assert_eq!(after(60, 5)[7]["transfer"]["complete"], false);
    assert_eq!(after(60, 8)[8]["pi_blocks"][0]["complete"], true);
    assert_eq!(after(500, 8)[8]["pi_blocks"][0]["complete"], false);
    assert_eq!(after(500, 8)[8]["pi_blocks"][0].get("sha256"), None);
}

#[test]
fn a_new_download_makes_the_old_digest_void() {
    let mut conversation = download();
    let insertion = conversation.split_off(8);
    conversation.push((Forward, request(9, BLOCK, 3)));
    conversation.extend(insertion);
    assert_eq!(
        records(&conversation)[9]["pi_blocks"][0].get("sha256"),
        None
    );
}

#[test]
fn uploads_at_the_same_time_are_told_apart() {
    let conversation = vec![
        (Forward, job(1, &transfer(0x1d, "_0800001A"), &[])),
        (Backward, started(1, 7, "0000003")),
        (Forward, job(2, &transfer(0x1d, "_0800002A"), &[])),
        (Backward, started(2, 8, "0000001")),
        (Forward, upload(3, 0x1e, 7)),
        (Backward, part(3, 0x1e, 1, b"a")),
        (Forward, upload(4, 0x1e, 8)),
        (Backward, part(4, 0x1e, 0, b"x")),
        (Forward, upload(5, 0x1e, 7)),
        (Backward, part(5, 0x1e, 0, b"bc")),
        (Forward, upload(6, 0x1f, 8)),
        (Forward, upload(7, 0x1f, 7)),
    ];
    let told = records(&conversation);
    assert_eq!(told[10]["transfer"]["block"]["number"], 2);
    assert_eq!(told[10]["transfer"]["size_bytes"], 1);
    assert_eq!(told[11]["transfer"]["sha256"], ABC);
    assert_eq!(told[11]["transfer"].get("inserted"), None);
}

#[test]
fn more_downloads_at_a_time_than_are_followed_are_said() {
    let mut listener = Listener::new();
    for number in 0..9 {
        let name = format!("_0A{number:05}P");
        listener.client(&request(number, &name, 3));
    }
    assert!(listener.lines.contains(&"anomaly too_many 8 9".to_owned()));
}

#[test]
fn a_unit_inside_of_a_unit_is_said_and_not_read() {
    let stop = job(1, STOP, &[]);
    let mut listener = Listener::new();
    listener.client(&data(&stop));
    listener.client(&data(&data(&data(&stop))));
    listener.client(&data(&[&stop[..], &[0; 5]].concat()));
    listener.client(&stop);
    let (one, three) = ("anomaly nested 0 1", "anomaly nested 0 3");
    listener.said(&[one, three, one, "request plc_stop pi:P_PROGRAM"]);
}

#[test]
fn a_connect_request_that_is_longer_than_its_header_is_said() {
    let mut unit = connect(0xe0, &[1, 0], &[1, 2]);
    unit.extend([9, 9]);
    unit[3] += 2;
    let mut listener = Listener::new();
    listener.client(&unit);
    listener.said(&["anomaly length_mismatch 18 20", "request cotp_connect"]);
}

#[test]
fn selectors_tell_what_the_connection_is_for() {
    let kind = |dst: &[u8]| record(&connect(0xe0, &[6, 0], dst))["connection_kind"].clone();
    for (selector, want) in [
        (&[1, 2][..], "pg"),
        (&[2, 2], "op"),
        (&[3, 0], "basic"),
        (&[0x10, 2], "configured"),
        (b"SIMATIC-ROOT-ES", "pg"),
        (b"SIMATIC-ROOT-HMI", "op"),
        (b"SIMATIC-ROOT-OTHER", "basic"),
    ] {
        assert_eq!(kind(selector), want);
    }
    assert_eq!(kind(b"who"), Value::Null);
    let told = record(&connect(0xe0, &[1, 0], b"SIMATIC-ROOT-HMI"));
    assert_eq!(told["dst_tsap_text"], "SIMATIC-ROOT-HMI");
    assert_eq!(told.get("src_tsap_text"), None);
}

#[test]
fn a_controller_is_told_how_to_start() {
    let restart = |argument: &[u8]| record(&job(1, &service("P_PROGRAM", argument), &[]));
    assert_eq!(restart(b"C ")["restart"], "cold");
    assert_eq!(restart(b"")["restart"], "warm");
    assert_eq!(restart(b"X").get("restart"), None);
}

#[test]
fn services_of_numerical_controls_show_their_arguments_but_no_password() {
    let told = record(&job(1, &service("_N_SELECT", b"\x0301\x00\x05MPF07"), &[]));
    assert_eq!(told["pi_arguments"], json!(["01\0", "MPF07"]));
    let login = record(&job(1, &service("_N_LOGIN_", b"\x06SUNRISE"), &[]));
    assert_eq!(login["pi_service"], "_N_LOGIN_");
    assert!(!login.to_string().contains("SUNRISE"));
}

#[test]
fn of_a_password_nothing_is_told_but_that_there_is_one() {
    let told = record(&ask(1, 0x0501, 0, b"\x21\x3a\x1b\x1d\x6e\x68\x1b\x1d"));
    assert_eq!(told["body"], json!({"credential": "password"}));
    assert!(!told.to_string().contains("213a"));
}

#[test]
fn clocks_modes_and_protection_are_read() {
    let clock = b"\0\x19\x16\x02\x08\x23\x08\x10\x00\x02";
    let told = record(&ask(1, 0x0702, 0, clock));
    assert_eq!(told["body"], json!({"clock": "2016-02-08T23:08:10.000"}));
    let modes =
        b"\x04\x24\0\0\0\x14\0\x01\x51\x40\xff\x68\0\0\0\0\0\0\0\0\x94\x01\x29\x02\x36\x30\x95\x57";
    let told = record(&tell(8, 1, 0x0401, 1, (0, 0), modes));
    let first = &told["body"]["list"]["records"][0];
    assert_eq!(first["mode"], "run");
    assert_eq!(first["previous_mode"], "startup_warm_restart");
    let levels = b"\x02\x32\0\x04\0\x0c\0\x01\0\x04\0\x01\0\x03\0\x03\0\x02\0\0";
    let told = record(&tell(8, 1, 0x0401, 1, (0, 0), levels));
    let want = json!({
        "selector_level": 1, "parameter_level": 3, "valid_level": 3,
        "selector": "run_p", "startup_switch": "undefined",
    });
    assert_eq!(told["body"]["list"]["records"][0], want);
}

#[test]
fn a_list_of_blocks_in_two_parts_is_joined() {
    let conversation = vec![
        (Forward, ask(1, 0x0302, 0, b"0A")),
        (Backward, tell(8, 1, 0x0302, 5, (9, 1), &[0, 1, 0x22, 5])),
        (Forward, ask(2, 0x0302, 5, &[])),
        (Backward, tell(8, 2, 0x0302, 5, (9, 0), &[0, 2, 0x22, 5])),
    ];
    let told = records(&conversation);
    assert_eq!(told[0]["body"], json!({"block_type": "DB"}));
    assert_eq!(told[1]["userdata"]["last"], false);
    let listed = &told[3]["body"]["blocks_listed"];
    assert_eq!(listed["count"], 2);
    assert_eq!(listed["blocks"][1], json!({"number": 2, "language": "db"}));
}

#[test]
fn a_list_of_which_a_part_was_lost_is_not_read() {
    let mut listener = Listener::new();
    listener.tell(Backward, &tell(8, 1, 0x0302, 5, (9, 1), &[0, 1, 0x22, 5]));
    listener.lose(Backward, 40);
    let told = listener.tell(Backward, &tell(8, 2, 0x0302, 5, (9, 0), &[0, 2, 0x22, 5]));
    assert_eq!(told[0]["body"]["blocks_listed"]["count"], 0);
}

#[test]
fn the_end_of_a_list_whose_beginning_was_not_seen_is_not_read_as_a_list() {
    let mut listener = Listener::new();
    let told = listener.tell(
        Backward,
        &tell(
            8,
            2,
            0x0401,
            5,
            (9, 0),
            &[0x04, 0xb5, 5, 0xb5, 6, 0xb5, 7, 0xb5],
        ),
    );
    assert_eq!(told[0]["szl"], Value::Null);
    assert_eq!(told[0]["body"], Value::Null);
    assert_eq!(told[0]["userdata"]["last"], true);
}

#[test]
fn a_block_between_controllers_is_joined_by_its_identifier() {
    let head = [0x12, 6, 0x13, 0, 0xc0, 0xff, 0xee, 1];
    let send = |reference, sequence, more, bytes: &[u8]| {
        let content = [&head[..], bytes].concat();
        tell(4, reference, 0x0601, sequence, (1, more), &content)
    };
    let conversation = vec![
        (Forward, send(1, 0, 1, &[0, 5, 1, 2])),
        (Forward, send(2, 1, 1, &[3])),
        (Forward, send(3, 2, 0, &[4, 5])),
    ];
    let told = records(&conversation);
    let want = json!({"send": {"r_id": "c0ffee01", "length": 5, "size_bytes": 5}});
    assert_eq!(told[2]["body"], want);
    let mut listener = Listener::new();
    listener.client(&conversation[0].1);
    listener.said(&["request bsend rid:c0ffee01"]);
}

#[test]
fn uncoordinated_sending_is_no_change_of_mode() {
    let parameters = [0, 1, 0x12, 8, 0x13, 0, 0, 0, 0, 2];
    let mut listener = Listener::new();
    listener.client(&data(&message(7, 1, &parameters, &[0xff, 0, 0, 0])));
    listener.said(&["other usend rid:00000002"]);
}

#[test]
fn bodies_that_never_end_are_bounded_and_said() {
    let mut listener = Listener::new();
    for sequence in 1..=5 {
        listener.server(&tell(8, 1, 0x0302, sequence, (9, 1), &[0, 1, 0x22, 5]));
    }
    assert!(
        listener
            .lines
            .contains(&"anomaly chunk_flood 4 5".to_owned())
    );
    let mut listener = Listener::new();
    for _ in 0..70 {
        listener.server(&tell(8, 1, 0x0302, 1, (9, 1), &[7; 1000]));
    }
    let large = listener
        .lines
        .iter()
        .filter(|line| line.contains("too_large"));
    assert_eq!(large.collect::<Vec<_>>(), ["anomaly too_large 65536 66000"]);
}

#[test]
fn a_cyclic_request_and_its_answers_show_interval_and_values() {
    let items = [item(2, 2, 5, 0x84, 0), item(2, 1, 0, 0x83, 8)].concat();
    let told = record(&ask(1, 0x0201, 0, &[&[0, 2, 1, 5], &items[..]].concat()));
    assert_eq!(told["body"], json!({"interval_ms": 5000}));
    let values = [0, 2, 0xff, 4, 0, 16, 1, 2, 0x0a, 0, 0, 0];
    let told = record(&tell(0, 1, 0x0201, 1, (0, 0), &values));
    assert_eq!(told["items"][0]["value"], "0102");
    assert_eq!(told["items"][1]["result"], "object_does_not_exist");
}

#[test]
fn a_forced_row_shows_what_it_is_forced_to() {
    let mut content = vec![0, 20, 0, 12];
    content.extend([0; 20]);
    content.extend([0, 1, 0x20, 3, 0, 0, 0, 4, 0, 9, 0, 1, 1, 0]);
    let told = record(&ask(1, 0x0109, 0, &content));
    let want =
        json!([{"area": "Q", "byte": 4, "bit": 3, "type": "bit", "count": 1, "value": "01"}]);
    assert_eq!(told["body"]["table"], want);
    let mut listener = Listener::new();
    listener.client(&ask(1, 0x0109, 0, &content));
    listener.said(&["request force Q:4"]);
}

#[test]
fn an_answer_types_the_values_that_its_request_named() {
    let read = variables(4, &[item(8, 1, 1, 0x84, 0), item(5, 1, 1, 0x84, 32)]);
    let values = [0xff, 7, 0, 4, 0x42, 0x28, 0, 0, 0xff, 5, 0, 16, 0xff, 0xfe];
    let conversation = vec![
        (Forward, job(1, &read, &[])),
        (Backward, answer(1, &[4, 2], &values)),
    ];
    let items = records(&conversation)[1]["items"].clone();
    assert_eq!(items[0]["typed"], 42.0);
    assert_eq!(items[1]["typed"], -2);
}

#[test]
fn rules_read_what_a_transfer_came_to() {
    let mut fields = Vec::new();
    let mut decoder = (crate::s7::PROTOCOL.open)(&crate::Limits::default(), model::Transport::Tcp);
    for (from, bytes) in download() {
        decoder.feed(model::Stamp::default(), from, &bytes, &mut |said| {
            if let model::Said::Operation(it) = said {
                let names = [
                    "block_sha256",
                    "block_size",
                    "transfer_complete",
                    "inserted",
                ];
                fields.push(names.map(|name| shown(it.detail.field(name))));
            }
        });
    }
    let digest = format!("{ABC:?}");
    assert_eq!(fields[7], [digest.as_str(), "3", "true", "false"]);
    assert_eq!(fields[9], [digest.as_str(), "3", "true", "true"]);
    assert_eq!(fields[3], ["", "", "", ""]);
}

/// A field as a rule reads it.
fn shown(value: Option<model::Value<'_>>) -> String {
    match value {
        None => String::new(),
        Some(model::Value::Bool(it)) => it.to_string(),
        Some(model::Value::Int(it)) => it.to_string(),
        Some(model::Value::Text(it)) => format!("{it:?}"),
        Some(model::Value::List(it)) => format!("{it:?}"),
    }
}
