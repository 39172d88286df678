//! Messages as peers would put them on the wire, for tests.
//!
//! Written from OPC 10000-6 a second time, the other way round: values to bytes.

use super::services::{ACTIVATE_SESSION, CREATE_SESSION, OPEN_SECURE_CHANNEL};

/// The channel and token of every message that is made here.
pub(super) const CHANNEL: u32 = 7;
pub(super) const TOKEN: u32 = 3;
/// The authentication token of the one session: `ns=1;i=77`.
pub(super) const SESSION: [u8; 4] = [1, 1, 77, 0];
/// What no record may ever show.
pub(super) const PASSWORD: &str = "swordfish-1234";

pub(super) const NONE: &str = "http://opcfoundation.org/UA/SecurityPolicy#None";
pub(super) const BASIC: &str = "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256";

pub(super) const GOOD: u32 = 0;
pub(super) const DENIED: u32 = 0x801f_0000;

pub(super) fn string(text: &str) -> Vec<u8> {
    [&count(text.len()), text.as_bytes()].concat()
}

pub(super) fn null() -> Vec<u8> {
    vec![0xff; 4]
}

pub(super) fn count(count: usize) -> [u8; 4] {
    (count as u32).to_le_bytes()
}

pub(super) fn array(elements: &[Vec<u8>]) -> Vec<u8> {
    [count(elements.len()).to_vec(), elements.concat()].concat()
}

/// A numeric node of a small namespace.
pub(super) fn node(namespace: u8, id: u16) -> Vec<u8> {
    [&[1, namespace], &id.to_le_bytes()[..]].concat()
}

/// A node with a name, in namespace 2.
pub(super) fn named(name: &str) -> Vec<u8> {
    [vec![3, 2, 0], string(name)].concat()
}

/// A chunk of the connection protocol.
pub(super) fn chunk(letters: &str, body: &[u8]) -> Vec<u8> {
    [letters.as_bytes(), &count(8 + body.len()), body].concat()
}

pub(super) fn hello() -> Vec<u8> {
    chunk(
        "HELF",
        &[vec![0; 20], string("opc.tcp://plc:4840")].concat(),
    )
}

pub(super) fn acknowledge() -> Vec<u8> {
    chunk("ACKF", &[0; 20])
}

/// A message of the channel: its chunk letters, number (sequence and request alike) and body.
pub(super) fn message(letters: &str, number: u32, body: &[u8]) -> Vec<u8> {
    part(letters, number, number, body)
}

pub(super) fn part(letters: &str, sequence: u32, request_id: u32, body: &[u8]) -> Vec<u8> {
    let head = [CHANNEL, TOKEN, sequence, request_id].map(u32::to_le_bytes);
    chunk(letters, &[head.as_flattened(), body].concat())
}

/// An `OPN`, with its sequence header and body as they are.
pub(super) fn open(channel: u32, policy: &str, rest: &[u8]) -> Vec<u8> {
    let head = [
        channel.to_le_bytes().to_vec(),
        string(policy),
        null(),
        null(),
    ];
    chunk("OPNF", &[&head.concat(), rest].concat())
}

pub(super) fn open_request(mode: u32) -> Vec<u8> {
    let parameters = [0, 0, mode, u32::MAX, 3_600_000].map(u32::to_le_bytes);
    let body = request(OPEN_SECURE_CHANNEL, &[0, 0], parameters.as_flattened());
    let numbers = [1u32, 1].map(u32::to_le_bytes);
    open(0, NONE, &[numbers.as_flattened(), &body].concat())
}

pub(super) fn open_response() -> Vec<u8> {
    let token = [0, CHANNEL, TOKEN, 0, 0, 3_600_000, u32::MAX].map(u32::to_le_bytes);
    let body = response(449, GOOD, token.as_flattened());
    let numbers = [1u32, 1].map(u32::to_le_bytes);
    open(CHANNEL, NONE, &[numbers.as_flattened(), &body].concat())
}

/// A request's body: type, header with this authentication token, parameters.
pub(super) fn request(id: u32, token: &[u8], parameters: &[u8]) -> Vec<u8> {
    let head = [
        node(0, id as u16),
        token.to_vec(),
        vec![0; 8],
        count(42).to_vec(),
        vec![0; 4],
        null(),
        vec![0; 4],
        vec![0; 3],
    ];
    [&head.concat(), parameters].concat()
}

/// A response's body: type, header with this result, parameters.
pub(super) fn response(id: u32, result: u32, parameters: &[u8]) -> Vec<u8> {
    let head = [
        node(0, id as u16),
        vec![0; 8],
        count(42).to_vec(),
        result.to_le_bytes().to_vec(),
        vec![0],
        null(),
        vec![0; 3],
    ];
    [&head.concat(), parameters].concat()
}

pub(super) fn application(uri: &str, product: &str) -> Vec<u8> {
    let parts = [
        string(uri),
        string(product),
        [vec![2], string("An application")].concat(),
        vec![1, 0, 0, 0],
        null(),
        null(),
        null(),
    ];
    parts.concat()
}

pub(super) fn create_session() -> Vec<u8> {
    let parameters = [
        application("urn:hmi", "urn:maker:hmi"),
        null(),
        string("opc.tcp://plc:4840"),
        string("shift 2"),
        null(),
        null(),
        vec![0; 12],
    ];
    request(CREATE_SESSION, &[0, 0], &parameters.concat())
}

pub(super) fn created_session() -> Vec<u8> {
    let parameters = [
        node(1, 5),
        SESSION.to_vec(),
        vec![0; 8],
        null(),
        null(),
        count(1).to_vec(),
        string("opc.tcp://plc:4840"),
        application("urn:plc", "urn:maker:plc"),
        // Of the endpoint: certificate, mode, policy, tokens, profile, level.
        null(),
        vec![1, 0, 0, 0],
        string(NONE),
        null(),
        null(),
        vec![0],
        // Certificates, signature, largest request.
        null(),
        null(),
        null(),
        vec![0; 4],
    ];
    response(464, GOOD, &parameters.concat())
}

pub(super) fn activate_session(user: &str) -> Vec<u8> {
    let token = [string("name"), string(user), string(PASSWORD), null()].concat();
    let parameters = [
        null(),
        null(),
        null(),
        null(),
        node(0, 324),
        vec![1],
        count(token.len()).to_vec(),
        token,
        null(),
        null(),
    ];
    request(ACTIVATE_SESSION, &SESSION, &parameters.concat())
}

pub(super) fn activated_session(result: u32) -> Vec<u8> {
    response(470, result, &[null(), null(), null()].concat())
}

/// The value of a variable.
pub(super) fn attribute(node: Vec<u8>) -> Vec<u8> {
    [node, vec![13, 0, 0, 0], null(), vec![0; 2], null()].concat()
}

pub(super) fn read(nodes: &[Vec<u8>]) -> Vec<u8> {
    let items: Vec<_> = nodes.iter().cloned().map(attribute).collect();
    request(631, &SESSION, &[vec![0; 12], array(&items)].concat())
}

pub(super) fn read_values(values: &[Vec<u8>]) -> Vec<u8> {
    response(634, GOOD, &[array(values), null()].concat())
}

/// A `DataValue` with a 32-bit integer, and one with a text.
pub(super) fn int(value: i32) -> Vec<u8> {
    [vec![1, 6], value.to_le_bytes().to_vec()].concat()
}

pub(super) fn text(value: &str) -> Vec<u8> {
    [vec![1, 12], string(value)].concat()
}

pub(super) fn write(items: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let item = |(node, value): &(Vec<u8>, Vec<u8>)| {
        [node.clone(), vec![13, 0, 0, 0], null(), value.clone()].concat()
    };
    let items: Vec<_> = items.iter().map(item).collect();
    request(673, &SESSION, &array(&items))
}

pub(super) fn written(results: &[u32]) -> Vec<u8> {
    let results: Vec<_> = results
        .iter()
        .map(|code| code.to_le_bytes().to_vec())
        .collect();
    response(676, GOOD, &[array(&results), null()].concat())
}

pub(super) fn call(object: Vec<u8>, method: Vec<u8>) -> Vec<u8> {
    let call = [object, method, array(&[vec![1, 1]])].concat();
    request(712, &SESSION, &array(&[call]))
}

pub(super) fn called(result: u32) -> Vec<u8> {
    let result = [result.to_le_bytes().to_vec(), null(), null(), null()].concat();
    response(715, GOOD, &[array(&[result]), null()].concat())
}

/// A service's request in its channel, with this session's token.
pub(super) fn ask(id: u32, parameters: &[Vec<u8>]) -> Vec<u8> {
    request(id, &SESSION, &parameters.concat())
}

/// A service's good answer.
pub(super) fn answer(id: u32, parameters: &[Vec<u8>]) -> Vec<u8> {
    response(id, GOOD, &parameters.concat())
}

pub(super) fn number(number: u32) -> Vec<u8> {
    number.to_le_bytes().to_vec()
}

pub(super) fn numbers(list: &[u32]) -> Vec<u8> {
    array(&list.iter().copied().map(number).collect::<Vec<_>>())
}

/// A structure in its envelope.
pub(super) fn envelope(id: u16, body: &[u8]) -> Vec<u8> {
    [
        node(0, id),
        vec![1],
        count(body.len()).to_vec(),
        body.to_vec(),
    ]
    .concat()
}

/// A `MonitoredItemCreateRequest` for the value of a variable.
pub(super) fn monitor(node: Vec<u8>, handle: u32) -> Vec<u8> {
    [attribute(node), number(2), monitoring(handle)].concat()
}

/// `MonitoringParameters` without a filter.
pub(super) fn monitoring(handle: u32) -> Vec<u8> {
    [number(handle), vec![0; 8], vec![0; 3], number(1), vec![1]].concat()
}

/// A `MonitoredItemCreateResult`.
pub(super) fn monitored(status: u32, id: u32) -> Vec<u8> {
    [number(status), number(id), vec![0; 12], vec![0; 3]].concat()
}

/// The parameters of a `Publish` response with these notifications.
pub(super) fn published(subscription: u32, sequence: u32, notifications: &[Vec<u8>]) -> Vec<u8> {
    let message = [number(sequence), vec![0; 8], array(notifications)].concat();
    let parts = [
        number(subscription),
        null(),
        vec![0],
        message,
        null(),
        null(),
    ];
    answer(829, &parts)
}

/// Values that changed, by the client's numbers for them.
pub(super) fn changed(values: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let one = |(handle, value): &(u32, Vec<u8>)| [number(*handle), value.clone()].concat();
    let items: Vec<_> = values.iter().map(one).collect();
    envelope(811, &[array(&items), null()].concat())
}

/// Events with one text field each.
pub(super) fn happened(events: &[(u32, &str)]) -> Vec<u8> {
    let one = |(handle, text): &(u32, &str)| {
        [number(*handle), array(&[[vec![12], string(text)].concat()])].concat()
    };
    envelope(916, &array(&events.iter().map(one).collect::<Vec<_>>()))
}
