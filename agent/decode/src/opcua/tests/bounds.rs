//! What strangers may send: too much, too deep, too long, cut off, or out of the middle.

use super::*;
use crate::Probe;
use crate::opcua::frame::{self, LARGEST};
use model::{Direction, Transport};

/// Feeds a conversation whose directions may also lose bytes; gives back what was said.
fn lived(midway: bool, happenings: &[(Direction, Result<Vec<u8>, u64>)]) -> Vec<Value> {
    let mut decoder = Session::new(&Limits::default());
    if midway {
        decoder.joined_midway();
    }
    let mut heard = Vec::new();
    let say = &mut |said: Said<'_>| heard.push(show(&said));
    for (from, happening) in happenings {
        match happening {
            Ok(bytes) => decoder.feed(Stamp::default(), *from, bytes, say),
            Err(missing) => decoder.gap(Stamp::default(), *from, *missing, say),
        }
        assert!(decoder.held_bytes() < 3 << 20);
    }
    heard
}

fn anomalies(said: &[Value]) -> Vec<&str> {
    let texts = said.iter().filter_map(Value::as_str);
    texts
        .filter_map(|text| text.strip_prefix("Anomaly(Anomaly { kind: "))
        .filter_map(|text| text.split(',').next())
        .collect()
}

#[test]
fn a_channel_that_was_open_before_is_read_message_by_message() {
    let seen = [
        (Forward, Ok(b"tail of a chunk".to_vec())),
        (Forward, Ok(message("MSGF", 90, &read(&[node(2, 8)])))),
        (Backward, Ok(message("MSGF", 90, &read_values(&[int(4)])))),
        (Forward, Ok(message("MSGF", 0x7162_5344, &[0xc4; 48]))),
    ];
    let said = lived(true, &seen);
    assert_eq!(said[0], "Resynchronised { skipped_bytes: 15 }");
    check(
        &said[1],
        &json!({"service": "ReadRequest", "security_policy": null}),
    );
    check(
        &said[2],
        &json!({"service": "ReadResponse", "targets": ["ns=2;i=8"]}),
    );
    assert!(anomalies(&said[..3]).is_empty(), "{said:?}");
}

#[test]
fn ciphertext_from_the_middle_of_a_channel_is_encrypted() {
    let said = lived(
        true,
        &[(Forward, Ok(message("MSGF", 0x7162_5344, &[0xc4; 48])))],
    );
    check(
        &said[0],
        &json!({"encrypted": true, "security_policy": null, "stage": "other", "service": null}),
    );
}

#[test]
fn a_gap_within_a_chunk_costs_that_message_alone() {
    let (lost, next) = (
        message("MSGF", 2, &read(&[named(&"n".repeat(400))])),
        message("MSGF", 3, &read(&[node(2, 8)])),
    );
    let mut seen: Vec<_> = greeting()
        .into_iter()
        .map(|(from, bytes)| (from, Ok(bytes)))
        .collect();
    seen.push((Forward, Ok(lost[..100].to_vec())));
    seen.push((Forward, Err(200)));
    seen.push((Forward, Ok([&lost[300..], &next[..]].concat())));
    let said = lived(false, &seen);
    let told: Vec<_> = said[4..].iter().map(Value::to_string).collect();
    assert!(
        told[0].contains("a part of the message was lost"),
        "{told:?}"
    );
    assert!(told[1].contains("Resynchronised"), "{told:?}");
    check(
        &said[6],
        &json!({"service": "ReadRequest", "targets": ["ns=2;i=8"]}),
    );
    assert_eq!(said.len(), 7);
}

#[test]
fn the_rest_of_a_message_whose_first_chunk_was_lost_is_no_message() {
    let long = read_values(&[text(&"x".repeat(300))]);
    let mut seen: Vec<_> = greeting()
        .into_iter()
        .map(|(from, bytes)| (from, Ok(bytes)))
        .collect();
    seen.push((Backward, Err(124)));
    seen.push((Backward, Ok(part("MSGC", 3, 9, &long[100..200]))));
    seen.push((Backward, Ok(part("MSGF", 4, 9, &long[200..]))));
    let said = lived(false, &seen);
    assert!(said[4..].iter().all(Value::is_string), "{said:#?}");
}

#[test]
fn an_aborted_answer_refuses_its_request() {
    let conversation = [
        greeting(),
        vec![
            (Forward, message("MSGF", 2, &read(&[node(2, 8)]))),
            (Backward, message("MSGC", 2, &read_values(&[int(1)]))),
            (
                Backward,
                part(
                    "MSGA",
                    3,
                    2,
                    &[count(0x8080_0000).to_vec(), null()].concat(),
                ),
            ),
        ],
    ];
    check(
        &last(&conversation.concat()),
        &json!({"stage": "response", "function": "read", "error": "80800000",
            "outcome": r#"Some(Refused { code: 2155872256, name: "BadTcpMessageTooLarge" })"#}),
    );
}

#[test]
fn chunks_without_end_are_a_flood_and_hold_no_more_than_the_limit() {
    let flood = (2..1200).map(|number| (Backward, Ok(part("MSGC", number, 2, &[0; 2000]))));
    let greeting = greeting()
        .into_iter()
        .map(|(from, bytes)| (from, Ok(bytes)));
    let said = lived(false, &greeting.chain(flood).collect::<Vec<_>>());
    assert_eq!(anomalies(&said), ["ChunkFlood"]);
}

#[test]
fn a_chunk_beyond_the_limit_is_passed_over_by_its_size() {
    let huge = message("MSGF", 2, &vec![0; 2 << 20]);
    let pieces = huge.chunks(1460).map(|piece| (Forward, Ok(piece.to_vec())));
    let greeting = greeting()
        .into_iter()
        .map(|(from, bytes)| (from, Ok(bytes)));
    let next = [(Forward, Ok(message("MSGF", 3, &read(&[node(2, 8)]))))];
    let said = lived(
        false,
        &greeting.chain(pieces).chain(next).collect::<Vec<_>>(),
    );
    assert_eq!(anomalies(&said), ["TooLarge"]);
    check(said.last().unwrap(), &json!({"service": "ReadRequest"}));
}

#[test]
fn a_body_that_breaks_off_is_said_as_far_as_it_goes() {
    let check = |body: Vec<u8>, why: &str| {
        let said = said(&[greeting(), vec![(Forward, message("MSGF", 2, &body))]].concat());
        assert_eq!(said[4]["stage"], "request", "{said:#?}");
        assert!(said[5].to_string().contains(why), "{said:#?}");
    };
    let many = [vec![0; 12], count(65_535).to_vec(), attribute(node(2, 8))].concat();
    check(request(631, &SESSION, &many), "more elements than");
    let mut deep = int(1);
    for _ in 0..40 {
        deep = [vec![1, 23], deep].concat();
    }
    check(write(&[(node(2, 8), deep)]), "deeper");
    let cut = read(&[node(2, 8), node(2, 9)]);
    check(cut[..cut.len() - 3].to_vec(), "ends before it");
}

#[test]
fn diagnostics_within_diagnostics_without_end_are_malformed() {
    let bomb = [node(0, 634), vec![0; 16], vec![0x40; 5000]].concat();
    let conversation = [greeting(), vec![(Backward, message("MSGF", 2, &bomb))]].concat();
    assert!(last(&conversation).to_string().contains("deeper"));
}

#[test]
fn requests_and_answers_that_do_not_match_are_anomalies() {
    let ask = |number| (Forward, message("MSGF", number, &read(&[node(2, 8)])));
    let check = |more: Vec<(Direction, Vec<u8>)>, want: &[&str]| {
        let said = said(&[greeting(), more].concat());
        assert_eq!(anomalies(&said), want, "{said:#?}");
    };
    check(
        vec![ask(2), (Backward, message("MSGF", 2, &written(&[GOOD])))],
        &["MismatchedAnswer"],
    );
    check(
        vec![(Backward, message("MSGF", 2, &written(&[GOOD])))],
        &["UnsolicitedAnswer"],
    );
    check(
        vec![ask(2), (Forward, part("MSGF", 3, 2, &read(&[node(2, 9)])))],
        &["DuplicateRequest"],
    );
    check(vec![ask(2), ask(5)], &["SequenceBreak"]);
    let many = (2..67).map(ask).collect();
    check(many, &["PendingOverflow"]);
}

#[test]
fn sixty_five_thousand_items_are_walked_and_not_kept() {
    let nodes: Vec<_> = (0..u16::MAX).map(|id| node(2, id)).collect();
    let parameters = request(560, &SESSION, &array(&nodes));
    let mut seen: Vec<_> = greeting()
        .into_iter()
        .map(|(from, bytes)| (from, Ok(bytes)))
        .collect();
    seen.push((Forward, Ok(message("MSGF", 2, &parameters))));
    seen.push((
        Backward,
        Ok(message("MSGF", 2, &response(563, GOOD, &array(&nodes)))),
    ));
    let said = lived(false, &seen);
    assert_eq!(said[4]["targets"].as_array().unwrap().len(), 65_535);
    let told = "Anomaly(Anomaly { kind: TooMany, expected: 10000, found: 65535 })";
    assert_eq!(said[5], told);
    check(
        &said[6],
        &json!({"targets": [], "stage": "response", "outcome": "Some(Done)"}),
    );
}

#[test]
fn a_probe_knows_its_own_and_waits_for_what_may_be() {
    let check = |bytes: &[u8], want| {
        assert_eq!(frame::probe(Transport::Tcp, bytes), want, "{bytes:02x?}");
    };
    check(&hello(), Probe::Sure);
    check(&hello()[..8], Probe::Sure);
    check(&acknowledge(), Probe::Sure);
    check(&open_request(1), Probe::Sure);
    check(&message("MSGC", 2, &[0; 32]), Probe::Sure);
    check(&message("MSGF", 2, &[0; 32])[..11], Probe::Unsure);
    for start in [&b""[..], b"H", b"MSG", b"OPNF\x84\0"] {
        check(start, Probe::Unsure);
    }
    check(b"HELO mail.example.org\r\n", Probe::Never);
    check(b"MSGFoo, a line of text", Probe::Never);
    check(b"HELC\x40\0\0\0", Probe::Never);
    check(b"GET / HTTP/1.1\r\n", Probe::Never);
    check(&chunk("MSGF", &[0; 32]), Probe::Never);
    check(
        &[b"ACKF", &(LARGEST + 1).to_le_bytes()[..]].concat(),
        Probe::Never,
    );
    assert_eq!(frame::probe(Transport::Udp, &hello()), Probe::Never);
}

#[test]
fn values_that_nest_without_end_are_too_deep_and_that_is_said_once() {
    let check = |asked: Vec<u8>, answered: Vec<u8>| {
        let more = vec![
            (Forward, message("MSGF", 2, &asked)),
            (Backward, message("MSGF", 2, &answered)),
        ];
        let said = said(&[greeting(), more].concat());
        assert_eq!(anomalies(&said), ["TooDeep"], "{said:#?}");
    };
    let nested = |wrap: &dyn Fn(Vec<u8>) -> Vec<u8>| (0..40).fold(vec![1, 1], |it, _| wrap(it));
    let variants = nested(&|inner| [vec![24 | 0x80], array(&[inner])].concat());
    let values = nested(&|inner| [vec![23, 1], inner].concat());
    let structures = nested(&|inner| [vec![22], envelope(597, &inner)].concat());
    let written_to = write(&[(node(2, 8), [vec![1], variants.clone()].concat())]);
    check(written_to, written(&[GOOD]));
    for bomb in [variants, values, structures] {
        let bomb = [vec![1], bomb].concat();
        check(read(&[node(2, 8)]), read_values(&[bomb]));
    }
    let diagnostics = array(&[vec![0x40; 5000]]);
    let answered = response(676, GOOD, &[array(&[number(GOOD)]), diagnostics].concat());
    check(write(&[(node(2, 8), int(1))]), answered);
    let header = [node(0, 676), vec![0; 16], vec![0x40; 5000]].concat();
    check(write(&[(node(2, 8), int(1))]), header);
}

#[test]
fn more_items_than_a_message_has_room_for_are_too_many_and_that_is_said_once() {
    let check = |body: Vec<u8>, claimed: u32| {
        let said = said(&[greeting(), vec![(Forward, message("MSGF", 2, &body))]].concat());
        let anomaly = said.iter().filter(|it| it.to_string().contains("TooMany"));
        let anomaly: Vec<_> = anomaly.map(Value::to_string).collect();
        assert_eq!(anomaly.len(), 1, "{said:#?}");
        assert!(
            anomaly[0].contains(&format!("found: {claimed}")),
            "{anomaly:?}"
        );
    };
    let claim = |claimed: u32| [number(claimed), attribute(node(2, 8))].concat();
    check(ask(631, &[vec![0; 12], claim(65_535)]), 65_535);
    check(
        ask(631, &[vec![0; 12], claim(i32::MAX as u32)]),
        i32::MAX as u32,
    );
    check(ask(847, &[number(70_000), number(1)]), 70_000);
    let dimensions = [vec![1, 6 | 0xc0], number(0), number(65_535)].concat();
    check(write(&[(node(2, 8), dimensions)]), 65_535);
    let filter = envelope(727, &number(65_535));
    let item = [attribute(node(2, 8)), vec![0; 16], filter, vec![0; 5]].concat();
    check(ask(751, &[vec![0; 8], array(&[item])]), 65_535);
}
