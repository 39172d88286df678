//! What the room promises, and the conversation that the contract suite replays.

use model::Direction::{self, Backward, Forward};
use model::{Said, Stage, Stamp};
use serde_json::{Value, json};

use super::session::Session;
use super::wire::*;
use crate::{Decoder, Limits};

mod bounds;
mod coverage;
mod dissection;
mod security;
mod sessionless;
mod sessions;
mod steady;
mod subscriptions;
mod written;

/// A client that greets, opens, logs in, reads, writes, calls, waits for news and leaves.
pub(crate) fn samples() -> Vec<(Direction, Vec<u8>)> {
    let pump = || named("Pump.Speed");
    let long = read_values(&[text(&"x".repeat(60)), int(5)]);
    let (start, rest) = long.split_at(50);
    [
        greeting(),
        login("eve", GOOD),
        vec![
            (Forward, message("MSGF", 4, &read(&[pump(), node(0, 2264)]))),
            (Backward, part("MSGC", 4, 4, start)),
            (Backward, part("MSGF", 5, 4, rest)),
            (
                Forward,
                message("MSGF", 5, &request(826, &SESSION, &null())),
            ),
            (Forward, message("MSGF", 6, &write(&[(pump(), int(50))]))),
            (Backward, part("MSGF", 6, 6, &written(&[GOOD]))),
            (Forward, message("MSGF", 7, &call(node(2, 1), node(2, 9)))),
            (Backward, part("MSGF", 7, 7, &called(DENIED))),
            (
                Backward,
                part("MSGF", 8, 5, &response(397, 0x8026_0000, &[])),
            ),
        ],
        watch(),
        vec![(Forward, message("CLOF", 12, &request(452, &SESSION, &[])))],
    ]
    .concat()
}

/// A subscription to one value, which changes once.
fn watch() -> Vec<(Direction, Vec<u8>)> {
    let items = [
        number(9),
        number(2),
        array(&[monitor(named("Pump.Speed"), 4)]),
    ];
    let made = [array(&[monitored(GOOD, 31)]), null()];
    let wait = request(826, &SESSION, &null());
    vec![
        (Forward, message("MSGF", 8, &ask(787, &[vec![0; 22]]))),
        (
            Backward,
            part("MSGF", 9, 8, &answer(790, &[number(9), vec![0; 16]])),
        ),
        (Forward, message("MSGF", 9, &ask(751, &items))),
        (Backward, part("MSGF", 10, 9, &answer(754, &made))),
        (Forward, message("MSGF", 10, &wait)),
        (
            Backward,
            part("MSGF", 11, 10, &published(9, 1, &[changed(&[(4, int(7))])])),
        ),
        (
            Forward,
            message("MSGF", 11, &ask(781, &[number(9), numbers(&[31])])),
        ),
        (
            Backward,
            part("MSGF", 12, 11, &answer(784, &[numbers(&[GOOD]), null()])),
        ),
    ]
}

fn greeting() -> Vec<(Direction, Vec<u8>)> {
    vec![
        (Forward, hello()),
        (Backward, acknowledge()),
        (Forward, open_request(1)),
        (Backward, open_response()),
    ]
}

fn login(user: &str, result: u32) -> Vec<(Direction, Vec<u8>)> {
    vec![
        (Forward, message("MSGF", 2, &create_session())),
        (Backward, message("MSGF", 2, &created_session())),
        (Forward, message("MSGF", 3, &activate_session(user))),
        (Backward, message("MSGF", 3, &activated_session(result))),
    ]
}

/// Everything that a conversation makes the decoder say, as JSON; operations as their records with
/// what the hall adds.
fn said(conversation: &[(Direction, Vec<u8>)]) -> Vec<Value> {
    let mut decoder = Session::new(&Limits::default());
    let mut heard = Vec::new();
    for (from, bytes) in conversation {
        decoder.feed(Stamp::default(), *from, bytes, &mut |said| {
            heard.push(show(&said))
        });
    }
    decoder.close(Stamp::default(), &mut |said| heard.push(show(&said)));
    heard
}

fn show(said: &Said<'_>) -> Value {
    let Said::Operation(operation) = said else {
        return json!(format!("{said:?}"));
    };
    let mut targets = Vec::new();
    operation
        .detail
        .targets(&mut |target| targets.push(target.to_string()));
    let mut facts = Vec::new();
    let mut see =
        |it: model::Identity<'_>| facts.push(format!("{:?} {:?} {}", it.of, it.fact, it.value));
    operation.detail.identity(&mut see);
    let mut record = serde_json::to_value(operation.detail).unwrap();
    record["stage"] = json!(operation.stage);
    record["function"] = json!(operation.function.name);
    record["outcome"] = json!(format!("{:?}", operation.outcome));
    record["targets"] = json!(targets);
    record["facts"] = json!(facts);
    let mut dissected = Vec::new();
    operation
        .detail
        .dissect(&mut |part| dissected.push(serde_json::to_value(part).unwrap()));
    record["dissected"] = json!(dissected);
    record
}

/// The last thing that is said of a conversation.
fn last(conversation: &[(Direction, Vec<u8>)]) -> Value {
    said(conversation).pop().unwrap()
}

/// Checks some members of a record.
fn check(record: &Value, members: &Value) {
    for (name, want) in members.as_object().unwrap() {
        assert_eq!(&record[name], want, "{name} of {record:#}");
    }
}

#[test]
fn a_greeting_opens_a_channel_in_clear() {
    let said = said(&greeting());
    check(
        &said[0],
        &json!({"message": "HEL", "endpoint": "opc.tcp://plc:4840", "stage": "request"}),
    );
    check(
        &said[1],
        &json!({"message": "ACK", "stage": "response", "outcome": "Some(Done)"}),
    );
    check(
        &said[2],
        &json!({"message": "OPN", "channel_id": 0, "sequence": 1, "request_id": 1,
            "security_policy": NONE, "security_mode": "none", "service_id": 446,
            "service": "OpenSecureChannelRequest", "request_handle": 42, "token_id": null}),
    );
    check(
        &said[3],
        &json!({"channel_id": CHANNEL, "service_id": 449, "result": "00000000"}),
    );
    assert_eq!(said.len(), 4);
}

#[test]
fn a_session_names_application_and_user_in_all_that_follows() {
    let conversation = [
        greeting(),
        login("eve", GOOD),
        vec![(Forward, message("MSGF", 4, &read(&[node(2, 8)])))],
    ];
    let said = said(&conversation.concat());
    check(
        &said[4],
        &json!({"application_uri": "urn:hmi", "session_name": "shift 2",
            "facts": ["Client Application urn:hmi", "Client Product urn:maker:hmi"]}),
    );
    check(
        &said[5],
        &json!({"facts": ["Server Application urn:plc", "Server Product urn:maker:plc"]}),
    );
    check(
        &said[6],
        &json!({"identity": "username", "user": "eve", "clear_password": true}),
    );
    check(
        &said[8],
        &json!({"application_uri": "urn:hmi", "session_name": "shift 2", "identity": "username",
            "user": "eve", "targets": ["ns=2;i=8"], "security_mode": "none"}),
    );
}

#[test]
fn a_user_whom_the_server_rejects_is_bound_to_nothing() {
    let conversation = [
        greeting(),
        login("mallory", 0x8021_0000),
        vec![(Forward, message("MSGF", 4, &read(&[node(2, 8)])))],
    ];
    let said = said(&conversation.concat());
    check(&said[6], &json!({"user": "mallory"}));
    check(
        &said[8],
        &json!({"user": null, "identity": null, "session_name": "shift 2"}),
    );
}

#[test]
fn a_password_is_never_said_and_never_kept() {
    let conversation = [greeting(), login("eve", GOOD)].concat();
    let mut decoder = Session::new(&Limits::default());
    for (from, bytes) in &conversation {
        for byte in bytes {
            let say = &mut |said: Said<'_>| {
                let shown = show(&said).to_string();
                assert!(!shown.contains("swordfish"), "{shown}");
            };
            decoder.feed(Stamp::default(), *from, &[*byte], say);
        }
    }
    let kept = format!("{decoder:?}");
    let as_numbers = format!("{:?}", PASSWORD.as_bytes());
    let digits = as_numbers.trim_matches(['[', ']']);
    assert!(!kept.contains(digits) && !kept.contains(PASSWORD), "{kept}");
}

#[test]
fn a_read_of_several_nodes_shows_values_beside_them() {
    let said = said(&samples());
    let read = said
        .iter()
        .find(|it| it["service"] == "ReadResponse")
        .unwrap();
    check(
        read,
        &json!({"stage": "response", "function": "read", "outcome": "Some(Done)", "sequence": 5,
            "request_id": 4, "targets": ["ns=2;s=Pump.Speed", "i=2264"],
            "nodes": [{"id": "ns=2;s=Pump.Speed", "attribute": 13, "value": "x".repeat(60), "status": "00000000"},
                {"id": "i=2264", "attribute": 13, "value": 5, "status": "00000000"}]}),
    );
}

#[test]
fn one_item_that_fails_refuses_a_write_or_call() {
    let two = [(node(2, 1), int(1)), (node(2, 2), int(2))];
    let conversation = [
        greeting(),
        vec![
            (Forward, message("MSGF", 2, &write(&two))),
            (Backward, message("MSGF", 2, &written(&[GOOD, DENIED]))),
        ],
    ];
    let denied = r#"Some(Refused { code: 2149515264, name: "BadUserAccessDenied" })"#;
    check(
        &last(&conversation.concat()),
        &json!({"function": "write", "outcome": denied, "result": "00000000",
            "nodes": [{"id": "ns=2;i=1", "attribute": 13, "status": "00000000"},
                {"id": "ns=2;i=2", "attribute": 13, "status": "801f0000"}]}),
    );
    let said = said(&samples());
    let call = said
        .iter()
        .find(|it| it["service"] == "CallResponse")
        .unwrap();
    check(
        call,
        &json!({"outcome": denied, "methods": ["ns=2;i=9"], "targets": ["ns=2;i=1", "ns=2;i=9"]}),
    );
    let fault = said
        .iter()
        .find(|it| it["service"] == "ServiceFault")
        .unwrap();
    check(
        fault,
        &json!({"function": "publish", "stage": "response", "service_id": 397}),
    );
}

#[test]
fn an_encrypted_channel_says_that_it_is_and_nothing_of_its_bodies() {
    let cipher: Vec<u8> = (0..56u8)
        .map(|byte| byte.wrapping_mul(37).wrapping_add(90))
        .collect();
    let conversation = [
        (Forward, hello()),
        (Backward, acknowledge()),
        (Forward, open(0, BASIC, &cipher)),
        (Backward, open(CHANNEL, BASIC, &cipher)),
        (Forward, message("MSGF", 0x9182_7364, &cipher)),
        (Backward, message("MSGC", 0x1182_7364, &cipher)),
        (Backward, message("MSGF", 0x7182_7364, &cipher)),
    ];
    let said = said(&conversation);
    check(
        &said[2],
        &json!({"encrypted": true, "function": "open_secure_channel", "service": null,
            "security_policy": BASIC, "sequence": null, "stage": "request"}),
    );
    check(
        &said[3],
        &json!({"stage": "response", "channel_id": CHANNEL}),
    );
    for (place, stage) in [(4, Stage::Request), (5, Stage::Response)] {
        check(
            &said[place],
            &json!({"encrypted": true, "function": "encrypted", "service_id": null, "stage": stage,
                "security_policy": BASIC, "security_mode": "sign_and_encrypt", "token_id": TOKEN}),
        );
    }
    assert_eq!(said.len(), 6);
}

#[test]
fn what_can_be_read_under_a_policy_is_signed_only() {
    let signed = [read(&[node(2, 8)]), vec![0xa5; 32]].concat();
    let conversation = [
        (Forward, hello()),
        (Forward, open(0, BASIC, &[0x5a; 64])),
        (Backward, open(CHANNEL, BASIC, &[0x5a; 64])),
        (Forward, message("MSGF", 9, &signed)),
    ];
    let said = said(&conversation);
    check(
        &said[3],
        &json!({"encrypted": null, "security_mode": "sign", "service": "ReadRequest",
            "targets": ["ns=2;i=8"], "sequence": 9}),
    );
}

#[test]
fn with_a_reverse_hello_the_one_who_connects_is_the_server() {
    let reverse = chunk(
        "RHEF",
        &[string("urn:plc"), string("opc.tcp://plc")].concat(),
    );
    let conversation = [
        (Forward, reverse),
        (Backward, hello()),
        (Forward, acknowledge()),
    ];
    let said = said(&conversation);
    check(
        &said[0],
        &json!({"stage": "other", "function": "reverse_hello", "endpoint": "opc.tcp://plc"}),
    );
    check(&said[1], &json!({"stage": "request"}));
    check(&said[2], &json!({"stage": "response"}));
}

#[test]
fn an_error_ends_what_waits_and_tells_its_code() {
    let error = chunk(
        "ERRF",
        &[count(0x807d_0000), null().try_into().unwrap()].concat(),
    );
    let said = said(&[(Forward, hello()), (Backward, error)]);
    check(
        &said[1],
        &json!({"stage": "other", "error": "807d0000", "result": null}),
    );
    assert_eq!(said.len(), 2, "the hello is not called unanswered");
}

#[test]
fn requests_that_wait_are_unanswered_at_the_end_but_for_publish() {
    let conversation = [
        greeting(),
        vec![
            (
                Forward,
                message("MSGF", 2, &request(826, &SESSION, &null())),
            ),
            (Forward, message("MSGF", 3, &read(&[node(2, 8)]))),
        ],
    ];
    let said = said(&conversation.concat());
    let unanswered: Vec<_> = said.iter().filter_map(Value::as_str).collect();
    assert_eq!(unanswered.len(), 1);
    assert!(unanswered[0].contains(r#"name: "read""#), "{unanswered:?}");
}
