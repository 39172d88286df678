//! Every member of every message, by its name in the specification.

use super::*;
use crate::opcua::schema::{self, Kind, Structure};
use crate::opcua::services::SERVICES;

/// Everything that the messages of a conversation carry.
fn dissected(conversation: &[(Direction, Vec<u8>)]) -> Vec<Value> {
    let mut decoder = Session::new(&Limits::default());
    let mut shown = Vec::new();
    for (from, bytes) in conversation {
        decoder.feed(Stamp::default(), *from, bytes, &mut |said| {
            if let Said::Operation(operation) = said {
                let see = &mut |it: &dyn erased_serde::Serialize| {
                    shown.push(serde_json::to_value(it).unwrap());
                };
                operation.detail.dissect(see);
            }
        });
    }
    shown
}

#[test]
fn a_message_shows_transport_channel_header_and_parameters() {
    let shown = dissected(&samples());
    check(
        &shown[0],
        &json!({"messageType": "HEL", "chunkType": "F", "parameters": {"protocolVersion": 0, "receiveBufferSize": 0,
            "sendBufferSize": 0, "maxMessageSize": 0, "maxChunkCount": 0, "endpointUrl": "opc.tcp://plc:4840"}}),
    );
    check(
        &shown[2],
        &json!({"messageType": "OPN", "secureChannelId": 0, "sequenceNumber": 1, "requestId": 1,
            "security": {"securityPolicyUri": NONE, "senderCertificate": null, "receiverCertificateThumbprint": null},
            "typeId": {"encodingMask": 1, "namespaceIndex": 0, "numeric": 446}, "type": "OpenSecureChannelRequest",
            "parameters": {"clientProtocolVersion": 0, "requestType": "Issue_0", "securityMode": "None_1",
                "clientNonce": null, "requestedLifetime": 3_600_000}}),
    );
    let read = shown.iter().find(|it| it["type"] == "ReadRequest").unwrap();
    assert_eq!(read["header"]["requestHandle"], 42);
    assert_eq!(read["header"]["authenticationToken"]["numeric"], 77);
    check(
        &read["parameters"],
        &json!({"timestampsToReturn": "Source_0", "nodesToRead": [
            {"nodeId": {"encodingMask": 3, "namespaceIndex": 2, "string": "Pump.Speed"}, "attributeId": 13,
                "indexRange": null, "dataEncoding": {"namespaceIndex": 0, "name": null}},
            {"nodeId": {"encodingMask": 1, "namespaceIndex": 0, "numeric": 2264}, "attributeId": 13,
                "indexRange": null, "dataEncoding": {"namespaceIndex": 0, "name": null}}]}),
    );
    let denied = shown
        .iter()
        .find(|it| it["type"] == "CallResponse")
        .unwrap();
    assert_eq!(
        denied["parameters"]["results"][0]["statusCode"],
        json!({"code": DENIED, "symbol": "BadUserAccessDenied"})
    );
}

#[test]
fn no_message_is_malformed_or_longer_than_it_says() {
    for shown in dissected(&samples()) {
        let text = shown.to_string();
        assert!(
            !text.contains("malformed") && !text.contains("trailingBytes"),
            "{text}"
        );
    }
}

#[test]
fn a_password_is_shown_as_its_length() {
    let shown = dissected(&samples());
    let activated = shown
        .iter()
        .find(|it| it["type"] == "ActivateSessionRequest")
        .unwrap();
    let token = &activated["parameters"]["userIdentityToken"];
    assert_eq!(token["type"], "UserNameIdentityToken");
    assert_eq!(token["body"]["userName"], "eve");
    assert_eq!(token["body"]["password"], json!({"length": PASSWORD.len()}));
    let all = json!(shown).to_string();
    let digits: String = PASSWORD.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(!all.contains(PASSWORD) && !all.contains(&digits));
}

#[test]
fn a_notification_is_shown_with_its_masks() {
    let shown = dissected(&samples());
    let told = shown
        .iter()
        .find(|it| it["type"] == "PublishResponse")
        .unwrap();
    let message = &told["parameters"]["notificationMessage"];
    assert_eq!(message["sequenceNumber"], 1);
    assert_eq!(
        message["notificationData"][0],
        json!({"typeId": {"encodingMask": 1, "namespaceIndex": 0, "numeric": 811}, "encodingMask": 1,
            "type": "DataChangeNotification", "body": {"monitoredItems": [{"clientHandle": 4,
                "value": {"encodingMask": 1, "value": {"encodingMask": 6, "type": "Int32", "value": 7}}}],
            "diagnosticInfos": null}})
    );
}

#[test]
fn what_breaks_off_is_shown_as_far_as_it_goes() {
    let cut = read(&[node(2, 8), node(2, 9)]);
    let conversation = [
        greeting(),
        vec![(Forward, message("MSGF", 2, &cut[..cut.len() - 3]))],
    ];
    let shown = dissected(&conversation.concat()).pop().unwrap();
    assert_eq!(
        shown["parameters"]["nodesToRead"][0]["nodeId"]["numeric"],
        8
    );
    assert_eq!(
        shown["parameters"]["malformed"]["why"],
        "the message ends before it"
    );
}

#[test]
fn a_message_of_countless_nulls_is_cut_short() {
    let nulls = [vec![24 | 0x80], array(&vec![vec![0]; 100_000])].concat();
    let call = ask(
        712,
        &[array(&[[node(2, 1), node(2, 9), array(&[nulls])].concat()])],
    );
    let conversation = [greeting(), vec![(Forward, message("MSGF", 2, &call))]].concat();
    let shown = dissected(&conversation).pop().unwrap();
    let argument = &shown["parameters"]["methodsToCall"][0]["inputArguments"][0]["value"];
    assert!(argument.as_array().unwrap().len() <= crate::opcua::walk::SHOWN as usize);
    assert!(
        shown["parameters"]["malformed"]["why"]
            .as_str()
            .unwrap()
            .contains("more elements")
    );
}

/// A message made of the fewest bytes: everything is null, zero or empty; lists have `many` elements.
fn filled(structure: &Structure, many: u32, depth: u8, out: &mut Vec<u8>) {
    for field in structure.fields {
        let times = if field.many { many } else { 1 };
        if field.many {
            out.extend(number(many));
        }
        for _ in 0..times {
            match field.kind {
                Kind::Structure(inner) if depth > 0 => filled(inner, many, depth - 1, out),
                kind => out.extend(vec![0; kind.least()]),
            }
        }
    }
}

#[test]
fn every_service_is_gone_through_to_its_end_and_shown_whole() {
    for service in &SERVICES {
        for structure in [service.request, service.response] {
            for many in [0, 1, 3] {
                let mut bytes = Vec::new();
                filled(structure, many, 9, &mut bytes);
                let mut reader = crate::reader::Reader::new(&bytes);
                let passed = schema::pass(structure, &mut reader, 16);
                assert_eq!((passed, reader.left()), (Ok(()), 0), "{}", structure.name);
                let walk =
                    crate::opcua::walk::walk(structure, crate::reader::Reader::new(&bytes), false);
                let shown = serde_json::to_value(&walk).unwrap();
                let names: Vec<_> = structure.fields.iter().map(|field| field.name).collect();
                assert_eq!(shown.as_object().unwrap().len(), names.len(), "{shown}");
                for len in 0..bytes.len() {
                    let mut reader = crate::reader::Reader::new(&bytes[..len]);
                    assert!(
                        schema::pass(structure, &mut reader, 16).is_err(),
                        "{} {len}",
                        structure.name
                    );
                }
            }
        }
    }
}
