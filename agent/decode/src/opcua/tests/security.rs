//! Certificates, downgrades, tokens, numbers and the end of sessions.

use rcgen::{CertificateParams, DnType, KeyPair, SanType};

use super::*;
use model::Timestamp;

const RSA15: &str = "http://opcfoundation.org/UA/SecurityPolicy#Basic128Rsa15";

/// A self-signed certificate of an application.
pub(super) fn certificate(uri: &str) -> Vec<u8> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, uri);
    params
        .subject_alt_names
        .push(SanType::URI(uri.try_into().unwrap()));
    params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let key = KeyPair::generate().unwrap();
    params.self_signed(&key).unwrap().der().to_vec()
}

pub(super) fn bytes(bytes: &[u8]) -> Vec<u8> {
    [&count(bytes.len()), bytes].concat()
}

/// An encrypted `OPN` that shows a certificate.
fn sealed(channel: u32, policy: &str, certificate: &[u8]) -> Vec<u8> {
    let head = [
        channel.to_le_bytes().to_vec(),
        string(policy),
        bytes(certificate),
        bytes(&[0xab; 20]),
        vec![0x5a; 256],
    ];
    chunk("OPNF", &head.concat())
}

pub(super) fn greeted(policy: &str, client: &[u8], server: &[u8]) -> Vec<(Direction, Vec<u8>)> {
    vec![
        (Forward, hello()),
        (Backward, acknowledge()),
        (Forward, sealed(0, policy, client)),
        (Backward, sealed(CHANNEL, policy, server)),
    ]
}

/// A signed message.
pub(super) fn signed(number: u32, body: &[u8]) -> Vec<u8> {
    message("MSGF", number, &[body, &[0xa5; 32]].concat())
}

/// An encrypted message of whole blocks.
fn encrypted(number: u32) -> Vec<u8> {
    message("MSGF", number, &[0xc4; 56])
}

/// What is said of messages that come at these seconds.
fn said_at(conversation: &[(i64, Direction, Vec<u8>)]) -> Vec<Value> {
    let mut decoder = Session::new(&Limits::default());
    let mut heard = Vec::new();
    for (second, from, bytes) in conversation {
        let stamp = Stamp::at(Timestamp::from_nanos(second * 1_000_000_000));
        decoder.feed(stamp, *from, bytes, &mut |said| heard.push(show(&said)));
    }
    heard
}

fn at(second: i64, conversation: &[(Direction, Vec<u8>)]) -> Vec<(i64, Direction, Vec<u8>)> {
    let at = |(from, bytes): &(Direction, Vec<u8>)| (second, *from, bytes.clone());
    conversation.iter().map(at).collect()
}

fn anomalies(said: &[Value]) -> Vec<&str> {
    let texts = said.iter().filter_map(Value::as_str);
    texts
        .filter_map(|text| text.strip_prefix("Anomaly(Anomaly { kind: "))
        .map(|text| text.trim_end_matches(" })"))
        .collect()
}

#[test]
fn an_opn_shows_its_certificates_and_binds_the_clients_to_all_that_follows() {
    let (client, server) = (certificate("urn:hmi"), certificate("urn:plc"));
    let conversation = [
        at(1_700_000_000, &greeted(BASIC, &client, &server)),
        at(1_700_000_001, &[(Forward, signed(9, &read(&[node(2, 8)])))]),
    ];
    let said = said_at(&conversation.concat());
    let shown = &said[2]["certificates"][0];
    check(
        shown,
        &json!({"of": "client", "application_uri": "urn:hmi", "key": "ec", "key_bits": 256, "self_signed": true}),
    );
    let thumbprint = &shown["thumbprint"];
    assert_eq!(said[2]["receiver_thumbprint"], "ab".repeat(20));
    assert_eq!(said[2]["facts"], json!(["Client Application urn:hmi"]));
    assert_eq!(said[3]["certificates"][0]["of"], "server");
    assert_eq!(said[3]["facts"], json!(["Server Application urn:plc"]));
    check(
        &said[4],
        &json!({"service": "ReadRequest", "certificate_thumbprint": thumbprint, "certificate_uri": "urn:hmi",
            "certificate_expired": true, "certificates": null}),
    );
}

#[test]
fn a_certificate_is_expired_at_the_moment_of_the_message_and_not_of_the_reading() {
    let before = at(1_500_000_000, &greeted(BASIC, &certificate("urn:hmi"), &[]));
    let said = said_at(&before);
    assert_eq!(said[2]["certificate_uri"], "urn:hmi");
    assert_eq!(said[2]["certificate_expired"], Value::Null);
}

#[test]
fn a_certificate_without_security_is_listed_and_binds_nobody() {
    let conversation = [
        greeting(),
        vec![
            (
                Forward,
                message("MSGF", 2, &create_session_with(&certificate("urn:other"))),
            ),
            (Backward, message("MSGF", 2, &created_session())),
            (Forward, message("MSGF", 3, &read(&[node(2, 8)]))),
        ],
    ];
    let said = said(&conversation.concat());
    check(
        &said[4],
        &json!({"application_uri": "urn:hmi", "application_uri_mismatch": true, "certificate_uri": null}),
    );
    assert_eq!(said[4]["certificates"][0]["application_uri"], "urn:other");
    assert_eq!(said[6]["certificate_thumbprint"], Value::Null);
}

#[test]
fn a_session_on_a_channel_without_security_says_whether_the_server_offers_more() {
    let offered = |endpoints: &[Vec<u8>]| {
        let conversation = [
            greeting(),
            vec![
                (Forward, message("MSGF", 2, &create_session())),
                (
                    Backward,
                    message("MSGF", 2, &created_session_with(endpoints)),
                ),
            ],
        ];
        last(&conversation.concat())["weaker_than_offered"].clone()
    };
    let (open, protected) = (endpoint(1, NONE), endpoint(3, BASIC));
    assert_eq!(offered(std::slice::from_ref(&open)), Value::Null);
    assert_eq!(offered(&[open, protected]), true);
}

#[test]
fn a_renewal_under_a_weaker_policy_is_a_downgrade_and_under_the_same_is_none() {
    let renewed = |policy: &str| {
        let more = [
            (Forward, encrypted(1)),
            (Forward, sealed(CHANNEL, policy, &[])),
            (Backward, sealed(CHANNEL, policy, &[])),
            (Forward, encrypted(2)),
        ];
        let said = said(&[&greeted(BASIC, &[], &[])[..], &more].concat());
        anomalies(&said).join(";")
    };
    assert_eq!(renewed(BASIC), "");
    assert_eq!(renewed(RSA15), "SecurityDowngrade, expected: 32, found: 12");
}

#[test]
fn messages_in_clear_on_a_channel_that_encrypted_are_a_downgrade_said_once() {
    let clear = |number| (Forward, signed(number, &read(&[node(2, 8)])));
    let more = [(Forward, encrypted(1)), clear(2), clear(3)];
    let said = said(&[&greeted(BASIC, &[], &[])[..], &more].concat());
    assert_eq!(
        anomalies(&said),
        ["SecurityDowngrade, expected: 32, found: 31"]
    );
}

#[test]
fn a_channel_opened_anew_without_security_on_the_same_connection_is_a_downgrade() {
    let more = [
        (Forward, encrypted(1)),
        (Forward, open_request(1)),
        (Backward, open_response()),
    ];
    let said = said(&[&greeted(BASIC, &[], &[])[..], &more].concat());
    assert_eq!(
        anomalies(&said),
        ["SecurityDowngrade, expected: 32, found: 0"]
    );
}

#[test]
fn an_encrypted_renewal_takes_its_place_among_signed_messages() {
    let read = |number| (Forward, signed(number, &read(&[node(2, 8)])));
    let renewal = (Forward, sealed(CHANNEL, BASIC, &[]));
    let check = |next, want: &[&str]| {
        let more = [read(2), read(3), renewal.clone(), read(next)];
        let said = said(&[&greeted(BASIC, &[], &[])[..], &more].concat());
        assert_eq!(anomalies(&said), want);
    };
    check(5, &[]);
    check(4, &["SequenceBreak, expected: 5, found: 4"]);
}

#[test]
fn sequence_numbers_may_start_again_near_their_end_only() {
    let read = |number| (Forward, message("MSGF", number, &read(&[node(2, 8)])));
    let check = |numbers: &[u32], want: usize| {
        // Where the connection's start was not seen, any number may be the first.
        let more: Vec<_> = numbers.iter().map(|number| read(*number)).collect();
        let mut decoder = Session::new(&Limits::default());
        decoder.joined_midway();
        let mut heard = Vec::new();
        for (from, bytes) in more {
            decoder.feed(Stamp::default(), from, &bytes, &mut |said| {
                heard.push(show(&said))
            });
        }
        assert_eq!(anomalies(&heard).len(), want, "{numbers:?}: {heard:#?}");
    };
    check(&[u32::MAX - 1023, 1023], 0);
    check(&[u32::MAX - 1024, 1023], 1);
    check(&[u32::MAX - 1023, 1024], 1);
    check(&[u32::MAX, 0, 1], 0);
    check(&[u32::MAX, 7], 0);
}

#[test]
fn a_message_of_broken_blocks_is_no_ciphertext_even_where_no_service_is_known() {
    let odd = message("MSGF", 9, &[0xc4; 57]);
    let said = said(&[&greeted(BASIC, &[], &[])[..], &[(Forward, odd)]].concat());
    assert_ne!(said[4]["encrypted"], true);
    let whole = [&greeted(BASIC, &[], &[])[..], &[(Forward, encrypted(9))]].concat();
    assert_eq!(last(&whole)["encrypted"], true);
}

#[test]
fn a_token_that_nobody_issued_or_that_is_too_old_breaks_the_sequence() {
    let read = |number| message("MSGF", number, &read(&[node(2, 8)]));
    let mut other = read(3);
    other[12] = 99;
    let conversation = [
        at(0, &greeting()),
        vec![(4_499, Forward, read(2))],
        vec![(4_500, Forward, other)],
    ];
    let said = said_at(&conversation.concat());
    assert_eq!(anomalies(&said), ["SequenceBreak, expected: 3, found: 99"]);
    // a token that is used all the time
    let used = (1..=9).map(|number| (number * 500, Forward, read(number as u32 + 1)));
    let late = [
        at(0, &greeting()),
        used.collect(),
        vec![(4_501, Forward, read(11))],
    ];
    let said = said_at(&late.concat());
    assert_eq!(
        anomalies(&said),
        ["SequenceBreak, expected: 4500000, found: 4501000"]
    );
    // one whose connection was silent, or whose clock was set
    let late = [at(0, &greeting()), vec![(4_501, Forward, read(2))]];
    assert_eq!(anomalies(&said_at(&late.concat())), [""; 0]);
}

#[test]
fn a_session_that_was_silent_past_its_time_is_whose_token_it_is_and_nobodys_without() {
    let asked = |second, body: &[u8]| {
        let conversation = [
            at(0, &greeting()),
            at(0, &login_for("eve", 60_000.0)),
            at(second, &[(Forward, message("MSGF", 4, body))]),
        ];
        said_at(&conversation.concat()).pop().unwrap()["user"].clone()
    };
    let with_token = read(&[node(2, 8)]);
    let without = request(
        631,
        &[0, 0],
        &[vec![0; 12], array(&[attribute(node(2, 8))])].concat(),
    );
    assert_eq!(asked(75, &with_token), "eve");
    assert_eq!(asked(75, &without), "eve");
    // it is over for the server, or its clock was set
    assert_eq!(asked(76, &with_token), "eve");
    assert_eq!(asked(76, &without), Value::Null);
}

fn create_session_with(certificate: &[u8]) -> Vec<u8> {
    let mut whole = create_session();
    // The empty nonce and certificate stand before the last twelve bytes.
    let tail = whole.split_off(whole.len() - 16);
    [whole, bytes(certificate), tail[4..].to_vec()].concat()
}

fn created_session_with(endpoints: &[Vec<u8>]) -> Vec<u8> {
    created_for(0.0, endpoints)
}

fn created_for(timeout: f64, endpoints: &[Vec<u8>]) -> Vec<u8> {
    let parameters = [
        node(1, 5),
        SESSION.to_vec(),
        timeout.to_le_bytes().to_vec(),
        null(),
        null(),
        array(endpoints),
        // Certificates, signature, largest request.
        null(),
        null(),
        null(),
        vec![0; 4],
    ];
    response(464, GOOD, &parameters.concat())
}

fn login_for(user: &str, timeout: f64) -> Vec<(Direction, Vec<u8>)> {
    vec![
        (Forward, message("MSGF", 2, &create_session())),
        (Backward, message("MSGF", 2, &created_for(timeout, &[]))),
        (Forward, message("MSGF", 3, &activate_session(user))),
        (Backward, message("MSGF", 3, &activated_session(GOOD))),
    ]
}

/// The description of an endpoint.
fn endpoint(mode: u32, policy: &str) -> Vec<u8> {
    let parts = [
        string("opc.tcp://plc:4840"),
        application("urn:plc", "urn:maker:plc"),
        null(),
        mode.to_le_bytes().to_vec(),
        string(policy),
        array(&[[string("name"), vec![1, 0, 0, 0], null(), null(), null()].concat()]),
        null(),
        vec![0],
    ];
    parts.concat()
}
