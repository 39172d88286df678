//! What every message of a channel and session tells of both.

use super::security::{bytes, certificate, greeted, signed};
use super::*;

const NAMES: [&str; 8] = [
    "security_mode",
    "security_policy",
    "identity",
    "user",
    "user_certificate_thumbprint",
    "certificate_thumbprint",
    "application_uri",
    "encrypted",
];

/// The fields of every message, as text; empty where there is none.
fn fields(conversation: &[(Direction, Vec<u8>)]) -> Vec<[String; 8]> {
    fields_of(&mut Session::new(&Limits::default()), conversation)
}

fn fields_of(decoder: &mut Session, conversation: &[(Direction, Vec<u8>)]) -> Vec<[String; 8]> {
    let mut told = Vec::new();
    for (from, bytes) in conversation {
        decoder.feed(Stamp::default(), *from, bytes, &mut |said| {
            if let Said::Operation(operation) = said {
                told.push(NAMES.map(|name| match operation.detail.field(name) {
                    Some(model::Value::Text(text)) => text.into_owned(),
                    Some(model::Value::Bool(truth)) => truth.to_string(),
                    Some(other) => panic!("{other:?}"),
                    None => String::new(),
                }));
            }
        });
    }
    told
}

/// Activates a session by a certificate.
fn activate_with(certificate: &[u8]) -> Vec<u8> {
    let token = [string("certificate"), bytes(certificate)].concat();
    let empty = [null(), null(), null(), null()].concat();
    let parameters = [empty, envelope(327, &token), null(), null()];
    request(467, &SESSION, &parameters.concat())
}

fn exchange(number: u32, asked: &[u8], answered: &[u8]) -> Vec<(Direction, Vec<u8>)> {
    vec![
        (Forward, signed(number, asked)),
        (Backward, signed(number, answered)),
    ]
}

#[test]
fn all_that_follows_a_login_tells_channel_and_user() {
    let (client, user) = (certificate("urn:hmi-1"), certificate("urn:eve"));
    let conversation = [
        greeted(BASIC, &client, &certificate("urn:plc")),
        exchange(2, &create_session(), &created_session()),
        exchange(3, &activate_session("eve"), &activated_session(GOOD)),
        exchange(4, &write(&[(node(2, 8), int(1))]), &written(&[GOOD])),
        exchange(5, &activate_with(&user), &activated_session(GOOD)),
        exchange(6, &read(&[node(2, 8)]), &read_values(&[int(1)])),
        exchange(7, &activate_session("eve"), &activated_session(GOOD)),
        exchange(8, &read(&[node(2, 8)]), &response(397, 0x8026_0000, &[])),
    ]
    .concat();
    let told = fields(&conversation);
    let [.., thumbprint, _, _] = &told[2];
    assert_eq!(thumbprint.len(), 40);
    let opening = ["", BASIC, "", "", "", thumbprint, "urn:hmi-1", "true"];
    assert_eq!(told[2], opening);
    let user = told[12][4].clone();
    assert_eq!(user.len(), 40);
    let named = [
        "sign", BASIC, "username", "eve", "", thumbprint, "urn:hmi", "false",
    ];
    let proven = [
        "sign",
        BASIC,
        "certificate",
        "",
        &user,
        thumbprint,
        "urn:hmi",
        "false",
    ];
    for (places, wanted) in [(6..10, named), (10..14, proven), (14..18, named)] {
        for place in places {
            assert_eq!(told[place], wanted, "{place}");
        }
    }
    assert_eq!(told.len(), 18);
}

#[test]
fn an_encrypted_session_tells_its_channel_and_the_application_of_its_certificate() {
    let client = certificate("urn:hmi-1");
    let mut conversation = greeted(BASIC, &client, &certificate("urn:plc"));
    conversation.push((Forward, message("MSGF", 9, &[0xc4; 56])));
    let told = fields(&conversation);
    let [.., thumbprint, _, _] = &told[2];
    let wanted = [
        "sign_and_encrypt",
        BASIC,
        "",
        "",
        "",
        thumbprint,
        "urn:hmi-1",
        "true",
    ];
    assert_eq!(told[4], wanted);
}

#[test]
fn where_the_start_was_not_seen_nothing_is_claimed() {
    let mut decoder = Session::new(&Limits::default());
    decoder.joined_midway();
    let request = (Forward, message("MSGF", 4, &read(&[node(2, 8)])));
    let told = fields_of(&mut decoder, &[request]);
    assert_eq!(told, [["", "", "", "", "", "", "", "false"]]);
}
