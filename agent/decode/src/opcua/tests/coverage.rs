//! Every service that names something shows it, and its results beside it.

use super::*;

/// The request's record and the answer's, of one exchange on an open channel.
fn exchange(asked: Vec<u8>, answered: Vec<u8>) -> (Value, Value) {
    let more = vec![
        (Forward, message("MSGF", 2, &asked)),
        (Backward, message("MSGF", 2, &answered)),
    ];
    let said = said(&[greeting(), more].concat());
    assert!(said.iter().all(Value::is_object), "{said:#?}");
    (said[4].clone(), said[5].clone())
}

#[test]
fn a_call_shows_what_its_method_is_given_and_gives_back() {
    let given = array(&[int(1)[1..].to_vec(), text("on")[1..].to_vec()]);
    let asked = ask(712, &[array(&[[node(2, 1), node(2, 9), given].concat()])]);
    let result = [
        number(GOOD),
        null(),
        null(),
        array(&[int(42)[1..].to_vec()]),
    ];
    let (request, response) = exchange(asked, answer(715, &[array(&[result.concat()]), null()]));
    check(
        &request,
        &json!({"nodes": [{"id": "ns=2;i=1", "arguments": [1, "on"]}], "methods": ["ns=2;i=9"]}),
    );
    check(
        &response,
        &json!({"nodes": [{"id": "ns=2;i=1", "outputs": [42], "status": "00000000"}], "methods": ["ns=2;i=9"]}),
    );
}

#[test]
fn what_a_method_for_passwords_is_given_is_never_shown() {
    let given = array(&[text("eve")[1..].to_vec(), text(PASSWORD)[1..].to_vec()]);
    let asked = ask(
        712,
        &[array(&[[node(0, 24290), node(0, 24304), given].concat()])],
    );
    let result = [
        number(GOOD),
        null(),
        null(),
        array(&[text(PASSWORD)[1..].to_vec()]),
    ];
    let answered = answer(715, &[array(&[result.concat()]), null()]);
    let conversation = [
        greeting(),
        vec![
            (Forward, message("MSGF", 2, &asked)),
            (Backward, message("MSGF", 2, &answered)),
        ],
    ];
    check_hides_the_password(&conversation.concat());
    let cut = asked.len() - 3;
    let more = array(&[vec![1, 1]]);
    let many = [node(2, 1), node(2, 9), array(&vec![more; 900])].concat();
    let calls = [
        many,
        [node(0, 24290), node(0, 24304), given_twice()].concat(),
    ];
    let large = ask(712, &[array(&calls)]);
    check_hides_the_password(
        &[
            greeting(),
            vec![(Forward, message("MSGF", 2, &asked[..cut]))],
        ]
        .concat(),
    );
    let conversation = [
        greeting(),
        vec![
            (Forward, message("MSGF", 2, &large)),
            (Backward, message("MSGF", 2, &answered)),
        ],
    ];
    check_hides_the_password(&conversation.concat());
    check_hides_the_password(
        &[greeting(), vec![(Backward, message("MSGF", 2, &answered))]].concat(),
    );
}

fn given_twice() -> Vec<u8> {
    array(&[text(PASSWORD)[1..].to_vec(), text(PASSWORD)[1..].to_vec()])
}

fn check_hides_the_password(conversation: &[(Direction, Vec<u8>)]) {
    let mut decoder = Session::new(&Limits::default());
    for (from, bytes) in conversation {
        decoder.feed(Stamp::default(), *from, bytes, &mut |said| {
            let Said::Operation(operation) = said else {
                return;
            };
            let mut shown = serde_json::to_string(operation.detail).unwrap();
            operation
                .detail
                .dissect(&mut |it| shown += &serde_json::to_string(it).unwrap());
            for name in ["value", "argument", "output"] {
                shown += &format!("{:?}", operation.detail.field(name));
            }
            assert!(!shown.contains("swordfish"), "{shown}");
        });
    }
}

#[test]
fn histories_show_how_they_are_read_and_changed() {
    let details = envelope(649, &[0; 22]);
    let node_to_read = [node(2, 8), null(), vec![0; 2], null(), null()].concat();
    let asked = ask(664, &[details, number(0), vec![0], array(&[node_to_read])]);
    let values = envelope(658, &array(&[int(1), int(2)]));
    let result = [number(GOOD), null(), values].concat();
    let (request, response) = exchange(asked, answer(667, &[array(&[result]), null()]));
    check(
        &request,
        &json!({"nodes": [{"id": "ns=2;i=8", "history": "ReadRawModifiedDetails"}]}),
    );
    check(
        &response,
        &json!({"nodes": [{"id": "ns=2;i=8", "history": "ReadRawModifiedDetails", "value": [1, 2], "status": "00000000"}]}),
    );
    let update = envelope(682, &[node(2, 8), number(1), array(&[int(5)])].concat());
    let delete = envelope(688, &[node(2, 9), vec![0; 17]].concat());
    let asked = ask(700, &[array(&[update, delete])]);
    let result = |code| [number(code), null(), null()].concat();
    let results = array(&[result(GOOD), result(DENIED)]);
    let (request, _) = exchange(asked, answer(703, &[results, null()]));
    check(
        &request,
        &json!({"nodes": [
            {"id": "ns=2;i=8", "history": "UpdateDataDetails", "value": [5]},
            {"id": "ns=2;i=9", "history": "DeleteRawModifiedDetails"}]}),
    );
}

#[test]
fn the_nodes_that_a_server_gives_stand_beside_those_that_were_asked_for() {
    let (_, response) = exchange(
        ask(560, &[array(&[node(2, 8)])]),
        answer(563, &[array(&[node(4, 1)])]),
    );
    check(
        &response,
        &json!({"nodes": [{"id": "ns=2;i=8", "given": "ns=4;i=1"}], "targets": ["ns=2;i=8"]}),
    );
    let path = [
        node(0, 84),
        array(&[[node(0, 35), vec![0, 1, 2, 0], string("Pump")].concat()]),
    ];
    let end = [
        number(GOOD),
        array(&[[node(2, 8), number(u32::MAX)].concat()]),
    ]
    .concat();
    let (_, response) = exchange(
        ask(554, &[array(&[path.concat()])]),
        answer(557, &[array(&[end]), null()]),
    );
    check(
        &response,
        &json!({"nodes": [{"id": "i=84", "given": "ns=2;i=8", "status": "00000000"}]}),
    );
}

#[test]
fn queries_name_their_types_and_what_they_found() {
    let asked = [
        vec![0; 14],
        array(&[[node(2, 5), vec![1], null()].concat()]),
        null(),
        vec![0; 8],
    ];
    let found = [node(2, 8), node(2, 5), array(&[int(3)[1..].to_vec()])].concat();
    let answered = [array(&[found]), null(), null(), null(), null(), null()];
    let (request, response) = exchange(ask(615, &asked), answer(618, &answered));
    check(&request, &json!({"targets": ["ns=2;i=5"]}));
    check(
        &response["nodes"][0],
        &json!({"id": "ns=2;i=5", "value": [3]}),
    );
}

#[test]
fn services_on_subscriptions_show_which_and_how_each_went() {
    let statuses = || [numbers(&[GOOD, DENIED]), null()];
    let want = json!([{"subscription": 9, "status": "00000000"}, {"subscription": 10, "status": "801f0000"}]);
    let (_, response) = exchange(ask(847, &[numbers(&[9, 10])]), answer(850, &statuses()));
    check(&response, &json!({"subscriptions": want}));
    let publishing = [vec![1], numbers(&[9, 10])];
    let (_, response) = exchange(ask(799, &publishing), answer(802, &statuses()));
    check(&response, &json!({"subscriptions": want}));
    let moved = array(&[
        [number(GOOD), null()].concat(),
        [number(DENIED), null()].concat(),
    ]);
    let (_, response) = exchange(
        ask(841, &[numbers(&[9, 10]), vec![1]]),
        answer(844, &[moved, null()]),
    );
    check(&response, &json!({"subscriptions": want}));
    let (request, _) = exchange(
        ask(793, &[number(9), vec![0; 21]]),
        answer(796, &[vec![0; 16]]),
    );
    check(&request, &json!({"subscription": {"id": 9}}));
}

#[test]
fn values_within_values_are_shown() {
    let inner = [
        vec![24 | 0x80],
        array(&[vec![1, 1], [vec![12], string("x")].concat()]),
    ]
    .concat();
    let value = [vec![1], inner].concat();
    let asked = write(&[(node(2, 8), value)]);
    let (request, _) = exchange(asked, written(&[GOOD]));
    check(&request["nodes"][0], &json!({"value": [true, "x"]}));
}
