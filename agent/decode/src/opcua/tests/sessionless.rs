//! Services in an envelope, without a session.

use super::*;

/// An envelope names the service by its data type, or, as some do, by its binary encoding.
fn enveloped(service: u32, request: &[u8]) -> Vec<u8> {
    let uris = array(&[string("urn:plant")]);
    let head = [node(0, 15903), count(0).to_vec(), uris, null(), null()].concat();
    [&head, &service.to_le_bytes()[..], &request[TYPE..]].concat()
}

fn answered(service: u32, response: &[u8]) -> Vec<u8> {
    let head = [node(0, 21001), null(), null()].concat();
    [&head, &service.to_le_bytes()[..], &response[TYPE..]].concat()
}

/// The length of a type identifier before a message.
const TYPE: usize = 4;

#[test]
fn a_write_in_an_envelope_is_a_write() {
    let value = [&[1, 6][..], &42_u32.to_le_bytes()].concat();
    let item = [named("Pump.Speed"), count(13).to_vec(), null(), value].concat();
    let write = request(673, &SESSION, &array(&[item]));
    let done = response(676, GOOD, &[array(&[vec![0; 4]]), null()].concat());
    for (asked, told) in [(671, 674), (673, 676)] {
        let mut conversation = greeting();
        conversation.push((Forward, message("MSGF", 2, &enveloped(asked, &write))));
        conversation.push((Backward, message("MSGF", 2, &answered(told, &done))));
        let said = said(&conversation);
        let [.., asked, told] = &said[..] else {
            panic!("{said:?}");
        };
        let wanted = json!({"function": "write", "service": "WriteRequest", "service_id": 15903,
            "stage": "request", "request_handle": 42});
        check(asked, &wanted);
        assert_eq!(asked["nodes"][0]["id"], "ns=2;s=Pump.Speed");
        assert_eq!(asked["nodes"][0]["value"], 42);
        let wanted = json!({"function": "write", "stage": "response", "result": "00000000",
            "outcome": "Some(Done)"});
        check(told, &wanted);
    }
}

/// The token in its header lets whoever has it in.
#[test]
fn the_token_of_an_envelope_is_not_shown() {
    let token = named("bearer-7f1c");
    let read = request(631, &token, &[vec![0; 12], array(&[])].concat());
    let mut conversation = greeting();
    conversation.push((Forward, message("MSGF", 2, &enveloped(629, &read))));
    let said = said(&conversation);
    assert!(!said.iter().any(|it| it.to_string().contains("bearer-7f1c")));
    assert!(said.iter().any(|it| it["function"] == "read"));
}

#[test]
fn an_envelope_of_what_is_no_service_is_said_to_be_unknown() {
    for service in [0, 15901, 15903, 4_000_000, u32::MAX] {
        let body = enveloped(service, &request(631, &SESSION, &[]));
        let conversation = [greeting(), vec![(Forward, message("MSGF", 2, &body))]].concat();
        let said = said(&conversation);
        assert!(
            said.iter().any(|it| it["function"] == "unknown"),
            "{said:?}"
        );
    }
}
